<?php
/**
 * The boxes and the notice at the checkout, and the script that obeys them.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

/**
 * One box a channel, in the merchant's words, never ticked beforehand.
 *
 * On the block checkout the boxes are plain HTML inside the contact block. WooCommerce draws
 * what it does not know as a block as it stands, so there is nothing to load for it, nothing
 * moves later, and each page starts unticked. The two other ways were looked at in the source
 * of WooCommerce 9.0 to 11 and left:
 *
 * - `woocommerce_register_additional_checkout_field` in the location `contact`: the value is
 *   saved to the customer (the session of a guest, the account of a member), comes back with
 *   the next checkout as ticked, and shows up under "Account details". The filter for its
 *   default is asked only when nothing is saved. The label gets "(optional)" behind it.
 * - An inner block that is forced in (`registerCheckoutBlock`): needs a script of its own that
 *   runs before the checkout and so cannot be deferred.
 *
 * Should the HTML not arrive (a theme, a later WooCommerce), the script puts it in.
 */
class Relance_Consent {

	const HANDLE   = 'relance-capture';
	const COOKIE   = 'relance_declined';
	const RESTORED = 'relance_restored'; // In WooCommerce's session.
	const CONTACT  = 'woocommerce/checkout-contact-information-block';

	/**
	 * The channels that were agreed to with this cart; null until it was looked up.
	 *
	 * @var string[]|null
	 */
	private static $agreed = null;

	/**
	 * Whether the page that is being made holds the block checkout.
	 *
	 * @var bool
	 */
	private static $is_block = false;

	/**
	 * Registers what stands on the checkout, and what an order takes from it.
	 */
	public static function hook() {
		add_action( 'template_redirect', array( __CLASS__, 'obey_no_thanks' ) );
		add_action( 'woocommerce_after_checkout_billing_form', array( __CLASS__, 'show_on_classic' ), 20 );
		add_filter( 'render_block_woocommerce/checkout', array( __CLASS__, 'add_to_block' ), 20 );
		add_action( 'wp_enqueue_scripts', array( __CLASS__, 'enqueue' ), 20 );
		add_action( 'wp_head', array( __CLASS__, 'hide_until_drawn' ) );
		add_action( 'wp_footer', array( __CLASS__, 'configure' ), 5 ); // Before the footer's scripts are printed, at 20.
		add_action( 'wp_footer', array( __CLASS__, 'forget_contact' ), 5 );
		add_action( 'relance_cart_restored', array( __CLASS__, 'note_restored' ) );
		require_once __DIR__ . '/class-relance-consent-order.php';
		Relance_Consent_Order::hook();
	}

	/**
	 * Whether boxes, notice and script belong on the page that is being made.
	 *
	 * After a "no thanks" to the notice there is neither a notice nor a script any more.
	 *
	 * @return bool
	 */
	public static function is_shown() {
		return self::is_checkout() && Relance_Settings::is_active() && ! self::is_declined() && self::channels();
	}

	/**
	 * Whether the shopper said "no thanks" to the notice.
	 *
	 * @return bool
	 */
	public static function is_declined() {
		return 'notice' === self::mode() && ! empty( $_COOKIE[ self::COOKIE ] );
	}

	/**
	 * Erases what a "no thanks" left here because its request got lost. The script sets the
	 * cookie in any case, and is not on this page any more.
	 */
	public static function obey_no_thanks() {
		if ( ! self::is_declined() || ! self::is_checkout() ) {
			return;
		}
		$row = self::row();
		if ( Relance_Typed::is_refused( $row ) && Relance_Store::forget( $row['cart_key'] ) ) {
			Relance_Cart::new_key(); // What comes later is another cart.
		}
	}

	/**
	 * What was captured with the cart in this session; nothing when another browser ordered it.
	 *
	 * @return array|null
	 */
	private static function row() {
		$key = Relance_Cart::peek_key();
		$row = null === $key ? null : Relance_Store::get( $key );
		return $row && ( ! $row['order_id'] || Relance_Cart::order_id() === $row['order_id'] ) ? $row : null;
	}

	/**
	 * The channels that the merchant uses, of `sms` and `email`.
	 *
	 * @return string[]
	 */
	public static function channels() {
		$settings = Relance_Settings::all();
		return $settings['channels'];
	}

	/**
	 * The classic checkout: below the billing fields, which `update_order_review` never replaces.
	 */
	public static function show_on_classic() {
		if ( self::is_shown() ) {
			echo self::html( 'form-row form-row-wide' ); // phpcs:ignore WordPress.Security.EscapeOutput.OutputNotEscaped -- escaped piece by piece in html().
		}
	}

	/**
	 * The block checkout: inside the contact block, below the e-mail.
	 *
	 * The whole block is looked through, because WooCommerce puts the inner blocks of old
	 * pages in only when it renders the outer one.
	 *
	 * @param string $content The checkout block's HTML.
	 * @return string
	 */
	public static function add_to_block( $content ) {
		if ( ! is_string( $content ) || ! self::is_shown() ) {
			return $content;
		}
		self::$is_block = true;
		$html           = self::html( 'relance-row' );
		$with           = preg_replace_callback(
			'#<div[^>]*\sdata-block-name="' . self::CONTACT . '"[^>]*>#',
			static function ( $found ) use ( $html ) {
				return $found[0] . $html;
			},
			$content,
			1
		);
		return null === $with ? $content : $with;
	}

	/**
	 * Until the block checkout is drawn, its contact block is an empty place: boxes that were
	 * seen there already would move down when the fields come.
	 */
	public static function hide_until_drawn() {
		if ( self::is_shown() ) {
			echo '<style>[data-block-name="' . esc_attr( self::CONTACT ) . '"]>.relance-consent{display:none}</style>';
		}
	}

	/**
	 * The script, deferred, on the checkout only.
	 */
	public static function enqueue() {
		if ( self::is_shown() ) {
			$how = array(
				'in_footer' => true,
				'strategy'  => 'defer',
			);
			wp_enqueue_script( self::HANDLE, plugins_url( 'assets/capture.js', RELANCE_FILE ), array(), RELANCE_VERSION, $how );
		}
	}

	/**
	 * What the script must know. Told in the footer, when it is clear which checkout this is.
	 */
	public static function configure() {
		if ( wp_script_is( self::HANDLE, 'enqueued' ) ) {
			$config = wp_json_encode( self::config(), JSON_HEX_TAG | JSON_HEX_AMP );
			wp_add_inline_script( self::HANDLE, 'window.relanceCapture = ' . $config . ';', 'before' );
		}
	}

	/**
	 * After an order the contact that the script kept in the browser has served its turn.
	 */
	public static function forget_contact() {
		if ( function_exists( 'is_order_received_page' ) && is_order_received_page() && Relance_Settings::is_active() ) {
			wp_print_inline_script_tag( "try{localStorage.removeItem('relance_contact')}catch(e){}" );
		}
	}

	/**
	 * The notice in its mode, the boxes, and an empty line for what is said after "no thanks".
	 *
	 * No space between the tags: the block checkout turns each into an element of its page.
	 * `autocomplete="off"` keeps a browser from ticking a box again when the page is reloaded.
	 *
	 * @param string $row The class of a row.
	 * @return string
	 */
	private static function html( $row ) {
		$html = '<div class="relance-consent" data-relance="1" style="clear:both;margin:0.75em 0">';
		if ( 'notice' === self::mode() ) {
			$html .= '<p class="' . esc_attr( $row ) . '" data-relance-asks="1">' . esc_html( Relance_Settings::words( 'notice_words' ) )
				. ' <button type="button" class="relance-no" data-relance-no="1">' . esc_html__( 'No thanks', 'relance' ) . '</button></p>';
		}
		foreach ( self::channels() as $channel ) {
			$html .= '<p class="' . esc_attr( $row ) . '" data-relance-asks="1"><label class="woocommerce-form__label woocommerce-form__label-for-checkbox checkbox" for="' . esc_attr( "relance-$channel" ) . '">'
				. '<input type="checkbox" class="input-checkbox" id="' . esc_attr( "relance-$channel" ) . '" name="' . esc_attr( "relance_$channel" ) . '" value="1" autocomplete="off">'
				. ' <span>' . esc_html( Relance_Settings::words( $channel . '_words' ) ) . '</span></label></p>'
				. self::agreed_html( $row, $channel );
		}
		return $html . '<p role="status" tabindex="-1" data-relance-done="1" style="margin:0"></p></div>';
	}

	/**
	 * The line that tells of an earlier tick, which the box itself never shows.
	 *
	 * @param string $row     The class of a row.
	 * @param string $channel The channel.
	 * @return string Empty when nobody agreed.
	 */
	private static function agreed_html( $row, $channel ) {
		if ( ! in_array( $channel, self::agreed(), true ) ) {
			return '';
		}
		$id    = "relance-agreed-$channel";
		$words = 'sms' === $channel ? __( 'You agreed to texts about this cart.', 'relance' ) : __( 'You agreed to e-mails about this cart.', 'relance' );
		return '<p class="' . esc_attr( $row ) . '" data-relance-asks="1" data-relance-agreed="' . esc_attr( $channel ) . '"><span id="' . esc_attr( $id ) . '">' . esc_html( $words ) . '</span>'
			. ' <button type="button" class="relance-no" data-relance-no="' . esc_attr( $channel ) . '" aria-describedby="' . esc_attr( $id ) . '">' . esc_html__( 'Take back', 'relance' ) . '</button></p>';
	}

	/**
	 * The channels for which this cart has a consent.
	 *
	 * @return string[]
	 */
	private static function agreed() {
		if ( null === self::$agreed ) {
			$row          = self::row();
			self::$agreed = array();
			foreach ( $row && ! $row['forget'] && ! Relance_Typed::is_of_another( $row ) ? self::channels() : array() as $channel ) {
				$field = Relance_Contact::ADDRESSES[ $channel ];
				if ( isset( $row['contact'][ $field ] ) && Relance_Contact::is_granted( $row['consents'], $channel, $row['contact'][ $field ] ) ) {
					self::$agreed[] = $channel;
				}
			}
		}
		return self::$agreed;
	}

	/**
	 * The script's settings.
	 *
	 * @return array
	 */
	private static function config() {
		return array(
			'url'      => WC_AJAX::get_endpoint( 'relance_capture' ),
			'nonce'    => wp_create_nonce( 'relance_capture' ),
			'mode'     => self::mode(),
			'channels' => self::channels(),
			'restored' => self::is_restored(),
			'done'     => __( 'Nothing is kept. Thank you for telling us.', 'relance' ),
			'back'     => __( 'Taken back. You get no more of these messages about this cart.', 'relance' ),
			'box'      => self::html( self::$is_block ? 'relance-row' : 'form-row form-row-wide' ),
		);
	}

	/**
	 * `consent` or `notice`.
	 *
	 * @return string
	 */
	private static function mode() {
		$settings = Relance_Settings::all();
		return $settings['mode'];
	}

	/**
	 * A link of ours filled this cart: the script may fill in what this very browser left.
	 */
	public static function note_restored() {
		if ( WC()->session ) {
			WC()->session->set( self::RESTORED, time() );
		}
	}

	/**
	 * Whether that was within the hour. Later, somebody else may sit at the same browser.
	 *
	 * @return bool
	 */
	private static function is_restored() {
		$at = WC()->session ? (int) WC()->session->get( self::RESTORED, 0 ) : 0;
		return $at > time() - HOUR_IN_SECONDS;
	}

	/**
	 * The checkout itself: not the page to pay an order, not the thank-you page.
	 *
	 * @return bool
	 */
	private static function is_checkout() {
		return function_exists( 'is_checkout' ) && is_checkout() && ! is_order_received_page() && ! is_checkout_pay_page();
	}
}
