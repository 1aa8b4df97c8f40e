<?php
/**
 * Fulfillments (10.1 and newer): a parcel of an order, as far as its hooks tell.
 *
 * @package StandIn
 */

namespace Automattic\WooCommerce\Admin\Features\Fulfillments;

defined( 'ABSPATH' ) || exit;

/** A parcel. It is not kept: only its hooks are fired. */
class Fulfillment {

	/** @var array */
	private $kept;

	/** @param array $kept id, order_id, status, is_fulfilled, meta. */
	public function __construct( $kept ) {
		$this->kept = $kept + array( 'status' => 'unfulfilled', 'is_fulfilled' => false, 'meta' => array() );
	}

	/** Its id. */
	public function get_id() {
		return (int) $this->kept['id'];
	}

	/** What it belongs to. */
	public function get_entity_type() {
		return 'WC_Order';
	}

	/** Which order. */
	public function get_entity_id() {
		return (string) $this->kept['order_id'];
	}

	/** Its state in a word. */
	public function get_status() {
		return $this->kept['status'];
	}

	/** Whether it left. */
	public function get_is_fulfilled() {
		return (bool) $this->kept['is_fulfilled'];
	}

	/** @param string $key A note. */
	public function get_meta( $key, $single = true ) {
		return isset( $this->kept['meta'][ $key ] ) ? $this->kept['meta'][ $key ] : '';
	}

	/** Number of the parcel. */
	public function get_tracking_number() {
		return $this->get_meta( '_tracking_number' );
	}

	/** It leaves: made, then fulfilled. */
	public function standin_ship() {
		do_action( 'woocommerce_fulfillment_after_create', $this );
		do_action( 'woocommerce_fulfillment_after_fulfill', $this );
	}

	/** @param string $before The state it had. */
	public function standin_update( $before ) {
		do_action( 'woocommerce_fulfillment_after_update', $this, array( 'status' => $this->kept['status'] ), $before );
	}
}
