"""A code for a shop's plugin, for whoever may log in to this server."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from recovery import pairings, shops
from recovery.database import Database


class NoSuchShop(Exception):
    """No shop that a plugin could be joined to has that key."""


def plugin_code(database: Database, shop_key: str, now: datetime) -> str:
    """A fresh code for that shop, good once and for a day. Raises `NoSuchShop`."""

    def work(db: Connection) -> str:
        shop = shops.by_key(db, shop_key)
        if shop is None or shop.platform != "woocommerce" or not shop.is_active:
            raise NoSuchShop(f"no connected WooCommerce shop has the key {shop_key!r}")
        return pairings.begin(db, shop.id, now)

    return database.run(work)
