/**
 * What WooCommerce's own script does on the classic checkout, as far as ours can notice:
 * after an address changed, parts of the page are fetched anew and replaced; "Place order"
 * is a request, and its answer an address to go to.
 */
jQuery( function ( $ ) {
	const $form = $( 'form.checkout' );
	let timer;

	function update() {
		$.post( '/?wc-ajax=update_order_review', { post_data: $form.serialize() }, function ( answer ) {
			$.each( answer.fragments, function ( selector, fragment ) {
				$( selector ).replaceWith( fragment );
			} );
			$( document.body ).trigger( 'updated_checkout', [ answer ] );
		} );
	}

	$form.on( 'change', '#billing_country, #billing_postcode', function () {
		clearTimeout( timer );
		timer = setTimeout( update, 5 );
	} );

	$form.on( 'submit', function () {
		$.post( '/?wc-ajax=checkout', $form.serialize(), function ( result ) {
			if (
				'success' === result.result &&
				false !== $form.triggerHandler( 'checkout_place_order_success', [ result ] )
			) {
				window.location = result.redirect;
			}
		} );
		return false;
	} );

	update();
} );
