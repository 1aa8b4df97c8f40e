"""The page behind a link: the cart as it was left, what changed, the offer, one way back.

Made for a phone: one document, no script, nothing but the pictures loaded beside it. Of the
person it shows the first name alone, as the texts do.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

from flask import Response, make_response, render_template
from sqlalchemy import Connection

from recovery import lines, programmes, timing
from recovery.bought_together import bought_with
from recovery.cart_changes import Change, Left, changes_since
from recovery.cart_offers import Standing
from recovery.default_texts import default_text
from recovery.email_look import EASY, LIGHT, contrast, look_of, picture
from recovery.email_words import WORDS as EMAIL_WORDS
from recovery.email_words import EmailWords
from recovery.model import Line, Product
from recovery.offer_texts import ROOM, offer_phrase
from recovery.prices import locale_of, money
from recovery.programme_form import UnreadableProgramme
from recovery.wording import Names, clean, render
from web.page_words import WORDS, PageWords

SMALL = 60 * 1000  # bytes of the whole page, without its pictures
#: Lines shown, and whether other products are, tried in turn until the page is small.
_FEWER = ((20, True), (8, True), (2, False))
LONGEST_TITLE = 120
LONGEST_SHOP = 60

_POLICY = (
    "default-src 'none'; img-src https:; style-src 'nonce-{}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class Content:
    """All that the page shows, read at once. `applied`: the button brings the code along."""

    cart: Any
    lines: tuple[Line, ...]
    changes: Sequence[Change]
    goes_with: tuple[Product, ...]
    offer: Standing | None
    applied: bool
    now: datetime


@dataclass(frozen=True, slots=True)
class _Tongue:
    """The language of the page, and how its people write amounts."""

    language: str
    style: str
    page: PageWords
    email: EmailWords


def is_wanted(db: Connection, cart: Any) -> bool:
    """Whether the step that sent this link leads to our page, as its version said then."""
    if cart.version_id is None:
        return False
    try:
        form = programmes.of_versions(db, [cart.version_id]).get(cart.version_id)
    except UnreadableProgramme:
        return False
    if form is None:
        return False
    own = next((each.steps for each in form.variants if each.name == cart.arm), ())
    steps = (*own, *form.steps)  # a variant's step stands in for the one of its number
    return next((step.page for step in steps if step.number == cart.step), False)


def read(
    db: Connection, cart: Any, offer: Standing | None, applied: bool, now: datetime
) -> Content:
    """Everything that the page of this cart shows at `now`."""
    kept = lines.read(cart.lines)
    left = Left(cart.shop_id, cart.currency, cart.changed_at, cart.total, cart.tax, kept)
    in_cart = {line.product_key for line in kept if line.product_key}
    goes_with = bought_with(db, cart.shop_id, in_cart, cart.currency, now)
    return Content(cart, kept, changes_since(db, left), goes_with, offer, applied, now)


def answer(content: Content, button: str) -> Response:
    """The page, whose one button leads to `button`. Under 60 kB without its pictures."""
    nonce = secrets.token_urlsafe(16)
    for many, others in _FEWER:
        html = render_template("cart.html", nonce=nonce, **_values(content, button, many, others))
        if len(html.encode()) < SMALL:
            break
    made = make_response(html)
    made.headers["Content-Security-Policy"] = _POLICY.format(nonce)
    made.headers["X-Robots-Tag"] = "noindex, nofollow"
    return made


def _values(content: Content, button: str, many: int, others: bool) -> dict[str, Any]:
    cart, tongue = content.cart, _tongue(content.cart)
    shop, look = clean(cart.shop_name, LONGEST_SHOP), look_of(cart.shop_colour)
    left_over = sum(line.quantity for line in content.lines[many:])
    changed = any(change != Change() for change in content.changes)
    goes_with = content.goes_with if others else ()
    return {
        "lang": tongue.language,
        "shop": shop,
        "logo": picture(cart.shop_logo),
        "look": look,
        # A pale button needs an edge to be seen on paper.
        "edge": look.button if contrast(look.button, LIGHT) >= EASY else look.on_button,
        "title": tongue.page.title.format(shop=shop),
        "hello": _hello(cart, shop, tongue.page),
        "lines": list(_lines(content, tongue))[:many],
        "more": tongue.email.more.format(n=left_over) if left_over else "",
        "total_word": tongue.page.total_then if changed else tongue.email.total,
        "total": money(cart.total, cart.currency, tongue.style),
        "offer": _offer(content, tongue),
        "goes_with_word": tongue.email.goes_with,
        "goes_with": [_product(each, tongue) for each in goes_with],
        "button": button,
        "button_word": tongue.email.button,
    }


def _tongue(cart: Any) -> _Tongue:
    """The shopper's language, else the shop's, else English; amounts by the same locale."""
    language = default_text(cart.locale, cart.shop_locale)[1]
    wanted = (name for name in (cart.locale, cart.shop_locale) if name)
    style = next((name for name in wanted if locale_of(name).language == language), language)
    return _Tongue(language, style, WORDS[language], EMAIL_WORDS[language])


def _hello(cart: Any, shop: str, words: PageWords) -> str:
    """By name, unless the "name" is an advertisement: the texts' own rule."""
    name = render("{{ first_name }}", Names(shop=shop, link="", first_name=cart.first_name))
    return words.hello.format(name=name) if name else words.hello_nobody


def _lines(content: Content, tongue: _Tongue) -> Iterator[dict[str, Any]]:
    currency, style = content.cart.currency, tongue.style
    for line, change in zip(content.lines, content.changes, strict=True):
        title, was = clean(line.title, LONGEST_TITLE), money(line.unit_price, currency, style)
        yield {
            "title": title,
            "initial": title[:1].upper(),
            "variant": clean(line.variant_title or "", LONGEST_TITLE),
            "quantity": tongue.email.quantity.format(n=line.quantity),
            "price": money(line.total, currency, style),
            "image": picture(line.image),
            "is_away": change.sold_out or change.gone,
            "news": _news(change, was, currency, tongue),
        }


def _news(change: Change, was: str, currency: str, tongue: _Tongue) -> str:
    if change.sold_out or change.gone:
        return tongue.page.gone if change.gone else tongue.page.sold_out
    if change.price is None:
        return ""
    return tongue.page.now.format(now=money(change.price, currency, tongue.style), was=was)


def _product(product: Product, tongue: _Tongue) -> dict[str, Any]:
    title = clean(product.title, LONGEST_TITLE)
    priced = product.price is not None and product.currency is not None
    return {
        "title": title,
        "initial": title[:1].upper(),
        "price": money(product.price, product.currency, tongue.style) if priced else "",  # type: ignore[arg-type]
        "image": picture(product.image),
        "address": picture(product.address),  # held to the same rule: https alone
    }


def _offer(content: Content, tongue: _Tongue) -> dict[str, str] | None:
    """What is promised and until when, in the shopper's zone, with its code."""
    offer, cart = content.offer, content.cart
    if offer is None:
        return None
    zone = timing.zones_of(cart.phone, cart.country, cart.region, cart.shop_timezone)[0]
    locales, here = (cart.locale, cart.shop_locale), content.lines
    try:
        told = offer_phrase(offer.terms, locales, zone, content.now, cart=here, room=ROOM)
    except ZoneInfoNotFoundError:
        told = offer_phrase(offer.terms, locales, "UTC", content.now, cart=here, room=ROOM)
    words = tongue.email.code if content.applied else tongue.page.typed
    before, _, after = words.partition("{code}")
    return {
        "heading": tongue.page.offer,
        # The phrase is made for texts, which have no curly apostrophe.
        "told": (told[:1].upper() + told[1:]).replace("'", "’"),
        "before": before,
        "code": clean(offer.coupon.code, 40),
        "after": after,
    }
