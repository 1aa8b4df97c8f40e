<?php
/**
 * Finding and making orders; statuses; stock.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

/** Makes order objects. */
class WC_Order_Factory {

	/** @param mixed $id Which. */
	public static function get_order( $id = false ) {
		return wc_get_order( $id );
	}
}

/** All statuses in words. */
function wc_get_order_statuses() {
	return apply_filters( 'wc_order_statuses', array( 'wc-pending' => 'Pending payment', 'wc-processing' => 'Processing', 'wc-on-hold' => 'On hold', 'wc-completed' => 'Completed', 'wc-cancelled' => 'Cancelled', 'wc-refunded' => 'Refunded', 'wc-failed' => 'Failed', 'wc-checkout-draft' => 'Draft' ) );
}

/** Those that mean paid. */
function wc_get_is_paid_statuses() {
	return apply_filters( 'woocommerce_order_is_paid_statuses', array( 'processing', 'completed' ) );
}

/**
 * An order; false when there is none.
 *
 * @param mixed $order An id or an order.
 */
function wc_get_order( $order = false ) {
	if ( $order instanceof WC_Order ) {
		return $order;
	}
	try {
		return absint( is_object( $order ) ? 0 : $order ) ? new WC_Order( absint( $order ) ) : false;
	} catch ( Exception $error ) {
		return false;
	}
}

/**
 * An order by its key.
 *
 * @param string $key wc_order_….
 */
function wc_get_order_id_by_order_key( $key ) {
	foreach ( wc_get_orders( array( 'limit' => -1 ) ) as $order ) {
		if ( $order->get_order_key() === $key ) {
			return $order->get_id();
		}
	}
	return 0;
}

/**
 * A new order made by the shop's people or by a program.
 *
 * @param array $args status, customer_id, created_via, customer_note.
 */
function wc_create_order( $args = array() ) {
	$order = new WC_Order();
	foreach ( array( 'customer_id', 'created_via', 'customer_note' ) as $name ) {
		if ( isset( $args[ $name ] ) ) {
			$order->{'set_' . $name}( $args[ $name ] );
		}
	}
	$order->set_currency( get_woocommerce_currency() );
	if ( ! empty( $args['status'] ) ) {
		$order->set_status( $args['status'] );
	}
	$order->save();
	return $order;
}

/**
 * Orders, newest first.
 *
 * @param array $args limit, status, customer (id or e-mail), billing_email, meta_key, meta_value, meta_query, return, orderby, order.
 */
function wc_get_orders( $args = array() ) {
	global $wpdb;
	$args  = wp_parse_args( $args, array( 'limit' => 10, 'page' => 1, 'order' => 'DESC', 'return' => 'objects' ) );
	$where = array( '1 = 1' );
	if ( ! empty( $args['status'] ) && 'any' !== $args['status'] ) {
		$all     = array_map( function ( $one ) { return 'wc-' . ( 0 === strpos( $one, 'wc-' ) ? substr( $one, 3 ) : $one ); }, (array) $args['status'] );
		$where[] = 'status IN (' . implode( ', ', array_fill( 0, count( $all ), '%s' ) ) . ')';
		$where[ count( $where ) - 1 ] = $wpdb->prepare( end( $where ), $all ); // phpcs:ignore WordPress.DB
	} else {
		$where[] = "status <> 'wc-checkout-draft' AND status <> 'wc-trash'";
	}
	$customer = isset( $args['customer'] ) ? $args['customer'] : ( isset( $args['billing_email'] ) ? $args['billing_email'] : ( isset( $args['customer_id'] ) ? (int) $args['customer_id'] : null ) );
	if ( null !== $customer && '' !== $customer ) {
		$where[] = is_string( $customer ) && is_email( $customer ) ? $wpdb->prepare( 'billing_email = %s', $customer ) : $wpdb->prepare( 'customer_id = %d', $customer );
	}
	$metas = isset( $args['meta_query'] ) ? $args['meta_query'] : array(); // phpcs:ignore WordPress.DB.SlowDBQuery
	if ( isset( $args['meta_key'] ) ) {
		$metas[] = array( 'key' => $args['meta_key'], 'value' => isset( $args['meta_value'] ) ? $args['meta_value'] : null );
	}
	foreach ( $metas as $meta ) {
		$one     = $wpdb->prepare( 'meta_key = %s', $meta['key'] ) . ( isset( $meta['value'] ) ? $wpdb->prepare( ' AND meta_value = %s', $meta['value'] ) : '' );
		$where[] = "id IN (SELECT order_id FROM {$wpdb->prefix}wc_orders_meta WHERE $one)";
	}
	$order  = 'ASC' === strtoupper( $args['order'] ) ? 'ASC' : 'DESC';
	$limit  = (int) $args['limit'] > 0 ? ' LIMIT ' . (int) $args['limit'] . ' OFFSET ' . (int) $args['limit'] * ( max( 1, (int) $args['page'] ) - 1 ) : '';
	$found  = $wpdb->get_col( "SELECT id FROM {$wpdb->prefix}wc_orders WHERE " . implode( ' AND ', $where ) . " ORDER BY id $order$limit" ); // phpcs:ignore WordPress.DB
	return 'ids' === $args['return'] ? array_map( 'intval', $found ) : array_map( 'wc_get_order', $found );
}

/**
 * Take the pieces off the shelf, once.
 *
 * @param int|WC_Order $order Which.
 */
function wc_reduce_stock_levels( $order ) {
	$order = wc_get_order( $order );
	if ( ! $order || $order->get_stock_reduced() ) {
		return;
	}
	foreach ( $order->get_items() as $item ) {
		$product = $item->get_product();
		if ( $product && $product->managing_stock() ) {
			$product->set_stock_quantity( $product->get_stock_quantity() - $item->get_quantity() );
			$product->save();
			$item->add_meta_data( '_reduced_stock', (string) $item->get_quantity() );
		}
	}
	$order->set_stock_reduced( true );
	$order->save();
	do_action( 'woocommerce_reduce_order_stock', $order );
}

add_action( 'woocommerce_order_status_changed', 'standin_count_coupons', 10, 4 );

/** A coupon counts as used once the order is more than a draft. */
function standin_count_coupons( $id, $from, $to, $order ) {
	if ( $order->get_meta( '_recorded_coupon_usage_counts' ) || ! in_array( $to, array( 'processing', 'on-hold', 'completed' ), true ) ) {
		return;
	}
	$order->update_meta_data( '_recorded_coupon_usage_counts', 'yes' );
	$order->save_meta_data();
	foreach ( $order->get_coupon_codes() as $code ) {
		$coupon = new WC_Coupon( $code );
		$coupon->increase_usage_count( $order->get_user_id() ? (string) $order->get_user_id() : strtolower( $order->get_billing_email() ) );
	}
}
