"""Many strangers' numbers in the boxes of one shop: who is turned away, and who never."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from recovery import floods, tables
from recovery.database import Database
from recovery.model import RequestKind, TextRequest
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.asked_stories import a_request, order_news
from tests.recovery.stories import a_shop, an_order, record, rows

KEEP = {"cart_key": "cart:c1"}


@pytest.fixture
def shop(database: Database, clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> ShopRow:
    """A shop for which ten new numbers an hour are as many as five hundred are."""
    monkeypatch.setattr(floods, "MOST_NEW", 10)
    return a_shop(database, clock(), double_opt_in=True)


def asks(number: int, at: datetime, **more: Any) -> TextRequest:
    return order_news(at, **({"phone": f"+336120000{number:02}"} | more))


def numbers(database: Database) -> list[int]:
    return sorted(int(row.phone[-2:]) for row in rows(database, tables.requests))


def notice(database: Database) -> Any:
    """What the merchant finds; None when nothing stands."""
    standing = [row for row in rows(database, tables.notices) if row.over_at is None]
    assert len(standing) < 2
    return standing[0] if standing else None


def a_crowd(database: Database, shop: ShopRow, clock: SetClock, *ids: int) -> None:
    for each in ids:
        record(database, shop, asks(each, clock.forward(seconds=1)), now=clock())


def test_beyond_the_most_new_numbers_are_turned_away_and_the_merchant_knows(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    a_crowd(database, shop, clock, *range(13))
    assert numbers(database) == list(range(10))
    assert len({row.request_id for row in rows(database, tables.reminders)}) == 10
    found = notice(database)
    assert (found.shop_id, "+3361" in found.words) == (shop.id, False)
    assert "turned away" in found.words


def test_whoever_asked_before_is_never_turned_away(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    a_crowd(database, shop, clock, 0)
    clock.forward(days=3)
    a_crowd(database, shop, clock, *range(1, 12))
    keep = a_request(RequestKind.KEEP_CART, clock(), phone="+33612000000", **KEEP)
    record(database, shop, keep, now=clock())
    assert numbers(database) == [0, 0, *range(1, 11)]


def test_an_hour_later_there_is_room_and_when_it_is_calm_the_notice_ends(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    a_crowd(database, shop, clock, *range(12))
    assert notice(database) is not None
    clock.forward(minutes=61)
    a_crowd(database, shop, clock, 20)
    assert 20 in numbers(database)
    assert notice(database) is None


def test_a_notice_does_not_end_while_the_crowd_only_pauses(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    for each in range(11):
        clock.forward(minutes=5)
        a_crowd(database, shop, clock, each)
    clock.forward(minutes=14)
    a_crowd(database, shop, clock, 20)
    assert (20 in numbers(database), notice(database) is not None) == (True, True)


def test_a_sale_brings_orders_and_is_not_turned_away(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    for each in range(3):
        record(database, shop, an_order(clock(), key=f"o{each}"), now=clock())
    a_crowd(database, shop, clock, *range(20))
    assert numbers(database) == list(range(15))


def test_what_a_shop_brings_late_is_no_crowd_of_now(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    asked_at = clock()
    clock.forward(hours=9)
    late = [asks(each, asked_at + timedelta(minutes=20 * each)) for each in range(20)]
    record(database, shop, *late, now=clock())
    assert numbers(database) == list(range(20))


@pytest.mark.parametrize("hours", [0, 2])
def test_a_no_in_advance_makes_no_number_known(
    database: Database, shop: ShopRow, clock: SetClock, hours: int
) -> None:
    for each in range(30, 44):
        no = asks(each, clock.forward(seconds=1), withdrawn=True, words="")
        record(database, shop, no, now=clock())
    clock.forward(hours=hours, seconds=1)
    a_crowd(database, shop, clock, *range(30, 44))
    standing = [row for row in rows(database, tables.requests) if row.ended_at is None]
    assert len(standing) == (10 if hours else 0)


def test_asked_and_taken_back_counts_all_the_same(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    for each in range(12):
        a_crowd(database, shop, clock, each)
        no = asks(each, clock.forward(seconds=1), withdrawn=True, words="")
        record(database, shop, no, now=clock())
    assert len(rows(database, tables.reminders)) == 10


def test_another_shops_crowd_is_not_ours(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    a_crowd(database, shop, clock, *range(12))
    other = a_shop(database, clock(), address="atelier-sud.myshopify.com")
    a_crowd(database, other, clock, 50)
    assert 50 in numbers(database)
