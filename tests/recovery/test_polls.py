"""When a shop is polled and how far it got, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from recovery import polls, reminders, tables
from recovery.database import Database
from recovery.model import Cart, Page
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.stories import a_cart, a_shop, an_order, record, rows

SECONDS = timedelta(seconds=1)


def the_shop(database: Database) -> Any:
    return rows(database, tables.shops)[0]


def page(*seen: Any, cursor: str = "2", known: datetime | None = None, **more: Any) -> Page:
    return Page(tuple(seen), cursor, known, **more)


def store(database: Database, shop: ShopRow, one: Page, now: datetime) -> None:
    database.run(lambda db: polls.store_page(db, shop, one, now))


def begin(database: Database, shop: ShopRow, now: datetime) -> bool:
    return database.run(lambda db: polls.begin(db, shop.id, now))


def hand_out(database: Database, now: datetime) -> list[int]:
    return database.run(lambda db: polls.hand_out_polls(db, now))


def test_a_page_and_its_cursor_are_stored_together_or_not_at_all(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    store(database, shop, page(a_cart(clock()), cursor="1"), clock())
    broken: Any = a_cart(clock(), key="token:c2", totals=None)
    assert isinstance(broken, Cart)
    with pytest.raises(AttributeError):
        store(database, shop, page(a_cart(clock(), key="token:c3"), broken), clock())
    with database.reading() as db:
        assert polls.cursor_of(db, shop.id) == "1"
    assert [cart.key for cart in rows(database, tables.carts)] == ["token:c1"]


def test_only_the_last_page_of_an_order_poll_makes_orders_known(
    database: Database, clock: SetClock
) -> None:
    before = clock()
    shop = a_shop(database, before)
    store(database, shop, page(an_order(clock())), clock.forward(minutes=1))
    assert the_shop(database).orders_known_until == before
    known = clock() - 10 * SECONDS
    store(database, shop, page(known=known), clock())
    assert the_shop(database).orders_known_until == known


def test_a_webhook_never_makes_orders_known(database: Database, clock: SetClock) -> None:
    before = clock()
    shop = a_shop(database, before)
    record(database, shop, an_order(clock.forward(minutes=1)), now=clock())
    assert the_shop(database).orders_known_until == before


def test_a_poll_tells_how_far_the_platforms_clock_is_off(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    store(database, shop, page(clock_offset=-2.5), clock())
    store(database, shop, page(), clock())
    assert the_shop(database).clock_offset == -2.5


def test_one_worker_at_a_time_polls_a_shop_and_the_dead_ones_turn_ends(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    assert [begin(database, shop, clock()), begin(database, shop, clock())] == [True, False]
    assert not begin(database, shop, clock.forward(minutes=3))
    assert begin(database, shop, clock.forward(seconds=1))


def test_a_page_that_comes_renews_the_turn(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    begin(database, shop, clock())
    store(database, shop, page(), clock.forward(minutes=2))
    assert not begin(database, shop, clock.forward(minutes=2))


def test_a_poll_is_handed_out_once_and_again_when_forgotten(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    assert [hand_out(database, clock()), hand_out(database, clock())] == [[shop.id], []]
    assert hand_out(database, clock.forward(minutes=2, seconds=1)) == [shop.id]
    database.run(polls.forget_handed_out)
    assert hand_out(database, clock()) == [shop.id]


def test_after_a_good_poll_the_next_comes_after_the_shops_usual_time(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock(), poll_seconds=300)
    hand_out(database, clock())
    database.run(lambda db: polls.end_well(db, shop, clock()))
    assert hand_out(database, clock.forward(seconds=299)) == []
    assert hand_out(database, clock.forward(seconds=1)) == [shop.id]


def test_busy_moves_the_next_poll_and_tells_nobody(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    for _ in range(5):
        database.run(lambda db: polls.come_back(db, shop, 40, clock()))
    assert the_shop(database).next_poll_at == clock() + 40 * SECONDS
    assert rows(database, tables.notices) == []


def test_each_failure_doubles_the_wait_and_the_third_is_told_once(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    waits = []
    for _ in range(10):
        database.run(lambda db: polls.end_badly(db, shop, "no answer", clock()))
        waits.append((the_shop(database).next_poll_at - clock()).total_seconds())
    assert waits == [15, 30, 60, 120, 240, 480, 960, 1800, 1800, 1800]
    assert [row.over_at for row in rows(database, tables.notices)] == [None]
    database.run(lambda db: polls.end_well(db, shop, clock()))
    assert [row.over_at for row in rows(database, tables.notices)] == [clock()]
    assert the_shop(database).poll_failures == 0


def test_a_shop_with_work_soon_is_polled_ahead_unless_it_asked_to_wait(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    database.run(lambda db: polls.end_well(db, shop, clock()))
    clock.forward(seconds=61)
    database.run(lambda db: polls.freshen(db, [shop.id], clock()))
    assert hand_out(database, clock()) == [shop.id]
    database.run(lambda db: polls.end_badly(db, shop, "no answer", clock(), wait=900))
    clock.forward(seconds=61)
    database.run(lambda db: polls.freshen(db, [shop.id], clock()))
    database.run(lambda db: reminders.want_polls(db, {shop.id}, clock()))
    assert hand_out(database, clock()) == []


def test_an_uninstalled_shop_is_not_polled(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock(), state="uninstalled")
    assert hand_out(database, clock()) == []
    assert not begin(database, shop, clock())
