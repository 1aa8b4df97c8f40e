<?php
/**
 * Whatever PHP has to remark is a mistake.
 *
 * @package Relance
 */

error_reporting( E_ALL );
ini_set( 'display_errors', 'stderr' );
set_error_handler(
	function ( $number, $words, $file, $line ) {
		throw new ErrorException( $words, 0, $number, $file, $line );
	}
);
