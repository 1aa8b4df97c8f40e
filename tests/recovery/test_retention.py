"""How long people are kept: payloads, then names, then only what figures are counted from."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import insert, update

from recovery import past_orders, receipts, retention, tables
from recovery.database import Database
from recovery.model import PrivacyRequest
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.stop_stories import stands
from tests.recovery.stories import (
    EMAIL,
    PHONE,
    a_cart,
    a_shop,
    a_shopper,
    accept,
    an_order,
    know_orders,
    record,
    rows,
    tick,
)

HERS = "Anabella Solinas"
NAMED = ("customer_key", "email", "phone")


def a_life(database: Database, clock: SetClock) -> ShopRow:
    """Ana left a cart, was reminded, and ordered."""
    shop = a_shop(database, clock())
    ana = a_shopper(clock(), customer_key="c-ana")
    record(database, shop, a_cart(clock(), shopper=ana, raw=HERS), now=clock())
    tick(database, clock.forward(minutes=31))
    know_orders(database, shop, clock.forward(minutes=30))
    accept(database, tick(database, clock()), clock())
    record(database, shop, an_order(clock(), shopper=ana, raw=HERS), now=clock())
    database.run(lambda db: db.execute(update(tables.shoppers).values(raw=HERS)))
    return shop


def sweep(database: Database, clock: SetClock, most: int = 200) -> int:
    """Everything that is due, in parts; how many parts did something."""
    parts = 0
    for shop in database.run(retention.to_sweep):
        while database.run(lambda db, of=shop: retention.sweep(db, of, clock(), most)):
            parts += 1
            assert parts < 100
    return parts


def held(database: Database, *names: str) -> str:
    return repr([rows(database, tables.metadata.tables[name]) for name in names])


def test_nothing_goes_before_its_time(database: Database, clock: SetClock) -> None:
    a_life(database, clock)
    before = held(database, "carts", "orders", "shoppers", "reminders", "consents")
    clock.forward(days=89)
    assert sweep(database, clock) == 0
    assert held(database, "carts", "orders", "shoppers", "reminders", "consents") == before


def test_payloads_go_first_and_the_names_stay(database: Database, clock: SetClock) -> None:
    a_life(database, clock)
    clock.forward(days=91)
    assert sweep(database, clock) > 0
    assert HERS not in held(database, "carts", "orders", "shoppers")
    assert [row.email for row in rows(database, tables.carts)] == [EMAIL]
    assert sweep(database, clock) == 0


def test_after_the_time_of_keeping_nobody_is_named_and_the_figures_stay(
    database: Database, clock: SetClock
) -> None:
    shop = a_life(database, clock)
    total = rows(database, tables.orders)[0].total
    clock.forward(days=400)
    sweep(database, clock)
    everything = held(database, *(table.name for table in tables.metadata.sorted_tables))
    assert [word for word in (HERS, EMAIL, PHONE, "c-ana", "Ana") if word in everything] == []
    assert rows(database, tables.shoppers) == rows(database, tables.consents) == []
    assert rows(database, tables.orders)[0].total == total
    assert rows(database, tables.reminders)[0].state == "sent"
    (past,) = rows(database, tables.past_orders)
    assert (past.amount, past.person) == (total, past_orders.persons(shop.draw_key, "c-ana")[0])


def test_who_came_back_keeps_the_name_and_loses_the_old_carts(
    database: Database, clock: SetClock
) -> None:
    shop = a_life(database, clock)
    later = clock.forward(days=400)
    again = a_shopper(later, customer_key="c-ana")
    record(database, shop, a_cart(later, key="token:again", shopper=again), now=later)
    sweep(database, clock)
    assert [row.email for row in rows(database, tables.carts)] == [None, EMAIL]
    assert [row.email for row in rows(database, tables.shoppers)] == [EMAIL]
    assert {row.address for row in rows(database, tables.consents)} == {PHONE}


def test_the_past_goes_with_the_person(database: Database, clock: SetClock) -> None:
    shop = a_life(database, clock)
    clock.forward(days=400)
    sweep(database, clock)
    assert len(rows(database, tables.past_orders)) == 1
    ana = a_shopper(clock(), customer_key="c-ana")
    record(database, shop, PrivacyRequest("erase", ana), now=clock())
    assert rows(database, tables.past_orders) == []


def test_a_stop_outlives_the_time_of_keeping(database: Database, clock: SetClock) -> None:
    shop = a_life(database, clock)
    database.run(lambda db: receipts.stop_at_shop(db, shop.id, PHONE, "reply", clock()))
    clock.forward(days=400)
    sweep(database, clock)
    assert stands(database, shop, PHONE)
    assert PHONE not in held(database, "suppressions", "stop_marks")


@pytest.mark.parametrize(("months", "days", "named"), [(24, 400, True), (3, 100, False)])
def test_each_shop_says_how_long(
    database: Database, clock: SetClock, months: int, days: int, named: bool
) -> None:
    a_life(database, clock)
    change = update(tables.shops).values(keep_months=months)
    database.run(lambda db: db.execute(change))
    clock.forward(days=days)
    sweep(database, clock)
    assert (rows(database, tables.orders)[0].email is not None) is named


def test_parts_miss_no_row_also_of_one_moment(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    for number in range(7):
        at = clock() + timedelta(minutes=number // 3)  # three at once
        ana = a_shopper(at, email=f"a{number}@example.com", customer_key=None)
        record(database, shop, a_cart(at, key=f"token:{number}", shopper=ana, raw=HERS), now=at)
    clock.forward(days=91)
    sweep(database, clock, most=2)
    assert {row.raw for row in rows(database, tables.carts)} == {""}


def test_what_is_written_late_into_something_old_goes_a_month_later(
    database: Database, clock: SetClock
) -> None:
    a_life(database, clock)
    clock.forward(days=91)
    sweep(database, clock)
    database.run(lambda db: db.execute(update(tables.carts).values(raw=HERS)))
    sweep(database, clock)
    assert rows(database, tables.carts)[0].raw == HERS
    clock.forward(days=31)
    sweep(database, clock)
    assert rows(database, tables.carts)[0].raw == ""


def test_one_shop_s_time_is_not_another_s(database: Database, clock: SetClock) -> None:
    a_life(database, clock)
    other = a_shop(database, clock(), address="atelier-sud.myshopify.com")
    bob = a_shopper(clock(), email="bob@example.com", customer_key="c-bob")
    record(database, other, a_cart(clock(), key="token:bob", shopper=bob), now=clock())
    long = update(tables.shops).where(tables.shops.c.id == other.id).values(keep_months=36)
    database.run(lambda db: db.execute(long))
    clock.forward(days=400)
    sweep(database, clock)
    assert [row.email for row in rows(database, tables.carts)] == [None, "bob@example.com"]


def test_a_renewal_and_a_cancelled_order_are_no_past(database: Database, clock: SetClock) -> None:
    shop = a_life(database, clock)
    database.run(lambda db: db.execute(update(tables.orders).values(cancelled_at=clock())))
    clock.forward(days=400)
    sweep(database, clock)
    assert rows(database, tables.past_orders) == []
    assert rows(database, tables.orders)[0].email is None
    assert shop.draw_key


def test_the_amount_is_what_a_refund_left(database: Database, clock: SetClock) -> None:
    a_life(database, clock)
    total = rows(database, tables.orders)[0].total
    database.run(lambda db: db.execute(update(tables.orders).values(refunded=Decimal(5))))
    clock.forward(days=400)
    sweep(database, clock)
    assert [row.amount for row in rows(database, tables.past_orders)] == [total - 5]


def test_what_was_written_to_the_shop_goes_in_time_whoever_wrote_it(
    database: Database, clock: SetClock
) -> None:
    shop = a_life(database, clock)
    nobodys = {"account_id": shop.account_id, "shop_id": shop.id, "sender": "+33699999999"}
    answer = {"shop_id": shop.id, "programme": "answer", "step": 1, "channel": "sms"}
    answer |= {"state": "delivered", "recipient": "+33699999999", "text": "To Bo", "attempts": 1}
    answer |= dict.fromkeys(("due_at", "latest_at", "created_at", "sent_at"), clock())

    def writes(text: str) -> None:
        row = nobodys | {"provider_id": text, "text": text, "at": clock()}
        database.run(lambda db: db.execute(insert(tables.replies).values(**row)))

    writes("I am Bo")
    database.run(lambda db: db.execute(insert(tables.reminders).values(**answer)))
    clock.forward(days=13 * 31)
    writes("Bo again")
    sweep(database, clock)
    assert [row.text for row in rows(database, tables.replies)] == ["Bo again"]
    assert "To Bo" not in held(database, "reminders")
