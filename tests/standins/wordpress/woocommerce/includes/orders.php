<?php
/**
 * Orders, in a table of their own.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

/** An order. */
class WC_Order {

	use StandIn_Order_Meta;
	use StandIn_Order_Pages;

	/** @var int */
	protected $id = 0;
	/** @var array */
	protected $kept;
	/** @var WC_Order_Item[] */
	protected $items = array();
	/** @var array|null From and to. */
	protected $moved = null;

	/** What an order keeps. */
	public static function blank() {
		$kept = array( 'status' => '', 'currency' => get_woocommerce_currency(), 'version' => WC_VERSION, 'prices_include_tax' => false, 'created' => null, 'modified' => null, 'discount_total' => '0', 'discount_tax' => '0', 'shipping_total' => '0', 'shipping_tax' => '0', 'cart_tax' => '0', 'total' => '0', 'total_tax' => '0', 'customer_id' => 0, 'order_key' => '', 'payment_method' => '', 'payment_method_title' => '', 'transaction_id' => '', 'customer_ip_address' => '', 'customer_user_agent' => '', 'created_via' => '', 'customer_note' => '', 'completed' => null, 'paid' => null, 'cart_hash' => '', 'parent_id' => 0, 'stock_reduced' => false, 'refunds' => array(), 'notes' => array() );
		foreach ( array( 'billing', 'shipping' ) as $of ) {
			foreach ( WC_Customer::names() as $name ) {
				if ( 'shipping_email' !== $of . '_' . $name ) {
					$kept[ $of . '_' . $name ] = '';
				}
			}
		}
		return $kept;
	}

	/** @param int|WC_Order $order Which; 0 for a new one. */
	public function __construct( $order = 0 ) {
		global $wpdb;
		$this->kept = self::blank();
		$id         = $order instanceof WC_Order ? $order->get_id() : (int) $order;
		$row        = $id ? $wpdb->get_row( $wpdb->prepare( "SELECT * FROM {$wpdb->prefix}wc_orders WHERE id = %d", $id ) ) : null;
		if ( $row ) {
			$this->id   = $id;
			$kept       = json_decode( $row->kept, true );
			$this->kept = array_merge( $this->kept, $kept['order'] );
			foreach ( $kept['items'] as $item ) {
				$this->items[] = standin_order_item( $item );
			}
			$this->read_meta();
		} elseif ( $id ) {
			throw new Exception( 'Invalid order.' );
		}
	}

	/** Its id. */
	public function get_id() {
		return $this->id;
	}

	/** Its number. */
	public function get_order_number() {
		return (string) apply_filters( 'woocommerce_order_number', $this->id, $this );
	}

	/** shop_order. */
	public function get_type() {
		return 'shop_order';
	}

	/** @param string $method get_… or set_…. @param array $args With. */
	public function __call( $method, $args ) {
		list( $verb, $name ) = array_pad( explode( '_', $method, 2 ), 2, '' );
		if ( 'get' === $verb && array_key_exists( $name, $this->kept ) ) {
			$value = $this->kept[ $name ];
			return isset( $args[0] ) && 'edit' === $args[0] ? $value : apply_filters( 'woocommerce_order_get_' . $name, $value, $this );
		}
		if ( 'set' === $verb && array_key_exists( $name, $this->kept ) ) {
			$this->kept[ $name ] = is_float( $args[0] ) ? wc_format_decimal( $args[0] ) : $args[0];
			return null;
		}
		throw new BadMethodCallException( 'The stand-in has no WC_Order::' . esc_html( $method ) );
	}

	/** `is_callable` must tell setters from nothing, as the checkout asks. */
	public function standin_has( $name ) {
		return array_key_exists( $name, $this->kept );
	}

	/** @param string $context view or edit. */
	public function get_status( $context = 'view' ) {
		$status = '' === $this->kept['status'] && 'view' === $context ? 'pending' : $this->kept['status'];
		return 'view' === $context ? apply_filters( 'woocommerce_order_get_status', $status, $this ) : $status;
	}

	/** @param string|array $status Any of these. */
	public function has_status( $status ) {
		return apply_filters( 'woocommerce_order_has_status', in_array( $this->get_status(), array_map( array( $this, 'bare' ), (array) $status ), true ), $this, $status );
	}

	private function bare( $status ) {
		return 0 === strpos( $status, 'wc-' ) ? substr( $status, 3 ) : $status;
	}

	/** @param string $status New one. @param string $note Why. */
	public function set_status( $status, $note = '', $manual = false ) {
		$to   = $this->bare( $status );
		$from = $this->kept['status'];
		if ( $from !== $to ) {
			$this->moved          = array( $this->moved ? $this->moved[0] : $from, $to );
			$this->kept['status'] = $to;
			if ( 'completed' === $to ) {
				$this->kept['completed'] = time();
			}
			if ( in_array( $to, wc_get_is_paid_statuses(), true ) && ! $this->kept['paid'] && 'cod' !== $this->kept['payment_method'] ) {
				$this->kept['paid'] = time();
			}
		}
		if ( $note ) {
			$this->add_order_note( $note );
		}
	}

	/** @param string $status New one. @param string $note Why. */
	public function update_status( $status, $note = '', $manual = false ) {
		$this->set_status( $status, $note, $manual );
		$this->save();
		return true;
	}

	/** When it was made. */
	public function get_date_created( $context = 'view' ) {
		return standin_moment( $this->kept['created'] );
	}

	/** When it was changed. */
	public function get_date_modified( $context = 'view' ) {
		return standin_moment( $this->kept['modified'] );
	}

	/** When it was paid. */
	public function get_date_paid( $context = 'view' ) {
		return standin_moment( $this->kept['paid'] );
	}

	/** When it was done. */
	public function get_date_completed( $context = 'view' ) {
		return standin_moment( $this->kept['completed'] );
	}

	/** @param int|string $when When it was made. */
	public function set_date_created( $when ) {
		$this->kept['created'] = is_numeric( $when ) ? (int) $when : standin_moment( $when )->getTimestamp();
	}

	/** @param string|object $gateway Id or gateway. */
	public function set_payment_method( $gateway = '' ) {
		$this->kept['payment_method']       = is_object( $gateway ) ? $gateway->id : (string) $gateway;
		$this->kept['payment_method_title'] = is_object( $gateway ) ? $gateway->get_title() : $this->kept['payment_method_title'];
	}

	/** @param string $context Context. */
	public function get_total( $context = 'view' ) {
		return wc_format_decimal( $this->kept['total'], wc_get_price_decimals() );
	}

	/** The sum of the lines before coupons. */
	public function get_subtotal() {
		return array_sum( array_map( function ( $item ) { return (float) $item->get_subtotal(); }, $this->get_items() ) );
	}

	/** In HTML. */
	public function get_formatted_order_total() {
		return wc_price( $this->get_total(), array( 'currency' => $this->kept['currency'] ) );
	}

	/** Who ordered; 0 for guests. */
	public function get_user_id( $context = 'view' ) {
		return (int) $this->kept['customer_id'];
	}

	/** The user. */
	public function get_user() {
		return $this->get_user_id() ? get_userdata( $this->get_user_id() ) : false;
	}

	/** @param string|array $types line_item, shipping, coupon, fee. */
	public function get_items( $types = 'line_item' ) {
		$found = array();
		foreach ( $this->items as $i => $item ) {
			if ( $item->is_type( $types ) ) {
				$found[ $item->get_id() ? $item->get_id() : 'new:' . $i ] = $item;
			}
		}
		return apply_filters( 'woocommerce_order_get_items', $found, $this, (array) $types );
	}

	/** @param WC_Order_Item $item One more. */
	public function add_item( $item ) {
		$this->items[] = $item;
	}

	/** @param WC_Product $product Which. @param int $qty How many. */
	public function add_product( $product, $qty = 1, $args = array() ) {
		$sum  = wc_get_price_excluding_tax( $product, array( 'qty' => $qty ) );
		$item = new WC_Order_Item_Product( array( 'name' => $product->get_name(), 'product_id' => $product->is_type( 'variation' ) ? $product->get_parent_id() : $product->get_id(), 'variation_id' => $product->is_type( 'variation' ) ? $product->get_id() : 0, 'quantity' => $qty, 'subtotal' => wc_format_decimal( $sum ), 'total' => wc_format_decimal( $sum ) ) );
		$this->add_item( $item );
		$this->save();
		return $item->get_id();
	}

	/** Take all lines out. */
	public function remove_order_items( $type = null ) {
		$this->items = array();
	}

	/** Codes. */
	public function get_coupon_codes() {
		return array_values( array_map( function ( $item ) { return $item->get_code(); }, $this->get_items( 'coupon' ) ) );
	}

	/** Pieces. */
	public function get_item_count( $type = '' ) {
		return array_sum( array_map( function ( $item ) { return $item->get_quantity(); }, $this->get_items() ) );
	}

	/** Count the sum from the lines. */
	public function calculate_totals( $and_taxes = true ) {
		$total = 0.0;
		foreach ( $this->get_items( array( 'line_item', 'shipping', 'fee' ) ) as $item ) {
			$total += (float) $item->get_total() + (float) $item->get_total_tax();
		}
		$this->kept['total'] = wc_format_decimal( $total, wc_get_price_decimals() );
		$this->save();
		return $total;
	}

	/** @param string $hash Of a cart. */
	public function has_cart_hash( $hash = '' ) {
		return hash_equals( (string) $this->kept['cart_hash'], (string) $hash );
	}

	/** Coupons are not held here. */
	public function hold_applied_coupons( $email ) {}

	/** @param array $address Values. @param string $type billing or shipping. */
	public function set_address( $address, $type = 'billing' ) {
		foreach ( $address as $name => $value ) {
			if ( isset( $this->kept[ $type . '_' . $name ] ) ) {
				$this->kept[ $type . '_' . $name ] = (string) $value;
			}
		}
	}

	/** @param string $type billing or shipping. */
	public function get_address( $type = 'billing' ) {
		$found = array();
		foreach ( WC_Customer::names() as $name ) {
			if ( isset( $this->kept[ $type . '_' . $name ] ) ) {
				$found[ $name ] = $this->kept[ $type . '_' . $name ];
			}
		}
		return $found;
	}

	/** @param string $note Words. */
	public function add_order_note( $note, $is_customer_note = 0, $added_by_user = false ) {
		$this->kept['notes'][] = $note;
		return count( $this->kept['notes'] );
	}

	/** @param string $transaction_id Of the bank. */
	public function payment_complete( $transaction_id = '' ) {
		do_action( 'woocommerce_pre_payment_complete', $this->id, $transaction_id );
		if ( $this->has_status( array( 'on-hold', 'pending', 'failed', 'cancelled' ) ) ) {
			$this->kept['transaction_id'] = $transaction_id ? $transaction_id : $this->kept['transaction_id'];
			$this->kept['paid']           = time();
			$this->set_status( apply_filters( 'woocommerce_payment_complete_order_status', 'processing', $this->id, $this ) );
			$this->save();
			wc_reduce_stock_levels( $this->id );
			do_action( 'woocommerce_payment_complete', $this->id, $transaction_id );
		}
		return true;
	}

	/** Keep it, and tell everybody. */
	public function save() {
		global $wpdb;
		do_action( 'woocommerce_before_order_object_save', $this, null );
		$new                    = ! $this->id;
		$this->kept['created']  = $this->kept['created'] ? $this->kept['created'] : time();
		$this->kept['modified'] = time();
		if ( $new ) {
			$this->kept['order_key'] = $this->kept['order_key'] ? $this->kept['order_key'] : 'wc_order_' . wp_generate_password( 13, false );
			$this->kept['status']    = '' === $this->kept['status'] ? 'pending' : $this->kept['status'];
			$wpdb->insert( $wpdb->prefix . 'wc_orders', $this->row() );
			$this->id = (int) $wpdb->insert_id;
		}
		foreach ( $this->items as $i => $item ) {
			if ( ! $item->get_id() ) {
				$item->set_id( $this->id * 100 + $i + 1 );
				do_action( 'woocommerce_new_order_item', $item->get_id(), $item, $this->id );
			}
		}
		$wpdb->update( $wpdb->prefix . 'wc_orders', $this->row(), array( 'id' => $this->id ) );
		$this->save_meta();
		do_action( $new ? 'woocommerce_new_order' : 'woocommerce_update_order', $this->id, $this );
		do_action( 'woocommerce_after_order_object_save', $this, null );
		$this->tell_of_the_move();
		return $this->id;
	}

	private function row() {
		$items = array_map( function ( $item ) { return $item->standin_kept(); }, $this->items );
		return array( 'status' => 'wc-' . $this->kept['status'], 'type' => 'shop_order', 'currency' => $this->kept['currency'], 'total_amount' => (string) $this->kept['total'], 'customer_id' => (int) $this->kept['customer_id'], 'billing_email' => $this->kept['billing_email'], 'date_created_gmt' => gmdate( 'Y-m-d H:i:s', $this->kept['created'] ), 'date_updated_gmt' => gmdate( 'Y-m-d H:i:s', $this->kept['modified'] ), 'kept' => wp_json_encode( array( 'order' => $this->kept, 'items' => array_values( $items ) ) ) );
	}

	private function tell_of_the_move() {
		$moved       = $this->moved;
		$this->moved = null;
		if ( ! $moved ) {
			return;
		}
		list( $from, $to ) = $moved;
		do_action( 'woocommerce_order_status_' . $to, $this->id, $this );
		if ( $from ) {
			do_action( 'woocommerce_order_status_' . $from . '_to_' . $to, $this->id, $this );
			do_action( 'woocommerce_order_status_changed', $this->id, $from, $to, $this );
		}
	}

	/** @param bool $force Past the bin. */
	public function delete( $force = false ) {
		global $wpdb;
		if ( $force ) {
			do_action( 'woocommerce_before_delete_order', $this->id, $this );
			$wpdb->delete( $wpdb->prefix . 'wc_orders', array( 'id' => $this->id ) );
			$wpdb->delete( $wpdb->prefix . 'wc_orders_meta', array( 'order_id' => $this->id ) );
			do_action( 'woocommerce_delete_order', $this->id );
		} else {
			$this->update_status( 'trash' );
			do_action( 'woocommerce_trash_order', $this->id );
		}
		return true;
	}
}
