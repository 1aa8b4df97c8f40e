<?php
/**
 * What the forms of WooCommerce → Relance do.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

/**
 * Every form is a POST to admin-post.php by somebody who may manage the shop, with
 * its nonce; each ends on the page again and says there what came of it.
 */
class Relance_Settings_Forms {

	const ACTIONS = array( 'pair', 'test', 'save', 'same', 'unpair' );

	/**
	 * Registers one action a form.
	 */
	public static function hook() {
		foreach ( self::ACTIONS as $action ) {
			add_action( 'admin_post_relance_' . $action, array( __CLASS__, $action ) );
		}
	}

	/**
	 * Connects the shop with the service that the code names.
	 */
	public static function pair() {
		self::only_for_merchants();
		check_admin_referer( 'relance_pair' );
		$code   = isset( $_POST['code'] ) ? sanitize_text_field( wp_unslash( $_POST['code'] ) ) : '';
		$answer = Relance_Link::pair( $code );
		if ( is_wp_error( $answer ) ) {
			self::back( 'error', self::why_not_paired( $answer ) );
		}
		/* translators: %s: the host name of the service. */
		self::back( 'success', sprintf( __( 'This shop is connected with %s.', 'relance' ), Relance_Link::host() ) );
	}

	/**
	 * Why the shop is not connected, in words.
	 *
	 * @param WP_Error $error What Relance_Link::pair() said.
	 * @return string
	 */
	private static function why_not_paired( $error ) {
		$words = $error->get_error_message();
		if ( 'relance_away' === $error->get_error_code() ) {
			/* translators: %s: what the connection failed at, in technical words. */
			$words = sprintf( __( 'The service could not be reached (%s). Open the code’s address in a browser to see if it is there; ask your host if this server may reach others.', 'relance' ), $words );
		}
		return $words;
	}

	/**
	 * Asks the service, with a signed request without any cart, whether it knows this shop.
	 */
	public static function test() {
		self::only_for_merchants();
		check_admin_referer( 'relance_test' );
		$told = Relance_Link::test();
		if ( $told['ok'] ) {
			self::back( 'success', $told['words'] );
		}
		self::back( 'error', $told['words'] . ' ' . Relance_Settings_Connection::advice( $told['code'] ) );
	}

	/**
	 * Keeps what the merchant chose.
	 */
	public static function save() {
		self::only_for_merchants();
		check_admin_referer( 'relance_save' );
		$raw = array(
			'on'       => isset( $_POST['on'] ),
			'mode'     => isset( $_POST['mode'] ) ? sanitize_key( wp_unslash( $_POST['mode'] ) ) : '',
			'channels' => isset( $_POST['channels'] ) ? array_map( 'sanitize_key', (array) wp_unslash( $_POST['channels'] ) ) : array(),
		);
		foreach ( Relance_Settings::WORDS as $name ) {
			$words        = isset( $_POST[ $name ] ) ? sanitize_text_field( wp_unslash( $_POST[ $name ] ) ) : '';
			$raw[ $name ] = self::is_the_default( $name, $words ) ? '' : $words;
		}
		update_option( Relance_Settings::OPTION, Relance_Settings::clean( $raw ) );
		self::back( 'success', __( 'Saved.', 'relance' ) );
	}

	/**
	 * The shop has a new address, and goes on.
	 */
	public static function same() {
		self::only_for_merchants();
		check_admin_referer( 'relance_same' );
		if ( ! Relance_Link::has_moved() ) {
			self::back( 'warning', __( 'Nothing was changed.', 'relance' ) );
		}
		Relance_Link::stay();
		/* translators: %s: the shop's address. */
		self::back( 'success', sprintf( __( 'Thank you. Relance goes on for %s.', 'relance' ), Relance_Address::present() ) );
	}

	/**
	 * Ends the connection.
	 */
	public static function unpair() {
		self::only_for_merchants();
		check_admin_referer( 'relance_unpair' );
		if ( ! isset( $_POST['sure'] ) ) {
			self::back( 'warning', __( 'Tick the box to disconnect this shop. Nothing was changed.', 'relance' ) );
		}
		Relance_Link::unpair();
		self::back( 'success', __( 'This shop is disconnected. It captures and sends nothing more.', 'relance' ) );
	}

	/**
	 * The words of a box as shoppers see them who use the site's language; the
	 * merchant may use another one.
	 *
	 * @param string $name One of Relance_Settings::WORDS.
	 * @return string
	 */
	public static function in_the_shops_language( $name ) {
		$switched = switch_to_locale( get_locale() );
		$words    = Relance_Settings::words( $name );
		if ( $switched ) {
			restore_previous_locale();
		}
		return $words;
	}

	/**
	 * Whether these are our own words, in the language of the shop.
	 *
	 * @param string $name  One of Relance_Settings::WORDS.
	 * @param string $words What was typed.
	 * @return bool
	 */
	private static function is_the_default( $name, $words ) {
		$switched = switch_to_locale( get_locale() );
		$default  = sanitize_text_field( Relance_Settings::default_words( $name ) );
		if ( $switched ) {
			restore_previous_locale();
		}
		return $default === $words;
	}

	/**
	 * Ends the request unless somebody is here who may manage the shop.
	 */
	private static function only_for_merchants() {
		if ( ! current_user_can( Relance_Settings::CAPABILITY ) ) {
			wp_die( esc_html__( 'You may not change this.', 'relance' ), '', array( 'response' => 403 ) );
		}
	}

	/**
	 * Back to the page, which says it once to this person.
	 *
	 * @param string $type  "success", "warning" or "error".
	 * @param string $words What came of it.
	 */
	private static function back( $type, $words ) {
		set_transient( 'relance_told_' . get_current_user_id(), compact( 'type', 'words' ), 5 * MINUTE_IN_SECONDS );
		wp_safe_redirect( Relance_Settings_Page::url() );
		exit;
	}

	/**
	 * What is to be said to this person; it is forgotten by this.
	 *
	 * @return array|null type and words.
	 */
	public static function take_told() {
		$name = 'relance_told_' . get_current_user_id();
		$told = get_transient( $name );
		if ( ! is_array( $told ) || ! isset( $told['type'], $told['words'] ) ) {
			return null;
		}
		delete_transient( $name );
		return $told;
	}
}
