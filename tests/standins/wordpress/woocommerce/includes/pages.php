<?php
/**
 * The shop's pages: list, product, cart, classic checkout, order received, order pay, account.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

add_action(
	'init',
	function () {
		foreach ( array( 'order-pay', 'order-received' ) as $endpoint ) {
			add_rewrite_endpoint( $endpoint, EP_PAGES );
		}
		add_shortcode( 'woocommerce_cart', 'standin_cart_page' );
		add_shortcode( 'woocommerce_checkout', 'standin_checkout_page' );
		add_shortcode( 'woocommerce_my_account', 'standin_account_page' );
	}
);
add_filter( 'the_content', 'standin_product_page' );
add_filter( 'the_content', 'standin_shop_page' );
add_action( 'wp_enqueue_scripts', 'standin_scripts' );
add_filter( 'body_class', 'standin_body_class' );

/** Classes of the body, as the captures show them. */
function standin_body_class( $classes ) {
	foreach ( array( 'woocommerce-cart' => is_cart(), 'woocommerce-checkout' => is_checkout(), 'woocommerce-account' => is_account_page(), 'woocommerce-page' => is_cart() || is_checkout() || is_account_page(), 'woocommerce' => is_woocommerce() ) as $class => $is ) {
		if ( $is ) {
			$classes[] = $class;
		}
	}
	return array_unique( $classes );
}

/** The shop's own scripts, with jQuery as the real ones. */
function standin_scripts() {
	$at = WC()->plugin_url() . '/assets/';
	wp_register_script( 'wc-checkout', $at . 'checkout.js', array( 'jquery' ), WC_VERSION, true );
	wp_register_script( 'wc-variations', $at . 'variations.js', array( 'jquery' ), WC_VERSION, true );
	if ( is_checkout() && ! standin_is_block_checkout() ) {
		wp_enqueue_script( 'wc-checkout' );
		wp_localize_script(
			'wc-checkout',
			'wc_checkout_params',
			array( 'ajax_url' => WC()->ajax_url(), 'wc_ajax_url' => WC_AJAX::get_endpoint( '%%endpoint%%' ), 'update_order_review_nonce' => wp_create_nonce( 'update-order-review' ), 'apply_coupon_nonce' => wp_create_nonce( 'apply-coupon' ), 'remove_coupon_nonce' => wp_create_nonce( 'remove-coupon' ), 'checkout_url' => WC_AJAX::get_endpoint( 'checkout' ), 'is_checkout' => is_wc_endpoint_url() ? 0 : 1 )
		);
	}
	if ( is_product() ) {
		wp_enqueue_script( 'wc-variations' );
	}
}

/** The list of products. */
function standin_shop_page( $content ) {
	if ( ! in_the_loop() || ! is_page( wc_get_page_id( 'shop' ) ) ) {
		return $content;
	}
	$html = '<ul class="products">';
	foreach ( wc_get_products( array( 'limit' => 50 ) ) as $product ) {
		$html .= '<li class="product"><a href="' . esc_url( $product->get_permalink() ) . '">' . esc_html( $product->get_name() ) . '</a> ' . $product->get_price_html() . '</li>';
	}
	return $content . $html . '</ul>';
}

/** A product: price, stock, choices, button; with the hooks that others use. */
function standin_product_page( $content ) {
	global $product;
	if ( ! in_the_loop() || ! is_product() ) {
		return $content;
	}
	$product = wc_get_product( get_the_ID() );
	ob_start();
	do_action( 'woocommerce_before_single_product' );
	woocommerce_output_all_notices();
	echo '<div id="product-' . (int) $product->get_id() . '" class="product type-product">';
	do_action( 'woocommerce_before_single_product_summary' );
	echo '<div class="summary entry-summary"><p class="price">' . $product->get_price_html() . '</p>'; // phpcs:ignore WordPress.Security.EscapeOutput
	do_action( 'woocommerce_single_product_summary' );
	if ( ! $product->is_in_stock() ) {
		echo '<p class="stock out-of-stock">Out of stock</p>';
	}
	standin_cart_form( $product );
	do_action( 'woocommerce_product_meta_end' );
	echo '</div>';
	do_action( 'woocommerce_after_single_product_summary' );
	echo '</div>';
	do_action( 'woocommerce_after_single_product' );
	return ob_get_clean() . $content;
}

/** The form that puts it in the cart. */
function standin_cart_form( $product ) {
	do_action( 'woocommerce_before_add_to_cart_form' );
	$variable = $product->is_type( 'variable' );
	echo '<form class="' . ( $variable ? 'variations_form cart' : 'cart' ) . '" action="' . esc_url( $product->get_permalink() ) . '" method="post" enctype="multipart/form-data" data-product_id="' . (int) $product->get_id() . '"';
	if ( $variable ) {
		$known = array();
		foreach ( $product->get_children() as $id ) {
			$one     = wc_get_product( $id );
			$known[] = array( 'variation_id' => $id, 'attributes' => $one->get_variation_attributes(), 'display_price' => (float) $one->get_price(), 'is_in_stock' => $one->is_in_stock(), 'is_purchasable' => $one->is_purchasable(), 'price_html' => $one->get_price_html() );
		}
		echo ' data-product_variations="' . esc_attr( wp_json_encode( $known ) ) . '">';
		foreach ( $product->get_variation_attributes() as $name => $options ) {
			$key = 'attribute_' . sanitize_title( $name );
			echo '<label>' . esc_html( $name ) . ' <select id="' . esc_attr( sanitize_title( $name ) ) . '" name="' . esc_attr( $key ) . '" data-attribute_name="' . esc_attr( $key ) . '"><option value="">Choose an option</option>';
			foreach ( $options as $option ) {
				echo '<option value="' . esc_attr( $option ) . '">' . esc_html( $option ) . '</option>';
			}
			echo '</select></label>';
		}
		echo '<div class="single_variation_wrap"><div class="woocommerce-variation single_variation"></div>';
	} else {
		echo '>';
	}
	do_action( 'woocommerce_before_add_to_cart_button' );
	if ( $product->is_in_stock() ) {
		echo '<input type="number" class="input-text qty text" name="quantity" value="1" min="1" /><button type="submit" name="add-to-cart" value="' . (int) $product->get_id() . '" class="single_add_to_cart_button button alt">Add to cart</button>';
	}
	echo $variable ? '<input type="hidden" name="add-to-cart" value="' . (int) $product->get_id() . '" /><input type="hidden" name="product_id" value="' . (int) $product->get_id() . '" /><input type="hidden" name="variation_id" class="variation_id" value="0" /></div>' : '';
	do_action( 'woocommerce_after_add_to_cart_button' );
	echo '</form>';
	do_action( 'woocommerce_after_add_to_cart_form' );
}

/** The cart. */
function standin_cart_page() {
	wc_maybe_define_constant( 'WOOCOMMERCE_CART', true );
	ob_start();
	echo '<div class="woocommerce">';
	do_action( 'woocommerce_check_cart_items' );
	WC()->cart->calculate_totals();
	if ( WC()->cart->is_empty() ) {
		woocommerce_output_all_notices();
		do_action( 'woocommerce_cart_is_empty' );
		echo '<div class="wc-empty-cart-message"><div class="cart-empty woocommerce-info">Your cart is currently empty.</div></div></div>';
		return ob_get_clean();
	}
	do_action( 'woocommerce_before_cart' );
	woocommerce_output_all_notices();
	echo '<form class="woocommerce-cart-form" action="' . esc_url( wc_get_cart_url() ) . '" method="post"><table class="shop_table cart">';
	do_action( 'woocommerce_before_cart_table' );
	foreach ( WC()->cart->get_cart() as $key => $line ) {
		$out = wp_nonce_url( add_query_arg( 'remove_item', $key, wc_get_cart_url() ), 'woocommerce-cart' );
		echo '<tr class="woocommerce-cart-form__cart-item cart_item"><td class="product-remove"><a href="' . esc_url( $out ) . '" class="remove" data-product_id="' . (int) $line['product_id'] . '">&times;</a></td><td class="product-name">' . esc_html( $line['data']->get_name() ) . wp_kses_post( wc_get_formatted_cart_item_data( $line ) ) . '</td><td class="product-quantity"><input type="number" name="cart[' . esc_attr( $key ) . '][qty]" value="' . (int) $line['quantity'] . '" class="qty" /></td><td class="product-subtotal">' . WC()->cart->get_product_subtotal( $line['data'], $line['quantity'] ) . '</td></tr>'; // phpcs:ignore WordPress.Security.EscapeOutput
	}
	echo '</table><input type="text" name="coupon_code" class="input-text" id="coupon_code" value="" /><button type="submit" class="button" name="apply_coupon" value="Apply coupon">Apply coupon</button><button type="submit" class="button" name="update_cart" value="Update cart">Update cart</button>';
	wp_nonce_field( 'woocommerce-cart', 'woocommerce-cart-nonce' );
	do_action( 'woocommerce_after_cart_table' );
	echo '</form><div class="cart-collaterals"><div class="cart_totals"><p class="order-total">' . WC()->cart->get_total() . '</p>'; // phpcs:ignore WordPress.Security.EscapeOutput
	do_action( 'woocommerce_proceed_to_checkout' );
	echo '<a href="' . esc_url( wc_get_checkout_url() ) . '" class="checkout-button button alt wc-forward">Proceed to checkout</a></div></div>';
	do_action( 'woocommerce_after_cart' );
	echo '</div>';
	return ob_get_clean();
}

/** The classic checkout and what lies below it. */
function standin_checkout_page() {
	global $wp;
	ob_start();
	echo '<div class="woocommerce">';
	if ( isset( $wp->query_vars['order-received'] ) ) {
		standin_order_received( absint( $wp->query_vars['order-received'] ) );
	} elseif ( isset( $wp->query_vars['order-pay'] ) ) {
		standin_order_pay( absint( $wp->query_vars['order-pay'] ) );
	} elseif ( WC()->cart->is_empty() ) {
		woocommerce_output_all_notices();
		echo '<div class="cart-empty woocommerce-info">Your cart is currently empty.</div>';
	} else {
		do_action( 'woocommerce_check_cart_items' );
		WC()->cart->calculate_totals();
		woocommerce_output_all_notices();
		standin_checkout_form();
	}
	echo '</div>';
	return ob_get_clean();
}

// phpcs:disable WordPress.Security.NonceVerification, WordPress.Security.ValidatedSanitizedInput

/** Thanks. The cart is emptied here too, when it is that order's. */
function standin_order_received( $id ) {
	$order = wc_get_order( $id );
	if ( ! $order || ! isset( $_GET['key'] ) || ! $order->key_is_valid( wp_unslash( $_GET['key'] ) ) ) {
		echo '<p class="woocommerce-thankyou-order-received">Thank you. Your order has been received.</p>';
		return;
	}
	echo '<p class="woocommerce-notice woocommerce-notice--success woocommerce-thankyou-order-received">Thank you. Your order has been received.</p><ul class="order_details"><li class="order">Order number: <strong>' . esc_html( $order->get_order_number() ) . '</strong></li><li class="total">Total: <strong>' . $order->get_formatted_order_total() . '</strong></li></ul>'; // phpcs:ignore WordPress.Security.EscapeOutput
	do_action( 'woocommerce_thankyou_' . $order->get_payment_method(), $id );
	do_action( 'woocommerce_thankyou', $id );
}

/** Pay an order that waits. */
function standin_order_pay( $id ) {
	$order = wc_get_order( $id );
	woocommerce_output_all_notices();
	if ( ! $order || ! isset( $_GET['key'] ) || ! $order->key_is_valid( wp_unslash( $_GET['key'] ) ) || ! $order->needs_payment() ) {
		echo standin_notice( 'Sorry, this order is invalid and cannot be paid for.', 'error' ); // phpcs:ignore WordPress.Security.EscapeOutput
		return;
	}
	if ( $order->get_customer_id() && ! is_user_logged_in() ) {
		echo standin_notice( 'Please log in to your account below to continue to the payment form.', 'notice' ); // phpcs:ignore WordPress.Security.EscapeOutput
		wp_login_form();
		return;
	}
	echo '<form id="order_review" method="post"><p>' . $order->get_formatted_order_total() . '</p>' . standin_payment_box() . '<input type="hidden" name="woocommerce_pay" value="1" /><input type="hidden" name="order_id" value="' . (int) $id . '" /></form>'; // phpcs:ignore WordPress.Security.EscapeOutput
}

add_action( 'template_redirect', 'standin_empty_after_order', 20 );

/** An order that is paid empties the cart it came from. */
function standin_empty_after_order() {
	global $wp;
	if ( ! isset( $wp->query_vars['order-received'], $_GET['key'] ) ) {
		return;
	}
	$order = wc_get_order( absint( $wp->query_vars['order-received'] ) );
	if ( $order && $order->key_is_valid( wp_unslash( $_GET['key'] ) ) && ! $order->has_status( array( 'failed', 'pending', 'cancelled' ) ) ) {
		WC()->cart->empty_cart();
	}
}
// phpcs:enable
