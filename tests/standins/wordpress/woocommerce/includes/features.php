<?php
/**
 * The namespaced classes that plugins ask about features.
 *
 * @package StandIn
 */

namespace Automattic\WooCommerce\Utilities;

/** Compatibility that plugins declare. */
class FeaturesUtil {

	/** @var array */
	private static $declared = array();

	/**
	 * A plugin says whether it works with a feature.
	 *
	 * @param string $feature    Its name.
	 * @param string $plugin     The plugin's file.
	 * @param bool   $compatible Whether it does.
	 */
	public static function declare_compatibility( $feature, $plugin, $compatible = true ) {
		if ( ! doing_action( 'before_woocommerce_init' ) ) {
			wc_doing_it_wrong( __METHOD__, 'declare_compatibility should be called inside the before_woocommerce_init action.', '7.0' );
			return false;
		}
		self::$declared[ plugin_basename( $plugin ) ][ $feature ] = $compatible;
		return true;
	}

	/**
	 * What was declared.
	 *
	 * @param string $plugin The plugin's basename.
	 */
	public static function get_compatible_features_for_plugin( $plugin ) {
		return isset( self::$declared[ $plugin ] ) ? self::$declared[ $plugin ] : array();
	}

	/**
	 * Whether a feature is on.
	 *
	 * @param string $feature Its name.
	 */
	public static function feature_is_enabled( $feature ) {
		return 'custom_order_tables' === $feature;
	}
}

/** Where orders lie. */
class OrderUtil {

	/** Orders have their own table. */
	public static function custom_orders_table_usage_is_enabled() {
		return true;
	}

	/** No posts beside it. */
	public static function is_custom_order_tables_in_sync() {
		return false;
	}

	/**
	 * What sort of order.
	 *
	 * @param int|object $order An order or its id.
	 */
	public static function get_order_type( $order ) {
		return wc_get_order( $order ) ? 'shop_order' : '';
	}

	/**
	 * Whether this is an order.
	 *
	 * @param int   $id    Its id.
	 * @param array $types Of these types.
	 */
	public static function is_order( $id, $types = array() ) {
		return (bool) wc_get_order( $id );
	}

	/** The screen of the orders list. */
	public static function get_order_admin_screen() {
		return 'woocommerce_page_wc-orders';
	}
}

namespace Automattic\WooCommerce\Blocks\Utils;

/** What the cart and checkout pages are made of. */
class CartCheckoutUtils {

	/** Whether the checkout page holds the block. */
	public static function is_checkout_block_default() {
		return self::has( 'checkout', 'woocommerce/checkout' );
	}

	/** Whether the cart page holds the block. */
	public static function is_cart_block_default() {
		return self::has( 'cart', 'woocommerce/cart' );
	}

	/** Whether there is a cart page. */
	public static function has_cart_page() {
		return wc_get_page_id( 'cart' ) > 0;
	}

	private static function has( $page, $block ) {
		$id = wc_get_page_id( $page );
		return $id > 0 && has_block( $block, $id );
	}
}

namespace Automattic\WooCommerce\Admin\Features;

/** The admin's feature flags. */
class Features {

	/**
	 * Whether one is on.
	 *
	 * @param string $feature Its name.
	 */
	public static function is_enabled( $feature ) {
		return false;
	}
}
