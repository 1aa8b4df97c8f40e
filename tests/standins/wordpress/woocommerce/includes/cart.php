<?php
/**
 * The cart.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

/** Lines, coupons, sums. */
class WC_Cart {

	use StandIn_Cart_Coupons;

	/** @var array */
	public $cart_contents = array();
	/** @var array */
	public $removed_cart_contents = array();
	/** @var array */
	private $totals;
	/** @var WC_Cart_Session */
	public $session;
	/** @var array */
	private $fees = array();

	/** What is counted. */
	public static function no_totals() {
		return array( 'subtotal' => 0, 'subtotal_tax' => 0, 'shipping_total' => 0, 'shipping_tax' => 0, 'shipping_taxes' => array(), 'discount_total' => 0, 'discount_tax' => 0, 'cart_contents_total' => 0, 'cart_contents_tax' => 0, 'cart_contents_taxes' => array(), 'fee_total' => 0, 'fee_tax' => 0, 'fee_taxes' => array(), 'total' => 0, 'total_tax' => 0 );
	}

	/** Open it; it is read from the session at wp_loaded. */
	public function __construct() {
		$this->totals  = self::no_totals();
		$this->session = new WC_Cart_Session( $this );
		$this->session->init();
		add_action( 'woocommerce_add_to_cart', array( $this, 'calculate_totals' ), 20, 0 );
		add_action( 'woocommerce_applied_coupon', array( $this, 'calculate_totals' ), 20, 0 );
		add_action( 'woocommerce_removed_coupon', array( $this, 'calculate_totals' ), 20, 0 );
		add_action( 'woocommerce_cart_item_removed', array( $this, 'calculate_totals' ), 20, 0 );
		add_action( 'woocommerce_cart_item_restored', array( $this, 'calculate_totals' ), 20, 0 );
		add_action( 'woocommerce_check_cart_items', array( $this, 'check_cart_items' ), 1 );
	}

	/** The lines. */
	public function get_cart() {
		if ( ! did_action( 'wp_loaded' ) && ! did_action( 'woocommerce_load_cart_from_session' ) ) {
			wc_doing_it_wrong( __METHOD__, 'Get cart should not be called before the wp_loaded action.', '2.3' );
		}
		if ( ! did_action( 'woocommerce_load_cart_from_session' ) ) {
			$this->session->get_cart_from_session();
		}
		return array_filter( $this->get_cart_contents() );
	}

	/** The lines as they are. */
	public function get_cart_contents() {
		return apply_filters( 'woocommerce_get_cart_contents', (array) $this->cart_contents );
	}

	/** @param array $contents Lines. */
	public function set_cart_contents( $contents ) {
		$this->cart_contents = (array) $contents;
	}

	/** What was taken out. */
	public function get_removed_cart_contents() {
		return (array) $this->removed_cart_contents;
	}

	/** @param array $contents What was taken out. */
	public function set_removed_cart_contents( $contents = array() ) {
		$this->removed_cart_contents = (array) $contents;
	}

	/** All sums. */
	public function get_totals() {
		return $this->totals;
	}

	/** @param array|null $totals All sums. */
	public function set_totals( $totals = array() ) {
		$this->totals = wp_parse_args( (array) $totals, self::no_totals() );
	}

	/** One sum. */
	public function get_totals_var( $name ) {
		return $this->totals[ $name ];
	}

	/** @param string $context view: with tags; edit: a number. */
	public function get_total( $context = 'view' ) {
		$total = apply_filters( 'woocommerce_cart_get_total', $this->totals['total'] );
		return 'view' === $context ? apply_filters( 'woocommerce_cart_total', wc_price( $total ) ) : $total;
	}

	/** @param string $method get_… of a sum. @param array $args With. */
	public function __call( $method, $args ) {
		$name = 0 === strpos( $method, 'get_' ) ? substr( $method, 4 ) : '';
		if ( $name && array_key_exists( $name, $this->totals ) ) {
			return apply_filters( 'woocommerce_cart_get_' . $name, $this->totals[ $name ] );
		}
		trigger_error( 'The stand-in has no WC_Cart::' . esc_html( $method ), E_USER_ERROR );
	}

	/** What the page calls subtotal. */
	public function get_displayed_subtotal() {
		return $this->totals['subtotal'] + ( $this->display_prices_including_tax() ? $this->totals['subtotal_tax'] : 0 );
	}

	/** In HTML. */
	public function get_cart_subtotal() {
		return wc_price( $this->get_displayed_subtotal() );
	}

	/** In HTML. */
	public function get_product_subtotal( $product, $quantity ) {
		return wc_price( $this->display_prices_including_tax() ? wc_get_price_including_tax( $product, array( 'qty' => $quantity ) ) : wc_get_price_excluding_tax( $product, array( 'qty' => $quantity ) ) );
	}

	/** Whether the cart shows prices with tax. */
	public function display_prices_including_tax() {
		return apply_filters( 'woocommerce_cart_display_prices_including_tax', wc_tax_enabled() && 'incl' === get_option( 'woocommerce_tax_display_cart' ) );
	}

	/** incl or excl. */
	public function get_tax_price_display_mode() {
		return $this->display_prices_including_tax() ? 'incl' : 'excl';
	}

	/** Whose it is. */
	public function get_customer() {
		return WC()->customer;
	}

	/** Fees are set anew each time. */
	public function get_fees() {
		return $this->fees;
	}

	/** @param string $name Words. @param float $amount Sum. */
	public function add_fee( $name, $amount, $taxable = false, $tax_class = '' ) {
		$this->fees[ sanitize_title( $name ) ] = (object) array( 'id' => sanitize_title( $name ), 'name' => $name, 'amount' => $amount, 'total' => $amount, 'tax' => 0 );
	}

	/** How many pieces. */
	public function get_cart_contents_count() {
		return apply_filters( 'woocommerce_cart_contents_count', array_sum( wp_list_pluck( $this->get_cart(), 'quantity' ) ) );
	}

	/** Whether nothing is in it. */
	public function is_empty() {
		return 0 === count( $this->get_cart() );
	}

	/** Changes with lines and sum. */
	public function get_cart_hash() {
		$lines = $this->session->get_cart_for_session();
		return apply_filters( 'woocommerce_cart_hash', $lines ? md5( wp_json_encode( $lines ) . $this->get_total( 'edit' ) ) : '', $lines );
	}

	/** Pieces of each product. */
	public function get_cart_item_quantities() {
		$found = array();
		foreach ( $this->get_cart() as $line ) {
			$id           = $line['data']->get_stock_managed_by_id();
			$found[ $id ] = ( isset( $found[ $id ] ) ? $found[ $id ] : 0 ) + $line['quantity'];
		}
		return $found;
	}

	/** @param string $key A line. */
	public function get_cart_item( $key ) {
		return isset( $this->cart_contents[ $key ] ) ? $this->cart_contents[ $key ] : array();
	}

	/** A line's key. */
	public function generate_cart_id( $product_id, $variation_id = 0, $variation = array(), $cart_item_data = array() ) {
		$parts = array( $product_id );
		if ( $variation_id ) {
			$parts[] = $variation_id;
		}
		foreach ( array( $variation, $cart_item_data ) as $more ) {
			$said = '';
			foreach ( (array) $more as $key => $value ) {
				$said .= trim( $key ) . trim( is_scalar( $value ) ? (string) $value : http_build_query( (array) $value ) );
			}
			if ( $more ) {
				$parts[] = $said;
			}
		}
		return apply_filters( 'woocommerce_cart_id', md5( implode( '_', $parts ) ), $product_id, $variation_id, $variation, $cart_item_data );
	}

	/** @param string $id A line's key; '' when it is not in. */
	public function find_product_in_cart( $id = false ) {
		return $id && isset( $this->cart_contents[ $id ] ) ? $id : '';
	}

	/**
	 * Put something in. Its key, or false with a notice.
	 *
	 * @param int   $product_id     Which.
	 * @param int   $quantity       How many.
	 * @param int   $variation_id   Of which sort.
	 * @param array $variation      attribute_… to value.
	 * @param array $cart_item_data Of other plugins.
	 */
	public function add_to_cart( $product_id = 0, $quantity = 1, $variation_id = 0, $variation = array(), $cart_item_data = array() ) {
		try {
			$wanted = standin_wanted_line( $this, absint( $product_id ), $quantity, absint( $variation_id ), $variation, (array) $cart_item_data );
			if ( ! $wanted ) {
				return false;
			}
			list( $key, $line, $more ) = $wanted;
			if ( $this->find_product_in_cart( $key ) ) {
				$this->set_quantity( $key, $line['quantity'] + $this->cart_contents[ $key ]['quantity'], false );
			} else {
				$this->cart_contents[ $key ] = apply_filters( 'woocommerce_add_cart_item', array_merge( $more, $line ), $key );
			}
			$this->cart_contents = apply_filters( 'woocommerce_cart_contents_changed', $this->cart_contents );
			do_action( 'woocommerce_add_to_cart', $key, $line['product_id'], $line['quantity'], $line['variation_id'], $line['variation'], $more );
			return $key;
		} catch ( Exception $error ) {
			if ( $error->getMessage() ) {
				wc_add_notice( $error->getMessage(), 'error' );
			}
			return false;
		}
	}

	/** @param string $key A line. */
	public function remove_cart_item( $key ) {
		if ( ! isset( $this->cart_contents[ $key ] ) ) {
			return false;
		}
		$this->removed_cart_contents[ $key ] = array_diff_key( $this->cart_contents[ $key ], array( 'data' => 1 ) );
		do_action( 'woocommerce_remove_cart_item', $key, $this );
		unset( $this->cart_contents[ $key ] );
		do_action( 'woocommerce_cart_item_removed', $key, $this );
		return true;
	}

	/** @param string $key A line that was taken out. */
	public function restore_cart_item( $key ) {
		if ( ! isset( $this->removed_cart_contents[ $key ] ) ) {
			return false;
		}
		$line                        = $this->removed_cart_contents[ $key ];
		$line['data']                = wc_get_product( $line['variation_id'] ? $line['variation_id'] : $line['product_id'] );
		$this->cart_contents[ $key ] = $line;
		do_action( 'woocommerce_restore_cart_item', $key, $this );
		unset( $this->removed_cart_contents[ $key ] );
		do_action( 'woocommerce_cart_item_restored', $key, $this );
		return true;
	}

	/** @param string $key A line. @param int $quantity How many. @param bool $refresh_totals Count anew. */
	public function set_quantity( $key, $quantity = 1, $refresh_totals = true ) {
		if ( $quantity <= 0 ) {
			return $this->remove_cart_item( $key );
		}
		$old                                     = $this->cart_contents[ $key ]['quantity'];
		$this->cart_contents[ $key ]['quantity'] = $quantity;
		do_action( 'woocommerce_after_cart_item_quantity_update', $key, $quantity, $old, $this );
		if ( $refresh_totals ) {
			$this->calculate_totals();
		}
		do_action( 'woocommerce_cart_item_set_quantity', $key, $quantity, $this );
		return true;
	}

	/** Count everything anew. */
	public function calculate_totals() {
		$this->totals = self::no_totals();
		$this->fees   = array();
		if ( $this->is_empty() ) {
			$this->session->set_session();
			return;
		}
		do_action( 'woocommerce_before_calculate_totals', $this );
		do_action( 'woocommerce_cart_calculate_fees', $this );
		new WC_Cart_Totals( $this );
		do_action( 'woocommerce_after_calculate_totals', $this );
	}

	/** Whether something is to be paid. */
	public function needs_payment() {
		return apply_filters( 'woocommerce_cart_needs_payment', 0 < (float) $this->get_total( 'edit' ), $this );
	}

	/** Whether something is sent. */
	public function needs_shipping() {
		$needs = false;
		foreach ( $this->get_cart() as $line ) {
			$needs = $needs || $line['data']->needs_shipping();
		}
		return apply_filters( 'woocommerce_cart_needs_shipping', $needs );
	}

	/** Whether the address is known well enough. */
	public function show_shipping() {
		return $this->needs_shipping() && WC()->customer->has_calculated_shipping();
	}

	/** Whether another address can be typed. */
	public function needs_shipping_address() {
		return $this->needs_shipping();
	}

	/** Count shipping. */
	public function calculate_shipping() {
		return WC()->shipping()->calculate_shipping( $this->get_shipping_packages() );
	}

	/** One parcel. */
	public function get_shipping_packages() {
		return array( array( 'contents' => $this->get_cart(), 'destination' => WC()->customer->get_shipping(), 'applied_coupons' => $this->applied_coupons ) );
	}

	/** What can still be bought stays. */
	public function check_cart_items() {
		return standin_check_lines( $this );
	}

	/** @param bool $persistent Also what the account keeps. */
	public function empty_cart( $persistent = true ) {
		do_action( 'woocommerce_before_cart_emptied', $persistent );
		$this->cart_contents         = array();
		$this->removed_cart_contents = array();
		$this->applied_coupons       = array();
		$this->totals                = self::no_totals();
		if ( $persistent ) {
			$this->session->persistent_cart_destroy();
		}
		do_action( 'woocommerce_cart_emptied', $persistent );
	}
}
