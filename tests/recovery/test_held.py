"""Nothing leaves for a shop before its merchant says "on", nor while they pause it."""

from __future__ import annotations

from typing import Any

from recovery import eligibility, held, shops, tables
from recovery.database import Database
from recovery.reasons import Reason, read
from tests.conftest import SetClock
from tests.recovery.stories import (
    a_cart,
    a_shop,
    a_shopper,
    know_orders,
    record,
    rows,
    the_reminder,
    tick,
)


def test_what_is_held_is_said_once_and_kept_with_who(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())

    def does(work: Any) -> Any:
        return database.run(lambda db: work(db, shop.id, clock(), 7))

    assert (does(held.pause), does(held.pause)) == (True, False)
    assert database.run(lambda db: shops.by_id(db, shop.id)).held == held.PAUSED
    assert (does(held.switch_on), does(held.switch_on)) == (True, False)
    assert [row.member_id for row in rows(database, tables.changes)] == [7, 7]


def test_what_falls_due_before_on_is_left_out_and_says_why(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock(), held=held.NEW)
    record(database, shop, a_cart(clock(), shopper=a_shopper(clock())), now=clock())
    clock.forward(minutes=30)
    tick(database, clock())
    know_orders(database, shop, clock.forward(minutes=30))
    assert tick(database, clock()) == []
    found = the_reminder(database)
    assert (found.state, read(found.reasons)) == ("skipped", [Reason.NOT_ON])
    database.run(lambda db: held.switch_on(db, shop.id, clock()))
    know_orders(database, shop, clock.forward(minutes=5))
    assert tick(database, clock()) == []


def test_a_pause_holds_what_is_already_written(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock(), shopper=a_shopper(clock())), now=clock())
    clock.forward(minutes=30)
    tick(database, clock())
    know_orders(database, shop, clock.forward(minutes=30))
    (letter,) = tick(database, clock())
    since = eligibility.reason_since
    assert database.run(lambda db: since(db, letter.reminder_id)) is None
    database.run(lambda db: held.pause(db, shop.id, clock()))
    assert database.run(lambda db: since(db, letter.reminder_id)) == Reason.NOT_ON


def test_a_new_shop_that_is_not_on_cannot_be_paused(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock(), held=held.NEW)
    assert not database.run(lambda db: held.pause(db, shop.id, clock()))
    assert database.run(lambda db: shops.by_id(db, shop.id)).held == held.NEW
