"""The points of the checklist in words: what each is, and what to do where it is missing."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import LazyString, get_locale
from flask_babel import lazy_gettext as _

from recovery import alert_words
from recovery.checklist import Point, Standing


@dataclass(frozen=True, slots=True)
class Words:
    """What a point is called, and what is to be done or known."""

    title: LazyString | str
    text: LazyString | str


STANDINGS = {
    Standing.DONE: _("Works"),
    Standing.MISSING: _("Missing"),
    Standing.BETTER: _("Better with"),
    Standing.TROUBLE: _("Trouble"),
}

_TITLES = {
    "orders": _("Orders are read"),
    "webhooks": _("The shop tells of carts at once"),
    "plugin": _("The plugin tells of carts in the shop"),
    "texts": _("Texts can leave"),
    "mails": _("E-mails can leave"),
    "programme": _("A programme is on"),
    "stops": _("The sender can receive STOP"),
    "protected": _("Shopify shows us names and numbers"),
    "merchant_email": _("Replies reach you"),
    "postal_address": _("E-mails say where you are"),
}
_DONE = {
    "orders": _("Nobody is reminded of what they ordered already."),
    "webhooks": _("The last news came at this time."),
    "plugin": _("Its last sign of life came at this time."),
    "texts": _("The sender account takes our messages."),
    "mails": _("The mail server takes our messages."),
    "stops": _("Whoever answers STOP gets nothing more."),
    "protected": _("Access to protected customer data is granted."),
    "programme": _("Carts that are left get its steps."),
    "merchant_email": _("What a shopper answers in words comes to your mailbox."),
    "postal_address": _("Your postal address stands at the foot."),
}
_OPEN = {
    "orders": _("Until orders are read, no reminder leaves: it might come after an order."),
    "webhooks": _(
        "None told yet. Carts still come, but later, by asking the shop every few minutes."
    ),
    "plugin": _(
        "Without it, carts are seen only once they reach the checkout, and nobody is asked for "
        "their consent. Install it in WordPress and press its link."
    ),
    "texts": _("Without a sender account no text leaves. Nothing is lost meanwhile."),
    "mails": _("Whoever has no mobile number or did not agree to texts is not reached."),
    "stops": _(
        "The sender is a name: each text bears a link to stop. With a number shoppers can answer."
    ),
    "protected": _(
        "Carts come without names and numbers, so nobody is reached. In "
        "Shopify’s partner pages, ask for access to protected customer data."
    ),
    "programme": _("Nothing is sent for carts that are left."),
    "merchant_email": _("Give an address, or answers in words wait here."),
    "postal_address": _("Many countries ask for the sender's postal address in e-mails."),
}


def in_words(point: Point) -> Words:
    """Title and text of a point."""
    if point.key == "notice":
        locale = get_locale()
        return Words(*alert_words.about(point.subject, locale and locale.language))
    texts = _DONE if point.standing is Standing.DONE else _OPEN
    return Words(_TITLES[point.key], texts[point.key])
