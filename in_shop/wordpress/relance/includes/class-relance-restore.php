<?php
/**
 * The way back to a saved cart.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

require_once __DIR__ . '/class-relance-door.php';
require_once __DIR__ . '/class-relance-restore-cart.php';
require_once __DIR__ . '/class-relance-restore-coupons.php';
require_once __DIR__ . '/class-relance-restore-currency.php';
require_once __DIR__ . '/class-relance-restore-lines.php';
require_once __DIR__ . '/class-relance-restore-page.php';
require_once __DIR__ . '/class-relance-restore-visit.php';

/**
 * Links that fill one cart again, in any browser, and nothing else.
 *
 * A link logs nobody in, fills in nobody's contact and sets no cookie but
 * WooCommerce's own session. What it names is signed, so that it cannot be
 * guessed, and ends at its date.
 */
class Relance_Restore {

	const PARAM      = 'relance_restore';
	const COUPON     = 'relance_coupon';
	const CHOICE     = 'relance_choice';
	const SECRET     = 'relance_restore_secret';
	const SIGNATURE  = 24; // Characters of url-safe base64: 144 bits.
	const MOST_CODE  = 100; // Characters of a coupon's code.
	const NOT_PLACED = array( 'pending', 'failed', 'cancelled', 'checkout-draft' );

	/**
	 * Whether a cart is being filled right now: changes of it are ours, not the shopper's.
	 *
	 * @var bool
	 */
	private static $running = false;

	/**
	 * Registers what opens a link.
	 */
	public static function hook() {
		// WooCommerce has its session at `init` and its cart at `wp_loaded`; redirect_canonical comes at 10.
		add_action( 'template_redirect', array( __CLASS__, 'open' ), 1 );
		Relance_Restore_Coupons::hook();
	}

	/**
	 * The address that restores a cart.
	 *
	 * @param string $cart_key   The cart's key.
	 * @param int    $expires_ts When it ends, in Unix seconds.
	 * @return string
	 */
	public static function url( $cart_key, $expires_ts ) {
		$named = $cart_key . '.' . (int) $expires_ts;
		return add_query_arg( self::PARAM, $named . '.' . self::signature( $named ), home_url( '/' ) );
	}

	/**
	 * Whether what happens to the cart now is the filling by a link.
	 *
	 * @return bool
	 */
	public static function is_running() {
		return self::$running;
	}

	/**
	 * What a link names, when we signed it.
	 *
	 * @param mixed $token As it came, unslashed.
	 * @return array|null key (string) and expires (int); null when it is not ours.
	 */
	public static function read( $token ) {
		if ( ! is_string( $token ) || ! preg_match( '/^([A-Za-z0-9_-]{8,64})\.([1-9][0-9]{8,10})\.([A-Za-z0-9_-]{24})$/D', $token, $part ) ) {
			return null;
		}
		if ( ! hash_equals( self::signature( $part[1] . '.' . $part[2] ), $part[3] ) ) {
			return null;
		}
		return array(
			'key'     => $part[1],
			'expires' => (int) $part[2],
		);
	}

	/**
	 * Answers a request that carries a link, and ends it.
	 */
	public static function open() {
		// phpcs:disable WordPress.Security.NonceVerification.Recommended -- the link is signed; a choice has its nonce in Relance_Restore_Visit.
		if ( ! isset( $_GET[ self::PARAM ] ) ) {
			return;
		}
		// phpcs:ignore WordPress.Security.ValidatedSanitizedInput.InputNotSanitized -- read() accepts one form only.
		$link = self::read( wp_unslash( $_GET[ self::PARAM ] ) );
		// phpcs:enable
		Relance_Restore_Page::headers();
		if ( null === $link ) {
			Relance_Restore_Page::unknown();
		} elseif ( time() >= $link['expires'] ) {
			Relance_Restore_Page::over();
		} elseif ( Relance_Restore_Visit::is_prefetch() ) {
			status_header( 503 ); // A browser throws such an answer away and asks again when the link is clicked.
		} elseif ( Relance_Restore_Visit::is_preview() ) {
			Relance_Restore_Page::preview( self::address( $link ) );
		} else {
			self::follow( $link );
		}
		exit;
	}

	/**
	 * Follows a good link of a person.
	 *
	 * @param array $link As read() gives it.
	 */
	private static function follow( array $link ) {
		$row = Relance_Store::get( $link['key'] );
		if ( null !== $row && ! empty( $row['snapshot']['locale'] ) && is_string( $row['snapshot']['locale'] ) ) {
			switch_to_locale( $row['snapshot']['locale'] ); // Does nothing where that language is not installed.
		}
		if ( null !== $row && self::was_ordered( $row ) ) {
			Relance_Restore_Page::ordered();
		} elseif ( null === $row || ! empty( $row['deleted'] ) || ! empty( $row['forget'] ) || empty( $row['snapshot'] ) ) {
			Relance_Restore_Page::over();
		} else {
			if ( null === WC()->cart || null === WC()->session ) {
				wc_load_cart();
			}
			self::$running = true;
			$visit         = new Relance_Restore_Visit( $link['key'], $row, self::address( $link ), self::coupon() );
			$visit->answer();
			self::$running = false;
		}
	}

	/**
	 * The link again, with its coupon, as an address for a form.
	 *
	 * @param array $link As read() gives it.
	 * @return string
	 */
	private static function address( array $link ) {
		$coupon = self::coupon();
		$url    = self::url( $link['key'], $link['expires'] );
		return '' === $coupon ? $url : add_query_arg( self::COUPON, rawurlencode( $coupon ), $url );
	}

	/**
	 * The code that the link brings. It is not signed: a shopper may type any code in the cart.
	 *
	 * @return string '' when there is none.
	 */
	private static function coupon() {
		// phpcs:disable WordPress.Security.NonceVerification.Recommended -- see open().
		if ( empty( $_GET[ self::COUPON ] ) || ! is_string( $_GET[ self::COUPON ] ) ) {
			return '';
		}
		$code = sanitize_text_field( wp_unslash( $_GET[ self::COUPON ] ) );
		// phpcs:enable
		return strlen( $code ) > self::MOST_CODE ? '' : wc_format_coupon_code( $code );
	}

	/**
	 * Whether the cart became an order that was placed. One whose payment failed was not.
	 *
	 * @param array $row The saved cart.
	 * @return bool
	 */
	private static function was_ordered( array $row ) {
		$order = empty( $row['order_id'] ) ? false : wc_get_order( absint( $row['order_id'] ) );
		if ( ! $order instanceof WC_Order ) {
			return false;
		}
		return $order->get_date_paid() || ! $order->has_status( self::NOT_PLACED );
	}

	/**
	 * The signature of what a link names.
	 *
	 * @param string $named The key, a dot and the end.
	 * @return string SIGNATURE characters, url-safe.
	 */
	private static function signature( $named ) {
		$mac = hash_hmac( 'sha256', 'relance-restore:' . $named, self::secret(), true );
		// phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions.obfuscation_base64_encode -- bytes as text for an address.
		return substr( strtr( base64_encode( $mac ), '+/', '-_' ), 0, self::SIGNATURE );
	}

	/**
	 * The secret that links are signed with, made on first need.
	 *
	 * @return string
	 */
	private static function secret() {
		$secret = get_option( self::SECRET );
		if ( ! is_string( $secret ) || '' === $secret ) {
			add_option( self::SECRET, bin2hex( random_bytes( 32 ) ), '', false );
			$secret = get_option( self::SECRET ); // Where two requests made one at a time, the stored one counts.
		}
		return (string) $secret;
	}
}
