"""How many asked-for texts one number gets from one shop in a day."""

from __future__ import annotations

import pytest

from recovery import caps, tables
from recovery.database import Database
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.stories import PHONE, a_shop, rows

STRANGER = "+33699999999"


@pytest.fixture
def shop(database: Database, clock: SetClock) -> ShopRow:
    return a_shop(database, clock())


def take(
    database: Database,
    shop: ShopRow,
    clock: SetClock,
    reminder: int,
    programme: str = "back_in_stock",
    phone: str = PHONE,
) -> bool:
    """The text of that id asks whether it may leave now."""
    return database.run(
        lambda db: caps.take_asked(db, reminder, shop.id, phone, programme, clock())
    )


def test_a_number_gets_so_many_asked_for_texts_and_no_more(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    kinds = ["back_in_stock", "price_drop", "back_in_stock", "price_drop", "back_in_stock"]
    got = [take(database, shop, clock, at, kind) for at, kind in enumerate(kinds, 1)]
    assert got == [True, True, True, True, False]
    assert take(database, shop, clock, 9, phone=STRANGER)


def test_the_next_day_there_is_room_again(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    for each in range(1, 5):
        assert take(database, shop, clock, each)
        clock.forward(hours=1)
    clock.forward(hours=19)
    assert not take(database, shop, clock, 5)
    clock.forward(hours=1)  # the first of them is a day old
    assert [take(database, shop, clock, each) for each in (6, 7)] == [True, False]


def test_what_did_not_leave_gives_its_place_back(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    for each in range(1, 5):
        take(database, shop, clock, each)
    database.run(lambda db: caps.free_caps(db, [2]))
    assert take(database, shop, clock, 5)
    assert not take(database, shop, clock, 6)


def test_a_text_that_comes_again_takes_its_own_place(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    for _ in range(9):
        assert take(database, shop, clock, 1)
    assert [row.slot for row in rows(database, tables.caps)] == ["asked 1"]


def test_news_of_orders_has_places_of_its_own(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    for each in range(1, 5):
        assert take(database, shop, clock, each)
    got = [take(database, shop, clock, each, "order") for each in range(10, 20)]
    assert got == [True] * 8 + [False] * 2


def test_the_question_whose_number_it_is_counts_among_them(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    def ask(reminder: int) -> bool:
        return database.run(lambda db: caps.take_opt_in(db, reminder, shop.id, PHONE, clock()))

    assert ask(1)
    assert not ask(2)  # one question a day, whatever else is free
    assert [take(database, shop, clock, each) for each in range(3, 7)] == [True] * 3 + [False]
    clock.forward(hours=23)
    assert not ask(7)


def test_a_question_without_a_place_is_not_asked(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    for each in range(1, 5):
        take(database, shop, clock, each)
    assert not database.run(lambda db: caps.take_opt_in(db, 9, shop.id, PHONE, clock()))


def test_two_shops_do_not_count_together(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    other = a_shop(database, clock(), address="atelier-sud.myshopify.com")
    for each in range(1, 5):
        take(database, shop, clock, each)
    assert take(database, other, clock, 5)
