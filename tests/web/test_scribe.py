"""The real web process: its scribe writes for it, and neither outlives the other."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import text

import settings as configuration
from recovery import shops, tables
from recovery.database import Database
from tests.connectors import shopify_words
from tests.house import answers, descendants, environment_for, is_alive, until
from tests.recovery.stories import rows
from tests.web.stage import ENVIRONMENT
from web.scribe import packed


class Served:
    """gunicorn as the Procfile starts it, on a port of its own."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        environment = environment_for(folder, database.url, **ENVIRONMENT, CLOCK_FILE="")
        self.address = f"http://127.0.0.1:{environment['PORT']}"
        self.log = folder / "web.log"
        command = (sys.executable, "-m", "gunicorn", "-c", "python:web.serving", "web:create_app()")
        with self.log.open("ab") as out:
            self.master = subprocess.Popen(
                command, env=environment, cwd=configuration.HERE, stdout=out, stderr=out
            )
        until(lambda: answers(f"{self.address}/healthz"), told=self.log.read_text)

    def serving_and_scribe(self) -> tuple[int, int]:
        """The process ids of the two, once there are two."""
        (serving, scribe) = until(self._two, told=self.log.read_text)
        return serving, scribe

    def _two(self) -> tuple[int, int] | None:
        alive = {pid for pid in descendants(self.master.pid) if is_alive(pid)}
        served = [pid for pid in alive if descendants(pid) & alive]
        if len(alive) != 2 or len(served) != 1:
            return None
        return served[0], (alive - {served[0]}).pop()

    def shopify_sends(self, **changed: Any) -> int:
        """The status of the answer to a checkout's webhook; 0 when the line broke."""
        body = json.dumps(shopify_words.recording("checkouts_update_2026-07") | changed).encode()
        headers = shopify_words.signed("checkouts/update", body)
        try:
            sent = requests.post(
                f"{self.address}/hooks/shopify", data=body, headers=headers, timeout=20
            )
        except requests.ConnectionError:
            return 0
        return sent.status_code

    def count(self, name: str) -> int:
        return len(rows(self.database, tables.metadata.tables[name]))

    def end(self) -> None:
        """Tell it to end; everything that it started ends with it."""
        mine = descendants(self.master.pid)
        self.master.send_signal(signal.SIGTERM)
        self.master.wait(20)
        until(lambda: not any(map(is_alive, mine)), told=self.log.read_text)


@pytest.fixture
def served(database: Database, tmp_path: Path) -> Iterator[Served]:
    now = datetime.now(UTC)
    database.run(lambda db: shops.add(db, "shopify", shopify_words.SHOP, now, name="Pots"))
    opened = Served(database, tmp_path)
    yield opened
    opened.end()


def test_the_scribe_writes_before_the_answer(served: Served) -> None:
    serving, scribe = served.serving_and_scribe()
    assert served.shopify_sends() == 200
    assert served.count("carts") == 1
    assert (serving, scribe) == served.serving_and_scribe()


def test_what_the_scribe_cannot_write_is_kept_and_costs_nobody_else_theirs(served: Served) -> None:
    assert served.shopify_sends(total_price="5000000000000000.00") == 200
    (kept,) = rows(served.database, tables.unread)
    assert kept.error.startswith("refused: ")
    assert served.shopify_sends() == 200
    assert served.count("carts") == 1


def test_without_its_scribe_nothing_is_called_stored_and_both_begin_anew(
    served: Served,
) -> None:
    serving, scribe = served.serving_and_scribe()
    os.kill(scribe, signal.SIGKILL)
    told = served.shopify_sends()  # unless the next two serve by now
    assert told in (0, 200, 500)
    assert served.count("carts") == (told == 200)
    until(lambda: served.shopify_sends() == 200, told=served.log.read_text)
    assert served.count("carts") == 1
    assert not {serving, scribe} & set(served.serving_and_scribe())


def test_a_scribe_ends_with_the_process_that_it_writes_for(served: Served) -> None:
    serving, scribe = served.serving_and_scribe()
    os.kill(scribe, signal.SIGTERM)  # Ctrl-C and a stop reach all processes: it goes on
    assert served.shopify_sends() == 200
    os.kill(serving, signal.SIGKILL)
    until(lambda: not is_alive(scribe), told=served.log.read_text)
    until(lambda: served.shopify_sends() == 200, told=served.log.read_text)


def another(number: int) -> dict[str, Any]:
    """What makes a checkout another cart."""
    marks = {name: f"{name}{number}" for name in ("name", "token", "cart_token")}
    return marks | {"id": number, "abandoned_checkout_url": None}


def test_a_stop_lets_what_waits_be_stored_and_answered(served: Served) -> None:
    threads = Path(f"/proc/{served.serving_and_scribe()[0]}/task")
    before = len(list(threads.iterdir()))
    with ThreadPoolExecutor(2) as pool:
        with served.database.transaction() as db:  # nobody else can write
            if db.dialect.name == "postgresql":
                db.execute(text("LOCK TABLE carts IN EXCLUSIVE MODE"))
            sent = [pool.submit(served.shopify_sends, **another(n)) for n in (1, 2)]
            until(lambda: len(list(threads.iterdir())) > before)  # the pen's, at the first one
            served.master.send_signal(signal.SIGTERM)
        answers = [each.result(30) for each in sent]
    assert served.count("carts") == answers.count(200)
    assert 200 in answers


class Odd(Exception):
    """It cannot be rebuilt from its text."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(one + two)


def test_an_error_that_cannot_be_rebuilt_comes_back_by_its_name() -> None:
    error = pickle.loads(packed(Odd("a name", "of somebody")))
    assert (type(error), str(error)) == (RuntimeError, "Odd")
