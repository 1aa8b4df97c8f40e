"""Read again what was genuine but not understood, once the reader is mended."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import Any

from sqlalchemy import Connection, select, update

from connectors.protocols import Unreadable
from recovery import accounts, intake, polls, receipts, shops, tables, unread
from recovery.model import Cart, RowKind, Seen
from recovery.shops import ShopRow
from worker.tools import Tools

log = logging.getLogger(__name__)

# Where each platform reads a single row of its polls, by `read_row(kind, body)`.
_POLLING = {
    "shopify": "connectors.shopify.polling",
    "woocommerce": "connectors.woocommerce.polling",
    "sandbox": "connectors.sandbox.shop",
}

Store = Callable[[Connection], object]


def read_again(tools: Tools) -> str:
    """Try each kept request and polled row anew; says how many were read, how many not."""
    with tools.database.reading() as db:
        rows = db.execute(
            select(tables.unread).where(tables.unread.c.read_at.is_(None)).order_by("id")
        ).all()
    read = sum(_read(tools, row) for row in rows)
    return f"{read} read, {len(rows) - read} still unread"


def _read(tools: Tools, row: Any) -> bool:
    try:
        store = _of_account(tools, row) if row.account_id else _of_shop(tools, row)
    except Unreadable:
        return False
    except Exception as error:
        # One that breaks the reader must not keep the others from being read.
        log.error("unread %s: %s", row.id, type(error).__name__)
        return False
    if store is None:
        return False
    now = tools.now()
    done = update(tables.unread).where(tables.unread.c.id == row.id).values(read_at=now)

    def work(db: Connection) -> None:
        store(db)
        db.execute(done)
        if row.door == unread.POLL:
            unread.answer_for_orders(db, shops.all_by_id(db, [row.shop_id])[row.shop_id], now)

    try:
        tools.database.run(work)
    except polls.REFUSED_AT_LAST as error:
        log.error("unread %s: the database refuses it: %s", row.id, type(error).__name__)
        return False
    return True


def _of_shop(tools: Tools, row: Any) -> Store | None:
    with tools.database.reading() as db:
        shop = shops.by_id(db, row.shop_id) if row.shop_id else None
    if shop is None:
        return None
    if row.door == "plugin":
        from connectors.woocommerce.plugin import read_carts

        seen = read_carts(row.body, row.at)
    elif row.door == unread.POLL:
        seen = _of_poll(tools, shop, row)
    else:
        line = tools.outside.shop(shop.platform, shop.key, shop.address, {})
        seen = line.read(json.loads(row.headers), row.body, row.at)
    return lambda db: intake.record(db, [(shop, each) for each in seen], tools.now())


def _of_poll(tools: Tools, shop: ShopRow, row: Any) -> tuple[Seen, ...]:
    reader = import_module(_POLLING[shop.platform])
    seen: tuple[Seen, ...] = reader.read_row(RowKind(unread.kind_of(row.headers)), row.body)
    # The reader knows the row alone; where the way back lies, the shop's connector knows.
    line = tools.outside.shop(shop.platform, shop.key, shop.address, {})
    return tuple(
        replace(each, way_back=line.way_back(each, None))
        if isinstance(each, Cart) and each.way_back is None
        else each
        for each in seen
    )


def _of_account(tools: Tools, row: Any) -> Store | None:
    with tools.database.reading() as db:
        account = accounts.by_id(db, row.account_id)
    if account is None:
        return None
    messenger = tools.messenger(account)
    if row.door == "inbound":
        reply = messenger.read_reply(row.body)
        if reply is None:
            return lambda db: None
        return lambda db: receipts.record_reply(db, account, reply, tools.now())
    receipt = messenger.read_receipt(row.body)
    if receipt is None:
        return lambda db: None
    return lambda db: receipts.record_receipt(db, account, receipt, tools.now())
