"""A worker watches the clock: what watches everything else cannot tell of its own end."""

from __future__ import annotations

import logging
import threading

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from recovery import alerts, watchers
from worker import forwarding
from worker.tools import Tools

log = logging.getLogger(__name__)
EVERY = 60.0  # seconds


def begin(tools: Tools) -> threading.Event:
    """Look each minute from now on, in a thread of its own; set what is given back to end it."""
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(EVERY):
            try:
                look(tools)
            except (SQLAlchemyError, RedisError, OSError) as error:
                log.error("watching the clock: %s", type(error).__name__)

    threading.Thread(target=watch, daemon=True, name="watch").start()
    return ended


def look(tools: Tools) -> None:
    """Tell merchants of a clock that stopped; without it nobody else hands their e-mails out."""
    now = tools.now()
    if not tools.database.run(lambda db: watchers.clock_stopped(db, now)):
        return
    tools.database.run(lambda db: alerts.collect(db, now))
    for each in tools.database.run(lambda db: alerts.hand_out(db, now)):
        forwarding.send(tools, each, alerts)
