"""Whether a stop holds, however it is kept."""

from __future__ import annotations

from recovery import consent
from recovery.database import Database
from recovery.shops import ShopRow


def stands(database: Database, shop: ShopRow, address: str, channel: str = "sms") -> bool:
    """Whether that address is written to no more."""
    key = (shop.id, channel, address)
    with database.reading() as db:
        return consent.suppressed(db, {key}) == {key}
