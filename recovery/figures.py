"""What operators watch: how late, how many, how old. Counts by row, never by person."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from recovery import handing_out, pulses, tables

Row = tuple[str, dict[str, str], float]


def oldest_due(db: Connection, now: datetime) -> float:
    """By how many seconds the oldest due reminder is late; 0 when none is due."""
    oldest = handing_out.oldest_due(db, now)
    return 0.0 if oldest is None else max(0.0, (now - oldest).total_seconds())


def gather(db: Connection, now: datetime) -> list[Row]:
    """All figures, as (name, labels, value)."""
    return [
        *_clock(db, now),
        ("relance_oldest_due_seconds", {}, oldest_due(db, now)),
        *_by_state(db, "reminders"),
        *_by_state(db, "carts"),
        *_of_shops(db, now),
        ("relance_unread_requests", {}, _unread(db)),
    ]


def _clock(db: Connection, now: datetime) -> list[Row]:
    last = pulses.last(db, "clock")
    if last is None:
        return []
    return [("relance_clock_last_tick_age_seconds", {}, (now - last).total_seconds())]


def _by_state(db: Connection, name: str) -> list[Row]:
    table = tables.metadata.tables[name]
    rows = db.execute(select(table.c.state, func.count().label("many")).group_by(table.c.state))
    return [(f"relance_{name}", {"state": row.state}, float(row.many)) for row in rows]


def _of_shops(db: Connection, now: datetime) -> list[Row]:
    shops = tables.shops
    rows = db.execute(
        select(shops.c.id, shops.c.last_webhook_at, shops.c.last_poll_at, shops.c.poll_failures)
        .where(shops.c.state == "active")
        .order_by(shops.c.id)
    )
    found: list[Row] = []
    for row in rows:
        shop = {"shop": str(row.id)}
        for name, at in (("webhook", row.last_webhook_at), ("poll", row.last_poll_at)):
            if at is not None:
                age = (now - at).total_seconds()
                found.append((f"relance_shop_last_{name}_age_seconds", shop, age))
        found.append(("relance_shop_poll_failures", shop, float(row.poll_failures)))
    return found


def _unread(db: Connection) -> float:
    unread = tables.unread
    count = select(func.count()).select_from(unread).where(unread.c.read_at.is_(None))
    return float(db.execute(count).scalar_one())
