<?php
/**
 * Consents that stay in a cart with which somebody else went on.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

/**
 * A link that is passed on lets a second person go on with the first one's cart: the contact is
 * then the second one's, while the first one's consents stay beside it. Here they are found by
 * the addresses in them, told and erased, without touching what is the other's.
 */
class Relance_Privacy_Consents {

	/**
	 * Where a person left consents in a cart that is another's now.
	 *
	 * @param string $email The person's address.
	 * @return array[] By the cart's key: the row (as of Relance_Store) and theirs (the person's consents in it).
	 */
	public static function of( $email ) {
		$found = array();
		foreach ( self::candidates( $email ) as $key ) {
			$row    = Relance_Store::get( $key );
			$theirs = $row && ! self::is_same( self::email_in( $row['contact'] ), $email ) ? self::theirs( $row, $email ) : array();
			if ( $theirs ) {
				$found[ $key ] = array(
					'row'    => $row,
					'theirs' => $theirs,
				);
			}
		}
		return $found;
	}

	/**
	 * Erases them here. The service is asked by the address.
	 *
	 * @param string $email The person's address.
	 * @return int In how many carts.
	 */
	public static function erase( $email ) {
		$done = 0;
		foreach ( self::of( $email ) as $key => $one ) {
			$gone = array_column( $one['theirs'], 'address' );
			$left = array();
			foreach ( $one['row']['consents'] as $consent ) {
				if ( ! in_array( $consent, $one['theirs'], true ) ) {
					$left[] = $consent;
				}
			}
			$done += (int) Relance_Store::save(
				$key,
				array(
					'consents' => $left,
					'notes'    => Relance_Typed::without( $one['row'], $gone ),
				)
			);
		}
		return $done;
	}

	/**
	 * The keys of the carts in whose consents the address may be.
	 *
	 * Stored is JSON in ASCII, in the case that was typed; an address with another letter than
	 * ASCII's is looked for by reading.
	 *
	 * @param string $email The person's address.
	 * @return string[]
	 */
	private static function candidates( $email ) {
		global $wpdb;
		$table = Relance_Store::table();
		$text  = preg_match( '/[^\x20-\x7e]/', $email ) ? '"channel":"email"' : trim( (string) wp_json_encode( $email ), '"' );
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL.InterpolatedNotPrepared
		return (array) $wpdb->get_col( $wpdb->prepare( "SELECT cart_key FROM {$table} WHERE INSTR( LOWER( consents ), %s ) > 0", strtolower( $text ) ) );
	}

	/**
	 * The consents in a row that are this person's: those with the address, and those with what was
	 * typed in the same browser, but for what the row's present contact holds.
	 *
	 * @param array  $row   The cart's row.
	 * @param string $email The person's address.
	 * @return array[]
	 */
	private static function theirs( array $row, $email ) {
		$own = array();
		foreach ( $row['consents'] as $consent ) {
			if ( self::is_same( $consent['address'], $email ) ) {
				$own[] = $consent['address'];
			}
		}
		$theirs = array();
		foreach ( $own ? $row['consents'] : array() as $consent ) {
			$is_held = in_array( $consent['address'], $row['contact'], true );
			if ( in_array( $consent['address'], $own, true ) || ( ! $is_held && Relance_Typed::is_typed_with( $row, $consent['address'], $own ) ) ) {
				$theirs[] = $consent;
			}
		}
		return $theirs;
	}

	/**
	 * The e-mail address in a contact.
	 *
	 * @param array $contact The contact.
	 * @return string
	 */
	private static function email_in( array $contact ) {
		return isset( $contact['email'] ) ? $contact['email'] : '';
	}

	/**
	 * Whether two addresses are one, in whatever case.
	 *
	 * @param string $one   An address.
	 * @param string $other Another one.
	 * @return bool
	 */
	private static function is_same( $one, $other ) {
		$lower = function_exists( 'mb_strtolower' ) ? 'mb_strtolower' : 'strtolower';
		return $lower( trim( $one ) ) === $lower( trim( $other ) );
	}
}
