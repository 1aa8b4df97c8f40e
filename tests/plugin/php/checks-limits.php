<?php
/**
 * Who is left out, how much is taken, and the end of it.
 *
 * @package Relance
 */

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
