"""An offer in the words of the shopper: seven languages, exact ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from recovery.model import ZERO, Line
from recovery.offer_facts import Gift, Terms
from recovery.offer_texts import WORDS, gift_phrase, offer_phrase
from recovery.offers import end_of_day
from recovery.sms_parts import GSM_7, parts_of

PARIS = "Europe/Paris"
NOW = datetime(2026, 11, 21, 14, 10, tzinfo=UTC)
PERCENT = Terms(Gift.NOW, "percent", Decimal("12.5"), "EUR", 3, ends_at=end_of_day(NOW, 3, PARIS))
FREE = replace(
    PERCENT,
    kind="free_shipping",
    value=Decimal(0),
    minimum=Decimal(60),
    ends_at=datetime(2026, 11, 24, 14, 10, 59, tzinfo=UTC),
)
REWARD = replace(PERCENT, gift=Gift.NEXT, kind="amount", value=Decimal(5), ends_at=None)

PHRASES = [
    ("en-US", PERCENT, "12.5% off until November 24"),
    ("en-GB", PERCENT, "12.5% off until 24 November"),
    ("fr-FR", PERCENT, "12,5 % de réduction jusqu'au 24 novembre"),
    ("de-DE", PERCENT, "12,5 % Rabatt bis zum 24. November"),
    ("es-ES", PERCENT, "12,5 % de descuento hasta el 24 de noviembre"),
    ("it-IT", PERCENT, "12,5% di sconto fino al 24 novembre"),
    ("nl-NL", PERCENT, "12,5% korting tot en met 24 november"),
    ("pt-PT", PERCENT, "12,5% de desconto até 24 de novembro"),
    (
        "en-US",
        FREE,
        "free shipping on orders from €60.00 until November 24, 3:10 PM",
    ),
    (
        "fr-FR",
        FREE,
        "livraison offerte dès 60,00 € d'achat jusqu'au 24 novembre à 15:10",
    ),
    (
        "de-DE",
        FREE,
        "kostenloser Versand ab 60,00 € Bestellwert bis zum 24. November, 15:10 Uhr",
    ),
    (
        "es-ES",
        FREE,
        "portes gratis a partir de 60,00 € de compra hasta el 24 de noviembre, 15:10 h",
    ),
    (
        "it-IT",
        FREE,
        "spedizione gratuita con una spesa di almeno 60,00 € fino al 24 novembre, ore 15:10",
    ),
    (
        "nl-NL",
        FREE,
        "gratis verzending vanaf € 60,00 tot 24 november, 15:10 uur",
    ),
    (
        "pt-PT",
        FREE,
        "envio gratuito em compras a partir de 60,00 € até 24 de novembro, 15:10",
    ),
    (
        "en-US",
        REWARD,
        "€5.00 off your next order if you order this cart by November 22, 3:10 PM",
    ),
    (
        "fr-FR",
        REWARD,
        "5,00 € de réduction sur votre prochaine commande si vous commandez ce panier"
        " d'ici au 22 novembre à 15:10",
    ),
    (
        "de-DE",
        REWARD,
        "5,00 € Rabatt auf Ihre nächste Bestellung, wenn Sie diesen Warenkorb"
        " bis zum 22. November, 15:10 Uhr bestellen",
    ),
    (
        "es-ES",
        REWARD,
        "5,00 € de descuento en tu compra siguiente si pides este carrito"
        " hasta el 22 de noviembre, 15:10 h",
    ),
    (
        "it-IT",
        REWARD,
        "5,00 € di sconto sul tuo prossimo ordine se completi questo carrello"
        " entro il 22 novembre, ore 15:10",
    ),
    (
        "nl-NL",
        REWARD,
        "€ 5,00 korting op je volgende bestelling als je dit mandje"
        " uiterlijk 22 november, 15:10 uur bestelt",
    ),
    (
        "pt-PT",
        REWARD,
        "5,00 € de desconto na compra seguinte se concluir este carrinho até 22 de novembro, 15:10",
    ),
]


MUG = Line("Mug", 1, Decimal(9), Decimal(9), product_key="a")
LAMP = Line("Lamp", 2, Decimal(30), Decimal(60), product_key="b")
LONG = Line("A title that is far too long for a text of one part", 1, ZERO, ZERO, product_key="c")
ON_A = replace(PERCENT, lines=("a",))
ON_ALL = replace(PERCENT, lines=("a", "b", "c"))
FIVE = replace(ON_A, kind="amount", value=Decimal(5))
LEFT_OUT = replace(REWARD, left_out=("z",))

ON_WHAT = [
    # (locale, terms, the cart's lines, what is said of them)
    ("en", ON_A, (MUG, LAMP), "12.5% off on Mug until November 24"),
    ("fr", ON_A, (MUG, LAMP), "12,5 % de réduction sur Mug jusqu'au 24 novembre"),
    ("de", ON_A, (MUG, LAMP), "12,5 % Rabatt auf Mug bis zum 24. November"),
    ("es", ON_A, (MUG, LAMP), "12,5 % de descuento en Mug hasta el 24 de noviembre"),
    ("it", ON_A, (MUG, LAMP), "12,5% di sconto su Mug fino al 24 novembre"),
    ("nl", ON_A, (MUG, LAMP), "12,5% korting op Mug tot en met 24 november"),
    ("pt", ON_A, (MUG, LAMP), "12,5% de desconto em Mug até 24 de novembro"),
    ("en", ON_ALL, (MUG, LAMP, LONG), "12.5% off on the items in this cart until"),
    ("fr", ON_ALL, (MUG, LAMP, LONG), "sur les articles de ce panier jusqu'au"),
    ("de", ON_ALL, (MUG, LAMP, LONG), "auf die Artikel dieses Warenkorbs bis"),
    ("es", ON_ALL, (MUG, LAMP, LONG), "en los productos de este carrito hasta"),
    ("it", ON_ALL, (MUG, LAMP, LONG), "sugli articoli di questo carrello fino"),
    ("nl", ON_ALL, (MUG, LAMP, LONG), "op de artikelen in dit mandje tot"),
    ("pt", ON_ALL, (MUG, LAMP, LONG), "nos artigos deste carrinho até"),
    ("en", replace(ON_ALL, lines=("a", "b")), (MUG, LAMP), "off on Mug, Lamp until"),
    ("en", replace(ON_ALL, lines=("a", "c")), (MUG, LAMP, LONG), "off on selected items until"),
    ("en", ON_ALL, (MUG,), "off on selected items until"),  # the others are not in the cart
    ("en", ON_ALL, (), "off on selected items until"),
    ("fr", ON_ALL, (), "sur une sélection d'articles jusqu'au"),
    ("en", FIVE, (MUG, LAMP), "€5.00 off on Mug until"),
    ("en", replace(FIVE, lines=("b",)), (MUG, LAMP), "€5.00 off once on Lamp until"),
    ("fr", replace(FIVE, lines=("b",)), (MUG, LAMP), "5,00 € de réduction une fois sur Lamp"),
    ("de", replace(FIVE, lines=("b",)), (MUG, LAMP), "5,00 € Rabatt einmal auf Lamp"),
    ("en", replace(ON_A, minimum=Decimal(9)), (MUG,), "off on Mug if they come to €9.00 or more"),
    ("fr", replace(ON_A, minimum=Decimal(9)), (MUG,), "sur Mug dès 9,00 € de ces articles"),
    ("en", LEFT_OUT, (MUG,), "€5.00 off (not with certain products) on your next order if"),
    ("fr", LEFT_OUT, (MUG,), "5,00 € de réduction (sauf avec certains produits) sur votre"),
    ("en", replace(REWARD, lines=("a",)), (MUG,), "off once on Mug on your next order if"),
    ("en", replace(REWARD, lines=("c",)), (LONG,), "off once on selected items on your next"),
]


@pytest.mark.parametrize(("locale", "terms", "cart", "said"), ON_WHAT)
def test_an_offer_says_on_what_it_is(
    locale: str, terms: Terms, cart: tuple[Line, ...], said: str
) -> None:
    deadline = NOW + timedelta(hours=24) if terms.gift is Gift.NEXT else None
    assert said in offer_phrase(terms, (locale,), PARIS, NOW, deadline, cart)


@pytest.mark.parametrize("language", sorted(WORDS))
@pytest.mark.parametrize("terms", [ON_A, ON_ALL, replace(FIVE, minimum=Decimal(7)), LEFT_OUT])
def test_no_language_promises_the_whole_order_where_some_of_it_qualifies(
    terms: Terms, language: str
) -> None:
    whole = replace(terms, lines=(), left_out=(), minimum=None)
    for cart in ((), (MUG,), (MUG, LAMP, LONG)):
        said = gift_phrase(terms, (language,), cart)
        assert len(said) > len(gift_phrase(whole, (language,), cart))
        assert parts_of(said).encoding == GSM_7


def _phrase(terms: Terms, *locales: str | None, zone: str = PARIS) -> str:
    deadline = NOW + timedelta(hours=24) if terms.gift is Gift.NEXT else None
    return offer_phrase(terms, locales, zone, NOW, deadline)


@pytest.mark.parametrize(("locale", "terms", "phrase"), PHRASES)
def test_an_offer_is_said_in_seven_languages(locale: str, terms: Terms, phrase: str) -> None:
    assert _phrase(terms, locale) == phrase


@pytest.mark.parametrize("month", range(1, 13))
@pytest.mark.parametrize("language", sorted(WORDS))
@pytest.mark.parametrize("terms", [PERCENT, FREE, REWARD])
def test_no_month_and_no_word_leaves_the_cheap_alphabet(
    terms: Terms, language: str, month: int
) -> None:
    end = datetime(2027, month, 28, 22, 30, tzinfo=UTC)
    phrase = offer_phrase(replace(terms, ends_at=end), (language,), PARIS, NOW, end)
    assert parts_of(phrase).encoding == GSM_7
    assert "2027" in phrase or "/27" in phrase


def test_the_end_is_a_day_of_the_shopper() -> None:
    assert _phrase(PERCENT, "fr", zone="UTC") == (
        "12,5 % de réduction jusqu'au 24 novembre à 23:00"
    )
    assert "25 novembre" in _phrase(PERCENT, "fr", zone="Asia/Tokyo")


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (datetime(2026, 11, 24, 22, 59, 59, tzinfo=UTC), "jusqu'au 24 novembre"),
        (datetime(2026, 11, 24, 22, 58, 59, tzinfo=UTC), "jusqu'au 24 novembre à 23:58"),
        (datetime(2026, 11, 24, 23, 0, 0, tzinfo=UTC), "jusqu'au 24 novembre"),
        (datetime(2026, 11, 24, 23, 0, 1, tzinfo=UTC), "jusqu'au 25 novembre à 00:00"),
    ],
)
def test_a_day_alone_is_said_only_when_the_offer_lasts_to_its_close(
    end: datetime, said: str
) -> None:
    assert _phrase(replace(PERCENT, ends_at=end), "fr").endswith(said)


@pytest.mark.parametrize(
    ("day", "said"), [(7, "fino al 7"), (8, "fino all'8"), (11, "fino all'11"), (18, "al 18")]
)
def test_italian_leaves_out_a_vowel(day: int, said: str) -> None:
    end = datetime(2026, 12, day, 12, tzinfo=UTC)
    assert said in _phrase(replace(PERCENT, ends_at=end), "it")


@pytest.mark.parametrize(
    ("value", "currency", "locale", "said"),
    [
        ("500", "JPY", "en", "¥500 off"),
        ("1.250", "KWD", "en", "KWD1.250 off"),
        ("5", "EUR", "fr-CA", "5,00 € de réduction"),
        ("20", "CHF", "de-CH", "CHF 20.00 Rabatt"),
    ],
)
def test_money_has_the_coins_of_its_currency(
    value: str, currency: str, locale: str, said: str
) -> None:
    terms = replace(PERCENT, kind="amount", value=Decimal(value), currency=currency)
    assert _phrase(terms, locale).startswith(said)


def test_a_whole_percentage_has_no_decimals() -> None:
    assert _phrase(replace(PERCENT, value=Decimal("10.00")), "en").startswith("10% off")


def test_the_shops_language_stands_in_for_one_that_we_do_not_write() -> None:
    assert _phrase(PERCENT, "ja", "fr-FR").startswith("12,5 % de réduction")
    assert _phrase(PERCENT, None, None).startswith("12.5% off")


@pytest.mark.parametrize(
    "terms",
    [
        replace(PERCENT, ends_at=None),
        replace(PERCENT, ends_at=datetime(2026, 11, 24)),
        replace(PERCENT, gift=Gift.NONE),
    ],
)
def test_no_offer_is_promised_without_its_real_end(terms: Terms) -> None:
    with pytest.raises(ValueError, match="real end"):
        _phrase(terms, "fr")
    with pytest.raises(ValueError, match="real end"):
        offer_phrase(REWARD, ("fr",), PARIS, NOW)
