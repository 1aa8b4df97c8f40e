"""A cart whose contact is known goes on: what changes in it is kept, with the server's own sums."""

from __future__ import annotations

import pytest

from tests.plugin.relance_shop import RelanceShop
from tests.plugin.visitor import PHONE, held_capture

pytest_plugins = ["tests.plugin.shop_fixtures"]


def test_every_change_of_a_known_cart_is_kept(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.agree()
    told = [relance_shop.cart()]
    large = relance_shop.mug.variations[1]
    for change in (
        lambda: visitor.change(3),
        lambda: visitor.put(relance_shop.mug.id, 1, variation_id=large, attribute_size="Large"),
        visitor.remove,
        lambda: visitor.store("cart/add-item", {"id": relance_shop.shirt.id, "quantity": 2}),
    ):
        change()
        told.append(relance_shop.cart())
    assert [row["snapshot"]["totals"]["subtotal"] for row in told] == [
        "25.00",
        "75.00",
        "87.00",
        "12.00",
        "62.00",
    ]
    changed = [row["changed_at"] for row in told]
    assert changed == sorted(set(changed))
    assert len({row["cart_key"] for row in told}) == 1


def test_an_emptied_cart_is_told_and_the_same_one_goes_on(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.agree()
    relance_shop.send()
    visitor.remove()
    assert (relance_shop.cart()["deleted"], relance_shop.cart()["waiting"]) == (1, 1)
    relance_shop.send()
    assert relance_shop.receiver.carts()[-1].keys() == {"key", "changed_at", "deleted"}
    visitor.put(relance_shop.shirt.id, 2)
    row = relance_shop.cart()
    assert (row["deleted"], row["waiting"]) == (0, 1)
    assert row["contact"] == {"phone": PHONE, "country": "FR"}


def test_the_same_again_changes_nothing(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.agree()
    relance_shop.send()
    before = relance_shop.cart()
    assert visitor.agree(why="leave").status_code == 200
    visitor.get("/cart/")
    assert relance_shop.cart() == before


def test_a_capture_undoes_nothing_that_another_request_wrote(relance_shop: RelanceShop) -> None:
    relance_shop.coupon("beside", amount="5", discount_type="fixed_cart")
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.agree()
    relance_shop.set_product(relance_shop.shirt.id, price="26.00")  # its own sums differ, too
    with held_capture(visitor, {"phone": "+33699999999", "consents": {"sms": True}}):
        visitor.use_coupon("beside")
    assert relance_shop.cart()["contact"]["phone"] == "+33699999999"
    assert [one["code"] for one in visitor.store("cart")["coupons"]] == ["beside"]


# -- the sums ---------------------------------------------------------------------------------


def test_the_sums_are_the_servers_whatever_the_browser_says(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt, 2)
    lie = {
        "totals": {"total": "0.01"},
        "currency": "XXX",
        "lines": [{"title": "Gold"}],
        "customer_id": 1,
        "order_id": 9,
        "ip": "203.0.113.1",
    }
    visitor.agree(**lie)
    row = relance_shop.cart()
    said = visitor.store("cart")["totals"]
    assert row["snapshot"]["totals"]["total"].replace(".", "") == said["total_price"]
    assert row["snapshot"]["totals"]["subtotal"] == "50.00"
    assert (row["snapshot"]["currency"], row["customer_id"], row["order_id"]) == ("EUR", 0, 0)
    assert [line["title"] for line in row["snapshot"]["lines"]] == ["T-shirt"]
    assert row["ip"] == "127.0.0.1"


@pytest.mark.parametrize(
    ("in_prices", "shown", "unit", "tax"),
    [
        (True, True, "25.00", "8.33"),
        (True, False, "20.83", "8.33"),
        (False, True, "30.00", "10.00"),
    ],
)
def test_prices_are_told_with_tax_where_the_shop_shows_them_so(
    relance_shop: RelanceShop, in_prices: bool, shown: bool, unit: str, tax: str
) -> None:
    relance_shop.count_taxes("20", in_prices=in_prices, shown=shown)
    visitor = relance_shop.visitor(relance_shop.shirt, 2)
    visitor.agree()
    snapshot = relance_shop.cart()["snapshot"]
    said = visitor.store("cart")["totals"]
    assert snapshot["lines"][0]["unit_price"] == unit
    assert snapshot["totals"]["total"].replace(".", "") == said["total_price"]
    without_shipping = int(said["total_tax"]) - int(said["total_shipping_tax"] or 0)
    assert f"{without_shipping / 100:.2f}" == tax


@pytest.mark.parametrize(
    ("currency", "decimals", "unit"), [("JPY", 0, "25"), ("TND", 3, "25.000"), ("USD", 2, "25.00")]
)
def test_amounts_have_the_decimals_of_the_currency(
    relance_shop: RelanceShop, currency: str, decimals: int, unit: str
) -> None:
    relance_shop.switch_currency(currency, decimals)
    relance_shop.visitor(relance_shop.shirt, 2).agree()
    snapshot = relance_shop.cart()["snapshot"]
    assert snapshot["currency"] == currency
    assert snapshot["lines"][0]["unit_price"] == unit
    relance_shop.send()
    (cart,) = relance_shop.receiver.posts[0].carts
    assert cart.currency == currency and str(cart.lines[0].unit_price) == unit


def test_a_coupon_is_told_with_what_it_takes_off(relance_shop: RelanceShop) -> None:
    relance_shop.coupon("ten", amount="10", discount_type="percent")
    visitor = relance_shop.visitor(relance_shop.shirt, 2)
    visitor.agree()
    visitor.use_coupon("TEN")
    snapshot = relance_shop.cart()["snapshot"]
    assert snapshot["coupons"] == ["ten"]
    assert (snapshot["totals"]["subtotal"], snapshot["totals"]["discounts"]) == ("50.00", "5.00")
    line = snapshot["lines"][0]
    assert (line["unit_price"], line["total"]) == ("25.00", "45.00")


def test_the_shoppers_language_is_told_and_the_words_are_in_it(relance_shop: RelanceShop) -> None:
    relance_shop.switch_language("fr_FR")
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.config()
    visitor.agree()
    row = relance_shop.cart()
    assert row["snapshot"]["locale"] == "fr_FR"
    assert "Chaque message dit comment ne plus en recevoir" in row["consents"][0]["words"]
