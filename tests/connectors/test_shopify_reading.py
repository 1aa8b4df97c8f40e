"""Shopify's webhooks, each in its own shape, read into the model."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.protocols import Unreadable
from connectors.shopify import ShopifyShop
from recovery.model import (
    Cart,
    CartGone,
    Channel,
    Consent,
    Coupon,
    Origin,
)
from tests.connectors.shopify_words import NOW, connection, read, read_one, recording


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def checkout(**changes: Any) -> Any:
    return read_one("checkouts/update", recording("checkouts_update_2026-07") | changes)


# -- carts -------------------------------------------------------------------------


def test_a_checkout_is_read_in_the_currency_its_shopper_saw() -> None:
    cart = checkout()
    assert isinstance(cart, Cart)
    assert cart.currency == "EUR"
    assert cart.totals.total == Decimal("53.90")
    assert cart.totals.subtotal == Decimal("49.00")
    assert cart.totals.shipping == Decimal("4.90")
    assert cart.totals.tax == Decimal("8.61")
    (line,) = cart.lines
    assert (line.title, line.variant_title, line.sku) == ("Teekanne", "Blau", "TEA-BLUE")
    assert (line.product_key, line.variant_key) == ("8123456789012", "44123456789012")
    assert (line.quantity, line.unit_price, line.total) == (2, Decimal("24.50"), Decimal("49.00"))


def test_times_with_different_offsets_become_utc() -> None:
    cart = checkout()
    assert cart.created_at == at("2026-11-20T09:58:00")
    assert cart.changed_at == at("2026-11-20T10:01:30")


def test_a_cart_is_called_by_its_token_and_found_by_name_path_and_cart_token() -> None:
    cart = checkout()
    assert cart.key == "token:c0ffee0a1b2c3d4e"
    assert cart.name == "#40123456789012"
    assert cart.aliases == (
        "name:#40123456789012",
        "path:/62001/checkouts/ac/ca7e11a0b1c2d3e4/recover",
        "cart:ca7e11a0b1c2d3e4",
    )
    assert checkout(token=None).key == "name:#40123456789012"
    assert checkout(token=None, name=None).key.startswith("path:/62001/")
    with pytest.raises(Unreadable):
        checkout(token=None, name=None, abandoned_checkout_url=None)


def test_a_checkout_before_any_contact_has_an_unknown_shopper() -> None:
    cart = read_one("checkouts/create", recording("checkouts_create_2025-10_before_any_contact"))
    shopper = cart.shopper
    assert (shopper.email, shopper.phone, shopper.country) == (None, None, None)
    assert (shopper.customer_key, shopper.consents) == (None, ())
    assert not shopper.hidden, "not typed yet is not withheld"
    assert cart.name == "#40123456789012"
    assert cart.totals.shipping is None


def test_a_yes_to_texts_is_a_consent_of_the_number_it_was_given_for() -> None:
    cart = checkout(phone="+49301111111")
    assert cart.shopper.phone == "+4915198765432"
    assert cart.shopper.consents == (
        Consent(Channel.SMS, "+4915198765432", True, "shopify checkout", cart.created_at),
        Consent(Channel.EMAIL, "mila@example.com", True, "shopify checkout", cart.created_at),
    )


@pytest.mark.parametrize("no", [False, None, "true", 1])
def test_an_empty_box_is_neither_a_yes_nor_a_no(no: Any) -> None:
    cart = checkout(buyer_accepts_sms_marketing=no, buyer_accepts_marketing=no)
    assert cart.shopper.consents == ()


def test_the_phone_is_the_checkouts_else_the_shipping_else_the_billing_one() -> None:
    places = recording("checkouts_update_2026-07")
    billing = places["billing_address"] | {"phone": "3"}
    shipping = places["shipping_address"] | {"phone": "2"}
    silent = {"buyer_accepts_sms_marketing": False, "billing_address": billing}
    assert checkout(**silent, phone="1", shipping_address=shipping).shopper.phone == "1"
    assert checkout(**silent, shipping_address=shipping).shopper.phone == "2"
    assert checkout(**silent, shipping_address=[]).shopper.phone == "3"


def test_the_country_is_of_the_bill_else_of_the_parcel() -> None:
    assert (checkout().shopper.country, checkout().shopper.region) == ("DE", "BE")
    assert checkout(billing_address=[]).shopper.country == "AT"
    assert checkout(billing_address=None, shipping_address=[]).shopper.country is None


def test_what_shopify_withholds_is_said_to_be_hidden() -> None:
    cart = read_one("checkouts/update", recording("checkouts_update_2026-07_without_approval"))
    assert cart.shopper.hidden == {"email", "phone", "first_name", "last_name", "address"}
    assert cart.shopper.customer_key == "9007199254740995"
    assert cart.shopper.consents == ()
    assert cart.totals.total == Decimal("53.90")


def test_a_completed_checkout_says_when() -> None:
    done = checkout(completed_at="2026-11-20T12:20:00+02:00")
    assert done.completed_at == at("2026-11-20T10:20:00")
    assert done.platform_state == "completed"
    assert checkout().completed_at is None


def test_reductions_of_a_line_are_taken_off_its_total() -> None:
    line = recording("checkouts_update_2026-07")["line_items"][0]
    line["discount_allocations"] = [{"amount": "4.90"}, {"amount": "0.10"}]
    assert checkout(line_items=[line]).lines[0].total == Decimal("44.00")


@pytest.mark.parametrize(
    ("source", "more", "origin"),
    [
        ("web", {}, Origin.CHECKOUT),
        ("pos", {}, Origin.POINT_OF_SALE),
        ("shopify_draft_order", {}, Origin.DRAFT),
        ("subscription_contract", {}, Origin.SUBSCRIPTION),
        ("subscription_contract_checkout_one", {}, Origin.SUBSCRIPTION),
        ("web", {"user_id": 77}, Origin.MERCHANT),
        ("7654321", {"landing_site": None, "customer_locale": None}, Origin.API),
        ("7654321", {}, Origin.CHECKOUT),
        (7654321, {"landing_site": None, "customer_locale": None}, Origin.API),
        (None, {"landing_site": None, "customer_locale": None}, Origin.UNKNOWN),
    ],
)
def test_only_what_a_shopper_began_is_a_shoppers_cart(
    source: Any, more: dict[str, Any], origin: Origin
) -> None:
    assert checkout(source_name=source, **more).origin is origin


def test_a_deleted_checkout_is_named_by_its_id_alone() -> None:
    gone = read_one("checkouts/delete", recording("checkouts_delete_2026-07"))
    assert gone == CartGone(("name:#40123456789012",), at("2026-11-20T11:59:58.123456"))
    with pytest.raises(Unreadable):
        read("checkouts/delete", {"cart_token": "x"})


@pytest.mark.parametrize(
    "changes",
    [
        {"total_price": "NaN"},
        {"total_price": "1e999999"},
        {"total_price": None},
        {"total_price": True},
        {"total_price": ["1"]},
        {"presentment_currency": None, "currency": None},
        {"updated_at": "yesterday"},
        {"updated_at": "2026-11-20T10:00:00"},
        {"updated_at": 5},
        {"updated_at": "0001-01-01T00:00:00+14:00"},
        {"line_items": "none"},
        {"line_items": [1]},
        {"email": {"a": 1}},
        {"abandoned_checkout_url": "https://[broken"},
        {"discount_codes": {"code": "X"}},
        {"customer": {"id": [1]}},
    ],
)
def test_an_odd_shape_is_unreadable_and_quotes_nothing(changes: dict[str, Any]) -> None:
    with pytest.raises(Unreadable) as odd:
        checkout(**changes)
    assert "mila" not in str(odd.value)
    assert "yesterday" not in str(odd.value)


def test_what_no_database_can_store_is_taken_out_of_a_text() -> None:
    cart = checkout(email="a\x00b@example.com", customer=None)
    assert cart.shopper.email == "ab@example.com"
    body = b'{"token": "t", "total_price": "1", "currency": "EUR", "email": "\\ud83d@x.test"}'
    read_one("checkouts/update", body).shopper.email.encode()


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"token": NaN}', b'{"a": ' + b"9" * 5000 + b"}", b"\xff{}"]
)
def test_a_hostile_body_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read("checkouts/update", body)


# -- the way back -----------------------------------------------------------------------


def test_the_way_back_keeps_its_key_and_takes_the_code() -> None:
    shop, cart = ShopifyShop(connection()), checkout()
    assert shop.way_back(cart, None) == cart.way_back
    coupon = Coupon("BACK & 10%", "gid://shopify/DiscountCodeNode/1", NOW)
    assert shop.way_back(cart, coupon) == f"{cart.way_back}&discount=BACK+%26+10%25"
    bare = checkout(abandoned_checkout_url="https://teapots.example/r#top")
    assert shop.way_back(bare, coupon) == ("https://teapots.example/r?discount=BACK+%26+10%25#top")
    assert shop.way_back(checkout(abandoned_checkout_url=None), coupon) is None
