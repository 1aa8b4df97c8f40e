<?php
/**
 * The table of captured carts.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

require_once __DIR__ . '/class-relance-store-table.php';

/**
 * One row a cart, by the cart's own key. Times are UTC text with milliseconds
 * ("2026-11-20 12:41:00.123"), which sorts as it reads; JSON is plain ASCII, so that it
 * survives a database of any character set.
 */
class Relance_Store {

	const KEPT         = 30 * DAY_IN_SECONDS; // A link restores a cart as long as its row is there.
	const MOST_WAITING = 5000;
	const WAITS        = 7 * DAY_IN_SECONDS;
	const CONTACT_KEPT = DAY_IN_SECONDS; // After the order.
	const JSON         = array( 'contact', 'consents', 'snapshot', 'notes' ); // notes: see Relance_Typed. They are never sent.
	const NUMBERS      = array( 'customer_id', 'order_id', 'deleted', 'forget', 'waiting', 'attempts', 'counted_from', 'captures' );
	const TEXTS        = array( 'created_at', 'changed_at', 'expires_at', 'user_agent', 'ip', 'sent_at', 'email_hash', 'machine' );

	/**
	 * Sees to the table.
	 */
	public static function hook() {
		Relance_Store_Table::hook();
	}

	/**
	 * The table's name on this site.
	 *
	 * @return string
	 */
	public static function table() {
		global $wpdb;
		return $wpdb->prefix . 'relance_carts';
	}

	/**
	 * Makes the table, or brings it to the present form. May run again at any time.
	 */
	public static function install() {
		Relance_Store_Table::install();
	}

	/**
	 * One cart.
	 *
	 * @param string $key The cart's key.
	 * @return array|null The row; contact, consents and snapshot are arrays. Null when there is none.
	 */
	public static function get( $key ) {
		global $wpdb;
		$table = self::table();
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL.InterpolatedNotPrepared
		$row = $wpdb->get_row( $wpdb->prepare( "SELECT * FROM {$table} WHERE cart_key = %s", $key ), ARRAY_A );
		return is_array( $row ) ? self::read( $row ) : null;
	}

	/**
	 * Writes the given fields of a cart; the others stay as they are.
	 *
	 * With `waiting` the cart is queued to be sent. Where too many wait already, a cart
	 * that is not yet known is left out and counted; news of a known one never is: it may be
	 * its order, or a consent taken back.
	 *
	 * @param string $key    The cart's key.
	 * @param array  $fields Columns and values; contact, consents and snapshot as arrays.
	 * @return bool Whether it was written.
	 */
	public static function save( $key, array $fields ) {
		$queued = ! empty( $fields['waiting'] );
		if ( $queued && self::is_full_for( $key ) ) {
			Relance_Outbox::count_dropped( 1 );
			return false;
		}
		$written = self::write( $key, self::columns( $fields ) );
		if ( $queued && $written ) {
			Relance_Outbox::schedule( ! empty( $fields['forget'] ) );
		}
		return $written;
	}

	/**
	 * Inserts the row, or changes the given columns of it, in one statement.
	 *
	 * @param string $key    The cart's key.
	 * @param array  $values Columns and their values, as stored.
	 * @return bool
	 */
	private static function write( $key, array $values ) {
		global $wpdb;
		$now    = self::now();
		$whole  = array_merge(
			array(
				'created_at' => $now,
				'changed_at' => $now,
				'contact'    => '[]',
				'consents'   => '[]',
				'snapshot'   => '[]',
				'notes'      => '[]',
			),
			$values
		);
		$names  = array_merge( array( 'cart_key' ), array_keys( $whole ) );
		$marks  = array();
		$change = array();
		foreach ( $names as $name ) {
			$marks[] = in_array( $name, self::NUMBERS, true ) ? '%d' : '%s';
			if ( array_key_exists( $name, $values ) && 'created_at' !== $name ) {
				$change[] = "{$name} = VALUES({$name})";
			}
		}
		$table  = self::table();
		$into   = implode( ', ', $names );
		$places = implode( ', ', $marks );
		$change = $change ? implode( ', ', $change ) : 'cart_key = VALUES(cart_key)';
		// A failed query would be written whole into PHP's log, with the shopper's contact in it.
		$quiet = $wpdb->suppress_errors( true );
		// phpcs:disable WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL.InterpolatedNotPrepared, WordPress.DB.PreparedSQLPlaceholders.UnfinishedPrepare
		$done = $wpdb->query(
			$wpdb->prepare(
				"INSERT INTO {$table} ({$into}) VALUES ({$places}) ON DUPLICATE KEY UPDATE {$change}",
				array_merge( array( $key ), array_values( $whole ) )
			)
		);
		// phpcs:enable
		$wpdb->suppress_errors( $quiet );
		return false !== $done;
	}

	/**
	 * The given fields as they are stored; what is no column is passed over.
	 *
	 * @param array $fields Columns and values.
	 * @return array
	 */
	private static function columns( array $fields ) {
		if ( isset( $fields['changed_at'] ) && ! isset( $fields['expires_at'] ) ) {
			$fields['expires_at'] = self::now( self::KEPT );
		}
		if ( isset( $fields['contact'] ) ) {
			$email                = isset( $fields['contact']['email'] ) ? $fields['contact']['email'] : '';
			$fields['email_hash'] = self::email_hash( $email );
		}
		$values = array();
		foreach ( $fields as $name => $value ) {
			if ( in_array( $name, self::JSON, true ) ) {
				$values[ $name ] = wp_json_encode( $value );
			} elseif ( in_array( $name, self::NUMBERS, true ) ) {
				$values[ $name ] = (int) $value;
			} elseif ( in_array( $name, self::TEXTS, true ) ) {
				$values[ $name ] = wp_check_invalid_utf8( (string) $value, true ); // Half a letter would make the whole query fail.
			}
		}
		return $values;
	}

	/**
	 * Whether the queue has no place for a cart of which nothing is known yet.
	 *
	 * @param string $key The cart's key.
	 * @return bool
	 */
	public static function is_full_for( $key ) {
		return self::count_waiting() >= self::MOST_WAITING && null === self::get( $key );
	}

	/**
	 * How many carts wait to be sent.
	 *
	 * @return int
	 */
	public static function count_waiting() {
		global $wpdb;
		$table = self::table();
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL.InterpolatedNotPrepared
		return (int) $wpdb->get_var( "SELECT COUNT(*) FROM {$table} WHERE waiting = 1" );
	}

	/**
	 * The carts that wait to be sent: what erases first, then the oldest.
	 *
	 * @param int $limit At most so many.
	 * @return array[] Rows as of get().
	 */
	public static function waiting( $limit ) {
		global $wpdb;
		$table = self::table();
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL.InterpolatedNotPrepared
		$rows = $wpdb->get_results( $wpdb->prepare( "SELECT * FROM {$table} WHERE waiting = 1 ORDER BY forget DESC, changed_at LIMIT %d", $limit ), ARRAY_A );
		return array_map( array( __CLASS__, 'read' ), (array) $rows );
	}

	/**
	 * The service has this state of the cart. One that changed meanwhile goes on waiting.
	 *
	 * @param string $key        The cart's key.
	 * @param string $changed_at The state that was sent.
	 */
	public static function mark_sent( $key, $changed_at ) {
		global $wpdb;
		$table = self::table();
		// phpcs:disable WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL.InterpolatedNotPrepared
		$wpdb->query( $wpdb->prepare( "DELETE FROM {$table} WHERE cart_key = %s AND changed_at = %s AND forget = 1", $key, $changed_at ) );
		$wpdb->query( $wpdb->prepare( "UPDATE {$table} SET sent_at = %s, attempts = 0 WHERE cart_key = %s", self::now(), $key ) );
		$wpdb->query( $wpdb->prepare( "UPDATE {$table} SET waiting = 0 WHERE cart_key = %s AND changed_at = %s", $key, $changed_at ) );
		// phpcs:enable
	}

	/**
	 * The service did not take these carts.
	 *
	 * @param string[] $keys Their keys.
	 */
	public static function count_attempt( array $keys ) {
		global $wpdb;
		if ( ! $keys ) {
			return;
		}
		$table = self::table();
		$marks = implode( ', ', array_fill( 0, count( $keys ), '%s' ) );
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL.InterpolatedNotPrepared, WordPress.DB.PreparedSQLPlaceholders.UnfinishedPrepare
		$wpdb->query( $wpdb->prepare( "UPDATE {$table} SET attempts = attempts + 1 WHERE cart_key IN ({$marks})", array_values( $keys ) ) );
	}

	/**
	 * Takes a cart out of the queue that the service will never take.
	 *
	 * @param string $key The cart's key.
	 */
	public static function give_up( $key ) {
		self::write( $key, array( 'waiting' => 0 ) );
	}

	/**
	 * Erases at once what was captured with a cart; the service is told to do the same.
	 *
	 * Where nothing was captured, a mark stays for an hour at most: a capture that is under
	 * way at this moment writes into it, and is erased with it.
	 *
	 * @param string $key The cart's key.
	 * @return bool Whether it was written.
	 */
	public static function forget( $key ) {
		$row = self::get( $key );
		return self::save(
			$key,
			array(
				'changed_at'  => $row ? self::after( $row['changed_at'] ) : self::now(),
				'contact'     => array(),
				'consents'    => array(),
				'snapshot'    => array(),
				'notes'       => array(),
				'customer_id' => 0,
				'order_id'    => 0,
				'user_agent'  => '',
				'ip'          => '',
				'machine'     => '',
				'deleted'     => 1,
				'forget'      => 1,
				'waiting'     => $row ? 1 : 0,
			)
		);
	}

	/**
	 * The carts with this e-mail in their contact, in whatever case it was typed.
	 *
	 * @param string $email The address.
	 * @return array[] Rows as of get().
	 */
	public static function by_email( $email ) {
		global $wpdb;
		$hash = self::email_hash( $email );
		if ( '' === $hash ) {
			return array();
		}
		$table = self::table();
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL.InterpolatedNotPrepared
		$rows = $wpdb->get_results( $wpdb->prepare( "SELECT * FROM {$table} WHERE email_hash = %s", $hash ), ARRAY_A );
		return array_map( array( __CLASS__, 'read' ), (array) $rows );
	}

	/**
	 * Drops what is over: rows past their date, contacts of carts that were ordered, and
	 * carts that waited too long. What erases holds nobody's contact, and waits until its date.
	 *
	 * @return int How many waiting carts were given up.
	 */
	public static function drop_old() {
		global $wpdb;
		$table = self::table();
		// phpcs:disable WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL.InterpolatedNotPrepared
		$given_up = (int) $wpdb->query( $wpdb->prepare( "UPDATE {$table} SET waiting = 0 WHERE waiting = 1 AND forget = 0 AND changed_at < %s", self::now( -self::WAITS ) ) );
		$wpdb->query( $wpdb->prepare( "DELETE FROM {$table} WHERE expires_at < %s OR ( forget = 1 AND waiting = 0 )", self::now() ) );
		$wpdb->query(
			$wpdb->prepare(
				"UPDATE {$table} SET contact = '[]', consents = '[]', email_hash = '', ip = '', user_agent = '' WHERE order_id > 0 AND waiting = 0 AND contact <> '[]' AND changed_at < %s",
				self::now( -self::CONTACT_KEPT )
			)
		);
		$wpdb->query( $wpdb->prepare( "UPDATE {$table} SET machine = '' WHERE machine <> '' AND created_at < %s", self::now( -HOUR_IN_SECONDS ) ) );
		// phpcs:enable
		return $given_up;
	}

	/**
	 * Erases every row: the shop is connected with nobody any more.
	 */
	public static function clear() {
		global $wpdb;
		$table = self::table();
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL.InterpolatedNotPrepared
		$wpdb->query( "DELETE FROM {$table}" );
	}

	/**
	 * Drops the table.
	 */
	public static function drop_table() {
		Relance_Store_Table::drop();
	}

	/**
	 * The present moment as it is stored.
	 *
	 * @param int $seconds So much later; earlier when negative.
	 * @return string UTC, "2026-11-20 12:41:00.123".
	 */
	public static function now( $seconds = 0 ) {
		$now   = microtime( true );
		$whole = (int) floor( $now );
		return gmdate( 'Y-m-d H:i:s', $whole + $seconds ) . sprintf( '.%03d', (int) floor( ( $now - $whole ) * 1000 ) );
	}

	/**
	 * The present moment, or a millisecond after the one given where that is not over yet:
	 * the service passes over what is not newer than what it has.
	 *
	 * @param string $earlier A time as stored.
	 * @return string
	 */
	public static function after( $earlier ) {
		$now = self::now();
		if ( $now > $earlier ) {
			return $now;
		}
		$millisecond = (int) substr( $earlier, -3 ) + 1;
		$second      = strtotime( substr( $earlier, 0, 19 ) . ' UTC' ) + intdiv( $millisecond, 1000 );
		return gmdate( 'Y-m-d H:i:s', $second ) . sprintf( '.%03d', $millisecond % 1000 );
	}

	/**
	 * What an e-mail is found by, whatever its case.
	 *
	 * @param string $email The address.
	 * @return string Empty for none.
	 */
	private static function email_hash( $email ) {
		$email = trim( (string) $email );
		if ( '' === $email ) {
			return '';
		}
		return hash( 'sha256', function_exists( 'mb_strtolower' ) ? mb_strtolower( $email, 'UTF-8' ) : strtolower( $email ) );
	}

	/**
	 * A row of the database with its types.
	 *
	 * @param array $row Texts.
	 * @return array
	 */
	private static function read( array $row ) {
		foreach ( self::JSON as $name ) {
			$value        = isset( $row[ $name ] ) ? json_decode( $row[ $name ], true ) : null;
			$row[ $name ] = is_array( $value ) ? $value : array();
		}
		foreach ( self::NUMBERS as $name ) {
			$row[ $name ] = isset( $row[ $name ] ) ? (int) $row[ $name ] : 0;
		}
		return $row;
	}
}
