"""Orders, refunds, customers, products and the law: Shopify's webhooks read into the model."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.protocols import Unreadable
from recovery.model import (
    Channel,
    Consent,
    CustomerSeen,
    Order,
    Origin,
    PrivacyRequest,
    Product,
    Refund,
    ShopNews,
)
from tests.connectors.shopify_words import NOW, read, read_one, recording


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def order(**changes: Any) -> Any:
    return read_one("orders/paid", recording("orders_paid_2026-07") | changes)


# -- orders ------------------------------------------------------------------------


def test_an_order_is_read_in_the_currency_its_shopper_saw() -> None:
    seen = order()
    assert isinstance(seen, Order)
    assert (seen.key, seen.name, seen.currency) == ("6123456789012345678", "#1042", "EUR")
    totals = seen.totals
    assert (totals.total, totals.subtotal) == (Decimal("49.00"), Decimal("44.10"))
    assert (totals.shipping, totals.tax) == (Decimal("4.90"), Decimal("7.82"))
    assert totals.discounts == Decimal("4.90")
    assert seen.lines[0].unit_price == Decimal("24.50")
    assert seen.lines[0].total == Decimal("44.10")
    assert seen.discount_codes == ("WELCOME",)
    assert seen.placed_at == at("2026-11-20T10:20:00")
    assert seen.changed_at == at("2026-11-20T10:20:03")
    assert seen.paid and seen.cancelled_at is None


def test_an_order_without_a_second_currency_is_in_the_shops() -> None:
    seen = order(total_price_set=None)
    assert (seen.totals.total, seen.currency) == (Decimal("53.90"), "USD")
    assert seen.lines[0].unit_price == Decimal("26.95")


def test_an_order_names_its_cart_by_tokens_and_in_older_versions_by_id() -> None:
    tokens = ("token:c0ffee0a1b2c3d4e", "cart:ca7e11a0b1c2d3e4")
    assert order().cart_keys == tokens
    older = read_one("orders/create", recording("orders_create_2025-10"))
    assert older.cart_keys == (tokens[0], "name:#40123456789012", tokens[1])
    assert order(checkout_token=None, cart_token=None).cart_keys == ()


@pytest.mark.parametrize(
    ("source", "more", "origin"),
    [
        ("web", {}, Origin.CHECKOUT),
        ("pos", {}, Origin.POINT_OF_SALE),
        ("shopify_draft_order", {}, Origin.DRAFT),
        ("subscription_contract", {}, Origin.SUBSCRIPTION),
        ("7654321", {}, Origin.CHECKOUT),
        ("7654321", {"checkout_token": None, "cart_token": None, "landing_site": None}, Origin.API),
        ("My ERP", {"checkout_token": None, "cart_token": None, "landing_site": None}, Origin.API),
        (None, {"checkout_token": None, "cart_token": None, "landing_site": None}, Origin.UNKNOWN),
    ],
)
def test_an_order_of_a_program_is_told_from_a_shoppers(
    source: Any, more: dict[str, Any], origin: Origin
) -> None:
    assert order(source_name=source, **more).origin is origin


def test_an_order_gives_no_consent() -> None:
    assert order(buyer_accepts_marketing=True).shopper.consents == ()


def test_a_cancelled_and_an_unpaid_order_say_so() -> None:
    assert order(cancelled_at="2026-11-20T13:00:00+02:00").cancelled_at == at("2026-11-20T11:00:00")
    for state in ("pending", "authorized", "voided", "partially_paid", None):
        assert not order(financial_status=state).paid
    assert order(financial_status="partially_refunded").paid


def test_refunds_within_an_order_are_summed() -> None:
    refund = recording("refunds_create_2026-07")
    assert order(refunds=[refund, refund]).refunded == Decimal("44.10")


# -- refunds -----------------------------------------------------------------------


def test_a_refund_counts_the_payments_that_went_through() -> None:
    refund = read_one("refunds/create", recording("refunds_create_2026-07"))
    assert isinstance(refund, Refund)
    assert (refund.key, refund.order_key) == ("990011223344556677", "6123456789012345678")
    assert (refund.amount, refund.currency) == (Decimal("22.05"), "EUR")
    assert refund.at == at("2026-11-21T08:00:00")


def test_a_refund_of_goods_without_money_is_no_news() -> None:
    assert read("refunds/create", recording("refunds_create_2026-07") | {"transactions": []}) == ()


def test_a_refund_whose_payment_names_no_currency_takes_it_from_its_lines() -> None:
    refund = recording("refunds_create_2026-07")
    for payment in refund["transactions"]:
        payment["currency"] = None
    assert read_one("refunds/create", refund).currency == "EUR"
    with pytest.raises(Unreadable):
        read("refunds/create", refund | {"refund_line_items": [], "total_duties_set": None})


# -- customers and consents ----------------------------------------------------------


def test_a_changed_customer_is_seen() -> None:
    seen = read_one("customers/update", recording("customers_update_2026-07"))
    assert isinstance(seen, CustomerSeen)
    shopper = seen.shopper
    assert (shopper.customer_key, shopper.email) == ("9007199254740995", "mila@example.com")
    assert (shopper.phone, shopper.country) == ("+49 151 2345678", "DE")
    assert seen.changed_at == at("2026-11-20T12:00:00")


def test_a_withdrawn_consent_to_texts_is_a_no_for_its_number() -> None:
    name = "customers_marketing_consent_update_2026-07"
    seen = read_one("customers_marketing_consent/update", recording(name))
    consent = Consent(
        Channel.SMS, "+4915198765432", False, "shopify customer", at("2026-11-20T12:00:00")
    )
    assert seen.shopper.consents == (consent,)
    assert seen.shopper.customer_key == "9007199254740995"


def test_a_consent_to_emails_is_read_under_its_other_names() -> None:
    name = "customers_email_marketing_consent_update_2026-07"
    (consent,) = read_one(
        "customers_email_marketing_consent/update", recording(name)
    ).shopper.consents
    assert (consent.channel, consent.address, consent.granted) == (
        Channel.EMAIL,
        "mila@example.com",
        True,
    )


@pytest.mark.parametrize("state", ["not_subscribed", "pending", "redacted", "invalid", None, ""])
def test_a_state_between_yes_and_no_is_neither(state: str | None) -> None:
    news = recording("customers_marketing_consent_update_2026-07")
    news["sms_marketing_consent"]["state"] = state
    assert read_one("customers_marketing_consent/update", news).shopper.consents == ()


@pytest.mark.parametrize("answer", [None, {"state": "SUBSCRIBED", "consent_updated_at": None}])
def test_a_consent_without_a_time_is_as_old_as_its_message(answer: Any) -> None:
    news = {"id": 5, "phone": "+491", "sms_marketing_consent": answer}
    seen = read_one("customers_marketing_consent/update", news)
    assert seen.changed_at == at("2026-11-20T11:59:58.123456")
    assert [consent.granted for consent in seen.shopper.consents] == ([True] if answer else [])


def test_a_message_from_the_future_is_as_old_as_now() -> None:
    late = {"X-Shopify-Triggered-At": "2031-01-01T00:00:00Z"}
    assert read_one("products/delete", {"id": 1}, **late).changed_at == NOW
    odd = {"X-Shopify-Triggered-At": "soon"}
    assert read_one("products/delete", {"id": 1}, **odd).changed_at == NOW


# -- the shop, its products, the law ---------------------------------------------------


def test_an_uninstalled_app_is_told_in_spite_of_its_nulls() -> None:
    news = read_one("app/uninstalled", recording("app_uninstalled_2026-07"))
    at = datetime(2026, 11, 20, 11, 59, 58, 123456, tzinfo=UTC)  # as its header says
    assert news == ShopNews(uninstalled=True, at=at)


def test_changed_scopes_are_told() -> None:
    news = read_one("app/scopes_update", {"previous": [], "current": ["read_orders"]})
    assert news == ShopNews(scopes=("read_orders",))
    with pytest.raises(Unreadable):
        read("app/scopes_update", {"current": None})


def test_a_shop_tells_its_currency_and_zone() -> None:
    shop = {"name": "T", "currency": "EUR", "country_code": "DE", "iana_timezone": "Europe/Berlin"}
    news = read_one("shop/update", shop | {"primary_locale": "de", "timezone": "(GMT+01:00)"})
    assert news == ShopNews("T", "EUR", "DE", "Europe/Berlin", "de")
    assert read_one("shop/update", shop | {"iana_timezone": None}).timezone is None


def test_a_product_costs_what_its_cheapest_variant_costs() -> None:
    product = read_one("products/update", recording("products_update_2026-07"))
    assert isinstance(product, Product)
    assert (product.key, product.title) == ("8123456789012", "Teapot")
    assert (product.price, product.in_stock, product.available) == (Decimal("19.90"), True, True)
    assert product.image == "https://cdn.example/teapot.jpg"
    hidden = recording("products_update_2026-07") | {"status": "draft"}
    assert not read_one("products/update", hidden).available
    assert not read_one("products/delete", {"id": 8123456789012}).available


def test_a_request_to_forget_names_the_person_and_their_orders() -> None:
    request = read_one("customers/redact", recording("customers_redact_2026-07"))
    assert isinstance(request, PrivacyRequest)
    assert (request.kind, request.order_keys) == ("erase", ("6123456789012345678",))
    assert request.shopper.email == "mila@example.com"
    by_email = {"customer": {"email": "a@b.test"}, "orders_requested": []}
    export = read_one("customers/data_request", by_email)
    assert (export.kind, export.shopper.customer_key) == ("export", None)
    with pytest.raises(Unreadable):
        read("customers/redact", {"customer": {}})


def test_a_request_to_forget_the_shop_is_told() -> None:
    request = read_one("shop/redact", {"shop_id": 1, "shop_domain": "x.myshopify.com"})
    assert request.kind == "erase_shop"
    with pytest.raises(Unreadable):
        read("shop/redact", {})


@pytest.mark.parametrize("topic", ["locations/create", "customers/delete", "", "checkouts", "🫖"])
def test_other_topics_are_not_for_us(topic: str) -> None:
    assert read(topic, b"not even JSON") == ()
