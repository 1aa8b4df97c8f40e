<?php
/**
 * Make a new shop in its folder: WordPress, the stand-in WooCommerce, one administrator.
 *
 * @package StandIn
 */

define( 'WP_INSTALLING', true );
$_SERVER['HTTP_HOST']       = (string) parse_url( (string) getenv( 'STANDIN_HOME' ), PHP_URL_HOST );
$_SERVER['REQUEST_URI']     = '/';
$_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';
$_SERVER['REQUEST_METHOD']  = 'GET';
$_SERVER['REMOTE_ADDR']     = '127.0.0.1';

require $argv[1] . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
require_once ABSPATH . 'wp-admin/includes/plugin.php';

wp_install( 'Nord Shop', 'admin', 'admin@shop.example', true, '', 'password' );
foreach ( get_posts( array( 'post_type' => array( 'post', 'page' ), 'numberposts' => -1, 'post_status' => 'any' ) ) as $standin_post ) {
	wp_delete_post( $standin_post->ID, true );
}
update_option( 'permalink_structure', '/%postname%/' );
update_option( 'timezone_string', 'Europe/Paris' );
update_option( 'active_plugins', array( 'woocommerce/woocommerce.php' ) );
update_option( 'template', 'stand-in' );
update_option( 'stylesheet', 'stand-in' );
$standin_privacy = wp_insert_post( array( 'post_type' => 'page', 'post_status' => 'publish', 'post_title' => 'Privacy Policy', 'post_name' => 'privacy-policy', 'post_content' => 'We keep little.' ) );
update_option( 'wp_page_for_privacy_policy', $standin_privacy );
echo "installed\n";
