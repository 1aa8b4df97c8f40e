<?php
/**
 * What the shopper changes in a cart that was captured.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

/**
 * Looks at the cart once, when a request that changed it is over, and writes one row when its
 * contact is known. The sums are those that WooCommerce reckoned in the request.
 */
class Relance_Changes {

	const TELLS = array(
		'woocommerce_add_to_cart',
		'woocommerce_cart_item_removed',
		'woocommerce_cart_item_restored',
		'woocommerce_after_cart_item_quantity_update',
		'woocommerce_applied_coupon',
		'woocommerce_removed_coupon',
		'woocommerce_cart_emptied',
	);

	/**
	 * Whether the cart was changed in this request.
	 *
	 * @var bool
	 */
	private static $is_changed = false;

	/**
	 * Registers what tells of a changed cart.
	 */
	public static function hook() {
		foreach ( self::TELLS as $change ) {
			add_action( $change, array( __CLASS__, 'note_change' ), 90, 0 );
		}
	}

	/**
	 * The cart was changed: it is looked at once, when the request is over.
	 */
	public static function note_change() {
		if ( self::$is_changed || Relance_Restore::is_running() ) {
			return;
		}
		self::$is_changed = true;
		add_action( 'shutdown', array( __CLASS__, 'keep_change' ), 10 ); // Before WooCommerce writes the session, at 20.
	}

	/**
	 * Writes the changed cart, when its contact is known.
	 */
	public static function keep_change() {
		self::$is_changed = false;

		$key = Relance_Cart::peek_key();
		$row = null === $key ? null : Relance_Store::get( $key );
		if ( ! $row || ! $row['contact'] || $row['forget'] || ! Relance_Settings::is_active() || Relance_Cart::is_renewal() ) {
			return;
		}
		if ( Relance_Typed::is_refused( $row ) ) { // The "no thanks" that set the cookie got lost on its way.
			if ( Relance_Store::forget( $key ) ) {
				Relance_Cart::new_key();
			}
			return;
		}
		if ( $row['order_id'] && Relance_Cart::order_id() !== $row['order_id'] ) {
			Relance_Cart::new_key();
			return;
		}
		if ( Relance_Cart::is_empty() ) {
			$fields = array( 'deleted' => 1 );
		} else {
			$fields = array(
				'deleted'     => 0,
				'snapshot'    => Relance_Cart::snapshot(),
				'customer_id' => get_current_user_id(),
			);
		}
		if ( self::differs( $row, $fields ) ) {
			$fields['changed_at'] = Relance_Store::after( $row['changed_at'] );
			$fields['waiting']    = 1;
			Relance_Store::save( $key, $fields );
		}
	}

	/**
	 * Whether one of the fields has another value in the row.
	 *
	 * @param array $row    From Relance_Store::get().
	 * @param array $fields Columns and values.
	 * @return bool
	 */
	public static function differs( array $row, array $fields ) {
		foreach ( $fields as $name => $value ) {
			// Through JSON, as it was stored. Strictly: "0612" and "612" are two numbers.
			$stored = in_array( $name, Relance_Store::JSON, true ) ? json_decode( wp_json_encode( $value ), true ) : $value;
			if ( $row[ $name ] !== $stored ) {
				return true;
			}
		}
		return false;
	}
}
