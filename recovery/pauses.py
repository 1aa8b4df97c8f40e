"""For whom a shop's programmes stand still, because somebody is to read what they wrote.

A pause holds for a number, and for the e-mail beside it; both end together.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, select, update

from recovery import tables
from recovery.bulk import listed, one_of
from recovery.upserts import insert_into

_PAUSES = tables.pauses


def pause(
    db: Connection, shop_id: int, addresses: Iterable[str], because: str, now: datetime
) -> None:
    """Let no programme of the shop write to these addresses (one person's) until `lift`.

    `because` (at most 40 characters) names the cause; whoever is paused already keeps theirs.
    """
    those = list(dict.fromkeys(addresses))
    standing = _standing(db, shop_id, those)
    cause = next((each.because for each in standing), because)
    new = {"at": now, "because": cause, "lifted_at": None}
    for address in those:
        insert = insert_into(db, _PAUSES).values(shop_id=shop_id, address=address, **new)
        db.execute(
            insert.on_conflict_do_update(
                index_elements=[_PAUSES.c.shop_id, _PAUSES.c.address],
                set_=new,
                where=_PAUSES.c.lifted_at.is_not(None),
            )
        )


def paused(db: Connection, keys: set[tuple[int, str]]) -> set[tuple[int, str]]:
    """Those of the (shop, address) that are paused."""
    if not keys:
        return set()
    asked = {
        "shop_ids": listed({key[0] for key in keys}),
        "addresses": listed({k for _, k in keys}),
    }
    rows = db.execute(_paused(db.dialect.name), asked)
    return {(row.shop_id, row.address) for row in rows} & keys


def lift(db: Connection, shop_id: int, address: str, now: datetime) -> bool:
    """The merchant goes on with this person, by all their addresses; False: nothing was paused."""
    (held, *_) = [*_standing(db, shop_id, [address]), None]
    if held is None:
        return False
    same = (_PAUSES.c.shop_id == shop_id, _PAUSES.c.because == held.because)
    db.execute(update(_PAUSES).where(*same, _PAUSES.c.lifted_at.is_(None)).values(lifted_at=now))
    return True


def _standing(db: Connection, shop_id: int, addresses: list[str]) -> list[Any]:
    here = (_PAUSES.c.shop_id == shop_id, _PAUSES.c.address.in_(addresses))
    asked = select(_PAUSES).where(*here, _PAUSES.c.lifted_at.is_(None))
    return list(db.execute(asked.order_by(_PAUSES.c.at)))


@lru_cache
def _paused(kind: str) -> Select[Any]:
    return select(_PAUSES.c.shop_id, _PAUSES.c.address).where(
        one_of(kind, _PAUSES.c.shop_id, "shop_ids"),
        one_of(kind, _PAUSES.c.address, "addresses"),
        _PAUSES.c.lifted_at.is_(None),
    )
