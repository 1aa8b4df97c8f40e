"""What changed about the lines of a cart since it was left: prices and stock, where it is sure.

Only what the shop showed after the shopper's last change counts: an older row may be of a time
before a cart that the shop let be filled. Of prices there is a doubt more. A line may be told
with tax and its product without; then every price seems to have changed. So none is spoken of
where the two differ by the cart's tax, or where a product that did not change differs, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from recovery import tables
from recovery.answer_facts import Goods, goods_of, read_variants
from recovery.model import Line

_PRODUCTS = tables.products
_NEAR = Decimal("0.011")  # amounts that rounding alone may set apart


@dataclass(frozen=True, slots=True)
class Change:
    """What is new of one line. `price`: of one piece now, where it is another than before."""

    sold_out: bool = False
    gone: bool = False  # the shop does not show it any more
    price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """The cart as it was left: `changed_at` by the platform's clock; the sums in `currency`."""

    shop_id: int
    currency: str
    changed_at: datetime
    total: Decimal
    tax: Decimal | None
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class _Shown:
    """How the shop shows a line, and whether it does so since the cart was left."""

    goods: Goods
    is_new: bool


def changes_since(db: Connection, left: Left) -> list[Change]:
    """What changed, line by line, in the order of `left.lines`."""
    rows = _rows(db, left.shop_id, left.lines)
    pairs = [(line, _shown(rows, line, left.changed_at)) for line in left.lines]
    doubtful = any(
        shown is not None and not shown.is_new and _new_price(line, shown.goods, left)
        for line, shown in pairs
    )
    return [_change(line, shown, left, doubtful) for line, shown in pairs]


def _change(line: Line, shown: _Shown | None, left: Left, doubtful: bool) -> Change:
    if shown is None or not shown.is_new:
        return Change()
    if not shown.goods.available or shown.goods.in_stock is False:
        return Change(sold_out=shown.goods.available, gone=not shown.goods.available)
    return Change(price=None if doubtful else _new_price(line, shown.goods, left))


def _new_price(line: Line, goods: Goods, left: Left) -> Decimal | None:
    """The price of one piece now; None where it is the same, or the two cannot be compared."""
    was, now = line.unit_price, goods.price
    if now is None or goods.currency != left.currency or was <= 0 or now <= 0:
        return None
    if abs(was - now) <= _NEAR or _differ_by_tax(was, now, left):
        return None
    return now


def _differ_by_tax(was: Decimal, now: Decimal, left: Left) -> bool:
    if not left.tax or left.total <= left.tax:
        return False
    rate = left.total / (left.total - left.tax)
    low, high = sorted((was, now))
    return abs(low * rate - high) <= max(_NEAR, high / 100)


def _shown(rows: Mapping[str, Any], line: Line, left_at: datetime) -> _Shown | None:
    """By the row of its variant, else by its product's."""
    for key in (line.variant_key, line.product_key):
        row = rows.get(key) if key else None
        if row is None:
            continue
        goods = goods_of(line, row)
        if not row.available:  # gone, with all its variants
            goods = Goods(row.title, None, None, row.currency, False)
        elif goods is not None and line.variant_key is None and read_variants(row.variants):
            goods = replace(goods, price=None)  # the lowest of several: of which, is not told
        if goods is not None:
            return _Shown(goods, row.changed_at > left_at)
    return None


def _rows(db: Connection, shop_id: int, lines: Sequence[Line]) -> dict[str, Any]:
    keys = {key for line in lines for key in (line.product_key, line.variant_key) if key}
    if not keys:
        return {}
    names = ("key", "title", "price", "currency", "in_stock", "available", "variants", "changed_at")
    mine = (_PRODUCTS.c.shop_id == shop_id, _PRODUCTS.c.key.in_(keys))
    rows = db.execute(select(*(_PRODUCTS.c[name] for name in names)).where(*mine))
    return {row.key: row for row in rows}
