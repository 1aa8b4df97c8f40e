<?php
/**
 * The door of the opt-in box.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

require_once __DIR__ . '/class-relance-phone-lengths.php';

/**
 * Takes what a shopper sends from the box, `?wc-ajax=relance_box`, and queues it.
 *
 * What the texts are about comes from the server: the product's title and price, the
 * words that were read, the cart. From the browser come a number, a country and ticks.
 */
class Relance_Box_Door {

	// WooCommerce binds nonces whose names begin like this to a guest's own session.
	const NONCE   = 'woocommerce-relance-box';
	const LARGEST = 4096; // Bytes of a message.

	/**
	 * Registers the door.
	 */
	public static function hook() {
		add_action( 'wc_ajax_relance_box', array( __CLASS__, 'answer' ) );
	}

	/**
	 * The nonce that the script sends.
	 *
	 * @return string
	 */
	public static function nonce() {
		return wp_create_nonce( self::NONCE );
	}

	/**
	 * Answers the script and ends the request.
	 *
	 * 200 taken · 400 something is missing (with the field, when it is one, and words) · 403 an old
	 * nonce, with a fresh one that only a page of this shop can read · 429 too often.
	 */
	public static function answer() {
		$message = self::message();
		if ( null === $message ) {
			self::reply( 400, 'odd' );
		}
		if ( ! wp_verify_nonce( Relance_Door::header( 'HTTP_X_RELANCE_NONCE' ), self::NONCE ) ) {
			self::send( 403, array( 'nonce' => self::nonce() ) );
		}
		if ( '' !== $message['locale'] ) {
			switch_to_locale( $message['locale'] ); // The language of the page, whose words were read.
		}
		if ( ! Relance_Settings::is_active() ) {
			self::reply( 400, 'later' );
		}
		if ( '' !== $message['note'] || Relance_Capture::is_bot() ) {
			self::reply( 400, 'later' ); // A program filled in the field that nobody sees.
		}
		self::take( $message );
	}

	/**
	 * What the box says.
	 *
	 * @param string $what Which words.
	 * @return string Plain text.
	 */
	public static function words( $what ) {
		$words = array(
			'noted'     => __( 'Noted. Each message says how to stop.', 'relance' ),
			'in_stock'  => __( 'Good news: this is in stock now.', 'relance' ),
			'no_cart'   => __( 'Your cart is still empty, so there is none to keep: ask again when something is in it.', 'relance' ),
			'renewal'   => __( 'This cart is about a subscription that you already have, so there is none to keep.', 'relance' ),
			'nothing'   => __( 'Please tick what we may text you about.', 'relance' ),
			'phone'     => __( 'This phone number does not look complete.', 'relance' ),
			'country'   => __( 'Please choose the country of the number.', 'relance' ),
			'product'   => __( 'This product cannot be watched.', 'relance' ),
			'too_often' => __( 'That is too often. Please try again later.', 'relance' ),
			'odd'       => __( 'This form could not be read. Please load the page again.', 'relance' ),
			'later'     => __( 'This could not be kept just now. Please try again in a minute.', 'relance' ),
		);
		return isset( $words[ $what ] ) ? $words[ $what ] : $words['odd'];
	}

	/**
	 * The message of the script, each value of its own type.
	 *
	 * @return array|null Null when it is none of our script's messages.
	 */
	private static function message() {
		$raw = Relance_Door::is_a_post_of_this_shop() ? Relance_Door::message( self::LARGEST ) : null;
		if ( null === $raw ) {
			return null;
		}
		$message = array();
		foreach ( array( 'phone', 'country', 'locale', 'note' ) as $name ) {
			$message[ $name ] = isset( $raw[ $name ] ) ? $raw[ $name ] : '';
			if ( ! is_string( $message[ $name ] ) ) {
				return null;
			}
		}
		$kinds  = isset( $raw['kinds'] ) && is_array( $raw['kinds'] ) ? array_filter( $raw['kinds'], 'is_string' ) : array();
		$locale = preg_match( '/^[A-Za-z_]{2,20}$/D', $message['locale'] ) ? $message['locale'] : '';
		return array(
			'phone'        => trim( sanitize_text_field( $message['phone'] ) ),
			'country'      => strtoupper( sanitize_key( $message['country'] ) ),
			'locale'       => $locale,
			'note'         => $message['note'],
			'kinds'        => array_values( array_intersect( Relance_Box::KINDS, $kinds ) ),
			'marketing'    => isset( $raw['marketing'] ) && true === $raw['marketing'],
			'product_id'   => isset( $raw['product_id'] ) && is_int( $raw['product_id'] ) ? absint( $raw['product_id'] ) : 0,
			'variation_id' => isset( $raw['variation_id'] ) && is_int( $raw['variation_id'] ) ? absint( $raw['variation_id'] ) : 0,
		);
	}

	/**
	 * Does what a message asks, and answers it.
	 *
	 * @param array $message From message().
	 */
	private static function take( array $message ) {
		if ( ! $message['kinds'] && ! $message['marketing'] ) {
			self::reply( 400, 'nothing' );
		}
		if ( strlen( $message['phone'] ) > 80 || ! Relance_Contact::is_a_phone( $message['phone'] ) ) {
			self::reply( 400, 'phone', 'phone' );
		}
		$countries = WC()->countries->get_allowed_countries();
		if ( ! isset( $countries[ $message['country'] ] ) ) {
			self::reply( 400, 'country', 'country' );
		}
		if ( ! Relance_Phone_Lengths::fit( $message['phone'], $message['country'] ) ) {
			self::reply( 400, 'phone', 'phone' );
		}
		$who = Relance_Requests::asker( $message['phone'], $message['country'] );
		if ( Relance_Requests::is_too_often( $who ) ) {
			self::reply( 429, 'too_often' );
		}
		$said = array();
		$kept = 0;
		foreach ( $message['kinds'] as $kind ) {
			$refused = self::take_request( $kind, $message, $who );
			if ( '' === $refused ) {
				++$kept;
			} else {
				$said[] = self::words( $refused );
			}
		}
		if ( $message['marketing'] ) {
			$kept += Relance_Requests::add( 'customers', self::consent( $message ), '', $who ) ? 1 : 0;
		}
		if ( $kept ) {
			array_unshift( $said, self::words( 'noted' ) );
		}
		self::send(
			$kept ? 200 : 400,
			array(
				'ok'      => $kept > 0,
				'message' => $said ? implode( ' ', $said ) : self::words( 'later' ),
			)
		);
	}

	/**
	 * Queues one request.
	 *
	 * @param string $kind    One of Relance_Box::KINDS.
	 * @param array  $message From message().
	 * @param array  $who     Who asks, as Relance_Requests::asker() gives it.
	 * @return string '' when queued, else which words say why not.
	 */
	private static function take_request( $kind, array $message, $who ) {
		$request = array(
			'kind'        => $kind,
			'phone'       => $message['phone'],
			'country'     => $message['country'],
			'at'          => self::at(),
			'words'       => Relance_Box::words( $kind ) . ' ' . Relance_Box::small_print(),
			'locale'      => self::locale( $message ),
			'customer_id' => get_current_user_id(),
			'withdrawn'   => false,
		);
		if ( 'keep_cart' === $kind ) {
			if ( Relance_Cart::is_empty() ) {
				return 'no_cart';
			}
			if ( Relance_Cart::is_renewal() ) {
				return 'renewal';
			}
			$request['cart_key'] = self::keep_cart( $message );
			if ( null === $request['cart_key'] ) {
				return 'later';
			}
		} elseif ( 'order_news' !== $kind ) {
			$about = self::about( $message );
			if ( ! $about ) {
				return 'product';
			}
			if ( 'back_in_stock' === $kind && $about['in_stock'] ) {
				return 'in_stock';
			}
			unset( $about['in_stock'] );
			$request += $about;
		}
		return Relance_Requests::add( 'requests', $request, '', $who ) ? '' : 'later';
	}

	/**
	 * The product that is watched, as the server knows it.
	 *
	 * @param array $message From message().
	 * @return array Fields of a request, and in_stock; empty when there is no such product for shoppers.
	 */
	private static function about( array $message ) {
		$parent  = $message['product_id'] ? wc_get_product( $message['product_id'] ) : null;
		$product = $parent instanceof WC_Product && $message['variation_id'] ? wc_get_product( $message['variation_id'] ) : $parent;
		if ( ! $parent instanceof WC_Product || 'publish' !== $parent->get_status() || '' !== (string) get_post_field( 'post_password', $parent->get_id() ) || ! $product instanceof WC_Product ) {
			return array();
		}
		if ( $product !== $parent && ( $product->get_parent_id() !== $parent->get_id() || 'publish' !== $product->get_status() ) ) {
			return array();
		}
		$about = array(
			'product_id'   => $parent->get_id(),
			'variation_id' => $product === $parent ? 0 : $product->get_id(),
			'title'        => trim( html_entity_decode( wp_strip_all_tags( $product->get_name() ), ENT_QUOTES, 'UTF-8' ) ),
			'permalink'    => $product->get_permalink(),
			'in_stock'     => $product->is_in_stock(),
		);
		if ( '' !== (string) $product->get_price() ) {
			$about['price']    = number_format( (float) wc_get_price_to_display( $product ), wc_get_price_decimals(), '.', '' );
			$about['currency'] = get_woocommerce_currency();
		}
		return $about;
	}

	/**
	 * Keeps the cart of this session, because the shopper asks for it.
	 *
	 * @param array $message From message().
	 * @return string|null The cart's key; null when it could not be kept.
	 */
	private static function keep_cart( array $message ) {
		$known = Relance_Cart::peek_key();
		$key   = Relance_Cart::key();
		if ( null === $key ) {
			return null;
		}
		Relance_Cart::leave_session( $key !== $known );
		Relance_Cart::recalculate();
		$row     = Relance_Store::get( $key );
		$now     = $row ? Relance_Store::after( $row['changed_at'] ) : Relance_Store::now();
		$contact = array(
			'phone'   => $message['phone'],
			'country' => $message['country'],
		);
		$held    = $row && ! Relance_Typed::is_of_another( $row, $contact ) ? $row['contact'] : array();
		$fields  = array(
			'contact'     => array_merge( $held, $contact ),
			'notes'       => Relance_Typed::notes( $row, $contact, '', 0, Relance_Typed::was_declined() ),
			'snapshot'    => Relance_Cart::snapshot(),
			'customer_id' => get_current_user_id(),
			'user_agent'  => substr( Relance_Door::header( 'HTTP_USER_AGENT' ), 0, 400 ),
			'ip'          => substr( (string) WC_Geolocation::get_ip_address(), 0, 45 ),
			'deleted'     => 0,
			'forget'      => 0,
			'changed_at'  => $now,
			'waiting'     => 1,
		);
		if ( ! $row ) {
			$fields['created_at'] = $now;
		}
		return Relance_Store::save( $key, $fields ) ? $key : null;
	}

	/**
	 * The consent to marketing, apart from everything else.
	 *
	 * @param array $message From message().
	 * @return array News of a customer, as the service's door reads it.
	 */
	private static function consent( array $message ) {
		return array(
			'changed_at'  => self::at(),
			'customer_id' => get_current_user_id(),
			'locale'      => self::locale( $message ),
			'contact'     => array(
				'phone'   => $message['phone'],
				'country' => $message['country'],
			),
			'consents'    => array(
				array(
					'channel' => 'sms',
					'granted' => true,
					'address' => $message['phone'],
					'at'      => self::at(),
					'words'   => Relance_Box::words( 'marketing' ) . ' ' . Relance_Box::small_print(),
				),
			),
		);
	}

	/**
	 * The language of the page that the box stood on.
	 *
	 * @param array $message From message().
	 * @return string "de_DE".
	 */
	private static function locale( array $message ) {
		return '' === $message['locale'] ? determine_locale() : $message['locale'];
	}

	/**
	 * Now.
	 *
	 * @return string ISO 8601, UTC.
	 */
	private static function at() {
		return gmdate( 'Y-m-d\TH:i:s\Z' );
	}

	/**
	 * Answers in words and ends.
	 *
	 * @param int    $status The status.
	 * @param string $what   Which words.
	 * @param string $field  The field that they are about, or ''.
	 */
	private static function reply( $status, $what, $field = '' ) {
		$told = array(
			'ok'      => 200 === $status,
			'message' => self::words( $what ),
		);
		self::send( $status, '' === $field ? $told : $told + array( 'field' => $field ) );
	}

	/**
	 * Answers and ends.
	 *
	 * @param int   $status The status.
	 * @param array $body   What is told.
	 */
	private static function send( $status, array $body ) {
		status_header( $status );
		header( 'Content-Type: application/json; charset=utf-8' );
		header( 'Cache-Control: no-store' );
		echo wp_json_encode( $body );
		exit;
	}
}
