"""Which reminder earned an order: a fact written once, in the order's own transaction.

An order is credited to the last reminder that left for its own cart, or whose link
the same person opened, within `WINDOW` before the order. Credit is not proof of
effect: that needs a holdout beside it. A text that answers a request has no cart, and
is credited with nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, or_, select, update

from recovery import people, tables
from recovery.people import Marks
from recovery.states import ReminderState

WINDOW = timedelta(days=7)
_LEFT = (ReminderState.SENT, ReminderState.DELIVERED, ReminderState.UNCONFIRMED)


def credit(
    db: Connection, order_id: int, own_carts: list[int], marks: Marks, placed_at: datetime
) -> None:
    """Note on the order the reminder that earned it, and the cart it came from; once."""
    orders = tables.orders
    if own_carts:
        db.execute(
            update(orders)
            .where(orders.c.id == order_id, orders.c.cart_id.is_(None))
            .values(cart_id=own_carts[0])
        )
    earned = _last_reminder(db, order_id, own_carts, marks, placed_at)
    if earned is not None:
        db.execute(
            update(orders)
            .where(orders.c.id == order_id, orders.c.reminder_id.is_(None))
            .values(reminder_id=earned)
        )


def _last_reminder(
    db: Connection, order_id: int, own_carts: list[int], marks: Marks, placed_at: datetime
) -> int | None:
    carts, links, reminders = tables.carts, tables.links, tables.reminders
    shop_id = select(tables.orders.c.shop_id).where(tables.orders.c.id == order_id)
    clicked = (
        select(links.c.reminder_id)
        .join(carts, carts.c.id == links.c.cart_id)
        .where(
            links.c.first_clicked_at <= placed_at,
            people.same_person(carts, db.execute(shop_id).scalar_one(), marks),
        )
    )
    row = db.execute(
        select(reminders.c.id)
        .where(
            reminders.c.state.in_(_LEFT),
            reminders.c.sent_at.between(placed_at - WINDOW, placed_at),
            or_(reminders.c.cart_id.in_(own_carts), reminders.c.id.in_(clicked)),
        )
        .order_by(reminders.c.sent_at.desc())
        .limit(1)
    ).first()
    return None if row is None else int(row.id)
