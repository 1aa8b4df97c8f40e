<?php
/**
 * Runs every check of the plugin's core and tells, in JSON, how each went.
 *
 * @package Relance
 */

require __DIR__ . '/strict.php';
require __DIR__ . '/wordpress.php';
require __DIR__ . '/database.php';

$GLOBALS['wpdb'] = new A_Database();
$_SERVER         = array( 'REQUEST_METHOD' => 'POST', 'HTTP_USER_AGENT' => 'Mozilla/5.0 CUBOT_X18' ) + $_SERVER;
$plugin          = getenv( 'PLUGIN' ) ? getenv( 'PLUGIN' ) : '/plugin';
define( 'RELANCE_FILE', $plugin . '/relance.php' );
define( 'RELANCE_VERSION', '1.0.0' );
foreach ( array( 'settings', 'link', 'store', 'cart', 'contact', 'capture', 'order', 'outbox', 'restore', 'requests' ) as $subject ) {
	require $plugin . "/includes/class-relance-$subject.php";
}
foreach ( array( 'Link', 'Store', 'Cart', 'Capture', 'Order', 'Outbox' ) as $name ) {
	call_user_func( array( "Relance_$name", 'hook' ) );
}
Relance_Store::install();
Relance_Requests::install();

/** What came of each: its name => '' or what went wrong. */
$GLOBALS['checked'] = array();

/** One check. */
function check( $name, $is_so ) {
	$GLOBALS['checked'][ $name ] = $is_so ? '' : 'is not so';
}

/** The world. */
function world() {
	return $GLOBALS['world'];
}

/** The door takes a message of the script; its status. */
function take( array $said ) {
	$take = new ReflectionMethod( 'Relance_Capture', 'take' );
	if ( PHP_VERSION_ID < 80100 ) {
		$take->setAccessible( true );
	}
	$read = Relance_Contact::read( $said );
	return null === $read ? 400 : $take->invoke( null, $read );
}

/** A line of WooCommerce's cart. */
function line( $quantity = 2, $price = 10, $variation_id = 0, array $chosen = array() ) {
	$sum = $quantity * $price;
	return array(
		'key'               => 'k',
		'product_id'        => 13,
		'variation_id'      => $variation_id,
		'variation'         => $chosen,
		'quantity'          => $quantity,
		'data'              => new A_Product( $price ),
		'line_subtotal'     => $sum,
		'line_subtotal_tax' => $sum * 0.2,
		'line_total'        => $sum,
		'line_tax'          => $sum * 0.2,
		'engraving'         => 'Bob',
		'made_of'           => array( 1 ),
	);
}

/** All rows. */
function rows() {
	return $GLOBALS['wpdb']->get_results( 'SELECT * FROM wp_relance_carts', ARRAY_A );
}

/** The row of the cart in this session. */
function row() {
	return Relance_Store::get( (string) Relance_Cart::peek_key() );
}

/** Action Scheduler runs the outbox; the service answers so. */
function send( $answer = null ) {
	unset( world()->scheduled['relance_send'] );
	world()->posts   = array();
	world()->answers = null === $answer ? array() : array( $answer );
	do_action( 'relance_send' );
}

/** The first cart of the last post. */
function sent() {
	$body = json_decode( world()->posts[0][1]['body'], true );
	return $body['carts'][0];
}

foreach ( array( 'contact', 'link', 'capture', 'outbox', 'consent', 'orders', 'limits' ) as $subject ) {
	try {
		require __DIR__ . "/checks-$subject.php";
	} catch ( Throwable $error ) {
		$GLOBALS['checked'][ "checks of $subject" ] = get_class( $error ) . ': ' . $error->getMessage() . ' ' . basename( $error->getFile() ) . ':' . $error->getLine();
	}
}
echo json_encode( array( 'version' => PHP_VERSION, 'checked' => $GLOBALS['checked'] ) );
