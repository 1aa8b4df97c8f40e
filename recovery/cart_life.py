"""What happened to one cart, in order, as far as rows tell: nothing is guessed.

A platform shows a cart as it stands: of several changes only the last one has a time. What is
not known is an event of its own ("unconfirmed": nobody knows whether it left).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from recovery import reasons, tables
from recovery.planner import aside
from recovery.states import BEFORE_THE_INSTALL, CartState, ReminderState

_CARTS, _REMINDERS, _ORDERS = tables.carts, tables.reminders, tables.orders
_MARKS = ("customer_key", "email", "phone")
MOST = 200  # rows of a kind that one life shows


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: `what` names it, `about` is the row that tells of it."""

    at: datetime
    what: str
    about: Any = None
    reasons: Sequence[reasons.Reason] = field(default=())


@dataclass(frozen=True, slots=True)
class Others:
    """Further carts and orders of the same person, where it is certain that it is the same."""

    carts: Sequence[Any] = ()
    orders: Sequence[Any] = ()


def cart_of(db: Connection, shop_id: int, cart_id: int) -> Any | None:
    """The cart's row, or None: it is not that shop's."""
    mine = (_CARTS.c.id == cart_id, _CARTS.c.shop_id == shop_id)
    return db.execute(select(_CARTS).where(*mine)).first()


def is_nobodys(cart: Any) -> bool:
    """Whether the row names nobody: its person was erased, or never left a name."""
    return not any(getattr(cart, name) for name in (*_MARKS, "first_name", "phone_raw"))


def of_cart(db: Connection, cart: Any) -> list[Event]:
    """All that is known of it, in the order in which it happened."""
    mine = _REMINDERS.c.cart_id == cart.id
    reminders = db.execute(select(_REMINDERS).where(mine).limit(MOST)).all()
    ids = [row.id for row in reminders]
    found = [*_of_the_cart(cart)]
    for row in reminders:
        found += _of_a_reminder(row)
    found += _of(db, tables.clicks, tables.clicks.c.reminder_id.in_(ids), "clicked")
    found += _of(db, tables.replies, tables.replies.c.reminder_id.in_(ids), "answered")
    left = tables.leaving_reasons
    found += _of(db, left, left.c.cart_id == cart.id, "told_why")
    found += _offered(db, cart.id)
    found += _ordered(db, cart.id)
    found += _said(db, cart)
    place = {"seen": 0, "changed": 1, "abandoned": 2, "planned": 3}
    return sorted(found, key=lambda each: (each.at, place.get(each.what, 9)))


def latest_of(db: Connection, carts: Sequence[Any]) -> Mapping[int, Event]:
    """By cart, the last thing that happened to each of these rows, in three reads."""
    ids = [cart.id for cart in carts]
    found = {cart.id: list(_of_the_cart(cart)) for cart in carts}
    names = ("id", "cart_id", "state", "reasons", "channel", "programme", "step", "created_at")
    columns = [_REMINDERS.c[name] for name in (*names, "sent_at", "settled_at", "due_at")]
    for row in db.execute(select(*columns).where(_REMINDERS.c.cart_id.in_(ids))):
        found[row.cart_id] += _of_a_reminder(row)
    for row in db.execute(select(*_OF_AN_ORDER).where(_ORDERS.c.cart_id.in_(ids))):
        found[row.cart_id].append(Event(row.placed_at, "ordered", row))
    return {number: max(events, key=lambda each: each.at) for number, events in found.items()}


def others_of(db: Connection, cart: Any, most: int = 20) -> Others:
    """The same customer's; of a guest, what bears the same e-mail. A shared phone is not enough."""
    if cart.customer_key:
        name = "customer_key"
    elif cart.email:
        name = "email"
    else:
        return Others()
    value = getattr(cart, name)
    here = aside(_CARTS.c.shop_id) == cart.shop_id
    mine = (_CARTS.c[name] == value, here, _CARTS.c.id != cart.id)
    wanted = ("id", "created_at", "state", "total", "currency")
    columns = [_CARTS.c[each] for each in wanted]
    newest = select(*columns).where(*mine).order_by(_CARTS.c.created_at.desc()).limit(most)
    theirs = (_ORDERS.c[name] == value, _ORDERS.c.shop_id == cart.shop_id)
    placed = select(*_OF_AN_ORDER).where(*theirs).order_by(_ORDERS.c.placed_at.desc())
    return Others(db.execute(newest).all(), db.execute(placed.limit(most)).all())


def said_by(db: Connection, cart: Any) -> Sequence[Any]:
    """What was agreed to or refused at this cart's addresses, newest first: rows of `consents`."""
    consents = tables.consents
    theirs = _addresses(consents, cart)
    if theirs is None:
        return ()
    asked = select(consents).where(theirs).order_by(consents.c.at.desc(), consents.c.id.desc())
    return db.execute(asked.limit(MOST)).all()


def stops_of(db: Connection, cart: Any) -> Sequence[Any]:
    """The stops that stand at this cart's addresses: rows of `suppressions`."""
    stops = tables.suppressions
    theirs = _addresses(stops, cart)
    if theirs is None:
        return ()
    return db.execute(select(stops).where(theirs, stops.c.lifted_at.is_(None))).all()


_OF_AN_ORDER = [
    _ORDERS.c[name]
    for name in (
        *("id", "cart_id", "name", "key", "total", "currency", "placed_at", "cancelled_at"),
        *("reminder_id", "credited_by", "refunded"),
    )
]
_ENDED = {
    ReminderState.DELIVERED.value: "delivered",
    ReminderState.UNDELIVERED.value: "undelivered",
    ReminderState.SKIPPED.value: "skipped",
    ReminderState.FAILED.value: "refused",
    ReminderState.UNCONFIRMED.value: "unconfirmed",
}


def _of_the_cart(cart: Any) -> Iterator[Event]:
    yield Event(cart.created_at, "seen", cart)
    if cart.changed_at > cart.created_at:
        yield Event(cart.changed_at, "changed", cart)
    if cart.abandoned_at is not None:
        yield Event(cart.abandoned_at, "abandoned", cart)
    if cart.silenced_at is not None:
        yield Event(cart.silenced_at, "silenced", cart)
    if cart.state == CartState.EXPIRED:
        what = "from_before" if cart.ended_because == BEFORE_THE_INSTALL else "expired"
        yield Event(max(cart.changed_at, cart.abandoned_at or cart.changed_at), what, cart)


def _of_a_reminder(row: Any) -> Iterator[Event]:
    yield Event(row.created_at, "planned", row)
    if row.sent_at is not None and row.state != ReminderState.UNCONFIRMED:
        yield Event(row.sent_at, "sent", row)
    ended = _ENDED.get(row.state)
    if ended is not None:
        at = row.settled_at or row.sent_at or row.created_at
        yield Event(at, ended, row, reasons.read(row.reasons))


def _of(db: Connection, table: Any, which: Any, what: str) -> list[Event]:
    rows = db.execute(select(table).where(which).order_by(table.c.at).limit(MOST))
    return [Event(row.at, what, row) for row in rows]


def _offered(db: Connection, cart_id: int) -> Iterator[Event]:
    offers = tables.offers
    given = (offers.c.cart_id == cart_id, offers.c.gift != "none")
    for row in db.execute(select(offers).where(*given).limit(MOST)):
        yield Event(row.decided_at, "offered", row)
        if row.used_at is not None:
            yield Event(row.used_at, "used", row)


def _ordered(db: Connection, cart_id: int) -> Iterator[Event]:
    orders = db.execute(select(*_OF_AN_ORDER).where(_ORDERS.c.cart_id == cart_id)).all()
    for row in orders:
        yield Event(row.placed_at, "ordered", row)
        if row.reminder_id is not None:
            yield Event(row.placed_at, "credited", row)
        if row.cancelled_at is not None:
            yield Event(row.cancelled_at, "cancelled", row)
    refunds = tables.refunds
    keys = [row.key for row in orders]
    shop = select(_CARTS.c.shop_id).where(_CARTS.c.id == cart_id).scalar_subquery()
    mine = (refunds.c.shop_id == shop, refunds.c.order_key.in_(keys))
    for row in db.execute(select(refunds).where(*mine)) if keys else ():
        yield Event(row.at, "refunded", row)


def _said(db: Connection, cart: Any) -> Iterator[Event]:
    for row in said_by(db, cart):
        if row.at >= cart.created_at:
            yield Event(row.at, "agreed" if row.granted else "declined", row)


def _addresses(table: Any, cart: Any) -> Any | None:
    by: Iterable[tuple[str, str | None]] = (("sms", cart.phone), ("email", cart.email))
    theirs = [and_(table.c.channel == name, table.c.address == at) for name, at in by if at]
    return and_(table.c.shop_id == cart.shop_id, or_(*theirs)) if theirs else None
