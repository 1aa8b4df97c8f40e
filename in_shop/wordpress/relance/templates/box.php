<?php
/**
 * The opt-in box.
 *
 * Given: $box (id, title, offer, product, kinds, hidden, countries, country, config).
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

// phpcs:disable WordPress.NamingConventions.PrefixAllGlobals.NonPrefixedVariableFound -- included from a function.
$is_told_apart = count( array_intersect( $box['kinds'], array( 'back_in_stock', 'price_drop' ) ) ) > 1;
?>
<form class="relance-box" id="<?php echo esc_attr( $box['id'] ); ?>" method="post" novalidate data-relance-box="<?php echo esc_attr( wp_json_encode( $box['config'] ) ); ?>" data-product="<?php echo esc_attr( $box['product'] ); ?>">
<fieldset class="relance-box__asks">
<legend class="relance-box__title"><?php echo esc_html( $box['title'] ); ?></legend>
<?php foreach ( $box['kinds'] as $kind ) : ?>
<label class="relance-box__line"<?php echo $is_told_apart && $kind === $box['hidden'] ? ' hidden' : ''; ?>>
<input type="checkbox" name="kind" value="<?php echo esc_attr( $kind ); ?>" autocomplete="off">
<span><?php echo esc_html( Relance_Box::words( $kind ) ); ?></span>
</label>
<?php endforeach; ?>
</fieldset>
<div class="relance-box__number">
<label class="relance-box__field">
<span><?php esc_html_e( 'Country', 'relance' ); ?></span>
<select name="country" autocomplete="country">
<?php foreach ( $box['countries'] as $code => $name ) : ?>
<option value="<?php echo esc_attr( $code ); ?>"<?php selected( $code, $box['country'] ); ?>><?php echo esc_html( $name ); ?></option>
<?php endforeach; ?>
</select>
</label>
<label class="relance-box__field">
<span><?php esc_html_e( 'Mobile number', 'relance' ); ?></span>
<input type="tel" name="phone" inputmode="tel" autocomplete="tel" maxlength="40" required aria-describedby="<?php echo esc_attr( $box['id'] ); ?>-said">
</label>
</div>
<label class="relance-box__line relance-box__marketing">
<input type="checkbox" name="marketing" value="1" autocomplete="off">
<span><?php echo esc_html( Relance_Box::words( 'marketing' ) ); ?>
<?php if ( '' !== $box['offer'] ) : ?>
<strong class="relance-box__offer"><?php echo esc_html( $box['offer'] ); ?></strong>
<?php endif; ?>
</span>
</label>
<p class="relance-box__trap" aria-hidden="true"><label><?php esc_html_e( 'Leave this empty', 'relance' ); ?> <input type="text" name="relance_note" tabindex="-1" autocomplete="off"></label></p>
<button type="submit" class="button wp-element-button relance-box__send"><?php esc_html_e( 'Send', 'relance' ); ?></button>
<p class="relance-box__small"><?php echo esc_html( Relance_Box::small_print() ); ?></p>
<p class="relance-box__said" id="<?php echo esc_attr( $box['id'] ); ?>-said" role="status" aria-live="polite"></p>
<noscript><p><?php esc_html_e( 'This form needs JavaScript.', 'relance' ); ?></p></noscript>
</form>
