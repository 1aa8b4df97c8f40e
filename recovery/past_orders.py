"""What stays of orders older than a shop keeps people: when, how much, by a mark of whose."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select

from recovery import tables
from recovery.stop_marks import mark_of

_PAST, _SHOPS = tables.past_orders, tables.shops


def persons(salt: str, *marks: str | None) -> list[str]:
    """How a person with these marks is called in `past_orders`."""
    return [mark_of(salt, "person", mark) for mark in marks if mark]


def forget(db: Connection, shop_id: int, marks: Sequence[str | None]) -> int:
    """The person with these marks is erased: their past orders go; how many."""
    salt = db.execute(select(_SHOPS.c.draw_key).where(_SHOPS.c.id == shop_id)).scalar_one()
    theirs = (_PAST.c.shop_id == shop_id, _PAST.c.person.in_(persons(salt, *marks)))
    return int(db.execute(delete(_PAST).where(*theirs)).rowcount)
