<?php
/**
 * WooCommerce → Relance: how it stands, and the forms.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

/**
 * Shows; what a form does is in Relance_Settings_Forms. Asks nobody over the network.
 */
class Relance_Settings_Page {

	/**
	 * Registers the page below WooCommerce and the link in the list of plugins.
	 */
	public static function hook() {
		add_action( 'admin_menu', array( __CLASS__, 'add_page' ), 60 );
		add_filter( 'plugin_action_links_' . plugin_basename( RELANCE_FILE ), array( __CLASS__, 'add_link' ) );
	}

	/**
	 * One more page below WooCommerce.
	 */
	public static function add_page() {
		add_submenu_page(
			'woocommerce',
			__( 'Relance', 'relance' ),
			__( 'Relance', 'relance' ),
			Relance_Settings::CAPABILITY,
			Relance_Settings::SLUG,
			array( __CLASS__, 'show' )
		);
	}

	/**
	 * "Settings" in the list of plugins.
	 *
	 * @param array $links Links of this plugin's row.
	 * @return array
	 */
	public static function add_link( $links ) {
		$link = '<a href="' . esc_url( self::url() ) . '">' . esc_html__( 'Settings', 'relance' ) . '</a>';
		return array_merge( array( $link ), (array) $links );
	}

	/**
	 * The page's address.
	 *
	 * @return string
	 */
	public static function url() {
		return admin_url( 'admin.php?page=' . Relance_Settings::SLUG );
	}

	/**
	 * The page.
	 */
	public static function show() {
		if ( ! current_user_can( Relance_Settings::CAPABILITY ) ) {
			return;
		}
		$code = self::offered_code();
		echo '<div class="wrap"><h1>' . esc_html__( 'Relance', 'relance' ) . '</h1>';
		self::show_told();
		if ( '' !== $code ) {
			self::show_confirmation( $code );
		} else {
			if ( Relance_Link::is_paired() ) {
				Relance_Entry::show();
			}
			self::show_connection();
			self::show_choices();
			if ( Relance_Link::is_paired() ) {
				self::show_unpair();
			}
		}
		echo '</div>';
	}

	/**
	 * The code of an install link. It only fills a form that the merchant has to
	 * confirm, so it needs no nonce.
	 *
	 * @return string Empty when there is none.
	 */
	private static function offered_code() {
		// phpcs:ignore WordPress.Security.NonceVerification.Recommended
		return isset( $_GET['code'] ) ? esc_url_raw( sanitize_text_field( wp_unslash( $_GET['code'] ) ), array( 'http', 'https' ) ) : '';
	}

	/**
	 * What the last form did, once.
	 */
	private static function show_told() {
		$told = Relance_Settings_Forms::take_told();
		if ( $told ) {
			echo '<div class="notice notice-' . esc_attr( $told['type'] ) . '" role="status"><p>' . esc_html( $told['words'] ) . '</p></div>';
		}
	}

	/**
	 * "Connect this shop with …?" after an install link.
	 *
	 * @param string $code The pairing code of the link.
	 */
	private static function show_confirmation( $code ) {
		$part = Relance_Pairing_Code::read( $code );
		$host = $part ? $part['host'] : '';
		echo '<h2>' . esc_html__( 'Connect this shop?', 'relance' ) . '</h2>';
		if ( '' === $host ) {
			echo '<p>' . esc_html__( 'This link holds no pairing code that can be read. Ask for a new one.', 'relance' ) . '</p>';
			return;
		}
		/* translators: %s: the host name of the service. */
		echo '<p>' . esc_html( sprintf( __( 'From now on, this shop will send the carts of its shoppers to: %s', 'relance' ), $host ) ) . '</p>';
		echo '<p>' . esc_html__( 'Go on only if you know this address: it is the Relance service that you or your agency runs.', 'relance' ) . '</p>';
		if ( '' !== Relance_Link::host() ) {
			/* translators: %s: the host name of the service that the shop is connected with until now. */
			echo '<p>' . esc_html( sprintf( __( 'It replaces the connection with %s.', 'relance' ), Relance_Link::host() ) ) . '</p>';
		}
		self::open_form( 'relance_pair' );
		echo '<input type="hidden" name="code" value="' . esc_attr( $code ) . '">';
		echo '<p class="submit">';
		/* translators: %s: the host name of the service. */
		submit_button( sprintf( __( 'Connect with %s', 'relance' ), $host ), 'primary', 'submit', false );
		echo ' <a class="button" href="' . esc_url( self::url() ) . '">' . esc_html__( 'Cancel', 'relance' ) . '</a></p></form>';
	}

	/**
	 * How the connection stands, or how to make one.
	 */
	private static function show_connection() {
		echo '<h2>' . esc_html__( 'Connection', 'relance' ) . '</h2>';
		if ( Relance_Link::has_moved() ) {
			Relance_Settings_Moved::show_choice();
			return;
		}
		if ( ! Relance_Link::is_paired() ) {
			self::show_pairing();
			return;
		}
		echo '<table class="form-table" role="presentation"><tbody>';
		foreach ( Relance_Settings_Connection::rows() as $row ) {
			echo '<tr><th scope="row">' . esc_html( $row['label'] ) . '</th><td>' . esc_html( $row['words'] );
			if ( '' !== $row['more'] ) {
				echo '<p class="description">' . esc_html( $row['more'] ) . '</p>';
			}
			echo '</td></tr>';
		}
		echo '</tbody></table>';
		self::open_form( 'relance_test' );
		submit_button( __( 'Test the connection', 'relance' ), 'secondary', 'submit', false );
		echo '</form>';
	}

	/**
	 * The field for the pairing code.
	 */
	private static function show_pairing() {
		echo '<p>' . esc_html__( 'This shop is not connected. Nothing is captured and nothing is sent.', 'relance' ) . '</p>';
		self::open_form( 'relance_pair' );
		echo '<table class="form-table" role="presentation"><tbody><tr><th scope="row"><label for="relance-code">' . esc_html__( 'Pairing code', 'relance' ) . '</label></th><td>';
		echo '<input type="url" id="relance-code" name="code" class="regular-text code" required autocomplete="off" placeholder="https://…/pair/…" aria-describedby="relance-code-about">';
		echo '<p class="description" id="relance-code-about">' . esc_html__( 'An address that your Relance service shows when you connect a WooCommerce shop. It works once and for a short time.', 'relance' ) . '</p>';
		echo '</td></tr></tbody></table>';
		submit_button( __( 'Connect', 'relance' ) );
		echo '</form>';
	}

	/**
	 * On or off, the mode, the channels and the words.
	 */
	private static function show_choices() {
		$settings = Relance_Settings::all();
		echo '<h2>' . esc_html__( 'What is captured', 'relance' ) . '</h2>';
		self::open_form( 'relance_save' );
		echo '<table class="form-table" role="presentation"><tbody>';
		self::open_row( __( 'Capture', 'relance' ) );
		self::show_tick( 'checkbox', 'on', '1', $settings['on'], __( 'Capture carts at the checkout', 'relance' ) );
		echo '<p class="description">' . esc_html__( 'Off: the checkout shows nothing of Relance, no new cart is captured, and WooCommerce’s own recovery e-mail works again.', 'relance' ) . '</p></fieldset></td></tr>';

		self::open_row( __( 'When a contact may be captured', 'relance' ) );
		self::show_tick( 'radio', 'mode', 'consent', 'consent' === $settings['mode'], __( 'Only with consent: what is typed stays in the browser until the shopper ticks the box', 'relance' ) );
		self::show_tick( 'radio', 'mode', 'notice', 'notice' === $settings['mode'], __( 'With a notice: what is typed is captured before the order, a notice says so, and “No thanks” deletes it', 'relance' ) );
		echo '<p class="description">' . esc_html__( 'In both modes nobody is texted without having ticked the box. Whether a notice is enough depends on your country: in the European Union, consent is the safe choice.', 'relance' ) . '</p></fieldset></td></tr>';

		self::open_row( __( 'Boxes at the checkout', 'relance' ) );
		self::show_tick( 'checkbox', 'channels[]', 'sms', in_array( 'sms', $settings['channels'], true ), __( 'Text messages', 'relance' ) );
		self::show_tick( 'checkbox', 'channels[]', 'email', in_array( 'email', $settings['channels'], true ), __( 'E-mail', 'relance' ) );
		echo '<p class="description">' . esc_html__( 'A box is never ticked beforehand. Relance sends texts only: it sends no e-mails yet. The box for e-mail collects addresses and consents for later, and while capture is on, WooCommerce’s own recovery e-mail does not go out either.', 'relance' ) . '</p></fieldset></td></tr>';

		self::show_words( 'sms_words', __( 'Words beside the box for texts', 'relance' ) );
		self::show_words( 'email_words', __( 'Words beside the box for e-mail', 'relance' ) );
		self::show_words( 'notice_words', __( 'Words of the notice', 'relance' ) );
		echo '</tbody></table>';
		submit_button( __( 'Save', 'relance' ) );
		echo '</form>';
	}

	/**
	 * A form that ends in admin-post.php, with its nonce.
	 *
	 * @param string $action The action, and the nonce's name.
	 */
	private static function open_form( $action ) {
		echo '<form method="post" action="' . esc_url( admin_url( 'admin-post.php' ) ) . '">';
		echo '<input type="hidden" name="action" value="' . esc_attr( $action ) . '">';
		wp_nonce_field( $action );
	}

	/**
	 * A row that groups several choices for people who hear the page.
	 *
	 * @param string $label What is chosen.
	 */
	private static function open_row( $label ) {
		echo '<tr><th scope="row">' . esc_html( $label ) . '</th><td><fieldset><legend class="screen-reader-text"><span>' . esc_html( $label ) . '</span></legend>';
	}

	/**
	 * One box or one choice of several.
	 *
	 * @param string $type  "checkbox" or "radio".
	 * @param string $name  The field.
	 * @param string $value Its value when chosen.
	 * @param bool   $yes   Whether it is chosen now.
	 * @param string $label Its words.
	 */
	private static function show_tick( $type, $name, $value, $yes, $label ) {
		echo '<label><input type="' . esc_attr( $type ) . '" name="' . esc_attr( $name ) . '" value="' . esc_attr( $value ) . '"' . checked( $yes, true, false ) . '> ' . esc_html( $label ) . '</label><br>';
	}

	/**
	 * The field for the merchant's own words.
	 *
	 * @param string $name  One of Relance_Settings::WORDS.
	 * @param string $label What it is.
	 */
	private static function show_words( $name, $label ) {
		$id    = 'relance-' . str_replace( '_', '-', $name );
		$words = Relance_Settings_Forms::in_the_shops_language( $name );
		echo '<tr><th scope="row"><label for="' . esc_attr( $id ) . '">' . esc_html( $label ) . '</label></th><td>';
		echo '<textarea id="' . esc_attr( $id ) . '" name="' . esc_attr( $name ) . '" rows="3" class="large-text" maxlength="' . esc_attr( Relance_Settings::MOST_WORDS ) . '" aria-describedby="' . esc_attr( $id ) . '-about">' . esc_textarea( $words ) . '</textarea>';
		echo '<p class="description" id="' . esc_attr( $id ) . '-about">' . esc_html__( 'Name your shop. Left empty or unchanged: our words, in the shopper’s language where we have it.', 'relance' ) . '</p></td></tr>';
	}

	/**
	 * The way out, with a word on what is kept.
	 */
	private static function show_unpair() {
		echo '<h2>' . esc_html__( 'Disconnect', 'relance' ) . '</h2>';
		echo '<p>' . esc_html__( 'The shop then captures and sends nothing more. The carts that lie here are erased, also those not sent yet, and links in messages already sent no longer fill a cart. Your choices on this page stay.', 'relance' ) . '</p>';
		/* translators: %s: the host name of the service. */
		echo '<p>' . esc_html( sprintf( __( 'What %s already holds stays there: carts, consents and orders. Ask whoever runs it if they are to be erased.', 'relance' ), Relance_Link::host() ) ) . '</p>';
		self::open_form( 'relance_unpair' );
		echo '<p><label><input type="checkbox" name="sure" value="1" required> ' . esc_html__( 'Yes, disconnect this shop', 'relance' ) . '</label></p>';
		submit_button( __( 'Disconnect', 'relance' ), 'delete', 'submit', false );
		echo '</form>';
	}
}
