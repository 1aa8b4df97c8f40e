<?php
/**
 * Webhooks: queued when a request ends, sent by Action Scheduler, telling the state of then.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

/** Seven failures in a row switch one off. */
const STANDIN_DISABLED_AFTER = 5;

/** The hooks of a topic. */
function standin_topic_hooks( $topic ) {
	$known = array(
		'order.created'    => array( 'woocommerce_new_order' ),
		'order.updated'    => array( 'woocommerce_update_order' ),
		'order.deleted'    => array( 'woocommerce_delete_order', 'woocommerce_trash_order' ),
		'order.restored'   => array( 'woocommerce_untrash_order' ),
		'product.created'  => array( 'woocommerce_new_product' ),
		'product.updated'  => array( 'woocommerce_update_product' ),
		'product.deleted'  => array( 'woocommerce_delete_product', 'woocommerce_trash_product' ),
		'product.restored' => array( 'woocommerce_untrash_product' ),
		'coupon.created'   => array( 'woocommerce_new_coupon' ),
		'coupon.updated'   => array( 'woocommerce_update_coupon' ),
		'customer.created' => array( 'user_register', 'woocommerce_created_customer' ),
		'customer.updated' => array( 'profile_update' ),
	);
	return isset( $known[ $topic ] ) ? $known[ $topic ] : array();
}

/** Who sends. */
function standin_hookshot() {
	return 'WooCommerce/' . WC_VERSION . ' Hookshot (WordPress/' . get_bloginfo( 'version' ) . ')';
}

add_action( 'init', 'standin_hook_webhooks', 0 );

/** Listen for what active webhooks want to know. */
function standin_hook_webhooks() {
	global $wpdb;
	$wpdb->suppress_errors( true );
	$all = $wpdb->get_results( "SELECT * FROM {$wpdb->prefix}wc_webhooks WHERE status = 'active'" );
	$wpdb->suppress_errors( false );
	foreach ( (array) $all as $webhook ) {
		foreach ( standin_topic_hooks( $webhook->topic ) as $hook ) {
			add_action(
				$hook,
				function ( $id ) use ( $webhook ) {
					$GLOBALS['standin_deliveries'][ $webhook->webhook_id . ':' . $id ] = array( (int) $webhook->webhook_id, (int) $id );
				},
				10,
				1
			);
		}
	}
}

add_action( 'shutdown', 'standin_queue_deliveries', 100 );

/** One action for each webhook and thing; one that waits is enough. */
function standin_queue_deliveries() {
	foreach ( array_reverse( isset( $GLOBALS['standin_deliveries'] ) ? $GLOBALS['standin_deliveries'] : array() ) as $args ) {
		$args = array( 'webhook_id' => $args[0], 'arg' => $args[1] );
		if ( ! as_has_scheduled_action( 'woocommerce_deliver_webhook_async', $args, 'woocommerce-webhooks' ) ) {
			as_enqueue_async_action( 'woocommerce_deliver_webhook_async', $args, 'woocommerce-webhooks' );
		}
	}
	$GLOBALS['standin_deliveries'] = array();
}

add_action( 'woocommerce_deliver_webhook_async', 'standin_deliver', 10, 2 );

/** Send it: the state of now; no repeat; failures are counted. */
function standin_deliver( $webhook_id, $thing ) {
	global $wpdb;
	$webhook = standin_webhook_row( $webhook_id );
	if ( ! $webhook || 'active' !== $webhook->status ) {
		return;
	}
	list( $resource, $event ) = explode( '.', $webhook->topic, 2 );
	$body                     = wp_json_encode( standin_webhook_body( $resource, $event, $thing ) );
	$answer                   = wp_remote_post(
		$webhook->delivery_url,
		array(
			'timeout'     => 20,
			'redirection' => 0,
			'user-agent'  => standin_hookshot(),
			'body'        => $body,
			'headers'     => array( 'Content-Type' => 'application/json', 'X-WC-Webhook-Source' => home_url( '/' ), 'X-WC-Webhook-Topic' => $webhook->topic, 'X-WC-Webhook-Resource' => $resource, 'X-WC-Webhook-Event' => $event, 'X-WC-Webhook-Signature' => base64_encode( hash_hmac( 'sha256', $body, wp_specialchars_decode( $webhook->secret, ENT_QUOTES ), true ) ), 'X-WC-Webhook-ID' => $webhook_id, 'X-WC-Webhook-Delivery-ID' => md5( uniqid( '', true ) ) ),
		)
	);
	$status                   = is_wp_error( $answer ) ? 0 : (int) wp_remote_retrieve_response_code( $answer );
	$good                     = ( $status >= 200 && $status <= 303 ) || 410 === $status;
	$failures                 = $good ? 0 : (int) $webhook->failure_count + 1;
	$change                   = array( 'failure_count' => $failures );
	if ( $failures > STANDIN_DISABLED_AFTER + 1 ) {
		$change['status'] = 'disabled';
	}
	$wpdb->update( $wpdb->prefix . 'wc_webhooks', $change, array( 'webhook_id' => $webhook_id ) );
}

/** What is told of a thing. */
function standin_webhook_body( $resource, $event, $thing ) {
	if ( 'deleted' === $event ) {
		return array( 'id' => $thing );
	}
	switch ( $resource ) {
		case 'order':
			$order = wc_get_order( $thing );
			return $order ? standin_rest_order( $order ) : array( 'code' => 'woocommerce_rest_shop_order_invalid_id', 'message' => 'Invalid ID.', 'data' => array( 'status' => 404 ) );
		case 'product':
			return standin_rest_product( wc_get_product( $thing ) );
		case 'coupon':
			return standin_rest_coupon( new WC_Coupon( $thing ) );
		default:
			return standin_rest_customer( get_userdata( $thing ) );
	}
}

add_filter(
	'http_request_args',
	function ( $args ) {
		$args['reject_unsafe_urls'] = false; // The real one refuses private addresses and odd ports; tests live on both.
		return $args;
	}
);
