<?php
/**
 * Shipping: one flat rate, and a free one when a coupon grants it.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

/** One way to send a parcel. */
class WC_Shipping_Rate {

	/** @var array */
	private $kept;

	/** @param string $id method:instance. @param string $label Words. @param string $cost Sum. @param string $items What is in it. */
	public function __construct( $id, $label, $cost, $items ) {
		list( $method, $instance ) = explode( ':', $id );
		$this->kept                = array( 'id' => $id, 'method_id' => $method, 'instance_id' => (int) $instance, 'label' => $label, 'cost' => $cost, 'taxes' => array(), 'items' => $items );
	}

	/** @param string $method get_…. @param array $args With. */
	public function __call( $method, $args ) {
		return $this->kept[ substr( $method, 4 ) ];
	}
}

/** All shipping. */
class WC_Shipping {

	/** @var WC_Shipping|null */
	private static $one = null;
	/** @var array */
	public $packages = array();

	/** The one. */
	public static function instance() {
		if ( null === self::$one ) {
			self::$one = new self();
		}
		return self::$one;
	}

	/** What was counted last. */
	public function get_packages() {
		return $this->packages;
	}

	/**
	 * The chosen rate of each parcel.
	 *
	 * @param array $packages Parcels.
	 */
	public function calculate_shipping( $packages = array() ) {
		$chosen_before  = (array) WC()->session->get( 'chosen_shipping_methods', array() );
		$chosen         = array();
		$this->packages = array();
		foreach ( $packages as $i => $package ) {
			$package['rates']   = $this->rates( $package );
			$this->packages[]   = $package;
			$wanted             = isset( $chosen_before[ $i ] ) ? $chosen_before[ $i ] : '';
			$known              = WC()->session->get( 'shipping_method_counts', array() );
			$same               = isset( $known[ $i ] ) && count( $package['rates'] ) === $known[ $i ];
			$free               = isset( $package['rates']['free_shipping:2'] ) && ! $same ? 'free_shipping:2' : key( $package['rates'] );
			$chosen[ $i ]       = $same && isset( $package['rates'][ $wanted ] ) ? $wanted : $free;
		}
		WC()->session->set( 'chosen_shipping_methods', $chosen );
		WC()->session->set( 'shipping_method_counts', array_map( function ( $one ) { return count( $one['rates'] ); }, $this->packages ) );
		$found = array();
		foreach ( $this->packages as $i => $package ) {
			if ( isset( $package['rates'][ $chosen[ $i ] ] ) ) {
				$found[] = $package['rates'][ $chosen[ $i ] ];
			}
		}
		return $found;
	}

	private function rates( $package ) {
		$said = array();
		foreach ( $package['contents'] as $line ) {
			$said[] = $line['data']->get_name() . ' &times; ' . $line['quantity'];
		}
		$items = implode( ', ', $said );
		$rates = array( 'flat_rate:1' => new WC_Shipping_Rate( 'flat_rate:1', 'Flat rate', get_option( 'standin_shipping', '7.50' ), $items ) );
		foreach ( $package['applied_coupons'] as $code ) {
			$coupon = new WC_Coupon( $code );
			if ( $coupon->get_free_shipping() ) {
				$rates['free_shipping:2'] = new WC_Shipping_Rate( 'free_shipping:2', 'Free shipping', '0', $items );
			}
		}
		return apply_filters( 'woocommerce_package_rates', $rates, $package );
	}
}
