<?php
/**
 * The Store API's doors: tokens, nonces, sessions, errors, batches, links that carry a cart.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

/** An error with a code and a status. */
class StandIn_Route_Exception extends Exception {

	/** @var string */
	public $error;
	/** @var array */
	public $more;

	/** @param string $error Code. @param string $message Words. @param int $status Status. @param array $more More. */
	public function __construct( $error, $message, $status = 400, $more = array() ) {
		parent::__construct( $message, $status );
		list( $this->error, $this->more ) = array( $error, $more );
	}
}

/** The session that a Cart-Token names; no cookie. */
class StandIn_Store_Session extends WC_Session_Handler {

	/** Read it. */
	public function init() {
		$token             = standin_read_token( standin_given_token() );
		$this->_customer_id        = $token['user_id'];
		$this->_session_expiration = $token['exp'];
		$this->_has_cookie         = true;
		$this->_data               = (array) $this->get_session( $this->_customer_id, array() );
		add_action( 'shutdown', array( $this, 'save_data' ), 20 );
	}
}

/** The token of this request. */
function standin_given_token() {
	return isset( $_SERVER['HTTP_CART_TOKEN'] ) ? sanitize_text_field( wp_unslash( $_SERVER['HTTP_CART_TOKEN'] ) ) : '';
}

/** Base64 for addresses. */
function standin_url64( $text ) {
	return rtrim( strtr( base64_encode( $text ), '+/', '-_' ), '=' );
}

/** A token for a session: 48 hours. */
function standin_make_token( $id ) {
	$head = standin_url64( '{"alg":"HS256","typ":"JWT"}' );
	$body = standin_url64( wp_json_encode( array( 'user_id' => $id, 'exp' => time() + 2 * DAY_IN_SECONDS, 'iss' => 'store-api', 'iat' => time() ) ) );
	return "$head.$body." . standin_url64( hash_hmac( 'sha256', "$head.$body", '@' . wp_salt(), true ) );
}

/** What it says; null when it is not ours or over. */
function standin_read_token( $token ) {
	$parts = explode( '.', (string) $token );
	if ( 3 !== count( $parts ) || ! hash_equals( standin_url64( hash_hmac( 'sha256', "$parts[0].$parts[1]", '@' . wp_salt(), true ) ), $parts[2] ) ) {
		return null;
	}
	$said = json_decode( (string) base64_decode( strtr( $parts[1], '-_', '+/' ) ), true );
	return is_array( $said ) && $said['exp'] > time() ? $said : null;
}

add_filter( 'rest_authentication_errors', 'standin_store_authentication', 10 );

/** Store API requests keep the visitor's own login, without WordPress's REST nonce. */
function standin_store_authentication( $result ) {
	return empty( $result ) && WC()->is_store_api_request() ? true : $result;
}

add_action(
	'rest_api_init',
	function () {
		foreach ( array( 'wc/store/v1', 'wc/store' ) as $space ) {
			foreach ( standin_store_routes() as $path => $verbs ) {
				foreach ( $verbs as $method => $work ) {
					register_rest_route( $space, $path, array( 'methods' => $method, 'permission_callback' => '__return_true', 'callback' => function ( $request ) use ( $work, $path ) { return standin_store_answer( $request, $work, '/checkout' === $path ); } ) );
				}
			}
			register_rest_route( $space, '/batch', array( 'methods' => 'POST', 'permission_callback' => '__return_true', 'callback' => 'standin_store_batch' ) );
		}
	}
);

/** Path to method to function. */
function standin_store_routes() {
	return array(
		'/cart'                      => array( 'GET' => 'standin_store_get_cart' ),
		'/cart/add-item'             => array( 'POST' => 'standin_store_add_item' ),
		'/cart/update-item'          => array( 'POST' => 'standin_store_update_item' ),
		'/cart/remove-item'          => array( 'POST' => 'standin_store_remove_item' ),
		'/cart/apply-coupon'         => array( 'POST' => 'standin_store_apply_coupon' ),
		'/cart/remove-coupon'        => array( 'POST' => 'standin_store_remove_coupon' ),
		'/cart/update-customer'      => array( 'POST' => 'standin_store_update_customer' ),
		'/cart/select-shipping-rate' => array( 'POST' => 'standin_store_select_rate' ),
		'/cart/extensions'           => array( 'POST' => 'standin_store_extensions' ),
		'/checkout'                  => array( 'GET' => 'standin_store_get_checkout', 'PUT' => 'standin_store_put_checkout', 'POST' => 'standin_store_post_checkout' ),
	);
}

/** Load the cart, check the nonce, do the work, add the headers. */
function standin_store_answer( $request, $work, $always_nonce ) {
	$token = standin_read_token( standin_given_token() );
	if ( $token ) {
		add_filter( 'woocommerce_session_handler', function () { return 'StandIn_Store_Session'; } );
	}
	wc_load_cart();
	WC()->cart->get_cart();
	$status = 'standin_store_add_item' === $work ? 201 : 200;
	try {
		if ( ! $token && ( $always_nonce || 'GET' !== $request->get_method() ) ) {
			standin_check_store_nonce( $request );
		}
		$answer = new WP_REST_Response( $work( $request ), $status );
	} catch ( StandIn_Route_Exception $error ) {
		$answer = new WP_REST_Response( array( 'code' => $error->error, 'message' => $error->getMessage(), 'data' => array( 'status' => $error->getCode() ) + $error->more ), $error->getCode() );
	}
	$answer->header( 'Nonce', wp_create_nonce( 'wc_store_api' ) );
	$answer->header( 'Nonce-Timestamp', (string) time() );
	$answer->header( 'User-ID', (string) get_current_user_id() );
	$answer->header( 'Cart-Token', standin_make_token( WC()->session->get_customer_id() ) );
	$answer->header( 'Cart-Hash', WC()->cart->get_cart_hash() );
	$answer->header( 'Cache-Control', 'no-store' );
	return $answer;
}

/** 401 without a nonce, 403 with a wrong one. */
function standin_check_store_nonce( $request ) {
	$nonce = $request->get_header( 'Nonce' );
	if ( null === $nonce ) {
		throw new StandIn_Route_Exception( 'woocommerce_rest_missing_nonce', 'Missing the Nonce header. This endpoint requires a valid nonce.', 401 );
	}
	if ( ! wp_verify_nonce( $nonce, 'wc_store_api' ) ) {
		throw new StandIn_Route_Exception( 'woocommerce_rest_invalid_nonce', 'Nonce is invalid.', 403 );
	}
}

/** Several requests in one. */
function standin_store_batch( $request ) {
	$answers = array();
	foreach ( (array) $request['requests'] as $one ) {
		$inner = new WP_REST_Request( isset( $one['method'] ) ? $one['method'] : 'POST', $one['path'] );
		$inner->set_headers( array_merge( array( 'Nonce' => $request->get_header( 'Nonce' ) ), isset( $one['headers'] ) ? (array) $one['headers'] : array() ) );
		$inner->set_body_params( isset( $one['body'] ) ? (array) $one['body'] : ( isset( $one['data'] ) ? (array) $one['data'] : array() ) );
		$answer    = rest_do_request( $inner );
		$answers[] = array( 'body' => $answer->get_data(), 'status' => $answer->get_status(), 'headers' => $answer->get_headers() );
	}
	return new WP_REST_Response( array( 'responses' => $answers ), 207 );
}

add_action( 'template_redirect', 'standin_checkout_link', 0 );

/** `/checkout-link/?products=13:2,14:1&coupon=CODE` (10.x). */
function standin_checkout_link() {
	$path = (string) wp_parse_url( isset( $_SERVER['REQUEST_URI'] ) ? $_SERVER['REQUEST_URI'] : '', PHP_URL_PATH ); // phpcs:ignore
	if ( '/checkout-link/' !== $path || version_compare( WC_VERSION, '10.0', '<' ) || ! isset( $_GET['products'] ) ) { // phpcs:ignore WordPress.Security.NonceVerification
		return;
	}
	WC()->cart->empty_cart();
	foreach ( explode( ',', sanitize_text_field( wp_unslash( $_GET['products'] ) ) ) as $one ) { // phpcs:ignore WordPress.Security.NonceVerification
		list( $id, $pieces ) = array_pad( explode( ':', $one ), 2, 1 );
		WC()->cart->add_to_cart( absint( $id ), max( 1, absint( $pieces ) ) );
	}
	if ( isset( $_GET['coupon'] ) ) { // phpcs:ignore WordPress.Security.NonceVerification
		WC()->cart->apply_coupon( sanitize_text_field( wp_unslash( $_GET['coupon'] ) ) ); // phpcs:ignore WordPress.Security.NonceVerification
	}
	WC()->session->set_customer_session_cookie( true );
	$more = array_map( 'sanitize_text_field', array_diff_key( wp_unslash( $_GET ), array( 'products' => 1, 'coupon' => 1 ) ) ); // phpcs:ignore WordPress.Security.NonceVerification
	wp_safe_redirect( add_query_arg( $more + array( 'session' => standin_make_token( WC()->session->get_customer_id() ) ), wc_get_checkout_url() ) );
	exit;
}
