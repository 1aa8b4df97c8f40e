<?php
/**
 * A small theme of the classic sort.
 *
 * @package StandIn
 */

add_theme_support( 'title-tag' );
add_theme_support( 'woocommerce' );
