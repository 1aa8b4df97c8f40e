"""HTTP/1.1 over asyncio with as little parsing as will do: benchmarks share its cores."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass

REASONS = {
    200: "OK",
    202: "Accepted",
    307: "Temporary Redirect",
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    422: "Unprocessable Entity",
    429: "Too Many Requests",
    502: "Bad Gateway",
    503: "Service Unavailable",
}


@dataclass(slots=True)
class Request:
    """`arrival`: monotonic seconds of its first byte. `head` is raw, names in any case."""

    arrival: float
    method: bytes
    path: bytes
    head: bytes
    body: bytes

    def header(self, name: bytes) -> bytes:
        """The value of the header called `name` (in lower case), b"" when it is not there."""
        at = self.head.lower().find(b"\r\n" + name + b":")
        if at < 0:
            return b""
        start = at + len(name) + 3
        end = self.head.find(b"\r\n", start)
        return self.head[start : end if end >= 0 else None].strip()


class Line(asyncio.Protocol):
    """One connection. `answer(line, request)` is called for each whole request, one at a time."""

    def __init__(self, answer: Callable[[Line, Request], None], open_lines: set[Line]) -> None:
        self._answer = answer
        self._open_lines = open_lines
        self._buffer = b""
        self._arrival = 0.0
        self._busy = False
        self.answered = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._open_lines.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._open_lines.discard(self)

    def data_received(self, data: bytes) -> None:
        if not self._buffer:
            self._arrival = time.monotonic()
        self._buffer += data
        self._next()

    def _next(self) -> None:
        end = self._buffer.find(b"\r\n\r\n")
        if self._busy or end < 0:
            return
        head = self._buffer[:end]
        request = Request(self._arrival, *head.split(b" ", 2)[:2], head, b"")
        length = int(request.header(b"content-length") or 0)
        if len(self._buffer) < end + 4 + length:
            return
        request.body = self._buffer[end + 4 : end + 4 + length]
        self._buffer = self._buffer[end + 4 + length :]
        self._busy = True
        self._answer(self, request)

    def respond(
        self, status: int, body: bytes, extra: str = "", *, then_close: bool = False
    ) -> None:
        """Write an answer; the next request on this line may then be read."""
        if self.transport.is_closing():
            return
        head = (
            f"HTTP/1.1 {status} {REASONS[status]}\r\nContent-Type: application/json\r\n"
            f"{extra}Content-Length: {len(body)}\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.answered += 1
        self._busy = False
        if then_close:
            self.transport.close()
        elif self._buffer:
            self._next()

    def close(self) -> None:
        """Close in good order, as a server does with a line that was idle too long."""
        self.transport.close()

    def reset(self) -> None:
        """A TCP reset, at once."""
        line = self.transport.get_extra_info("socket")
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    def garble(self) -> None:
        """Bytes that are no TLS record: the reader's TLS fails while it waits for the answer."""
        line = self.transport.get_extra_info("socket")
        os.write(line.fileno(), b"this is no TLS record at all\r\n")
        self.transport.abort()
