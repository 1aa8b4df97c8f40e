<?php
/**
 * Who is left out, how much is taken, and the end of it.
 *
 * @package Relance
 */

$_SERVER['REMOTE_ADDR'] = '198.51.100.9';
$marks                  = array();
foreach ( array( '2001:db8:1:2::3', '2001:db8:1:2:ffff::4', '2001:db8:1:3::3', '::ffff:198.51.100.9', '198.51.100.8' ) as $address ) {
	$_SERVER['REMOTE_ADDR'] = $address;
	$marks[]                = Relance_Door::machine();
}
check( 'a household of IPv6 is one machine, its neighbour another', $marks[0] === $marks[1] && 4 === count( array_unique( $marks ) ) );

$GLOBALS['wpdb']->refuses = true;
check( 'what is not written is not said to be kept', 503 === take( array( 'phone' => '0611111111', 'consents' => array( 'sms' => true ) ) ) );
$key = Relance_Cart::peek_key();
check( 'nor erased', 503 === take( array( 'declined' => true ) ) && Relance_Cart::peek_key() === $key );
$GLOBALS['wpdb']->refuses = false;

WC()->session = new A_Session();
$statuses     = array();
for ( $times = 0; $times <= Relance_Crowd::MOST; $times++ ) {
	$_SERVER['HTTP_X_FORWARDED_FOR'] = "203.0.113.$times";
	$statuses[]                      = take( array( 'phone' => '06' . ( 20000000 + $times ), 'consents' => array( 'sms' => true ) ) );
	$last                            = WC()->session;
	WC()->session                    = new A_Session();
}
check( 'a machine begins so many carts an hour, whatever the session', array( 200 => Relance_Crowd::MOST, 429 => 1 ) === array_count_values( $statuses ) && 429 === end( $statuses ) );
check( 'the merchant can see it', '' !== Relance_Outbox::state()['crowded_at'] );
$_SERVER['REMOTE_ADDR'] = '198.51.100.7';
check( 'another machine goes on', 200 === take( array( 'phone' => '0612345678', 'consents' => array( 'sms' => true ) ) ) );
$_SERVER['REMOTE_ADDR'] = '198.51.100.8';
check( 'who has a cart goes on', 200 === take( array( 'phone' => '0612345679', 'consents' => array( 'sms' => true ) ) ) );
$key = Relance_Cart::peek_key();
check( 'who takes it back is heard', 200 === take( array( 'consents' => array( 'sms' => false ) ) ) && 1 === Relance_Store::get( $key )['forget'] );
check( 'and so is a no without a cart', 200 === take( array( 'declined' => true ) ) );
$GLOBALS['wpdb']->query( "UPDATE wp_relance_carts SET created_at = '2026-01-01 00:00:00.000'" );
check( 'an hour later there is room', 200 === take( array( 'phone' => '0612345680', 'consents' => array( 'sms' => true ) ) ) );
Relance_Store::drop_old();
check( 'and nobody knows the machine any more', 1 === count( array_filter( array_column( rows(), 'machine' ) ) ) );
$_SERVER['REMOTE_ADDR'] = '198.51.100.9';

$key = Relance_Cart::peek_key();
check( 'no thanks is heard', 200 === take( array( 'declined' => true ) ) && '1' === world()->cookies['relance_declined'] );
check( 'and erases', 1 === Relance_Store::get( $key )['forget'] && Relance_Cart::peek_key() !== $key );
$_COOKIE['relance_declined']                 = '1';
world()->options['relance_settings']['mode'] = 'notice';
check( 'and holds against a notice', 204 === take( array( 'email' => 'd@b.fr' ) ) );
unset( $_COOKIE['relance_declined'] );
check( 'a notice keeps without a tick', 200 === take( array( 'email' => 'd@b.fr', 'phone' => '0612345678' ) ) );
check( 'but is no consent', array() === row()['consents'] && 2 === count( row()['contact'] ) );
world()->is_staff = true;
check( 'staff are left out', 204 === take( array( 'email' => 'e@b.fr' ) ) );
world()->is_staff           = false;
$_SERVER['HTTP_USER_AGENT'] = 'Googlebot/2.1';
check( 'so are bots', 204 === take( array( 'email' => 'e@b.fr' ) ) );
$_SERVER['HTTP_USER_AGENT'] = 'Mozilla';
Relance_Store::save( (string) Relance_Cart::peek_key(), array( 'captures' => 30, 'counted_from' => intdiv( time(), 60 ) ) );
$statuses = array( take( array( 'email' => 'f@b.fr' ) ) );
for ( $times = 0; $times < 31; $times++ ) { // Where a minute began in between.
	$statuses[] = take( array( 'email' => "f$times@b.fr" ) );
}
check( 'a flood is cut off', in_array( 429, $statuses, true ) );

check( 'a moment that is not over is passed by a millisecond', Relance_Store::after( Relance_Store::now( 5 ) ) > Relance_Store::now( 4 ) );
check( 'also over a second\'s end', '2999-01-01 00:00:01.000' === Relance_Store::after( '2999-01-01 00:00:00.999' ) );

world()->options['relance_outbox'] = array();
Relance_Store::save( 'old-cart-1', array( 'waiting' => 1, 'changed_at' => '2026-01-01 00:00:00.000' ) );
$names = implode( ', ', array_diff( array_keys( rows()[0] ), array( 'cart_key' ) ) );
$GLOBALS['wpdb']->query( "INSERT INTO wp_relance_carts (cart_key, {$names}) WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 5000) SELECT 'f' || n, {$names} FROM numbers, wp_relance_carts WHERE cart_key = 'old-cart-1'" );
check( 'a full line takes nobody new, and counts', false === Relance_Store::save( 'brand-new1', array( 'waiting' => 1, 'contact' => array( 'email' => 'q@q.fr' ) ) ) && 1 === Relance_Outbox::state()['dropped'] );
check( 'what waited for a week is given up', 5001 === Relance_Store::drop_old() );
Relance_Link::unpair();
check( 'disconnecting leaves nothing', ! Relance_Link::is_paired() && array() === rows() && '0' === get_option( 'relance_paired' ) && false === get_option( 'relance_address' ) );

$_SERVER['HTTP_HOST'] = 'shop.test';
$seen                 = array();
foreach ( array( array(), array( 'HTTP_ORIGIN' => 'https://evil.test' ), array( 'HTTP_ORIGIN' => 'https://shop.test' ), array( 'HTTP_ORIGIN' => 'https://shop.test', 'HTTP_SEC_FETCH_SITE' => 'cross-site' ) ) as $headers ) {
	unset( $_SERVER['HTTP_ORIGIN'], $_SERVER['HTTP_SEC_FETCH_SITE'] );
	$_SERVER = $headers + $_SERVER;
	$seen[]  = Relance_Door::is_a_post_of_this_shop();
}
check( 'only a page of this shop is heard', array( false, false, true, false ) === $seen );
