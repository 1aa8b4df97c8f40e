"""Orders, refunds and the carts they close, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from threading import Thread

import pytest
from sqlalchemy import func, select

from recovery import intake, tables
from recovery.database import Database
from recovery.model import OrderGone, Origin, Refund, Shopper
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.stories import (
    EMAIL,
    MINUTES,
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

BARE = Shopper()


def a_text_left(database: Database, clock: SetClock) -> ShopRow:
    """A shop with one cart, whose text was accepted just now."""
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock()), now=clock())
    tick(database, clock.forward(minutes=31))
    know_orders(database, shop, clock.forward(minutes=30))
    accept(database, tick(database, clock()), clock())
    return shop


def test_an_order_closes_its_cart_by_key(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock(), aliases=("cart:t1",)), now=clock())
    order = an_order(clock(), shopper=BARE, cart_keys=("cart:t1",))
    record(database, shop, order, now=clock())
    cart, placed = rows(database, tables.carts)[0], rows(database, tables.orders)[0]
    assert (cart.state, cart.ended_because, placed.cart_id) == ("ordered", "ordered", cart.id)


def test_an_order_seen_before_its_cart_closes_it(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    order = an_order(clock(), shopper=BARE, cart_keys=("token:c1",))
    record(database, shop, order, now=clock())
    record(database, shop, a_cart(clock()), now=clock())
    assert rows(database, tables.carts)[0].state == "ordered"


def test_an_order_closes_a_cart_whose_key_is_learnt_later(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    polled = a_cart(clock(), key="gid:1", name="#C1", sees="poll", shopper=BARE)
    record(database, shop, polled, now=clock())
    order = an_order(clock(), shopper=BARE, cart_keys=("token:c1",))
    record(database, shop, order, now=clock())
    record(database, shop, a_cart(clock(), name="#C1"), now=clock())
    assert [cart.state for cart in rows(database, tables.carts)] == ["ordered"]


@pytest.mark.parametrize(
    "shopper",
    [
        Shopper(email="  ANA@EXAMPLE.com"),
        Shopper(phone="06.12.34.56.78", country="FR"),
        Shopper(phone="0033 6 12 34 56 78"),
        Shopper(customer_key="c7"),
    ],
)
def test_an_order_by_any_mark_of_the_person_ends_their_other_carts(
    database: Database, clock: SetClock, shopper: Shopper
) -> None:
    shop = a_shop(database, clock())
    known = a_shopper(clock(), customer_key="c7")
    record(database, shop, a_cart(clock(), shopper=known), now=clock())
    record(database, shop, an_order(clock(), shopper=shopper), now=clock())
    cart = rows(database, tables.carts)[0]
    assert (cart.state, cart.ended_because) == ("expired", "ordered another way")


def test_an_order_ends_nothing_of_other_people_or_shops(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    other_shop = a_shop(database, clock(), address="sud.myshopify.com")
    stranger = a_shopper(clock(), email="bob@example.com", phone="+33698765432")
    record(database, shop, a_cart(clock(), shopper=stranger), now=clock())
    record(database, other_shop, a_cart(clock()), now=clock())
    record(database, shop, an_order(clock()), now=clock())
    assert [cart.state for cart in rows(database, tables.carts)] == ["open", "open"]


def test_an_order_placed_before_the_carts_last_change_ends_it_not(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock()), now=clock())
    record(database, shop, an_order(clock() - MINUTES), now=clock())
    assert rows(database, tables.carts)[0].state == "open"


def test_the_same_order_twice_is_one_and_an_older_one_changes_nothing(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    order = an_order(clock())
    record(database, shop, order, order, now=clock())
    stale = replace(order, changed_at=clock() - MINUTES, platform_state="pending", paid=False)
    record(database, shop, stale, now=clock())
    placed = rows(database, tables.orders)
    assert [(row.paid, row.platform_state) for row in placed] == [(True, None)]


@pytest.mark.parametrize("origin", [Origin.MERCHANT, Origin.API, Origin.SUBSCRIPTION, Origin.DRAFT])
def test_orders_that_no_checkout_made_are_orders_and_no_carts(
    database: Database, clock: SetClock, origin: Origin
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, an_order(clock(), origin=origin), now=clock())
    assert [row.origin for row in rows(database, tables.orders)] == [origin.value]
    assert rows(database, tables.carts) == []


@pytest.mark.parametrize(
    ("amount", "currency"), [("1200", "JPY"), ("1.255", "KWD"), ("0.07", "EUR")]
)
def test_an_orders_amounts_are_exact(
    database: Database, clock: SetClock, amount: str, currency: str
) -> None:
    shop = a_shop(database, clock())
    order = an_order(clock(), currency=currency, key=str(2**60 + 1))
    exact = Decimal(amount)
    order = replace(order, totals=replace(order.totals, total=exact), refunded=exact)
    record(database, shop, order, now=clock())
    row = rows(database, tables.orders)[0]
    assert (row.total, row.refunded, row.currency) == (exact, exact, currency)
    assert row.key == str(2**60 + 1)


def a_refund(at: datetime, key: str = "r1", amount: str = "5.00") -> Refund:
    return Refund(key, "o1", Decimal(amount), "EUR", at)


def test_a_refund_is_counted_once_also_when_it_comes_before_its_order(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_refund(clock()), now=clock())
    record(database, shop, an_order(clock()), now=clock())
    record(database, shop, a_refund(clock()), a_refund(clock(), "r2", "1.25"), now=clock())
    refunds = tables.refunds
    with database.reading() as db:
        of_the_order = select(func.sum(refunds.c.amount)).where(refunds.c.order_key == "o1")
        assert db.execute(of_the_order).scalar_one() == Decimal("6.25")


def test_an_order_the_platform_deleted_counts_as_cancelled(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, an_order(clock()), now=clock())
    record(database, shop, OrderGone("o1"), now=clock.forward(minutes=1))
    record(database, shop, OrderGone("o1"), now=clock.forward(minutes=1))
    row = rows(database, tables.orders)[0]
    assert (row.cancelled_at, row.platform_state) == (clock() - MINUTES, "deleted")


def follow_the_link(database: Database, at: datetime) -> None:
    """As if the shopper had followed the link in each text."""
    with database.transaction() as db:
        db.execute(tables.links.update().values(first_clicked_at=at))


def test_the_reminder_whose_link_was_followed_earns_the_order_once(
    database: Database, clock: SetClock
) -> None:
    shop = a_text_left(database, clock)
    follow_the_link(database, clock.forward(minutes=1))
    order = an_order(clock.forward(minutes=5), cart_keys=("token:c1",))
    record(database, shop, order, order, now=clock())
    row, reminder = rows(database, tables.orders)[0], rows(database, tables.reminders)[0]
    assert (row.reminder_id, row.cart_id) == (reminder.id, reminder.cart_id)
    assert row.credited_by == "click"


def test_an_order_before_the_click_or_a_week_after_earns_it_nothing(
    database: Database, clock: SetClock
) -> None:
    shop = a_text_left(database, clock)
    follow_the_link(database, clock())
    early = an_order(clock() - MINUTES, cart_keys=("token:c1",))
    record(database, shop, early, now=clock())
    late = an_order(clock.forward(days=8), key="o2", cart_keys=("token:c1",))
    record(database, shop, late, now=clock())
    assert [row.reminder_id for row in rows(database, tables.orders)] == [None, None]


def test_an_order_and_its_cart_in_one_delivery_find_each_other(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    order = an_order(clock(), shopper=BARE, cart_keys=("token:c1",))
    seen = [(shop, order), (shop, a_cart(clock()))]
    database.run(lambda db: intake.record(db, seen, clock()))
    assert rows(database, tables.carts)[0].state == "ordered"


def test_an_order_and_its_cart_recorded_at_the_same_moment_cause_no_text(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    cart, order = a_cart(clock()), an_order(clock(), shopper=BARE, cart_keys=("token:c1",))
    beside = Thread(target=record, args=(database, shop, cart), kwargs={"now": clock()})
    with database.transaction() as db:
        intake.record(db, [(shop, order)], clock())
        beside.start()
        beside.join(0 if database.is_sqlite else 10)  # SQLite lets it wait for its turn
    beside.join()
    tick(database, clock.forward(minutes=31))
    know_orders(database, shop, clock.forward(minutes=30))
    assert tick(database, clock()) == []
    assert [row.state for row in rows(database, tables.reminders)] in ([], ["skipped"])


def test_an_order_keeps_its_person_normalised(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    shopper = Shopper(email=" ANA@example.COM ", phone="06 12 34 56 78", country="FR")
    record(database, shop, an_order(clock(), shopper=shopper), now=clock())
    row = rows(database, tables.orders)[0]
    assert (row.email, row.phone) == (EMAIL, PHONE)
