"""Read from one shop what changed, page by page, each stored with its cursor."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from datetime import timedelta
from functools import partial

from sqlalchemy import Connection

from connectors.protocols import (
    AccountStopped,
    Busy,
    NoAnswer,
    Refused,
    Shop,
    ShowsProducts,
    Unreadable,
)
from recovery import intake, nonces, polls, shops, watches
from recovery.model import Page, Product, UnreadRow
from recovery.shops import ShopRow
from worker import credit, stops, welcome_codes
from worker.tools import Tools

log = logging.getLogger(__name__)
#: What shoppers wait for is read once in so long, should webhooks about it have got lost.
_PRODUCTS_EVERY = timedelta(minutes=10)
_LONGEST_READ = 30.0  # seconds; the rest has its turn another time, and orders are polled again


def poll(tools: Tools, shop_id: int) -> None:
    """Poll one shop to its end, or as far as it lets us; the row says when to come again."""
    if not tools.database.run(lambda db: polls.begin(db, shop_id, tools.now())):
        return
    with tools.database.reading() as db:
        shop = shops.by_id(db, shop_id)
    if shop is not None:
        _poll(tools, shop)


def _poll(tools: Tools, shop: ShopRow) -> None:
    try:
        line = line_to(tools, shop)
        _store_pages(tools, shop, line)
        _keep_subscriptions(tools, shop, line)
        stops.write_back(tools, shop, line)
        welcome_codes.read(tools, shop, line)
        _read_watched(tools, shop, line)
        credit.look(tools, shop)
    except AccountStopped as error:
        # 15 minutes: nothing changes there until somebody mends it.
        _failed(tools, shop, str(error), wait=900)
    except Busy as error:
        wait = error.retry_after
        tools.database.run(lambda db: polls.come_back(db, shop, wait, tools.now()))
    except (NoAnswer, Refused, Unreadable) as error:
        _failed(tools, shop, str(error))
    except Exception as error:
        log.exception("shop %s: poll failed", shop.id)
        _failed(tools, shop, f"A defect of ours: {type(error).__name__}")
    else:
        tools.database.run(lambda db: polls.end_well(db, shop, tools.now()))


def _failed(tools: Tools, shop: ShopRow, error: str, wait: float = 0) -> None:
    log.warning("shop %s: poll failed: %s", shop.id, error)
    tools.database.run(lambda db: polls.end_badly(db, shop, error, tools.now(), wait))


def _store_pages(tools: Tools, shop: ShopRow, line: Shop) -> None:
    with tools.database.reading() as db:
        cursor = polls.cursor_of(db, shop.id)
    for page in line.changed_since(cursor, tools.now()):
        # The connector works between pages; no transaction is open then.
        unread = tools.database.run(partial(_store, tools, shop, page))
        for row in unread:
            words = "unread: door poll, shop %s, %s, %s bytes: %s"
            log.error(words, shop.id, row.kind, len(row.body), row.error)


def _store(tools: Tools, shop: ShopRow, page: Page, db: Connection) -> tuple[UnreadRow, ...]:
    return polls.store_page(db, shop, page, tools.now())


def _keep_subscriptions(tools: Tools, shop: ShopRow, line: Shop) -> None:
    """Webhooks are seen to at every poll; a failure here is told but spoils no poll."""
    try:
        mended = line.keep_subscriptions(tools.hooks_of(shop))
    except (NoAnswer, Refused, Unreadable) as error:
        log.warning("shop %s: webhook subscriptions: %s", shop.id, error)
        return
    if mended:
        log.info("shop %s: %s webhook subscriptions mended", shop.id, mended)


def _read_watched(tools: Tools, shop: ShopRow, line: Shop) -> None:
    """Read anew what shoppers wait for, after the orders are stored.

    `Busy` holds for the whole shop; any other failure is told but spoils no poll.
    """
    if not isinstance(line, ShowsProducts):
        return
    turn = int(tools.now().timestamp() // _PRODUCTS_EVERY.total_seconds())
    with tools.database.reading() as db:
        watched = watches.watched_keys(db, shop.id, turn)
    if not watched or not tools.database.run(partial(_takes_turn, tools, shop, turn)):
        return
    until = time.monotonic() + _LONGEST_READ
    try:
        for products in line.products(watched):
            tools.database.run(partial(_store_products, tools, shop, products))
            if time.monotonic() > until:
                return
    except (AccountStopped, NoAnswer, Refused, Unreadable) as error:
        log.warning("shop %s: products not read: %s", shop.id, error)


def _takes_turn(tools: Tools, shop: ShopRow, turn: int, db: Connection) -> bool:
    return nonces.take(db, shop.id, f"products.{turn}", tools.now())


def _store_products(
    tools: Tools, shop: ShopRow, products: tuple[Product, ...], db: Connection
) -> None:
    fresh = [(shop, each) for each in products if watches.is_news(db, shop.id, each)]
    if fresh:
        intake.record(db, fresh, tools.now())


def line_to(tools: Tools, shop: ShopRow) -> Shop:
    """The connector of a shop, its token renewed first when that is due."""
    credentials: Mapping[str, str] = shops.credentials_of(tools.keys, shop)
    if shop.platform == "shopify":
        from worker.tokens import fresh_credentials

        credentials = fresh_credentials(tools, shop, credentials)
    return tools.outside.shop(shop.platform, shop.key, shop.address, credentials)
