"""Products that somebody waits for, asked of a WooCommerce stand-in."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from connectors.protocols import AccountStopped, Busy, ShowsProducts, Watched
from recovery.model import Product
from tests.connectors.test_woocommerce_polling import connected
from tests.standins.woocommerce import WooCommerceStandIn


@pytest.fixture
def woo() -> Iterator[WooCommerceStandIn]:
    with WooCommerceStandIn() as found:
        yield found


def shown(woo: WooCommerceStandIn, *watched: Watched) -> dict[str, Product]:
    shop = connected(woo)
    assert isinstance(shop, ShowsProducts)
    return {each.key: each for some in shop.products(watched) for each in some}


def asked(woo: WooCommerceStandIn) -> list[str]:
    return [path.partition("/wc/v3/")[2] for _, path, _ in woo.asked]


def test_products_are_asked_for_together_and_no_other_is_told(woo: WooCommerceStandIn) -> None:
    lamp = woo.shop.add_product("Lamp", "30.00", stock_status="outofstock")
    soap = woo.shop.add_product("Soap", "4.50", status="draft")
    found = shown(woo, (str(lamp), None), (str(soap), None), (str(lamp), None))
    assert set(found) == {str(lamp), str(soap)}
    told = found[str(lamp)]
    assert (told.title, told.price, told.in_stock, told.available) == (
        "Lamp",
        Decimal("30.00"),
        False,
        True,
    )
    assert not found[str(soap)].available
    assert asked(woo) == ["products"]


def test_a_variation_is_asked_for_at_its_product_whose_name_it_bears(
    woo: WooCommerceStandIn,
) -> None:
    shirt = woo.shop.add_product("Shirt", "25.00")
    blue = woo.shop.add_product("Blue", "19.00", parent=shirt, stock_status="outofstock")
    red = woo.shop.add_product("Red", "25.00", parent=shirt)
    found = shown(woo, (str(shirt), str(blue)), (str(shirt), None))
    assert set(found) == {str(shirt), str(blue)}, f"{red} is watched by nobody"
    told = found[str(blue)]
    assert (told.title, told.price, told.in_stock) == ("Shirt - Blue", Decimal("19.00"), False)
    assert told.address and "attribute_colour=Blue" in told.address
    assert asked(woo) == ["products", f"products/{shirt}/variations"]


def test_a_variation_of_a_product_that_is_not_for_sale_is_not_either(
    woo: WooCommerceStandIn,
) -> None:
    shirt = woo.shop.add_product("Shirt", "25.00", status="private")
    blue = woo.shop.add_product("Blue", "19.00", parent=shirt)
    assert not shown(woo, (str(shirt), str(blue)))[str(blue)].available


def test_what_is_not_told_is_not_said_to_be_gone(woo: WooCommerceStandIn) -> None:
    assert shown(woo, ("999", "5"), ("x", None), ("", "7")) == {}
    assert asked(woo) == ["products"]
    assert shown(woo) == {}
    assert len(asked(woo)) == 1


def test_one_odd_product_hides_no_other(woo: WooCommerceStandIn) -> None:
    odd = woo.shop.add_product("Odd", "a lot")
    soap = woo.shop.add_product("Soap", "4.50")
    assert set(shown(woo, (str(odd), None), (str(soap), None))) == {str(soap)}


@pytest.mark.parametrize(("weather", "wanted"), [("429:12", Busy), ("403", AccountStopped)])
def test_what_is_wrong_is_said_as_by_a_poll(
    woo: WooCommerceStandIn, weather: str, wanted: type[Exception]
) -> None:
    woo.weather.next_answers.append(weather)
    with pytest.raises(wanted):
        shown(woo, ("13", None))
