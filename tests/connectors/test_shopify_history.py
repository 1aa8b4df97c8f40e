"""What a Shopify shop kept from before the install, from one that executes the schema."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from connectors.protocols import AccountStopped, Busy, Past, ShowsPast
from recovery.model import Cart, Order, Page
from tests.connectors.shopify_pair import Clock, Pair, seen
from tests.connectors.shopify_stand_in import (
    one_pair,  # noqa: F401
    running_stand_in,  # noqa: F401
    shop_maker,  # noqa: F401
    stand_in_clock,  # noqa: F401
)

LINES = [{"title": "Teapot", "price": "19.90", "quantity": 2}]
DAY = timedelta(days=1)


def at(clock: Clock, ago: timedelta, work: Callable[[], object]) -> None:
    """Do something in the shop so long ago."""
    was, clock.ahead = clock.ahead, -ago
    work()
    clock.ahead = was


def read(pair: Pair, what: Past, days: int = 60, cursor: str | None = None) -> list[Page]:
    now = datetime.now(UTC)
    since, until = now - days * DAY, now - timedelta(hours=1)
    return list(pair.ours.past(what, since, until, cursor, now))


def test_orders_that_began_within_the_time_come_and_nothing_else(pair: Pair, clock: Clock) -> None:
    assert isinstance(pair.ours, ShowsPast)
    for days in (70, 50, 20):
        at(clock, days * DAY, lambda: pair.theirs.add_order(LINES, email="ada@example.test"))
    pair.theirs.add_order(LINES)  # after the install
    orders = seen(read(pair, Past.ORDERS), Order)
    assert len(orders) == 2
    now = datetime.now(UTC)
    since, until = now - 60 * DAY, now - timedelta(hours=1)
    assert pair.ours.how_many(Past.ORDERS, since, until) == 2
    assert pair.ours.how_many(Past.CARTS, since, until) == 0


def test_older_orders_need_the_permission(make: Callable[..., Pair], clock: Clock) -> None:
    pair = make()
    at(clock, 300 * DAY, lambda: pair.theirs.add_order(LINES))
    assert seen(read(pair, Past.ORDERS, 700), Order) == []
    pair.theirs.change_scopes(["read_orders", "read_customers", "read_all_orders"])
    assert len(seen(read(pair, Past.ORDERS, 700), Order)) == 1


def test_abandoned_checkouts_come_page_by_page_and_go_on_where_they_stopped(
    pair: Pair, clock: Clock
) -> None:
    def left() -> None:
        for number in range(25):
            pair.theirs.add_checkout(LINES, email=f"a{number}@x.test")

    at(clock, 5 * DAY, left)
    now = datetime.now(UTC)
    pages = pair.ours.past(Past.CARTS, now - 90 * DAY, now, None, now)
    first = list(itertools.islice(pages, 2))
    rest = read(pair, Past.CARTS, 90, first[-1].cursor)
    assert len({cart.name for cart in seen([*first, *rest], Cart)}) == 25
    assert len(seen(rest, Cart)) == 5
    assert rest[-1].cursor == ""


def test_an_order_that_changes_meanwhile_is_not_passed_over(pair: Pair, clock: Clock) -> None:
    made: list[int] = []

    def placed() -> None:
        made.extend(pair.theirs.add_order(LINES).id for _ in range(25))

    at(clock, 5 * DAY, placed)
    now = datetime.now(UTC)
    pages = pair.ours.past(Past.ORDERS, now - 60 * DAY, now, None, now)
    found = seen([next(pages)], Order)
    pair.theirs.change_order(made[0], note="again")
    pair.theirs.change_order(made[15], note="later")
    found += seen(list(pages), Order)
    assert {order.key for order in found} == {str(each) for each in made}


def test_without_the_right_to_read_orders_it_stops_with_words(pair: Pair) -> None:
    pair.theirs.change_scopes(["read_products"])
    with pytest.raises((AccountStopped, Busy)):
        read(pair, Past.ORDERS)
