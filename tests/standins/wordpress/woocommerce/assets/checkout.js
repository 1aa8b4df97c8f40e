/* The classic checkout: sums after a change, then the order. Triggers the events of the real script. */
jQuery( function ( $ ) {
	const params = window.wc_checkout_params;
	const $form = $( 'form.checkout' );
	if ( ! params || ! $form.length ) {
		return;
	}
	let timer = null;
	let call = null;
	function address( of, field ) {
		const $field = $( '#' + of + '_' + field );
		return $field.length ? $field.val() : '';
	}
	function update() {
		if ( call ) {
			call.abort();
		}
		const other = $( '#ship-to-different-address-checkbox' ).is( ':checked' );
		const of = other ? 'shipping' : 'billing';
		const data = {
			security: params.update_order_review_nonce,
			payment_method: $( 'input[name="payment_method"]:checked' ).val(),
			post_data: $form.serialize(),
		};
		[ 'country', 'state', 'postcode', 'city', 'address_1', 'address_2' ].forEach( function ( field ) {
			const name = 'address_1' === field ? 'address' : field;
			data[ name ] = address( 'billing', field );
			data[ 's_' + name ] = address( of, field );
		} );
		$form.find( 'input[name^="shipping_method"]' ).filter( ':checked, [type=hidden]' ).each( function () {
			data[ this.name ] = this.value;
		} );
		call = $.post( params.wc_ajax_url.replace( '%%endpoint%%', 'update_order_review' ), data, function ( answer ) {
			$.each( ( answer && answer.fragments ) || {}, function ( where, html ) {
				$( where ).replaceWith( html );
			} );
			$( document.body ).trigger( 'updated_checkout', [ answer ] );
		} );
	}
	$( document.body ).on( 'update_checkout', function () {
		clearTimeout( timer );
		timer = setTimeout( update, 5 );
	} );
	// As the real one: only what changes the sums asks the shop, not the phone or the e-mail.
	$form.on( 'change', '.address-field select, .address-field input, input.shipping_method, #ship-to-different-address input', function () {
		$( '.shipping_address' ).toggle( $( '#ship-to-different-address-checkbox' ).is( ':checked' ) );
		$( document.body ).trigger( 'update_checkout' );
	} );
	$form.on( 'click', 'input[name="payment_method"]', function () {
		$( document.body ).trigger( 'payment_method_selected' );
	} );
	$form.on( 'submit', function () {
		if ( $form.is( '.processing' ) || false === $form.triggerHandler( 'checkout_place_order' ) ) {
			return false;
		}
		$form.addClass( 'processing' );
		$.post( params.checkout_url, $form.serialize(), function ( answer ) {
			if ( 'success' === answer.result && false !== $form.triggerHandler( 'checkout_place_order_success', [ answer ] ) ) {
				window.location = answer.redirect;
				return;
			}
			$form.removeClass( 'processing' );
			$( '.woocommerce-NoticeGroup-checkout' ).remove();
			$form.prepend( '<div class="woocommerce-NoticeGroup woocommerce-NoticeGroup-checkout">' + answer.messages + '</div>' );
			$( document.body ).trigger( 'checkout_error', [ answer.messages ] );
		}, 'json' );
		return false;
	} );
	$( document.body ).trigger( 'init_checkout' );
	$( document.body ).trigger( 'update_checkout' );
} );
