<?php
/**
 * The classic checkout: what is posted, what is checked, what comes of it.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

/** The checkout. */
class WC_Checkout {

	use StandIn_Checkout_Order;

	/** @var WC_Checkout|null */
	private static $one = null;
	/** @var array|null */
	private $fields = null;

	/** The one. */
	public static function instance() {
		if ( null === self::$one ) {
			self::$one = new self();
			add_action( 'woocommerce_checkout_billing', array( self::$one, 'checkout_form_billing' ) );
			add_action( 'woocommerce_checkout_shipping', array( self::$one, 'checkout_form_shipping' ) );
			do_action( 'woocommerce_checkout_init', self::$one );
		}
		return self::$one;
	}

	/** Guests may order. */
	public function is_registration_required() {
		return apply_filters( 'woocommerce_checkout_registration_required', 'yes' !== get_option( 'woocommerce_enable_guest_checkout' ) );
	}

	/** Accounts are made elsewhere. */
	public function is_registration_enabled() {
		return false;
	}

	/**
	 * All fields by their part.
	 *
	 * @param string $fieldset billing, shipping, order.
	 */
	public function get_checkout_fields( $fieldset = '' ) {
		if ( null === $this->fields ) {
			$this->fields = apply_filters(
				'woocommerce_checkout_fields',
				array(
					'billing'  => WC()->countries->get_address_fields( $this->get_value( 'billing_country' ), 'billing_' ),
					'shipping' => WC()->countries->get_address_fields( $this->get_value( 'shipping_country' ), 'shipping_' ),
					'account'  => array(),
					'order'    => array( 'order_comments' => array( 'type' => 'textarea', 'label' => 'Order notes', 'priority' => 10 ) ),
				)
			);
			foreach ( $this->fields as $part => $fields ) {
				uasort( $this->fields[ $part ], function ( $a, $b ) { return ( isset( $a['priority'] ) ? $a['priority'] : 0 ) - ( isset( $b['priority'] ) ? $b['priority'] : 0 ); } );
			}
		}
		return $fieldset ? $this->fields[ $fieldset ] : $this->fields;
	}

	/** @param string $input What stands in a field at first. */
	public function get_value( $input ) {
		if ( ! empty( $_POST[ $input ] ) ) { // phpcs:ignore WordPress.Security.NonceVerification
			return wc_clean( wp_unslash( $_POST[ $input ] ) ); // phpcs:ignore
		}
		$value = apply_filters( 'woocommerce_checkout_get_value', null, $input );
		if ( null !== $value ) {
			return $value;
		}
		$known = array_merge( array(), preg_match( '/^(billing|shipping)_(.+)$/', $input, $parts ) && in_array( $parts[2], WC_Customer::names(), true ) ? array( 1 ) : array() );
		$value = $known ? WC()->customer->{'get_' . $input}() : null;
		return apply_filters( 'default_checkout_' . $input, '' === $value ? null : $value, $input );
	}

	/** What the shopper posted, cleaned. */
	public function get_posted_data() {
		// phpcs:disable WordPress.Security.NonceVerification
		$data = array(
			'terms'                              => isset( $_POST['terms'] ) ? 1 : 0,
			'createaccount'                      => 0,
			'payment_method'                     => isset( $_POST['payment_method'] ) ? wc_clean( wp_unslash( $_POST['payment_method'] ) ) : '',
			'shipping_method'                    => isset( $_POST['shipping_method'] ) ? wc_clean( wp_unslash( $_POST['shipping_method'] ) ) : '',
			'ship_to_different_address'          => ! empty( $_POST['ship_to_different_address'] ),
			'woocommerce_checkout_update_totals' => isset( $_POST['woocommerce_checkout_update_totals'] ),
		);
		foreach ( $this->get_checkout_fields() as $part => $fields ) {
			if ( 'shipping' === $part && ! $data['ship_to_different_address'] ) {
				continue;
			}
			foreach ( $fields as $key => $field ) {
				$type  = isset( $field['type'] ) ? $field['type'] : 'text';
				$value = isset( $_POST[ $key ] ) ? wp_unslash( $_POST[ $key ] ) : ''; // phpcs:ignore
				if ( 'checkbox' === $type ) {
					$value = '' !== $value ? 1 : '';
				} elseif ( 'textarea' === $type ) {
					$value = sanitize_textarea_field( $value );
				} else {
					$value = wc_clean( $value );
				}
				$data[ $key ] = apply_filters( 'woocommerce_process_checkout_' . $type . '_field', apply_filters( 'woocommerce_process_checkout_field_' . $key, $value ) );
			}
		}
		// phpcs:enable
		if ( ! $data['ship_to_different_address'] ) {
			foreach ( array_keys( $this->get_checkout_fields( 'shipping' ) ) as $key ) {
				$billing      = 'billing_' . substr( $key, 9 );
				$data[ $key ] = isset( $data[ $billing ] ) ? $data[ $billing ] : '';
			}
		}
		return apply_filters( 'woocommerce_checkout_posted_data', $data );
	}

	/** The customer of the session gets what was posted. */
	protected function update_session( $data ) {
		foreach ( WC_Customer::names() as $name ) {
			foreach ( array( 'billing_', 'shipping_' ) as $of ) {
				$value = isset( $data[ $of . $name ] ) ? $data[ $of . $name ] : ( isset( $data[ 'billing_' . $name ] ) ? $data[ 'billing_' . $name ] : null );
				if ( null !== $value ) {
					WC()->customer->{'set_' . $of . $name}( $value );
				}
			}
		}
		WC()->customer->save();
		$chosen = (array) WC()->session->get( 'chosen_shipping_methods' );
		foreach ( is_array( $data['shipping_method'] ) ? $data['shipping_method'] : array() as $i => $value ) {
			$chosen[ $i ] = $value;
		}
		WC()->session->set( 'chosen_shipping_methods', $chosen );
		WC()->session->set( 'chosen_payment_method', $data['payment_method'] );
		WC()->cart->calculate_totals();
	}

	/** Words for everything that is missing or wrong. */
	protected function validate_checkout( &$data, &$errors ) {
		foreach ( $this->get_checkout_fields() as $part => $fields ) {
			if ( 'shipping' === $part && ! $data['ship_to_different_address'] ) {
				continue;
			}
			foreach ( $fields as $key => $field ) {
				$label = '<strong>' . ( 'billing' === $part ? 'Billing ' : '' ) . esc_html( isset( $field['label'] ) ? wp_strip_all_tags( $field['label'] ) : $key ) . '</strong>';
				$value = isset( $data[ $key ] ) ? $data[ $key ] : '';
				if ( ! empty( $field['required'] ) && '' === (string) $value ) {
					$errors->add( $key . '_required', $label . ' is a required field.', array( 'id' => $key ) );
				}
				if ( '' !== (string) $value && in_array( 'email', isset( $field['validate'] ) ? $field['validate'] : array(), true ) && ! is_email( $value ) ) {
					$errors->add( $key . '_validation', $label . ' is not a valid email address.', array( 'id' => $key ) );
				}
				if ( '' !== (string) $value && in_array( 'phone', isset( $field['validate'] ) ? $field['validate'] : array(), true ) && preg_replace( '/[\s#0-9_\-\+\/\(\)\.]/', '', $value ) ) {
					$errors->add( $key . '_validation', $label . ' is not a valid phone number.', array( 'id' => $key ) );
				}
			}
		}
		do_action( 'woocommerce_check_cart_items' );
		$known = WC()->payment_gateways()->get_available_payment_gateways();
		if ( WC()->cart->needs_payment() && ! isset( $known[ $data['payment_method'] ] ) ) {
			$errors->add( 'payment', 'Invalid payment method.' );
		}
		do_action( 'woocommerce_after_checkout_validation', $data, $errors );
	}

	/** The button was pressed. */
	public function process_checkout() {
		try {
			// phpcs:ignore WordPress.Security
			$nonce = wc_get_var( $_REQUEST['woocommerce-process-checkout-nonce'], wc_get_var( $_REQUEST['_wpnonce'], '' ) );
			if ( empty( $nonce ) || ! wp_verify_nonce( $nonce, 'woocommerce-process_checkout' ) ) {
				WC()->session->set( 'refresh_totals', true );
				throw new Exception( WC()->cart->is_empty() ? 'Sorry, your session has expired.' : 'We were unable to process your order, please try again.' );
			}
			wc_maybe_define_constant( 'WOOCOMMERCE_CHECKOUT', true );
			do_action( 'woocommerce_before_checkout_process' );
			if ( WC()->cart->is_empty() ) {
				throw new Exception( 'Sorry, your session has expired. <a href="' . esc_url( wc_get_page_permalink( 'shop' ) ) . '" class="wc-backward">Return to shop</a>' );
			}
			do_action( 'woocommerce_checkout_process' );
			$errors = new WP_Error();
			$data   = $this->get_posted_data();
			$this->update_session( $data );
			$this->validate_checkout( $data, $errors );
			foreach ( $errors->errors as $code => $messages ) {
				foreach ( $messages as $message ) {
					wc_add_notice( $message, 'error', $errors->get_error_data( $code ) );
				}
			}
			if ( ! $data['woocommerce_checkout_update_totals'] && 0 === wc_notice_count( 'error' ) ) {
				$this->order_and_pay( $data );
			}
		} catch ( Exception $error ) {
			wc_add_notice( $error->getMessage(), 'error' );
		}
		$this->say_that_it_failed();
	}

	private function order_and_pay( $data ) {
		$this->process_customer( $data );
		$order_id = $this->create_order( $data );
		if ( is_wp_error( $order_id ) ) {
			throw new Exception( $order_id->get_error_message() );
		}
		$order = wc_get_order( $order_id );
		do_action( 'woocommerce_checkout_order_processed', $order_id, $data, $order );
		if ( ! apply_filters( 'woocommerce_cart_needs_payment', $order->needs_payment(), WC()->cart ) ) {
			$order->payment_complete();
			wc_empty_cart();
			$this->answer( array( 'result' => 'success', 'redirect' => $order->get_checkout_order_received_url() ) );
			return;
		}
		$known = WC()->payment_gateways()->get_available_payment_gateways();
		WC()->session->set( 'order_awaiting_payment', $order_id );
		$result             = $known[ $data['payment_method'] ]->process_payment( $order_id );
		$result['order_id'] = $order_id;
		if ( 'success' === $result['result'] ) {
			$this->answer( apply_filters( 'woocommerce_payment_successful_result', $result, $order_id ) );
		}
	}

	private function process_customer( $data ) {
		$id = apply_filters( 'woocommerce_checkout_customer_id', get_current_user_id() );
		if ( $id && apply_filters( 'woocommerce_checkout_update_customer_data', true, $this ) ) {
			$customer = new WC_Customer( $id );
			foreach ( $data as $key => $value ) {
				if ( preg_match( '/^(billing|shipping)_(.+)$/', $key, $parts ) && in_array( $parts[2], WC_Customer::names(), true ) ) {
					$customer->{'set_' . $key}( $value );
				}
			}
			do_action( 'woocommerce_checkout_update_customer', $customer, $data );
			$customer->save();
		}
		do_action( 'woocommerce_checkout_update_user_meta', $id, $data );
	}

	private function answer( $result ) {
		if ( ! wp_doing_ajax() ) {
			wp_redirect( $result['redirect'] ); // phpcs:ignore WordPress.Security.SafeRedirect
			exit;
		}
		wp_send_json( $result );
	}

	private function say_that_it_failed() {
		if ( wp_doing_ajax() ) {
			$again = isset( WC()->session->refresh_totals );
			unset( WC()->session->refresh_totals );
			wp_send_json( array( 'result' => 'failure', 'messages' => wc_print_notices( true ), 'refresh' => $again, 'reload' => false ) );
		}
	}

	/** The fields of billing. */
	public function checkout_form_billing() {
		standin_form_part( $this, 'billing' );
	}

	/** The fields of shipping and the note. */
	public function checkout_form_shipping() {
		standin_form_part( $this, 'shipping' );
	}
}
