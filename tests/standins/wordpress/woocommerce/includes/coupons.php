<?php
/**
 * Coupons: posts whose title is the code.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

add_action(
	'init',
	function () {
		register_post_type( 'shop_coupon', array( 'public' => false, 'label' => 'Coupons' ) );
	},
	5
);

/** One coupon. */
class WC_Coupon {

	/** @var int */
	private $id = 0;
	/** @var array */
	private $kept;
	/** @var string */
	private $refusal = '';

	/** What a coupon keeps. */
	public static function blank() {
		return array( 'code' => '', 'amount' => '0', 'status' => 'publish', 'discount_type' => 'fixed_cart', 'description' => '', 'date_expires' => null, 'date_created' => null, 'date_modified' => null, 'usage_count' => 0, 'individual_use' => false, 'product_ids' => array(), 'excluded_product_ids' => array(), 'usage_limit' => 0, 'usage_limit_per_user' => 0, 'limit_usage_to_x_items' => null, 'free_shipping' => false, 'product_categories' => array(), 'excluded_product_categories' => array(), 'exclude_sale_items' => false, 'minimum_amount' => '', 'maximum_amount' => '', 'email_restrictions' => array(), 'used_by' => array(), 'meta' => array() );
	}

	/** @param int|string $coupon An id or a code. */
	public function __construct( $coupon = '' ) {
		$this->kept = self::blank();
		$this->id   = is_int( $coupon ) ? $coupon : ( '' === (string) $coupon ? 0 : wc_get_coupon_id_by_code( $coupon ) );
		if ( $this->id ) {
			$this->kept = array_merge( $this->kept, (array) json_decode( (string) get_post_meta( $this->id, '_standin', true ), true ) );
		} elseif ( ! is_int( $coupon ) ) {
			$this->kept['code'] = wc_format_coupon_code( $coupon );
		}
	}

	/** Its id; 0 when there is none. */
	public function get_id() {
		return $this->id;
	}

	/** Its code. */
	public function get_code() {
		return $this->kept['code'];
	}

	/** When it ends. */
	public function get_date_expires() {
		return standin_moment( $this->kept['date_expires'] );
	}

	/** When it was made. */
	public function get_date_created() {
		return standin_moment( $this->kept['date_created'] );
	}

	/** When it was changed. */
	public function get_date_modified() {
		return standin_moment( $this->kept['date_modified'] );
	}

	/** @param string $key A note. */
	public function get_meta( $key ) {
		return isset( $this->kept['meta'][ $key ] ) ? $this->kept['meta'][ $key ] : '';
	}

	/** @param string $key A note. @param mixed $value Its value. */
	public function update_meta_data( $key, $value ) {
		$this->kept['meta'][ $key ] = $value;
	}

	/** @param string|array $type Sorts. */
	public function is_type( $type ) {
		return in_array( $this->kept['discount_type'], (array) $type, true );
	}

	/** @param string $method get_… or set_…. @param array $args With. */
	public function __call( $method, $args ) {
		list( $verb, $name ) = array_pad( explode( '_', $method, 2 ), 2, '' );
		if ( 'get' === $verb && array_key_exists( $name, $this->kept ) ) {
			return apply_filters( 'woocommerce_coupon_get_' . $name, $this->kept[ $name ], $this );
		}
		if ( 'set' === $verb && array_key_exists( $name, $this->kept ) ) {
			$value               = $args[0] instanceof DateTime ? $args[0]->getTimestamp() : $args[0];
			$this->kept[ $name ] = 'email_restrictions' === $name ? array_map( 'strtolower', (array) $value ) : ( 'code' === $name ? wc_format_coupon_code( $value ) : $value );
			return null;
		}
		trigger_error( 'The stand-in has no WC_Coupon::' . esc_html( $method ), E_USER_ERROR );
	}

	/** Everything, for REST. */
	public function standin_kept() {
		return $this->kept;
	}

	/** Keep it. */
	public function save() {
		$new                          = ! $this->id;
		$this->kept['date_created']   = $new ? time() : $this->kept['date_created'];
		$this->kept['date_modified']  = time();
		$post                         = array( 'ID' => $this->id, 'post_type' => 'shop_coupon', 'post_title' => $this->kept['code'], 'post_status' => $this->kept['status'], 'post_excerpt' => $this->kept['description'] );
		$this->id                     = (int) ( $new ? wp_insert_post( $post ) : wp_update_post( $post ) );
		update_post_meta( $this->id, '_standin', wp_slash( wp_json_encode( $this->kept ) ) );
		do_action( $new ? 'woocommerce_new_coupon' : 'woocommerce_update_coupon', $this->id, $this );
		return $this->id;
	}

	/** @param bool $force Past the bin. */
	public function delete( $force = false ) {
		wp_delete_post( $this->id, $force );
	}

	/** Whether it holds for this cart, by what can be known. */
	public function is_valid() {
		$discounts     = new WC_Discounts( WC()->cart );
		$valid         = $discounts->is_coupon_valid( $this );
		$this->refusal = is_wp_error( $valid ) ? $valid->get_error_message() : '';
		return true === $valid;
	}

	/** Why not, in words. */
	public function get_error_message() {
		return $this->refusal;
	}

	/** @param string $by Who used it. */
	public function increase_usage_count( $by = '' ) {
		++$this->kept['usage_count'];
		$this->kept['used_by'][] = $by;
		$this->save();
	}

	/** @param string $by Who gave it back. */
	public function decrease_usage_count( $by = '' ) {
		$this->kept['usage_count'] = max( 0, $this->kept['usage_count'] - 1 );
		$this->save();
	}
}

/**
 * Its id; 0 when there is none.
 *
 * @param string $code A code.
 */
function wc_get_coupon_id_by_code( $code, $exclude = 0 ) {
	global $wpdb;
	return (int) $wpdb->get_var( $wpdb->prepare( "SELECT ID FROM {$wpdb->posts} WHERE post_type = 'shop_coupon' AND post_status = 'publish' AND LOWER(post_title) = %s ORDER BY post_date DESC LIMIT 1", wc_format_coupon_code( $code ) ) );
}

/** Whether coupons are on. */
function wc_coupons_enabled() {
	return apply_filters( 'woocommerce_coupons_enabled', 'yes' === get_option( 'woocommerce_enable_coupons' ) );
}
