"""Keep to a provider's limit as the provider counts it: arrivals in any one second.

The slots of an account's lease (`recovery.accounts.lease_slots`) share the limit among
workers. Inside one process threads still wake a little early or late, and two that
bunch up would be one too many. So a message also waits until the one that is a whole
second's worth before it lies more than a second back.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: What threads and the line may add or take, in seconds.
ROOM = 0.018
_LOOK = 0.015  # seconds for the last look: made after the turn's moment it would cost the rate
#: Of the first second's messages, the share that is left out: in a process that has just
#: begun, code and lines are cold, and what leaves late bunches up with what follows.
_COLD = 0.2


class Pace:
    """At most `rate` departures in any second, however many threads ask."""

    def __init__(self, rate: float) -> None:
        most = max(1, int(rate))
        begun = time.monotonic()
        self._left = deque(([begun] for _ in range(int(most * _COLD))), maxlen=most)
        self._lock = threading.Lock()

    @contextmanager
    def turn(self, last_look: Callable[[], None]) -> Iterator[None]:
        """Begin when the next message may leave; it ends when the message has left.

        `last_look` is called shortly before, and may raise. What follows a second later
        heeds the end: threads wake late, and the writing takes its time.
        """
        with self._lock:
            moment = time.monotonic()
            if len(self._left) == self._left.maxlen:
                moment = max(moment, self._left[0][0] + 1.0 + ROOM)
            mine = [moment]
            self._left.append(mine)
        _sleep_until(moment - _LOOK)
        last_look()
        _sleep_until(moment)
        try:
            yield
        finally:
            mine[0] = time.monotonic()


def _sleep_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))
