"""What the line to Shopify may say, and what we make of it: told by a server on loopback."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors.protocols import (
    AccountStopped,
    Busy,
    Connection,
    NoAnswer,
    Refused,
    Unreadable,
)
from connectors.shopify import ShopifyShop, polling
from connectors.shopify.polled import order_from_node
from recovery.model import Cart, Channel, Offer, Order, Origin, Page, RowKind
from tests.connectors.shopify_words import NOW, SHOP, Wire, page, recording

OFFER = Offer("BACK-7QX2", datetime(2030, 1, 1, tzinfo=UTC), percent=Decimal(10))


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = Wire()
    yield wire
    wire.close()


@pytest.fixture
def shop(wire: Wire) -> Iterator[ShopifyShop]:
    shop = wire.shop()
    yield shop
    shop.close()


def poll(shop: ShopifyShop, cursor: str | None = None, now: datetime = NOW) -> list[Page]:
    return list(shop.changed_since(cursor, now))


def an_order(**changes: Any) -> dict[str, Any]:
    return recording("poll_order_node") | changes


def a_checkout(**changes: Any) -> dict[str, Any]:
    return recording("poll_checkout_node") | changes


# -- the request -----------------------------------------------------------------------


def test_a_request_goes_to_the_stand_in_under_the_shops_name(wire: Wire, shop: ShopifyShop) -> None:
    wire.gives({"shop": {"name": "Teapots"}})
    assert shop.shop_news().name == "Teapots"
    (request,) = wire.requests
    assert request["path"] == "/admin/api/2026-07/graphql.json"
    assert request["headers"]["Host"] == SHOP
    assert request["headers"]["X-Shopify-Access-Token"] == "shpat_made_up"


def test_the_version_of_the_settings_is_asked_for(wire: Wire) -> None:
    shop = wire.shop(api_version="2025-10")
    wire.gives(page("orders"))
    next(shop.changed_since(None, NOW))
    shop.close()
    assert wire.requests[0]["path"] == "/admin/api/2025-10/graphql.json"
    assert "checkoutToken" not in wire.asked()["query"]


@pytest.mark.parametrize("address", ["evil.example", "teapots.myshopify.com\n", ""])
def test_no_request_goes_to_what_is_no_shop(wire: Wire, address: str) -> None:
    shop = ShopifyShop(replace(wire.connection(), address=address))
    with pytest.raises(AccountStopped):
        poll(shop)
    assert not wire.requests


def test_without_a_token_nothing_is_asked(wire: Wire) -> None:
    with pytest.raises(AccountStopped):
        poll(ShopifyShop(replace(wire.connection(), credentials={})))
    assert not wire.requests


# -- the poll ----------------------------------------------------------------------------


def test_a_polled_checkout_is_a_cart_that_sees_less(wire: Wire, shop: ShopifyShop) -> None:
    wire.gives(page("orders"))
    wire.gives(page("abandonedCheckouts", a_checkout()))
    (cart,) = poll(shop)[1].seen
    assert isinstance(cart, Cart)
    assert (cart.sees, cart.key, cart.name) == ("poll", "name:#40123456789012", "#40123456789012")
    assert cart.aliases == (
        "path:/62001/checkouts/ac/ca7e11a0b1c2d3e4/recover",
        "cart:ca7e11a0b1c2d3e4",
    )
    assert (cart.totals.total, cart.currency) == (Decimal("53.9"), "EUR")
    assert cart.totals.shipping is None
    (line,) = cart.lines
    assert (line.product_key, line.address) == (
        "8123456789012",
        "https://teapots.example/products/teapot",
    )
    assert (line.unit_price, line.total) == (Decimal("24.5"), Decimal("49.0"))
    consents = {consent.channel: consent for consent in cart.shopper.consents}
    assert consents[Channel.EMAIL].granted
    assert not consents[Channel.SMS].granted
    assert consents[Channel.SMS].at == datetime(2026, 11, 1, 10, tzinfo=UTC)
    assert cart.shopper.phone == "+49 151 2345678", "the number of the address, not the refused one"
    assert (cart.shopper.customer_key, cart.shopper.orders) == ("9007199254740995", 3)
    assert json.loads(cart.raw)["name"] == cart.name


def test_a_polled_order_is_the_webhooks_order(wire: Wire, shop: ShopifyShop) -> None:
    wire.gives(page("orders", an_order()))
    (order,) = next(shop.changed_since(None, NOW)).seen
    assert isinstance(order, Order)
    assert order.key == "6123456789012345678"
    assert order.cart_keys == ("token:c0ffee0a1b2c3d4e", "cart:ca7e11a0b1c2d3e4")
    assert (order.totals.total, order.paid, order.origin) == (
        Decimal("49.0"),
        True,
        Origin.CHECKOUT,
    )


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ("/62001/checkouts/ac/abc/recover", ("cart:abc",)),
        ("/checkouts/cn/abc/recover", ("cart:abc",)),
        ("/62001/checkouts/abc/recover", ("token:abc",)),
        ("/62001/checkouts/abc", ()),
        ("/recover", ()),
    ],
)
def test_a_recovery_address_gives_a_token_away(
    wire: Wire, shop: ShopifyShop, path: str, keys: tuple[str, ...]
) -> None:
    wire.gives(page("orders"))
    address = f"https://teapots.example{path}?key=1"
    wire.gives(page("abandonedCheckouts", a_checkout(abandonedCheckoutUrl=address)))
    (cart,) = poll(shop)[1].seen
    assert isinstance(cart, Cart)
    assert cart.aliases == (f"path:{path}", *keys)


def test_a_checkout_of_nobody_is_not_said_to_be_a_shoppers(wire: Wire, shop: ShopifyShop) -> None:
    wire.gives(page("orders"))
    wire.gives(page("abandonedCheckouts", a_checkout(customer=None)))
    (cart,) = poll(shop)[1].seen
    assert isinstance(cart, Cart)
    assert cart.origin is Origin.UNKNOWN
    assert not cart.shopper.hidden


def test_the_first_poll_looks_two_days_back_and_the_next_a_minute_behind_the_last(
    wire: Wire, shop: ShopifyShop
) -> None:
    for _ in range(2):
        wire.gives(page("orders"))
        wire.gives(page("abandonedCheckouts"))
    cursor = poll(shop)[-1].cursor
    poll(shop, cursor, NOW + timedelta(minutes=5))
    asked = [request["json"]["variables"]["query"] for request in wire.requests]
    assert asked[:2] == ["updated_at:>='2026-11-18T12:00:00Z'"] * 2
    # Shopify's clock is two minutes behind ours: 11:58, less a minute, and a moment of ours
    assert asked[2] == asked[3]
    assert asked[2].split("'")[1] in ("2026-11-20T11:57:00Z", "2026-11-20T11:56:59Z")


def test_the_orders_are_known_until_ten_seconds_before_our_poll_began(
    wire: Wire, shop: ShopifyShop
) -> None:
    wire.gives(page("orders", next_after="c1"))
    wire.gives(page("orders"))
    wire.gives(page("abandonedCheckouts"))
    pages = poll(shop)
    assert [each.orders_known_until for each in pages] == [
        None,
        NOW - timedelta(seconds=10),
        None,
    ]
    offset = pages[0].clock_offset
    assert offset is not None and abs(offset - 120) < 1
    assert wire.asked(1)["variables"]["after"] == "c1"
    assert wire.asked(2)["variables"]["after"] is None


def test_a_poll_that_goes_on_later_keeps_its_beginning(wire: Wire, shop: ShopifyShop) -> None:
    wire.gives(page("orders", next_after="c1"))
    first = next(shop.changed_since(None, NOW))
    wire.gives(page("orders"))
    later = NOW + timedelta(minutes=9)
    second = next(shop.changed_since(first.cursor, later))
    assert second.orders_known_until == NOW - timedelta(seconds=10)
    mark = json.loads(second.cursor)["orders_since"]
    assert mark in ("2026-11-20T11:57:00Z", "2026-11-20T11:56:59Z")


def test_a_page_without_an_end_does_not_go_round_for_ever(wire: Wire, shop: ShopifyShop) -> None:
    wire.gives(page("orders", next_after="c1"))
    wire.gives(page("orders", next_after="c1"))
    wire.gives(page("abandonedCheckouts"))
    assert len(poll(shop)) == 3


@pytest.mark.parametrize(
    "cursor", ["", "nonsense", "[]", "{}", '{"at": "orders"}', '{"orders_since": 5}', "\ud800"]
)
def test_a_cursor_that_is_not_ours_begins_anew(wire: Wire, shop: ShopifyShop, cursor: str) -> None:
    wire.gives(page("orders"))
    next(shop.changed_since(cursor, NOW))
    assert wire.asked()["variables"]["query"] == "updated_at:>='2026-11-18T12:00:00Z'"


def test_an_odd_order_is_given_unread_and_holds_up_no_other(wire: Wire, shop: ShopifyShop) -> None:
    wire.gives(page("orders", an_order(totalPriceSet=None), an_order(), next_after="c1"))
    wire.gives(page("orders"))
    wire.gives(page("abandonedCheckouts", a_checkout()))
    read = poll(shop)
    assert [len(each.seen) for each in read] == [1, 0, 1]
    assert [bool(each.orders_known_until) for each in read] == [False, True, False]
    ((odd,), *others) = [each.unread for each in read]
    assert others == [(), ()]
    whole = order_from_node(an_order(), frozenset())
    assert (odd.kind, odd.key, odd.cart_keys) == (RowKind.ORDER, whole.key, whole.cart_keys)
    assert (odd.shopper, odd.placed_at) == (whole.shopper, whole.placed_at)
    lines = {"lineItems": {"nodes": an_order()["lineItems"]["nodes"]}}
    assert json.loads(odd.body) == an_order(totalPriceSet=None) | lines


@pytest.mark.parametrize("node", [5, "text", [], {"totalPriceSet": [5]}, {"customer": None}])
def test_a_node_of_any_shape_is_unread_and_nothing_else(
    wire: Wire, shop: ShopifyShop, node: Any
) -> None:
    wire.gives(page("orders", node, an_order()))
    wire.gives(page("abandonedCheckouts", node, a_checkout()))
    orders, checkouts = poll(shop)
    assert [len(each.seen) for each in (orders, checkouts)] == [1, 1]
    kinds = [row.kind for each in (orders, checkouts) for row in each.unread]
    assert kinds == [RowKind.ORDER, RowKind.CHECKOUT]


def test_of_an_order_with_an_odd_address_the_rest_of_the_person_is_read(
    wire: Wire, shop: ShopifyShop
) -> None:
    wire.gives(page("orders", an_order(email=["odd"], phone={"odd": 1}, createdAt=5)))
    wire.gives(page("abandonedCheckouts"))
    (odd,) = poll(shop)[0].unread
    whole = order_from_node(an_order(), frozenset()).shopper
    assert odd.shopper is not None and odd.placed_at is None
    assert odd.shopper.customer_key == whole.customer_key is not None


def test_whose_an_order_is_cannot_be_told_when_all_of_it_is_odd(
    wire: Wire, shop: ShopifyShop
) -> None:
    odd = {name: [1] for name in ("email", "phone", "customer", "shippingAddress")}
    wire.gives(page("orders", an_order(**odd, billingAddress=[1])))
    wire.gives(page("abandonedCheckouts"))
    assert [row.shopper for row in poll(shop)[0].unread] == [None]


def test_an_odd_checkout_is_given_unread_under_its_own_key(wire: Wire, shop: ShopifyShop) -> None:
    wire.gives(page("orders"))
    wire.gives(page("abandonedCheckouts", a_checkout(updatedAt="soon"), a_checkout()))
    last = poll(shop)[-1]
    (cart,), (odd,) = last.seen, last.unread
    assert isinstance(cart, Cart)
    assert (odd.kind, odd.key) == (RowKind.CHECKOUT, cart.key)


def test_a_node_kept_unread_can_be_read_again() -> None:
    (order,) = polling.read_row(RowKind.ORDER, json.dumps(an_order()).encode())
    (cart,) = polling.read_row(RowKind.CHECKOUT, json.dumps(a_checkout()).encode())
    assert isinstance(order, Order) and isinstance(cart, Cart)
    cut = a_checkout(lineItems={"nodes": [], "pageInfo": {"hasNextPage": True}})
    with pytest.raises(Unreadable):
        polling.read_row(RowKind.CHECKOUT, json.dumps(cut).encode())


# -- what is withheld ----------------------------------------------------------------------


def denied(*path: Any) -> dict[str, Any]:
    extensions = {"code": "ACCESS_DENIED", "documentation": "…"}
    return {"message": "not approved", "path": list(path), "extensions": extensions}


def test_withheld_fields_are_hidden_in_their_own_row_alone(wire: Wire, shop: ShopifyShop) -> None:
    bare = an_order(email=None, customer=None)
    errors = [denied("orders", "nodes", 0, "customer"), denied("orders", "nodes", 0, "email")]
    wire.gives(page("orders", bare, an_order(id="gid://shopify/Order/2")), errors=errors)
    wire.gives(page("abandonedCheckouts"))
    first, second = poll(shop)[0].seen
    assert isinstance(first, Order) and isinstance(second, Order)
    assert first.shopper.hidden == {"first_name", "last_name", "email", "phone"}
    assert second.shopper.hidden == frozenset()


def test_a_whole_order_withheld_is_an_unread_order_of_somebody(
    wire: Wire, shop: ShopifyShop
) -> None:
    wire.gives(page("orders", None), errors=[denied("orders", "nodes", 0)])
    wire.gives(page("abandonedCheckouts", None))
    orders, checkouts = poll(shop)
    (odd,) = orders.unread
    assert (odd.kind, odd.shopper) == (RowKind.ORDER, None)
    assert odd.placed_at is not None and checkouts.unread == ()


def test_a_whole_list_withheld_stops_the_account(wire: Wire, shop: ShopifyShop) -> None:
    wire.gives({"orders": None}, errors=[denied("orders")])
    with pytest.raises(AccountStopped, match="read_orders"):
        poll(shop)


# -- the budget ------------------------------------------------------------------------------


def test_a_query_that_does_not_fit_is_not_sent(wire: Wire, shop: ShopifyShop) -> None:
    wire.gives(page("orders"), left=100)
    pages = shop.changed_since(None, NOW)
    assert next(pages).orders_known_until
    with pytest.raises(Busy) as busy:
        next(pages)
    assert 8 < busy.value.retry_after <= 9.0  # 1,000 wanted, 100 there, 100 a second
    assert len(wire.requests) == 1


def test_what_a_query_truly_asks_is_learnt_from_its_answer(wire: Wire, shop: ShopifyShop) -> None:
    wire.gives(page("orders", next_after="c1"), left=100, asked=90)
    wire.gives(page("orders"), left=2000, asked=90)
    pages = shop.changed_since(None, NOW)
    next(pages)
    next(pages)
    assert len(wire.requests) == 2
    assert shop.admin.budget is not None and shop.admin.budget.left == 2000


def test_throttled_says_when_the_points_are_there(wire: Wire, shop: ShopifyShop) -> None:
    error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
    wire.gives(None, left=200, asked=900, errors=[error])
    with pytest.raises(Busy) as busy:
        poll(shop)
    assert 6 < busy.value.retry_after <= 7.0


@pytest.mark.parametrize(
    ("said", "wait"), [("7", 7.0), ("0.5", 0.5), ("soon", 2.0), ("-1", 2.0), ("NaN", 2.0)]
)
def test_429_says_when_to_come_back(wire: Wire, shop: ShopifyShop, said: str, wait: float) -> None:
    wire.says({"errors": "Too many"}, 429, Retry_After=said)
    with pytest.raises(Busy) as busy:
        poll(shop)
    assert busy.value.retry_after == wait


# -- what goes wrong -----------------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 402, 403, 404, 423])
def test_a_closed_door_stops_the_account_in_words(
    wire: Wire, shop: ShopifyShop, status: int
) -> None:
    wire.says({"errors": "no"}, status)
    with pytest.raises(AccountStopped) as stopped:
        poll(shop)
    assert len(str(stopped.value).split()) > 4


@pytest.mark.parametrize("answer", [b"<html>", b"[]", b"", b'{"data": null}', b'{"data": 5}'])
def test_an_answer_that_says_nothing_is_busy_for_a_query_and_no_answer_for_a_change(
    wire: Wire, shop: ShopifyShop, answer: bytes
) -> None:
    wire.says(answer)
    with pytest.raises(Busy) as busy:
        poll(shop)
    assert not isinstance(busy.value, AccountStopped)
    wire.says(answer)
    with pytest.raises(NoAnswer):
        shop.create_coupon(OFFER)


@pytest.mark.parametrize("status", [301, 302, 400, 422])
def test_a_strange_status_changes_nothing(wire: Wire, shop: ShopifyShop, status: int) -> None:
    wire.says({}, status, Location="https://evil.example/")
    with pytest.raises(Busy):
        poll(shop)
    wire.says({}, status, Location="https://evil.example/")
    with pytest.raises(Refused):
        shop.create_coupon(OFFER)
    assert len(wire.requests) == 2


def test_a_query_that_is_not_understood_is_unreadable(wire: Wire, shop: ShopifyShop) -> None:
    error = {"message": "Field 'x' of mila@example.com", "extensions": {"code": "undefinedField"}}
    wire.says({"errors": [error]})
    with pytest.raises(Unreadable) as odd:
        poll(shop)
    assert "mila" not in str(odd.value)


@pytest.mark.parametrize("errors", [5, [5], {"a": 1}, None, "text"])
def test_errors_in_another_shape_escape_as_nothing_else(
    wire: Wire, shop: ShopifyShop, errors: Any
) -> None:
    wire.says({"errors": errors})
    with pytest.raises((Unreadable, Busy)):
        poll(shop)


def test_a_dropped_line_is_busy_for_a_query_and_no_answer_for_a_change(
    wire: Wire, shop: ShopifyShop
) -> None:
    wire.drops_the_line()
    with pytest.raises(Busy):
        poll(shop)
    wire.drops_the_line()
    with pytest.raises(NoAnswer):
        shop.create_coupon(OFFER)
    assert len(wire.requests) == 2, "something was sent twice"


def test_a_shop_that_cannot_be_reached_is_busy_also_for_a_change() -> None:
    wire = Wire()
    shop = wire.shop()
    wire.close()
    with pytest.raises((Busy, NoAnswer)) as failed:
        shop.create_coupon(OFFER)
    assert isinstance(failed.value, Busy), "nothing can have left"


# -- the line is closed ------------------------------------------------------------------------


def test_a_closed_shop_can_be_asked_again(wire: Wire, shop: ShopifyShop) -> None:
    for name in itertools.repeat("Teapots", 2):
        wire.gives({"shop": {"name": name}})
        assert shop.shop_news().name == name
        shop.close()


def test_reading_a_webhook_needs_no_line() -> None:
    shop = ShopifyShop(Connection("k", "no shop at all", {}, {}))
    assert shop.read({"X-Shopify-Topic": "app/uninstalled"}, b"{}", NOW)
