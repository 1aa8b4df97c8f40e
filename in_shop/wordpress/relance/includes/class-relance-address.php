<?php
/**
 * The address at which this shop was connected.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

/**
 * Tells a copy of a shop (for tests, for a move) from the shop: a copy holds the carts of real
 * shoppers and the key to send them with, but stands at another address.
 */
class Relance_Address {

	const OPTION = 'relance_address'; // Loaded with every page.

	/**
	 * The address of this WordPress, without https:// and www.: "shop.example/blog".
	 *
	 * Read past the filters of get_option(): plugins for several languages or domains answer
	 * there with the address of the page. It lies in what WordPress loads with every page, so
	 * it costs no query.
	 *
	 * @return string Empty when not known.
	 */
	public static function present() {
		$loaded = wp_load_alloptions();
		$stored = self::plain( isset( $loaded['siteurl'] ) ? $loaded['siteurl'] : '' );
		// A copy whose address stands in wp-config.php keeps the old one in its database.
		$set = defined( 'WP_SITEURL' ) && ! is_multisite() ? self::plain( WP_SITEURL ) : '';
		/**
		 * The address that tells this shop from its copies. A shop that answers at several
		 * addresses, by a WP_SITEURL made from the request, names one of them here.
		 *
		 * @param string $address Host and path, such as "shop.example/blog".
		 */
		return (string) apply_filters( 'relance_address', '' === $set ? $stored : $set );
	}

	/**
	 * Host (with its port when it names one) and path, the same for http and https.
	 *
	 * @param mixed $url An address.
	 * @return string Empty when it names no host.
	 */
	public static function plain( $url ) {
		$parts = is_string( $url ) ? wp_parse_url( trim( $url ) ) : false;
		if ( ! is_array( $parts ) || empty( $parts['host'] ) ) {
			return '';
		}
		$host = preg_replace( '/^www\./', '', strtolower( $parts['host'] ) );
		$port = isset( $parts['port'] ) && ! in_array( $parts['port'], array( 80, 443 ), true ) ? ':' . $parts['port'] : '';
		return $host . $port . ( isset( $parts['path'] ) ? untrailingslashit( $parts['path'] ) : '' );
	}

	/**
	 * Keeps the present address: here the shop is connected.
	 *
	 * In hexadecimal digits: whoever copies a shop lets a program replace its address
	 * everywhere in the database, and this one has to stay.
	 */
	public static function keep() {
		update_option( self::OPTION, bin2hex( self::present() ), true );
	}

	/**
	 * Nothing is connected any more.
	 */
	public static function drop() {
		delete_option( self::OPTION );
	}

	/**
	 * The address at which the shop was connected.
	 *
	 * @return string Empty when none was kept.
	 */
	public static function kept() {
		$kept = get_option( self::OPTION );
		return is_string( $kept ) && preg_match( '/^(?:[0-9a-f]{2})+$/D', $kept ) ? (string) hex2bin( $kept ) : '';
	}

	/**
	 * Whether this WordPress stands where it was connected.
	 *
	 * @return bool True, too, where one of the two is not known.
	 */
	public static function is_the_same() {
		$kept    = self::kept();
		$present = '' === $kept ? '' : self::present();
		return '' === $present || $present === $kept;
	}
}
