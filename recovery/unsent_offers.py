"""What became of reminders that promise something, should nobody have told `offer_rows`.

A reminder that left announces its offer, whoever found out that it left: a receipt may, after
the worker died. One that never leaves promises nothing: its code is called back. Both are
looked for among the offers that still live.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, exists, or_, select

from recovery import tables
from recovery.offer_rows import announced
from recovery.offer_stands import Stand, change
from recovery.states import ReminderState

_OFFERS, _REMINDERS = tables.offers, tables.reminders
_LIVES = (Stand.WANTED, Stand.MADE, Stand.PROMISED)
_LEFT = (
    ReminderState.SENT,
    ReminderState.DELIVERED,
    ReminderState.UNDELIVERED,
    ReminderState.UNCONFIRMED,
)
_UNSENT = (ReminderState.SKIPPED, ReminderState.FAILED)
#: So long the other channel of a step, or a change of the cart, may take a promise over.
GRACE = timedelta(hours=1)


def sweep(db: Connection, now: datetime, most: int = 500) -> int:
    """Announce what left, call back what never will; how many offers were looked at."""
    left = _living(db, most, _REMINDERS.c.state.in_(_LEFT))
    announced(db, [row.reminder_id for row in left], now)
    repeats = _repeats_that_left(db, most)
    announced(db, repeats, now)
    settled = or_(_REMINDERS.c.settled_at.is_(None), _REMINDERS.c.settled_at <= now - GRACE)
    over = or_(_REMINDERS.c.id.is_(None), _REMINDERS.c.state.in_(_UNSENT) & settled)
    unsent = _living(db, most, over, ~_is_repeated_by_one_that_may_leave())
    for row in unsent:
        call_back(db, row, now)
    return len(left) + len(repeats) + len(unsent)


def call_back(db: Connection, row: Any, now: datetime) -> bool:
    """Nobody was promised this; a code that may be in the shop is taken away.

    False where its reminder may leave after all by now: the cart changed, or somebody agreed.
    """
    if not _never_leaves(db, row):
        return False
    look = None if row.coupon_key is None else now
    unsaid = _OFFERS.c.announced_at.is_(None)
    return change(db, row.id, {Stand(row.stand)}, unsaid, stand=Stand.REMOVED, try_at=look)


def _never_leaves(db: Connection, row: Any) -> bool:
    # Locked until the code is called back: whoever plans one of them anew decides its offer
    # after that, and does not read the code that goes.
    told = (_OFFERS.c.cart_id == row.cart_id, _OFFERS.c.repeats_id == row.id)
    others = db.execute(select(_OFFERS.c.reminder_id).where(*told)).all()
    ids = {row.reminder_id, *(each.reminder_id for each in others)}
    state = select(_REMINDERS.c.state).where(_REMINDERS.c.id.in_(ids)).order_by(_REMINDERS.c.id)
    return all(each.state in _UNSENT for each in db.execute(state.with_for_update()))


def _living(db: Connection, most: int, *where: Any) -> list[Any]:
    """Of the offers that were not announced and still live, those of such reminders."""
    joined = _OFFERS.outerjoin(_REMINDERS, _REMINDERS.c.id == _OFFERS.c.reminder_id)
    mine = (_OFFERS.c.try_at.is_not(None), _OFFERS.c.announced_at.is_(None))
    lives = _OFFERS.c.stand.in_(_LIVES)
    columns = [_OFFERS.c[name] for name in ("id", "cart_id", "reminder_id", "stand", "coupon_key")]
    found = select(*columns).select_from(joined).where(*mine, lives, *where)
    return list(db.execute(found.order_by(_OFFERS.c.id).limit(most)))


def _repeats_that_left(db: Connection, most: int) -> list[int]:
    """Reminders that left and name a promise which counts as not announced yet."""
    told, promise = _OFFERS.alias("told"), _OFFERS
    joined = promise.join(told, told.c.repeats_id == promise.c.id)
    joined = joined.join(_REMINDERS, _REMINDERS.c.id == told.c.reminder_id)
    waits = (promise.c.try_at.is_not(None), promise.c.announced_at.is_(None))
    same = (promise.c.stand.in_(_LIVES), told.c.cart_id == promise.c.cart_id)
    left = (told.c.announced_at.is_(None), _REMINDERS.c.state.in_(_LEFT))
    found = select(told.c.reminder_id).select_from(joined).where(*waits, *same, *left)
    return [row.reminder_id for row in db.execute(found.limit(most))]


def _is_repeated_by_one_that_may_leave() -> Any:
    told, others = _OFFERS.alias("told"), _REMINDERS.alias("others")
    return exists(
        select(told.c.id)
        .join(others, others.c.id == told.c.reminder_id)
        .where(
            told.c.cart_id == _OFFERS.c.cart_id,  # by its index
            told.c.repeats_id == _OFFERS.c.id,
            others.c.state.not_in(_UNSENT),
        )
    )
