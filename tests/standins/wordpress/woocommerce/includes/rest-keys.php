<?php
/**
 * Who asks the REST API: OAuth 1.0a over http, Basic or keys in the query over https.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

/**
 * A new key: `key_id`, `consumer_key`, `consumer_secret`.
 *
 * @param int    $user_id     Whose.
 * @param string $description For what.
 * @param string $permissions read, write, read_write.
 */
function standin_make_key( $user_id, $description, $permissions ) {
	global $wpdb;
	$key    = wc_rand_hash( 'ck_' );
	$secret = wc_rand_hash( 'cs_' );
	$wpdb->insert( $wpdb->prefix . 'woocommerce_api_keys', array( 'user_id' => $user_id, 'description' => $description, 'permissions' => $permissions, 'consumer_key' => wc_api_hash( $key ), 'consumer_secret' => $secret, 'nonces' => '', 'truncated_key' => substr( $key, -7 ) ) );
	return array( 'key_id' => (int) $wpdb->insert_id, 'consumer_key' => $key, 'consumer_secret' => $secret );
}

/** Who asks, and with what key. */
class StandIn_Rest_Keys {

	/** @var WP_Error|null */
	private static $wrong = null;
	/** @var object|null */
	private static $key = null;

	/** Register. */
	public static function init() {
		add_filter( 'determine_current_user', array( __CLASS__, 'user' ), 15 );
		add_filter( 'rest_authentication_errors', array( __CLASS__, 'errors' ), 15 );
		add_filter( 'rest_pre_dispatch', array( __CLASS__, 'may' ), 10, 3 );
	}

	private static function is_ours() {
		$asked = isset( $_SERVER['REQUEST_URI'] ) ? (string) $_SERVER['REQUEST_URI'] : ''; // phpcs:ignore
		return false !== strpos( $asked, rest_get_url_prefix() . '/wc/v3' );
	}

	/** @param int|false $user Who it was so far. */
	public static function user( $user ) {
		if ( $user || ! self::is_ours() || self::$key ) {
			return $user;
		}
		self::$key = is_ssl() ? self::over_https() : self::over_http();
		return self::$key ? (int) self::$key->user_id : false;
	}

	/** @param mixed $error What was wrong so far. */
	public static function errors( $error ) {
		return $error ? $error : ( self::$wrong ? self::$wrong : ( self::$key ? true : $error ) );
	}

	/** Writing needs a key that may write. */
	public static function may( $answer, $server, $request ) {
		if ( ! self::is_ours() || ! self::$key ) {
			return $answer;
		}
		$reads = in_array( $request->get_method(), array( 'GET', 'HEAD', 'OPTIONS' ), true );
		if ( ! $reads && 'read' === self::$key->permissions ) {
			return self::wrong( 'The API key provided does not have write permissions.' );
		}
		return $reads && 'write' === self::$key->permissions ? self::wrong( 'The API key provided does not have read permissions.' ) : $answer;
	}

	private static function wrong( $words ) {
		self::$wrong = new WP_Error( 'woocommerce_rest_authentication_error', $words, array( 'status' => 401 ) );
		return self::$wrong;
	}

	private static function row( $key ) {
		global $wpdb;
		return $key ? $wpdb->get_row( $wpdb->prepare( "SELECT * FROM {$wpdb->prefix}woocommerce_api_keys WHERE consumer_key = %s", wc_api_hash( $key ) ) ) : null;
	}

	// phpcs:disable WordPress.Security

	private static function over_https() {
		$key    = isset( $_GET['consumer_key'] ) ? wp_unslash( $_GET['consumer_key'] ) : ( isset( $_SERVER['PHP_AUTH_USER'] ) ? $_SERVER['PHP_AUTH_USER'] : '' );
		$secret = isset( $_GET['consumer_secret'] ) ? wp_unslash( $_GET['consumer_secret'] ) : ( isset( $_SERVER['PHP_AUTH_PW'] ) ? $_SERVER['PHP_AUTH_PW'] : '' );
		$row    = self::row( $key );
		if ( $row && ! hash_equals( $row->consumer_secret, (string) $secret ) ) {
			self::wrong( 'Consumer secret is invalid.' );
			return null;
		}
		return $row;
	}

	private static function over_http() {
		$given = wp_unslash( $_GET );
		$row   = self::row( isset( $given['oauth_consumer_key'] ) ? $given['oauth_consumer_key'] : '' );
		if ( ! $row ) {
			return null;
		}
		$signed = isset( $given['oauth_signature'] ) ? rawurldecode( str_replace( ' ', '+', $given['oauth_signature'] ) ) : '';
		if ( ! hash_equals( self::signature( $given, $row->consumer_secret ), $signed ) ) {
			self::wrong( 'Invalid signature - provided signature does not match.' );
			return null;
		}
		return self::is_fresh( $row, $given ) ? $row : null;
	}

	private static function signature( $given, $secret ) {
		unset( $given['oauth_signature'] );
		$path  = (string) wp_parse_url( $_SERVER['REQUEST_URI'], PHP_URL_PATH );
		$twice = function ( $text ) {
			return str_replace( '%', '%25', rawurlencode( rawurldecode( (string) $text ) ) );
		};
		ksort( $given );
		$pairs = array();
		foreach ( $given as $name => $value ) {
			$pairs[] = $twice( $name ) . '%3D' . $twice( $value );
		}
		$told = strtoupper( $_SERVER['REQUEST_METHOD'] ) . '&' . rawurlencode( get_home_url( null, $path ) ) . '&' . implode( '%26', $pairs );
		return base64_encode( hash_hmac( 'sha256', $told, $secret . '&', true ) );
	}

	/** Within 15 minutes, and each nonce once. */
	private static function is_fresh( $row, $given ) {
		global $wpdb;
		$at = isset( $given['oauth_timestamp'] ) ? (int) $given['oauth_timestamp'] : 0;
		if ( abs( time() - $at ) > 15 * MINUTE_IN_SECONDS ) {
			self::wrong( 'Invalid timestamp.' );
			return false;
		}
		$seen = array_filter( (array) maybe_unserialize( $row->nonces ) );
		if ( in_array( $given['oauth_nonce'], $seen, true ) ) {
			self::wrong( 'Invalid nonce - nonce has already been used.' );
			return false;
		}
		$seen[ $at . '-' . count( $seen ) ] = $given['oauth_nonce'];
		$wpdb->update( $wpdb->prefix . 'woocommerce_api_keys', array( 'nonces' => maybe_serialize( array_slice( $seen, -200, null, true ) ) ), array( 'key_id' => $row->key_id ) );
		return true;
	}
	// phpcs:enable
}

StandIn_Rest_Keys::init();
