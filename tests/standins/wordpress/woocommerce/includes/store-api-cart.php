<?php
/**
 * The Store API's cart: its answer and what changes it.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

/** A sum in the smallest unit. */
function standin_minor( $sum, $decimals = null ) {
	return (string) (int) round( (float) $sum * pow( 10, null === $decimals ? wc_get_price_decimals() : $decimals ) );
}

/** How the shop writes money. */
function standin_store_currency() {
	$sign = html_entity_decode( get_woocommerce_currency_symbol(), ENT_QUOTES, 'UTF-8' );
	$left = 0 === strpos( get_option( 'woocommerce_currency_pos' ), 'left' );
	return array( 'currency_code' => get_woocommerce_currency(), 'currency_symbol' => $sign, 'currency_minor_unit' => wc_get_price_decimals(), 'currency_decimal_separator' => wc_get_price_decimal_separator(), 'currency_thousand_separator' => wc_get_price_thousand_separator(), 'currency_prefix' => $left ? $sign : '', 'currency_suffix' => $left ? '' : $sign );
}

/** The whole answer. */
function standin_store_cart() {
	$cart  = WC()->cart;
	$money = standin_store_currency();
	$cart->calculate_totals();
	$sums  = $cart->get_totals();
	$lines = array();
	foreach ( $cart->get_cart() as $key => $line ) {
		$lines[] = standin_store_line( $key, $line, $money );
	}
	$coupons = array();
	foreach ( $cart->get_coupons() as $code => $coupon ) {
		$coupons[] = array( 'code' => $code, 'discount_type' => $coupon->get_discount_type(), 'totals' => array( 'total_discount' => standin_minor( $cart->get_coupon_discount_amount( $code ) ), 'total_discount_tax' => '0' ) + $money );
	}
	$counted = (bool) $lines && $cart->show_shipping();
	$billing = WC()->customer->get_billing();
	return array(
		'items'                   => $lines,
		'coupons'                 => $coupons,
		'fees'                    => array_map( function ( $fee ) use ( $money ) { return array( 'key' => $fee->id, 'name' => $fee->name, 'totals' => array( 'total' => standin_minor( $fee->amount ), 'total_tax' => '0' ) + $money ); }, array_values( $cart->get_fees() ) ),
		'totals'                  => array( 'total_items' => standin_minor( $sums['subtotal'] ), 'total_items_tax' => standin_minor( $sums['subtotal_tax'] ), 'total_fees' => standin_minor( $sums['fee_total'] ), 'total_fees_tax' => '0', 'total_discount' => standin_minor( $sums['discount_total'] ), 'total_discount_tax' => standin_minor( $sums['discount_tax'] ), 'total_shipping' => $counted ? standin_minor( $sums['shipping_total'] ) : null, 'total_shipping_tax' => $counted ? standin_minor( $sums['shipping_tax'] ) : null, 'total_price' => standin_minor( $sums['total'] ), 'total_tax' => standin_minor( $sums['total_tax'] ), 'tax_lines' => array() ) + $money,
		'shipping_address'        => array_diff_key( WC()->customer->get_shipping(), array( 'email' => 1 ) ),
		'billing_address'         => $billing,
		'needs_payment'           => $lines && $cart->needs_payment(),
		'needs_shipping'          => $lines && $cart->needs_shipping(),
		'payment_requirements'    => array( 'products' ),
		'has_calculated_shipping' => $counted,
		'shipping_rates'          => $counted ? standin_store_rates( $money ) : array(),
		'items_count'             => $lines ? $cart->get_cart_contents_count() : 0,
		'items_weight'            => 0,
		'cross_sells'             => array(),
		'errors'                  => standin_store_errors(),
		'payment_methods'         => array_keys( WC()->payment_gateways()->get_available_payment_gateways() ),
		'extensions'              => standin_store_extension_data( 'cart' ),
	);
}

/** Notices of the cart as errors. */
function standin_store_errors() {
	$found = array_map( function ( $one ) { return array( 'code' => 'woocommerce_rest_cart_error', 'message' => wp_strip_all_tags( $one['notice'] ) ); }, wc_get_notices( 'error' ) );
	return $found;
}

/** What plugins add. */
function standin_store_extension_data( $endpoint ) {
	$found = array();
	foreach ( isset( $GLOBALS['standin_store_data'][ $endpoint ] ) ? $GLOBALS['standin_store_data'][ $endpoint ] : array() as $space => $args ) {
		$found[ $space ] = isset( $args['data_callback'] ) ? call_user_func( $args['data_callback'] ) : array();
	}
	return (object) $found;
}

/** One line. */
function standin_store_line( $key, $line, $money ) {
	$product = $line['data'];
	$shown   = function ( $price ) use ( $product ) {
		return WC()->cart->display_prices_including_tax() ? wc_get_price_including_tax( $product, array( 'price' => $price ) ) : wc_get_price_excluding_tax( $product, array( 'price' => $price ) );
	};
	$price   = $shown( $product->get_price() );
	$regular = $shown( $product->get_regular_price() );
	$most    = $product->is_sold_individually() ? 1 : ( $product->managing_stock() && ! $product->backorders_allowed() ? $product->get_stock_quantity() : 9999 );
	$chosen  = array();
	foreach ( $line['variation'] as $name => $value ) {
		$chosen[] = array( 'raw_attribute' => $name, 'attribute' => wc_attribute_label( str_replace( 'attribute_', '', $name ), $product ), 'value' => $value );
	}
	return array(
		'key'                 => $key,
		'id'                  => $product->get_id(),
		'type'                => $product->get_type(),
		'quantity'            => $line['quantity'],
		'quantity_limits'     => array( 'minimum' => 1, 'maximum' => $most, 'multiple_of' => 1, 'editable' => ! $product->is_sold_individually() ),
		'name'                => $product->get_title(),
		'short_description'   => '',
		'description'         => '',
		'sku'                 => $product->get_sku(),
		'low_stock_remaining' => null,
		'backorders_allowed'  => $product->backorders_allowed(),
		'show_backorder_badge' => false,
		'sold_individually'   => $product->is_sold_individually(),
		'permalink'           => $product->get_permalink(),
		'images'              => array(),
		'variation'           => $chosen,
		'item_data'           => array(),
		'prices'              => array( 'price' => standin_minor( $price ), 'regular_price' => standin_minor( $regular ), 'sale_price' => standin_minor( $price ), 'price_range' => null ) + $money + array( 'raw_prices' => array( 'precision' => 6, 'price' => standin_minor( $price, 6 ), 'regular_price' => standin_minor( $regular, 6 ), 'sale_price' => standin_minor( $price, 6 ) ) ),
		'totals'              => array( 'line_subtotal' => standin_minor( $line['line_subtotal'] ), 'line_subtotal_tax' => standin_minor( $line['line_subtotal_tax'] ), 'line_total' => standin_minor( $line['line_total'] ), 'line_total_tax' => standin_minor( $line['line_tax'] ) ) + $money,
		'catalog_visibility'  => 'visible',
		'extensions'          => (object) array(),
	);
}

/** The parcels and how they can be sent. */
function standin_store_rates( $money ) {
	$chosen = (array) WC()->session->get( 'chosen_shipping_methods' );
	$found  = array();
	foreach ( WC()->shipping()->get_packages() as $i => $package ) {
		$rates = array();
		foreach ( $package['rates'] as $id => $rate ) {
			$rates[] = array( 'rate_id' => $id, 'name' => $rate->get_label(), 'description' => '', 'delivery_time' => '', 'price' => standin_minor( $rate->get_cost() ), 'taxes' => '0', 'instance_id' => $rate->get_instance_id(), 'method_id' => $rate->get_method_id(), 'meta_data' => array( array( 'key' => 'Items', 'value' => $rate->get_items() ) ), 'selected' => $id === $chosen[ $i ] ) + $money;
		}
		$items   = array_map( function ( $line ) { return array( 'key' => $line['key'], 'name' => $line['data']->get_name(), 'quantity' => $line['quantity'] ); }, array_values( $package['contents'] ) );
		$found[] = array( 'package_id' => $i, 'name' => 'Shipment', 'destination' => array_intersect_key( $package['destination'], array_flip( array( 'address_1', 'address_2', 'city', 'state', 'postcode', 'country' ) ) ), 'items' => $items, 'shipping_rates' => $rates );
	}
	return $found;
}

/** GET cart. */
function standin_store_get_cart( $request ) {
	return standin_store_cart();
}

/** The last error notice becomes the error of this call. */
function standin_store_refused( $code ) {
	$said = wc_get_notices( 'error' );
	wc_clear_notices();
	return new StandIn_Route_Exception( $code, $said ? $said[0]['notice'] : 'It cannot be done.', 400 );
}

/** POST add-item. */
function standin_store_add_item( $request ) {
	$chosen = array();
	foreach ( (array) $request['variation'] as $one ) {
		$chosen[ 'attribute_' . sanitize_title( str_replace( 'attribute_', '', $one['attribute'] ) ) ] = $one['value'];
	}
	$id      = absint( $request['id'] );
	$product = wc_get_product( $id );
	if ( ! $product || 'trash' === $product->get_status() ) {
		throw new StandIn_Route_Exception( 'woocommerce_rest_cart_invalid_product', 'This product cannot be added to the cart.', 400 );
	}
	$parent = $product->is_type( 'variation' ) ? (int) $product->get_parent_id() : $id;
	if ( false === WC()->cart->add_to_cart( $parent, $request['quantity'] ? (int) $request['quantity'] : 1, $parent === $id ? 0 : $id, $chosen ) ) {
		throw standin_store_refused( 'woocommerce_rest_cart_product_error' );
	}
	return standin_store_cart();
}

/** A line that must be there. */
function standin_store_key( $request ) {
	$key = sanitize_text_field( (string) $request['key'] );
	if ( ! WC()->cart->get_cart_item( $key ) ) {
		throw new StandIn_Route_Exception( 'woocommerce_rest_cart_invalid_key', 'Cart item no longer exists or is invalid.', 409 );
	}
	return $key;
}

/** POST update-item. */
function standin_store_update_item( $request ) {
	$key  = standin_store_key( $request );
	$line = WC()->cart->get_cart_item( $key );
	if ( ! $line['data']->has_enough_stock( (int) $request['quantity'] ) ) {
		throw new StandIn_Route_Exception( 'woocommerce_rest_product_partially_out_of_stock', 'There is not enough in stock.', 400 );
	}
	WC()->cart->set_quantity( $key, (int) $request['quantity'] );
	return standin_store_cart();
}

/** POST remove-item. */
function standin_store_remove_item( $request ) {
	WC()->cart->remove_cart_item( standin_store_key( $request ) );
	return standin_store_cart();
}

/** POST apply-coupon. */
function standin_store_apply_coupon( $request ) {
	$code   = wc_format_coupon_code( wp_unslash( (string) $request['code'] ) );
	$coupon = new WC_Coupon( $code );
	if ( ! WC()->cart->apply_coupon( $code ) ) {
		$refused = standin_store_refused( 'woocommerce_rest_cart_coupon_error' );
		if ( $coupon->get_email_restrictions() && false !== strpos( $refused->getMessage(), 'valid email' ) ) {
			$refused->more = array( 'details' => array( 'cart' => $refused->getMessage(), 'checkout' => 'Please enter a valid email to use coupon code &quot;' . esc_html( $code ) . '&quot;.' ) );
		}
		throw $refused;
	}
	wc_clear_notices();
	return standin_store_cart();
}

/** POST remove-coupon. */
function standin_store_remove_coupon( $request ) {
	WC()->cart->remove_coupon( (string) $request['code'] );
	return standin_store_cart();
}

/** Addresses of a request onto the customer of the session. */
function standin_store_take_addresses( $request ) {
	foreach ( array( 'billing', 'shipping' ) as $of ) {
		$given = $request[ $of . '_address' ];
		$given = null === $given && 'shipping' === $of && 'POST' === $request->get_method() && null !== $request['payment_method'] ? $request['billing_address'] : $given;
		foreach ( (array) $given as $name => $value ) {
			if ( in_array( $name, WC_Customer::names(), true ) && ! ( 'shipping' === $of && 'email' === $name ) ) {
				WC()->customer->{"set_{$of}_{$name}"}( sanitize_text_field( (string) $value ) );
			}
		}
	}
}

/** POST update-customer. */
function standin_store_update_customer( $request ) {
	$email = isset( $request['billing_address']['email'] ) ? $request['billing_address']['email'] : '';
	if ( '' !== (string) $email && ! is_email( $email ) ) {
		throw new StandIn_Route_Exception( 'rest_invalid_param', 'Invalid parameter(s): billing_address', 400, array( 'params' => array( 'billing_address' => 'The provided email address is not valid' ) ) );
	}
	standin_store_take_addresses( $request );
	do_action( 'woocommerce_store_api_cart_update_customer_from_request', WC()->customer, $request );
	WC()->customer->save();
	if ( 'on_open' === get_option( 'standin_drafts' ) && WC()->session->get( 'store_api_draft_order' ) ) {
		standin_store_draft( $request );
	}
	return standin_store_cart();
}

/** POST select-shipping-rate. */
function standin_store_select_rate( $request ) {
	WC()->session->set( 'chosen_shipping_methods', array( (int) $request['package_id'] => (string) $request['rate_id'] ) );
	do_action( 'woocommerce_store_api_cart_select_shipping_rate', $request['package_id'], $request['rate_id'], $request );
	return standin_store_cart();
}

/** POST extensions: what plugins registered. */
function standin_store_extensions( $request ) {
	$known = isset( $GLOBALS['standin_store_callbacks'] ) ? $GLOBALS['standin_store_callbacks'] : array();
	if ( ! isset( $known[ $request['namespace'] ] ) ) {
		throw new StandIn_Route_Exception( 'woocommerce_rest_cart_extensions_error', 'There is no such namespace registered.', 400 );
	}
	call_user_func( $known[ $request['namespace'] ], (array) $request['data'] );
	return standin_store_cart();
}
