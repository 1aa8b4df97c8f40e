"""What became of the people of a programme, by the arm they are in: the rows behind each figure.

A person counts from the moment a first step was planned for them, or would have been: that is
when their row in `arms` was kept. Until `HORIZON` has passed since then nobody knows whether
they will order, so only those for whom it has are counted; else the newest, who had less time,
would weigh on whichever arm has more of them.

An order is of whoever it bears a mark of. Where its marks are of two people, it tells that the
two are one: the earlier counts, once, and if they are in different arms, neither (as where a
cart tells it, see `recovery.arm_rows`).
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

    `orders` are the ids of those that count, `net` what they left in the report's currency.
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
    """All people of a programme in a span of time; who is left out is counted beside them.

    `other_currencies` counts the orders of these people that are in no sum.
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
    one, at_odds = _joined(roots, sales)
    at_odds |= {id_ for id_, row in roots.items() if row.in_conflict}
    counted = {id_ for id_ in ripe if one.get(id_, id_) == id_ and id_ not in at_odds}
    currency = shop.currency or _most(sale.currency for _, sale in sales)
    theirs = _by_person(sales, one, {id_: roots[id_].at for id_ in counted}, horizon)
    others = Counter(
        sale.currency for each in theirs.values() for sale in each if sale.currency != currency
    )
    people = tuple(_outcome(roots[id_], theirs.get(id_, []), currency) for id_ in sorted(counted))
    young = len(roots) - len(ripe)
    return Outcomes(people, currency, horizon, young, len(at_odds & ripe), dict(others))


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


def _joined(
    roots: Mapping[int, Any], sales: Iterable[tuple[int, _Sale]]
) -> tuple[dict[int, int], set[int]]:
    """For people whom an order tells to be one, the earliest; and those of different arms."""
    one: dict[int, int] = {}
    by_order: dict[int, set[int]] = {}
    for person, sale in sales:
        if person in roots:
            by_order.setdefault(sale.order_id, set()).add(person)
    for together in by_order.values():
        group = {_end(one, each) for each in together}
        if len(group) > 1:
            first = min(group, key=lambda id_: (roots[id_].at, id_))
            one |= dict.fromkeys(group - {first}, first)
    ends = {id_: _end(one, id_) for id_ in {*one, *one.values()}}
    apart = {first for id_, first in ends.items() if roots[id_].arm != roots[first].arm}
    return ends, {id_ for id_, first in ends.items() if first in apart}


def _end(one: Mapping[int, int], person: int) -> int:
    while one.get(person, person) != person:
        person = one[person]
    return person


def _by_person(
    sales: Iterable[tuple[int, _Sale]],
    one: Mapping[int, int],
    counted: Mapping[int, datetime],
    horizon: timedelta,
) -> dict[int, list[_Sale]]:
    found: dict[int, dict[int, _Sale]] = {}
    for each, sale in sales:
        person = one.get(each, each)
        since = counted.get(person)
        if since is not None and since <= sale.placed_at <= since + horizon:
            found.setdefault(person, {})[sale.order_id] = sale
    return {person: list(mine.values()) for person, mine in found.items()}


def _outcome(row: Any, sales: list[_Sale], currency: str) -> Outcome:
    mine = [sale for sale in sales if sale.currency == currency]
    ids = tuple(sale.order_id for sale in mine)
    net = sum((sale.net for sale in mine), ZERO)
    return Outcome(row.id, row.arm, row.at, row.version_id, ids, net, row.split_id)


def _most(currencies: Iterable[str]) -> str:
    most = Counter(currencies).most_common(1)
    return most[0][0] if most else ""
