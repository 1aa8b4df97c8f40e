"""The line to Shopify: what is asked, what may be said, when to come back."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime
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
from connectors.shopify import ShopifyShop
from recovery.model import Offer
from tests.connectors.shopify_words import (
    NOW,
    SHOP,
    Wire,
    page,
    poll,
    shop_on_the_wire,  # noqa: F401
    told_wire,  # noqa: F401
)

OFFER = Offer("BACK-7QX2", datetime(2030, 1, 1, tzinfo=UTC), percent=Decimal(10))


# -- the request -------------------------------------------------------------------------------


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


# -- the budget --------------------------------------------------------------------------------


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


# -- what goes wrong ---------------------------------------------------------------------------


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
