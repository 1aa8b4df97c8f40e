<?php
/**
 * The tables of the stand-in, its pages, roles and settings.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

/** Make what a new shop has. */
function standin_install() {
	global $wpdb;
	require_once ABSPATH . 'wp-admin/includes/upgrade.php';
	$end = $wpdb->get_charset_collate() . ';';
	$p   = $wpdb->prefix;
	foreach ( array(
		"CREATE TABLE IF NOT EXISTS {$p}woocommerce_sessions (session_id bigint(20) unsigned NOT NULL AUTO_INCREMENT, session_key char(32) NOT NULL, session_value longtext NOT NULL, session_expiry bigint(20) unsigned NOT NULL, PRIMARY KEY (session_id), UNIQUE KEY session_key (session_key)) $end",
		"CREATE TABLE IF NOT EXISTS {$p}wc_orders (id bigint(20) unsigned NOT NULL AUTO_INCREMENT, status varchar(20) NOT NULL, type varchar(20) NOT NULL, currency varchar(10) NOT NULL, total_amount decimal(26,8) NOT NULL, customer_id bigint(20) unsigned NOT NULL, billing_email varchar(320) NOT NULL, date_created_gmt datetime NOT NULL, date_updated_gmt datetime NOT NULL, kept longtext NOT NULL, PRIMARY KEY (id), KEY status (status), KEY date_updated (date_updated_gmt)) $end",
		"CREATE TABLE IF NOT EXISTS {$p}wc_orders_meta (id bigint(20) unsigned NOT NULL AUTO_INCREMENT, order_id bigint(20) unsigned NOT NULL, meta_key varchar(255) NOT NULL, meta_value longtext, PRIMARY KEY (id), KEY order_id (order_id)) $end",
		"CREATE TABLE IF NOT EXISTS {$p}woocommerce_api_keys (key_id bigint(20) unsigned NOT NULL AUTO_INCREMENT, user_id bigint(20) unsigned NOT NULL, description varchar(200) NOT NULL, permissions varchar(10) NOT NULL, consumer_key char(64) NOT NULL, consumer_secret char(43) NOT NULL, nonces longtext, truncated_key char(7) NOT NULL, PRIMARY KEY (key_id), KEY consumer_key (consumer_key)) $end",
		"CREATE TABLE IF NOT EXISTS {$p}wc_webhooks (webhook_id bigint(20) unsigned NOT NULL AUTO_INCREMENT, status varchar(200) NOT NULL, name text NOT NULL, user_id bigint(20) unsigned NOT NULL, delivery_url text NOT NULL, secret text NOT NULL, topic varchar(200) NOT NULL, date_created_gmt datetime NOT NULL, date_modified_gmt datetime, failure_count smallint(10) NOT NULL DEFAULT 0, PRIMARY KEY (webhook_id)) $end",
		"CREATE TABLE IF NOT EXISTS {$p}actionscheduler_actions (action_id bigint(20) unsigned NOT NULL AUTO_INCREMENT, hook varchar(191) NOT NULL, status varchar(20) NOT NULL, scheduled bigint(20) NOT NULL, every int(11) NOT NULL DEFAULT 0, args longtext NOT NULL, group_name varchar(191) NOT NULL DEFAULT '', attempts int(11) NOT NULL DEFAULT 0, said longtext, PRIMARY KEY (action_id), KEY hook (hook, status)) $end",
	) as $table ) {
		$wpdb->query( $table ); // phpcs:ignore WordPress.DB.PreparedSQL
	}
	standin_settings();
	standin_roles();
	standin_pages();
	if ( ! wp_next_scheduled( 'action_scheduler_run_queue' ) ) {
		wp_schedule_event( time(), 'every_minute', 'action_scheduler_run_queue', array( 'WP Cron' ) );
	}
}

/** What the set-up screens of a shop in France would have saved. */
function standin_settings() {
	foreach ( array(
		'woocommerce_currency'                    => 'EUR',
		'woocommerce_currency_pos'                => 'left',
		'woocommerce_price_num_decimals'          => '2',
		'woocommerce_price_decimal_sep'           => '.',
		'woocommerce_price_thousand_sep'          => ',',
		'woocommerce_default_country'             => 'FR',
		'woocommerce_calc_taxes'                  => 'no',
		'woocommerce_prices_include_tax'          => 'no',
		'woocommerce_tax_display_cart'            => 'excl',
		'woocommerce_tax_display_shop'            => 'excl',
		'woocommerce_enable_coupons'              => 'yes',
		'woocommerce_enable_guest_checkout'       => 'yes',
		'woocommerce_checkout_phone_field'        => 'optional',
		'woocommerce_hold_stock_minutes'          => '60',
		'woocommerce_custom_orders_table_enabled' => 'yes',
		'woocommerce_version'                     => '10.9.2',
		'woocommerce_db_version'                  => '10.9.2',
		'standin_shipping'                        => '7.50',
		'standin_drafts'                          => 'deferred',
	) as $name => $value ) {
		add_option( $name, $value );
	}
}

/** Shoppers and the shop's manager. */
function standin_roles() {
	add_role( 'customer', 'Customer', array( 'read' => true ) );
	$manager = array( 'read' => true, 'edit_posts' => true, 'manage_woocommerce' => true, 'view_woocommerce_reports' => true, 'upload_files' => true, 'edit_shop_orders' => true );
	add_role( 'shop_manager', 'Shop manager', $manager );
	$admin = get_role( 'administrator' );
	if ( $admin ) {
		foreach ( array( 'manage_woocommerce', 'view_woocommerce_reports', 'edit_shop_orders' ) as $right ) {
			$admin->add_cap( $right );
		}
	}
}

/** The pages of a new shop, and a second checkout of the classic sort. */
function standin_pages() {
	foreach ( array(
		'shop'             => array( 'Shop', '' ),
		'cart'             => array( 'Cart', '<!-- wp:shortcode -->[woocommerce_cart]<!-- /wp:shortcode -->' ),
		'checkout'         => array( 'Checkout', standin_block_checkout_text() ),
		'myaccount'        => array( 'My account', '<!-- wp:shortcode -->[woocommerce_my_account]<!-- /wp:shortcode -->' ),
		'classic-checkout' => array( 'Classic checkout', '<!-- wp:shortcode -->[woocommerce_checkout]<!-- /wp:shortcode -->' ),
		'block-cart'       => array( 'Block cart', '<!-- wp:woocommerce/cart --><div class="wp-block-woocommerce-cart is-loading"></div><!-- /wp:woocommerce/cart -->' ),
	) as $key => $page ) {
		$slug = 'myaccount' === $key ? 'my-account' : $key;
		if ( get_option( "woocommerce_{$key}_page_id" ) ) {
			continue;
		}
		$id = wp_insert_post( array( 'post_type' => 'page', 'post_status' => 'publish', 'post_title' => $page[0], 'post_name' => $slug, 'post_content' => $page[1] ) );
		update_option( "woocommerce_{$key}_page_id", $id );
	}
}

add_filter(
	'cron_schedules',
	function ( $schedules ) {
		$schedules['every_minute'] = array( 'interval' => 60, 'display' => 'Every minute' );
		return $schedules;
	}
);
