<?php
/**
 * `wc/v3`: the routes, who may use them, pages of rows.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

add_action(
	'rest_api_init',
	function () {
		foreach ( array( 'orders', 'coupons', 'products', 'webhooks', 'customers' ) as $kind ) {
			standin_rest_kind( $kind );
		}
		$one = function ( $path, $work ) {
			register_rest_route( 'wc/v3', $path, array( 'methods' => 'GET', 'callback' => $work, 'permission_callback' => 'standin_rest_may' ) );
		};
		$one( '/settings/general', 'standin_rest_settings' );
		$one( '/system_status', 'standin_rest_system_status' );
		$one( '/products/(?P<product_id>\d+)/variations', 'standin_rest_variations' );
		$one( '/products/(?P<product_id>\d+)/variations/(?P<id>\d+)', 'standin_rest_variation' );
		$one( '/orders/(?P<id>\d+)/refunds', '__return_empty_array' );
	}
);

/** List, one, create, change, delete. */
function standin_rest_kind( $kind ) {
	$call = function ( $verb ) use ( $kind ) {
		return function ( $request ) use ( $verb, $kind ) {
			$work = 'standin_rest_' . $verb . '_' . $kind;
			return function_exists( $work ) ? $work( $request ) : new WP_Error( 'rest_no_route', 'No route was found matching the URL and request method.', array( 'status' => 404 ) );
		};
	};
	$page = array( 'per_page' => array( 'type' => 'integer', 'default' => 10, 'minimum' => 1, 'maximum' => 100 ), 'page' => array( 'type' => 'integer', 'default' => 1, 'minimum' => 1 ) );
	register_rest_route(
		'wc/v3',
		'/' . $kind,
		array(
			array( 'methods' => 'GET', 'callback' => $call( 'list' ), 'permission_callback' => 'standin_rest_may', 'args' => $page ),
			array( 'methods' => 'POST', 'callback' => $call( 'create' ), 'permission_callback' => 'standin_rest_may' ),
		)
	);
	register_rest_route(
		'wc/v3',
		'/' . $kind . '/(?P<id>\d+)',
		array(
			array( 'methods' => 'GET', 'callback' => $call( 'show' ), 'permission_callback' => 'standin_rest_may' ),
			array( 'methods' => 'PUT, PATCH', 'callback' => $call( 'change' ), 'permission_callback' => 'standin_rest_may' ),
			array( 'methods' => 'DELETE', 'callback' => $call( 'delete' ), 'permission_callback' => 'standin_rest_may' ),
		)
	);
}

/** Only the shop's people, by key or login. */
function standin_rest_may( $request ) {
	if ( current_user_can( 'manage_woocommerce' ) ) {
		return true;
	}
	$reads = 'GET' === $request->get_method();
	return $reads
		? new WP_Error( 'woocommerce_rest_cannot_view', 'Sorry, you cannot list resources.', array( 'status' => rest_authorization_required_code() ) )
		: new WP_Error( 'woocommerce_rest_cannot_create', 'Sorry, you are not allowed to create resources.', array( 'status' => rest_authorization_required_code() ) );
}

/** A page of rows with its headers; `Link` repeats the whole query, also `oauth_…`, as the real one. */
function standin_rest_page( $request, $rows, $total ) {
	$each   = (int) $request['per_page'];
	$pages  = (int) ceil( $total / max( 1, $each ) );
	$answer = new WP_REST_Response( $rows );
	$answer->header( 'X-WP-Total', (string) $total );
	$answer->header( 'X-WP-TotalPages', (string) $pages );
	$at   = add_query_arg( urlencode_deep( $request->get_query_params() ), rest_url( ltrim( $request->get_route(), '/' ) ) );
	$page = (int) $request['page'];
	if ( $page > 1 ) {
		$answer->link_header( 'prev', add_query_arg( 'page', $page - 1, $at ) );
	}
	if ( $page < $pages ) {
		$answer->link_header( 'next', add_query_arg( 'page', $page + 1, $at ) );
	}
	return $answer;
}

/** One row, made or shown. */
function standin_rest_one( $row, $status = 200, $kind = '' ) {
	$answer = new WP_REST_Response( $row, $status );
	if ( 201 === $status ) {
		$answer->header( 'Location', rest_url( "wc/v3/$kind/" . $row['id'] ) );
	}
	return $answer;
}

/** `_links` of a row. */
function standin_rest_links( $kind, $id ) {
	return array( 'self' => array( array( 'href' => rest_url( "wc/v3/$kind/$id" ) ) ), 'collection' => array( array( 'href' => rest_url( "wc/v3/$kind" ) ) ) );
}

/** A date in both ways. */
function standin_rest_dates( $names ) {
	$found = array();
	foreach ( $names as $name => $moment ) {
		$found[ $name ]          = wc_rest_prepare_date_response( $moment, false );
		$found[ $name . '_gmt' ] = wc_rest_prepare_date_response( $moment );
	}
	return $found;
}

/** Not there. */
function standin_rest_gone( $what ) {
	return new WP_Error( "woocommerce_rest_{$what}_invalid_id", 'Invalid ID.', array( 'status' => 404 ) );
}
