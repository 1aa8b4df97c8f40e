<?php
/**
 * The sums of a cart: lines, coupons, shipping, one rate of tax.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

/** Counts once and tells the cart. */
final class WC_Cart_Totals {

	/** @var WC_Cart */
	private $cart;
	/** @var array */
	private $sums;
	/** @var float */
	private $rate;

	/** @param WC_Cart $cart Which. */
	public function __construct( &$cart = null ) {
		$this->cart = $cart;
		$this->sums = WC_Cart::no_totals();
		$this->rate = standin_tax_rate() / 100;
		$this->count_lines();
		$this->count_shipping();
		$this->count_fees();
		$this->finish();
	}

	/** A kept sum (with tax in it, where prices are typed so) in net and tax. */
	private function parts( $sum ) {
		if ( wc_prices_include_tax() ) {
			$net = $sum / ( 1 + $this->rate );
			return array( $net, $sum - $net );
		}
		return array( $sum, $sum * $this->rate );
	}

	private function count_lines() {
		$worth = array();
		foreach ( $this->cart->get_cart() as $key => $line ) {
			$worth[ $key ] = (float) $line['data']->get_price() * $line['quantity'];
		}
		$left      = $worth;
		$off_total = array();
		$off_tax   = array();
		foreach ( $this->cart->get_coupons() as $code => $coupon ) {
			$discounts          = new WC_Discounts( $this->cart );
			$off_total[ $code ] = 0.0;
			$off_tax[ $code ]   = 0.0;
			foreach ( $discounts->off( $coupon, $left ) as $key => $off ) {
				list( $net, $tax )   = $this->parts( $off );
				$left[ $key ]       -= $off;
				$off_total[ $code ] += wc_round( $net );
				$off_tax[ $code ]   += wc_round( $tax );
			}
		}
		foreach ( $worth as $key => $sum ) {
			list( $subtotal, $subtotal_tax )     = $this->parts( $sum );
			list( $total, $tax )                 = $this->parts( $left[ $key ] );
			$line                                = &$this->cart->cart_contents[ $key ];
			$line['line_tax_data']               = array( 'subtotal' => $this->rate ? array( 1 => wc_round( $subtotal_tax ) ) : array(), 'total' => $this->rate ? array( 1 => wc_round( $tax ) ) : array() );
			$line['line_subtotal']               = wc_round( $subtotal, wc_get_rounding_precision() );
			$line['line_subtotal_tax']           = wc_round( $subtotal_tax );
			$line['line_total']                  = wc_round( $total, wc_get_rounding_precision() );
			$line['line_tax']                    = wc_round( $tax );
			$this->sums['subtotal']             += $line['line_subtotal'];
			$this->sums['subtotal_tax']         += $line['line_subtotal_tax'];
			$this->sums['cart_contents_total']  += $line['line_total'];
			$this->sums['cart_contents_tax']    += $line['line_tax'];
			unset( $line );
		}
		$this->sums['discount_total'] = wc_round( array_sum( $off_total ) );
		$this->sums['discount_tax']   = wc_round( array_sum( $off_tax ) );
		$this->cart->set_coupon_discount_totals( $off_total );
		$this->cart->set_coupon_discount_tax_totals( $off_tax );
	}

	private function count_shipping() {
		if ( ! $this->cart->show_shipping() ) {
			return;
		}
		foreach ( $this->cart->calculate_shipping() as $rate ) {
			$this->sums['shipping_total'] += (float) $rate->get_cost();
			$this->sums['shipping_tax']   += wc_round( (float) $rate->get_cost() * $this->rate );
		}
	}

	private function count_fees() {
		foreach ( $this->cart->get_fees() as $fee ) {
			$this->sums['fee_total'] += (float) $fee->amount;
		}
	}

	private function finish() {
		foreach ( array( 'subtotal', 'subtotal_tax', 'cart_contents_total', 'cart_contents_tax', 'shipping_total', 'shipping_tax', 'fee_total' ) as $name ) {
			$this->sums[ $name ] = wc_round( $this->sums[ $name ] );
		}
		$tax                     = $this->sums['cart_contents_tax'] + $this->sums['shipping_tax'] + $this->sums['fee_tax'];
		$this->sums['total_tax'] = $tax;
		if ( $this->rate ) {
			$this->sums['cart_contents_taxes'] = array( 1 => $this->sums['cart_contents_tax'] );
			$this->sums['shipping_taxes']      = array( 1 => $this->sums['shipping_tax'] );
		}
		$total               = $this->sums['cart_contents_total'] + $this->sums['shipping_total'] + $this->sums['fee_total'] + $tax;
		$total               = max( 0, apply_filters( 'woocommerce_calculated_total', wc_round( $total ), $this->cart ) );
		$this->sums['total'] = number_format( $total, wc_get_price_decimals(), '.', '' );
		$this->cart->set_totals( $this->sums );
	}
}
