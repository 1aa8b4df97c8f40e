"""Pages of a large shop that need more than their address: counted figures, one cart, a search."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import func, select

from recovery import prepared, tables
from recovery.database import Database
from recovery.shop_sections import SECTIONS
from recovery.shops import ShopRow
from worker import counting

_YEAR = "2025-11-21.2026-11-20"
_PERIODS = ("last-30", "last-90", _YEAR)
_FIGURES = ("carts", "ordered", "planned", "left", "undelivered", "clicked", "earned", "capped")
_SEARCHES = (
    {},
    {"state": "brought_back"},
    {"state": "open"},
    {"typed": "tasse"},
    {"typed": "Costa 4711"},
    {"typed": "ana tasse 299"},
    {"typed": "ana.10004711@example.com"},
    {"typed": "06 10 00 47"},
    {"typed": "nobody of that name"},
    {"state": "abandoned", "since": "2026-01-01", "until": "2026-01-31"},
)
Asked = tuple[str, dict[str, str] | None]  # an address, and the fields of its form


def seconds_of_counting(database: Database, now: datetime) -> dict[str, float]:
    """Count all figures that pages asked for, as a worker does; processor seconds of each."""
    tools: Any = SimpleNamespace(database=database, now=lambda: now)
    took: dict[str, float] = {}
    while ids := database.run(lambda db: prepared.hand_out(db, now)):
        for each in ids:
            with database.reading() as db:
                of = prepared.claimed(db, each)
            name = f"{of.what} of {of.period}" if of else "nothing"
            begun = time.process_time()
            counting.count(tools, each)
            took[name] = took.get(name, 0.0) + time.process_time() - begun
    return took


def waiting(base: str) -> list[Asked]:
    """Pages of figures, which ask for a count where there is none yet."""
    rooms = ("results/", "why/")
    return [(f"{base}/{room}?period={each}", None) for room in rooms for each in _PERIODS]


def filled(database: Database, shop: ShopRow, base: str) -> Iterator[Asked]:
    """Pages of figures once counted, the carts behind them, searches, a cart, a conversation."""
    yield from waiting(base)
    for each in _PERIODS[1:]:
        yield f"{base}/results/csv?period={each}", None
    for figure in _FIGURES:
        yield f"{base}/results/carts?figure={figure}&period={_YEAR}", None
    for fields in _SEARCHES:
        yield f"{base}/carts/", fields
    yield from _of_rows(database, shop, base)
    for section in SECTIONS:
        yield f"{base}/settings/{section}/", None
    for end in ("steps/1", "steps/1/words/fr", "steps/2/words/en"):
        yield f"{base}/programmes/cart/{end}", None


def _of_rows(database: Database, shop: ShopRow, base: str) -> Iterator[Asked]:
    carts, replies = tables.carts, tables.replies
    with database.reading() as db:
        cart = db.execute(select(func.max(carts.c.id)).where(carts.c.shop_id == shop.id)).scalar()
        mine = select(func.max(replies.c.id)).where(replies.c.shop_id == shop.id)
        reply = db.execute(mine).scalar()
    if cart:
        yield f"{base}/carts/{cart}", None
    if reply:
        yield f"{base}/conversations/{reply}", None
