<?php
/**
 * How the connection stands, in words.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

/**
 * Reads only what lies here: nobody is asked over the network.
 */
class Relance_Settings_Connection {

	/**
	 * The rows of the table "Connection".
	 *
	 * @return array[] label, words and more (may be empty), as plain text.
	 */
	public static function rows() {
		$state   = Relance_Outbox::state();
		$waiting = Relance_Store::count_waiting();
		$asked   = Relance_Requests::count_waiting();
		$rows    = array(
			self::connection(),
			self::row( __( 'Last cart sent', 'relance' ), '' === $state['sent_at'] ? __( 'None yet', 'relance' ) : self::moment( $state['sent_at'] ) ),
			self::row( __( 'Carts waiting to be sent', 'relance' ), number_format_i18n( $waiting ), self::about_waiting( $waiting + $asked, $state ) ),
			self::row( __( 'Requests and parcel news waiting', 'relance' ), number_format_i18n( $asked ) ),
			self::row( __( 'Carts not kept', 'relance' ), number_format_i18n( $state['dropped'] ), self::about_dropped() ),
			self::last_error( $state ),
		);
		if ( '' !== $state['crowded_at'] ) {
			$rows[] = self::row( __( 'New carts refused', 'relance' ), self::moment( $state['crowded_at'] ), self::about_crowd() );
		}
		return $rows;
	}

	/**
	 * Why new carts were refused.
	 *
	 * @return string
	 */
	private static function about_crowd() {
		/* translators: %s: a number of carts. */
		return sprintf( __( 'More than %s new carts came from one address within an hour: a program, perhaps. Or your shop stands behind a proxy, and WordPress sees every shopper at the address of that proxy: then ask your host to pass on the shoppers’ own addresses.', 'relance' ), number_format_i18n( Relance_Crowd::MOST ) );
	}

	/**
	 * With whom this shop is connected, and since when.
	 *
	 * @return array
	 */
	private static function connection() {
		$about = Relance_Link::about() + array(
			'paired_at' => '',
			'name'      => '',
		);
		/* translators: 1: the host name of the service. 2: a date. */
		$words = sprintf( __( '%1$s, since %2$s', 'relance' ), Relance_Link::host(), self::moment( $about['paired_at'] ) );
		/* translators: %s: the shop's name, as the service knows it. */
		$name = '' === $about['name'] ? '' : sprintf( __( 'It knows this shop as “%s”.', 'relance' ), $about['name'] );
		return self::row( __( 'Connected with', 'relance' ), $words, $name );
	}

	/**
	 * Why something may be waiting.
	 *
	 * @param int   $waiting How many carts.
	 * @param array $state   As of Relance_Outbox.
	 * @return string
	 */
	private static function about_waiting( $waiting, array $state ) {
		if ( 0 === $waiting ) {
			return '';
		}
		if ( $state['failures'] > 0 ) {
			return __( 'They are tried again every few minutes, for up to 7 days.', 'relance' );
		}
		return __( 'They leave within a minute or two where WordPress’s cron runs. If the number stays: see WooCommerce → Status → Scheduled Actions, “relance_send”.', 'relance' );
	}

	/**
	 * When a cart is not kept.
	 *
	 * @return string
	 */
	private static function about_dropped() {
		/* translators: %s: a number of carts. */
		return sprintf( __( 'Carts lost since the connection was made: because %s waited already, or because they had waited for 7 days.', 'relance' ), number_format_i18n( Relance_Store::MOST_WAITING ) );
	}

	/**
	 * The last error, and what to do about it.
	 *
	 * @param array $state As of Relance_Outbox.
	 * @return array
	 */
	private static function last_error( array $state ) {
		$label = __( 'Last error', 'relance' );
		if ( '' === $state['error'] ) {
			return self::row( $label, __( 'None', 'relance' ) );
		}
		/* translators: 1: what went wrong. 2: when. */
		$words = sprintf( __( '%1$s (%2$s)', 'relance' ), $state['error'], self::moment( $state['error_at'] ) );
		return self::row( $label, $words, self::advice( $state['code'] ) );
	}

	/**
	 * What to do about an error.
	 *
	 * @param string $code The error's code, as of Relance_Link::post().
	 * @return string
	 */
	public static function advice( $code ) {
		if ( 'relance_away' === $code ) {
			/* translators: %s: the host name of the service. */
			return sprintf( __( '%s could not be reached. Is it running? Does your host allow requests to other servers? The carts wait here meanwhile.', 'relance' ), Relance_Link::host() );
		}
		if ( 'relance_unsigned' === $code ) {
			return __( 'Either the clock of one of the two machines is wrong by more than five minutes, or the shop was connected anew elsewhere or removed at the service. Then disconnect it here and connect it with a new code.', 'relance' );
		}
		if ( 'relance_stranger' === $code ) {
			/* translators: %s: the host name of the service. */
			return sprintf( __( 'Nothing counts as sent: the carts wait here. Perhaps the domain of %s has ended, or another page is shown there for now. Open it in a browser, and ask whoever runs the service; an old version of it has to be updated.', 'relance' ), Relance_Link::host() );
		}
		if ( 'relance_unpaired' === $code ) {
			return __( 'Connect the shop with a pairing code first.', 'relance' );
		}
		if ( 'relance_moved' === $code ) {
			return __( 'Choose on this page how to go on.', 'relance' );
		}
		return __( 'The service has a problem. There is nothing to do here: the carts are sent again by themselves. If it lasts, tell whoever runs the service.', 'relance' );
	}

	/**
	 * A stored time as the merchant reads it, in the shop's time zone.
	 *
	 * @param string $time As of Relance_Store::now(): UTC.
	 * @return string
	 */
	private static function moment( $time ) {
		$seconds = strtotime( substr( $time, 0, 19 ) . ' UTC' );
		if ( false === $seconds ) {
			return __( 'unknown', 'relance' );
		}
		return wp_date( get_option( 'date_format' ) . ' ' . get_option( 'time_format' ), $seconds );
	}

	/**
	 * A row.
	 *
	 * @param string $label What it is.
	 * @param string $words How it stands.
	 * @param string $more  What it means, or what to do.
	 * @return array
	 */
	private static function row( $label, $words, $more = '' ) {
		return compact( 'label', 'words', 'more' );
	}
}
