"""What prepared figures are counted by: `results` and `leaving_sums`, in the same three moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from recovery import leaving_sums, periods, report_rows, results, tables
from recovery.periods import Period
from recovery.prepared import Prepared

RESULTS, WHY = "results", "why"
_CARTS, _ORDERS, _REASONS = tables.carts, tables.orders, tables.leaving_reasons


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind is counted. `few`: so many rows of a span are counted while a page waits."""

    count: Any
    told: Any
    begin: Callable[[datetime, datetime, datetime], Any]
    go_on: Callable[[Connection, int, Any], None]
    finished: Callable[[Connection, int, Any, datetime], Any]
    few: tuple[tuple[Any, int], ...]  # the column of their moments, and how many


KINDS = {
    RESULTS: Kind(
        results.Count,
        results.Results,
        results.begin,
        results.go_on,
        results.finished,
        ((_CARTS.c.created_at, 150), (_ORDERS.c.placed_at, 2_000)),
    ),
    WHY: Kind(
        leaving_sums.Count,
        leaving_sums.Why,
        leaving_sums.begin,
        leaving_sums.go_on,
        lambda db, shop_id, count, now: leaving_sums.finished(count),
        ((_REASONS.c.at, 400),),
    ),
}


def zone_of(db: Connection, shop_id: int) -> tzinfo:
    """The shop's zone. Raises LookupError for no shop."""
    row = db.execute(select(tables.shops.c.timezone).where(tables.shops.c.id == shop_id)).first()
    if row is None:
        raise LookupError("no such shop")
    return report_rows.zone_of(row.timezone)


def are_few(db: Connection, shop_id: int, what: str, period: Period) -> bool:
    """Whether a page can count that period itself, in the time that a page has."""
    zone = zone_of(db, shop_id)
    span = period.since(zone), period.until(zone)
    return all(_at_most(db, shop_id, at, span, few) for at, few in KINDS[what].few)


def _at_most(
    db: Connection, shop_id: int, at: Any, span: tuple[datetime, datetime], few: int
) -> bool:
    here = (at.table.c.shop_id == shop_id, at >= span[0], at < span[1])
    return len(db.execute(select(at).where(*here).limit(few + 1)).all()) <= few


def at_once(db: Connection, shop_id: int, what: str, period: Period, now: datetime) -> Any:
    """The figures of a period of few rows."""
    kind, zone = KINDS[what], zone_of(db, shop_id)
    count = kind.begin(period.since(zone), period.until(zone), now)
    while not count.is_done:
        kind.go_on(db, shop_id, count)
    return kind.finished(db, shop_id, count, now)


def under_way(db: Connection, of: Prepared, now: datetime) -> Any:
    """The count that is to be gone on with, or a new one. Raises LookupError, `NoPeriod`."""
    kind = KINDS[of.what]
    if of.partial:
        return msgspec.json.decode(of.partial, type=kind.count)
    zone = zone_of(db, of.shop_id)
    period = periods.read(of.period, now.astimezone(zone).date())
    return kind.begin(period.since(zone), period.until(zone), now)


def go_on(db: Connection, of: Prepared, count: Any) -> None:
    """One group more."""
    KINDS[of.what].go_on(db, of.shop_id, count)


def finished(db: Connection, of: Prepared, count: Any, now: datetime) -> str:
    """The figures as they are kept."""
    return written(KINDS[of.what].finished(db, of.shop_id, count, now))


def written(told: Any) -> str:
    """A count, or its figures, as text."""
    return msgspec.json.encode(told).decode()


def read(what: str, figures: str) -> Any:
    """The figures that were kept. Raises `msgspec.DecodeError` for another release's."""
    return msgspec.json.decode(figures, type=KINDS[what].told)
