"""What happened at a shop since its midnight, by counts that an index answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, func, select

from recovery import tables
from recovery.report_rows import zone_of
from recovery.shops import ShopRow

_CARTS, _REMINDERS = tables.carts, tables.reminders
MOST = 10_000  # counted no further, so that the page is quick on the busiest day


@dataclass(frozen=True, slots=True)
class Today:
    """Carts seen and messages sent since midnight of the shop, at most `MOST` of each."""

    carts: int
    sent: int


def of_shop(db: Connection, shop: ShopRow, now: datetime) -> Today:
    """The counts of today."""
    here = now.astimezone(zone_of(shop.timezone))
    since = here.replace(hour=0, minute=0, second=0, microsecond=0, fold=0).astimezone(UTC)
    carts = select(_CARTS.c.id).where(_CARTS.c.shop_id == shop.id, _CARTS.c.created_at >= since)
    is_sent = (_REMINDERS.c.sent_at.is_not(None), _REMINDERS.c.sent_at >= since)
    sent = select(_REMINDERS.c.id).where(_REMINDERS.c.shop_id == shop.id, *is_sent)
    counted = [
        db.execute(select(func.count()).select_from(each.limit(MOST).subquery())).scalar_one()
        for each in (carts, sent)
    ]
    return Today(*map(int, counted))
