<?php
/**
 * Notices, kept in the session until they are shown.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

/**
 * All notices, or those of a sort.
 *
 * @param string $type error, success, notice or all.
 */
function wc_get_notices( $type = '' ) {
	if ( ! WC()->session ) {
		return array();
	}
	$all = WC()->session->get( 'wc_notices', array() );
	return $type ? ( isset( $all[ $type ] ) ? $all[ $type ] : array() ) : $all;
}

/**
 * Replace them.
 *
 * @param array|null $notices All.
 */
function wc_set_notices( $notices ) {
	WC()->session->set( 'wc_notices', empty( $notices ) ? null : $notices );
}

/**
 * How many.
 *
 * @param string $type Of which sort; all when empty.
 */
function wc_notice_count( $type = '' ) {
	return $type ? count( wc_get_notices( $type ) ) : array_sum( array_map( 'count', wc_get_notices() ) );
}

/**
 * Whether that is said already.
 *
 * @param string $message Words.
 * @param string $type    Sort.
 */
function wc_has_notice( $message, $type = 'success' ) {
	return in_array( $message, wp_list_pluck( wc_get_notices( $type ), 'notice' ), true );
}

/**
 * Say something on the next page that shows notices.
 *
 * @param string $message Words (HTML).
 * @param string $type    Sort.
 * @param array  $data    More.
 */
function wc_add_notice( $message, $type = 'success', $data = array() ) {
	if ( ! did_action( 'woocommerce_init' ) ) {
		wc_doing_it_wrong( __FUNCTION__, 'This function should not be called before woocommerce_init.', '2.3' );
		return;
	}
	if ( ! WC()->session ) {
		return;
	}
	$all     = wc_get_notices();
	$message = apply_filters( 'woocommerce_add_' . $type, $message );
	if ( ! empty( $message ) ) {
		$all[ $type ][] = array( 'notice' => apply_filters( 'woocommerce_add_' . $type, $message ), 'data' => $data );
	}
	wc_set_notices( $all );
}

/** Forget them. */
function wc_clear_notices() {
	WC()->session->set( 'wc_notices', null );
}

/**
 * Show them and forget them.
 *
 * @param bool $return As text instead.
 */
function wc_print_notices( $return = false ) {
	if ( ! WC()->session ) {
		return $return ? '' : null;
	}
	$html = '';
	foreach ( array( 'error', 'success', 'notice' ) as $type ) {
		foreach ( wc_get_notices( $type ) as $notice ) {
			$html .= standin_notice( $notice['notice'], $type );
		}
	}
	wc_clear_notices();
	if ( $return ) {
		return $html;
	}
	echo $html; // phpcs:ignore WordPress.Security.EscapeOutput
}

/**
 * One notice at once.
 *
 * @param string $message Words.
 * @param string $type    Sort.
 */
function wc_print_notice( $message, $type = 'success' ) {
	echo standin_notice( $message, $type ); // phpcs:ignore WordPress.Security.EscapeOutput
}

/** Its HTML. */
function standin_notice( $message, $type ) {
	$class = array( 'error' => 'woocommerce-error', 'success' => 'woocommerce-message', 'notice' => 'woocommerce-info' );
	$words = wp_kses_post( $message );
	return 'error' === $type
		? '<ul class="woocommerce-error" role="alert"><li>' . $words . '</li></ul>'
		: '<div class="' . $class[ $type ] . '" role="status">' . $words . '</div>';
}

/** Show them where a page asks for it. */
function woocommerce_output_all_notices() {
	echo '<div class="woocommerce-notices-wrapper">';
	wc_print_notices();
	echo '</div>';
}

/**
 * Errors to notices.
 *
 * @param WP_Error $errors Errors.
 */
function wc_add_wp_error_notices( $errors ) {
	foreach ( $errors->get_error_messages() as $message ) {
		wc_add_notice( $message, 'error' );
	}
}
