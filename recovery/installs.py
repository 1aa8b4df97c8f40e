"""Installs under way: a state that is unguessable, used once, bound to one browser."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, select, update

from recovery import tables

_INSTALLS = tables.installs
_SHOPS = tables.shops
LIFE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Begun:
    """An install that a browser began: which shop it is to be."""

    platform: str
    address: str


@dataclass(frozen=True, slots=True)
class Came:
    """An install as it stands; `shop_id` is None until the shop is connected by it."""

    begun: Begun
    shop_id: int | None


def begin(db: Connection, begun: Begun, browser: str, now: datetime) -> str:
    """Note the install; give the state that must come back from the platform."""
    state = secrets.token_urlsafe(24)
    db.execute(
        _INSTALLS.insert().values(
            state_hash=_hash(state),
            platform=begun.platform,
            address=begun.address,
            browser_hash=_hash(browser),
            at=now,
        )
    )
    return state


def take(
    db: Connection, platform: str, state: str, now: datetime, browser: str | None = None
) -> Begun | None:
    """The install of that state, used up by this very call; None when there is none.

    `browser` must be the one that began it; a platform's own server has none (None).
    """
    bound = () if browser is None else (_INSTALLS.c.browser_hash == _hash(browser),)
    mine = (_INSTALLS.c.state_hash == _hash(state), _INSTALLS.c.platform == platform, *bound)
    fresh = (_INSTALLS.c.used_at.is_(None), _INSTALLS.c.at > now - LIFE)
    used = db.execute(update(_INSTALLS).where(*mine, *fresh).values(used_at=now))
    if used.rowcount != 1:
        return None
    address = db.execute(select(_INSTALLS.c.address).where(*mine)).scalar_one()
    return Begun(platform, str(address))


def began(db: Connection, platform: str, state: str, browser: str, now: datetime) -> Came | None:
    """How far the install of that state is, for the browser that began it; None for any other.

    A state may be used up by keys that the shop did not accept: the shop counts as connected
    only where that happened since.
    """
    connected = and_(
        _SHOPS.c.platform == _INSTALLS.c.platform,
        _SHOPS.c.address == _INSTALLS.c.address,
        _SHOPS.c.installed_at >= _INSTALLS.c.used_at,
    )
    row = db.execute(
        select(_INSTALLS.c.address, _SHOPS.c.id)
        .select_from(_INSTALLS.outerjoin(_SHOPS, connected))
        .where(
            _INSTALLS.c.state_hash == _hash(state),
            _INSTALLS.c.platform == platform,
            _INSTALLS.c.browser_hash == _hash(browser),
            _INSTALLS.c.at > now - LIFE,
        )
    ).first()
    return None if row is None else Came(Begun(platform, row.address), row.id)


def _hash(text: str) -> str:
    # What came back from outside may hold half a surrogate: as unknown as any other.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
