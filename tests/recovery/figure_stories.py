"""A shop with a few weeks behind it: carts, messages of several kinds, orders, answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import select

from recovery import tables
from recovery.database import Database
from recovery.model import Shopper, Totals
from recovery.reasons import Reason, written
from recovery.shops import ShopRow
from tests.recovery.report_stories import add, clicked, left, offered, ordered, reminded
from tests.recovery.stories import a_shopper

DAY = timedelta(days=1)
_COUNTRIES = ("FR", "BE", "DE")


def a_past(database: Database, shop: ShopRow, now: datetime, carts: int = 12) -> list[int]:
    """A cart every second day before `now`; their ids, the oldest first."""
    return [
        _a_cart(database, shop, now - 2 * place * DAY - timedelta(hours=1), place)
        for place in reversed(range(carts))
    ]


def _a_cart(database: Database, shop: ShopRow, at: datetime, place: int) -> int:
    country = _COUNTRIES[place % 3]
    who = a_shopper(
        at, email=f"p{place}@example.com", phone=f"+3361234{place:04d}", country=country
    )
    currency = "USD" if place % 5 == 0 else "EUR"
    worth = {"totals": Totals(Decimal(20 + 30 * place)), "currency": currency}
    cart = left(database, shop, at, f"token:c{place}", who, **worth)
    later = at + timedelta(hours=1)
    if place % 3 == 0:
        why = written([Reason.CAPPED, Reason.TOO_LATE] if place % 2 else [Reason.CAPPED])
        reminded(database, shop, cart, later, state="skipped", sent_at=None, reasons=why)
        return cart
    price = {"price": Decimal("0.07"), "price_currency": "EUR"} if place % 2 else {}
    sms = reminded(database, shop, cart, later, state="delivered", arm="control", **price)
    reminded(database, shop, cart, later, step=2, channel="email", state="undelivered")
    if place % 4 == 1:
        clicked(database, sms, later)
        _an_order(database, shop, sms, later, place, who, currency)
    return cart


def _an_order(
    database: Database,
    shop: ShopRow,
    reminder: int,
    at: datetime,
    place: int,
    who: Shopper,
    currency: str,
) -> None:
    marks = {"email": who.email, "phone": who.phone, "currency": currency}
    told = {"cart_keys": (f"token:c{place}",), "refunded": Decimal(place)} | marks
    made = ordered(database, shop, at + timedelta(hours=2), f"o{place}", f"{40 + place}.50", **told)
    with database.transaction() as db:
        mine = tables.orders.update().where(tables.orders.c.id == made)
        db.execute(mine.values(reminder_id=reminder, credited_by="click"))
    (cart,) = _cart_of(database, reminder)
    used = {"used_at": at, "used_by": made, "took_off": Decimal("2.00")}
    offered(database, shop, cart, reminder, at, **used)


def _cart_of(database: Database, reminder: int) -> list[int]:
    asked = select(tables.reminders.c.cart_id).where(tables.reminders.c.id == reminder)
    with database.reading() as db:
        return list(db.scalars(asked))


def answered(
    database: Database, shop: ShopRow, cart_id: int, reason: str | None, at: datetime, number: int
) -> int:
    """An answer to why it was left; its id."""
    about = {"shop_id": shop.id, "cart_id": cart_id, "reminder_id": number, "reply_id": number}
    return add(database, tables.leaving_reasons, **about, reason=reason, follow="none", at=at)
