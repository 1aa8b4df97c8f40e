<?php
/**
 * Pairing, and the address that tells a shop from its copy.
 *
 * @package Relance
 */

$code = 'https://relance.test/app/pair/tok_en-12345';
WC()->cart->items = array( line( 2, 10, 14, array( 'attribute_pa_color' => 'blue', 'attribute_size' => 'L' ) ) );
check( 'a shop that is not connected keeps nothing', 204 === take( array( 'phone' => '0612345678', 'consents' => array( 'sms' => true ) ) ) );

world()->answers = array( array( 200, json_encode( array( 'shop' => 'shop1', 'name' => 'Mine', 'secret' => str_repeat( 's', 32 ) ) ) ) );
check( 'a code connects', true === Relance_Link::pair( $code ) );
$body = json_decode( world()->posts[0][1]['body'], true );
check( 'the code goes where it came from', 'https://relance.test/app/pair' === world()->posts[0][0] && 'tok_en-12345' === $body['code'] );
check( 'the shop names itself and a nonce', 'http://shop.test' === $body['address'] && 32 === strlen( $body['nonce'] ) );
check( 'the nonce is forgotten', false === get_transient( 'relance_pairing' ) );
check( 'it is connected and at work', Relance_Link::is_paired() && Relance_Settings::is_active() && '1' === get_option( 'relance_paired' ) );
check( 'the host is known', 'relance.test' === Relance_Link::host() );
check( 'the secret is not shown', ! isset( Relance_Link::about()['secret'] ) );
world()->posts   = array();
world()->answers = array( array( 200, '{"shop":"other","name":"x","secret":"0123456789abcdef0123"}', array() ) );
check( 'a 200 of somebody else connects nothing', 'relance_stranger' === Relance_Link::pair( $code )->get_error_code() && 'shop1' === Relance_Link::about()['shop'] );
check( 'a host is named as the network knows it', 'relance.test:8443' === Relance_Pairing_Code::read( 'https://Relance.TEST:8443/a/pair/tok_en-12345' )['host'] );
$ascii = Relance_Pairing_Code::read( "https://rel\u{0430}nce.test/pair/tok_en-12345" );
check( 'a look-alike is told in ASCII or not at all', function_exists( 'idn_to_ascii' ) ? 'https://xn--relnce-5nf.test' === $ascii['base'] : null === $ascii );
foreach ( array( "\u{202e}tset.ecnaler", "relance.test\u{2066}", "a\u{200b}b.test", "a\xffb.test", 'good.test@bad.test', 'good.test\\@bad.test', 'a%2eb.test', "a\x1bb.test", '-a.test', '' ) as $host ) {
	check( 'no code: ' . bin2hex( $host ), null === Relance_Pairing_Code::read( "https://$host/pair/tok_en-12345" ) );
}
check( 'nor with a turned path', null === Relance_Pairing_Code::read( "https://a.test/\u{202e}x/pair/tok_en-12345" ) );
check( 'a name that turns its neighbours round is made plain', 'Nord' === Relance_Pairing_Code::plain( "\u{202e}No\u{2066}rd" ) );
check( 'http is refused', is_wp_error( Relance_Link::pair( 'http://evil.test/pair/tok_en-12345' ) ) );
check( 'what is no code is refused', is_wp_error( Relance_Link::pair( 'hello' ) ) );
world()->answers = array( array( 409, '{"error":"another shop"}' ) );
check( 'the words of a refusal are told', 'another shop' === Relance_Link::pair( $code )->get_error_message() );

check( 'the address is kept out of reach of a replacement', bin2hex( 'shop.test' ) === get_option( 'relance_address' ) );
foreach ( array( 'https://www.shop.test/' => true, 'http://shop.test:80' => true, 'https://staging.shop.test' => false, 'https://shop.test/copy' => false ) as $url => $is_same ) {
	world()->options['siteurl'] = $url;
	check( "a shop at $url is " . ( $is_same ? 'the same' : 'a copy' ), Relance_Link::is_paired() === $is_same && Relance_Link::has_moved() === ! $is_same );
}
world()->posts = array();
check( 'a copy posts nothing', 'relance_moved' === Relance_Link::post( 'carts', array() )->get_error_code() && array() === world()->posts );
check( 'a copy is not at work', ! Relance_Settings::is_active() );
Relance_Link::stay();
check( 'the merchant may say that it is the same', Relance_Link::is_paired() && 'shop.test/copy' === Relance_Address::kept() );
world()->options['siteurl'] = 'http://shop.test';
Relance_Address::keep();
