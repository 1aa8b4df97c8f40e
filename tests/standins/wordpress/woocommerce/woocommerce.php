<?php
/**
 * Plugin Name: WooCommerce
 * Description: A stand-in for tests: behaves as WooCommerce does in what a cart plugin touches. Not WooCommerce.
 * Version: 10.9.2
 * Text Domain: woocommerce
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

define( 'WC_PLUGIN_FILE', __FILE__ );
define( 'WC_ABSPATH', __DIR__ . '/' );
define( 'WC_VERSION', get_option( 'standin_version', '10.9.2' ) );
define( 'WOOCOMMERCE_VERSION', WC_VERSION );
define( 'WC_SESSION_CACHE_GROUP', 'wc_session_id' );

foreach ( array(
	'tables', 'features', 'formatting', 'core', 'notices', 'products', 'products-lookup', 'coupons', 'customer', 'session',
	'cart-coupons', 'cart-lines', 'cart', 'cart-session', 'cart-totals', 'discounts', 'shipping', 'gateways', 'order-items', 'orders-traits', 'orders', 'orders-lookup',
	'checkout-create', 'checkout', 'checkout-form', 'ajax', 'form-posts', 'pages', 'fields', 'block-pages',
	'store-api', 'store-api-cart', 'store-api-checkout', 'action-scheduler', 'webhooks', 'rest-keys', 'rest',
	'rest-orders', 'rest-catalogue', 'rest-shop', 'wc-auth', 'accounts', 'recovery', 'fulfillments',
) as $standin_file ) {
	require_once __DIR__ . '/includes/' . $standin_file . '.php';
}

/** The main object, as far as others look at it. */
final class WooCommerce {

	/** @var string */
	public $version = WC_VERSION;
	/** @var WC_Session_Handler|null */
	public $session = null;
	/** @var WC_Cart|null */
	public $cart = null;
	/** @var WC_Customer|null */
	public $customer = null;
	/** @var WC_Countries */
	public $countries;
	/** @var WC_Query */
	public $query;
	/** @var WC_Order_Factory */
	public $order_factory;
	/** @var WC_Product_Factory */
	public $product_factory;
	/** @var WooCommerce|null */
	private static $one = null;
	/** @var WC_Payment_Gateways|null */
	private $gateways = null;

	/** The one. */
	public static function instance() {
		if ( null === self::$one ) {
			self::$one = new self();
			self::$one->hook();
		}
		return self::$one;
	}

	/** Register what every request needs. */
	private function hook() {
		add_action( 'plugins_loaded', array( $this, 'on_plugins_loaded' ), -1 );
		add_action( 'init', array( $this, 'init' ), 0 );
	}

	/** All plugins are there. */
	public function on_plugins_loaded() {
		do_action( 'woocommerce_loaded' );
	}

	/** Session and cart are opened for page and wc-ajax requests; not in admin, cron or REST. */
	public function init() {
		do_action( 'before_woocommerce_init' );
		$this->countries       = new WC_Countries();
		$this->query           = new WC_Query();
		$this->order_factory   = new WC_Order_Factory();
		$this->product_factory = new WC_Product_Factory();
		if ( $this->is_request( 'frontend' ) ) {
			wc_load_cart();
		}
		do_action( 'woocommerce_init' );
	}

	/**
	 * What sort of request this is: admin, ajax, cron or frontend.
	 *
	 * @param string $type One of these.
	 */
	public function is_request( $type ) {
		switch ( $type ) {
			case 'admin':
				return is_admin();
			case 'ajax':
				return defined( 'DOING_AJAX' );
			case 'cron':
				return defined( 'DOING_CRON' );
			default:
				return ( ! is_admin() || defined( 'DOING_AJAX' ) ) && ! defined( 'DOING_CRON' ) && ! $this->is_rest_api_request();
		}
	}

	/** By the address alone, as REST_REQUEST is not defined yet. */
	public function is_rest_api_request() {
		$asked = isset( $_SERVER['REQUEST_URI'] ) ? (string) $_SERVER['REQUEST_URI'] : '';
		$is    = false !== strpos( $asked, trailingslashit( rest_get_url_prefix() ) ) || isset( $_GET['rest_route'] );
		return apply_filters( 'woocommerce_is_rest_api_request', $is );
	}

	/** Whether this is a request of the Store API. */
	public function is_store_api_request() {
		$asked = isset( $_SERVER['REQUEST_URI'] ) ? (string) $_SERVER['REQUEST_URI'] : '';
		return false !== strpos( $asked, 'wc/store/' );
	}

	/** Open the session, once. */
	public function initialize_session() {
		$class = apply_filters( 'woocommerce_session_handler', 'WC_Session_Handler' );
		if ( ! $this->session instanceof $class ) {
			$this->session = new $class();
			$this->session->init();
		}
	}

	/** Open customer and cart, once. */
	public function initialize_cart() {
		if ( ! $this->customer instanceof WC_Customer ) {
			$this->customer = new WC_Customer( get_current_user_id(), true );
			add_action( 'shutdown', array( $this->customer, 'save' ), 10 );
		}
		if ( ! $this->cart instanceof WC_Cart ) {
			$this->cart = new WC_Cart();
		}
	}

	/** Payment gateways. */
	public function payment_gateways() {
		if ( null === $this->gateways ) {
			$this->gateways = new WC_Payment_Gateways();
		}
		return $this->gateways;
	}

	/** The checkout. */
	public function checkout() {
		return WC_Checkout::instance();
	}

	/** Shipping. */
	public function shipping() {
		return WC_Shipping::instance();
	}

	/** No letters are sent here. */
	public function mailer() {
		return new class() {
			/** No mails. */
			public function get_emails() {
				return array();
			}
		};
	}

	/** Where this plugin's files are served from. */
	public function plugin_url() {
		return untrailingslashit( plugins_url( '/', WC_PLUGIN_FILE ) );
	}

	/** Its folder. */
	public function plugin_path() {
		return untrailingslashit( plugin_dir_path( WC_PLUGIN_FILE ) );
	}

	/** The address for wc-ajax calls. */
	public function ajax_url() {
		return admin_url( 'admin-ajax.php', 'relative' );
	}

	/**
	 * `payment_gateways` and `checkout` are read as properties too.
	 *
	 * @param string $name Which.
	 */
	public function __get( $name ) {
		if ( in_array( $name, array( 'payment_gateways', 'checkout', 'shipping', 'mailer' ), true ) ) {
			return $this->$name();
		}
		return null;
	}
}

/** The main object. */
function WC() { // phpcs:ignore WordPress.NamingConventions.ValidFunctionName
	return WooCommerce::instance();
}

register_activation_hook( __FILE__, 'standin_install' );
$GLOBALS['woocommerce'] = WC();
