<?php
/**
 * The customer: of the session, or of an account.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

/** Addresses and what else is known. */
class WC_Customer {

	/** @var int */
	private $id;
	/** @var bool */
	private $of_session;
	/** @var array */
	private $kept = array();
	/** @var array */
	private $meta = array();

	/** The names of an address. */
	public static function names() {
		return array( 'first_name', 'last_name', 'company', 'address_1', 'address_2', 'city', 'state', 'postcode', 'country', 'email', 'phone' );
	}

	/**
	 * Read one.
	 *
	 * @param int  $id         A user's id; 0 for a guest.
	 * @param bool $of_session Kept in the session.
	 */
	public function __construct( $id = 0, $of_session = false ) {
		$this->id         = $id && get_userdata( $id ) ? (int) $id : 0;
		$this->of_session = $of_session;
		foreach ( array( 'billing', 'shipping' ) as $of ) {
			foreach ( self::names() as $name ) {
				$this->kept[ $of . '_' . $name ] = $this->id ? (string) get_user_meta( $this->id, $of . '_' . $name, true ) : '';
			}
			if ( '' === $this->kept[ $of . '_country' ] ) {
				$this->kept[ $of . '_country' ] = WC()->countries->get_base_country();
				$this->kept[ $of . '_state' ]   = WC()->countries->get_base_state();
			}
		}
		$user = $this->id ? get_userdata( $this->id ) : null;
		if ( $user && '' === $this->kept['billing_email'] ) {
			$this->kept['billing_email'] = $user->user_email;
		}
		if ( $of_session && WC()->session ) {
			$this->read_session();
		}
	}

	private function read_session() {
		$kept = WC()->session->get( 'customer' );
		if ( ! is_array( $kept ) || (int) $kept['id'] !== $this->id ) {
			return;
		}
		foreach ( self::names() as $name ) {
			foreach ( array( 'billing_' . $name => $name, 'shipping_' . $name => 'shipping_' . $name ) as $ours => $theirs ) {
				if ( isset( $kept[ $theirs ] ) ) {
					$this->kept[ $ours ] = $kept[ $theirs ];
				}
			}
		}
		$this->meta = isset( $kept['meta_data'] ) ? (array) $kept['meta_data'] : array();
	}

	/** The user's id. */
	public function get_id() {
		return $this->id;
	}

	/** The account's e-mail. */
	public function get_email() {
		$user = $this->id ? get_userdata( $this->id ) : null;
		return $user ? $user->user_email : '';
	}

	/** Their name. */
	public function get_first_name() {
		return $this->id ? (string) get_user_meta( $this->id, 'first_name', true ) : '';
	}

	/** Their name. */
	public function get_last_name() {
		return $this->id ? (string) get_user_meta( $this->id, 'last_name', true ) : '';
	}

	/** Where taxes are counted: country, state, postcode, city. */
	public function get_taxable_address() {
		$of = 'base' === get_option( 'woocommerce_tax_based_on' ) ? array( WC()->countries->get_base_country(), WC()->countries->get_base_state(), '', '' ) : array( $this->kept['shipping_country'], $this->kept['shipping_state'], $this->kept['shipping_postcode'], $this->kept['shipping_city'] );
		return apply_filters( 'woocommerce_customer_taxable_address', $of );
	}

	/** Taxes hold. */
	public function get_is_vat_exempt() {
		return false;
	}

	/** Whether the address is good enough to count shipping. */
	public function has_calculated_shipping() {
		return '' !== $this->kept['shipping_country'];
	}

	/** @param bool $yes It was counted. */
	public function set_calculated_shipping( $yes = true ) {}

	/** @param string $key A note. */
	public function get_meta( $key, $single = true ) {
		return isset( $this->meta[ $key ] ) ? $this->meta[ $key ] : ( $this->id ? get_user_meta( $this->id, $key, $single ) : '' );
	}

	/** @param string $key A note. */
	public function meta_exists( $key ) {
		return isset( $this->meta[ $key ] );
	}

	/** @param string $key A note. @param mixed $value Its value. */
	public function update_meta_data( $key, $value ) {
		$this->meta[ $key ] = $value;
	}

	/** @param string $key A note. */
	public function delete_meta_data( $key ) {
		unset( $this->meta[ $key ] );
	}

	/** `billing` address. */
	public function get_billing() {
		return $this->address( 'billing' );
	}

	/** `shipping` address. */
	public function get_shipping() {
		return $this->address( 'shipping' );
	}

	private function address( $of ) {
		$found = array();
		foreach ( self::names() as $name ) {
			$found[ $name ] = $this->kept[ $of . '_' . $name ];
		}
		return $found;
	}

	/** @param string $method get_… or set_…. @param array $args With. */
	public function __call( $method, $args ) {
		list( $verb, $name ) = array_pad( explode( '_', $method, 2 ), 2, '' );
		if ( 'get' === $verb && isset( $this->kept[ $name ] ) ) {
			return apply_filters( 'woocommerce_customer_get_' . $name, $this->kept[ $name ], $this );
		}
		if ( 'set' === $verb && isset( $this->kept[ $name ] ) ) {
			$this->kept[ $name ] = (string) $args[0];
			return null;
		}
		trigger_error( 'The stand-in has no WC_Customer::' . esc_html( $method ), E_USER_ERROR );
	}

	/** As the session keeps it, or in the account. */
	public function save() {
		if ( $this->of_session ) {
			$kept = array( 'id' => (string) $this->id, 'date_modified' => '' );
			foreach ( self::names() as $name ) {
				$kept[ $name ]               = $this->kept[ 'billing_' . $name ];
				$kept[ 'shipping_' . $name ] = $this->kept[ 'shipping_' . $name ];
			}
			$kept['meta_data'] = $this->meta;
			WC()->session->set( 'customer', $kept );
		} elseif ( $this->id ) {
			foreach ( $this->kept as $name => $value ) {
				update_user_meta( $this->id, $name, $value );
			}
			foreach ( $this->meta as $name => $value ) {
				update_user_meta( $this->id, $name, $value );
			}
		}
		return $this->id;
	}
}
