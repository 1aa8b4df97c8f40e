<?php
/**
 * A page of the way back. Needs nothing of the theme.
 *
 * Given: $page (title, words, notes, lists, links, address, nonce, choices) and $shop.
 *
 * @package Relance
 */

defined( 'ABSPATH' ) || exit;

// phpcs:disable WordPress.NamingConventions.PrefixAllGlobals.NonPrefixedVariableFound -- included from a function.
?>
<!DOCTYPE html>
<html lang="<?php echo esc_attr( str_replace( '_', '-', get_locale() ) ); ?>" dir="<?php echo is_rtl() ? 'rtl' : 'ltr'; ?>">
<head>
<meta charset="UTF-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<meta name="referrer" content="no-referrer">
<title><?php echo esc_html( $page['title'] . ' – ' . $shop ); ?></title>
<style>
:root { color-scheme: light dark; }
* { box-sizing: border-box; }
body { margin: 0; padding: 1.5rem 1rem; font: 1.0625rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; color: #1d2327; background: #f0f0f1; }
main { max-width: 34rem; margin: 0 auto; padding: 1.5rem; background: #fff; border: 1px solid #c3c4c7; border-radius: .5rem; overflow-wrap: anywhere; }
.shop { margin: 0 0 .5rem; color: #50575e; }
h1 { margin: 0 0 .75rem; font-size: 1.5rem; line-height: 1.25; }
h2 { margin: 1.25rem 0 .25rem; font-size: 1.0625rem; }
ul { margin: .25rem 0 1rem; padding-inline-start: 1.25rem; }
.go { display: block; width: 100%; min-height: 3rem; margin: .75rem 0 0; padding: .75rem 1rem; font: inherit; font-weight: 600; text-align: center; text-decoration: none; color: #fff; background: #1d4f91; border: 2px solid #1d4f91; border-radius: .375rem; cursor: pointer; }
.go + .go { color: #1d4f91; background: transparent; }
.go:focus-visible { outline: 3px solid #dba617; outline-offset: 2px; }
@media (prefers-color-scheme: dark) {
body { color: #f0f0f1; background: #101517; }
main { background: #1d2327; border-color: #50575e; }
.shop { color: #c3c4c7; }
.go + .go { color: #9ec2f7; border-color: #9ec2f7; }
}
</style>
</head>
<body>
<main>
<p class="shop"><?php echo esc_html( $shop ); ?></p>
<h1><?php echo esc_html( $page['title'] ); ?></h1>
<p><?php echo esc_html( $page['words'] ); ?></p>
<?php if ( $page['notes'] ) : ?>
<ul class="notes">
	<?php foreach ( $page['notes'] as $note ) : ?>
<li><?php echo esc_html( $note ); ?></li>
	<?php endforeach; ?>
</ul>
<?php endif; ?>
<?php foreach ( $page['lists'] as $heading => $things ) : ?>
<h2><?php echo esc_html( $heading ); ?></h2>
<ul>
	<?php foreach ( $things as $thing ) : ?>
<li><?php echo esc_html( $thing ); ?></li>
	<?php endforeach; ?>
</ul>
<?php endforeach; ?>
<?php if ( $page['choices'] ) : ?>
<form method="post" action="<?php echo esc_url( $page['address'] ); ?>">
	<?php if ( '' !== $page['nonce'] ) : ?>
<input type="hidden" name="_wpnonce" value="<?php echo esc_attr( $page['nonce'] ); ?>">
	<?php endif; ?>
	<?php foreach ( $page['choices'] as $value => $label ) : ?>
<button class="go" type="submit" name="<?php echo esc_attr( Relance_Restore::CHOICE ); ?>" value="<?php echo esc_attr( $value ); ?>"><?php echo esc_html( $label ); ?></button>
	<?php endforeach; ?>
</form>
<?php endif; ?>
<?php foreach ( $page['links'] as $address => $label ) : ?>
<a class="go" href="<?php echo esc_url( $address ); ?>"><?php echo esc_html( $label ); ?></a>
<?php endforeach; ?>
</main>
</body>
</html>
