<?php
/**
 * What a web server's rewrite rules do, for `php -S`.
 *
 * @package StandIn
 */

$standin_root = rtrim( (string) $_SERVER['DOCUMENT_ROOT'], '/' );
$standin_path = rawurldecode( (string) parse_url( (string) $_SERVER['REQUEST_URI'], PHP_URL_PATH ) );

if ( false !== strpos( $standin_path, '..' ) ) {
	http_response_code( 400 );
	return true;
}

/** Serve a file that is not PHP. */
function standin_serve( $file ) {
	$types = array( 'css' => 'text/css', 'js' => 'text/javascript', 'svg' => 'image/svg+xml', 'png' => 'image/png', 'json' => 'application/json', 'mo' => 'application/octet-stream' );
	$end   = strtolower( pathinfo( $file, PATHINFO_EXTENSION ) );
	header( 'Content-Type: ' . ( isset( $types[ $end ] ) ? $types[ $end ] . ( in_array( $end, array( 'css', 'js', 'svg', 'json' ), true ) ? '; charset=utf-8' : '' ) : 'application/octet-stream' ) );
	header( 'Content-Length: ' . filesize( $file ) );
	header( 'Cache-Control: max-age=3600' );
	readfile( $file );
	return true;
}

if ( 0 === strpos( $standin_path, '/wp-content/' ) ) {
	$standin_file = getenv( 'STANDIN_SHOP' ) . $standin_path;
	if ( is_file( $standin_file ) && ! preg_match( '/\.(php|log|sqlite)$/', $standin_file ) ) {
		return standin_serve( $standin_file );
	}
	if ( ! is_file( $standin_file ) ) {
		http_response_code( 404 );
		return true;
	}
}
$standin_script = 0 === strpos( $standin_path, '/wp-content/' ) ? getenv( 'STANDIN_SHOP' ) . $standin_path : $standin_root . $standin_path;
if ( is_dir( $standin_script ) && is_file( rtrim( $standin_script, '/' ) . '/index.php' ) && '/' !== $standin_path ) {
	$standin_script = rtrim( $standin_script, '/' ) . '/index.php';
	$standin_path   = rtrim( $standin_path, '/' ) . '/index.php';
}
if ( is_file( $standin_script ) && '.php' !== substr( $standin_script, -4 ) ) {
	return false;
}
if ( ! is_file( $standin_script ) ) {
	$standin_script = $standin_root . '/index.php';
	$standin_path   = '/index.php';
}
$_SERVER['SCRIPT_FILENAME'] = $standin_script;
$_SERVER['SCRIPT_NAME']     = $standin_path;
$_SERVER['PHP_SELF']        = $standin_path;
unset( $_SERVER['PATH_INFO'] );
if ( isset( $_SERVER['HTTP_X_FORWARDED_PROTO'] ) && 'https' === $_SERVER['HTTP_X_FORWARDED_PROTO'] ) {
	$_SERVER['HTTPS'] = 'on';
}
chdir( dirname( $standin_script ) );
require $standin_script;
return true;
