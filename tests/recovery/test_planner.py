"""SQLite looks at the few rows of a contact, not at all of a shop's."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from recovery import cart_life, cart_search
from recovery.cart_search import Asked
from recovery.database import Database
from tests.conftest import SetClock
from tests.recovery.stories import a_cart, a_shop, a_shopper, record


def plans(database: Database, look: Any) -> list[str]:
    """How SQLite goes about each question that `look` asks of carts."""
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _k: Any, words: str, values: Any, *_: Any) -> None:
        asked.append((words, values))

    event.listen(database.engine, "before_cursor_execute", note)
    with database.reading() as db:
        look(db)
    event.remove(database.engine, "before_cursor_execute", note)
    with database.engine.connect() as db:
        raw: Any = db.connection.driver_connection
        told = [
            row[3]
            for words, values in asked
            if words.startswith("SELECT") and "FROM carts" in words
            for row in raw.execute(f"EXPLAIN QUERY PLAN {words}", values)
        ]
    return [each for each in told if each.startswith(("SEARCH", "SCAN"))]


@pytest.mark.parametrize(
    ("typed", "index"), [("06 12 34", "ix_carts_phone"), ("ana@ex", "ix_carts_email")]
)
def test_the_beginning_of_a_contact_is_read_from_its_index(
    database: Database, clock: SetClock, typed: str, index: str
) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL's planner counts rows by itself")
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock()), now=clock())
    found = plans(database, lambda db: cart_search.find(db, shop, Asked(typed)))
    assert any(index in each for each in found)
    assert not any("ix_carts_created (shop_id=?)" in each for each in found)


def test_a_customers_other_carts_are_read_from_the_customers_index(
    database: Database, clock: SetClock
) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL's planner counts rows by itself")
    shop = a_shop(database, clock())
    who = a_shopper(clock(), customer_key="4711")
    record(database, shop, a_cart(clock(), shopper=who), now=clock())
    with database.reading() as db:
        (cart,) = cart_search.find(db, shop, Asked()).rows
    found = plans(database, lambda db: cart_life.others_of(db, cart))
    assert [each for each in found if "carts" in each] == [
        "SEARCH carts USING INDEX ix_carts_customer_key (customer_key=?)"
    ]
