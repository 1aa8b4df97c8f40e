"""What a shop still lacks before reminders can leave and be read rightly, point by point."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, select

from recovery import accounts, programmes, tables
from recovery.shops import ShopRow
from recovery.wording import can_receive_replies

_ACCOUNTS, _NOTICES, _SHOPS = tables.accounts, tables.notices, tables.shops
_CARTS = tables.carts
_LATELY = timedelta(days=7)
_ORDERS_LATE = timedelta(minutes=15)  # three polls as they usually come
_HOOKS_QUIET = timedelta(days=2)  # a small shop has quiet days


class Standing(StrEnum):
    """How a point stands."""

    DONE = "done"
    MISSING = "missing"  # nothing leaves, or not rightly, until it is done
    BETTER = "better"  # works without, better with
    TROUBLE = "trouble"  # it worked, and does not now


@dataclass(frozen=True, slots=True)
class Point:
    """One point; `words` are what a connector or provider said of the trouble."""

    key: str
    standing: Standing
    since: datetime | None = None
    words: str = ""
    subject: str = ""  # of a notice


def of_shop(db: Connection, shop: ShopRow, now: datetime) -> list[Point]:
    """The points of a shop, in the order in which a merchant goes through them."""
    row = db.execute(select(_SHOPS).where(_SHOPS.c.id == shop.id)).one()
    points = [_orders(row, now), _hooks(row, now), *_plugin(row), *_names_told(db, shop, now)]
    points += [_texts(db, shop), *_stops(db, shop), _mails(db, shop)]
    points += [_programme(db, shop), _given("merchant_email", shop.merchant_email)]
    if shop.email_account_id is not None:
        points.append(_given("postal_address", shop.postal_address, Standing.BETTER))
    return points + _told(db, shop)


def is_ready(points: list[Point]) -> bool:
    """Whether nothing is missing, so that reminders leave."""
    return all(point.standing in (Standing.DONE, Standing.BETTER) for point in points)


def _orders(row: Any, now: datetime) -> Point:
    known = row.orders_known_until
    if known is None:
        return Point("orders", Standing.MISSING, words=row.poll_error or "")
    if now - known > _ORDERS_LATE:
        return Point("orders", Standing.TROUBLE, known, row.poll_error or "")
    return Point("orders", Standing.DONE, known)


def _hooks(row: Any, now: datetime) -> Point:
    last = row.last_webhook_at
    if last is None:
        return Point("webhooks", Standing.BETTER)  # carts come by asking, until the first tells
    quiet = now - last > _HOOKS_QUIET
    return Point("webhooks", Standing.TROUBLE if quiet else Standing.DONE, last)


def _plugin(row: Any) -> list[Point]:
    """Whether WordPress's plugin was seen; whether it fell silent is told by a notice."""
    if row.platform != "woocommerce":
        return []
    seen = row.plugin_seen_at
    return [Point("plugin", Standing.BETTER if seen is None else Standing.DONE, seen)]


def _texts(db: Connection, shop: ShopRow) -> Point:
    return _account(db, "texts", shop.account_id, Standing.MISSING)


def _mails(db: Connection, shop: ShopRow) -> Point:
    return _account(db, "mails", shop.email_account_id, Standing.BETTER)


def _account(db: Connection, key: str, account_id: int | None, without: Standing) -> Point:
    row = db.execute(select(_ACCOUNTS).where(_ACCOUNTS.c.id == account_id)).first()
    if row is None:
        return Point(key, without)
    if row.stopped_at is not None:
        return Point(key, Standing.TROUBLE, row.stopped_at, row.stopped_reason or "")
    return Point(key, Standing.DONE)


def _stops(db: Connection, shop: ShopRow) -> list[Point]:
    """Whether a STOP can be answered to the sender; a name has links instead."""
    sender = accounts.sender_of(db, shop.account_id)
    if sender is None:
        return []
    return [Point("stops", Standing.DONE if can_receive_replies(sender) else Standing.BETTER)]


def _names_told(db: Connection, shop: ShopRow, now: datetime) -> list[Point]:
    """Whether Shopify tells of shoppers' names and numbers: `carts.hidden` says what it withholds.

    Said once a cart came lately; before, nobody can tell.
    """
    if shop.platform != "shopify":
        return []
    mine = (_CARTS.c.shop_id == shop.id, _CARTS.c.created_at > now - _LATELY)
    newest = select(_CARTS.c.hidden).where(*mine).order_by(_CARTS.c.created_at.desc()).limit(20)
    told = [hidden for (hidden,) in db.execute(newest)]
    if not told:
        return []
    return [Point("protected", Standing.MISSING if all(told) else Standing.DONE)]


def _programme(db: Connection, shop: ShopRow) -> Point:
    steps = programmes.running(db, {shop.id: shop})[shop.id].form.steps
    return Point("programme", Standing.DONE if steps else Standing.MISSING)


def _given(key: str, value: str | None, without: Standing = Standing.BETTER) -> Point:
    return Point(key, Standing.DONE if value else without)


def _told(db: Connection, shop: ShopRow) -> list[Point]:
    open_ones = (_NOTICES.c.shop_id == shop.id, _NOTICES.c.over_at.is_(None))
    rows = db.execute(select(_NOTICES).where(*open_ones).order_by(_NOTICES.c.at))
    return [Point("notice", Standing.TROUBLE, row.at, row.words, row.subject) for row in rows]
