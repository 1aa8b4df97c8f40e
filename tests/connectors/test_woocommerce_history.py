"""What a WooCommerce shop kept from before the install, read from a stand-in that behaves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from connectors.protocols import Busy, Connection, Past, ShowsPast
from connectors.woocommerce import WooCommerceShop
from recovery.model import Cart, Order, Page
from tests.connectors.woocommerce_recordings import PRIVATE
from tests.standins.woocommerce import WooCommerceStandIn

DAY = timedelta(days=1)


@pytest.fixture
def woo() -> Iterator[WooCommerceStandIn]:
    with WooCommerceStandIn(timezone="Asia/Kolkata") as found:
        yield found


def ours(woo: WooCommerceStandIn) -> WooCommerceShop:
    keys = {"consumer_key": woo.consumer_key, "consumer_secret": woo.consumer_secret}
    return WooCommerceShop(Connection("pots", woo.address, keys, PRIVATE))


def begun(woo: WooCommerceStandIn, ago: timedelta, status: str = "processing") -> int:
    made = woo.shop.place_order(status, email="ana@example.com")
    woo.shop.orders[made]["created"] = datetime.now(UTC) - ago
    return made


def read(
    woo: WooCommerceStandIn, what: Past = Past.ORDERS, cursor: str | None = None
) -> list[Page]:
    now = datetime.now(UTC)
    return list(ours(woo).past(what, now - 30 * DAY, now - DAY, cursor, now))


def keys(pages: list[Page]) -> list[str]:
    return [each.key for page in pages for each in page.seen if isinstance(each, Cart | Order)]


def test_what_began_within_the_time_comes_and_nothing_else(woo: WooCommerceStandIn) -> None:
    assert isinstance(ours(woo), ShowsPast)
    begun(woo, 31 * DAY)
    paid, left = begun(woo, 20 * DAY), begun(woo, 10 * DAY, "failed")
    begun(woo, timedelta(hours=2))
    pages = read(woo)
    assert keys(pages) == [str(paid), f"order:{left}"]
    assert [page.cursor for page in pages] == [""]
    assert not any("Z" in query.split("after=")[1][:30] for _, _, query in woo.asked)


def test_pages_are_cut_by_time_and_go_on_where_they_stopped(woo: WooCommerceStandIn) -> None:
    made = [begun(woo, 20 * DAY - timedelta(minutes=n)) for n in range(230)]
    first = read(woo)[0]
    assert first.cursor
    rest = read(woo, cursor=first.cursor)
    assert set(keys([first, *rest])) == {str(each) for each in made}
    assert len(keys(rest)) < 140
    assert rest[-1].cursor == ""


def test_more_than_a_page_within_one_second_comes_whole(woo: WooCommerceStandIn) -> None:
    made = [begun(woo, timedelta()) for _ in range(250)]
    same = datetime.now(UTC) - 5 * DAY
    for each in made:
        woo.shop.orders[each]["created"] = same
    pages = read(woo)
    assert set(keys(pages)) == {str(each) for each in made}
    middle = pages[2].cursor
    assert middle.endswith("|3")
    assert set(keys([*pages[:3], *read(woo, cursor=middle)])) == {str(each) for each in made}


def test_an_order_that_is_deleted_meanwhile_hides_no_other(woo: WooCommerceStandIn) -> None:
    made = [begun(woo, 20 * DAY - timedelta(minutes=n)) for n in range(150)]
    now = datetime.now(UTC)
    pages = ours(woo).past(Past.ORDERS, now - 30 * DAY, now - DAY, None, now)
    found = keys([next(pages)])
    for each in made[:20]:
        woo.shop.delete(each)
    found += keys(list(pages))
    assert set(found) == {str(each) for each in made}


def test_drafts_are_the_carts_and_a_shop_without_them_has_none(woo: WooCommerceStandIn) -> None:
    draft = begun(woo, 2 * DAY, "checkout-draft")
    assert keys(read(woo, Past.CARTS)) == [f"order:{draft}"]
    assert keys(read(woo, Past.ORDERS)) == []


@pytest.mark.parametrize(("many", "told"), [(0, 0), (7, 7), (230, 300)])
def test_about_how_many_there_are(woo: WooCommerceStandIn, many: int, told: int) -> None:
    for n in range(many):
        begun(woo, 20 * DAY - timedelta(minutes=n))
    now = datetime.now(UTC)
    assert ours(woo).how_many(Past.ORDERS, now - 30 * DAY, now) == told


@pytest.mark.parametrize("cursor", ["nonsense", "|", "2026-11-20T10:00:00|x"])
def test_a_cursor_that_makes_no_sense_begins_anew(woo: WooCommerceStandIn, cursor: str) -> None:
    made = begun(woo, 20 * DAY)
    found = keys(read(woo, cursor=cursor))
    assert found == ([] if cursor.startswith("2026-11-20") else [str(made)])


def test_a_shop_that_asks_to_wait_is_busy(woo: WooCommerceStandIn) -> None:
    begun(woo, 2 * DAY)
    woo.weather.next_answers.append("429:12")
    with pytest.raises(Busy):
        read(woo)
