<?php
/**
 * What the merchant chose.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

/**
 * The option `relance_settings`, its defaults and what may be in it.
 *
 * Words that were left as they are (or empty) are stored as an empty text, so
 * that a shop in several languages shows the default in the shopper's language.
 */
class Relance_Settings {

	const OPTION     = 'relance_settings';
	const SLUG       = 'relance';
	const CAPABILITY = 'manage_woocommerce';
	const MODES      = array( 'consent', 'notice' );
	const CHANNELS   = array( 'sms', 'email' );
	const AT_FIRST   = array( 'sms' ); // The service sends no e-mail yet: that box is the merchant's choice.
	const WORDS      = array( 'sms_words', 'email_words', 'notice_words' );
	const MOST_WORDS = 600; // Characters: three or four sentences.

	/**
	 * Registers the page and what its forms do.
	 */
	public static function hook() {
		if ( is_admin() ) {
			require_once __DIR__ . '/class-relance-settings-page.php';
			require_once __DIR__ . '/class-relance-settings-connection.php';
			require_once __DIR__ . '/class-relance-settings-forms.php';
			require_once __DIR__ . '/class-relance-settings-moved.php';
			Relance_Settings_Page::hook();
			Relance_Settings_Forms::hook();
			Relance_Settings_Moved::hook();
		}
	}

	/**
	 * Every setting, with the default where the merchant chose nothing.
	 *
	 * @return array on (bool), mode, channels (list), sms_words, email_words, notice_words.
	 */
	public static function all() {
		$stored = get_option( self::OPTION, array() );
		return self::clean( is_array( $stored ) ? $stored : array() );
	}

	/**
	 * Whether anything is to be captured at all: paired and switched on.
	 *
	 * @return bool
	 */
	public static function is_active() {
		$settings = self::all();
		return $settings['on'] && Relance_Link::is_paired();
	}

	/**
	 * The words beside a box, or of the notice, in the language of this moment.
	 *
	 * @param string $name One of WORDS.
	 * @return string Plain text; escape it where it is shown.
	 */
	public static function words( $name ) {
		$settings = self::all();
		return '' !== $settings[ $name ] ? $settings[ $name ] : self::default_words( $name );
	}

	/**
	 * The words that we propose. They name the shop and say how to stop.
	 *
	 * @param string $name One of WORDS.
	 * @return string
	 */
	public static function default_words( $name ) {
		if ( 'sms_words' === $name ) {
			/* translators: %s: the name of the shop. Stands beside a box at the checkout. */
			$words = __( 'Text me about the cart I leave behind and about offers of %s. Each message says how to stop.', 'relance' );
		} elseif ( 'email_words' === $name ) {
			/* translators: %s: the name of the shop. Stands beside a box at the checkout. */
			$words = __( 'E-mail me about the cart I leave behind and about offers of %s. Each message says how to stop.', 'relance' );
		} else {
			/* translators: %s: the name of the shop. Stands at the checkout, beside a button "No thanks". */
			$words = __( 'So that your cart is not lost, %s keeps it, with the contact details you type here, before you order. No text message is sent unless you tick the box for it.', 'relance' );
		}
		return sprintf( $words, self::shop_name() );
	}

	/**
	 * The shop's name as its visitors know it: the site's title, else its host.
	 *
	 * @return string
	 */
	public static function shop_name() {
		$name = trim( wp_specialchars_decode( get_bloginfo( 'name' ), ENT_QUOTES ) );
		return '' !== $name ? $name : (string) wp_parse_url( home_url(), PHP_URL_HOST );
	}

	/**
	 * Only what we know, each of its own type.
	 *
	 * @param array $raw Settings as stored, or as they come from the form (unslashed).
	 * @return array
	 */
	public static function clean( array $raw ) {
		$mode     = isset( $raw['mode'] ) ? $raw['mode'] : '';
		$channels = isset( $raw['channels'] ) ? (array) $raw['channels'] : self::AT_FIRST;
		$clean    = array(
			'on'       => ! isset( $raw['on'] ) || (bool) $raw['on'],
			'mode'     => in_array( $mode, self::MODES, true ) ? $mode : 'consent',
			'channels' => array_values( array_intersect( self::CHANNELS, $channels ) ),
		);
		foreach ( self::WORDS as $name ) {
			$clean[ $name ] = self::clean_words( isset( $raw[ $name ] ) ? $raw[ $name ] : '' );
		}
		return $clean;
	}

	/**
	 * One line of plain text.
	 *
	 * @param mixed $words What was typed.
	 * @return string At most MOST_WORDS characters.
	 */
	private static function clean_words( $words ) {
		$words = is_string( $words ) ? sanitize_text_field( $words ) : '';
		return function_exists( 'mb_substr' ) ? mb_substr( $words, 0, self::MOST_WORDS ) : substr( $words, 0, self::MOST_WORDS );
	}
}
