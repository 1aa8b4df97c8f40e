"""Who of a shop's members looked at which person, and when. Append-only."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from recovery import tables
from recovery.members import Member

_LOOKS = tables.looks


def note(db: Connection, member: Member, what: str, key: object, now: datetime) -> None:
    """Keep that `member` was shown the row `key` on the page `what` ("cart", "conversation")."""
    row = {"shop_id": member.shop_id, "member_id": member.id, "at": now}
    db.execute(_LOOKS.insert().values(**row, what=what, key=str(key)[:60]))


def latest(db: Connection, shop_id: int, most: int = 200) -> list[Any]:
    """The latest looks at people of a shop: rows with member_id, at, what, key."""
    asked = select(_LOOKS).where(_LOOKS.c.shop_id == shop_id)
    return list(db.execute(asked.order_by(_LOOKS.c.at.desc(), _LOOKS.c.id.desc()).limit(most)))


def note_once(
    db: Connection,
    member: Member,
    what: str,
    key: object,
    now: datetime,
    every: timedelta = timedelta(minutes=10),
) -> None:
    """As `note`, but not again for the same row within `every`: a page is loaded often."""
    same = (_LOOKS.c.shop_id == member.shop_id, _LOOKS.c.what == what, _LOOKS.c.key == str(key))
    lately = (_LOOKS.c.member_id == member.id, _LOOKS.c.at > now - every)
    if db.execute(select(_LOOKS.c.id).where(*same, *lately).limit(1)).first() is None:
        note(db, member, what, key, now)
