<?php
/**
 * What the capture door keeps.
 *
 * @package Relance
 */

world()->options['relance_settings'] = array( 'channels' => array( 'sms', 'email' ) );
do_action( 'woocommerce_add_to_cart', 'k', 13, 1, 0, array(), array() );
$key = Relance_Cart::peek_key();
check( 'the first thing in the cart gives it its key', 1 === preg_match( '/^[0-9a-f-]{36}$/', $key ) );
do_action( 'shutdown' );
check( 'no row without a contact', array() === rows() );
check( 'an unticked box keeps nothing', 204 === take( array( 'phone' => '0612345678', 'consents' => array( 'sms' => false ) ) ) && array() === rows() );

$said = array( 'phone' => '06 12 34 56 78', 'email' => 'a@b.fr', 'country' => 'FR', 'first_name' => 'Zoé', 'consents' => array( 'sms' => true, 'email' => false ) );
check( 'a ticked box keeps', 200 === take( $said ) );
$row = row();
check( 'only what was agreed to', array( 'phone' => '06 12 34 56 78', 'country' => 'FR', 'first_name' => 'Zoé' ) === $row['contact'] );
check( 'the consent has its words', 'sms' === $row['consents'][0]['channel'] && '' !== $row['consents'][0]['words'] );
check( 'the row waits', 1 === $row['waiting'] );
check( 'sums with tax, as decimal text', '24.00' === $row['snapshot']['totals']['total'] );
check( 'what was chosen, in words', 'Blue, L' === $row['snapshot']['lines'][0]['variation'] );
check( 'plain remarks of other plugins are kept for the way back', array( 'engraving' => 'Bob' ) === $row['snapshot']['restore'][0]['cart_item_data'] );
check( 'a title is plain text', 'Tee & co' === $row['snapshot']['lines'][0]['title'] );
check( 'the session is not written', 0 === WC()->session->saved );
check( 'the sums are reckoned anew', WC()->cart->counts > 0 );
check( 'a run is asked for', isset( world()->scheduled['relance_send'] ) );

take( array( 'phone' => '06 12 34 56 78', 'country' => 'FR', 'first_name' => 'Zoé', 'consents' => array( 'sms' => true ) ) );
check( 'the same again changes nothing', row()['changed_at'] === $row['changed_at'] );
take( array( 'phone' => '612345678', 'consents' => array( 'sms' => true ) ) );
check( 'the consent for a half typed number is left out', array( '612345678' ) === array_column( row()['consents'], 'address' ) && row()['changed_at'] > $row['changed_at'] );
WC()->cart->items[] = line( 1, 5 );
do_action( 'woocommerce_add_to_cart' );
do_action( 'shutdown' );
check( 'a change of the cart is kept', 2 === count( row()['snapshot']['lines'] ) );
