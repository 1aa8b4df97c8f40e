"""Which of our codes an order took: noted in the order's own transaction."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from recovery import tables
from recovery.model import ZERO
from recovery.offer_stands import Stand, change

_OFFERS, _ORDERS, _SHOPS = tables.offers, tables.orders, tables.shops
#: Orders are told late: one may take a code just before it ends, or is taken away.
_MAY_BE_USED = frozenset({Stand.MADE, Stand.READY, Stand.ENDED, Stand.VOID, Stand.REMOVED})


def note_used(db: Connection, order_id: int, now: datetime) -> int:
    """Note on the offers whose codes this order took that they are used, once; how many.

    What it took off is the order's discount where ours is its only code, and the order is in
    the shop's currency; else what was reckoned with (None).
    """
    order = _order(db, order_id)
    codes = [] if order is None else [code.strip() for code in order.discount_codes.split("\n")]
    told = {form for code in codes if code for form in (code, code.upper(), code.lower())}
    if order is None or not told:
        return 0
    ours = (_OFFERS.c.shop_id == order.shop_id, _OFFERS.c.code.in_(sorted(told)))
    rows = db.execute(
        select(_OFFERS.c.id, _OFFERS.c.code).where(*ours, _OFFERS.c.used_at.is_(None))
    )
    values = {"used_at": order.placed_at, "used_by": order.id, "took_off": _took_off(order, codes)}
    used = [
        change(db, row.id, _MAY_BE_USED, stand=Stand.USED, **values, try_at=None)
        for row in rows.all()
    ]
    return sum(used)


def _order(db: Connection, order_id: int) -> Any | None:
    names = ("id", "shop_id", "discount_codes", "discounts", "currency", "placed_at")
    shop_currency = _SHOPS.c.currency.label("shop_currency")
    asked = select(*(_ORDERS.c[name] for name in names), shop_currency)
    joined = asked.join(_SHOPS, _SHOPS.c.id == _ORDERS.c.shop_id)
    return db.execute(joined.where(_ORDERS.c.id == order_id)).first()


def _took_off(order: Any, codes: list[str]) -> Decimal | None:
    told: Decimal | None = order.discounts
    if told is None or told <= ZERO or len([code for code in codes if code]) > 1:
        return None
    return told if order.currency == (order.shop_currency or order.currency) else None
