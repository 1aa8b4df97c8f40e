/* Finds the variation that fits the choices, as the product page of WooCommerce does. */
jQuery( function ( $ ) {
	$( '.variations_form' ).each( function () {
		const $form = $( this );
		const known = $form.data( 'product_variations' );
		$form.on( 'change', 'select', function () {
			const chosen = {};
			$form.find( 'select[data-attribute_name]' ).each( function () {
				chosen[ $( this ).data( 'attribute_name' ) ] = $( this ).val();
			} );
			const found = known.find( ( one ) =>
				Object.keys( one.attributes ).every(
					( name ) => chosen[ name ] && ( '' === one.attributes[ name ] || one.attributes[ name ] === chosen[ name ] )
				)
			);
			$form.find( 'input.variation_id' ).val( found ? found.variation_id : 0 ).trigger( 'change' );
			$form.trigger( found ? 'found_variation' : 'reset_data', found ? [ found ] : [] );
			$form.find( '.single_variation' ).html( found ? found.price_html : '' );
		} );
	} );
} );
