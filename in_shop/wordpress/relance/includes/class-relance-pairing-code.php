<?php
/**
 * What the merchant pastes to connect the shop.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

/**
 * Reads a pairing code, "https://service.example/pair/…", and names the host behind it so that
 * it cannot look like another one: in ASCII alone, as it is asked for on the network.
 */
class Relance_Pairing_Code {

	/** Scheme, host, port, path, token. Nobody's name before the host: "good.example@bad.example" reads like the first. */
	const FORM = '#^(https?)://(\[[0-9A-Fa-f:.]{2,45}\]|[^\x00-\x20/?\#@:\[\]\\\\\x7f]{1,253})(:[0-9]{1,5})?((?:/[A-Za-z0-9._~-]+)*)/pair/([A-Za-z0-9_-]{8,200})/?$#D';

	/**
	 * The parts of a code.
	 *
	 * @param string $code What was pasted, or came with the install link.
	 * @return array|null base (the service's address), host (with its port when it has one) and token. Null
	 *                    when it is no code, or when its host cannot be written in ASCII.
	 */
	public static function read( $code ) {
		if ( ! preg_match( self::FORM, trim( $code ), $part ) ) {
			return null;
		}
		$host = self::ascii( $part[2] );
		if ( '' === $host ) {
			return null;
		}
		return array(
			'base'  => $part[1] . '://' . $host . $part[3] . $part[4],
			'host'  => $host . $part[3],
			'token' => $part[5],
		);
	}

	/**
	 * A host in ASCII. One of another script gets its "xn--…" where this PHP can make it.
	 *
	 * @param string $host As it was written.
	 * @return string Empty where that cannot be, or where it holds something that is no part of a host's name.
	 */
	private static function ascii( $host ) {
		if ( preg_match( '/[\x80-\xff]/', $host ) ) {
			if ( ! function_exists( 'idn_to_ascii' ) || 0 !== preg_match( '/[\p{C}\p{Z}]/u', $host ) ) {
				return ''; // Half a letter, or a sign that is not seen but turns the others round.
			}
			$host = (string) idn_to_ascii( $host, IDNA_USE_STD3_RULES | IDNA_CHECK_BIDI | IDNA_CHECK_CONTEXTJ, INTL_IDNA_VARIANT_UTS46 );
		}
		return preg_match( '/^(\[[0-9a-f:.]+\]|[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?\.?)$/Di', $host ) ? strtolower( $host ) : '';
	}

	/**
	 * A text that somebody else wrote, to be shown: plain, on one line, and without signs that
	 * change the order in which the others are read.
	 *
	 * @param mixed $text The text; '' where it is none.
	 * @return string At most 500 characters; empty, too, where a letter is broken.
	 */
	public static function plain( $text ) {
		$text = is_string( $text ) ? preg_replace( '/[\x{061c}\x{200b}-\x{200f}\x{2028}-\x{202e}\x{2060}-\x{2069}\x{feff}]/u', '', $text ) : '';
		return sanitize_text_field( mb_substr( (string) $text, 0, 500 ) );
	}
}
