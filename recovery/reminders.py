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
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, text, update

from recovery import (
    accounts,
    answers,
    arm_rows,
    asks,
    confirming,
    fallbacks,
    opt_in,
    own_answers,
    planning,
    programmes,
    segments,
    shops,
    spacing,
    step_offers,
    tables,
    welcome,
)
from recovery.accounts import AccountRow
from recovery.answer_texts import Answer
from recovery.caps import free_caps, free_from, take_asked, take_caps, take_opt_in
from recovery.eligibility import Known, look_up, reasons_not_to_send
from recovery.handing_out import account_of, are_orders_known, give_back
from recovery.letters import Letter, write_letters
from recovery.offer_rows import Promised, Verdict, Wait
from recovery.programmes import CART, Running
from recovery.reasons import Reason
from recovery.reply_steps import REPLY
from recovery.reward_rows import REWARD
from recovery.settling import Outcome, lose_track_of_the_dead, settle, skip, skip_stale, tell_of
from recovery.shops import ShopRow
from recovery.states import CartState, move, move_all
from recovery.step_times import due_on, is_any_hour, place_of, starts_at, times
from recovery.survey_rules import OUTSIDE_CAPS
from recovery.timing import Due, NotInTime, marketing_due, may_leave, next_decent

__all__ = [
    "Claim",
    "Outcome",
    "claim",
    "examine",
    "lose_track_of_the_dead",
    "settle",
    "skip_stale",
    "want_polls",
]

_REMINDERS = tables.reminders
_CARTS = tables.carts
_SHOPS = tables.shops

_CAPPED = (Reason.CAPPED,)
_GONE = Reason.NOT_IN_PROGRAMME


@dataclass(frozen=True, slots=True)
class Claim:
    """Reminders that are now ours alone to send, by this account."""

    account: AccountRow
    ids: tuple[int, ...]


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
            account_of(account.channel).label("account_id"),
        )
        .join(_SHOPS, _SHOPS.c.id == _REMINDERS.c.shop_id)
        .where(
            _REMINDERS.c.id.in_(ids),
            _REMINDERS.c.channel == account.channel,
            text("reminders.state = 'scheduled'"),
        )
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
    return ready, [each for each in ids if each not in set(ready)]


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
    arms, runs = _runs(db, rows, of, now)
    known = look_up(db, rows, now)
    waits = spacing.earliest(db, rows, runs, now)
    others = segments.reasons(db, rows, of, runs, known, now)
    other_channel, waiting = fallbacks.against(db, rows, runs)
    waits |= {reminder_id: now + span for reminder_id, span in waiting.items()}
    leaving, promises = [], {}
    for row in rows:
        shop, run = of[row.shop_id], runs[row.reminder_id]
        reasons = reasons_not_to_send(row, shop, known) + others.get(row.reminder_id, [])
        reasons += _reasons_of_step(row, known, other_channel, reasons)
        if not reasons and row.programme == CART and arms.get(row.id) == arm_rows.HELD_OUT:
            reasons = [Reason.HELD_OUT]
        if reasons:
            skip(db, [row.reminder_id], reasons, now)
        elif not _waits(db, row, shop, waits.get(row.reminder_id, now), now) and not _put_off(
            db, row, shop, run, now
        ):
            told = step_offers.ask(db, row, shop, run, now)
            if isinstance(told, Promised):
                promises[row.reminder_id] = told
            if not _lacks_its_code(db, row, shop, told, now):
                leaving.append((row, shop))
    _follow_the_gone(db, rows, other_channel, now)
    leaving = _within_caps(db, leaving, now)
    answered = _answers(db, claimed, set(claimed.ids) - {row.reminder_id for row in rows}, now)
    letters = write_letters(
        db,
        leaving,
        claimed.account,
        links_at,
        now,
        leave_by=known.reach.kept,
        answers=answered,
        runs=runs,
        promises=promises,
    )
    letters += confirming.write(db, claimed.account, claimed.ids, links_at, now)
    letters += own_answers.write(db, claimed.account, claimed.ids, now)
    place = {each: at for at, each in enumerate(claimed.ids)}
    letters.sort(key=lambda letter: place[letter.reminder_id])
    return letters


def _follow_the_gone(
    db: Connection, rows: Sequence[Any], other_channel: Mapping[int, Reason], now: datetime
) -> None:
    """A step that is gone from this channel may be there on another."""
    gone = {row.id for row in rows if other_channel.get(row.reminder_id) is _GONE}
    planning.follow(db, gone, now)


def _reasons_of_step(
    row: Any, known: Known, other_channel: Mapping[int, Reason], reasons: Sequence[Reason]
) -> list[Reason]:
    """What the step's other channel, or the programme of now, has against it, beside `reasons`."""
    is_stopped = fallbacks.is_stopped(row, known.reach.stops) and Reason.STOPPED not in reasons
    found = [Reason.STOPPED] if is_stopped else []
    against = other_channel.get(row.reminder_id)
    return found if against is None else [*found, against]


def _lacks_its_code(db: Connection, row: Any, shop: ShopRow, told: Verdict, now: datetime) -> bool:
    """Put off what waits for its code, skip what only tells of one that is gone; True when done."""
    if isinstance(told, Wait):
        return _waits(db, row, shop, told.until, now, Reason.CODE_UNKNOWN)
    if row.programme == REWARD and not isinstance(told, Promised):
        skip(db, [row.reminder_id], [Reason.CODE_GONE], now)
        return True
    return False


def _runs(
    db: Connection, rows: Sequence[Any], of: Mapping[int, ShopRow], now: datetime
) -> tuple[dict[int, str], dict[int, Running]]:
    """The arms of these carts' people; and by reminder, its programme as it is for that arm."""
    runs = programmes.running(db, of) if of else {}
    arms = arm_rows.keep(db, rows, of, runs, CART, now)
    mine = {
        row.reminder_id: runs[row.shop_id].in_arm(arms.get(row.id))
        if row.programme == CART
        else programmes.ALONE
        for row in rows
    }
    return arms, mine


def _within_caps(
    db: Connection, leaving: Sequence[tuple[Any, ShopRow]], now: datetime
) -> list[tuple[Any, ShopRow]]:
    """Take the caps of these; a first step that finds them taken is skipped, a later one waits."""
    counted = [row.reminder_id for row, _ in leaving if _is_capped(row, now)]
    free = {row.reminder_id for row, _ in leaving} - set(counted)
    kept = take_caps(db, counted, now) | free  # what was promised, or answers a reply
    capped = [(row, shop) for row, shop in leaving if row.reminder_id not in kept]
    until = free_from(db, [row.reminder_id for row, _ in capped if row.step > 1])
    for row, shop in capped:
        free_at = until.get(row.reminder_id)
        if free_at is None or not _waits(db, row, shop, free_at, now, Reason.CAPPED):
            skip(db, [row.reminder_id], _CAPPED, now)
    return [(row, shop) for row, shop in leaving if row.reminder_id in kept]


def _is_capped(row: Any, now: datetime) -> bool:
    """Whether the caps count it: not what was promised, nor what answers a reply of this day."""
    if row.programme == REPLY:
        return bool(now > row.planned_at + OUTSIDE_CAPS)
    return bool(row.programme == CART)


def _answers(
    db: Connection, claimed: Claim, ids: set[int], now: datetime
) -> list[tuple[Any, Answer]]:
    """What of these, which answer requests, may leave; the rest is skipped or put off here."""
    told: list[tuple[Any, Answer]] = []
    if not ids:
        return told
    for each in answers.judge(db, [one for one in claimed.ids if one in ids], claimed.account, now):
        row = each.row
        if each.due is not None:
            also = times(each.due, now) | {"claimed_at": None}
            move(db, _REMINDERS, row.reminder_id, "postpone", also)
            if each.wants_code:
                want_polls(db, {row.shop_id}, now)
        elif each.answer is None:
            skip(db, [row.reminder_id], each.reasons, now)
            tell_of(db, row.shop_id, each.reasons, now)
        elif not _take_cap_of(db, row, now):
            skip(db, [row.reminder_id], _CAPPED, now)
        else:
            if row.programme == asks.OPT_IN:
                opt_in.is_heard_again(db, row.shop_id, now)
            told.append((row, each.answer))
    return told


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
            *(_REMINDERS.c[name] for name in _OF_THE_REMINDER),
            _REMINDERS.c.created_at.label("planned_at"),
            _SHOPS.c.double_opt_in,
            *columns,
        )
        .join(_CARTS, _CARTS.c.id == _REMINDERS.c.cart_id)
        .join(_SHOPS, _SHOPS.c.id == _REMINDERS.c.shop_id)
        .where(_REMINDERS.c.id.in_(ids), text("reminders.state = 'sending'"))
    ).all()
    place = {each: at for at, each in enumerate(ids)}
    return sorted(rows, key=lambda row: place[row.reminder_id])


_OF_THE_REMINDER = (
    *("latest_at", "programme", "step", "channel", "fallback_of", "words", "offer_id"),
    "rich",
)


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
    at = next_decent(until, place.hours, place.zones, is_any_hour(shop, row.channel))
    if at is None or at > row.latest_at:
        skip(db, [row.reminder_id], [else_reason], now)
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
    any_hour = is_any_hour(shop, row.channel)
    if not is_open and may_leave(now, row.latest_at, place.hours, place.zones, any_hour):
        return False
    due = _due_again(row, shop, run, now)
    if isinstance(due, NotInTime) or not (is_open or now <= row.latest_at):
        reason = due.reason if isinstance(due, NotInTime) else Reason.TOO_LATE
        skip(db, [row.reminder_id], [reason], now)
        return True
    free_caps(db, [row.reminder_id])
    also = times(due, now) | {"claimed_at": None}
    return move(db, _REMINDERS, row.reminder_id, "postpone", also)


def _due_again(row: Any, shop: ShopRow, run: Running, now: datetime) -> Due | NotInTime:
    if row.programme == CART:
        return due_on(row, shop, run.form, row.step, row.channel, now)
    place, any_hour = place_of(row, shop), is_any_hour(shop, row.channel)
    since = starts_at(row, shop) if row.state == CartState.OPEN else now
    return marketing_due(
        since, row.latest_at, place.hours, place.zones, any_hour=any_hour, not_before=now
    )
