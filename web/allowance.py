"""How often somebody may do a thing: so many times within so many seconds.

Kept in the process: with several of them each allows as much, and a restart forgets.
That is enough against a flood, which is all this is for.
"""

from __future__ import annotations

import threading
from collections import deque
from datetime import datetime, timedelta

_MOST_NAMES = 20_000  # remembered at once; beyond that the longest quiet ones are forgotten


class Allowance:
    """Counts by name; the names are hashes or keys, never addresses of people."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._window = most, timedelta(seconds=seconds)
        self._taken: dict[str, deque[datetime]] = {}
        self._lock = threading.Lock()

    def take(self, name: str, now: datetime) -> float:
        """Take one; 0 when it was allowed, else the seconds until the next may be taken."""
        with self._lock:
            times = self._taken.pop(name, None) or deque()
            while times and times[0] <= now - self._window:
                times.popleft()
            self._taken[name] = times  # the last in the order is the one seen last
            if len(times) >= self._most:
                return (times[0] + self._window - now).total_seconds()
            times.append(now)
            while len(self._taken) > _MOST_NAMES:
                self._taken.pop(next(iter(self._taken)))
            return 0.0
