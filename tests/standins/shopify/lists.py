"""The lists of the query root: what is in them, how it is sorted, by what it is found."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from graphql import GraphQLError

from tests.standins.shopify import views
from tests.standins.shopify.access import granted
from tests.standins.shopify.pages import connection
from tests.standins.shopify.records import Checkout, Customer, Order, Product
from tests.standins.shopify.schema import admin_schema
from tests.standins.shopify.search import compile_search
from tests.standins.shopify.shop import StandInShop

KEPT = timedelta(days=90)  # abandoned checkouts are purged after three months
OPEN_TO_ALL = timedelta(days=60)  # older orders need read_all_orders


def checkouts(call: Any, **args: Any) -> dict[str, Any]:
    shop: StandInShop = call.shop
    oldest = shop.now() - KEPT
    found = [
        c
        for c in shop.checkouts.listed(shop.listed_until())
        if c.created_at > oldest and (c.email or c.phone or c.customer_id)
    ]
    keys: dict[str, Callable[[Checkout], Any]] = {
        "ID": lambda c: c.id,
        "CHECKOUT_ID": lambda c: c.id,
        "CREATED_AT": lambda c: c.created_at,
        "TOTAL_PRICE": lambda c: c.money.total,
        "CUSTOMER_NAME": lambda c: f"{c.last_name or ''} {c.first_name or ''}".casefold(),
    }
    return _page(call, "abandonedCheckouts", found, keys, views.checkout, args)


def orders(call: Any, **args: Any) -> dict[str, Any]:
    shop: StandInShop = call.shop
    every = granted(call.scopes, ["read_all_orders"])
    oldest = shop.now() - OPEN_TO_ALL
    listed = shop.orders.listed(shop.listed_until())
    found = [o for o in listed if every or o.created_at > oldest]
    keys: dict[str, Callable[[Order], Any]] = {
        "ID": lambda o: o.id,
        "CREATED_AT": lambda o: o.created_at,
        "UPDATED_AT": lambda o: o.updated_at,
        "PROCESSED_AT": lambda o: o.processed_at,
        "ORDER_NUMBER": lambda o: o.number,
        "TOTAL_PRICE": lambda o: o.money.total,
    }
    return _page(call, "orders", found, keys, views.order, args)


def orders_count(call: Any, **args: Any) -> dict[str, Any]:
    return _count(orders, call, args)


def checkouts_count(call: Any, **args: Any) -> dict[str, Any]:
    return _count(checkouts, call, args)


def _count(listed: Any, call: Any, args: dict[str, Any]) -> dict[str, Any]:
    many, after, limit = 0, None, args.pop("limit", 10_000)
    while True:
        page = listed(call, first=250, after=after, **args)
        many += len(page["nodes"])
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    if limit is not None and many > limit:
        return {"count": limit, "precision": "AT_LEAST"}
    return {"count": many, "precision": "EXACT"}


def customers(call: Any, **args: Any) -> dict[str, Any]:
    shop: StandInShop = call.shop
    keys: dict[str, Callable[[Customer], Any]] = {
        "ID": lambda c: c.id,
        "CREATED_AT": lambda c: c.created_at,
        "UPDATED_AT": lambda c: c.updated_at,
        "NAME": lambda c: f"{c.last_name or ''} {c.first_name or ''}".casefold(),
    }
    found = shop.customers.listed(shop.listed_until())
    return _page(call, "customers", found, keys, views.customer, args)


def products(call: Any, **args: Any) -> dict[str, Any]:
    shop: StandInShop = call.shop
    keys: dict[str, Callable[[Product], Any]] = {
        "ID": lambda p: p.id,
        "CREATED_AT": lambda p: p.created_at,
        "UPDATED_AT": lambda p: p.updated_at,
        "TITLE": lambda p: p.title.casefold(),
    }
    found = shop.products.listed(shop.listed_until())
    return _page(call, "products", found, keys, views.product, args)


def _page(
    call: Any,
    name: str,
    found: Iterable[Any],
    keys: dict[str, Callable[[Any], Any]],
    show: Callable[[StandInShop, Any], dict[str, Any]],
    args: dict[str, Any],
) -> dict[str, Any]:
    if args.pop("savedSearchId", None):
        raise GraphQLError("savedSearchId is not modelled by the stand-in")
    sort = args.pop("sortKey", None) or "ID"
    sort = "ID" if sort == "RELEVANCE" else sort
    if sort not in keys:
        raise GraphQLError(f"The sort key {sort} of {name} is not modelled by the stand-in")
    known = admin_schema().filters.get(name, frozenset())
    search = compile_search(args.pop("query", None), FILTERS[name], known, call.shop.now(), name)
    call.warnings.extend(search.warnings)
    items = [item for item in found if search.fits(item)]
    key = keys[sort]
    return connection(
        items,
        lambda item: (key(item), item.id),
        lambda item: show(call.shop, item),
        **args,
    )


Values = dict[str, Callable[[Any], Any]]

# By filter, what it looks at. "default" are the texts that a bare word is looked for in.
FILTERS: dict[str, Values] = {
    "abandonedCheckouts": {
        "default": lambda c: [c.name, c.email or "", c.first_name or "", c.last_name or ""],
        "id": lambda c: c.id,
        "created_at": lambda c: c.created_at,
        "updated_at": lambda c: c.updated_at,
        "recovery_state": lambda c: "recovered" if c.completed_at else "not_recovered",
        "status": lambda c: "closed" if c.closed_at else "open",
        "email_state": lambda c: "not_sent",
    },
    "orders": {
        "default": lambda o: [o.name, o.email or "", o.first_name or "", o.last_name or ""],
        "id": lambda o: o.id,
        "name": lambda o: [o.name, str(o.number)],
        "created_at": lambda o: o.created_at,
        "updated_at": lambda o: o.updated_at,
        "processed_at": lambda o: o.processed_at,
        "checkout_token": lambda o: o.checkout_token,
        "cart_token": lambda o: o.cart_token,
        "customer_id": lambda o: o.customer_id,
        "email": lambda o: o.email,
        # Shopify looks at the first code of an order only.
        "discount_code": lambda o: next((code for code, _ in o.discount_codes), None),
        "financial_status": lambda o: o.financial_status.casefold(),
        "source_name": lambda o: o.source_name,
        "status": lambda o: ["cancelled"] if o.cancelled_at else ["open", "not_closed"],
        "tag": lambda o: o.tags,
        "test": lambda o: "false",
    },
    "customers": {
        "default": lambda c: [c.email or "", c.phone or "", c.first_name or "", c.last_name or ""],
        "id": lambda c: c.id,
        "customer_date": lambda c: c.created_at,
        "updated_at": lambda c: c.updated_at,
        "email": lambda c: c.email,
        "phone": lambda c: c.phone,
        "first_name": lambda c: c.first_name,
        "last_name": lambda c: c.last_name,
        "orders_count": lambda c: c.orders,
        "tag": lambda c: c.tags,
    },
    "products": {
        "default": lambda p: [p.title, p.vendor, p.kind],
        "id": lambda p: p.id,
        "title": lambda p: p.title,
        "handle": lambda p: p.handle,
        "created_at": lambda p: p.created_at,
        "updated_at": lambda p: p.updated_at,
        "status": lambda p: p.status.casefold(),
        "vendor": lambda p: p.vendor,
        "product_type": lambda p: p.kind,
        "tag": lambda p: p.tags,
    },
}
