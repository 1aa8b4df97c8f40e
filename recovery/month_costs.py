"""What the messages of the last calendar month cost, by country: out of our own rows.

A message counts in the month in which the provider took it, whatever it was for. Its price is
what the provider's receipts said; one without is counted, and is in no sum.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, case, func, select

from recovery import tables
from recovery.contacts import region_of
from recovery.model import ZERO, Channel
from recovery.offer_past import month_start
from recovery.report_rows import UNKNOWN
from recovery.shops import ShopRow

_REMINDERS, _CARTS = tables.reminders, tables.carts
#: Digits by which a number's country is told: of +1 and +44 several have a share.
_FIRST = 7


@dataclass(slots=True)
class Cost:
    """Messages, the parts that they took, the prices told by currency, and how many have none."""

    messages: int = 0
    parts: int = 0
    unpriced: int = 0
    prices: dict[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Month:
    """A month that began at `since`: texts by country ("unknown" where nobody can tell), e-mails.

    An e-mail has no price of its own: a provider takes none, or one for all.
    """

    since: datetime
    texts: Mapping[str, Cost]
    emails: int


def last_month(db: Connection, shop: ShopRow, now: datetime) -> Month:
    """The calendar month before the one that `now` is in, in the shop's own zone."""
    until = month_start(now, shop.timezone)
    since = month_start(until - timedelta(days=1), shop.timezone)
    texts: dict[str, Cost] = {}
    emails = 0
    for row in _rows(db, shop.id, since, until):
        if row.channel == Channel.EMAIL:
            emails += row.messages
        else:
            _add(texts.setdefault(_country(row), Cost()), row)
    return Month(since, texts, emails)


def _rows(db: Connection, shop_id: int, since: datetime, until: datetime) -> list[Any]:
    """Sums by the first digits of a number: a row for each message would be many."""
    its = _REMINDERS.c
    first = func.substr(its.recipient, 1, _FIRST)
    left = case((its.recipient.is_(None), _CARTS.c.country))  # the person was erased since
    asked = (
        select(
            its.channel,
            func.min(its.recipient).label("number"),
            left.label("country"),
            its.price_currency,
            func.count().label("messages"),
            func.sum(func.coalesce(its.parts, 1)).label("parts"),
            func.count(its.price).label("priced"),
            func.sum(its.price).label("price"),
        )
        .select_from(_REMINDERS.outerjoin(_CARTS, _CARTS.c.id == its.cart_id))
        .where(its.shop_id == shop_id, its.sent_at >= since, its.sent_at < until)
        .group_by(its.channel, first, left, its.price_currency)
    )
    return list(db.execute(asked))


def _country(row: Any) -> str:
    return str(region_of(row.number) or row.country or UNKNOWN)


def _add(cost: Cost, row: Any) -> None:
    cost.messages += row.messages
    cost.parts += int(row.parts)
    cost.unpriced += row.messages - row.priced
    if row.price is not None:
        currency = row.price_currency or UNKNOWN
        cost.prices[currency] = cost.prices.get(currency, ZERO) + row.price
