"""An offer as a phrase in the shopper's language: "10% off until November 24".

Numbers, money and dates are written by Babel for the locale, in the shopper's zone. The end
is the real one: the day alone where the offer lasts to the close of that day, else with its
minute, rounded down. A month whose name is outside GSM 03.38 ("août") is written in figures,
because one such letter may double the price of an SMS. All the other words are within it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_skeleton, format_time
from babel.numbers import format_percent

from recovery.answer_texts import language_of
from recovery.model import Line
from recovery.offer_facts import Gift, Terms
from recovery.prices import locale_of, money
from recovery.sms_parts import GSM_7, parts_of
from recovery.wording import clean

LONGEST_TITLES = 40  # characters; longer ones would double the price of a text
ROOM = 200  # where nobody counts characters

_LAST_MINUTE = time(23, 59)
_PLAIN = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "’": "'"})

_ITALIAN = re.compile(r"\b(al|il) (?=(?:8|11) )")


@dataclass(frozen=True, slots=True)
class _Words:
    """`{}` is the value, the amount, the titles, or the moment. `at` joins a day and an hour."""

    off: str
    shipping: str
    once: str
    named: str
    lines: str
    cart: str
    left_out: str
    minimum: str
    minimum_of_lines: str
    until_day: str
    until_hour: str
    at: str
    next: str
    clock: str = ""  # what follows an hour of a day of 24


WORDS: dict[str, _Words] = {
    "en": _Words(
        off="{} off",
        shipping="free shipping",
        once=" once",
        named=" on {}",
        lines=" on selected items",
        cart=" on the items in this cart",
        left_out=" (not with certain products)",
        minimum=" on orders from {}",
        minimum_of_lines=" if they come to {} or more",
        until_day=" until {}",
        until_hour=" until {}",
        at="{}, {}",
        next=" on your next order if you order this cart by {}",
    ),
    "fr": _Words(
        off="{} de réduction",
        shipping="livraison offerte",
        once=" une fois",
        named=" sur {}",
        lines=" sur une sélection d'articles",
        cart=" sur les articles de ce panier",
        left_out=" (sauf avec certains produits)",
        minimum=" dès {} d'achat",
        minimum_of_lines=" dès {} de ces articles",
        until_day=" jusqu'au {}",
        until_hour=" jusqu'au {}",
        at="{} à {}",
        next=" sur votre prochaine commande si vous commandez ce panier d'ici au {}",
    ),
    "de": _Words(
        off="{} Rabatt",
        shipping="kostenloser Versand",
        once=" einmal",
        named=" auf {}",
        lines=" auf ausgewählte Artikel",
        cart=" auf die Artikel dieses Warenkorbs",
        left_out=" (nicht mit bestimmten Produkten)",
        minimum=" ab {} Bestellwert",
        minimum_of_lines=", wenn diese {} erreichen",
        until_day=" bis zum {}",
        until_hour=" bis zum {}",
        at="{}, {}",
        next=" auf Ihre nächste Bestellung, wenn Sie diesen Warenkorb bis zum {} bestellen",
        clock=" Uhr",
    ),
    "es": _Words(
        off="{} de descuento",
        shipping="portes gratis",
        once=" una vez",
        named=" en {}",
        lines=" en productos seleccionados",
        cart=" en los productos de este carrito",
        left_out=" (salvo con ciertos productos)",
        minimum=" a partir de {} de compra",
        minimum_of_lines=" a partir de {} en esos productos",
        until_day=" hasta el {}",
        until_hour=" hasta el {}",
        at="{}, {}",
        next=" en tu compra siguiente si pides este carrito hasta el {}",
        clock=" h",
    ),
    "it": _Words(
        off="{} di sconto",
        shipping="spedizione gratuita",
        once=" una volta",
        named=" su {}",
        lines=" su articoli selezionati",
        cart=" sugli articoli di questo carrello",
        left_out=" (non con certi prodotti)",
        minimum=" con una spesa di almeno {}",
        minimum_of_lines=" con almeno {} di questi articoli",
        until_day=" fino al {}",
        until_hour=" fino al {}",
        at="{}, ore {}",
        next=" sul tuo prossimo ordine se completi questo carrello entro il {}",
    ),
    "nl": _Words(
        off="{} korting",
        shipping="gratis verzending",
        once=" eenmalig",
        named=" op {}",
        lines=" op geselecteerde artikelen",
        cart=" op de artikelen in dit mandje",
        left_out=" (niet met bepaalde producten)",
        minimum=" vanaf {}",
        minimum_of_lines=" vanaf {} aan deze artikelen",
        until_day=" tot en met {}",
        until_hour=" tot {}",
        at="{}, {}",
        next=" op je volgende bestelling als je dit mandje uiterlijk {} bestelt",
        clock=" uur",
    ),
    "pt": _Words(
        off="{} de desconto",
        shipping="envio gratuito",
        once=" uma vez",
        named=" em {}",
        lines=" em artigos selecionados",
        cart=" nos artigos deste carrinho",
        left_out=" (exceto com certos produtos)",
        minimum=" em compras a partir de {}",
        minimum_of_lines=" a partir de {} nesses artigos",
        until_day=" até {}",
        until_hour=" até {}",
        at="{}, {}",
        next=" na compra seguinte se concluir este carrinho até {}",
    ),
}


def offer_phrase(
    terms: Terms,
    locales: tuple[str | None, ...],
    zone: str,
    now: datetime,
    deadline: datetime | None = None,
    cart: Sequence[Line] = (),
    room: int = LONGEST_TITLES,
) -> str:
    """What `terms` promise, to be put into a sentence: no capital, no full stop.

    `locales` are the shopper's and the shop's. Of an offer on lines it says on which, as far as
    `cart`, the lines as they are now, shows them and `room` (characters) lasts. For `Gift.NOW`
    the end is `terms.ends_at`, as read back from the shop; for `Gift.NEXT` `deadline` is the last
    moment of the order that earns it. Raises ValueError when that moment is missing or naive, or
    there is no offer.
    """
    is_next = terms.gift is Gift.NEXT
    until = deadline if is_next else terms.ends_at
    if terms.gift is Gift.NONE or until is None or until.tzinfo is None:
        raise ValueError("an offer is promised with its real end only")
    locale = _locale(locales)
    words = WORDS[locale.language]
    told = _gift(terms, words, locale, cart, room)
    if is_next:
        day, hour = _moment(until, zone, now, locale)
        return _smooth(told + words.next.format(words.at.format(day, hour)), locale)
    return _smooth(told + _until(until, zone, now, locale), locale)


def _locale(locales: tuple[str | None, ...]) -> Locale:
    """The first of the locales whose language we write in; its region decides dates and money."""
    language = language_of(locales)
    fitting = (locale_of(name) for name in locales if name)
    return next((each for each in fitting if each.language == language), Locale(language))


def _smooth(phrase: str, locale: Locale) -> str:
    """English says "off your", and Italian leaves out the vowel before "otto" and "undici"."""
    if locale.language != "it":
        return phrase.replace(" off on your ", " off your ")
    return _ITALIAN.sub(lambda found: {"al": "all'", "il": "l'"}[found[1]], phrase)


def gift_phrase(terms: Terms, locales: tuple[str | None, ...], cart: Sequence[Line]) -> str:
    """What `terms` give and on what, without the end; as long as it takes."""
    locale = _locale(locales)
    return _gift(terms, WORDS[locale.language], locale, cart, ROOM)


def _gift(terms: Terms, words: _Words, locale: Locale, cart: Sequence[Line], room: int) -> str:
    told = words.shipping
    if terms.kind == "percent":
        told = words.off.format(_percent(terms.value, locale))
    if terms.kind == "amount":
        told = words.off.format(money(terms.value, terms.currency, str(locale)))
        told += words.once if _may_seem_of_each(terms, cart) else ""
    told += _on_what(terms, words, cart, room)
    if terms.minimum:
        least = words.minimum_of_lines if terms.lines else words.minimum
        told += least.format(money(terms.minimum, terms.currency, str(locale)))
    return told


def _may_seem_of_each(terms: Terms, cart: Sequence[Line]) -> bool:
    """An amount on several items is given once, not for each of them."""
    here = [line for line in cart if line.product_key in terms.lines]
    is_one_item = len(here) == len(terms.lines) == 1 and here[0].quantity == 1
    return bool(terms.lines) and not (is_one_item and terms.gift is Gift.NOW)


def _on_what(terms: Terms, words: _Words, cart: Sequence[Line], room: int) -> str:
    """Nothing for the whole order. Titles only where they say all of it, and are short."""
    if not terms.lines:
        return words.left_out if terms.left_out else ""
    titles = dict.fromkeys(
        clean(line.title, room + 1) for line in cart if line.product_key in terms.lines
    )
    is_all_here = set(terms.lines) <= {line.product_key for line in cart}
    named = ", ".join(titles)
    if is_all_here and len(named) <= room:
        return words.named.format(named)
    is_whole_cart = is_all_here and all(line.product_key in terms.lines for line in cart)
    return words.cart if is_whole_cart and terms.gift is Gift.NOW else words.lines


def _percent(value: Decimal, locale: Locale) -> str:
    written: str = format_percent(value / 100, locale=locale, decimal_quantization=False)
    return written.translate(_PLAIN)


def _until(until: datetime, zone: str, now: datetime, locale: Locale) -> str:
    words = WORDS[locale.language]
    local = until.astimezone(ZoneInfo(zone))
    midnight = local.time() == time()
    if midnight or local.time() >= _LAST_MINUTE:
        last = local - timedelta(seconds=1) if midnight else local
        return words.until_day.format(_day(last, zone, now, locale))
    day, hour = _moment(until, zone, now, locale)
    return words.until_hour.format(words.at.format(day, hour))


def _moment(at: datetime, zone: str, now: datetime, locale: Locale) -> tuple[str, str]:
    """The local day and minute; seconds are dropped, so that no minute too many is told."""
    local = at.astimezone(ZoneInfo(zone))
    written: str = format_time(local.time(), "short", locale=locale)
    hour = written.translate(_PLAIN)
    # "5:30 p.m." says already what it is.
    clock = WORDS[locale.language].clock if hour[-1].isdecimal() else ""
    return _day(local, zone, now, locale), hour + clock


def _day(local: datetime, zone: str, now: datetime, locale: Locale) -> str:
    """The day and month; with the year when it is not this one."""
    year = "" if local.year == now.astimezone(ZoneInfo(zone)).year else "y"
    named = _skeleton(f"{year}MMMMd", local, locale)
    return named if parts_of(named).encoding == GSM_7 else _skeleton(f"{year}Md", local, locale)


def _skeleton(skeleton: str, local: datetime, locale: Locale) -> str:
    written: str = format_skeleton(skeleton, local, fuzzy=True, locale=locale)
    return written.translate(_PLAIN)
