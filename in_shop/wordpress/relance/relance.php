<?php
/**
 * Plugin Name:          Relance
 * Description:          Captures the carts that shoppers leave at the checkout, with their consent, and hands them to your own Relance service, which reminds them.
 * Version:              1.0.0
 * Requires at least:    6.4
 * Requires PHP:         7.4
 * Requires Plugins:     woocommerce
 * WC requires at least: 9.0
 * WC tested up to:      11.0
 * Author:               Relance
 * License:              GPL-2.0-or-later
 * License URI:          https://www.gnu.org/licenses/gpl-2.0.html
 * Text Domain:          relance
 * Domain Path:          /languages
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

define( 'RELANCE_VERSION', '1.0.0' );
define( 'RELANCE_FILE', __FILE__ );
define( 'RELANCE_LEAST_WC', '9.0' );

/**
 * Says that orders in their own tables and the cart and checkout blocks are fine with us.
 */
function relance_declare_compatibility() {
	// This runs before the version of WooCommerce is looked at: an old one has no such class.
	if ( class_exists( '\Automattic\WooCommerce\Utilities\FeaturesUtil' ) ) {
		\Automattic\WooCommerce\Utilities\FeaturesUtil::declare_compatibility( 'custom_order_tables', RELANCE_FILE, true );
		\Automattic\WooCommerce\Utilities\FeaturesUtil::declare_compatibility( 'cart_checkout_blocks', RELANCE_FILE, true );
	}
}
add_action( 'before_woocommerce_init', 'relance_declare_compatibility' );

/**
 * Loads every class that is there and lets each register its hooks.
 *
 * Runs at `plugins_loaded`, when WooCommerce has loaded whatever the order of the
 * plugins. Without it nothing is registered but a notice.
 */
function relance_start() {
	if ( ! defined( 'WC_VERSION' ) || version_compare( WC_VERSION, RELANCE_LEAST_WC, '<' ) ) {
		add_action( 'admin_notices', 'relance_say_what_is_missing' );
		return;
	}
	add_action( 'init', 'relance_load_words', 0 );
	foreach ( relance_load_classes() as $class_name ) {
		if ( is_callable( array( $class_name, 'hook' ) ) ) {
			call_user_func( array( $class_name, 'hook' ) );
		}
	}
}
add_action( 'plugins_loaded', 'relance_start', 20 );

/**
 * Requires the class files.
 *
 * @return string[] The names of the classes that are there.
 */
function relance_load_classes() {
	$subjects = array( 'settings', 'link', 'store', 'cart', 'contact', 'capture', 'order', 'outbox', 'consent', 'privacy', 'recovery-email', 'restore', 'requests', 'parcels', 'box', 'entry', 'customer' );
	$loaded   = array();
	foreach ( $subjects as $subject ) {
		$file = __DIR__ . '/includes/class-relance-' . $subject . '.php';
		if ( is_readable( $file ) ) {
			require_once $file;
			$loaded[] = 'Relance_' . str_replace( ' ', '_', ucwords( str_replace( '-', ' ', $subject ) ) );
		}
	}
	return $loaded;
}

/**
 * The translations inside the zip: it is not handed out by WordPress.org, which would bring its own.
 */
function relance_load_words() {
	load_plugin_textdomain( 'relance', false, dirname( plugin_basename( RELANCE_FILE ) ) . '/languages' );
}

/**
 * A notice for those who can do something about it.
 */
function relance_say_what_is_missing() {
	if ( ! current_user_can( 'activate_plugins' ) ) {
		return;
	}
	relance_load_words();
	/* translators: %s: a version number of WooCommerce. */
	$words = sprintf( __( 'Relance needs WooCommerce %s or newer. Until it is active, Relance does nothing.', 'relance' ), RELANCE_LEAST_WC );
	echo '<div class="notice notice-warning"><p>' . esc_html( $words ) . '</p></div>';
}

/**
 * Ends what would run by itself. What is stored stays until the plugin is deleted.
 */
function relance_deactivate() {
	if ( function_exists( 'as_unschedule_all_actions' ) ) {
		as_unschedule_all_actions( '', array(), 'relance' );
	}
	delete_option( 'relance_schema' ); // Once it is active again, what waits is scheduled with the look at the tables.
}
register_deactivation_hook( RELANCE_FILE, 'relance_deactivate' );
