<?php
/**
 * `/wc-auth/v1/…`: ask, log in, grant, post the keys to the callback, send the merchant back.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

add_action( 'parse_request', 'standin_auth_page', 0 );

// phpcs:disable WordPress.Security

/** Answer one of these pages. */
function standin_auth_page() {
	$path = (string) wp_parse_url( $_SERVER['REQUEST_URI'], PHP_URL_PATH );
	if ( ! preg_match( '#^/wc-auth/v1/(authorize|access_granted)/?$#', $path, $parts ) ) {
		return;
	}
	$said  = wp_unslash( $_GET );
	$wrong = standin_auth_complaint( $said );
	if ( $wrong ) {
		standin_auth_denied( $wrong );
	}
	if ( ! is_user_logged_in() ) {
		wp_safe_redirect( wp_login_url( home_url( $_SERVER['REQUEST_URI'] ) ) );
		exit;
	}
	if ( ! current_user_can( 'manage_woocommerce' ) ) {
		standin_auth_denied( 'You do not have permission to access this page' );
	}
	$asked = array_intersect_key( $said, array_flip( array( 'app_name', 'user_id', 'return_url', 'callback_url', 'scope' ) ) );
	if ( 'authorize' === $parts[1] ) {
		$yes = add_query_arg( urlencode_deep( $asked + array( 'wc_auth_nonce' => wp_create_nonce( 'wc_auth_grant_access' ) ) ), home_url( '/wc-auth/v1/access_granted/' ) );
		$no  = add_query_arg( array( 'success' => 0, 'user_id' => rawurlencode( $asked['user_id'] ) ), $asked['return_url'] );
		wp_die( '<h1>' . esc_html( $asked['app_name'] ) . ' would like to connect to your store</h1><a href="' . esc_url( $yes ) . '" class="wc-auth-approve">Approve</a> <a href="' . esc_url( $no ) . '" class="wc-auth-deny">Deny</a>', 'Application authentication request', array( 'response' => 200 ) );
	}
	if ( ! wp_verify_nonce( isset( $said['wc_auth_nonce'] ) ? $said['wc_auth_nonce'] : '', 'wc_auth_grant_access' ) ) {
		standin_auth_denied( 'Invalid nonce verification' );
	}
	standin_auth_grant( $asked );
}

/** Make keys and post them; any answer but 200 deletes them. */
function standin_auth_grant( $asked ) {
	global $wpdb;
	$key    = standin_make_key( get_current_user_id(), $asked['app_name'], $asked['scope'] );
	$body   = array( 'key_id' => $key['key_id'], 'user_id' => $asked['user_id'], 'consumer_key' => $key['consumer_key'], 'consumer_secret' => $key['consumer_secret'], 'key_permissions' => $asked['scope'] );
	$answer = wp_remote_post( $asked['callback_url'], array( 'body' => wp_json_encode( $body ), 'timeout' => 60, 'redirection' => 0, 'sslverify' => false, 'headers' => array( 'Content-Type' => 'application/json;charset=UTF-8' ) ) );
	if ( is_wp_error( $answer ) || 200 !== (int) wp_remote_retrieve_response_code( $answer ) ) {
		$wpdb->delete( $wpdb->prefix . 'woocommerce_api_keys', array( 'key_id' => $key['key_id'] ) );
		standin_auth_denied( 'An error occurred in the request and at the time were unable to send the consumer data' );
	}
	wp_redirect( add_query_arg( array( 'success' => 1, 'user_id' => rawurlencode( $asked['user_id'] ) ), $asked['return_url'] ) );
	exit;
}

/** What is not accepted about the request. */
function standin_auth_complaint( $said ) {
	foreach ( array( 'app_name', 'user_id', 'return_url', 'callback_url', 'scope' ) as $name ) {
		if ( empty( $said[ $name ] ) ) {
			return "Missing parameter $name";
		}
	}
	if ( ! in_array( $said['scope'], array( 'read', 'write', 'read_write' ), true ) ) {
		return 'Invalid scope ' . $said['scope'];
	}
	foreach ( array( 'return_url', 'callback_url' ) as $name ) {
		if ( ! wp_parse_url( $said[ $name ], PHP_URL_HOST ) ) {
			return 'The ' . $said[ $name ] . ' is not a valid URL';
		}
	}
	// The real one insists on https; a test's callback may lie on the loopback without it.
	$loopback = '127.0.0.1' === wp_parse_url( $said['callback_url'], PHP_URL_HOST );
	return 0 === stripos( $said['callback_url'], 'https://' ) || ( $loopback && getenv( 'STANDIN_PLAIN_CALLBACK' ) ) ? '' : 'The callback_url needs to be over SSL';
}

/** 401 with words. */
function standin_auth_denied( $words ) {
	wp_die( 'Error: ' . esc_html( $words ) . '.', 'Access denied', array( 'response' => 401 ) );
}
