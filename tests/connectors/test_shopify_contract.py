"""Shopify keeps the contract of all shops, in the shapes of two versions."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.protocols import Connection, Forged, Shop
from connectors.shopify import ShopifyShop, shop_of, verify_webhook
from tests.connectors.shop_contract import ShopContract, Wanted
from tests.connectors.shopify_words import (
    PREVIOUS,
    SECRET,
    SHOP,
    connection,
    recording,
    signed,
)

TOPICS = {"cart": "checkouts/update", "order": "orders/paid", "unknown": "locations/create"}


def bag(amount: str, currency: str) -> dict[str, Any]:
    money = {"amount": amount, "currency_code": currency}
    return {"presentment_money": money, "shop_money": {"amount": "1.00", "currency_code": "USD"}}


def person(wanted: Wanted, payload: dict[str, Any]) -> dict[str, Any]:
    home = payload["billing_address"] | {
        "first_name": wanted.first_name,
        "last_name": wanted.last_name,
        "phone": None,
        "country_code": wanted.country,
    }
    customer = payload["customer"] | {
        "first_name": wanted.first_name,
        "last_name": wanted.last_name,
        "email": wanted.email,
        "default_address": None,
    }
    return {
        "email": wanted.email,
        "phone": wanted.phone,
        "contact_email": wanted.email,
        "billing_address": home,
        "shipping_address": [],
        "customer": customer,
        "updated_at": wanted.changed_at.isoformat(),
        "presentment_currency": wanted.currency,
    }


class TestShopifyKeepsTheContract(ShopContract):
    """As version 2026-07 writes it: no ids, tokens only."""

    def connection(self) -> Connection:
        return connection()

    def shop(self) -> Shop:
        return ShopifyShop(self.connection())

    def sign(self, kind: str, body: bytes) -> dict[str, str]:
        return signed(TOPICS[kind], body)

    def checkout(self, wanted: Wanted) -> dict[str, Any]:
        payload = recording("checkouts_update_2026-07")
        line = payload["line_items"][0] | {
            "title": wanted.title,
            "presentment_title": wanted.title,
            "product_id": wanted.product,
            "quantity": wanted.quantity,
            "price": wanted.unit_price,
            "line_price": wanted.total,
        }
        return (
            payload
            | person(wanted, payload)
            | {
                "token": f"token-{wanted.number}",
                "cart_token": f"cart-{wanted.number}",
                "name": f"#{wanted.number}",
                "buyer_accepts_marketing": False,
                "buyer_accepts_sms_marketing": False,
                "sms_marketing_phone": None,
                "total_price": wanted.total,
                "line_items": [line],
            }
        )

    def order(self, wanted: Wanted) -> dict[str, Any]:
        payload = recording("orders_paid_2026-07")
        line = payload["line_items"][0] | {
            "title": wanted.title,
            "product_id": wanted.product,
            "quantity": wanted.quantity,
            "price_set": bag(wanted.unit_price, wanted.currency),
            "discount_allocations": [],
        }
        return (
            payload
            | person(wanted, payload)
            | {
                "id": wanted.number,
                "checkout_token": f"token-{wanted.number}",
                "cart_token": f"cart-{wanted.number}",
                "total_price_set": bag(wanted.total, wanted.currency),
                "line_items": [line],
            }
        )

    def cart_body(self, wanted: Wanted) -> bytes:
        return json.dumps(self.checkout(wanted), ensure_ascii=False).encode()

    def order_body(self, wanted: Wanted) -> bytes:
        return json.dumps(self.order(wanted), ensure_ascii=False).encode()

    # -- Shopify's own signature -------------------------------------------

    def test_the_previous_secret_is_accepted_during_a_rotation(self) -> None:
        body = self.cart_body(Wanted())
        self.shop().verify(signed("checkouts/update", body, PREVIOUS), body)
        with pytest.raises(Forged):
            self.shop().verify(signed("checkouts/update", body, "another"), body)

    def test_a_webhook_about_another_shop_is_forged(self) -> None:
        body = self.cart_body(Wanted())
        headers = signed("checkouts/update", body) | {
            "X-Shopify-Shop-Domain": "other.myshopify.com"
        }
        with pytest.raises(Forged):
            self.shop().verify(headers, body)

    @pytest.mark.parametrize("secrets", [(), ("",), ("", "")])
    def test_without_a_secret_everything_is_forged(self, secrets: tuple[str, ...]) -> None:
        body = b"{}"
        with pytest.raises(Forged):
            verify_webhook(signed("shop/update", body, ""), body, secrets)

    def test_the_secrets_alone_verify_a_webhook_of_any_shop(self) -> None:
        headers = signed("shop/redact", b"{}")
        verify_webhook(headers, b"{}", ["", SECRET])  # nothing is raised
        with pytest.raises(Forged):
            verify_webhook(headers, b"{}", ["", f"{SECRET} of another app"])

    @pytest.mark.parametrize(
        "domain",
        [
            "teapots.myshopify.com\n",
            "teapots.myshopify.com.evil.example",
            "evil.example/teapots.myshopify.com",
            "teapots.myshopify.com:443",
            "user@teapots.myshopify.com",
            "teapots",
            "-teapots.myshopify.com",
            "https://teapots.myshopify.com",
            "tea pots.myshopify.com",
            "\u212aettle.myshopify.com",
            "teapots.myshopify\uff0ecom",
            "",
        ],
    )
    def test_only_a_whole_shop_domain_is_a_shop(self, domain: str) -> None:
        assert shop_of({"x-shopify-shop-domain": domain}) is None

    def test_the_shop_is_read_from_its_header_in_any_case(self) -> None:
        assert shop_of({"x-SHOPIFY-shop-domain": "Teapots.MyShopify.com"}) == SHOP
        assert shop_of({"x-shopify-shop-domain": "a.myshopify.com"}) == "a.myshopify.com"
        assert shop_of({}) is None


class TestShopifyKeepsTheContractAsItWroteIn202510(TestShopifyKeepsTheContract):
    """As version 2025-10 writes it: ids everywhere, and orders name `checkout_id`."""

    def checkout(self, wanted: Wanted) -> dict[str, Any]:
        return super().checkout(wanted) | {"id": wanted.number}

    def order(self, wanted: Wanted) -> dict[str, Any]:
        tokens = {"checkout_id": wanted.number, "checkout_token": None, "cart_token": None}
        return super().order(wanted) | tokens
