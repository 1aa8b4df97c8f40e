"""Why carts were left, with what each reason touches: products, amounts, countries, money.

Counted in groups of answers, the newest first; the numbers are those of `leaving.leaving`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from recovery import lines, report_rows, tables
from recovery.leaving import NOT_UNDERSTOOD
from recovery.model import ZERO

_REASONS, _CARTS = tables.leaving_reasons, tables.carts
GROUP = 500  # answers that are read at once
_MOST_PRODUCTS = 12


class Reason(msgspec.Struct):
    """One reason: how many named it, and the carts of these.

    `products`, `amounts`, `countries` count answers, by key; a cart of several products counts
    for each. `money` is what the carts were worth, each once, by currency; `totals` how many of
    them were worth so many whole units, by currency; `shipping` likewise of what shipping cost.
    """

    answers: int = 0
    carts: set[int] = set()
    money: dict[str, Decimal] = {}
    products: dict[str, int] = {}
    amounts: dict[str, int] = {}
    countries: dict[str, int] = {}
    totals: dict[str, dict[int, int]] = {}
    shipping: dict[str, dict[int, int]] = {}


class Count(msgspec.Struct):
    """A count under way: all from `down_to` to before `until` is in it."""

    since: datetime
    until: datetime
    begun_at: datetime
    down_to: datetime
    reasons: dict[str, Reason] = {}
    titles: dict[str, str] = {}

    @property
    def is_done(self) -> bool:
        """Whether all is in it."""
        return self.down_to <= self.since


class Why(msgspec.Struct):
    """What a page tells of answers given from `since` to before `until`; most given first."""

    since: datetime
    until: datetime
    as_of: datetime
    answers: int
    reasons: dict[str, Reason]
    titles: dict[str, str]


def begin(since: datetime, until: datetime, now: datetime) -> Count:
    """A count with nothing in it yet."""
    return Count(since, until, now, until)


def go_on(db: Connection, shop_id: int, count: Count, most: int = GROUP) -> None:
    """Count one more group, from the newest on."""
    lower = _lower(db, shop_id, count, most)
    names = ("lines", "country", "total", "shipping", "currency")
    rows = db.execute(
        select(_REASONS.c.reason, _REASONS.c.cart_id, *(_CARTS.c[name] for name in names))
        .join(_CARTS, _CARTS.c.id == _REASONS.c.cart_id)
        .where(_REASONS.c.shop_id == shop_id, _REASONS.c.at >= lower, _REASONS.c.at < count.down_to)
    ).all()
    for row in rows:
        _add(count, row)
    count.down_to = lower


def finished(count: Count) -> Why:
    """What the whole count tells."""
    answers = sum(each.answers for each in count.reasons.values())
    ordered = sorted(count.reasons.items(), key=lambda each: (-each[1].answers, each[0]))
    for _, each in ordered:
        each.carts = set()
        each.products = _most(each.products)
    named = {key for _, each in ordered for key in each.products}
    titles = {key: title for key, title in count.titles.items() if key in named}
    return Why(count.since, count.until, count.begun_at, answers, dict(ordered), titles)


def at_once(db: Connection, shop_id: int, since: datetime, until: datetime, now: datetime) -> Why:
    """All of it in one go: for spans of few answers."""
    count = begin(since, until, now)
    while not count.is_done:
        go_on(db, shop_id, count)
    return finished(count)


def _most(products: dict[str, int]) -> dict[str, int]:
    by_number = sorted(products.items(), key=lambda each: (-each[1], each[0]))
    return dict(by_number[:_MOST_PRODUCTS])


def _lower(db: Connection, shop_id: int, count: Count, most: int) -> datetime:
    here = (_REASONS.c.shop_id == shop_id, _REASONS.c.at < count.down_to)
    asked = select(_REASONS.c.at).where(*here, _REASONS.c.at >= count.since)
    found = db.execute(asked.order_by(_REASONS.c.at.desc()).offset(most).limit(1)).scalar()
    lower: datetime | None = found
    return lower or count.since


def _add(count: Count, row: Any) -> None:
    reason = count.reasons.setdefault(row.reason or NOT_UNDERSTOOD, Reason())
    reason.answers += 1
    in_it = {line.product_key or report_rows.UNKNOWN: line.title for line in lines.read(row.lines)}
    count.titles |= in_it
    _count(reason.products, in_it)
    _count(reason.amounts, [report_rows.band(row.total, row.currency)])
    _count(reason.countries, [row.country or report_rows.UNKNOWN])
    if row.cart_id in reason.carts:
        return
    reason.carts.add(row.cart_id)
    reason.money[row.currency] = reason.money.get(row.currency, ZERO) + row.total
    _count(reason.totals.setdefault(row.currency, {}), [int(row.total)])
    if row.shipping:
        _count(reason.shipping.setdefault(row.currency, {}), [int(row.shipping)])


def _count(counts: dict[Any, int], keys: Iterable[Any]) -> None:
    for key in keys:
        counts[key] = counts.get(key, 0) + 1
