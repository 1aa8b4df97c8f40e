<?php
/**
 * The currency of a saved cart.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

/**
 * Shows the shop in the currency of a saved cart where a multi-currency plugin can do it.
 *
 * WooCommerce itself has one currency. The ways in here are those that each
 * plugin offers to others; another plugin answers the filter `relance_restore_currency`.
 */
class Relance_Restore_Currency {

	/**
	 * ISO 4217, or '' when not known.
	 *
	 * @var string
	 */
	private $code;

	/**
	 * Whether only the next page can show it.
	 *
	 * @var bool
	 */
	private $comes_later = false;

	/**
	 * A currency.
	 *
	 * @param mixed $code As saved.
	 */
	public function __construct( $code ) {
		$this->code = is_string( $code ) && preg_match( '/^[A-Za-z]{3}$/D', $code ) ? strtoupper( $code ) : '';
	}

	/**
	 * Whether the shop shows this currency.
	 *
	 * @return bool
	 */
	public function is_shown() {
		return '' === $this->code || get_woocommerce_currency() === $this->code;
	}

	/**
	 * Switches to it where that can be done.
	 */
	public function show() {
		if ( $this->is_shown() ) {
			return;
		}
		/**
		 * A cart is restored in another currency than the shop shows. Answer true after switching.
		 *
		 * @param bool   $done Whether it was done.
		 * @param string $code ISO 4217.
		 */
		if ( apply_filters( 'relance_restore_currency', false, $this->code ) ) {
			return;
		}
		$this->set_in_woopayments();
		$this->set_in_wcml();
		$this->set_in_fox();
		// Aelia's switcher reads its parameter when a page begins: the checkout's address carries it.
		$this->comes_later = ! $this->is_shown() && class_exists( 'WC_Aelia_CurrencySwitcher', false );
	}

	/**
	 * An address that brings the currency along where it must.
	 *
	 * @param string $url The address.
	 * @return string
	 */
	public function address( $url ) {
		return $this->comes_later ? add_query_arg( 'aelia_cs_currency', $this->code, $url ) : $url;
	}

	/**
	 * An honest word when the shop shows another currency all the same.
	 *
	 * @return string[]
	 */
	public function notes() {
		if ( $this->is_shown() || $this->comes_later ) {
			return array();
		}
		return array(
			sprintf(
				/* translators: 1: currency now, such as EUR. 2: currency before, such as USD. */
				__( 'Prices are shown in %1$s now. When you filled this cart, they were shown in %2$s.', 'relance' ),
				get_woocommerce_currency(),
				$this->code
			),
		);
	}

	/**
	 * WooPayments: its own object has a public method for it, which refuses unknown currencies.
	 */
	private function set_in_woopayments() {
		if ( ! function_exists( 'WC_Payments_Multi_Currency' ) ) {
			return;
		}
		$plugin = WC_Payments_Multi_Currency();
		if ( is_object( $plugin ) && is_callable( array( $plugin, 'update_selected_currency' ) ) ) {
			$plugin->update_selected_currency( $this->code );
		}
	}

	/**
	 * WooCommerce Multilingual (WPML). It does not look whether the currency is one of the shop's.
	 */
	private function set_in_wcml() {
		global $woocommerce_wpml;
		$plugin = isset( $woocommerce_wpml->multi_currency ) ? $woocommerce_wpml->multi_currency : null;
		if ( ! is_object( $plugin ) || ! is_callable( array( $plugin, 'set_client_currency' ) ) ) {
			return;
		}
		$codes = is_callable( array( $plugin, 'get_currency_codes' ) ) ? (array) $plugin->get_currency_codes() : array( $this->code );
		if ( in_array( $this->code, $codes, true ) ) {
			$plugin->set_client_currency( $this->code );
		}
	}

	/**
	 * FOX (WOOCS).
	 */
	private function set_in_fox() {
		global $WOOCS; // phpcs:ignore WordPress.NamingConventions.ValidVariableName.VariableNotSnakeCase -- its name.
		$plugin = $WOOCS; // phpcs:ignore WordPress.NamingConventions.ValidVariableName.VariableNotSnakeCase
		if ( ! is_object( $plugin ) || ! is_callable( array( $plugin, 'set_currency' ) ) ) {
			return;
		}
		$known = is_callable( array( $plugin, 'get_currencies' ) ) ? (array) $plugin->get_currencies() : array( $this->code => true );
		if ( isset( $known[ $this->code ] ) ) {
			$plugin->set_currency( $this->code );
		}
	}
}
