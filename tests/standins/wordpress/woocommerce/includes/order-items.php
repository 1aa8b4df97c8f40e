<?php
/**
 * The lines of an order.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

/** A line: of a product, of shipping, of a coupon, of a fee. */
class WC_Order_Item implements ArrayAccess {

	/** @var array */
	protected $kept;
	/** @var mixed Old ways of other plugins. */
	public $legacy_values = null;
	/** @var mixed */
	public $legacy_cart_item_key = null;

	/** @param array|int $kept What it keeps. */
	public function __construct( $kept = array() ) {
		$this->kept = array_merge( array( 'id' => 0, 'type' => 'line_item', 'name' => '', 'order_id' => 0, 'meta' => array() ), $this->defaults(), is_array( $kept ) ? $kept : array() );
	}

	/** What this sort keeps. */
	protected function defaults() {
		return array();
	}

	/** @param array $props Several values. */
	public function set_props( $props ) {
		foreach ( $props as $name => $value ) {
			$this->{'set_' . $name}( $value );
		}
	}

	/** @param string $method get_… or set_…. @param array $args With. */
	public function __call( $method, $args ) {
		list( $verb, $name ) = array_pad( explode( '_', $method, 2 ), 2, '' );
		if ( 'get' === $verb ) {
			return isset( $this->kept[ $name ] ) ? $this->kept[ $name ] : '';
		}
		if ( 'set' === $verb ) {
			$this->kept[ $name ] = $args[0];
			return null;
		}
		trigger_error( 'The stand-in has no WC_Order_Item::' . esc_html( $method ), E_USER_ERROR );
	}

	/** Its id. */
	public function get_id() {
		return (int) $this->kept['id'];
	}

	/** @param string|array $type Sorts. */
	public function is_type( $type ) {
		return in_array( $this->kept['type'], (array) $type, true );
	}

	/** @param array $values attribute_… to value. */
	public function set_variation( $values = array() ) {
		foreach ( (array) $values as $key => $value ) {
			$this->add_meta_data( str_replace( 'attribute_', '', $key ), $value, true );
		}
	}

	/** Nothing on order. */
	public function set_backorder_meta() {}

	/** The product it is about. */
	public function get_product() {
		$id = $this->get_variation_id() ? $this->get_variation_id() : $this->get_product_id();
		return $id ? wc_get_product( $id ) : false;
	}

	/** @param string $key A note. */
	public function get_meta( $key, $single = true ) {
		return isset( $this->kept['meta'][ $key ] ) ? $this->kept['meta'][ $key ] : '';
	}

	/** All notes. */
	public function get_meta_data() {
		$found = array();
		foreach ( $this->kept['meta'] as $key => $value ) {
			$found[] = (object) array( 'id' => crc32( $key ), 'key' => $key, 'value' => $value );
		}
		return $found;
	}

	/** @param string $key A note. @param mixed $value Its value. */
	public function add_meta_data( $key, $value, $unique = false ) {
		$this->kept['meta'][ $key ] = $value;
	}

	/** @param string $key A note. @param mixed $value Its value. */
	public function update_meta_data( $key, $value ) {
		$this->kept['meta'][ $key ] = $value;
	}

	/** @param string $key A note. */
	public function delete_meta_data( $key ) {
		unset( $this->kept['meta'][ $key ] );
	}

	/** Kept with the order. */
	public function save() {
		return $this->get_id();
	}

	/** Everything. */
	public function standin_kept() {
		return $this->kept;
	}

	/** @param string $key Key. */
	#[\ReturnTypeWillChange]
	public function offsetExists( $key ) { // phpcs:ignore WordPress.NamingConventions.ValidFunctionName
		return isset( $this->kept[ $key ] );
	}

	/** @param string $key Key. */
	#[\ReturnTypeWillChange]
	public function offsetGet( $key ) { // phpcs:ignore WordPress.NamingConventions.ValidFunctionName
		return isset( $this->kept[ $key ] ) ? $this->kept[ $key ] : null;
	}

	/** @param string $key Key. @param mixed $value Value. */
	#[\ReturnTypeWillChange]
	public function offsetSet( $key, $value ) { // phpcs:ignore WordPress.NamingConventions.ValidFunctionName
		$this->kept[ $key ] = $value;
	}

	/** @param string $key Key. */
	#[\ReturnTypeWillChange]
	public function offsetUnset( $key ) { // phpcs:ignore WordPress.NamingConventions.ValidFunctionName
		unset( $this->kept[ $key ] );
	}
}

/** Of a product. */
class WC_Order_Item_Product extends WC_Order_Item {

	/** What it keeps. */
	protected function defaults() {
		return array( 'type' => 'line_item', 'product_id' => 0, 'variation_id' => 0, 'quantity' => 1, 'tax_class' => '', 'subtotal' => '0', 'subtotal_tax' => '0', 'total' => '0', 'total_tax' => '0', 'taxes' => array() );
	}
}

/** Of shipping. */
class WC_Order_Item_Shipping extends WC_Order_Item {

	/** What it keeps. */
	protected function defaults() {
		return array( 'type' => 'shipping', 'method_title' => '', 'method_id' => '', 'instance_id' => '', 'total' => '0', 'total_tax' => '0' );
	}
}

/** Of a coupon. */
class WC_Order_Item_Coupon extends WC_Order_Item {

	/** What it keeps. */
	protected function defaults() {
		return array( 'type' => 'coupon', 'code' => '', 'discount' => '0', 'discount_tax' => '0' );
	}
}

/** Of a fee. */
class WC_Order_Item_Fee extends WC_Order_Item {

	/** What it keeps. */
	protected function defaults() {
		return array( 'type' => 'fee', 'total' => '0', 'total_tax' => '0' );
	}
}

/**
 * An item from what was kept.
 *
 * @param array $kept What was kept.
 */
function standin_order_item( $kept ) {
	$classes = array( 'line_item' => 'WC_Order_Item_Product', 'shipping' => 'WC_Order_Item_Shipping', 'coupon' => 'WC_Order_Item_Coupon', 'fee' => 'WC_Order_Item_Fee' );
	$class   = $classes[ $kept['type'] ];
	return new $class( $kept );
}
