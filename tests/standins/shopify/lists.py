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
    return _page(call, "abandonedCheckouts", found, _of_checkout, keys, views.checkout, args)


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
    return _page(call, "orders", found, _of_order, keys, views.order, args)


def customers(call: Any, **args: Any) -> dict[str, Any]:
    shop: StandInShop = call.shop
    keys: dict[str, Callable[[Customer], Any]] = {
        "ID": lambda c: c.id,
        "CREATED_AT": lambda c: c.created_at,
        "UPDATED_AT": lambda c: c.updated_at,
        "NAME": lambda c: f"{c.last_name or ''} {c.first_name or ''}".casefold(),
    }
    found = shop.customers.listed(shop.listed_until())
    return _page(call, "customers", found, _of_customer, keys, views.customer, args)


def products(call: Any, **args: Any) -> dict[str, Any]:
    shop: StandInShop = call.shop
    keys: dict[str, Callable[[Product], Any]] = {
        "ID": lambda p: p.id,
        "CREATED_AT": lambda p: p.created_at,
        "UPDATED_AT": lambda p: p.updated_at,
        "TITLE": lambda p: p.title.casefold(),
    }
    found = shop.products.listed(shop.listed_until())
    return _page(call, "products", found, _of_product, keys, views.product, args)


def _page(
    call: Any,
    name: str,
    found: Iterable[Any],
    values: Callable[[Any], dict[str, Any]],
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
    modelled = MODELLED[name]
    search = compile_search(args.pop("query", None), modelled, known, call.shop.now(), name)
    call.warnings.extend(search.warnings)
    items = [item for item in found if search.fits(values(item))]
    key = keys[sort]
    return connection(
        items,
        lambda item: (key(item), item.id),
        lambda item: show(call.shop, item),
        **args,
    )


def _of_checkout(c: Checkout) -> dict[str, Any]:
    return {
        "default": [c.name, c.email or "", c.first_name or "", c.last_name or ""],
        "id": c.id,
        "created_at": c.created_at,
        "updated_at": c.updated_at,
        "recovery_state": "recovered" if c.completed_at else "not_recovered",
        "status": "closed" if c.closed_at else "open",
        "email_state": "not_sent",
    }


def _of_order(o: Order) -> dict[str, Any]:
    return {
        "default": [o.name, o.email or "", o.first_name or "", o.last_name or ""],
        "id": o.id,
        "name": [o.name, str(o.number)],
        "created_at": o.created_at,
        "updated_at": o.updated_at,
        "processed_at": o.processed_at,
        "checkout_token": o.checkout_token,
        "cart_token": o.cart_token,
        "customer_id": o.customer_id,
        "email": o.email,
        "discount_code": next((code for code, _ in o.discount_codes), None),
        "financial_status": o.financial_status.casefold(),
        "source_name": o.source_name,
        "status": ["cancelled"] if o.cancelled_at else ["open", "not_closed"],
        "tag": o.tags,
        "test": "false",
    }


def _of_customer(c: Customer) -> dict[str, Any]:
    return {
        "default": [c.email or "", c.phone or "", c.first_name or "", c.last_name or ""],
        "id": c.id,
        "customer_date": c.created_at,
        "updated_at": c.updated_at,
        "email": c.email,
        "phone": c.phone,
        "first_name": c.first_name,
        "last_name": c.last_name,
        "orders_count": c.orders,
        "tag": c.tags,
    }


def _of_product(p: Product) -> dict[str, Any]:
    return {
        "default": [p.title, p.vendor, p.kind],
        "id": p.id,
        "title": p.title,
        "handle": p.handle,
        "created_at": p.created_at,
        "updated_at": p.updated_at,
        "status": p.status.casefold(),
        "vendor": p.vendor,
        "product_type": p.kind,
        "tag": p.tags,
    }


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


MODELLED = {
    "abandonedCheckouts": _names("id created_at updated_at recovery_state status email_state"),
    "orders": _names(
        "id name created_at updated_at processed_at checkout_token cart_token customer_id email "
        "discount_code financial_status source_name status tag test"
    ),
    "customers": _names(
        "id customer_date updated_at email phone first_name last_name orders_count tag"
    ),
    "products": _names("id title handle created_at updated_at status vendor product_type tag"),
}
