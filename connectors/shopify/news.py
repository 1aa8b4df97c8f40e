"""Customers, consents, the shop itself, products, and the three legal topics."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from urllib.parse import quote

from connectors.protocols import Unreadable
from connectors.shopify.reading import Json, amount, count, key, moment, part, parts, text
from connectors.shopify.shoppers import consent_from, shopper_of_customer
from recovery.model import (
    ZERO,
    Channel,
    CustomerSeen,
    PrivacyRequest,
    Product,
    ShopNews,
    Shopper,
    Variant,
)

_NO_CHOICE = "Default Title"  # the only variant of a product without choices


def customer_seen(customer: Json, now: datetime, raw: str) -> CustomerSeen:
    """customers/create and customers/update."""
    if key(customer.get("id")) is None:
        raise Unreadable("a customer without an id")
    at = moment(customer.get("updated_at")) or moment(customer.get("created_at")) or now
    return CustomerSeen(shopper_of_customer(customer, at), at, raw)


def sms_consent_seen(news: Json, now: datetime, raw: str) -> CustomerSeen:
    """customers_marketing_consent/update: `id` is the customer's; the phone may be gone."""
    return _consent_seen(Channel.SMS, news, "id", "phone", "sms_marketing_consent", now, raw)


def email_consent_seen(news: Json, now: datetime, raw: str) -> CustomerSeen:
    """customers_email_marketing_consent/update: here the key is called `customer_id`."""
    where = ("customer_id", "email_address", "email_marketing_consent")
    return _consent_seen(Channel.EMAIL, news, *where, now, raw)


def _consent_seen(
    channel: Channel,
    news: Json,
    id_name: str,
    address_name: str,
    answer_name: str,
    now: datetime,
    raw: str,
) -> CustomerSeen:
    customer_key, address = key(news.get(id_name)), text(news.get(address_name))
    if (customer_key or address) is None:
        raise Unreadable("a consent of nobody")
    answer = part(news.get(answer_name))
    consent = consent_from(channel, address, answer, now)
    shopper = Shopper(
        customer_key=customer_key,
        phone=address if channel is Channel.SMS else None,
        email=address if channel is Channel.EMAIL else None,
        consents=(consent,) if consent else (),
    )
    return CustomerSeen(shopper, moment(answer.get("consent_updated_at")) or now, raw)


def shop_news(shop: Json) -> ShopNews:
    """shop/update. `iana_timezone` may be null; `timezone` is no zone's name."""
    domain = text(shop.get("domain"))
    return ShopNews(
        domains=None if domain is None else (domain,),
        name=text(shop.get("name")),
        currency=text(shop.get("currency")),
        country=text(shop.get("country_code")),
        timezone=text(shop.get("iana_timezone")),
        locale=text(shop.get("primary_locale")),
    )


def scopes_news(news: Json) -> ShopNews:
    """app/scopes_update: what the app may do from now on."""
    scopes = news.get("current")
    if not isinstance(scopes, list):
        raise Unreadable("scopes that are no list")
    return ShopNews(scopes=tuple(scope for scope in map(text, scopes) if scope))


def product_seen(product: Json, now: datetime, raw: str) -> Product:
    """products/update. Only the first hundred variants are told in full.

    Its currency is the shop's own and is not said here, and of its page's address only
    the path: the shop's connector knows the rest.
    """
    own_key = key(product.get("id"))
    if own_key is None:
        raise Unreadable("a product without an id")
    variants = parts(product.get("variants"))
    published = bool(product.get("published_at"))
    return Product(
        key=own_key,
        title=text(product.get("title")) or "",
        changed_at=moment(product.get("updated_at")) or now,
        address=page_path(text(product.get("handle"))),
        image=text(part(product.get("image")).get("src")),
        price=_lowest_price(variants),
        in_stock=any(_in_stock(each) for each in variants) if variants else None,
        categories=tuple(filter(None, (text(product.get("product_type")),))),
        available=published and product.get("status") in (None, "active"),
        raw=raw,
        variants=tuple(each for each in map(_variant, variants) if each),
    )


def product_gone(product: Json, now: datetime, raw: str) -> Product:
    """products/delete: the id is all there is."""
    own_key = key(product.get("id"))
    if own_key is None:
        raise Unreadable("a product without an id")
    return Product(key=own_key, title="", changed_at=now, available=False, raw=raw)


def privacy_request(kind: str, request: Json, raw: str) -> PrivacyRequest:
    """customers/data_request, customers/redact and shop/redact.

    Sometimes an e-mail alone names the customer.
    """
    customer = part(request.get("customer"))
    shopper = Shopper(
        customer_key=key(customer.get("id")),
        email=text(customer.get("email")),
        phone=text(customer.get("phone")),
    )
    if kind != "erase_shop" and not (shopper.customer_key or shopper.email or shopper.phone):
        raise Unreadable("a legal request about nobody")
    if kind == "erase_shop" and key(request.get("shop_id")) is None:
        raise Unreadable("a legal request about no shop")
    orders = request.get("orders_requested") or request.get("orders_to_redact") or []
    if not isinstance(orders, list):
        raise Unreadable("orders that are no list")
    return PrivacyRequest(
        kind=kind,
        shopper=shopper,
        order_keys=tuple(order for order in map(key, orders) if order),
        raw=raw,
    )


def _lowest_price(variants: list[Json]) -> Decimal | None:
    prices = [amount(variant.get("price")) for variant in variants]
    return min((price for price in prices if price is not None), default=None)


def _variant(variant: Json) -> Variant | None:
    own_key = key(variant.get("id"))
    if own_key is None:
        return None
    return Variant(
        key=own_key,
        title=variant_title(variant),
        price=amount(variant.get("price")),
        in_stock=_in_stock(variant),
    )


def variant_title(variant: Json) -> str:
    """What the shop calls this choice; nothing where there is none to make."""
    title = text(variant.get("title")) or ""
    return "" if title == _NO_CHOICE else title


def page_path(handle: str | None) -> str | None:
    """Where the product's page is in the shop."""
    return f"/products/{quote(handle, safe='')}" if handle else None


def _in_stock(variant: Json) -> bool:
    """Can it be sold now? Not counted (`inventory_management` null), or sold beyond: always.

    The field is gone from younger versions; there a variant whose stock is not counted
    looks sold out. No text says so of it, since nothing of it ever changes.
    """
    if variant.get("inventory_policy") == "continue":
        return True
    if "inventory_management" in variant and variant["inventory_management"] is None:
        return True
    return (count(variant.get("inventory_quantity")) or 0) > ZERO
