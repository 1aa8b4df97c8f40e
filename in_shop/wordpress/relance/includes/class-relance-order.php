<?php
/**
 * The order that a cart became.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

/**
 * An order made at the checkout names its cart, so that it closes it whatever e-mail or
 * phone is in it. Orders made by hand, over REST or by a renewal name none.
 */
class Relance_Order {

	const CART   = '_relance_cart';
	const LOCALE = '_relance_locale';

	/**
	 * Registers for both checkouts, and keeps our notes out of subscriptions.
	 */
	public static function hook() {
		add_action( 'woocommerce_checkout_create_order', array( __CLASS__, 'name_cart' ), 20 );
		add_action( 'woocommerce_store_api_checkout_update_order_meta', array( __CLASS__, 'name_cart_and_save' ), 20 );
		add_action( 'woocommerce_checkout_order_processed', array( __CLASS__, 'end_cart' ), 20 );
		add_action( 'woocommerce_store_api_checkout_order_processed', array( __CLASS__, 'end_cart' ), 20 );
		add_action( 'woocommerce_cart_emptied', array( __CLASS__, 'begin_anew' ), 20, 0 );
		add_action( 'woocommerce_thankyou', array( __CLASS__, 'begin_anew_after' ), 20 );
		add_filter( 'wc_subscriptions_object_data', array( __CLASS__, 'leave_out' ) );
		add_action( 'init', array( __CLASS__, 'hook_into_old_subscriptions' ), 20 );
	}

	/**
	 * Writes the cart's key and the shopper's language into an order that is saved later.
	 *
	 * @param WC_Order $order The order in the making.
	 * @return bool Whether something new was written.
	 */
	public static function name_cart( $order ) {
		if ( ! $order instanceof WC_Order || 'shop_order' !== $order->get_type() || Relance_Cart::is_renewal() ) {
			return false;
		}
		$key = Relance_Settings::is_active() ? Relance_Cart::key() : Relance_Cart::peek_key();
		if ( null === $key || $order->get_meta( self::CART ) === $key ) {
			return false;
		}
		$order->update_meta_data( self::CART, $key );
		$order->update_meta_data( self::LOCALE, self::locale( $key ) );
		return true;
	}

	/**
	 * The same for the block checkout, where the order is saved already. Until WooCommerce 10.8
	 * it is made as a draft when the checkout opens, and this runs at each change.
	 *
	 * @param WC_Order $order The order.
	 */
	public static function name_cart_and_save( $order ) {
		if ( self::name_cart( $order ) ) {
			$order->save();
		}
	}

	/**
	 * The order is placed, paid or not: the cart is told so.
	 *
	 * Only the order that this cart was made into: the block checkout fires the same hook when
	 * somebody pays an order of the shop's staff, with a cart of their own still open.
	 *
	 * @param int|WC_Order $order The order (block checkout), or its id (classic).
	 */
	public static function end_cart( $order ) {
		$order = $order instanceof WC_Order ? $order : wc_get_order( $order );
		if ( ! $order instanceof WC_Order || 'shop_order' !== $order->get_type() || Relance_Cart::is_renewal() ) {
			return;
		}
		$key = Relance_Cart::peek_key();
		if ( null === $key || $order->get_meta( self::CART ) !== $key ) {
			return;
		}
		Relance_Cart::note_order( $order->get_id() );
		$row = Relance_Store::get( $key );
		if ( $row && ! $row['forget'] && Relance_Link::is_paired() ) {
			Relance_Store::save(
				$key,
				array(
					'order_id'   => $order->get_id(),
					'deleted'    => 0,
					'changed_at' => Relance_Store::after( $row['changed_at'] ),
					'waiting'    => 1,
				)
			);
		}
	}

	/**
	 * The cart is empty: after an order, what comes next is another cart. A shopper who empties
	 * it by hand goes on with the same one.
	 */
	public static function begin_anew() {
		if ( Relance_Cart::order_id() ) {
			Relance_Cart::drop_key();
		}
	}

	/**
	 * The same on the page of a placed order. WooCommerce writes a session whole: a request of
	 * the checkout that ends after the order was made brings the key back, without the note that
	 * it became an order.
	 *
	 * @param mixed $order_id The order.
	 */
	public static function begin_anew_after( $order_id ) {
		$order = wc_get_order( absint( $order_id ) );
		if ( ! $order instanceof WC_Order || $order->has_status( array( 'failed', 'pending', 'cancelled', 'checkout-draft' ) ) ) {
			return; // Not placed: the same cart goes on.
		}
		$key = Relance_Cart::peek_key();
		if ( null !== $key && $order->get_meta( self::CART ) === $key ) {
			Relance_Cart::drop_key();
		}
	}

	/**
	 * Leaves our notes out of what is copied between an order, its subscription and renewals.
	 *
	 * @param mixed $data Meta keys and their values.
	 * @return mixed
	 */
	public static function leave_out( $data ) {
		if ( is_array( $data ) ) {
			unset( $data[ self::CART ], $data[ self::LOCALE ] );
		}
		return $data;
	}

	/**
	 * The same for WooCommerce Subscriptions before 4.5, which hands out rows; a newer one takes
	 * these filters for outdated.
	 */
	public static function hook_into_old_subscriptions() {
		if ( ! class_exists( 'WC_Subscriptions' ) || class_exists( 'WC_Subscriptions_Data_Copier' ) ) {
			return;
		}
		foreach ( array( 'subscription', 'parent', 'renewal_order', 'resubscribe_order' ) as $type ) {
			add_filter( 'wcs_' . $type . '_meta', array( __CLASS__, 'leave_out_rows' ) );
		}
	}

	/**
	 * Leaves our notes out of rows of meta data.
	 *
	 * @param mixed $rows Each with meta_key and meta_value.
	 * @return mixed
	 */
	public static function leave_out_rows( $rows ) {
		return is_array( $rows ) ? array_filter( $rows, array( __CLASS__, 'is_not_ours' ) ) : $rows;
	}

	/**
	 * Whether a row of meta data is somebody else's.
	 *
	 * @param mixed $row The row.
	 * @return bool
	 */
	private static function is_not_ours( $row ) {
		return ! is_array( $row ) || ! isset( $row['meta_key'] ) || ! in_array( $row['meta_key'], array( self::CART, self::LOCALE ), true );
	}

	/**
	 * The language the shopper saw: the one the cart was captured in, else that of this request.
	 *
	 * @param string $key The cart's key.
	 * @return string "de_DE".
	 */
	private static function locale( $key ) {
		$row = Relance_Store::get( $key );
		return $row && ! empty( $row['snapshot']['locale'] ) ? $row['snapshot']['locale'] : determine_locale();
	}
}
