<?php
/**
 * The form of the table of captured carts.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

/**
 * Makes the table, brings it to the present form, drops it. Each site of a network has its
 * own, and makes it on its first request.
 */
class Relance_Store_Table {

	const SCHEMA = '3';
	const OPTION = 'relance_schema';

	/**
	 * Makes the table when it is missing or old, and drops it with its site.
	 */
	public static function hook() {
		add_action( 'init', array( __CLASS__, 'upgrade' ), 5 );
		add_filter( 'wpmu_drop_tables', array( __CLASS__, 'drop_with_site' ), 10, 2 );
	}

	/**
	 * Installs once a version.
	 */
	public static function upgrade() {
		if ( get_option( self::OPTION ) !== self::SCHEMA ) {
			self::install();
		}
	}

	/**
	 * Makes the table, or brings it to the present form. May run again at any time.
	 */
	public static function install() {
		global $wpdb;
		require_once ABSPATH . 'wp-admin/includes/upgrade.php';
		$table   = Relance_Store::table();
		$charset = $wpdb->get_charset_collate();
		dbDelta(
			"CREATE TABLE {$table} (
			cart_key varchar(64) NOT NULL,
			created_at varchar(23) NOT NULL DEFAULT '',
			changed_at varchar(23) NOT NULL DEFAULT '',
			expires_at varchar(23) NOT NULL DEFAULT '',
			contact text NOT NULL,
			consents text NOT NULL,
			snapshot longtext NOT NULL,
			notes text NOT NULL,
			email_hash varchar(64) NOT NULL DEFAULT '',
			customer_id bigint(20) unsigned NOT NULL DEFAULT 0,
			order_id bigint(20) unsigned NOT NULL DEFAULT 0,
			user_agent varchar(400) NOT NULL DEFAULT '',
			ip varchar(45) NOT NULL DEFAULT '',
			deleted tinyint(1) NOT NULL DEFAULT 0,
			forget tinyint(1) NOT NULL DEFAULT 0,
			waiting tinyint(1) NOT NULL DEFAULT 0,
			attempts int(10) unsigned NOT NULL DEFAULT 0,
			sent_at varchar(23) NOT NULL DEFAULT '',
			counted_from bigint(20) unsigned NOT NULL DEFAULT 0,
			captures int(10) unsigned NOT NULL DEFAULT 0,
			machine varchar(32) NOT NULL DEFAULT '',
			PRIMARY KEY  (cart_key),
			KEY waiting (waiting,changed_at),
			KEY email_hash (email_hash),
			KEY expires_at (expires_at),
			KEY machine (machine,created_at)
			) {$charset};"
		);
		$shown = $wpdb->suppress_errors( true );
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL.InterpolatedNotPrepared
		$is_there = false !== $wpdb->query( "SELECT machine FROM {$table} LIMIT 1" );
		$wpdb->suppress_errors( $shown );
		if ( ! $is_there ) {
			return; // The table could not be changed: tried again, until it is.
		}
		update_option( self::OPTION, self::SCHEMA );
		add_option( Relance_Settings::OPTION, array() ); // As the next: every page asks for it.
		Relance_Link::note_whether_paired(); // An option that is missing is looked for anew by every page.
		if ( Relance_Store::count_waiting() > 0 ) {
			Relance_Outbox::schedule( true ); // The plugin was switched off for a while: a "no thanks" may wait.
		}
	}

	/**
	 * Drops the table.
	 */
	public static function drop() {
		global $wpdb;
		$table = Relance_Store::table();
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL.InterpolatedNotPrepared
		$wpdb->query( "DROP TABLE IF EXISTS {$table}" );
		delete_option( self::OPTION );
	}

	/**
	 * Our table belongs to those that go with a site of a network.
	 *
	 * @param string[] $tables  What is dropped.
	 * @param int      $site_id Which site.
	 * @return string[]
	 */
	public static function drop_with_site( $tables, $site_id ) {
		global $wpdb;
		$tables[] = $wpdb->get_blog_prefix( $site_id ) . 'relance_carts';
		return $tables;
	}
}
