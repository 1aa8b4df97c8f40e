"""Things that go wrong on purpose: statuses, silence, dropped lines."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from threading import Lock

ORDINARY = frozenset({"throttled", "timeout", "drop_before", "drop_after"})


@dataclass(frozen=True)
class Fault:
    """`what` is an HTTP status or one of `ORDINARY`; `where` is "graphql", "oauth" or both (None).

    `containing` narrows a fault to request bodies with this text.
    """

    what: int | str
    where: str | None = None
    containing: str = ""
    retry_after: float | None = None
    hold: float = 30.0


class Faults:
    def __init__(self) -> None:
        self._lock = Lock()
        self._next: deque[Fault] = deque()

    def fail_next(
        self,
        what: int | str = 500,
        times: int = 1,
        where: str | None = None,
        containing: str = "",
        retry_after: float | None = None,
        hold: float = 30.0,
    ) -> None:
        """Let the next `times` fitting requests fail.

        `what`: an HTTP status (500, 401, 429, …); "throttled" (200 with THROTTLED);
        "timeout" (no answer for `hold` seconds, nothing done); "drop_before" and
        "drop_after" (the line breaks before, or after, the request took effect).
        """
        assert isinstance(what, int) or what in ORDINARY, what
        with self._lock:
            fault = Fault(what, where, containing, retry_after, hold)
            self._next.extend([fault] * times)

    def take(self, where: str, body: bytes) -> Fault | None:
        """The fault for this request, used up by it."""
        with self._lock:
            for fault in self._next:
                if fault.where in (None, where) and fault.containing.encode() in body:
                    self._next.remove(fault)
                    return fault
        return None

    def clear(self) -> None:
        with self._lock:
            self._next.clear()
