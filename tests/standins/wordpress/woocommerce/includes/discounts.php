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
		$why = $this->refusal_by_products( $coupon, $code );
		return '' === $why ? $this->refusal_by_email( $coupon, $code ) : $why;
	}

	/** A percentage or an amount per item needs one line that it is for; any other minds each line. */
	private function refusal_by_products( $coupon, $code ) {
		$lines = $this->cart ? $this->cart->cart_contents : array();
		$named = array_filter( $lines, function ( $line ) use ( $coupon ) { return $this->is_named( $coupon->get_product_ids(), $line ); } );
		$out   = array_filter( $lines, function ( $line ) use ( $coupon ) { return $this->is_named( $coupon->get_excluded_product_ids(), $line ); } );
		if ( $coupon->get_product_ids() && ! $named ) {
			return "Sorry, coupon &quot;$code&quot; is not applicable to selected products.";
		}
		if ( $coupon->is_type( array( 'percent', 'fixed_product' ) ) ) {
			$for = array_filter( $lines, function ( $line ) use ( $coupon ) { return $this->is_for( $coupon, $line ); } );
			return $lines && ! $for ? "Sorry, coupon &quot;$code&quot; is not applicable to selected products." : '';
		}
		$names = implode( ', ', array_map( function ( $line ) { return $line['data']->get_name(); }, $out ) );
		return $out ? "Sorry, coupon &quot;$code&quot; is not applicable to the products: $names." : '';
	}

	private function is_named( $ids, $line ) {
		$ids = array_map( 'intval', (array) $ids );
		return in_array( (int) $line['product_id'], $ids, true ) || ( ! empty( $line['variation_id'] ) && in_array( (int) $line['variation_id'], $ids, true ) );
	}

	/** Whether it counts for this line; a coupon of the whole cart counts for each. */
	private function is_for( $coupon, $line ) {
		if ( ! $coupon->is_type( array( 'percent', 'fixed_product' ) ) ) {
			return true;
		}
		$wanted = $coupon->get_product_ids();
		return ( ! $wanted || $this->is_named( $wanted, $line ) ) && ! $this->is_named( $coupon->get_excluded_product_ids(), $line );
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
		$left   = array_filter( $left, function ( $key ) use ( $coupon ) { return $this->is_for( $coupon, $this->cart->cart_contents[ $key ] ); }, ARRAY_FILTER_USE_KEY );
		if ( $coupon->is_type( 'percent' ) ) {
			foreach ( $left as $key => $sum ) {
				$off[ $key ] = wc_round_discount( $sum * $amount / 100, wc_get_price_decimals() );
			}
			return $off;
		}
		if ( $coupon->is_type( 'fixed_product' ) ) {
			return $this->off_items( (int) $coupon->get_limit_usage_to_x_items(), $amount, $left );
		}
		return $this->shared_out( min( $amount, array_sum( $left ) ), $left );
	}

	/** So much off each item; with a limit off so many alone, of the dearest lines first. */
	private function off_items( $limit, $amount, $left ) {
		$off  = array();
		$done = 0;
		arsort( $left );
		foreach ( $left as $key => $sum ) {
			$pieces = $this->cart->cart_contents[ $key ]['quantity'];
			$takes  = $limit ? min( $pieces, $limit - $done ) : $pieces;
			// With a limit never more than the price of an item: the rest of the amount is lost.
			$off[ $key ] = min( $sum, ( $limit ? min( $amount, $sum / $pieces ) : $amount ) * $takes );
			$done       += $takes;
		}
		return $off;
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
