"""What became of the people of a programme, by the arm they are in: the rows behind each figure.

A person counts from the moment a first step was planned for them, or would have been: that is
when their row in `arms` was kept. Until `HORIZON` has passed since then nobody knows whether
they will order, so only those for whom it has are counted; else the newest, who had less time,
would weigh on whichever arm has more of them.

An order is of whoever it bears a mark of; where its marks are of two, of the earlier, once.
Nobody is left out because two turned out to be one, whether a cart or an order told it: held-out
people meet treated ones far oftener than the other way round, and those who come back are those
who buy, so leaving them out makes a lift out of nothing (docs/decisions/0018). The arm that was
drawn first holds; of how many the other arm's messages may have reached, is counted beside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, func, or_, select, union_all

from recovery import tables, takings
from recovery.arms import HELD_OUT
from recovery.model import ZERO

HORIZON = timedelta(days=14)
_ARMS, _ORDERS, _SHOPS = tables.arms, tables.orders, tables.shops
_MARKS = ("customer_key", "email", "phone")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One person, by the id of their first row in `arms`, and what they ordered in time.

    `orders` are the ids of those that count, in any currency; `net` is what those in the
    report's currency left.
    """

    person: int
    arm: str
    at: datetime
    version_id: int | None
    orders: tuple[int, ...] = ()
    net: Decimal = ZERO
    split_id: int | None = None  # by which shares they were drawn; None: the version's own

    @property
    def is_held_out(self) -> bool:
        """Whether this person got nothing from the programme."""
        return self.arm == HELD_OUT


@dataclass(frozen=True, slots=True)
class Outcomes:
    """All people of a programme in a span of time; who is not yet counted stands beside them.

    `in_conflict` counts those among `people` who were in both arms for a while;
    `other_currencies` the orders of these people that are in no sum.
    """

    people: tuple[Outcome, ...]
    currency: str
    horizon: timedelta
    immature: int
    in_conflict: int
    other_currencies: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Sale:
    order_id: int
    placed_at: datetime
    currency: str
    net: Decimal


def of_people(
    db: Connection,
    shop_id: int,
    programme: str,
    since: datetime,
    until: datetime,
    now: datetime,
    horizon: timedelta = HORIZON,
) -> Outcomes:
    """What became of those first planned for from `since` to before `until`.

    Orders that were cancelled, and renewals, do not count; what was refunded is taken off.
    Raises LookupError for a shop that is not known.
    """
    shop = db.execute(
        select(_SHOPS.c.currency, _SHOPS.c.clock_offset).where(_SHOPS.c.id == shop_id)
    ).first()
    if shop is None:
        raise LookupError("no such shop")
    roots = {row.id: row for row in _roots(db, shop_id, programme, since, until)}
    ripe = {id_ for id_, row in roots.items() if row.at + horizon <= now}
    first = min((row.at for row in roots.values()), default=since)
    last = max((row.at for row in roots.values()), default=since) + horizon
    ahead = timedelta(seconds=shop.clock_offset)
    span = (first - ahead - timedelta(seconds=1), min(last, now) - ahead)
    sales = _sales(db, shop_id, programme, span, ahead) if ripe else []
    currency = shop.currency or _most(sale.currency for _, sale in sales)
    theirs = _by_person(sales, {id_: roots[id_].at for id_ in ripe}, horizon)
    others = Counter(
        sale.currency for each in theirs.values() for sale in each if sale.currency != currency
    )
    people = tuple(_outcome(roots[id_], theirs.get(id_, []), currency) for id_ in sorted(ripe))
    at_odds = sum(1 for id_ in ripe if roots[id_].in_conflict)
    return Outcomes(people, currency, horizon, len(roots) - len(ripe), at_odds, dict(others))


def _roots(
    db: Connection, shop_id: int, programme: str, since: datetime, until: datetime
) -> list[Any]:
    """A row for each person: the one that was kept first, which the others name."""
    here = (_ARMS.c.shop_id == shop_id, _ARMS.c.programme == programme)
    columns = [
        _ARMS.c[name] for name in ("id", "arm", "at", "version_id", "split_id", "in_conflict")
    ]
    in_time = (_ARMS.c.at >= since, _ARMS.c.at < until)
    is_first = or_(_ARMS.c.person.is_(None), _ARMS.c.person == _ARMS.c.id)
    return list(db.execute(select(*columns).where(*here, *in_time, is_first)))


def _sales(
    db: Connection,
    shop_id: int,
    programme: str,
    span: tuple[datetime, datetime],
    ahead: timedelta,
) -> list[tuple[int, _Sale]]:
    """The orders of that time with the people whose marks they bear, by the index of each."""
    person = func.coalesce(_ARMS.c.person, _ARMS.c.id).label("person")
    columns = (_ORDERS.c.id, _ORDERS.c.placed_at, person, *takings.COLUMNS)
    in_time = (_ORDERS.c.shop_id == shop_id, _ORDERS.c.placed_at.between(*span))
    by_mark = []
    for kind in _MARKS:
        theirs = (
            (_ARMS.c.shop_id == _ORDERS.c.shop_id)
            & (_ARMS.c.programme == programme)
            & (_ARMS.c.kind == kind)
            & (_ARMS.c.mark == _ORDERS.c[kind])
        )
        by_mark.append(select(*columns).join_from(_ORDERS, _ARMS, theirs).where(*in_time))
    found: dict[tuple[int, int], _Sale] = {}
    for row in db.execute(union_all(*by_mark)):
        if takings.counts(row):
            # A platform may cut its times to whole seconds; ours are not cut.
            cut = timedelta(seconds=0 if row.placed_at.microsecond else 1)
            sale = _Sale(row.id, row.placed_at + ahead + cut, row.currency, takings.net(row))
            found[row.person, row.id] = sale
    return [(person, sale) for (person, _), sale in sorted(found.items(), key=lambda each: each[0])]


def _by_person(
    sales: Iterable[tuple[int, _Sale]], counted: Mapping[int, datetime], horizon: timedelta
) -> dict[int, list[_Sale]]:
    """The orders of each: one of two people's marks is of whoever of them was there first."""
    whose: dict[int, tuple[datetime, int, _Sale]] = {}
    for person, sale in sales:
        since = counted.get(person)
        if since is not None and since <= sale.placed_at <= since + horizon:
            found = (since, person, sale)
            whose[sale.order_id] = min(whose.get(sale.order_id, found), found, key=_first)
    theirs: dict[int, list[_Sale]] = {}
    for _, person, sale in whose.values():
        theirs.setdefault(person, []).append(sale)
    return theirs


def _first(found: tuple[datetime, int, _Sale]) -> tuple[datetime, int]:
    return found[:2]


def _outcome(row: Any, sales: list[_Sale], currency: str) -> Outcome:
    ids = tuple(sale.order_id for sale in sales)
    net = sum((sale.net for sale in sales if sale.currency == currency), ZERO)
    return Outcome(row.id, row.arm, row.at, row.version_id, ids, net, row.split_id)


def _most(currencies: Iterable[str]) -> str:
    most = Counter(currencies).most_common(1)
    return most[0][0] if most else ""
