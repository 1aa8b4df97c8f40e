<?php
/**
 * The cart's way into the session and back.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

/** Reads and writes a cart. */
final class WC_Cart_Session {

	/** @var WC_Cart */
	private $cart;

	/** @param WC_Cart $cart Which. */
	public function __construct( $cart ) {
		$this->cart = $cart;
	}

	/** The moments at which it is read and kept. */
	public function init() {
		if ( ! apply_filters( 'woocommerce_cart_session_initialize', true, $this ) ) {
			return;
		}
		add_action( 'wp_loaded', array( $this, 'get_cart_from_session' ) );
		add_action( 'woocommerce_cart_emptied', array( $this, 'destroy_cart_session' ) );
		add_action( 'woocommerce_after_calculate_totals', array( $this, 'set_session' ), 1000 );
		add_action( 'woocommerce_cart_loaded_from_session', array( $this, 'set_session' ) );
		add_action( 'woocommerce_removed_coupon', array( $this, 'set_session' ) );
		foreach ( array( 'woocommerce_add_to_cart', 'woocommerce_cart_item_removed', 'woocommerce_cart_item_restored', 'woocommerce_cart_item_set_quantity' ) as $change ) {
			add_action( $change, array( $this, 'persistent_cart_update' ) );
		}
		add_action( 'woocommerce_add_to_cart', array( $this, 'maybe_set_cart_cookies' ) );
		add_action( 'wp', array( $this, 'maybe_set_cart_cookies' ), 99 );
		add_action( 'shutdown', array( $this, 'maybe_set_cart_cookies' ), 0 );
	}

	/** Read it; what is not sold any more falls out. */
	public function get_cart_from_session() {
		do_action( 'woocommerce_load_cart_from_session' );
		$session = WC()->session;
		$this->cart->set_totals( $session->get( 'cart_totals', null ) );
		$this->cart->set_applied_coupons( $session->get( 'applied_coupons', array() ) );
		$this->cart->set_coupon_discount_totals( $session->get( 'coupon_discount_totals', array() ) );
		$this->cart->set_coupon_discount_tax_totals( $session->get( 'coupon_discount_tax_totals', array() ) );
		$this->cart->set_removed_cart_contents( $session->get( 'removed_cart_contents', array() ) );
		$kept  = $session->get( 'cart', null );
		$merge = get_current_user_id() && get_user_meta( get_current_user_id(), '_woocommerce_load_saved_cart_after_login', true );
		$anew  = false;
		if ( null === $kept || $merge ) {
			$kept = array_merge( $this->saved(), (array) $kept );
			$anew = true;
			delete_user_meta( get_current_user_id(), '_woocommerce_load_saved_cart_after_login' );
		}
		$lines = array();
		foreach ( $kept as $key => $values ) {
			$product = wc_get_product( $values['variation_id'] ? $values['variation_id'] : $values['product_id'] );
			if ( ! $product || ! $product->exists() || 0 >= $values['quantity'] ) {
				continue;
			}
			$anew = false;
			if ( $this->falls_out( $key, $values, $product ) ) {
				$anew = true;
				continue;
			}
			$lines[ $key ] = apply_filters( 'woocommerce_get_cart_item_from_session', array_merge( $values, array( 'data' => $product ) ), $values, $key );
			$this->cart->set_cart_contents( $lines );
		}
		if ( $lines ) {
			$this->cart->set_cart_contents( apply_filters( 'woocommerce_cart_contents_changed', $lines ) );
		}
		do_action( 'woocommerce_cart_loaded_from_session', $this->cart );
		if ( $anew || null === $session->get( 'cart_totals', null ) ) {
			$session->set( 'cart', $this->get_cart_for_session() );
			$this->cart->calculate_totals();
			if ( $merge ) {
				$this->persistent_cart_update();
			}
		}
	}

	private function falls_out( $key, $values, $product ) {
		if ( apply_filters( 'woocommerce_pre_remove_cart_item_from_session', false, $key, $values, $product ) ) {
			do_action( 'woocommerce_remove_cart_item_from_session', $key, $values, $product );
			return true;
		}
		$name = esc_html( $product->get_name() );
		if ( ! apply_filters( 'woocommerce_cart_item_is_purchasable', $product->is_purchasable(), $key, $values, $product ) ) {
			wc_add_notice( apply_filters( 'woocommerce_cart_item_removed_message', "$name has been removed from your cart because it can no longer be purchased. Please contact us if you need assistance.", $product ), 'error' );
			do_action( 'woocommerce_remove_cart_item_from_session', $key, $values, $product );
			return true;
		}
		if ( ! empty( $values['data_hash'] ) && ! hash_equals( $values['data_hash'], wc_get_cart_item_data_hash( $product ) ) ) {
			wc_add_notice( "$name has been removed from your cart because it has since been modified.", 'notice' );
			do_action( 'woocommerce_remove_cart_item_from_session', $key, $values, $product );
			return true;
		}
		return false;
	}

	/** Everything of it is forgotten. */
	public function destroy_cart_session() {
		foreach ( array( 'cart', 'cart_totals', 'applied_coupons', 'coupon_discount_totals', 'coupon_discount_tax_totals', 'removed_cart_contents', 'order_awaiting_payment' ) as $key ) {
			WC()->session->set( $key, null );
		}
	}

	/** Two cookies that caches look at, and the session's own. */
	public function maybe_set_cart_cookies() {
		if ( headers_sent() || ! did_action( 'wp_loaded' ) ) {
			return;
		}
		if ( ! $this->cart->is_empty() ) {
			$this->cookies( array( 'woocommerce_items_in_cart' => '1', 'woocommerce_cart_hash' => $this->cart->get_cart_hash() ) );
			do_action( 'woocommerce_set_cart_cookies', true );
		} elseif ( isset( $_COOKIE['woocommerce_items_in_cart'] ) ) {
			foreach ( array( 'woocommerce_items_in_cart', 'woocommerce_cart_hash' ) as $name ) {
				wc_setcookie( $name, 0, time() - HOUR_IN_SECONDS );
				unset( $_COOKIE[ $name ] );
			}
			do_action( 'woocommerce_set_cart_cookies', false );
		}
	}

	private function cookies( $wanted ) {
		foreach ( $wanted as $name => $value ) {
			if ( ! isset( $_COOKIE[ $name ] ) || $_COOKIE[ $name ] !== $value ) { // phpcs:ignore
				wc_setcookie( $name, $value );
				$_COOKIE[ $name ] = $value;
			}
		}
	}

	/** Keep it. */
	public function set_session() {
		$session = WC()->session;
		$session->set( 'cart', $this->get_cart_for_session() );
		$session->set( 'cart_totals', $this->cart->get_totals() );
		$session->set( 'applied_coupons', $this->cart->get_applied_coupons() );
		$session->set( 'coupon_discount_totals', $this->cart->get_coupon_discount_totals() );
		$session->set( 'coupon_discount_tax_totals', $this->cart->get_coupon_discount_tax_totals() );
		$session->set( 'removed_cart_contents', $this->cart->get_removed_cart_contents() );
		do_action( 'woocommerce_cart_updated' );
	}

	/** The lines without their products. */
	public function get_cart_for_session() {
		$lines = array();
		foreach ( $this->cart->get_cart() as $key => $line ) {
			unset( $line['data'] );
			$lines[ $key ] = $line;
		}
		return $lines;
	}

	/** An account keeps its cart. */
	public function persistent_cart_update() {
		if ( get_current_user_id() && apply_filters( 'woocommerce_persistent_cart_enabled', true ) ) {
			update_user_meta( get_current_user_id(), '_woocommerce_persistent_cart_' . get_current_blog_id(), array( 'cart' => $this->get_cart_for_session() ) );
		}
	}

	/** And forgets it. */
	public function persistent_cart_destroy() {
		if ( get_current_user_id() ) {
			delete_user_meta( get_current_user_id(), '_woocommerce_persistent_cart_' . get_current_blog_id() );
		}
	}

	private function saved() {
		$kept = get_current_user_id() ? get_user_meta( get_current_user_id(), '_woocommerce_persistent_cart_' . get_current_blog_id(), true ) : array();
		return isset( $kept['cart'] ) ? array_filter( (array) $kept['cart'] ) : array();
	}
}

add_action(
	'wp_login',
	function ( $login, $user ) {
		update_user_meta( $user->ID, '_woocommerce_load_saved_cart_after_login', 1 );
	},
	10,
	2
);
