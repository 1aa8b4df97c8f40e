"""About how many messages of a step left in the last thirty days, without counting them all."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from recovery import tables
from recovery.programmes import CART

_CARTS, _REMINDERS = tables.carts, tables.reminders
MONTH = timedelta(days=30)
MOST_COUNTED = 200_000
LOOKED_AT = 300


def about(db: Connection, shop_id: int, step: int, channel: str, now: datetime) -> int:
    """The carts of thirty days times the share of them that got this step; 0: none did.

    All are counted, by their index, and 300 of them looked at: those of the beginning, whose
    later steps are over, or where none of these had the step, the newest.
    """
    mine = (_CARTS.c.shop_id == shop_id, _CARTS.c.created_at >= now - MONTH)
    few = select(_CARTS.c.created_at).where(*mine).limit(MOST_COUNTED).subquery()
    carts = db.execute(select(func.count()).select_from(few)).scalar_one()
    for order in (_CARTS.c.created_at, _CARTS.c.created_at.desc()):
        asked = select(_CARTS.c.id).where(*mine).order_by(order).limit(LOOKED_AT)
        ids = list(db.execute(asked).scalars())
        sent = _sent(db, ids, step, channel) if ids else 0
        if sent:
            return round(carts * sent / len(ids))
    return 0


def _sent(db: Connection, cart_ids: list[int], step: int, channel: str) -> int:
    key = (_REMINDERS.c.programme == CART, _REMINDERS.c.step == step)
    left = (_REMINDERS.c.channel == channel, _REMINDERS.c.sent_at.is_not(None))
    asked = select(func.count()).where(_REMINDERS.c.cart_id.in_(cart_ids), *key, *left)
    return int(db.execute(asked).scalar_one())
