<?php
/**
 * Additional checkout fields: registered by plugins, shown by the block checkout, kept on orders.
 *
 * @package StandIn
 */

namespace Automattic\WooCommerce\Blocks\Domain\Services {

	defined( 'ABSPATH' ) || exit;

	/** The fields and where their values lie. */
	class CheckoutFields {

		/** @var array */
		public static $known = array();

		/**
		 * The key of a value.
		 *
		 * @param string $group billing, shipping, other.
		 */
		public static function get_group_key( $group ) {
			return array( 'billing' => '_wc_billing/', 'shipping' => '_wc_shipping/' )[ $group ] ?? '_wc_other/';
		}

		/** All. */
		public function get_additional_fields() {
			return self::$known;
		}

		/**
		 * The value of one.
		 *
		 * @param string $id     Field.
		 * @param object $object Order or customer.
		 * @param string $group  Group.
		 */
		public function get_field_from_object( $id, $object, $group = 'other' ) {
			return $object->get_meta( self::get_group_key( $group ) . $id );
		}
	}
}

namespace Automattic\WooCommerce\Blocks {

	/** The container, as far as plugins ask it. */
	class Package {

		/** Itself. */
		public static function container() {
			return new self();
		}

		/** @param string $class Of which class. */
		public function get( $class ) {
			return new $class();
		}
	}
}

namespace {

	use Automattic\WooCommerce\Blocks\Domain\Services\CheckoutFields;

	/**
	 * A field for the block checkout. Too early: a misuse; wrong: a WP_Error is thrown away as WooCommerce does.
	 *
	 * @param array $options id, label, location, type, required.
	 */
	function woocommerce_register_additional_checkout_field( $options ) {
		if ( ! did_action( 'woocommerce_loaded' ) ) {
			wc_doing_it_wrong( __FUNCTION__, 'Fields must be registered after woocommerce_loaded.', '8.6' );
			return new WP_Error( 'woocommerce_register_additional_checkout_field', 'too early' );
		}
		$options = wp_parse_args( $options, array( 'id' => '', 'label' => '', 'location' => '', 'type' => 'text', 'required' => false, 'optionalLabel' => '' ) );
		if ( ! preg_match( '#^[a-z0-9_-]+/[a-z0-9_-]+$#i', $options['id'] ) || '' === $options['label'] || ! in_array( $options['location'], array( 'address', 'contact', 'order' ), true ) || ! in_array( $options['type'], array( 'text', 'select', 'checkbox' ), true ) ) {
			wc_doing_it_wrong( __FUNCTION__, 'The field is not as it must be: ' . $options['id'], '8.6' );
			return new WP_Error( 'woocommerce_register_additional_checkout_field', 'wrong' );
		}
		$options['optionalLabel']                = $options['optionalLabel'] ? $options['optionalLabel'] : $options['label'] . ' (optional)';
		CheckoutFields::$known[ $options['id'] ] = $options;
		return true;
	}

	/** The old name. */
	function __experimental_woocommerce_blocks_register_checkout_field( $options ) { // phpcs:ignore
		return woocommerce_register_additional_checkout_field( $options );
	}

	/** Data that plugins add to Store API answers. */
	function woocommerce_store_api_register_endpoint_data( $args ) {
		$GLOBALS['standin_store_data'][ $args['endpoint'] ][ $args['namespace'] ] = $args;
		return true;
	}

	/** Calls of `cart/extensions`. */
	function woocommerce_store_api_register_update_callback( $args ) {
		$GLOBALS['standin_store_callbacks'][ $args['namespace'] ] = $args['callback'];
		return true;
	}

	/** Values sent with a checkout, on the order or the customer; contact fields also on the customer. */
	function standin_keep_fields( $values, $object ) {
		foreach ( CheckoutFields::$known as $id => $field ) {
			if ( 'address' === $field['location'] || ! array_key_exists( $id, (array) $values ) ) {
				continue;
			}
			$value = 'checkbox' === $field['type'] ? (bool) $values[ $id ] : sanitize_text_field( (string) $values[ $id ] );
			$value = apply_filters( 'woocommerce_sanitize_additional_field', $value, $id );
			do_action( 'woocommerce_set_additional_field_value', $id, $value, 'other', $object );
			if ( $object instanceof WC_Order || 'contact' === $field['location'] ) {
				$object->update_meta_data( CheckoutFields::get_group_key( 'other' ) . $id, is_bool( $value ) ? ( $value ? '1' : '' ) : $value );
			}
		}
	}

	/** Their values for an answer. */
	function standin_field_values( $object ) {
		$found = array();
		foreach ( CheckoutFields::$known as $id => $field ) {
			if ( 'address' === $field['location'] ) {
				continue;
			}
			$value        = $object ? $object->get_meta( CheckoutFields::get_group_key( 'other' ) . $id ) : '';
			$value        = '' === $value ? apply_filters( 'woocommerce_get_default_value_for_' . $id, null, 'other', $object ) : $value;
			$found[ $id ] = 'checkbox' === $field['type'] ? (bool) $value : (string) $value;
		}
		return $found;
	}
}
