<?php
/**
 * The connection with the service.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

require_once __DIR__ . '/class-relance-address.php';
require_once __DIR__ . '/class-relance-pairing-code.php';

/**
 * Pairing, signing and posting. Calls the service only from Action Scheduler and from the
 * merchant's own clicks in the back office.
 */
class Relance_Link {

	const OPTION        = 'relance_link';
	const PAIRED        = 'relance_paired'; // "1" or "0", loaded with every page; the secret is not.
	const PAIRING       = 'relance_pairing'; // The transient with the nonce of a pairing under way.
	const PAIRS_FOR     = 5 * MINUTE_IN_SECONDS;
	const TIME_OUT      = 8;  // Seconds.
	const PAIR_TIME_OUT = 20; // Seconds: the service asks this shop back before it answers.
	const LARGEST       = 2097152; // Bytes of an answer.
	const OUR_MARK      = 'x-relance'; // The header that the service answers with.

	/**
	 * Registers the address by which the service makes sure of this shop.
	 */
	public static function hook() {
		add_action( 'rest_api_init', array( __CLASS__, 'add_route' ) );
		foreach ( array( 'add', 'update', 'delete' ) as $what ) {
			add_action( $what . '_option_' . self::OPTION, array( __CLASS__, 'note_whether_paired' ), 5, 0 );
		}
	}

	/**
	 * Notes whether there is a connection where every page may read it at no cost.
	 */
	public static function note_whether_paired() {
		update_option( self::PAIRED, self::held() ? '1' : '0', true );
	}

	/**
	 * The route relance/v1/pairing. Anybody may read it: it proves that this shop asked to be
	 * paired within the last minutes, and tells nothing else.
	 */
	public static function add_route() {
		register_rest_route(
			'relance/v1',
			'/pairing',
			array(
				'methods'             => 'GET',
				'callback'            => array( __CLASS__, 'prove' ),
				'permission_callback' => '__return_true',
			)
		);
	}

	/**
	 * Proves to the service that the pairing it was asked for comes from this shop.
	 *
	 * @return WP_REST_Response|WP_Error
	 */
	public static function prove() {
		$nonce = get_transient( self::PAIRING );
		if ( ! is_string( $nonce ) || '' === $nonce ) {
			return new WP_Error( 'relance_no_pairing', __( 'No pairing is under way.', 'relance' ), array( 'status' => 404 ) );
		}
		$response = new WP_REST_Response( array( 'proof' => hash( 'sha256', 'relance-pairing:' . $nonce ) ) );
		$response->header( 'Cache-Control', 'no-store' );
		return $response;
	}

	/**
	 * Connects this shop with the service that a code names.
	 *
	 * @param string $code What the merchant pasted: "https://service.example/pair/…".
	 * @return true|WP_Error With words for the merchant.
	 */
	public static function pair( $code ) {
		$part = Relance_Pairing_Code::read( $code );
		if ( ! $part ) {
			return new WP_Error( 'relance_code', __( 'This is no pairing code. It is an address that begins with https:// and holds /pair/.', 'relance' ) );
		}
		if ( ! self::is_safe( $part['base'] ) ) {
			return new WP_Error( 'relance_code', __( 'The service has to be reached over https: the key of this shop would be sent without protection.', 'relance' ) );
		}
		$nonce = bin2hex( random_bytes( 16 ) );
		set_transient( self::PAIRING, $nonce, self::PAIRS_FOR );
		if ( get_transient( self::PAIRING ) !== $nonce ) { // It answers false, too, where the same value was there.
			return new WP_Error( 'relance_pairing', __( 'WordPress could not note that a pairing is under way: its database or its object cache takes nothing at the moment. Nothing was sent. Please press the button once more; if that does not help, ask your host.', 'relance' ) );
		}
		$body   = array(
			'version' => 1,
			'code'    => $part['token'],
			'address' => untrailingslashit( get_option( 'home' ) ),
			'nonce'   => $nonce,
		);
		$answer = self::send( $part['base'] . '/pair', self::encode( $body ), array(), self::PAIR_TIME_OUT );
		delete_transient( self::PAIRING );
		return is_wp_error( $answer ) ? $answer : self::keep( $part['base'], $answer );
	}

	/**
	 * Whether a secret may travel to this address: over https, or inside this machine.
	 *
	 * @param string $base The address.
	 * @return bool
	 */
	private static function is_safe( $base ) {
		$host = strtolower( (string) wp_parse_url( $base, PHP_URL_HOST ) );
		$safe = 0 === stripos( $base, 'https://' ) || in_array( $host, array( 'localhost', '127.0.0.1', '[::1]' ), true );
		/**
		 * Whether a service may be used that is not reached over https, for tests.
		 *
		 * @param bool   $safe Whether it is https, or this very machine.
		 * @param string $base The service's address.
		 */
		return (bool) apply_filters( 'relance_is_safe_service', $safe, $base );
	}

	/**
	 * Keeps the connection that the service gave. The secret is not loaded with every page.
	 *
	 * @param string $base   The service's address.
	 * @param array  $answer shop, name, secret.
	 * @return true|WP_Error
	 */
	private static function keep( $base, array $answer ) {
		$shop   = isset( $answer['shop'] ) && is_scalar( $answer['shop'] ) ? (string) $answer['shop'] : '';
		$secret = isset( $answer['secret'] ) && is_string( $answer['secret'] ) ? $answer['secret'] : '';
		if ( ! preg_match( '/^[A-Za-z0-9_-]{1,100}$/D', $shop ) || strlen( $secret ) < 16 || strlen( $secret ) > 500 ) {
			return new WP_Error( 'relance_answer', __( 'The address answers, but not as a Relance service does. Look at the code again.', 'relance' ) );
		}
		$held = self::held();
		if ( $held && ( $held['endpoint'] !== $base || $held['shop'] !== $shop ) ) {
			self::clear(); // What was captured for one service is not for another.
		}
		$link = array(
			'endpoint'  => $base,
			'shop'      => $shop,
			'secret'    => $secret,
			'name'      => Relance_Pairing_Code::plain( isset( $answer['name'] ) ? $answer['name'] : '' ),
			'paired_at' => Relance_Store::now(),
		);
		Relance_Address::keep();
		update_option( self::OPTION, $link, false );
		return true;
	}

	/**
	 * What is kept of the connection.
	 *
	 * @return array|null endpoint, shop, secret, name, paired_at; null when there is none.
	 */
	private static function held() {
		$link = get_option( self::OPTION );
		return is_array( $link ) && ! empty( $link['endpoint'] ) && ! empty( $link['shop'] ) && ! empty( $link['secret'] ) ? $link : null;
	}

	/**
	 * Whether this shop is connected, and is no copy of the one that was.
	 *
	 * @return bool
	 */
	public static function is_paired() {
		return self::is_noted() && Relance_Address::is_the_same();
	}

	/**
	 * Whether there is a connection, but it was made at another address: this may be a copy.
	 *
	 * @return bool
	 */
	public static function has_moved() {
		return self::is_noted() && ! Relance_Address::is_the_same();
	}

	/**
	 * The merchant says that this is no copy: the shop got a new address.
	 */
	public static function stay() {
		Relance_Address::keep();
		Relance_Outbox::schedule( true );
	}

	/**
	 * Whether there is a connection, here or of the shop that this one is a copy of.
	 *
	 * @return bool
	 */
	private static function is_noted() {
		$noted = get_option( self::PAIRED );
		return false === $noted ? null !== self::held() : '1' === $noted;
	}

	/**
	 * The service's host, for people.
	 *
	 * @return string With its port when it has one; empty when not connected.
	 */
	public static function host() {
		$link  = self::held();
		$parts = $link ? wp_parse_url( $link['endpoint'] ) : false;
		if ( ! is_array( $parts ) || empty( $parts['host'] ) ) {
			return '';
		}
		return $parts['host'] . ( isset( $parts['port'] ) ? ':' . $parts['port'] : '' );
	}

	/**
	 * What may be shown of the connection.
	 *
	 * @return array endpoint, shop, name, paired_at; empty when not connected.
	 */
	public static function about() {
		$link = self::held();
		return $link ? array_diff_key( $link, array( 'secret' => true ) ) : array();
	}

	/**
	 * Ends the connection, and erases what was captured for it.
	 */
	public static function unpair() {
		delete_option( self::OPTION );
		delete_option( Relance_Outbox::OPTION );
		Relance_Address::drop();
		self::clear();
		if ( function_exists( 'as_unschedule_all_actions' ) ) {
			as_unschedule_all_actions( '', array(), Relance_Outbox::GROUP );
		}
	}

	/**
	 * Erases everything that was captured or asked for.
	 */
	private static function clear() {
		Relance_Store::clear();
		Relance_Requests::clear();
	}

	/**
	 * The headers that sign a text, as docs/plugin-carts.md of the service describes them. Each
	 * call makes a new nonce. What is signed for one door opens no other.
	 *
	 * @param string $door Which door.
	 * @param string $text The raw body.
	 * @return array
	 */
	private static function headers( $door, $text ) {
		$link = self::held();
		if ( ! $link ) {
			return array();
		}
		$timestamp = (string) time();
		$nonce     = bin2hex( random_bytes( 16 ) );
		$signed    = 'carts' === $door ? $text : $door . '.' . $text; // The carts' door was there before the others.
		return array(
			'X-Relance-Timestamp' => $timestamp,
			'X-Relance-Nonce'     => $nonce,
			'X-Relance-Signature' => hash_hmac( 'sha256', $timestamp . '.' . $nonce . '.' . $signed, $link['secret'] ),
		);
	}

	/**
	 * Signs a text whose beginning says what it is for.
	 *
	 * @param string $text The text.
	 * @return string Empty when this shop is not connected, or may be a copy.
	 */
	public static function signature( $text ) {
		$link = self::is_paired() ? self::held() : null;
		return $link ? hash_hmac( 'sha256', $text, $link['secret'] ) : '';
	}

	/**
	 * A body as it travels.
	 *
	 * @param array $body The body.
	 * @return string JSON.
	 */
	private static function encode( array $body ) {
		return (string) wp_json_encode( $body, JSON_UNESCAPED_SLASHES );
	}

	/**
	 * Posts something signed to one of this shop's doors.
	 *
	 * @param string $door "carts", "privacy" or "gone".
	 * @param array  $body What to say.
	 * @return array|WP_Error The answer's JSON (empty when it has none) for 200. Codes of errors:
	 *                        relance_unpaired, relance_moved, relance_unsigned (401), relance_away (no answer),
	 *                        relance_stranger (200, but not from the service), relance_status
	 *                        (another status); their data holds `status`.
	 */
	public static function post( $door, array $body ) {
		$link = self::held();
		if ( ! $link ) {
			return new WP_Error( 'relance_unpaired', __( 'This shop is not connected with a Relance service.', 'relance' ) );
		}
		if ( self::has_moved() ) {
			return new WP_Error( 'relance_moved', __( 'This shop has another address than when it was connected: decide first whether it is still the same one.', 'relance' ) );
		}
		$text = self::encode( $body );
		$url  = $link['endpoint'] . '/hooks/woocommerce/' . rawurlencode( $link['shop'] ) . '/' . $door;
		return self::send( $url, $text, self::headers( $door, $text ), self::TIME_OUT );
	}

	/**
	 * One request. Follows no redirect: a signed body is for one address. A parked domain, a page
	 * of maintenance or a portal answers 200, too, so a 200 counts only with the service's mark.
	 *
	 * @param string $url      Where to.
	 * @param string $text     The body.
	 * @param array  $headers  Its signature.
	 * @param int    $time_out Seconds.
	 * @return array|WP_Error As post().
	 */
	private static function send( $url, $text, array $headers, $time_out ) {
		$answer = wp_remote_post(
			$url,
			array(
				'timeout'             => $time_out,
				'redirection'         => 0,
				'limit_response_size' => self::LARGEST,
				'user-agent'          => 'Relance-WordPress/' . RELANCE_VERSION,
				'headers'             => array_merge( array( 'Content-Type' => 'application/json' ), $headers ),
				'body'                => $text,
			)
		);
		if ( is_wp_error( $answer ) ) {
			return new WP_Error( 'relance_away', $answer->get_error_message(), array( 'status' => 0 ) );
		}
		$status = (int) wp_remote_retrieve_response_code( $answer );
		$told   = json_decode( wp_remote_retrieve_body( $answer ), true );
		$told   = is_array( $told ) ? $told : array();
		if ( 200 !== $status ) {
			return self::refused( $status, $told );
		}
		if ( ! in_array( '1', (array) wp_remote_retrieve_header( $answer, self::OUR_MARK ), true ) ) {
			return new WP_Error( 'relance_stranger', __( 'Something else answers at the service’s address, not a Relance service.', 'relance' ), array( 'status' => $status ) );
		}
		return $told;
	}

	/**
	 * An answer other than 200, in words.
	 *
	 * @param int   $status The status.
	 * @param array $told   The answer's JSON; `error` holds words for the merchant.
	 * @return WP_Error
	 */
	private static function refused( $status, array $told ) {
		$words = Relance_Pairing_Code::plain( isset( $told['error'] ) ? $told['error'] : '' );
		if ( '' === $words && 401 === $status ) {
			$words = __( 'The service does not accept this shop’s signature.', 'relance' );
		} elseif ( '' === $words ) {
			/* translators: %d: a status of HTTP, such as 503. */
			$words = sprintf( __( 'The service answered with status %d.', 'relance' ), $status );
		}
		return new WP_Error( 401 === $status ? 'relance_unsigned' : 'relance_status', $words, array( 'status' => $status ) );
	}

	/**
	 * Posts a form without any cart, and says what happened.
	 *
	 * @return array ok (bool), code ('' or that of the error), words (for the merchant).
	 */
	public static function test() {
		$answer = self::post(
			'carts',
			array(
				'version' => 1,
				'carts'   => array(),
			)
		);
		if ( is_wp_error( $answer ) ) {
			return array(
				'ok'    => false,
				'code'  => $answer->get_error_code(),
				'words' => $answer->get_error_message(),
			);
		}
		return array(
			'ok'    => true,
			'code'  => '',
			/* translators: %s: the host name of the service. */
			'words' => sprintf( __( '%s answers and knows this shop. All is well.', 'relance' ), self::host() ),
		);
	}
}
