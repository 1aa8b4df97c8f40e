"""Webhooks of a WooCommerce shop → our model."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.protocols import Forged, Unreadable
from connectors.woocommerce import is_ping
from connectors.woocommerce.fields import parse_row
from connectors.woocommerce.reading import order_news
from recovery.model import (
    Cart,
    CartGone,
    CustomerSeen,
    Order,
    OrderGone,
    Origin,
    Product,
    Seen,
)
from tests.connectors.woocommerce_recordings import NOW, SHOP, recorded, seen


def cart(name: str) -> Cart:
    (found,) = seen(name)
    assert isinstance(found, Cart)
    return found


def order(name: str) -> Order:
    (found,) = seen(name)
    assert isinstance(found, Order)
    return found


def changed(**changes: Any) -> Seen:
    """A pending order with some fields changed."""
    row = {**parse_row(recorded("order-updated-pending-guest")[1]), **changes}
    (found,) = order_news(row, "{}", "webhook")
    return found


# -- who may speak -------------------------------------------------------------------


def test_the_ping_of_a_new_webhook_is_known_and_is_not_a_forgery_of_an_order() -> None:
    headers, body = recorded("ping")
    assert is_ping(headers, body)
    with pytest.raises(Forged):
        SHOP.verify(headers, body)


@pytest.mark.parametrize(
    "body", [b"webhook_id=", b"webhook_id=7&x=1", b'{"id":7}', b"", b"webhook_id=7\n"]
)
def test_nothing_else_passes_for_a_ping(body: bytes) -> None:
    assert not is_ping({}, body)


def test_a_signed_delivery_is_never_taken_for_a_ping() -> None:
    assert not is_ping({"x-wc-webhook-topic": "order.created"}, b"webhook_id=7")


def test_a_shop_without_a_secret_lets_nobody_in() -> None:
    import base64
    import hashlib
    import hmac

    from connectors.protocols import Connection
    from connectors.woocommerce import WooCommerceShop

    body = b'{"id":1}'
    made = base64.b64encode(hmac.new(b"", body, hashlib.sha256).digest()).decode()
    for credentials in ({}, {"webhook_secret": ""}):
        shop = WooCommerceShop(Connection("k", "https://pots.example", credentials))
        with pytest.raises(Forged):
            shop.verify({"X-WC-Webhook-Signature": made}, body)


# -- which statuses are carts --------------------------------------------------------------


def test_a_guests_pending_order_is_a_cart_that_can_be_paid_by_its_link() -> None:
    found = cart("order-updated-pending-guest")
    assert (found.key, found.platform_state) == ("order:7301", "pending")
    assert found.aliases == ("cart:5b0d6a4e-7c1e-4c66-9a55-0d7b7a1f0001",)
    assert found.way_back == (
        "https://pots.example/checkout/order-pay/7301/?pay_for_order=true&key=wc_order_Tea7301Pot"
    )
    assert (found.created_at, found.changed_at) == (
        datetime(2026, 11, 20, 12, 41, 10, tzinfo=UTC),
        datetime(2026, 11, 20, 12, 42, 5, tzinfo=UTC),
    )
    assert (found.shopper.phone, found.shopper.country) == ("0151 23456789", "DE")
    assert found.shopper.customer_key is None
    assert (found.client_address, found.user_agent) == (
        "198.51.100.23",
        "Mozilla/5.0 (X11; Linux x86_64)",
    )
    assert found.locale == found.shopper.locale == "de"
    assert (found.totals.total, found.totals.shipping) == (Decimal("46.90"), Decimal("4.90"))
    assert found.sees == "webhook"


def test_a_registered_customers_order_has_no_way_back_because_it_asks_for_a_login() -> None:
    found = cart("order-created-pending-registered")
    assert found.way_back is None
    assert found.shopper.customer_key == "88"


def test_a_failed_payment_is_still_a_cart_and_payable() -> None:
    found = cart("order-updated-failed")
    assert found.platform_state == "failed"
    assert found.way_back is not None
    assert found.origin is Origin.CHECKOUT


def test_a_draft_is_a_cart_without_a_way_back_though_it_shows_a_payment_url() -> None:
    found = cart("order-updated-checkout-draft")
    assert (found.platform_state, found.way_back) == ("checkout-draft", None)


def test_a_cancelled_order_that_was_never_paid_is_a_cart() -> None:
    found = cart("order-updated-cancelled-unpaid")
    assert (found.platform_state, found.way_back) == ("cancelled", "")


def test_a_cancelled_order_that_was_paid_once_is_a_cancelled_order() -> None:
    found = order("order-updated-cancelled-paid")
    assert found.paid
    assert found.cancelled_at == datetime(2026, 11, 20, 12, 42, 5, tzinfo=UTC)


def test_order_created_with_the_state_at_delivery_is_read_by_its_status_not_by_its_topic() -> None:
    found = order("order-created-completed")
    assert (found.key, found.platform_state, found.paid) == ("7301", "completed", True)
    assert found.cart_keys == ("order:7301", "cart:5b0d6a4e-7c1e-4c66-9a55-0d7b7a1f0001")
    assert found.placed_at == datetime(2026, 11, 20, 12, 50, tzinfo=UTC), "when it was paid"


@pytest.mark.parametrize("status", ["on-hold", "processing", "completed", "refunded", "wc-shipped"])
def test_every_other_status_is_an_order_those_of_plugins_included(status: str) -> None:
    assert isinstance(changed(status=status), Order)


def test_an_order_that_is_not_paid_yet_counts_from_its_first_news() -> None:
    found = changed(status="on-hold")
    assert isinstance(found, Order)
    assert not found.paid
    assert found.placed_at == found.changed_at == datetime(2026, 11, 20, 12, 42, 5, tzinfo=UTC)


def test_the_merchants_unsaved_screen_is_nothing() -> None:
    row = {"id": 1, "status": "auto-draft"}
    assert order_news(row, "{}", "webhook") == ()


@pytest.mark.parametrize(
    ("via", "origin"),
    [
        ("checkout", Origin.CHECKOUT),
        ("store-api", Origin.CHECKOUT),
        ("admin", Origin.MERCHANT),
        ("rest-api", Origin.API),
        ("subscription", Origin.SUBSCRIPTION),
        ("some-plugin", Origin.UNKNOWN),
        ("", Origin.UNKNOWN),
    ],
)
def test_who_made_an_order_is_kept_on_carts_and_orders(via: str, origin: Origin) -> None:
    for status in ("pending", "processing"):
        found = changed(created_via=via, status=status)
        assert isinstance(found, Cart | Order)
        assert found.origin is origin


# -- what is gone ---------------------------------------------------------------------------


def test_a_deletion_tells_only_the_id_so_both_the_order_and_the_cart_are_gone() -> None:
    assert seen("order-deleted") == (OrderGone("7301"), CartGone(("order:7301",)))


def test_a_gone_order_has_the_keys_of_the_order_and_the_cart() -> None:
    gone, cart_gone = seen("order-deleted")
    assert isinstance(gone, OrderGone)
    assert isinstance(cart_gone, CartGone)
    assert gone.key == order("order-created-completed").key
    assert cart_gone.keys[0] == cart("order-updated-pending-guest").key


def test_an_order_in_the_bin_is_gone() -> None:
    row = parse_row(recorded("order-updated-pending-guest")[1])
    assert isinstance(order_news({**row, "status": "trash"}, "{}", "poll")[0], OrderGone)


def test_an_order_that_vanished_before_its_delivery_is_not_for_us() -> None:
    assert seen("order-updated-after-it-was-gone") == ()


def test_a_delivery_for_want_of_rights_is_kept_for_a_later_look() -> None:
    with pytest.raises(Unreadable, match="woocommerce_rest_cannot_view"):
        seen("order-updated-without-rights")


@pytest.mark.parametrize("name", ["coupon-created", "action-update-order-review"])
def test_other_topics_are_not_for_us(name: str) -> None:
    assert seen(name) == ()


# -- lines and money --------------------------------------------------------------------------


def test_a_line_is_read_as_the_shopper_saw_it() -> None:
    (line,) = cart("order-updated-pending-guest").lines
    assert line.title == "Teapot × large"
    assert (line.quantity, line.unit_price, line.total) == (2, Decimal("21.00"), Decimal("42.00"))
    assert (line.product_key, line.variant_key, line.image, line.sku) == (
        "501",
        None,
        None,
        "pot-l",
    )


def test_a_variation_and_a_discount_and_refunds_are_told() -> None:
    found = order("order-updated-refunded-in-part")
    (line,) = found.lines
    assert (line.title, line.variant_title, line.variant_key) == ("Shirt & Tie", "Blue – M", "502")
    assert (line.unit_price, line.total) == (Decimal("21.00"), Decimal("37.80"))
    assert found.totals.discounts == Decimal("4.20")
    assert found.discount_codes == ("back10",)
    assert found.refunded == Decimal("6.50")
    assert found.name == "N-7307"


def test_prices_with_tax_are_told_with_tax() -> None:
    found = cart("order-updated-with-tax")
    (line,) = found.lines
    assert (line.unit_price, line.total) == (Decimal("21.00"), Decimal("42.00"))
    assert (found.totals.subtotal, found.totals.shipping) == (Decimal("42.00"), Decimal("4.90"))
    assert found.totals.tax == Decimal("7.49")


def test_a_price_that_came_as_a_number_is_exact() -> None:
    assert parse_row(b'{"price":12.10}')["price"] == Decimal("12.10")


def test_thirds_are_rounded_to_the_sums_own_decimals() -> None:
    row = json.loads(recorded("order-updated-pending-guest")[1])
    row["line_items"][0].update(subtotal="10.00", total="10.00", quantity=3)
    found = changed(line_items=row["line_items"])
    assert isinstance(found, Cart)
    assert found.lines[0].unit_price == Decimal("3.33")


def test_the_price_of_one_is_exact_where_it_can_be() -> None:
    row = json.loads(recorded("order-updated-pending-guest")[1])
    row["line_items"][0].update(subtotal="6.25", total="6.25", quantity=2)
    found = changed(line_items=row["line_items"])
    assert isinstance(found, Cart)
    assert found.lines[0].unit_price == Decimal("3.125")


@pytest.mark.parametrize(
    "changes",
    [
        {"status": None},
        {"status": ["x"]},
        {"id": "x"},
        {"id": 0},
        {"currency": "€"},
        {"total": "much"},
        {"total": "NaN"},
        {"total": "1e400"},
        {"total": True},
        {"date_created_gmt": "yesterday"},
        {"date_created_gmt": 5},
        {"billing": "Am Kai 3"},
        {"line_items": [7]},
        {"line_items": "x"},
        {"meta_data": 5},
        {"customer_id": "inf"},
    ],
)
def test_a_value_of_another_sort_is_unreadable_and_nothing_else(changes: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        changed(**changes)


def test_a_message_about_what_is_unreadable_holds_nothing_of_the_person() -> None:
    with pytest.raises(Unreadable) as told:
        changed(total="nele.brandt@etu.example")
    assert "nele" not in str(told.value)


def test_empty_php_objects_are_read_as_nothing() -> None:
    found = changed(billing=[], shipping=[], line_items=[])
    assert isinstance(found, Cart)
    assert (found.shopper.email, found.lines) == (None, ())


@pytest.mark.parametrize("address", ["javascript:alert(1)", "//pots.example/x", "nonsense", ""])
def test_a_way_back_is_a_web_address_or_nothing(address: str) -> None:
    found = changed(payment_url=address)
    assert isinstance(found, Cart)
    assert found.way_back is None


@pytest.mark.parametrize("value", ["short", "x" * 65, "a b c d e f g h", {"a": 1}, None])
def test_a_note_that_is_no_cart_key_joins_nothing(value: object) -> None:
    found = changed(meta_data=[{"id": 1, "key": "_relance_cart", "value": value}])
    assert isinstance(found, Cart)
    assert found.aliases == ()


# -- customers and products ---------------------------------------------------------------------


def test_a_customers_own_details_are_read() -> None:
    (found,) = seen("customer-updated")
    assert isinstance(found, CustomerSeen)
    assert (found.shopper.customer_key, found.shopper.last_name) == ("88", "Yıldız")
    assert (found.shopper.phone, found.shopper.country) == ("0532 111 22 33", "TR")
    assert found.changed_at == datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def test_a_product_is_read_and_a_deleted_one_is_no_longer_to_be_had() -> None:
    (found,) = seen("product-updated")
    assert isinstance(found, Product)
    assert (found.title, found.price, found.in_stock) == ("Teapot & Cups", Decimal("21.00"), False)
    assert (found.categories, found.available) == (("Tea & more",), True)
    assert seen("product-deleted") == (Product("501", "", NOW, available=False),)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "latin-1"])
def test_a_body_in_another_encoding_is_unreadable(encoding: str) -> None:
    body = recorded("order-updated-pending-guest")[1].decode().replace("Nele", "Zoë")
    with pytest.raises(Unreadable):
        SHOP.read({"X-WC-Webhook-Topic": "order.updated"}, body.encode(encoding), NOW)


def test_a_byte_order_mark_in_front_is_passed_over() -> None:
    headers, body = recorded("order-updated-pending-guest")
    assert SHOP.read(headers, b"\xef\xbb\xbf" + body, NOW) == SHOP.read(headers, body, NOW)


def test_text_that_no_database_takes_is_cleaned() -> None:
    billing = json.loads('{"first_name":"A\\u0000da\\ud800"}')
    found = changed(billing=billing)
    assert isinstance(found, Cart)
    assert found.shopper.first_name == "Ada?"


def test_amounts_of_many_decimals_never_break_the_arithmetic() -> None:
    row = json.loads(recorded("order-updated-pending-guest")[1])
    row["line_items"][0].update(
        subtotal="999999999999.123456789012345678", total="8.333333333333334", quantity=7
    )
    found = changed(line_items=row["line_items"])
    assert isinstance(found, Cart)
    assert found.lines[0].total == Decimal("8.333333")
