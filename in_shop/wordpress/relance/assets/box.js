/**
 * The opt-in box: looks at the number while it is typed, sends, says what happened.
 *
 * Nothing leaves the browser before "Send". The server decides about everything.
 */
( function () {
	'use strict';

	/* Digits of any script are the server's business; here only what is plainly wrong is told. */
	const DIGITS = /\p{Nd}/gu;
	const ODD = /[^\p{Nd}\s().+\/\-\u2010-\u2015]/u;

	function start( form ) {
		const config = JSON.parse( form.dataset.relanceBox );
		const said = form.querySelector( '[role=status]' );
		const phone = form.elements.phone;
		const button = form.querySelector( '[type=submit]' );
		let variation = 0;

		function say( words ) {
			said.textContent = words;
		}

		function isPhone( done ) {
			const digits = ( phone.value.match( DIGITS ) || [] ).length;
			return ! ODD.test( phone.value ) && digits <= 15 && ( ! done || digits >= 6 );
		}

		function look( done ) {
			const wrong = phone.value !== '' && ! isPhone( done );
			if ( wrong !== ( phone.getAttribute( 'aria-invalid' ) === 'true' ) ) {
				phone.setAttribute( 'aria-invalid', String( wrong ) );
				say( wrong ? config.phone : '' );
			}
		}

		function stop( field, words ) {
			say( words );
			if ( field === 'phone' ) {
				phone.setAttribute( 'aria-invalid', 'true' );
				phone.focus();
			}
		}

		function ticked() {
			return Array.from( form.querySelectorAll( '[name=kind]:checked' ) )
				.filter( ( box ) => ! box.closest( '[hidden]' ) )
				.map( ( box ) => box.value );
		}

		/* A nonce may be older than a cached page allows: the answer brings a fresh one, once. */
		async function send( body, again ) {
			const answer = await fetch( config.url, {
				method: 'POST',
				credentials: 'same-origin',
				headers: { 'Content-Type': 'application/json', 'X-Relance-Nonce': config.nonce },
				body,
			} );
			const told = await answer.json().catch( () => ( {} ) );
			if ( answer.status === 403 && told.nonce && ! again ) {
				config.nonce = told.nonce;
				return send( body, true );
			}
			return { ok: answer.ok && told.ok, field: told.field, words: told.message || config.later };
		}

		async function submit( event ) {
			event.preventDefault();
			const kinds = ticked();
			const marketing = form.elements.marketing.checked;
			if ( ! kinds.length && ! marketing ) {
				return stop( '', config.nothing );
			}
			if ( ! isPhone( true ) ) {
				return stop( 'phone', config.phone );
			}
			button.disabled = true;
			const answer = await send(
				JSON.stringify( {
					phone: phone.value,
					country: form.elements.country.value,
					kinds,
					marketing,
					product_id: Number( form.dataset.product ),
					variation_id: variation,
					locale: config.locale,
					note: form.elements.relance_note.value,
				} )
			).catch( () => ( { words: config.later } ) );
			button.disabled = false;
			if ( ! answer.ok ) {
				return stop( answer.field, answer.words );
			}
			form.reset();
			say( answer.words );
		}

		/* WooCommerce tells the chosen variation through jQuery alone. */
		function watchVariations() {
			const $ = window.jQuery;
			const choice = document.querySelector( '.variations_form[data-product_id="' + form.dataset.product + '"]' );
			if ( ! $ || ! choice ) {
				return;
			}
			const first = form.querySelector( '[name=kind][value=price_drop]' );
			const inStockAtFirst = Boolean( first && ! first.closest( '[hidden]' ) );
			const show = ( id, inStock ) => {
				variation = id;
				[ [ 'price_drop', inStock ], [ 'back_in_stock', ! inStock ] ].forEach( ( [ kind, shown ] ) => {
					const box = form.querySelector( '[name=kind][value=' + kind + ']' );
					if ( box ) {
						box.closest( 'label' ).hidden = ! shown;
					}
				} );
			};
			$( choice ).on( 'found_variation.relance', ( event, found ) => show( Number( found.variation_id ) || 0, Boolean( found.is_in_stock ) ) );
			$( choice ).on( 'reset_data.relance', () => show( 0, inStockAtFirst ) );
			const chosen = Number( ( choice.querySelector( '[name=variation_id]' ) || {} ).value ) || 0;
			const all = JSON.parse( choice.dataset.product_variations || 'false' ) || [];
			const found = all.find( ( one ) => one.variation_id === chosen );
			if ( found ) {
				show( chosen, Boolean( found.is_in_stock ) );
			}
		}

		phone.addEventListener( 'input', () => look( false ) );
		phone.addEventListener( 'blur', () => look( true ) );
		form.addEventListener( 'submit', submit );
		if ( Number( form.dataset.product ) ) {
			watchVariations();
		}
	}

	document.querySelectorAll( 'form[data-relance-box]' ).forEach( start );
} )();
