<?php
/**
 * The classic checkout's HTML: the ids, names and classes that a real one has.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

/**
 * The fields of an address.
 *
 * @param string $type billing_ or shipping_.
 */
function standin_address_fields( $type ) {
	$phone  = get_option( 'woocommerce_checkout_phone_field', 'optional' );
	$row    = function ( $label, $class, $priority, $auto, $more = array() ) {
		return array_merge( array( 'label' => $label, 'class' => $class, 'priority' => $priority, 'autocomplete' => $auto, 'required' => true, 'type' => 'text' ), $more );
	};
	$fields = array(
		'first_name' => $row( 'First name', array( 'form-row-first' ), 10, 'given-name' ),
		'last_name'  => $row( 'Last name', array( 'form-row-last' ), 20, 'family-name' ),
		'country'    => $row( 'Country / Region', array( 'form-row-wide', 'address-field', 'update_totals_on_change' ), 40, 'country', array( 'type' => 'country' ) ),
		'address_1'  => $row( 'Street address', array( 'form-row-wide', 'address-field' ), 50, 'address-line1', array( 'placeholder' => 'House number and street name' ) ),
		'address_2'  => $row( 'Apartment, suite, unit, etc.', array( 'form-row-wide', 'address-field' ), 60, 'address-line2', array( 'required' => false ) ),
		'city'       => $row( 'Town / City', array( 'form-row-wide', 'address-field' ), 70, 'address-level2' ),
		'state'      => $row( 'State', array( 'form-row-wide', 'address-field' ), 80, 'address-level1', array( 'required' => false, 'validate' => array( 'state' ) ) ),
		'postcode'   => $row( 'ZIP Code', array( 'form-row-wide', 'address-field' ), 90, 'postal-code', array( 'validate' => array( 'postcode' ) ) ),
	);
	if ( 'hidden' !== $phone ) {
		$fields['phone'] = $row( 'Phone', array( 'form-row-wide' ), 100, 'tel', array( 'type' => 'tel', 'validate' => array( 'phone' ), 'required' => 'required' === $phone && 'billing_' === $type ) );
	}
	if ( 'billing_' === $type ) {
		$fields['email'] = $row( 'Email address', array( 'form-row-wide' ), 110, 'email', array( 'type' => 'email', 'validate' => array( 'email' ) ) );
	}
	return $fields;
}

/**
 * One field.
 *
 * @param string $key   Name and id.
 * @param array  $args  How.
 * @param mixed  $value What stands in it.
 */
function woocommerce_form_field( $key, $args, $value = null ) {
	$args  = apply_filters( 'woocommerce_form_field_args', wp_parse_args( $args, array( 'type' => 'text', 'label' => '', 'description' => '', 'placeholder' => '', 'required' => false, 'autocomplete' => '', 'id' => $key, 'class' => array(), 'label_class' => array(), 'input_class' => array(), 'custom_attributes' => array(), 'validate' => array(), 'default' => '', 'priority' => '', 'return' => false, 'options' => array() ) ), $key, $value );
	$value = null === $value ? $args['default'] : $value;
	$mark  = $args['required'] ? '&nbsp;<span class="required" aria-hidden="true">*</span>' : '&nbsp;<span class="optional">(optional)</span>';
	$class = array_merge( array( 'form-row' ), (array) $args['class'], $args['required'] ? array( 'validate-required' ) : array(), array_map( function ( $one ) { return 'validate-' . $one; }, $args['validate'] ) );
	$more  = $args['required'] ? ' aria-required="true"' : '';
	$of    = 0 === strpos( $key, 'shipping_' ) ? 'shipping' : 'billing';
	$more .= $args['autocomplete'] ? ' autocomplete="' . esc_attr( "section-$of $of " . $args['autocomplete'] ) . '"' : '';
	foreach ( (array) $args['custom_attributes'] as $name => $text ) {
		$more .= ' ' . esc_attr( $name ) . '="' . esc_attr( $text ) . '"';
	}
	$id    = esc_attr( $args['id'] );
	$input = standin_input( $key, $args, $value, $more );
	$label = 'checkbox' === $args['type'] ? '' : '<label for="' . $id . '" class="' . esc_attr( ( $args['required'] ? 'required_field ' : '' ) . implode( ' ', $args['label_class'] ) ) . '">' . wp_kses_post( $args['label'] ) . $mark . '</label>';
	$field = '<p class="' . esc_attr( implode( ' ', $class ) ) . '" id="' . $id . '_field" data-priority="' . esc_attr( $args['priority'] ) . '">' . $label . '<span class="woocommerce-input-wrapper">' . $input . '</span></p>';
	$field = apply_filters( 'woocommerce_form_field', apply_filters( 'woocommerce_form_field_' . $args['type'], $field, $key, $args, $value ), $key, $args, $value );
	if ( $args['return'] ) {
		return $field;
	}
	echo $field; // phpcs:ignore WordPress.Security.EscapeOutput
}

/** The input itself. */
function standin_input( $key, $args, $value, $more ) {
	$name  = 'name="' . esc_attr( $key ) . '" id="' . esc_attr( $args['id'] ) . '"';
	$class = esc_attr( implode( ' ', $args['input_class'] ) );
	switch ( $args['type'] ) {
		case 'country':
		case 'select':
			$all   = 'country' === $args['type'] ? WC()->countries->get_allowed_countries() : $args['options'];
			$html  = '<select ' . $name . ' class="' . ( 'country' === $args['type'] ? 'country_to_state country_select ' : 'select ' ) . $class . '"' . $more . '>';
			foreach ( $all as $code => $words ) {
				$html .= '<option value="' . esc_attr( $code ) . '"' . selected( $value, $code, false ) . '>' . esc_html( $words ) . '</option>';
			}
			return $html . '</select>';
		case 'textarea':
			return '<textarea ' . $name . ' class="input-text ' . $class . '" placeholder="' . esc_attr( $args['placeholder'] ) . '"' . $more . '>' . esc_textarea( (string) $value ) . '</textarea>';
		case 'checkbox':
			return '<label class="checkbox"><input type="checkbox" ' . $name . ' value="1" class="input-checkbox ' . $class . '"' . checked( $value, 1, false ) . $more . ' /> ' . wp_kses_post( $args['label'] ) . '</label>';
		default:
			return '<input type="' . esc_attr( $args['type'] ) . '" class="input-text ' . $class . '" ' . $name . ' placeholder="' . esc_attr( $args['placeholder'] ) . '"  value="' . esc_attr( (string) $value ) . '"' . $more . ' />';
	}
}

/** Billing or shipping, with the hooks around. */
function standin_form_part( $checkout, $part ) {
	if ( 'billing' === $part ) {
		echo '<div class="woocommerce-billing-fields"><h3>Billing details</h3>';
		do_action( 'woocommerce_before_checkout_billing_form', $checkout );
		echo '<div class="woocommerce-billing-fields__field-wrapper">';
	} else {
		echo '<div class="woocommerce-shipping-fields"><h3 id="ship-to-different-address"><label class="checkbox"><input id="ship-to-different-address-checkbox" class="input-checkbox" type="checkbox" name="ship_to_different_address" value="1" /> <span>Ship to a different address?</span></label></h3><div class="shipping_address" style="display:none">';
		do_action( 'woocommerce_before_checkout_shipping_form', $checkout );
		echo '<div class="woocommerce-shipping-fields__field-wrapper">';
	}
	foreach ( $checkout->get_checkout_fields( $part ) as $key => $field ) {
		woocommerce_form_field( $key, $field, $checkout->get_value( $key ) );
	}
	echo '</div>';
	do_action( 'billing' === $part ? 'woocommerce_after_checkout_billing_form' : 'woocommerce_after_checkout_shipping_form', $checkout );
	echo 'billing' === $part ? '</div>' : '</div></div>';
	if ( 'shipping' === $part ) {
		echo '<div class="woocommerce-additional-fields">';
		do_action( 'woocommerce_before_order_notes', $checkout );
		foreach ( $checkout->get_checkout_fields( 'order' ) as $key => $field ) {
			woocommerce_form_field( $key, $field, $checkout->get_value( $key ) );
		}
		do_action( 'woocommerce_after_order_notes', $checkout );
		echo '</div>';
	}
}

/** The whole form. */
function standin_checkout_form() {
	$checkout = WC()->checkout();
	do_action( 'woocommerce_before_checkout_form', $checkout );
	echo '<form name="checkout" method="post" class="checkout woocommerce-checkout" action="' . esc_url( wc_get_checkout_url() ) . '" enctype="multipart/form-data" aria-label="Checkout">';
	do_action( 'woocommerce_checkout_before_customer_details' );
	echo '<div class="col2-set" id="customer_details"><div class="col-1">';
	do_action( 'woocommerce_checkout_billing' );
	echo '</div><div class="col-2">';
	do_action( 'woocommerce_checkout_shipping' );
	echo '</div></div>';
	do_action( 'woocommerce_checkout_after_customer_details' );
	do_action( 'woocommerce_checkout_before_order_review_heading' );
	echo '<h3 id="order_review_heading">Your order</h3>';
	do_action( 'woocommerce_checkout_before_order_review' );
	echo '<div id="order_review" class="woocommerce-checkout-review-order">' . standin_review_table() . standin_payment_box() . '</div>'; // phpcs:ignore WordPress.Security.EscapeOutput
	do_action( 'woocommerce_checkout_after_order_review' );
	echo '</form>';
	do_action( 'woocommerce_after_checkout_form', $checkout );
}

/** Lines and sums. */
function standin_review_table() {
	$cart = WC()->cart;
	$html = '<table class="shop_table woocommerce-checkout-review-order-table"><thead><tr><th class="product-name">Product</th><th class="product-total">Subtotal</th></tr></thead><tbody>';
	foreach ( $cart->get_cart() as $line ) {
		$html .= '<tr class="cart_item"><td class="product-name">' . esc_html( $line['data']->get_name() ) . '&nbsp; <strong class="product-quantity">&times;&nbsp;' . (int) $line['quantity'] . '</strong></td><td class="product-total">' . $cart->get_product_subtotal( $line['data'], $line['quantity'] ) . '</td></tr>';
	}
	$html .= '</tbody><tfoot><tr class="cart-subtotal"><th>Subtotal</th><td>' . $cart->get_cart_subtotal() . '</td></tr>';
	foreach ( $cart->get_coupons() as $code => $coupon ) {
		$html .= '<tr class="cart-discount coupon-' . esc_attr( $code ) . '"><th>Coupon: ' . esc_html( $code ) . '</th><td>-' . wc_price( $cart->get_coupon_discount_amount( $code, ! $cart->display_prices_including_tax() ) ) . '</td></tr>';
	}
	if ( $cart->show_shipping() ) {
		$html .= '<tr class="woocommerce-shipping-totals shipping"><th>Shipment</th><td data-title="Shipment"><ul id="shipping_method" class="woocommerce-shipping-methods">';
		$cart->calculate_shipping();
		$chosen = (array) WC()->session->get( 'chosen_shipping_methods' );
		foreach ( WC()->shipping()->get_packages() as $i => $package ) {
			foreach ( $package['rates'] as $id => $rate ) {
				$html .= '<li><input type="' . ( count( $package['rates'] ) > 1 ? 'radio' : 'hidden' ) . '" name="shipping_method[' . (int) $i . ']" data-index="' . (int) $i . '" id="shipping_method_' . (int) $i . '_' . esc_attr( sanitize_title( $id ) ) . '" value="' . esc_attr( $id ) . '" class="shipping_method"' . checked( $id, $chosen[ $i ], false ) . ' /><label>' . esc_html( $rate->get_label() ) . ': ' . wc_price( $rate->get_cost() ) . '</label></li>';
			}
		}
		$html .= '</ul></td></tr>';
	}
	return $html . '<tr class="order-total"><th>Total</th><td><strong>' . $cart->get_total() . '</strong> </td></tr></tfoot></table>';
}

/** Ways to pay and the button. */
function standin_payment_box() {
	$chosen = WC()->session->get( 'chosen_payment_method', 'bacs' );
	$html   = '<div id="payment" class="woocommerce-checkout-payment"><ul class="wc_payment_methods payment_methods methods">';
	foreach ( WC()->payment_gateways()->get_available_payment_gateways() as $id => $gateway ) {
		$html .= '<li class="wc_payment_method payment_method_' . esc_attr( $id ) . '"><input id="payment_method_' . esc_attr( $id ) . '" type="radio" class="input-radio" name="payment_method" value="' . esc_attr( $id ) . '" ' . checked( $chosen, $id, false ) . ' data-order_button_text="" /><label for="payment_method_' . esc_attr( $id ) . '">' . esc_html( $gateway->get_title() ) . '</label></li>';
	}
	ob_start();
	do_action( 'woocommerce_review_order_before_submit' );
	echo '<button type="submit" class="button alt wp-element-button" name="woocommerce_checkout_place_order" id="place_order" value="Place order" data-value="Place order">Place order</button>';
	do_action( 'woocommerce_review_order_after_submit' );
	wp_nonce_field( 'woocommerce-process_checkout', 'woocommerce-process-checkout-nonce' );
	return $html . '</ul><div class="form-row place-order">' . ob_get_clean() . '</div></div>';
}
