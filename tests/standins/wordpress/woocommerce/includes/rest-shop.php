<?php
/**
 * `wc/v3`: the shop's settings and state, webhooks, customers.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

/** GET settings/general. */
function standin_rest_settings( $request ) {
	$found = array();
	foreach ( array( 'woocommerce_currency', 'woocommerce_default_country', 'woocommerce_price_num_decimals', 'woocommerce_calc_taxes' ) as $name ) {
		$found[] = array( 'id' => $name, 'label' => $name, 'description' => '', 'type' => 'select', 'default' => '', 'value' => (string) get_option( $name ), 'group_id' => 'general' );
	}
	return $found;
}

/** GET system_status. */
function standin_rest_system_status( $request ) {
	$all = array( 'environment' => array( 'home_url' => home_url(), 'site_url' => site_url(), 'version' => WC_VERSION, 'wp_version' => get_bloginfo( 'version' ), 'language' => get_locale(), 'php_version' => PHP_VERSION, 'default_timezone' => date_default_timezone_get() ), 'database' => array( 'wc_database_version' => WC_VERSION ), 'active_plugins' => array(), 'settings' => array( 'currency' => get_woocommerce_currency(), 'HPOS_enabled' => true ) );
	return $request['_fields'] ? array_intersect_key( $all, array_flip( array_map( 'trim', explode( ',', $request['_fields'] ) ) ) ) : $all;
}

/** A webhook as REST shows it: never its secret. */
function standin_rest_webhook( $row ) {
	list( $resource, $event ) = array_pad( explode( '.', $row->topic, 2 ), 2, '' );
	$dates                    = standin_rest_dates( array( 'date_created' => standin_moment( $row->date_created_gmt . ' UTC' ), 'date_modified' => $row->date_modified_gmt ? standin_moment( $row->date_modified_gmt . ' UTC' ) : null ) );
	return array( 'id' => (int) $row->webhook_id, 'name' => $row->name, 'status' => $row->status, 'topic' => $row->topic, 'resource' => $resource, 'event' => $event, 'hooks' => standin_topic_hooks( $row->topic ), 'delivery_url' => $row->delivery_url ) + $dates + array( '_links' => standin_rest_links( 'webhooks', $row->webhook_id ) );
}

/** GET webhooks. */
function standin_rest_list_webhooks( $request ) {
	global $wpdb;
	$all = $wpdb->get_results( "SELECT * FROM {$wpdb->prefix}wc_webhooks ORDER BY webhook_id DESC" );
	if ( $request['status'] && 'all' !== $request['status'] ) {
		$all = array_values( array_filter( $all, function ( $one ) use ( $request ) { return $one->status === $request['status']; } ) );
	}
	return standin_rest_page( $request, array_map( 'standin_rest_webhook', array_slice( $all, $request['per_page'] * ( $request['page'] - 1 ), $request['per_page'] ) ), count( $all ) );
}

/** One row. */
function standin_webhook_row( $id ) {
	global $wpdb;
	return $wpdb->get_row( $wpdb->prepare( "SELECT * FROM {$wpdb->prefix}wc_webhooks WHERE webhook_id = %d", $id ) );
}

/** GET one webhook. */
function standin_rest_show_webhooks( $request ) {
	$row = standin_webhook_row( $request['id'] );
	return $row ? standin_rest_one( standin_rest_webhook( $row ) ) : standin_rest_gone( 'shop_webhook' );
}

/** POST a webhook: pinged at once; a ping that fails changes nothing. */
function standin_rest_create_webhooks( $request ) {
	global $wpdb;
	if ( empty( $request['topic'] ) || ! standin_topic_hooks( $request['topic'] ) ) {
		return new WP_Error( 'woocommerce_rest_shop_webhook_invalid_topic', 'Webhook topic must be valid.', array( 'status' => 400 ) );
	}
	if ( empty( $request['delivery_url'] ) || ! preg_match( '#^https?://#', $request['delivery_url'] ) ) {
		return new WP_Error( 'woocommerce_rest_shop_webhook_invalid_delivery_url', 'Webhook delivery URL must be a valid URL starting with http:// or https://.', array( 'status' => 400 ) );
	}
	$wpdb->insert( $wpdb->prefix . 'wc_webhooks', array( 'status' => $request['status'] ? $request['status'] : 'active', 'name' => (string) $request['name'], 'user_id' => get_current_user_id(), 'delivery_url' => $request['delivery_url'], 'secret' => (string) $request['secret'], 'topic' => $request['topic'], 'date_created_gmt' => gmdate( 'Y-m-d H:i:s' ), 'failure_count' => 0 ) );
	$id = (int) $wpdb->insert_id;
	wp_remote_post( $request['delivery_url'], array( 'timeout' => 5, 'user-agent' => standin_hookshot(), 'body' => array( 'webhook_id' => $id ) ) );
	return standin_rest_one( standin_rest_webhook( standin_webhook_row( $id ) ), 201, 'webhooks' );
}

/** PUT a webhook. */
function standin_rest_change_webhooks( $request ) {
	global $wpdb;
	$change = array( 'date_modified_gmt' => gmdate( 'Y-m-d H:i:s' ) );
	foreach ( array( 'name', 'status', 'secret', 'delivery_url' ) as $name ) {
		if ( null !== $request[ $name ] ) {
			$change[ $name ] = $request[ $name ];
		}
	}
	$wpdb->update( $wpdb->prefix . 'wc_webhooks', $change, array( 'webhook_id' => (int) $request['id'] ) );
	return standin_rest_show_webhooks( $request );
}

/** DELETE a webhook. */
function standin_rest_delete_webhooks( $request ) {
	global $wpdb;
	$row = standin_webhook_row( $request['id'] );
	if ( ! $row ) {
		return standin_rest_gone( 'shop_webhook' );
	}
	$wpdb->delete( $wpdb->prefix . 'wc_webhooks', array( 'webhook_id' => (int) $request['id'] ) );
	return standin_rest_one( standin_rest_webhook( $row ) );
}

/** A customer as REST shows it. */
function standin_rest_customer( $user ) {
	$customer = new WC_Customer( $user->ID );
	return array( 'id' => $user->ID ) + standin_rest_dates( array( 'date_created' => standin_moment( $user->user_registered . ' UTC' ), 'date_modified' => null ) ) + array( 'email' => $user->user_email, 'first_name' => $customer->get_first_name(), 'last_name' => $customer->get_last_name(), 'role' => (string) current( $user->roles ), 'username' => $user->user_login, 'billing' => $customer->get_billing(), 'shipping' => $customer->get_shipping(), 'is_paying_customer' => false, 'meta_data' => array(), '_links' => standin_rest_links( 'customers', $user->ID ) );
}

/** GET customers; `modified_after` is ignored, as by the real one. */
function standin_rest_list_customers( $request ) {
	$all = get_users( array( 'role' => 'customer', 'orderby' => 'ID' ) );
	if ( $request['email'] ) {
		$all = array_values( array_filter( $all, function ( $one ) use ( $request ) { return $one->user_email === $request['email']; } ) );
	}
	return standin_rest_page( $request, array_map( 'standin_rest_customer', array_slice( $all, $request['per_page'] * ( $request['page'] - 1 ), $request['per_page'] ) ), count( $all ) );
}

/** GET one customer. */
function standin_rest_show_customers( $request ) {
	$user = get_userdata( absint( $request['id'] ) );
	return $user ? standin_rest_one( standin_rest_customer( $user ) ) : new WP_Error( 'woocommerce_rest_invalid_id', 'Invalid resource ID.', array( 'status' => 404 ) );
}
