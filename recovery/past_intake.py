"""What was there before we came becomes rows, and nothing that anybody is written to for.

Orders are recorded as at every door: they close what they close, and belong to their person.
They can earn no credit, since no text of ours came before them, and no text that was asked for.
Carts are put beside those that are open: over, with a reason of their own. A cart that a live
door showed first is that door's; one that its shopper changes afterwards is a live cart again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from recovery import order_intake, states, tables, unread
from recovery.believable import dated
from recovery.cart_intake import keys_of, record_carts
from recovery.cart_keys import shortened
from recovery.model import Cart, Order, Page
from recovery.polls import record_each
from recovery.shops import ShopRow

#: Abandoned checkouts older than this are nobody's business any more.
KEPT = timedelta(days=90)


def store(db: Connection, shop: ShopRow, page: Page, now: datetime) -> None:
    """Store a page of the past, in the caller's transaction; what is odd is kept unread."""
    orders = _new(db, shop, [each for each in page.seen if isinstance(each, Order)])
    carts = [each for each in page.seen if isinstance(each, Cart)]
    refused = record_each(db, shop, orders, now, _record_order)
    refused += record_each(db, shop, _old(db, shop, carts, now), now, _record_cart)
    unread.keep_rows(db, shop, (*page.unread, *refused), now)


def _new(db: Connection, shop: ShopRow, orders: list[Order]) -> list[Order]:
    """Those that are not here: another door's word stands, and who was erased stays erased."""
    names = {shortened(order.key, 255): order for order in orders}
    kept = tables.orders
    asked = select(kept.c.key).where(kept.c.shop_id == shop.id, kept.c.key.in_(names))
    known = set(db.scalars(asked))
    return [order for name, order in names.items() if name not in known]


def _record_order(db: Connection, shop: ShopRow, seen: Sequence[Order], now: datetime) -> None:
    for order in seen:
        order_intake.record_order(db, shop, order, now)


def _record_cart(db: Connection, shop: ShopRow, seen: Sequence[Cart], now: datetime) -> None:
    held = record_carts(db, [(shop, cart) for cart in seen], now)
    because = {"ended_because": states.BEFORE_THE_INSTALL}
    # One that a live door stored meanwhile is that door's.
    ours = [each.id for each in held if each.is_new]
    states.move_all(db, tables.carts, ours, "expire", because)


def _old(db: Connection, shop: ShopRow, carts: list[Cart], now: datetime) -> list[Cart]:
    """Those that were left, that no other door showed, and that are not too old."""
    left = [
        dated(each, now)
        for each in carts
        if each.completed_at is None and each.changed_at > now - KEPT
    ]
    keys = {each: keys_of(shop.id, cart) for each, cart in enumerate(left)}
    known = _known(db, [key for of_one in keys.values() for key in of_one])
    return [cart for place, cart in enumerate(left) if not known.intersection(keys[place])]


def _known(db: Connection, keys: list[str]) -> set[str]:
    """Keys of carts that are stored, or that an order closed."""
    found: set[str] = set()
    for column in (tables.cart_keys.c.key, tables.order_cart_keys.c.key):
        found.update(db.scalars(select(column).where(column.in_(keys))))
    return found
