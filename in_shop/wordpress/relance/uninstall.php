<?php
/**
 * Removes what the plugin left in this WordPress, on every site of a network.
 *
 * Out of reach from here: in shoppers' browsers the cookie
 * `relance_declined` (180 days at most) and `relance_contact` in the local storage (what a
 * shopper typed, kept once a box was ticked or under the notice; for that browser alone, until
 * an order and 30 days at most); in WooCommerce's sessions the cart's key, for as long as a
 * session lasts (two days, a week for who is logged in); and whatever the service holds, which
 * is erased there. The opt-in box stays in the merchant's own pages as a shortcode or an empty
 * block, and so do the key of the REST API and the webhooks by which the service reads the
 * shop: they are the merchant's.
 *
 * @package Relance
 */

defined( 'WP_UNINSTALL_PLUGIN' ) || exit;

/**
 * Tells the service that the plugin goes, so that it writes to nobody any more. A copy of a shop
 * has nothing to tell; a service that does not answer holds nothing up.
 */
function relance_uninstall_tell() {
	if ( ! defined( 'RELANCE_VERSION' ) ) {
		define( 'RELANCE_VERSION', 'gone' ); // The plugin itself is not loaded here.
	}
	require_once __DIR__ . '/includes/class-relance-link.php';
	if ( Relance_Link::is_paired() ) {
		Relance_Link::post( 'gone', array( 'version' => 1 ) );
	}
}

/**
 * Removes everything of one site. All names are written out: another plugin's may begin alike.
 *
 * Rows are deleted by SQL because the plugins whose tables they are in (WooCommerce,
 * Action Scheduler) may be gone already.
 */
function relance_uninstall_site() {
	global $wpdb;

	relance_uninstall_tell();
	relance_uninstall_actions( array( 'relance_send', 'relance_tidy' ) );
	relance_uninstall_order_meta( array( '_relance_cart', '_relance_locale', '_relance_consents' ) );

	foreach ( array( 'relance_sms_consent', 'relance_email_consent' ) as $name ) {
		delete_metadata( 'user', 0, $name, '', true );
	}
	foreach ( array( 'relance_carts', 'relance_requests' ) as $name ) {
		$table = $wpdb->prefix . $name;
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL.InterpolatedNotPrepared
		$wpdb->query( "DROP TABLE IF EXISTS {$table}" );
	}
	foreach ( array( 'settings', 'link', 'paired', 'address', 'outbox', 'schema', 'requests_schema', 'restore_secret' ) as $name ) {
		delete_option( 'relance_' . $name );
	}
	delete_transient( 'relance_pairing' );
	relance_uninstall_transients( 'relance_told_' ); // One a merchant, for five minutes.
}

/**
 * Removes scheduled actions, those that ran, and their group.
 *
 * @param string[] $hooks Their hooks.
 */
function relance_uninstall_actions( array $hooks ) {
	global $wpdb;
	$actions = $wpdb->prefix . 'actionscheduler_actions';
	$logs    = $wpdb->prefix . 'actionscheduler_logs';
	$groups  = $wpdb->prefix . 'actionscheduler_groups';
	if ( ! relance_uninstall_has( $actions ) || ! relance_uninstall_has( $logs ) || ! relance_uninstall_has( $groups ) ) {
		return;
	}
	// phpcs:disable WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL.InterpolatedNotPrepared
	foreach ( $hooks as $hook ) {
		$wpdb->query( $wpdb->prepare( "DELETE FROM {$logs} WHERE action_id IN ( SELECT action_id FROM {$actions} WHERE hook = %s )", $hook ) );
		$wpdb->query( $wpdb->prepare( "DELETE FROM {$actions} WHERE hook = %s", $hook ) );
	}
	$wpdb->query( $wpdb->prepare( "DELETE FROM {$groups} WHERE slug = %s AND group_id NOT IN ( SELECT group_id FROM {$actions} )", 'relance' ) );
	// phpcs:enable
}

/**
 * Removes our marks from orders, wherever WooCommerce keeps them.
 *
 * @param string[] $names The keys.
 */
function relance_uninstall_order_meta( array $names ) {
	global $wpdb;
	foreach ( array( $wpdb->postmeta, $wpdb->prefix . 'wc_orders_meta' ) as $table ) {
		if ( relance_uninstall_has( $table ) ) {
			foreach ( $names as $name ) {
				// phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL.InterpolatedNotPrepared
				$wpdb->query( $wpdb->prepare( "DELETE FROM {$table} WHERE meta_key = %s", $name ) );
			}
		}
	}
}

/**
 * Removes the transients whose names begin so. An object cache drops them by itself.
 *
 * @param string $begins How they begin.
 */
function relance_uninstall_transients( $begins ) {
	global $wpdb;
	$like = $wpdb->esc_like( '_transient_' . $begins ) . '%';
	// phpcs:ignore WordPress.DB.DirectDatabaseQuery
	foreach ( $wpdb->get_col( $wpdb->prepare( "SELECT option_name FROM {$wpdb->options} WHERE option_name LIKE %s", $like ) ) as $name ) {
		delete_transient( substr( $name, strlen( '_transient_' ) ) );
	}
}

/**
 * Whether a table exists.
 *
 * @param string $table Its whole name.
 * @return bool
 */
function relance_uninstall_has( $table ) {
	global $wpdb;
	// phpcs:ignore WordPress.DB.DirectDatabaseQuery
	return $table === $wpdb->get_var( $wpdb->prepare( 'SHOW TABLES LIKE %s', $wpdb->esc_like( $table ) ) );
}

if ( is_multisite() ) {
	$relance_sites = get_sites(
		array(
			'fields' => 'ids',
			'number' => 0,
		)
	);
	foreach ( $relance_sites as $relance_site ) {
		switch_to_blog( $relance_site );
		relance_uninstall_site();
		restore_current_blog();
	}
} else {
	relance_uninstall_site();
}
