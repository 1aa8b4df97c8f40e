<?php
/**
 * How long the mobile numbers of a country are.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

/**
 * Refuses a number that has a digit too few or too many while the shopper can still mend it.
 * Whether a number of the right length exists, the service knows better.
 */
class Relance_Phone_Lengths {

	/**
	 * Calling code, fewest and most digits after it (and after a leading 0 of the national
	 * writing). A country that is not here takes what Relance_Contact::is_a_phone() takes.
	 */
	const OF = array(
		'AE' => array( '971', 9, 9 ),
		'AT' => array( '43', 7, 13 ),
		'AU' => array( '61', 9, 9 ),
		'BE' => array( '32', 9, 9 ),
		'BG' => array( '359', 8, 9 ),
		'BR' => array( '55', 10, 11 ),
		'CA' => array( '1', 10, 10 ),
		'CH' => array( '41', 9, 9 ),
		'CY' => array( '357', 8, 8 ),
		'CZ' => array( '420', 9, 9 ),
		'DE' => array( '49', 10, 11 ),
		'DK' => array( '45', 8, 8 ),
		'DZ' => array( '213', 9, 9 ),
		'EE' => array( '372', 7, 8 ),
		'ES' => array( '34', 9, 9 ),
		'FI' => array( '358', 6, 10 ),
		'FR' => array( '33', 9, 9 ),
		'GB' => array( '44', 10, 10 ),
		'GR' => array( '30', 10, 10 ),
		'HK' => array( '852', 8, 8 ),
		'HR' => array( '385', 8, 9 ),
		'HU' => array( '36', 9, 9 ),
		'IE' => array( '353', 9, 9 ),
		'IL' => array( '972', 9, 9 ),
		'IN' => array( '91', 10, 10 ),
		'IS' => array( '354', 7, 9 ),
		'IT' => array( '39', 9, 10 ),
		'JP' => array( '81', 10, 10 ),
		'LT' => array( '370', 8, 8 ),
		'LU' => array( '352', 9, 9 ),
		'LV' => array( '371', 8, 8 ),
		'MA' => array( '212', 9, 9 ),
		'MT' => array( '356', 8, 8 ),
		'MX' => array( '52', 10, 10 ),
		'NL' => array( '31', 9, 11 ),
		'NO' => array( '47', 8, 8 ),
		'NZ' => array( '64', 8, 10 ),
		'PL' => array( '48', 9, 9 ),
		'PT' => array( '351', 9, 9 ),
		'RO' => array( '40', 9, 9 ),
		'SA' => array( '966', 9, 9 ),
		'SE' => array( '46', 9, 9 ),
		'SG' => array( '65', 8, 8 ),
		'SI' => array( '386', 8, 8 ),
		'SK' => array( '421', 9, 9 ),
		'TN' => array( '216', 8, 8 ),
		'TR' => array( '90', 10, 10 ),
		'US' => array( '1', 10, 10 ),
		'ZA' => array( '27', 5, 9 ),
	);

	/**
	 * Whether a number is as long as the mobile numbers of its country.
	 *
	 * @param string $phone   As typed: with its calling code after + or 00, or as written at home.
	 * @param string $country The country that was chosen, "FR".
	 * @return bool True, too, for a country or digits that are not known here.
	 */
	public static function fit( $phone, $country ) {
		$phone = str_replace( '(0)', '', preg_replace( '/\s+/', '', $phone ) );
		if ( preg_match( '/[^\P{Nd}0-9]/u', $phone ) ) {
			return true; // Digits of another script.
		}
		$digits = preg_replace( '/\D+/', '', $phone );
		if ( preg_match( '/^\D*(\+|00)/', $phone ) ) {
			return self::fits_abroad( preg_replace( '/^00/', '', $digits ) );
		}
		if ( ! isset( self::OF[ $country ] ) ) {
			return true;
		}
		list( $code, $fewest, $most ) = self::OF[ $country ];
		// At home a leading 0 is written in most countries; some people write the calling code without its +.
		foreach ( array( '', '0', 'HU' === $country ? '06' : '0', 'LT' === $country ? '8' : '0', $code ) as $before ) {
			$rest = '' === $before || 0 === strpos( $digits, $before ) ? strlen( $digits ) - strlen( $before ) : 0;
			if ( $rest >= $fewest && $rest <= $most && ( '' !== $before || '0' !== $digits[0] ) ) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Whether a number with its calling code is as long as it should be.
	 *
	 * @param string $digits The calling code and the number.
	 * @return bool
	 */
	private static function fits_abroad( $digits ) {
		foreach ( self::OF as $of ) {
			list( $code, $fewest, $most ) = $of;
			if ( 0 === strpos( $digits, $code ) ) { // No calling code begins with another one.
				$rest = strlen( preg_replace( '/^0/', '', substr( $digits, strlen( $code ) ) ) );
				return $rest >= $fewest && $rest <= $most;
			}
		}
		return true;
	}
}
