<?php
/**
 * Whether a coupon holds, and what it takes off each line.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

/** The coupons of a cart. */
class WC_Discounts {

	/** @var WC_Cart */
	private $cart;

	/** @param WC_Cart $cart Which. */
	public function __construct( $cart = null ) {
		$this->cart = $cart;
	}

	/**
	 * True, or a WP_Error that says why not.
	 *
	 * @param WC_Coupon $coupon Which.
	 */
	public function is_coupon_valid( $coupon ) {
		$code   = esc_html( $coupon->get_code() );
		$why    = $this->refusal( $coupon, $code );
		$passes = '' === $why;
		try {
			$passes = apply_filters( 'woocommerce_coupon_is_valid', $passes, $coupon, $this );
		} catch ( Exception $error ) {
			return new WP_Error( 'invalid_coupon', $error->getMessage(), array( 'status' => 400 ) );
		}
		if ( $passes ) {
			return true;
		}
		$why = apply_filters( 'woocommerce_coupon_error', $why ? $why : 'Coupon is not valid.', 100, $coupon );
		return new WP_Error( 'invalid_coupon', $why, array( 'status' => 400 ) );
	}

	private function refusal( $coupon, $code ) {
		$end   = $coupon->get_date_expires();
		$limit = (int) $coupon->get_usage_limit();
		$least = (float) $coupon->get_minimum_amount();
		if ( ! $coupon->get_id() ) {
			return "Coupon &quot;$code&quot; cannot be applied because it does not exist.";
		}
		if ( $limit > 0 && $coupon->get_usage_count() >= $limit ) {
			return "Usage limit for coupon &quot;$code&quot; has been reached. Please try again after some time, or contact us for help.";
		}
		if ( $end && time() > $end->getTimestamp() ) {
			return "Coupon &quot;$code&quot; has expired.";
		}
		if ( $least > 0 && $this->cart && $least > (float) $this->cart->get_displayed_subtotal() ) {
			return "The minimum spend for coupon &quot;$code&quot; is " . wc_price( $least ) . '.';
		}
		return $this->refusal_by_email( $coupon, $code );
	}

	private function refusal_by_email( $coupon, $code ) {
		$wanted = $coupon->get_email_restrictions();
		$email  = WC()->customer ? strtolower( WC()->customer->get_billing_email() ) : '';
		if ( $wanted && '' === $email ) {
			return "Please enter a valid email at checkout to use coupon code &quot;$code&quot;.";
		}
		if ( $wanted && ! in_array( $email, $wanted, true ) ) {
			return "Please enter a valid email to use coupon code &quot;$code&quot;.";
		}
		$each = (int) $coupon->get_usage_limit_per_user();
		if ( $each > 0 && '' !== $email && count( array_keys( $coupon->get_used_by(), $email, true ) ) >= $each ) {
			return "Coupon usage limit has been reached.";
		}
		return '';
	}

	/**
	 * What one coupon takes off each line: cart key to sum, in the prices as they are kept.
	 *
	 * @param WC_Coupon $coupon Which.
	 * @param array     $left   Cart key to what is left of the line.
	 */
	public function off( $coupon, $left ) {
		$amount = (float) $coupon->get_amount();
		$off    = array();
		if ( $coupon->is_type( 'percent' ) ) {
			foreach ( $left as $key => $sum ) {
				$off[ $key ] = wc_round_discount( $sum * $amount / 100, wc_get_price_decimals() );
			}
			return $off;
		}
		if ( $coupon->is_type( 'fixed_product' ) ) {
			foreach ( $left as $key => $sum ) {
				$pieces      = $this->cart->cart_contents[ $key ]['quantity'];
				$off[ $key ] = min( $sum, $amount * $pieces );
			}
			return $off;
		}
		return $this->shared_out( min( $amount, array_sum( $left ) ), $left );
	}

	/** A sum over the lines by what each is worth; the last line takes what rounding left. */
	private function shared_out( $sum, $left ) {
		$whole = array_sum( $left );
		$off   = array();
		$rest  = $sum;
		foreach ( $left as $key => $worth ) {
			$off[ $key ] = $whole > 0 ? min( $worth, wc_round( $sum * $worth / $whole ) ) : 0.0;
			$rest       -= $off[ $key ];
		}
		foreach ( array_reverse( array_keys( $off ) ) as $key ) {
			$take         = min( $rest, $left[ $key ] - $off[ $key ] );
			$off[ $key ] += $take;
			$rest        -= $take;
		}
		return $off;
	}
}
