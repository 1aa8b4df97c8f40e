"""The poll of a WooCommerce shop, against a stand-in that behaves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.protocols import AccountStopped, Busy, Connection, Unreadable
from connectors.woocommerce import WooCommerceShop, polling
from recovery.model import Cart, Order, Page, RowKind, Shopper, UnreadRow
from tests.connectors.woocommerce_recordings import PRIVATE
from tests.standins.woocommerce import WooCommerceStandIn


@pytest.fixture
def woo() -> Iterator[WooCommerceStandIn]:
    with WooCommerceStandIn() as found:
        yield found


def connected(woo: WooCommerceStandIn, **credentials: str) -> WooCommerceShop:
    keys = {"consumer_key": woo.consumer_key, "consumer_secret": woo.consumer_secret}
    return WooCommerceShop(Connection("pots", woo.address, {**keys, **credentials}, PRIVATE))


def poll(woo: WooCommerceStandIn, cursor: str | None = None) -> list[Page]:
    return list(connected(woo).changed_since(cursor, datetime.now(UTC)))


def keys(pages: list[Page]) -> list[str]:
    return [x.key for page in pages for x in page.seen if isinstance(x, Cart | Order)]


def test_a_first_poll_goes_two_days_back(woo: WooCommerceStandIn) -> None:
    new, old = woo.shop.place_order(), woo.shop.place_order()
    woo.shop.orders[old]["modified"] -= timedelta(days=3)
    assert keys(poll(woo)) == [str(new)]


def test_a_poll_that_found_nothing_still_knows_the_orders(woo: WooCommerceStandIn) -> None:
    before = datetime.now(UTC)
    pages = poll(woo)
    known = [page.orders_known_until for page in pages if page.orders_known_until]
    assert len(known) == 1
    assert before - timedelta(seconds=11) < known[0] < datetime.now(UTC) - timedelta(seconds=9)


def test_a_poll_finds_carts_and_orders_from_the_cursor_on(woo: WooCommerceStandIn) -> None:
    paid, waiting = woo.shop.place_order(), woo.shop.place_order("pending", email="a@pots.example")
    pages = poll(woo)
    assert keys(pages) == [str(paid), f"order:{waiting}"]
    carts = [x for page in pages for x in page.seen if isinstance(x, Cart)]
    assert carts[0].sees == "poll"
    assert json.loads(carts[0].raw)["id"] == waiting
    later = woo.shop.place_order()
    woo.shop.orders[paid]["modified"] -= timedelta(hours=1)
    woo.shop.orders[waiting]["modified"] -= timedelta(hours=1)
    assert keys(poll(woo, pages[-1].cursor)) == [str(later)]


def test_a_cursor_goes_back_a_minute_because_repeats_are_free(woo: WooCommerceStandIn) -> None:
    order = woo.shop.place_order()
    first = poll(woo)
    assert keys(poll(woo, first[-1].cursor)) == [str(order)]


@pytest.mark.parametrize("cursor", ["", "nonsense", "[]", "{}", '{"orders":5,"drafts":6}', "null"])
def test_a_cursor_that_makes_no_sense_starts_anew(woo: WooCommerceStandIn, cursor: str) -> None:
    order = woo.shop.place_order()
    assert keys(poll(woo, cursor)) == [str(order)]


@pytest.mark.parametrize("timezone", ["Asia/Kolkata", "America/Los_Angeles", "UTC"])
def test_a_shop_far_from_greenwich_misses_nothing(timezone: str) -> None:
    with WooCommerceStandIn(timezone=timezone) as woo:
        first = poll(woo)
        order = woo.shop.place_order()
        pages = poll(woo, first[-1].cursor)
        assert keys(pages) == [str(order)]
        (found,) = pages[0].seen
        assert isinstance(found, Order)
        assert abs(found.changed_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_no_time_is_sent_with_a_z(woo: WooCommerceStandIn) -> None:
    poll(woo)
    asked = [query for _, path, query in woo.asked if path.endswith("/orders")]
    assert asked
    assert all("Z" not in q.split("modified_after=")[1].split("&")[0] for q in asked)
    assert all("dates_are_gmt=true" in query for query in asked)


def test_more_than_a_page_is_read_to_its_end_without_page_numbers(woo: WooCommerceStandIn) -> None:
    made = [woo.shop.place_order() for _ in range(230)]
    start = datetime.now(UTC) - timedelta(hours=2)
    for n, order in enumerate(made):
        woo.shop.orders[order]["modified"] = start + timedelta(seconds=n)
    pages = poll(woo)
    assert set(keys(pages)) == {str(order) for order in made}
    assert [page.orders_known_until is not None for page in pages] == [False, False, True, False]
    assert not any("page=2" in query for _, _, query in woo.asked)


def test_an_order_that_changes_while_we_page_hides_no_other(woo: WooCommerceStandIn) -> None:
    made = [woo.shop.place_order() for _ in range(150)]
    start = datetime.now(UTC) - timedelta(hours=2)
    for n, order in enumerate(made):
        woo.shop.orders[order]["modified"] = start + timedelta(seconds=n)
    pages = connected(woo).changed_since(None, datetime.now(UTC))
    found = keys([next(pages)])
    for order in made[:20]:  # they move to the end, and everything else a place forward
        woo.shop.edit(order, status="completed")
    found += keys(list(pages))
    assert {str(order) for order in made} <= set(found)


def test_more_than_a_page_within_one_second_is_read_to_its_end(woo: WooCommerceStandIn) -> None:
    made = [woo.shop.place_order() for _ in range(250)]
    same = datetime.now(UTC) - timedelta(hours=2)
    for order in made:
        woo.shop.orders[order]["modified"] = same
    last = woo.shop.place_order()
    assert set(keys(poll(woo))) == {str(order) for order in [*made, last]}


def test_a_poll_cut_short_goes_on_where_it_stopped(woo: WooCommerceStandIn) -> None:
    made = [woo.shop.place_order() for _ in range(150)]
    start = datetime.now(UTC) - timedelta(hours=2)
    for n, order in enumerate(made):
        woo.shop.orders[order]["modified"] = start + timedelta(seconds=n)
    first = next(connected(woo).changed_since(None, datetime.now(UTC)))
    rest = poll(woo, first.cursor)
    assert {str(order) for order in made} == set(keys([first, *rest]))
    assert len(keys(rest)) < 60


def test_one_order_dated_in_the_future_hides_none_after_it(woo: WooCommerceStandIn) -> None:
    odd = woo.shop.place_order()
    woo.shop.orders[odd]["modified"] += timedelta(days=30)
    cursor = poll(woo)[-1].cursor
    order = woo.shop.place_order()
    assert str(order) in keys(poll(woo, cursor))


def test_drafts_are_asked_for_by_name_because_any_leaves_them_out(woo: WooCommerceStandIn) -> None:
    draft = woo.shop.place_order("checkout-draft")
    assert keys(poll(woo)) == [f"order:{draft}"]


def test_drafts_of_an_old_shop_are_carts() -> None:
    with WooCommerceStandIn(version="9.9.5") as woo:
        draft = woo.shop.open_checkout(email="a@pots.example", phone="+4915112345678")
        found = {x.key for page in poll(woo) for x in page.seen if isinstance(x, Cart)}
        assert found == {f"order:{draft}"}


def test_a_shop_that_knows_no_drafts_is_polled_all_the_same(
    woo: WooCommerceStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "tests.standins.woocommerce.rest.STATUSES", ["any", "pending", "processing"]
    )
    order = woo.shop.place_order()
    pages = poll(woo)
    assert keys(pages) == [str(order)]
    assert pages[-1].orders_known_until is not None


def test_an_order_in_the_bin_is_not_seen_by_the_poll(woo: WooCommerceStandIn) -> None:
    order = woo.shop.place_order()
    woo.shop.trash(order)
    assert keys(poll(woo)) == []


@pytest.mark.parametrize("ahead", [timedelta(minutes=5), timedelta(minutes=-5)])
def test_the_shops_clock_is_compared_with_ours(ahead: timedelta) -> None:
    with WooCommerceStandIn(ahead=ahead) as woo:
        for page in poll(woo):
            assert page.clock_offset is not None
            assert abs(page.clock_offset + ahead.total_seconds()) < 3


def test_a_shop_whose_clock_runs_ahead_hides_nothing() -> None:
    with WooCommerceStandIn(ahead=timedelta(minutes=10)) as woo:
        woo.shop.place_order()
        cursor = poll(woo)[-1].cursor
        order = woo.shop.place_order()
        assert str(order) in keys(poll(woo, cursor))


def test_a_poll_wakes_the_shops_own_queue(woo: WooCommerceStandIn) -> None:
    poll(woo)
    assert any(path == "/wp-cron.php" for _, path, _ in woo.asked)


def test_a_shop_in_a_folder_is_polled_there() -> None:
    with WooCommerceStandIn(path="/shop") as woo:
        order = woo.shop.place_order()
        assert keys(poll(woo)) == [str(order)]


def test_over_https_basic_is_used_and_the_bundle_of_trusted_certificates_honoured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with WooCommerceStandIn(tls=True) as woo:
        order = woo.shop.place_order()
        with pytest.raises(AccountStopped, match="certificate"):
            poll(woo)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(woo.write_ca(tmp_path)))
        assert keys(poll(woo)) == [str(order)]
        assert not any("oauth" in query or "consumer" in query for _, _, query in woo.asked)


@pytest.mark.parametrize(
    ("weather", "wanted", "wait"),
    [
        ("500", Busy, 30.0),
        ("503:45", Busy, 45.0),
        ("429:12", Busy, 12.0),
        ("drop", Busy, 30.0),
        ("page", Unreadable, None),
        ("redirect", AccountStopped, 900.0),
        ("403", AccountStopped, 900.0),
    ],
)
def test_a_poll_says_what_is_wrong(
    woo: WooCommerceStandIn, weather: str, wanted: type[Exception], wait: float | None
) -> None:
    woo.weather.next_answers.append(weather)
    with pytest.raises(wanted) as told:
        poll(woo)
    assert type(told.value) is wanted
    assert getattr(told.value, "retry_after", None) == wait


def test_a_page_that_fails_knows_no_orders(woo: WooCommerceStandIn) -> None:
    made = [woo.shop.place_order() for _ in range(150)]
    for n, order in enumerate(made):
        woo.shop.orders[order]["modified"] -= timedelta(seconds=1000 - n)
    woo.weather.next_answers.extend(["", "500"])
    pages = connected(woo).changed_since(None, datetime.now(UTC))
    assert next(pages).orders_known_until is None
    with pytest.raises(Busy):
        next(pages)


def test_a_shop_that_is_not_there_is_busy() -> None:
    with WooCommerceStandIn() as woo:
        address = woo.address
    shop = WooCommerceShop(Connection("pots", address, {"consumer_key": "x"}, PRIVATE))
    with pytest.raises(Busy) as told:
        list(shop.changed_since(None, datetime.now(UTC)))
    assert not isinstance(told.value, AccountStopped)


@pytest.mark.parametrize(
    "credentials", [{"consumer_key": "ck_" + "9" * 40}, {"consumer_secret": "cs_x"}]
)
def test_keys_that_were_revoked_stop_the_account(
    woo: WooCommerceStandIn, credentials: dict[str, str]
) -> None:
    with pytest.raises(AccountStopped, match="does not accept the keys"):
        list(connected(woo, **credentials).changed_since(None, datetime.now(UTC)))


def test_plain_permalinks_are_told_in_words(woo: WooCommerceStandIn) -> None:
    woo.plain_permalinks = True
    with pytest.raises(AccountStopped, match="Permalinks"):
        poll(woo)


def test_a_clock_far_off_is_told_in_words() -> None:
    woo = WooCommerceStandIn(ahead=timedelta(hours=1))
    with woo, pytest.raises(AccountStopped, match="clock"):
        poll(woo)


@pytest.mark.parametrize(
    "address", ["https://", "http://[::1", "ftp://pots.example", "https://a b"]
)
def test_an_address_that_cannot_be_called_stops_the_account(address: str) -> None:
    shop = WooCommerceShop(Connection("pots", address))
    with pytest.raises(AccountStopped):
        list(shop.changed_since(None, datetime.now(UTC)))


def test_a_row_that_cannot_be_read_is_named_and_holds_up_no_other(woo: WooCommerceStandIn) -> None:
    odd = woo.shop.place_order(currency="", email="ada@pots.example")
    made = [woo.shop.place_order() for _ in range(120)]
    for n, order in enumerate([odd, *made]):
        woo.shop.orders[order]["modified"] -= timedelta(seconds=1000 - n)
    pages = poll(woo)
    assert set(keys(pages)) == {str(order) for order in made}
    assert [bool(page.orders_known_until) for page in pages].count(True) == 1
    (row,) = [row for page in pages for row in page.unread]
    assert (row.kind, row.key) == (RowKind.ORDER, str(odd))
    assert str(odd) in row.error
    assert row.shopper is not None and row.shopper.email == "ada@pots.example"
    assert f"order:{odd}" in row.cart_keys
    assert [row for page in poll(woo, pages[-1].cursor) for row in page.unread] == []


def test_a_row_that_is_no_object_holds_up_no_other() -> None:
    seen, unread = polling.news([5, "text", None, [], {}])
    assert (seen, [row.kind for row in unread]) == ((), [RowKind.ORDER] * 5)
    assert [row.shopper for row in unread] == [None] * 5


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"status": "pending", "date_paid_gmt": None, "currency": ""}, RowKind.CHECKOUT),
        ({"status": "checkout-draft", "date_paid_gmt": "", "total": "x"}, RowKind.CHECKOUT),
        ({"status": "pending", "date_paid_gmt": "soon"}, RowKind.ORDER),
        ({"status": "failed", "date_paid_gmt": "2026-11-20T10:00:00", "id": {}}, RowKind.ORDER),
        ({"status": ["odd"]}, RowKind.ORDER),
        ({"status": "of-a-plugin", "currency": ""}, RowKind.ORDER),
    ],
)
def test_what_may_be_an_order_counts_as_one(
    woo: WooCommerceStandIn, changes: dict[str, Any], kind: RowKind
) -> None:
    (row,) = unread_of(woo, changes)
    assert row.kind is kind


def test_of_an_order_with_an_odd_address_the_rest_of_the_person_is_read(
    woo: WooCommerceStandIn,
) -> None:
    billing = {"email": ["odd"], "phone": "06 12 34 56 78", "country": "FR"}
    (row,) = unread_of(woo, {"billing": billing, "shipping": 5})
    assert row.shopper == Shopper(phone="06 12 34 56 78", country="FR")
    (row,) = unread_of(woo, {"billing": 5, "shipping": 5, "customer_id": {}})
    assert row.shopper is None


def test_a_row_kept_unread_can_be_read_again(woo: WooCommerceStandIn) -> None:
    (row,) = unread_of(woo, {"currency": ""})
    with pytest.raises(Unreadable):
        polling.read_row(row.kind, row.body)
    mended = json.dumps(json.loads(row.body) | {"currency": "EUR"}).encode()
    (order,) = polling.read_row(row.kind, mended)
    assert isinstance(order, Order) and order.key == row.key


def unread_of(woo: WooCommerceStandIn, changes: dict[str, Any]) -> tuple[UnreadRow, ...]:
    """A row as the stand-in tells it, but for these changes, read by the poll's reader."""
    woo.shop.place_order()
    seen = poll(woo)[0].seen[-1]
    assert isinstance(seen, Order)
    return polling.news([json.loads(seen.raw) | changes])[1]


def test_a_shop_too_old_to_be_asked_is_told_to_update(
    woo: WooCommerceStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.standins.woocommerce.rest.STATUSES", [])
    with pytest.raises(AccountStopped, match="update it"):
        poll(woo)


def test_an_answer_that_does_not_end_is_not_read_for_ever(
    woo: WooCommerceStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.woocommerce.client.LARGEST_ANSWER", 1000)
    for _ in range(60):
        woo.shop.place_order()
    with pytest.raises(Busy):
        poll(woo)


def test_a_list_that_never_ends_is_given_up(
    woo: WooCommerceStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.woocommerce.polling.MOST_PAGES", 3)
    same = datetime.now(UTC) - timedelta(hours=2)
    for _ in range(450):
        woo.shop.orders[woo.shop.place_order()]["modified"] = same
    with pytest.raises(Unreadable, match="does not end"):
        poll(woo)
