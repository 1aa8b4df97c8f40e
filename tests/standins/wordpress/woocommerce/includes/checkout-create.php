<?php
/**
 * From cart to order: the same lines for the classic checkout and the Store API.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

/** What WC_Checkout does with orders. */
trait StandIn_Checkout_Order {

	/**
	 * Make the order, or take up the one that was not paid and has not changed.
	 *
	 * @param array $data What was posted.
	 */
	public function create_order( $data ) {
		$made = apply_filters( 'woocommerce_create_order', null, $this );
		if ( $made ) {
			return $made;
		}
		$order = null;
		try {
			$waiting = absint( WC()->session->get( 'order_awaiting_payment' ) );
			$hash    = WC()->cart->get_cart_hash();
			$order   = $waiting ? wc_get_order( $waiting ) : null;
			if ( $order && $order->has_cart_hash( $hash ) && $order->has_status( array( 'pending', 'failed' ) ) ) {
				do_action( 'woocommerce_resume_order', $waiting );
				$order->remove_order_items();
			} else {
				$order = new WC_Order();
			}
			foreach ( $data as $key => $value ) {
				if ( $order->standin_has( $key ) && 0 === preg_match( '/^(shipping_total|shipping_tax|payment_method)$/', $key ) ) {
					$order->{'set_' . $key}( $value );
				} elseif ( preg_match( '/^(billing|shipping)_/', $key ) && ! in_array( $key, array( 'shipping_method', 'shipping_total', 'shipping_tax', 'shipping_email' ), true ) ) {
					$order->update_meta_data( '_' . $key, $value );
				}
			}
			$known = WC()->payment_gateways()->get_available_payment_gateways();
			$order->set_created_via( 'checkout' );
			$order->set_cart_hash( $hash );
			$order->set_customer_id( apply_filters( 'woocommerce_checkout_customer_id', get_current_user_id() ) );
			$order->set_currency( get_woocommerce_currency() );
			$order->set_prices_include_tax( 'yes' === get_option( 'woocommerce_prices_include_tax' ) );
			$order->set_customer_ip_address( WC_Geolocation::get_ip_address() );
			$order->set_customer_user_agent( wc_get_user_agent() );
			$order->set_customer_note( isset( $data['order_comments'] ) ? $data['order_comments'] : '' );
			$order->set_payment_method( isset( $known[ $data['payment_method'] ] ) ? $known[ $data['payment_method'] ] : $data['payment_method'] );
			$this->set_data_from_cart( $order );
			do_action( 'woocommerce_checkout_create_order', $order, $data );
			$id = $order->save();
			do_action( 'woocommerce_checkout_update_order_meta', $id, $data );
			do_action( 'woocommerce_checkout_order_created', $order );
			return $id;
		} catch ( Exception $error ) {
			if ( $order ) {
				do_action( 'woocommerce_checkout_order_exception', $order );
			}
			return new WP_Error( 'checkout-error', $error->getMessage() );
		}
	}

	/** @param WC_Order $order Gets the cart's lines and sums. */
	public function set_data_from_cart( &$order ) {
		$cart = WC()->cart;
		$dp   = wc_get_price_decimals();
		$order->add_meta_data( 'is_vat_exempt', 'no', true );
		foreach ( array( 'shipping_total', 'shipping_tax', 'discount_total', 'discount_tax', 'total_tax' ) as $name ) {
			$order->{'set_' . $name}( wc_format_decimal( $cart->get_totals_var( $name ), $dp ) );
		}
		$order->set_cart_tax( wc_format_decimal( $cart->get_totals_var( 'cart_contents_tax' ), $dp ) );
		$order->set_total( $cart->get_total( 'edit' ) );
		$this->create_order_line_items( $order, $cart );
		foreach ( $cart->get_fees() as $fee ) {
			$order->add_item( new WC_Order_Item_Fee( array( 'name' => $fee->name, 'total' => wc_format_decimal( $fee->amount, $dp ) ) ) );
		}
		$this->create_order_shipping_lines( $order );
		foreach ( $cart->get_coupons() as $code => $coupon ) {
			$item = new WC_Order_Item_Coupon( array( 'name' => $code, 'code' => $code, 'discount' => wc_format_decimal( $cart->get_coupon_discount_amount( $code ), $dp ) ) );
			do_action( 'woocommerce_checkout_create_order_coupon_item', $item, $code, $coupon, $order );
			$order->add_item( $item );
		}
	}

	/** @param WC_Order $order Gets lines. @param WC_Cart $cart Has them. */
	public function create_order_line_items( &$order, $cart ) {
		foreach ( $cart->get_cart() as $key => $line ) {
			$product                    = $line['data'];
			$item                       = apply_filters( 'woocommerce_checkout_create_order_line_item_object', new WC_Order_Item_Product(), $key, $line, $order );
			$item->legacy_values        = $line;
			$item->legacy_cart_item_key = $key;
			$item->set_props(
				array(
					'name'         => $product->get_name(),
					'product_id'   => $product->is_type( 'variation' ) ? (int) $product->get_parent_id() : $product->get_id(),
					'variation_id' => $product->is_type( 'variation' ) ? $product->get_id() : 0,
					'variation'    => $line['variation'],
					'quantity'     => $line['quantity'],
					'subtotal'     => wc_format_decimal( $line['line_subtotal'], wc_get_price_decimals() ),
					'subtotal_tax' => wc_format_decimal( $line['line_subtotal_tax'], wc_get_price_decimals() ),
					'total'        => wc_format_decimal( $line['line_total'], wc_get_price_decimals() ),
					'total_tax'    => wc_format_decimal( $line['line_tax'], wc_get_price_decimals() ),
					'taxes'        => $line['line_tax_data'],
				)
			);
			do_action( 'woocommerce_checkout_create_order_line_item', $item, $key, $line, $order );
			$order->add_item( $item );
		}
	}

	private function create_order_shipping_lines( &$order ) {
		$chosen = (array) WC()->session->get( 'chosen_shipping_methods' );
		foreach ( WC()->shipping()->get_packages() as $i => $package ) {
			if ( ! isset( $chosen[ $i ], $package['rates'][ $chosen[ $i ] ] ) ) {
				continue;
			}
			$rate = $package['rates'][ $chosen[ $i ] ];
			$item = new WC_Order_Item_Shipping( array( 'name' => $rate->get_label(), 'method_title' => $rate->get_label(), 'method_id' => $rate->get_method_id(), 'instance_id' => (string) $rate->get_instance_id(), 'total' => wc_format_decimal( $rate->get_cost(), 2 ), 'total_tax' => wc_format_decimal( (float) $rate->get_cost() * standin_tax_rate() / 100, 2 ) ) );
			$item->add_meta_data( 'Items', $rate->get_items() );
			do_action( 'woocommerce_checkout_create_order_shipping_item', $item, $i, $package, $order );
			$order->add_item( $item );
		}
	}
}
