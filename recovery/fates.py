"""What became of planned messages: left, skipped and why, clicked, earned, and at what price."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection

from recovery import report_rows
from recovery.counted import ALL, OF_MESSAGES, Behind, By, Figure, of_cart
from recovery.model import ZERO, Channel
from recovery.reasons import Reason
from recovery.report_rows import CartSeen, Message
from recovery.states import ReminderState


@dataclass(frozen=True, slots=True)
class Messages:
    """What became of the messages planned for these carts.

    `left`, `waiting`, `skipped`, `failed` and `unconfirmed` are parts of `planned`; the rest
    of what `left`. `reasons` are why messages were skipped; one may have several.
    """

    planned: int
    left: Figure
    waiting: Figure
    skipped: Figure
    failed: Figure
    unconfirmed: Figure
    undelivered: Figure
    clicked: Figure
    earned: Figure
    reasons: Mapping[Reason, Figure]


@dataclass(frozen=True, slots=True)
class Money:
    """What credited orders left, refunds taken off, and what the messages cost; by currency.

    `unpriced` messages that left have no price yet, and are in no sum. `offers` is what the
    codes of these messages took off, in the shop's currency; it is off the orders' totals
    already. `offers_unknown`: of the codes taken, those whose cost nobody told.
    """

    orders: int
    revenue: Mapping[str, Decimal]
    messages: Mapping[str, Decimal]
    unpriced: Figure
    offers: Decimal
    offers_unknown: Figure


FATES: dict[str, Callable[[Message], bool]] = {
    "planned": lambda each: True,
    "left": lambda each: each.left,
    "waiting": lambda each: each.state in (ReminderState.SCHEDULED, ReminderState.SENDING),
    "skipped": lambda each: each.state is ReminderState.SKIPPED,
    "failed": lambda each: each.state is ReminderState.FAILED,
    "unconfirmed": lambda each: each.state is ReminderState.UNCONFIRMED and not each.left,
    "undelivered": lambda each: each.left and not each.arrived,
    "clicked": lambda each: each.clicked,
    "earned": lambda each: each.earned,
}
OF_LEFT = ("undelivered", "clicked", "earned")


def messages(
    db: Connection,
    shop_id: int,
    since: datetime,
    until: datetime,
    programme: str | None = None,
    by: By | None = None,
) -> dict[str, Messages]:
    """What became of the messages about the carts begun then, for each value of `by`.

    `programme` None: of all. Raises LookupError for a shop that is not known.
    """
    found = _grouped(report_rows.of_carts(db, shop_id, since, until), programme, by)
    return {value: _messages(found[value]) for value in sorted(found)}


def _messages(rows: list[Message]) -> Messages:
    count = {name: sum(1 for each in rows if fits(each)) for name, fits in FATES.items()}
    planned = count.pop("planned")
    of = {name: count["left"] if name in OF_LEFT else planned for name in count}
    skipped = (each for each in rows if FATES["skipped"](each))
    why = Counter(reason for each in skipped for reason in each.reasons)
    reasons = {reason: Figure(many, planned) for reason, many in why.most_common()}
    figures = {name: Figure(many, of[name]) for name, many in count.items()}
    return Messages(planned=planned, **figures, reasons=reasons)


def money(
    db: Connection,
    shop_id: int,
    since: datetime,
    until: datetime,
    programme: str | None = None,
    by: By | None = None,
) -> dict[str, Money]:
    """What these messages cost, and what the orders credited to them left; see `messages`."""
    found = _grouped(report_rows.of_carts(db, shop_id, since, until), programme, by)
    return {value: _money(found[value]) for value in sorted(found)}


def _money(rows: list[Message]) -> Money:
    sales = [sale for each in rows for sale in each.sales if sale.stands]
    # An e-mail has no price of its own: a provider takes none, or one for all.
    left = [each for each in rows if each.left and each.channel != Channel.EMAIL]
    priced = [(each.price_currency or report_rows.UNKNOWN, each.price) for each in rows]
    unpriced = Figure(sum(1 for each in left if each.price is None), len(left))
    taken = [cost for each in rows for cost in each.offers]
    told = [cost for cost in taken if cost is not None]
    return Money(
        orders=len(sales),
        revenue=_summed((sale.currency, sale.net) for sale in sales),
        messages=_summed(priced),
        unpriced=unpriced,
        offers=sum(told, ZERO),
        offers_unknown=Figure(len(taken) - len(told), len(taken)),
    )


def _summed(amounts: Iterable[tuple[str, Decimal | None]]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for currency, amount in amounts:
        if amount is not None:
            found[currency] = found.get(currency, ZERO) + amount
    return found


def _grouped(
    carts: Iterable[CartSeen], programme: str | None, by: By | None
) -> dict[str, list[Message]]:
    groups: dict[str, list[Message]] = {} if by else {ALL: []}
    for cart in carts:
        for each in cart.messages:
            if programme in (None, each.programme):
                groups.setdefault(_value(cart, each, by), []).append(each)
    return groups


def _value(cart: CartSeen, message: Message, by: By | None) -> str:
    return str(getattr(message, by.value)) if by in OF_MESSAGES and by else of_cart(cart, by)


def behind(
    db: Connection,
    shop_id: int,
    since: datetime,
    until: datetime,
    figure: str,
    programme: str | None = None,
    by: By | None = None,
    value: str = ALL,
) -> Behind:
    """The rows that a figure of `messages` or `money` counts: its name, and the group's value.

    `figure` is a field of `Messages`, or the value of a `Reason`. The orders are those that
    are credited to these messages and stand. Raises LookupError for a figure there is not.
    """
    fits = FATES.get(figure) or _for_reason(figure)
    carts = report_rows.of_carts(db, shop_id, since, until)
    rows = [each for each in _grouped(carts, programme, by).get(value, []) if fits(each)]
    ids = {each.id for each in rows}
    mine = [cart.id for cart in carts if any(each.id in ids for each in cart.messages)]
    orders = {sale.id for each in rows for sale in each.sales if sale.stands}
    return Behind(tuple(mine), tuple(sorted(ids)), tuple(sorted(orders)))


def _for_reason(figure: str) -> Callable[[Message], bool]:
    if figure not in list(Reason):
        raise LookupError("no such figure")
    return lambda each: FATES["skipped"](each) and Reason(figure) in each.reasons
