"""What a shop lets us do, against what we ask for."""

from __future__ import annotations

from connectors.shopify import scopes
from recovery import notices
from recovery.shops import ShopRow
from web.tools import tools


def note(shop: ShopRow, granted: str) -> None:
    """Tell the merchant as long as something is not granted that is asked for."""
    lacking = scopes.missing(tools().outside.options(shop.platform).get("scopes", ""), granted)
    subject, now = f"shop.{shop.id}.scopes", tools().now()
    words = f"Shopify does not let Relance do everything it asks for: {', '.join(lacking)}."
    if lacking:
        tools().database.run(lambda db: notices.tell(db, subject, words, now, shop.id))
    else:
        tools().database.run(lambda db: notices.settle(db, subject, now))
