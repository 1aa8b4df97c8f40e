/* What plugins may hang into the checkout: inner blocks, data of their own. */
( function () {
	const known = {};
	window.wc = window.wc || {};
	window.wc.blocksCheckout = {
		standInBlocks: known,
		registerCheckoutBlock( { metadata, component, force } ) {
			known[ metadata.name ] = { component, force: !! force, parent: [].concat( metadata.parent || [] ) };
		},
		registerCheckoutFilters() {},
		extensionCartUpdate: ( { namespace, data } ) =>
			window.wc.wcBlocksData.standInAsk( 'POST', 'cart/extensions', { namespace, data } ).then( ( cart ) => window.wp.data.dispatch( 'wc/store/cart' ).receiveCartContents( cart ) ),
	};
} )();
