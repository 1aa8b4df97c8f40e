"""Write many requests in one transaction: each waits until its own rows are committed.

Requests put what they bring on a page. One thread has all that stands there written down
in one transaction, and then answers all of them; meanwhile the next page fills. Alone, a
request is written at once. A transaction for twenty costs little more than one for two.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from recovery.intake import Arrival
from web.scribe import ScribeGone

_PATIENCE = 4.5  # seconds; Shopify gives up after five and comes again

#: Stores all arrivals as of a moment, or raises and stores none.
Store = Callable[[Sequence[Arrival], datetime], None]


def _taken_lock() -> threading.Lock:
    lock = threading.Lock()
    lock.acquire()
    return lock


@dataclass(eq=False, slots=True)
class _Entry:
    arrivals: Sequence[Arrival]
    at: datetime
    done: threading.Lock = field(default_factory=_taken_lock)  # released when committed
    until: float = field(default_factory=lambda: time.monotonic() + _PATIENCE)
    error: Exception | None = None


class Pen:
    """The one writer of what the webhooks of this process bring; `store` puts it into rows."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._page: list[_Entry] = []
        self._page_lock = threading.Lock()
        self._something = threading.Event()
        self._writer: threading.Thread | None = None

    def write(self, arrivals: Sequence[Arrival], now: datetime) -> None:
        """Store `arrivals`; returns when they are committed. Raises what `store` raised."""
        entry = _Entry(arrivals, now)
        with self._page_lock:
            self._page.append(entry)
            self._something.set()
            if self._writer is None:  # begun here, in the process that serves
                self._writer = threading.Thread(target=self._run, daemon=True, name="pen")
                self._writer.start()
        if not entry.done.acquire(timeout=_PATIENCE):
            raise TimeoutError("the database did not take it in time; it may yet")
        if entry.error is not None:
            raise entry.error

    def _run(self) -> None:
        while True:
            self._something.wait()
            with self._page_lock:
                entries, self._page = self._page, []
                self._something.clear()
            self._write_page(entries)
            for entry in entries:
                entry.done.release()

    def _write_page(self, entries: list[_Entry]) -> None:
        try:
            arrivals = [arrival for entry in entries for arrival in entry.arrivals]
            self.store(arrivals, max(entry.at for entry in entries))
        except Exception as error:
            # One entry that cannot be stored must not cost the others theirs. Whose request
            # has given up is not tried again: those that came since wait behind it.
            alone = len(entries) == 1 or isinstance(error, ScribeGone)
            for entry in entries:
                if alone or time.monotonic() > entry.until:
                    entry.error = error
                else:
                    self._write_page([entry])
