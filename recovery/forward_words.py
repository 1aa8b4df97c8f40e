"""The e-mail by which a merchant reads what a shopper replied, in the shop's language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

from recovery.prices import money
from recovery.wording import Item, clean

LONGEST_REPLY = 2000
MOST_LINES = 20
#: What leads somewhere: our own short links open the shopper's cart, or refuse for them.
_LINK = re.compile(r"(?:https?://|www\.)\S+|\S+/(?:r|stop)/\S+", re.IGNORECASE)

_WORDS = {
    "en": {
        "subject": "A shopper replied: {cart}",
        "no_cart": "a text from {shop}",
        "cart": "cart {name}",
        "plain_cart": "their cart",
        "who": "{name} ({number}) replied to a text from {shop}:",
        "nobody": "A shopper",
        "silence": "(a reply without words)",
        "last": "The last text sent to them:",
        "lines": "In their cart{named}:",
        "total": "Total: {total}",
        "more": "and {n} more",
        "link": "[link]",
        "paused": "No programme writes to this person for {days} days. To go on before: "
        "python -m worker go-on {key} {number} (or they write START).",
        "held": "Further replies of this number that are kept and not sent one by one: {n}.",
        "answer": "To answer, write to or call {number}. "
        "A reply to this e-mail does not reach them.",
    },
    "fr": {
        "subject": "Réponse d'un client : {cart}",
        "no_cart": "un SMS de {shop}",
        "cart": "panier {name}",
        "plain_cart": "son panier",
        "who": "{name} ({number}) a répondu à un SMS de {shop} :",
        "nobody": "Un client",
        "silence": "(une réponse sans texte)",
        "last": "Le dernier SMS qui lui a été envoyé :",
        "lines": "Dans son panier{named} :",
        "total": "Total : {total}",
        "more": "et {n} de plus",
        "link": "[lien]",
        "paused": "Aucun programme ne lui écrit plus pendant {days} jours. Pour reprendre avant : "
        "python -m worker go-on {key} {number} (ou la personne écrit START).",
        "held": "Autres réponses de ce numéro, gardées sans e-mail à part : {n}.",
        "answer": "Pour répondre, écrivez ou téléphonez au {number}. "
        "Une réponse à cet e-mail ne lui parvient pas.",
    },
}


@dataclass(frozen=True, slots=True)
class Told:
    """What the merchant is told. `number` is E.164; `lines` is None where there is no cart.

    `paused_days` is how long programmes pause for that person at most, None: they do not.
    `held` counts further replies that get no e-mail of their own.
    """

    shop: str
    number: str
    reply: str
    first_name: str | None = None
    last_text: str | None = None
    cart_name: str | None = None
    lines: tuple[Item, ...] | None = None
    total: str = ""
    shop_key: str = ""
    paused_days: int | None = None
    held: int = 0


def subject_of(told: Told, locale: str | None) -> str:
    """One line, which names the cart and nobody."""
    words = _words(locale)
    about = words["no_cart"].format(shop=told.shop)
    if told.lines is not None:
        name = clean(told.cart_name or "", 80)
        about = words["cart"].format(name=name) if name else words["plain_cart"]
    return words["subject"].format(cart=about)


def text_of(told: Told, locale: str | None) -> str:
    """The plain part: what was replied first, how to answer last. No link to a cart in it."""
    words = _words(locale)
    who = clean(told.first_name or "", 80) or words["nobody"]
    said = told.reply.strip()[:LONGEST_REPLY] or words["silence"]
    paragraphs = [
        words["who"].format(name=who, number=told.number, shop=told.shop),
        _quoted(said),
    ]
    if told.held:
        paragraphs.append(words["held"].format(n=told.held))
    if told.last_text:
        last = _LINK.sub(words["link"], told.last_text)
        paragraphs.append(f"{words['last']}\n{_quoted(last)}")
    if told.lines is not None:
        paragraphs.append(_cart(told, words))
    if told.paused_days is not None:
        named = {"days": told.paused_days, "key": told.shop_key, "number": told.number}
        paragraphs.append(words["paused"].format(**named))
    paragraphs.append(words["answer"].format(number=told.number))
    return "\n\n".join(paragraphs) + "\n"


def html_of(told: Told, locale: str | None) -> str:
    """The same words as the plain part; nothing in it is read as HTML, nothing is loaded."""
    language = _language(locale)
    paragraphs = escape(text_of(told, locale)).strip().split("\n\n")
    body = "".join(f"<p>{each.replace(chr(10), '<br>')}</p>" for each in paragraphs)
    return f'<!doctype html><html lang="{language}"><body>{body}</body></html>'


def item(title: str, quantity: int, price: str) -> Item:
    """A line of the cart, its title in one line."""
    return Item(clean(title, 200), quantity, price)


def _cart(told: Told, words: dict[str, str]) -> str:
    lines = told.lines or ()
    name = clean(told.cart_name or "", 80)
    shown = [f"{each.quantity} × {each.title}, {each.price}" for each in lines[:MOST_LINES]]
    more = len(lines) - MOST_LINES
    shown += [words["more"].format(n=more)] if more > 0 else []
    head = words["lines"].format(named=f" {name}" if name else "")
    return "\n".join([head, *shown, words["total"].format(total=told.total)])


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines() if line.strip())


def _language(locale: str | None) -> str:
    language = (locale or "").lower()[:2]
    return language if language in _WORDS else "en"


def _words(locale: str | None) -> dict[str, str]:
    return _WORDS[_language(locale)]


__all__ = ["Told", "html_of", "item", "money", "subject_of", "text_of"]
