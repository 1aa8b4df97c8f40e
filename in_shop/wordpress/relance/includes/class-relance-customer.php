<?php
/**
 * A customer's yes or no, beside the customer.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

/**
 * The service keeps the last word of a customer with them, as metadata. It is shown in the user's
 * profile and changed nowhere here: only the customer says yes or no.
 */
class Relance_Customer {

	const FIELDS = array( 'relance_sms_consent', 'relance_email_consent' );

	/**
	 * Registers the rows of a profile: of one's own and of others.
	 */
	public static function hook() {
		add_action( 'show_user_profile', array( __CLASS__, 'show' ) );
		add_action( 'edit_user_profile', array( __CLASS__, 'show' ) );
	}

	/**
	 * The rows; nothing where nothing was said.
	 *
	 * @param WP_User $user Whose profile it is.
	 */
	public static function show( $user ) {
		$labels = array( __( 'Text messages', 'relance' ), __( 'E-mail', 'relance' ) );
		$rows   = '';
		foreach ( self::FIELDS as $place => $field ) {
			$words = self::in_words( get_user_meta( $user->ID, $field, true ) );
			if ( '' !== $words ) {
				$rows .= '<tr><th scope="row">' . esc_html( $labels[ $place ] ) . '</th><td>' . esc_html( $words ) . '</td></tr>';
			}
		}
		if ( '' === $rows ) {
			return;
		}
		echo '<h2>' . esc_html__( 'Messages of Relance', 'relance' ) . '</h2>';
		echo '<p>' . esc_html__( 'What this customer said last. It is only shown here: they change it themselves, by a box at the checkout or by answering STOP.', 'relance' ) . '</p>';
		// phpcs:ignore WordPress.Security.EscapeOutput.OutputNotEscaped -- escaped above, cell by cell.
		echo '<table class="form-table" role="presentation"><tbody>' . $rows . '</tbody></table>';
	}

	/**
	 * What was said, and when.
	 *
	 * @param mixed $kept "yes" or "no", and a time in UTC: "yes 2026-11-20T14:00:00Z".
	 * @return string Empty when nothing was, or nothing that can be read.
	 */
	private static function in_words( $kept ) {
		$part = array();
		if ( ! is_string( $kept ) || ! preg_match( '/^(yes|no) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)$/D', $kept, $part ) ) {
			return '';
		}
		$time = strtotime( $part[2] );
		$date = false === $time ? '' : (string) wp_date( get_option( 'date_format' ) . ' ' . get_option( 'time_format' ), $time );
		/* translators: %s: a date and time. */
		return 'yes' === $part[1] ? sprintf( __( 'Yes, since %s', 'relance' ), $date ) : sprintf( __( 'No, since %s', 'relance' ), $date );
	}
}
