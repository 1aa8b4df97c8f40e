"""Figures that take long to count: who asks finds the last count, and the next is made ready.

A page asks (`ask`) and shows what is there, never waiting. The clock hands out what is due, a
worker counts it in groups, and writes down how far it came, so that another can go on. As long
as somebody looked within a day, figures are counted anew each hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, or_, select, update

from recovery import tables
from recovery.upserts import insert_new

RENEWED = timedelta(hours=1)
LOOKED_AT = timedelta(days=1)
#: What Redis lost, or a dead worker held, is handed out again after this.
PATIENCE = timedelta(minutes=3)
FORGOTTEN = timedelta(days=60)
MOST_PERIODS = 40  # of a shop; those asked for longest ago go
_NOTED = timedelta(minutes=5)  # a row is not written at each look
_ROWS = tables.prepared_figures


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is known of some figures. `is_due`: they are, or will soon be, counted."""

    id: int
    shop_id: int
    what: str
    period: str
    asked_at: datetime
    due_at: datetime | None
    partial: str | None
    figures: str | None
    as_of: datetime | None

    def is_to_be_asked(self, now: datetime) -> bool:
        """Whether `ask` would change anything that matters."""
        if now - self.asked_at > _NOTED:
            return True
        return self.due_at is None and (self.as_of is None or now - self.as_of > RENEWED)

    def is_due(self, now: datetime) -> bool:
        """Whether a count of it is under way, or about to be."""
        return self.due_at is not None and self.due_at <= now


_COLUMNS = [_ROWS.c[name] for name in Prepared.__slots__]


def of_shop(db: Connection, shop_id: int, what: str, period: str) -> Prepared | None:
    """These figures as they stand; None: nobody ever asked for them."""
    mine = (_ROWS.c.shop_id == shop_id, _ROWS.c.what == what, _ROWS.c.period == period)
    row = db.execute(select(*_COLUMNS).where(*mine)).first()
    return None if row is None else Prepared(**row._mapping)


def ask(db: Connection, shop_id: int, what: str, period: str, now: datetime) -> Prepared:
    """Somebody looks: they are counted soon, if the last count is old or there is none."""
    row = {"shop_id": shop_id, "what": what, "period": period, "asked_at": now, "due_at": now}
    insert_new(db, _ROWS, [row])
    mine = (_ROWS.c.shop_id == shop_id, _ROWS.c.what == what, _ROWS.c.period == period)
    db.execute(update(_ROWS).where(*mine).values(asked_at=now))
    old = or_(_ROWS.c.as_of.is_(None), _ROWS.c.as_of <= now - RENEWED)
    db.execute(update(_ROWS).where(*mine, _ROWS.c.due_at.is_(None), old).values(due_at=now))
    _forget_oldest(db, shop_id)
    found = of_shop(db, shop_id, what, period)
    if found is None:
        raise LookupError("no such figures")
    return found


def is_one_due(db: Connection, now: datetime) -> bool:
    """Whether `hand_out` would find anything; a read."""
    return db.execute(_due(now).limit(1)).first() is not None


def hand_out(db: Connection, now: datetime, most: int = 4) -> list[int]:
    """The figures that are to be counted, by id, each for one worker; longest due first."""
    ids = [row.id for row in db.execute(_due(now).order_by(_ROWS.c.due_at).limit(most))]
    taken = update(_ROWS).where(_ROWS.c.id.in_(ids), _is_free(now)).values(handed_out_at=now)
    return [row.id for row in db.execute(taken.returning(_ROWS.c.id))]


def claimed(db: Connection, id_: int) -> Prepared | None:
    """What was handed out; None where it is gone, or done by another meanwhile."""
    found = db.execute(select(*_COLUMNS).where(_ROWS.c.id == id_)).first()
    return None if found is None or found.due_at is None else Prepared(**found._mapping)


def keep_partial(db: Connection, id_: int, partial: str) -> None:
    """So far it is counted; who is next goes on at once."""
    db.execute(update(_ROWS).where(_ROWS.c.id == id_).values(partial=partial, handed_out_at=None))


def keep(db: Connection, of: Prepared, figures: str, as_of: datetime, now: datetime) -> None:
    """It is counted. While somebody looks, it is due again an hour after it was begun."""
    mine = update(_ROWS).where(_ROWS.c.id == of.id)
    done = {"figures": figures, "as_of": as_of, "partial": None, "handed_out_at": None}
    db.execute(mine.values(**done, due_at=None))
    lately = _ROWS.c.asked_at > now - LOOKED_AT
    db.execute(mine.where(lately).values(due_at=max(now, as_of + RENEWED)))


def count_again(db: Connection, id_: int, now: datetime) -> None:
    """What is kept cannot be read: it is due now."""
    nothing = {"figures": None, "as_of": None, "partial": None, "due_at": now}
    db.execute(update(_ROWS).where(_ROWS.c.id == id_).values(**nothing))


def drop(db: Connection, id_: int) -> None:
    """There is nothing to count there."""
    db.execute(delete(_ROWS).where(_ROWS.c.id == id_))


def tidy(db: Connection, now: datetime) -> None:
    """Forget what nobody asked for in a long time."""
    old = select(_ROWS.c.id).where(_ROWS.c.asked_at < now - FORGOTTEN, _ROWS.c.due_at.is_(None))
    db.execute(delete(_ROWS).where(_ROWS.c.id.in_(old.limit(500))))


def _due(now: datetime) -> Any:
    return select(_ROWS.c.id).where(_ROWS.c.due_at <= now, _is_free(now))


def _is_free(now: datetime) -> Any:
    return or_(_ROWS.c.handed_out_at.is_(None), _ROWS.c.handed_out_at < now - PATIENCE)


def _forget_oldest(db: Connection, shop_id: int) -> None:
    mine = select(_ROWS.c.id).where(_ROWS.c.shop_id == shop_id)
    many = mine.order_by(_ROWS.c.asked_at.desc(), _ROWS.c.id.desc()).offset(MOST_PERIODS)
    ids = list(db.scalars(many.limit(100)))
    if ids:
        db.execute(delete(_ROWS).where(_ROWS.c.id.in_(ids)))
