"""Times that cannot be true do no harm: to the clock, to other shops, to what comes later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from recovery import planning, tables
from recovery.database import Database
from recovery.model import Channel, Consent, CustomerSeen, Shopper
from tests.conftest import SetClock
from tests.recovery.stories import (
    PHONE,
    a_cart,
    a_shop,
    a_shopper,
    an_order,
    record,
    rows,
)

ODD = [
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(1, 1, 5, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, tzinfo=UTC),
]


@pytest.mark.parametrize("at", ODD)
def test_a_cart_of_an_impossible_day_does_not_stop_the_clock(
    database: Database, clock: SetClock, at: datetime
) -> None:
    shop = a_shop(database, clock())
    other = a_shop(database, clock(), address="other.myshopify.com")
    record(database, shop, a_cart(at, "token:odd", created_at=at), now=clock())
    record(database, other, a_cart(clock(), "token:good"), now=clock())
    later = clock.forward(minutes=45)
    database.run(lambda db: planning.abandon_idle(db, later))
    good = next(row for row in rows(database, tables.carts) if row.key == "token:good")
    assert good.state == "abandoned"
    assert [row.cart_id for row in rows(database, tables.reminders)].count(good.id) == 1


def test_an_order_is_after_a_cart_whose_shops_clock_was_ahead(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    ahead = clock() + timedelta(hours=2)
    record(database, shop, a_cart(ahead, created_at=ahead), now=clock())
    clock.forward(minutes=10)
    record(database, shop, an_order(clock()), now=clock())
    assert [row.state for row in rows(database, tables.carts)] == ["expired"]


@pytest.mark.parametrize("at", ODD)
def test_an_order_of_an_impossible_day_is_stored(
    database: Database, clock: SetClock, at: datetime
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, an_order(at), now=clock())
    (order,) = rows(database, tables.orders)
    assert datetime(2000, 1, 1, tzinfo=UTC) <= order.placed_at <= clock()


def test_a_no_said_later_outweighs_a_yes_dated_ahead(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    ahead = clock() + timedelta(days=400)
    yes = a_shopper(ahead)
    record(database, shop, a_cart(clock(), shopper=yes), now=clock())
    clock.forward(minutes=5)
    no = Consent(Channel.SMS, PHONE, False, "shopify customer", clock())
    record(
        database, shop, CustomerSeen(Shopper(country="FR", consents=(no,)), clock()), now=clock()
    )
    said = rows(database, tables.consents)
    assert [word.granted for word in sorted(said, key=lambda word: word.at)] == [True, False]


def test_one_cart_that_cannot_be_planned_holds_up_no_other(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    for key in ("token:a", "token:b"):
        record(database, shop, a_cart(clock(), key), now=clock())
    with database.transaction() as db:  # as if written by an older version
        odd = tables.carts.update().where(tables.carts.c.key == "token:a")
        db.execute(odd.values(left_at=ODD[0], look_at=ODD[0]))
    later = clock.forward(minutes=45)
    database.run(lambda db: planning.abandon_idle(db, later))
    states = {row.key: row.state for row in rows(database, tables.carts)}
    assert states == {"token:a": "open", "token:b": "abandoned"}
    assert not database.run(lambda db: planning.is_one_to_look_at(db, later))


def test_long_keys_that_begin_alike_are_two_carts(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    long = "token:" + "x" * 500
    for end in ("a", "b", "a"):
        record(database, shop, a_cart(clock(), long + end, name="#" + "9" * 90 + end), now=clock())
    assert len(rows(database, tables.carts)) == 2
    clock.forward(minutes=1)
    record(
        database, shop, an_order(clock(), cart_keys=(long + "a",), shopper=Shopper()), now=clock()
    )
    assert sorted(row.state for row in rows(database, tables.carts)) == ["open", "ordered"]
