"""Write many requests in one transaction: each waits until its own rows are committed.

Every thread puts its work on the page and asks for the pen. Who gets it writes down
all that stands on the page by then, in one transaction; the others find theirs done
when the pen reaches them. Under no load that is one request a transaction, under
load a commit is shared by all that waited for the one before.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from recovery.database import Database
from recovery.intake import Arrival, record
from recovery.webhook_marks import mark_webhooks


@dataclass(eq=False, slots=True)
class _Entry:
    arrivals: Sequence[Arrival]
    at: datetime
    done: bool = False
    error: Exception | None = None


class Pen:
    """The one writer of what the webhooks of this process bring."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._page: list[_Entry] = []
        self._page_lock = threading.Lock()
        self._pen = threading.Lock()

    def write(self, arrivals: Sequence[Arrival], now: datetime) -> None:
        """Store `arrivals`; returns when they are committed. Raises what the database raised."""
        entry = _Entry(arrivals, now)
        with self._page_lock:
            self._page.append(entry)
        with self._pen:
            if not entry.done:
                self._write_page()
        if entry.error is not None:
            raise entry.error

    def _write_page(self) -> None:
        with self._page_lock:
            entries, self._page = self._page, []
        try:
            self._store(entries)
        except Exception:
            # One entry that cannot be stored must not cost the others theirs.
            for entry in entries:
                self._store_alone(entry)
        for entry in entries:
            entry.done = True

    def _store_alone(self, entry: _Entry) -> None:
        try:
            self._store([entry])
        except Exception as error:
            entry.error = error

    def _store(self, entries: Sequence[_Entry]) -> None:
        arrivals = [arrival for entry in entries for arrival in entry.arrivals]
        now = max(entry.at for entry in entries)

        def work(db: Connection) -> None:
            record(db, arrivals, now)
            mark_webhooks(db, {shop.id for shop, _ in arrivals}, now)

        self._database.run(work)
