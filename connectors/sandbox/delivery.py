"""Webhooks on their way to the house: written down first, then delivered until they are taken.

A delivery is claimed by moving its due time, so that two threads never carry the same one
at once; after a crash it falls due again, and its repeat bears the same delivery id.
Waiting times are those of the machine's clock: the shop's clock may be moved forward.
"""

from __future__ import annotations

import json
import logging
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import requests

from connectors.sandbox.signing import signed_headers
from connectors.sandbox.store import Store

log = logging.getLogger(__name__)

TIMES_OUT = (3.0, 10.0)
CLAIMED_FOR = 20.0  # longer than the time-outs, so that a claim never lapses in the call
GIVEN_UP_AFTER = 3600.0
GREATEST_WAIT = 60.0
SWEEP_SECONDS = 1.0
SETTLED = ("taken", "given up")
KEPT_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class Hooks:
    """Where our house listens: `base` is its address, `shop_key` its name of this shop.

    `pages` is its address for browsers, where that is another one.
    """

    base: str
    shop_key: str
    pages: str = ""

    @property
    def shop(self) -> str:
        """For checkouts and orders."""
        return f"{self.base.rstrip('/')}/hooks/sandbox/{self.shop_key}"

    @property
    def status(self) -> str:
        """For what became of a text, where the text names no address of its own."""
        return f"{self.base.rstrip('/')}/hooks/sandbox/status"

    @property
    def inbound(self) -> str:
        """For what somebody types on the phone."""
        return f"{self.base.rstrip('/')}/hooks/sandbox/inbound"


def write_down(
    db: sqlite3.Connection,
    url: str,
    topic: str,
    content: Mapping[str, object],
    after: float = 0.0,
) -> None:
    """Have `content` delivered to `url` in `after` seconds, in the caller's transaction."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    wall = time.time()
    db.execute(
        "INSERT INTO deliveries (delivery, url, topic, body, written, due)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (secrets.token_hex(12), url, topic, body, wall, wall + after),
    )


class Carrier:
    """Carries what is due. `now` is the shop's clock, by which webhooks are signed."""

    def __init__(self, store: Store, secret: str, now: Callable[[], datetime]) -> None:
        self._store = store
        self._secret = secret
        self._now = now
        self._session = requests.Session()
        self._session.trust_env = False
        self._wake = threading.Event()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to deliver, in a thread of its own."""
        self._thread = threading.Thread(target=self._run, name="carrier", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the delivery in hand and end the thread."""
        self._stopped.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=sum(TIMES_OUT))
        self._session.close()

    def wake(self) -> None:
        """Look at once: something was written down."""
        self._wake.set()

    def carry(self, wall: float) -> int:
        """Deliver everything due at `wall` (seconds of the machine's clock); how many left."""
        carried = 0
        while not self._stopped.is_set() and (row := self._claim(wall)) is not None:
            taken = self._deliver(row)
            self._settle(row, taken, wall)
            carried += 1
        return carried

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._wake.clear()
            try:
                self.carry(time.time())
                pause = self._pause(time.time())
            except sqlite3.Error:
                log.exception("the sandbox could not read its deliveries; trying again")
                pause = SWEEP_SECONDS
            self._wake.wait(pause)

    def _pause(self, wall: float) -> float:
        with self._store.reading() as db:
            due = db.execute("SELECT min(due) FROM deliveries WHERE state = 'waiting'").fetchone()
        return SWEEP_SECONDS if due[0] is None else min(max(due[0] - wall, 0.01), SWEEP_SECONDS)

    def _claim(self, wall: float) -> sqlite3.Row | None:
        with self._store.writing() as db:
            db.execute(
                "DELETE FROM deliveries WHERE state IN (?, ?) AND written < ?",
                (*SETTLED, wall - KEPT_SECONDS),
            )
            row: sqlite3.Row | None = db.execute(
                "UPDATE deliveries SET due = ?, attempts = attempts + 1 WHERE id = ("
                " SELECT id FROM deliveries WHERE state = 'waiting' AND due <= ?"
                " ORDER BY due, id LIMIT 1) RETURNING *",
                (max(wall, time.time()) + CLAIMED_FOR, wall),
            ).fetchone()
            return row

    def _deliver(self, row: sqlite3.Row) -> bool:
        headers = signed_headers(
            self._secret, row["topic"], row["delivery"], row["body"], self._now()
        )
        try:
            answer = self._session.post(
                row["url"],
                data=row["body"],
                headers=dict(headers),
                timeout=TIMES_OUT,
                allow_redirects=False,
            )
        except requests.RequestException:
            return False
        return answer.ok and not answer.is_redirect

    def _settle(self, row: sqlite3.Row, taken: bool, wall: float) -> None:
        given_up = not taken and wall - row["written"] >= GIVEN_UP_AFTER
        state = "taken" if taken else "given up" if given_up else "waiting"
        if given_up:
            log.warning("webhook %s given up after %s attempts", row["topic"], row["attempts"])
        wait = min(2.0 ** (row["attempts"] - 1), GREATEST_WAIT)
        with self._store.writing() as db:
            db.execute(
                "UPDATE deliveries SET state = ?, due = ? WHERE id = ?",
                (state, max(wall, time.time()) + wait, row["id"]),
            )
