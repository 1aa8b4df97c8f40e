<?php
/**
 * Variable products and their variations; finding products; prices with and without tax.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

/** One attribute of a variable product. */
class WC_Product_Attribute implements ArrayAccess {

	/** @var array */
	private $kept;

	/** @param array $kept name, options. */
	public function __construct( $kept ) {
		$this->kept = $kept + array( 'is_variation' => 1, 'is_visible' => 1, 'is_taxonomy' => 0 );
	}

	/** Its name. */
	public function get_name() {
		return $this->kept['name'];
	}

	/** What can be chosen. */
	public function get_options() {
		return $this->kept['options'];
	}

	/** The same, for attributes that are words of their own. */
	public function get_slugs() {
		return $this->kept['options'];
	}

	/** Whether it makes variations. */
	public function get_variation() {
		return (bool) $this->kept['is_variation'];
	}

	/** Whether it is a taxonomy. */
	public function is_taxonomy() {
		return false;
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

/** A product with choices. */
class WC_Product_Variable extends WC_Product {

	/** Its sort. */
	public function get_type() {
		return 'variable';
	}

	/** Its attributes by their key. */
	public function get_attributes() {
		$found = array();
		foreach ( (array) json_decode( (string) get_post_meta( $this->id, '_standin_attributes', true ), true ) as $name => $options ) {
			$found[ sanitize_title( $name ) ] = new WC_Product_Attribute( array( 'name' => $name, 'options' => $options ) );
		}
		return $found;
	}

	/** Name to choices. */
	public function get_variation_attributes() {
		$found = array();
		foreach ( $this->get_attributes() as $attribute ) {
			$found[ $attribute->get_name() ] = $attribute->get_options();
		}
		return $found;
	}

	/** The ids of its variations. */
	public function get_children() {
		return get_posts( array( 'post_type' => 'product_variation', 'post_parent' => $this->id, 'post_status' => array( 'publish', 'private' ), 'fields' => 'ids', 'numberposts' => -1, 'orderby' => 'ID', 'order' => 'ASC' ) );
	}

	/** The lowest price of its variations. */
	public function get_price( $context = 'view' ) {
		$prices = array();
		foreach ( $this->get_children() as $id ) {
			$prices[] = wc_get_product( $id )->get_price( $context );
		}
		return $prices ? min( $prices ) : '';
	}
}

/** One choice of a variable product. */
class WC_Product_Variation extends WC_Product {

	/** Its sort. */
	public function get_type() {
		return 'variation';
	}

	/** `attribute_size` to `Large`. */
	public function get_variation_attributes() {
		$found = array();
		foreach ( (array) json_decode( (string) get_post_meta( $this->id, '_standin_attributes', true ), true ) as $name => $value ) {
			$found[ 'attribute_' . sanitize_title( $name ) ] = $value;
		}
		return $found;
	}

	/** `size` to `Large`. */
	public function get_attributes() {
		$found = array();
		foreach ( $this->get_variation_attributes() as $key => $value ) {
			$found[ substr( $key, 10 ) ] = $value;
		}
		return $found;
	}

	/** The parent's page with the choice made. */
	public function get_permalink() {
		return add_query_arg( array_map( 'rawurlencode', $this->get_variation_attributes() ), get_permalink( $this->get_parent_id() ) );
	}

	/** The parent is on sale too. */
	public function is_purchasable() {
		return parent::is_purchasable() && 'publish' === get_post_status( $this->get_parent_id() );
	}

	/** The parent's words. */
	public function get_title() {
		return get_the_title( $this->get_parent_id() );
	}
}

/** Makes product objects. */
class WC_Product_Factory {

	/** @param mixed $id Which. */
	public function get_product( $id = false ) {
		return wc_get_product( $id );
	}
}

/**
 * A product by its id; false when there is none.
 *
 * @param mixed $product An id, a post or a product.
 */
function wc_get_product( $product = false ) {
	if ( false === $product && isset( $GLOBALS['post'] ) ) {
		$product = $GLOBALS['post'];
	}
	if ( $product instanceof WC_Product ) {
		return $product;
	}
	$post = get_post( is_object( $product ) ? $product->ID : absint( $product ) );
	if ( ! $post || ! in_array( $post->post_type, array( 'product', 'product_variation' ), true ) ) {
		return false;
	}
	$class = array( 'simple' => 'WC_Product_Simple', 'variable' => 'WC_Product_Variable', 'variation' => 'WC_Product_Variation' );
	$type  = 'product_variation' === $post->post_type ? 'variation' : (string) get_post_meta( $post->ID, '_standin_type', true );
	$class = isset( $class[ $type ] ) ? $class[ $type ] : 'WC_Product_Simple';
	return new $class( $post->ID );
}

/**
 * By its stock-keeping number; 0 when unknown.
 *
 * @param string $sku Number.
 */
function wc_get_product_id_by_sku( $sku ) {
	global $wpdb;
	return (int) $wpdb->get_var( $wpdb->prepare( "SELECT post_id FROM {$wpdb->postmeta} WHERE meta_key = '_sku' AND meta_value = %s LIMIT 1", $sku ) );
}

/**
 * Several products.
 *
 * @param array $args limit, page, include, return.
 */
function wc_get_products( $args = array() ) {
	$ids = get_posts( array( 'post_type' => 'product', 'post_status' => 'publish', 'numberposts' => isset( $args['limit'] ) ? $args['limit'] : 10, 'paged' => isset( $args['page'] ) ? $args['page'] : 1, 'include' => isset( $args['include'] ) ? $args['include'] : array(), 'fields' => 'ids' ) );
	return isset( $args['return'] ) && 'ids' === $args['return'] ? $ids : array_map( 'wc_get_product', $ids );
}

/**
 * The choices of a variation.
 *
 * @param int $id Its id.
 */
function wc_get_product_variation_attributes( $id ) {
	$variation = wc_get_product( $id );
	return $variation instanceof WC_Product_Variation ? $variation->get_variation_attributes() : array();
}

/**
 * The variation that fits these choices; 0 when none does.
 *
 * @param WC_Product_Variable $parent  Of which product.
 * @param array               $choices attribute_… to value.
 */
function standin_matching_variation( $parent, $choices ) {
	foreach ( $parent->get_children() as $id ) {
		$fits = true;
		foreach ( wc_get_product_variation_attributes( $id ) as $key => $value ) {
			$fits = $fits && isset( $choices[ $key ] ) && ( '' === $value || $value === $choices[ $key ] );
		}
		if ( $fits ) {
			return $id;
		}
	}
	return 0;
}

/**
 * An attribute in words.
 *
 * @param string          $name    Its name.
 * @param WC_Product|null $product Of which product.
 */
function wc_attribute_label( $name, $product = null ) {
	$name = 0 === strpos( $name, 'pa_' ) ? substr( $name, 3 ) : $name;
	if ( $product instanceof WC_Product ) {
		$of    = $product->is_type( 'variation' ) ? wc_get_product( $product->get_parent_id() ) : $product;
		$known = $of ? $of->get_attributes() : array();
		if ( isset( $known[ sanitize_title( $name ) ] ) && is_object( $known[ sanitize_title( $name ) ] ) ) {
			return $known[ sanitize_title( $name ) ]->get_name();
		}
	}
	return ucfirst( str_replace( array( '-', '_' ), ' ', $name ) );
}

/**
 * The choices of a variation in one line.
 *
 * @param WC_Product_Variation|array $variation  Variation or choices.
 * @param bool                       $flat       One line.
 * @param bool                       $with_names With the attributes' names.
 */
function wc_get_formatted_variation( $variation, $flat = false, $with_names = true ) {
	$choices = is_array( $variation ) ? $variation : $variation->get_variation_attributes();
	$said    = array();
	foreach ( $choices as $key => $value ) {
		$said[] = $with_names ? wc_attribute_label( str_replace( 'attribute_', '', $key ) ) . ': ' . $value : $value;
	}
	return implode( ', ', $said );
}

/** A grey square. */
function wc_placeholder_img_src( $size = 'thumbnail' ) {
	return WC()->plugin_url() . '/assets/placeholder.svg';
}

/**
 * What tells whether a product changed since it was put in the cart.
 *
 * @param WC_Product $product Which.
 */
function wc_get_cart_item_data_hash( $product ) {
	$what = array( 'type' => $product->get_type(), 'attributes' => 'variation' === $product->get_type() ? $product->get_variation_attributes() : '' );
	return md5( wp_json_encode( apply_filters( 'woocommerce_cart_item_data_to_validate', $what, $product ) ) );
}

/**
 * With tax.
 *
 * @param WC_Product $product Which.
 * @param array      $args    qty, price.
 */
function wc_get_price_including_tax( $product, $args = array() ) {
	$sum = (float) ( isset( $args['price'] ) && '' !== $args['price'] ? $args['price'] : $product->get_price() ) * ( isset( $args['qty'] ) ? $args['qty'] : 1 );
	return wc_round( wc_prices_include_tax() ? $sum : $sum * ( 1 + standin_tax_rate() / 100 ), wc_get_rounding_precision() );
}

/**
 * Without tax.
 *
 * @param WC_Product $product Which.
 * @param array      $args    qty, price.
 */
function wc_get_price_excluding_tax( $product, $args = array() ) {
	$sum = (float) ( isset( $args['price'] ) && '' !== $args['price'] ? $args['price'] : $product->get_price() ) * ( isset( $args['qty'] ) ? $args['qty'] : 1 );
	return wc_round( wc_prices_include_tax() ? $sum / ( 1 + standin_tax_rate() / 100 ) : $sum, wc_get_rounding_precision() );
}

/**
 * As the shop shows it.
 *
 * @param WC_Product $product Which.
 * @param array      $args    qty, price.
 */
function wc_get_price_to_display( $product, $args = array() ) {
	return 'incl' === get_option( 'woocommerce_tax_display_shop' ) ? wc_get_price_including_tax( $product, $args ) : wc_get_price_excluding_tax( $product, $args );
}
