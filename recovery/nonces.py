"""Numbers used once: what was sent to us and stored is not taken a second time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from recovery import tables
from recovery.upserts import insert_into, insert_new

_NONCES = tables.nonces


def is_fresh(db: Connection, shop_id: int, nonce: str) -> bool:
    """Whether this shop has not used that number yet."""
    used = (_NONCES.c.shop_id == shop_id, _NONCES.c.nonce == nonce[:64])
    return db.execute(select(_NONCES.c.nonce).where(*used)).first() is None


def use(db: Connection, shop_id: int, nonce: str, now: datetime) -> None:
    """Use the number up."""
    insert_new(db, _NONCES, [{"shop_id": shop_id, "nonce": nonce[:64], "at": now}])


def take(db: Connection, shop_id: int, nonce: str, now: datetime) -> bool:
    """Use the number up; True for the one who did, of however many try at once."""
    row = {"shop_id": shop_id, "nonce": nonce[:64], "at": now}
    taken = insert_into(db, _NONCES).values(**row).on_conflict_do_nothing()
    return db.execute(taken.returning(_NONCES.c.nonce)).first() is not None
