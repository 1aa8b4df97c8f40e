<?php
/**
 * Who typed what is known of a cart.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

/**
 * A link to a cart may be passed on, so two people may go on with one row. The row's `notes`
 * hold, for each session, the marks of the addresses that were typed in it, and how far each
 * page has counted. Reads and writes notes; touches nothing else.
 *
 * The notes are in the row because a capture must not write WooCommerce's session: it would
 * undo what the checkout's own requests write meanwhile.
 */
class Relance_Typed {

	const MOST_SESSIONS  = 5;
	const MOST_ADDRESSES = 20; // Of a session.
	const MOST_PAGES     = 20;
	const A_PAGE         = '/^[A-Za-z0-9_-]{8,32}$/D';

	/**
	 * Whether an address was typed in this session.
	 *
	 * @param array|null $row     The cart's row.
	 * @param string     $address A phone number or an e-mail address.
	 * @return bool True, too, where nobody noted anything.
	 */
	public static function is_own( $row, $address ) {
		$typed = $row && ! empty( $row['notes']['typed'] ) ? $row['notes']['typed'] : array();
		$mark  = Relance_Session::mark();
		return ! $typed || ( isset( $typed[ $mark ] ) && in_array( self::hash( $address ), $typed[ $mark ], true ) );
	}

	/**
	 * Whether the contact of a cart is that of somebody else: none of its addresses was typed
	 * in this session, and none is in the message.
	 *
	 * @param array|null $row     The cart's row.
	 * @param array      $allowed What a message brings.
	 * @return bool False where there is no address in it.
	 */
	public static function is_of_another( $row, array $allowed = array() ) {
		$held = $row ? array_intersect_key( $row['contact'], array_flip( Relance_Contact::ADDRESSES ) ) : array();
		foreach ( $held as $field => $address ) {
			if ( self::is_own( $row, $address ) || ( isset( $allowed[ $field ] ) && self::hash( $allowed[ $field ] ) === self::hash( $address ) ) ) {
				return false;
			}
		}
		return (bool) $held;
	}

	/**
	 * Whether an address was typed in a session in which one of the others was.
	 *
	 * @param array    $row     The cart's row.
	 * @param string   $address A phone number or an e-mail address.
	 * @param string[] $others  Addresses.
	 * @return bool
	 */
	public static function is_typed_with( array $row, $address, array $others ) {
		$marks = array_map( array( __CLASS__, 'hash' ), $others );
		foreach ( isset( $row['notes']['typed'] ) ? $row['notes']['typed'] : array() as $hashes ) {
			if ( in_array( self::hash( $address ), $hashes, true ) && array_intersect( $marks, $hashes ) ) {
				return true;
			}
		}
		return false;
	}

	/**
	 * The notes without the marks of some addresses. A session that typed no other stays, empty: what
	 * is in the row is still not its own.
	 *
	 * @param array    $row       The cart's row.
	 * @param string[] $addresses Addresses.
	 * @return array
	 */
	public static function without( array $row, array $addresses ) {
		$notes = $row['notes'];
		$marks = array_map( array( __CLASS__, 'hash' ), $addresses );
		foreach ( isset( $notes['typed'] ) ? $notes['typed'] : array() as $session => $hashes ) {
			$notes['typed'][ $session ] = array_values( array_diff( $hashes, $marks ) );
		}
		return $notes;
	}

	/**
	 * The notes with what this message brought.
	 *
	 * @param array|null $row      The cart's row.
	 * @param array      $contact  The addresses that were typed here.
	 * @param string     $page     The page that sent it, or ''.
	 * @param int        $count    How many that page has sent.
	 * @param bool       $declined Whether this browser had said "no thanks" before: then this was asked for after it.
	 * @return array
	 */
	public static function notes( $row, array $contact, $page = '', $count = 0, $declined = false ) {
		$notes  = $row ? $row['notes'] : array();
		$typed  = isset( $notes['typed'] ) ? $notes['typed'] : array();
		$mark   = Relance_Session::mark();
		$hashes = isset( $typed[ $mark ] ) ? $typed[ $mark ] : array();
		foreach ( array_intersect_key( $contact, array_flip( Relance_Contact::ADDRESSES ) ) as $address ) {
			$hashes[] = self::hash( $address );
		}
		if ( $hashes ) {
			unset( $typed[ $mark ] ); // The newest comes last.
			$typed[ $mark ] = array_slice( array_values( array_unique( $hashes ) ), -self::MOST_ADDRESSES );
			$notes['typed'] = array_slice( $typed, -self::MOST_SESSIONS, null, true );
		}
		if ( '' !== $page ) {
			$pages          = isset( $notes['pages'] ) ? $notes['pages'] : array();
			$notes['pages'] = array_slice( array( "p$page" => $count ) + $pages, 0, self::MOST_PAGES, true );
		}
		if ( $declined ) {
			$notes['despite'] = true;
		}
		return $notes;
	}

	/**
	 * Whether a message was overtaken by a later one of the same page.
	 *
	 * @param array|null $row   The cart's row.
	 * @param string     $page  The page that sent it; '' from a script that counts nothing.
	 * @param int        $count Its count.
	 * @return bool
	 */
	public static function is_late( $row, $page, $count ) {
		if ( '' === $page ) {
			return false;
		}
		$known = $row && isset( $row['notes']['pages'][ "p$page" ] ) ? (int) $row['notes']['pages'][ "p$page" ] : 0;
		return $count <= max( $known, Relance_Session::count_of_no( $page ) );
	}

	/**
	 * Whether a "no thanks" of this browser never reached us: what it was about is still here.
	 *
	 * What somebody asked for after a "no thanks" stays, and so does what another person left.
	 *
	 * @param array|null $row The cart's row.
	 * @return bool
	 */
	public static function is_refused( $row ) {
		if ( ! self::was_declined() || ! $row || $row['forget'] || $row['order_id'] || ! $row['contact'] || ! empty( $row['notes']['despite'] ) ) {
			return false;
		}
		$settings = Relance_Settings::all();
		return 'notice' === $settings['mode'] && ! self::is_of_another( $row );
	}

	/**
	 * Whether this browser said "no thanks" at some time.
	 *
	 * @return bool
	 */
	public static function was_declined() {
		return ! empty( $_COOKIE[ Relance_Capture::DECLINED ] ); // phpcs:ignore WordPress.Security.ValidatedSanitizedInput -- only whether it is there.
	}

	/**
	 * An address's mark, from which it cannot be read.
	 *
	 * @param string $address A phone number or an e-mail address.
	 * @return string
	 */
	private static function hash( $address ) {
		$address = preg_replace( '/\s+/', '', strtolower( (string) $address ) );
		return substr( wp_hash( 'relance-typed:' . $address ), 0, 16 );
	}
}
