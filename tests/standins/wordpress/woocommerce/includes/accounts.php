<?php
/**
 * The account page, and logging in there.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

/** Log in, or see one's orders. */
function standin_account_page() {
	ob_start();
	echo '<div class="woocommerce">';
	woocommerce_output_all_notices();
	if ( ! is_user_logged_in() ) {
		do_action( 'woocommerce_before_customer_login_form' );
		wp_login_form( array( 'redirect' => wc_get_page_permalink( 'myaccount' ) ) );
		echo '</div>';
		return ob_get_clean();
	}
	do_action( 'woocommerce_before_account_navigation' );
	do_action( 'woocommerce_account_navigation' );
	echo '<div class="woocommerce-MyAccount-content"><p>Hello ' . esc_html( wp_get_current_user()->display_name ) . '</p><ul>';
	foreach ( wc_get_orders( array( 'customer_id' => get_current_user_id() ) ) as $order ) {
		echo '<li>' . esc_html( $order->get_order_number() . ' ' . $order->get_status() ) . '</li>';
	}
	echo '</ul>';
	do_action( 'woocommerce_account_dashboard' );
	do_action( 'woocommerce_account_content' );
	echo '</div></div>';
	return ob_get_clean();
}

/** Shoppers do not see the admin bar. */
add_filter(
	'show_admin_bar',
	function ( $show ) {
		return $show && ( current_user_can( 'edit_posts' ) || current_user_can( 'manage_woocommerce' ) );
	}
);

/**
 * Log somebody in, as the checkout does for a new account.
 *
 * @param int $id Who.
 */
function wc_set_customer_auth_cookie( $id ) {
	wp_set_current_user( $id );
	wp_set_auth_cookie( $id, true );
	WC()->session->init();
}

/**
 * A new account.
 *
 * @param string $email    E-mail.
 * @param string $username Name.
 * @param string $password Password.
 */
function wc_create_new_customer( $email, $username = '', $password = '', $args = array() ) {
	$id = wp_insert_user( array( 'user_login' => $username ? $username : $email, 'user_pass' => $password ? $password : wp_generate_password(), 'user_email' => $email, 'role' => 'customer' ) );
	if ( ! is_wp_error( $id ) ) {
		do_action( 'woocommerce_created_customer', $id, array(), ! $password );
	}
	return $id;
}

add_action(
	'admin_menu',
	function () {
		add_menu_page( 'WooCommerce', 'WooCommerce', 'manage_woocommerce', 'woocommerce', '__return_empty_string', 'dashicons-cart', 55 );
	},
	9
);
