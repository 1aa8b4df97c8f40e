<?php
/**
 * One WordPress for all shops of the tests; each shop's own things lie in its folder.
 *
 * @package StandIn
 */

define( 'STANDIN_SHOP', (string) getenv( 'STANDIN_SHOP' ) );
define( 'WP_HOME', (string) getenv( 'STANDIN_HOME' ) );
define( 'WP_SITEURL', WP_HOME );
define( 'WP_CONTENT_DIR', STANDIN_SHOP . '/wp-content' );
define( 'WP_CONTENT_URL', WP_HOME . '/wp-content' );
if ( 'mysql' === getenv( 'STANDIN_DATABASE' ) ) {
	define( 'DB_NAME', (string) getenv( 'STANDIN_DB_NAME' ) );
	define( 'DB_HOST', 'localhost:' . getenv( 'STANDIN_DB_SOCKET' ) );
} else {
	define( 'DB_NAME', 'shop' );
	define( 'DB_HOST', 'localhost' );
	define( 'DB_DIR', STANDIN_SHOP . '/database/' );
	define( 'DB_FILE', 'shop.sqlite' );
}
define( 'DB_USER', 'root' );
define( 'DB_PASSWORD', '' );
define( 'DB_CHARSET', 'utf8mb4' );
define( 'DB_COLLATE', '' );
foreach ( array( 'AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY', 'AUTH_SALT', 'SECURE_AUTH_SALT', 'LOGGED_IN_SALT', 'NONCE_SALT' ) as $standin_key ) {
	define( $standin_key, hash( 'sha256', $standin_key . STANDIN_SHOP ) );
}
define( 'WP_DEBUG', true );
define( 'WP_DEBUG_DISPLAY', false );
define( 'WP_DEBUG_LOG', STANDIN_SHOP . '/debug.log' );
define( 'SCRIPT_DEBUG', false );
define( 'DISALLOW_FILE_MODS', true );
define( 'AUTOMATIC_UPDATER_DISABLED', true );
define( 'WP_HTTP_BLOCK_EXTERNAL', false );
if ( getenv( 'STANDIN_QUIET_CRON' ) ) {
	define( 'DISABLE_WP_CRON', true ); // Visits start no cron; asking for wp-cron.php does.
}
if ( getenv( 'STANDIN_LANGUAGE' ) ) {
	define( 'WPLANG', getenv( 'STANDIN_LANGUAGE' ) );
}

$table_prefix = 'wp_'; // phpcs:ignore

if ( ! defined( 'ABSPATH' ) ) {
	define( 'ABSPATH', __DIR__ . '/' );
}
require_once ABSPATH . 'wp-settings.php';
