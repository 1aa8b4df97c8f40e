"""How long after the step before a later step may leave, by what really happened.

Times are planned when a cart is abandoned; the step before may have left later than that,
held by hours, by an outage or by a cap. Right before a step leaves it is asked again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from recovery import tables
from recovery.programme_form import Programme
from recovery.programmes import CART, Running
from recovery.states import ReminderState
from recovery.step_times import is_large, offsets

_REMINDERS = tables.reminders
_UNDECIDED = (ReminderState.SCHEDULED, ReminderState.SENDING)
#: So long a step waits for the one before it, which is due but did not leave yet.
A_WHILE = timedelta(minutes=10)


def earliest(
    db: Connection, rows: Sequence[Any], runs: Mapping[int, Running], now: datetime
) -> dict[int, datetime]:
    """By reminder, before when none of these may leave for the sake of the steps before it.

    `rows` have `reminder_id`, `id` (the cart's), `programme`, `step`; `runs` are by reminder.
    First steps have none.
    """
    later = [row for row in rows if row.step > 1 and row.programme == CART]
    before = _steps_of(db, {row.id for row in later})
    found = {}
    for row in later:
        form = runs[row.reminder_id].form
        moments = [_after(each, row, form, now) for each in before[row.id] if each.step < row.step]
        if moments:
            found[row.reminder_id] = max(moments)
    return found


def _after(earlier: Any, row: Any, form: Programme, now: datetime) -> datetime:
    """Before when `row` may not leave because of that earlier reminder."""
    if earlier.state in _UNDECIDED:
        return now + A_WHILE
    if earlier.sent_at is None:  # it was skipped or refused: nobody got it
        return now
    wanted = offsets(form, is_large(row, form))
    gap = wanted.get(row.step, timedelta()) - wanted.get(earlier.step, timedelta())
    left_at: datetime = earlier.sent_at
    return left_at + max(gap, timedelta())


def _steps_of(db: Connection, cart_ids: set[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    if cart_ids:
        columns = [_REMINDERS.c[name] for name in ("cart_id", "step", "state", "sent_at")]
        mine = _REMINDERS.c.programme == CART
        for row in db.execute(select(*columns).where(_REMINDERS.c.cart_id.in_(cart_ids), mine)):
            found[row.cart_id].append(row)
    return found
