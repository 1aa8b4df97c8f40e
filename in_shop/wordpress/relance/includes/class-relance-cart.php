<?php
/**
 * The cart of this session.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

require_once __DIR__ . '/class-relance-session.php';

/**
 * The cart's own key, kept in WooCommerce's session, and what is in the cart, read from
 * the server's cart alone.
 */
class Relance_Cart {

	const KEY         = 'relance_cart';  // In the session: the cart's key.
	const ORDERED     = 'relance_order'; // In the session: the order this cart became.
	const A_KEY       = '/^[A-Za-z0-9_-]{8,64}$/D';
	const MOST_LINES  = 250;
	const MOST_CODES  = 20;
	const MOST_PIECES = 1000000; // Of one line, as the service reads it.
	const LONGEST     = 200; // Characters of a title.
	const LONGEST_URL = 500;
	// Lines that another line brings with it: filling a cart with them would double them.
	const BROUGHT_ALONG = array( 'bundled_by', 'composite_parent', 'mnm_container', 'woosb_parent_id', 'woosb_parent_key', 'free_gift' );
	// WooCommerce Subscriptions' marks of a line that is about a subscription which exists.
	const OF_A_SUBSCRIPTION = array( 'subscription_renewal', 'subscription_switch', 'subscription_resubscribe', 'subscription_initial_payment' );
	const OF_WOOCOMMERCE    = array( 'key', 'product_id', 'variation_id', 'variation', 'quantity', 'data', 'data_hash', 'line_tax_data', 'line_subtotal', 'line_subtotal_tax', 'line_total', 'line_tax' );

	/**
	 * The key is made with the first thing put into the cart, in a request that writes the
	 * session anyway: so a capture never has to, and an order placed the moment after
	 * carries the key.
	 */
	public static function hook() {
		Relance_Session::hook();
		add_action( 'woocommerce_add_to_cart', array( __CLASS__, 'begin' ), 5, 0 );
	}

	/**
	 * Gives a cart its key while we are at work.
	 */
	public static function begin() {
		if ( Relance_Settings::is_active() ) {
			self::key();
		}
	}

	/**
	 * The cart's key, made when it has none.
	 *
	 * @return string|null Null where there is no session.
	 */
	public static function key() {
		$key = self::peek_key();
		return null === $key ? self::new_key() : $key;
	}

	/**
	 * The cart's key.
	 *
	 * @return string|null Null when it has none, or there is no session.
	 */
	public static function peek_key() {
		$session = Relance_Session::own();
		$key     = $session ? $session->get( self::KEY ) : null;
		return is_string( $key ) && preg_match( self::A_KEY, $key ) ? $key : null;
	}

	/**
	 * A new key: what is in the cart from now on is another cart.
	 *
	 * @return string|null Null where there is no session.
	 */
	public static function new_key() {
		$session = Relance_Session::own();
		if ( ! $session ) {
			return null;
		}
		$key = wp_generate_uuid4();
		Relance_Session::claim( $session );
		$session->set( self::KEY, $key );
		$session->set( self::ORDERED, null );
		return $key;
	}

	/**
	 * Goes on with a cart that was begun elsewhere, after its link was opened here.
	 *
	 * @param string $key The cart's key.
	 * @return bool Whether there is a session that keeps it.
	 */
	public static function adopt( $key ) {
		$session = Relance_Session::own();
		if ( ! $session || ! preg_match( self::A_KEY, $key ) ) {
			return false;
		}
		Relance_Session::claim( $session );
		// An order of it that was never paid is known to this session, too: else it would take the
		// cart for one that was ordered elsewhere.
		$row = Relance_Store::get( $key );
		$session->set( self::KEY, $key );
		$session->set( self::ORDERED, $row && $row['order_id'] ? $row['order_id'] : null );
		return true;
	}

	/**
	 * The session has no key of ours any more.
	 */
	public static function drop_key() {
		$session = Relance_Session::own();
		if ( $session ) {
			$session->set( self::KEY, null );
			$session->set( self::ORDERED, null );
		}
	}

	/**
	 * The order that this cart became in this session.
	 *
	 * @return int 0 for none.
	 */
	public static function order_id() {
		$session = Relance_Session::own();
		return $session ? (int) $session->get( self::ORDERED, 0 ) : 0;
	}

	/**
	 * Notes the order that this cart became.
	 *
	 * @param int $order_id The order.
	 */
	public static function note_order( $order_id ) {
		$session = Relance_Session::own();
		if ( $session ) {
			$session->set( self::ORDERED, (int) $order_id );
		}
	}

	/**
	 * Keeps the session from being written at the end of this request.
	 *
	 * WooCommerce writes a session whole. A capture runs beside the checkout's own requests,
	 * and would undo what they write (a coupon, an address) if it wrote what it read earlier.
	 *
	 * @param bool $changed Whether there is something of ours to keep: it is written now.
	 */
	public static function leave_session( $changed ) {
		$session = Relance_Session::own();
		if ( ! $session || ! method_exists( $session, 'save_data' ) ) {
			return;
		}
		if ( $changed ) {
			$session->save_data();
		}
		remove_action( 'shutdown', array( $session, 'save_data' ), 20 );
	}

	/**
	 * Whether the shopper has nothing in the cart, or there is no cart.
	 *
	 * @return bool
	 */
	public static function is_empty() {
		$cart = self::cart();
		return ! $cart || $cart->is_empty();
	}

	/**
	 * Whether the cart pays for a subscription that there is already: its renewal, its switch to
	 * another one, its first payment made again. Filled again from a link it would sell a second one.
	 *
	 * @return bool
	 */
	public static function is_renewal() {
		if ( function_exists( 'wcs_cart_contains_renewal' ) && wcs_cart_contains_renewal() ) {
			return true;
		}
		$cart = self::cart();
		foreach ( $cart ? $cart->get_cart() : array() as $item ) {
			if ( array_intersect( self::OF_A_SUBSCRIPTION, array_keys( $item ) ) ) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Has WooCommerce reckon the cart again.
	 */
	public static function recalculate() {
		$cart = self::cart();
		if ( $cart ) {
			$cart->calculate_totals();
		}
	}

	/**
	 * What is in the cart, by the sums that WooCommerce reckoned last.
	 *
	 * @return array lines, totals, currency, coupons, locale as the service reads them, and
	 *               `restore`: what the cart is filled with again. Amounts are decimal text,
	 *               with tax where the shopper sees prices with tax.
	 */
	public static function snapshot() {
		$cart     = self::cart();
		$with_tax = $cart->display_prices_including_tax();
		$lines    = array();
		$restore  = array();
		foreach ( $cart->get_cart() as $item ) {
			$product = isset( $item['data'] ) ? $item['data'] : null;
			if ( ! is_object( $product ) || count( $lines ) >= self::MOST_LINES ) {
				continue;
			}
			$lines[] = self::line( $item, $product, $with_tax );
			if ( ! array_intersect( self::BROUGHT_ALONG, array_keys( $item ) ) ) {
				$restore[] = self::ingredient( $item );
			}
		}
		return array(
			'currency' => get_woocommerce_currency(),
			'totals'   => self::totals( $cart, $with_tax ),
			'lines'    => $lines,
			'coupons'  => array_slice( array_values( array_map( 'strval', $cart->get_applied_coupons() ) ), 0, self::MOST_CODES ),
			'locale'   => determine_locale(),
			'restore'  => $restore,
		);
	}

	/**
	 * The sums of the cart.
	 *
	 * @param WC_Cart $cart     The cart.
	 * @param bool    $with_tax Whether the shopper sees prices with tax.
	 * @return array Decimal text.
	 */
	private static function totals( $cart, $with_tax ) {
		$tax = $with_tax ? 1 : 0;
		return array(
			'total'     => self::money( $cart->get_total( 'edit' ) ),
			'subtotal'  => self::money( (float) $cart->get_subtotal() + $tax * (float) $cart->get_subtotal_tax() ),
			'discounts' => self::money( (float) $cart->get_discount_total() + $tax * (float) $cart->get_discount_tax() ),
			'shipping'  => self::money( (float) $cart->get_shipping_total() + $tax * (float) $cart->get_shipping_tax() ),
			'tax'       => self::money( $cart->get_total_tax() ),
		);
	}

	/**
	 * One line as the service reads it.
	 *
	 * @param array      $item     The line in WooCommerce's cart.
	 * @param WC_Product $product  Its product or variation.
	 * @param bool       $with_tax Whether the shopper sees prices with tax.
	 * @return array
	 */
	private static function line( array $item, $product, $with_tax ) {
		$tax      = $with_tax ? 1 : 0;
		$quantity = (float) $item['quantity'];
		$before   = self::of( $item, 'line_subtotal' ) + $tax * self::of( $item, 'line_subtotal_tax' );
		$line     = array(
			'quantity'     => min( self::MOST_PIECES, max( 1, (int) ceil( $quantity ) ) ),
			'total'        => self::money( max( 0, self::of( $item, 'line_total' ) + $tax * self::of( $item, 'line_tax' ) ) ),
			'unit_price'   => self::money( $quantity > 0 ? max( 0, $before / $quantity ) : 0 ),
			'title'        => self::short( self::title( $product ), self::LONGEST ),
			'product_id'   => (int) $item['product_id'],
			'variation_id' => (int) $item['variation_id'],
			'variation'    => self::short( self::variation( $item ), self::LONGEST ),
			'sku'          => self::short( (string) $product->get_sku(), 100 ),
			'permalink'    => self::address( $product->get_permalink( $item ) ),
			'image'        => self::address( $product->get_image_id() ? wp_get_attachment_image_url( $product->get_image_id(), 'woocommerce_thumbnail' ) : '' ),
		);
		return array_filter( $line, array( __CLASS__, 'is_told' ) );
	}

	/**
	 * The product's own name: of a variation, its parent's.
	 *
	 * @param WC_Product $product The product or variation.
	 * @return string Plain text.
	 */
	private static function title( $product ) {
		return wp_strip_all_tags( html_entity_decode( $product->get_title(), ENT_QUOTES, 'UTF-8' ) );
	}

	/**
	 * What was chosen: "large, blue".
	 *
	 * @param array $item The line in WooCommerce's cart.
	 * @return string Plain text; empty for a simple product.
	 */
	private static function variation( array $item ) {
		$chosen = array();
		foreach ( isset( $item['variation'] ) && is_array( $item['variation'] ) ? $item['variation'] : array() as $name => $value ) {
			$taxonomy = preg_replace( '/^attribute_/', '', urldecode( (string) $name ) );
			$term     = taxonomy_exists( $taxonomy ) ? get_term_by( 'slug', $value, $taxonomy ) : false;
			$chosen[] = $term ? $term->name : rawurldecode( (string) $value );
		}
		return wp_strip_all_tags( html_entity_decode( implode( ', ', array_filter( $chosen, 'strlen' ) ), ENT_QUOTES, 'UTF-8' ) );
	}

	/**
	 * What this line is filled again with.
	 *
	 * @param array $item The line in WooCommerce's cart.
	 * @return array
	 */
	private static function ingredient( array $item ) {
		$extra = array();
		foreach ( $item as $name => $value ) {
			$is_plain = is_bool( $value ) || is_int( $value ) || is_float( $value ) || ( is_string( $value ) && strlen( $value ) <= 500 );
			if ( $is_plain && is_string( $name ) && ! in_array( $name, self::OF_WOOCOMMERCE, true ) && count( $extra ) < 20 ) {
				$extra[ $name ] = $value;
			}
		}
		return array(
			'product_id'     => (int) $item['product_id'],
			'variation_id'   => (int) $item['variation_id'],
			'variation'      => isset( $item['variation'] ) && is_array( $item['variation'] ) ? array_filter( $item['variation'], 'is_scalar' ) : array(),
			'quantity'       => $item['quantity'] + 0,
			'cart_item_data' => $extra,
		);
	}

	/**
	 * An amount as decimal text, in the decimals of the shop's prices.
	 *
	 * @param float|int|string $amount The amount.
	 * @return string
	 */
	private static function money( $amount ) {
		return number_format( round( (float) $amount, wc_get_price_decimals() ) + 0, wc_get_price_decimals(), '.', '' );
	}

	/**
	 * A number of a line; 0 before WooCommerce has reckoned it.
	 *
	 * @param array  $item The line.
	 * @param string $name Which number.
	 * @return float
	 */
	private static function of( array $item, $name ) {
		return isset( $item[ $name ] ) ? (float) $item[ $name ] : 0.0;
	}

	/**
	 * A text of at most so many characters.
	 *
	 * @param string $text The text.
	 * @param int    $most How many.
	 * @return string
	 */
	private static function short( $text, $most ) {
		$text = trim( wp_check_invalid_utf8( $text, true ) );
		return function_exists( 'mb_substr' ) ? mb_substr( $text, 0, $most, 'UTF-8' ) : substr( $text, 0, $most );
	}

	/**
	 * A whole address, or nothing: half an address leads nowhere.
	 *
	 * @param string|false $url The address.
	 * @return string
	 */
	private static function address( $url ) {
		$url = is_string( $url ) ? set_url_scheme( esc_url_raw( $url ) ) : '';
		return strlen( $url ) <= self::LONGEST_URL ? $url : '';
	}

	/**
	 * Whether a value of a line says something.
	 *
	 * @param mixed $value The value.
	 * @return bool
	 */
	private static function is_told( $value ) {
		return '' !== $value && 0 !== $value;
	}

	/**
	 * WooCommerce's cart.
	 *
	 * @return WC_Cart|null
	 */
	private static function cart() {
		$woocommerce = function_exists( 'WC' ) ? WC() : null;
		return $woocommerce && is_object( $woocommerce->cart ) ? $woocommerce->cart : null;
	}
}
