"""A stop is written back to the platform, where it has a place for it (Shopify has)."""

from __future__ import annotations

import logging
from typing import Any

from connectors.protocols import AccountStopped, Busy, NoAnswer, Refused, Unreadable
from recovery import consent
from recovery.shops import ShopRow
from worker.tools import Tools

log = logging.getLogger(__name__)


def write_back(tools: Tools, shop: ShopRow, line: Any) -> None:
    """Tell the shop's platform of each stop it does not know yet; a failure is tried again.

    Part of every poll, whose lease it shares. Telling twice changes nothing there.
    """
    if not hasattr(line, "write_back_stop"):
        return
    with tools.database.reading() as db:
        untold = consent.stops_to_write_back(db, shop.id)
    for address, customer_key in untold:
        try:
            line.write_back_stop(customer_key, tools.now())
        except (Busy, NoAnswer, AccountStopped, Unreadable) as error:
            log.warning("shop %s: stop not written back: %s", shop.id, type(error).__name__)
            return
        except Refused as error:
            log.warning("shop %s: stop refused: %s", shop.id, error)
        _note(tools, shop.id, address)


def _note(tools: Tools, shop_id: int, address: str) -> None:
    tools.database.run(lambda db: consent.wrote_back(db, shop_id, address, tools.now()))
