<?php
/**
 * The small pages of a link.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

/**
 * Prints one of our pages. They need nothing of the theme, and no script.
 */
class Relance_Restore_Page {

	/**
	 * Headers of every answer, a redirect too: kept by no cache, shown in no search.
	 */
	public static function headers() {
		if ( ! defined( 'DONOTCACHEPAGE' ) ) {
			define( 'DONOTCACHEPAGE', true ); // phpcs:ignore WordPress.NamingConventions.PrefixAllGlobals.NonPrefixedConstantFound -- the name that cache plugins know.
		}
		nocache_headers();
		header( 'Cache-Control: no-store, no-cache, must-revalidate, max-age=0, private' );
		header( 'Referrer-Policy: no-referrer' );
		header( 'X-Robots-Tag: noindex, nofollow' );
		header( "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'" );
		header( 'X-Content-Type-Options: nosniff' );
	}

	/**
	 * The link is not one of ours.
	 */
	public static function unknown() {
		self::show(
			404,
			array(
				'title' => __( 'This link is not known', 'relance' ),
				'words' => __( 'Perhaps it was cut off when it was copied. Please open it from the message again.', 'relance' ),
				'links' => self::to_the_shop(),
			)
		);
	}

	/**
	 * The link's date is over, or the cart is not kept any more.
	 */
	public static function over() {
		self::show(
			410,
			array(
				'title' => __( 'This cart is not kept any more', 'relance' ),
				'words' => __( 'The link to it has ended. Nothing was changed.', 'relance' ),
				'links' => self::to_the_shop(),
			)
		);
	}

	/**
	 * The cart became an order.
	 */
	public static function ordered() {
		self::show(
			410,
			array(
				'title' => __( 'This cart was ordered already', 'relance' ),
				'words' => __( 'There is nothing left to do. Nothing was changed.', 'relance' ),
				'links' => self::to_the_shop(),
			)
		);
	}

	/**
	 * For programs that look at links, and for people whose browser looks like one.
	 *
	 * @param string $address The link itself.
	 */
	public static function preview( $address ) {
		self::show(
			200,
			array(
				'title'   => __( 'Your cart', 'relance' ),
				'words'   => __( 'The shop kept it for you.', 'relance' ),
				'address' => $address,
				'choices' => array( 'open' => __( 'Open my cart', 'relance' ) ),
			)
		);
	}

	/**
	 * The browser has another cart: asks.
	 *
	 * @param string   $address The link itself.
	 * @param string   $nonce   The name of the nonce.
	 * @param string[] $saved   The things in the saved cart.
	 * @param string[] $open    The things in this browser's cart.
	 */
	public static function choose( $address, $nonce, array $saved, array $open ) {
		self::show(
			200,
			array(
				'title'   => __( 'You already have a cart here', 'relance' ),
				'words'   => __( 'What shall we do with the cart that was saved for you?', 'relance' ),
				'lists'   => array(
					__( 'Saved for you', 'relance' ) => $saved,
					__( 'In your cart now', 'relance' ) => $open,
				),
				'address' => $address,
				'nonce'   => wp_create_nonce( $nonce ),
				'choices' => array(
					'add'     => __( 'Add the saved things to my cart', 'relance' ),
					'replace' => __( 'Take the saved cart instead', 'relance' ),
					'keep'    => __( 'Keep my cart as it is', 'relance' ),
				),
			)
		);
	}

	/**
	 * The cart is filled, but something is to be said.
	 *
	 * @param string[] $notes    Sentences.
	 * @param string   $checkout The checkout's address.
	 */
	public static function filled( array $notes, $checkout ) {
		self::show(
			200,
			array(
				'title' => __( 'Your cart is back', 'relance' ),
				'words' => __( 'Please note before you go on:', 'relance' ),
				'notes' => $notes,
				'links' => array( $checkout => __( 'Go to the checkout', 'relance' ) ),
			)
		);
	}

	/**
	 * Nothing of the cart can be had.
	 *
	 * @param string[] $notes    Sentences.
	 * @param string   $checkout The checkout's address when this browser has a cart of its own, else ''.
	 */
	public static function nothing_left( array $notes, $checkout ) {
		$links = self::to_the_shop();
		if ( '' !== $checkout ) {
			$links = array( $checkout => __( 'Go to the checkout with my present cart', 'relance' ) ) + $links;
		}
		self::show(
			200,
			array(
				'title' => __( 'None of these items is available now', 'relance' ),
				'words' => __( 'We are sorry:', 'relance' ),
				'notes' => $notes,
				'links' => $links,
			)
		);
	}

	/**
	 * A link to the shop's first page.
	 *
	 * @return string[] Address → words.
	 */
	private static function to_the_shop() {
		$shop = wc_get_page_permalink( 'shop', home_url( '/' ) );
		return array( $shop => __( 'Go to the shop', 'relance' ) );
	}

	/**
	 * Prints a page.
	 *
	 * @param int   $status The HTTP status.
	 * @param array $page   title, words, and as needed: notes, lists, links, address with choices and nonce.
	 */
	private static function show( $status, array $page ) {
		status_header( $status );
		header( 'Content-Type: text/html; charset=UTF-8' );
		$page = array_merge(
			array(
				'notes'   => array(),
				'lists'   => array(),
				'links'   => array(),
				'address' => '',
				'nonce'   => '',
				'choices' => array(),
			),
			$page
		);
		$shop = wp_specialchars_decode( get_bloginfo( 'name' ), ENT_QUOTES );
		include dirname( __DIR__ ) . '/templates/restore-page.php';
	}
}
