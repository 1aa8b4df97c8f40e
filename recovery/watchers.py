"""What goes quiet or bad without an error: webhooks that died, texts that arrive less, a clock.

Each look tells a notice or ends it; `recovery.alerts` brings notices to the merchant.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, or_, select

from recovery import intervals, notices, pulses, tables
from recovery.model import Origin
from recovery.states import ReminderState

#: So many orders that only asking brought, after the shop's last word, mean that it fell silent.
SILENT_ORDERS = 3
QUIET = timedelta(hours=1)
_UNDER_WAY = timedelta(minutes=15)  # an order whose webhook may still come
#: Receipts of a day against those of the fortnight before.
DAY, BEFORE = timedelta(hours=24), timedelta(days=14)
FEWEST = 50
_FALL = 0.05
CLOCK_SILENT = timedelta(minutes=5)
CLOCK = "server.clock"
_SHOPS, _ORDERS, _REMINDERS = tables.shops, tables.orders, tables.reminders
_WEBHOOKS = "Orders came that the shop did not tell of; they were found by asking."
_PLUGIN = "Shoppers order, and the plugin tells of no carts."
_CLOCK_WORDS = "The clock gave no sign of life for five minutes."


@dataclass(frozen=True, slots=True)
class Finding:
    """How something stands, under the subject of its notice. `words` "": well."""

    subject: str
    words: str
    shop_id: int | None


@dataclass(frozen=True, slots=True)
class Arrived:
    """Texts with a receipt: how many, and how many were delivered."""

    receipts: int
    delivered: int


def look(db: Connection, now: datetime) -> list[Finding]:
    """How all active shops stand; a read, since it takes its time."""
    found = []
    for shop in db.execute(_shops()).all():
        silent = _WEBHOOKS if _is_silent(db, shop, now) else ""
        found.append(Finding(f"shop.{shop.id}.webhooks", silent, shop.id))
        mute = _PLUGIN if _is_plugin_mute(db, shop, now) else ""
        found.append(Finding(f"shop.{shop.id}.plugin", mute, shop.id))
        found.append(Finding(f"shop.{shop.id}.delivery", _fallen(db, shop.id, now), shop.id))
    return found


def tell(db: Connection, findings: Iterable[Finding], now: datetime) -> None:
    """Tell what stands as notices, and end those of what is over."""
    for each in findings:
        if each.words:
            notices.tell(db, each.subject, each.words, now, each.shop_id)
        else:
            notices.settle(db, each.subject, now)


def clock_stopped(db: Connection, now: datetime) -> bool:
    """Tell of a clock that stopped; for a worker to ask. Whether it has."""
    last = pulses.last(db, "clock")
    silent = last is not None and now - last > CLOCK_SILENT
    tell(db, [Finding(CLOCK, _CLOCK_WORDS if silent else "", None)], now)
    return silent


def has_fallen(today: Arrived, before: Arrived) -> bool:
    """Whether fewer arrive than before, by more than chance and by a share that matters.

    The interval of the difference (Newcombe 1998, method 10, 99.9 %) lies below -5 points:
    with a look each quarter of an hour, one of 95 % would cry wolf.
    """
    if min(today.receipts, before.receipts) < FEWEST:
        return False
    apart = intervals.newcombe(
        today.delivered, today.receipts, before.delivered, before.receipts, level=0.999
    )
    return apart.high < 0 and today.delivered / today.receipts < (
        before.delivered / before.receipts - _FALL
    )


def _shops() -> Any:
    columns = ("id", "last_webhook_at", "installed_at", "plugin_seen_at")
    real = (_SHOPS.c.state == "active", _SHOPS.c.platform != "sandbox")
    return select(*(_SHOPS.c[name] for name in columns)).where(*real)


def _is_silent(db: Connection, shop: Any, now: datetime) -> bool:
    since = (shop.last_webhook_at or shop.installed_at) + QUIET
    return _has_orders(db, shop.id, since, now)


def _is_plugin_mute(db: Connection, shop: Any, now: datetime) -> bool:
    """Shoppers order, each by way of a cart that the plugin would have told of."""
    if shop.plugin_seen_at is None:
        return False
    return _has_orders(db, shop.id, shop.plugin_seen_at + QUIET, now)


def _has_orders(db: Connection, shop_id: int, since: datetime, now: datetime) -> bool:
    later = (_ORDERS.c.placed_at > since, _ORDERS.c.placed_at < now - _UNDER_WAY)
    theirs = (_ORDERS.c.shop_id == shop_id, _ORDERS.c.origin == Origin.CHECKOUT.value)
    found = select(_ORDERS.c.id).where(*theirs, *later)
    return len(db.execute(found.limit(SILENT_ORDERS)).all()) == SILENT_ORDERS


def _fallen(db: Connection, shop_id: int, now: datetime) -> str:
    today = _arrived(db, shop_id, now - DAY, now)
    if today.receipts < FEWEST:
        return ""
    before = _arrived(db, shop_id, now - DAY - BEFORE, now - DAY)
    if not has_fallen(today, before):
        return ""
    shares = (100 * each.delivered / each.receipts for each in (today, before))
    return "Of the texts with a receipt, {:.0f} % arrived in 24 hours, {:.0f} % before.".format(
        *shares
    )


def _arrived(db: Connection, shop_id: int, since: datetime, until: datetime) -> Arrived:
    ends = (ReminderState.DELIVERED, ReminderState.UNDELIVERED)
    asked = (
        select(_REMINDERS.c.state, func.count().label("many"))
        .where(_REMINDERS.c.shop_id == shop_id, _REMINDERS.c.sent_at.is_not(None))
        .where(_REMINDERS.c.sent_at > since, _REMINDERS.c.sent_at <= until)
        .where(_REMINDERS.c.channel == "sms", or_(*(_REMINDERS.c.state == end for end in ends)))
        .group_by(_REMINDERS.c.state)
    )
    many = {row.state: row.many for row in db.execute(asked)}
    delivered = many.get(ReminderState.DELIVERED.value, 0)
    return Arrived(delivered + many.get(ReminderState.UNDELIVERED.value, 0), delivered)
