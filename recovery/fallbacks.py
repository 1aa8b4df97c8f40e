"""The other channel of a step, once: when its own cannot reach the person, and only then.

A step's own channel ends so by no number or address, no consent, no permitted hour in time, a
refusal, or a receipt that says undeliverable. Then the same step is planned on its `fallback`
channel, in the same transaction. After `unconfirmed`, or silence, nothing is planned: the text
may have arrived. Of the two rows of a step, the second waits for the end of the first: both
are asked again right before they leave (`against`), because either may have changed since.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, false, func, not_, select

from recovery import arm_rows, programmes, shops, states, tables
from recovery.contact_reasons import Key, addresses
from recovery.programmes import CART, Running
from recovery.reasons import Reason, written
from recovery.rich_kinds import PLAIN
from recovery.shops import ShopRow
from recovery.states import ReminderState as State
from recovery.step_times import due_on, times
from recovery.timing import Due
from recovery.upserts import insert_new

_REMINDERS = tables.reminders
_CARTS = tables.carts
#: Only these: whoever said stop on one channel is not followed to the other.
UNREACHABLE = frozenset(
    {
        Reason.NO_PHONE,
        Reason.PHONE_UNUSABLE,
        Reason.NO_EMAIL,
        Reason.NO_CONSENT,
        Reason.NOT_CONFIRMED,
        Reason.EMAIL_NOT_CONFIRMED,
        Reason.NO_DECENT_HOUR,
        Reason.NO_ACCOUNT,
        Reason.ONE_TEXT_A_CART,
    }
)
_ENDED = frozenset({State.SKIPPED, State.FAILED, State.UNDELIVERED})
_MAY_HAVE_LEFT = frozenset({State.SENT, State.DELIVERED, State.UNDELIVERED, State.UNCONFIRMED})
_LEFT = _MAY_HAVE_LEFT | {State.SENDING}
#: So long the second row waits for a first one that is being sent; the first half as long.
A_WHILE = timedelta(minutes=10)


def is_unreachable(reasons: Iterable[Reason]) -> bool:
    """Whether a skip for these reasons says that this channel cannot reach the person."""
    found = set(reasons)
    return bool(found) and found <= UNREACHABLE


def plan(db: Connection, reminder_ids: Sequence[int], now: datetime) -> None:
    """Plan the other channel of these, whose own has ended so; what is planned already stays."""
    rows = _ended(db, reminder_ids)
    if not rows:
        return
    of = shops.all_by_id(db, list({row.shop_id for row in rows}))
    runs = programmes.running(db, of)
    arms = arm_rows.foretold(db, rows, of, runs, CART)
    fresh, again = [], []
    held = _held(db, {row.id for row in rows})
    for row in rows:
        if any(each.step > row.step and each.state in _LEFT for each in held[row.id]):
            continue  # it would come after what follows it
        run = runs[row.shop_id].in_arm(arms.get(row.id))
        planned = _planned(row, of[row.shop_id], run, now)
        if planned is None:
            continue
        other = next((each for each in held[row.id] if _is_of(each, planned)), None)
        if other is None:
            fresh.append(planned)
        elif other.state == State.SKIPPED and other.fallback_of is not None:
            again.append((other.id, planned))
    insert_new(db, _REMINDERS, fresh)
    for other_id, planned in again:
        names = ("due_at", "latest_at", "late", "handed_out_at", "version_id", "arm")
        also = {name: planned[name] for name in names} | {"reasons": None}
        states.move(db, _REMINDERS, other_id, "plan_anew", also)


def against(
    db: Connection, rows: Sequence[Any], runs: Mapping[int, Running]
) -> tuple[dict[int, Reason], dict[int, timedelta]]:
    """Why a row may not leave for its step's sake, by reminder; and how long to wait for another.

    That the programme lacks the step now, or that channel of it: what was being sent while the
    programme changed was not planned anew. Or that the step's other row, or a later step, went
    before. `rows` are claimed; `runs` are by reminder.
    """
    # Also of steps with one channel: an older version, or another variant, may have had another.
    asked = [row for row in rows if row.programme == CART]
    held = _held(db, {row.id for row in asked})
    reasons, waiting = {}, {}
    for row in asked:
        if not _is_in(runs[row.reminder_id], row):
            reasons[row.reminder_id] = Reason.NOT_IN_PROGRAMME
            continue
        if any(each.step > row.step and each.state in _MAY_HAVE_LEFT for each in held[row.id]):
            reasons[row.reminder_id] = Reason.OUT_OF_TURN  # skipped once, and planned again
            continue
        others = [
            each for each in held[row.id] if each.step == row.step and each.id != row.reminder_id
        ]
        if row.fallback_of is None:
            if any(each.state in _MAY_HAVE_LEFT for each in others):
                reasons[row.reminder_id] = Reason.OTHER_CHANNEL
            elif any(each.state == State.SENDING for each in others):
                # It may end without having left, for the sake of this one. Should each wait for
                # the other, this one is the first to look again.
                waiting[row.reminder_id] = A_WHILE / 2
        elif any(each.state == State.SENDING for each in others):
            waiting[row.reminder_id] = A_WHILE
        elif any(each.state == State.SCHEDULED for each in others):
            reasons[row.reminder_id] = Reason.OWN_CHANNEL_FIRST
        elif not all(each.state in _ENDED for each in others):
            reasons[row.reminder_id] = Reason.OTHER_CHANNEL
    return reasons, waiting


def is_stopped(row: Any, stops: Collection[Key]) -> bool:
    """Whether the person of this claimed row said stop on the channel that it stands in for.

    The step may not have come so far as to ask: its hours, or its account, ended it before.
    """
    others = (key for key in addresses(row) if key[1] != row.channel)
    return row.fallback_of is not None and any(key in stops for key in others)


def _is_in(run: Running, row: Any) -> bool:
    step = run.step(row.step)
    return step is not None and row.channel in (step.channel, step.fallback)


def _ended(db: Connection, reminder_ids: Sequence[int]) -> list[Any]:
    if not reminder_ids:
        return []
    rows = db.execute(
        select(
            _REMINDERS.c.id.label("reminder_id"),
            *(_REMINDERS.c[name] for name in ("step", "channel", "state", "arm")),
            *(_CARTS.c[name] for name in _CART_NAMES),
        )
        .join(_CARTS, _CARTS.c.id == _REMINDERS.c.cart_id)
        .where(
            _REMINDERS.c.id.in_(reminder_ids),
            _REMINDERS.c.programme == CART,
            _REMINDERS.c.version_id.is_not(None),  # the built-in programme has no fallback
            _REMINDERS.c.fallback_of.is_(None),
            _REMINDERS.c.state.in_(_ENDED),
            not_(_has_fallen_back()),
        )
    )
    return list(rows)


def _has_fallen_back() -> Any:
    """An MMS or RCS card that was taken and not delivered, nor was the text that followed it."""
    was_taken = (_REMINDERS.c.rich == PLAIN) & _REMINDERS.c.rich_id.is_not(None)
    return func.coalesce(was_taken & (_REMINDERS.c.state == State.UNDELIVERED), false())


_CART_NAMES = (
    *("id", "shop_id", "customer_key", "email", "phone", "country", "region"),
    *("left_at", "total", "currency"),
)


def _planned(row: Any, shop: ShopRow, run: Running, now: datetime) -> dict[str, Any] | None:
    step = run.step(row.step)
    if step is None or step.fallback is None or step.channel != row.channel:
        return None
    due = due_on(row, shop, run.form, row.step, step.fallback, now)
    if not isinstance(due, Due):
        return None
    return {
        "shop_id": row.shop_id,
        "cart_id": row.id,
        "programme": CART,
        "version_id": run.version_id,
        "step": row.step,
        "channel": step.fallback.value,
        "fallback_of": row.reminder_id,
        "arm": row.arm,
        "state": states.at_first(_REMINDERS),
        "attempts": 0,
        "created_at": now,
        **times(due, now),
    }


def _held(db: Connection, cart_ids: Collection[int]) -> dict[int, list[Any]]:
    """All rows of these carts' steps."""
    found: dict[int, list[Any]] = {cart_id: [] for cart_id in cart_ids}
    if found:
        names = ("id", "cart_id", "step", "channel", "state", "fallback_of")
        where = (_REMINDERS.c.cart_id.in_(found), _REMINDERS.c.programme == CART)
        for each in db.execute(select(*(_REMINDERS.c[name] for name in names)).where(*where)):
            found[each.cart_id].append(each)
    return found


def _is_of(other: Any, planned: Mapping[str, Any]) -> bool:
    return bool((other.step, other.channel) == (planned["step"], planned["channel"]))


def skip(db: Connection, reminder_id: int, reason: Reason, now: datetime) -> None:
    """End a row that is not wanted now: its step goes by its own channel."""
    also = {"reasons": written([reason]), "settled_at": now}
    states.move(db, _REMINDERS, reminder_id, "skip", also)
