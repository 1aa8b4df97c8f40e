<?php
/**
 * Plugin Name: Renewals
 * Description: What WooCommerce Subscriptions does with orders, as far as Relance can notice.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

/** Whether this checkout pays for a renewal. */
function wcs_cart_contains_renewal() {
	return empty( $_COOKIE['renews'] ) ? false : array( 'subscription_renewal' => array() );
}

/** A renewal: a new order with the meta data of the first one, but for what others take out. */
function renewals_renew( $order_id ) {
	$first = wc_get_order( $order_id );
	$made  = wc_create_order( array( 'created_via' => 'subscription' ) );
	$data  = array();
	foreach ( $first->get_meta_data() as $meta ) {
		$data[ $meta->key ] = $meta->value;
	}
	foreach ( apply_filters( 'wc_subscriptions_object_data', $data, $made, $first ) as $name => $value ) {
		$made->update_meta_data( $name, $value );
	}
	$made->save();
	return $made->get_id();
}
