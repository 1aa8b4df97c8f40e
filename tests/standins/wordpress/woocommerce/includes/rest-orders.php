<?php
/**
 * `wc/v3/orders`.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

/** An order as REST shows it. */
function standin_rest_order( $order ) {
	$dp    = 2;
	$row   = array( 'id' => $order->get_id(), 'parent_id' => (int) $order->get_parent_id(), 'status' => $order->get_status(), 'currency' => $order->get_currency(), 'version' => $order->get_version(), 'prices_include_tax' => (bool) $order->get_prices_include_tax() );
	$row  += array_diff_key( standin_rest_dates( array( 'date_created' => $order->get_date_created(), 'date_modified' => $order->get_date_modified(), 'date_completed' => $order->get_date_completed(), 'date_paid' => 'cod' === $order->get_payment_method() && ! $order->has_status( 'completed' ) ? null : $order->get_date_paid() ) ), array() );
	foreach ( array( 'discount_total', 'discount_tax', 'shipping_total', 'shipping_tax', 'cart_tax', 'total', 'total_tax' ) as $name ) {
		$row[ $name ] = wc_format_decimal( $order->{'get_' . $name}(), $dp );
	}
	$row['customer_id'] = (int) $order->get_customer_id();
	$row['order_key']   = $order->get_order_key();
	$row['billing']     = $order->get_address( 'billing' );
	$row['shipping']    = $order->get_address( 'shipping' );
	foreach ( array( 'payment_method', 'payment_method_title', 'transaction_id', 'customer_ip_address', 'customer_user_agent', 'created_via', 'customer_note', 'cart_hash' ) as $name ) {
		$row[ $name ] = (string) $order->{'get_' . $name}();
	}
	$row['number']           = $order->get_order_number();
	$row['meta_data']        = array_map( function ( $one ) { return $one->get_data(); }, $order->get_meta_data() );
	$row['line_items']       = array_map( 'standin_rest_line', array_values( $order->get_items() ) );
	$row['tax_lines']        = array();
	$row['shipping_lines']   = array_map( function ( $item ) { return array( 'id' => $item->get_id(), 'method_title' => $item->get_method_title(), 'method_id' => $item->get_method_id(), 'instance_id' => (string) $item->get_instance_id(), 'total' => $item->get_total(), 'total_tax' => $item->get_total_tax(), 'taxes' => array(), 'meta_data' => standin_rest_item_meta( $item ) ); }, array_values( $order->get_items( 'shipping' ) ) );
	$row['fee_lines']        = array();
	$row['coupon_lines']     = array_map( function ( $item ) { return array( 'id' => $item->get_id(), 'code' => $item->get_code(), 'discount' => $item->get_discount(), 'discount_tax' => $item->get_discount_tax(), 'meta_data' => array() ); }, array_values( $order->get_items( 'coupon' ) ) );
	$row['refunds']          = $order->get_refunds();
	$row['payment_url']      = $order->get_checkout_payment_url();
	$row['is_editable']      = $order->is_editable();
	$row['needs_payment']    = $order->needs_payment();
	$row['needs_processing'] = true;
	$row['currency_symbol']  = html_entity_decode( get_woocommerce_currency_symbol( $order->get_currency() ), ENT_QUOTES, 'UTF-8' );
	$row['_links']           = standin_rest_links( 'orders', $order->get_id() );
	return $row;
}

/** A line. */
function standin_rest_line( $item ) {
	$product = $item->get_product();
	$pieces  = max( 1, (int) $item->get_quantity() );
	$price   = round( (float) $item->get_total() / $pieces, 6 );
	return array( 'id' => $item->get_id(), 'name' => $item->get_name(), 'product_id' => (int) $item->get_product_id(), 'variation_id' => (int) $item->get_variation_id(), 'quantity' => (int) $item->get_quantity(), 'tax_class' => '', 'subtotal' => wc_format_decimal( $item->get_subtotal(), 2 ), 'subtotal_tax' => wc_format_decimal( $item->get_subtotal_tax(), 2 ), 'total' => wc_format_decimal( $item->get_total(), 2 ), 'total_tax' => wc_format_decimal( $item->get_total_tax(), 2 ), 'taxes' => array(), 'meta_data' => standin_rest_item_meta( $item ), 'sku' => $product ? $product->get_sku() : null, 'global_unique_id' => '', 'price' => floor( $price ) === $price ? (int) $price : $price, 'image' => array( 'id' => '', 'src' => '' ), 'parent_name' => $item->get_variation_id() ? get_the_title( $item->get_product_id() ) : null );
}

/** Notes of a line. */
function standin_rest_item_meta( $item ) {
	return array_map( function ( $one ) { return array( 'id' => $one->id, 'key' => $one->key, 'value' => $one->value, 'display_key' => wc_attribute_label( $one->key ), 'display_value' => $one->value ); }, $item->get_meta_data() );
}

/** A time in a query: shop-local, unless it names a zone or dates_are_gmt is true; both together go wrong. */
function standin_rest_time( $request, $name ) {
	$text = (string) $request[ $name ];
	$utc  = wc_string_to_bool( $request['dates_are_gmt'] ? $request['dates_are_gmt'] : false );
	if ( $utc && preg_match( '/(Z|[+-]\d\d:?\d\d)$/', $text ) ) {
		$moment = standin_moment( $text );
		return $moment->getTimestamp() + wp_timezone()->getOffset( $moment ); // The real one reads it as shop-local once more.
	}
	return ( new DateTime( $text, $utc ? new DateTimeZone( 'UTC' ) : wp_timezone() ) )->getTimestamp();
}

/** GET orders. */
function standin_rest_list_orders( $request ) {
	global $wpdb;
	$where  = array();
	$status = array_filter( array_map( 'trim', is_array( $request['status'] ) ? $request['status'] : explode( ',', (string) $request['status'] ) ) );
	$known  = array_keys( wc_get_order_statuses() );
	if ( ! $status || in_array( 'any', $status, true ) ) {
		$status = version_compare( WC_VERSION, '10.0', '<' ) ? $known : array_diff( $known, array( 'wc-checkout-draft' ) );
	} else {
		$status = array_map( function ( $one ) { return 'wc-' . $one; }, $status );
	}
	$where[] = $wpdb->prepare( 'status IN (' . implode( ', ', array_fill( 0, count( $status ), '%s' ) ) . ')', array_values( $status ) ); // phpcs:ignore WordPress.DB
	foreach ( array( 'modified_after' => 'date_updated_gmt > %s', 'modified_before' => 'date_updated_gmt < %s', 'after' => 'date_created_gmt > %s', 'before' => 'date_created_gmt < %s' ) as $name => $rule ) {
		if ( null !== $request[ $name ] ) {
			$where[] = $wpdb->prepare( $rule, gmdate( 'Y-m-d H:i:s', standin_rest_time( $request, $name ) ) ); // phpcs:ignore WordPress.DB
		}
	}
	if ( null !== $request['customer'] ) {
		$where[] = $wpdb->prepare( 'customer_id = %d', $request['customer'] );
	}
	if ( null !== $request['search'] ) {
		$where[] = $wpdb->prepare( 'billing_email = %s', $request['search'] );
	}
	$by    = array( 'modified' => 'date_updated_gmt', 'id' => 'id' );
	$by    = isset( $by[ (string) $request['orderby'] ] ) ? $by[ (string) $request['orderby'] ] : 'date_created_gmt';
	$order = 'asc' === $request['order'] ? 'ASC' : 'DESC';
	$from  = "FROM {$wpdb->prefix}wc_orders WHERE " . implode( ' AND ', $where );
	$total = (int) $wpdb->get_var( "SELECT COUNT(*) $from" ); // phpcs:ignore WordPress.DB
	$ids   = $wpdb->get_col( "SELECT id $from ORDER BY $by $order, id $order LIMIT " . (int) $request['per_page'] . ' OFFSET ' . (int) $request['per_page'] * ( (int) $request['page'] - 1 ) ); // phpcs:ignore WordPress.DB
	return standin_rest_page( $request, array_map( function ( $id ) { return standin_rest_order( wc_get_order( $id ) ); }, $ids ), $total );
}

/** GET one order. */
function standin_rest_show_orders( $request ) {
	$order = wc_get_order( absint( $request['id'] ) );
	return $order ? standin_rest_one( standin_rest_order( $order ) ) : standin_rest_gone( 'shop_order' );
}

/** POST an order: no cart, no session. */
function standin_rest_create_orders( $request ) {
	$order = new WC_Order();
	$order->set_created_via( 'rest-api' );
	$order->set_status( $request['status'] ? $request['status'] : 'pending' );
	standin_rest_fill_order( $order, $request );
	$order->calculate_totals();
	if ( $request['set_paid'] ) {
		$order->payment_complete();
	}
	return standin_rest_one( standin_rest_order( $order ), 201, 'orders' );
}

/** PUT an order. */
function standin_rest_change_orders( $request ) {
	$order = wc_get_order( absint( $request['id'] ) );
	if ( ! $order ) {
		return standin_rest_gone( 'shop_order' );
	}
	if ( $request['status'] ) {
		$order->set_status( $request['status'] );
	}
	standin_rest_fill_order( $order, $request );
	$order->save();
	return standin_rest_one( standin_rest_order( $order ) );
}

/** What a request says of an order. */
function standin_rest_fill_order( $order, $request ) {
	foreach ( array( 'billing', 'shipping' ) as $of ) {
		$order->set_address( (array) $request[ $of ], $of );
	}
	foreach ( array( 'customer_id', 'customer_note', 'payment_method_title', 'currency' ) as $name ) {
		if ( null !== $request[ $name ] ) {
			$order->{'set_' . $name}( $request[ $name ] );
		}
	}
	foreach ( (array) $request['meta_data'] as $one ) {
		$order->update_meta_data( $one['key'], $one['value'] );
	}
	foreach ( (array) $request['line_items'] as $one ) {
		$product = wc_get_product( ! empty( $one['variation_id'] ) ? $one['variation_id'] : $one['product_id'] );
		if ( $product ) {
			$sum = wc_format_decimal( wc_get_price_excluding_tax( $product, array( 'qty' => $one['quantity'] ) ), 2 );
			$order->add_item( new WC_Order_Item_Product( array( 'name' => $product->get_name(), 'product_id' => (int) $one['product_id'], 'variation_id' => (int) ( isset( $one['variation_id'] ) ? $one['variation_id'] : 0 ), 'quantity' => (int) $one['quantity'], 'subtotal' => $sum, 'total' => $sum ) ) );
		}
	}
}

/** DELETE an order: to the bin, or for good. */
function standin_rest_delete_orders( $request ) {
	$order = wc_get_order( absint( $request['id'] ) );
	if ( ! $order ) {
		return standin_rest_gone( 'shop_order' );
	}
	$row = standin_rest_order( $order );
	$order->delete( wc_string_to_bool( $request['force'] ? $request['force'] : false ) );
	return standin_rest_one( $row );
}
