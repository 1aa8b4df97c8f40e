<?php
/**
 * Compiles every file of the plugin without running it; any deprecation counts as a mistake.
 *
 * @package Relance
 */

require __DIR__ . '/strict.php';
defined( 'ABSPATH' ) || define( 'ABSPATH', '/' );
foreach ( array( 'MINUTE' => 60, 'HOUR' => 3600, 'DAY' => 86400 ) as $name => $seconds ) {
	define( $name . '_IN_SECONDS', $seconds );
}

$plugin = getenv( 'PLUGIN' ) ? getenv( 'PLUGIN' ) : '/plugin';
$files  = new RecursiveIteratorIterator( new RecursiveDirectoryIterator( $plugin, FilesystemIterator::SKIP_DOTS ) );
$told   = array();
foreach ( $files as $file ) {
	if ( 'php' === $file->getExtension() ) {
		try {
			eval( 'return; ?>' . file_get_contents( $file->getPathname() ) );
			$told[ $file->getFilename() ] = '';
		} catch ( Throwable $error ) {
			$told[ $file->getFilename() ] = $error->getMessage() . ', line ' . $error->getLine();
		}
	}
}
echo json_encode( array( 'version' => PHP_VERSION, 'files' => $told ) );
