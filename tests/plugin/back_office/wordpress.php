<?php
/**
 * The few functions of WordPress that the back office part calls, as small as they may be.
 * What they were told lies in $GLOBALS['told'], options and the like in $GLOBALS['site'].
 */

define( 'ABSPATH', __DIR__ . '/' );
define( 'RELANCE_FILE', getenv( 'PLUGIN' ) . '/relance.php' );
define( 'RELANCE_VERSION', '1.0.0' );
define( 'MINUTE_IN_SECONDS', 60 );
define( 'HOUR_IN_SECONDS', 3600 );
define( 'DAY_IN_SECONDS', 86400 );
define( 'ARRAY_A', 'ARRAY_A' );

error_reporting( E_ALL );
set_error_handler(
	function ( $number, $words, $file, $line ) {
		throw new ErrorException( $words, 0, $number, $file, $line );
	}
);

$GLOBALS['site'] = array(
	'options'    => array( 'siteurl' => 'https://www.shop.example/', 'date_format' => 'Y-m-d', 'time_format' => 'H:i' ),
	'transients' => array(),
	'lost'       => array(), // Transients that are not kept.
	'may'        => true,
	'nonce'      => true,
	'name'       => 'Atelier d&#039;Ana',
	'user'       => null,
	'answers'    => array(),
	'words'      => array(),
);
$GLOBALS['told'] = array( 'filters' => array(), 'posts' => array(), 'policy' => '' );

class Ended extends Exception {}
class WP_Error {
	public $code;
	public $words;
	public $more;
	public function __construct( $code = '', $words = '', $more = '' ) {
		$this->code  = $code;
		$this->words = $words;
		$this->more  = $more;
	}
	public function get_error_code() {
		return $this->code;
	}
	public function get_error_message() {
		return $this->words;
	}
	public function get_error_data() {
		return $this->more;
	}
}
class WP_REST_Response {}

function is_wp_error( $it ) { return $it instanceof WP_Error; }
function add_filter( $hook, $what ) { $GLOBALS['told']['filters'][ $hook ] = $what; }
function add_action( $hook, $what ) { add_filter( $hook, $what ); }
function apply_filters( $hook, $value ) {
	$args = array_slice( func_get_args(), 1 );
	return isset( $GLOBALS['told']['filters'][ $hook ] ) ? call_user_func_array( $GLOBALS['told']['filters'][ $hook ], $args ) : $value;
}
function is_admin() { return true; }
function add_submenu_page() { $GLOBALS['told']['page'] = func_get_args(); }
function do_action() {}
function __( $text ) { return isset( $GLOBALS['site']['words'][ $text ] ) ? $GLOBALS['site']['words'][ $text ] : $text; }
function esc_html( $text ) { return htmlspecialchars( $text, ENT_QUOTES, 'UTF-8', false ); }
function esc_attr( $text ) { return esc_html( $text ); }
function esc_textarea( $text ) { return htmlspecialchars( $text, ENT_QUOTES, 'UTF-8' ); }
function esc_html__( $text ) { return esc_html( __( $text ) ); }
function esc_url( $url ) { return esc_html( $url ); }
function esc_url_raw( $url ) { return preg_match( '#^https?://#', $url ) ? preg_replace( '/[\s"\'<>\\\\]/', '', $url ) : ''; }
function wp_unslash( $value ) { return is_array( $value ) ? array_map( 'wp_unslash', $value ) : stripslashes( $value ); }
function sanitize_text_field( $text ) { return trim( preg_replace( '/[\r\n\t ]+/', ' ', strip_tags( $text ) ) ); }
function sanitize_key( $text ) { return preg_replace( '/[^a-z0-9_\-]/', '', strtolower( $text ) ); }
function wp_kses_post( $html ) { return $html; }
function wp_specialchars_decode( $text ) { return htmlspecialchars_decode( str_replace( '&#039;', "'", $text ), ENT_QUOTES ); }
function get_bloginfo() { return $GLOBALS['site']['name']; }
function home_url() { return 'https://shop.example'; }
function admin_url( $path ) { return 'https://shop.example/wp-admin/' . $path; }
function plugin_basename() { return 'relance/relance.php'; }
function wp_parse_url( $url, $part = -1 ) { return parse_url( $url, $part ); }
function untrailingslashit( $text ) { return rtrim( $text, '/' ); }
function get_option( $name, $else = false ) { return array_key_exists( $name, $GLOBALS['site']['options'] ) ? $GLOBALS['site']['options'][ $name ] : $else; }
function update_option( $name, $value ) { $GLOBALS['site']['options'][ $name ] = $value; }
function wp_load_alloptions() { return $GLOBALS['site']['options']; }
function is_multisite() { return false; }
function delete_option( $name ) { unset( $GLOBALS['site']['options'][ $name ] ); }
function get_transient( $name ) { return isset( $GLOBALS['site']['transients'][ $name ] ) ? $GLOBALS['site']['transients'][ $name ] : false; }
function set_transient( $name, $value ) {
	if ( in_array( $name, $GLOBALS['site']['lost'], true ) ) {
		return false; // The database, or the object cache, takes nothing.
	}
	$GLOBALS['site']['transients'][ $name ] = $value;
	return true;
}
function delete_transient( $name ) { unset( $GLOBALS['site']['transients'][ $name ] ); }
function current_user_can() { return $GLOBALS['site']['may']; }
function get_current_user_id() { return 7; }
function get_user_by() { return $GLOBALS['site']['user']; }
function absint( $value ) { return abs( (int) $value ); }
function wp_check_invalid_utf8( $text ) { return $text; }
function get_locale() { return 'fr_FR'; }
function switch_to_locale() { return false; }
function restore_previous_locale() {}
function check_admin_referer( $action ) {
	if ( ! $GLOBALS['site']['nonce'] ) {
		throw new Ended( 'nonce ' . $action );
	}
}
function wp_nonce_field( $action ) { echo '<input type="hidden" name="_wpnonce" value="' . esc_attr( $action ) . '">'; }
function submit_button( $text, $type = 'primary', $name = 'submit', $wrap = true ) { echo '<input type="submit" value="' . esc_attr( $text ) . '">'; }
function checked( $one, $two, $show ) { return $one === $two ? ' checked="checked"' : ''; }
function wp_safe_redirect( $to ) { throw new Ended( $to ); }
function wp_redirect( $to, $status ) { throw new Ended( $status . ' ' . $to ); }
function nocache_headers() {}
function get_user_meta( $user, $name ) { return isset( $GLOBALS['site']['meta'][ $user ][ $name ] ) ? $GLOBALS['site']['meta'][ $user ][ $name ] : ''; }
function wp_die( $words ) { throw new Ended( 'died: ' . $words ); }
function number_format_i18n( $number ) { return number_format( $number ); }
function wp_date( $format, $seconds ) { return gmdate( $format, $seconds ); }
function wp_generate_uuid4() { return bin2hex( random_bytes( 16 ) ); }
function wp_json_encode( $value, $how = 0 ) { return json_encode( $value, $how ); }
function wp_add_privacy_policy_content( $name, $html ) { $GLOBALS['told']['policy'] = $html; }
function wp_remote_post( $url, $args ) {
	$GLOBALS['told']['posts'][] = array( $url, json_decode( $args['body'], true ) );
	return array_shift( $GLOBALS['site']['answers'] );
}
function wp_remote_retrieve_response_code( $answer ) { return $answer[0]; }
function wp_remote_retrieve_body( $answer ) { return $answer[1]; }
function wp_remote_retrieve_header( $answer, $name ) { // An answer without a third part is our service's.
	$headers = isset( $answer[2] ) ? $answer[2] : array( 'x-relance' => '1' );
	return isset( $headers[ $name ] ) ? $headers[ $name ] : '';
}

/** The two tables, as lists of rows. */
class A_Database {
	public $prefix = 'wp_';
	public $carts = array();
	public $requests = array();
	public function prepare( $sql ) { return array( $sql, array_slice( func_get_args(), 1 ) ); }
	public function suppress_errors( $quiet = true ) { return false; }
	public function esc_like( $text ) { return addcslashes( $text, '_%' ); }
	public function get_var( $sql ) { return false === strpos( $sql, 'relance_requests' ) ? count( $this->carts ) : count( $this->requests ); }
	public function get_col( $asked ) {
		$id = $asked[1][0];
		return array_keys( array_filter( $this->carts, function ( $row ) use ( $id ) { return (int) $row['customer_id'] === $id; } ) );
	}
	public function get_row( $asked ) { return isset( $this->carts[ $asked[1][0] ] ) ? $this->carts[ $asked[1][0] ] : null; }
	public function get_results( $asked ) {
		if ( is_string( $asked ) ) {
			return $this->requests;
		}
		$hash = $asked[1][0];
		return array_values( array_filter( $this->carts, function ( $row ) use ( $hash ) { return $row['email_hash'] === $hash; } ) );
	}
	public function query( $asked ) {
		$GLOBALS['told']['sql'][] = $asked;
		return 1;
	}
}
$GLOBALS['wpdb'] = new A_Database();

foreach ( array( 'settings', 'link', 'store', 'outbox', 'requests', 'privacy', 'recovery-email', 'settings-page', 'settings-connection', 'settings-forms', 'settings-moved', 'entry', 'customer' ) as $name ) {
	require_once getenv( 'PLUGIN' ) . '/includes/class-relance-' . $name . '.php';
}

function pair_the_shop() {
	update_option(
		'relance_link',
		array(
			'endpoint'  => 'https://relance.example:8443',
			'shop'      => 'k1',
			'secret'    => 'only-for-tests-000000',
			'name'      => 'Ana <b>& Co</b>',
			'paired_at' => '2026-11-20 12:41:00.123',
		)
	);
}

function a_cart( $key, $email, $customer = 0 ) {
	$GLOBALS['wpdb']->carts[ $key ] = array(
		'cart_key'    => $key,
		'created_at'  => '2026-11-20 12:41:00.123',
		'changed_at'  => '2026-11-20 12:42:00.123',
		'expires_at'  => '2026-12-20 12:42:00.123',
		'contact'     => json_encode( array( 'email' => $email, 'first_name' => 'Zoé' ) ),
		'consents'    => '[{"channel":"sms","granted":true,"words":"Yes"}]',
		'snapshot'    => '{"currency":"EUR","lines":[{"title":"Vase"}],"restore":[{"product_id":3}]}',
		'email_hash'  => '' === $email ? '' : hash( 'sha256', $email ),
		'customer_id' => (string) $customer,
		'ip'          => '203.0.113.9',
		'user_agent'  => '',
	);
}

function shown() {
	ob_start();
	Relance_Settings_Page::show();
	return ob_get_clean();
}

function posted( $action, array $fields ) {
	$_POST = $fields;
	try {
		Relance_Settings_Forms::$action();
	} catch ( Ended $end ) {
		return array( $end->getMessage(), Relance_Settings_Forms::take_told() );
	}
	return array( 'went on', null );
}

/** Where the button leads: the address, or what ended it. */
function entered() {
	try {
		Relance_Entry::enter();
	} catch ( Ended $end ) {
		return $end->getMessage();
	}
	return 'went on';
}
