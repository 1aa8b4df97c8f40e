<?php
/**
 * Prints what the plugin itself puts on a checkout, as JSON: {"html", "head", "config", "script"}.
 *
 *     php page_parts.php '{"block":true,"content":"…","settings":{…},"restored":false}'
 *
 * The plugin's class is the real one; the few functions of WordPress that it calls on the way
 * are written here in their plainest form.
 */

error_reporting( E_ALL );
set_error_handler(
	static function ( $level, $words, $file, $line ) {
		throw new ErrorException( $words, 0, $level, $file, $line );
	}
);

define( 'ABSPATH', __DIR__ );
define( 'ARRAY_A', 'ARRAY_A' );
define( 'HOUR_IN_SECONDS', 3600 );
define( 'RELANCE_VERSION', '1' );
define( 'RELANCE_FILE', 'relance.php' );

$asked   = json_decode( $argv[1], true );
$printed = array(
	'script' => null,
	'config' => '',
);

function add_action() {}
function add_filter() {}
function __( $words ) {
	return $words;
}
function esc_html__( $words ) {
	return esc_html( $words );
}
function esc_html( $words ) {
	return htmlspecialchars( $words, ENT_QUOTES );
}
function esc_attr( $words ) {
	return htmlspecialchars( $words, ENT_QUOTES );
}
function is_checkout() {
	return true;
}
function is_order_received_page() {
	return false;
}
function is_checkout_pay_page() {
	return false;
}
function plugins_url( $path ) {
	return '/' . $path;
}
function wp_enqueue_script( $handle, $address, $needs, $version, $how ) {
	global $printed;
	$printed['script'] = array( $address, $needs, $how );
}
function wp_script_is() {
	global $printed;
	return (bool) $printed['script'];
}
function wp_json_encode( $value, $flags = 0 ) {
	return json_encode( $value, $flags );
}
function wp_add_inline_script( $handle, $script ) {
	global $printed;
	$printed['config'] = $script;
}
function wp_create_nonce( $action ) {
	return 'nonce-1';
}
function WC() {
	static $shop;
	if ( ! $shop ) {
		$shop          = new stdClass();
		$shop->session = new Session();
	}
	return $shop;
}

class WC_AJAX {
	public static function get_endpoint( $name ) {
		return '/?wc-ajax=' . $name;
	}
}

class Session {
	private $values = array();

	public function get( $name, $otherwise = null ) {
		return isset( $this->values[ $name ] ) ? $this->values[ $name ] : $otherwise;
	}

	public function set( $name, $value ) {
		$this->values[ $name ] = $value;
	}
}

class Relance_Cart {
	public static function peek_key() {
		return 'key';
	}

	public static function order_id() {
		return 0;
	}
}

class Relance_Typed {
	public static function is_of_another() {
		return false;
	}
}

const SHOPPER = array(
	'sms'   => '+33639980001',
	'email' => 'camille@example.com',
);

class Relance_Store {
	public static function get( $key ) {
		global $asked;
		$consents = array();
		foreach ( $asked['agreed'] as $channel ) {
			$consents[] = array(
				'channel' => $channel,
				'address' => SHOPPER[ $channel ],
				'granted' => true,
			);
		}
		return array(
			'cart_key' => $key,
			'contact'  => array(
				'phone' => SHOPPER['sms'],
				'email' => SHOPPER['email'],
			),
			'consents' => $consents,
			'order_id' => 0,
			'forget'   => 0,
		);
	}
}

class Relance_Link {
	public static function is_paired() {
		return true;
	}
}

function get_option( $name, $otherwise = false ) {
	global $asked;
	return 'relance_settings' === $name ? $asked['settings'] : $otherwise;
}
function get_bloginfo() {
	return 'Bench & Shop';
}
function wp_specialchars_decode( $words ) {
	return htmlspecialchars_decode( $words );
}
function sanitize_text_field( $words ) {
	return trim( $words );
}
function is_admin() {
	return false;
}

$includes = dirname( __DIR__, 3 ) . '/in_shop/wordpress/relance/includes/';
require $includes . 'class-relance-settings.php';
require $includes . 'class-relance-contact.php';
require $includes . 'class-relance-consent.php';

if ( ! empty( $asked['declined'] ) ) {
	$_COOKIE['relance_declined'] = '1';
}
if ( ! empty( $asked['restored'] ) ) {
	Relance_Consent::note_restored();
}

Relance_Consent::hook();
Relance_Consent::enqueue();
ob_start();
Relance_Consent::hide_until_drawn();
$printed['head'] = ob_get_clean();
if ( $asked['block'] ) {
	$printed['html'] = Relance_Consent::add_to_block( $asked['content'] );
} else {
	ob_start();
	Relance_Consent::show_on_classic();
	$printed['html'] = ob_get_clean();
}
Relance_Consent::configure();
echo json_encode( $printed );
