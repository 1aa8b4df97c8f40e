"""What reasons and remedies are called on the page."""

from __future__ import annotations

from decimal import Decimal

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from recovery.leaving import NOT_UNDERSTOOD
from recovery.remedies import Remedy, Threshold
from recovery.survey_words import Left
from web.merchant.results_words import money, number

REASONS = {
    Left.SHIPPING: _l("Shipping cost too much"),
    Left.ACCOUNT: _l("They did not want an account"),
    Left.DECIDING: _l("They were still deciding"),
    Left.NO_TIME: _l("They had no time"),
    Left.OTHER: _l("Something else"),
    NOT_UNDERSTOOD: _l("Answers that a person has to read"),
}
_REMEDIES = {
    Remedy.TELL_SHIPPING: _l(
        "Say what shipping costs on the product's page and in the cart, so that it surprises "
        "nobody at the checkout."
    ),
    Remedy.GUESTS: _l(
        "Let people order as guests, and offer the account after the order, when their address "
        "is known anyway."
    ),
    Remedy.DECIDE: _l(
        "Help to decide: a size guide, pictures in use, opinions of others, and the rules for "
        "returns beside the button, not at the foot of the page."
    ),
    Remedy.SHORTER: _l(
        "Make it shorter: ask for no field that you do not need, and offer means of payment that "
        "know the address already (Apple Pay, Google Pay, PayPal)."
    ),
    Remedy.ASK: _l(
        "Read what they wrote under Conversations. If means of payment come up, look which are "
        "usual in the countries named here."
    ),
    Remedy.READ: _l(
        "These answers named no reason of the list. They are under Conversations, for somebody "
        "to read."
    ),
}


def reason(name: str) -> str:
    """A reason, for a reader."""
    return str(REASONS.get(name, name))


def remedy(found: Remedy, limit: Threshold | None, currency: str) -> str:
    """What to do about it."""
    if limit is None:
        return str(_REMEDIES[found])
    return str(
        _(
            "Offer free shipping from %(amount)s: %(reach)s of %(carts)s of these carts were worth "
            "as much, and the others have a reason to add something. Look first whether your "
            "margin bears it.",
            amount=money(Decimal(limit.amount), currency, whole=True),
            reach=number(limit.reach),
            carts=number(limit.carts),
        )
    )
