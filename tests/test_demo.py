"""The demonstration's year: the same seed plays the same, and no promise is broken in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from demo.year import AlreadyFilled, NotForReal, fill
from recovery import shops, tables
from recovery.database import Database
from recovery.secrets import Keys
from tests.recovery.stories import rows
from worker.seeding import seed_sandbox

NOW = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)
SPAN = timedelta(days=12)


def a_sandbox(template: Path, folder: Path, name: str) -> Database:
    file = folder / f"{name}.sqlite"
    file.write_bytes(template.read_bytes())
    database = Database(f"sqlite:///{file}")
    seed_sandbox(database, 8001, "a secret for tests", Keys(["a key for tests, long"]), lambda: NOW)
    return database


def test_the_same_seed_plays_the_same_year_and_keeps_what_is_promised(
    sqlite_template: Path, tmp_path: Path
) -> None:
    told = []
    for name in ("one", "two"):
        database = a_sandbox(sqlite_template, tmp_path, name)
        told.append(fill(database, NOW, 24, SPAN, seed=3))
        with pytest.raises(AlreadyFilled):
            fill(database, NOW, 24, SPAN, seed=3)
    assert told[0] == told[1]
    sent = [row for row in rows(database, tables.reminders) if row.sent_at is not None]
    ordered = {row.cart_id: row.placed_at for row in rows(database, tables.orders)}
    assert len(sent) > 10 and len(ordered) > 3
    assert not [row for row in sent if row.sent_at > ordered.get(row.cart_id, NOW)]
    held_out = {row.mark for row in rows(database, tables.arms) if row.arm == "held_out"}
    assert held_out and not [row for row in sent if row.recipient in held_out]
    steps = [(row.cart_id, row.programme, row.step, row.channel) for row in sent]
    assert len(set(steps)) == len(steps)
    database.close()


def test_the_year_has_prices_a_conversation_to_answer_and_no_trouble(
    sqlite_template: Path, tmp_path: Path
) -> None:
    database = a_sandbox(sqlite_template, tmp_path, "whole")
    fill(database, NOW, 60, timedelta(days=40), seed=1)  # with an offer among its answers
    texts = [row for row in rows(database, tables.reminders) if row.state == "delivered"]
    assert texts and all(row.price for row in texts)
    assert [row for row in rows(database, tables.notices) if row.over_at is None] == []
    made = {row.stand for row in rows(database, tables.offers)}
    assert made and not made & {"failed", "wanted"}
    waits = [row.at for row in rows(database, tables.forwards) if row.done_at is None]
    assert max(waits) > NOW - timedelta(hours=1)
    assert min(waits) > NOW - timedelta(days=9)
    database.close()


def test_beside_a_real_shop_it_refuses(sqlite_template: Path, tmp_path: Path) -> None:
    database = a_sandbox(sqlite_template, tmp_path, "real")
    database.run(lambda db: shops.add(db, "shopify", "nord.myshopify.com", NOW))
    with pytest.raises(NotForReal):
        fill(database, NOW, 2, SPAN, seed=1)
    assert rows(database, tables.carts) == []
    database.close()
