"""For whom a shop's programmes stand still, because somebody is to read what they wrote.

A pause holds for a number, and for the e-mail beside it; both end together: when the merchant
goes on with the person, when the person says START, or `LONGEST` after what they wrote last.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, select, update

from recovery import tables
from recovery.bulk import listed, one_of
from recovery.upserts import insert_into

_PAUSES = tables.pauses
#: Nobody is forgotten in a pause: by then somebody read the e-mail, or nobody will.
LONGEST = timedelta(days=14)


def pause(
    db: Connection, shop_id: int, addresses: Iterable[str], because: str, now: datetime
) -> None:
    """Let no programme of the shop write to these addresses (one person's) until `lift`.

    `because` (at most 40 characters) names the cause; whoever is paused already keeps theirs,
    and is paused from now on.
    """
    those = list(dict.fromkeys(addresses))
    held = _standing(db, shop_id, those)
    cause = next((row.because for row in held), because)
    for each in {row.because for row in held}:
        again = update(_PAUSES).where(*_of_cause(shop_id, each))
        db.execute(again.values(at=now))
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
    """Go on with this person, by all their addresses; False: nothing was paused."""
    (held, *_) = [*_standing(db, shop_id, [address]), None]
    if held is None:
        return False
    db.execute(update(_PAUSES).where(*_of_cause(shop_id, held.because)).values(lifted_at=now))
    return True


def lift_old(db: Connection, now: datetime) -> None:
    """Go on with everybody who wrote nothing more for `LONGEST`."""
    old = (_PAUSES.c.at <= now - LONGEST, _PAUSES.c.lifted_at.is_(None))
    db.execute(update(_PAUSES).where(*old).values(lifted_at=now))


def standing(db: Connection, shop_id: int) -> list[Any]:
    """Who is paused at that shop, oldest first: `address`, `at`."""
    here = (_PAUSES.c.shop_id == shop_id, _PAUSES.c.lifted_at.is_(None))
    asked = select(_PAUSES.c.address, _PAUSES.c.at).where(*here)
    return list(db.execute(asked.order_by(_PAUSES.c.at, _PAUSES.c.address)))


def _of_cause(shop_id: int, because: str) -> tuple[Any, ...]:
    here = (_PAUSES.c.shop_id == shop_id, _PAUSES.c.because == because)
    return (*here, _PAUSES.c.lifted_at.is_(None))


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
