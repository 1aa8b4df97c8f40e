"""News of an order by text, for those who asked for it: confirmed, shipped, … refunded.

A programme of its own, off until the merchant switches its stages on (`shops.order_texts`).
Each stage is told once for an order. What is planned is looked at again right before it
leaves (`answers`): a cancelled order gets none but its refund, and a stage that a later one
has overtaken is skipped.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from recovery import answer_plans, asks, opt_in, tables, timing
from recovery.answer_facts import CONFIRMED, ORDER, REFUNDED, STAGES, stages_in, subject_of
from recovery.cart_keys import shortened
from recovery.model import Origin, ParcelNews, Stage
from recovery.people import Marks
from recovery.shops import ShopRow
from recovery.upserts import insert_new

_ORDERS = tables.orders
_PARCELS = tables.parcels
_REFUNDS = tables.refunds
_CLOSES = tables.order_cart_keys
_NEEDED = (
    *("id", "shop_id", "key", "origin", "customer_key", "phone"),
    *("refunded", "placed_at", "cancelled_at", "changed_at"),
)
#: Asked "with the order" is asked on its last page, or later that day.
WITH_THE_ORDER = timedelta(days=1)
#: What came to pass longer before the ask is no news to who asks.
_JUST_BEFORE = timedelta(hours=1)
_MOST_ORDERS = 5  # of one person, looked at when a request begins
#: A renewal or an order typed in by the staff is not "just placed" by the shopper.
_BY_SHOPPERS = (Origin.CHECKOUT.value, Origin.UNKNOWN.value)


def record_parcel(db: Connection, shop: ShopRow, seen: ParcelNews, now: datetime) -> None:
    """Keep each stage of a parcel once, and plan its text. It may come before its order."""
    row = {
        "shop_id": shop.id,
        "key": shortened(seen.key, 255),
        "order_key": shortened(seen.order_key, 255),
        "stage": seen.stage.value,
        "tracking_address": seen.tracking_address,
        "carrier": seen.carrier[:80] if seen.carrier else None,
        "at": seen.at,
    }
    insert_new(db, _PARCELS, [row])
    order_seen(db, shop, seen.order_key, now)


def order_seen(db: Connection, shop: ShopRow, order_key: str, now: datetime) -> None:
    """Plan what there is to tell of this order, if anybody asked; told stages stay told."""
    stages = _stages_of(db, shop.id)
    order = _order(db, shop.id, shortened(order_key, 255)) if stages else None
    if order is None:
        return
    marks = Marks(order.customer_key, None, order.phone)
    asking = asks.of_order(db, shop.id, marks, _cart_keys(db, order.id))
    standing = [request for request in asking if _is_asked_in_time(request, order)]
    if standing:
        _plan(db, shop, standing[0], order, stages, now)


def begin(db: Connection, shop: ShopRow, request: Any, now: datetime) -> None:
    """This request begins, or was confirmed: its order may have been recorded before it."""
    stages = _stages_of(db, shop.id)
    for order in _orders_of(db, request) if stages else ():
        order_seen(db, shop, order.key, now)


def _plan(
    db: Connection,
    shop: ShopRow,
    request: Any,
    order: Any,
    stages: frozenset[str],
    now: datetime,
) -> None:
    news = [
        (stage, at)
        for stage, at in _news_of(db, order)
        if stage in stages and at >= request.asked_at - _JUST_BEFORE
    ]
    if not news or not opt_in.may_begin(db, shop, request, now, happened_at=now):
        return
    for stage, at in news:
        subject = subject_of(order.key, stage)
        if len(subject) <= answer_plans.LONGEST_SUBJECT:
            step, rule = STAGES.index(stage) + 1, timing.ASKED[stage]
            answer_plans.plan(db, shop, request, ORDER, subject, rule, at, now, step=step)


def _news_of(db: Connection, order: Any) -> Iterator[tuple[str, datetime]]:
    """The stages that the order has come to, and when it first did."""
    if order.cancelled_at is None:
        if order.origin in _BY_SHOPPERS:
            yield CONFIRMED, order.placed_at
        yield from _stages_of_parcels(db, order).items()
    refunded_at = _refunded_at(db, order)
    if refunded_at is not None:
        yield REFUNDED, refunded_at


def _stages_of_parcels(db: Connection, order: Any) -> dict[str, datetime]:
    here = (_PARCELS.c.shop_id == order.shop_id, _PARCELS.c.order_key == order.key)
    rows = db.execute(select(_PARCELS.c.stage, _PARCELS.c.at).where(*here)).all()
    first: dict[str, datetime] = {}
    for row in sorted(rows, key=lambda row: row.at, reverse=True):
        first[row.stage] = row.at
    first.pop(Stage.DELIVERED.value, None)
    return first


def _refunded_at(db: Connection, order: Any) -> datetime | None:
    here = (_REFUNDS.c.shop_id == order.shop_id, _REFUNDS.c.order_key == order.key)
    given = select(_REFUNDS.c.at).where(*here, _REFUNDS.c.amount > 0)
    row = db.execute(given.order_by(_REFUNDS.c.at).limit(1)).first()
    if row is not None:
        return row.at  # type: ignore[no-any-return]
    return order.changed_at if order.refunded > 0 else None


def _is_asked_in_time(request: Any, order: Any) -> bool:
    """Before the order, or with it."""
    return bool(request.asked_at <= order.placed_at + WITH_THE_ORDER)


def _stages_of(db: Connection, shop_id: int) -> frozenset[str]:
    setting = select(tables.shops.c.order_texts).where(tables.shops.c.id == shop_id)
    return stages_in(db.execute(setting).scalar_one())


def _order(db: Connection, shop_id: int, key: str) -> Any | None:
    columns = [_ORDERS.c[name] for name in _NEEDED]
    here = (_ORDERS.c.shop_id == shop_id, _ORDERS.c.key == key)
    return db.execute(select(*columns).where(*here)).first()


def _cart_keys(db: Connection, order_id: int) -> list[str]:
    rows = db.execute(select(_CLOSES.c.key).where(_CLOSES.c.order_id == order_id))
    return [row.key for row in rows]


def _orders_of(db: Connection, request: Any) -> list[Any]:
    """The latest orders that this request may be about."""
    since = request.asked_at - WITH_THE_ORDER
    here = _ORDERS.c.shop_id == request.shop_id
    marks = [(_ORDERS.c.phone == request.phone) & here]
    if request.customer_key:
        marks.append((_ORDERS.c.customer_key == request.customer_key) & here)
    if request.cart_key:  # which names its shop
        its_cart = select(_CLOSES.c.order_id).where(_CLOSES.c.key == request.cart_key)
        marks.append(_ORDERS.c.id.in_(its_cart))
    found: dict[str, Any] = {}
    for mark in marks:  # one look a mark: an OR would read every order of the shop
        latest = select(_ORDERS.c.key).where(mark, _ORDERS.c.placed_at >= since)
        latest = latest.order_by(_ORDERS.c.placed_at.desc()).limit(_MOST_ORDERS)
        found |= {row.key: row for row in db.execute(latest)}
    return list(found.values())
