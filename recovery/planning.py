"""From a cart left alone to a scheduled reminder.

The clock looks at an open cart when it may first matter (`first_look`). There the
exact answer is worked out once: abandoned now, or look again at that moment.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, or_, select, text, true, update

from recovery import arm_rows, eligibility, fallbacks, programmes, shops, states, tables, timing
from recovery.model import Channel
from recovery.programme_form import Step
from recovery.programmes import CART, Running
from recovery.reasons import Reason, written
from recovery.shops import ShopRow
from recovery.step_times import due_on, dues, starts_at, times
from recovery.timing import Due, NotInTime
from recovery.upserts import insert_new

log = logging.getLogger(__name__)

_CARTS = tables.carts
_REMINDERS = tables.reminders
#: The look at a cart that nobody waits for, until a new snapshot sets another.
PARKED = datetime(9999, 1, 1, tzinfo=UTC)
_PLAN_COLUMNS = [
    _CARTS.c[name]
    for name in (
        *("id", "shop_id", "state", "origin", "bot", "item_count"),
        *("customer_key", "email", "phone", "country", "region"),
        *("left_at", "look_at", "total", "currency"),
    )
]


Dues = dict[int, Due | NotInTime]


@dataclass(frozen=True, slots=True)
class Planned:
    """A cart's row, what runs for it at its shop, and when each step may leave."""

    shop: ShopRow
    cart: Any
    run: Running  # as it is for the arm of the cart's person
    dues: Dues
    arm: str | None = None


def first_look(left_at: datetime, idle_seconds: int) -> datetime:
    """When an open cart is first looked at: idle, or 15 minutes, whichever is sooner.

    A reminder that would fall after closing time may be brought forward to a cart
    that is idle for 15 minutes, so the clock must not sleep through that moment.
    """
    return left_at + min(timedelta(seconds=idle_seconds), timing.LEAST_IDLE)


def is_one_to_look_at(db: Connection, now: datetime) -> bool:
    """Whether `abandon_idle` would find anything; a read, so that no writer is kept waiting."""
    ripe = select(_CARTS.c.id).where(text("carts.state = 'open'"), _CARTS.c.look_at <= now)
    return db.execute(ripe.limit(1)).first() is not None


def abandon_idle(db: Connection, now: datetime, most: int = 500) -> int:
    """Look at the open carts whose moment has come, at most so many; how many were looked at.

    Those left alone long enough become abandoned and get their reminders. Carts of
    programs, of the shop's staff, and empty ones are left lying without any.
    """
    rows = db.execute(
        select(*_PLAN_COLUMNS)
        .where(text("carts.state = 'open'"), _CARTS.c.look_at <= now)
        .order_by(_CARTS.c.look_at)
        .limit(most)
    ).all()
    of = shops.all_by_id(db, list({row.shop_id for row in rows}))
    _park(db, [row for row in rows if _uncounted(row)])
    runs = programmes.running(db, of)
    counted = [row for row in rows if not _uncounted(row)]
    arms = arm_rows.foretold(db, counted, of, runs, CART)
    looked, broken = _looked_at(counted, of, runs, arms, now)
    _park(db, broken)
    ripe = [each for each in looked if _look_at(each) <= now]
    _look_later(db, [(each.cart, _look_at(each)) for each in looked], now)
    moved = states.move_all(
        db,
        _CARTS,
        [each.cart.id for each in ripe],
        "abandon",
        {"abandoned_at": now},
        only_if=_CARTS.c.look_at <= now,  # a change that came meanwhile has moved it on
    )
    mine = set(moved)
    carts = [each for each in ripe if each.cart.id in mine]
    kept = arm_rows.keep(db, [each.cart for each in carts], of, runs, CART, now)
    plan(db, [_as_kept(each, kept, runs, now) for each in carts], now)
    return len(rows)


def _as_kept(
    each: Planned, kept: Mapping[int, str], runs: Mapping[int, Running], now: datetime
) -> Planned:
    """The cart by the arm its person is in, also where another process drew it meanwhile."""
    arm = kept.get(each.cart.id)
    if arm == each.arm:
        return each
    return _answered(each.cart, each.shop, runs[each.shop.id], arm, now)


def _looked_at(
    rows: Sequence[Any],
    of: Mapping[int, ShopRow],
    runs: Mapping[int, Running],
    arms: Mapping[int, str],
    now: datetime,
) -> tuple[list[Planned], list[Any]]:
    """Each cart with the answers to its look, and those that break the question.

    One that does holds up no other.
    """
    looked: list[Planned] = []
    broken = []
    for row in rows:
        try:
            looked.append(_answered(row, of[row.shop_id], runs[row.shop_id], arms.get(row.id), now))
        except Exception as error:
            log.error("cart %s: %s when its reminder was planned", row.id, type(error).__name__)
            broken.append(row)
    return looked, broken


def plan(db: Connection, carts: Sequence[Planned], now: datetime) -> None:
    """Add the reminders of these carts that they do not have yet; plan the others anew."""
    carts = _by_other_channel(db, carts, now)
    by_id = {each.cart.id: each for each in carts}
    again = _add_missing(db, carts, now)
    never = [each.cart.id for each in carts if _is_any_never(each)]
    _replan(db, by_id, {*again, *never}, now)


def replan(db: Connection, cart_ids: Iterable[int], now: datetime) -> None:
    """These carts changed: what was not sent yet is planned from the new time on.

    Not for carts that are over: what was called off for them stays so.
    """
    found = _planned(db, cart_ids, "open", now)
    _replan(db, found, set(found), now)


def replan_skipped(db: Connection, cart_ids: Iterable[int], now: datetime) -> None:
    """Somebody agreed, or asked, after all: what was skipped for these carts may be in time."""
    found = _planned(db, cart_ids, "abandoned", now)
    _replan(db, found, set(found), now, _SKIPPED, only_in_time=True)


def follow_versions(db: Connection, now: datetime, most: int = 500) -> int:
    """Plan anew what is scheduled by an older version of its programme; how many reminders.

    What is claimed, or over, stays as it is.
    """
    done = 0
    for programme in programmes.changed(db):
        rows = _of_older_versions(db, programme, most)
        follow(db, {row.cart_id for row in rows}, now)
        done += len(rows)
        if len(rows) < most:
            programmes.followed(db, programme)
    return done


def follow(db: Connection, cart_ids: Collection[int], now: datetime) -> None:
    """Plan what is scheduled for these carts, or what they lack, by the programme of now."""
    if cart_ids:
        carts = _planned(db, cart_ids, "abandoned", now) | _planned(db, cart_ids, "open", now)
        _add_missing(db, list(carts.values()), now)
        _replan(db, carts, set(carts), now, _SCHEDULED)


def _of_older_versions(db: Connection, programme: Any, most: int) -> list[Any]:
    newest = or_(_REMINDERS.c.version_id.is_(None), _REMINDERS.c.version_id != programme.version_id)
    if not programme.is_on:
        newest = true()
    mine = (_REMINDERS.c.shop_id == programme.shop_id, _REMINDERS.c.programme == programme.name)
    found: list[Any] = []
    for is_out in ("IS NULL", "IS NOT NULL"):  # each has an index of its own
        state = text(f"reminders.state = 'scheduled' AND reminders.handed_out_at {is_out}")
        asked = select(_REMINDERS.c.id, _REMINDERS.c.cart_id).where(*mine, state, newest)
        found += db.execute(asked.limit(most)).all()
    return found


def _planned(
    db: Connection, cart_ids: Iterable[int], state: str, now: datetime
) -> dict[int, Planned]:
    """Of these carts, those in that state, with what their programme says now."""
    in_state = text("carts.state = :state").bindparams(state=state)
    where = (_CARTS.c.id.in_(list(cart_ids)), in_state)
    rows = db.execute(select(*_PLAN_COLUMNS).where(*where)).all()
    of = shops.all_by_id(db, list({row.shop_id for row in rows}))
    runs = programmes.running(db, of) if of else {}
    # Whose reminders are there is planned by an arm from now on: it is drawn, and stays.
    if state == "abandoned":
        arms = arm_rows.keep(db, rows, of, runs, CART, now)
    else:
        arms = arm_rows.foretold(db, rows, of, runs, CART)
    found = [
        _answered(row, of[row.shop_id], runs[row.shop_id], arms.get(row.id), now) for row in rows
    ]
    return {each.cart.id: each for each in _by_other_channel(db, found, now)}


def _answered(cart: Any, shop: ShopRow, run: Running, arm: str | None, now: datetime) -> Planned:
    mine = run.in_arm(arm)
    return Planned(shop, cart, mine, dues(cart, shop, mine.form, now), arm)


def _by_other_channel(db: Connection, carts: Sequence[Planned], now: datetime) -> list[Planned]:
    """Where a step cannot leave by text in time, and may by e-mail: not by text.

    A text that would be late is the last resort, for whom no e-mail may be sent to. Steps
    whose channel the shop has no account for go by the other one, too.
    """
    held_up = [each for each in carts if _held_up(each)]
    mailable = eligibility.may_be_mailed(db, [(each.cart, each.shop) for each in held_up], now)
    instead = {
        each.cart.id: each.dues | _never_by_text(each, each.cart.id in mailable) for each in held_up
    }
    return [replace(each, dues=instead.get(each.cart.id, each.dues)) for each in carts]


def _held_up(planned: Planned) -> list[Step]:
    return [
        step
        for step in planned.run.form.steps
        if step.fallback is not None
        and (
            not _has_account(planned.shop, step.channel)
            or getattr(planned.dues[step.number], "late", False)
        )
    ]


def _never_by_text(planned: Planned, may_be_mailed: bool) -> Dues:
    found: Dues = {}
    for step in _held_up(planned):
        if not _has_account(planned.shop, step.channel):
            found[step.number] = NotInTime(Reason.NO_ACCOUNT)
        elif may_be_mailed:
            found[step.number] = NotInTime(Reason.NO_DECENT_HOUR)
    return found


def _has_account(shop: ShopRow, channel: Channel) -> bool:
    account = shop.email_account_id if channel is Channel.EMAIL else shop.account_id
    return account is not None


_SCHEDULED = (states.ReminderState.SCHEDULED,)
_SKIPPED = (states.ReminderState.SKIPPED,)
_UNSENT = (*_SCHEDULED, *_SKIPPED)
#: It left, or was refused. What is being sent may come back, to be left to another channel.
_OVER = states.FINAL - {states.ReminderState.SKIPPED}


def _replan(
    db: Connection,
    carts: Mapping[int, Planned],
    cart_ids: Iterable[int],
    now: datetime,
    unsent: tuple[states.ReminderState, ...] = _UNSENT,
    only_in_time: bool = False,
) -> None:
    where = (
        _REMINDERS.c.cart_id.in_(list(cart_ids)),
        _REMINDERS.c.programme == CART,
        _REMINDERS.c.state.in_(unsent),
        # What the person answered took their place, also when the cart changes after.
        _REMINDERS.c.reasons.is_distinct_from(written([Reason.ANSWERED])),
    )
    columns = [_REMINDERS.c[name] for name in ("id", "cart_id", "step", "channel", "fallback_of")]
    rows = db.execute(select(*columns).where(*where)).all()
    own = {(row.cart_id, row.step) for row in rows if row.fallback_of is None}
    unreachable = []
    for row in sorted(rows, key=lambda row: row.fallback_of is None):  # the second channel first
        planned = carts[row.cart_id]
        if row.fallback_of is not None and (row.cart_id, row.step) in own:
            fallbacks.skip(db, row.id, Reason.OWN_CHANNEL_FIRST, now)
            continue
        due = _due_of(planned, row, now)
        if only_in_time and isinstance(due, NotInTime):
            continue
        also = times(due, now) | {"reasons": None, "version_id": planned.run.version_id}
        states.move(db, _REMINDERS, row.id, "plan_anew", also | {"arm": planned.arm})
        if isinstance(due, NotInTime):
            _skip_at_once(db, row.id, due.reason, now)
            unreachable += [row.id] if fallbacks.is_unreachable([due.reason]) else []
    fallbacks.plan(db, unreachable, now)


def _due_of(planned: Planned, row: Any, now: datetime) -> Due | NotInTime:
    step = planned.run.step(row.step)
    if step is not None and step.channel == row.channel:
        return planned.dues[row.step]
    return due_on(planned.cart, planned.shop, planned.run.form, row.step, row.channel, now)


def _skip_at_once(db: Connection, reminder_id: int, reason: Reason, now: datetime) -> None:
    also = {"reasons": written([reason]), "settled_at": now}
    states.move(db, _REMINDERS, reminder_id, "skip", also)


def _add_missing(db: Connection, carts: Sequence[Planned], now: datetime) -> set[int]:
    """Add the steps that these carts lack; which of the carts had reminders before.

    Not a step that is over on another channel, which an older version or another variant
    gave it; nor any to a cart whose person answered: that took the place of what was to come.
    """
    columns = [_REMINDERS.c[name] for name in ("cart_id", "programme", "step", "state", "reasons")]
    mine = _REMINDERS.c.cart_id.in_([each.cart.id for each in carts])
    held = db.execute(select(*columns).where(mine)).all()
    of_carts = [row for row in held if row.programme == CART]
    over = {(row.cart_id, row.step) for row in of_carts if row.state in _OVER}
    answered = {row.cart_id for row in of_carts if row.reasons == written([Reason.ANSWERED])}
    missing = [
        row
        for each in carts
        if each.cart.id not in answered
        for row in _rows(each, now)
        if (each.cart.id, row["step"]) not in over
    ]
    insert_new(db, _REMINDERS, missing)
    return {row.cart_id for row in held}


def _is_any_never(planned: Planned) -> bool:
    return any(isinstance(due, NotInTime) for due in planned.dues.values())


def _rows(planned: Planned, now: datetime) -> Iterator[dict[str, Any]]:
    for step in planned.run.form.steps:
        yield {
            "shop_id": planned.shop.id,
            "cart_id": planned.cart.id,
            "programme": planned.run.name,
            "version_id": planned.run.version_id,
            "step": step.number,
            "channel": step.channel.value,
            "state": states.at_first(_REMINDERS),
            "attempts": 0,
            "created_at": now,
            "arm": planned.arm,
            **times(planned.dues[step.number], now),
        }


def _uncounted(cart: Any) -> bool:
    return cart.bot is not None or cart.origin != "checkout" or cart.item_count == 0


def _park(db: Connection, carts: Sequence[Any]) -> None:
    # Looked at again only when a new snapshot sets a new time.
    ids = [cart.id for cart in carts]
    db.execute(update(_CARTS).where(_CARTS.c.id.in_(ids)).values(look_at=PARKED))


def _look_at(planned: Planned) -> datetime:
    idle_until = starts_at(planned.cart, planned.shop)
    first = planned.dues.get(1)
    return idle_until if first is None else timing.look_at(idle_until, first)


def _look_later(db: Connection, looks: Sequence[tuple[Any, datetime]], now: datetime) -> None:
    for cart, moment in looks:
        if moment > now:
            db.execute(update(_CARTS).where(_CARTS.c.id == cart.id).values(look_at=moment))
