<?php
/**
 * From WordPress into the merchant's pages of the service.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

/**
 * A button for those who manage the shop, and the signed link that it leads to. The service knows
 * a person only by their number here; the link opens once, within a minute.
 */
class Relance_Entry {

	const ACTION = 'relance_enter';

	/**
	 * Registers what the button does.
	 */
	public static function hook() {
		add_action( 'admin_post_' . self::ACTION, array( __CLASS__, 'enter' ) );
	}

	/**
	 * The button, in the page WooCommerce → Relance.
	 */
	public static function show() {
		echo '<form method="post" action="' . esc_url( admin_url( 'admin-post.php' ) ) . '">';
		echo '<input type="hidden" name="action" value="' . esc_attr( self::ACTION ) . '">';
		wp_nonce_field( self::ACTION );
		echo '<p>' . esc_html__( 'Texts, results, carts and answers are in Relance itself. You enter as the user that you are here.', 'relance' ) . '</p><p>';
		submit_button( __( 'Open Relance', 'relance' ), 'primary', 'submit', false );
		echo '</p></form>';
	}

	/**
	 * Leads the user there. Each click makes a link of its own.
	 */
	public static function enter() {
		if ( ! current_user_can( Relance_Settings::CAPABILITY ) ) {
			wp_die( esc_html__( 'You may not do this.', 'relance' ), '', array( 'response' => 403 ) );
		}
		check_admin_referer( self::ACTION );
		$url = self::link( get_current_user_id(), (string) time(), bin2hex( random_bytes( 16 ) ) );
		if ( '' === $url ) {
			wp_safe_redirect( Relance_Settings_Page::url() ); // It says there how the connection stands.
			exit;
		}
		nocache_headers();
		header( 'Cache-Control: no-store, private' );
		header( 'Referrer-Policy: no-referrer' );
		// phpcs:ignore WordPress.Security.SafeRedirect.wp_redirect_wp_redirect -- the service is elsewhere.
		wp_redirect( $url, 303, 'Relance' );
		exit;
	}

	/**
	 * The link, as connectors/entry_links.py of the service reads it.
	 *
	 * @param int    $user  The user's number.
	 * @param string $at    Now, in seconds.
	 * @param string $nonce A new one.
	 * @return string Empty when this shop is not connected, or may be a copy.
	 */
	private static function link( $user, $at, $nonce ) {
		$about = Relance_Link::about();
		$shop  = $about ? $about['shop'] : '';
		$user  = (string) $user;
		$made  = Relance_Link::signature( implode( '.', array( 'enter', $shop, $user, $at, $nonce ) ) );
		if ( '' === $made ) {
			return '';
		}
		$query = http_build_query(
			array(
				'user'      => $user,
				'at'        => $at,
				'nonce'     => $nonce,
				'signature' => $made,
			),
			'',
			'&'
		);
		return $about['endpoint'] . '/enter/woocommerce/' . rawurlencode( $shop ) . '?' . $query;
	}
}
