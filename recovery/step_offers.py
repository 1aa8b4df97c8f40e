"""What a claimed reminder may promise: asked right before it is written, and told in its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from recovery import lines, offer_rows, reward_rows
from recovery.model import Channel, Money, Offer
from recovery.offer_facts import Gift
from recovery.offer_rows import NOTHING, Promised, Verdict
from recovery.offer_texts import gift_phrase, offer_phrase
from recovery.programme_form import Delay, Incentive, Step
from recovery.programmes import CART, Running
from recovery.reward_rows import REWARD
from recovery.shops import ShopRow
from recovery.wording import Names

#: What follows the answer "shipping cost", where the rules for offers allow it.
FREE_SHIPPING = Step(
    number=2,
    channel=Channel.SMS,
    delay=Delay(0),
    incentive=Incentive(kind="free_shipping", unless_made="send_without"),
)
_REPLY_SHIPPING = "reply_shipping"
_KINDS = {Gift.NOW: "offer", Gift.NEXT: "reward_promise"}

Promises = Mapping[int, Promised]


def ask(db: Connection, row: Any, shop: ShopRow, run: Running, now: datetime) -> Verdict:
    """What this claimed reminder (`row` with its cart's columns) may promise now."""
    if row.programme == REWARD:
        return reward_rows.for_telling(db, row, shop, row.offer_id, now)
    step = run.step(row.step) if row.programme == CART else None
    if row.words == _REPLY_SHIPPING:
        step = FREE_SHIPPING
    if step is None or step.incentive is None:
        return NOTHING
    return offer_rows.for_step(db, row, shop, row.reminder_id, step, now)


def kind_of(promised: Promised, row: Any) -> str:
    """Which of our texts says it."""
    return str(row.words) if row.words else _KINDS[promised.terms.gift]


def named(names: Names, promised: Promised, row: Any, shop: ShopRow, now: datetime) -> Names:
    """The names of a text, with the offer as a phrase and its code."""
    locales = (row.locale, shop.locale)
    cart = lines.read(row.lines)
    phrase = offer_phrase(promised.terms, locales, promised.zone, now, promised.deadline, cart)
    return replace(names, offer=phrase, code=promised.code)


def as_offer(promised: Promised) -> Offer | None:
    """The code as the box of an e-mail shows it; None for what has no code yet."""
    if promised.code is None or promised.ends_at is None:
        return None
    terms = promised.terms
    minimum = None if terms.minimum is None else Money(terms.minimum, terms.currency)
    return Offer(
        code=promised.code,
        ends_at=promised.ends_at,
        percent=terms.value if terms.kind == "percent" else None,
        amount=Money(terms.value, terms.currency) if terms.kind == "amount" else None,
        free_shipping=terms.kind == "free_shipping",
        minimum_total=minimum,
        product_keys=terms.lines,
        excluded_product_keys=terms.left_out,
    )


def of_some(promised: Promised, row: Any, shop: ShopRow) -> str | None:
    """What is given and on what, where an offer is not on a whole order; else None."""
    terms = promised.terms
    if not terms.lines and not terms.left_out:
        return None
    return gift_phrase(terms, (row.locale, shop.locale), lines.read(row.lines))
