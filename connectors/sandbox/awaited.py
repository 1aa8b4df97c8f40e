"""Whether a text may still come: what the shop itself knows of the carts that were left."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from connectors.sandbox import texts
from connectors.sandbox.carts import stamp
from connectors.sandbox.phones import e164

TOO_LATE = timedelta(hours=12)  # after the last change; Relance sends no first text later


def is_one_awaited(db: sqlite3.Connection, now: datetime) -> bool:
    """Whether a cart was left whose text has not come yet, and at `now` may still come."""
    left = db.execute(
        "SELECT sms_phone, country, created_at FROM carts WHERE begun_at IS NOT NULL"
        " AND ordered_at IS NULL AND deleted_at IS NULL AND sms = 1 AND changed_at > ?",
        (stamp(now - TOO_LATE),),
    )
    return any(_may_come(db, row) for row in left.fetchall())


def _may_come(db: sqlite3.Connection, cart: sqlite3.Row) -> bool:
    number = e164(cart["sms_phone"] or "", cart["country"])
    if number is None or texts.has_stopped(texts.bubbles(db, number)):
        return False
    came = db.execute(
        "SELECT 1 FROM texts WHERE number = ? AND inbound = 0 AND at >= ? LIMIT 1",
        (number, cart["created_at"]),
    )
    return came.fetchone() is None
