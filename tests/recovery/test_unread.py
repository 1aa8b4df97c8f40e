"""Rows of a poll that cannot be read or stored: kept, told, and answered for. Both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError

from recovery import polls, reasons, tables
from recovery.database import Database
from recovery.model import Page, RowKind, Shopper, Totals, UnreadRow
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.stories import (
    EMAIL,
    MINUTES,
    PHONE,
    a_cart,
    a_shop,
    a_shopper,
    an_order,
    record,
    rows,
    the_reminder,
    tick,
)

TOO_MUCH = Decimal(10) ** 15  # in ten-thousandths it passes what a column holds
BOB = {"email": "bob@example.com", "phone": "+33699887766", "customer_key": "c-bob"}


def an_odd_order(**different: Any) -> UnreadRow:
    values: dict[str, Any] = {"key": "o1", "shopper": Shopper(email=EMAIL.upper())} | different
    return UnreadRow(RowKind.ORDER, values.pop("body", b'{"id": 1}'), "no total", **values)


def poll(
    database: Database, shop: ShopRow, clock: SetClock, *odd: UnreadRow, seen: Any = ()
) -> Any:
    """A poll of one page that ends well, on both databases."""
    page = Page(tuple(seen), "next", clock(), unread=odd)
    return database.run(lambda db: polls.store_page(db, shop, page, clock()))


def an_abandoned_cart(database: Database, clock: SetClock, **different: Any) -> ShopRow:
    """A shop with a cart whose reminder waits for its time."""
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock(), **different), now=clock())
    tick(database, clock.forward(minutes=31))
    assert the_reminder(database).state == "scheduled"
    return shop


def shop_row(database: Database) -> Any:
    return rows(database, tables.shops)[0]


# -- kept, once, and told ---------------------------------------------------------------------


def test_an_unread_row_is_kept_with_its_page_and_the_orders_count_as_known(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock() - 60 * MINUTES)
    kept = poll(database, shop, clock, an_odd_order(), seen=[a_cart(clock())])
    assert [row.key for row in kept] == ["o1"]
    (row,) = rows(database, tables.unread)
    assert (row.door, row.shop_id, bytes(row.body)) == ("poll", shop.id, b'{"id": 1}')
    assert (row.error, row.read_at) == ("no total", None)
    assert len(rows(database, tables.carts)) == 1
    assert (shop_row(database).orders_known_until, shop_row(database).poll_cursor) == (
        clock(),
        "next",
    )


def test_a_row_met_again_is_kept_once_as_it_is_now(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    first = clock()
    poll(database, shop, clock, an_odd_order(), an_odd_order(key=None, body=b"[]"))
    clock.forward(minutes=5)
    poll(database, shop, clock, an_odd_order(body=b"newer"), an_odd_order(key=None, body=b"[]"))
    found = rows(database, tables.unread)
    assert [bytes(row.body) for row in found] == [b"newer", b"[]"]
    assert {row.at for row in found} == {first}


def test_two_shops_keep_the_same_row_each_for_itself(database: Database, clock: SetClock) -> None:
    for address in ("nord.myshopify.com", "sud.myshopify.com"):
        poll(database, a_shop(database, clock(), address=address), clock, an_odd_order())
    assert len(rows(database, tables.unread)) == 2


def test_the_merchant_is_told_once_until_the_order_is_read(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    for _ in range(3):
        poll(database, shop, clock, an_odd_order())
    (notice,) = rows(database, tables.notices)
    assert (notice.subject, notice.over_at) == (f"shop.{shop.id}.unread", None)
    assert EMAIL not in notice.words.lower()
    poll(database, shop, clock, seen=[an_order(clock())])
    assert rows(database, tables.unread)[0].read_at == clock()
    assert rows(database, tables.notices)[0].over_at == clock()
    poll(database, shop, clock, an_odd_order())
    assert rows(database, tables.unread)[0].read_at is None
    assert rows(database, tables.notices)[0].over_at is None


def test_an_unread_checkout_is_kept_and_calls_off_nothing(
    database: Database, clock: SetClock
) -> None:
    shop = an_abandoned_cart(database, clock)
    poll(database, shop, clock, UnreadRow(RowKind.CHECKOUT, b"{}", "no total", "token:c1"))
    assert the_reminder(database).state == "scheduled"
    assert rows(database, tables.notices) == []
    poll(database, shop, clock, seen=[a_cart(clock())])
    assert rows(database, tables.unread)[0].read_at == clock()


# -- what an unread order calls off -----------------------------------------------------------


@pytest.mark.parametrize(
    "legible",
    [
        {"shopper": Shopper(email=" Ana@Example.COM")},
        {"shopper": Shopper(phone="06 12 34 56 78", country="FR")},
        {"shopper": Shopper(phone="06.12.34.56.78")},
        {"shopper": Shopper(customer_key="c-ana")},
        {"shopper": None, "cart_keys": ("token:c1",)},
    ],
)
def test_whoever_an_unread_order_is_of_is_not_reminded(
    database: Database, clock: SetClock, legible: dict[str, Any]
) -> None:
    ana = a_shopper(clock(), customer_key="c-ana")
    shop = an_abandoned_cart(database, clock, shopper=ana)
    poll(database, shop, clock, an_odd_order(**legible))
    row = the_reminder(database)
    assert (row.state, reasons.read(row.reasons)) == ("skipped", [reasons.Reason.ORDERED])
    assert rows(database, tables.carts)[0].state == "expired"


def test_nobody_else_is_held_by_it_and_neither_is_a_later_cart(
    database: Database, clock: SetClock
) -> None:
    bob = a_shopper(clock(), **BOB)
    shop = an_abandoned_cart(database, clock, shopper=bob)
    before = clock()
    later = a_cart(clock.forward(minutes=5), key="token:c2")
    record(database, shop, later, now=clock())
    tick(database, clock.forward(minutes=31))
    poll(database, shop, clock, an_odd_order(placed_at=before))
    assert [row.state for row in rows(database, tables.reminders)] == ["scheduled"] * 2


def test_a_cart_that_comes_to_light_after_it_is_not_reminded_either(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    left = clock()
    poll(database, shop, clock, an_odd_order(placed_at=clock.forward(minutes=1)))
    record(database, shop, a_cart(left), now=clock.forward(minutes=5))
    tick(database, clock.forward(minutes=31))
    poll(database, shop, clock)
    assert the_reminder(database).state == "skipped"


def test_an_order_that_may_be_anybodys_holds_all_carts_left_before_it_and_no_later_one(
    database: Database, clock: SetClock
) -> None:
    shop = an_abandoned_cart(database, clock)
    placed = clock.forward(minutes=1)
    poll(database, shop, clock, an_odd_order(shopper=None, placed_at=placed))
    row = the_reminder(database)
    assert (row.state, reasons.read(row.reasons)) == ("skipped", [reasons.Reason.ORDERS_UNKNOWN])
    assert rows(database, tables.carts)[0].state == "abandoned"
    bob = a_shopper(clock.forward(minutes=5), **BOB)
    record(database, shop, a_cart(clock(), key="token:c2", shopper=bob), now=clock())
    tick(database, clock.forward(minutes=31))
    clock.forward(minutes=31)
    poll(database, shop, clock, an_odd_order(shopper=None, placed_at=placed))
    assert [letter.message.recipient for letter in tick(database, clock())] == [BOB["phone"]]


@pytest.mark.parametrize("placed_at", [None, "in years"])
def test_without_a_time_to_trust_it_counts_from_when_it_was_met_first(
    database: Database, clock: SetClock, placed_at: str | None
) -> None:
    at = clock() + timedelta(days=900) if placed_at else None
    shop = a_shop(database, clock())
    odd = an_odd_order(shopper=None, placed_at=at)
    poll(database, shop, clock, odd)
    record(database, shop, a_cart(clock.forward(minutes=30)), now=clock())
    tick(database, clock.forward(minutes=31))
    poll(database, shop, clock, odd)
    assert the_reminder(database).state == "scheduled"


def test_an_order_that_is_legibly_nobodys_holds_nobody(database: Database, clock: SetClock) -> None:
    shop = an_abandoned_cart(database, clock)
    poll(database, shop, clock, an_odd_order(shopper=Shopper()))
    assert the_reminder(database).state == "scheduled"


# -- what the database refuses ----------------------------------------------------------------


def test_what_the_database_refuses_is_kept_unread_and_the_rest_of_its_page_is_stored(
    database: Database, clock: SetClock
) -> None:
    shop = an_abandoned_cart(database, clock)
    odd = replace(an_order(clock()), totals=Totals(TOO_MUCH), raw='{"id": 1}')
    bob = an_order(clock(), key="o2", shopper=Shopper(email="bob@example.com"))
    kept = poll(database, shop, clock, seen=[odd, bob, a_cart(clock(), key="token:c2")])
    assert [row.key for row in kept] == ["o1"]
    assert [row.key for row in rows(database, tables.orders)] == ["o2"]
    assert [row.key for row in rows(database, tables.carts)] == ["token:c1", "token:c2"]
    assert bytes(rows(database, tables.unread)[0].body) == b'{"id": 1}'
    assert the_reminder(database).state == "skipped", "its person is known all the same"
    assert shop_row(database).orders_known_until == clock()


def test_text_that_one_database_refuses_holds_up_no_page_on_either(
    database: Database, clock: SetClock
) -> None:
    shop = an_abandoned_cart(database, clock)
    odd = an_order(clock(), name="\x00", shopper=Shopper(customer_key="\x00", email=EMAIL))
    half = a_cart(clock(), key="token:c2", shopper=a_shopper(clock(), first_name="\ud83d"))
    poll(database, shop, clock, seen=[odd, half, a_cart(clock(), key="token:c3")])
    assert "token:c3" in [row.key for row in rows(database, tables.carts)]
    assert the_reminder(database).state == "skipped"
    refused = [row.error for row in rows(database, tables.unread)]
    # SQLite takes a NUL, PostgreSQL does not; half a character neither of them takes.
    assert len(refused) == (1 if database.is_sqlite else 2)
    assert all(PHONE not in error and EMAIL not in error for error in refused)


def test_a_row_that_breaks_a_rule_of_a_table_holds_up_no_page(
    database: Database, clock: SetClock
) -> None:
    shop = an_abandoned_cart(database, clock)
    none: Any = None
    odd = [an_order(clock(), currency=none), a_cart(clock(), key="token:c2", currency=none)]
    well = [an_order(clock(), key="o2", shopper=Shopper()), a_cart(clock(), key="token:c3")]
    kept = poll(database, shop, clock, seen=[*odd, *well])
    assert sorted(row.key or "" for row in kept) == ["o1", "token:c2"]
    assert [row.key for row in rows(database, tables.orders)] == ["o2"]
    assert [row.key for row in rows(database, tables.carts)] == ["token:c1", "token:c3"]
    errors = {row.error for row in rows(database, tables.unread)}
    assert errors == {"the database refuses it: IntegrityError"}
    assert the_reminder(database).state == "skipped", "its person is known all the same"
    assert shop_row(database).poll_cursor == "next"


def test_a_row_that_another_process_inserted_first_is_not_refused(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    met = []

    def first_somebody_else(_line: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "INSERT INTO orders" in statement and len(met) < 2:
            met.append(statement)
            raise IntegrityError(statement, None, ValueError("unique"))

    event.listen(database.engine, "before_cursor_execute", first_somebody_else)
    kept = poll(database, shop, clock, seen=[an_order(clock())])
    assert (len(met), kept) == (2, ())
    assert [row.key for row in rows(database, tables.orders)] == ["o1"]
    assert rows(database, tables.unread) == []


def test_a_fault_of_ours_is_no_fault_of_the_row(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    broken: Any = a_cart(clock(), totals=None)
    with pytest.raises(AttributeError):
        poll(database, shop, clock, seen=[broken])
    assert rows(database, tables.unread) == []
    assert shop_row(database).poll_cursor is None
