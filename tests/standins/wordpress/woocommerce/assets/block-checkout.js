/*
 * The block checkout: React draws it from the HTML that the server sent. Blocks it knows become
 * components; any other element is made anew as it stands, so listeners put on it before are lost,
 * as in WooCommerce. Ids of fields are the real ones.
 */
( function () {
	const { createElement: el, createRoot, Fragment, isValidElement, useState, useEffect } = window.wp.element;
	const { useSelect, useDispatch, select, dispatch } = window.wp.data;
	const { doAction } = window.wp.hooks;
	const setting = window.wc.wcSettings.getSetting;
	const PREFIX = 'woocommerce/';

	function Input( { id, label, type = 'text', value, onChange, autoComplete, required } ) {
		const filled = value ? ' is-active' : '';
		return el( 'div', { className: 'wc-block-components-text-input wc-block-components-address-form__' + id.replace( /^(billing|shipping)-/, '' ) + filled },
			el( 'input', { id, type, value: value || '', autoComplete, 'aria-label': label, required: !! required, onChange: ( event ) => onChange( event.target.value ) } ),
			el( 'label', { htmlFor: id }, label )
		);
	}

	function Country( { of, value, onChange } ) {
		const all = setting( 'countries', {} );
		return el( 'div', { className: 'wc-blocks-components-select' },
			el( 'select', { id: of + '-country', value, onChange: ( event ) => onChange( event.target.value ), autoComplete: 'country' }, Object.keys( all ).map( ( code ) => el( 'option', { key: code, value: code }, all[ code ] ) ) )
		);
	}

	function Address( { of } ) {
		const address = useSelect( ( look ) => look( 'wc/store/cart' ).getCustomerData()[ of + 'Address' ], [ of ] );
		const store = useDispatch( 'wc/store/cart' );
		const same = useSelect( ( look ) => look( 'wc/store/checkout' ).getUseShippingAsBilling(), [] );
		const set = ( name ) => ( value ) => {
			const change = { [ name ]: value };
			if ( 'shipping' === of ) {
				store.setShippingAddress( change );
				if ( same ) {
					store.setBillingAddress( change );
				}
			} else {
				store.setBillingAddress( change );
			}
		};
		const rows = [ [ 'first_name', 'First name', 'given-name' ], [ 'last_name', 'Last name', 'family-name' ], [ 'address_1', 'Address', 'address-line1' ], [ 'postcode', 'Postal code', 'postal-code' ], [ 'city', 'City', 'address-level2' ] ];
		const phone = setting( 'phone', 'optional' );
		return el( 'div', { id: of, className: 'wc-block-components-address-form' },
			el( Country, { of, value: address.country, onChange: set( 'country' ) } ),
			rows.map( ( [ name, label, autoComplete ] ) => el( Input, { key: name, id: of + '-' + name, label, autoComplete, value: address[ name ], onChange: set( name ), required: true } ) ),
			'hidden' === phone ? null : el( Input, { id: of + '-phone', type: 'tel', label: 'required' === phone ? 'Phone' : 'Phone (optional)', autoComplete: 'tel', value: address.phone, onChange: set( 'phone' ) } )
		);
	}

	function Step( { id, title, children } ) {
		return el( 'fieldset', { className: 'wc-block-components-checkout-step', id }, el( 'legend', { className: 'screen-reader-text' }, title ), el( 'h2', { className: 'wc-block-components-title' }, title ), el( 'div', { className: 'wc-block-components-checkout-step__content' }, children ) );
	}

	function AdditionalFields( { location } ) {
		const values = useSelect( ( look ) => look( 'wc/store/checkout' ).getAdditionalFields(), [] );
		const { setAdditionalFields } = useDispatch( 'wc/store/checkout' );
		const set = ( id ) => ( value ) => setAdditionalFields( { ...select( 'wc/store/checkout' ).getAdditionalFields(), [ id ]: value } );
		return setting( 'additionalFields', [] ).filter( ( one ) => location === one.location ).map( ( one ) => {
			const id = location + '-' + one.id.replace( '/', '-' );
			if ( 'checkbox' === one.type ) {
				return el( 'div', { key: id, className: 'wc-block-components-checkbox wc-block-components-address-form__' + one.id.replace( '/', '-' ) },
					el( 'label', { htmlFor: id },
						el( 'input', { id, type: 'checkbox', className: 'wc-block-components-checkbox__input', checked: !! values[ one.id ], onChange: ( event ) => set( one.id )( event.target.checked ) } ),
						el( 'span', { className: 'wc-block-components-checkbox__label' }, one.required ? one.label : one.optionalLabel )
					)
				);
			}
			return el( Input, { key: id, id, label: one.label, value: values[ one.id ], onChange: set( one.id ) } );
		} );
	}

	function Contact( { children } ) {
		const email = useSelect( ( look ) => look( 'wc/store/cart' ).getCustomerData().billingAddress.email, [] );
		const { setBillingAddress } = useDispatch( 'wc/store/cart' );
		const set = ( value ) => {
			setBillingAddress( { email: value } );
			doAction( 'experimental__woocommerce_blocks-checkout-set-email-address' );
		};
		return el( Step, { id: 'contact-fields', title: 'Contact information' },
			el( Input, { id: 'email', type: 'email', label: 'Email address', autoComplete: 'email', value: email, onChange: set, required: true } ),
			el( AdditionalFields, { location: 'contact' } ),
			children
		);
	}

	function Shipping( { children } ) {
		const needs = useSelect( ( look ) => look( 'wc/store/cart' ).getNeedsShipping(), [] );
		const same = useSelect( ( look ) => look( 'wc/store/checkout' ).getUseShippingAsBilling(), [] );
		const { __internalSetUseShippingAsBilling: setSame } = useDispatch( 'wc/store/checkout' );
		return needs ? el( Step, { id: 'shipping-fields', title: 'Shipping address' }, el( Address, { of: 'shipping' } ),
			el( 'label', null, el( 'input', { type: 'checkbox', id: 'checkbox-control-0', checked: same, onChange: ( event ) => setSame( event.target.checked ) } ), 'Use same address for billing' ), children ) : null;
	}

	function Billing( { children } ) {
		const needs = useSelect( ( look ) => look( 'wc/store/cart' ).getNeedsShipping(), [] );
		const same = useSelect( ( look ) => look( 'wc/store/checkout' ).getUseShippingAsBilling(), [] );
		return needs && same ? null : el( Step, { id: 'billing-fields', title: 'Billing address' }, el( Address, { of: 'billing' } ), children );
	}

	function Payment( { children } ) {
		const all = setting( 'gateways', {} );
		const method = useSelect( ( look ) => look( 'wc/store/payment' ).getActivePaymentMethod(), [] );
		const { __internalSetActivePaymentMethod: setMethod } = useDispatch( 'wc/store/payment' );
		return el( Step, { id: 'payment-method', title: 'Payment options' }, Object.keys( all ).map( ( id ) =>
			el( 'label', { key: id }, el( 'input', { type: 'radio', name: 'radio-control-wc-payment-method-options', id: 'radio-control-wc-payment-method-options-' + id, value: id, checked: id === method, onChange: () => setMethod( id ) } ), all[ id ] )
		), children );
	}

	async function placeOrder( setError ) {
		const { billingAddress, shippingAddress } = select( 'wc/store/cart' ).getCustomerData();
		const { standInSet } = dispatch( 'wc/store/checkout' );
		const store = select( 'wc/store/checkout' );
		doAction( 'experimental__woocommerce_blocks-checkout-submit' );
		standInSet( { status: 'processing' } );
		try {
			const told = await window.wc.wcBlocksData.standInAsk( 'POST', 'checkout', {
				billing_address: billingAddress,
				shipping_address: shippingAddress,
				payment_method: select( 'wc/store/payment' ).getActivePaymentMethod(),
				customer_note: store.getOrderNotes(),
				additional_fields: store.getAdditionalFields(),
				extensions: store.getExtensionData(),
				payment_data: [],
				create_account: false,
			} );
			standInSet( { status: 'complete', orderId: told.order_id } );
			window.location.href = told.payment_result.redirect_url;
		} catch ( error ) {
			standInSet( { status: 'idle', error: true } );
			setError( error.message || 'Something went wrong.' );
		}
	}

	function Actions( { children } ) {
		const [ error, setError ] = useState( '' );
		const busy = useSelect( ( look ) => look( 'wc/store/checkout' ).isProcessing(), [] );
		return el( 'div', { className: 'wc-block-checkout__actions' }, error ? el( 'div', { className: 'wc-block-components-notice-banner is-error', role: 'alert' }, error ) : null,
			el( 'button', { type: 'button', disabled: busy, className: 'wc-block-components-button wp-element-button wc-block-components-checkout-place-order-button', onClick: () => placeOrder( setError ) }, 'Place Order' ), children );
	}

	function Summary( { children } ) {
		const cart = useSelect( ( look ) => look( 'wc/store/cart' ).getCartData(), [] );
		const money = ( text ) => ( Number( text ) / 10 ** cart.totals.currency_minor_unit ).toFixed( cart.totals.currency_minor_unit ) + ' ' + cart.totals.currency_code;
		return el( 'div', { className: 'wc-block-components-order-summary' },
			cart.items.map( ( one ) => el( 'div', { key: one.key, className: 'wc-block-components-order-summary-item' }, one.quantity + ' × ' + one.name ) ),
			cart.coupons.map( ( one ) => el( 'div', { key: one.code, className: 'wc-block-components-totals-discount' }, one.code ) ),
			el( 'div', { className: 'wc-block-components-totals-footer-item' }, money( cart.totals.total_price ) ), children );
	}

	const plain = ( { children, className } ) => el( 'div', { className }, children );
	const Notes = ( { children } ) => el( Step, { id: 'order-notes', title: 'Notes' }, el( AdditionalFields, { location: 'order' } ), children );
	const blocks = {
		'checkout-fields-block': plain,
		'checkout-totals-block': plain,
		'checkout-contact-information-block': Contact,
		'checkout-shipping-address-block': Shipping,
		'checkout-billing-address-block': Billing,
		'checkout-payment-block': Payment,
		'checkout-additional-information-block': Notes,
		'checkout-actions-block': Actions,
		'checkout-order-summary-block': Summary,
		'checkout-express-payment-block': () => null,
		'checkout-shipping-methods-block': () => null,
		'checkout-order-note-block': () => null,
		'checkout-terms-block': () => null,
	};

	function component( name ) {
		const foreign = window.wc.blocksCheckout.standInBlocks[ name ];
		return blocks[ name.replace( PREFIX, '' ) ] || ( foreign && foreign.component );
	}

	// Attributes as the parser of WooCommerce makes them: uncontrolled values, no handlers.
	const NAMES = { class: 'className', for: 'htmlFor', tabindex: 'tabIndex', checked: 'defaultChecked', value: 'defaultValue', readonly: 'readOnly', maxlength: 'maxLength', autocomplete: 'autoComplete' };
	function propsOf( node ) {
		const props = {};
		for ( const { name, value } of node.attributes ) {
			const field = 'value' === name && ! /^(INPUT|TEXTAREA|SELECT)$/.test( node.tagName );
			if ( 'style' === name ) {
				props.style = Object.fromEntries( Array.from( node.style ).map( ( one ) => [ one.replace( /-(\w)/g, ( all, letter ) => letter.toUpperCase() ), node.style.getPropertyValue( one ) ] ) );
			} else if ( ! name.startsWith( 'on' ) ) {
				const flag = [ 'hidden', 'disabled', 'required', 'checked', 'readonly' ].includes( name );
				props[ field ? name : NAMES[ name ] || name ] = flag ? true : value;
			}
		}
		return props;
	}

	const VOID = /^(INPUT|BR|HR|IMG|META|LINK|WBR)$/;
	function drawn( nodes ) {
		return Array.from( nodes ).map( ( node, key ) => {
			if ( ! ( node instanceof Element ) ) {
				return 3 === node.nodeType && node.textContent.trim() ? node.textContent : null;
			}
			const name = node.dataset.blockName || '';
			const Known = name ? component( name ) : null;
			if ( Known ) {
				return el( Known, { key, ...node.dataset, className: node.className }, drawn( node.childNodes ), forced( name ) );
			}
			const inner = drawn( node.childNodes );
			return VOID.test( node.tagName ) ? el( node.tagName.toLowerCase(), { key, ...propsOf( node ) } ) : el( node.tagName.toLowerCase(), { key, ...propsOf( node ) }, ...inner );
		} );
	}

	function forced( parent ) {
		const all = window.wc.blocksCheckout.standInBlocks;
		return Object.keys( all ).filter( ( one ) => all[ one ].force && all[ one ].parent.includes( parent ) ).map( ( one ) => el( all[ one ].component, { key: one } ) );
	}

	function Checkout( { inner } ) {
		useEffect( () => doAction( 'experimental__woocommerce_blocks-checkout-render-checkout-form' ), [] );
		return el( Fragment, null, inner );
	}

	document.querySelectorAll( '.wp-block-woocommerce-checkout' ).forEach( ( container ) => {
		const inner = drawn( container.childNodes ).filter( ( one ) => isValidElement( one ) );
		container.classList.remove( 'is-loading' );
		createRoot( container ).render( el( Checkout, { inner } ) );
	} );
} )();
