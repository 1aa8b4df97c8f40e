<?php
/**
 * What an order takes from the boxes at the checkout.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

/**
 * A box may be ticked right before "Place order", before the script could tell of it: the
 * order brings it too. It is kept on the order and with the cart that the order was.
 */
class Relance_Consent_Order {

	const META = '_relance_consents';

	/**
	 * Registers for both checkouts.
	 */
	public static function hook() {
		add_action( 'init', array( __CLASS__, 'register_order_fields' ), 20 );
		add_action( 'woocommerce_checkout_create_order', array( __CLASS__, 'keep_from_form' ), 20 );
		add_action( 'woocommerce_store_api_checkout_update_order_from_request', array( __CLASS__, 'keep_from_request' ), 20, 2 );
		add_filter( 'woocommerce_privacy_remove_order_personal_data_meta', array( __CLASS__, 'add_to_erased' ) );
		add_filter( 'wc_subscriptions_object_data', array( __CLASS__, 'leave_out' ) );
	}

	/**
	 * A subscription and its renewals were not ticked for.
	 *
	 * @param mixed $data Meta keys and their values, to be copied.
	 * @return mixed
	 */
	public static function leave_out( $data ) {
		if ( is_array( $data ) ) {
			unset( $data[ self::META ] );
		}
		return $data;
	}

	/**
	 * The consents go when WooCommerce erases the person from an order.
	 *
	 * @param array $meta Keys and their types.
	 * @return array
	 */
	public static function add_to_erased( $meta ) {
		$meta[ self::META ] = 'text';
		return $meta;
	}

	/**
	 * Lets the block checkout send the ticks with the order.
	 */
	public static function register_order_fields() {
		if ( function_exists( 'woocommerce_store_api_register_endpoint_data' ) && Relance_Settings::is_active() ) {
			woocommerce_store_api_register_endpoint_data(
				array(
					'endpoint'        => 'checkout',
					'namespace'       => 'relance',
					'schema_callback' => array( __CLASS__, 'order_fields' ),
					'schema_type'     => ARRAY_A,
				)
			);
		}
	}

	/**
	 * The two ticks, as the Store API describes them. Either may be missing: without `null`
	 * among the types, WooCommerce would refuse an order that comes without them.
	 *
	 * @return array
	 */
	public static function order_fields() {
		$field = array(
			'description' => __( 'Whether the box was ticked.', 'relance' ),
			'type'        => array( 'boolean', 'null' ),
			'context'     => array(),
		);
		return array(
			'sms'   => $field,
			'email' => $field,
		);
	}

	/**
	 * A classic order is being made.
	 *
	 * @param WC_Order $order Not saved yet.
	 */
	public static function keep_from_form( $order ) {
		// WooCommerce has checked its own nonce before an order is made.
		// phpcs:disable WordPress.Security.NonceVerification.Missing
		$ticked = array(
			'sms'   => ! empty( $_POST['relance_sms'] ),
			'email' => ! empty( $_POST['relance_email'] ),
		);
		// phpcs:enable
		self::keep( $order, $ticked );
	}

	/**
	 * A block order is being made.
	 *
	 * @param WC_Order        $order   The order.
	 * @param WP_REST_Request $request What the checkout sent.
	 */
	public static function keep_from_request( $order, $request ) {
		$sent = $request['extensions'];
		$sent = is_array( $sent ) && isset( $sent['relance'] ) && is_array( $sent['relance'] ) ? $sent['relance'] : array();
		self::keep(
			$order,
			array(
				'sms'   => ! empty( $sent['sms'] ),
				'email' => ! empty( $sent['email'] ),
			)
		);
	}

	/**
	 * Keeps on the order, and with the cart that it was, what was ticked.
	 *
	 * @param WC_Order $order  The order; whoever makes it saves it.
	 * @param array    $ticked Channel => bool.
	 */
	private static function keep( $order, array $ticked ) {
		$ticked = array_filter( array_intersect_key( $ticked, self::words() ) );
		if ( ! $ticked || ! Relance_Settings::is_active() || Relance_Consent::is_declined() ) {
			return;
		}
		$contact  = self::contact( $order, $ticked );
		$consents = self::consents( array(), $ticked, $contact, false );
		if ( $consents ) {
			$order->update_meta_data( self::META, wp_json_encode( $consents ) );
			self::keep_with_cart( $ticked, $contact );
		}
	}

	/**
	 * The cart's row gets the consents that it does not have yet. Where nothing was captured,
	 * or it was taken back, the order alone has them. Where another person began the cart, that
	 * one's contact goes, and that one's consents stay as they are.
	 *
	 * @param array $ticked  Channel => true.
	 * @param array $contact The addresses.
	 */
	private static function keep_with_cart( array $ticked, array $contact ) {
		$key = Relance_Cart::peek_key();
		$row = null === $key ? null : Relance_Store::get( $key );
		if ( ! $row || $row['forget'] ) {
			return;
		}
		$was_sent = '' !== $row['sent_at'] || $row['attempts'] > 0;
		$is_own   = static function ( $address ) use ( $row, $contact ) {
			return in_array( $address, $contact, true ) || Relance_Typed::is_own( $row, $address );
		};
		$consents = self::consents( $row['consents'], $ticked, $contact, $was_sent, $is_own );
		if ( $consents !== $row['consents'] ) {
			$fields = array(
				'contact'    => array_merge( Relance_Typed::is_of_another( $row, $contact ) ? array() : $row['contact'], $contact ),
				'consents'   => $consents,
				'notes'      => Relance_Typed::notes( $row, $contact ),
				'changed_at' => Relance_Store::after( $row['changed_at'] ),
				'waiting'    => 1,
			);
			Relance_Store::save( $key, $fields );
		}
	}

	/**
	 * The consents with those that were ticked, by the same rules as a capture.
	 *
	 * @param array         $held     The list so far.
	 * @param array         $ticked   Channel => true.
	 * @param array         $contact  The addresses.
	 * @param bool          $was_sent Whether the service may have heard of the list so far.
	 * @param callable|null $is_own   Whether an address is this shopper's; null for any.
	 * @return array
	 */
	private static function consents( array $held, array $ticked, array $contact, $was_sent, $is_own = null ) {
		$at = Relance_Outbox::iso( Relance_Store::now() );
		return Relance_Contact::consents( $held, array( 'consents' => $ticked ), $contact, self::words(), $at, $was_sent, $is_own );
	}

	/**
	 * The addresses in the order for which a box was ticked.
	 *
	 * @param WC_Order $order  The order.
	 * @param array    $ticked Channel => true.
	 * @return array phone, email: those that there are.
	 */
	private static function contact( $order, array $ticked ) {
		$all = array(
			'sms'   => array( 'phone' => $order->get_billing_phone() ),
			'email' => array( 'email' => $order->get_billing_email() ),
		);
		return array_filter( array_merge( array(), ...array_values( array_intersect_key( $all, $ticked ) ) ), 'strlen' );
	}

	/**
	 * Channel => the words beside its box, for those that the merchant uses.
	 *
	 * @return array
	 */
	private static function words() {
		$words = array();
		foreach ( Relance_Consent::channels() as $channel ) {
			$words[ $channel ] = Relance_Settings::words( $channel . '_words' );
		}
		return $words;
	}
}
