"""Going on with a person whose programmes stand still, for whoever may log in to this server."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from recovery import pauses, shops
from recovery.contacts import e164, email_key
from recovery.database import Database
from worker.consents import NotAsked
from worker.plugin_codes import NoSuchShop


def go_on(database: Database, shop_key: str, given: Sequence[str], now: datetime) -> list[str]:
    """Lift the pauses of these e-mails or phones, in whatever form they are typed.

    The lines tell who is paused at that shop after that, and until when at most. Raises
    `NoSuchShop`, and `NotAsked` for somebody who is not paused: then nobody's is lifted.
    """
    return database.run(lambda db: _go_on(db, shop_key, given, now))


def _go_on(db: Connection, shop_key: str, given: Sequence[str], now: datetime) -> list[str]:
    shop = shops.by_key(db, shop_key)
    if shop is None:
        raise NoSuchShop(f"no shop has the key {shop_key!r}")
    for typed in given:
        known = email_key(typed) or e164(typed, shop.country) or typed.strip()
        if not pauses.lift(db, shop.id, known, now):
            raise NotAsked(f"{typed}: nobody with that address is paused")
    still = pauses.standing(db, shop.id)
    lines = [f"{row.address}: until {row.at + pauses.LONGEST:%Y-%m-%d %H:%M} UTC" for row in still]
    return lines or ["Nobody is paused."]
