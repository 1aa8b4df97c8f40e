<?php
/**
 * The opt-in box.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

require_once __DIR__ . '/class-relance-box-door.php';

/**
 * A reason to leave a number early: a shortcode and a block for product, cart and account pages.
 *
 *     [relance_box title="…" offer="10 % off your first order" product="12"]
 *
 * Nothing in it is ticked beforehand. What a shopper may be texted about and offers are
 * asked for apart. The words beside the boxes are made here and not in the page, so that
 * those kept as proof are those that were read.
 */
class Relance_Box {

	const HANDLE = 'relance-box';
	const EDITOR = 'relance-box-editor';
	const KINDS  = array( 'order_news', 'keep_cart', 'back_in_stock', 'price_drop' );

	/**
	 * Registers the shortcode, the block and their door.
	 */
	public static function hook() {
		add_action( 'init', array( __CLASS__, 'register' ) );
		add_action( 'wp_enqueue_scripts', array( __CLASS__, 'enqueue_early' ) );
		add_shortcode( 'relance_box', array( __CLASS__, 'shortcode' ) );
		Relance_Box_Door::hook();
	}

	/**
	 * Registers script, style and block.
	 */
	public static function register() {
		wp_register_style( self::HANDLE, plugins_url( 'assets/box.css', RELANCE_FILE ), array(), RELANCE_VERSION );
		wp_register_script(
			self::HANDLE,
			plugins_url( 'assets/box.js', RELANCE_FILE ),
			array(),
			RELANCE_VERSION,
			array(
				'strategy'  => 'defer',
				'in_footer' => true,
			)
		);
		wp_register_script( self::EDITOR, plugins_url( 'assets/box-editor.js', RELANCE_FILE ), array( 'wp-blocks', 'wp-element', 'wp-components', 'wp-block-editor', 'wp-server-side-render' ), RELANCE_VERSION, true );
		if ( is_admin() ) {
			wp_add_inline_script( self::EDITOR, 'window.relanceBoxEditor = ' . wp_json_encode( self::editor_words() ) . ';', 'before' );
		}
		register_block_type( dirname( __DIR__ ) . '/blocks/box', array( 'render_callback' => array( __CLASS__, 'block' ) ) );
	}

	/**
	 * The style goes into the head where the page is known to hold a box, so that nothing moves.
	 *
	 * It is not told to WordPress as the block's style: with a classic theme, that would be loaded
	 * with every page of the shop.
	 */
	public static function enqueue_early() {
		$post = get_post();
		if ( ! is_singular() || ! $post || ! Relance_Settings::is_active() ) {
			return;
		}
		if ( has_block( 'relance/box', $post ) || has_shortcode( $post->post_content . ' ' . $post->post_excerpt, 'relance_box' ) ) {
			wp_enqueue_style( self::HANDLE );
		}
	}

	/**
	 * The shortcode.
	 *
	 * @param array|string $given title, offer, product.
	 * @return string
	 */
	public static function shortcode( $given ) {
		$given = shortcode_atts(
			array(
				'title'   => '',
				'offer'   => '',
				'product' => 0,
			),
			is_array( $given ) ? $given : array(),
			'relance_box'
		);
		return self::html( $given, self::product( absint( $given['product'] ), 0 ) );
	}

	/**
	 * The block.
	 *
	 * @param array         $given   title, offer, product.
	 * @param string        $content Nothing.
	 * @param WP_Block|null $block   The block, for what surrounds it.
	 * @return string
	 */
	public static function block( $given, $content = '', $block = null ) {
		$around = $block instanceof WP_Block && isset( $block->context['postId'], $block->context['postType'] ) && 'product' === $block->context['postType'] ? absint( $block->context['postId'] ) : 0;
		$given  = (array) $given + array(
			'title'   => '',
			'offer'   => '',
			'product' => 0,
		);
		return self::html( $given, self::product( absint( $given['product'] ), $around ) );
	}

	/**
	 * What a shopper reads beside a box of the box, and what is kept as proof.
	 *
	 * @param string $kind One of KINDS, or `marketing`.
	 * @return string Plain text.
	 */
	public static function words( $kind ) {
		$words = array(
			'order_news'    => __( 'Text me about my order: confirmed, sent, on its way.', 'relance' ),
			'keep_cart'     => __( 'Keep my cart for me and text me the way back to it.', 'relance' ),
			'back_in_stock' => __( 'Text me once when it is back in stock.', 'relance' ),
			'price_drop'    => __( 'Text me once when it costs less.', 'relance' ),
			/* translators: %s: the name of the shop. */
			'marketing'     => sprintf( __( 'Also text me offers of %s now and then.', 'relance' ), Relance_Settings::shop_name() ),
		);
		/**
		 * The words beside a box. Change them for all places at once: they are the proof, too.
		 *
		 * @param string $words Plain text.
		 * @param string $kind  order_news, keep_cart, back_in_stock, price_drop or marketing.
		 */
		return (string) apply_filters( 'relance_box_words', isset( $words[ $kind ] ) ? $words[ $kind ] : '', $kind );
	}

	/**
	 * What stands under the boxes.
	 *
	 * @return string Plain text.
	 */
	public static function small_print() {
		return __( 'Only for what you ticked. Each message says how to stop.', 'relance' );
	}

	/**
	 * The country that the number is most likely of.
	 *
	 * @param array $countries Those of the shop, by code.
	 * @return string Two letters.
	 */
	private static function likely_country( array $countries ) {
		$likely = WC()->customer ? (string) WC()->customer->get_billing_country() : '';
		if ( ! isset( $countries[ $likely ] ) ) {
			$likely = WC()->countries->get_base_country();
		}
		return isset( $countries[ $likely ] ) ? $likely : (string) key( $countries );
	}

	/**
	 * The product that the box stands beside.
	 *
	 * @param int $given  The one named in the box, or 0.
	 * @param int $around The one whose block surrounds it, or 0.
	 * @return WC_Product|null
	 */
	private static function product( $given, $around ) {
		$id = $given ? $given : $around;
		if ( ! $id && function_exists( 'is_product' ) && is_product() ) {
			$id = get_queried_object_id();
		}
		$product = $id ? wc_get_product( $id ) : null;
		return $product instanceof WC_Product && 'publish' === $product->get_status() ? $product : null;
	}

	/**
	 * The box.
	 *
	 * @param array           $given   title, offer.
	 * @param WC_Product|null $product The product beside it.
	 * @return string
	 */
	private static function html( array $given, $product ) {
		$is_editor = defined( 'REST_REQUEST' ) && REST_REQUEST && current_user_can( 'edit_posts' );
		if ( ! Relance_Settings::is_active() && ! $is_editor ) {
			return '';
		}
		$countries = WC()->countries->get_allowed_countries();
		$box       = array(
			'id'        => wp_unique_id( 'relance-box-' ),
			'title'     => '' !== (string) $given['title'] ? (string) $given['title'] : __( 'Want a text about it?', 'relance' ),
			'offer'     => (string) apply_filters( 'relance_box_offer', (string) $given['offer'] ),
			'product'   => $product ? $product->get_id() : 0,
			'kinds'     => self::kinds_for( $product ),
			'hidden'    => self::hidden_kind( $product ),
			'countries' => self::with_codes( $countries ),
			'country'   => self::likely_country( $countries ),
			'config'    => self::config(),
		);
		ob_start();
		self::enqueue();
		include dirname( __DIR__ ) . '/templates/box.php';
		// Without line breaks between the tags: some themes turn those into paragraphs.
		return trim( preg_replace( '/>\s+</', '><', (string) ob_get_clean() ) );
	}

	/**
	 * What can be asked for here.
	 *
	 * @param WC_Product|null $product The product beside it.
	 * @return string[] Some of KINDS.
	 */
	private static function kinds_for( $product ) {
		$kinds = array( 'order_news', 'keep_cart' );
		if ( ! $product ) {
			return $kinds;
		}
		if ( $product->is_type( 'variable' ) ) {
			return array_merge( array( 'back_in_stock', 'price_drop' ), $kinds ); // Which of them is shown depends on the variation.
		}
		return array_merge( array( $product->is_in_stock() ? 'price_drop' : 'back_in_stock' ), $kinds );
	}

	/**
	 * Which kind is not shown until a variation asks for it.
	 *
	 * @param WC_Product|null $product The product beside it.
	 * @return string
	 */
	private static function hidden_kind( $product ) {
		return $product && $product->is_in_stock() ? 'back_in_stock' : 'price_drop';
	}

	/**
	 * Countries with their calling codes.
	 *
	 * @param array $countries Code → name.
	 * @return string[] Code → "France (+33)".
	 */
	private static function with_codes( array $countries ) {
		$with = array();
		foreach ( $countries as $code => $name ) {
			$calling       = (string) WC()->countries->get_country_calling_code( $code );
			$name          = html_entity_decode( $name, ENT_QUOTES, 'UTF-8' );
			$with[ $code ] = '' === $calling ? $name : $name . ' (' . $calling . ')';
		}
		return $with;
	}

	/**
	 * What the script needs.
	 *
	 * @return array
	 */
	private static function config() {
		return array(
			'url'     => WC_AJAX::get_endpoint( 'relance_box' ),
			'nonce'   => Relance_Box_Door::nonce(),
			'locale'  => determine_locale(),
			'phone'   => Relance_Box_Door::words( 'phone' ),
			'nothing' => Relance_Box_Door::words( 'nothing' ),
			'later'   => Relance_Box_Door::words( 'later' ),
		);
	}

	/**
	 * Script and style.
	 *
	 * Where the head is printed already, the style is printed right before the box instead of
	 * in the footer, so that nothing moves.
	 */
	private static function enqueue() {
		wp_enqueue_script( self::HANDLE );
		wp_enqueue_style( self::HANDLE );
		if ( did_action( 'wp_head' ) && ! doing_action( 'wp_head' ) && ! wp_style_is( self::HANDLE, 'done' ) ) {
			wp_print_styles( self::HANDLE );
		}
	}

	/**
	 * The words of the block in the editor.
	 *
	 * @return array
	 */
	private static function editor_words() {
		return array(
			'name'    => __( 'Relance: opt-in box', 'relance' ),
			'title'   => __( 'Heading', 'relance' ),
			'offer'   => __( 'Welcome offer (shown beside the box for offers)', 'relance' ),
			'product' => __( 'Product ID (empty: the product of the page)', 'relance' ),
		);
	}
}
