<?php
/**
 * Personal data: shown, erased, and written about.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

require_once __DIR__ . '/class-relance-privacy-consents.php';

/**
 * WordPress's exporter and eraser (Tools → Export / Erase Personal Data), for what
 * lies in this shop and, when paired, for what the service holds. They run in the
 * back office, never in a shopper's page.
 */
class Relance_Privacy {

	const ID = 'relance';

	/**
	 * Registers exporter, eraser and the suggested text.
	 */
	public static function hook() {
		add_filter( 'wp_privacy_personal_data_exporters', array( __CLASS__, 'add_exporter' ) );
		add_filter( 'wp_privacy_personal_data_erasers', array( __CLASS__, 'add_eraser' ) );
		add_action( 'admin_init', array( __CLASS__, 'suggest_policy' ) );
	}

	/**
	 * One more exporter.
	 *
	 * @param array $exporters What is registered so far.
	 * @return array
	 */
	public static function add_exporter( $exporters ) {
		$exporters[ self::ID ] = array(
			'exporter_friendly_name' => __( 'Carts captured by Relance', 'relance' ),
			'callback'               => array( __CLASS__, 'export' ),
		);
		return $exporters;
	}

	/**
	 * One more eraser.
	 *
	 * @param array $erasers What is registered so far.
	 * @return array
	 */
	public static function add_eraser( $erasers ) {
		$erasers[ self::ID ] = array(
			'eraser_friendly_name' => __( 'Carts captured by Relance', 'relance' ),
			'callback'             => array( __CLASS__, 'erase' ),
		);
		return $erasers;
	}

	/**
	 * All that we hold of a person, here and at the service, in one page.
	 *
	 * When the service gives no answer, the export says so in the person's file:
	 * an error would stop what other plugins have to tell.
	 *
	 * @param string $email The person's address.
	 * @return array data and done, as WordPress asks for them.
	 */
	public static function export( $email ) {
		$items = array();
		foreach ( self::rows_of( $email ) as $row ) {
			$items[] = self::item( 'relance-shop', __( 'Carts kept in this shop by Relance', 'relance' ), self::row_in_words( $row ) );
		}
		foreach ( Relance_Privacy_Consents::of( $email ) as $one ) {
			$pairs   = array( self::pair( __( 'Consents', 'relance' ), self::plain( $one['theirs'] ) ) );
			$items[] = self::item( 'relance-shop', __( 'Carts kept in this shop by Relance', 'relance' ), $pairs );
		}
		foreach ( self::requests_of( $email ) as $body ) {
			$pairs   = array( self::pair( __( 'On its way to the service', 'relance' ), self::plain( $body ) ) );
			$items[] = self::item( 'relance-shop', __( 'Carts kept in this shop by Relance', 'relance' ), $pairs );
		}
		return array(
			'data' => array_merge( $items, self::export_of_the_service( $email ) ),
			'done' => true,
		);
	}

	/**
	 * Erases a person here and at the service, and says what could not be erased.
	 *
	 * @param string $email The person's address.
	 * @return array items_removed, items_retained, messages, done, as WordPress asks for them.
	 */
	public static function erase( $email ) {
		$removed = Relance_Privacy_Consents::erase( $email );
		$failed  = count( Relance_Privacy_Consents::of( $email ) );
		foreach ( self::rows_of( $email ) as $row ) {
			if ( Relance_Store::forget( $row['cart_key'] ) ) {
				++$removed;
			} else {
				++$failed;
			}
		}
		$requests = array_filter( self::requests_of( $email ), array( __CLASS__, 'takes_nothing_back' ) );
		if ( $requests ) {
			Relance_Requests::mark_sent( array_keys( $requests ) ); // It empties them.
			$removed += count( $requests );
		}
		$there = self::erase_at_the_service( $email );
		if ( $failed ) {
			$there['messages'][] = __( 'Relance: some carts in this shop could not be erased, because the database takes nothing at the moment. Erase again later.', 'relance' );
		}
		return array(
			'items_removed'  => (bool) ( $removed + $there['removed'] ),
			'items_retained' => (bool) ( $failed + $there['retained'] ),
			'messages'       => $there['messages'],
			'done'           => true,
		);
	}

	/**
	 * The carts of a person: with this address in the contact, or of the account that has
	 * it, where only a phone was left. Nothing is left of one that is being erased.
	 *
	 * @param string $email The person's address.
	 * @return array[] Rows as of Relance_Store.
	 */
	private static function rows_of( $email ) {
		global $wpdb;
		$rows = array();
		foreach ( Relance_Store::by_email( $email ) as $row ) {
			$rows[ $row['cart_key'] ] = $row;
		}
		$user = get_user_by( 'email', $email );
		if ( $user ) {
			$table = Relance_Store::table();
			// phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL.InterpolatedNotPrepared
			$keys = $wpdb->get_col( $wpdb->prepare( "SELECT cart_key FROM {$table} WHERE customer_id = %d", $user->ID ) );
			foreach ( array_diff( (array) $keys, array_keys( $rows ) ) as $key ) {
				$rows[ $key ] = Relance_Store::get( $key );
			}
		}
		return array_filter( $rows );
	}

	/**
	 * What this person asked for in the opt-in box and the service does not have yet.
	 *
	 * @param string $email The person's address.
	 * @return array[] Bodies by their id.
	 */
	private static function requests_of( $email ) {
		global $wpdb;
		$table = Relance_Requests::table();
		$user  = get_user_by( 'email', $email );
		$found = array();
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL.InterpolatedNotPrepared
		foreach ( (array) $wpdb->get_results( "SELECT id, body FROM {$table} WHERE sent = 0", ARRAY_A ) as $row ) {
			$body     = json_decode( $row['body'], true );
			$body     = is_array( $body ) ? $body : array();
			$contact  = isset( $body['contact']['email'] ) ? $body['contact']['email'] : '';
			$customer = isset( $body['customer_id'] ) ? (int) $body['customer_id'] : 0;
			if ( 0 === strcasecmp( (string) $contact, $email ) || ( $user && $customer === (int) $user->ID ) ) {
				$found[ (int) $row['id'] ] = $body;
			}
		}
		return $found;
	}

	/**
	 * Whether a request may be erased unsent. One that takes something back has to arrive:
	 * without it the service would go on.
	 *
	 * @param array $body The request.
	 * @return bool
	 */
	private static function takes_nothing_back( array $body ) {
		$consents = isset( $body['consents'] ) && is_array( $body['consents'] ) ? $body['consents'] : array();
		foreach ( $consents as $consent ) {
			if ( empty( $consent['granted'] ) ) {
				return false;
			}
		}
		return empty( $body['withdrawn'] );
	}

	/**
	 * What the service holds, or one item that says why it is missing.
	 *
	 * @param string $email The person's address.
	 * @return array Items.
	 */
	private static function export_of_the_service( $email ) {
		if ( ! Relance_Link::is_paired() && ! Relance_Link::has_moved() ) { // Moved, there is a service that gives no answer.
			return array();
		}
		$answer = self::ask( 'export', $email );
		if ( is_wp_error( $answer ) || ! isset( $answer['groups'] ) || ! is_array( $answer['groups'] ) ) {
			/* translators: %s: the host name of the service. */
			$words = sprintf( __( 'Not complete: %s gave no answer, so what it holds is missing here. Make this export again later.', 'relance' ), Relance_Link::host() );
			$pairs = array( self::pair( __( 'Note', 'relance' ), $words ) );
			return array( self::item( 'relance-service', __( 'Held by the Relance service', 'relance' ), $pairs ) );
		}
		$items = array();
		foreach ( $answer['groups'] as $group ) {
			$items = array_merge( $items, self::items_of( $group ) );
		}
		return $items;
	}

	/**
	 * One group of the service's answer; what has another form is passed over.
	 *
	 * @param mixed $group id, label, items.
	 * @return array Items.
	 */
	private static function items_of( $group ) {
		$items = array();
		if ( ! is_array( $group ) || ! isset( $group['id'], $group['label'], $group['items'] ) || ! is_array( $group['items'] ) ) {
			return $items;
		}
		foreach ( $group['items'] as $pairs ) {
			$told = array();
			foreach ( is_array( $pairs ) ? $pairs : array() as $pair ) {
				if ( isset( $pair['name'], $pair['value'] ) && is_scalar( $pair['name'] ) && is_scalar( $pair['value'] ) ) {
					$told[] = self::pair( $pair['name'], $pair['value'] );
				}
			}
			$items[] = self::item( 'relance-' . sanitize_key( $group['id'] ), sanitize_text_field( $group['label'] ), $told );
		}
		return $items;
	}

	/**
	 * The service's part of an erasure.
	 *
	 * @param string $email The person's address.
	 * @return array removed, retained (numbers) and messages.
	 */
	private static function erase_at_the_service( $email ) {
		$told = array(
			'removed'  => 0,
			'retained' => 0,
			'messages' => array(),
		);
		if ( ! Relance_Link::is_paired() && ! Relance_Link::has_moved() ) {
			return $told;
		}
		$answer = self::ask( 'erase', $email );
		if ( is_wp_error( $answer ) || ! isset( $answer['removed'] ) ) {
			$told['retained'] = 1;
			/* translators: %s: the host name of the service. */
			$told['messages'][] = sprintf( __( 'Relance: the carts in this shop were erased, but %s gave no answer. What it holds of this person is not erased yet: erase again later.', 'relance' ), Relance_Link::host() );
			return $told;
		}
		$told['removed']  = (int) $answer['removed'];
		$told['retained'] = isset( $answer['retained'] ) ? (int) $answer['retained'] : 0;
		if ( ! empty( $answer['words'] ) && is_string( $answer['words'] ) ) {
			$told['messages'][] = sanitize_text_field( 'Relance: ' . $answer['words'] );
		}
		return $told;
	}

	/**
	 * Asks the service about a person.
	 *
	 * @param string $kind  "export" or "erase".
	 * @param string $email The person's address.
	 * @return array|WP_Error The answer.
	 */
	private static function ask( $kind, $email ) {
		return Relance_Link::post(
			'privacy',
			array(
				'version' => 1,
				'kind'    => $kind,
				'email'   => $email,
			)
		);
	}

	/**
	 * A row of our table as names and values that a person can read.
	 *
	 * @param array $row As of Relance_Store.
	 * @return array
	 */
	private static function row_in_words( array $row ) {
		$names = array(
			'created_at' => __( 'Cart begun (UTC)', 'relance' ),
			'changed_at' => __( 'Cart last changed (UTC)', 'relance' ),
			'contact'    => __( 'Contact', 'relance' ),
			'consents'   => __( 'Consents', 'relance' ),
			'snapshot'   => __( 'Cart', 'relance' ),
			'ip'         => __( 'IP address', 'relance' ),
			'user_agent' => __( 'Browser', 'relance' ),
		);
		foreach ( isset( $row['consents'] ) ? $row['consents'] : array() as $place => $consent ) {
			if ( isset( $consent['address'] ) && ! in_array( $consent['address'], $row['contact'], true ) ) {
				unset( $row['consents'][ $place ] ); // Perhaps of somebody who went on with this cart by a link.
			}
		}
		$pairs = array();
		foreach ( $names as $field => $name ) {
			$value = isset( $row[ $field ] ) ? self::plain( $row[ $field ] ) : '';
			if ( '' !== $value ) {
				$pairs[] = self::pair( $name, $value );
			}
		}
		return $pairs;
	}

	/**
	 * A stored value as text that can be read: "email: a@b.example, country: FR".
	 *
	 * @param mixed $value A text or number, or a list of them.
	 * @return string
	 */
	private static function plain( $value ) {
		return is_array( $value ) ? self::flat( $value ) : (string) $value;
	}

	/**
	 * Names and values in a row; what is empty, and what only serves to fill the cart again, is left out.
	 *
	 * @param array $values What to write down.
	 * @return string
	 */
	private static function flat( array $values ) {
		unset( $values['restore'] );
		$told = array();
		foreach ( $values as $name => $value ) {
			if ( is_bool( $value ) ) {
				$value = $value ? __( 'yes', 'relance' ) : __( 'no', 'relance' );
			}
			$words = self::plain( $value );
			if ( '' !== $words ) {
				$told[] = is_int( $name ) ? '(' . $words . ')' : $name . ': ' . $words;
			}
		}
		return implode( ', ', $told );
	}

	/**
	 * A name and its value. WordPress escapes both where it writes them down.
	 *
	 * @param mixed $name  The name.
	 * @param mixed $value The value.
	 * @return array
	 */
	private static function pair( $name, $value ) {
		return array(
			'name'  => (string) $name,
			'value' => (string) $value,
		);
	}

	/**
	 * One item of an export. Its id is random: it only has to differ from the others.
	 *
	 * @param string $group Which group of the file.
	 * @param string $label The group's heading.
	 * @param array  $pairs Names and values.
	 * @return array
	 */
	private static function item( $group, $label, array $pairs ) {
		return array(
			'group_id'    => $group,
			'group_label' => $label,
			'item_id'     => 'relance-' . wp_generate_uuid4(),
			'data'        => $pairs,
		);
	}

	/**
	 * Text that the merchant can take into the shop's privacy policy.
	 */
	public static function suggest_policy() {
		if ( ! function_exists( 'wp_add_privacy_policy_content' ) ) {
			return;
		}
		$hint = __( 'Name whoever runs the Relance service for you, and where, and how long it keeps carts. Leave out the sentences on what you do not use.', 'relance' );
		$own  = array(
			__( 'If you agree to it by ticking a box at the checkout, we keep your cart before you order, with the e-mail address or the phone number that you typed, your name, country and language, and remind you of it by e-mail or by text message. Your consent is kept with its words, its time and its place as proof.', 'relance' ),
			__( 'If a notice at the checkout says so, we keep your cart and these contact details before you order. “No thanks” beside the notice deletes them, and a cookie (relance_declined, 180 days) keeps your choice. You get no text message without having agreed to it.', 'relance' ),
			__( 'Carts are sent to a Relance service that works for us. It gets the contact details above, what is in the cart, the amounts, the consents, your IP address and your browser’s name (to tell people from programs), and later the number of your order. Each message says how to stop.', 'relance' ),
		);
		$text = '<p class="privacy-policy-tutorial">' . esc_html( $hint ) . '</p>';
		foreach ( $own as $words ) {
			$text .= '<p>' . esc_html( $words ) . '</p>';
		}
		wp_add_privacy_policy_content( 'Relance', wp_kses_post( $text ) );
	}
}
