<?php
/**
 * The Store API's checkout: no order before "Place order" (as of 10.8), or a draft on opening (before).
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

/** The answer, with an order or without one yet. */
function standin_store_checkout_answer( $order, $result, $cart = null ) {
	$customer = WC()->customer;
	$of       = $order ? $order : null;
	return array(
		'order_id'           => $of ? $of->get_id() : 0,
		'status'             => $of ? $of->get_status() : 'checkout-draft',
		'order_key'          => $of ? $of->get_order_key() : '',
		'order_number'       => $of ? $of->get_order_number() : '0',
		'customer_note'      => $of ? $of->get_customer_note() : (string) WC()->session->get( 'store_api_customer_note', '' ),
		'customer_id'        => $of ? $of->get_customer_id() : get_current_user_id(),
		'billing_address'    => $of ? $of->get_address( 'billing' ) : $customer->get_billing(),
		'shipping_address'   => $of ? $of->get_address( 'shipping' ) : array_diff_key( $customer->get_shipping(), array( 'email' => 1 ) ),
		'payment_method'     => $of && $of->get_payment_method() ? $of->get_payment_method() : (string) WC()->session->get( 'chosen_payment_method', 'bacs' ),
		'payment_result'     => $result,
		'additional_fields'  => (object) standin_field_values( $of ? $of : $customer ),
		'__experimentalCart' => $cart,
		'extensions'         => standin_store_extension_data( 'checkout' ),
	);
}

/** GET checkout. */
function standin_store_get_checkout( $request ) {
	$order = 'on_open' === get_option( 'standin_drafts' ) && ! WC()->cart->is_empty() ? standin_store_draft( $request ) : null;
	return standin_store_checkout_answer( $order, null, standin_store_cart() );
}

/** PUT checkout: kept in the session; a draft is brought up to date only where there is one. */
function standin_store_put_checkout( $request ) {
	if ( null !== $request['payment_method'] ) {
		WC()->session->set( 'chosen_payment_method', sanitize_text_field( $request['payment_method'] ) );
	}
	$note = null !== $request['order_notes'] ? $request['order_notes'] : $request['customer_note'];
	if ( null !== $note ) {
		WC()->session->set( 'store_api_customer_note', sanitize_textarea_field( $note ) );
	}
	standin_keep_fields( (array) $request['additional_fields'], WC()->customer );
	WC()->customer->save();
	return standin_store_get_checkout( $request );
}

/** The draft of this session, made or brought up to date. */
function standin_store_draft( $request ) {
	$order = wc_get_order( absint( WC()->session->get( 'store_api_draft_order' ) ) );
	$usable = $order && 'store-api' === $order->get_created_via() && ( $order->has_status( 'checkout-draft' ) || ( $order->has_status( array( 'pending', 'failed' ) ) && $order->has_cart_hash( WC()->cart->get_cart_hash() ) ) );
	if ( ! $usable ) {
		$order = new WC_Order();
		$order->set_status( 'checkout-draft' );
		$order->set_created_via( 'store-api' );
	}
	$order->remove_order_items();
	$order->set_currency( get_woocommerce_currency() );
	$order->set_customer_id( get_current_user_id() );
	$order->set_cart_hash( WC()->cart->get_cart_hash() );
	$order->set_customer_ip_address( WC_Geolocation::get_ip_address() );
	$order->set_customer_user_agent( wc_get_user_agent() );
	$order->set_address( WC()->customer->get_billing(), 'billing' );
	$order->set_address( WC()->customer->get_shipping(), 'shipping' );
	WC()->checkout()->set_data_from_cart( $order );
	do_action( 'woocommerce_store_api_checkout_update_order_from_cart', $order );
	$order->save();
	do_action( 'woocommerce_store_api_checkout_update_order_meta', $order );
	$order->save();
	WC()->session->set( 'store_api_draft_order', $order->get_id() );
	return $order;
}

/** POST checkout: the order, its payment, an empty cart. */
function standin_store_post_checkout( $request ) {
	if ( WC()->cart->is_empty() ) {
		throw new StandIn_Route_Exception( 'woocommerce_rest_cart_empty', 'Cannot place an order, your cart is empty.', 400 );
	}
	WC()->cart->calculate_totals();
	wc_clear_notices();
	if ( ! WC()->cart->check_cart_items() ) {
		throw new StandIn_Route_Exception( 'woocommerce_rest_cart_item_error', wp_strip_all_tags( wc_get_notices( 'error' ) ? wc_get_notices( 'error' )[0]['notice'] : 'A line cannot be ordered.' ), 409, array( 'cart' => standin_store_cart() ) );
	}
	standin_store_take_addresses( $request );
	standin_keep_fields( (array) $request['additional_fields'], WC()->customer );
	do_action( 'woocommerce_store_api_checkout_update_customer_from_request', WC()->customer, $request );
	WC()->customer->save();
	WC()->cart->calculate_totals();
	standin_store_check_order( $request );
	$order = standin_store_draft( $request );
	$known = WC()->payment_gateways()->get_available_payment_gateways();
	$order->set_customer_note( null !== $request['customer_note'] ? sanitize_textarea_field( $request['customer_note'] ) : (string) WC()->session->get( 'store_api_customer_note', '' ) );
	$order->set_payment_method( $known[ $request['payment_method'] ] );
	standin_keep_fields( (array) $request['additional_fields'], $order );
	do_action( 'woocommerce_store_api_checkout_update_order_from_request', $order, $request );
	$order->save();
	do_action( 'woocommerce_store_api_checkout_order_processed', $order );
	$paid = standin_store_pay( $order, $known[ $request['payment_method'] ] );
	return standin_store_checkout_answer( wc_get_order( $order->get_id() ), $paid );
}

/** What must be there before an order is made. */
function standin_store_check_order( $request ) {
	$known   = WC()->payment_gateways()->get_available_payment_gateways();
	$billing = WC()->customer->get_billing();
	if ( ! isset( $known[ (string) $request['payment_method'] ] ) ) {
		throw new StandIn_Route_Exception( 'woocommerce_rest_checkout_missing_payment_method', 'No payment method provided.', 400 );
	}
	if ( ! is_email( $billing['email'] ) ) {
		throw new StandIn_Route_Exception( 'woocommerce_rest_missing_email_address', 'A valid email address is required.', 400 );
	}
	foreach ( array( 'first_name', 'last_name', 'address_1', 'city', 'postcode', 'country' ) as $name ) {
		if ( '' === $billing[ $name ] ) {
			throw new StandIn_Route_Exception( 'woocommerce_rest_invalid_address', 'There was a problem with the provided billing address: ' . $name . ' is required', 400 );
		}
	}
	if ( 'required' === get_option( 'woocommerce_checkout_phone_field' ) && '' === $billing['phone'] ) {
		throw new StandIn_Route_Exception( 'woocommerce_rest_invalid_address', 'There was a problem with the provided billing address: Phone is required', 400 );
	}
}

/** The payment's result; a free order is paid at once. */
function standin_store_pay( $order, $gateway ) {
	if ( ! $order->has_status( 'pending' ) && ! (float) $order->get_total() ) {
		$order->payment_complete();
		wc_empty_cart();
		$redirect = $order->get_checkout_order_received_url();
	} else {
		$order->update_status( 'pending' );
		do_action( 'woocommerce_rest_checkout_process_payment_with_context', (object) array( 'payment_method' => $gateway->id, 'order' => $order ), null );
		try {
			$result = $gateway->process_payment( $order->get_id() );
		} catch ( Exception $error ) {
			throw new StandIn_Route_Exception( 'woocommerce_rest_checkout_process_payment_error', $error->getMessage(), 400 );
		}
		$redirect = $result['redirect'];
	}
	WC()->session->set( 'store_api_customer_note', null );
	return array( 'payment_status' => 'success', 'payment_details' => array( array( 'key' => 'result', 'value' => 'success' ), array( 'key' => 'redirect', 'value' => $redirect ) ), 'redirect_url' => $redirect );
}
