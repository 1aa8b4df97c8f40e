"""One row for each text that answers a request; planned again it stays the one row."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from recovery import states, step_times, tables, timing
from recovery.model import Channel
from recovery.reasons import Reason, written
from recovery.shops import ShopRow
from recovery.timing import Due, NotInTime
from recovery.upserts import insert_into

_REMINDERS = tables.reminders
LONGEST_SUBJECT = 120


def plan(
    db: Connection,
    shop: ShopRow,
    request: Any,
    programme: str,
    subject: str,
    rule: timing.AskedRule,
    happened_at: datetime,
    now: datetime,
    *,
    step: int = 1,
    again: bool = False,
) -> None:
    """Plan the text about `subject` that answers this request, after `happened_at`.

    Planned before, nothing changes; but with `again`, what was skipped is scheduled anew.
    What can no longer leave in time is kept as skipped, with its reason.
    """
    zones = timing.zones_of(request.phone, request.country or shop.country, None, shop.timezone)
    due = timing.asked_due(
        rule, min(happened_at, now), zones, any_hour=shop.any_hour, not_before=now
    )
    keep(db, shop, request, programme, subject, due, now, step=step, again=again)


def keep(
    db: Connection,
    shop: ShopRow,
    request: Any,
    programme: str,
    subject: str,
    due: Due | NotInTime,
    now: datetime,
    *,
    step: int = 1,
    again: bool = False,
) -> None:
    """Keep the one row of the text about `subject` that answers this request: see `plan`."""
    key = {
        "request_id": request.id,
        "programme": programme,
        "subject": subject,
        "channel": Channel.SMS.value,
    }
    row = key | {
        "shop_id": shop.id,
        "step": step,
        "state": states.at_first(_REMINDERS),
        "attempts": 0,
        "created_at": now,
        **step_times.times(due, now),
    }
    insert = insert_into(db, _REMINDERS).values(**row).on_conflict_do_nothing()
    new = db.execute(insert.returning(_REMINDERS.c.id)).first()
    if new is not None and isinstance(due, NotInTime):
        _skip(db, [new.id], due.reason, now)
    elif new is None and again and isinstance(due, Due):
        _plan_again(db, key, due, now)


def _plan_again(db: Connection, key: dict[str, Any], due: Due, now: datetime) -> None:
    same = (_REMINDERS.c[name] == value for name, value in key.items())
    skipped = _REMINDERS.c.state == states.ReminderState.SKIPPED
    row = db.execute(select(_REMINDERS.c.id).where(*same, skipped)).first()
    if row is not None:
        also = step_times.times(due, now) | {"reasons": None, "claimed_at": None}
        states.move_all(db, _REMINDERS, [row.id], "plan_anew", also, only_if=skipped)


def call_off(db: Connection, request_ids: list[int], reason: Reason, now: datetime) -> None:
    """Skip what is scheduled for these requests, but for what asks a number to confirm.

    That one may be for another request of the number; it is looked at before it leaves.
    """
    if not request_ids:
        return
    waiting = db.execute(
        select(_REMINDERS.c.id).where(
            _REMINDERS.c.request_id.in_(request_ids),
            _REMINDERS.c.cart_id.is_(None),
            _REMINDERS.c.programme != "opt_in",
            _REMINDERS.c.state == states.ReminderState.SCHEDULED,
        )
    )
    _skip(db, [row.id for row in waiting], reason, now)


def _skip(db: Connection, ids: list[int], reason: Reason, now: datetime) -> None:
    also = {"reasons": written([reason]), "settled_at": now}
    # Only while it waits: a worker may claim it at this very moment, and then looks itself.
    still = _REMINDERS.c.state == states.ReminderState.SCHEDULED
    states.move_all(db, _REMINDERS, ids, "skip", also, only_if=still)
