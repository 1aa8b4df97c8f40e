<?php
/**
 * Ways to pay: on delivery, by transfer, at a bank's own page, and a card that is always declined.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

/** A way to pay. */
class WC_Payment_Gateway {

	/** @var string */
	public $id;
	/** @var string */
	public $title;
	/** @var string */
	public $enabled = 'yes';

	/** @param string $id Id. @param string $title Words. */
	public function __construct( $id = '', $title = '' ) {
		$this->id    = $id;
		$this->title = $title;
	}

	/** Words. */
	public function get_title() {
		return $this->title;
	}

	/** @param WC_Order $order Which. */
	public function get_return_url( $order ) {
		return $order->get_checkout_order_received_url();
	}

	/**
	 * Result and where to go.
	 *
	 * @throws Exception When the card is declined.
	 * @param int $order_id Which.
	 */
	public function process_payment( $order_id ) {
		$order = wc_get_order( $order_id );
		switch ( $this->id ) {
			case 'offsite':
				return array( 'result' => 'success', 'redirect' => home_url( '/?offsite=' . $order_id ) );
			case 'declined':
				$order->update_status( 'failed', 'Card declined' );
				throw new Exception( 'Card declined' );
			default:
				$order->update_status( 'cod' === $this->id ? 'processing' : 'on-hold' );
				wc_reduce_stock_levels( $order_id );
				WC()->cart->empty_cart();
				return array( 'result' => 'success', 'redirect' => $this->get_return_url( $order ) );
		}
	}
}

/** All of them. */
class WC_Payment_Gateways {

	/** Id to gateway. */
	public function payment_gateways() {
		$known = array();
		foreach ( array( 'bacs' => 'Direct bank transfer', 'cod' => 'Cash on delivery', 'offsite' => 'Offsite', 'declined' => 'Card (declined)' ) as $id => $title ) {
			$known[ $id ] = new WC_Payment_Gateway( $id, $title );
		}
		return $known;
	}

	/** Those that can be chosen. */
	public function get_available_payment_gateways() {
		return apply_filters( 'woocommerce_available_payment_gateways', $this->payment_gateways() );
	}
}

add_action(
	'template_redirect',
	function () {
		if ( ! isset( $_GET['offsite'] ) ) { // phpcs:ignore WordPress.Security.NonceVerification
			return;
		}
		$order = wc_get_order( absint( $_GET['offsite'] ) ); // phpcs:ignore WordPress.Security.NonceVerification
		if ( $order && isset( $_GET['paid'] ) ) { // phpcs:ignore WordPress.Security.NonceVerification
			$order->payment_complete( 'offsite-1' );
			wp_safe_redirect( $order->get_checkout_order_received_url() );
			exit;
		}
		wp_die( '<p>The bank&rsquo;s page.</p><a id="pay" href="' . esc_url( add_query_arg( 'paid', 1 ) ) . '">Pay</a>', 'Bank', array( 'response' => 200 ) );
	}
);
