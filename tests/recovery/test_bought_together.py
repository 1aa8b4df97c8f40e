"""What goes with a cart: bought together at this shop, by enough people; on both databases."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from recovery import bought_together
from recovery.bought_together import bought_with
from recovery.database import Database
from recovery.model import Line, Origin, Product
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.stories import a_line, a_shop, a_shopper, an_order, record


def line_of(key: str) -> Line:
    return replace(a_line(f"Thing {key}"), product_key=key, variant_key=None)


def product(clock: SetClock, key: str, **different: Any) -> Product:
    values: dict[str, Any] = {
        "key": key,
        "title": f"Thing {key}",
        "changed_at": clock(),
        "address": f"https://nord.example/{key}",
        "price": Decimal(12),
        "currency": "EUR",
        "in_stock": True,
    }
    return Product(**(values | different))


def sell(
    database: Database, shop: ShopRow, clock: SetClock, *keys: str, buyers: int = 3, **more: Any
) -> None:
    """So many people order these products together, one after the other."""
    for number in range(buyers):
        at = clock.forward(seconds=1)
        who = a_shopper(at, agreed=False, email=f"{number}@example.com", phone=None)
        lines = tuple(line_of(key) for key in keys)
        values = {"shopper": who, "lines": lines} | more
        record(database, shop, an_order(at, key=f"o{at.timestamp()}", **values), now=at)


def offered(database: Database, shop: ShopRow, clock: SetClock, *cart: str, **more: Any) -> str:
    with database.reading() as db:
        found = bought_with(db, shop.id, cart, "EUR", clock.forward(minutes=1), **more)
    return " ".join(each.key for each in found)


@pytest.fixture
def shop(database: Database, clock: SetClock) -> ShopRow:
    """A shop that sells the products a to f."""
    made = a_shop(database, clock())
    record(database, made, *(product(clock, key) for key in "abcdef"), now=clock())
    return made


def test_what_enough_people_bought_together_is_shown_the_surest_first(
    database: Database, clock: SetClock, shop: ShopRow
) -> None:
    sell(database, shop, clock, "a", "b", buyers=3)
    sell(database, shop, clock, "a", "c", buyers=4)
    sell(database, shop, clock, "d", "e", buyers=5)
    assert offered(database, shop, clock, "a") == "c b"
    assert offered(database, shop, clock, "a", "b") == ""  # one alone is no choice
    assert offered(database, shop, clock) == ""


def test_until_there_are_orders_there_is_none(
    database: Database, clock: SetClock, shop: ShopRow
) -> None:
    assert offered(database, shop, clock, "a") == ""
    sell(database, shop, clock, "a", "b", "c", buyers=2)
    assert offered(database, shop, clock, "a") == ""
    assert offered(database, shop, clock, "a", people=2) == "b c"


def test_one_person_who_orders_often_counts_once(
    database: Database, clock: SetClock, shop: ShopRow
) -> None:
    for _ in range(5):
        sell(database, shop, clock, "a", "b", "c", buyers=1)
    assert offered(database, shop, clock, "a") == ""


def test_at_most_four_are_shown(database: Database, clock: SetClock, shop: ShopRow) -> None:
    sell(database, shop, clock, *"abcdef")
    assert offered(database, shop, clock, "a") == "b c d e"


@pytest.mark.parametrize(
    "different",
    [
        {"available": False},
        {"in_stock": False},
        {"currency": "USD"},
        {"price": None},
        {"price": Decimal(0)},
        {"title": " "},
        {"address": None},
    ],
)
def test_what_cannot_be_bought_now_is_not_shown(
    database: Database, clock: SetClock, shop: ShopRow, different: dict[str, Any]
) -> None:
    sell(database, shop, clock, *"abcd")
    clock.forward(minutes=1)
    record(database, shop, product(clock, "b", **different), now=clock())
    assert offered(database, shop, clock, "a") == "c d"


def test_cancelled_old_and_staff_made_orders_say_nothing(
    database: Database, clock: SetClock, shop: ShopRow
) -> None:
    sell(database, shop, clock, "a", "b", "c", cancelled_at=clock())
    sell(database, shop, clock, "a", "b", "c", origin=Origin.MERCHANT)
    assert offered(database, shop, clock, "a") == ""
    sell(database, shop, clock, "a", "b", "c")
    clock.forward(days=181)
    assert offered(database, shop, clock, "a") == ""


def test_a_resellers_order_of_everything_says_nothing(
    database: Database, clock: SetClock, shop: ShopRow
) -> None:
    sell(database, shop, clock, *"abc", *(f"x{number}" for number in range(40)))
    assert offered(database, shop, clock, "a") == ""


def test_another_shops_orders_and_products_are_its_own(
    database: Database, clock: SetClock, shop: ShopRow
) -> None:
    other = a_shop(database, clock(), address="sud.myshopify.com")
    sell(database, other, clock, "a", "b", "c")
    assert offered(database, shop, clock, "a") == ""
    assert offered(database, other, clock, "a") == ""  # it sells none of them


def test_only_the_last_orders_are_looked_at(
    database: Database, clock: SetClock, shop: ShopRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    sell(database, shop, clock, "a", "b", "c")
    sell(database, shop, clock, "f", buyers=2)
    monkeypatch.setattr(bought_together, "ORDERS", 4)
    assert offered(database, shop, clock, "a") == ""
    monkeypatch.setattr(bought_together, "ORDERS", 5)
    assert offered(database, shop, clock, "a") == "b c"
