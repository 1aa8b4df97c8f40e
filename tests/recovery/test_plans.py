"""That an index is there for a reason: both databases look by it, where they are asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event

from recovery import reports, traces
from recovery.database import Database
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.channel_stories import save
from tests.recovery.split_stories import adaptive, people
from tests.recovery.stories import a_cart, a_shop, record

DAY = timedelta(days=1)


def plans(database: Database, ask: Callable[[Connection], Any]) -> list[str]:
    """How each statement of `ask` would be looked up."""
    asked: list[tuple[str, Any]] = []
    with database.reading() as db:
        event.listen(db, "before_cursor_execute", lambda *about: asked.append((about[2], about[3])))
        ask(db)
        explain = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
        found = [db.exec_driver_sql(f"{explain} {said}", values) for said, values in list(asked)]
        return ["; ".join(str(row[-1]) for row in each) for each in found]


@pytest.fixture
def shop(database: Database, clock: SetClock) -> ShopRow:
    found = a_shop(database, clock())
    version = save(database, found, adaptive(), clock)
    people(database, found, "late", clock(), 200, 100, version)
    for at in range(20):
        record(database, found, a_cart(clock(), key=f"token:{at}"), now=clock())
    return found


@pytest.mark.parametrize("asked", [reports.funnel, reports.messages, reports.money])
def test_reports_find_a_shops_carts_by_their_time(
    database: Database, clock: SetClock, shop: ShopRow, asked: Callable[..., Any]
) -> None:
    span = (clock() - DAY, clock() + DAY)
    found = plans(database, lambda db: asked(db, shop.id, *span))
    of_carts = [plan for plan in found if "carts" in plan]
    assert len(of_carts) > 1
    by_shop = ("ix_carts_created", "ix_carts_state")  # of a few rows PostgreSQL takes either
    assert [plan for plan in of_carts if not any(name in plan for name in by_shop)] == []


def test_an_erasure_finds_the_arms_of_a_persons_carts(database: Database, shop: ShopRow) -> None:
    (plan,) = plans(database, lambda db: traces.addresses_drawn(db, shop.id, [1, 2, 3]))
    assert "ix_arms_cart" in plan
