<?php
/**
 * The codes of a saved cart.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

/**
 * Applies the codes of a saved cart and of its link, and says which are not accepted any more.
 *
 * A code for one e-mail address cannot be applied before that address is typed.
 * Such a code waits in the session and is applied as soon as it is.
 */
class Relance_Restore_Coupons {

	const WAITING = 'relance_waiting_coupon';

	/**
	 * The codes that were in the cart.
	 *
	 * @var string[]
	 */
	private $saved = array();

	/**
	 * The code that the link brings, or ''.
	 *
	 * @var string
	 */
	private $offered;

	/**
	 * What is to be said, one sentence each.
	 *
	 * @var string[]
	 */
	private $notes = array();

	/**
	 * The codes.
	 *
	 * @param array  $saved   As in the snapshot.
	 * @param string $offered As in the link, or ''.
	 */
	public function __construct( array $saved, $offered ) {
		foreach ( array_filter( $saved, 'is_string' ) as $code ) {
			$this->saved[] = wc_format_coupon_code( $code );
		}
		$this->offered = $offered;
	}

	/**
	 * Registers what applies a code that waits for an e-mail address.
	 */
	public static function hook() {
		add_action( 'woocommerce_store_api_cart_update_customer_from_request', array( __CLASS__, 'apply_waiting' ) );
		add_action( 'woocommerce_checkout_update_order_review', array( __CLASS__, 'read_typed_email' ) );
		add_action( 'woocommerce_cart_emptied', array( __CLASS__, 'forget_waiting' ), 10, 0 );
	}

	/**
	 * The cart is over: what waited for it waits no more.
	 */
	public static function forget_waiting() {
		if ( WC()->session && null !== WC()->session->get( self::WAITING ) ) {
			WC()->session->set( self::WAITING, null );
		}
	}

	/**
	 * What is to be said, one sentence each.
	 *
	 * @return string[]
	 */
	public function notes() {
		return $this->notes;
	}

	/**
	 * Applies the codes that are not applied yet. The link's comes last: it may be for itself alone.
	 *
	 * @param bool $saved_too False: the link's only. The shopper may have removed the others since.
	 */
	public function apply( $saved_too ) {
		$codes = $saved_too ? $this->saved : array();
		if ( '' !== $this->offered ) {
			$codes[] = $this->offered;
		}
		$refused = array();
		foreach ( array_unique( $codes ) as $code ) {
			if ( ! WC()->cart->has_discount( $code ) && ! $this->apply_one( $code ) ) {
				$refused[] = $code;
			}
		}
		foreach ( array_diff( $codes, $refused ) as $code ) {
			if ( ! WC()->cart->has_discount( $code ) ) {
				/* translators: %s: the code of a coupon. */
				$this->notes[] = sprintf( __( 'The code “%s” is not used: it cannot be combined with another one.', 'relance' ), $code );
			}
		}
	}

	/**
	 * Applies one code.
	 *
	 * @param string $code The code.
	 * @return bool Whether it was accepted; if not, why is among the notes.
	 */
	private function apply_one( $code ) {
		if ( wc_coupons_enabled() && self::waits_for_email( $code ) ) {
			WC()->session->set( self::WAITING, $code );
			/* translators: %s: the code of a coupon. */
			$this->notes[] = sprintf( __( 'The code “%s” belongs to your e-mail address: type that address at the checkout first. If the discount does not show by itself then, enter the code.', 'relance' ), $code );
			return false;
		}
		wc_clear_notices();
		if ( WC()->cart->apply_coupon( $code ) ) {
			return true;
		}
		$why = Relance_Restore_Cart::first_notice();
		/* translators: %s: the code of a coupon. */
		$this->notes[] = trim( sprintf( __( 'The code “%s” is not accepted any more.', 'relance' ), $code ) . ' ' . $why );
		return false;
	}

	/**
	 * Whether a code is for certain addresses, and none is known in this browser.
	 *
	 * @param string $code The code.
	 * @return bool
	 */
	private static function waits_for_email( $code ) {
		if ( is_user_logged_in() || '' !== (string) WC()->customer->get_billing_email() ) {
			return false;
		}
		$coupon = new WC_Coupon( $code );
		return $coupon->get_id() && $coupon->get_email_restrictions();
	}

	/**
	 * Applies the code that waits, once the shopper's own address is in the cart.
	 */
	public static function apply_waiting() {
		$code = WC()->session ? WC()->session->get( self::WAITING ) : null;
		if ( ! is_string( $code ) || ! WC()->cart || WC()->cart->is_empty() || '' === (string) WC()->customer->get_billing_email() ) {
			return;
		}
		$notices = wc_get_notices();
		if ( WC()->cart->has_discount( $code ) || WC()->cart->apply_coupon( $code ) ) {
			WC()->session->set( self::WAITING, null );
		}
		wc_set_notices( $notices ); // Neither a refusal nor a success is to hold up the checkout.
	}

	/**
	 * The classic checkout tells the typed address only among the form's fields.
	 *
	 * @param string $fields The form, as a query.
	 */
	public static function read_typed_email( $fields ) {
		if ( ! WC()->session || ! is_string( WC()->session->get( self::WAITING ) ) ) {
			return;
		}
		parse_str( (string) $fields, $form );
		$email = isset( $form['billing_email'] ) && is_string( $form['billing_email'] ) ? sanitize_email( wp_unslash( $form['billing_email'] ) ) : '';
		if ( is_email( $email ) ) {
			WC()->customer->set_billing_email( $email );
			self::apply_waiting();
		}
	}
}
