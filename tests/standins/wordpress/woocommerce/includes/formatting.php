<?php
/**
 * Numbers, prices, currencies.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

/** The currencies this shop knows: sign and place of the sign. */
function get_woocommerce_currency_symbols() {
	return array(
		'EUR' => '&euro;',
		'USD' => '&#36;',
		'GBP' => '&pound;',
		'JPY' => '&yen;',
		'CHF' => '&#67;&#72;&#70;',
		'KWD' => '&#x62f;.&#x643;',
		'INR' => '&#8377;',
	);
}

/** The currencies' names. */
function get_woocommerce_currencies() {
	return array_combine( array_keys( get_woocommerce_currency_symbols() ), array_keys( get_woocommerce_currency_symbols() ) );
}

/** The currency prices are shown in; other plugins switch it by the filter. */
function get_woocommerce_currency() {
	return apply_filters( 'woocommerce_currency', get_option( 'woocommerce_currency', 'EUR' ) );
}

/**
 * Its sign.
 *
 * @param string $currency ISO 4217; the shop's when empty.
 */
function get_woocommerce_currency_symbol( $currency = '' ) {
	$currency = $currency ? $currency : get_woocommerce_currency();
	$signs    = get_woocommerce_currency_symbols();
	return apply_filters( 'woocommerce_currency_symbol', isset( $signs[ $currency ] ) ? $signs[ $currency ] : $currency, $currency );
}

/** How a price is laid out. */
function get_woocommerce_price_format() {
	$formats = array(
		'left'        => '%1$s%2$s',
		'right'       => '%2$s%1$s',
		'left_space'  => '%1$s&nbsp;%2$s',
		'right_space' => '%2$s&nbsp;%1$s',
	);
	$place   = get_option( 'woocommerce_currency_pos', 'left' );
	return apply_filters( 'woocommerce_price_format', $formats[ $place ], $place );
}

/** Decimals of a price. */
function wc_get_price_decimals() {
	return absint( apply_filters( 'wc_get_price_decimals', get_option( 'woocommerce_price_num_decimals', 2 ) ) );
}

/** The decimal mark. */
function wc_get_price_decimal_separator() {
	return stripslashes( (string) get_option( 'woocommerce_price_decimal_sep', '.' ) );
}

/** The thousands mark. */
function wc_get_price_thousand_separator() {
	return stripslashes( (string) get_option( 'woocommerce_price_thousand_sep', ',' ) );
}

/** Digits kept while counting. */
function wc_get_rounding_precision() {
	return max( wc_get_price_decimals() + 2, 6 );
}

/**
 * A number as text with a dot.
 *
 * @param mixed    $number     A number or text.
 * @param int|bool $dp         Decimals; false leaves them, '' takes the shop's.
 * @param bool     $trim_zeros Whether trailing zeros go.
 */
function wc_format_decimal( $number, $dp = false, $trim_zeros = false ) {
	if ( ! is_float( $number ) && ! is_int( $number ) ) {
		$number = str_replace( array( wc_get_price_decimal_separator(), ' ' ), array( '.', '' ), (string) $number );
		$number = preg_replace( '/[^0-9.\-]/', '', $number );
	}
	if ( false !== $dp ) {
		$number = number_format( (float) $number, '' === $dp ? wc_get_price_decimals() : (int) $dp, '.', '' );
	} elseif ( is_float( $number ) ) {
		$number = rtrim( rtrim( sprintf( '%.' . wc_get_rounding_precision() . 'F', $number ), '0' ), '.' );
	}
	$number = (string) $number;
	return $trim_zeros && false !== strpos( $number, '.' ) ? rtrim( rtrim( $number, '0' ), '.' ) : $number;
}

/**
 * A price in HTML.
 *
 * @param float|string $price How much.
 * @param array        $args  `currency`, `decimals`.
 */
function wc_price( $price, $args = array() ) {
	$args   = apply_filters( 'wc_price_args', wp_parse_args( $args, array( 'currency' => '', 'decimals' => wc_get_price_decimals(), 'price_format' => get_woocommerce_price_format() ) ) );
	$number = number_format( abs( (float) $price ), $args['decimals'], wc_get_price_decimal_separator(), wc_get_price_thousand_separator() );
	$sign   = '<span class="woocommerce-Price-currencySymbol" translate="no">' . get_woocommerce_currency_symbol( $args['currency'] ) . '</span>';
	$text   = ( (float) $price < 0 ? '-' : '' ) . sprintf( $args['price_format'], $sign, $number );
	return apply_filters( 'wc_price', '<span class="woocommerce-Price-amount amount"><bdi>' . $text . '</bdi></span>', $price, $args );
}

/**
 * Rounded to the shop's decimals.
 *
 * @param float $value     A sum.
 * @param int   $precision Decimals.
 */
function wc_round( $value, $precision = null ) {
	return round( (float) $value, null === $precision ? wc_get_price_decimals() : $precision );
}

/**
 * A discount is rounded half down when prices hold tax.
 *
 * @param float $value     A sum.
 * @param int   $precision Decimals.
 */
function wc_round_discount( $value, $precision ) {
	return round( (float) $value, $precision, wc_prices_include_tax() ? PHP_ROUND_HALF_DOWN : PHP_ROUND_HALF_UP );
}

/** Whether prices were typed with tax in them. */
function wc_prices_include_tax() {
	return wc_tax_enabled() && 'yes' === get_option( 'woocommerce_prices_include_tax', 'no' );
}

/** Whether tax is counted at all. */
function wc_tax_enabled() {
	return apply_filters( 'wc_tax_enabled', 'yes' === get_option( 'woocommerce_calc_taxes', 'no' ) );
}

/** The one tax rate of this shop, in percent. */
function standin_tax_rate() {
	return wc_tax_enabled() ? (float) get_option( 'standin_tax_rate', '20' ) : 0.0;
}

/**
 * Text or a list of texts, cleaned.
 *
 * @param mixed $var Text or list.
 */
function wc_clean( $var ) {
	if ( is_array( $var ) ) {
		return array_map( 'wc_clean', $var );
	}
	return is_scalar( $var ) ? sanitize_text_field( (string) $var ) : $var;
}

/**
 * Yes or no.
 *
 * @param mixed $text A word for it.
 */
function wc_string_to_bool( $text ) {
	return is_bool( $text ) ? $text : in_array( strtolower( (string) $text ), array( 'yes', '1', 'true' ), true );
}

/**
 * As the options keep it.
 *
 * @param mixed $bool Yes or no.
 */
function wc_bool_to_string( $bool ) {
	return wc_string_to_bool( $bool ) ? 'yes' : 'no';
}

/**
 * A coupon's code is lower case.
 *
 * @param string $value A code as typed.
 */
function wc_format_coupon_code( $value ) {
	return strtolower( trim( wp_kses( (string) $value, array() ) ) );
}

/**
 * The same.
 *
 * @param string $value A code as typed.
 */
function wc_sanitize_coupon_code( $value ) {
	return wc_format_coupon_code( $value );
}

/**
 * A phone number of figures, spaces and the usual signs.
 *
 * @param string $phone As typed.
 */
function wc_sanitize_phone_number( $phone ) {
	return preg_replace( '/[^\d+]/', '', (string) $phone );
}

/**
 * A quantity.
 *
 * @param mixed $amount As typed.
 */
function wc_stock_amount( $amount ) {
	return apply_filters( 'woocommerce_stock_amount', (int) $amount );
}

/** The shop's time zone. */
function wc_timezone_string() {
	return wp_timezone_string();
}

/** A moment with the old ways of asking. */
class WC_DateTime extends DateTime {

	/** Seconds since 1970. */
	public function getOffsetTimestamp() { // phpcs:ignore WordPress.NamingConventions.ValidFunctionName
		return $this->getTimestamp() + $this->getOffset();
	}

	/**
	 * In local words.
	 *
	 * @param string $format As of date().
	 */
	public function date( $format ) {
		return $this->format( $format );
	}

	/**
	 * In the site's language.
	 *
	 * @param string $format As of date().
	 */
	public function date_i18n( $format = 'Y-m-d' ) {
		return wp_date( $format, $this->getTimestamp() );
	}
}

/**
 * A moment from seconds or text; shop-local when the text names no zone.
 *
 * @param int|string|null $when Seconds or text.
 */
function standin_moment( $when ) {
	if ( null === $when || '' === $when || false === $when ) {
		return null;
	}
	try {
		$moment = is_numeric( $when ) ? new WC_DateTime( '@' . (int) $when ) : new WC_DateTime( (string) $when, wp_timezone() );
	} catch ( Exception $error ) {
		return null;
	}
	$moment->setTimezone( wp_timezone() );
	return $moment;
}

/**
 * As REST shows it.
 *
 * @param WC_DateTime|null $moment When.
 * @param bool             $utc    Or shop-local.
 */
function wc_rest_prepare_date_response( $moment, $utc = true ) {
	if ( ! $moment ) {
		return null;
	}
	return $utc ? gmdate( 'Y-m-d\TH:i:s', $moment->getTimestamp() ) : $moment->format( 'Y-m-d\TH:i:s' );
}
