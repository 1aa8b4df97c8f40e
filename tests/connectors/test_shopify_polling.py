"""Polling Shopify: what is seen, page by page, and from when on."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from connectors.shopify import ShopifyShop
from recovery.model import Cart, Channel, Order, Origin
from tests.connectors.shopify_words import (
    NOW,
    Wire,
    a_checkout,
    an_order,
    page,
    poll,
    shop_on_the_wire,  # noqa: F401
    told_wire,  # noqa: F401
)


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
