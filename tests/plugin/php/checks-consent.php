<?php
/**
 * What is taken back.
 *
 * @package Relance
 */

$key = Relance_Cart::peek_key();
take( array( 'phone' => '0699999999', 'consents' => array( 'sms' => true ) ) );
check( 'another number takes the first consent back', array( false, true ) === array_column( row()['consents'], 'granted' ) );
take( array( 'email' => 'A@b.fr', 'consents' => array( 'email' => true ) ) );
check( 'an e-mail is found in any case', 1 === count( Relance_Store::by_email( 'a@B.fr' ) ) );
check( 'a box is unticked', 200 === take( array( 'consents' => array( 'sms' => false ) ) ) );
check( 'its number is gone, the e-mail is not', ! isset( row()['contact']['phone'] ) && 'A@b.fr' === row()['contact']['email'] );
check( 'its consent is taken back', ! Relance_Contact::is_granted( row()['consents'], 'sms' ) );
send();
check( 'the service hears of it', in_array( false, array_column( sent()['consents'], 'granted' ), true ) );
check( 'the last box is unticked', 200 === take( array( 'consents' => array( 'email' => false ) ) ) );
$row = Relance_Store::get( $key );
check( 'nothing is left of the shopper', 1 === $row['forget'] && array() === $row['contact'] && array() === $row['consents'] && array() === $row['snapshot'] && '' === $row['ip'] );
check( 'nor can it be found', array() === Relance_Store::by_email( 'a@b.fr' ) );
check( 'what comes next is another cart, and the session knows', Relance_Cart::peek_key() !== $key && 1 === WC()->session->saved );
send();
check( 'the service is told to forget', true === sent()['forget'] && array( 'key', 'changed_at', 'deleted', 'forget' ) === array_keys( sent() ) );
check( 'then the row is gone', array() === rows() );
