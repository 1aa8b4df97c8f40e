<?php
/**
 * The order that a cart became.
 *
 * @package Relance
 */

$email = array( 'email' => 'a@b.fr', 'consents' => array( 'email' => true ) );
take( $email );
$key            = Relance_Cart::peek_key();
$order          = new WC_Order();
world()->order = $order;
do_action( 'woocommerce_checkout_create_order', $order, array() );
check( 'a classic order names cart and language', array( '_relance_cart' => $key, '_relance_locale' => 'fr_FR' ) === $order->meta );
check( 'WooCommerce saves it, not we', 0 === $order->saves );
do_action( 'woocommerce_checkout_order_processed', 7, array(), $order );
check( 'the row knows its order', 7 === row()['order_id'] && 1 === row()['waiting'] && 0 === $order->saves );
WC()->cart->items[0]['quantity'] = 3;
do_action( 'woocommerce_after_cart_item_quantity_update' );
do_action( 'shutdown' );
check( 'unpaid, the cart goes on', 3 === row()['snapshot']['lines'][0]['quantity'] && Relance_Cart::peek_key() === $key );
WC()->cart->items = array();
do_action( 'woocommerce_cart_emptied', true );
do_action( 'shutdown' );
check( 'emptied by the order, its key is over', null === Relance_Cart::peek_key() && 0 === Relance_Store::get( $key )['deleted'] );
send();
check( 'the service hears of the order', 7 === sent()['order_id'] );

WC()->cart->items = array( line() );
$order            = new WC_Order();
$order->id        = 8;
do_action( 'woocommerce_store_api_checkout_update_order_meta', $order );
do_action( 'woocommerce_store_api_checkout_update_order_meta', $order );
check( 'a block order is saved once', 1 === $order->saves && isset( $order->meta['_relance_cart'] ) );

take( array( 'email' => 'c@b.fr' ) + $email );
$key  = Relance_Cart::peek_key();
$held = WC()->cart->items;
WC()->cart->items = array();
do_action( 'woocommerce_cart_item_removed' );
do_action( 'shutdown' );
check( 'emptied by hand is told', 1 === Relance_Store::get( $key )['deleted'] );
send();
check( 'in its short form', true === sent()['deleted'] && ! isset( sent()['contact'] ) );
WC()->cart->items = $held;
do_action( 'woocommerce_add_to_cart' );
do_action( 'shutdown' );
check( 'filled again it is the same cart', 0 === row()['deleted'] && Relance_Cart::peek_key() === $key && 1 === Relance_Store::count_waiting() );
Relance_Store::save( $key, array( 'order_id' => 99 ) );
take( $email );
check( 'ordered elsewhere: what is here is another cart', Relance_Cart::peek_key() !== $key );
check( 'nothing is copied to a subscription', array( 'a' => 1 ) === Relance_Order::leave_out( array( '_relance_cart' => 'x', 'a' => 1 ) ) );
check( 'nor by an old version of it', 1 === count( Relance_Order::leave_out_rows( array( array( 'meta_key' => '_relance_locale' ), array( 'meta_key' => 'b' ) ) ) ) );
