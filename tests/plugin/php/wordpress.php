<?php
/**
 * The functions of WordPress and WooCommerce that the core of the plugin calls, as small as they
 * may be. `$GLOBALS['world']` holds what a check sets and looks at.
 *
 * @package Relance
 */

define( 'ABSPATH', __DIR__ . '/core/' );
define( 'ARRAY_A', 'ARRAY_A' );
define( 'MINUTE_IN_SECONDS', 60 );
define( 'HOUR_IN_SECONDS', 3600 );
define( 'DAY_IN_SECONDS', 86400 );
define( 'WC_VERSION', '10.9.2' );

/** What there is, and what was done. */
class World {
	public $options    = array( 'home' => 'http://shop.test', 'siteurl' => 'http://shop.test' );
	public $transients = array();
	public $hooks      = array();
	public $scheduled  = array(); // Hook => when.
	public $posts      = array(); // Address and arguments of each post.
	public $answers    = array(); // To the next posts; then 200.
	public $cookies    = array();
	public $is_staff   = false;
	public $order      = null;
}
$GLOBALS['world'] = new World();

class WP_Error {
	private $code;
	private $words;
	private $more;
	public function __construct( $code, $words = '', $more = null ) {
		$this->code  = $code;
		$this->words = $words;
		$this->more  = $more;
	}
	public function get_error_code() { return $this->code; }
	public function get_error_message() { return $this->words; }
	public function get_error_data() { return $this->more; }
}
function is_wp_error( $it ) { return $it instanceof WP_Error; }

// -- options, transients, hooks ------------------------------------------------------------------

function get_option( $name, $else = false ) { return array_key_exists( $name, $GLOBALS['world']->options ) ? $GLOBALS['world']->options[ $name ] : $else; }
function update_option( $name, $value, $autoload = null ) {
	$is_new = ! array_key_exists( $name, $GLOBALS['world']->options );
	if ( ! $is_new && $GLOBALS['world']->options[ $name ] === $value ) {
		return false;
	}
	$GLOBALS['world']->options[ $name ] = $value;
	do_action( ( $is_new ? 'add' : 'update' ) . '_option_' . $name );
	return true;
}
function add_option( $name, $value, $old = '', $autoload = null ) { return update_option( $name, $value ); }
function delete_option( $name ) {
	unset( $GLOBALS['world']->options[ $name ] );
	do_action( 'delete_option_' . $name );
	return true;
}
function wp_load_alloptions() { return $GLOBALS['world']->options; }
function is_multisite() { return false; }
function set_transient( $name, $value, $seconds ) { $GLOBALS['world']->transients[ $name ] = $value; }
function get_transient( $name ) { return isset( $GLOBALS['world']->transients[ $name ] ) ? $GLOBALS['world']->transients[ $name ] : false; }
function delete_transient( $name ) { unset( $GLOBALS['world']->transients[ $name ] ); }
function add_action( $hook, $what, $when = 10, $count = 1 ) { $GLOBALS['world']->hooks[ $hook ][ $when ][ json_encode( $what ) ] = array( $what, $count ); }
function add_filter( $hook, $what, $when = 10, $count = 1 ) { add_action( $hook, $what, $when, $count ); }
function remove_action( $hook, $what, $when = 10 ) { unset( $GLOBALS['world']->hooks[ $hook ][ $when ][ json_encode( $what ) ] ); }
function has_filter( $hook ) { return ! empty( $GLOBALS['world']->hooks[ $hook ] ); }
function apply_filters( $hook, ...$given ) {
	$all = isset( $GLOBALS['world']->hooks[ $hook ] ) ? $GLOBALS['world']->hooks[ $hook ] : array();
	ksort( $all );
	foreach ( $all as $of_one_time ) {
		foreach ( $of_one_time as $one ) {
			$given[0] = call_user_func_array( $one[0], array_slice( $given, 0, $one[1] ) );
		}
	}
	return $given[0];
}
function do_action( $hook, ...$given ) {
	$all = isset( $GLOBALS['world']->hooks[ $hook ] ) ? $GLOBALS['world']->hooks[ $hook ] : array();
	ksort( $all );
	foreach ( $all as $of_one_time ) {
		foreach ( $of_one_time as $one ) {
			call_user_func_array( $one[0], array_slice( $given, 0, $one[1] ) );
		}
	}
}

// -- texts -----------------------------------------------------------------------------------------

function __( $text ) { return $text; }
function esc_html( $text ) { return htmlspecialchars( $text ); }
function esc_url_raw( $url ) { return $url; }
function set_url_scheme( $url ) { return $url; }
function wp_json_encode( $value, $how = 0 ) { return json_encode( $value, $how ); }
function wp_unslash( $value ) { return $value; }
function sanitize_text_field( $text ) { return trim( strip_tags( $text ) ); }
function sanitize_key( $text ) { return preg_replace( '/[^a-z0-9_\-]/', '', strtolower( $text ) ); }
function wp_check_invalid_utf8( $text, $strip = false ) { return mb_check_encoding( $text, 'UTF-8' ) ? $text : ''; }
function wp_strip_all_tags( $text ) { return strip_tags( $text ); }
function wp_specialchars_decode( $text, $how ) { return $text; }
function wp_parse_url( $url, $part = -1 ) { return parse_url( $url, $part ); }
function untrailingslashit( $text ) { return rtrim( $text, '/' ); }
function add_query_arg( $name, $value, $url ) { return "$url?$name=$value"; }
function wp_list_pluck( $rows, $name ) { return array_column( $rows, $name ); }
function wp_generate_uuid4() {
	$hex = bin2hex( random_bytes( 16 ) );
	return substr( $hex, 0, 8 ) . '-' . substr( $hex, 8, 4 ) . '-4' . substr( $hex, 13, 3 ) . '-a' . substr( $hex, 17, 3 ) . '-' . substr( $hex, 20 );
}

// -- the site and the visitor ------------------------------------------------------------------------

function home_url( $path = '' ) { return 'http://shop.test' . $path; }
function site_url() { return 'http://shop.test'; }
function get_bloginfo( $what ) { return 'Nord Shop'; }
function determine_locale() { return 'fr_FR'; }
function is_admin() { return false; }
function is_ssl() { return false; }
function get_current_user_id() { return 0; }
function current_user_can( $what ) { return $GLOBALS['world']->is_staff; }
function wp_create_nonce( $of ) { return 'good'; }
function wp_verify_nonce( $nonce, $of ) { return 'good' === $nonce ? 1 : false; }
function register_rest_route( ...$all ) {}
function taxonomy_exists( $name ) { return 'pa_color' === $name; }
function get_term_by( $by, $slug, $taxonomy ) { return (object) array( 'name' => ucfirst( $slug ) ); }
function wp_get_attachment_image_url( $id, $size ) { return 'http://shop.test/shirt.jpg'; }
function wp_remote_post( $url, $how ) {
	$GLOBALS['world']->posts[] = array( $url, $how );
	$answer                    = array_shift( $GLOBALS['world']->answers );
	return null === $answer ? array( 200, '{}' ) : $answer;
}
function wp_remote_retrieve_header( $answer, $name ) { // An answer without a third part is our service's.
	$headers = isset( $answer[2] ) ? $answer[2] : array( 'x-relance' => '1' );
	return isset( $headers[ $name ] ) ? $headers[ $name ] : '';
}
function wp_remote_retrieve_response_code( $answer ) { return $answer[0]; }
function wp_remote_retrieve_body( $answer ) { return $answer[1]; }

// -- Action Scheduler: one action of each hook ----------------------------------------------------------

function as_schedule_single_action( $when, $hook, $args = array(), $group = '', $unique = false ) {
	$GLOBALS['world']->scheduled[ $hook ] = $when;
	return 1;
}
function as_schedule_recurring_action( $when, $every, $hook, $args = array(), $group = '', $unique = false ) { return as_schedule_single_action( $when, $hook ); }
function as_has_scheduled_action( $hook, $args = null, $group = '' ) { return isset( $GLOBALS['world']->scheduled[ $hook ] ); }
function as_get_scheduled_actions( $asked, $form ) { return as_has_scheduled_action( $asked['hook'] ) ? array( 1 ) : array(); }
function as_unschedule_all_actions( $hook, $args = array(), $group = '' ) { $GLOBALS['world']->scheduled = array(); }

// -- WooCommerce ---------------------------------------------------------------------------------------

function rest_is_ip_address( $address ) { return filter_var( $address, FILTER_VALIDATE_IP ); }
function wp_hash( $text ) { return hash( 'sha256', 'salt' . $text ); }
function get_woocommerce_currency() { return 'EUR'; }
function wc_get_price_decimals() { return 2; }
function wc_maybe_define_constant( $name, $value ) {}
function wc_setcookie( $name, $value, $ends, $secure ) { $GLOBALS['world']->cookies[ $name ] = $value; }
function wc_get_order( $id ) { return $GLOBALS['world']->order; }

class WC_Geolocation {
	public static function get_ip_address() { return '203.0.113.7'; }
}

class A_Session {
	public $data  = array();
	public $saved = 0;
	public function get( $name, $else = null ) { return isset( $this->data[ $name ] ) ? $this->data[ $name ] : $else; }
	public function set( $name, $value ) { $this->data[ $name ] = $value; }
	public function save_data() { ++$this->saved; }
}

class A_Product {
	private $price;
	public function __construct( $price ) { $this->price = $price; }
	public function get_title() { return 'Tee &amp; co'; }
	public function get_sku() { return 'S1'; }
	public function get_permalink( $item = null ) { return 'http://shop.test/tee'; }
	public function get_image_id() { return 3; }
	public function get_price() { return $this->price; }
}

class A_Cart {
	public $items  = array();
	public $counts = 0; // How often it was reckoned.
	public function is_empty() { return ! $this->items; }
	public function get_cart() { return $this->items; }
	public function calculate_totals() { ++$this->counts; }
	public function display_prices_including_tax() { return true; }
	public function get_total( $form ) { return $this->sum( 'line_total' ) + $this->sum( 'line_tax' ); }
	public function get_subtotal() { return $this->sum( 'line_subtotal' ); }
	public function get_subtotal_tax() { return $this->sum( 'line_subtotal_tax' ); }
	public function get_discount_total() { return 0; }
	public function get_discount_tax() { return 0; }
	public function get_shipping_total() { return 0; }
	public function get_shipping_tax() { return 0; }
	public function get_total_tax() { return $this->sum( 'line_tax' ); }
	public function get_applied_coupons() { return array(); }
	private function sum( $name ) { return array_sum( array_column( $this->items, $name ) ); }
}

class WC_Order {
	public $id    = 7;
	public $meta  = array();
	public $saves = 0;
	public function get_type() { return 'shop_order'; }
	public function get_id() { return $this->id; }
	public function get_meta( $name ) { return isset( $this->meta[ $name ] ) ? $this->meta[ $name ] : ''; }
	public function update_meta_data( $name, $value ) { $this->meta[ $name ] = $value; }
	public function save() { ++$this->saves; }
}

class A_WooCommerce {
	public $session;
	public $cart;
	public function __construct() {
		$this->session = new A_Session();
		$this->cart    = new A_Cart();
	}
}
$GLOBALS['woocommerce'] = new A_WooCommerce();
function WC() { return $GLOBALS['woocommerce']; }
