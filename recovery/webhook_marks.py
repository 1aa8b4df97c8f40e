"""When each shop's last webhook came: a sign of life, not of completeness."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, or_, update

from recovery import held, notices, tables

#: Precise enough to see that webhooks are alive, and no row written for each of a flood.
_COARSE = timedelta(seconds=5)
GONE = "plugin_gone"


def mark_webhooks(db: Connection, shop_ids: set[int], now: datetime) -> None:
    """Note that genuine webhooks of these shops came in."""
    shops = tables.shops
    old = or_(shops.c.last_webhook_at.is_(None), shops.c.last_webhook_at < now - _COARSE)
    db.execute(update(shops).where(shops.c.id.in_(shop_ids), old).values(last_webhook_at=now))


def mark_plugin(db: Connection, shop_id: int, now: datetime) -> None:
    """Note that the plugin of this shop gave a sign of life."""
    shops = tables.shops
    db.execute(update(shops).where(shops.c.id == shop_id).values(plugin_seen_at=now))
    notices.settle(db, f"shop.{shop_id}.{GONE}", now)


def plugin_gone(db: Connection, shop_id: int, now: datetime) -> None:
    """The plugin was deleted: nothing leaves until the merchant says "on" again."""
    held.pause(db, shop_id, now)
    notices.tell(db, f"shop.{shop_id}.{GONE}", "WordPress says that it was deleted.", now, shop_id)
