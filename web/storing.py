"""Write down what webhooks brought, in one transaction."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from recovery.database import Database
from recovery.intake import Arrival, record
from recovery.webhook_marks import mark_webhooks

_MARK_EVERY = 5.0  # seconds between two notes that a shop's webhooks are alive


class Storing:
    """Stores what arrives, in the process that calls it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._marked: dict[int, float] = {}

    def __call__(self, arrivals: Sequence[Arrival], now: datetime) -> None:
        """Store all of `arrivals`, or none. Raises what the database raised."""
        unmarked = self._unmarked({shop.id for shop, _ in arrivals})

        def work(db: Connection) -> None:
            record(db, arrivals, now)
            if unmarked:
                mark_webhooks(db, unmarked, now)

        self._database.run(work)
        self._marked.update(dict.fromkeys(unmarked, time.monotonic()))

    def _unmarked(self, shop_ids: set[int]) -> set[int]:
        before = time.monotonic() - _MARK_EVERY
        return {shop_id for shop_id in shop_ids if self._marked.get(shop_id, 0.0) < before}
