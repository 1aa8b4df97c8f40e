<?php
/**
 * What shoppers asked for, and parcels, until the service has them.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

/**
 * A queue in a table of its own: texts that were asked for, consents given apart from a
 * cart, news of parcels. What was sent is emptied at once and dropped a day later.
 */
class Relance_Requests {

	const SCHEMA       = '2';
	const OPTION       = 'relance_requests_schema';
	const GROUPS       = array( 'requests', 'customers', 'parcels' );
	const OF_A_POST    = 50; // The service's door takes as many of a group.
	const MOST_WAITING = 5000;
	const WAITS        = 7 * DAY_IN_SECONDS;
	const SENT_KEPT    = DAY_IN_SECONDS; // Emptied rows: they only count how often somebody asked.

	/**
	 * How many pieces an hour may come from a shopper, from a machine (many shoppers, behind a
	 * proxy of the shop's own), for one number, and in all; one message has five at most.
	 */
	const MOST_AN_HOUR = array(
		'who'     => 20,
		'machine' => 300,
		'phone'   => 20,
		'shop'    => 2000,
	);

	/**
	 * Makes the table when it is missing or old, tidies it, and drops it with its site.
	 */
	public static function hook() {
		add_action( 'relance_tidy', array( __CLASS__, 'tidy' ) );
		add_action( 'init', array( __CLASS__, 'upgrade' ), 5 );
		add_filter( 'wpmu_drop_tables', array( __CLASS__, 'drop_with_site' ), 10, 2 );
	}

	/**
	 * The table's name on this site.
	 *
	 * @return string
	 */
	public static function table() {
		global $wpdb;
		return $wpdb->prefix . 'relance_requests';
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
		$table   = self::table();
		$charset = $wpdb->get_charset_collate();
		dbDelta(
			"CREATE TABLE {$table} (
			id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
			kind varchar(10) NOT NULL,
			name varchar(64) NOT NULL,
			body longtext NOT NULL,
			who varchar(32) NOT NULL DEFAULT '',
			machine varchar(32) NOT NULL DEFAULT '',
			phone varchar(32) NOT NULL DEFAULT '',
			created_at varchar(23) NOT NULL,
			sent tinyint(1) NOT NULL DEFAULT 0,
			PRIMARY KEY  (id),
			UNIQUE KEY name (name),
			KEY sent (sent,id),
			KEY who (who,created_at),
			KEY created_at (created_at)
			) {$charset};"
		);
		update_option( self::OPTION, self::SCHEMA );
	}

	/**
	 * Queues one piece of news.
	 *
	 * @param string $group One of GROUPS.
	 * @param array  $body  As the service's door reads it.
	 * @param string $name  What it is called; the same name is queued once. '' for a new one.
	 * @param array  $who   Who asked, as asker() gives it; empty for nobody.
	 * @return bool Whether it is queued, or was before.
	 */
	public static function add( $group, array $body, $name = '', array $who = array() ) {
		global $wpdb;
		if ( ! in_array( $group, self::GROUPS, true ) || self::count_waiting() >= self::MOST_WAITING ) {
			return false;
		}
		$table = self::table();
		$quiet = $wpdb->suppress_errors( true ); // As in Relance_Store::save().
		// phpcs:disable WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL.InterpolatedNotPrepared
		$done = $wpdb->query(
			$wpdb->prepare(
				"INSERT IGNORE INTO {$table} (kind, name, body, who, machine, phone, created_at) VALUES (%s, %s, %s, %s, %s, %s, %s)",
				$group,
				'' === $name ? wp_generate_uuid4() : substr( $name, 0, 64 ),
				wp_json_encode( $body ),
				isset( $who['who'] ) ? $who['who'] : '',
				isset( $who['machine'] ) ? $who['machine'] : '',
				isset( $who['phone'] ) ? $who['phone'] : '',
				self::now()
			)
		);
		// phpcs:enable
		$wpdb->suppress_errors( $quiet );
		Relance_Outbox::schedule();
		return false !== $done;
	}

	/**
	 * Once an hour: drops what is over, and asks for a run where one was lost.
	 */
	public static function tidy() {
		self::drop_old();
		if ( self::count_waiting() > 0 ) {
			Relance_Outbox::schedule( true );
		}
	}

	/**
	 * What waits, the oldest first, in the form of the service's door.
	 *
	 * @param int $limit At most so many pieces in all; the door takes 50 of a group.
	 * @return array ids (int[]), requests, customers, parcels (lists; to be merged into the body where not empty).
	 */
	public static function waiting( $limit ) {
		global $wpdb;
		$table = self::table();
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL.InterpolatedNotPrepared
		$rows    = $wpdb->get_results( $wpdb->prepare( "SELECT id, kind, body FROM {$table} WHERE sent = 0 ORDER BY id LIMIT %d", min( self::OF_A_POST, $limit ) ), ARRAY_A );
		$waiting = array( 'ids' => array() ) + array_fill_keys( self::GROUPS, array() );
		foreach ( (array) $rows as $row ) {
			$body             = json_decode( $row['body'], true );
			$waiting['ids'][] = (int) $row['id'];
			if ( is_array( $body ) && isset( $waiting[ $row['kind'] ] ) ) {
				$waiting[ $row['kind'] ][] = $body;
			}
		}
		return $waiting;
	}

	/**
	 * The service has these: what they held is erased here.
	 *
	 * @param int[] $ids As waiting() gave them.
	 */
	public static function mark_sent( array $ids ) {
		global $wpdb;
		if ( ! $ids ) {
			return;
		}
		$table = self::table();
		$marks = implode( ', ', array_fill( 0, count( $ids ), '%d' ) );
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL.InterpolatedNotPrepared, WordPress.DB.PreparedSQLPlaceholders.UnfinishedPrepare
		$wpdb->query( $wpdb->prepare( "UPDATE {$table} SET sent = 1, body = '' WHERE id IN ({$marks})", array_map( 'absint', $ids ) ) );
	}

	/**
	 * How many pieces wait.
	 *
	 * @return int
	 */
	public static function count_waiting() {
		global $wpdb;
		$table = self::table();
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL.InterpolatedNotPrepared
		return (int) $wpdb->get_var( "SELECT COUNT(*) FROM {$table} WHERE sent = 0" );
	}

	/**
	 * Whether somebody asked too often within the last hour, or all together did.
	 *
	 * @param array $who As asker() gives it.
	 * @return bool
	 */
	public static function is_too_often( array $who ) {
		global $wpdb;
		$table = self::table();
		// phpcs:disable WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL.InterpolatedNotPrepared
		$counts = $wpdb->get_row(
			$wpdb->prepare(
				"SELECT COUNT(*) AS shop, SUM( CASE WHEN who = %s THEN 1 ELSE 0 END ) AS who,
				SUM( CASE WHEN machine = %s THEN 1 ELSE 0 END ) AS machine, SUM( CASE WHEN phone = %s THEN 1 ELSE 0 END ) AS phone
				FROM {$table} WHERE machine <> '' AND created_at > %s",
				$who['who'],
				$who['machine'],
				$who['phone'],
				self::now( -HOUR_IN_SECONDS )
			),
			ARRAY_A
		);
		// phpcs:enable
		foreach ( self::MOST_AN_HOUR as $of => $most ) {
			if ( is_array( $counts ) && (int) $counts[ $of ] >= $most ) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Somebody's marks, from which neither address nor number can be read.
	 *
	 * WooCommerce takes a shopper's address from a header that anybody may write, so that alone
	 * would stop nobody: the machine that is really connected counts, too, and so does the number.
	 *
	 * @param string $phone   The number, as typed.
	 * @param string $country Its country.
	 * @return array who, machine, phone.
	 */
	public static function asker( $phone, $country ) {
		$digits = preg_replace( '/^0+/', '', preg_replace( '/\D+/', '', $phone ) );
		return array(
			'who'     => self::mark( WC_Geolocation::get_ip_address() ),
			'machine' => Relance_Door::machine(),
			'phone'   => self::mark( '' === $digits ? $phone : $country . substr( $digits, -8 ) ), // However the number is written.
		);
	}

	/**
	 * A mark.
	 *
	 * @param string $what What is marked.
	 * @return string
	 */
	private static function mark( $what ) {
		return substr( wp_hash( 'relance-asker:' . $what ), 0, 32 );
	}

	/**
	 * Drops what was sent a day ago, and what the service did not take for a week.
	 */
	public static function drop_old() {
		global $wpdb;
		$table = self::table();
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL.InterpolatedNotPrepared
		$wpdb->query( $wpdb->prepare( "DELETE FROM {$table} WHERE ( sent = 1 AND created_at < %s ) OR created_at < %s", self::now( -self::SENT_KEPT ), self::now( -self::WAITS ) ) );
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
		global $wpdb;
		$table = self::table();
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
		$tables[] = $wpdb->get_blog_prefix( $site_id ) . 'relance_requests';
		return $tables;
	}

	/**
	 * A moment as it is stored.
	 *
	 * @param int $seconds So much later; earlier when negative.
	 * @return string UTC.
	 */
	private static function now( $seconds = 0 ) {
		return gmdate( 'Y-m-d H:i:s', time() + $seconds ) . '.000';
	}
}
