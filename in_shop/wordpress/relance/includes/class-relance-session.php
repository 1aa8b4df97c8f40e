<?php
/**
 * Our part of WooCommerce's session.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

/**
 * Which browser's session this is.
 *
 * A link `/checkout/?session=…` copies a whole session, but for the customer, into another
 * person's browser, so what lies in a session is not by itself this shopper's: we keep beside
 * it to whom it belongs.
 */
class Relance_Session {

	const OWNER = 'relance_owner'; // The session's own id when we wrote into it.
	const MARK  = 'relance_mark';  // Random: under it the row of a cart notes what was typed here.
	const PAGES = 'relance_pages'; // Page => the count of a "no" that came from it.
	const OURS  = array( 'relance_cart', 'relance_order', 'relance_restored', self::OWNER, self::MARK, self::PAGES );
	const MOST  = 10; // Pages.

	/**
	 * Registers what follows a login, and what leaves a copy's things behind.
	 */
	public static function hook() {
		add_action( 'woocommerce_guest_session_to_user_id', array( __CLASS__, 'follow' ), 10, 2 );
		add_action( 'wp_loaded', array( __CLASS__, 'own' ), 20, 0 );
	}

	/**
	 * The session, without what was copied into it from somebody else's.
	 *
	 * @return WC_Session|null Null where there is none.
	 */
	public static function own() {
		$woocommerce = function_exists( 'WC' ) ? WC() : null;
		$session     = $woocommerce && is_object( $woocommerce->session ) ? $woocommerce->session : null;
		$owner       = $session ? (string) $session->get( self::OWNER, '' ) : '';
		if ( '' !== $owner && self::id( $session ) !== $owner ) {
			foreach ( self::OURS as $name ) {
				$session->set( $name, null );
			}
		}
		return $session;
	}

	/**
	 * Notes that this session is this browser's.
	 *
	 * @param WC_Session $session From own().
	 */
	public static function claim( $session ) {
		$session->set( self::OWNER, self::id( $session ) );
		if ( ! $session->get( self::MARK ) ) {
			$session->set( self::MARK, bin2hex( random_bytes( 6 ) ) );
		}
	}

	/**
	 * A guest logged in: WooCommerce moved the session to the account, and the cart with it.
	 *
	 * @param string|int $guest The session's id until now.
	 * @param string|int $user  Its id from now on.
	 */
	public static function follow( $guest, $user ) {
		$session = WC()->session;
		if ( is_object( $session ) && (string) $session->get( self::OWNER, '' ) === (string) $guest ) {
			$session->set( self::OWNER, (string) $user );
			if ( method_exists( $session, 'save_data' ) ) {
				$session->save_data(); // At once: a capture does not write the session at its end.
			}
		}
	}

	/**
	 * What this session is called in the row of a cart.
	 *
	 * @return string '' where there is no session.
	 */
	public static function mark() {
		$session = self::own();
		return $session ? (string) $session->get( self::MARK, '' ) : '';
	}

	/**
	 * The count of the last "no" that came from a page, wherever the cart's row went.
	 *
	 * @param string $page The page's id.
	 * @return int 0 for none.
	 */
	public static function count_of_no( $page ) {
		$session = self::own();
		$pages   = $session ? $session->get( self::PAGES ) : null;
		return is_array( $pages ) && isset( $pages[ $page ] ) ? (int) $pages[ $page ] : 0;
	}

	/**
	 * Notes a "no". Whoever calls this writes the session.
	 *
	 * @param string $page  The page's id; '' from a script that counts nothing.
	 * @param int    $count Its count.
	 */
	public static function note_no( $page, $count ) {
		$session = self::own();
		if ( $session && '' !== $page ) {
			$pages = $session->get( self::PAGES );
			$pages = array( $page => $count ) + ( is_array( $pages ) ? $pages : array() );
			$session->set( self::PAGES, array_slice( $pages, 0, self::MOST, true ) );
			self::claim( $session );
		}
	}

	/**
	 * The session's id: an account's, or a guest's random one.
	 *
	 * @param WC_Session $session The session.
	 * @return string '' where a session of another make has none.
	 */
	private static function id( $session ) {
		return method_exists( $session, 'get_customer_id' ) ? (string) $session->get_customer_id() : '';
	}
}
