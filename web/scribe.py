"""A process that does the writing for the process that serves.

Reading requests and writing rows in one interpreter take turns on one core, and each turn
costs more than its work: measured, a webhook took 1.4 ms of the writing thread there. The
scribe is a fork of the serving process, so most of its memory is the same pages.

It lives as long as the serving process: its end of the pipe says when that is gone, and
what it has in hand then is still committed or undone by the database alone. When the
scribe itself is gone, requests that wait get an error (what their platforms do not bring
again the next poll finds), and the serving process ends, too: gunicorn begins both anew.
"""

from __future__ import annotations

import logging
import os
import pickle
import signal
import threading
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NoReturn

from recovery.database import Database
from recovery.intake import Arrival
from web.storing import Storing

log = logging.getLogger(__name__)

_LEFT_TO_THE_PARENT = (
    *(signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP),
    *(signal.SIGUSR1, signal.SIGUSR2, signal.SIGWINCH),
)
_LONGEST = 60.0  # seconds for one page; requests give up after five


class ScribeGone(Exception):
    """The writing process ended: what was to be stored is not known to be."""


class Scribe:
    """Stores what arrives, in a process of its own; used by one thread at a time."""

    def __init__(self, line: Connection, pid: int) -> None:
        self._line = line
        self.pid = pid

    def __call__(self, arrivals: Sequence[Arrival], now: datetime) -> None:
        """Store all of `arrivals`, or none. Raises what the database raised, or `ScribeGone`."""
        page = pickle.dumps((arrivals, now), pickle.HIGHEST_PROTOCOL)
        try:
            error = self._answer_to(page)
        except (EOFError, ConnectionError) as gone:
            raise ScribeGone("the writing process ended") from gone
        except Exception as gone:
            # An answer that is late could be taken for that to the next page.
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            raise ScribeGone("the writing process does not answer") from gone
        if error is not None:
            raise error

    def _answer_to(self, page: bytes) -> Exception | None:
        self._line.send_bytes(page)
        if not self._line.poll(_LONGEST):
            raise TimeoutError
        answer: Exception | None = pickle.loads(self._line.recv_bytes())  # noqa: S301 - our own # nosec B301
        return answer


def begin(url: str) -> Scribe:
    """Fork the scribe; `url` is the database's. Call it before the process has threads."""
    ours, theirs = Pipe()
    pid = os.fork()
    if pid == 0:
        _live(theirs, url)
    theirs.close()
    threading.Thread(target=_end_with, args=(pid,), daemon=True, name="scribe").start()
    return Scribe(ours, pid)


def _end_with(pid: int) -> None:
    """Wait for the scribe's end, then ask this process to end in good order."""
    os.waitpid(pid, 0)
    log.error("the scribe is gone: this process ends, another begins")
    os.kill(os.getpid(), signal.SIGTERM)


def _live(line: Connection, url: str) -> NoReturn:
    """The scribe's life: whatever happens, it never returns into the server's own code."""
    try:
        for each in _LEFT_TO_THE_PARENT:
            signal.signal(each, signal.SIG_IGN)
        signal.set_wakeup_fd(-1)
        _close_all_but(line.fileno())
        _write(line, Storing(Database(url, pool=1)))
    except BaseException as error:
        log.error("the scribe ends: %s", type(error).__name__, exc_info=True)
    finally:
        os._exit(0)


def _close_all_but(kept: int) -> None:
    """The server's sockets are not ours, nor its end of the pipe, whose closing we await."""
    for number in [int(each.name) for each in Path("/dev/fd").iterdir()]:
        if number > 2 and number != kept:
            with suppress(OSError):  # the listing's own, closed by now
                os.close(number)


def _write(line: Connection, storing: Storing) -> None:
    while True:
        try:
            arrivals, now = pickle.loads(line.recv_bytes())  # noqa: S301 - our own # nosec B301
        except (EOFError, OSError):
            return
        line.send_bytes(_attempt(storing, arrivals, now))


def _attempt(storing: Storing, arrivals: Sequence[Arrival], now: datetime) -> bytes:
    try:
        storing(arrivals, now)
        return pickle.dumps(None)
    except Exception as error:
        # Its place is lost on the way over the pipe. Texts of errors stay out of logs.
        log.warning("a page of webhooks is not stored", exc_info=True)
        return packed(error)


def packed(error: Exception) -> bytes:
    """An exception as bytes; by its name alone when it cannot be taken apart and rebuilt."""
    try:
        packed = pickle.dumps(error)
        pickle.loads(packed)  # noqa: S301 - our own # nosec B301
        return packed
    except Exception:
        return pickle.dumps(RuntimeError(type(error).__name__))
