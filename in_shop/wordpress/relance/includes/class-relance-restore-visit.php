<?php
/**
 * One visit by a link.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

/**
 * A shopper opens a good link of a cart that is still to be had: what happens then.
 */
class Relance_Restore_Visit {

	/**
	 * Programs that look at links without a person.
	 *
	 * Some browsers name themselves alike, so these see a page with a button, never a refusal.
	 * "Cubot" is a make of telephones.
	 */
	const PREVIEWS = '/(?<!cu)bots?\b|crawler|spider|slurp|preview|^whatsapp|facebookexternalhit|facebookcatalog|linespider|kakaotalk-scrap|vkshare|embedly|iframely|bitlybot|viber|mimecast|barracuda|proofpoint|urlscan|safelinks|google-safety|google-read-aloud|mediapartners|apis-google|lighthouse/i';

	/**
	 * The saved cart's key.
	 *
	 * @var string
	 */
	private $key;

	/**
	 * The cart as it was saved, and what can be had of it.
	 *
	 * @var Relance_Restore_Cart
	 */
	private $saved;

	/**
	 * The address of this page, for its form.
	 *
	 * @var string
	 */
	private $address;

	/**
	 * The codes of the cart and of the link.
	 *
	 * @var Relance_Restore_Coupons
	 */
	private $coupons;

	/**
	 * The currency that the shopper saw.
	 *
	 * @var Relance_Restore_Currency
	 */
	private $currency;

	/**
	 * The language that the shopper saw.
	 *
	 * @var string
	 */
	private $locale;

	/**
	 * The key that this browser's cart had when the visit began.
	 *
	 * @var string|null
	 */
	private $own;

	/**
	 * A visit.
	 *
	 * @param string $key     The cart's key.
	 * @param array  $row     The saved cart, its snapshot read.
	 * @param string $address The address of this page.
	 * @param string $coupon  The code that the link brings, or ''.
	 */
	public function __construct( $key, array $row, $address, $coupon ) {
		$snapshot       = $row['snapshot'];
		$codes          = isset( $snapshot['coupons'] ) && is_array( $snapshot['coupons'] ) ? $snapshot['coupons'] : array();
		$this->key      = $key;
		$this->address  = $address;
		$this->saved    = new Relance_Restore_Cart( $snapshot, isset( $row['contact']['country'] ) ? (string) $row['contact']['country'] : '' );
		$this->coupons  = new Relance_Restore_Coupons( $codes, $coupon );
		$this->currency = new Relance_Restore_Currency( isset( $snapshot['currency'] ) ? $snapshot['currency'] : '' );
		$this->own      = Relance_Cart::peek_key();
		$this->locale   = isset( $snapshot['locale'] ) && is_string( $snapshot['locale'] ) ? $snapshot['locale'] : '';
	}

	/**
	 * Whether a browser only fetches ahead, without a click.
	 *
	 * @return bool
	 */
	public static function is_prefetch() {
		foreach ( array( 'HTTP_SEC_PURPOSE', 'HTTP_PURPOSE', 'HTTP_X_PURPOSE', 'HTTP_X_MOZ' ) as $name ) {
			if ( preg_match( '/prefetch|prerender|preview/i', Relance_Door::header( $name ) ) ) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Whether this is a look at the link without a person. A pressed button is a person.
	 *
	 * @return bool
	 */
	public static function is_preview() {
		$method = Relance_Door::header( 'REQUEST_METHOD' );
		if ( 'POST' === $method ) {
			return false;
		}
		$agent = Relance_Door::header( 'HTTP_USER_AGENT' );
		return 'GET' !== $method || '' === $agent || (bool) preg_match( self::PREVIEWS, $agent );
	}

	/**
	 * Fills the cart, or asks, or says why not. Prints the answer.
	 */
	public function answer() {
		$cart  = WC()->cart;
		$empty = $cart->is_empty();
		if ( ! $empty && ( $this->own === $this->key || $this->saved->is_in_cart() ) ) {
			// A second click, or the browser it was left in: this cart is that cart, in its newest state.
			$this->arrive( 'same' );
			return;
		}
		if ( ! $this->saved->can_be_had() ) {
			Relance_Restore_Page::nothing_left( $this->saved->notes(), $empty ? '' : $this->checkout() );
			return;
		}
		$choice = $empty ? 'fill' : $this->choice();
		if ( 'keep' === $choice ) {
			$this->leave();
		} elseif ( '' === $choice ) {
			Relance_Restore_Page::choose( $this->address, $this->nonce_name(), $this->saved->list_of_saved(), Relance_Restore_Cart::list_of_open() );
		} else {
			$this->fill( $choice );
		}
	}

	/**
	 * Puts the saved things into the cart.
	 *
	 * @param string $choice fill, add or replace.
	 */
	private function fill( $choice ) {
		$notices = self::set_aside_notices();
		if ( 'replace' === $choice ) {
			WC()->cart->empty_cart();
		}
		$this->currency->show();
		$this->saved->put_back();
		WC()->cart->calculate_totals();
		if ( $this->currency->is_shown() ) {
			$this->saved->compare_prices();
		}
		wc_set_notices( $notices );
		$this->arrive( $choice );
	}

	/**
	 * The cart is filled: applies the codes, keeps the key, says what is gone, goes on.
	 *
	 * @param string $way fill, add, replace or same.
	 */
	private function arrive( $way ) {
		$cart = WC()->cart;
		if ( $cart->is_empty() ) { // The shop's own rules refused every thing.
			Relance_Restore_Page::nothing_left( $this->saved->notes(), '' );
			return;
		}
		$notices = self::set_aside_notices();
		$this->coupons->apply( $this->own !== $this->key || 'same' !== $way );
		$cart->calculate_totals();
		wc_set_notices( $notices );
		$this->keep_key();
		/**
		 * A link filled a cart (or found it filled).
		 *
		 * @param string $key The cart's key.
		 * @param string $way fill, add, replace or same.
		 */
		do_action( 'relance_cart_restored', $this->key, $way );
		$notes = array_merge( $this->saved->notes(), $this->coupons->notes() );
		if ( 'same' !== $way ) {
			$notes = array_merge( $notes, $this->currency->notes() );
		}
		if ( $notes ) {
			Relance_Restore_Page::filled( $notes, $this->checkout() );
		} else {
			$this->leave();
		}
	}

	/**
	 * The session goes on with the saved cart's key, so that its order names it.
	 */
	private function keep_key() {
		if ( $this->own !== $this->key ) {
			Relance_Cart::adopt( $this->key );
			$this->end_own();
		}
		if ( is_callable( array( WC()->session, 'set_customer_session_cookie' ) ) ) {
			WC()->session->set_customer_session_cookie( true );
		}
	}

	/**
	 * The cart that was in this browser before ends: what was in it is in this one now, or was
	 * given up for it.
	 */
	private function end_own() {
		$row = $this->own ? Relance_Store::get( $this->own ) : null;
		if ( $row && ! $row['order_id'] && ! $row['forget'] ) {
			Relance_Store::save(
				$this->own,
				array(
					'deleted'    => 1,
					'waiting'    => 1,
					'changed_at' => Relance_Store::after( $row['changed_at'] ),
				)
			);
		}
	}

	/**
	 * What the shopper chose for the cart that is in this browser already.
	 *
	 * @return string add, replace, keep, or '' when not chosen (or not on our page).
	 */
	private function choice() {
		if ( ! isset( $_POST[ Relance_Restore::CHOICE ], $_POST['_wpnonce'] ) ) {
			return '';
		}
		if ( ! wp_verify_nonce( sanitize_key( $_POST['_wpnonce'] ), $this->nonce_name() ) ) {
			return '';
		}
		$choice = sanitize_key( $_POST[ Relance_Restore::CHOICE ] );
		return in_array( $choice, array( 'add', 'replace', 'keep' ), true ) ? $choice : '';
	}

	/**
	 * The nonce's name. WooCommerce binds names that begin like this to a guest's own session.
	 *
	 * @return string
	 */
	private function nonce_name() {
		return 'woocommerce-relance-restore-' . $this->key;
	}

	/**
	 * Goes to the checkout. Its address is the shop's own: nothing of it comes from the request.
	 */
	private function leave() {
		// phpcs:ignore WordPress.Security.SafeRedirect.wp_redirect_wp_redirect -- languages may live on domains of their own.
		wp_redirect( $this->checkout(), 302, 'Relance' );
	}

	/**
	 * The checkout's address, in the language and the currency that the shopper saw.
	 *
	 * @return string
	 */
	private function checkout() {
		$url = wc_get_checkout_url();
		if ( '' !== $this->locale && has_filter( 'wpml_permalink' ) ) {
			foreach ( (array) apply_filters( 'wpml_active_languages', null ) as $code => $language ) { // phpcs:ignore WordPress.NamingConventions.PrefixAllGlobals.NonPrefixedHooknameFound -- WPML's.
				if ( isset( $language['default_locale'] ) && $language['default_locale'] === $this->locale ) {
					$url = apply_filters( 'wpml_permalink', $url, $code ); // phpcs:ignore WordPress.NamingConventions.PrefixAllGlobals.NonPrefixedHooknameFound -- WPML's.
				}
			}
		}
		/**
		 * The address a restored cart leads to.
		 *
		 * @param string $url    The checkout.
		 * @param string $key    The cart's key.
		 * @param string $locale The language that the shopper saw, or ''.
		 */
		return (string) apply_filters( 'relance_restore_checkout_url', $this->currency->address( $url ), $this->key, $this->locale );
	}

	/**
	 * Takes the notices that wait away, so that ours can be told from them.
	 *
	 * @return array To be given back to wc_set_notices().
	 */
	private static function set_aside_notices() {
		$notices = wc_get_notices();
		wc_clear_notices();
		return $notices;
	}
}
