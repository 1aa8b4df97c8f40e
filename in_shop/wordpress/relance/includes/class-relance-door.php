<?php
/**
 * What a request to one of our doors shows of itself.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

/**
 * Tells a script of this shop's own pages from everything else, and reads what it sent.
 */
class Relance_Door {

	/**
	 * Whether a page of this shop sent this, by what a browser says and a page cannot change.
	 *
	 * @return bool
	 */
	public static function is_a_post_of_this_shop() {
		if ( 'POST' !== self::header( 'REQUEST_METHOD' ) ) {
			return false;
		}
		$site = self::header( 'HTTP_SEC_FETCH_SITE' );
		if ( '' !== $site ) {
			return 'same-origin' === $site;
		}
		$origin = self::host_of( self::header( 'HTTP_ORIGIN' ) ); // Browsers before 2020–2023 send no Sec-Fetch-Site.
		$ours   = array( strtolower( self::header( 'HTTP_HOST' ) ), self::host_of( home_url() ), self::host_of( site_url() ) );
		return '' !== $origin && in_array( $origin, $ours, true );
	}

	/**
	 * The host of an address, with its port when it names one.
	 *
	 * @param string $url The address.
	 * @return string
	 */
	public static function host_of( $url ) {
		$parts = wp_parse_url( $url );
		if ( ! is_array( $parts ) || empty( $parts['host'] ) ) {
			return '';
		}
		return strtolower( $parts['host'] . ( isset( $parts['port'] ) ? ':' . $parts['port'] : '' ) );
	}

	/**
	 * What the server knows of the request.
	 *
	 * @param string $name Its name in $_SERVER.
	 * @return string
	 */
	public static function header( $name ) {
		return isset( $_SERVER[ $name ] ) ? sanitize_text_field( wp_unslash( $_SERVER[ $name ] ) ) : '';
	}

	/**
	 * The machine that is really connected, as a mark from which its address cannot be read. No
	 * header decides: anybody may write one. Of IPv6 a household has a whole network, /64.
	 *
	 * @return string
	 */
	public static function machine() {
		$address = self::header( 'REMOTE_ADDR' );
		if ( rest_is_ip_address( $address ) && false !== strpos( $address, ':' ) && 0 !== stripos( $address, '::ffff:' ) ) {
			$address = bin2hex( substr( (string) inet_pton( $address ), 0, 8 ) );
		}
		return substr( wp_hash( 'relance-asker:' . $address ), 0, 32 );
	}

	/**
	 * The JSON that was posted.
	 *
	 * @param int $largest Bytes.
	 * @return array|null Null when it is no JSON, too large or too deep.
	 */
	public static function message( $largest ) {
		if ( 0 !== strpos( strtolower( self::header( 'CONTENT_TYPE' ) ), 'application/json' ) ) {
			return null; // A form of another site could be posted without asking, JSON never.
		}
		$body = file_get_contents( 'php://input', false, null, 0, $largest + 1 );
		if ( ! is_string( $body ) || strlen( $body ) > $largest ) {
			return null;
		}
		$raw = json_decode( $body, true, 4 );
		return is_array( $raw ) ? $raw : null;
	}
}
