<?php
/**
 * The session: a cookie, a row of its own table, kept for 48 hours.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

/** What a session can do. */
abstract class WC_Session {

	/** @var string */
	protected $_customer_id; // phpcs:ignore
	/** @var array */
	protected $_data = array(); // phpcs:ignore
	/** @var bool */
	protected $_dirty = false; // phpcs:ignore

	/** Begin. */
	public function init() {}

	/** @param string $key Key. */
	public function __get( $key ) {
		return $this->get( $key );
	}

	/** @param string $key Key. @param mixed $value Value. */
	public function __set( $key, $value ) {
		$this->set( $key, $value );
	}

	/** @param string $key Key. */
	public function __isset( $key ) {
		return isset( $this->_data[ sanitize_title( $key ) ] );
	}

	/** @param string $key Key. */
	public function __unset( $key ) {
		if ( isset( $this->_data[ $key ] ) ) {
			unset( $this->_data[ $key ] );
			$this->_dirty = true;
		}
	}

	/**
	 * A value.
	 *
	 * @param string $key     Key.
	 * @param mixed  $default When there is none.
	 */
	public function get( $key, $default = null ) {
		$key = sanitize_key( $key );
		return isset( $this->_data[ $key ] ) ? maybe_unserialize( $this->_data[ $key ] ) : $default;
	}

	/**
	 * Keep a value until the request ends.
	 *
	 * @param string $key   Key.
	 * @param mixed  $value Value; null forgets it.
	 */
	public function set( $key, $value ) {
		if ( $value !== $this->get( $key ) ) {
			$this->_data[ sanitize_key( $key ) ] = maybe_serialize( $value );
			$this->_dirty                        = true;
		}
	}

	/** The session's key: a user's id or `t_…`. */
	public function get_customer_id() {
		return $this->_customer_id;
	}

	/** @param string $id A new key. */
	public function set_customer_id( $id ) {
		$this->_customer_id = $id;
	}
}

/** By cookie. */
class WC_Session_Handler extends WC_Session {

	/** @var string */
	protected $_cookie; // phpcs:ignore
	/** @var string */
	protected $_table; // phpcs:ignore
	/** @var int */
	protected $_session_expiration = 0; // phpcs:ignore
	/** @var int */
	protected $_session_expiring = 0; // phpcs:ignore
	/** @var bool */
	protected $_has_cookie = false; // phpcs:ignore

	/** Where it is kept. */
	public function __construct() {
		$this->_cookie = apply_filters( 'woocommerce_cookie', 'wp_woocommerce_session_' . COOKIEHASH );
		$this->_table  = $GLOBALS['wpdb']->prefix . 'woocommerce_sessions';
	}

	/** Read the cookie, and be there when the request ends. */
	public function init() {
		if ( ! $this->is_copied() ) {
			$this->read_cookie();
		}
		add_action( 'woocommerce_set_cart_cookies', array( $this, 'set_customer_session_cookie' ), 10 );
		add_action( 'shutdown', array( $this, 'save_data' ), 20 );
		add_action( 'wp_logout', array( $this, 'destroy_session' ) );
		if ( ! is_user_logged_in() ) {
			add_filter( 'nonce_user_logged_out', array( $this, 'maybe_update_nonce_user_logged_out' ), 10, 2 );
		}
	}

	/**
	 * `/checkout/?session=<token>`: a copy of a guest's session, all of it but the customer, begins
	 * here under a new key; for somebody who is logged in it takes the place of the session.
	 *
	 * @return bool False where there is nothing to copy, or this browser's session is that one or its copy.
	 */
	private function is_copied() {
		$token = isset( $_GET['session'] ) ? standin_read_token( sanitize_text_field( wp_unslash( $_GET['session'] ) ) ) : null; // phpcs:ignore WordPress.Security.NonceVerification
		$from  = $token ? (string) $token['user_id'] : '';
		$data  = 0 === strpos( $from, 't_' ) ? $this->get_session( $from ) : false;
		if ( ! is_array( $data ) ) {
			return false;
		}
		$cookie = $this->get_session_cookie();
		$here   = $cookie ? (array) $this->get_session( $cookie[0], array() ) : array();
		if ( $cookie && ( $cookie[0] === $from || ( isset( $here['previous_customer_id'] ) && $here['previous_customer_id'] === $from ) ) ) {
			return false;
		}
		$this->set_session_expiration();
		$this->_customer_id = $this->generate_customer_id();
		$this->set_customer_session_cookie( true );
		unset( $data['customer'] );
		$this->_data  = array( 'previous_customer_id' => $from ) + $data;
		$this->_dirty = true;
		$this->save_data();
		return true;
	}

	private function read_cookie() {
		$cookie = $this->get_session_cookie();
		if ( ! $cookie ) {
			$this->set_session_expiration();
			$this->_customer_id = $this->generate_customer_id();
			$this->_data        = $this->get_session_data();
			return;
		}
		list( $this->_customer_id, $this->_session_expiration, $this->_session_expiring ) = $cookie;
		$this->_has_cookie = true;
		$this->_data       = $this->get_session_data();
		if ( time() > $this->_session_expiration || $this->is_of_somebody_else() ) {
			$this->destroy_session();
			$this->set_session_expiration();
		}
		if ( is_user_logged_in() && (string) get_current_user_id() !== $this->_customer_id ) {
			$guest              = $this->_customer_id;
			$this->_customer_id = (string) get_current_user_id();
			$this->_dirty       = true;
			$this->save_data( $guest );
			$this->set_customer_session_cookie( true );
			do_action( 'woocommerce_guest_session_to_user_id', $guest, $this->_customer_id );
		}
		if ( time() > $this->_session_expiring ) {
			$this->set_session_expiration();
			$this->update_session_timestamp( $this->_customer_id, $this->_session_expiration );
		}
	}

	private function is_of_somebody_else() {
		if ( 0 === strpos( $this->_customer_id, 't_' ) ) {
			return false;
		}
		return (string) get_current_user_id() !== $this->_customer_id;
	}

	/** Id, end, when to renew; false when there is no true cookie. */
	public function get_session_cookie() {
		$value = isset( $_COOKIE[ $this->_cookie ] ) ? wp_unslash( $_COOKIE[ $this->_cookie ] ) : ''; // phpcs:ignore
		$parts = is_string( $value ) ? explode( '|', str_replace( '||', '|', $value ) ) : array();
		if ( count( $parts ) < 4 || '' === $parts[0] ) {
			return false;
		}
		$given = implode( '|', array_slice( $parts, 3 ) );
		return hash_equals( $this->seal( $parts[0], $parts[1] ), $given ) ? array( $parts[0], (int) $parts[1], (int) $parts[2], $given ) : false;
	}

	private function seal( $id, $end ) {
		return '$generic$' . substr( hash_hmac( 'sha256', $id . '|' . $end, wp_hash( $id . '|' . $end ) ), 0, 40 );
	}

	/** @param bool $set Whether a cookie is to be set. */
	public function set_customer_session_cookie( $set ) {
		if ( ! $set ) {
			return;
		}
		$value             = implode( '|', array( $this->_customer_id, $this->_session_expiration, $this->_session_expiring, $this->seal( $this->_customer_id, $this->_session_expiration ) ) );
		$this->_has_cookie = true;
		if ( ! isset( $_COOKIE[ $this->_cookie ] ) || wp_unslash( $_COOKIE[ $this->_cookie ] ) !== $value ) { // phpcs:ignore
			wc_setcookie( $this->_cookie, $value, $this->_session_expiration, wc_site_is_https() && is_ssl(), true );
		}
	}

	/** Whether anything will be kept. */
	public function has_session() {
		return isset( $_COOKIE[ $this->_cookie ] ) || $this->_has_cookie || is_user_logged_in();
	}

	/** Two days from now. */
	public function set_session_expiration() {
		$this->_session_expiring   = time() + intval( apply_filters( 'wc_session_expiring', 47 * HOUR_IN_SECONDS ) );
		$this->_session_expiration = time() + intval( apply_filters( 'wc_session_expiration', 48 * HOUR_IN_SECONDS ) );
	}

	/** A user's id, or something nobody guesses. */
	public function generate_customer_id() {
		return is_user_logged_in() ? (string) get_current_user_id() : 't_' . substr( bin2hex( random_bytes( 16 ) ), 2 );
	}

	/** The key when there is a session, else nothing. */
	public function get_customer_unique_id() {
		return $this->has_session() && $this->_customer_id ? $this->_customer_id : ( is_user_logged_in() ? (string) get_current_user_id() : '' );
	}

	/** What is kept. */
	public function get_session_data() {
		return $this->has_session() ? (array) $this->get_session( $this->_customer_id, array() ) : array();
	}

	/**
	 * Any session.
	 *
	 * @param string $customer_id Its key.
	 * @param mixed  $default     When there is none.
	 */
	public function get_session( $customer_id, $default = false ) {
		global $wpdb;
		$value = $wpdb->get_var( $wpdb->prepare( "SELECT session_value FROM {$this->_table} WHERE session_key = %s", $customer_id ) ); // phpcs:ignore WordPress.DB.PreparedSQL
		return null === $value ? $default : maybe_unserialize( $value );
	}

	/** @param string $old A guest's key that is no more. */
	public function save_data( $old = '' ) {
		global $wpdb;
		if ( ! $this->_dirty || ! $this->has_session() ) {
			return;
		}
		$wpdb->query( $wpdb->prepare( "INSERT INTO {$this->_table} (`session_key`, `session_value`, `session_expiry`) VALUES (%s, %s, %d) ON DUPLICATE KEY UPDATE `session_value` = VALUES(`session_value`), `session_expiry` = VALUES(`session_expiry`)", $this->_customer_id, maybe_serialize( $this->_data ), $this->_session_expiration ) ); // phpcs:ignore WordPress.DB.PreparedSQL
		$this->_dirty = false;
		if ( $old && $old !== $this->_customer_id ) {
			$this->delete_session( $old );
		}
	}

	/** End it for good. */
	public function destroy_session() {
		$this->delete_session( $this->_customer_id );
		$this->forget_session();
	}

	/** End it in this browser. */
	public function forget_session() {
		wc_setcookie( $this->_cookie, '', time() - YEAR_IN_SECONDS, false, true );
		if ( ! is_admin() && WC()->cart ) {
			wc_empty_cart();
		}
		$this->_data        = array();
		$this->_dirty       = false;
		$this->_customer_id = $this->generate_customer_id();
	}

	/** @param int|string $uid A user. @param string $action Of the nonce. */
	public function maybe_update_nonce_user_logged_out( $uid, $action ) {
		return 0 === strpos( (string) $action, 'woocommerce' ) && $this->has_session() && $this->_customer_id ? $this->_customer_id : $uid;
	}

	/** @param string $customer_id Its key. */
	public function delete_session( $customer_id ) {
		$GLOBALS['wpdb']->delete( $this->_table, array( 'session_key' => $customer_id ) );
	}

	/** @param string $customer_id Its key. @param int $timestamp New end. */
	public function update_session_timestamp( $customer_id, $timestamp ) {
		$GLOBALS['wpdb']->update( $this->_table, array( 'session_expiry' => $timestamp ), array( 'session_key' => $customer_id ) );
	}
}
