<?php
/**
 * WooCommerce's own recovery e-mail, silent while ours is on.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

/**
 * One voice per cart.
 *
 * WooCommerce 10.9 (by hand) and 11.0 (by itself, two hours after a pending
 * order) send a recovery e-mail. They ask the filter before they schedule one
 * and again before it leaves, so that switching us off gives it back at once. Its sources for
 * 11.3 have another one, for carts without an order, with a question of its own.
 */
class Relance_Recovery_Email {

	/**
	 * Registers the filters. WooCommerce before 10.9 never asks them.
	 */
	public static function hook() {
		add_filter( 'woocommerce_cart_recovery_is_eligible', array( __CLASS__, 'allow' ) );
		add_filter( 'woocommerce_abandoned_cart_recovery_suppress', array( __CLASS__, 'suppress' ) );
	}

	/**
	 * Whether WooCommerce has to keep silent: another plugin said so, or we are at work.
	 *
	 * @param bool $suppress What was decided so far; WooCommerce starts with false.
	 * @return bool
	 */
	public static function suppress( $suppress ) {
		return (bool) $suppress || Relance_Settings::is_active();
	}

	/**
	 * Whether WooCommerce may write about a cart without an order: not while we are at work.
	 *
	 * @param mixed $allowed What was decided so far; WooCommerce sends for true alone.
	 * @return mixed
	 */
	public static function allow( $allowed ) {
		return Relance_Settings::is_active() ? false : $allowed;
	}
}
