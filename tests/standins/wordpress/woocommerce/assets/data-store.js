/*
 * The stores `wc/store/cart`, `wc/store/checkout` and `wc/store/validation`, under their own names
 * and with the selectors and actions that plugins use. Addresses go to the shop a moment after
 * they were typed, as the real store sends them.
 */
( function () {
	const { createReduxStore, register, select, dispatch } = window.wp.data;
	const setting = window.wc.wcSettings.getSetting;
	const WAIT = 1000; // Milliseconds without a change before an address is sent.
	let nonce = setting( 'storeNonce', '' );

	async function ask( method, path, body ) {
		const answer = await fetch( setting( 'storeRoot' ) + path, {
			method,
			credentials: 'same-origin',
			headers: { 'Content-Type': 'application/json', Nonce: nonce },
			body: body ? JSON.stringify( body ) : undefined,
		} );
		nonce = answer.headers.get( 'Nonce' ) || nonce;
		const told = await answer.json();
		if ( ! answer.ok ) {
			throw told;
		}
		return told;
	}

	function fromCart( cart ) {
		return {
			coupons: cart.coupons,
			items: cart.items,
			itemsCount: cart.items_count,
			needsPayment: cart.needs_payment,
			needsShipping: cart.needs_shipping,
			shippingRates: cart.shipping_rates,
			totals: cart.totals,
			errors: cart.errors,
			extensions: cart.extensions,
			paymentMethods: cart.payment_methods,
			billingAddress: cart.billing_address,
			shippingAddress: cart.shipping_address,
		};
	}

	let timer = null;
	function sendAddressesSoon() {
		clearTimeout( timer );
		timer = setTimeout( async function () {
			const { billingAddress, shippingAddress } = select( 'wc/store/cart' ).getCustomerData();
			const email = billingAddress.email || '';
			const data = { billing_address: { ...billingAddress }, shipping_address: { ...shippingAddress } };
			if ( email && ! /^\S+@\S+\.\S+$/.test( email ) ) {
				delete data.billing_address.email;
			}
			const request = { path: '/wc/store/v1/cart/update-customer', method: 'POST', data, cache: 'no-store', body: data, headers: { Nonce: nonce } };
			const told = await ask( 'POST', 'batch?_locale=site', { requests: [ request ] } );
			const cart = told.responses[ 0 ].body;
			if ( told.responses[ 0 ].status < 400 ) {
				// What is being typed is newer than this answer.
				dispatch( 'wc/store/cart' ).receiveCartContents( cart );
			}
		}, WAIT );
	}

	register(
		createReduxStore( 'wc/store/cart', {
			reducer( state, action ) {
				state = state || { cartData: fromCart( setting( 'cart', {} ) ), errors: [] };
				switch ( action.type ) {
					case 'RECEIVE':
						return { ...state, cartData: fromCart( action.cart ) };
					case 'RECEIVE_CONTENTS': {
						const { billingAddress, shippingAddress } = state.cartData;
						return { ...state, cartData: { ...fromCart( action.cart ), billingAddress, shippingAddress } };
					}
					case 'BILLING':
						return { ...state, cartData: { ...state.cartData, billingAddress: { ...state.cartData.billingAddress, ...action.address } } };
					case 'SHIPPING':
						return { ...state, cartData: { ...state.cartData, shippingAddress: { ...state.cartData.shippingAddress, ...action.address } } };
				}
				return state;
			},
			selectors: {
				getCartData: ( state ) => state.cartData,
				getCartTotals: ( state ) => state.cartData.totals,
				getCartItems: ( state ) => state.cartData.items,
				getCustomerData: ( state ) => ( { billingAddress: state.cartData.billingAddress, shippingAddress: state.cartData.shippingAddress } ),
				getNeedsShipping: ( state ) => state.cartData.needsShipping,
				hasCalculatedShipping: () => true,
				getCartErrors: ( state ) => state.errors,
			},
			actions: {
				receiveCart: ( cart ) => ( { type: 'RECEIVE', cart } ),
				receiveCartContents: ( cart ) => ( { type: 'RECEIVE_CONTENTS', cart } ),
				setBillingAddress( address ) {
					sendAddressesSoon();
					return { type: 'BILLING', address };
				},
				setShippingAddress( address ) {
					sendAddressesSoon();
					return { type: 'SHIPPING', address };
				},
				applyCoupon: ( code ) => async ( { dispatch: on } ) => on.receiveCartContents( await ask( 'POST', 'cart/apply-coupon', { code } ) ),
				removeCoupon: ( code ) => async ( { dispatch: on } ) => on.receiveCartContents( await ask( 'POST', 'cart/remove-coupon', { code } ) ),
				changeCartItemQuantity: ( key, quantity ) => async ( { dispatch: on } ) => on.receiveCartContents( await ask( 'POST', 'cart/update-item', { key, quantity } ) ),
				removeItemFromCart: ( key ) => async ( { dispatch: on } ) => on.receiveCartContents( await ask( 'POST', 'cart/remove-item', { key } ) ),
			},
		} )
	);

	let later = null;
	function sendCheckoutSoon() {
		clearTimeout( later );
		later = setTimeout( function () {
			const store = select( 'wc/store/checkout' );
			ask( 'PUT', 'checkout?__experimental_calc_totals=true', {
				additional_fields: store.getAdditionalFields(),
				payment_method: select( 'wc/store/payment' ).getActivePaymentMethod(),
				order_notes: store.getOrderNotes(),
			} ).catch( () => {} );
		}, WAIT );
	}

	register(
		createReduxStore( 'wc/store/checkout', {
			reducer( state, action ) {
				state = state || { status: 'idle', additionalFields: setting( 'fieldValues', {} ), notes: '', sameAddress: true, orderId: 0, extensionData: {} };
				return 'SET' === action.type ? { ...state, ...action.values } : state;
			},
			selectors: {
				getCheckoutStatus: ( state ) => state.status,
				isIdle: ( state ) => 'idle' === state.status,
				isBeforeProcessing: ( state ) => 'before_processing' === state.status,
				isProcessing: ( state ) => 'processing' === state.status,
				isAfterProcessing: ( state ) => 'after_processing' === state.status,
				isComplete: ( state ) => 'complete' === state.status,
				isCalculating: () => false,
				hasError: ( state ) => !! state.error,
				hasOrder: ( state ) => state.orderId > 0,
				getOrderId: ( state ) => state.orderId,
				getCustomerId: () => setting( 'customerId', 0 ),
				getOrderNotes: ( state ) => state.notes,
				getAdditionalFields: ( state ) => state.additionalFields,
				getExtensionData: ( state ) => state.extensionData,
				getUseShippingAsBilling: ( state ) => state.sameAddress,
			},
			actions: {
				standInSet: ( values ) => ( { type: 'SET', values } ),
				setAdditionalFields( additionalFields ) {
					sendCheckoutSoon();
					return { type: 'SET', values: { additionalFields } };
				},
				setExtensionData: ( space, data ) => ( { dispatch: on, select: look } ) =>
					on.standInSet( { extensionData: { ...look.getExtensionData(), [ space ]: { ...look.getExtensionData()[ space ], ...data } } } ),
				__internalSetUseShippingAsBilling: ( sameAddress ) => ( { type: 'SET', values: { sameAddress } } ),
				__internalSetOrderNotes( notes ) {
					sendCheckoutSoon();
					return { type: 'SET', values: { notes } };
				},
			},
		} )
	);

	register(
		createReduxStore( 'wc/store/payment', {
			reducer: ( state = { method: Object.keys( setting( 'gateways', {} ) )[ 0 ] }, action ) => ( 'METHOD' === action.type ? { method: action.method } : state ),
			selectors: { getActivePaymentMethod: ( state ) => state.method },
			actions: {
				__internalSetActivePaymentMethod( method ) {
					sendCheckoutSoon();
					return { type: 'METHOD', method };
				},
			},
		} )
	);

	register(
		createReduxStore( 'wc/store/validation', {
			reducer( state = {}, action ) {
				if ( 'ERRORS' === action.type ) {
					return { ...state, ...action.errors };
				}
				if ( 'CLEAR' === action.type ) {
					const rest = { ...state };
					delete rest[ action.id ];
					return rest;
				}
				return state;
			},
			selectors: {
				getValidationError: ( state, id ) => state[ id ],
				hasValidationErrors: ( state ) => Object.keys( state ).length > 0,
			},
			actions: {
				setValidationErrors: ( errors ) => ( { type: 'ERRORS', errors } ),
				clearValidationError: ( id ) => ( { type: 'CLEAR', id } ),
			},
		} )
	);

	window.wc.wcBlocksData = { CART_STORE_KEY: 'wc/store/cart', CHECKOUT_STORE_KEY: 'wc/store/checkout', PAYMENT_STORE_KEY: 'wc/store/payment', VALIDATION_STORE_KEY: 'wc/store/validation', standInAsk: ask };
} )();
