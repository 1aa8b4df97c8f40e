<?php
/**
 * What the outbox does in any weather.
 *
 * @package Relance
 */

send( array( 503, 'x' ) );
check( 'a 503 keeps the cart', 1 === Relance_Store::count_waiting() && 1 === Relance_Outbox::state()['failures'] );
$wait = world()->scheduled['relance_send'] - time();
check( 'it is tried again after a minute', $wait >= 58 && $wait <= 61 );
for ( $times = 2; $times < 5; $times++ ) {
	send( new WP_Error( 'http', 'cURL error 7' ) );
}
check( 'at last after five', world()->scheduled['relance_send'] >= time() + 298 );
check( 'the attempts are counted', 4 === row()['attempts'] );
send( array( 200, '<html>This domain is for sale</html>', array( 'x-relance' => '0' ) ) );
check( 'a 200 of somebody else marks nothing as sent', 'relance_stranger' === Relance_Outbox::state()['code'] && 1 === Relance_Store::count_waiting() && '' === Relance_Outbox::state()['sent_at'] );
send( array( 401, '{}' ) );
check( 'a 401 keeps the cart and is named', 'relance_unsigned' === Relance_Outbox::state()['code'] && 1 === Relance_Store::count_waiting() );
send();
check( 'a 200 ends the waiting', 0 === Relance_Store::count_waiting() && 0 === Relance_Outbox::state()['failures'] && '' !== Relance_Outbox::state()['sent_at'] );
list( $url, $how ) = world()->posts[0];
check( 'the door has the shop\'s key', 'https://relance.test/app/hooks/woocommerce/shop1/carts' === $url );
$signed = $how['headers']['X-Relance-Timestamp'] . '.' . $how['headers']['X-Relance-Nonce'] . '.' . $how['body'];
check( 'the post is signed', hash_hmac( 'sha256', $signed, str_repeat( 's', 32 ) ) === $how['headers']['X-Relance-Signature'] );
Relance_Link::post( 'privacy', array( 'version' => 1 ) );
$asked = world()->posts[1][1];
$signed = $asked['headers']['X-Relance-Timestamp'] . '.' . $asked['headers']['X-Relance-Nonce'] . '.privacy.' . $asked['body'];
check( 'what is signed for one door opens no other', hash_hmac( 'sha256', $signed, str_repeat( 's', 32 ) ) === $asked['headers']['X-Relance-Signature'] );
check( 'no redirect, eight seconds', 0 === $how['redirection'] && 8 === $how['timeout'] );
check( 'the test button works', true === Relance_Link::test()['ok'] );
world()->answers = array( new WP_Error( 'http', 'no' ) );
check( 'and says when nobody answers', 'relance_away' === Relance_Link::test()['code'] );
world()->options['siteurl'] = 'https://staging.shop.test';
take( array( 'phone' => '0687654321', 'consents' => array( 'sms' => true ) ) );
Relance_Store::save( (string) Relance_Cart::peek_key(), array( 'waiting' => 1 ) );
send();
check( 'a copy of the shop sends nothing', array() === world()->posts && 1 === Relance_Store::count_waiting() );
world()->options['siteurl'] = 'http://shop.test';
send();
