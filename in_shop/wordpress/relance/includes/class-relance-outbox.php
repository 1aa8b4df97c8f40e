<?php
/**
 * Sends what waits to the service.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

/**
 * Runs in Action Scheduler alone, never while a shopper waits for a page. What the service
 * did not take stays here and is tried again after 1, 2, 5, 5, 5 … minutes.
 */
class Relance_Outbox {

	const ACTION   = 'relance_send';
	const TIDY     = 'relance_tidy';
	const GROUP    = 'relance';
	const OPTION   = 'relance_outbox';
	const CARTS    = 20;     // Of one post.
	const REQUESTS = 50;
	const LARGEST  = 400000; // Bytes of one post's carts; the service reads 512 kB.
	const ROUNDS   = 25;     // Posts of one run.
	const RUNS_FOR = 20;     // Seconds: Action Scheduler gives a run thirty.
	const SETTLES  = 30;     // Seconds: somebody who types becomes one post, not ten.
	const BACK_OFF = array( 1, 2, 5 ); // Minutes.

	/**
	 * Registers what Action Scheduler calls.
	 */
	public static function hook() {
		add_action( self::ACTION, array( __CLASS__, 'send' ) );
		add_action( self::TIDY, array( __CLASS__, 'tidy' ) );
		add_action( 'action_scheduler_ensure_recurring_actions', array( __CLASS__, 'keep_tidying' ) );
		add_action( 'update_option_' . Relance_Link::OPTION, array( __CLASS__, 'begin_afresh' ), 10, 0 );
		add_action( 'add_option_' . Relance_Link::OPTION, array( __CLASS__, 'begin_afresh' ), 10, 0 );
	}

	/**
	 * Asks for a run soon. One that waits already, also after a failure, is enough.
	 *
	 * @param bool $at_once Whether without letting things settle.
	 */
	public static function schedule( $at_once = false ) {
		if ( Relance_Link::is_paired() && self::plan( $at_once ? 0 : self::SETTLES ) ) {
			self::keep_tidying();
		}
	}

	/**
	 * Asks for a run, unless one waits already.
	 *
	 * One that runs just now does not count: it may have read the table before. That is why it
	 * is not asked for as "unique", which counts it.
	 *
	 * @param int $seconds After so long.
	 * @return bool Whether one was asked for.
	 */
	private static function plan( $seconds ) {
		if ( ! function_exists( 'as_get_scheduled_actions' ) ) {
			return false;
		}
		$pending = as_get_scheduled_actions(
			array(
				'hook'     => self::ACTION,
				'group'    => self::GROUP,
				'status'   => 'pending',
				'per_page' => 1,
			),
			'ids'
		);
		return ! $pending && as_schedule_single_action( time() + $seconds, self::ACTION, array(), self::GROUP );
	}

	/**
	 * Sends what waits, as much as there is time for.
	 */
	public static function send() {
		if ( ! Relance_Link::is_paired() ) {
			return;
		}
		$ends = time() + self::RUNS_FOR;
		for ( $round = 0; $round < self::ROUNDS && time() < $ends; $round++ ) {
			$rows  = self::next_rows();
			$asked = self::next_requests();
			if ( ! $rows && ! $asked['ids'] ) {
				return;
			}
			Relance_Store::count_attempt( wp_list_pluck( $rows, 'cart_key' ) );
			$answer = Relance_Link::post( 'carts', self::body( $rows, $asked ) );
			if ( is_wp_error( $answer ) ) {
				self::note_failure( $answer, $rows );
				return;
			}
			self::note_success( $rows, $asked['ids'] );
		}
		self::plan( 0 );
	}

	/**
	 * The carts of the next post. One that cannot be read would make a whole post unreadable.
	 *
	 * @return array[] Rows.
	 */
	private static function next_rows() {
		$state = self::state();
		$rows  = array();
		$bytes = 0;
		foreach ( Relance_Store::waiting( $state['one_by_one'] ? 1 : self::CARTS ) as $row ) {
			if ( ! $row['deleted'] && ! self::can_be_read( $row['snapshot'] ) ) {
				Relance_Store::give_up( $row['cart_key'] );
				continue;
			}
			$bytes += strlen( (string) wp_json_encode( self::cart_of( $row ) ) );
			if ( $rows && $bytes > self::LARGEST ) {
				break;
			}
			$rows[] = $row;
		}
		return $rows;
	}

	/**
	 * Whether the service can read a snapshot.
	 *
	 * @param array $snapshot From Relance_Cart::snapshot().
	 * @return bool
	 */
	private static function can_be_read( array $snapshot ) {
		return isset( $snapshot['currency'], $snapshot['totals']['total'] ) && preg_match( '/^[A-Za-z]{3}$/D', $snapshot['currency'] );
	}

	/**
	 * What shoppers asked for, and parcels.
	 *
	 * @return array ids and the groups, as Relance_Requests::waiting() gives them.
	 */
	private static function next_requests() {
		return Relance_Requests::waiting( self::REQUESTS );
	}

	/**
	 * The body of a post.
	 *
	 * @param array[] $rows  Its carts.
	 * @param array   $asked From next_requests().
	 * @return array
	 */
	private static function body( array $rows, array $asked ) {
		$body = array( 'version' => 1 );
		if ( $rows ) {
			$body['carts'] = array_map( array( __CLASS__, 'cart_of' ), $rows );
		}
		unset( $asked['ids'] );
		return $body + array_filter( $asked );
	}

	/**
	 * A row as the service reads it.
	 *
	 * @param array $row From Relance_Store::get().
	 * @return array
	 */
	public static function cart_of( array $row ) {
		$cart = array(
			'key'        => $row['cart_key'],
			'changed_at' => self::iso( $row['changed_at'] ),
		);
		if ( $row['forget'] || $row['deleted'] ) {
			$cart['deleted'] = true;
			return $row['forget'] ? $cart + array( 'forget' => true ) : $cart;
		}
		$ends  = strtotime( substr( $row['expires_at'], 0, 19 ) . ' UTC' );
		$cart += array_diff_key( $row['snapshot'], array( 'restore' => true ) );
		return $cart + array(
			'created_at'  => self::iso( $row['created_at'] ),
			'contact'     => (object) $row['contact'],
			'consents'    => array_slice( $row['consents'], -Relance_Contact::MOST_CONSENTS ),
			'customer_id' => $row['customer_id'],
			'order_id'    => $row['order_id'],
			'user_agent'  => $row['user_agent'],
			'ip'          => $row['ip'],
			'restore_url' => Relance_Restore::url( $row['cart_key'], $ends ),
		);
	}

	/**
	 * The service took a post.
	 *
	 * @param array[] $rows Its carts.
	 * @param int[]   $ids  What else was in it, as Relance_Requests names it.
	 */
	private static function note_success( array $rows, array $ids ) {
		foreach ( $rows as $row ) {
			Relance_Store::mark_sent( $row['cart_key'], $row['changed_at'] );
		}
		if ( $ids ) {
			Relance_Requests::mark_sent( $ids );
		}
		$state = array(
			'failures' => 0,
			'error'    => '',
			'code'     => '',
			'error_at' => '',
		);
		if ( $rows ) {
			$state['sent_at'] = Relance_Store::now();
		}
		self::keep( $state );
	}

	/**
	 * The service did not take a post: the rows stay, and a later run is asked for.
	 *
	 * A single cart that is too large for whatever stands before the service is given up, so
	 * that it does not hold up the others.
	 *
	 * @param WP_Error $error What Relance_Link::post() said.
	 * @param array[]  $rows  The rows of the post.
	 */
	private static function note_failure( $error, array $rows ) {
		$state  = self::state();
		$data   = $error->get_error_data();
		$status = is_array( $data ) && isset( $data['status'] ) ? (int) $data['status'] : 0;
		$change = array(
			'failures' => $state['failures'] + 1,
			'error'    => $error->get_error_message(),
			'code'     => $error->get_error_code(),
			'error_at' => Relance_Store::now(),
		);
		if ( 413 === $status && 1 === count( $rows ) ) {
			Relance_Store::give_up( $rows[0]['cart_key'] );
			$change['dropped']    = $state['dropped'] + 1;
			$change['one_by_one'] = false;
		} elseif ( 413 === $status ) {
			$change['one_by_one'] = true;
		}
		self::keep( $change );
		self::plan( self::minutes_after( $change['failures'] ) * MINUTE_IN_SECONDS );
	}

	/**
	 * How long to wait after so many failures in a row.
	 *
	 * @param int $failures One or more.
	 * @return int Minutes.
	 */
	public static function minutes_after( $failures ) {
		return self::BACK_OFF[ min( max( 1, $failures ), count( self::BACK_OFF ) ) - 1 ];
	}

	/**
	 * Once an hour: drops what is over, and asks for a run where one was lost.
	 */
	public static function tidy() {
		self::count_dropped( Relance_Store::drop_old() );
		if ( Relance_Store::count_waiting() > 0 ) {
			self::schedule( true );
		}
	}

	/**
	 * Sees that tidy() goes on being called.
	 */
	public static function keep_tidying() {
		if ( function_exists( 'as_schedule_recurring_action' ) && ! as_has_scheduled_action( self::TIDY, null, self::GROUP ) ) {
			as_schedule_recurring_action( time() + HOUR_IN_SECONDS, HOUR_IN_SECONDS, self::TIDY, array(), self::GROUP, true );
		}
	}

	/**
	 * The shop was connected: what an earlier connection failed at says nothing any more.
	 */
	public static function begin_afresh() {
		delete_option( self::OPTION );
		self::keep_tidying();
	}

	/**
	 * Counts carts that were not kept until the service took them.
	 *
	 * @param int $carts How many.
	 */
	public static function count_dropped( $carts ) {
		if ( $carts > 0 ) {
			$state = self::state();
			self::keep( array( 'dropped' => $state['dropped'] + $carts ) );
		}
	}

	/**
	 * Notes, once an hour, that one machine began too many carts.
	 */
	public static function note_crowd() {
		$state = self::state();
		if ( $state['crowded_at'] < Relance_Store::now( -HOUR_IN_SECONDS ) ) {
			self::keep( array( 'crowded_at' => Relance_Store::now() ) );
		}
	}

	/**
	 * How it stands.
	 *
	 * @return array failures (in a row), error (words) and its code, error_at, sent_at (the last
	 *               cart), dropped (carts lost in all), one_by_one, crowded_at (when new carts were refused). Times as Relance_Store::now().
	 */
	public static function state() {
		$state = get_option( self::OPTION, array() );
		return array_merge(
			array(
				'failures'   => 0,
				'error'      => '',
				'code'       => '',
				'error_at'   => '',
				'sent_at'    => '',
				'dropped'    => 0,
				'one_by_one' => false,
				'crowded_at' => '',
			),
			is_array( $state ) ? $state : array()
		);
	}

	/**
	 * Keeps what changed of how it stands.
	 *
	 * @param array $change Names and values of state().
	 */
	private static function keep( array $change ) {
		update_option( self::OPTION, array_merge( self::state(), $change ), false );
	}

	/**
	 * A stored time as the service reads it.
	 *
	 * @param string $time "2026-11-20 12:41:00.123", UTC.
	 * @return string "2026-11-20T12:41:00.123Z".
	 */
	public static function iso( $time ) {
		return str_replace( ' ', 'T', $time ) . 'Z';
	}
}
