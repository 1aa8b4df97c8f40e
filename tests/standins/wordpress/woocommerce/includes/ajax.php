<?php
/**
 * `?wc-ajax=…`: answered at template_redirect, before any page.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

/** The calls of the shop's own scripts, and of whoever hooks on. */
class WC_AJAX {

	/** Register. */
	public static function init() {
		add_action( 'init', array( __CLASS__, 'define_ajax' ), 0 );
		add_action( 'template_redirect', array( __CLASS__, 'do_wc_ajax' ), 0 );
		foreach ( array( 'add_to_cart', 'apply_coupon', 'remove_coupon', 'update_order_review', 'checkout', 'get_refreshed_fragments', 'remove_from_cart' ) as $event ) {
			add_action( 'wc_ajax_' . $event, array( __CLASS__, $event ) );
		}
	}

	/** @param string $request The address for one call. */
	public static function get_endpoint( $request = '' ) {
		$at = remove_query_arg( array( 'remove_item', 'add-to-cart', 'added-to-cart', 'order_again', '_wpnonce' ), home_url( '/', 'relative' ) );
		return esc_url_raw( apply_filters( 'woocommerce_ajax_get_endpoint', add_query_arg( 'wc-ajax', $request, $at ), $request ) );
	}

	/** This is Ajax. */
	public static function define_ajax() {
		if ( ! empty( $_GET['wc-ajax'] ) ) { // phpcs:ignore WordPress.Security.NonceVerification
			wc_maybe_define_constant( 'DOING_AJAX', true );
			wc_maybe_define_constant( 'WC_DOING_AJAX', true );
			$GLOBALS['wpdb']->hide_errors();
		}
	}

	/** Answer it. */
	public static function do_wc_ajax() {
		global $wp_query;
		// phpcs:disable WordPress.Security.NonceVerification
		$action = ! empty( $_GET['wc-ajax'] ) ? sanitize_text_field( wp_unslash( $_GET['wc-ajax'] ) ) : '';
		// phpcs:enable
		if ( ! $action ) {
			return;
		}
		$wp_query->set( 'wc-ajax', $action );
		if ( ! headers_sent() ) {
			send_origin_headers();
			send_nosniff_header();
			wc_nocache_headers();
			header( 'Content-Type: text/html; charset=' . get_option( 'blog_charset' ) );
			header( 'X-Robots-Tag: noindex' );
			status_header( 200 );
		}
		do_action( 'wc_ajax_' . sanitize_text_field( $action ) );
		wp_die();
	}

	/** The small cart of the header. */
	public static function get_refreshed_fragments() {
		wp_send_json( array( 'fragments' => apply_filters( 'woocommerce_add_to_cart_fragments', array() ), 'cart_hash' => WC()->cart->get_cart_hash() ) );
	}

	/** From a list of products. */
	public static function add_to_cart() {
		// phpcs:disable WordPress.Security.NonceVerification
		if ( ! isset( $_POST['product_id'] ) ) {
			return;
		}
		$id       = absint( $_POST['product_id'] );
		$quantity = empty( $_POST['quantity'] ) ? 1 : wc_stock_amount( wp_unslash( $_POST['quantity'] ) ); // phpcs:ignore
		// phpcs:enable
		$product = wc_get_product( $id );
		$passes  = apply_filters( 'woocommerce_add_to_cart_validation', true, $id, $quantity );
		if ( $passes && $product && false !== WC()->cart->add_to_cart( $id, $quantity ) ) {
			do_action( 'woocommerce_ajax_added_to_cart', $id );
			self::get_refreshed_fragments();
		}
		wp_send_json( array( 'error' => true, 'product_url' => get_permalink( $id ) ) );
	}

	/** Out of the small cart. */
	public static function remove_from_cart() {
		WC()->cart->remove_cart_item( wc_clean( wp_unslash( $_POST['cart_item_key'] ) ) ); // phpcs:ignore
		self::get_refreshed_fragments();
	}

	/** A code was typed. */
	public static function apply_coupon() {
		check_ajax_referer( 'apply-coupon', 'security' );
		if ( ! empty( $_POST['billing_email'] ) ) {
			WC()->customer->set_billing_email( wc_clean( wp_unslash( $_POST['billing_email'] ) ) );
		}
		WC()->cart->apply_coupon( wc_format_coupon_code( wp_unslash( isset( $_POST['coupon_code'] ) ? $_POST['coupon_code'] : '' ) ) ); // phpcs:ignore
		wc_print_notices();
		wp_die();
	}

	/** A code was taken off. */
	public static function remove_coupon() {
		check_ajax_referer( 'remove-coupon', 'security' );
		WC()->cart->remove_coupon( wc_format_coupon_code( wp_unslash( isset( $_POST['coupon'] ) ? $_POST['coupon'] : '' ) ) ); // phpcs:ignore
		wc_add_notice( 'Coupon has been removed.' );
		wc_print_notices();
		wp_die();
	}

	/** The classic checkout's sums, after a change of address, shipping or payment. */
	public static function update_order_review() {
		check_ajax_referer( 'update-order-review', 'security' );
		wc_maybe_define_constant( 'WOOCOMMERCE_CHECKOUT', true );
		if ( WC()->cart->is_empty() ) {
			wp_send_json( array( 'redirect' => false, 'fragments' => array( 'form.woocommerce-checkout' => '<div class="woocommerce-error">Sorry, your session has expired. <a href="' . esc_url( wc_get_page_permalink( 'shop' ) ) . '" class="wc-backward">Return to shop</a></div>' ) ) );
		}
		do_action( 'woocommerce_checkout_update_order_review', isset( $_POST['post_data'] ) ? wp_unslash( $_POST['post_data'] ) : '' ); // phpcs:ignore
		$chosen = (array) WC()->session->get( 'chosen_shipping_methods' );
		foreach ( isset( $_POST['shipping_method'] ) ? wc_clean( wp_unslash( $_POST['shipping_method'] ) ) : array() as $i => $value ) {
			$chosen[ $i ] = $value;
		}
		WC()->session->set( 'chosen_shipping_methods', $chosen );
		WC()->session->set( 'chosen_payment_method', empty( $_POST['payment_method'] ) ? '' : wc_clean( wp_unslash( $_POST['payment_method'] ) ) );
		foreach ( array( 'country' => 'country', 'state' => 'state', 'postcode' => 'postcode', 'city' => 'city', 'address' => 'address_1', 'address_2' => 'address_2' ) as $posted => $name ) {
			foreach ( array( 'billing_' => '', 'shipping_' => 's_' ) as $of => $prefix ) {
				if ( isset( $_POST[ $prefix . $posted ] ) ) {
					WC()->customer->{'set_' . $of . $name}( wc_clean( wp_unslash( $_POST[ $prefix . $posted ] ) ) );
				}
			}
		}
		WC()->customer->set_calculated_shipping( true );
		WC()->customer->save();
		WC()->cart->calculate_totals();
		unset( WC()->session->refresh_totals );
		$messages = wc_print_notices( true );
		wp_send_json( array( 'result' => empty( $messages ) ? 'success' : 'failure', 'messages' => $messages, 'reload' => false, 'fragments' => apply_filters( 'woocommerce_update_order_review_fragments', array( '.woocommerce-checkout-review-order-table' => standin_review_table(), '.woocommerce-checkout-payment' => standin_payment_box() ) ) ) );
	}

	/** Place order. */
	public static function checkout() {
		wc_maybe_define_constant( 'WOOCOMMERCE_CHECKOUT', true );
		WC()->checkout()->process_checkout();
		wp_die( 0 );
	}
}

WC_AJAX::init();
