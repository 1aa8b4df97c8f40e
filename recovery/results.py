"""A shop's results of a span of time, counted in groups of carts, so that any number is told.

The figures are those of `recovery.reports`, all splits at once; beside them what all orders of
that time left, which is what credited ones are a share of. Between two groups the count can be
written down, and gone on with by another process. A group is read in a transaction of its own:
a large shop is never one picture of one moment, and no writer waits for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, select

from recovery import report_rows, tables, takings
from recovery.counted import ALL, OF_MESSAGES, By, of_cart
from recovery.fates import Messages, Money
from recovery.funnels import Funnel
from recovery.model import ZERO
from recovery.report_rows import CartSeen, Message
from recovery.results_added import AddedBy, of_shop
from recovery.tallies import Steps, Tally, fate_of

_CARTS, _ORDERS = tables.carts, tables.orders
GROUP = 1_000  # carts that are read at once
_ORDERS_A_CART = 10  # an order is read so much faster
_OF_CARTS = tuple(by for by in By if by not in OF_MESSAGES)
_OF_MESSAGES = tuple(by for by in By if by in OF_MESSAGES)
_Alike = tuple[tuple[tuple[str, str], ...], tuple[object, ...]]
Told = TypeVar("Told")


class Sales(msgspec.Struct):
    """Orders that stand, and what they left; of these, those that are credited to a message."""

    orders: int = 0
    net: Decimal = ZERO
    credited: int = 0
    credited_net: Decimal = ZERO


class Results(msgspec.Struct):
    """What a page tells of carts begun, and orders placed, from `since` to before `until`.

    `messages` and `money` by split and value, `""` for all; `sales` by currency; `days` are
    sales by day of the shop, then by currency.
    """

    since: datetime
    until: datetime
    as_of: datetime
    funnel: Funnel
    messages: dict[str, dict[str, Messages]]
    money: dict[str, dict[str, Money]]
    sales: dict[str, Sales]
    days: dict[str, dict[str, Sales]]
    added: list[AddedBy]

    @property
    def everything(self) -> tuple[Messages, Money]:
        """Of all messages together."""
        return self.messages[ALL][ALL], self.money[ALL][ALL]


class Count(msgspec.Struct):
    """A count under way: all from `down_to` to before `until` is in it."""

    since: datetime
    until: datetime
    begun_at: datetime
    down_to: datetime
    tallies: dict[str, dict[str, Tally]] = {}
    steps: Steps = msgspec.field(default_factory=Steps)
    days: dict[str, dict[str, Sales]] = {}

    @property
    def is_done(self) -> bool:
        """Whether all is in it."""
        return self.down_to <= self.since


def begin(since: datetime, until: datetime, now: datetime) -> Count:
    """A count with nothing in it yet."""
    return Count(since, until, now, until)


def go_on(db: Connection, shop_id: int, count: Count, most: int = GROUP) -> None:
    """Count one more group, from the newest on. Raises LookupError for no shop."""
    lower = _lower(db, shop_id, count, most)
    zone = _zone(db, shop_id)
    carts = report_rows.of_carts(db, shop_id, lower, count.down_to)
    count.steps.add(carts)
    _tally(count.tallies, carts)
    _sell(db, shop_id, count.days, (lower, count.down_to), zone)
    count.down_to = lower


def finished(db: Connection, shop_id: int, count: Count, now: datetime) -> Results:
    """What the whole count tells, with what was added to people of that time."""
    tallies = count.tallies
    all_of_it = tallies.get(ALL, {}).get(ALL, Tally())
    tallies = tallies | {ALL: {ALL: all_of_it}}
    sales: dict[str, Sales] = {}
    for of_day in count.days.values():
        for currency, each in of_day.items():
            _add(sales.setdefault(currency, Sales()), each)
    return Results(
        count.since,
        count.until,
        count.begun_at,
        count.steps.funnel(),
        _each(tallies, Tally.messages),
        _each(tallies, Tally.money),
        sales,
        dict(sorted(count.days.items())),
        of_shop(db, shop_id, count.since, count.until, now),
    )


def at_once(
    db: Connection, shop_id: int, since: datetime, until: datetime, now: datetime
) -> Results:
    """All of it in one go: for spans of few carts."""
    count = begin(since, until, now)
    while not count.is_done:
        go_on(db, shop_id, count)
    return finished(db, shop_id, count, now)


def _lower(db: Connection, shop_id: int, count: Count, most: int) -> datetime:
    """Where the next group ends: about `most` carts and as many orders as fit, or all the rest.

    A shop may have many orders and no carts: what it kept from before the install, say.
    """
    ends = [
        _back(db, shop_id, count, _CARTS.c.created_at, most),
        _back(db, shop_id, count, _ORDERS.c.placed_at, most * _ORDERS_A_CART),
    ]
    return max([each for each in ends if each is not None], default=count.since)


def _back(db: Connection, shop_id: int, count: Count, at: Any, most: int) -> datetime | None:
    here = (at.table.c.shop_id == shop_id, at < count.down_to, at >= count.since)
    newest_first = select(at).where(*here).order_by(at.desc())
    found: datetime | None = db.execute(newest_first.offset(most).limit(1)).scalar()
    return found


def _zone(db: Connection, shop_id: int) -> tzinfo:
    asked = select(tables.shops.c.timezone).where(tables.shops.c.id == shop_id)
    return report_rows.zone_of(db.execute(asked).scalar())


def _tally(tallies: dict[str, dict[str, Tally]], carts: list[CartSeen]) -> None:
    """Messages that are alike in everything, as most are, are added together."""
    alike: dict[_Alike, tuple[Message, int]] = {}
    for cart in carts:
        groups = tuple((str(by), of_cart(cart, by)) for by in _OF_CARTS) if cart.messages else ()
        for message in cart.messages:
            key = (groups, _likeness(message))
            first, many = alike.get(key, (message, 0))
            alike[key] = first, many + 1
    for (groups, _), (message, many) in alike.items():
        fate = fate_of(message)
        own = [(str(by), str(getattr(message, by.value))) for by in _OF_MESSAGES]
        for split, value in [(ALL, ALL), *groups, *own]:
            tallies.setdefault(split, {}).setdefault(value, Tally()).add(message, fate, many)


def _likeness(message: Message) -> tuple[object, ...]:
    """All that is counted of a message, but which it is."""
    return (
        *(message.programme, message.step, message.channel, message.variant, message.state),
        *(message.reasons, message.price, message.price_currency, message.clicked),
        *(message.sales, message.offers),
    )


def _each(
    tallies: Mapping[str, Mapping[str, Tally]], tell: Callable[[Tally], Told]
) -> dict[str, dict[str, Told]]:
    return {
        split: {value: tell(found[value]) for value in sorted(found)}
        for split, found in tallies.items()
    }


def _sell(
    db: Connection,
    shop_id: int,
    days: dict[str, dict[str, Sales]],
    span: tuple[datetime, datetime],
    zone: tzinfo,
) -> None:
    """Put the orders placed in that span into their days."""
    columns = (_ORDERS.c.placed_at, _ORDERS.c.reminder_id, *takings.COLUMNS)
    in_time = (_ORDERS.c.placed_at >= span[0], _ORDERS.c.placed_at < span[1])
    found: dict[tuple[str, str], Sales] = defaultdict(Sales)
    for row in db.execute(select(*columns).where(_ORDERS.c.shop_id == shop_id, *in_time)):
        if takings.counts(row):
            day, net = row.placed_at.astimezone(zone).date().isoformat(), takings.net(row)
            mine = row.reminder_id is not None
            one = Sales(1, net, int(mine), net if mine else ZERO)
            _add(found[day, row.currency], one)
    for (day, currency), each in found.items():
        _add(days.setdefault(day, {}).setdefault(currency, Sales()), each)


def _add(to: Sales, more: Sales) -> None:
    to.orders += more.orders
    to.net += more.net
    to.credited += more.credited
    to.credited_net += more.credited_net
