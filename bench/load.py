"""`python -m bench.load`: webhooks over kept connections, as fast as they are answered.

A process of its own. Requests are built before the clock starts; a line is one socket
that writes a request, reads its answer, and takes the next. It prints one line of JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from bench.checkouts import Webhook, webhooks

_LONGEST = 60.0  # seconds for everything
WARM_UP = 300  # requests that are sent, stored and counted, but not timed


@dataclass
class Run:
    """What is left to send, and what came of what was sent."""

    waiting: deque[Webhook]
    until: float = float("inf")
    answered: list[Webhook] = field(default_factory=list)
    took: list[float] = field(default_factory=list)
    errors: dict[str, int] = field(default_factory=dict)

    def count_error(self, what: str) -> None:
        """One answer that was not a 200."""
        self.errors[what] = self.errors.get(what, 0) + 1


class Line(asyncio.Protocol):
    """One kept connection."""

    def __init__(self, run: Run, done: asyncio.Future[None]) -> None:
        self.run, self.done = run, done
        self.received = b""
        self.webhook: Webhook | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        """An answer, or a part of one."""
        self.received += data
        head, found, rest = self.received.partition(b"\r\n\r\n")
        if not found or len(rest) < _length(head):
            return
        self.received = b""
        assert self.webhook is not None
        if head.startswith(b"HTTP/1.1 200"):
            self.run.took.append(time.perf_counter() - self.begun)
            self.run.answered.append(self.webhook)
        else:
            self.run.count_error(head[:12].decode(errors="replace"))
        if b"connection: close" in head.lower():
            self.run.count_error("closed after an answer")
            self._end()
        else:
            self._next()

    def connection_lost(self, error: Exception | None) -> None:
        """The far end is gone."""
        if not self.done.done():
            self.run.count_error("line lost")
            self._end()

    def _next(self) -> None:
        run = self.run
        self.begun = time.perf_counter()
        if not run.waiting or self.begun > run.until:
            self._end()
            return
        self.webhook = run.waiting.popleft()
        self.transport.write(self.webhook.request)

    def _end(self) -> None:
        if not self.done.done():
            self.done.set_result(None)
        self.transport.close()


def _length(head: bytes) -> int:
    found = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
    return int(found or 0)


async def send(run: Run, port: int, connections: int) -> float:
    """Send until nothing is left or the time is over; the seconds it took."""
    loop = asyncio.get_running_loop()
    begun = time.perf_counter()
    ends = []
    for _ in range(connections):
        done = loop.create_future()
        await loop.create_connection(lambda done=done: Line(run, done), "127.0.0.1", port)
        ends.append(done)
    _, stuck = await asyncio.wait(ends, timeout=_LONGEST)
    for _ in stuck:
        run.count_error("a request without an answer")
    return time.perf_counter() - begun


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` of all lie; 0 for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def main() -> None:
    """Build, say ready, wait for a line on the standard input, send, tell."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--port", type=int, required=True)
    given.add_argument("--connections", type=int, default=24)
    given.add_argument("--seconds", type=float, default=5.0)
    given.add_argument("--most", type=int, default=10_000)
    given.add_argument("--seed", type=int, default=1)
    given.add_argument("--secret", required=True)
    given.add_argument("--begin", type=datetime.fromisoformat, required=True)
    given.add_argument("--answered", type=Path, help="where to write what was answered by 200")
    options = given.parse_args()
    made = deque(webhooks(options.seed, options.most, options.secret, options.begin))
    size = sum(len(each.request.partition(b"\r\n\r\n")[2]) for each in made) / len(made)
    warm_up = Run(deque(made.popleft() for _ in range(min(WARM_UP, len(made) // 10))))
    asyncio.run(send(warm_up, options.port, options.connections))
    run = Run(made, until=time.perf_counter() + options.seconds)
    seconds = asyncio.run(send(run, options.port, options.connections))
    if options.answered:
        pairs = [(each.token, each.version) for each in (*warm_up.answered, *run.answered)]
        options.answered.write_text(json.dumps(pairs))
    found = {
        "per_second": len(run.answered) / seconds,
        "p50": percentile(run.took, 0.5),
        "p99": percentile(run.took, 0.99),
        "answered": len(warm_up.answered) + len(run.answered),
        "left": len(run.waiting),
        "bytes": size,
        "errors": warm_up.errors | run.errors,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
