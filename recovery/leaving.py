"""Why carts were left, as their shoppers answered: counted by what, where and how much."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from recovery import lines, report_rows, tables
from recovery.counted import ALL, By, Figure

_REASONS, _CARTS = tables.leaving_reasons, tables.carts
PRODUCT = "product"
NOT_UNDERSTOOD = "not_understood"
SPLITS = frozenset({PRODUCT, By.COUNTRY, By.AMOUNT, By.LANGUAGE})


@dataclass(frozen=True, slots=True)
class Given:
    """How many gave this reason, of all answers of the group, and the ids of theirs."""

    figure: Figure
    answers: tuple[int, ...]


def leaving(
    db: Connection, shop_id: int, since: datetime, until: datetime, by: str | None = None
) -> dict[str, dict[str, Given]]:
    """By value of `by` (one of `SPLITS`), the reasons answered from `since` to before `until`.

    An answer about a cart of several products counts for each; one that was not understood
    is a reason of its own. Raises ValueError for another split.
    """
    if by is not None and by not in SPLITS:
        raise ValueError(f"answers have no {by}")
    columns = ("lines", "country", "total", "currency", "locale")
    rows = db.execute(
        select(_REASONS.c.id, _REASONS.c.reason, *(_CARTS.c[name] for name in columns))
        .join(_CARTS, _CARTS.c.id == _REASONS.c.cart_id)
        .where(_REASONS.c.shop_id == shop_id, _REASONS.c.at >= since, _REASONS.c.at < until)
        .order_by(_REASONS.c.id)
    )
    groups: dict[str, dict[str, list[int]]] = {} if by else {ALL: {}}
    for row in rows:
        for value in _values(row, by):
            group = groups.setdefault(value, defaultdict(list))
            group.setdefault(row.reason or NOT_UNDERSTOOD, []).append(row.id)
    return {value: _given(groups[value]) for value in sorted(groups)}


def _given(group: dict[str, list[int]]) -> dict[str, Given]:
    """The most given reason first."""
    of = sum(map(len, group.values()))
    by_number = sorted(group.items(), key=lambda each: (-len(each[1]), each[0]))
    return {reason: Given(Figure(len(ids), of), tuple(ids)) for reason, ids in by_number}


def _values(row: Any, by: str | None) -> set[str]:
    match by:
        case "product":
            return {line.product_key or report_rows.UNKNOWN for line in lines.read(row.lines)}
        case "country":
            return {row.country or report_rows.UNKNOWN}
        case "amount":
            return {report_rows.band(row.total, row.currency)}
        case "language":
            return {report_rows.language(row.locale)}
    return {ALL}
