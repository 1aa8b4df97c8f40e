"""Claim, examine, settle: the three short transactions around every send.

1. `claim` takes due rows for one worker, by compare-and-set. What may not be claimed
   now goes back.
2. `examine` reads, in a transaction of its own, whether each may still leave: an
   order or a stop recorded before this read wins. It takes the caps of those that
   may, and writes the texts with their links. Texts that a shopper asked for, which
   have no cart, are looked at by `answers`.
3. The worker leases sending times (`accounts.lease_slots`) and sends, with no
   transaction open. `settle` writes down what came of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, select, text, update

from recovery import (
    accounts,
    answers,
    asks,
    opt_in,
    programmes,
    segments,
    shops,
    spacing,
    tables,
    welcome,
)
from recovery.accounts import AccountRow
from recovery.answer_texts import Answer
from recovery.caps import free_caps, free_from, take_asked, take_caps, take_opt_in
from recovery.eligibility import look_up, reasons_not_to_send
from recovery.handing_out import are_orders_known, give_back
from recovery.letters import Letter, write_letters
from recovery.programmes import Running
from recovery.reasons import Reason, written
from recovery.shops import ShopRow
from recovery.states import CartState, move, move_all, move_each
from recovery.step_times import due_of, place_of, times
from recovery.timing import NotInTime, may_leave, next_decent

_REMINDERS = tables.reminders
_CARTS = tables.carts
_SHOPS = tables.shops

_CAPPED = (Reason.CAPPED,)
#: So long in `sending` means that the worker died in the call.
WORKER_DEAD = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Claim:
    """Reminders that are now ours alone to send, by this account."""

    account: AccountRow
    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one send. `event` is one of `states.REMINDER`'s: accept, refuse, …"""

    reminder_id: int
    event: str
    at: datetime
    provider_id: str | None = None
    retry_at: datetime | None = None
    stopped: str | None = None  # what stops the account, in words for the merchant
    reason: Reason | None = None  # of a skip at the last moment


def claim(db: Connection, account_id: int, ids: Sequence[int], now: datetime) -> Claim | None:
    """Take those of `ids` that may be sent by this account now; None when there are none."""
    account = accounts.by_id(db, account_id)
    if account is None or not account.may_send(now):
        give_back(db, list(ids))
        return None
    ready, wait = _sorted_out(db, account, ids, now)
    give_back(db, wait)
    also = {"claimed_at": now, "account_id": account.id, "attempts": _REMINDERS.c.attempts + 1}
    mine = set(move_all(db, _REMINDERS, ready, "claim", also))
    if not mine:
        return None
    order = [each for each in ready if each in mine]
    accounts.serve(db, account.id, now)
    return Claim(account, tuple(order))


def _sorted_out(
    db: Connection, account: AccountRow, ids: Sequence[int], now: datetime
) -> tuple[list[int], list[int]]:
    rows = db.execute(
        select(
            _REMINDERS.c.id,
            _REMINDERS.c.due_at,
            _REMINDERS.c.shop_id,
            _REMINDERS.c.cart_id,
            _SHOPS.c.orders_known_until,
            _SHOPS.c.account_id,
        )
        .join(_SHOPS, _SHOPS.c.id == _REMINDERS.c.shop_id)
        .where(_REMINDERS.c.id.in_(ids), text("reminders.state = 'scheduled'"))
        .order_by(_REMINDERS.c.due_at)
    ).all()
    # What answers a request is no matter of orders that we may not know of yet.
    waits = {row.id for row in rows if row.cart_id is not None and not are_orders_known(row, now)}
    want_polls(db, {row.shop_id for row in rows if row.id in waits}, now)
    ready = [
        row.id
        for row in rows
        if row.id not in waits and row.due_at <= now and row.account_id == account.id
    ]
    return ready, [row.id for row in rows if row.id not in set(ready)]


def want_polls(db: Connection, shop_ids: set[int], now: datetime) -> None:
    """Let these shops be polled at once, unless they asked us to wait (`Busy`)."""
    if shop_ids:
        calm = (_SHOPS.c.poll_failures == 0) & (_SHOPS.c.next_poll_at > now)
        db.execute(update(_SHOPS).where(_SHOPS.c.id.in_(shop_ids), calm).values(next_poll_at=now))


def examine(db: Connection, claimed: Claim, links_at: str, now: datetime) -> list[Letter]:
    """What of the claim may leave, written out; the rest is skipped or put off here.

    `links_at` is our public address, which the links begin with.
    """
    rows = _read(db, claimed.ids)
    of = shops.all_by_id(db, list({row.shop_id for row in rows}))
    runs = programmes.running(db, of) if of else {}
    known = look_up(db, rows)
    waits = spacing.earliest(db, rows, runs, now)
    others = segments.reasons(db, rows, of, runs, known, now)
    leaving = []
    for row in rows:
        shop = of[row.shop_id]
        reasons = reasons_not_to_send(row, shop, known) + others.get(row.reminder_id, [])
        if reasons:
            _skip(db, [row.reminder_id], reasons, now)
        elif not _waits(db, row, shop, waits.get(row.reminder_id, now), now) and not _put_off(
            db, row, shop, runs[row.shop_id], now
        ):
            leaving.append((row, shop))
    leaving = _within_caps(db, leaving, now)
    without_cart = set(claimed.ids) - {row.reminder_id for row in rows}
    told = _answers(db, claimed, without_cart, now) if without_cart else []
    letters = write_letters(
        db, leaving, claimed.account, links_at, now, leave_by=known.kept, answers=told, runs=runs
    )
    if told:
        place = {each: at for at, each in enumerate(claimed.ids)}
        letters.sort(key=lambda letter: place[letter.reminder_id])
    return letters


def _within_caps(
    db: Connection, leaving: Sequence[tuple[Any, ShopRow]], now: datetime
) -> list[tuple[Any, ShopRow]]:
    """Take the caps of these; a first step that finds them taken is skipped, a later one waits."""
    kept = take_caps(db, [row.reminder_id for row, _ in leaving], now)
    capped = [(row, shop) for row, shop in leaving if row.reminder_id not in kept]
    until = free_from(db, [row.reminder_id for row, _ in capped if row.step > 1])
    for row, shop in capped:
        free = until.get(row.reminder_id)
        if free is None or not _waits(db, row, shop, free, now, Reason.CAPPED):
            _skip(db, [row.reminder_id], _CAPPED, now)
    return [(row, shop) for row, shop in leaving if row.reminder_id in kept]


def _answers(
    db: Connection, claimed: Claim, ids: set[int], now: datetime
) -> list[tuple[Any, Answer]]:
    """What of these, which answer requests, may leave; the rest is skipped or put off here."""
    told = []
    for each in answers.judge(db, [one for one in claimed.ids if one in ids], claimed.account, now):
        row = each.row
        if each.due is not None:
            also = times(each.due, now) | {"claimed_at": None}
            move(db, _REMINDERS, row.reminder_id, "postpone", also)
            if each.wants_code:
                want_polls(db, {row.shop_id}, now)
        elif each.answer is None:
            _skip(db, [row.reminder_id], each.reasons, now)
            _tell_of(db, row.shop_id, each.reasons, now)
        elif not _take_cap_of(db, row, now):
            _skip(db, [row.reminder_id], _CAPPED, now)
        else:
            if row.programme == asks.OPT_IN:
                opt_in.is_heard_again(db, row.shop_id, now)
            told.append((row, each.answer))
    return told


def _tell_of(db: Connection, shop_id: int, reasons: Sequence[Reason], now: datetime) -> None:
    """Leave the notices that belong to these reasons of a skip."""
    if Reason.NO_REPLIES in reasons:
        opt_in.tell_of_no_replies(db, shop_id, now)
    for reason in {Reason.CODE_GONE, Reason.CODE_UNKNOWN} & set(reasons):
        welcome.tell(db, shop_id, reason, now)


def _take_cap_of(db: Connection, row: Any, now: datetime) -> bool:
    """Take the cap of a text without a cart, where its programme has one; False: it is taken."""
    if row.programme == asks.OPT_IN:
        return take_opt_in(db, row.reminder_id, row.shop_id, row.phone, now)
    if row.programme == welcome.WELCOME:
        return welcome.take(db, row, now)
    return take_asked(db, row.reminder_id, row.shop_id, row.phone, row.programme, now)


def _read(db: Connection, ids: Sequence[int]) -> list[Any]:
    columns = [column for column in _CARTS.c if column.name not in ("raw", "client")]
    rows = db.execute(
        select(
            _REMINDERS.c.id.label("reminder_id"),
            _REMINDERS.c.latest_at,
            _REMINDERS.c.step,
            _SHOPS.c.double_opt_in,
            *columns,
        )
        .join(_CARTS, _CARTS.c.id == _REMINDERS.c.cart_id)
        .join(_SHOPS, _SHOPS.c.id == _REMINDERS.c.shop_id)
        .where(_REMINDERS.c.id.in_(ids), text("reminders.state = 'sending'"))
    ).all()
    place = {each: at for at, each in enumerate(ids)}
    return sorted(rows, key=lambda row: place[row.reminder_id])


def _waits(
    db: Connection,
    row: Any,
    shop: ShopRow,
    until: datetime,
    now: datetime,
    else_reason: Reason = Reason.TOO_LATE,
) -> bool:
    """Put a step off that may not leave before `until`; True when done.

    One that is stale by then is skipped, with that reason.
    """
    if until <= now:
        return False
    place = place_of(row, shop)
    at = next_decent(until, place.hours, place.zones, shop.any_hour)
    if at is None or at > row.latest_at:
        _skip(db, [row.reminder_id], [else_reason], now)
        return True
    also = {"due_at": at, "handed_out_at": None, "claimed_at": None}
    free_caps(db, [row.reminder_id])
    return move(db, _REMINDERS, row.reminder_id, "postpone", also)


def _put_off(db: Connection, row: Any, shop: ShopRow, run: Running, now: datetime) -> bool:
    """Put off or skip what may not leave now; True when done.

    That is what the shopper just changed, what no decent hour allows, what is stale. The
    new time is `timing`'s answer to the same question as when it was planned.
    """
    place, is_open = place_of(row, shop), row.state == CartState.OPEN
    if not is_open and may_leave(now, row.latest_at, place.hours, place.zones, shop.any_hour):
        return False
    due = due_of(row, shop, run.form, row.step, now)
    if isinstance(due, NotInTime) or not (is_open or now <= row.latest_at):
        reason = due.reason if isinstance(due, NotInTime) else Reason.TOO_LATE
        _skip(db, [row.reminder_id], [reason], now)
        return True
    free_caps(db, [row.reminder_id])
    also = times(due, now) | {"claimed_at": None}
    return move(db, _REMINDERS, row.reminder_id, "postpone", also)


def settle(db: Connection, outcomes: Sequence[Outcome], now: datetime) -> None:
    """Write down what came of the sends; a receipt that was faster is not overwritten."""
    for event in ("accept", "refuse", "lose_track", "postpone"):
        these = [outcome for outcome in outcomes if outcome.event == event]
        move_each(db, _REMINDERS, event, [_SETTLED[event](outcome, now) for outcome in these])
    for outcome in outcomes:
        if outcome.event == "skip" and outcome.reason is not None:
            _skip(db, [outcome.reminder_id], [outcome.reason], now)
    _keep_provider_ids(db, [each for each in outcomes if each.provider_id])
    unsent = [each.reminder_id for each in outcomes if each.event in ("refuse", "postpone")]
    free_caps(db, unsent)
    left = [each.reminder_id for each in outcomes if each.event in ("accept", "lose_track")]
    asks.end_answered(db, left, now)


def _accepted(outcome: Outcome, now: datetime) -> Mapping[str, Any]:
    row = {"id": outcome.reminder_id, "sent_at": outcome.at, "settled_at": now}
    return row | {"provider_id": outcome.provider_id}


def _ended(outcome: Outcome, now: datetime) -> Mapping[str, Any]:
    return {"id": outcome.reminder_id, "settled_at": now}


def _lost_track(outcome: Outcome, now: datetime) -> Mapping[str, Any]:
    # It may have left: for attribution and caps it counts from this moment.
    return {"id": outcome.reminder_id, "sent_at": outcome.at, "settled_at": now}


def _postponed(outcome: Outcome, now: datetime) -> Mapping[str, Any]:
    row = {"id": outcome.reminder_id, "due_at": outcome.retry_at, "handed_out_at": None}
    return row | {"claimed_at": None}


_SETTLED = {
    "accept": _accepted,
    "refuse": _ended,
    "lose_track": _lost_track,
    "postpone": _postponed,
}


def _keep_provider_ids(db: Connection, outcomes: Sequence[Outcome]) -> None:
    # A receipt may have moved the row before we could: it still learns the provider's id.
    if not outcomes:
        return
    change = (
        update(_REMINDERS)
        .where(_REMINDERS.c.id == bindparam("row_id"), _REMINDERS.c.provider_id.is_(None))
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
            *(_SHOPS.c[name] for name in ("account_id", "orders_known_until")),
            *(_SHOPS.c[name] for name in ("welcome_code", "code_read", "code_read_at")),
        )
        .join(_SHOPS, _SHOPS.c.id == _REMINDERS.c.shop_id)
        .where(text("reminders.state = 'scheduled'"), _REMINDERS.c.latest_at < now)
        .order_by(_REMINDERS.c.latest_at)
        .limit(most)
    ).all()
    for row in rows:
        reason = _why_stale(row, now)
        _skip(db, [row.id], [reason], now)
        _tell_of(db, row.shop_id, [reason], now)
    return len(rows)


def _why_stale(row: Any, now: datetime) -> Reason:
    if row.shop_state != "active":
        return Reason.SHOP_GONE
    if row.account_id is None:
        return Reason.NO_ACCOUNT
    if row.programme == welcome.WELCOME and row.attempts and not welcome.is_code_known(row, now):
        return Reason.CODE_UNKNOWN
    is_known = row.cart_id is None or are_orders_known(row, now)
    return Reason.TOO_LATE if is_known else Reason.ORDERS_UNKNOWN


def _skip(db: Connection, ids: Sequence[int], reasons: Sequence[Reason], now: datetime) -> None:
    also = {"reasons": written(reasons), "settled_at": now}
    skipped = move_all(db, _REMINDERS, ids, "skip", also)
    free_caps(db, skipped)
