"""What an order left in the end: what was given back is taken off, what was called off is none.

Refunds are told twice, within the order and as rows of their own, in any order: the larger
sum is the newer news.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import Label, func, select

from recovery import tables
from recovery.columns import Amount
from recovery.model import ZERO, Origin

_ORDERS, _REFUNDS = tables.orders, tables.refunds


def given_back() -> Label[Any]:
    """The column, beside those of `orders`, of what refunds in the order's currency sum up to."""
    mine = (
        _REFUNDS.c.shop_id == _ORDERS.c.shop_id,
        _REFUNDS.c.order_key == _ORDERS.c.key,
        _REFUNDS.c.currency == _ORDERS.c.currency,
    )
    total = func.sum(_REFUNDS.c.amount, type_=Amount)
    return select(total).where(*mine).correlate(_ORDERS).scalar_subquery().label("given_back")


#: What `net` and `counts` read; to be selected together.
COLUMNS: tuple[Any, ...] = (
    *(_ORDERS.c[name] for name in ("total", "refunded", "currency", "cancelled_at", "origin")),
    given_back(),
)


def net(order: Any) -> Decimal:
    """What is left of the order's total, never below 0; of a cancelled one, nothing."""
    if order.cancelled_at is not None:
        return ZERO
    back = max(order.refunded, order.given_back or ZERO)
    return max(ZERO, Decimal(order.total - back))


def counts(order: Any) -> bool:
    """Whether anybody decided to order, and it stands: no renewal, not cancelled or all refunded.

    An order that cost nothing from the start stands.
    """
    if order.cancelled_at is not None or order.origin == Origin.SUBSCRIPTION.value:
        return False
    return net(order) > ZERO or order.total == ZERO
