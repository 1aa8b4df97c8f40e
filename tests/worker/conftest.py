"""Outsides for a worker that a test can hold, and the tools that reach them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from redis import Redis

from connectors.protocols import Gate, open_gate
from recovery.database import Database
from recovery.model import Message, Page
from tests.conftest import SetClock
from tests.recovery.stories import KEYS
from tests.valkeys import a_valkey
from worker.tools import Tools, open_redis

PATIENCE = 20.0  # seconds until a test gives up waiting


class Shop:
    """A shop with nothing new; when held it does not answer until it is let go."""

    def __init__(self) -> None:
        self.asked, self.go_on = threading.Event(), threading.Event()
        self.go_on.set()

    def changed_since(self, cursor: str | None, now: datetime) -> Iterator[Page]:
        self.asked.set()
        assert self.go_on.wait(PATIENCE)
        yield Page((), "c", now - timedelta(seconds=10), 0.0)

    def keep_subscriptions(self, hooks_url: str) -> int:
        return 0


class Provider:
    """A messenger that takes texts; `meet` says what happens at a text before it is taken."""

    def __init__(self) -> None:
        self.taken: list[Message] = []
        self._lock = threading.Lock()

    def meet(self, message: Message) -> str | None:
        """May wait or raise; a word it gives becomes the provider's id."""
        return None

    def be_ready(self) -> None:
        """There is no line to open."""

    def send(self, message: Message, gate: Gate = open_gate) -> str:
        with gate():
            given = self.meet(message)
        with self._lock:
            self.taken.append(message)
        return given or f"p{message.reference}"


class Outside:
    """The way to these shops, by address, and to one provider."""

    def __init__(self) -> None:
        self.shops: dict[str, Shop] = {}
        self.provider = Provider()

    def shop(self, platform: str, key: str, address: str, credentials: Any) -> Shop:
        return self.shops.setdefault(address, Shop())

    def messenger(self, *account: Any) -> Provider:
        return self.provider

    def held(self, address: str) -> Shop:
        """That shop, which does not answer from now on."""
        shop = self.shops.setdefault(address, Shop())
        shop.go_on.clear()
        return shop


@pytest.fixture
def outside() -> Outside:
    return Outside()


@pytest.fixture(scope="session")
def valkey() -> Iterator[str]:
    with a_valkey() as server:
        yield f"redis://127.0.0.1:{server.port}/0"


@pytest.fixture
def redis(valkey: str) -> Iterator[Redis]:
    opened = open_redis(valkey)
    opened.flushall()
    yield opened
    opened.close()


@pytest.fixture
def tools(database: Database, redis: Redis, outside: Outside, clock: SetClock) -> Tools:
    way: Any = outside
    return Tools(database, redis, way, KEYS, clock, "https://r.example")
