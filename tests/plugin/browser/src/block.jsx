/**
 * A small block checkout: the placeholders that the server prints become React components, and
 * what stands inside of them and is no block is drawn as it is.
 */
import * as data from '@wordpress/data';
import { useDispatch, useSelect } from '@wordpress/data';
import parse from 'html-react-parser';
import { useState } from 'react';
import { createRoot } from 'react-dom/client';
import './stores';

window.wp = { ...( window.wp || {} ), data };

function Text( { id, label, type = 'text', value, onChange, autoComplete } ) {
	return (
		<div className="wc-block-components-text-input">
			<input
				type={ type }
				id={ id }
				value={ value }
				autoComplete={ autoComplete }
				onChange={ ( event ) => onChange( event.target.value ) }
			/>
			<label htmlFor={ id }>{ label }</label>
		</div>
	);
}

function Address( { kind, values, onChange } ) {
	const text = ( name, label, autoComplete, type ) => (
		<Text
			id={ `${ kind }-${ name }` }
			label={ label }
			type={ type }
			autoComplete={ `${ kind } ${ autoComplete }` }
			value={ values[ name ] || '' }
			onChange={ ( value ) => onChange( { ...values, [ name ]: value } ) }
		/>
	);
	return (
		<div id={ kind } className="wc-block-components-address-form">
			<select
				id={ `${ kind }-country` }
				value={ values.country }
				onChange={ ( event ) => onChange( { ...values, country: event.target.value } ) }
			>
				<option value=""></option>
				<option value="FR">France</option>
				<option value="US">United States (US)</option>
			</select>
			{ text( 'first_name', 'First name', 'given-name' ) }
			{ text( 'last_name', 'Last name', 'family-name' ) }
			{ text( 'address_1', 'Address', 'address-line1' ) }
			{ text( 'phone', 'Phone (optional)', 'tel', 'tel' ) }
		</div>
	);
}

function Contact( { children } ) {
	const billing = useSelect( ( select ) => select( 'wc/store/cart' ).getCartData().billingAddress );
	const processing = useSelect( ( select ) => select( 'wc/store/checkout' ).isProcessing() );
	const { setBillingAddress } = useDispatch( 'wc/store/cart' );
	return (
		<fieldset
			id="contact-fields"
			className="wc-block-checkout__contact-fields wc-block-components-checkout-step"
			disabled={ processing }
		>
			<h2>Contact information</h2>
			<div className="wc-block-components-checkout-step__content">
				<div id="contact" className="wc-block-components-address-form">
					<Text
						id="email"
						type="email"
						label="Email address"
						autoComplete="contact email"
						value={ billing.email }
						onChange={ ( email ) => setBillingAddress( { email } ) }
					/>
				</div>
				{ children }
			</div>
		</fieldset>
	);
}

function Shipping() {
	const shipping = useSelect( ( select ) => select( 'wc/store/cart' ).getCartData().shippingAddress );
	const same = useSelect( ( select ) => select( 'wc/store/checkout' ).getUseShippingAsBilling() );
	const { setBillingAddress, setShippingAddress } = useDispatch( 'wc/store/cart' );
	const { __internalSetUseShippingAsBilling } = useDispatch( 'wc/store/checkout' );
	return (
		<fieldset id="shipping-fields">
			<Address
				kind="shipping"
				values={ shipping }
				onChange={ ( values ) => {
					setShippingAddress( values );
					if ( same && ! window.billingLags ) {
						setBillingAddress( values );
					}
				} }
			/>
			<label>
				<input
					type="checkbox"
					id="same"
					checked={ same }
					onChange={ ( event ) => __internalSetUseShippingAsBilling( event.target.checked ) }
				/>
				Use same address for billing
			</label>
		</fieldset>
	);
}

function Billing() {
	const billing = useSelect( ( select ) => select( 'wc/store/cart' ).getCartData().billingAddress );
	const same = useSelect( ( select ) => select( 'wc/store/checkout' ).getUseShippingAsBilling() );
	const { setBillingAddress } = useDispatch( 'wc/store/cart' );
	return same ? null : (
		<fieldset id="billing-fields">
			<Address kind="billing" values={ billing } onChange={ setBillingAddress } />
		</fieldset>
	);
}

function Actions() {
	const { __internalSetProcessing, __internalSetComplete, __internalSetIdle } =
		useDispatch( 'wc/store/checkout' );
	async function place() {
		const customer = data.select( 'wc/store/cart' ).getCustomerData();
		__internalSetProcessing();
		const answer = await window.fetch( '/wp-json/wc/store/v1/checkout', {
			method: 'POST',
			headers: { 'Content-Type': 'application/json' },
			body: JSON.stringify( {
				billing_address: customer.billingAddress,
				extensions: data.select( 'wc/store/checkout' ).getExtensionData(),
			} ),
		} );
		const { redirect } = await answer.json();
		if ( ! redirect ) {
			__internalSetIdle();
			return;
		}
		__internalSetComplete();
		window.location.assign( redirect );
	}
	return (
		<button type="button" id="place_order" onClick={ place }>
			Place Order
		</button>
	);
}

const BLOCKS = {
	'woocommerce/checkout-contact-information-block': Contact,
	'woocommerce/checkout-shipping-address-block': Shipping,
	'woocommerce/checkout-billing-address-block': Billing,
	'woocommerce/checkout-actions-block': Actions,
};

/** Blocks become components; anything else stays the element that it was. */
function drawn( nodes, depth = 1 ) {
	return Array.from( nodes ).map( ( node, index ) => {
		const Block = node.dataset && BLOCKS[ node.dataset.blockName ];
		const key = `${ depth }_${ index }`;
		if ( Block ) {
			return <Block key={ key }>{ drawn( node.childNodes, depth + 1 ) }</Block>;
		}
		return node.outerHTML ? <Plain key={ key } node={ node } depth={ depth } /> : node.textContent;
	} );
}

function Plain( { node, depth } ) {
	const { type: Tag, props } = parse( node.cloneNode( false ).outerHTML );
	const inside = node.childNodes.length ? drawn( node.childNodes, depth + 1 ) : undefined;
	return <Tag { ...props }>{ inside }</Tag>;
}

function Checkout( { children } ) {
	// Asking for it starts its resolver, as the real checkout does.
	useSelect( ( select ) => select( 'wc/store/cart' ).getCartData() );
	const ready = useSelect( ( select ) =>
		select( 'wc/store/cart' ).hasFinishedResolution( 'getCartData' )
	);
	const [ round, setRound ] = useState( 0 );
	window.drawAnew = () => setRound( round + 1 );
	return ready ? <form key={ round }>{ children }</form> : <div>Loading…</div>;
}

const container = document.querySelector( '.wp-block-woocommerce-checkout' );
const children = drawn( container.childNodes );
container.classList.remove( 'is-loading' );
createRoot( container ).render( <Checkout>{ children }</Checkout> );
