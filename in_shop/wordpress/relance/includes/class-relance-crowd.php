<?php
/**
 * How many carts one machine may begin.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

/**
 * A program that makes a new session for each message meets no limit of a session. So new carts
 * are counted by the machine that is connected, too, whatever it says of itself.
 *
 * They are counted in the table of carts, by one look into an index. A transient would, in a shop
 * without an object cache, be two more rows of the options for every machine, and would lose the
 * count of what comes at the same moment.
 */
class Relance_Crowd {

	const MOST = 600; // New carts an hour: a company, or a telephone network, may be behind one address.

	/**
	 * Whether the machine that is here began too many carts within the last hour.
	 *
	 * @return bool
	 */
	public static function is_too_large() {
		/**
		 * How many new carts an hour may come from one address; 0 for any number.
		 *
		 * @param int $most So many.
		 */
		$most = (int) apply_filters( 'relance_new_carts_an_hour', self::MOST );
		if ( $most < 1 || self::is_a_proxy() || self::count( Relance_Door::machine() ) < $most ) {
			return false;
		}
		Relance_Outbox::note_crowd();
		return true;
	}

	/**
	 * Whether a proxy of the shop's own stands for everybody: its address is a private one.
	 *
	 * @return bool
	 */
	private static function is_a_proxy() {
		$public = FILTER_FLAG_NO_PRIV_RANGE | FILTER_FLAG_NO_RES_RANGE;
		return false === filter_var( Relance_Door::header( 'REMOTE_ADDR' ), FILTER_VALIDATE_IP, $public );
	}

	/**
	 * How many of the carts that lie here a machine began within the last hour.
	 *
	 * @param string $machine As Relance_Door::machine() gives it.
	 * @return int
	 */
	private static function count( $machine ) {
		global $wpdb;
		$table = Relance_Store::table();
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL.InterpolatedNotPrepared
		return (int) $wpdb->get_var( $wpdb->prepare( "SELECT COUNT(*) FROM {$table} WHERE machine = %s AND created_at > %s", $machine, Relance_Store::now( -HOUR_IN_SECONDS ) ) );
	}
}
