<?php
/**
 * Products: simple, variable, variation; posts with the meta that WooCommerce uses.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

add_action(
	'init',
	function () {
		register_post_type( 'product', array( 'public' => true, 'label' => 'Products', 'has_archive' => false, 'rewrite' => array( 'slug' => 'product', 'with_front' => false ), 'supports' => array( 'title', 'editor', 'thumbnail' ) ) );
		register_post_type( 'product_variation', array( 'public' => false, 'label' => 'Variations' ) );
	},
	5
);

/** What every product can tell. */
class WC_Product {

	/** @var int */
	protected $id = 0;
	/** @var array */
	protected $kept = array();
	/** @var array */
	protected $changed = array();

	/**
	 * Read one.
	 *
	 * @param int|WP_Post|WC_Product $product Which; 0 for a new one.
	 */
	public function __construct( $product = 0 ) {
		$this->id = is_object( $product ) ? (int) ( $product instanceof WP_Post ? $product->ID : $product->get_id() ) : (int) $product;
		$post     = $this->id ? get_post( $this->id ) : null;
		$this->kept = array( 'name' => $post ? $post->post_title : '', 'slug' => $post ? $post->post_name : '', 'status' => $post ? $post->post_status : 'publish', 'description' => $post ? $post->post_content : '', 'parent_id' => $post ? (int) $post->post_parent : 0 );
		foreach ( array( 'sku' => '', 'regular_price' => '', 'sale_price' => '', 'price' => '', 'manage_stock' => 'no', 'stock_quantity' => null, 'stock_status' => 'instock', 'backorders' => 'no', 'sold_individually' => 'no', 'virtual' => 'no', 'weight' => '', 'image_id' => '' ) as $name => $default ) {
			$meta                = $this->id ? get_post_meta( $this->id, $this->meta_name( $name ), true ) : '';
			$this->kept[ $name ] = '' === $meta ? $default : $meta;
		}
	}

	private function meta_name( $name ) {
		$names = array( 'stock_quantity' => '_stock', 'image_id' => '_thumbnail_id' );
		return isset( $names[ $name ] ) ? $names[ $name ] : '_' . $name;
	}

	/** Its id. */
	public function get_id() {
		return $this->id;
	}

	/** Its sort. */
	public function get_type() {
		return 'simple';
	}

	/** @param string|array $type One or several sorts. */
	public function is_type( $type ) {
		return in_array( $this->get_type(), (array) $type, true );
	}

	/** Whether it is there. */
	public function exists() {
		return $this->id > 0 && (bool) get_post( $this->id );
	}

	/**
	 * A value, as plugins may change it.
	 *
	 * @param string $name    Which.
	 * @param string $context view or edit.
	 */
	protected function prop( $name, $context = 'view' ) {
		$value = array_key_exists( $name, $this->changed ) ? $this->changed[ $name ] : $this->kept[ $name ];
		$hook  = $this->is_type( 'variation' ) ? 'woocommerce_product_variation_get_' : 'woocommerce_product_get_';
		return 'view' === $context ? apply_filters( $hook . $name, $value, $this ) : $value;
	}

	/**
	 * `get_…` and `set_…` of what is kept.
	 *
	 * @param string $method Called.
	 * @param array  $args   With.
	 */
	public function __call( $method, $args ) {
		list( $verb, $name ) = array_pad( explode( '_', $method, 2 ), 2, '' );
		if ( 'get' === $verb && array_key_exists( $name, $this->kept ) ) {
			return $this->prop( $name, isset( $args[0] ) ? $args[0] : 'view' );
		}
		if ( 'set' === $verb && array_key_exists( $name, $this->kept ) ) {
			$this->changed[ $name ] = is_bool( $args[0] ) ? wc_bool_to_string( $args[0] ) : $args[0];
			return null;
		}
		trigger_error( 'The stand-in has no WC_Product::' . esc_html( $method ), E_USER_ERROR );
	}

	/** @param string $context view or edit. */
	public function get_name( $context = 'view' ) {
		return $this->prop( 'name', $context );
	}

	/** Words of its title. */
	public function get_title() {
		return $this->get_name();
	}

	/** @param string $context view or edit. */
	public function get_price( $context = 'view' ) {
		return $this->prop( 'price', $context );
	}

	/** Pieces on the shelf, or null. */
	public function get_stock_quantity( $context = 'view' ) {
		$pieces = $this->prop( 'stock_quantity', $context );
		return null === $pieces || '' === $pieces ? null : wc_stock_amount( $pieces );
	}

	/** Its page. */
	public function get_permalink() {
		return get_permalink( $this->id );
	}

	/** The address that puts it in the cart. */
	public function add_to_cart_url() {
		return add_query_arg( 'add-to-cart', $this->id );
	}

	/** Whether it can be bought. */
	public function is_purchasable() {
		$may = $this->exists() && ( 'publish' === $this->get_status() || current_user_can( 'edit_post', $this->id ) ) && '' !== $this->get_price();
		return apply_filters( 'woocommerce_is_purchasable', $may, $this );
	}

	/** Whether there is some. */
	public function is_in_stock() {
		return apply_filters( 'woocommerce_product_is_in_stock', 'outofstock' !== $this->prop( 'stock_status' ), $this );
	}

	/** Whether pieces are counted. */
	public function managing_stock() {
		return 'yes' === $this->prop( 'manage_stock' );
	}

	/** By which product they are counted. */
	public function get_stock_managed_by_id() {
		return $this->id;
	}

	/** @param int $pieces Wanted. */
	public function has_enough_stock( $pieces ) {
		return ! $this->managing_stock() || $this->backorders_allowed() || $this->get_stock_quantity() >= $pieces;
	}

	/** Whether it may be ordered when there is none. */
	public function backorders_allowed() {
		return in_array( $this->prop( 'backorders' ), array( 'yes', 'notify' ), true );
	}

	/** One for each order. */
	public function is_sold_individually() {
		return apply_filters( 'woocommerce_is_sold_individually', 'yes' === $this->prop( 'sold_individually' ), $this );
	}

	/** Nothing is sent. */
	public function is_virtual() {
		return 'yes' === $this->prop( 'virtual' );
	}

	/** Nothing is sent for it. */
	public function needs_shipping() {
		return ! $this->is_virtual();
	}

	/** No files. */
	public function is_downloadable() {
		return false;
	}

	/** Whether there is a lower price now. */
	public function is_on_sale() {
		return '' !== (string) $this->prop( 'sale_price' );
	}

	/** Whether it is shown. */
	public function is_visible() {
		return 'publish' === $this->get_status();
	}

	/** Everything is taxed. */
	public function is_taxable() {
		return wc_tax_enabled();
	}

	/** The one class of tax. */
	public function get_tax_class( $context = 'view' ) {
		return '';
	}

	/** None here. */
	public function get_attributes() {
		return array();
	}

	/** Only of a variable product. */
	public function get_children() {
		return array();
	}

	/**
	 * Its picture.
	 *
	 * @param string $size Of which size.
	 */
	public function get_image( $size = 'thumbnail' ) {
		return '<img src="' . esc_url( wc_placeholder_img_src() ) . '" alt="">';
	}

	/** Its price in HTML. */
	public function get_price_html() {
		return '' === $this->get_price() ? '' : wc_price( wc_get_price_to_display( $this ) );
	}

	/**
	 * A note of a plugin's.
	 *
	 * @param string $key    Which.
	 * @param bool   $single One.
	 */
	public function get_meta( $key, $single = true ) {
		return get_post_meta( $this->id, $key, $single );
	}

	/** @param float|null $pieces On the shelf now. */
	public function set_stock_quantity( $pieces ) {
		$this->changed['stock_quantity'] = $pieces;
		if ( null !== $pieces && ! $this->backorders_allowed() ) {
			$this->changed['stock_status'] = $pieces > 0 ? 'instock' : 'outofstock';
		}
	}

	/** Keep what was changed; the price follows from the two prices. */
	public function save() {
		$new = ! $this->id;
		if ( array_intersect( array( 'regular_price', 'sale_price' ), array_keys( $this->changed ) ) ) {
			$sale                   = $this->prop( 'sale_price', 'edit' );
			$this->changed['price'] = '' !== (string) $sale ? $sale : $this->prop( 'regular_price', 'edit' );
		}
		$post = array( 'ID' => $this->id, 'post_type' => $this->is_type( 'variation' ) ? 'product_variation' : 'product', 'post_title' => $this->prop( 'name', 'edit' ), 'post_name' => $this->prop( 'slug', 'edit' ), 'post_status' => $this->prop( 'status', 'edit' ), 'post_content' => $this->prop( 'description', 'edit' ), 'post_parent' => $this->prop( 'parent_id', 'edit' ) );
		$this->id = (int) ( $new ? wp_insert_post( $post ) : wp_update_post( $post ) );
		foreach ( array_diff_key( $this->changed, array_flip( array( 'name', 'slug', 'status', 'description', 'parent_id' ) ) ) as $name => $value ) {
			update_post_meta( $this->id, $this->meta_name( $name ), $value );
		}
		update_post_meta( $this->id, '_standin_type', $this->get_type() );
		$stock_changed = array_key_exists( 'stock_quantity', $this->changed );
		$state_changed = array_key_exists( 'stock_status', $this->changed ) && ! $new && $this->changed['stock_status'] !== $this->kept['stock_status'];
		$this->kept    = array_merge( $this->kept, $this->changed );
		$this->changed = array();
		$of            = $this->is_type( 'variation' ) ? 'product_variation' : 'product';
		do_action( ( $new ? 'woocommerce_new_' : 'woocommerce_update_' ) . $of, $this->id, $this );
		if ( $stock_changed ) {
			do_action( $this->is_type( 'variation' ) ? 'woocommerce_variation_set_stock' : 'woocommerce_product_set_stock', $this );
		}
		if ( $state_changed ) {
			do_action( $this->is_type( 'variation' ) ? 'woocommerce_variation_set_stock_status' : 'woocommerce_product_set_stock_status', $this->id, $this->prop( 'stock_status' ), $this );
		}
		return $this->id;
	}

	/** @param bool $force Past the bin. */
	public function delete( $force = false ) {
		$force ? wp_delete_post( $this->id, true ) : wp_trash_post( $this->id );
	}
}

/** The simple sort. */
class WC_Product_Simple extends WC_Product {
}
