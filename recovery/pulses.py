"""Signs of life of the processes that nobody asks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from recovery import tables
from recovery.upserts import insert_into

_PULSES = tables.pulses


def beat(db: Connection, name: str, now: datetime) -> None:
    """Write down that `name` is alive."""
    db.execute(
        insert_into(db, _PULSES)
        .values(name=name, at=now)
        .on_conflict_do_update(index_elements=[_PULSES.c.name], set_={"at": now})
    )


def last(db: Connection, name: str) -> datetime | None:
    """When `name` was alive for the last time; None: never."""
    found: datetime | None = db.execute(
        select(_PULSES.c.at).where(_PULSES.c.name == name)
    ).scalar_one_or_none()
    return found
