"""How a reminder ends: what came of its send, or why it does not leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, case, or_, select, text, update

from recovery import (
    asks,
    fallbacks,
    offer_rows,
    opt_in,
    reward_rows,
    rich_texts,
    tables,
    welcome,
)
from recovery.caps import free_caps
from recovery.handing_out import account_of, are_orders_known
from recovery.model import Channel
from recovery.reasons import Reason, written
from recovery.states import move_all, move_each

_REMINDERS = tables.reminders
_SHOPS = tables.shops
#: So long in `sending` means that the worker died in the call.
WORKER_DEAD = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one send. `event` is one of `states.REMINDER`'s: accept, refuse, …"""

    reminder_id: int
    event: str
    at: datetime
    provider_id: str | None = None
    retry_at: datetime | None = None
    stopped: str | None = None  # what stops the account, in words for the merchant
    refusal: str | None = None  # why the provider refused it
    reason: Reason | None = None  # of a skip at the last moment
    not_rich: str | None = None  # why the provider refused its rich form: it went as a text


def settle(db: Connection, outcomes: Sequence[Outcome], now: datetime) -> None:
    """Write down what came of the sends; a receipt that was faster is not overwritten."""
    rich_texts.leave_plainly(
        db, [(each.reminder_id, each.not_rich) for each in outcomes if each.not_rich is not None]
    )
    for event in ("accept", "refuse", "lose_track", "postpone"):
        these = [outcome for outcome in outcomes if outcome.event == event]
        move_each(db, _REMINDERS, event, [_SETTLED[event](outcome, now) for outcome in these])
    for outcome in outcomes:
        if outcome.event == "skip" and outcome.reason is not None:
            skip(db, [outcome.reminder_id], [outcome.reason], now)
    _keep_provider_ids(db, [each for each in outcomes if each.provider_id])
    unsent = [each.reminder_id for each in outcomes if each.event in ("refuse", "postpone")]
    free_caps(db, unsent)
    refused = [each.reminder_id for each in outcomes if each.event == "refuse"]
    fallbacks.plan(db, refused, now)
    reward_rows.tell_otherwise(db, refused, now)
    left = [each.reminder_id for each in outcomes if each.event in ("accept", "lose_track")]
    asks.end_answered(db, left, now)
    offer_rows.announced(db, left, now)
    rich_texts.follow(db, left, now)


def _accepted(outcome: Outcome, now: datetime) -> Mapping[str, Any]:
    row = {"id": outcome.reminder_id, "sent_at": outcome.at, "settled_at": now}
    return row | {"provider_id": outcome.provider_id}


def _refused(outcome: Outcome, now: datetime) -> Mapping[str, Any]:
    return {"id": outcome.reminder_id, "settled_at": now, "refusal": outcome.refusal}


def _lost_track(outcome: Outcome, now: datetime) -> Mapping[str, Any]:
    # It may have left: for attribution and caps it counts from this moment.
    return {"id": outcome.reminder_id, "sent_at": outcome.at, "settled_at": now}


def _postponed(outcome: Outcome, now: datetime) -> Mapping[str, Any]:
    row = {"id": outcome.reminder_id, "due_at": outcome.retry_at, "handed_out_at": None}
    return row | {"claimed_at": None}


_SETTLED = {
    "accept": _accepted,
    "refuse": _refused,
    "lose_track": _lost_track,
    "postpone": _postponed,
}


def _keep_provider_ids(db: Connection, outcomes: Sequence[Outcome]) -> None:
    # A receipt may have moved the row before we could: it still learns the provider's id.
    if not outcomes:
        return
    is_current = or_(_REMINDERS.c.rich_id.is_(None), _REMINDERS.c.rich_id != bindparam("new_id"))
    change = (
        update(_REMINDERS)
        .where(_REMINDERS.c.id == bindparam("row_id"), _REMINDERS.c.provider_id.is_(None))
        .where(is_current)
        .values(provider_id=bindparam("new_id"), sent_at=bindparam("new_at"))
    )
    db.execute(
        change,
        [
            {"row_id": each.reminder_id, "new_id": each.provider_id, "new_at": each.at}
            for each in outcomes
        ],
    )


def lose_track_of_the_dead(db: Connection, now: datetime) -> int:
    """What has been `sending` for ten minutes: the worker died, nobody knows; how many."""
    dead = db.execute(
        select(_REMINDERS.c.id).where(
            text("reminders.state = 'sending'"), _REMINDERS.c.claimed_at < now - WORKER_DEAD
        )
    )
    ids = [row.id for row in dead]
    also = {"settled_at": now, "sent_at": _REMINDERS.c.claimed_at}
    lost = move_all(db, _REMINDERS, ids, "lose_track", also)
    asks.end_answered(db, lost, now)
    offer_rows.announced(db, lost, now)
    rich_texts.follow(db, lost, now)
    return len(lost)


def skip_stale(db: Connection, now: datetime, most: int = 500) -> int:
    """Skip, with the reason, what can no longer leave in time; how many.

    The reason is the trouble that kept it: no account, the shop gone, its orders or its
    code unknown, or simply too late.
    """
    rows = db.execute(
        select(
            _REMINDERS.c.id,
            *(_REMINDERS.c[name] for name in ("cart_id", "programme", "attempts", "shop_id")),
            _SHOPS.c.state.label("shop_state"),
            _account_of_channel().label("account_id"),
            _SHOPS.c.orders_known_until,
            *(_SHOPS.c[name] for name in ("welcome_code", "code_read", "code_read_at")),
        )
        .join(_SHOPS, _SHOPS.c.id == _REMINDERS.c.shop_id)
        .where(text("reminders.state = 'scheduled'"), _REMINDERS.c.latest_at < now)
        .order_by(_REMINDERS.c.latest_at)
        .limit(most)
    ).all()
    for row in rows:
        reason = _why_stale(row, now)
        skip(db, [row.id], [reason], now)
        tell_of(db, row.shop_id, [reason], now)
    return len(rows)


def _account_of_channel() -> Any:
    is_email = _REMINDERS.c.channel == Channel.EMAIL.value
    return case((is_email, account_of(Channel.EMAIL)), else_=account_of(Channel.SMS))


def _why_stale(row: Any, now: datetime) -> Reason:
    if row.shop_state != "active":
        return Reason.SHOP_GONE
    if row.account_id is None:
        return Reason.NO_ACCOUNT
    if row.programme == welcome.WELCOME and row.attempts and not welcome.is_code_known(row, now):
        return Reason.CODE_UNKNOWN
    is_known = row.cart_id is None or are_orders_known(row, now)
    return Reason.TOO_LATE if is_known else Reason.ORDERS_UNKNOWN


def tell_of(db: Connection, shop_id: int, reasons: Sequence[Reason], now: datetime) -> None:
    """Leave the notices that belong to these reasons of a skip."""
    if Reason.NO_REPLIES in reasons:
        opt_in.tell_of_no_replies(db, shop_id, now)
    for reason in {Reason.CODE_GONE, Reason.CODE_UNKNOWN} & set(reasons):
        welcome.tell(db, shop_id, reason, now)


def skip(db: Connection, ids: Sequence[int], reasons: Sequence[Reason], now: datetime) -> None:
    """End these with their reasons; the other channel of a step may be planned by that."""
    also = {"reasons": written(reasons), "settled_at": now}
    skipped = move_all(db, _REMINDERS, ids, "skip", also)
    free_caps(db, skipped)
    if fallbacks.is_unreachable(reasons):
        fallbacks.plan(db, skipped, now)
        reward_rows.tell_otherwise(db, skipped, now)
