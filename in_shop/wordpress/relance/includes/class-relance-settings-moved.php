<?php
/**
 * What a merchant decides when the shop's address is another one.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

/**
 * Shown above every page of the back office to those who manage the shop, and on our page in
 * place of the connection: is this the shop, or a copy of it?
 */
class Relance_Settings_Moved {

	/**
	 * Registers the notice.
	 */
	public static function hook() {
		add_action( 'admin_notices', array( __CLASS__, 'show_notice' ) );
	}

	/**
	 * The notice; on our own page the same stands in the page.
	 */
	public static function show_notice() {
		if ( current_user_can( Relance_Settings::CAPABILITY ) && Relance_Link::has_moved() && ! self::is_our_page() ) {
			// "inline": WordPress would move it, and a theme's page may have a form of its own around it.
			echo '<div class="notice notice-error inline"><p><strong>' . esc_html__( 'Relance', 'relance' ) . '</strong></p>';
			self::show_choice();
			echo '</div>';
		}
	}

	/**
	 * What happened, and the two ways on.
	 */
	public static function show_choice() {
		/* translators: 1: the address at which the shop was connected. 2: its address now. */
		$words = sprintf( __( 'This shop was connected as %1$s. Now it is %2$s, so it may be a copy. Until you decide, nothing is captured and nothing is sent.', 'relance' ), Relance_Address::kept(), Relance_Address::present() );
		echo '<p>' . esc_html( $words ) . '</p>';
		self::show_button(
			'relance_same',
			__( 'This is still the same shop', 'relance' ),
			__( 'It got a new address: capturing and sending go on.', 'relance' )
		);
		self::show_button(
			'relance_unpair',
			__( 'Disconnect', 'relance' ),
			__( 'It is a copy, for tests or for a move: the carts that lie in it are erased. The shop it was copied from goes on.', 'relance' )
		);
	}

	/**
	 * A form with one button, and what it does.
	 *
	 * @param string $action The action, and the nonce's name.
	 * @param string $label  The button's words.
	 * @param string $about  What it does.
	 */
	private static function show_button( $action, $label, $about ) {
		echo '<form method="post" action="' . esc_url( admin_url( 'admin-post.php' ) ) . '"><p>';
		echo '<input type="hidden" name="action" value="' . esc_attr( $action ) . '"><input type="hidden" name="sure" value="1">';
		wp_nonce_field( $action );
		echo '<button type="submit" class="button">' . esc_html( $label ) . '</button> ' . esc_html( $about ) . '</p></form>';
	}

	/**
	 * Whether our own page is shown.
	 *
	 * @return bool
	 */
	private static function is_our_page() {
		// phpcs:ignore WordPress.Security.NonceVerification.Recommended
		return isset( $_GET['page'] ) && Relance_Settings::SLUG === sanitize_key( wp_unslash( $_GET['page'] ) );
	}
}
