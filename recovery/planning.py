"""From a cart left alone to a scheduled reminder.

The clock looks at an open cart when it may first matter (`first_look`). There the
exact answer is worked out once: abandoned now, or look again at that moment.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, text, update

from recovery import shops, states, tables, timing
from recovery.programmes import Step, programme_of
from recovery.reasons import Reason, written
from recovery.shops import ShopRow
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
        *("phone", "country", "region", "left_at", "look_at"),
    )
]


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
    looked = _looked_at(db, [row for row in rows if not _uncounted(row)], of, now)
    ripe = [(row, due) for row, due in looked if _look_at(row, of[row.shop_id], due) <= now]
    _look_later(db, [(row, _look_at(row, of[row.shop_id], due)) for row, due in looked], now)
    moved = states.move_all(
        db,
        _CARTS,
        [row.id for row, _ in ripe],
        "abandon",
        {"abandoned_at": now},
        only_if=_CARTS.c.look_at <= now,  # a change that came meanwhile has moved it on
    )
    plan(db, [(of[row.shop_id], row, due) for row, due in ripe if row.id in set(moved)], now)
    return len(rows)


def _looked_at(
    db: Connection, rows: Sequence[Any], of: Mapping[int, ShopRow], now: datetime
) -> list[tuple[Any, Due | NotInTime]]:
    """Each cart with the answer to its look. One that breaks the question holds up no other."""
    looked = []
    for row in rows:
        try:
            looked.append((row, first_due(row, of[row.shop_id], now)))
        except Exception as error:
            log.error("cart %s: %s when its reminder was planned", row.id, type(error).__name__)
            _park(db, [row])
    return looked


def first_due(cart: Any, shop: ShopRow, now: datetime) -> Due | NotInTime:
    """When the first step for this cart's row may leave, no sooner than `now`.

    One question for what is planned, planned anew, or put off right before it leaves.
    """
    step = programme_of(shop).steps[0]
    idle_until = timing.abandoned_at(cart.left_at, timedelta(seconds=shop.idle_seconds))
    place = place_of(cart, shop)
    return timing.first_step_due(
        cart.left_at,
        idle_until,
        timedelta(seconds=step.delay_seconds),
        place.hours,
        place.zones,
        any_hour=shop.any_hour,
        not_before=now,
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a shopper is, as far as sending hours go."""

    hours: Any
    zones: tuple[str, ...]


def place_of(cart: Any, shop: ShopRow) -> Place:
    """The sending hours and zones of the person behind a cart's row."""
    country = cart.country or shop.country
    return Place(
        timing.hours_of(cart.phone, country, cart.region, shop.country),
        timing.zones_of(cart.phone, country, cart.region, shop.timezone),
    )


def plan(
    db: Connection, carts: Sequence[tuple[ShopRow, Any, Due | NotInTime]], now: datetime
) -> None:
    """Add the reminders of these carts that they do not have yet; plan the others anew."""
    dues = {cart.id: due for _, cart, due in carts}
    held = select(_REMINDERS.c.cart_id).where(_REMINDERS.c.cart_id.in_(dues))
    again = {row.cart_id for row in db.execute(held)}
    fresh = [each for each in carts if each[1].id not in again]
    insert_new(db, _REMINDERS, [_row(shop, cart, due, now) for shop, cart, due in fresh])
    never = [cart.id for _, cart, due in fresh if isinstance(due, NotInTime)]
    _replan(db, dues, [*again, *never], now)


def replan(db: Connection, cart_ids: Iterable[int], now: datetime) -> None:
    """These carts changed: what was not sent yet is planned from the new time on.

    Not for carts that are over: what was called off for them stays so.
    """
    where = (_CARTS.c.id.in_(list(cart_ids)), text("carts.state = 'open'"))
    rows = db.execute(select(*_PLAN_COLUMNS).where(*where)).all()
    of = shops.all_by_id(db, list({row.shop_id for row in rows}))
    dues = {row.id: first_due(row, of[row.shop_id], now) for row in rows}
    _replan(db, dues, list(dues), now)


def replan_skipped(db: Connection, cart_ids: Iterable[int], now: datetime) -> None:
    """Somebody agreed, or asked, after all: what was skipped for these carts may be in time."""
    abandoned = text("carts.state = 'abandoned'")
    where = (_CARTS.c.id.in_(list(cart_ids)), abandoned)
    rows = db.execute(select(*_PLAN_COLUMNS).where(*where)).all()
    of = shops.all_by_id(db, list({row.shop_id for row in rows}))
    dues = {row.id: first_due(row, of[row.shop_id], now) for row in rows}
    in_time = {cart_id: due for cart_id, due in dues.items() if isinstance(due, Due)}
    _replan(db, dict(in_time), list(in_time), now, (states.ReminderState.SKIPPED,))


_UNSENT = (states.ReminderState.SCHEDULED, states.ReminderState.SKIPPED)


def _replan(
    db: Connection,
    dues: dict[int, Due | NotInTime],
    cart_ids: list[int],
    now: datetime,
    unsent: tuple[states.ReminderState, ...] = _UNSENT,
) -> None:
    where = (_REMINDERS.c.cart_id.in_(cart_ids), _REMINDERS.c.state.in_(unsent))
    for row in db.execute(select(_REMINDERS.c.id, _REMINDERS.c.cart_id).where(*where)).all():
        due = dues[row.cart_id]
        states.move(db, _REMINDERS, row.id, "plan_anew", times(due, now) | {"reasons": None})
        if isinstance(due, NotInTime):
            _skip_at_once(db, row.id, due.reason, now)


def _skip_at_once(db: Connection, reminder_id: int, reason: Reason, now: datetime) -> None:
    also = {"reasons": written([reason]), "settled_at": now}
    states.move(db, _REMINDERS, reminder_id, "skip", also)


def _row(shop: ShopRow, cart: Any, due: Due | NotInTime, now: datetime) -> dict[str, Any]:
    programme = programme_of(shop)
    step: Step = programme.steps[0]
    return {
        "shop_id": shop.id,
        "cart_id": cart.id,
        "programme": programme.name,
        "step": step.number,
        "channel": step.channel.value,
        "state": states.at_first(_REMINDERS),
        "attempts": 0,
        "created_at": now,
        **times(due, now),
    }


def times(due: Due | NotInTime, now: datetime) -> dict[str, Any]:
    """The columns in which a reminder keeps what `timing` said, not handed out yet."""
    if isinstance(due, NotInTime):
        return {"due_at": now, "latest_at": now, "late": False, "handed_out_at": None}
    return {"due_at": due.at, "latest_at": due.latest, "late": due.late, "handed_out_at": None}


def _uncounted(cart: Any) -> bool:
    return cart.bot is not None or cart.origin != "checkout" or cart.item_count == 0


def _park(db: Connection, carts: Sequence[Any]) -> None:
    # Looked at again only when a new snapshot sets a new time.
    ids = [cart.id for cart in carts]
    db.execute(update(_CARTS).where(_CARTS.c.id.in_(ids)).values(look_at=PARKED))


def _look_at(cart: Any, shop: ShopRow, due: Due | NotInTime) -> datetime:
    idle_until = timing.abandoned_at(cart.left_at, timedelta(seconds=shop.idle_seconds))
    return timing.look_at(idle_until, due)


def _look_later(db: Connection, looks: Sequence[tuple[Any, datetime]], now: datetime) -> None:
    for cart, moment in looks:
        if moment > now:
            db.execute(update(_CARTS).where(_CARTS.c.id == cart.id).values(look_at=moment))
