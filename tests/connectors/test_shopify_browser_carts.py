"""carts/* webhooks: what lies in a browser's cart, and the way back to it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.protocols import Unreadable
from connectors.shopify import ShopifyShop
from connectors.shopify.browser_carts import permalink
from recovery.model import Cart, Coupon, Line, Origin, Shopper
from tests.connectors.shopify_words import NOW, SHOP, connection, read_one, recording


def cart(**changes: Any) -> Cart:
    seen = read_one("carts/update", recording("carts_update_2026-07") | changes)
    assert isinstance(seen, Cart)
    return seen


def a_line(variant: str | None, quantity: int = 1) -> Line:
    price = Decimal("2.00")
    return Line("Tasse", quantity, price, price * quantity, variant_key=variant)


def test_a_browsers_cart_is_its_lines_in_the_currency_that_was_seen() -> None:
    seen = cart()
    assert (seen.key, seen.name, seen.aliases) == ("cart:hWN1ca7e11a0b1c2d3e4", None, ())
    assert (seen.currency, seen.totals.total) == ("EUR", Decimal("49.00"))
    (line,) = seen.lines
    assert (line.title, line.quantity, line.unit_price, line.total) == (
        "Teekanne - Blau",
        2,
        Decimal("24.50"),
        Decimal("49.00"),
    )
    assert (line.product_key, line.variant_key) == ("8123456789012", "44123456789012")
    assert (seen.shopper, seen.origin, seen.sees) == (Shopper(), Origin.CHECKOUT, "cart")
    assert seen.created_at == datetime(2026, 11, 20, 9, 50, tzinfo=UTC)
    assert seen.changed_at == datetime(2026, 11, 20, 9, 55, 10, 500_000, tzinfo=UTC)


def test_it_has_the_key_that_its_checkout_and_its_order_bear_as_an_alias() -> None:
    token = "hWN1ca7e11a0b1c2d3e4"
    checkout = read_one(
        "checkouts/update",
        recording("checkouts_update_2026-07") | {"cart_token": f"{token}?key=5ec4e7"},
    )
    order = read_one("orders/paid", recording("orders_paid_2026-07") | {"cart_token": token})
    assert cart().key in checkout.aliases
    assert cart().key in order.cart_keys
    assert cart(token=f"{token}?key=5ec4e7").key == cart().key
    assert "5ec4e7" not in str(checkout.aliases)


def test_an_emptied_cart_has_no_lines_and_no_currency() -> None:
    seen = read_one("carts/update", recording("carts_update_2026-07_emptied"))
    assert (seen.lines, seen.totals.total, seen.currency) == ((), Decimal(0), "")
    assert seen.way_back is None
    assert seen.key == cart().key


def test_a_line_without_sets_is_read_by_its_bare_amounts() -> None:
    line = {"title": "Tasse", "quantity": 3, "price": "2.00", "variant_id": 7}
    seen = cart(line_items=[line])
    assert (seen.lines[0].total, seen.currency) == (Decimal("6.00"), "")


@pytest.mark.parametrize(
    "changes",
    [
        {"token": None, "id": None},
        {"token": "?key=x", "id": ""},
        {"line_items": {"a": 1}},
        {"updated_at": "soon"},
        {"line_items": [{"quantity": "many"}]},
        {"line_items": [{"price_set": {"presentment_money": {"amount": "NaN"}}}]},
    ],
)
def test_an_odd_cart_is_unreadable(changes: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        cart(**changes)


# -- the way back ------------------------------------------------------------------


def test_the_way_back_is_the_shops_cart_permalink_with_the_code() -> None:
    seen, shop = cart(), ShopifyShop(connection())
    assert seen.way_back == f"https://{SHOP}/cart/44123456789012:2"
    coupon = Coupon("BACK 10", "gid://shopify/DiscountCodeNode/1", NOW)
    assert shop.way_back(seen, coupon) == f"https://{SHOP}/cart/44123456789012:2?discount=BACK+10"


def test_a_permalink_adds_up_lines_of_one_variant_and_names_only_variants() -> None:
    lines = [a_line("1"), a_line("22", 3), a_line("1", 2), a_line(None), a_line("x:1")]
    assert permalink(SHOP, lines) == f"https://{SHOP}/cart/1:3,22:3"
    assert permalink(SHOP, [a_line(None)]) is None
    assert permalink(SHOP, [a_line("5", 0)]) is None
    assert permalink(SHOP, [a_line(str(10**15 + n)) for n in range(200)]) is None
