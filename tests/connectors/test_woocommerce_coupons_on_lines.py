"""What our coupons take off in a shop: on certain lines, but for some, and once.

The sums are those that WooCommerce's `WC_Discounts` comes to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors.protocols import Connection
from connectors.woocommerce import WooCommerceShop
from recovery.model import Money, Offer
from tests.standins.wordpress.shop import Shop

ENDS = datetime.now(UTC) + timedelta(days=2)
TEN = Offer("ten", ENDS, percent=Decimal(10))
FIVE = Offer("five", ENDS, amount=Money(Decimal(5), "EUR"))
FREE = Offer("free", ENDS, free_shipping=True)


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with Shop.start() as started:
        yield started
        assert started.log() == ""


@pytest.fixture(scope="module")
def goods(shop: Shop) -> dict[str, int]:
    prices = {"coat": "60.00", "shirt": "25.00", "sock": "4.00", "card": "20.00"}
    return {name: shop.add_product(name.title(), price).id for name, price in prices.items()}


@pytest.fixture(scope="module")
def ours(shop: Shop) -> WooCommerceShop:
    consumer_key, consumer_secret = shop.api_key()
    keys = {"consumer_key": consumer_key, "consumer_secret": consumer_secret}
    return WooCommerceShop(
        Connection("x", shop.url, {**keys, "webhook_secret": "tea"}, {"allow_private": "1"})
    )


def applied(shop: Shop, goods: dict[str, int], cart: dict[str, int], code: str) -> dict[str, Any]:
    """What a guest's browser is told who enters `code` with that cart."""
    base, browser = f"{shop.url}/wp-json/wc/store/v1/cart", shop.browser()
    head = {"Cart-Token": browser.get(base, timeout=30).headers["Cart-Token"]}
    for name, quantity in cart.items():
        line = {"id": goods[name], "quantity": quantity}
        browser.post(f"{base}/add-item", json=line, headers=head, timeout=30)
    told: dict[str, Any] = browser.post(
        f"{base}/apply-coupon", json={"code": code}, headers=head, timeout=30
    ).json()
    return told


@pytest.mark.parametrize(
    ("offer", "on", "but", "cart", "cents"),
    [
        (TEN, "", "", {"coat": 1, "shirt": 2}, 1100),
        (TEN, "coat", "", {"coat": 1, "shirt": 2}, 600),
        (TEN, "coat shirt", "", {"coat": 1, "shirt": 2, "card": 1}, 1100),
        (TEN, "", "card", {"coat": 1, "card": 3}, 600),
        (FIVE, "", "", {"coat": 1, "shirt": 2}, 500),
        (FIVE, "shirt", "", {"coat": 1, "shirt": 3}, 500),
        (FIVE, "coat shirt", "", {"coat": 2, "shirt": 3}, 500),
        (FIVE, "sock", "", {"coat": 1, "sock": 5}, 400),
        (FIVE, "", "card", {"coat": 1}, 500),
        (TEN, "coat", "", {"shirt": 1}, None),
        (TEN, "", "card", {"card": 1}, None),
        (FIVE, "coat", "", {"shirt": 1}, None),
        (FIVE, "", "card", {"coat": 1, "card": 1}, None),
        (FREE, "", "card", {"coat": 1, "card": 1}, None),
    ],
)
def test_a_coupon_takes_off_what_was_promised_of_its_lines_alone(
    shop: Shop,
    goods: dict[str, int],
    ours: WooCommerceShop,
    offer: Offer,
    on: str,
    but: str,
    cart: dict[str, int],
    cents: int | None,
) -> None:
    keys, left_out = (tuple(str(goods[name]) for name in names.split()) for names in (on, but))
    code = f"{offer.code}-{on}-{but}-{''.join(cart)}".replace(" ", "-")
    asked = replace(offer, code=code, product_keys=keys, excluded_product_keys=left_out)
    made = ours.create_coupon(asked)
    assert ours.create_coupon(asked) == made, "and asked again, it is given again"
    told = applied(shop, goods, cart, code)
    if cents is None:
        assert "not applicable" in told["message"]
    else:
        assert told["totals"]["total_discount"] == str(cents)


def test_without_its_limit_an_amount_would_be_given_for_every_item(
    shop: Shop, goods: dict[str, int]
) -> None:
    ids = [goods["shirt"]]
    shop.add_coupon("each", amount="5", discount_type="fixed_product", product_ids=ids)
    told = applied(shop, goods, {"shirt": 3}, "each")
    assert told["totals"]["total_discount"] == "1500"


def test_an_amount_of_the_cart_would_be_spread_over_lines_that_it_is_not_for(
    shop: Shop, goods: dict[str, int]
) -> None:
    ids = [goods["sock"]]
    shop.add_coupon("spread", amount="20", discount_type="fixed_cart", product_ids=ids)
    told = applied(shop, goods, {"coat": 1, "sock": 1}, "spread")
    assert told["totals"]["total_discount"] == "2000"
