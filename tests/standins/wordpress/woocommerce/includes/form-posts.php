<?php
/**
 * What links and forms without scripts do: add to cart, change the cart, place the order, pay.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

add_action( 'wp_loaded', 'standin_add_to_cart_action', 20 );
add_action( 'wp_loaded', 'standin_update_cart_action', 20 );
add_action( 'wp_loaded', 'standin_checkout_action', 20 );
add_action( 'template_redirect', 'standin_checkout_page_rules' );

// phpcs:disable WordPress.Security.NonceVerification, WordPress.Security.ValidatedSanitizedInput

/** `?add-to-cart=13&quantity=2`, with `variation_id` and `attribute_…` for a variable product. */
function standin_add_to_cart_action() {
	if ( ! isset( $_REQUEST['add-to-cart'] ) || ! is_numeric( wp_unslash( $_REQUEST['add-to-cart'] ) ) || ! WC()->cart ) {
		return;
	}
	wc_nocache_headers();
	$id           = apply_filters( 'woocommerce_add_to_cart_product_id', absint( wp_unslash( $_REQUEST['add-to-cart'] ) ) );
	$quantity     = empty( $_REQUEST['quantity'] ) ? 1 : wc_stock_amount( wp_unslash( $_REQUEST['quantity'] ) );
	$variation_id = empty( $_REQUEST['variation_id'] ) ? 0 : absint( wp_unslash( $_REQUEST['variation_id'] ) );
	$variation    = array();
	foreach ( $_REQUEST as $key => $value ) {
		if ( 0 === strpos( $key, 'attribute_' ) ) {
			$variation[ sanitize_title( wp_unslash( $key ) ) ] = wp_unslash( $value );
		}
	}
	$passes = apply_filters( 'woocommerce_add_to_cart_validation', true, $id, $quantity, $variation_id, $variation );
	if ( $passes && false !== WC()->cart->add_to_cart( $id, $quantity, $variation_id, $variation ) ) {
		wc_add_notice( '&ldquo;' . esc_html( get_the_title( $id ) ) . '&rdquo; has been added to your cart. <a href="' . esc_url( wc_get_cart_url() ) . '" class="button wc-forward">View cart</a>' );
		$url = apply_filters( 'woocommerce_add_to_cart_redirect', '', wc_get_product( $id ) );
		if ( $url ) {
			wp_safe_redirect( $url );
			exit;
		}
	}
}

/** The cart page: other quantities, a line out, a line back, a coupon. */
function standin_update_cart_action() {
	if ( ! WC()->cart || ! ( isset( $_REQUEST['remove_item'] ) || isset( $_REQUEST['undo_item'] ) || ! empty( $_REQUEST['update_cart'] ) || isset( $_GET['remove_coupon'] ) || ! empty( $_POST['apply_coupon'] ) ) ) {
		return;
	}
	wc_nocache_headers();
	$nonce = isset( $_REQUEST['woocommerce-cart-nonce'] ) ? wp_unslash( $_REQUEST['woocommerce-cart-nonce'] ) : ( isset( $_REQUEST['_wpnonce'] ) ? wp_unslash( $_REQUEST['_wpnonce'] ) : '' );
	if ( ! empty( $_POST['apply_coupon'] ) && ! empty( $_POST['coupon_code'] ) ) {
		WC()->cart->apply_coupon( wc_format_coupon_code( wp_unslash( $_POST['coupon_code'] ) ) );
	} elseif ( isset( $_GET['remove_coupon'] ) ) {
		WC()->cart->remove_coupon( wc_format_coupon_code( wp_unslash( $_GET['remove_coupon'] ) ) );
	} elseif ( ! wp_verify_nonce( $nonce, 'woocommerce-cart' ) ) {
		return;
	} elseif ( isset( $_GET['remove_item'] ) ) {
		WC()->cart->remove_cart_item( sanitize_text_field( wp_unslash( $_GET['remove_item'] ) ) );
	} elseif ( isset( $_GET['undo_item'] ) ) {
		WC()->cart->restore_cart_item( sanitize_text_field( wp_unslash( $_GET['undo_item'] ) ) );
	}
	if ( ! empty( $_POST['update_cart'] ) && wp_verify_nonce( $nonce, 'woocommerce-cart' ) ) {
		foreach ( isset( $_POST['cart'] ) ? (array) wp_unslash( $_POST['cart'] ) : array() as $key => $row ) {
			if ( WC()->cart->get_cart_item( $key ) && isset( $row['qty'] ) ) {
				WC()->cart->set_quantity( $key, wc_stock_amount( $row['qty'] ), false );
			}
		}
		WC()->cart->calculate_totals();
		wc_add_notice( 'Cart updated.' );
	}
	wp_safe_redirect( wc_get_cart_url() );
	exit;
}

/** Place order, without scripts. */
function standin_checkout_action() {
	if ( isset( $_POST['woocommerce_checkout_place_order'] ) || isset( $_POST['woocommerce_checkout_update_totals'] ) ) {
		wc_nocache_headers();
		if ( WC()->cart->is_empty() ) {
			wp_safe_redirect( wc_get_cart_url() );
			exit;
		}
		wc_maybe_define_constant( 'WOOCOMMERCE_CHECKOUT', true );
		WC()->checkout()->process_checkout();
	}
	if ( isset( $_POST['woocommerce_pay'], $_GET['key'] ) ) {
		standin_pay_order();
	}
}

/** Pay an order that waits. */
function standin_pay_order() {
	$order  = wc_get_order( absint( isset( $_POST['order_id'] ) ? $_POST['order_id'] : 0 ) );
	$known  = WC()->payment_gateways()->get_available_payment_gateways();
	$method = isset( $_POST['payment_method'] ) ? wc_clean( wp_unslash( $_POST['payment_method'] ) ) : '';
	if ( ! $order || ! $order->key_is_valid( wp_unslash( $_GET['key'] ) ) || ! $order->needs_payment() || ! isset( $known[ $method ] ) ) {
		wc_add_notice( 'Invalid payment method.', 'error' );
		return;
	}
	$order->set_payment_method( $known[ $method ] );
	$order->save();
	try {
		$result = $known[ $method ]->process_payment( $order->get_id() );
	} catch ( Exception $error ) {
		wc_add_notice( $error->getMessage(), 'error' );
		return;
	}
	wp_redirect( $result['redirect'] ); // phpcs:ignore WordPress.Security.SafeRedirect
	exit;
}

/** Pages that must not be cached, an empty checkout that leads to the cart, links with a session. */
function standin_checkout_page_rules() {
	if ( is_cart() || is_checkout() || is_account_page() ) {
		wc_nocache_headers();
	}
	if ( is_page( wc_get_page_id( 'checkout' ) ) && ! is_wc_endpoint_url() && WC()->cart->is_empty() && ! isset( $_GET['session'] ) && apply_filters( 'woocommerce_checkout_redirect_empty_cart', true ) && ! is_customize_preview() ) {
		wc_add_notice( 'Checkout is not available whilst your cart is empty.', 'notice' );
		wp_safe_redirect( wc_get_cart_url() );
		exit;
	}
}
// phpcs:enable
