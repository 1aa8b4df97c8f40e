"""A shop's past is imported once, goes on where it stopped, and is written to by nobody."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from recovery import history, past_intake, report_rows, retention, tables
from recovery.database import Database
from recovery.history import CARTS, ORDERS, Import
from recovery.model import ContactSeen, Page, PrivacyRequest, Seen
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.stories import (
    a_cart,
    a_line,
    a_shop,
    a_shopper,
    an_order,
    know_orders,
    record,
    rows,
    tick,
)

DAY = timedelta(days=1)


@pytest.fixture
def shop(database: Database, clock: SetClock) -> ShopRow:
    return a_shop(database, clock())


def begin(database: Database, shop: ShopRow, now: datetime, scopes: str = "") -> None:
    assert database.run(lambda db: history.begin(db, shop, scopes, now))


def imports(database: Database, shop: ShopRow) -> dict[str, Import]:
    with database.reading() as db:
        return {each.what: each for each in history.of_shop(db, shop.id)}


def store(
    database: Database, shop: ShopRow, of: Import, cursor: str, *seen: Seen, now: datetime
) -> Import | None:
    page = Page(seen, cursor)
    return database.run(lambda db: history.store_page(db, shop, of, page, now))


def imported(database: Database, shop: ShopRow, now: datetime, *seen: Any) -> None:
    """All of the past in one page of each."""
    begin(database, shop, now)
    found = imports(database, shop)
    store(database, shop, found[ORDERS], "", *seen, now=now)
    store(database, shop, found[CARTS], "", *seen, now=now)


def a_day_passes(database: Database, shop: ShopRow, clock: SetClock) -> list[Any]:
    """What is to be sent within a day and a half, the clock ticking every half hour."""
    letters = []
    for _ in range(72):
        now = clock.forward(minutes=30)
        know_orders(database, shop, now)
        letters += tick(database, now)
    return letters


def test_what_is_read_is_what_the_platform_gives(database: Database, clock: SetClock) -> None:
    now = clock()
    shop = a_shop(database, now)
    begin(database, shop, now)
    found = imports(database, shop)
    assert now - found[ORDERS].since == 60 * DAY
    assert now - found[CARTS].since == 90 * DAY
    assert found[ORDERS].until == now
    begin(database, shop, now, "read_orders,read_all_orders")
    assert imports(database, shop)[ORDERS].since.year == 2006
    woo = a_shop(database, now, address="https://pots.example")
    object.__setattr__(woo, "platform", "woocommerce")
    begin(database, woo, now)
    assert now - imports(database, woo)[ORDERS].since == 730 * DAY
    object.__setattr__(woo, "platform", "sandbox")
    assert not database.run(lambda db: history.begin(db, woo, "", now))


def test_orders_come_before_carts_and_each_to_one_worker(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    begin(database, shop, clock())
    found = imports(database, shop)
    assert database.run(lambda db: history.hand_out(db, clock())) == [found[ORDERS].id]
    assert database.run(lambda db: history.hand_out(db, clock())) == []
    clock.forward(minutes=4)  # its worker died
    assert database.run(lambda db: history.hand_out(db, clock())) == [found[ORDERS].id]
    assert store(database, shop, found[ORDERS], "", now=clock()) is None
    assert database.run(lambda db: history.hand_out(db, clock())) == [found[CARTS].id]


def test_a_page_and_its_place_are_stored_once(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    begin(database, shop, clock())
    first = imports(database, shop)[ORDERS]
    order = an_order(clock() - 9 * DAY)
    after = store(database, shop, first, "p2", order, now=clock())
    assert after is not None and (after.cursor, after.seen) == ("p2", 1)
    # Another worker that read the same page meanwhile stores nothing.
    assert store(database, shop, first, "p2", order, now=clock()) is None
    assert store(database, shop, after, "", an_order(clock(), "o2"), now=clock()) is None
    done = imports(database, shop)[ORDERS]
    assert (done.seen, done.share, done.try_at) == (2, 1.0, None)
    assert len(rows(database, tables.orders)) == 2


def test_a_failure_waits_longer_each_time_and_a_page_ends_that(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    begin(database, shop, clock())
    waits = []
    for _ in range(8):
        of = imports(database, shop)[ORDERS]
        database.run(lambda db, of=of: history.failed(db, of, "no answer", clock()))  # type: ignore[misc]
        stands = imports(database, shop)[ORDERS]
        assert stands.try_at is not None and stands.error == "no answer"
        waits.append((stands.try_at - clock()).total_seconds())
    assert waits == [30, 60, 120, 240, 480, 960, 1800, 1800]
    assert not database.run(lambda db: history.hand_out(db, clock()))
    database.run(lambda db: history.go_on_now(db, shop.id, clock()))
    assert database.run(lambda db: history.hand_out(db, clock()))
    after = store(database, shop, imports(database, shop)[ORDERS], "p2", now=clock())
    assert after is not None and (after.tries, after.error) == (0, None)


def test_nothing_leaves_for_an_old_cart_nor_for_an_old_order(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    at = clock() - timedelta(hours=3)
    imported(database, shop, clock(), a_cart(at), an_order(clock() - 20 * DAY))
    assert a_day_passes(database, shop, clock) == []
    (cart,) = rows(database, tables.carts)
    assert (cart.state, cart.ended_because) == ("expired", "left before the install")
    assert rows(database, tables.reminders) == rows(database, tables.requests) == []
    assert [row.credited_by for row in rows(database, tables.orders)] == [None]


def test_a_live_door_that_shows_it_again_changes_nothing(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    at = clock() - timedelta(hours=3)
    cart, order = a_cart(at), an_order(clock() - 20 * DAY)
    imported(database, shop, clock(), cart, order)
    touched = a_cart(at, changed_at=clock.forward(minutes=1))  # the platform's own doing
    edited = an_order(clock() - 20 * DAY, changed_at=clock())
    record(database, shop, cart, touched, order, edited, now=clock())
    assert a_day_passes(database, shop, clock) == []
    assert rows(database, tables.carts)[0].state == "expired"


def test_a_cart_that_its_shopper_changes_is_a_live_one_again(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    imported(database, shop, clock(), a_cart(clock() - 3 * DAY))
    now = clock.forward(minutes=10)
    two = (a_line(), a_line("Bol"))
    record(database, shop, a_cart(clock() - 3 * DAY, lines=two, changed_at=now), now=now)
    (cart,) = rows(database, tables.carts)
    assert (cart.state, cart.ended_because) == ("open", None)
    assert len(a_day_passes(database, shop, clock)) == 1


def test_what_a_live_door_showed_first_stays_its_own(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    cart = a_cart(clock())
    record(database, shop, cart, now=clock())
    imported(database, shop, clock(), cart)
    assert rows(database, tables.carts)[0].state == "open"
    assert len(a_day_passes(database, shop, clock)) == 1


def test_what_a_live_door_stores_at_the_same_moment_stays_its_own(
    database: Database, shop: ShopRow, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past_intake, "_known", lambda db, keys: set())  # not there a moment ago
    cart = a_cart(clock())
    record(database, shop, cart, now=clock())
    imported(database, shop, clock(), cart)
    assert rows(database, tables.carts)[0].state == "open"


def test_a_cart_from_before_the_install_gets_nothing_by_whichever_door_it_comes(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    at = clock() - timedelta(hours=2)
    begin(database, shop, clock())
    clock.forward(minutes=1)
    record(database, shop, a_cart(at), now=clock())  # the first poll looks two days back
    touched = a_cart(at, "token:c2", changed_at=clock())  # the platform's own doing
    record(database, shop, touched, now=clock())
    assert a_day_passes(database, shop, clock) == []
    assert {row.ended_because for row in rows(database, tables.carts)} == {
        "left before the install"
    }


def test_what_doors_show_differently_is_no_change_of_the_shoppers(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    at = clock() - 3 * DAY
    imported(database, shop, clock(), a_cart(at))
    now = clock.forward(minutes=9)
    who = a_shopper(at, first_name="ANA", phone="06 12 34 56 78")
    record(database, shop, a_cart(at, shopper=who, changed_at=now), now=now)
    assert a_day_passes(database, shop, clock) == []


def test_an_old_cart_that_is_ordered_after_all_stays_out_of_the_figures(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    now = clock()
    imported(database, shop, now, a_cart(now - 2 * DAY))
    order = an_order(clock.forward(hours=1), cart_keys=("token:c1",))
    record(database, shop, order, now=clock())
    assert rows(database, tables.carts)[0].state == "ordered"
    with database.reading() as db:
        assert report_rows.of_carts(db, shop.id, now - 9 * DAY, now + DAY) == []


def test_a_contact_makes_an_old_cart_live_and_takes_its_mark_away(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    imported(database, shop, clock(), a_cart(clock() - 3 * DAY))
    now = clock.forward(minutes=9)
    seen = ContactSeen(("token:c1",), a_shopper(now), now)
    record(database, shop, seen, now=now)
    (cart,) = rows(database, tables.carts)
    assert (cart.state, cart.ended_because) == ("open", None)


def test_who_was_erased_does_not_come_back_when_it_is_read_again(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    now = clock()
    order = an_order(now - 9 * DAY)
    imported(database, shop, now, order)
    request = PrivacyRequest("erase", order.shopper)
    record(database, shop, request, now=clock.forward(hours=1))
    imported(database, shop, clock.forward(hours=1), order)
    (row,) = rows(database, tables.orders)
    assert (row.email, row.phone) == (None, None)
    assert rows(database, tables.shoppers) == []


def test_reading_again_is_about_the_time_before_the_install(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    begin(database, shop, clock())
    first = imports(database, shop)[ORDERS].until
    clock.forward(days=9)
    database.run(lambda db: history.begin(db, shop, "", clock(), again=True))
    assert imports(database, shop)[ORDERS].until == first


def test_carts_that_became_orders_or_are_too_old_are_left_out(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    now = clock()
    order = an_order(now - 5 * DAY, cart_keys=("token:bought",))
    carts = [
        a_cart(now - 5 * DAY, "token:bought"),
        a_cart(now - 6 * DAY, "token:done", completed_at=now - 6 * DAY),
        a_cart(now - 91 * DAY, "token:old"),
        a_cart(now - 7 * DAY, "token:left"),
    ]
    imported(database, shop, now, order, *carts)
    assert [row.key for row in rows(database, tables.carts)] == ["token:left"]


def test_an_old_order_counts_for_its_person_and_ends_what_came_before_it(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    at = clock() - timedelta(hours=1)
    record(database, shop, a_cart(at), now=clock())
    imported(database, shop, clock(), an_order(clock() - timedelta(minutes=5)))
    assert a_day_passes(database, shop, clock) == []
    assert rows(database, tables.carts)[0].ended_because == "ordered another way"


def test_no_figure_counts_a_cart_from_before_the_install(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    now = clock()
    imported(database, shop, now, a_cart(now - 2 * DAY))
    record(database, shop, a_cart(now, "token:new"), now=now)
    with database.reading() as db:
        found = report_rows.of_carts(db, shop.id, now - 9 * DAY, now + DAY)
    assert len(found) == 1


def test_what_is_odd_is_kept_unread_and_holds_up_nothing(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    now = clock()
    imported(database, shop, now, an_order(now, "o" * 10, currency="EURO!"), an_order(now, "o2"))
    kept = len(rows(database, tables.orders)), len(rows(database, tables.unread))
    assert kept in ((1, 1), (2, 0))  # SQLite holds longer texts than it says
    assert imports(database, shop)[ORDERS].share == 1.0


def test_the_past_ends_with_its_time_of_keeping(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    now = clock()
    who = a_shopper(now - 600 * DAY, agreed=False, email="old@example.com", phone=None)
    imported(database, shop, now, an_order(now - 600 * DAY, shopper=who))
    with database.reading() as db:
        to_sweep = list(retention.to_sweep(db))
    for each in to_sweep:
        while database.run(lambda db, each=each: retention.sweep(db, each, now)):  # type: ignore[misc]
            pass
    assert not [row for row in rows(database, tables.orders) if row.email == "old@example.com"]
