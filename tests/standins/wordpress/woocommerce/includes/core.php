<?php
/**
 * Small functions that everything else calls: pages, conditions, cookies, templates, the log.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

/**
 * The id of one of the shop's pages; -1 when there is none.
 *
 * @param string $page cart, checkout, shop, myaccount, …
 */
function wc_get_page_id( $page ) {
	$id = apply_filters( 'woocommerce_get_' . $page . '_page_id', get_option( 'woocommerce_' . $page . '_page_id' ) );
	return $id ? absint( $id ) : -1;
}

/**
 * Its address.
 *
 * @param string      $page     Which.
 * @param string|null $fallback Instead of the front page.
 */
function wc_get_page_permalink( $page, $fallback = null ) {
	$id   = wc_get_page_id( $page );
	$link = 0 < $id ? get_permalink( $id ) : '';
	return apply_filters( 'woocommerce_get_' . $page . '_page_permalink', $link ? $link : ( null === $fallback ? get_home_url() : $fallback ) );
}

/** The cart's address. */
function wc_get_cart_url() {
	return apply_filters( 'woocommerce_get_cart_url', wc_get_page_permalink( 'cart' ) );
}

/** The checkout's address. */
function wc_get_checkout_url() {
	return apply_filters( 'woocommerce_get_checkout_url', wc_get_page_permalink( 'checkout' ) );
}

/**
 * An address below a page.
 *
 * @param string $endpoint  e.g. order-received.
 * @param string $value     e.g. the order's id.
 * @param string $permalink Below which page.
 */
function wc_get_endpoint_url( $endpoint, $value = '', $permalink = '' ) {
	$permalink = $permalink ? $permalink : get_permalink();
	return apply_filters( 'woocommerce_get_endpoint_url', trailingslashit( $permalink ) . $endpoint . '/' . ( '' !== (string) $value ? $value . '/' : '' ), $endpoint, $value, $permalink );
}

/** Whether this page is the cart. */
function is_cart() {
	return ( wc_get_page_id( 'cart' ) > 0 && is_page( wc_get_page_id( 'cart' ) ) ) || standin_page_has( 'woocommerce_cart' ) || defined( 'WOOCOMMERCE_CART' );
}

/** Whether this page is a checkout (also order-received and order-pay). */
function is_checkout() {
	$is = ( wc_get_page_id( 'checkout' ) > 0 && is_page( wc_get_page_id( 'checkout' ) ) ) || standin_page_has( 'woocommerce_checkout' );
	return $is || apply_filters( 'woocommerce_is_checkout', false ) || defined( 'WOOCOMMERCE_CHECKOUT' );
}

/** Whether the page's text holds that shortcode. */
function standin_page_has( $shortcode ) {
	$post = is_singular() ? get_post() : null;
	return $post && has_shortcode( $post->post_content, $shortcode );
}

/** The account pages. */
function is_account_page() {
	return wc_get_page_id( 'myaccount' ) > 0 && is_page( wc_get_page_id( 'myaccount' ) );
}

/** A product's page. */
function is_product() {
	return is_singular( array( 'product' ) );
}

/** The list of products. */
function is_shop() {
	return is_post_type_archive( 'product' ) || is_page( wc_get_page_id( 'shop' ) );
}

/** Any page of products. */
function is_woocommerce() {
	return is_shop() || is_product();
}

/**
 * Whether this is a page below one, such as order-received.
 *
 * @param string|false $endpoint Which, or any.
 */
function is_wc_endpoint_url( $endpoint = false ) {
	global $wp;
	foreach ( $endpoint ? array( $endpoint ) : array( 'order-pay', 'order-received' ) as $one ) {
		if ( isset( $wp->query_vars[ $one ] ) ) {
			return true;
		}
	}
	return false;
}

/** The page that thanks. */
function is_order_received_page() {
	return is_checkout() && is_wc_endpoint_url( 'order-received' );
}

/** The page that lets an order be paid. */
function is_checkout_pay_page() {
	return is_checkout() && is_wc_endpoint_url( 'order-pay' );
}

/** Whether wc-ajax or admin-ajax is at work. */
function is_ajax() {
	return wp_doing_ajax();
}

/**
 * Define once.
 *
 * @param string $name  Constant.
 * @param mixed  $value Its value.
 */
function wc_maybe_define_constant( $name, $value ) {
	if ( ! defined( $name ) ) {
		define( $name, $value );
	}
}

/**
 * A cookie for the whole site.
 *
 * @param string $name     Its name.
 * @param string $value    Its value.
 * @param int    $expire   When it ends; 0 with the browser.
 * @param bool   $secure   Only over https.
 * @param bool   $httponly Not for scripts.
 */
function wc_setcookie( $name, $value, $expire = 0, $secure = false, $httponly = false ) {
	if ( headers_sent() || ! apply_filters( 'woocommerce_set_cookie_enabled', true, $name, $value, $expire, $secure ) ) {
		return;
	}
	setcookie( $name, (string) $value, array( 'expires' => (int) $expire, 'path' => COOKIEPATH ? COOKIEPATH : '/', 'domain' => (string) COOKIE_DOMAIN, 'secure' => $secure, 'httponly' => $httponly ) );
}

/** Whether the shop's address is https. */
function wc_site_is_https() {
	return 0 === strpos( get_option( 'home' ), 'https:' );
}

/**
 * A value that may be missing.
 *
 * @param mixed $var     By reference.
 * @param mixed $default Instead.
 */
function wc_get_var( &$var, $default = null ) {
	return isset( $var ) ? $var : $default;
}

/** Tell browsers and caches to keep nothing. */
function wc_nocache_headers() {
	wc_maybe_define_constant( 'DONOTCACHEPAGE', true );
	nocache_headers();
}

/** Longer time for this request. */
function wc_set_time_limit( $limit = 0 ) { // phpcs:ignore
}

/** The visitor's browser in words. */
function wc_get_user_agent() {
	return isset( $_SERVER['HTTP_USER_AGENT'] ) ? wc_clean( wp_unslash( $_SERVER['HTTP_USER_AGENT'] ) ) : '';
}

/** Where somebody is. */
class WC_Geolocation {

	/** The visitor's address on the net. */
	public static function get_ip_address() {
		return isset( $_SERVER['REMOTE_ADDR'] ) ? sanitize_text_field( wp_unslash( $_SERVER['REMOTE_ADDR'] ) ) : '';
	}

	/** The shop's country, as no list of addresses is here. */
	public static function geolocate_ip( $ip = '' ) {
		return array( 'country' => WC()->countries->get_base_country(), 'state' => '' );
	}
}

/** Query vars of the shop's pages. */
class WC_Query {

	/** Pages below a page. */
	public function get_query_vars() {
		return array( 'order-pay' => 'order-pay', 'order-received' => 'order-received' );
	}
}

/** A few countries. */
class WC_Countries {

	/** Code to name. */
	public function get_countries() {
		return array( 'FR' => 'France', 'DE' => 'Germany', 'BE' => 'Belgium', 'GB' => 'United Kingdom (UK)', 'US' => 'United States (US)', 'CA' => 'Canada', 'JP' => 'Japan', 'IN' => 'India' );
	}

	/** Where the shop is. */
	public function get_base_country() {
		return current( explode( ':', get_option( 'woocommerce_default_country', 'FR' ) ) );
	}

	/** And its state. */
	public function get_base_state() {
		$parts = explode( ':', get_option( 'woocommerce_default_country', 'FR' ) );
		return isset( $parts[1] ) ? $parts[1] : '';
	}

	/** To whom it sells. */
	public function get_allowed_countries() {
		return $this->get_countries();
	}

	/** Where it sends to. */
	public function get_shipping_countries() {
		return $this->get_countries();
	}

	/**
	 * States of a country.
	 *
	 * @param string $country Its code.
	 */
	public function get_states( $country = '' ) {
		$known = array( 'US' => array( 'CA' => 'California', 'NY' => 'New York' ), 'CA' => array( 'QC' => 'Quebec' ) );
		return isset( $known[ $country ] ) ? $known[ $country ] : array();
	}

	/**
	 * The dialling code.
	 *
	 * @param string $country Its code.
	 */
	public function get_country_calling_code( $country ) {
		$known = array( 'FR' => '+33', 'DE' => '+49', 'BE' => '+32', 'GB' => '+44', 'US' => '+1', 'CA' => '+1', 'JP' => '+81', 'IN' => '+91' );
		return isset( $known[ $country ] ) ? $known[ $country ] : '';
	}

	/**
	 * The fields of an address.
	 *
	 * @param string $country Its code.
	 * @param string $type    billing_ or shipping_.
	 */
	public function get_address_fields( $country = '', $type = 'billing_' ) {
		$fields = array();
		foreach ( standin_address_fields( $type ) as $name => $field ) {
			$fields[ $type . $name ] = $field;
		}
		return apply_filters( 'woocommerce_' . $type . 'fields', $fields, $country );
	}
}

/** The log: lines in a file of wp-content. */
class WC_Logger {

	/**
	 * Write a line.
	 *
	 * @param string $level   How grave.
	 * @param string $message What.
	 * @param array  $context `source`.
	 */
	public function log( $level, $message, $context = array() ) {
		$source = isset( $context['source'] ) ? $context['source'] : 'log';
		error_log( gmdate( 'c' ) . " $level [$source] $message\n", 3, WP_CONTENT_DIR . '/wc.log' ); // phpcs:ignore
	}

	/**
	 * `info()`, `error()`, ….
	 *
	 * @param string $level How grave.
	 * @param array  $said  Message and context.
	 */
	public function __call( $level, $said ) {
		$this->log( $level, $said[0], isset( $said[1] ) ? $said[1] : array() );
	}
}

/** The log. */
function wc_get_logger() {
	static $log = null;
	if ( null === $log ) {
		$log = new WC_Logger();
	}
	return $log;
}

/**
 * A misuse is told as WordPress tells it.
 *
 * @param string $function Where.
 * @param string $message  What.
 * @param string $version  Since.
 */
function wc_doing_it_wrong( $function, $message, $version ) {
	_doing_it_wrong( esc_html( $function ), esc_html( $message ), esc_html( $version ) );
}

/** Secrets. */
function wc_rand_hash( $prefix = '', $length = 40 ) {
	return $prefix . substr( bin2hex( random_bytes( $length ) ), 0, $length );
}

/** How keys are kept. */
function wc_api_hash( $key ) {
	return hash_hmac( 'sha256', $key, 'wc-api' );
}

/** Words about what happens to personal data, with a link. */
function wc_privacy_policy_page_id() {
	return (int) get_option( 'wp_page_for_privacy_policy', 0 );
}

/**
 * Script words.
 *
 * @param string $code A line of jQuery.
 */
function wc_enqueue_js( $code ) {
	wp_add_inline_script( 'jquery', 'jQuery(function($){' . $code . '});' );
}

/**
 * The tip behind a question mark.
 *
 * @param string $tip Words.
 */
function wc_help_tip( $tip ) {
	return '<span class="woocommerce-help-tip" aria-label="' . esc_attr( $tip ) . '"></span>';
}
