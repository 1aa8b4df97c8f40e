<?php
/**
 * The tests' own door into the shop: a header with a secret, a verb, JSON in and out.
 * It stands in no real shop.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

// A test asks as if it came from elsewhere: the server alone says so, as on a real one.
if ( isset( $_SERVER['HTTP_X_STANDIN_FROM'] ) ) {
	$_SERVER['REMOTE_ADDR'] = (string) $_SERVER['HTTP_X_STANDIN_FROM'];
}
add_action( 'wp_loaded', 'standin_door', 999 );
add_filter( 'allowed_redirect_hosts', function ( $hosts ) {
	$hosts[] = '127.0.0.1';
	return $hosts;
} );
add_filter( 'pre_wp_mail', '__return_true' ); // No letters leave.
remove_action( 'init', 'wp_schedule_update_checks' );
foreach ( array( 'wp_version_check', 'wp_update_plugins', 'wp_update_themes' ) as $standin_check ) {
	remove_all_actions( $standin_check );
}
foreach ( array( '_maybe_update_core', '_maybe_update_plugins', '_maybe_update_themes' ) as $standin_check ) {
	remove_action( 'admin_init', $standin_check );
}
foreach ( array( 'update_core', 'update_plugins', 'update_themes' ) as $standin_check ) {
	add_filter( 'pre_site_transient_' . $standin_check, '__return_null' );
}
add_filter(
	'pre_http_request',
	function ( $answer, $args, $url ) {
		$host = (string) wp_parse_url( $url, PHP_URL_HOST );
		$near = in_array( $host, array( 'localhost', '[::1]' ), true ) || 0 === strpos( $host, '127.' );
		if ( ! $near && preg_match( '/(^|\.)wordpress\.org$/', $host ) ) {
			return array( 'headers' => array(), 'body' => '', 'response' => array( 'code' => 503, 'message' => 'Away' ), 'cookies' => array(), 'filename' => null );
		}
		return $near ? $answer : new WP_Error( 'http_request_failed', 'Nothing leaves this machine in a test.' );
	},
	10,
	3
);

/** Answer, if it is for us. */
function standin_door() {
	$secret = (string) getenv( 'STANDIN_SECRET' );
	$given  = isset( $_SERVER['HTTP_X_STAND_IN'] ) ? (string) $_SERVER['HTTP_X_STAND_IN'] : '';
	if ( '' === $secret || ! hash_equals( $secret, $given ) ) {
		return;
	}
	$said = json_decode( (string) file_get_contents( 'php://input' ), true );
	$verb = 'standin_door_' . ( isset( $_GET['stand-in'] ) ? sanitize_key( $_GET['stand-in'] ) : '' );
	try {
		$answer = function_exists( $verb ) ? $verb( (array) $said ) : new WP_Error( 'verb', 'no such verb' );
		$failed = is_wp_error( $answer ) ? $answer->get_error_message() : null;
	} catch ( Throwable $error ) {
		$failed = get_class( $error ) . ': ' . $error->getMessage() . ' in ' . $error->getFile() . ':' . $error->getLine();
		$answer = null;
	}
	status_header( null === $failed ? 200 : 500 );
	header( 'Content-Type: application/json' );
	echo wp_json_encode( null === $failed ? array( 'answer' => $answer ) : array( 'failed' => $failed ) );
	exit;
}

/** A product, or one with variations. */
function standin_door_add_product( $said ) {
	$class   = empty( $said['variations'] ) ? 'WC_Product_Simple' : 'WC_Product_Variable';
	$product = standin_filled( new $class(), $said );
	$ids     = array();
	if ( ! empty( $said['attributes'] ) ) {
		update_post_meta( $product->get_id(), '_standin_attributes', wp_slash( wp_json_encode( $said['attributes'] ) ) );
	}
	foreach ( empty( $said['variations'] ) ? array() : $said['variations'] as $one ) {
		$variation = new WC_Product_Variation();
		$variation->set_parent_id( $product->get_id() );
		$values    = implode( ', ', array_filter( $one['attributes'] ) );
		$variation = standin_filled( $variation, $one + array( 'name' => $said['name'] . ( $values ? ' - ' . $values : '' ) ) );
		update_post_meta( $variation->get_id(), '_standin_attributes', wp_slash( wp_json_encode( $one['attributes'] ) ) );
		$ids[] = $variation->get_id();
	}
	return array( 'id' => $product->get_id(), 'variations' => $ids, 'link' => get_permalink( $product->get_id() ) );
}

/** Give it these values and keep it. */
function standin_filled( $product, $said ) {
	if ( isset( $said['stock'] ) ) {
		$product->set_manage_stock( true );
		$product->set_stock_quantity( $said['stock'] );
	}
	$names = array( 'name' => 'name', 'price' => 'regular_price', 'regular_price' => 'regular_price', 'sale_price' => 'sale_price', 'sku' => 'sku', 'sold_individually' => 'sold_individually', 'virtual' => 'virtual', 'stock_status' => 'stock_status', 'status' => 'status', 'slug' => 'slug', 'backorders' => 'backorders' );
	foreach ( $names as $given => $name ) {
		if ( isset( $said[ $given ] ) ) {
			$product->{'set_' . $name}( $said[ $given ] );
		}
	}
	$product->save();
	return $product;
}

/** Change one, throw it in the bin, or delete it. */
function standin_door_set_product( $said ) {
	$product = wc_get_product( $said['id'] );
	if ( ! $product ) {
		return new WP_Error( 'product', 'no such product' );
	}
	if ( ! empty( $said['delete'] ) ) {
		$product->delete( true );
		return true;
	}
	if ( ! empty( $said['trash'] ) ) {
		$product->delete();
		return true;
	}
	standin_filled( $product, $said );
	return true;
}

/** A coupon. */
function standin_door_add_coupon( $said ) {
	$coupon = new WC_Coupon();
	foreach ( $said as $name => $value ) {
		$coupon->{'set_' . $name}( $value );
	}
	return $coupon->save();
}

/** Settings: those given are set; the answer is those asked for. */
function standin_door_options( $said ) {
	foreach ( isset( $said['set'] ) ? $said['set'] : array() as $name => $value ) {
		null === $value ? delete_option( $name ) : update_option( $name, $value );
	}
	$found = array();
	foreach ( isset( $said['get'] ) ? $said['get'] : array() as $name ) {
		$found[ $name ] = get_option( $name, null );
	}
	return $found;
}

/** Rows of a table, by its name without prefix. */
function standin_door_rows( $said ) {
	global $wpdb;
	$table = $wpdb->prefix . preg_replace( '/[^a-z0-9_]/', '', $said['table'] );
	$wpdb->suppress_errors();
	$rows = $wpdb->get_results( "SELECT * FROM $table", ARRAY_A ); // phpcs:ignore WordPress.DB
	return $wpdb->last_error ? null : $rows;
}

/** The tables there are. */
function standin_door_tables() {
	return $GLOBALS['wpdb']->get_col( 'SHOW TABLES' );
}

/** Switch a plugin on; its activation hook runs. */
function standin_door_activate( $said ) {
	require_once ABSPATH . 'wp-admin/includes/plugin.php';
	ob_start();
	$failed = activate_plugin( $said['plugin'] );
	$output = ob_get_clean();
	return is_wp_error( $failed ) ? $failed : $output;
}

/** Switch it off. */
function standin_door_deactivate( $said ) {
	require_once ABSPATH . 'wp-admin/includes/plugin.php';
	deactivate_plugins( $said['plugin'] );
	return true;
}

/** Run its uninstall file, as deleting it does; the files stay. */
function standin_door_uninstall( $said ) {
	require_once ABSPATH . 'wp-admin/includes/plugin.php';
	deactivate_plugins( $said['plugin'] );
	define( 'WP_UNINSTALL_PLUGIN', $said['plugin'] );
	include WP_PLUGIN_DIR . '/' . dirname( $said['plugin'] ) . '/uninstall.php';
	return true;
}

/** Somebody with an account. */
function standin_door_add_user( $said ) {
	return wp_insert_user( array( 'user_login' => $said['login'], 'user_pass' => $said['password'], 'user_email' => $said['email'], 'role' => $said['role'] ) );
}

/** What Action Scheduler has. */
function standin_door_actions( $said ) {
	global $wpdb;
	return $wpdb->get_results( "SELECT * FROM {$wpdb->prefix}actionscheduler_actions ORDER BY action_id", ARRAY_A ); // phpcs:ignore WordPress.DB
}

/** Everything that waits is due now, also WP-Cron's events; the next wp-cron.php runs it. */
function standin_door_due( $said ) {
	global $wpdb;
	$hook = isset( $said['hook'] ) ? $said['hook'] : '';
	if ( ! empty( $said['early'] ) ) {
		$wpdb->query( $wpdb->prepare( "UPDATE {$wpdb->prefix}actionscheduler_actions SET scheduled = 0 WHERE status = 'pending'" . ( $hook ? ' AND hook = %s' : ' AND hook <> %s' ), $hook ) ); // phpcs:ignore WordPress.DB
	}
	delete_transient( 'doing_cron' );
	wp_clear_scheduled_hook( 'action_scheduler_run_queue', array( 'WP Cron' ) );
	wp_schedule_event( time() - 1, 'every_minute', 'action_scheduler_run_queue', array( 'WP Cron' ) );
	return true;
}

/** An order that the shop's people make, or a program. */
function standin_door_order( $said ) {
	$order = wc_create_order( array( 'created_via' => isset( $said['created_via'] ) ? $said['created_via'] : 'admin', 'customer_id' => isset( $said['customer_id'] ) ? $said['customer_id'] : 0 ) );
	$order->set_address( isset( $said['billing'] ) ? $said['billing'] : array(), 'billing' );
	foreach ( isset( $said['products'] ) ? $said['products'] : array() as $id => $pieces ) {
		$order->add_product( wc_get_product( $id ), $pieces );
	}
	$order->calculate_totals();
	$order->update_status( isset( $said['status'] ) ? $said['status'] : 'pending' );
	return $order->get_id();
}

/** Another status for an order. */
function standin_door_order_status( $said ) {
	$order = wc_get_order( $said['id'] );
	return $order ? $order->update_status( $said['status'] ) : new WP_Error( 'order', 'no such order' );
}

/** All orders as REST shows them. */
function standin_door_orders( $said ) {
	$status = array_map( function ( $one ) { return substr( $one, 3 ); }, array_keys( wc_get_order_statuses() ) );
	return array_map( 'standin_rest_order', wc_get_orders( array( 'limit' => -1, 'status' => $status, 'order' => 'ASC' ) ) );
}

/** A key for REST. */
function standin_door_api_key( $said ) {
	return standin_make_key( 1, 'tests', isset( $said['permissions'] ) ? $said['permissions'] : 'read_write' );
}

/** Any PHP of a test's, inside the shop; what it returns is the answer. */
function standin_door_php( $said ) {
	return eval( $said['code'] ); // phpcs:ignore Squiz.PHP.Eval
}

/** The page /checkout/ holds a block or the classic form. */
function standin_door_checkout_page( $said ) {
	$text = 'block' === $said['kind'] ? standin_block_checkout_text() : '<!-- wp:shortcode -->[woocommerce_checkout]<!-- /wp:shortcode -->';
	wp_update_post( array( 'ID' => wc_get_page_id( 'checkout' ), 'post_content' => $text ) );
	return true;
}

/** Another language for the shop (WordPress's own words stay English; a plugin's own files are read). */
function standin_door_language( $said ) {
	$file = WP_LANG_DIR . '/' . preg_replace( '/[^A-Za-z_]/', '', $said['locale'] ) . '.mo';
	if ( ! file_exists( $file ) ) {
		wp_mkdir_p( WP_LANG_DIR );
		file_put_contents( $file, pack( 'V7', 0x950412de, 0, 0, 28, 28, 0, 28 ) ); // No words, but WordPress takes the language as installed.
		wp_cache_flush(); // The list of files was read before.
	}
	update_option( 'WPLANG', 'en_US' === $said['locale'] ? '' : $said['locale'] );
	return true;
}

/** Run every eraser for an e-mail, as the tool of the admin does. */
function standin_door_erase( $said ) {
	$done = array();
	foreach ( apply_filters( 'wp_privacy_personal_data_erasers', array() ) as $key => $eraser ) {
		$done[ $key ] = call_user_func( $eraser['callback'], $said['email'], 1 );
	}
	return $done;
}

/** What every exporter tells of an e-mail. */
function standin_door_export( $said ) {
	$told = array();
	foreach ( apply_filters( 'wp_privacy_personal_data_exporters', array() ) as $key => $exporter ) {
		$told[ $key ] = call_user_func( $exporter['callback'], $said['email'], 1 );
	}
	return $told;
}

/** A parcel of an order leaves, or its state changes. */
function standin_door_ship( $said ) {
	$meta   = array( '_tracking_url' => $said['address'], '_tracking_number' => $said['number'], '_shipping_provider' => $said['carrier'] );
	$parcel = new Automattic\WooCommerce\Admin\Features\Fulfillments\Fulfillment( array( 'id' => $said['parcel'], 'order_id' => $said['order'], 'status' => $said['status'], 'is_fulfilled' => true, 'meta' => $meta ) );
	'fulfilled' === $said['status'] ? $parcel->standin_ship() : $parcel->standin_update( 'fulfilled' );
	return true;
}
