/**
 * The opt-in box in the block editor: three settings, and the box as the server draws it.
 */
( function ( blocks, element, components, editor, ServerSideRender, words ) {
	'use strict';

	const el = element.createElement;

	blocks.registerBlockType( 'relance/box', {
		edit( props ) {
			const field = ( name, clean ) =>
				el( components.TextControl, {
					key: name,
					label: words[ name ],
					value: props.attributes[ name ] || '',
					onChange: ( value ) => props.setAttributes( { [ name ]: clean ? clean( value ) : value } ),
				} );
			return el(
				'div',
				editor.useBlockProps(),
				el(
					editor.InspectorControls,
					{ key: 'settings' },
					el(
						components.PanelBody,
						{ title: words.name },
						field( 'title' ),
						field( 'offer' ),
						field( 'product', ( value ) => parseInt( value, 10 ) || 0 )
					)
				),
				el(
					components.Disabled,
					{ key: 'box' },
					el( ServerSideRender, { block: 'relance/box', attributes: props.attributes } )
				)
			);
		},
		save: () => null,
	} );
} )( window.wp.blocks, window.wp.element, window.wp.components, window.wp.blockEditor, window.wp.serverSideRender, window.relanceBoxEditor );
