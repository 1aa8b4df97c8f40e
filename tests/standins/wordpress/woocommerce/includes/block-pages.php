<?php
/**
 * The pages of blocks: the HTML that the server sends, and the script that makes a form of it.
 *
 * @package StandIn
 */

use Automattic\WooCommerce\Blocks\Domain\Services\CheckoutFields;

defined( 'ABSPATH' ) || exit;

/** The blocks of the checkout, outer to inner. */
function standin_checkout_blocks() {
	return array(
		'checkout-fields-block' => array( 'checkout-express-payment-block', 'checkout-contact-information-block', 'checkout-shipping-address-block', 'checkout-billing-address-block', 'checkout-shipping-methods-block', 'checkout-payment-block', 'checkout-additional-information-block', 'checkout-order-note-block', 'checkout-terms-block', 'checkout-actions-block' ),
		'checkout-totals-block' => array( 'checkout-order-summary-block' ),
	);
}

/** The page's text: the same names and classes as a new shop's page. */
function standin_block_checkout_text() {
	$div  = function ( $name, $inner ) {
		return "<!-- wp:woocommerce/$name -->\n<div class=\"wp-block-woocommerce-$name\">$inner</div>\n<!-- /wp:woocommerce/$name -->\n";
	};
	$text = '';
	foreach ( standin_checkout_blocks() as $name => $inner ) {
		$text .= $div( $name, implode( "\n", array_map( function ( $one ) use ( $div ) { return $div( $one, '' ); }, $inner ) ) );
	}
	return "<!-- wp:woocommerce/checkout -->\n<div class=\"wp-block-woocommerce-checkout alignwide wc-block-checkout is-loading\">$text</div>\n<!-- /wp:woocommerce/checkout -->";
}

add_action( 'init', 'standin_register_blocks' );

/** Every block puts its name on its outermost element, as WooCommerce does. */
function standin_register_blocks() {
	$names = array( 'checkout', 'cart' );
	foreach ( standin_checkout_blocks() as $name => $inner ) {
		$names = array_merge( $names, array( $name ), $inner );
	}
	foreach ( $names as $name ) {
		register_block_type( 'woocommerce/' . $name, array( 'render_callback' => 'standin_render_block' ) );
	}
}

/** The saved HTML with the block's name; the checkout's script comes with its block. */
function standin_render_block( $attributes, $content, $block ) {
	$name = $block->name;
	if ( 'woocommerce/checkout' === $name ) {
		if ( is_wc_endpoint_url() ) {
			return standin_checkout_page();
		}
		standin_enqueue_block_checkout();
		do_action( 'woocommerce_blocks_enqueue_checkout_block_scripts_before' );
		do_action( 'woocommerce_blocks_enqueue_checkout_block_scripts_after' );
	}
	if ( 'woocommerce/cart' === $name ) {
		return '<div data-block-name="woocommerce/cart" class="wp-block-woocommerce-cart">' . standin_cart_page() . '</div>';
	}
	return preg_replace( '/<div /', '<div data-block-name="' . esc_attr( $name ) . '" ', $content, 1 );
}

/** Whether the page that is asked for holds the checkout block. */
function standin_is_block_checkout() {
	$post = is_singular() ? get_post() : null;
	return $post && has_block( 'woocommerce/checkout', $post );
}

add_action( 'wp_enqueue_scripts', 'standin_register_block_scripts', 5 );

/** The handles that others depend on. */
function standin_register_block_scripts() {
	$at = WC()->plugin_url() . '/assets/';
	wp_register_script( 'wc-settings', $at . 'settings.js', array( 'wp-hooks' ), WC_VERSION, true );
	wp_register_script( 'wc-blocks-data-store', $at . 'data-store.js', array( 'wp-data', 'wp-api-fetch', 'wc-settings' ), WC_VERSION, true );
	wp_register_script( 'wc-blocks-checkout', $at . 'blocks-checkout.js', array( 'wc-blocks-data-store', 'wp-element' ), WC_VERSION, true );
	wp_register_script( 'wc-checkout-block-frontend', $at . 'block-checkout.js', array( 'wc-blocks-checkout', 'wc-blocks-data-store', 'wp-element', 'wp-hooks' ), WC_VERSION, true );
}

/** The form's script and what it must know. */
function standin_enqueue_block_checkout() {
	wp_enqueue_script( 'wc-checkout-block-frontend' );
	$fields   = array_values( CheckoutFields::$known );
	$settings = array(
		'checkoutUrl'      => wc_get_checkout_url(),
		'storeRoot'        => rest_url( 'wc/store/v1/' ),
		'storeNonce'       => wp_create_nonce( 'wc_store_api' ),
		'countries'        => WC()->countries->get_allowed_countries(),
		'phone'            => get_option( 'woocommerce_checkout_phone_field', 'optional' ),
		'additionalFields' => $fields,
		'gateways'         => array_map( function ( $one ) { return $one->get_title(); }, WC()->payment_gateways()->get_available_payment_gateways() ),
		'cart'             => standin_store_cart(),
		'fieldValues'      => (object) standin_field_values( WC()->customer ),
		'customerId'       => get_current_user_id(),
	);
	wp_add_inline_script( 'wc-settings', 'var wcSettings = ' . wp_json_encode( $settings ) . ';', 'before' );
}
