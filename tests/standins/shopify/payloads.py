"""Webhook bodies in the official shapes, by API version."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tests.standins.shopify.money import plain, price_set
from tests.standins.shopify.order_payloads import order, refund
from tests.standins.shopify.records import (
    COUNTRIES,
    BrowserCart,
    Checkout,
    Consent,
    Customer,
    Line,
    Order,
    Product,
    Refund,
)
from tests.standins.shopify.shared_payloads import (
    customer_part,
    discount_codes,
    gid,
    hidden,
    postal,
)

SHOP_KEYS_LEFT_EMPTY = (
    "address1 address2 auto_configure_tax_inclusivity checkout_api_supported city county_taxes "
    "created_at eligible_for_payments finances google_apps_domain google_apps_login_enabled "
    "has_gift_cards has_storefront latitude longitude money_in_emails_format "
    "money_with_currency_format money_with_currency_in_emails_format multi_location_enabled "
    "password_enabled phone pre_launch_enabled primary_location_id province province_code "
    "requires_extra_payments_agreement setup_required source tax_shipping taxes_included "
    "updated_at weight_unit zip"
).split()
WITHOUT_CHECKOUT_IDS = "2026-04"  # since then checkouts carry no id, orders no checkout_id


class Payloads:
    """The payloads of one shop at one API version, less what the app is not approved for."""

    def __init__(self, shop: Any, version: str) -> None:
        self.shop, self.version = shop, version
        self.zone = ZoneInfo(shop.settings.timezone)

    def local(self, at: datetime | None) -> str | None:
        """A time with the shop's own offset, as most webhook fields have it."""
        return at.astimezone(self.zone).isoformat(timespec="seconds") if at else None

    def checkout(self, c: Checkout) -> dict[str, Any]:
        sums, currency = c.money, c.currency
        said: dict[str, Any] = {} if self.version >= WITHOUT_CHECKOUT_IDS else {"id": c.id}
        said |= {
            "token": c.token,
            "cart_token": c.cart_token,
            "email": c.email,
            "gateway": c.gateway,
            "buyer_accepts_marketing": c.buyer_accepts_marketing,
            # Real checkouts tell created_at in UTC and updated_at in the shop's own zone.
            "created_at": c.created_at.astimezone(UTC).isoformat(timespec="seconds"),
            "updated_at": self.local(c.updated_at),
            "landing_site": "/",
            "note": c.note,
            "note_attributes": [],
            "referring_site": "",
            "shipping_lines": [],
            "taxes_included": False,
            "total_weight": 0,
            "currency": currency,
            "completed_at": self.local(c.completed_at),
            "closed_at": self.local(c.closed_at),
            "user_id": None,
            "location_id": None,
            "source_identifier": None,
            "source_url": None,
            "device_id": None,
            "phone": c.phone,
            "customer_locale": c.locale,
            "line_items": [self.checkout_line(line, currency) for line in c.lines],
            "name": c.name,
            "source": None,
            "abandoned_checkout_url": self.shop.recovery_url(c),
            "discount_codes": discount_codes(c),
            "tax_lines": [],
            "source_name": c.source_name,
            "presentment_currency": currency,
            "buyer_accepts_sms_marketing": c.buyer_accepts_sms_marketing,
            "sms_marketing_phone": c.sms_marketing_phone,
            "total_discounts": plain(sums.discounts, currency),
            "total_line_items_price": plain(sums.lines, currency),
            "total_price": plain(sums.total, currency),
            "total_tax": plain(sums.tax, currency),
            "subtotal_price": plain(sums.subtotal, currency),
            "total_duties": None,
            "reservation_token": None,
            # An absent shipping address is an empty list, an absent billing address no key.
            "shipping_address": postal(c.shipping_address) or [],
        }
        if c.billing_address:
            said["billing_address"] = postal(c.billing_address)
        if found := self.customer_of(c.customer_id):
            said["customer"] = found
        return hidden(said, self.shop.approved)

    def checkout_line(self, line: Line, currency: str) -> dict[str, Any]:
        each, whole = plain(line.price, currency), plain(line.full - line.discount, currency)
        return {
            "applied_discounts": [],
            "discount_allocations": [],
            "key": str(line.variant_id or line.id),
            "destination_location_id": None,
            "fulfillment_service": "manual",
            "gift_card": False,
            "grams": 0,
            "origin_location_id": None,
            "presentment_title": line.title,
            "presentment_variant_title": line.variant_title,
            "product_id": line.product_id,
            "properties": None,
            "quantity": line.quantity,
            "requires_shipping": True,
            "sku": line.sku,
            "tax_lines": [],
            "taxable": True,
            "title": line.title,
            "variant_id": line.variant_id,
            "variant_title": line.variant_title,
            "variant_price": each,
            "vendor": "Stand-in",
            "user_id": None,
            "unit_price_measurement": None,
            "rank": None,
            "compare_at_price": None,
            "line_price": whole,
            "price": each,
        }

    def deleted_checkout(self, c: Checkout) -> dict[str, Any]:
        sums = c.money
        return {
            "id": c.id,
            "presentment_currency": c.currency,
            "buyer_accepts_sms_marketing": c.buyer_accepts_sms_marketing,
            "sms_marketing_phone": c.sms_marketing_phone,
            "total_discounts": plain(sums.discounts, c.currency),
            "total_line_items_price": plain(sums.lines, c.currency),
            "total_price": plain(sums.total, c.currency),
            "total_tax": plain(sums.tax, c.currency),
            "subtotal_price": plain(sums.subtotal, c.currency),
            "cart_token": c.cart_token,
            "total_duties": None,
            "reservation_token": None,
        }

    def cart(self, c: Checkout | BrowserCart) -> dict[str, Any]:
        """A carts/* body: the lines and the token, nobody's name."""
        return {
            "id": c.cart_token,
            "token": c.cart_token,
            "line_items": [self.cart_line(line, c.currency) for line in c.lines],
            "note": c.note,
            "updated_at": c.updated_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "created_at": c.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        }

    def cart_line(self, line: Line, currency: str) -> dict[str, Any]:
        after = line.full - line.discount
        amounts: dict[str, Decimal] = {
            "discounted_price": after / line.quantity,
            "line_price": after,
            "original_line_price": line.full,
            "price": line.price,
            "total_discount": line.discount,
        }
        said: dict[str, Any] = {
            "id": line.variant_id or line.id,
            "properties": None,
            "quantity": line.quantity,
            "variant_id": line.variant_id,
            "key": f"{line.variant_id or line.id}:0",
            "original_price": plain(line.price, currency),
            "discounts": [],
            "gift_card": False,
            "grams": 0,
            "product_id": line.product_id,
            "sku": line.sku,
            "taxable": True,
            "title": line.title,
            "vendor": "Stand-in",
        }
        if self.version >= WITHOUT_CHECKOUT_IDS:
            said["parent_relationship"] = None
        for name, amount in amounts.items():
            said[name] = plain(amount, currency)
            said[f"{name}_set"] = price_set(amount, currency)
        return said

    def order(self, o: Order) -> dict[str, Any]:
        return hidden(order(self, o), self.shop.approved)

    def refund(self, o: Order, r: Refund) -> dict[str, Any]:
        return refund(self, o, r)

    def customer_of(self, customer_id: int | None) -> dict[str, Any] | None:
        found = self.shop.customers.get(customer_id) if customer_id else None
        return customer_part(self, found) if found else None

    def customer(self, c: Customer) -> dict[str, Any]:
        said = customer_part(self, c) | {"addresses": []}
        return hidden({"customer": said}, self.shop.approved)["customer"] or {"id": c.id}

    def sms_consent(self, c: Customer) -> dict[str, Any]:
        consent = self._consent(c.sms_consent)
        consent["consent_collected_from"] = (c.sms_consent.collected_from or "other").lower()
        return {"id": c.id, "phone": c.phone, "sms_marketing_consent": consent}

    def email_consent(self, c: Customer) -> dict[str, Any]:
        return {
            "customer_id": c.id,
            "email_address": c.email,
            "email_marketing_consent": self._consent(c.email_consent),
        }

    def _consent(self, consent: Consent) -> dict[str, Any]:
        return {
            "state": consent.state.lower(),
            "opt_in_level": consent.opt_in_level.lower() if consent.opt_in_level else None,
            "consent_updated_at": self.local(consent.updated_at),
        }

    def product(self, p: Product) -> dict[str, Any]:
        variants = [
            {
                "admin_graphql_api_id": gid("ProductVariant", v.id),
                "id": v.id,
                "product_id": p.id,
                "title": v.title,
                "price": plain(v.price, self.shop.settings.currency),
                "compare_at_price": None,
                "sku": v.sku,
                "position": place,
                "inventory_policy": "deny",
                "inventory_quantity": v.stock,
                "old_inventory_quantity": v.stock,
                "taxable": True,
                "barcode": None,
                "option1": v.title,
                "option2": None,
                "option3": None,
                "image_id": None,
                "inventory_item_id": None,
                "created_at": self.local(p.created_at),
                "updated_at": self.local(p.updated_at),
            }
            for place, v in enumerate(p.variants, start=1)
        ]
        image = {"src": p.image, "alt": None} if p.image else None
        return {
            "admin_graphql_api_id": gid("Product", p.id),
            "id": p.id,
            "title": p.title,
            "body_html": None,
            "handle": p.handle,
            "product_type": p.kind,
            "vendor": p.vendor,
            "status": p.status.lower(),
            "published_scope": "web",
            "published_at": self.local(p.created_at) if p.status == "ACTIVE" else None,
            "template_suffix": None,
            "tags": ", ".join(p.tags),
            "created_at": self.local(p.created_at),
            "updated_at": self.local(p.updated_at),
            "variants": variants,
            "variant_gids": [
                {
                    "admin_graphql_api_id": v["admin_graphql_api_id"],
                    "updated_at": v["updated_at"],
                }
                for v in variants
            ],
            "options": [],
            "images": [image] if image else [],
            "image": image,
            "media": [],
            "has_variants_that_requires_components": False,
            "category": None,
        }

    def shop_news(self) -> dict[str, Any]:
        said = self.shop.settings
        return dict.fromkeys(SHOP_KEYS_LEFT_EMPTY) | {
            "id": said.id,
            "name": said.name,
            "email": "owner@shop.test",
            "domain": said.domain,
            "country": said.country,
            "country_code": said.country,
            "country_name": COUNTRIES.get(said.country, said.country),
            "primary_locale": said.locale,
            "currency": said.currency,
            "customer_email": "owner@shop.test",
            "timezone": said.timezone,
            "iana_timezone": said.timezone,
            "shop_owner": "Olga Owner",
            "money_format": "{{amount}}",
            "plan_display_name": "Basic",
            "plan_name": "basic",
            "myshopify_domain": None,  # as in the official sample: the header tells the shop
            "has_discounts": bool(list(self.shop.discounts.all())),
            "enabled_presentment_currencies": [said.currency],
            "marketing_sms_consent_enabled_at_checkout": said.sms_consent_at_checkout,
            "transactional_sms_disabled": False,
        }

    def scopes(self, before: tuple[str, ...], after: tuple[str, ...]) -> dict[str, Any]:
        return {
            "id": 1,
            "shop_id": gid("Shop", self.shop.settings.id),
            "previous": list(before),
            "current": list(after),
            "updated_at": self.shop.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        }

    def compliance(
        self, topic: str, customer: Customer | None, order_ids: list[int]
    ) -> dict[str, Any]:
        said: dict[str, Any] = {
            "shop_id": self.shop.settings.id,
            "shop_domain": self.shop.settings.domain,
        }
        if topic == "shop/redact":
            return said
        said["customer"] = (
            {"id": customer.id, "email": customer.email, "phone": customer.phone}
            if customer
            else {}
        )
        if topic == "customers/data_request":
            return said | {"orders_requested": order_ids, "data_request": {"id": 9001}}
        return said | {"orders_to_redact": order_ids}
