<?php
/**
 * News of parcels.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

/**
 * Tells the service how far an order's parcel has come.
 *
 * WooCommerce's own fulfillments (10.1 and newer, where switched on) are heard by themselves.
 * A plugin that tracks parcels, or a line of the merchant's, calls
 *
 *     do_action( 'relance_parcel', $order_id, 'out_for_delivery', $tracking_url, 'Colissimo' );
 */
class Relance_Parcels {

	const STAGES       = array( 'shipped', 'out_for_delivery', 'delivered' );
	const LONGEST_NAME = 80; // Characters of a carrier.
	const LONGEST_URL  = 2000;

	/**
	 * Registers who may tell us.
	 */
	public static function hook() {
		add_action( 'relance_parcel', array( __CLASS__, 'note' ), 10, 4 );
		add_action( 'woocommerce_fulfillment_after_fulfill', array( __CLASS__, 'note_fulfilled' ) );
		add_action( 'woocommerce_fulfillment_after_update', array( __CLASS__, 'note_updated' ) );
	}

	/**
	 * Queues news of a parcel. The same stage of the same parcel is told once.
	 *
	 * @param int|string $order_id     The order.
	 * @param string     $stage        One of STAGES; anything else is passed over.
	 * @param string     $tracking_url Where the shopper can follow it, or ''.
	 * @param string     $carrier      Its name, or ''.
	 */
	public static function note( $order_id, $stage, $tracking_url = '', $carrier = '' ) {
		self::queue( $order_id, $stage, $tracking_url, $carrier, 'url:' . (string) $tracking_url );
	}

	/**
	 * A parcel of WooCommerce's own left.
	 *
	 * @param object $fulfillment WooCommerce's fulfillment.
	 */
	public static function note_fulfilled( $fulfillment ) {
		self::note_fulfillment( $fulfillment, 'shipped' );
	}

	/**
	 * A parcel of WooCommerce's own changed. Shops may add stages of their own to it.
	 *
	 * @param object $fulfillment WooCommerce's fulfillment.
	 */
	public static function note_updated( $fulfillment ) {
		$status = is_object( $fulfillment ) && is_callable( array( $fulfillment, 'get_status' ) ) ? str_replace( '-', '_', (string) $fulfillment->get_status() ) : '';
		if ( in_array( $status, array( 'out_for_delivery', 'delivered' ), true ) ) {
			self::note_fulfillment( $fulfillment, $status );
		}
	}

	/**
	 * Reads a fulfillment. Its class moved between versions, so only its methods are asked for.
	 *
	 * @param object $fulfillment WooCommerce's fulfillment.
	 * @param string $stage       One of STAGES.
	 */
	private static function note_fulfillment( $fulfillment, $stage ) {
		if ( ! is_object( $fulfillment ) || ! is_callable( array( $fulfillment, 'get_entity_id' ) ) || ! is_callable( array( $fulfillment, 'get_meta' ) ) ) {
			return;
		}
		if ( ! in_array( $fulfillment->get_entity_type(), array( 'WC_Order', '\WC_Order' ), true ) ) {
			return;
		}
		$url     = $fulfillment->get_meta( '_tracking_url' );
		$carrier = $fulfillment->get_meta( '_shipping_provider' );
		self::queue(
			$fulfillment->get_entity_id(),
			$stage,
			is_scalar( $url ) ? (string) $url : '',
			is_scalar( $carrier ) ? (string) $carrier : '',
			'fulfillment:' . $fulfillment->get_id()
		);
	}

	/**
	 * Queues it.
	 *
	 * @param int|string $order_id     The order.
	 * @param string     $stage        How far.
	 * @param string     $tracking_url Where to follow it, or ''.
	 * @param string     $carrier      Whose, or ''.
	 * @param string     $which        What names the parcel among those of its order.
	 */
	private static function queue( $order_id, $stage, $tracking_url, $carrier, $which ) {
		$order_id = absint( $order_id );
		if ( ! Relance_Settings::is_active() || ! $order_id || ! in_array( $stage, self::STAGES, true ) || ! wc_get_order( $order_id ) instanceof WC_Order ) {
			return;
		}
		$url  = is_scalar( $tracking_url ) ? esc_url_raw( (string) $tracking_url, array( 'http', 'https' ) ) : '';
		$key  = $order_id . '-' . substr( hash( 'sha256', $which ), 0, 24 );
		$body = array(
			'key'              => $key,
			'order_id'         => $order_id,
			'stage'            => $stage,
			'at'               => gmdate( 'Y-m-d\TH:i:s\Z' ),
			'tracking_address' => strlen( $url ) <= self::LONGEST_URL ? $url : '',
			'carrier'          => wp_html_excerpt( is_scalar( $carrier ) ? (string) $carrier : '', self::LONGEST_NAME ),
		);
		Relance_Requests::add( 'parcels', array_filter( $body ), $key . ':' . $stage );
	}
}
