/**
 * Relance at the checkout: a cart with a contact is kept before the order is placed.
 *
 * On the block checkout through wp.data and the fields, on the classic one through the
 * fields alone. What leaves the browser:
 *
 * - mode "consent": the phone only while its box is ticked, the e-mail only while its
 *   box is ticked, names and country only with one of them. No box: no request at all.
 * - mode "notice": phone and e-mail that were changed here, once they look whole, unless
 *   "no thanks" was said.
 *
 * Once something may leave, the contact is kept in this browser for 30 days, so that it can
 * be filled in again after a link of ours. An order, the last box unticked or a "no thanks"
 * ends that.
 *
 * Nothing here may ever disturb the checkout: every error ends in silence.
 */
( function () {
	'use strict';

	const config = window.relanceCapture;
	if ( ! config || ! config.url || ! window.fetch || window.relanceCaptureRuns ) {
		return;
	}
	window.relanceCaptureRuns = true; // Optimisers may load a script twice.

	const QUIET = 600; // ms without a key, once what was typed looks whole
	const UNSURE = 2500; // ms, while it may still be half a number
	const PATIENCE = 15000; // ms until a request counts as failed
	const AGAIN = [ 5000, 15000, 45000, 120000 ]; // ms until a failed one is tried again
	const KEPT = 'relance_contact';
	const KEPT_FOR = 30 * 24 * 3600 * 1000; // ms
	const NAMES = [ 'email', 'phone', 'first_name', 'last_name' ];
	const FIELD = /^(billing|shipping)?[-_]?(email|phone|first_name|last_name|country|state)$/;
	const ADDRESS = { sms: 'phone', email: 'email' };

	const channels = config.channels || [];
	const byNotice = 'notice' === config.mode;
	const ticks = {}; // what the shopper ticked, whatever a re-render does to the box
	const boxes = {}; // the box that was last seen of each channel
	const given = {}; // channels whose consent the shop may have
	const answered = []; // selectors of what is asked no more
	const edited = {}; // contact fields that were changed on this page
	const view = Date.now().toString( 36 ) + Math.random().toString( 36 ).slice( 2 ); // this page

	let nonce = config.nonce;
	let over = false; // an order was placed
	let filling = false; // we fill in what was kept
	let declined = false;
	let refilled = ! config.restored;
	let told = ''; // the last state that the shop has taken
	let flying = ''; // the state that is on its way
	let failed = ''; // the state that waits to be tried again
	let next = ''; // why to look again once the answer is here
	let sent = 0; // posts; the shop refuses one that was overtaken
	let tries = 0;
	let typing; // timers
	let trying;
	let settling;

	/** Runs it; whatever goes wrong stays with us. */
	function quietly( run ) {
		return function ( event ) {
			try {
				return run( event );
			} catch ( error ) {
				return undefined;
			}
		};
	}

	// ---- What stands on the page

	/** A selector's answer, or undefined where the store is not there. */
	function ask( store, selector, argument ) {
		try {
			return window.wp.data.select( store )[ selector ]( argument );
		} catch ( error ) {
			return undefined;
		}
	}

	function isBlock() {
		return !! document.querySelector( '.wc-block-checkout' );
	}

	function onPage( id ) {
		const element = document.getElementById( id );
		return element && 'string' === typeof element.value ? element.value.trim() : '';
	}

	/** The contact as it stands on the page now. */
	function contact() {
		const customer = isBlock() && ask( 'wc/store/cart', 'getCustomerData' );
		return customer ? contactOfBlock( customer ) : contactOfForm( isBlock() );
	}

	function contactOfBlock( customer ) {
		const billing = customer.billingAddress || {};
		// With an address of its own, a shipping phone may be another person's.
		const same = ask( 'wc/store/checkout', 'getUseShippingAsBilling' );
		const shipping = ( same && customer.shippingAddress ) || {};
		const either = function ( name ) {
			return ( billing[ name ] || shipping[ name ] || '' ).trim();
		};
		return {
			email: onPage( 'email' ) || either( 'email' ),
			phone: onPage( 'billing-phone' ) || ( same && onPage( 'shipping-phone' ) ) || either( 'phone' ),
			country: either( 'country' ),
			state: either( 'state' ),
			first_name: either( 'first_name' ),
			last_name: either( 'last_name' ),
		};
	}

	function contactOfForm( block ) {
		const found = {};
		NAMES.concat( 'country', 'state' ).forEach( function ( name ) {
			found[ name ] = onPage( 'billing' + ( block ? '-' : '_' ) + name );
		} );
		found.email = found.email || onPage( 'email' );
		return found;
	}

	function digits( phone ) {
		return phone.replace( /[^0-9\u0660-\u0669\u06f0-\u06f9]/g, '' ).length;
	}

	/** Whether it can be an address at all; the server decides whether it is one. */
	function looksWhole( name, value ) {
		if ( 'phone' === name ) {
			return value.length <= 40 && digits( value ) >= 6 && digits( value ) <= 15;
		}
		return value.length <= 254 && /^.+@(([^\s@.]+\.)+[^\s@.]{2,}|\[[^\s\]]+\])$/.test( value );
	}

	/** Whether nothing looks half typed. */
	function looksFinished( found ) {
		return (
			( ! found.phone || digits( found.phone ) >= 10 ) &&
			( ! found.email || looksWhole( 'email', found.email ) )
		);
	}

	/** Whether the shopper ticked it. A box that was drawn anew gets its tick back. */
	function isTicked( channel ) {
		const box = document.querySelector( 'input[name="relance_' + channel + '"]' );
		if ( box && box !== boxes[ channel ] ) {
			if ( boxes[ channel ] ) {
				box.checked = !! ticks[ channel ];
			} else {
				ticks[ channel ] = box.checked;
			}
			boxes[ channel ] = box;
		}
		return !! box && !! ticks[ channel ];
	}

	// ---- What may leave

	function isEdited() {
		return !! Object.keys( edited ).length;
	}

	/** What the shop may know now, or null. Not `sure`: a half typed address is waited for. */
	function known( sure ) {
		const found = contact();
		const out = { email: '', phone: '', country: '', state: '', first_name: '', last_name: '' };
		let named = false;
		let some = false;
		let half = false;
		out.consents = {};
		out.declined = declined;
		if ( declined ) {
			return out;
		}
		channels.forEach( function ( channel ) {
			const name = ADDRESS[ channel ];
			const value = found[ name ];
			const ticked = isTicked( channel );
			const whole = looksWhole( name, value );
			if ( whole && ( ticked || ( edited[ name ] && byNotice ) ) ) {
				out[ name ] = value;
				named = true;
			}
			if ( ticked && whole ) {
				out.consents[ channel ] = true;
			} else if ( given[ channel ] && ( ! ticked || ( sure && ! value ) ) ) {
				out.consents[ channel ] = false;
				some = true;
			}
			half = half || ( ticked && given[ channel ] && ! whole && ! sure );
		} );
		if ( named ) {
			[ 'country', 'state', 'first_name', 'last_name' ].forEach( function ( name ) {
				out[ name ] = found[ name ];
			} );
		}
		return ( named || some ) && ! half ? out : null;
	}

	/** Sends what is new, if anything is. One request at a time, except when leaving. */
	function look( why ) {
		clearTimeout( typing );
		if ( over ) {
			return;
		}
		quietly( keep )();
		const state = known( 'typed' !== why );
		const text = state && JSON.stringify( state );
		if ( ! state || text === flying || ( text === told && ! flying ) ) {
			return;
		}
		if ( flying && 'leave' !== why ) {
			next = why;
			return;
		}
		if ( text === failed && 'leave' !== why ) {
			return; // Its own timer tries it again.
		}
		send( state, text );
	}

	async function send( state, text ) {
		const mine = ( sent += 1 );
		let status = 0;
		clearTimeout( trying );
		flying = text;
		failed = '';
		Object.keys( state.consents ).forEach( function ( channel ) {
			given[ channel ] = given[ channel ] || state.consents[ channel ];
		} );
		try {
			status = await post( Object.assign( { page: view, n: mine }, state ), true );
		} catch ( error ) {
			status = 0;
		}
		if ( mine !== sent ) {
			return; // A newer one left with the page.
		}
		flying = '';
		if ( ! status || 408 === status || 429 === status || status >= 500 ) {
			tryAgain( text );
		} else {
			told = text;
			tries = 0;
		}
		const why = next;
		next = '';
		if ( why ) {
			quietly( look )( why );
		}
	}

	async function post( body, first ) {
		const stop = window.AbortController && new window.AbortController();
		const timer = stop && setTimeout( stop.abort.bind( stop ), PATIENCE );
		const answer = await window.fetch( config.url, {
			method: 'POST',
			credentials: 'same-origin',
			keepalive: true, // It goes on when the page is left.
			headers: { 'Content-Type': 'application/json', 'X-Relance-Nonce': nonce },
			body: JSON.stringify( body ),
			signal: stop ? stop.signal : undefined,
		} );
		clearTimeout( timer );
		if ( 403 === answer.status && first ) {
			const fresh = await answer.json();
			if ( fresh && fresh.nonce ) {
				nonce = fresh.nonce;
				return body.n === sent ? post( body, false ) : 403; // Else a newer one has left.
			}
		}
		return answer.status;
	}

	function tryAgain( text ) {
		if ( tries < AGAIN.length ) {
			failed = text;
			trying = setTimeout( again, AGAIN[ tries ] );
			tries += 1;
		} else {
			told = text; // Given up, until something changes.
			tries = 0;
		}
	}

	function again() {
		failed = '';
		quietly( look )( 'again' );
	}

	/** Looks once the shopper, who has done something, pauses. */
	function soon() {
		clearTimeout( typing );
		if ( isEdited() || channels.some( isTicked ) ) {
			typing = setTimeout( quietly( look ), looksFinished( contact() ) ? QUIET : UNSURE, 'typed' );
		}
	}

	// ---- What stays in this browser

	function keep() {
		const found = contact();
		const kept = { at: Date.now() };
		if ( declined || ! isEdited() || ! ( byNotice || channels.some( isTicked ) ) ) {
			return;
		}
		NAMES.forEach( function ( name ) {
			kept[ name ] = found[ name ];
		} );
		if ( looksWhole( 'email', found.email ) || looksWhole( 'phone', found.phone ) ) {
			window.localStorage.setItem( KEPT, JSON.stringify( kept ) );
		}
	}

	function forget() {
		quietly( function () {
			window.localStorage.removeItem( KEPT );
		} )();
	}

	function kept() {
		const found = JSON.parse( window.localStorage.getItem( KEPT ) || 'null' );
		if ( found && ! ( Date.now() - found.at < KEPT_FOR ) ) {
			forget();
			return null;
		}
		return found;
	}

	/** After a link of ours: what this browser kept, into what is empty. */
	function refill() {
		if ( refilled ) {
			return;
		}
		const found = quietly( kept )();
		if ( ! found ) {
			refilled = true;
		} else if ( isBlock() ) {
			refillBlock( found );
		} else if ( document.getElementById( 'billing_email' ) || document.getElementById( 'billing_phone' ) ) {
			refilled = true;
			refillForm( found );
		}
	}

	function refillBlock( found ) {
		// The cart, when it comes, overwrites what was set before.
		if ( ! ask( 'wc/store/cart', 'hasFinishedResolution', 'getCartData' ) ) {
			return;
		}
		const customer = ask( 'wc/store/cart', 'getCustomerData' );
		const same = ask( 'wc/store/checkout', 'getUseShippingAsBilling' );
		const cart = window.wp.data.dispatch( 'wc/store/cart' );
		const billing = missing( found, customer.billingAddress, NAMES );
		const shipping = missing( found, customer.shippingAddress, NAMES.slice( 1 ) );
		refilled = true;
		if ( Object.keys( billing ).length ) {
			cart.setBillingAddress( billing );
		}
		if ( same && Object.keys( shipping ).length ) {
			cart.setShippingAddress( shipping );
		}
	}

	/** Of the names, what was left and is empty now. */
	function missing( found, address, names ) {
		const out = {};
		names.forEach( function ( name ) {
			if ( found[ name ] && ! ( address || {} )[ name ] ) {
				out[ name ] = found[ name ];
			}
		} );
		return out;
	}

	function refillForm( found ) {
		NAMES.forEach( function ( name ) {
			const field = document.getElementById( 'billing_' + name );
			if ( field && ! field.value && found[ name ] ) {
				field.value = found[ name ];
				filling = true; // These events are no shopper's.
				field.dispatchEvent( new Event( 'input', { bubbles: true } ) );
				field.dispatchEvent( new Event( 'change', { bubbles: true } ) );
				filling = false;
			}
		} );
	}

	// ---- The boxes and the notice

	/** The block checkout sends this with the order. */
	function tellTheOrder() {
		const checkout = window.wp && window.wp.data && window.wp.data.dispatch( 'wc/store/checkout' );
		const set = checkout && ( checkout.setExtensionData || checkout.__internalSetExtensionData );
		if ( set ) {
			set( 'relance', { sms: !! ticks.sms, email: !! ticks.email } );
		}
	}

	function untick( channel ) {
		ticks[ channel ] = false;
		if ( boxes[ channel ] ) {
			boxes[ channel ].checked = false;
		}
	}

	/** The nodes stay: they may be React's. */
	function hideAnswered() {
		document.querySelectorAll( answered.join() || 'x' ).forEach( function ( part ) {
			part.style.display = 'none';
		} );
	}

	/** Sends a "no", and says so. */
	function refuse( words ) {
		hideAnswered();
		const done = document.querySelector( '[data-relance-done]' );
		if ( done ) {
			done.textContent = words || '';
			done.focus();
		}
		quietly( look )( 'ticked' );
		quietly( tellTheOrder )();
	}

	function decline() {
		declined = true;
		forget();
		channels.forEach( untick );
		answered.push( '[data-relance-asks]' );
		refuse( config.done );
		// After the post: should it get lost, the cookie lets the next page erase.
		document.cookie =
			'relance_declined=1; path=/; max-age=15552000; samesite=lax' +
			( 'https:' === window.location.protocol ? '; secure' : '' );
	}

	/** What was agreed to on an earlier page, or on this one. */
	function takeBack( channel ) {
		given[ channel ] = true;
		untick( channel );
		noteUnticked( channel );
		refuse( config.back );
	}

	function noteUnticked( channel ) {
		if ( given[ channel ] ) {
			answered.push( '[data-relance-agreed=' + channel + ']' );
			hideAnswered();
		}
		if ( ! byNotice && ! channels.some( isTicked ) ) {
			forget();
		}
	}

	/** A theme may leave our boxes out: then they are put in here. */
	function putIn() {
		if ( ! config.box || document.querySelector( '[data-relance]' ) ) {
			return;
		}
		const field = document.getElementById( 'billing_email' ) || document.getElementById( 'billing_phone' );
		const beside =
			document.getElementById( 'contact' ) ||
			( field && ( field.closest( '.woocommerce-billing-fields__field-wrapper' ) || field.closest( 'p' ) ) );
		if ( beside ) {
			beside.insertAdjacentHTML( 'afterend', config.box );
		}
	}

	/** After the page was drawn, or drawn anew. */
	function settle() {
		settling = 0;
		putIn();
		channels.forEach( isTicked );
		hideAnswered();
		refill();
	}

	function settleSoon() {
		settling = settling || setTimeout( quietly( settle ), 100 );
	}

	// ---- What happens

	function isOurs( element ) {
		return !! element && 0 === String( element.name ).indexOf( 'relance_' );
	}

	/** Whether it is a field of the contact; then it is noted as changed. */
	function isEdit( element ) {
		const found = FIELD.exec( element.id );
		if ( found && ! filling ) {
			edited[ found[ 2 ] ] = true;
			return true;
		}
	}

	function onInput( event ) {
		if ( isEdit( event.target ) ) {
			soon();
		}
	}

	function onChange( event ) {
		const element = event.target;
		if ( isOurs( element ) && 'checkbox' === element.type ) {
			const channel = element.name.slice( 8 );
			boxes[ channel ] = element;
			ticks[ channel ] = element.checked;
			if ( ! element.checked ) {
				noteUnticked( channel );
			}
			quietly( look )( 'ticked' );
			tellTheOrder();
		} else if ( isEdit( element ) ) {
			look( 'blur' );
		}
	}

	function onBlur( event ) {
		if ( FIELD.test( event.target.id ) ) {
			look( 'blur' );
		}
	}

	function onClick( event ) {
		const element = event.target;
		const button = element && element.closest && element.closest( '[data-relance-no]' );
		const channel = button && button.getAttribute( 'data-relance-no' );
		if ( button ) {
			event.preventDefault();
			if ( ADDRESS[ channel ] ) {
				takeBack( channel );
			} else {
				decline();
			}
		}
	}

	function onLeave( event ) {
		if ( 'pagehide' === event.type || 'hidden' === document.visibilityState ) {
			look( 'leave' );
		}
	}

	function onOrder() {
		over = true;
		clearTimeout( trying );
		forget();
	}

	function listen( target, name, run ) {
		target.addEventListener( name, quietly( run ), true );
	}

	/** Follows the stores of the block checkout, which may come later than we. */
	function follow( left ) {
		const data = window.wp && window.wp.data;
		let billing;
		let shipping;
		if ( ! data || ! data.subscribe || ! ask( 'wc/store/cart', 'getCustomerData' ) ) {
			if ( left ) {
				setTimeout( quietly( follow ), 500, left - 1 );
			}
			return;
		}
		data.subscribe(
			quietly( function () {
				const customer = ask( 'wc/store/cart', 'getCustomerData' );
				if ( ! over && ask( 'wc/store/checkout', 'isComplete' ) ) {
					onOrder();
				}
				if ( customer.billingAddress !== billing || customer.shippingAddress !== shipping ) {
					if ( billing ) {
						soon();
					}
					billing = customer.billingAddress;
					shipping = customer.shippingAddress;
				}
				if ( ! refilled ) {
					settleSoon();
				}
			} )
		);
		settleSoon();
	}

	/** The classic checkout speaks through jQuery. */
	function followForm() {
		const jQuery = window.jQuery;
		if ( jQuery ) {
			jQuery( document.body ).on(
				'updated_checkout',
				quietly( function () {
					settle();
					soon();
				} )
			);
			// It must answer nothing: false would keep the shopper from the thank-you page.
			jQuery( 'form.checkout' ).on( 'checkout_place_order_success', quietly( onOrder ) );
		}
	}

	quietly( function () {
		listen( document, 'input', onInput );
		listen( document, 'change', onChange );
		listen( document, 'focusout', onBlur );
		listen( document, 'click', onClick );
		listen( document, 'visibilitychange', onLeave );
		listen( window, 'pagehide', onLeave );
		listen( window, 'online', again );
		if ( isBlock() ) {
			follow( 40 );
			new MutationObserver( settleSoon ).observe( document.querySelector( '.wc-block-checkout' ), {
				childList: true,
				subtree: true,
			} );
		} else {
			followForm();
		}
		settle();
		if ( channels.some( isTicked ) ) {
			look( 'ticked' ); // Ticked before this script came.
		}
	} )();
} )();
