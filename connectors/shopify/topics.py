"""Shopify's topics → our model: the table, and the reading of one webhook."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from connectors.protocols import Headers, Unreadable, header
from connectors.shopify import browser_carts, carts, news, orders, parcels
from connectors.shopify.reading import Json, moment, read_json
from recovery.model import Seen, ShopNews

Reader = Callable[[Json, datetime, str], tuple[Seen, ...]]


def _cart(payload: Json, now: datetime, raw: str) -> tuple[Seen, ...]:
    return (carts.cart_from_checkout(payload, now, raw),)


def _browser_cart(payload: Json, now: datetime, raw: str) -> tuple[Seen, ...]:
    return (browser_carts.cart_from_browser(payload, now, raw),)


def _order(payload: Json, now: datetime, raw: str) -> tuple[Seen, ...]:
    return (orders.order_from_webhook(payload, now, raw),)


def _customer(payload: Json, now: datetime, raw: str) -> tuple[Seen, ...]:
    return (news.customer_seen(payload, now, raw),)


READERS: dict[str, Reader] = {
    "checkouts/create": _cart,
    "checkouts/update": _cart,
    "checkouts/delete": lambda payload, now, raw: (carts.cart_gone(payload, now),),
    "carts/create": _browser_cart,
    "carts/update": _browser_cart,
    "orders/create": _order,
    "orders/paid": _order,
    "orders/updated": _order,
    "orders/cancelled": _order,
    "refunds/create": orders.refund_from_webhook,
    "fulfillments/create": parcels.parcel_from_fulfillment,
    "fulfillments/update": parcels.parcel_from_fulfillment,
    "fulfillment_events/create": parcels.parcel_from_event,
    "customers/create": _customer,
    "customers/update": _customer,
    "customers_marketing_consent/update": lambda payload, now, raw: (
        news.sms_consent_seen(payload, now, raw),
    ),
    "customers_email_marketing_consent/update": lambda payload, now, raw: (
        news.email_consent_seen(payload, now, raw),
    ),
    # its payload is the shop with many nulls; only the fact counts
    "app/uninstalled": lambda payload, now, raw: (ShopNews(uninstalled=True, at=now),),
    "app/scopes_update": lambda payload, now, raw: (news.scopes_news(payload),),
    "shop/update": lambda payload, now, raw: (news.shop_news(payload),),
    "products/update": lambda payload, now, raw: (news.product_seen(payload, now, raw),),
    "products/delete": lambda payload, now, raw: (news.product_gone(payload, now, raw),),
    "customers/data_request": lambda payload, now, raw: (
        news.privacy_request("export", payload, raw),
    ),
    "customers/redact": lambda payload, now, raw: (news.privacy_request("erase", payload, raw),),
    "shop/redact": lambda payload, now, raw: (news.privacy_request("erase_shop", payload, raw),),
}

# These come from the app's toml alone and cannot be subscribed to through the API.
FROM_THE_TOML = frozenset({"customers/data_request", "customers/redact", "shop/redact"})


def is_about_privacy(headers: Headers) -> bool:
    """Whether a webhook is one of the three that the law asks for; a shop's end ends no duty."""
    return (header(headers, "X-Shopify-Topic") or "").lower() in FROM_THE_TOML


# As `webhookSubscriptionCreate` spells them.
SUBSCRIBED = tuple(
    topic.replace("/", "_").upper() for topic in READERS if topic not in FROM_THE_TOML
)


def read_webhook(headers: Headers, body: bytes, now: datetime) -> tuple[Seen, ...]:
    """What a verified webhook tells; empty when its topic is not for us.

    What has no time of its own happened when Shopify says it was triggered, else
    `now`. Raises `Unreadable`.
    """
    reader = READERS.get((header(headers, "X-Shopify-Topic") or "").lower())
    if reader is None:
        return ()
    payload, raw = read_json(body)
    return reader(payload, _triggered_at(headers, now), raw)


def _triggered_at(headers: Headers, now: datetime) -> datetime:
    try:
        return min(moment(header(headers, "X-Shopify-Triggered-At")) or now, now)
    except Unreadable:  # a header is not the body: the news itself can still be read
        return now
