"""What is over is put away in time, and what still counts stays. Both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from recovery import pairings, privacy, tables
from recovery.database import Database
from recovery.model import Shopper
from recovery.shops import ShopRow
from recovery.tidying import drop_ended_requests, drop_nobodys_carts, tidy
from tests.conftest import SetClock
from tests.recovery.asked_stories import order_news, tick
from tests.recovery.stories import (
    PHONE,
    a_cart,
    a_shop,
    a_shopper,
    accept,
    an_order,
    record,
    rows,
)
from tests.recovery.test_contact_intake import KEY, a_browsers_cart, a_checkout, a_contact

MONTH = timedelta(days=30, minutes=1)
YEAR = timedelta(days=365, minutes=1)


def drop_carts(database: Database, clock: SetClock, most: int = 500) -> int:
    return database.run(lambda db: drop_nobodys_carts(db, clock(), most))


def drop_requests(database: Database, clock: SetClock, most: int = 500) -> int:
    return database.run(lambda db: drop_ended_requests(db, clock(), most))


# -- codes ------------------------------------------------------------------------------------


def test_a_code_goes_a_day_after_its_end(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    database.run(lambda db: pairings.begin(db, shop.id, clock()))
    for hours, left in ((47, 1), (2, 0)):
        clock.forward(hours=hours)
        database.run(lambda db: tidy(db, clock()))
        assert len(rows(database, tables.pairings)) == left


# -- carts of nobody --------------------------------------------------------------------------


def test_a_browsers_cart_that_nobody_put_a_name_to_goes_after_a_month(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_browsers_cart(clock()), now=clock())
    clock.at += MONTH - timedelta(minutes=2)
    assert drop_carts(database, clock) == 0
    clock.forward(minutes=3)
    assert drop_carts(database, clock) == 1
    assert rows(database, tables.carts) == rows(database, tables.cart_keys) == []
    record(database, shop, a_browsers_cart(clock()), now=clock())
    assert len(rows(database, tables.carts)) == 1, "who comes back begins anew"


def test_one_that_was_touched_since_stays(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_browsers_cart(clock()), now=clock())
    changed = a_browsers_cart(clock.forward(days=20), discount_codes=("TEA",))
    record(database, shop, changed, now=clock())
    clock.forward(days=11)
    assert drop_carts(database, clock) == 0


@pytest.mark.parametrize("what", ["contact", "checkout", "order", "customer", "webhook"])
def test_what_became_somebodys_stays(database: Database, clock: SetClock, what: str) -> None:
    shop = a_shop(database, clock())
    first = a_cart(clock()) if what == "webhook" else a_browsers_cart(clock())
    record(database, shop, first, now=clock())
    after = {
        "contact": a_contact(clock(), agreed=False),
        "checkout": a_checkout(clock()),
        "order": an_order(clock(), shopper=Shopper(), cart_keys=(KEY,)),
        "customer": a_browsers_cart(clock.forward(minutes=1), shopper=Shopper(customer_key="8")),
        "webhook": a_cart(clock()),
    }
    record(database, shop, after[what], now=clock())
    clock.at += MONTH
    assert drop_carts(database, clock) == 0
    assert len(rows(database, tables.carts)) == 1


def test_no_tick_drops_more_than_it_may(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    for number in range(5):
        cart = a_cart(clock(), f"cart:b{number}", shopper=Shopper(), sees="cart")
        record(database, shop, cart, now=clock())
    clock.at += MONTH
    assert [drop_carts(database, clock, 2) for _ in range(4)] == [2, 2, 1, 0]


def test_old_carts_of_nobody_are_found_by_their_index(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    for number in range(300):
        record(database, shop, a_cart(clock(), f"token:c{number}"), now=clock())
    word = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
    with database.transaction() as db:
        db.execute(text("ANALYZE"))
        asked = "SELECT id FROM carts WHERE recorded_at < '2026-11-01' AND carts.sources = 'cart'"
        plan = str(db.exec_driver_sql(word + asked).all())
    assert "ix_carts_nobodys" in plan


# -- what was asked for -----------------------------------------------------------------------


def a_told_request(database: Database, clock: SetClock) -> ShopRow:
    """Somebody asked for news, ordered, and was told."""
    shop = a_shop(database, clock(), order_texts="confirmed")
    record(database, shop, order_news(clock()), now=clock())
    record(database, shop, an_order(clock(), shopper=a_shopper(clock(), False)), now=clock())
    accept(database, tick(database, clock()), clock())
    return shop


def end(database: Database, clock: SetClock) -> None:
    with database.transaction() as db:
        ended = {"ended_at": clock(), "ended_because": "answered"}
        db.execute(tables.requests.update().values(**ended))


def test_a_request_goes_a_year_after_its_end_and_its_text_stays_counted_without_a_name(
    database: Database, clock: SetClock
) -> None:
    a_told_request(database, clock)
    end(database, clock)
    clock.at += YEAR - timedelta(minutes=2)
    assert drop_requests(database, clock) == 0
    assert rows(database, tables.reminders)[0].recipient == PHONE
    clock.forward(minutes=3)
    assert drop_requests(database, clock) == 1
    assert rows(database, tables.requests) == []
    (sent,) = rows(database, tables.reminders)
    assert (sent.state, sent.programme, sent.request_id) == ("sent", "order", None)
    assert (sent.recipient, sent.text) == (None, None)


def test_a_request_that_stands_stays_whatever_its_age(database: Database, clock: SetClock) -> None:
    a_told_request(database, clock)
    clock.at += YEAR
    assert drop_requests(database, clock) == 0
    assert len(rows(database, tables.requests)) == 1


def test_what_names_nobody_goes_at_once(database: Database, clock: SetClock) -> None:
    shop = a_told_request(database, clock)
    everybodys = (tables.requests.c.shop_id == shop.id,)
    database.run(lambda db: privacy.erase_requests(db, everybodys, clock()))
    assert drop_requests(database, clock) == 1
    assert [row.state for row in rows(database, tables.reminders)] == ["sent"]


@pytest.mark.parametrize(("state", "dropped"), [("scheduled", 0), ("sending", 0), ("failed", 1)])
def test_one_whose_text_is_on_its_way_waits_for_it(
    database: Database, clock: SetClock, state: str, dropped: int
) -> None:
    a_told_request(database, clock)
    end(database, clock)
    with database.transaction() as db:
        db.execute(tables.reminders.update().values(state=state))
    clock.at += YEAR
    assert drop_requests(database, clock) == dropped
    assert len(rows(database, tables.requests)) == 1 - dropped


def test_no_tick_drops_more_requests_than_it_may(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    for number in range(3):
        asked: Any = order_news(clock(), phone=f"06 98 00 00 0{number}")
        record(database, shop, asked, now=clock())
    end(database, clock)
    clock.at += YEAR
    assert [drop_requests(database, clock, 2) for _ in range(3)] == [2, 1, 0]
