<?php
/**
 * Captures a cart with its contact.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

require_once __DIR__ . '/class-relance-changes.php';
require_once __DIR__ . '/class-relance-crowd.php';
require_once __DIR__ . '/class-relance-door.php';
require_once __DIR__ . '/class-relance-typed.php';

/**
 * The door for our own script, `?wc-ajax=relance_capture`. Writes one row here; the outbox
 * sends it later.
 */
class Relance_Capture {

	const NONCE        = 'relance_capture';
	const LARGEST      = 8192; // Bytes of a message.
	const MOST         = 30; // Captures a minute and cart: a person who types makes about ten.
	const DECLINED     = 'relance_declined';
	const DECLINED_FOR = 180 * DAY_IN_SECONDS;

	/**
	 * Programs that name themselves. "Cubot" is a make of telephones. A browser that is
	 * steered by a program is left alone: it fills carts for tests.
	 */
	const BOTS = '/(?<!cu)bots?\b|crawl|spider|slurp|storebot|facebookexternalhit|lighthouse|python-|curl\/|wget|go-http-client|okhttp|java\/|libwww|scrapy/i';

	/**
	 * Registers the door and what tells of a changed cart.
	 */
	public static function hook() {
		add_action( 'wc_ajax_relance_capture', array( __CLASS__, 'answer' ) );
		Relance_Changes::hook();
	}

	/**
	 * The nonce that the script sends.
	 *
	 * @return string
	 */
	public static function nonce() {
		return wp_create_nonce( self::NONCE );
	}

	/**
	 * Answers the script and ends the request.
	 *
	 * 200 kept (or erased, or overtaken by what the page sent later) · 204 nothing to keep · 400 not our
	 * script's message · 403 an old nonce, with a fresh one that only a page of this shop can read · 429 too
	 * many · 503 it could not be written: the script tries again.
	 */
	public static function answer() {
		if ( ! Relance_Door::is_a_post_of_this_shop() ) {
			self::reply( 403 );
		}
		$raw     = Relance_Door::message( self::LARGEST );
		$message = null === $raw ? null : Relance_Contact::read( $raw );
		if ( null === $message ) {
			self::reply( 400 );
		}
		$nonce = isset( $_SERVER['HTTP_X_RELANCE_NONCE'] ) ? sanitize_key( wp_unslash( $_SERVER['HTTP_X_RELANCE_NONCE'] ) ) : '';
		if ( ! wp_verify_nonce( $nonce, self::NONCE ) ) {
			self::reply( 403, array( 'nonce' => self::nonce() ) );
		}
		self::reply( self::take( $message ) );
	}

	/**
	 * Does what a message asks.
	 *
	 * @param array $message From Relance_Contact::read().
	 * @return int The status to answer with.
	 */
	private static function take( array $message ) {
		$key = self::own_key();
		$row = null === $key ? null : Relance_Store::get( $key );
		if ( $message['declined'] ) {
			return self::decline( $message, $key, $row );
		}
		if ( Relance_Typed::is_late( $row, $message['page'], $message['n'] ) ) {
			return 200;
		}
		if ( ! Relance_Settings::is_active() || self::is_staff() || self::is_bot() ) {
			return 204;
		}
		if ( $row && self::is_too_much( $row ) && ! self::takes_back( $message, $row ) ) {
			return 429;
		}
		return self::keep( $message, $key, $row );
	}

	/**
	 * "No thanks": erases, and remembers it in the browser.
	 *
	 * @param array       $message From Relance_Contact::read().
	 * @param string|null $key     The cart's key.
	 * @param array|null  $row     What is known of this cart.
	 * @return int The status.
	 */
	private static function decline( array $message, $key, $row ) {
		wc_setcookie( self::DECLINED, '1', time() + self::DECLINED_FOR, is_ssl() );
		return self::forget( $message, $key, $row ) ? 200 : 503;
	}

	/**
	 * Erases what was captured with this cart. What comes later is another cart.
	 *
	 * A tick that left the same page earlier may come after this: one that is under way writes
	 * into the erased row, one that begins later meets the count that the session keeps.
	 *
	 * @param array       $message From Relance_Contact::read().
	 * @param string|null $key     The cart's key.
	 * @param array|null  $row     What is known of this cart. Another person's is left to that one.
	 * @return bool False where it could not be erased: then the key stays, for the next try.
	 */
	private static function forget( array $message, $key, $row ) {
		if ( null !== $key ) {
			if ( ! Relance_Typed::is_of_another( $row ) && ! Relance_Store::forget( $key ) ) {
				return false;
			}
			Relance_Cart::new_key();
		}
		Relance_Session::note_no( $message['page'], $message['n'] );
		Relance_Cart::leave_session( null !== $key || '' !== $message['page'] );
		return true;
	}

	/**
	 * Keeps what may be kept, takes back what was unticked.
	 *
	 * @param array       $message From Relance_Contact::read().
	 * @param string|null $key     The cart's key.
	 * @param array|null  $row     What is known of this cart.
	 * @return int The status.
	 */
	private static function keep( array $message, $key, $row ) {
		$settings = Relance_Settings::all();
		$declined = Relance_Typed::was_declined();
		$allowed  = Relance_Contact::allowed( $message, $settings['mode'], $settings['channels'], $declined );
		$held     = $row ? $row['contact'] : array();
		$another  = Relance_Typed::is_of_another( $row, $allowed );
		if ( $another && ! $allowed ) {
			$message['consents'] = array(); // What was unticked here was never ticked here.
		}
		$contact  = $another && $allowed ? $allowed : array_merge( $held, $allowed );
		$consents = self::consents( $message, $row, $contact, $settings['channels'] );
		$contact  = self::without_withdrawn( $contact, $allowed, $consents, $message, $settings['mode'] );
		if ( ! array_intersect( Relance_Contact::ADDRESSES, array_keys( $contact ) ) ) {
			$is_no = '' !== $message['page'] && in_array( false, $message['consents'], true );
			if ( ! $row && ! $is_no ) {
				return 204;
			}
			if ( ! self::forget( $message, $key, $row ) ) {
				return 503;
			}
			return $row ? 200 : 204;
		}
		$notes = Relance_Typed::notes( $row, $allowed, $message['page'], $message['n'], $declined && (bool) $allowed );
		return self::write( $message, $row, $contact, $consents, $notes );
	}

	/**
	 * The consents after this message.
	 *
	 * @param array      $message  From Relance_Contact::read().
	 * @param array|null $row      What is known of this cart.
	 * @param array      $contact  The contact with what is new in it.
	 * @param array      $channels Those that the merchant uses.
	 * @return array
	 */
	private static function consents( array $message, $row, array $contact, array $channels ) {
		$words = array();
		foreach ( $channels as $channel ) {
			$words[ $channel ] = Relance_Settings::words( $channel . '_words' );
		}
		$was_sent = $row && ( '' !== $row['sent_at'] || $row['attempts'] > 0 );
		$at       = Relance_Outbox::iso( Relance_Store::now() );
		$is_own   = static function ( $address ) use ( $row, $contact ) {
			return in_array( $address, $contact, true ) || Relance_Typed::is_own( $row, $address );
		};
		return Relance_Contact::consents( $row ? $row['consents'] : array(), $message, $contact, $words, $at, $was_sent, $is_own );
	}

	/**
	 * The contact without the address of a box that was unticked, unless a notice covers it.
	 *
	 * @param array  $contact  The contact.
	 * @param array  $allowed  What this message brought.
	 * @param array  $consents The consents after it.
	 * @param array  $message  From Relance_Contact::read().
	 * @param string $mode     "consent" or "notice".
	 * @return array
	 */
	private static function without_withdrawn( array $contact, array $allowed, array $consents, array $message, $mode ) {
		foreach ( $message['consents'] as $channel => $ticked ) {
			$field = Relance_Contact::ADDRESSES[ $channel ];
			if ( ! $ticked && 'notice' !== $mode && isset( $contact[ $field ] ) && ! isset( $allowed[ $field ] ) && ! Relance_Contact::is_granted( $consents, $channel, $contact[ $field ] ) ) {
				unset( $contact[ $field ] );
			}
		}
		return $contact;
	}

	/**
	 * Writes the row when something in it is new.
	 *
	 * @param array      $message  From Relance_Contact::read().
	 * @param array|null $row      What is known of this cart.
	 * @param array      $contact  The contact.
	 * @param array      $consents The consents.
	 * @param array      $notes    From Relance_Typed::notes().
	 * @return int The status.
	 */
	private static function write( array $message, $row, array $contact, array $consents, array $notes ) {
		if ( Relance_Cart::is_empty() || Relance_Cart::is_renewal() ) {
			return 204;
		}
		if ( ! $row && Relance_Crowd::is_too_large() ) {
			return 429; // Only a new cart is refused: whoever takes something back never comes here.
		}
		$known = Relance_Cart::peek_key();
		$key   = Relance_Cart::key();
		if ( null === $key ) {
			return 204;
		}
		Relance_Cart::leave_session( $key !== $known );
		wc_maybe_define_constant( 'WOOCOMMERCE_CHECKOUT', true ); // Some fees and methods ask for it.
		Relance_Cart::recalculate();
		$fields = array(
			'contact'     => $contact,
			'consents'    => $consents,
			'snapshot'    => Relance_Cart::snapshot(),
			'customer_id' => get_current_user_id(),
			'deleted'     => 0,
		);
		if ( Relance_Typed::is_late( Relance_Store::get( $key ), $message['page'], $message['n'] ) ) {
			return 200; // A later message of the page was quicker.
		}
		if ( $row && ! Relance_Changes::differs( $row, $fields ) ) {
			$is_known = $notes === $row['notes'] || Relance_Store::save( $key, array( 'notes' => $notes ) );
			return $is_known ? 200 : 503; // Nothing new: the shopper only left the page.
		}
		$now    = $row ? Relance_Store::after( $row['changed_at'] ) : Relance_Store::now();
		$client = array(
			'user_agent' => substr( Relance_Door::header( 'HTTP_USER_AGENT' ), 0, 400 ),
			'ip'         => substr( (string) WC_Geolocation::get_ip_address(), 0, 45 ),
			'changed_at' => $now,
			'notes'      => $notes,
			'waiting'    => 1,
		);
		$first  = array(
			'created_at' => $now,
			'machine'    => Relance_Door::machine(),
		);
		if ( Relance_Store::save( $key, array_merge( $fields, $client, self::count( $row ), $row ? array() : $first ) ) ) {
			return 200;
		}
		return Relance_Store::is_full_for( $key ) ? 204 : 503;
	}

	/**
	 * Whether this cart was captured too often in this minute.
	 *
	 * @param array $row From Relance_Store::get().
	 * @return bool
	 */
	private static function is_too_much( array $row ) {
		return intdiv( time(), 60 ) === $row['counted_from'] && $row['captures'] >= self::MOST;
	}

	/**
	 * Whether a box is unticked that was ticked: that is obeyed at any time.
	 *
	 * @param array $message From Relance_Contact::read().
	 * @param array $row     From Relance_Store::get().
	 * @return bool
	 */
	private static function takes_back( array $message, array $row ) {
		foreach ( $message['consents'] as $channel => $ticked ) {
			if ( ! $ticked && Relance_Contact::is_granted( $row['consents'], $channel ) ) {
				return true;
			}
		}
		return false;
	}

	/**
	 * One capture more in this minute.
	 *
	 * @param array|null $row What is known of this cart.
	 * @return array Columns and values.
	 */
	private static function count( $row ) {
		$minute = intdiv( time(), 60 );
		return array(
			'counted_from' => $minute,
			'captures'     => $row && $minute === $row['counted_from'] ? $row['captures'] + 1 : 1,
		);
	}

	/**
	 * Whether the shop's own people are at work.
	 *
	 * @return bool
	 */
	public static function is_staff() {
		return current_user_can( 'edit_posts' ) || current_user_can( 'manage_woocommerce' );
	}

	/**
	 * Whether a program that names itself is here.
	 *
	 * @return bool
	 */
	public static function is_bot() {
		$agent = Relance_Door::header( 'HTTP_USER_AGENT' );
		return '' === $agent || (bool) preg_match( self::BOTS, $agent );
	}

	/**
	 * The key of the cart in this session. A cart that became an order in another browser is
	 * over: what is in this one is a new cart.
	 *
	 * @return string|null
	 */
	private static function own_key() {
		$key = Relance_Cart::peek_key();
		$row = null === $key ? null : Relance_Store::get( $key );
		if ( ! $row || ! $row['order_id'] || Relance_Cart::order_id() === $row['order_id'] ) {
			return $key;
		}
		$key = Relance_Cart::new_key();
		Relance_Cart::leave_session( true );
		return $key;
	}

	/**
	 * Answers and ends.
	 *
	 * @param int        $status The status.
	 * @param array|null $body   What is told; by default whether it is well.
	 */
	private static function reply( $status, $body = null ) {
		status_header( $status );
		if ( 204 !== $status ) {
			header( 'Content-Type: application/json; charset=utf-8' );
			echo wp_json_encode( null === $body ? array( 'ok' => 200 === $status ) : $body );
		}
		exit;
	}
}
