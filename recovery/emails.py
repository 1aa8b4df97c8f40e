"""The e-mail of a reminder: subject, HTML and plain text of the same content.

The HTML is an MJML template, compiled once for each process; only then are the values put in,
by Liquid, which escapes every one of them. So nothing that a shopper or a shop typed is ever
read as MJML, as HTML, or as a template.

MJML is compiled by `mjml-python`. Beside it there is `mrml` for Python, around the same engine:
four times as large, and version 0.2.4 moves an `mj-raw` within a column out of its place.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.numbers import format_percent
from liquid import BoundTemplate, Environment, StrictUndefined
from mjml import mjml2html

from recovery.default_texts import default_text
from recovery.email_look import look_of, picture
from recovery.email_words import WORDS, EmailWords
from recovery.model import Line, Money, Offer, Product
from recovery.prices import locale_of, money
from recovery.wording import Names, clean, render

GMAIL_CLIPS = 102 * 1024  # bytes of HTML, after which Gmail hides the rest, the way out too
MOST_LINES = (12, 6, 2)  # tried in turn, until it is small enough
MOST_PRODUCTS = 4
LONGEST_TITLE = 120
LONGEST_WORDS = 2000
LAST_MINUTE = time(23, 59)

_TEMPLATES = Path(__file__).parent / "email_templates"
_PAGES = Environment(autoescape=True, undefined=StrictUndefined)
_PLAIN = Environment(autoescape=False, undefined=StrictUndefined)


@dataclass(frozen=True, slots=True)
class ReminderEmail:
    """What an e-mail of one reminder says.

    `link` leads back to the cart, `stop_link` to where one unsubscribes; both http(s).
    `postal_address` is the sender's, over several lines. `subject` and `opening` stand in for
    ours where the merchant wrote some (already filled in); `kind` chooses among ours.
    `logo` and the pictures are left out unless they are https (or on this machine). `zone` is
    an IANA name, for the offer's end. `total` and the lines' totals are in the same currency.
    """

    shop: str
    link: str
    stop_link: str
    postal_address: str
    lines: tuple[Line, ...]
    total: Money
    locale: str | None = None
    shop_locale: str | None = None
    first_name: str | None = None
    logo: str | None = None
    colour: str | None = None
    offer: Offer | None = None
    zone: str = "UTC"
    goes_with: tuple[Product, ...] = ()
    kind: str = "reminder"
    subject: str | None = None
    opening: str | None = None
    offer_words: str | None = None  # of an offer that is not on the whole order: a phrase, likewise
    promise: str | None = None  # of what has no code yet: a phrase, made a sentence here


@dataclass(frozen=True, slots=True)
class WrittenEmail:
    """An e-mail's subject and its two parts. `html` is under 102 kB in UTF-8."""

    subject: str
    text: str
    html: str


def write(email: ReminderEmail) -> WrittenEmail:
    """The e-mail in the shopper's language, else the shop's, else English.

    Raises ValueError for a link that is none, an amount that is no number, or a text too
    long; KeyError for a zone or a kind that nobody knows.
    """
    for link in (email.link, email.stop_link):
        if not link.startswith(("https://", "http://")):
            raise ValueError("a link of an e-mail must begin with https:// or http://")
    for many in MOST_LINES:
        values = _values(email, many)
        html = _page("reminder.mjml").render(values)
        if len(html.encode()) < GMAIL_CLIPS:
            break
    else:
        raise ValueError("the e-mail is too long: shorten its links")
    text = _plain("reminder.txt").render(values)
    return WrittenEmail(values["subject"], _tidy(text), html)


def language_of(locale: str | None, shop_locale: str | None) -> str:
    """The language in which the e-mail is written, of those that we have words for."""
    return default_text(locale, shop_locale)[1]


@lru_cache(maxsize=8)
def _page(name: str) -> BoundTemplate:
    # Without fonts of its own it would have every reader ask a stranger for "Roboto".
    return _PAGES.from_string(mjml2html(_source(name), fonts={}))


@lru_cache(maxsize=8)
def _plain(name: str) -> BoundTemplate:
    return _PLAIN.from_string(_source(name))


def _source(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _values(email: ReminderEmail, many: int) -> dict[str, Any]:
    language = language_of(email.locale, email.shop_locale)
    words, style = WORDS[language], _style(email, language)
    shop = clean(email.shop, 80)
    letter = words.letters[email.kind]
    left_over = sum(line.quantity for line in email.lines[many:])
    return {
        "language": language,
        "shop": shop,
        "subject": clean((email.subject or "").strip() or letter.subject.format(shop=shop), 200),
        "headline": letter.headline,
        "hello": _hello(email, words),
        "opening": [
            *_paragraphs((email.opening or "").strip() or letter.opening.format(shop=shop)),
            *([_sentence(email.promise)] if email.promise else []),
        ],
        "logo": picture(email.logo),
        "look": asdict(look_of(email.colour)),
        "link": email.link,
        "stop_link": email.stop_link,
        "address": _address(email.postal_address, shop),
        "lines": [_line(line, email.total.currency, style, words) for line in email.lines[:many]],
        "more": words.more.format(n=left_over) if left_over else "",
        "total": money(email.total.amount, email.total.currency, style),
        "offer": _offer(email, words, style),
        "goes_with": _rows([_product(each, style) for each in email.goes_with[:MOST_PRODUCTS]]),
        "why": words.why.format(shop=shop),
        "words": {
            "button": words.button,
            "total": words.total,
            "goes_with": words.goes_with,
            "stop": words.stop,
        },
    }


def _address(written: str, shop: str) -> list[str]:
    """The lines of the postal address; the shop's name stands before them already."""
    rows = [clean(row, 200) for row in written.splitlines() if row.strip()]
    return rows[1:] if rows and rows[0].casefold() == shop.casefold() else rows


def _style(email: ReminderEmail, language: str) -> str:
    """The locale in which amounts and dates are written: that of the words."""
    wanted = (name for name in (email.locale, email.shop_locale) if name)
    return next((name for name in wanted if locale_of(name).language == language), language)


def _hello(email: ReminderEmail, words: EmailWords) -> str:
    """By name, unless the "name" is an advertisement: the texts' own rule."""
    names = Names(shop=email.shop, link=email.link, first_name=email.first_name)
    name = render("{{ first_name }}", names)
    return words.hello.format(name=name) if name else words.hello_nobody


def _sentence(phrase: str) -> str:
    return f"{phrase[:1].upper()}{phrase[1:]}" + ("" if phrase.endswith(".") else ".")


def _paragraphs(text: str) -> list[str]:
    if len(text) > LONGEST_WORDS:
        raise ValueError(f"the words of an e-mail hold at most {LONGEST_WORDS} characters")
    return [clean(part, LONGEST_WORDS) for part in text.split("\n") if part.strip()]


def _line(line: Line, currency: str, style: str, words: EmailWords) -> dict[str, Any]:
    title = clean(line.title, LONGEST_TITLE)
    return {
        "title": title,
        "initial": title[:1].upper(),
        "variant": clean(line.variant_title or "", LONGEST_TITLE),
        "quantity": words.quantity.format(n=line.quantity),
        "price": money(line.total, currency, style),
        "image": picture(line.image),
    }


def _product(product: Product, style: str) -> dict[str, Any]:
    price = Money(product.price, product.currency) if product.price and product.currency else None
    title = clean(product.title, LONGEST_TITLE)
    return {
        "title": title,
        "initial": title[:1].upper(),
        "price": _amount(price, style) if price else "",
        "image": picture(product.image),
        "address": picture(product.address),  # held to the same rule
    }


def _rows(products: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Four stand two by two: side by side they are too narrow for a phone."""
    across = 2 if len(products) == MOST_PRODUCTS else 3
    return [products[first : first + across] for first in range(0, len(products), across)]


def _offer(email: ReminderEmail, words: EmailWords, style: str) -> dict[str, str] | None:
    offer = email.offer
    if offer is None:
        return None
    said = (email.offer_words or "").replace("'", "’")
    return {
        "what": f"{said[:1].upper()}{said[1:]}" or _what(offer, words, style),
        "code": words.code.format(code=clean(offer.code, 40)) if offer.code else "",
        "minimum": words.minimum.format(amount=_amount(offer.minimum_total, style))
        if offer.minimum_total and not said
        else "",
        "until": _until(email, offer, words, style),
    }


def _what(offer: Offer, words: EmailWords, style: str) -> str:
    if offer.free_shipping:
        return words.free_shipping
    if offer.amount is not None:
        return words.off.format(what=_amount(offer.amount, style))
    if offer.percent is None:
        raise ValueError("an offer gives a percentage, an amount or free shipping")
    return words.off.format(
        what=format_percent(
            offer.percent / 100, locale=locale_of(style), decimal_quantization=False
        )
    )


def _amount(amount: Money, style: str) -> str:
    return money(amount.amount, amount.currency, style)


def _until(email: ReminderEmail, offer: Offer, words: EmailWords, style: str) -> str:
    """The real end: the day alone where the offer lasts to its close, as in a text."""
    local, locale = offer.ends_at.astimezone(UTC).astimezone(ZoneInfo(email.zone)), locale_of(style)
    is_midnight = local.time() == time()
    if is_midnight or local.time() >= LAST_MINUTE:
        last = local - timedelta(seconds=1) if is_midnight else local
        return words.until_day.format(when=format_date(last, "full", locale))
    hour = format_time(local, "short", locale=locale)
    return words.until.format(when=f"{format_date(local, 'full', locale)}, {hour}")


def _tidy(text: str) -> str:
    """No blank line twice, none at the ends."""
    rows = [row.rstrip() for row in text.strip().split("\n")]
    kept = [row for place, row in enumerate(rows) if row or rows[place - 1]]
    return "\n".join(kept) + "\n"
