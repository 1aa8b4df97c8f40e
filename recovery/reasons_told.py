"""Why carts were left, counted per product, amount or country, each beside how many were asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, select

from recovery import lines, surveys, tables
from recovery.contacts import region_of
from recovery.conversations import CLOCKS_DIFFER
from recovery.report_rows import UNKNOWN, band
from recovery.states import ReminderState
from recovery.survey import Left

By = Literal["product", "amount", "country"]
_REASONS = tables.leaving_reasons

#: Where a survey is known not to have arrived, nobody was asked.
_ARRIVED = frozenset({ReminderState.SENT, ReminderState.DELIVERED, ReminderState.UNCONFIRMED})


@dataclass(frozen=True, slots=True)
class Count:
    """So many (`count`) of the `asked` named this `reason`.

    `group` is a product's key, a band in EUR, or a country; None where it is not known.
    `reason` None: they answered, and were not understood.
    """

    group: str | None
    reason: Left | None
    count: int
    asked: int


def counts(db: Connection, shop_id: int, since: datetime, until: datetime, by: By) -> list[Count]:
    """Each group's reasons, also those nobody named; groups of which most were asked first.

    Counted are the surveys that left in [since, until), each once and by its first answer that
    was understood, whenever that came. A cart of several products counts for each of them, so
    groups by product do not add up. Carts are taken as they stand now.
    """
    sent = surveys.sent(db, shop_id, since, until)
    told = _told(db, shop_id, since, {row.id for row in sent})
    asked: Counter[str | None] = Counter()
    named: Counter[tuple[str | None, Left | None]] = Counter()
    for row in sent:
        if row.state not in _ARRIVED and row.id not in told:
            continue
        for group in _GROUPS[by](row):
            asked[group] += 1
            if row.id in told:
                named[group, told[row.id]] += 1
    ordered = sorted(asked, key=lambda group: (-asked[group], group is None, group or ""))
    return [
        Count(group, reason, named[group, reason], asked[group])
        for group in ordered
        for reason in (*Left, None)
    ]


def _told(
    db: Connection, shop_id: int, since: datetime, survey_ids: set[int]
) -> dict[int, Left | None]:
    """By survey, the first reason that was understood; None: something else was said."""
    found: dict[int, Left | None] = {}
    columns = (_REASONS.c.reminder_id, _REASONS.c.reason)
    # No answer is from before its survey, but for the clocks.
    here = (_REASONS.c.shop_id == shop_id, _REASONS.c.at >= since - CLOCKS_DIFFER)
    for row in db.execute(select(*columns).where(*here).order_by(_REASONS.c.at, _REASONS.c.id)):
        if row.reminder_id in survey_ids and found.get(row.reminder_id) is None:
            found[row.reminder_id] = Left(row.reason) if row.reason else None
    return found


def _products(row: Any) -> Iterable[str | None]:
    return {line.product_key for line in lines.read(row.lines)} or {None}


def _band(row: Any) -> Iterable[str | None]:
    found = band(row.total, row.currency)
    return [None if found == UNKNOWN else found]


def _country(row: Any) -> Iterable[str | None]:
    return [row.country or region_of(row.phone)]


_GROUPS = {"product": _products, "amount": _band, "country": _country}
