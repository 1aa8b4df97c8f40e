"""What is over is put away, so that no table grows without end."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from recovery import states, tables

CART_LIFE = timedelta(days=30)
_NONCE_LIFE = timedelta(hours=1)
_STATE_LIFE = timedelta(hours=1)
_LINK_REST = timedelta(days=90)
_READ_LIFE = timedelta(days=30)


def tidy(db: Connection, now: datetime, most: int = 1000) -> int:
    """Expire carts left for `CART_LIFE`, and drop what served its purpose; carts expired."""
    carts = tables.carts
    old = (
        select(carts.c.id)
        .where(carts.c.state == states.CartState.ABANDONED, carts.c.left_at < now - CART_LIFE)
        .limit(most)
    )
    ids = [row.id for row in db.execute(old)]
    states.move_all(db, carts, ids, "expire", {"ended_because": "old"})
    _drop(db, tables.nonces, tables.nonces.c.at < now - _NONCE_LIFE)
    _drop(db, tables.installs, tables.installs.c.at < now - _STATE_LIFE)
    _drop(db, tables.links, tables.links.c.expires_at < now - _LINK_REST)
    _drop(db, tables.unread, tables.unread.c.read_at < now - _READ_LIFE)
    return len(ids)


def _drop(db: Connection, table: object, condition: object) -> None:
    db.execute(delete(table).where(condition))  # type: ignore[arg-type]
