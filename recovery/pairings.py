"""Codes by which a shop's plugin is joined to its shop here: unguessable, used once.

A code is used up by success alone, so that a slip costs no new one. What it costs to try is
bounded: `MOST_TRIES` for each code, counted as they begin.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from recovery import nonces, tables

_PAIRINGS = tables.pairings
LIFE = timedelta(hours=24)
MOST_TRIES = 5


@dataclass(frozen=True, slots=True)
class Pairing:
    """A code that is still good, and the shop that it stands for."""

    shop_id: int
    expires_at: datetime


def begin(db: Connection, shop_id: int, now: datetime) -> str:
    """A new code for that shop, good for `LIFE`. Those of the shop that are over are dropped."""
    over = (_PAIRINGS.c.shop_id == shop_id, _PAIRINGS.c.expires_at <= now)
    db.execute(delete(_PAIRINGS).where(*over))
    code = secrets.token_urlsafe(24)
    row = {"code_hash": _hash(code), "shop_id": shop_id, "expires_at": now + LIFE}
    db.execute(_PAIRINGS.insert().values(**row))
    return code


def look(db: Connection, code: str, now: datetime) -> Pairing | None:
    """The pairing of that code; None when it is unknown, used or over. Nothing changes."""
    row = db.execute(
        select(_PAIRINGS.c.shop_id, _PAIRINGS.c.expires_at).where(*_good(code, now))
    ).first()
    return None if row is None else Pairing(row.shop_id, row.expires_at)


def try_once(db: Connection, code: str, now: datetime) -> bool:
    """Count a try to confirm that code; False when it has had `MOST_TRIES`, or is no good."""
    found = look(db, code, now)
    if found is None:
        return False
    # Kept as numbers used once, as of the code's own end: they are tidied away after it.
    tries = (f"pair.{_hash(code)[:40]}.{number}" for number in range(MOST_TRIES))
    return any(nonces.take(db, found.shop_id, each, found.expires_at) for each in tries)


def take(db: Connection, code: str, now: datetime) -> int | None:
    """The id of the code's shop, the code used up by this very call; None when it is no good."""
    used = db.execute(
        update(_PAIRINGS)
        .where(*_good(code, now))
        .values(used_at=now)
        .returning(_PAIRINGS.c.shop_id)
    ).first()
    return None if used is None else int(used.shop_id)


def _good(code: str, now: datetime) -> tuple:  # type: ignore[type-arg]
    mine = _PAIRINGS.c.code_hash == _hash(code)
    return (mine, _PAIRINGS.c.used_at.is_(None), _PAIRINGS.c.expires_at > now)


def _hash(text: str) -> str:
    # What came from outside may hold half a surrogate: as unknown as any other.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
