"""What people of this shop bought together with what is in a cart: counted, not guessed.

Out of the shop's last orders, how many people bought both. A product is shown when at least
`PEOPLE` different people did, so that one order of a reseller, or an odd basket, says nothing.
Until there is such a product there are none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from recovery import lines, tables
from recovery.model import Origin, Product

PEOPLE = 3
FEWEST, MOST = 2, 4  # one alone is no choice
WITHIN = timedelta(days=180)
ORDERS = 500  # the last ones; more says little more, and takes time behind a link
_CANDIDATES = 20
_MOST_LINES = 40  # an order of more is a reseller's, in which everything goes with everything
_ORDERS, _PRODUCTS = tables.orders, tables.products


def bought_with(
    db: Connection,
    shop_id: int,
    in_cart: Collection[str],
    currency: str,
    now: datetime,
    people: int = PEOPLE,
) -> tuple[Product, ...]:
    """Two to four products that go with those of the keys `in_cart`, the surest first; or none.

    Only products that can be bought now, priced in `currency`, and not in the cart.
    """
    if not in_cart:
        return ()
    counts = _counts(db, shop_id, set(in_cart), now)
    sure = [key for key, number in counts.items() if number >= people]
    best = sorted(sure, key=lambda key: (-counts[key], key))[:_CANDIDATES]
    shown = _on_sale(db, shop_id, best, currency)
    found = tuple(shown[key] for key in best if key in shown)[:MOST]
    return found if len(found) >= FEWEST else ()


def _counts(db: Connection, shop_id: int, in_cart: set[str], now: datetime) -> dict[str, int]:
    """Of each other product, how many people bought it together with one of the cart's."""
    buyers: dict[str, set[str]] = defaultdict(set)
    for order in _last_orders(db, shop_id, now):
        bought = {line.product_key for line in lines.read(order.lines) if line.product_key}
        if len(bought) <= _MOST_LINES and bought & in_cart:
            for key in bought - in_cart:
                buyers[key].add(_who(order))
    return {key: len(who) for key, who in buyers.items()}


def _last_orders(db: Connection, shop_id: int, now: datetime) -> list[Any]:
    names = ("id", "customer_key", "email", "phone", "lines")
    mine = (_ORDERS.c.shop_id == shop_id, _ORDERS.c.placed_at.between(now - WITHIN, now))
    real = (_ORDERS.c.cancelled_at.is_(None), _ORDERS.c.origin == Origin.CHECKOUT.value)
    wanted = select(*(_ORDERS.c[name] for name in names)).where(*mine, *real)
    return list(db.execute(wanted.order_by(_ORDERS.c.placed_at.desc()).limit(ORDERS)))


def _who(order: Any) -> str:
    """One person as far as it can be told; an order of nobody counts for itself."""
    return str(order.customer_key or order.email or order.phone or f"order {order.id}")


def _on_sale(
    db: Connection, shop_id: int, keys: Collection[str], currency: str
) -> dict[str, Product]:
    if not keys:
        return {}
    names = ("key", "title", "changed_at", "address", "image", "price", "currency")
    on_sale = (
        _PRODUCTS.c.available.is_(True),
        _PRODUCTS.c.in_stock.is_not(False),
        _PRODUCTS.c.currency == currency,
        _PRODUCTS.c.price > Decimal(0),
    )
    mine = (_PRODUCTS.c.shop_id == shop_id, _PRODUCTS.c.key.in_(keys))
    rows = db.execute(select(*(_PRODUCTS.c[name] for name in names)).where(*mine, *on_sale))
    return {row.key: Product(**row._mapping) for row in rows if row.title.strip() and row.address}
