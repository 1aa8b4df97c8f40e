"""Carts from before the install, by whichever door they come first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection, func, select

from recovery import tables

_ROWS = tables.history_imports
#: A cart younger than this is under way; no need to ask when its shop was connected.
_UNDER_WAY = timedelta(minutes=5)


class Cart(Protocol):
    """A cart that was just stored."""

    values: dict[str, Any]
    is_new: bool

    @property
    def id(self) -> int: ...


def from_before(db: Connection, carts: Iterable[Cart], now: datetime) -> list[int]:
    """Of carts that were stored for the first time, those that began before their shop came."""
    old = [each for each in carts if each.is_new and each.values["created_at"] < now - _UNDER_WAY]
    if not old:
        return []
    asked = select(_ROWS.c.shop_id, func.max(_ROWS.c.until).label("until")).where(
        _ROWS.c.shop_id.in_({each.values["shop_id"] for each in old})
    )
    until = {row.shop_id: row.until for row in db.execute(asked.group_by(_ROWS.c.shop_id))}
    return [
        each.id
        for each in old
        if each.values["shop_id"] in until
        and each.values["created_at"] < until[each.values["shop_id"]]
    ]
