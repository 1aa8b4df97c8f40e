<?php
/**
 * The lines of a saved cart.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

/**
 * Reads the lines of a saved cart, and compares what two carts hold.
 */
class Relance_Restore_Lines {

	/**
	 * The lines that a cart is filled with again.
	 *
	 * @param array $snapshot As stored: `restore` and, for titles and prices, `lines`.
	 * @return array[] Each: product_id, variation_id, variation, quantity, cart_item_data, title, price.
	 */
	public static function read( array $snapshot ) {
		$told    = self::told( $snapshot );
		$nothing = array(
			'title' => '',
			'price' => '',
		);
		$lines   = array();
		$raw     = isset( $snapshot['restore'] ) && is_array( $snapshot['restore'] ) ? $snapshot['restore'] : array();
		foreach ( array_slice( array_values( $raw ), 0, Relance_Cart::MOST_LINES ) as $line ) {
			$line = self::read_line( is_array( $line ) ? $line : array() );
			if ( $line['product_id'] && $line['quantity'] > 0 && ! self::is_brought( $line['cart_item_data'] ) ) {
				$name    = $line['product_id'] . ':' . $line['variation_id'];
				$lines[] = $line + ( isset( $told[ $name ] ) ? $told[ $name ] : $nothing );
			}
		}
		return $lines;
	}

	/**
	 * What a cart holds, so that two can be compared.
	 *
	 * @param array[] $lines Saved lines, or WooCommerce's cart items.
	 * @return float[] Name of the line → quantity, in order of the names.
	 */
	public static function contents( array $lines ) {
		$contents = array();
		foreach ( $lines as $line ) {
			if ( self::is_brought( $line ) ) {
				continue;
			}
			$name              = self::name( $line );
			$contents[ $name ] = (float) $line['quantity'] + ( isset( $contents[ $name ] ) ? $contents[ $name ] : 0 );
		}
		ksort( $contents );
		return $contents;
	}

	/**
	 * The name of a line: its product, variation and chosen attributes.
	 *
	 * @param array $line A saved line, or one of WooCommerce's cart items.
	 * @return string
	 */
	public static function name( array $line ) {
		$chosen = isset( $line['variation'] ) && is_array( $line['variation'] ) ? array_map( 'strval', $line['variation'] ) : array();
		ksort( $chosen );
		return absint( $line['product_id'] ) . ':' . absint( $line['variation_id'] ) . ':' . wp_json_encode( $chosen );
	}

	/**
	 * Whether another line brings this one along by itself.
	 *
	 * @param array $extra What other plugins wrote to the line.
	 * @return bool
	 */
	private static function is_brought( array $extra ) {
		return (bool) array_intersect_key( $extra, array_flip( Relance_Cart::BROUGHT_ALONG ) );
	}

	/**
	 * Titles and prices as the shopper saw them.
	 *
	 * @param array $snapshot The snapshot.
	 * @return array[] "product:variation" → title and price.
	 */
	private static function told( array $snapshot ) {
		$told = array();
		foreach ( isset( $snapshot['lines'] ) && is_array( $snapshot['lines'] ) ? $snapshot['lines'] : array() as $line ) {
			if ( isset( $line['product_id'] ) ) {
				$name          = absint( $line['product_id'] ) . ':' . ( isset( $line['variation_id'] ) ? absint( $line['variation_id'] ) : 0 );
				$title         = isset( $line['title'] ) && is_string( $line['title'] ) ? $line['title'] : '';
				$chosen        = isset( $line['variation'] ) && is_string( $line['variation'] ) ? $line['variation'] : '';
				$told[ $name ] = array(
					'title' => '' === $title || '' === $chosen ? $title : $title . ' – ' . $chosen,
					'price' => isset( $line['unit_price'] ) && is_numeric( $line['unit_price'] ) ? (string) $line['unit_price'] : '',
				);
			}
		}
		return $told;
	}

	/**
	 * A line as stored, each field of its own type.
	 *
	 * @param array $raw As stored.
	 * @return array
	 */
	private static function read_line( array $raw ) {
		$list = array(
			'variation'      => array(),
			'cart_item_data' => array(),
		);
		foreach ( array_keys( $list ) as $name ) {
			$list[ $name ] = isset( $raw[ $name ] ) && is_array( $raw[ $name ] ) ? array_filter( $raw[ $name ], 'is_scalar' ) : array();
		}
		return array(
			'product_id'     => isset( $raw['product_id'] ) ? absint( $raw['product_id'] ) : 0,
			'variation_id'   => isset( $raw['variation_id'] ) ? absint( $raw['variation_id'] ) : 0,
			'variation'      => $list['variation'],
			'quantity'       => isset( $raw['quantity'] ) && is_numeric( $raw['quantity'] ) ? wc_stock_amount( $raw['quantity'] ) : 0,
			'cart_item_data' => $list['cart_item_data'],
		);
	}
}
