"""What the pages of carts and conversations say of states, events and contacts."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from babel.numbers import UnknownCurrencyError, format_currency
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from recovery import cart_search, lines
from recovery.cart_life import Event
from recovery.states import CartState

STATES = {
    CartState.OPEN.value: _l("still shopping"),
    CartState.ABANDONED.value: _l("left behind"),
    CartState.ORDERED.value: _l("ordered"),
    CartState.EXPIRED.value: _l("over"),
    cart_search.BROUGHT_BACK: _l("brought back by a message"),
}
CHANNELS = {"sms": _l("SMS"), "email": _l("e-mail")}
PROGRAMMES = {
    "cart": _l("cart reminders"),
    "reply": _l("answers to replies"),
    "reward": _l("rewards"),
    "answer": _l("written by the shop"),
}
_EVENTS = {
    "seen": _l("The cart was seen for the first time."),
    "changed": _l("The shopper changed it for the last time."),
    "abandoned": _l("It was left alone long enough to count as left behind."),
    "expired": _l("The cart is over."),
    "from_before": _l("It is from before the install: no reminder leaves for it."),
    "silenced": _l("Somebody of the shop stopped its reminders."),
    "planned": _l("A message was planned."),
    "skipped": _l("A message did not leave."),
    "sent": _l("The provider accepted the message."),
    "delivered": _l("The message arrived on their device."),
    "undelivered": _l("The message could not be delivered."),
    "refused": _l("The provider refused the message."),
    "unconfirmed": _l("Whether the message left is not known. It is not sent again."),
    "clicked": _l("The link was opened."),
    "answered": _l("The shopper answered."),
    "told_why": _l("They told why they left."),
    "offered": _l("An offer was decided for them."),
    "used": _l("They used the offer."),
    "ordered": _l("Ordered."),
    "credited": _l("The order is credited to a message."),
    "cancelled": _l("The order was cancelled."),
    "refunded": _l("Money was given back."),
    "agreed": _l("They agreed to messages."),
    "declined": _l("They said no to messages."),
}
#: Whoever follows one of these opens the shopper's cart, or says stop in their place.
_OUR_LINK = re.compile(r"\S+/(?:r|stop|confirm)/\S+")
_CLICKED_BY = {
    "person": _l("A person opened the link."),
    "preview": _l("A messaging app looked at the link to show a preview."),
    "bot": _l("A program opened the link."),
}
_WHY = {
    "shipping": _l("shipping"),
    "account": _l("an account or the payment"),
    "deciding": _l("still deciding"),
    "no_time": _l("no time"),
    "other": _l("something else"),
}
_CREDITED_BY = {
    "click": _l("because they followed its link"),
    "code": _l("because they used its code"),
    "window": _l("because it was placed soon after"),
}


def title_of(event: Event) -> str:
    """What happened, in a sentence."""
    if event.what == "clicked":
        return str(_CLICKED_BY.get(event.about.who, _EVENTS["clicked"]))
    return str(_EVENTS[event.what])


def state_of(cart: Any) -> str:
    """The state of a cart in words."""
    return str(STATES.get(cart.state, cart.state))


def amount(value: Decimal | None, currency: str | None) -> str:
    """Money as the reader writes it; what has no currency yet is a number alone."""
    if value is None:
        return ""
    try:
        return str(format_currency(value, currency or "", locale=get_locale()))
    except (UnknownCurrencyError, ValueError):
        return f"{value.normalize():f} {currency or ''}".strip()


def products(cart: Any, most: int = 2) -> str:
    """Its products in short."""
    held = lines.read(cart.lines)
    shown = ", ".join(
        f"{line.quantity} × {_short(line.title)}" if line.quantity > 1 else _short(line.title)
        for line in held[:most]
    )
    if len(held) > most:
        return str(_("%(some)s and %(count)s more", some=shown, count=len(held) - most))
    return shown


def who(cart: Any) -> str:
    """A name, or a contact that is not told whole."""
    if cart.first_name:
        return _short(str(cart.first_name))
    hidden = masked(cart.email) or masked(cart.phone) or masked(cart.phone_raw)
    return hidden or str(_("nobody known"))


def masked(contact: str | None) -> str:
    """So much of an e-mail or a phone that somebody who knows it knows it again."""
    if not contact:
        return ""
    name, at, host = contact.partition("@")
    if at:
        return f"{name[:1]}…@{host}"
    return f"{contact[:3]} … {contact[-2:]}" if len(contact) > 6 else "…"


def why_left(reason: str | None) -> str:
    """A reason of leaving in words."""
    return str(_WHY.get(reason or "", _("what they wrote was not understood")))


def credited_by(how: str | None) -> str:
    """Why an order counts for a message."""
    return str(_CREDITED_BY.get(how or "", ""))


def harmless(text: str) -> str:
    """A message as it was sent, without the links that would act for the shopper."""
    return _OUR_LINK.sub(lambda _found: str(_("[their own link]")), text)


def _short(text: str, most: int = 48) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
