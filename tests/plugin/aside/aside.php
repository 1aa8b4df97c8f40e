<?php
/**
 * Plugin Name: Aside
 * Description: What tests change in a shop from inside: shorter waits, a renewal in the cart, a capture that is held up.
 *
 * @package Aside
 */

defined( 'ABSPATH' ) || exit;

/** A test does not wait eight seconds for a service that hangs. */
add_filter(
	'http_request_args',
	function ( $args ) {
		$seconds = (float) get_option( 'aside_time_out' );
		return $seconds ? array_merge( $args, array( 'timeout' => $seconds ) ) : $args;
	}
);

/** WooCommerce Subscriptions' own question. */
function wcs_cart_contains_renewal() {
	return (bool) get_option( 'aside_renewal' );
}

/**
 * A capture that asks for it stands still after it read its row and before it writes, until the
 * test takes the file `held` away, or four seconds are over.
 */
function aside_hold() {
	if ( empty( $_SERVER['HTTP_X_ASIDE_HOLD'] ) || ! doing_action( 'wc_ajax_relance_capture' ) ) {
		return;
	}
	$file = STANDIN_SHOP . '/held';
	touch( $file );
	for ( $tries = 0; $tries < 400 && file_exists( $file ); $tries++ ) {
		usleep( 10000 );
		clearstatcache();
	}
}
add_action( 'woocommerce_before_calculate_totals', 'aside_hold' );

/** What the block checkout's route `checkout/<id>` fires when somebody pays an order that exists. */
add_action(
	'template_redirect',
	function () {
		$id = empty( $_GET['aside_pay'] ) ? 0 : absint( $_GET['aside_pay'] );
		if ( $id ) {
			do_action( 'woocommerce_store_api_checkout_order_processed', wc_get_order( $id ) );
			exit;
		}
	},
	0
);
