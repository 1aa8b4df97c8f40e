"""Webhook subscriptions of one shop, made through the API."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from tests.standins.shopify import views
from tests.standins.shopify.access import granted
from tests.standins.shopify.money import zulu
from tests.standins.shopify.pages import connection
from tests.standins.shopify.records import Subscription
from tests.standins.shopify.shop import StandInShop

# The topics that this stand-in announces, with the scope each wants.
TOPICS = {
    "CHECKOUTS_CREATE": ("checkouts/create", "read_orders"),
    "CHECKOUTS_UPDATE": ("checkouts/update", "read_orders"),
    "CHECKOUTS_DELETE": ("checkouts/delete", "read_orders"),
    "CARTS_CREATE": ("carts/create", "read_orders"),
    "CARTS_UPDATE": ("carts/update", "read_orders"),
    "ORDERS_CREATE": ("orders/create", "read_orders"),
    "ORDERS_PAID": ("orders/paid", "read_orders"),
    "ORDERS_UPDATED": ("orders/updated", "read_orders"),
    "ORDERS_CANCELLED": ("orders/cancelled", "read_orders"),
    "REFUNDS_CREATE": ("refunds/create", "read_orders"),
    "CUSTOMERS_CREATE": ("customers/create", "read_customers"),
    "CUSTOMERS_UPDATE": ("customers/update", "read_customers"),
    "CUSTOMERS_DELETE": ("customers/delete", "read_customers"),
    "CUSTOMERS_EMAIL_MARKETING_CONSENT_UPDATE": (
        "customers_email_marketing_consent/update",
        "read_customers",
    ),
    "CUSTOMERS_MARKETING_CONSENT_UPDATE": (
        "customers_marketing_consent/update",
        "read_customers",
    ),
    "FULFILLMENTS_CREATE": ("fulfillments/create", "read_fulfillments"),
    "FULFILLMENTS_UPDATE": ("fulfillments/update", "read_fulfillments"),
    "FULFILLMENT_EVENTS_CREATE": ("fulfillment_events/create", "read_fulfillments"),
    "PRODUCTS_UPDATE": ("products/update", "read_products"),
    "APP_UNINSTALLED": ("app/uninstalled", None),
    "APP_SCOPES_UPDATE": ("app/scopes_update", None),
    "SHOP_UPDATE": ("shop/update", None),
}
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def listed(call: Any, **args: Any) -> dict[str, Any]:
    shop: StandInShop = call.shop
    topics, uri = args.pop("topics", None), args.pop("uri", None)
    uri = args.pop("callbackUrl", None) or uri
    args.pop("format", None)
    args.pop("query", None)
    by_id = args.pop("sortKey", "CREATED_AT") == "ID"
    found = [
        s
        for s in shop.subscriptions.values()
        if (not topics or s.topic in topics) and (not uri or s.uri == uri)
    ]
    return connection(
        found, lambda s: (s.id if by_id else s.created_at, s.id), lambda s: show(shop, s), **args
    )


def create(call: Any, topic: str, webhookSubscription: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
    shop: StandInShop = call.shop
    given = webhookSubscription
    uri = given.get("uri") or given.get("callbackUrl") or ""
    problems = _problems(call, topic, uri, given, None)
    if problems:
        return {"webhookSubscription": None, "userErrors": problems}
    now = shop.now()
    made = Subscription(shop.new_id(), topic, uri, call.api_version, now, now)
    _set(made, given)
    shop.subscriptions[made.id] = made
    return {"webhookSubscription": show(shop, made), "userErrors": []}


def update(call: Any, id: str, webhookSubscription: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
    shop: StandInShop = call.shop
    found = shop.subscriptions.get(views.number(id, "WebhookSubscription") or 0)
    if found is None:
        return {"webhookSubscription": None, "userErrors": [_wrong(["id"], MISSING)]}
    given = webhookSubscription
    uri = given.get("uri") or given.get("callbackUrl") or found.uri
    problems = _problems(call, found.topic, uri, given, found)
    if problems:
        return {"webhookSubscription": None, "userErrors": problems}
    found.uri, found.api_version, found.updated_at = uri, call.api_version, shop.now()
    _set(found, given)
    return {"webhookSubscription": show(shop, found), "userErrors": []}


def delete(call: Any, id: str) -> dict[str, Any]:
    gone = call.shop.subscriptions.pop(views.number(id, "WebhookSubscription") or 0, None)
    if gone is None:
        return {"deletedWebhookSubscriptionId": None, "userErrors": [_wrong(["id"], MISSING)]}
    return {"deletedWebhookSubscriptionId": id, "userErrors": []}


def show(shop: StandInShop, s: Subscription) -> dict[str, Any]:
    return {
        "id": views.gid("WebhookSubscription", s.id),
        "legacyResourceId": str(s.id),
        "topic": s.topic,
        "uri": s.uri,
        "callbackUrl": s.uri,
        "endpoint": {"__typename": "WebhookHttpEndpoint", "callbackUrl": s.uri},
        "format": "JSON",
        "filter": s.filter,
        "includeFields": list(s.include_fields),
        "metafieldNamespaces": [],
        "metafields": [],
        "name": s.name,
        "createdAt": zulu(s.created_at),
        "updatedAt": zulu(s.updated_at),
        "apiVersion": {"handle": s.api_version, "displayName": s.api_version, "supported": True},
    }


MISSING = "Webhook subscription does not exist"


def _set(subscription: Subscription, given: dict[str, Any]) -> None:
    if "includeFields" in given:
        subscription.include_fields = tuple(given["includeFields"] or ())
    if "filter" in given:
        subscription.filter = given["filter"]
    if "name" in given:
        subscription.name = given["name"]


def _problems(
    call: Any, topic: str, uri: str, given: dict[str, Any], old: Subscription | None
) -> list[dict[str, Any]]:
    path = ["webhookSubscription", "callbackUrl"]
    if topic not in TOPICS:
        return [_wrong(["topic"], f"The topic {topic} is not modelled by the stand-in")]
    name, scope = TOPICS[topic]
    if scope and not granted(call.scopes, [scope]):
        message = f"You do not have permission to create or update webhooks with {name} topic."
        return [_wrong(["topic"], message)]
    if given.get("filter"):
        return [_wrong(["webhookSubscription"], "A filter is not modelled by the stand-in")]
    if given.get("format") == "XML":
        return [_wrong(["webhookSubscription"], "XML is not modelled by the stand-in")]
    parts = urlsplit(uri)
    if not parts.hostname:
        return [_wrong(path, "Address can't be blank")]
    # Shopify wants https; a loopback hook without TLS is this stand-in's only leniency.
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        return [_wrong(path, f"Address protocol {parts.scheme}:// is not supported")]
    others = (s for s in call.shop.subscriptions.values() if s is not old)
    if any((s.topic, s.uri) == (topic, uri) for s in others):
        return [_wrong(path, "Address for this topic has already been taken")]
    return []


def _wrong(path: list[str], message: str) -> dict[str, Any]:
    return {"field": path, "message": message}
