<?php
/**
 * `wc/v3/products` and `wc/v3/coupons`.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

/** A product as REST shows it. */
function standin_rest_product( $product ) {
	$post = get_post( $product->get_id() );
	$made = standin_moment( $post->post_date );
	$attr = array();
	foreach ( $product->get_attributes() as $name => $one ) {
		$attr[] = is_object( $one ) ? array( 'id' => 0, 'name' => $one->get_name(), 'slug' => $one->get_name(), 'position' => 0, 'visible' => true, 'variation' => true, 'options' => $one->get_options() ) : array( 'id' => 0, 'name' => wc_attribute_label( $name, $product ), 'slug' => $name, 'option' => $one );
	}
	return array( 'id' => $product->get_id(), 'name' => $product->get_name(), 'slug' => $post->post_name, 'permalink' => $product->get_permalink() ) + standin_rest_dates( array( 'date_created' => $made, 'date_modified' => standin_moment( $post->post_modified ) ) ) + array( 'type' => $product->get_type(), 'status' => $product->get_status(), 'description' => '', 'sku' => (string) $product->get_sku(), 'price' => (string) $product->get_price(), 'regular_price' => (string) $product->get_regular_price(), 'sale_price' => (string) $product->get_sale_price(), 'on_sale' => $product->is_on_sale(), 'purchasable' => $product->is_purchasable(), 'virtual' => $product->is_virtual(), 'manage_stock' => $product->managing_stock(), 'stock_quantity' => $product->get_stock_quantity(), 'stock_status' => $product->get_stock_status(), 'backorders_allowed' => $product->backorders_allowed(), 'sold_individually' => $product->is_sold_individually(), 'parent_id' => (int) $product->get_parent_id(), 'images' => array(), 'attributes' => $attr, 'variations' => $product->get_children(), 'meta_data' => array(), '_links' => standin_rest_links( 'products', $product->get_id() ) );
}

/** GET products. */
function standin_rest_list_products( $request ) {
	$asked = array( 'post_type' => 'product', 'post_status' => 'any', 'numberposts' => -1, 'orderby' => 'ID', 'order' => 'DESC' );
	if ( $request['include'] ) {
		$asked['include'] = wp_parse_id_list( $request['include'] );
	}
	$all = array_map( 'wc_get_product', get_posts( $asked ) );
	return standin_rest_page( $request, array_map( 'standin_rest_product', array_slice( $all, $request['per_page'] * ( $request['page'] - 1 ), $request['per_page'] ) ), count( $all ) );
}

/** GET one product. */
function standin_rest_show_products( $request ) {
	$product = wc_get_product( absint( $request['id'] ) );
	return $product ? standin_rest_one( standin_rest_product( $product ) ) : standin_rest_gone( 'product' );
}

/** PUT a product: price and stock. */
function standin_rest_change_products( $request ) {
	$product = wc_get_product( absint( $request['id'] ) );
	if ( ! $product ) {
		return standin_rest_gone( 'product' );
	}
	foreach ( array( 'name', 'regular_price', 'sale_price', 'manage_stock', 'stock_quantity', 'stock_status', 'status' ) as $name ) {
		if ( null !== $request[ $name ] ) {
			$product->{'set_' . $name}( $request[ $name ] );
		}
	}
	$product->save();
	return standin_rest_one( standin_rest_product( $product ) );
}

/** GET variations. */
function standin_rest_variations( $request ) {
	$product = wc_get_product( absint( $request['product_id'] ) );
	return $product ? array_map( function ( $id ) { return standin_rest_product( wc_get_product( $id ) ); }, $product->get_children() ) : standin_rest_gone( 'product' );
}

/** GET one variation. */
function standin_rest_variation( $request ) {
	$variation = wc_get_product( absint( $request['id'] ) );
	return $variation && (int) $variation->get_parent_id() === absint( $request['product_id'] ) ? standin_rest_product( $variation ) : standin_rest_gone( 'product_variation' );
}

/** A coupon as REST shows it. */
function standin_rest_coupon( $coupon ) {
	$row                   = $coupon->standin_kept();
	$row['id']             = $coupon->get_id();
	$row['amount']         = wc_format_decimal( $row['amount'], 2 );
	$row['minimum_amount'] = wc_format_decimal( '' === $row['minimum_amount'] ? '0' : $row['minimum_amount'], 2 );
	$row['maximum_amount'] = wc_format_decimal( '' === $row['maximum_amount'] ? '0' : $row['maximum_amount'], 2 );
	$row['usage_limit']    = $row['usage_limit'] ? (int) $row['usage_limit'] : null;
	$row['usage_limit_per_user'] = $row['usage_limit_per_user'] ? (int) $row['usage_limit_per_user'] : null;
	$row['meta_data']      = array();
	unset( $row['meta'] );
	$dates = standin_rest_dates( array( 'date_created' => $coupon->get_date_created(), 'date_modified' => $coupon->get_date_modified(), 'date_expires' => $coupon->get_date_expires() ) );
	return array_merge( $row, $dates, array( '_links' => standin_rest_links( 'coupons', $coupon->get_id() ) ) );
}

/** GET coupons. */
function standin_rest_list_coupons( $request ) {
	$ids = get_posts( array( 'post_type' => 'shop_coupon', 'post_status' => 'publish', 'numberposts' => -1, 'fields' => 'ids', 'orderby' => 'ID', 'order' => 'DESC' ) );
	$all = array_map( function ( $id ) { return new WC_Coupon( (int) $id ); }, $ids );
	if ( null !== $request['code'] ) {
		$all = array_values( array_filter( $all, function ( $one ) use ( $request ) { return wc_format_coupon_code( $request['code'] ) === $one->get_code(); } ) );
	}
	return standin_rest_page( $request, array_map( 'standin_rest_coupon', array_slice( $all, $request['per_page'] * ( $request['page'] - 1 ), $request['per_page'] ) ), count( $all ) );
}

/** GET one coupon. */
function standin_rest_show_coupons( $request ) {
	return 'shop_coupon' === get_post_type( absint( $request['id'] ) ) ? standin_rest_one( standin_rest_coupon( new WC_Coupon( absint( $request['id'] ) ) ) ) : standin_rest_gone( 'shop_coupon' );
}

/** What a request says of a coupon; `date_expires_gmt` is ignored, an unreadable date falls away. */
function standin_rest_fill_coupon( $coupon, $request ) {
	$said = $request->get_json_params() ? $request->get_json_params() : $request->get_params();
	foreach ( array( 'code', 'amount', 'discount_type', 'description', 'individual_use', 'usage_limit', 'usage_limit_per_user', 'free_shipping', 'minimum_amount', 'maximum_amount', 'email_restrictions', 'product_ids', 'excluded_product_ids', 'limit_usage_to_x_items' ) as $name ) {
		if ( array_key_exists( $name, $said ) ) {
			$coupon->{'set_' . $name}( $said[ $name ] );
		}
	}
	if ( array_key_exists( 'date_expires', $said ) ) {
		$moment = standin_moment( $said['date_expires'] );
		$coupon->set_date_expires( $moment ? $moment->getTimestamp() : null );
	}
}

/** POST a coupon. */
function standin_rest_create_coupons( $request ) {
	if ( empty( $request['code'] ) ) {
		return new WP_Error( 'rest_missing_callback_param', 'Missing parameter(s): code', array( 'status' => 400 ) );
	}
	if ( wc_get_coupon_id_by_code( $request['code'] ) ) {
		return new WP_Error( 'woocommerce_rest_coupon_code_already_exists', 'The coupon code already exists', array( 'status' => 400 ) );
	}
	if ( 'percent' === $request['discount_type'] && (float) $request['amount'] > 100 ) {
		return new WP_Error( 'woocommerce_rest_invalid_coupon', 'Invalid discount amount.', array( 'status' => 400 ) );
	}
	$coupon = new WC_Coupon();
	standin_rest_fill_coupon( $coupon, $request );
	$coupon->save();
	return standin_rest_one( standin_rest_coupon( $coupon ), 201, 'coupons' );
}

/** PUT a coupon. */
function standin_rest_change_coupons( $request ) {
	$coupon = new WC_Coupon( absint( $request['id'] ) );
	standin_rest_fill_coupon( $coupon, $request );
	$coupon->save();
	return standin_rest_one( standin_rest_coupon( $coupon ) );
}

/** DELETE a coupon. */
function standin_rest_delete_coupons( $request ) {
	$coupon = new WC_Coupon( absint( $request['id'] ) );
	$row    = standin_rest_coupon( $coupon );
	$coupon->delete( true );
	return standin_rest_one( $row );
}
