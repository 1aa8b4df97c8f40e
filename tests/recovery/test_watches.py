"""Back in stock, and cheaper: told when true, once; on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from recovery import reminders, tables, watches
from recovery.answer_facts import read_variants
from recovery.database import Database
from recovery.model import Money, RequestKind
from recovery.reasons import Reason
from tests.conftest import SetClock
from tests.recovery.asked_stories import (
    a_product,
    a_variant,
    a_watch,
    reasons_of,
    tick,
)
from tests.recovery.stories import PHONE, a_shop, accept, record, rows

CHEAPER = RequestKind.PRICE_DROP


def told(database: Database, clock: SetClock) -> list[str]:
    """What leaves now, and is taken by the provider."""
    letters = tick(database, clock())
    accept(database, letters, clock())
    assert all(letter.message.recipient == PHONE for letter in letters)
    return [letter.message.text for letter in letters]


def show(database: Database, shop: Any, clock: SetClock, *args: Any, **more: Any) -> None:
    """The shop shows the product a minute later."""
    record(database, shop, a_product(clock.forward(minutes=1), *args, **more), now=clock())


def test_back_in_stock_is_told_once_and_ends_the_request(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_product(clock(), False), a_watch(clock()), now=clock())
    assert told(database, clock) == []
    show(database, shop, clock, True)
    assert told(database, clock) == [
        "Atelier Nord : Tasse bleue est de retour : https://nord.example/produit/tasse-bleue "
        "Pour refuser, répondez STOP"
    ]
    assert rows(database, tables.requests)[0].ended_because == "answered"
    show(database, shop, clock, False)
    show(database, shop, clock, True)
    assert told(database, clock) == []


def test_asked_again_after_the_text_it_is_told_again(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_product(clock(), False), a_watch(clock()), now=clock())
    show(database, shop, clock, True)
    told(database, clock)
    show(database, shop, clock, False)
    record(database, shop, a_watch(clock.forward(minutes=1)), now=clock())
    show(database, shop, clock, True)
    assert len(told(database, clock)) == 1
    assert len(rows(database, tables.requests)) == 1


def test_the_ask_that_is_repeated_by_the_plugin_does_not_begin_anew(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    ask = a_watch(clock())
    record(database, shop, a_product(clock(), False), ask, now=clock())
    show(database, shop, clock, True)
    told(database, clock)
    record(database, shop, ask, now=clock())
    show(database, shop, clock, False)
    show(database, shop, clock, True)
    assert told(database, clock) == []


def test_sold_out_again_before_it_leaves_it_waits_for_the_next_time(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_product(clock(), False), a_watch(clock()), now=clock())
    show(database, shop, clock, True)
    show(database, shop, clock, False)
    assert told(database, clock) == []
    assert reasons_of(database) == [("back_in_stock", "skipped", [Reason.NOT_TRUE])]
    show(database, shop, clock, False, price="19")
    assert told(database, clock) == []
    show(database, shop, clock, True)
    assert len(told(database, clock)) == 1
    assert len(rows(database, tables.reminders)) == 1


def test_what_an_outage_kept_from_leaving_is_told_at_the_next_news(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_product(clock(), False), a_watch(clock()), now=clock())
    show(database, shop, clock, True)
    clock.forward(days=3)
    assert database.run(lambda db: reminders.skip_stale(db, clock())) == 1
    assert reasons_of(database) == [("back_in_stock", "skipped", [Reason.TOO_LATE])]
    show(database, shop, clock, True)
    assert len(told(database, clock)) == 1


def test_what_was_in_stock_all_along_is_not_back(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_product(clock(), True), now=clock())
    record(database, shop, a_watch(clock.forward(hours=1)), now=clock())
    show(database, shop, clock, True, title="Tasse bleu ciel")
    assert rows(database, tables.reminders) == []


def test_an_ask_that_arrives_after_the_stock_came_back_is_answered(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_product(clock(), False), now=clock())
    asked = clock.forward(minutes=10)
    show(database, shop, clock, True)
    record(database, shop, a_watch(asked), now=clock.forward(minutes=1))
    assert len(told(database, clock)) == 1


def test_old_news_of_stock_tells_nobody(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    old = a_product(clock() - timedelta(days=1), True)
    record(database, shop, a_watch(clock()), now=clock())
    record(database, shop, old, now=clock())
    assert rows(database, tables.reminders) == []


@pytest.mark.parametrize("in_stock", [None, False])
def test_unknown_stock_and_unpublished_products_are_not_back(
    database: Database, clock: SetClock, in_stock: bool | None
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_product(clock(), False), a_watch(clock()), now=clock())
    show(database, shop, clock, in_stock)
    show(database, shop, clock, True, available=False)
    assert rows(database, tables.reminders) == []


def test_a_variant_that_is_awaited_is_not_its_sister(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    both = (a_variant("71", False), a_variant("72", False))
    record(database, shop, a_product(clock(), False, variants=both), now=clock())
    record(database, shop, a_watch(clock(), variant_key="71"), now=clock())
    sister = (a_variant("71", False), a_variant("72", True))
    show(database, shop, clock, True, variants=sister)
    assert rows(database, tables.reminders) == []
    show(database, shop, clock, True, variants=(a_variant("71", True), a_variant("72", True)))
    (text,) = told(database, clock)
    assert "Tasse bleue taille 71 est de retour" in text


def test_a_variant_that_the_shop_shows_as_a_product_of_its_own(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_watch(clock(), variant_key="71"), now=clock())
    show(database, shop, clock, True)
    assert rows(database, tables.reminders) == [], "the whole tells nothing of this variant"
    show(database, shop, clock, True, key="71", title="Tasse bleue, grande")
    (text,) = told(database, clock)
    assert "Tasse bleue, grande est de retour" in text


def test_cheaper_than_the_shopper_saw_is_told_once(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_product(clock(), True), a_watch(clock(), CHEAPER), now=clock())
    show(database, shop, clock, True, "21")
    show(database, shop, clock, True, "20")
    assert rows(database, tables.reminders) == []
    show(database, shop, clock, True, "19.99")
    (text,) = told(database, clock)
    assert "Tasse bleue est moins cher maintenant : https://nord.example/" in text
    show(database, shop, clock, True, "10")
    assert told(database, clock) == []


def test_dear_again_before_it_leaves_it_goes_back_to_waiting(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_product(clock(), True), a_watch(clock(), CHEAPER), now=clock())
    show(database, shop, clock, True, "15")
    show(database, shop, clock, True, "20")
    assert told(database, clock) == []
    assert reasons_of(database) == [("price_drop", "skipped", [Reason.NOT_TRUE])]
    show(database, shop, clock, True, "18")
    assert len(told(database, clock)) == 1


def test_a_made_up_price_makes_nothing_cheaper(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_product(clock(), True), now=clock())
    ask = a_watch(clock(), CHEAPER, price=Money(Decimal(999), "EUR"))
    record(database, shop, ask, now=clock())
    show(database, shop, clock, True, "20")
    assert rows(database, tables.reminders) == []
    assert rows(database, tables.requests)[0].price == Decimal(20)


def test_a_price_seen_in_another_currency_is_held_against_the_shops_own(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_product(clock(), True), now=clock())
    ask = a_watch(clock(), CHEAPER, price=Money(Decimal(3000), "JPY"))
    record(database, shop, ask, now=clock())
    show(database, shop, clock, True, "20")
    assert rows(database, tables.reminders) == []
    show(database, shop, clock, True, "18")
    assert len(told(database, clock)) == 1


def test_another_currency_is_never_compared(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    ask = a_watch(clock(), CHEAPER, price=Money(Decimal(3000), "JPY"))
    record(database, shop, ask, now=clock())
    show(database, shop, clock, True, "18")
    assert rows(database, tables.reminders) == []


def test_cheaper_but_sold_out_is_no_news(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_product(clock(), True), a_watch(clock(), CHEAPER), now=clock())
    show(database, shop, clock, False, "10")
    assert rows(database, tables.reminders) == []
    show(database, shop, clock, True, "10")
    assert len(told(database, clock)) == 1


def test_titles_and_addresses_are_the_shops_never_a_browsers(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    browser = {"product_title": "Win at evil.example", "product_address": "https://evil.example"}
    ask = a_watch(clock(), source="embed", **browser)
    record(database, shop, a_product(clock(), False, address=None), ask, now=clock())
    show(database, shop, clock, True, address=None)
    (text,) = told(database, clock)
    assert "evil" not in text
    assert "Tasse bleue est de retour : https://atelier-nord.myshopify.com " in text


def test_the_address_that_the_shops_own_server_told_serves_where_the_product_has_none(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    ask = a_watch(clock(), product_address="https://nord.example/t")
    record(database, shop, a_product(clock(), False, address=None), ask, now=clock())
    show(database, shop, clock, True, address=None)
    assert "https://nord.example/t " in told(database, clock)[0]


def test_at_night_it_waits_for_the_morning_and_is_asked_again_then(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    clock.at = clock().replace(hour=22)
    record(database, shop, a_product(clock(), False), a_watch(clock()), now=clock())
    show(database, shop, clock, True)
    assert told(database, clock) == []
    show(database, shop, clock, False)
    clock.forward(hours=10)
    assert told(database, clock) == []
    assert reasons_of(database) == [("back_in_stock", "skipped", [Reason.NOT_TRUE])]


def test_variants_are_kept_and_read_exactly(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    variants = (a_variant("71", None, "19.99"), a_variant("72", True, "0.1"))
    record(database, shop, a_product(clock(), True, variants=variants), now=clock())
    (row,) = rows(database, tables.products)
    assert tuple(read_variants(row.variants)) == variants


# -- asked of the shop, should its webhook get lost -----------------------------------------------


def test_what_is_waited_for_is_told_once_and_in_turn(database: Database, clock: SetClock) -> None:
    shop, other = a_shop(database, clock()), a_shop(database, clock(), address="other.example")
    for number in range(5):
        watch = a_watch(clock(), product_key=f"{number}", phone=f"06 12 34 56 0{number}")
        record(database, shop, watch, watch, now=clock())
    record(database, shop, a_watch(clock(), product_key="0", variant_key="9"), now=clock())
    record(database, shop, a_watch(clock(), CHEAPER, product_key="1"), now=clock())
    record(database, other, a_watch(clock(), product_key="77"), now=clock())
    record(database, shop, a_watch(clock(), product_key="8"), now=clock())
    record(
        database,
        shop,
        a_watch(clock.forward(minutes=1), product_key="8", withdrawn=True),
        now=clock(),
    )

    def keys(turn: int, most: int = 4) -> list[tuple[str, str | None]]:
        return database.run(lambda db: watches.watched_keys(db, shop.id, turn, most))

    first, second = keys(0), keys(1)
    assert (len(first), len(second)) == (4, 4)
    every = {("0", "9"), *((str(number), None) for number in range(5))}
    assert {*first, *second} == every
    assert set(keys(0, 50)) == set(keys(7, 50)) == every


def test_only_what_the_shop_shows_otherwise_is_news(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    held = a_product(clock(), False, variants=(a_variant("9", False),))

    def is_news(product: Any) -> bool:
        return database.run(lambda db: watches.is_news(db, shop.id, product))

    assert is_news(held)
    record(database, shop, held, now=clock())
    assert not is_news(held)
    for change in (
        {"in_stock": True},
        {"price": Decimal("19")},
        {"available": False},
        {"variants": (a_variant("9", True),)},
        {"changed_at": clock.forward(minutes=1)},
    ):
        assert is_news(replace(held, **change)), change
