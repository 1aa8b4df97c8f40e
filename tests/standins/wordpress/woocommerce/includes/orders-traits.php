<?php
/**
 * Notes of an order, and the pages about it.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

/** A note. */
class WC_Meta_Data {

	/** @var int */
	public $id;
	/** @var string */
	public $key;
	/** @var mixed */
	public $value;

	/** @param array $kept id, key, value. */
	public function __construct( $kept ) {
		list( $this->id, $this->key, $this->value ) = array( $kept['id'], $kept['key'], $kept['value'] );
	}

	/** All of it. */
	public function get_data() {
		return array( 'id' => $this->id, 'key' => $this->key, 'value' => $this->value );
	}
}

/** Notes. */
trait StandIn_Order_Meta {

	/** @var WC_Meta_Data[] */
	protected $meta = array();
	/** @var int[] */
	protected $meta_gone = array();

	private function read_meta() {
		global $wpdb;
		foreach ( $wpdb->get_results( $wpdb->prepare( "SELECT * FROM {$wpdb->prefix}wc_orders_meta WHERE order_id = %d ORDER BY id", $this->id ) ) as $row ) {
			$this->meta[] = new WC_Meta_Data( array( 'id' => (int) $row->id, 'key' => $row->meta_key, 'value' => maybe_unserialize( $row->meta_value ) ) );
		}
	}

	/** All notes. */
	public function get_meta_data() {
		return $this->meta;
	}

	/** @param string $key Which. @param bool $single One. */
	public function get_meta( $key = '', $single = true, $context = 'view' ) {
		$found = array();
		foreach ( $this->meta as $one ) {
			if ( $key === $one->key ) {
				$found[] = $one->value;
			}
		}
		return $single ? ( $found ? $found[0] : '' ) : $found;
	}

	/** @param string $key Which. */
	public function meta_exists( $key = '' ) {
		return in_array( $key, wp_list_pluck( $this->meta, 'key' ), true );
	}

	/** @param string $key Which. @param mixed $value Its value. @param bool $unique The only one. */
	public function add_meta_data( $key, $value, $unique = false ) {
		if ( $unique ) {
			$this->delete_meta_data( $key );
		}
		$this->meta[] = new WC_Meta_Data( array( 'id' => 0, 'key' => $key, 'value' => $value ) );
	}

	/** @param string $key Which. @param mixed $value Its value. */
	public function update_meta_data( $key, $value, $meta_id = 0 ) {
		foreach ( $this->meta as $one ) {
			if ( $key === $one->key ) {
				$one->value = $value;
				return;
			}
		}
		$this->add_meta_data( $key, $value );
	}

	/** @param string $key Which. */
	public function delete_meta_data( $key ) {
		foreach ( $this->meta as $i => $one ) {
			if ( $key === $one->key ) {
				$this->meta_gone[] = $one->id;
				unset( $this->meta[ $i ] );
			}
		}
		$this->meta = array_values( $this->meta );
	}

	/** Only the notes. */
	public function save_meta_data() {
		$this->save_meta();
	}

	private function save_meta() {
		global $wpdb;
		$table = $wpdb->prefix . 'wc_orders_meta';
		foreach ( array_filter( $this->meta_gone ) as $id ) {
			$wpdb->delete( $table, array( 'id' => $id ) );
		}
		$this->meta_gone = array();
		foreach ( $this->meta as $one ) {
			$row = array( 'order_id' => $this->id, 'meta_key' => $one->key, 'meta_value' => maybe_serialize( $one->value ) ); // phpcs:ignore WordPress.DB.SlowDBQuery
			if ( $one->id ) {
				$wpdb->update( $table, $row, array( 'id' => $one->id ) );
			} else {
				$wpdb->insert( $table, $row );
				$one->id = (int) $wpdb->insert_id;
			}
		}
	}
}

/** Pages and conditions. */
trait StandIn_Order_Pages {

	/** Whether it can still be paid. */
	public function needs_payment() {
		$may = $this->has_status( apply_filters( 'woocommerce_valid_order_statuses_for_payment', array( 'pending', 'failed' ), $this ) );
		return apply_filters( 'woocommerce_order_needs_payment', $may && (float) $this->get_total() > 0, $this, array( 'pending', 'failed' ) );
	}

	/** Whether somebody packs it. */
	public function needs_processing() {
		return true;
	}

	/** Paid. */
	public function is_paid() {
		return apply_filters( 'woocommerce_order_is_paid', $this->has_status( wc_get_is_paid_statuses() ), $this );
	}

	/** By whom it may be changed in the admin. */
	public function is_editable() {
		return $this->has_status( array( 'pending', 'on-hold', 'auto-draft', 'checkout-draft' ) );
	}

	/** @param string $key A key. */
	public function key_is_valid( $key ) {
		return hash_equals( (string) $this->get_order_key(), (string) $key );
	}

	/** Where it is paid. */
	public function get_checkout_payment_url( $on_checkout = false ) {
		$at = wc_get_endpoint_url( 'order-pay', $this->id, wc_get_checkout_url() );
		return apply_filters( 'woocommerce_get_checkout_payment_url', add_query_arg( array( 'pay_for_order' => 'true', 'key' => $this->get_order_key() ), $at ), $this );
	}

	/** Where it is thanked for. */
	public function get_checkout_order_received_url() {
		$at = wc_get_endpoint_url( 'order-received', $this->id, wc_get_checkout_url() );
		return apply_filters( 'woocommerce_get_checkout_order_received_url', add_query_arg( 'key', $this->get_order_key(), $at ), $this );
	}

	/** In the account. */
	public function get_view_order_url() {
		return wc_get_endpoint_url( 'view-order', $this->id, wc_get_page_permalink( 'myaccount' ) );
	}

	/** In the admin. */
	public function get_edit_order_url() {
		return admin_url( 'admin.php?page=wc-orders&action=edit&id=' . $this->id );
	}
}
