"""The order that a cart became: it names its cart, and the cart ends with it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.plugin.relance_shop import RelanceShop
from tests.plugin.visitor import EMAIL, PHONE, Visitor

pytest_plugins = ["tests.plugin.shop_fixtures"]


def marks(shop: RelanceShop, order_id: int) -> dict[str, str]:
    """What the plugin wrote into an order."""
    found: dict[str, str] = shop.run(
        "$order = wc_get_order( $id ); $found = array();"
        "foreach ( array( '_relance_cart', '_relance_locale' ) as $name ) {"
        " if ( '' !== $order->get_meta( $name ) ) { $found[ $name ] = $order->get_meta( $name ); }"
        "} return (object) $found;",
        id=order_id,
    )
    return found


def place(visitor: Visitor, kind: str, method: str = "cod") -> int:
    """Place the order on one of the two checkouts."""
    if kind == "block":
        return visitor.order_block(method)
    return visitor.order_classic(payment_method=method)


@pytest.fixture(params=["classic", "block"])
def kind(request: pytest.FixtureRequest) -> str:
    """Every test that asks runs on both checkouts."""
    return str(request.param)


def test_an_order_names_its_cart_and_its_language(relance_shop: RelanceShop, kind: str) -> None:
    relance_shop.switch_language("fr_FR")
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.config()
    visitor.agree()
    key = visitor.key()
    order = place(visitor, kind)
    assert marks(relance_shop, order) == {"_relance_cart": key, "_relance_locale": "fr_FR"}


def test_the_language_is_the_one_the_cart_was_captured_in(
    relance_shop: RelanceShop, kind: str
) -> None:
    relance_shop.switch_language("fr_FR")
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.config()
    visitor.agree()
    relance_shop.switch_language("en_US")
    assert marks(relance_shop, place(visitor, kind))["_relance_locale"] == "fr_FR"


def test_an_order_of_a_cart_that_was_never_captured_names_it_too(
    relance_shop: RelanceShop, kind: str
) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    key = visitor.key()
    assert key and marks(relance_shop, place(visitor, kind))["_relance_cart"] == key
    assert relance_shop.carts() == []


def test_the_cart_is_told_of_its_order(relance_shop: RelanceShop, kind: str) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.agree()
    relance_shop.send()
    order = place(visitor, kind)
    row = relance_shop.cart()
    assert (row["order_id"], row["deleted"], row["waiting"]) == (order, 0, 1)
    assert row["snapshot"]["lines"]  # emptied by the order, not by the shopper
    relance_shop.send()
    (cart,) = relance_shop.receiver.posts[-1].carts
    assert cart.aliases == (f"order:{order}",)


def test_what_comes_after_the_order_is_another_cart(relance_shop: RelanceShop, kind: str) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.agree()
    first = visitor.key()
    one = place(visitor, kind)
    assert visitor.key() is None
    visitor.put(relance_shop.shirt.id, 2)
    second = visitor.key()
    assert second and second != first
    visitor.agree()
    assert [row["cart_key"] for row in relance_shop.carts()] == [first, second]
    two = place(visitor, kind)
    assert one != two and marks(relance_shop, two)["_relance_cart"] == second


def test_a_payment_that_fails_leaves_the_cart_as_it_is(
    relance_shop: RelanceShop, kind: str
) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.agree()
    key = visitor.key()
    if kind == "classic":
        visitor.order_classic(payment_method="declined")
    else:
        with pytest.raises(AssertionError, match="payment_error"):
            visitor.order_block("declined")
    failed = relance_shop.orders()[-1]
    assert marks(relance_shop, failed["id"])["_relance_cart"] == key
    assert (visitor.key(), relance_shop.cart()["order_id"]) == (key, failed["id"])
    visitor.change(3)
    row = relance_shop.cart()
    assert (row["cart_key"], row["snapshot"]["lines"][0]["quantity"]) == (key, 3)
    order = place(visitor, kind)
    assert marks(relance_shop, order)["_relance_cart"] == key
    assert relance_shop.cart()["order_id"] == order


def test_a_draft_that_woocommerce_makes_on_opening_names_the_cart(
    relance_shop: RelanceShop,
) -> None:
    relance_shop.set_options(standin_drafts="on_open")  # before 10.8
    visitor = relance_shop.visitor(relance_shop.shirt)
    draft = visitor.open_checkout()["order_id"]
    assert draft > 0
    assert marks(relance_shop, draft)["_relance_cart"] == visitor.key()
    visitor.agree()
    assert relance_shop.cart()["order_id"] == 0  # opened is not ordered


def test_orders_of_staff_and_programs_name_no_cart(relance_shop: RelanceShop) -> None:
    by_hand = relance_shop.staff_order(
        products={relance_shop.shirt.id: 1}, billing={"email": EMAIL}, status="processing"
    )
    by_program = relance_shop.staff_order(created_via="rest-api", billing={"email": EMAIL})
    assert marks(relance_shop, by_hand) == {} == marks(relance_shop, by_program)


def test_an_order_that_pays_for_a_renewal_names_no_cart(
    relance_shop: RelanceShop, kind: str
) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.agree()
    relance_shop.set_options(aside_renewal="1")
    assert marks(relance_shop, place(visitor, kind)) == {}
    assert relance_shop.cart()["order_id"] == 0


def test_nothing_is_copied_to_a_subscription(relance_shop: RelanceShop) -> None:
    left = relance_shop.php(
        "return apply_filters( 'wc_subscriptions_object_data', array( '_relance_cart' => 'x',"
        " '_relance_locale' => 'y', 'gift' => 'z' ) );"
    )
    assert left == {"gift": "z"}


def test_an_order_of_a_forgotten_cart_says_nothing_of_it(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.agree()
    visitor.capture({"declined": True})
    visitor.order_classic()
    relance_shop.send()
    assert relance_shop.carts() == []
    assert [set(cart) for cart in relance_shop.receiver.carts()] == [
        {"key", "changed_at", "deleted", "forget"}
    ]


def test_a_cart_that_was_ordered_elsewhere_goes_on_under_another_key(
    relance_shop: RelanceShop,
) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.agree()
    key = visitor.key()
    relance_shop.run("return Relance_Store::save( $key, array( 'order_id' => 4711 ) );", key=key)
    visitor.agree(first_name="Zoé")
    ordered, other = relance_shop.carts()
    assert (ordered["cart_key"], ordered["order_id"]) == (key, 4711)
    assert (other["cart_key"], other["order_id"]) == (visitor.key(), 0)
    assert other["cart_key"] != key


def test_a_customer_who_logs_in_keeps_the_cart_and_its_key(relance_shop: RelanceShop) -> None:
    login = relance_shop.somebody("customer")
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.agree()
    key = visitor.key()
    relance_shop.log_in(visitor.session, login)
    order = visitor.order_classic()
    assert marks(relance_shop, order)["_relance_cart"] == key


@pytest.mark.parametrize("settings", [{"on": False}, None])
def test_while_it_is_off_or_not_connected_no_cart_gets_a_key(
    relance_shop: RelanceShop, settings: dict[str, Any] | None
) -> None:
    relance_shop.begin(settings, paired=settings is not None)
    visitor = relance_shop.visitor(relance_shop.shirt)
    assert visitor.key() is None
    assert marks(relance_shop, visitor.order_classic()) == {}


def test_a_phone_typed_into_the_order_alone_reaches_nobody(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.order_classic(billing_phone=PHONE)
    relance_shop.send()
    assert relance_shop.carts() == [] and relance_shop.receiver.posts == []
