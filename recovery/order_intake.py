"""Orders become rows, close the carts they came from, and call off that person's reminders."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, case, select, true, update

from recovery import (
    attribution,
    consent,
    lines,
    order_texts,
    people,
    reward_rows,
    states,
    tables,
)
from recovery.bulk import listed, one_of
from recovery.cart_keys import key_within, shortened
from recovery.model import Channel, Order, OrderGone, Refund
from recovery.people import Marks
from recovery.reasons import Reason, written
from recovery.shops import ShopRow
from recovery.upserts import insert_into, insert_new

_ORDERS = tables.orders
_CARTS = tables.carts
_KEYS = tables.cart_keys
_CLOSES = tables.order_cart_keys
_REMINDERS = tables.reminders
_REWARD = reward_rows.REWARD
_SAME_VISIT = timedelta(minutes=1)


def record_order(db: Connection, shop: ShopRow, order: Order, now: datetime) -> None:
    """Store a snapshot of an order; an older one than we hold changes nothing.

    Its own cart is ordered. Other carts of that person that were last changed before
    it are expired, and everything scheduled for any of them is called off.
    """
    marks = people.marks_of(order.shopper, shop.country)
    order_id = _upsert(db, shop, order, marks, now)
    if order_id is None:
        return
    people.record(db, [(shop.id, order.shopper, marks, order.changed_at)])
    _keep_consents(db, shop, order, now)
    keys = [key_within(shop.id, key) for key in order.cart_keys]
    insert_new(db, _CLOSES, [{"key": key, "order_id": order_id} for key in keys])
    own = _own_carts(db, keys, order.placed_at)
    close_carts(db, own, now)
    _end_others(db, shop.id, marks, order, own, now)
    placed_at = _by_our_clock(order.placed_at, shop)
    attribution.credit(db, shop, order_id, own, marks, placed_at, now)
    order_texts.order_seen(db, shop, order.key, now)
    reward_rows.order_seen(db, shop, order.key, now)


def _by_our_clock(placed_at: datetime, shop: ShopRow) -> datetime:
    # Texts and clicks bear our time. A platform may cut its own to whole seconds.
    cut = timedelta(seconds=0 if placed_at.microsecond else 1)
    return placed_at + timedelta(seconds=shop.clock_offset) + cut


def close_carts(db: Connection, cart_ids: Iterable[int], now: datetime) -> None:
    """These carts became an order: no reminder of theirs leaves any more."""
    ids = list(cart_ids)
    # One from before the install stays out of the figures.
    before = _CARTS.c.ended_because == states.BEFORE_THE_INSTALL
    because = case((before, states.BEFORE_THE_INSTALL), else_="ordered")
    states.move_all(db, _CARTS, ids, "order", {"ended_because": because})
    call_off(db, ids, Reason.ORDERED, now)


def call_off(
    db: Connection,
    cart_ids: Iterable[int],
    reason: Reason,
    now: datetime,
    channel: Channel | None = None,
) -> None:
    """Skip what is scheduled for these carts; with a `channel`, on that one alone."""
    ids = list(cart_ids)
    if not ids:
        return
    on = () if channel is None else (_REMINDERS.c.channel == channel.value,)
    waiting = db.execute(
        select(_REMINDERS.c.id).where(
            _REMINDERS.c.cart_id.in_(ids),
            _REMINDERS.c.state == states.ReminderState.SCHEDULED,
            # What an order earned is told after it.
            true() if reason is not Reason.ORDERED else _REMINDERS.c.programme != _REWARD,
            *on,
        )
    )
    also = {"reasons": written([reason]), "settled_at": now}
    ids = [row.id for row in waiting]
    # Only while it waits: a worker may claim it at this very moment, and then looks itself.
    still = _REMINDERS.c.state == states.ReminderState.SCHEDULED
    states.move_all(db, _REMINDERS, ids, "skip", also, only_if=still)


def keys_already_ordered(db: Connection, keys: Iterable[str]) -> dict[str, datetime]:
    """Of these cart keys, those that an order closed before the cart was seen, and when."""
    rows = db.execute(_closing(db.dialect.name), {"keys": listed(keys)})
    latest: dict[str, datetime] = {}
    for row in rows:
        latest[row.key] = max(latest.get(row.key, row.placed_at), row.placed_at)
    return latest


def may_be_closed_by(created_at: datetime, placed_at: datetime) -> bool:
    """Whether an order of that time can have come from a cart of that time.

    Some keys outlive a cart: the next checkout of the same browser may carry the
    same cart token, and is a new beginning.
    """
    return created_at <= placed_at + _SAME_VISIT


@lru_cache
def _closing(kind: str) -> Select[Any]:
    return (
        select(_CLOSES.c.key, _ORDERS.c.placed_at)
        .join(_ORDERS, _ORDERS.c.id == _CLOSES.c.order_id)
        .where(one_of(kind, _CLOSES.c.key, "keys"))
    )


@lru_cache
def _closed(kind: str) -> Select[Any]:
    return (
        select(_KEYS.c.cart_id, _CARTS.c.created_at)
        .join(_CARTS, _CARTS.c.id == _KEYS.c.cart_id)
        .where(one_of(kind, _KEYS.c.key, "keys"))
        .distinct()
    )


def record_refund(db: Connection, shop: ShopRow, refund: Refund, now: datetime) -> None:
    """Count a refund once. It names its order, so that it may come before it."""
    row = {
        "shop_id": shop.id,
        "key": refund.key,
        "order_key": refund.order_key,
        "amount": refund.amount,
        "currency": refund.currency,
        "at": refund.at,
    }
    insert_new(db, tables.refunds, [row])
    order_texts.order_seen(db, shop, refund.order_key, now)
    reward_rows.order_seen(db, shop, refund.order_key, now)


def record_gone(db: Connection, shop: ShopRow, gone: OrderGone, now: datetime) -> None:
    """The platform deleted an order: it counts as cancelled."""
    where = (_ORDERS.c.shop_id == shop.id, _ORDERS.c.key == gone.key)
    cancelled = {"cancelled_at": now, "platform_state": "deleted"}
    db.execute(update(_ORDERS).where(*where, _ORDERS.c.cancelled_at.is_(None)).values(**cancelled))
    reward_rows.order_seen(db, shop, gone.key, now)


def _upsert(db: Connection, shop: ShopRow, order: Order, marks: Marks, now: datetime) -> int | None:
    values = _values(shop, order, marks, now)
    insert = insert_into(db, _ORDERS).values(**values)
    news = {
        name: insert.excluded[name]
        for name in values
        if name not in ("shop_id", "key", "recorded_at", "placed_at")
    }
    upsert = insert.on_conflict_do_update(
        index_elements=[_ORDERS.c.shop_id, _ORDERS.c.key],
        set_=news,
        where=_ORDERS.c.changed_at <= insert.excluded.changed_at,
    ).returning(_ORDERS.c.id)
    row = db.execute(upsert).first()
    return None if row is None else int(row.id)


def _values(shop: ShopRow, order: Order, marks: Marks, now: datetime) -> dict[str, Any]:
    return {
        "shop_id": shop.id,
        "key": shortened(order.key, 255),
        "name": order.name[:80] if order.name else None,
        "origin": order.origin.value,
        "customer_key": marks.customer_key,
        "email": marks.email,
        "phone": marks.phone,
        "currency": order.currency,
        "total": order.totals.total,
        "subtotal": order.totals.subtotal,
        "discounts": order.totals.discounts,
        "shipping": order.totals.shipping,
        "tax": order.totals.tax,
        "refunded": order.refunded,
        "discount_codes": "\n".join(order.discount_codes),
        "lines": lines.written(order.lines),
        "paid": order.paid,
        "platform_state": order.platform_state[:40] if order.platform_state else None,
        "placed_at": order.placed_at,
        "cancelled_at": order.cancelled_at,
        "changed_at": order.changed_at,
        "recorded_at": now,
        "raw": order.raw,
    }


def _keep_consents(db: Connection, shop: ShopRow, order: Order, now: datetime) -> None:
    country = order.shopper.country or shop.country
    found = (consent.word_of(shop.id, each, country) for each in order.shopper.consents)
    consent.record(db, [word for word in found if word is not None], now)


def _own_carts(db: Connection, keys: list[str], placed_at: datetime) -> list[int]:
    if not keys:
        return []
    rows = db.execute(_closed(db.dialect.name), {"keys": listed(keys)})
    return [row.cart_id for row in rows if may_be_closed_by(row.created_at, placed_at)]


def _end_others(
    db: Connection, shop_id: int, marks: Marks, order: Order, own: list[int], now: datetime
) -> None:
    # A cart changed after the order is a new beginning; the margin allows for a platform
    # that touches a checkout once more while it turns into the order.
    until = order.placed_at + timedelta(seconds=1)
    rows = db.execute(
        select(_CARTS.c.id).where(
            people.same_person(_CARTS, shop_id, marks),
            _CARTS.c.state.in_([states.CartState.OPEN, states.CartState.ABANDONED]),
            _CARTS.c.changed_at <= until,
            _CARTS.c.id.not_in(own),
        )
    )
    others = [row.id for row in rows]
    states.move_all(db, _CARTS, others, "expire", {"ended_because": "ordered another way"})
    call_off(db, others, Reason.ORDERED, now)
