"""Webhooks of the sandbox: kept, repeated, given up, never carried twice at once."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from connectors.sandbox import signing
from connectors.sandbox.delivery import Carrier, write_down
from connectors.sandbox.store import Store
from tests.connectors.sandbox.stage import NOW, SECRET, Ear


@pytest.fixture
def carrier_of(tmp_path: Path) -> Iterator[Callable[[], Carrier]]:
    made: list[Carrier] = []

    def make() -> Carrier:
        made.append(Carrier(Store(tmp_path / "carried.db"), SECRET, lambda: NOW))
        return made[-1]

    yield make
    for each in made:
        each.stop()


def test_a_webhook_waits_while_our_house_is_away_and_outlives_a_restart(
    carrier_of: Callable[[], Carrier], tmp_path: Path, ear: Ear
) -> None:
    store, start = Store(tmp_path / "carried.db"), time.time()
    with store.writing() as db:
        write_down(db, f"{ear.address}/hooks", "orders/create", {"key": "o-1"})
    ear.says = "busy"
    assert [carrier_of().carry(start + after) for after in (1, 1, 3)] == [1, 0, 1]
    ear.says = "accept"
    again = carrier_of()
    assert [again.carry(start + after) for after in (60, 120)] == [1, 0]
    assert len({h[signing.DELIVERY] for _, h, _ in ear.heard}) == 1
    assert [json.loads(body) for _, _, body in ear.heard] == [{"key": "o-1"}] * 3


def test_a_webhook_is_given_up_after_an_hour(
    carrier_of: Callable[[], Carrier], tmp_path: Path, ear: Ear
) -> None:
    store, start, carrier = Store(tmp_path / "carried.db"), time.time(), carrier_of()
    with store.writing() as db:
        write_down(db, f"{ear.address}/hooks", "orders/create", {"key": "o-1"})
    ear.says = "refuse"
    carried = sum(carrier.carry(start + seconds) for seconds in range(1, 7200, 10))
    assert 55 <= carried <= 75
    assert carrier.carry(start + 90_000) == 0


def test_two_carriers_never_carry_the_same_webhook_at_once(
    carrier_of: Callable[[], Carrier], tmp_path: Path, ear: Ear
) -> None:
    store, start = Store(tmp_path / "carried.db"), time.time() + 1
    with store.writing() as db:
        for number in range(40):
            write_down(db, f"{ear.address}/hooks", "orders/create", {"key": number})
    threads = [threading.Thread(target=carrier_of().carry, args=(start,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(json.loads(body)["key"] for _, _, body in ear.heard) == list(range(40))


def test_a_webhook_is_written_down_only_with_what_caused_it(tmp_path: Path) -> None:
    store = Store(tmp_path / "carried.db")
    with pytest.raises(sqlite3.IntegrityError), store.writing() as db:
        write_down(db, "http://us.test/hooks", "orders/create", {})
        db.execute("INSERT INTO lines (cart, product, quantity) VALUES ('c', 'mug', 0)")
    with store.reading() as db:
        assert db.execute("SELECT count(*) FROM deliveries").fetchone()[0] == 0
