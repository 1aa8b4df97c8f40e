<?php
/**
 * What is an address, and what our script would never say.
 *
 * @package Relance
 */

$emails = array( 'a@etu.univ-grenoble-alpes.fr', 'x@bücher.de', 'é@exemple.fr', 'a..b@docomo.ne.jp', 'o\'neil+x@a-b.co.uk', 'user@пример.рф', '"john doe"@example.com' );
foreach ( $emails as $email ) {
	check( "e-mail $email", Relance_Contact::is_an_email( $email ) );
}
foreach ( array( 'a@b', 'a b@c.de', '@c.de', 'a@', 'a@b..de', 'a@-b.de', '<a@b.de>' ) as $none ) {
	check( "no e-mail $none", ! Relance_Contact::is_an_email( $none ) );
}
foreach ( array( '06 12 34 56 78', '+33 (0)6-12.34.56', '٠١٢٣٤٥٦٧٨٩', '123456', '+49 170 1234567' ) as $phone ) {
	check( "phone $phone", Relance_Contact::is_a_phone( $phone ) );
}
foreach ( array( '12345', '1234567890123456', 'a@b123456.de', 'abc' ) as $none ) {
	check( "no phone $none", ! Relance_Contact::is_a_phone( $none ) );
}
check( 'a text that is too long is no message of ours', null === Relance_Contact::read( array( 'email' => str_repeat( 'a', 2000 ) ) ) );
check( 'a list for a text is none', null === Relance_Contact::read( array( 'email' => array( 'x' ) ) ) );
check( 'a word for a tick is none', null === Relance_Contact::read( array( 'consents' => array( 'sms' => 'yes' ) ) ) );
check( 'lines and markup leave a name', 'Zoé x' === Relance_Contact::read( array( 'first_name' => "<b>Zoé</b>\nx" ) )['first_name'] );
