"""Discount codes: what may be made, and how they are shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.standins.shopify import views
from tests.standins.shopify.money import money, zulu
from tests.standins.shopify.records import Discount
from tests.standins.shopify.shop import StandInShop

LONGEST_CODE = 255


def when(text: str | None) -> datetime | None:
    """An aware time from a DateTime input; a naive one is read as UTC."""
    if not text:
        return None
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def create_basic(call: Any, basicCodeDiscount: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
    given = basicCodeDiscount
    gets = given.get("customerGets") or {}
    value = gets.get("value") or {}
    if value.get("percentage") is not None:
        worth: tuple[str, Decimal | None] = ("percentage", Decimal(str(value["percentage"])))
    elif value.get("discountAmount"):
        worth = ("amount", Decimal(value["discountAmount"].get("amount") or 0))
    else:
        worth = ("none", None)
    problems = _problems(call.shop, given, "basicCodeDiscount")
    path = ["basicCodeDiscount", "customerGets", "value"]
    if worth[0] == "none":
        problems.append(_wrong(path, "Customer gets value can't be blank", "BLANK"))
    elif worth[0] == "percentage" and not 0 < (worth[1] or 0) <= 1:
        message = "Value must be between 0.0 and 1.0"
        problems.append(_wrong([*path, "percentage"], message, "VALUE_OUTSIDE_RANGE"))
    elif worth[0] == "amount" and (worth[1] or 0) <= 0:
        message = "Value must be greater than 0"
        problems.append(_wrong([*path, "discountAmount", "amount"], message, "GREATER_THAN"))
    problems += _items_problems(call.shop, gets.get("items") or {})
    return _made(call.shop, given, worth, problems)


def create_free_shipping(
    call: Any,
    freeShippingCodeDiscount: dict[str, Any],  # noqa: N803
) -> dict[str, Any]:
    given = freeShippingCodeDiscount
    problems = _problems(call.shop, given, "freeShippingCodeDiscount")
    if not (given.get("destination") or {}).get("all"):
        path = ["freeShippingCodeDiscount", "destination"]
        message = "Only destination: {all: true} is modelled by the stand-in"
        problems.append(_wrong(path, message, None))
    return _made(call.shop, given, ("shipping", None), problems)


def deactivate(call: Any, id: str) -> dict[str, Any]:
    shop: StandInShop = call.shop
    found = shop.discounts.get(views.number(id, "DiscountCodeNode") or 0)
    if found is None:
        wrong = _wrong(["id"], "Code discount does not exist.", "INVALID")
        return {"codeDiscountNode": None, "userErrors": [wrong]}
    now = shop.now()
    kept = shop.keep_discount(replace(found, ends_at=now, updated_at=now))
    return {"codeDiscountNode": node(shop, kept), "userErrors": []}


def delete(call: Any, id: str) -> dict[str, Any]:
    shop: StandInShop = call.shop
    number = views.number(id, "DiscountCodeNode") or 0
    if shop.discounts.get(number) is None:
        wrong = _wrong(["id"], "Code discount does not exist.", "INVALID")
        return {"deletedCodeDiscountId": None, "userErrors": [wrong]}
    shop.discounts.drop(number)
    return {"deletedCodeDiscountId": id, "userErrors": []}


def by_code(call: Any, code: str) -> dict[str, Any] | None:
    """The node of `code`, which Shopify compares without regard to case."""
    found = find(call.shop, code)
    return node(call.shop, found) if found else None


def find(shop: StandInShop, code: str) -> Discount | None:
    wanted = code.casefold()
    return next((d for d in shop.discounts.all() if d.code.casefold() == wanted), None)


def status(shop: StandInShop, discount: Discount) -> str:
    """ACTIVE, SCHEDULED or EXPIRED, by the clock alone: a code used up stays ACTIVE."""
    now = shop.now()
    if discount.ends_at and discount.ends_at <= now:
        return "EXPIRED"
    return "SCHEDULED" if discount.starts_at > now else "ACTIVE"


def node(shop: StandInShop, d: Discount) -> dict[str, Any]:
    kind = d.value[0]
    shown: dict[str, Any] = {
        "__typename": "DiscountCodeFreeShipping" if kind == "shipping" else "DiscountCodeBasic",
        "title": d.title,
        "status": status(shop, d),
        "startsAt": zulu(d.starts_at),
        "endsAt": zulu(d.ends_at),
        "createdAt": zulu(d.created_at),
        "updatedAt": zulu(d.updated_at),
        "usageLimit": d.usage_limit,
        "asyncUsageCount": d.uses,
        "appliesOncePerCustomer": d.once_per_customer,
        "recurringCycleLimit": None,
        "tags": [],
        "codes": views.listed(
            [d],
            lambda one: {
                "id": views.gid("DiscountRedeemCode", one.id),
                "code": one.code,
                "asyncUsageCount": one.uses,
            },
        ),
        "codesCount": {"count": 1, "precision": "EXACT"},
        "combinesWith": {
            "orderDiscounts": d.combines_with[0],
            "productDiscounts": d.combines_with[1],
            "shippingDiscounts": d.combines_with[2],
        },
        "context": _context(shop, d),
        "minimumRequirement": _minimum(shop, d),
        "shareableUrls": [
            {
                "url": f"{shop.settings.links}/discount/{d.code}",
                "title": "Homepage",
                "targetType": "HOME",
                "targetItemImage": None,
            }
        ],
        "summary": d.title,
        "shortSummary": d.title,
        "discountClasses": [_class(d)],
    }
    if kind == "shipping":
        shown["destinationSelection"] = {"__typename": "DiscountCountryAll", "allCountries": True}
        shown["maximumShippingPrice"] = None
    else:
        shown["customerGets"] = {"items": _items(d), "value": _value(shop, d)}
    return {"id": views.gid("DiscountCodeNode", d.id), "codeDiscount": shown}


def _class(d: Discount) -> str:
    if d.value[0] == "shipping":
        return "SHIPPING"
    return "PRODUCT" if d.product_ids else "ORDER"


def _items(d: Discount) -> dict[str, Any]:
    if not d.product_ids:
        return {"__typename": "AllDiscountItems", "allItems": True}
    return {
        "__typename": "DiscountProducts",
        "products": views.listed(d.product_ids, lambda one: {"id": views.gid("Product", one)}),
        "productVariants": views.listed((), lambda one: one),
    }


def _items_problems(shop: StandInShop, items: dict[str, Any]) -> list[dict[str, Any]]:
    path = ["basicCodeDiscount", "customerGets", "items"]
    named = _named(items)
    if bool(items.get("all")) == bool(named):
        message = "Items in 'customer get' must be all, or name products: modelled by the stand-in"
        return [_wrong(path, message, "INVALID")]
    if not all(shop.products.get(one) for one in named):
        return [_wrong([*path, "products", "productsToAdd"], "Product is invalid", "INVALID")]
    return []


def _named(items: dict[str, Any]) -> tuple[int, ...]:
    given = (items.get("products") or {}).get("productsToAdd") or []
    return tuple(dict.fromkeys(views.number(one, "Product") or 0 for one in given))


def _value(shop: StandInShop, d: Discount) -> dict[str, Any]:
    kind, worth = d.value
    if kind == "percentage":
        return {"__typename": "DiscountPercentage", "percentage": float(worth or 0)}
    return {
        "__typename": "DiscountAmount",
        "amount": money(worth or Decimal(0), shop.settings.currency),
        "appliesOnEachItem": d.on_each_item,
    }


def _context(shop: StandInShop, d: Discount) -> dict[str, Any]:
    if not d.customer_ids:
        return {"__typename": "DiscountBuyerSelectionAll", "all": "ALL"}
    found = [shop.customers.get(one) for one in d.customer_ids]
    shown = [views.customer(shop, one) for one in found if one]
    return {"__typename": "DiscountCustomers", "customers": shown}


def _minimum(shop: StandInShop, d: Discount) -> dict[str, Any] | None:
    if d.minimum_subtotal is None:
        return None
    least = money(d.minimum_subtotal, shop.settings.currency)
    return {"__typename": "DiscountMinimumSubtotal", "greaterThanOrEqualToSubtotal": least}


def _problems(shop: StandInShop, given: dict[str, Any], root: str) -> list[dict[str, Any]]:
    problems = []
    code = (given.get("code") or "").strip()
    starts, ends = when(given.get("startsAt")), when(given.get("endsAt"))
    if not (given.get("title") or "").strip():
        problems.append(_wrong([root, "title"], "Title can't be blank", "BLANK"))
    if not code:
        problems.append(_wrong([root, "code"], "Code can't be blank", "BLANK"))
    elif len(code) > LONGEST_CODE:
        message = f"Code is too long (maximum is {LONGEST_CODE} characters)"
        problems.append(_wrong([root, "code"], message, "TOO_LONG"))
    elif find(shop, code):
        message = "Code must be unique. Please try a different code."
        problems.append(_wrong([root, "code"], message, "TAKEN"))
    if starts is None:
        problems.append(_wrong([root, "startsAt"], "Starts at can't be blank", "BLANK"))
    elif ends and ends <= starts:
        message = "Ends at needs to be after starts_at"
        problems.append(_wrong([root, "endsAt"], message, "END_DATE_BEFORE_START_DATE"))
    if not (given.get("context") or given.get("customerSelection")):
        problems.append(_wrong([root, "context"], "Context can't be blank", "BLANK"))
    for one in _customers(given):
        if shop.customers.get(views.number(one, "Customer") or 0) is None:
            path = [root, "context", "customers", "add"]
            problems.append(_wrong(path, "Customer does not exist", "INVALID"))
    limit = given.get("usageLimit")
    if limit is not None and limit < 1:
        message = "Usage limit must be greater than 0"
        problems.append(_wrong([root, "usageLimit"], message, "GREATER_THAN"))
    return problems


def _customers(given: dict[str, Any]) -> list[str]:
    context = given.get("context") or given.get("customerSelection") or {}
    return list((context.get("customers") or {}).get("add") or [])


def _made(
    shop: StandInShop,
    given: dict[str, Any],
    worth: tuple[str, Decimal | None],
    problems: list[dict[str, Any]],
) -> dict[str, Any]:
    if problems:
        return {"codeDiscountNode": None, "userErrors": problems}
    now = shop.now()
    least = ((given.get("minimumRequirement") or {}).get("subtotal") or {}).get(
        "greaterThanOrEqualToSubtotal"
    )
    combines = given.get("combinesWith") or {}
    gets = given.get("customerGets") or {}
    amount = (gets.get("value") or {}).get("discountAmount") or {}
    discount = Discount(
        id=shop.new_id(),
        code=given["code"].strip(),
        title=given["title"],
        value=worth,
        starts_at=when(given["startsAt"]) or now - timedelta(0),
        ends_at=when(given.get("endsAt")),
        created_at=now,
        updated_at=now,
        usage_limit=given.get("usageLimit"),
        once_per_customer=bool(given.get("appliesOncePerCustomer")),
        minimum_subtotal=Decimal(least) if least else None,
        customer_ids=tuple(views.number(one, "Customer") or 0 for one in _customers(given)),
        combines_with=(
            bool(combines.get("orderDiscounts")),
            bool(combines.get("productDiscounts")),
            bool(combines.get("shippingDiscounts")),
        ),
        product_ids=_named(gets.get("items") or {}),
        on_each_item=bool(amount.get("appliesOnEachItem", False)),
    )
    return {"codeDiscountNode": node(shop, shop.keep_discount(discount)), "userErrors": []}


def _wrong(path: list[str], message: str, code: str | None) -> dict[str, Any]:
    return {"field": path, "message": message, "code": code, "extraInfo": None}
