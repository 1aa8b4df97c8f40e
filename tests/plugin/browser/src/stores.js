/**
 * The two stores of the block checkout that the script reads, under the same names, with the
 * same selectors and actions, on the real @wordpress/data.
 */
import { createReduxStore, register } from '@wordpress/data';

const EMPTY = {
	first_name: '',
	last_name: '',
	company: '',
	address_1: '',
	address_2: '',
	city: '',
	state: '',
	postcode: '',
	country: '',
	phone: '',
};

/** The cart: until its resolver is done, addresses are empty, and then they are overwritten. */
const cart = createReduxStore( 'wc/store/cart', {
	reducer( state, action ) {
		const before = state || {
			cartData: {
				billingAddress: { ...EMPTY, email: '' },
				shippingAddress: { ...EMPTY },
			},
		};
		const change = {
			SET_CART_DATA: () => action.response,
			SET_BILLING_ADDRESS: () => ( {
				billingAddress: { ...before.cartData.billingAddress, ...action.billingAddress },
			} ),
			SET_SHIPPING_ADDRESS: () => ( {
				shippingAddress: { ...before.cartData.shippingAddress, ...action.shippingAddress },
			} ),
		}[ action.type ];
		return change ? { ...before, cartData: { ...before.cartData, ...change() } } : before;
	},
	actions: {
		setCartData: ( response ) => ( { type: 'SET_CART_DATA', response } ),
		setBillingAddress: ( billingAddress ) => ( { type: 'SET_BILLING_ADDRESS', billingAddress } ),
		setShippingAddress: ( shippingAddress ) => ( { type: 'SET_SHIPPING_ADDRESS', shippingAddress } ),
	},
	selectors: {
		getCartData: ( state ) => state.cartData,
		getCustomerData: ( { cartData } ) => ( {
			billingAddress: cartData.billingAddress,
			shippingAddress: cartData.shippingAddress,
		} ),
	},
	resolvers: {
		getCartData:
			() =>
			async ( { dispatch } ) => {
				const answer = await window.fetch( '/wp-json/wc/store/v1/cart' );
				const found = await answer.json();
				dispatch.setCartData( {
					billingAddress: { ...EMPTY, email: '', ...found.billing_address },
					shippingAddress: { ...EMPTY, ...found.shipping_address },
				} );
			},
	},
} );

const checkout = createReduxStore( 'wc/store/checkout', {
	reducer( state = { status: 'idle', useShippingAsBilling: true, extensionData: {} }, action ) {
		switch ( action.type ) {
			case 'SET_STATUS':
				return { ...state, status: action.status };
			case 'SET_USE_SHIPPING_AS_BILLING':
				return { ...state, useShippingAsBilling: action.useShippingAsBilling };
			case 'SET_EXTENSION_DATA': {
				const data = { ...state.extensionData[ action.namespace ], ...action.extensionData };
				return {
					...state,
					extensionData: { ...state.extensionData, [ action.namespace ]: data },
				};
			}
		}
		return state;
	},
	actions: {
		__internalSetProcessing: () => ( { type: 'SET_STATUS', status: 'processing' } ),
		__internalSetIdle: () => ( { type: 'SET_STATUS', status: 'idle' } ),
		__internalSetComplete: () => ( { type: 'SET_STATUS', status: 'complete' } ),
		__internalSetUseShippingAsBilling: ( useShippingAsBilling ) => ( {
			type: 'SET_USE_SHIPPING_AS_BILLING',
			useShippingAsBilling,
		} ),
		__internalSetExtensionData: ( namespace, extensionData ) => ( {
			type: 'SET_EXTENSION_DATA',
			namespace,
			extensionData,
		} ),
	},
	selectors: {
		getUseShippingAsBilling: ( state ) => state.useShippingAsBilling,
		getExtensionData: ( state ) => state.extensionData,
		isProcessing: ( state ) => 'processing' === state.status,
		isComplete: ( state ) => 'complete' === state.status,
	},
} );

register( cart );
register( checkout );
