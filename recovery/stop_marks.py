"""Stops of people who were erased: kept as salted marks, so that the stop holds if they return.

The salt is the shop's own and lies in the same database: a mark names nobody to who reads it,
but who has the whole database could try every number there is.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

from sqlalchemy import Connection, delete, select

from recovery import tables
from recovery.upserts import insert_new

_MARKS, _SHOPS, _STOPS = tables.stop_marks, tables.shops, tables.suppressions


def mark_of(salt: str, *names: str) -> str:
    """Hex HMAC-SHA256 of these names under a shop's salt (`shops.draw_key`)."""
    return hmac.new(salt.encode(), "\n".join(names).encode(), hashlib.sha256).hexdigest()


def keep(db: Connection, shop_id: int, address: str) -> int:
    """From now on the stops of that address are kept as marks alone; how many."""
    here = (_STOPS.c.shop_id == shop_id, _STOPS.c.address == address)
    gone = db.execute(delete(_STOPS).where(*here).returning(_STOPS)).all()
    standing = [row for row in gone if row.lifted_at is None]
    if standing:
        salt = _salts(db, {shop_id})[shop_id]
        rows = [
            {"mark": mark_of(salt, row.channel, address), "at": row.at, "source": row.source}
            for row in standing
        ]
        insert_new(db, _MARKS, [{"shop_id": shop_id, **row} for row in rows])
    return len(standing)


def count(db: Connection, shop_id: int, addresses: Iterable[str]) -> int:
    """How many stops of these addresses are kept as marks."""
    salt = _salts(db, {shop_id}).get(shop_id, "")
    marks = [mark_of(salt, channel, each) for each in addresses for channel in ("sms", "email")]
    here = (_MARKS.c.shop_id == shop_id, _MARKS.c.mark.in_(marks))
    return len(db.execute(select(_MARKS.c.mark).where(*here)).all())


def bring_back(db: Connection, shop_id: int, channel: str, address: str) -> None:
    """The address is known again by what its person says: its mark becomes a stop as any."""
    salt = _salts(db, {shop_id}).get(shop_id)
    if salt is None:
        return
    here = (_MARKS.c.shop_id == shop_id, _MARKS.c.mark == mark_of(salt, channel, address))
    found = db.execute(delete(_MARKS).where(*here).returning(_MARKS.c.at, _MARKS.c.source)).first()
    if found is not None:
        row = {"shop_id": shop_id, "channel": channel, "address": address}
        insert_new(db, _STOPS, [row | {"at": found.at, "source": found.source}])


def marked(db: Connection, keys: set[tuple[int, str, str]]) -> set[tuple[int, str, str]]:
    """Those of the (shop, channel, address) whose stop is kept as a mark."""
    salts = _salts(db, {key[0] for key in keys}, only_with_marks=True)
    by_mark = {
        (key[0], mark_of(salts[key[0]], key[1], key[2])): key for key in keys if key[0] in salts
    }
    if not by_mark:
        return set()
    asked = select(_MARKS.c.shop_id, _MARKS.c.mark).where(
        _MARKS.c.shop_id.in_(salts), _MARKS.c.mark.in_([mark for _, mark in by_mark])
    )
    found = {(row.shop_id, row.mark) for row in db.execute(asked)}
    return {key for mark, key in by_mark.items() if mark in found}


def _salts(db: Connection, shop_ids: set[int], only_with_marks: bool = False) -> dict[int, str]:
    asked = select(_SHOPS.c.id, _SHOPS.c.draw_key).where(_SHOPS.c.id.in_(shop_ids))
    if only_with_marks:
        asked = asked.where(select(_MARKS.c.mark).where(_MARKS.c.shop_id == _SHOPS.c.id).exists())
    return {row.id: row.draw_key for row in db.execute(asked)}
