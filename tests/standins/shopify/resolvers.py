"""The roots that are modelled, and the one resolver that every field goes through."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from graphql import GraphQLError, GraphQLResolveInfo, get_named_type

from tests.standins.shopify import discounts, lists, subscriptions, views
from tests.standins.shopify.access import check_protected, check_scopes
from tests.standins.shopify.cost import counted
from tests.standins.shopify.records import Consent
from tests.standins.shopify.shop import StandInShop

ROOTS = frozenset({"QueryRoot", "Mutation"})


@dataclass
class Call:
    """One GraphQL call: for which shop, with which scopes, and what it has cost so far."""

    shop: StandInShop
    scopes: tuple[str, ...]
    api_version: str
    api_key: str
    spent: int = 0
    warnings: list[dict[str, Any]] = field(default_factory=list)


def resolve(source: Any, info: GraphQLResolveInfo[Any], **args: Any) -> Any:
    """Look a field up in its dict, or run its root; never a silent null for what is not modelled.

    Raises ACCESS_DENIED for a missing scope or an unapproved field.
    """
    call: Call = info.context
    parent, name = info.parent_type.name, info.field_name
    of = get_named_type(info.return_type)
    check_scopes(call.scopes, parent, name, of)
    check_protected(call.shop.approved, parent, name, of)
    if parent in ROOTS:
        if name not in MODELLED:
            raise GraphQLError(f"{parent}.{name} is not modelled by the stand-in")
        value = MODELLED[name](call, **args)
    elif name not in source:
        raise GraphQLError(f"{parent}.{name} is not modelled by the stand-in")
    else:
        value = source[name]
        value = value(info, **args) if callable(value) else value
    call.spent += counted(parent, name, of, info.return_type, value)
    return value


def resolve_type(value: Any, _info: GraphQLResolveInfo[Any], _abstract: Any) -> str:
    return str(value["__typename"])


def _domain(number: int, host: str) -> dict[str, Any]:
    own = {"id": views.gid("Domain", number), "host": host}
    return own | {"url": f"https://{host}", "sslEnabled": True}


def shop_of(call: Call) -> dict[str, Any]:
    shop, said = call.shop, call.shop.settings
    return {
        "id": views.gid("Shop", said.id),
        "name": said.name,
        "email": "owner@shop.test",
        "contactEmail": "owner@shop.test",
        "myshopifyDomain": said.domain,
        "primaryDomain": _domain(said.id, said.domain),
        "domains": [
            _domain(number, host)
            for number, host in enumerate(
                dict.fromkeys([said.domain, urlsplit(said.links).hostname or said.domain]), said.id
            )
        ],
        "url": f"https://{said.domain}",
        "currencyCode": said.currency,
        "enabledPresentmentCurrencies": [said.currency],
        "ianaTimezone": said.timezone,
        "billingAddress": {"countryCodeV2": said.country, "country": said.country},
        "shopAddress": {"countryCodeV2": said.country, "country": said.country},
        "plan": {
            "displayName": "Basic",
            "publicDisplayName": "Basic",
            "partnerDevelopment": False,
            "shopifyPlus": shop.bucket.size >= 20_000,
        },
        "marketingSmsConsentEnabledAtCheckout": said.sms_consent_at_checkout,
        "taxesIncluded": False,
        "transactionalSmsDisabled": False,
    }


def order(call: Call, id: str) -> dict[str, Any] | None:
    found = call.shop.orders.get(views.number(id, "Order") or 0)
    return views.order(call.shop, found) if found else None


def customer(call: Call, id: str) -> dict[str, Any] | None:
    found = call.shop.customers.get(views.number(id, "Customer") or 0)
    return views.customer(call.shop, found) if found else None


def customer_by_identifier(call: Call, identifier: dict[str, Any]) -> dict[str, Any] | None:
    """By id, e-mail or phone; `customId` is not modelled."""
    (kind, wanted), *_ = identifier.items()
    if kind == "id":
        return customer(call, wanted)
    names = {"emailAddress": "email", "phoneNumber": "phone"}
    if kind not in names:
        raise GraphQLError(f"customerByIdentifier by {kind} is not modelled by the stand-in")
    same = (
        each
        for each in call.shop.customers.all()
        if (getattr(each, names[kind]) or "").casefold() == wanted.casefold()
    )
    found = next(same, None)
    return views.customer(call.shop, found) if found else None


def product(call: Call, id: str) -> dict[str, Any] | None:
    found = call.shop.products.get(views.number(id, "Product") or 0)
    return views.product(call.shop, found) if found else None


def current_app_installation(call: Call, **_: Any) -> dict[str, Any]:
    return {
        "id": views.gid("AppInstallation", call.shop.settings.id),
        "accessScopes": [{"handle": s, "description": s} for s in call.scopes],
        "launchUrl": f"https://{call.shop.domain}/admin/apps/stand-in",
        "uninstallUrl": None,
        "activeSubscriptions": [],
        "app": {"id": views.gid("App", 1), "apiKey": call.api_key, "title": "Stand-in"},
    }


def update_sms_consent(call: Call, input: dict[str, Any]) -> dict[str, Any]:
    return _update_consent(call, input, "sms", "smsMarketingConsent", "phone")


def update_email_consent(call: Call, input: dict[str, Any]) -> dict[str, Any]:
    return _update_consent(call, input, "email", "emailMarketingConsent", "email")


def _update_consent(
    call: Call, given: dict[str, Any], channel: str, name: str, needs: str
) -> dict[str, Any]:
    found = call.shop.customers.get(views.number(given["customerId"], "Customer") or 0)
    said = given[name]
    state = said["marketingState"]
    problem = None
    if found is None:
        problem = (["input", "customerId"], "Customer not found")
    elif not getattr(found, needs):
        problem = (["input", name], f"A {needs} is required to set the marketing consent state.")
    elif state not in ("SUBSCRIBED", "UNSUBSCRIBED", "PENDING"):
        problem = (["input", name, "marketingState"], f"Cannot specify {state} as a state input")
    if found is None or problem:
        path, message = problem or ([], "")
        wrong = {"field": path, "message": message, "code": "INVALID"}
        return {"customer": None, "userErrors": [wrong]}
    at = discounts.when(said.get("consentUpdatedAt")) or call.shop.now()
    consent = Consent(state, said.get("marketingOptInLevel") or "SINGLE_OPT_IN", at, "OTHER")
    kept = call.shop.keep_consent(found.id, channel, consent)
    return {"customer": views.customer(call.shop, kept), "userErrors": []}


MODELLED: dict[str, Any] = {
    "shop": shop_of,
    "abandonedCheckouts": lists.checkouts,
    "orders": lists.orders,
    "ordersCount": lists.orders_count,
    "abandonedCheckoutsCount": lists.checkouts_count,
    "order": order,
    "customers": lists.customers,
    "customer": customer,
    "customerByIdentifier": customer_by_identifier,
    "products": lists.products,
    "product": product,
    "currentAppInstallation": current_app_installation,
    "codeDiscountNodeByCode": discounts.by_code,
    "discountCodeBasicCreate": discounts.create_basic,
    "discountCodeFreeShippingCreate": discounts.create_free_shipping,
    "discountCodeDeactivate": discounts.deactivate,
    "discountCodeDelete": discounts.delete,
    "webhookSubscriptions": subscriptions.listed,
    "webhookSubscriptionCreate": subscriptions.create,
    "webhookSubscriptionUpdate": subscriptions.update,
    "webhookSubscriptionDelete": subscriptions.delete,
    "customerSmsMarketingConsentUpdate": update_sms_consent,
    "customerEmailMarketingConsentUpdate": update_email_consent,
}
