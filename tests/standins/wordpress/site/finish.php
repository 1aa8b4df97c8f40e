<?php
/**
 * The second step of making a shop: with the plugins loaded, their tables, pages and rules.
 *
 * @package StandIn
 */

$_SERVER['HTTP_HOST']       = (string) parse_url( (string) getenv( 'STANDIN_HOME' ), PHP_URL_HOST );
$_SERVER['REQUEST_URI']     = '/wp-admin/';
$_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';
$_SERVER['REQUEST_METHOD']  = 'GET';
$_SERVER['REMOTE_ADDR']     = '127.0.0.1';
define( 'WP_ADMIN', true );

require $argv[1] . '/wp-load.php';
standin_install();
flush_rewrite_rules( false );
echo "finished\n";
