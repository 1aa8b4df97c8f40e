"""A shop that leaves is erased whatever its size, and never over the head of its return."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import event, insert, update

from recovery import leaving_shops, shops, tables
from recovery.database import Database
from recovery.model import ShopNews
from recovery.reasons import Reason
from recovery.shops import ShopRow
from recovery.states import ReminderState
from tests.conftest import SetClock
from tests.recovery.stories import a_cart, a_shop, record, rows, tick

MANY = 400


def with_many_carts(database: Database, shop: ShopRow, clock: SetClock) -> None:
    record(database, shop, a_cart(clock()), now=clock())
    one = rows(database, tables.carts)[0]._mapping
    more = [{**one, "id": None, "key": f"token:x{number}"} for number in range(MANY)]
    for row in more:
        del row["id"]
    with database.transaction() as db:
        db.execute(insert(tables.carts), more)


def test_erasing_takes_no_more_parameters_for_a_large_shop(
    database: Database, clock: SetClock
) -> None:
    # PostgreSQL takes 65,535 of them in a statement: a shop of more carts was never erased.
    shop = a_shop(database, clock())
    with_many_carts(database, shop, clock)
    record(database, shop, ShopNews(uninstalled=True), now=clock())
    most = 0

    def note(connection: Any, cursor: Any, statement: str, given: Any, *more: Any) -> None:
        nonlocal most
        most = max(most, len(given))

    event.listen(database.engine, "before_cursor_execute", note)
    gone = database.run(lambda db: shops.by_id(db, shop.id))
    assert gone is not None
    assert database.run(lambda db: leaving_shops.erase(db, gone, clock()))
    assert 0 < most < MANY
    assert {row.email for row in rows(database, tables.carts)} == {None}


def test_what_is_scheduled_at_a_shop_that_left_is_called_off(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock()), now=clock())
    tick(database, clock.forward(minutes=31))
    record(database, shop, ShopNews(uninstalled=True), now=clock())
    gone = database.run(lambda db: shops.by_id(db, shop.id))
    assert gone is not None
    database.run(lambda db: leaving_shops.erase(db, gone, clock()))
    found = rows(database, tables.reminders)
    assert [row.state for row in found] == [ReminderState.SKIPPED]
    assert Reason.SHOP_GONE in found[0].reasons


def test_a_shop_that_comes_back_at_that_very_moment_is_not_erased(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock()), now=clock())
    record(database, shop, ShopNews(uninstalled=True), now=clock())
    read_before = database.run(lambda db: shops.by_id(db, shop.id))
    assert read_before is not None
    back = update(tables.shops).where(tables.shops.c.id == shop.id).values(state="active")
    database.run(lambda db: db.execute(back))
    assert not database.run(
        lambda db: leaving_shops.erase(db, read_before, clock() + timedelta(days=2))
    )
    assert rows(database, tables.shops)[0].state == "active"
    assert rows(database, tables.carts)[0].email is not None
