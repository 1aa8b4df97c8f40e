"""The fixtures of the sandbox's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from connectors.sandbox.delivery import Hooks
from connectors.sandbox.server import Running, create_sandbox, open_sandbox
from connectors.sandbox.store import Store
from tests.connectors.sandbox.stage import NOW, SECRET, Clock, Ear, Shopper, listening


@pytest.fixture
def ear() -> Iterator[Ear]:
    with listening() as found:
        yield found


@pytest.fixture
def sandbox(tmp_path: Path, ear: Ear) -> Iterator[Running]:
    running = open_sandbox(
        0, tmp_path / "sandbox.db", ear.address, "demo", SECRET, lambda: NOW, receipt_after=0.01
    )
    running.start()
    yield running
    running.stop()


@pytest.fixture
def shopper(sandbox: Running) -> Iterator[Shopper]:
    found = Shopper(sandbox.address)
    yield found
    found.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "sandbox.db")


@pytest.fixture
def app(store: Store, clock: Clock) -> Flask:
    hooks = Hooks("http://us.test", "demo")
    return create_sandbox(
        store, hooks, SECRET, clock, "http://shop.test", forward=clock.forward, receipt_after=0
    )


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    return app.test_client()
