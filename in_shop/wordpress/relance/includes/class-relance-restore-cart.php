<?php
/**
 * A saved cart, put back.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

/**
 * Puts what was saved back into WooCommerce's cart, and says what is gone.
 *
 * Every thing goes through WooCommerce's own add_to_cart() and the checks of
 * other plugins: a link can put nothing into a cart that a shopper could not.
 */
class Relance_Restore_Cart {

	/**
	 * Saved lines, each: product_id, variation_id, variation, quantity, cart_item_data, title, price.
	 *
	 * @var array[]
	 */
	private $lines = array();

	/**
	 * Where the shopper lived when it was saved: prices with tax differ from country to country.
	 *
	 * @var string
	 */
	private $country;

	/**
	 * Lines that were put back: the key in WooCommerce's cart → the saved line.
	 *
	 * @var array[]
	 */
	private $put_back = array();

	/**
	 * What is to be said, one sentence each.
	 *
	 * @var string[]
	 */
	private $notes = array();

	/**
	 * A saved cart.
	 *
	 * @param array  $snapshot As stored: `restore` and, for titles and prices, `lines`.
	 * @param string $country  The country of its contact, or ''.
	 */
	public function __construct( array $snapshot, $country ) {
		$this->country = $country;
		/**
		 * The lines that a link puts back.
		 *
		 * @param array[] $lines    Each: product_id, variation_id, variation, quantity, cart_item_data, title, price.
		 * @param array   $snapshot The saved cart.
		 */
		$this->lines = (array) apply_filters( 'relance_restore_lines', Relance_Restore_Lines::read( $snapshot ), $snapshot );
	}

	/**
	 * What is to be said, one sentence each.
	 *
	 * @return string[]
	 */
	public function notes() {
		return $this->notes;
	}

	/**
	 * Whether the cart in this browser holds just this.
	 *
	 * @return bool
	 */
	public function is_in_cart() {
		return $this->lines && Relance_Restore_Lines::contents( $this->lines ) === Relance_Restore_Lines::contents( WC()->cart->get_cart() );
	}

	/**
	 * Whether anything of it can still be bought. If not, the notes say why.
	 *
	 * @return bool
	 */
	public function can_be_had() {
		$lost = array();
		foreach ( $this->lines as $line ) {
			$why = self::why_lost( $line );
			if ( '' === $why ) {
				return true;
			}
			$lost[] = $why;
		}
		$this->notes = $lost;
		return false;
	}

	/**
	 * Puts the lines into WooCommerce's cart, up to what was saved: a line that is there already is not doubled.
	 */
	public function put_back() {
		$there = Relance_Restore_Lines::contents( WC()->cart->get_cart() );
		foreach ( $this->lines as $line ) {
			$why = self::why_lost( $line );
			if ( '' !== $why ) {
				$this->notes[] = $why;
				continue;
			}
			// Two saved lines may differ in an engraving only: what was there counts for one of them.
			$name = Relance_Restore_Lines::name( $line );
			$here = isset( $there[ $name ] ) ? min( $there[ $name ], $line['quantity'] ) : 0;
			$want = wc_stock_amount( $line['quantity'] - $here );
			if ( $here > 0 ) {
				$there[ $name ] -= $here;
			}
			if ( $want > 0 ) {
				$this->put_line( $line, $want, $here );
			}
		}
	}

	/**
	 * Says which prices are others than when the cart was left. Totals must be calculated first.
	 *
	 * What the shopper sees is compared. Where prices are shown with the tax of another country
	 * than then, nothing is said: the address at the checkout decides about the price.
	 */
	public function compare_prices() {
		$cart     = WC()->cart->get_cart();
		$with_tax = WC()->cart->display_prices_including_tax();
		if ( $with_tax && wc_tax_enabled() && '' !== $this->country && WC()->customer->get_taxable_address()[0] !== $this->country ) {
			return;
		}
		foreach ( $this->put_back as $key => $line ) {
			if ( ! isset( $cart[ $key ]['line_subtotal'] ) || '' === $line['price'] || $cart[ $key ]['quantity'] <= 0 ) {
				continue;
			}
			$sum = (float) $cart[ $key ]['line_subtotal'] + ( $with_tax ? (float) $cart[ $key ]['line_subtotal_tax'] : 0 );
			$now = round( $sum / $cart[ $key ]['quantity'], wc_get_price_decimals() );
			$was = round( (float) $line['price'], wc_get_price_decimals() );
			if ( abs( $now - $was ) > 0.00001 ) {
				/* translators: 1: product. 2: price now. 3: price before. */
				$this->notes[] = sprintf( __( '“%1$s” costs %2$s now. It cost %3$s when you filled this cart.', 'relance' ), self::name( $line ), self::plain( wc_price( $now ) ), self::plain( wc_price( $was ) ) );
			}
		}
	}

	/**
	 * The saved things, for the page that asks.
	 *
	 * @return string[] "2 × Shirt".
	 */
	public function list_of_saved() {
		$list = array();
		foreach ( $this->lines as $line ) {
			$list[] = self::counted( $line['quantity'], self::name( $line ) );
		}
		return $list;
	}

	/**
	 * The things in this browser's cart, for the page that asks.
	 *
	 * @return string[] "2 × Shirt".
	 */
	public static function list_of_open() {
		$list = array();
		foreach ( WC()->cart->get_cart() as $item ) {
			$list[] = self::counted( $item['quantity'], $item['data']->get_name() );
		}
		return $list;
	}

	/**
	 * The first complaint among the notices, as plain text; the notices are cleared.
	 *
	 * @return string
	 */
	public static function first_notice() {
		$words = '';
		foreach ( wc_get_notices( 'error' ) as $notice ) {
			$words = is_array( $notice ) && isset( $notice['notice'] ) ? $notice['notice'] : $notice;
			break;
		}
		wc_clear_notices();
		return self::plain( is_string( $words ) ? $words : '' );
	}

	/**
	 * Puts one line in, as much of it as is left.
	 *
	 * @param array     $line The saved line.
	 * @param int|float $want How many are to be added.
	 * @param int|float $here How many of this line are in the cart already.
	 */
	private function put_line( array $line, $want, $here ) {
		$room = self::room( self::product( $line ), $here );
		if ( null !== $room && $room < $want ) {
			if ( $room <= 0 && $here <= 0 ) {
				/* translators: %s: product. */
				$this->notes[] = sprintf( __( '“%s” is sold out.', 'relance' ), self::name( $line ) );
				return;
			}
			/* translators: 1: quantity, such as 2. 2: product. 3: quantity before. */
			$this->notes[] = sprintf( __( 'Only %1$s of “%2$s” left. Your cart had %3$s.', 'relance' ), wc_stock_amount( $room + $here ), self::name( $line ), $line['quantity'] );
			$want          = $room;
		}
		$key = $want > 0 ? $this->add( $line, $want ) : '';
		if ( $key ) {
			$this->put_back[ $key ] = $line;
		} elseif ( $want > 0 ) {
			/* translators: %s: product. */
			$this->notes[] = trim( sprintf( __( '“%s” could not be put back.', 'relance' ), self::name( $line ) ) . ' ' . self::first_notice() );
		}
		wc_clear_notices();
	}

	/**
	 * WooCommerce's own way into the cart, with the checks of other plugins before it.
	 *
	 * @param array     $line     The saved line.
	 * @param int|float $quantity How many.
	 * @return string|false The key in WooCommerce's cart.
	 */
	private function add( array $line, $quantity ) {
		wc_clear_notices();
		try {
			// phpcs:ignore WordPress.NamingConventions.PrefixAllGlobals.NonPrefixedHooknameFound -- WooCommerce's.
			if ( ! apply_filters( 'woocommerce_add_to_cart_validation', true, $line['product_id'], $quantity, $line['variation_id'], $line['variation'], $line['cart_item_data'] ) ) {
				return false;
			}
			return WC()->cart->add_to_cart( $line['product_id'], $quantity, $line['variation_id'], $line['variation'], $line['cart_item_data'] );
		} catch ( Exception $error ) { // Other plugins may throw from their hooks; their words go to the shopper.
			wc_add_notice( $error->getMessage(), 'error' );
			return false;
		}
	}

	/**
	 * Why a line cannot be had at all.
	 *
	 * @param array $line The saved line.
	 * @return string A sentence, or '' when it can.
	 */
	private static function why_lost( array $line ) {
		$product = self::product( $line );
		if ( null === $product || ! $product->is_purchasable() ) {
			/* translators: %s: product. */
			return sprintf( __( '“%s” is not sold any more.', 'relance' ), self::name( $line ) );
		}
		if ( ! $product->is_in_stock() ) {
			/* translators: %s: product. */
			return sprintf( __( '“%s” is sold out.', 'relance' ), self::name( $line ) );
		}
		return '';
	}

	/**
	 * The product or variation of a line.
	 *
	 * @param array $line The saved line.
	 * @return WC_Product|null Null: deleted, or not that product's variation.
	 */
	private static function product( array $line ) {
		$product = wc_get_product( $line['variation_id'] ? $line['variation_id'] : $line['product_id'] );
		if ( ! $product instanceof WC_Product || 'trash' === $product->get_status() ) {
			return null;
		}
		if ( $line['variation_id'] && ( $product->get_parent_id() !== $line['product_id'] || ! wc_get_product( $line['product_id'] ) ) ) {
			return null;
		}
		return $product;
	}

	/**
	 * How many more of a product this cart can take.
	 *
	 * @param WC_Product $product The product.
	 * @param int|float  $here    How many of the line are in the cart already.
	 * @return int|float|null Null: as many as wanted.
	 */
	private static function room( WC_Product $product, $here ) {
		if ( $product->is_sold_individually() ) {
			return $here > 0 ? 0 : 1;
		}
		if ( ! $product->managing_stock() || $product->backorders_allowed() ) {
			return null;
		}
		$all   = WC()->cart->get_cart_item_quantities();
		$id    = $product->get_stock_managed_by_id();
		$taken = isset( $all[ $id ] ) ? $all[ $id ] : 0;
		$held  = function_exists( 'wc_get_held_stock_quantity' ) ? wc_get_held_stock_quantity( $product, absint( WC()->session->get( 'order_awaiting_payment', 0 ) ) ) : 0;
		return $product->get_stock_quantity() - $held - $taken;
	}

	/**
	 * A line's name for the shopper: the product's own, else the saved title.
	 *
	 * @param array $line The saved line.
	 * @return string
	 */
	private static function name( array $line ) {
		$product = self::product( $line );
		$name    = null === $product ? $line['title'] : $product->get_name();
		$name    = self::plain( $name );
		return '' === $name ? __( 'A product', 'relance' ) : $name;
	}

	/**
	 * "2 × Shirt".
	 *
	 * @param int|float $quantity How many.
	 * @param string    $name     Of what.
	 * @return string
	 */
	private static function counted( $quantity, $name ) {
		return wc_stock_amount( $quantity ) . ' × ' . self::plain( $name );
	}

	/**
	 * Text without HTML.
	 *
	 * @param string $html Text as WooCommerce writes it.
	 * @return string
	 */
	private static function plain( $html ) {
		return trim( html_entity_decode( wp_strip_all_tags( (string) $html ), ENT_QUOTES, 'UTF-8' ) );
	}
}
