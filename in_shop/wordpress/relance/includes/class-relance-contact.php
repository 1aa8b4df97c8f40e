<?php
/**
 * What a shopper typed, and agreed to.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

/**
 * Reads the browser's message: what may be kept of it, what is withdrawn. Decides, touches
 * nothing.
 */
class Relance_Contact {

	const FIELDS        = array(
		'email'      => 254, // RFC 5321 leaves no room for more.
		'phone'      => 40,
		'country'    => 2,
		'state'      => 64,
		'first_name' => 100,
		'last_name'  => 100,
	);
	const ADDRESSES     = array(
		'sms'   => 'phone',
		'email' => 'email',
	);
	const MOST_CONSENTS = 20;

	/**
	 * The message with its types, everything cut to its length.
	 *
	 * @param array $raw What the browser sent, decoded.
	 * @return array|null Each of FIELDS (text, '' when not there or not valid), consents
	 *                    (channel => bool, only those told), declined (bool), page (the page's id or '')
	 *                    and n (how many messages that page has sent). Null when a value is of a wrong
	 *                    type or too long: that is none of our script's messages.
	 */
	public static function read( array $raw ) {
		$read = array();
		foreach ( self::FIELDS as $name => $longest ) {
			$value = isset( $raw[ $name ] ) ? $raw[ $name ] : '';
			if ( ! is_string( $value ) || strlen( $value ) > 4 * $longest ) {
				return null;
			}
			$read[ $name ] = self::clean( $name, $value, $longest );
		}
		$told = isset( $raw['consents'] ) ? $raw['consents'] : array();
		if ( ! is_array( $told ) || ( isset( $raw['declined'] ) && ! is_bool( $raw['declined'] ) ) ) {
			return null;
		}
		$read['consents'] = array();
		foreach ( self::ADDRESSES as $channel => $field ) {
			if ( isset( $told[ $channel ] ) ) {
				if ( ! is_bool( $told[ $channel ] ) ) {
					return null;
				}
				$read['consents'][ $channel ] = $told[ $channel ];
			}
		}
		$read['declined'] = ! empty( $raw['declined'] );
		return self::read_count( $raw, $read );
	}

	/**
	 * The message with the page that sent it, and its count there.
	 *
	 * @param array $raw  What the browser sent, decoded.
	 * @param array $read The message so far.
	 * @return array|null Null when they are of a wrong form. page is '' where neither is told.
	 */
	private static function read_count( array $raw, array $read ) {
		$page = isset( $raw['page'] ) ? $raw['page'] : '';
		$n    = isset( $raw['n'] ) ? $raw['n'] : 0;
		if ( ! is_string( $page ) || ! is_int( $n ) || $n < 0 || ( '' !== $page && ! preg_match( Relance_Typed::A_PAGE, $page ) ) ) {
			return null;
		}
		return $read + array(
			'page' => isset( $raw['n'] ) ? $page : '',
			'n'    => $n,
		);
	}

	/**
	 * One field: '' when it is not valid.
	 *
	 * @param string $name    One of FIELDS.
	 * @param string $value   As typed.
	 * @param int    $longest Characters.
	 * @return string
	 */
	private static function clean( $name, $value, $longest ) {
		$value = trim( preg_replace( '/[\x00-\x1F\x7F]+/', ' ', wp_check_invalid_utf8( $value ) ) );
		if ( preg_match( '/^.{' . ( $longest + 1 ) . '}/us', $value ) ) {
			return '';
		}
		if ( 'email' === $name ) {
			return self::is_an_email( $value ) ? $value : '';
		}
		if ( 'phone' === $name ) {
			return self::is_a_phone( $value ) ? $value : '';
		}
		if ( 'country' === $name ) {
			return preg_match( '/^[A-Za-z]{2}$/D', $value ) ? strtoupper( $value ) : '';
		}
		return trim( wp_strip_all_tags( $value ) );
	}

	/**
	 * Whether mail may reach this address.
	 *
	 * WordPress's is_email() refuses letters beyond ASCII, on either side of the @; PHP's filter
	 * refuses them in the domain, and the dots that some Japanese carriers allow. So we ask for
	 * the shape alone: whether an address is real shows when mail is sent.
	 *
	 * @param string $email The address.
	 * @return bool
	 */
	public static function is_an_email( $email ) {
		if ( false !== filter_var( $email, FILTER_VALIDATE_EMAIL, FILTER_FLAG_EMAIL_UNICODE ) ) {
			return true;
		}
		$name = '(?:[^\s@"<>()\[\]\\\\,;:]{1,64}|"(?:[^"\\\\\r\n]|\\\\.){1,62}")';
		$part = '[\p{L}\p{M}\p{N}](?:[\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}])?';
		return (bool) preg_match( "/^{$name}@(?:{$part}\.)+{$part}$/uD", $email ) && ! preg_match( '/\.[^.]$/uD', $email );
	}

	/**
	 * Whether this may be a phone number: 6 to 15 digits of any script, in any writing.
	 *
	 * @param string $phone As typed.
	 * @return bool
	 */
	public static function is_a_phone( $phone ) {
		$digits = preg_match_all( '/\p{Nd}/u', $phone );
		return $digits >= 6 && $digits <= 15 && ! preg_match( '/[@<>"]|:\/\//', $phone );
	}

	/**
	 * Keeps of a message only what may be kept: in the mode "consent", an address with its box
	 * ticked, and the rest beside such an address.
	 *
	 * @param array  $read     From read().
	 * @param string $mode     "consent" or "notice".
	 * @param array  $channels Those that the merchant uses.
	 * @param bool   $declined Whether this browser said "no thanks" earlier: then a notice is not enough.
	 * @return array Fields and their values; empty when there is no address among them.
	 */
	public static function allowed( array $read, $mode, array $channels, $declined ) {
		$contact = array_filter( array_intersect_key( $read, self::FIELDS ), 'strlen' );
		foreach ( self::ADDRESSES as $channel => $field ) {
			$may = ! empty( $read['consents'][ $channel ] ) || ( 'notice' === $mode && ! $declined );
			if ( ! $may || ! in_array( $channel, $channels, true ) ) {
				unset( $contact[ $field ] );
			}
		}
		return array_intersect( self::ADDRESSES, array_keys( $contact ) ) ? $contact : array();
	}

	/**
	 * The consents after a message.
	 *
	 * One that was given for another address before is taken back, or left out when nobody has
	 * heard of it: a number half typed was nobody's consent.
	 *
	 * @param array         $held     The list so far, as it is sent.
	 * @param array         $read     From read().
	 * @param array         $contact  What is known of the shopper, with what is new.
	 * @param array         $words    Channel => the words that stood beside its box.
	 * @param string        $at       Now, ISO 8601.
	 * @param bool          $was_sent Whether the service may have heard of the list so far.
	 * @param callable|null $is_own   Whether an address is this shopper's; null for any. Another person's
	 *                                consent is theirs to take back.
	 * @return array The new list.
	 */
	public static function consents( array $held, array $read, array $contact, array $words, $at, $was_sent, $is_own = null ) {
		foreach ( $read['consents'] as $channel => $ticked ) {
			if ( ! isset( $words[ $channel ] ) ) {
				continue;
			}
			$address = isset( $contact[ self::ADDRESSES[ $channel ] ] ) ? $contact[ self::ADDRESSES[ $channel ] ] : '';
			if ( $ticked && '' === $address ) {
				continue; // A box ticked beside an empty field agrees to nothing yet.
			}
			$held = self::without_others( $held, $channel, $ticked ? $address : '', $at, $was_sent, $is_own );
			if ( $ticked && ! self::is_granted( $held, $channel, $address ) ) {
				$held[] = array(
					'channel' => $channel,
					'granted' => true,
					'address' => $address,
					'at'      => $at,
					'words'   => $words[ $channel ],
				);
			}
		}
		return array_slice( $held, -self::MOST_CONSENTS );
	}

	/**
	 * Takes back what was given on a channel, but for one address.
	 *
	 * @param array         $held     The list so far.
	 * @param string        $channel  Which channel.
	 * @param string        $address  The address whose consent stays; '' for none.
	 * @param string        $at       Now, ISO 8601.
	 * @param bool          $was_sent Whether the service may have heard of the list.
	 * @param callable|null $is_own   Whether an address is this shopper's; null for any.
	 * @return array The new list.
	 */
	private static function without_others( array $held, $channel, $address, $at, $was_sent, $is_own ) {
		$left = array();
		foreach ( $held as $one ) {
			if ( $one['channel'] === $channel && $one['granted'] && $one['address'] !== $address && ( ! $is_own || $is_own( $one['address'] ) ) ) {
				if ( ! $was_sent ) {
					continue;
				}
				$one['granted'] = false;
				$one['at']      = $at;
			} elseif ( $one['channel'] === $channel && ! $one['granted'] && $one['address'] === $address ) {
				continue; // Given again: the newest word counts.
			}
			$left[] = $one;
		}
		return $left;
	}

	/**
	 * Whether a consent is in the list.
	 *
	 * @param array  $held    The list.
	 * @param string $channel Which channel.
	 * @param string $address For this address; '' for any.
	 * @return bool
	 */
	public static function is_granted( array $held, $channel, $address = '' ) {
		foreach ( $held as $one ) {
			if ( $one['channel'] === $channel && $one['granted'] && ( '' === $address || $one['address'] === $address ) ) {
				return true;
			}
		}
		return false;
	}
}
