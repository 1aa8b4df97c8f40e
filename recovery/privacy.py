"""What the law lets a person and a shop ask: what is held, and that it be forgotten.

Erasing keeps the rows that figures are counted from, without anything that names
anybody. A suppression stays: without it the next text would break the stop.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, select, update

from recovery import notices, order_intake, people, tables
from recovery.model import PrivacyRequest
from recovery.people import Marks
from recovery.reasons import Reason
from recovery.shops import ShopRow

_NAMELESS: dict[Table, dict[str, Any]] = {
    tables.carts: {
        "customer_key": None,
        "email": None,
        "phone": None,
        "phone_raw": None,
        "first_name": None,
        "client": None,
        "way_back": None,
        "raw": "",
    },
    tables.orders: {"customer_key": None, "email": None, "phone": None, "raw": ""},
}
_OF_A_REMINDER = {"recipient": None, "text": None}


def answer(db: Connection, shop: ShopRow, request: PrivacyRequest, now: datetime) -> None:
    """Do what a platform's privacy request asks; an export is noted for the merchant."""
    if request.kind == "erase_shop":
        _erase_shop(db, shop, now)
    elif request.kind == "erase":
        erase_person(db, shop, people.marks_of(request.shopper, shop.country), now)
    else:
        subject = f"shop.{shop.id}.export.{request.shopper.customer_key or 'unnamed'}"
        notices.tell(db, subject, "A customer asks what is stored about them.", now, shop.id)


def erase_person(db: Connection, shop: ShopRow, marks: Marks, now: datetime) -> None:
    """Forget a person at one shop: by the strongest mark given, not by a shared phone."""
    only = Marks(
        marks.customer_key,
        marks.email,
        None if marks.customer_key or marks.email else marks.phone,
    )
    carts = tables.carts
    theirs = people.same_person(carts, shop.id, only)
    ids = [row.id for row in db.execute(select(carts.c.id).where(theirs))]
    order_intake.call_off(db, ids, Reason.CART_ENDED, now)
    reminders = tables.reminders
    for table, values in _NAMELESS.items():
        where = people.same_person(table, shop.id, only)
        db.execute(update(table).where(where).values(**values))
    db.execute(update(reminders).where(reminders.c.cart_id.in_(ids)).values(**_OF_A_REMINDER))
    db.execute(delete(tables.shoppers).where(people.same_person(tables.shoppers, shop.id, only)))
    _forget_consents(db, shop.id, only)


def _forget_consents(db: Connection, shop_id: int, marks: Marks) -> None:
    consents = tables.consents
    addresses = [address for address in (marks.email, marks.phone) if address]
    where = (consents.c.shop_id == shop_id, consents.c.address.in_(addresses))
    db.execute(delete(consents).where(*where))


def _erase_shop(db: Connection, shop: ShopRow, now: datetime) -> None:
    # Shopify asks 48 hours after an uninstall. A shop that came back meanwhile is active
    # again, and must not be erased by the request of its former life.
    if shop.is_active:
        return
    carts, reminders = tables.carts, tables.reminders
    ids = [row.id for row in db.execute(select(carts.c.id).where(carts.c.shop_id == shop.id))]
    order_intake.call_off(db, ids, Reason.SHOP_GONE, now)
    for table, values in _NAMELESS.items():
        db.execute(update(table).where(table.c.shop_id == shop.id).values(**values))
    db.execute(update(reminders).where(reminders.c.shop_id == shop.id).values(**_OF_A_REMINDER))
    for table in (tables.shoppers, tables.consents, tables.replies, tables.unread):
        db.execute(delete(table).where(table.c.shop_id == shop.id))
    gone = {"state": "erased", "credentials": "", "name": ""}
    db.execute(update(tables.shops).where(tables.shops.c.id == shop.id).values(**gone))
