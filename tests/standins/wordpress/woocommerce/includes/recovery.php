<?php
/**
 * WooCommerce's own recovery e-mail (10.9 behind a flag, 11.0 by itself): one, two hours after.
 *
 * It goes nowhere here: what would be sent is a line in wc.log, source `recovery`.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

add_action( 'woocommerce_new_order', 'standin_plan_recovery', 20, 2 );
add_action( 'woocommerce_order_status_pending', 'standin_plan_recovery', 20, 2 );
add_action( 'standin_send_recovery', 'standin_send_recovery' );

/** Whether somebody else sends such letters. */
function standin_recovery_is_off() {
	return 'yes' !== get_option( 'standin_recovery', 'no' ) || (bool) apply_filters( 'woocommerce_abandoned_cart_recovery_suppress', false );
}

/** Plan one for an unpaid order of the checkout. */
function standin_plan_recovery( $id, $order ) {
	$of_checkout = in_array( $order->get_created_via(), array( 'checkout', 'store-api' ), true );
	if ( $of_checkout && $order->has_status( 'pending' ) && ! standin_recovery_is_off() && ! as_has_scheduled_action( 'standin_send_recovery', array( $id ) ) ) {
		as_schedule_single_action( time() + 2 * HOUR_IN_SECONDS, 'standin_send_recovery', array( $id ) );
	}
}

/** Send it, if it is still right. */
function standin_send_recovery( $id ) {
	$order = wc_get_order( $id );
	if ( $order && $order->has_status( 'pending' ) && ! standin_recovery_is_off() ) {
		wc_get_logger()->info( "sent for order $id", array( 'source' => 'recovery' ) );
	}
}
