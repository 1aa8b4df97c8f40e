<?php
/**
 * Which line an "add to cart" makes, and which lines can stay.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

/** Load session and cart where WordPress did not, such as in REST and cron. */
function wc_load_cart() {
	if ( ! did_action( 'before_woocommerce_init' ) || doing_action( 'before_woocommerce_init' ) ) {
		wc_doing_it_wrong( __FUNCTION__, 'wc_load_cart should not be called before the woocommerce_init action.', '3.7' );
		return;
	}
	WC()->initialize_session();
	WC()->initialize_cart();
}

/** Empty it, and the coupons. */
function wc_empty_cart() {
	if ( ! isset( WC()->cart ) || ! WC()->cart ) {
		WC()->cart = new WC_Cart();
	}
	WC()->cart->empty_cart( false );
}

/**
 * Key, line and the plugins' own values of what is to be put in.
 *
 * @throws Exception With the words for the shopper.
 */
function standin_wanted_line( $cart, $product_id, $quantity, $variation_id, $variation, $more ) {
	if ( 'product_variation' === get_post_type( $product_id ) ) {
		$variation_id = $product_id;
		$product_id   = wp_get_post_parent_id( $variation_id );
	}
	$product  = wc_get_product( $variation_id ? $variation_id : $product_id );
	$quantity = apply_filters( 'woocommerce_add_to_cart_quantity', $quantity, $product_id );
	if ( $quantity <= 0 || ! $product || 'trash' === $product->get_status() ) {
		return null;
	}
	if ( $product->is_type( array( 'variable', 'variation' ) ) ) {
		list( $variation_id, $variation ) = standin_chosen_variation( $product_id, $variation_id, (array) $variation );
		$product                          = wc_get_product( $variation_id );
	}
	if ( $variation_id && ( ! $product instanceof WC_Product_Variation || (int) $product->get_parent_id() !== $product_id ) ) {
		throw new Exception( 'The selected product is invalid.' );
	}
	$more = (array) apply_filters( 'woocommerce_add_cart_item_data', $more, $product_id, $variation_id, $quantity );
	$key  = $cart->generate_cart_id( $product_id, $variation_id, $variation, $more );
	if ( $product->is_sold_individually() ) {
		$quantity = apply_filters( 'woocommerce_add_to_cart_sold_individually_quantity', 1, $quantity, $product_id, $variation_id, $more );
		if ( $cart->find_product_in_cart( $key ) ) {
			throw new Exception( sprintf( 'You cannot add another "%s" to your cart.', esc_html( $product->get_name() ) ) );
		}
	}
	standin_refuse_what_cannot_be_had( $cart, $product, $quantity );
	$line = array( 'key' => $key, 'product_id' => $product_id, 'variation_id' => $variation_id, 'variation' => $variation, 'quantity' => $quantity, 'data' => $product, 'data_hash' => wc_get_cart_item_data_hash( $product ) );
	return array( $key, $line, $more );
}

/** The variation and its values. Throws what the shopper must be told. */
function standin_chosen_variation( $product_id, $variation_id, $posted ) {
	$parent = wc_get_product( $product_id );
	if ( ! $parent instanceof WC_Product_Variable ) {
		throw new Exception( 'The selected product is invalid.' );
	}
	$variation_id = $variation_id ? $variation_id : standin_matching_variation( $parent, $posted );
	if ( ! $variation_id ) {
		throw new Exception( 'Please choose product options&hellip;' );
	}
	$fixed  = wc_get_product_variation_attributes( $variation_id );
	$chosen = array();
	foreach ( $parent->get_attributes() as $attribute ) {
		$key   = 'attribute_' . sanitize_title( $attribute->get_name() );
		$must  = isset( $fixed[ $key ] ) ? $fixed[ $key ] : '';
		$value = isset( $posted[ $key ] ) && '' !== $posted[ $key ] ? html_entity_decode( wc_clean( wp_unslash( $posted[ $key ] ) ), ENT_QUOTES, 'UTF-8' ) : $must;
		if ( '' === $value ) {
			throw new Exception( wc_attribute_label( $attribute->get_name() ) . ' is a required field' );
		}
		if ( $must !== $value && ! ( '' === $must && in_array( $value, $attribute->get_slugs(), true ) ) ) {
			throw new Exception( 'Invalid value posted for ' . wc_attribute_label( $attribute->get_name() ) );
		}
		$chosen[ $key ] = $value;
	}
	return array( $variation_id, $chosen );
}

/** Not for sale, sold out, too few. */
function standin_refuse_what_cannot_be_had( $cart, $product, $quantity ) {
	$name = esc_html( $product->get_name() );
	if ( ! $product->is_purchasable() ) {
		throw new Exception( 'Sorry, this product cannot be purchased.' );
	}
	if ( ! $product->is_in_stock() ) {
		throw new Exception( "You cannot add &quot;$name&quot; to the cart because the product is out of stock." );
	}
	$left = $product->get_stock_quantity();
	if ( ! $product->has_enough_stock( $quantity ) ) {
		throw new Exception( "You cannot add that amount of &quot;$name&quot; to the cart because there is not enough stock ($left remaining)." );
	}
	$have = $cart->get_cart_item_quantities();
	$have = isset( $have[ $product->get_stock_managed_by_id() ] ) ? $have[ $product->get_stock_managed_by_id() ] : 0;
	if ( $product->managing_stock() && ! $product->has_enough_stock( $have + $quantity ) ) {
		throw new Exception( "You cannot add that amount to the cart &mdash; we have $left in stock and you already have $have in your cart." );
	}
}

/** Whether every line can be ordered; lines that are gone are taken out with a word. */
function standin_check_lines( $cart ) {
	$good = true;
	foreach ( $cart->get_cart() as $key => $line ) {
		$product = $line['data'];
		if ( ! $product || ! $product->exists() || 'trash' === $product->get_status() ) {
			$cart->set_quantity( $key, 0 );
			wc_add_notice( 'An item which is no longer available was removed from your cart.', 'error' );
			$good = false;
		}
	}
	$wanted = $cart->get_cart_item_quantities();
	foreach ( $cart->get_cart() as $line ) {
		$product = $line['data'];
		$name    = esc_html( $product->get_name() );
		if ( ! $product->is_in_stock() ) {
			wc_add_notice( "Sorry, \"$name\" is not in stock. Please edit your cart and try again. We apologize for any inconvenience caused.", 'error' );
			$good = false;
		} elseif ( ! $product->has_enough_stock( $wanted[ $product->get_stock_managed_by_id() ] ) ) {
			$left = $product->get_stock_quantity();
			wc_add_notice( "Sorry, we do not have enough \"$name\" in stock to fulfill your order ($left available). We apologize for any inconvenience caused.", 'error' );
			$good = false;
		}
	}
	foreach ( $cart->get_applied_coupons() as $code ) {
		$coupon = new WC_Coupon( $code );
		if ( ! $coupon->is_valid() ) {
			wc_add_notice( $coupon->get_error_message(), 'error' );
			$cart->remove_coupon( $code );
			$good = false;
		}
	}
	return $good;
}

/** Pieces that unpaid orders hold; none are held here. */
function wc_get_held_stock_quantity( $product, $exclude_order_id = 0 ) {
	return 0;
}

/**
 * Values of a line in words.
 *
 * @param array $line A line.
 * @param bool  $flat As text.
 */
function wc_get_formatted_cart_item_data( $line, $flat = false ) {
	$said = array();
	foreach ( (array) $line['variation'] as $key => $value ) {
		$said[] = wc_attribute_label( str_replace( 'attribute_', '', $key ), $line['data'] ) . ': ' . $value;
	}
	foreach ( apply_filters( 'woocommerce_get_item_data', array(), $line ) as $more ) {
		$said[] = $more['key'] . ': ' . ( isset( $more['display'] ) ? $more['display'] : $more['value'] );
	}
	return $flat ? implode( "\n", $said ) : '<dl class="variation">' . implode( '', array_map( function ( $one ) { return '<dd>' . esc_html( $one ) . '</dd>'; }, $said ) ) . '</dl>';
}
