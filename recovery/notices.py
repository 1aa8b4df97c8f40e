"""What a merchant must know, told once per trouble until it is over."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, update

from recovery import tables
from recovery.upserts import insert_into

_NOTICES = tables.notices


def tell(
    db: Connection, subject: str, words: str, now: datetime, shop_id: int | None = None
) -> None:
    """Leave a notice; while one on this subject stands, a second adds nothing."""
    notice = {"words": words, "at": now, "over_at": None, "shop_id": shop_id}
    db.execute(
        insert_into(db, _NOTICES)
        .values(subject=subject, **notice)
        .on_conflict_do_update(
            index_elements=[_NOTICES.c.subject],
            set_=notice,
            where=_NOTICES.c.over_at.is_not(None),
        )
    )


def settle(db: Connection, subject: str, now: datetime) -> None:
    """The trouble is over; the next one of its kind is told anew."""
    db.execute(
        update(_NOTICES)
        .where(_NOTICES.c.subject == subject, _NOTICES.c.over_at.is_(None))
        .values(over_at=now)
    )
