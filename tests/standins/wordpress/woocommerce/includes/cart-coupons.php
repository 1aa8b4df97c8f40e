<?php
/**
 * The coupons of a cart.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

/** What WC_Cart can do with coupons. */
trait StandIn_Cart_Coupons {

	/** @var array */
	public $applied_coupons = array();
	/** @var array */
	private $coupon_discount_totals = array();
	/** @var array */
	private $coupon_discount_tax_totals = array();

	/** Codes. */
	public function get_applied_coupons() {
		return (array) $this->applied_coupons;
	}

	/** @param array $codes Codes. */
	public function set_applied_coupons( $codes = array() ) {
		$this->applied_coupons = (array) $codes;
	}

	/** Code to what it takes off. */
	public function get_coupon_discount_totals() {
		return (array) $this->coupon_discount_totals;
	}

	/** @param array $sums Code to sum. */
	public function set_coupon_discount_totals( $sums = array() ) {
		$this->coupon_discount_totals = (array) $sums;
	}

	/** Code to tax. */
	public function get_coupon_discount_tax_totals() {
		return (array) $this->coupon_discount_tax_totals;
	}

	/** @param array $sums Code to tax. */
	public function set_coupon_discount_tax_totals( $sums = array() ) {
		$this->coupon_discount_tax_totals = (array) $sums;
	}

	/** What one takes off. */
	public function get_coupon_discount_amount( $code, $ex_tax = true ) {
		$sum = isset( $this->coupon_discount_totals[ $code ] ) ? $this->coupon_discount_totals[ $code ] : 0;
		return $ex_tax ? $sum : $sum + ( isset( $this->coupon_discount_tax_totals[ $code ] ) ? $this->coupon_discount_tax_totals[ $code ] : 0 );
	}

	/** The coupons themselves. */
	public function get_coupons() {
		$found = array();
		foreach ( $this->applied_coupons as $code ) {
			$found[ $code ] = new WC_Coupon( $code );
		}
		return $found;
	}

	/** @param string $code Code. */
	public function has_discount( $code = '' ) {
		return $code ? in_array( wc_format_coupon_code( $code ), $this->applied_coupons, true ) : count( $this->applied_coupons ) > 0;
	}

	/**
	 * Apply a code. False with a notice when it does not hold.
	 *
	 * @param string $code Code.
	 */
	public function apply_coupon( $code ) {
		if ( ! wc_coupons_enabled() ) {
			return false;
		}
		$code   = wc_format_coupon_code( $code );
		$coupon = new WC_Coupon( $code );
		if ( ! $coupon->is_valid() ) {
			wc_add_notice( $coupon->get_error_message(), 'error' );
			return false;
		}
		if ( $this->has_discount( $code ) ) {
			wc_add_notice( 'Coupon code "' . esc_html( $code ) . '" already applied!', 'error' );
			return false;
		}
		foreach ( $coupon->get_individual_use() ? $this->applied_coupons : array() as $other ) {
			$this->remove_coupon( $other );
		}
		foreach ( $this->get_coupons() as $other ) {
			if ( $other->get_individual_use() ) {
				wc_add_notice( 'Coupon "' . esc_html( $other->get_code() ) . '" has already been applied and cannot be used in conjunction with other coupons.', 'error' );
				return false;
			}
		}
		$this->applied_coupons[] = $code;
		wc_add_notice( 'Coupon code applied successfully.' );
		do_action( 'woocommerce_applied_coupon', $code );
		return true;
	}

	/** @param string $code Code. */
	public function remove_coupon( $code ) {
		$at = array_search( wc_format_coupon_code( $code ), $this->applied_coupons, true );
		if ( false === $at ) {
			return false;
		}
		unset( $this->applied_coupons[ $at ] );
		$this->applied_coupons = array_values( $this->applied_coupons );
		WC()->session->set( 'refresh_totals', true );
		do_action( 'woocommerce_removed_coupon', $code );
		return true;
	}

	/** All codes off. */
	public function remove_coupons() {
		$this->applied_coupons = array();
		$this->session->set_session();
	}
}
