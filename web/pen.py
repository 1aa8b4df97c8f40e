"""Write many requests in one transaction: each waits until its own rows are committed.

Requests put what they bring on a page. One thread writes down all that stands there,
in one transaction, and then answers all of them. Alone, a request is written at once.
In a flood the writer waits a few milliseconds for as many as came last time, because
a transaction for twenty costs little more than one for two.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from recovery.database import Database
from recovery.intake import Arrival, record
from recovery.webhook_marks import mark_webhooks

#: The longest wait for others, in seconds: far below what a platform or its p99 notices.
LINGER = 0.02
_GAP = 0.005  # seconds without a newcomer end the wait
_STEP = 0.001
_PATIENCE = 4.5  # seconds; Shopify gives up after five and comes again
_MARK_EVERY = 5.0  # seconds between two notes that a shop's webhooks are alive


def _taken_lock() -> threading.Lock:
    lock = threading.Lock()
    lock.acquire()
    return lock


@dataclass(eq=False, slots=True)
class _Entry:
    arrivals: Sequence[Arrival]
    at: datetime
    done: threading.Lock = field(default_factory=_taken_lock)  # released when committed
    error: Exception | None = None


class Pen:
    """The one writer of what the webhooks of this process bring."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._page: list[_Entry] = []
        self._page_lock = threading.Lock()
        self._something = threading.Event()
        self._writer: threading.Thread | None = None
        self._last_count = 0
        self._marked: dict[int, float] = {}

    def write(self, arrivals: Sequence[Arrival], now: datetime) -> None:
        """Store `arrivals`; returns when they are committed. Raises what the database raised."""
        entry = _Entry(arrivals, now)
        with self._page_lock:
            self._page.append(entry)
            if self._writer is None:  # begun here, in the process that serves
                self._writer = threading.Thread(target=self._run, daemon=True, name="pen")
                self._writer.start()
        self._something.set()
        if not entry.done.acquire(timeout=_PATIENCE):
            raise TimeoutError("the database did not take it in time; it may yet")
        if entry.error is not None:
            raise entry.error

    def _run(self) -> None:
        while True:
            self._something.wait()
            self._linger()
            with self._page_lock:
                entries, self._page = self._page, []
                self._something.clear()
            self._last_count = len(entries) + (len(entries) > 1)
            self._write_page(entries)
            for entry in entries:
                entry.done.release()

    def _linger(self) -> None:
        """In a flood, wait for as many as came last time, while they keep coming."""
        now = time.monotonic()
        until, count, came_at = now + LINGER, len(self._page), now
        while count < self._last_count and now < min(until, came_at + _GAP):
            time.sleep(_STEP)
            now = time.monotonic()
            if len(self._page) > count:
                count, came_at = len(self._page), now

    def _write_page(self, entries: list[_Entry]) -> None:
        try:
            self._store(entries)
        except Exception as error:
            if len(entries) == 1:
                entries[0].error = error
                return
            # One entry that cannot be stored must not cost the others theirs.
            for entry in entries:
                self._write_page([entry])

    def _store(self, entries: Sequence[_Entry]) -> None:
        arrivals = [arrival for entry in entries for arrival in entry.arrivals]
        now = max(entry.at for entry in entries)
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
