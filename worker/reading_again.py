"""Read again what was genuine but not understood, once the reader is mended."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select, update

from connectors.protocols import Unreadable
from recovery import intake, shops, tables
from worker.tools import Tools


def read_again(tools: Tools) -> str:
    """Try each kept webhook anew; says how many were read and how many still are not."""
    with tools.database.reading() as db:
        rows = db.execute(
            select(tables.unread).where(tables.unread.c.read_at.is_(None)).order_by("id")
        ).all()
    read = sum(_read(tools, row) for row in rows)
    return f"{read} read, {len(rows) - read} still unread"


def _read(tools: Tools, row: Any) -> bool:
    with tools.database.reading() as db:
        shop = shops.by_id(db, row.shop_id) if row.shop_id else None
    if shop is None:
        return False
    line = tools.outside.shop(shop.platform, shop.key, shop.address, {})
    try:
        seen = line.read(json.loads(row.headers), row.body, row.at)
    except Unreadable:
        return False
    with tools.database.transaction() as db:
        intake.record(db, [(shop, each) for each in seen], tools.now())
        done = update(tables.unread).where(tables.unread.c.id == row.id)
        db.execute(done.values(read_at=tools.now()))
    return True
