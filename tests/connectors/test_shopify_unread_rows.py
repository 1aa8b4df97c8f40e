"""Rows of Shopify's poll that cannot be read, or are withheld: each holds up no other."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.protocols import AccountStopped, Unreadable
from connectors.shopify import ShopifyShop, polling
from connectors.shopify.polled import order_from_node
from recovery.model import Cart, Order, RowKind
from tests.connectors.shopify_words import (
    Wire,
    a_checkout,
    an_order,
    page,
    poll,
    shop_on_the_wire,  # noqa: F401
    told_wire,  # noqa: F401
)

# -- rows of an odd shape ----------------------------------------------------------------------


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


# -- what is withheld --------------------------------------------------------------------------


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
