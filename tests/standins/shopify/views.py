"""Records as GraphQL shows them: dicts, with a function where something is looked up.

What a dict lacks is not modelled, and asking for it is an error. An `AbandonedCheckout`
has neither token nor e-mail, phone or consent: the official type has no such fields.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from graphql import GraphQLError

from tests.standins.shopify.money import bag, bare, money, zulu
from tests.standins.shopify.pages import connection
from tests.standins.shopify.records import (
    APPS,
    COUNTRIES,
    Checkout,
    Consent,
    Customer,
    Line,
    Order,
    Product,
    Refund,
    Variant,
)
from tests.standins.shopify.shop import StandInShop


def gid(kind: str, number: int) -> str:
    return f"gid://shopify/{kind}/{number}"


def number(identifier: str, kind: str) -> int | None:
    """The number in a gid of `kind`, or None when it is not one."""
    head, _, tail = identifier.rpartition("/")
    return int(tail) if head == f"gid://shopify/{kind}" and tail.isdigit() else None


def listed(items: Iterable[Any], show: Any) -> Any:
    """A resolver for a connection over `items` in their order."""
    ranked = list(enumerate(items))
    return lambda _info, **page: connection(
        ranked, lambda pair: (pair[0], pair[0]), lambda pair: show(pair[1]), **page
    )


def checkout(shop: StandInShop, c: Checkout) -> dict[str, Any]:
    sums, currency = c.money, c.currency
    return {
        "__typename": "AbandonedCheckout",
        "id": gid("AbandonedCheckout", c.id),
        "name": c.name,
        "abandonedCheckoutUrl": shop.recovery_url(c),
        "createdAt": zulu(c.created_at),
        "updatedAt": zulu(c.updated_at),
        "completedAt": zulu(c.completed_at),
        "customer": lambda _info: _customer_of(shop, c.customer_id),
        "billingAddress": address(c.billing_address, c.id * 10 + 1),
        "shippingAddress": address(c.shipping_address, c.id * 10 + 2),
        "customAttributes": [],
        "discountCodes": [code for code, _ in c.discount_codes],
        "note": c.note or "",
        "lineItems": listed(c.lines, lambda line: checkout_line(shop, line, currency)),
        "lineItemsQuantity": sum(line.quantity for line in c.lines),
        "subtotalPriceSet": bag(sums.subtotal, currency),
        "totalPriceSet": bag(sums.total, currency),
        "totalLineItemsPriceSet": bag(sums.lines, currency),
        "totalDiscountSet": bag(sums.discounts, currency),
        "totalTaxSet": bag(sums.tax, currency),
        "totalDutiesSet": None,
        "taxLines": [],
        "taxesIncluded": False,
    }


def checkout_line(shop: StandInShop, line: Line, currency: str) -> dict[str, Any]:
    after = line.full - line.discount
    return _line(shop, line, currency) | {
        "id": gid("AbandonedCheckoutLineItem", line.id),
        "discountedTotalPriceSet": bag(after, currency),
        "discountedTotalPriceWithCodeDiscount": bag(after, currency),
        "discountedUnitPriceSet": bag(after / line.quantity, currency),
        "discountedUnitPriceWithCodeDiscount": bag(after / line.quantity, currency),
        "originalTotalPriceSet": bag(line.full, currency),
        "originalUnitPriceSet": bag(line.price, currency),
        "components": [],
        "discountAllocations": listed((), dict),
    }


def order_line(shop: StandInShop, line: Line, currency: str) -> dict[str, Any]:
    after = line.full - line.discount
    return _line(shop, line, currency) | {
        "id": gid("LineItem", line.id),
        "name": " - ".join(filter(None, (line.title, line.variant_title))),
        "currentQuantity": line.quantity,
        "refundableQuantity": line.quantity,
        "originalTotalSet": bag(line.full, currency),
        "originalUnitPriceSet": bag(line.price, currency),
        "discountedTotalSet": lambda _info, **_: bag(after, currency),
        "discountedUnitPriceSet": bag(after / line.quantity, currency),
        "discountedUnitPriceAfterAllDiscountsSet": bag(after / line.quantity, currency),
        "totalDiscountSet": bag(line.discount, currency),
        "isGiftCard": False,
        "requiresShipping": True,
        "taxable": True,
        "vendor": "Stand-in",
    }


def _line(shop: StandInShop, line: Line, currency: str) -> dict[str, Any]:
    return {
        "title": line.title,
        "variantTitle": line.variant_title,
        "sku": line.sku,
        "quantity": line.quantity,
        "image": lambda _info, **_: image(line.image),
        "customAttributes": [],
        "product": lambda _info: _product_of(shop, line.product_id),
        "variant": lambda _info: _variant_of(shop, line),
    }


def image(url: str | None) -> dict[str, Any] | None:
    if url is None:
        return None
    return {"url": lambda _info, **_: url, "src": url, "originalSrc": url, "altText": None}


def address(given: dict[str, Any] | None, identifier: int) -> dict[str, Any] | None:
    """A MailingAddress from {"first_name", "country_code", …}."""
    if given is None:
        return None
    code = given.get("country_code")
    name = " ".join(filter(None, (given.get("first_name"), given.get("last_name"))))
    return {
        "id": gid("MailingAddress", identifier),
        "firstName": given.get("first_name"),
        "lastName": given.get("last_name"),
        "name": name or None,
        "company": given.get("company"),
        "address1": given.get("address1"),
        "address2": given.get("address2"),
        "city": given.get("city"),
        "zip": given.get("zip"),
        "province": given.get("province"),
        "provinceCode": given.get("province_code"),
        "country": given.get("country") or COUNTRIES.get(code or "", code),
        "countryCode": code,
        "countryCodeV2": code,
        "phone": given.get("phone"),
        "latitude": None,
        "longitude": None,
        "formatted": lambda _info, **_: [p for p in (given.get("address1"), name) if p],
        "formattedArea": given.get("city"),
        "timeZone": None,
    }


def order(shop: StandInShop, o: Order) -> dict[str, Any]:
    sums, currency = o.money, o.currency
    return {
        "__typename": "Order",
        "id": gid("Order", o.id),
        "legacyResourceId": str(o.id),
        "name": o.name,
        "number": o.number,
        "createdAt": zulu(o.created_at),
        "updatedAt": zulu(o.updated_at),
        "processedAt": zulu(o.processed_at),
        "cancelledAt": zulu(o.cancelled_at),
        "cancelReason": o.cancel_reason,
        "closed": False,
        "closedAt": None,
        "confirmed": True,
        "checkoutToken": o.checkout_token,
        "cartToken": o.cart_token,
        "sourceName": o.source_name,
        "sourceIdentifier": None,
        "app": _app(o),
        "channelInformation": None,
        "test": False,
        "tags": list(o.tags),
        "note": o.note,
        "email": o.email,
        "phone": o.phone,
        "clientIp": None,
        "customerLocale": o.locale,
        "customerAcceptsMarketing": o.buyer_accepts_marketing,
        "customer": lambda _info: _customer_of(shop, o.customer_id),
        "billingAddress": address(o.billing_address, o.id * 10 + 1),
        "shippingAddress": address(o.shipping_address, o.id * 10 + 2),
        "customAttributes": [],
        "currencyCode": currency,
        "presentmentCurrencyCode": currency,
        "discountCode": next((code for code, _ in o.discount_codes), None),
        "discountCodes": [code for code, _ in o.discount_codes],
        "displayFinancialStatus": o.financial_status,
        "displayFulfillmentStatus": "UNFULFILLED",
        "fullyPaid": o.financial_status == "PAID",
        "unpaid": o.financial_status == "PENDING",
        "lineItems": listed(o.lines, lambda line: order_line(shop, line, currency)),
        "subtotalLineItemsQuantity": sum(line.quantity for line in o.lines),
        "subtotalPriceSet": bag(sums.subtotal, currency),
        "totalPriceSet": bag(sums.total, currency),
        "originalTotalPriceSet": bag(sums.total, currency),
        "totalDiscountsSet": bag(sums.discounts, currency),
        "totalShippingPriceSet": bag(sums.shipping, currency),
        "totalTaxSet": bag(sums.tax, currency),
        "totalRefundedSet": bag(o.refunded, currency),
        "currentSubtotalPriceSet": bag(sums.subtotal - o.refunded, currency),
        "currentTotalPriceSet": bag(sums.total - o.refunded, currency),
        "currentTotalDiscountsSet": bag(sums.discounts, currency),
        "currentShippingPriceSet": bag(sums.shipping, currency),
        "currentTotalTaxSet": bag(sums.tax, currency),
        "refunds": lambda _info, first=None: [refund(o, r) for r in o.refunds][:first],
        "taxLines": [],
        "taxesIncluded": False,
    }


def _app(o: Order) -> dict[str, Any] | None:
    if o.source_name not in APPS:
        return None
    app_id, name = APPS[o.source_name]
    return {"id": gid("App", app_id), "name": name}


def refund(o: Order, r: Refund) -> dict[str, Any]:
    return {
        "id": gid("Refund", r.id),
        "legacyResourceId": str(r.id),
        "createdAt": zulu(r.created_at),
        "updatedAt": zulu(r.created_at),
        "processedAt": zulu(r.created_at),
        "note": r.note,
        "totalRefundedSet": bag(r.amount, o.currency),
    }


def customer(shop: StandInShop, c: Customer) -> dict[str, Any]:
    name = " ".join(filter(None, (c.first_name, c.last_name)))
    return {
        "__typename": "Customer",
        "id": gid("Customer", c.id),
        "legacyResourceId": str(c.id),
        "firstName": c.first_name,
        "lastName": c.last_name,
        "displayName": name or c.email or c.phone or "",
        "email": c.email,
        "phone": c.phone,
        "locale": c.locale,
        "state": "DISABLED",
        "note": None,
        "tags": list(c.tags),
        "verifiedEmail": True,
        "taxExempt": False,
        "numberOfOrders": str(c.orders),
        "createdAt": zulu(c.created_at),
        "updatedAt": zulu(c.updated_at),
        "defaultAddress": address(c.address, c.id * 10 + 3),
        "defaultEmailAddress": _email_address(shop, c),
        "defaultPhoneNumber": _phone_number(c),
        "emailMarketingConsent": _old_consent(c.email_consent) if c.email else None,
        "smsMarketingConsent": (
            _old_consent(c.sms_consent)
            | {"consentCollectedFrom": c.sms_consent.collected_from or "SHOPIFY"}
            if c.phone
            else None
        ),
    }


def _email_address(shop: StandInShop, c: Customer) -> dict[str, Any] | None:
    if c.email is None:
        return None
    return {
        "emailAddress": c.email,
        "marketingState": c.email_consent.state,
        "marketingOptInLevel": c.email_consent.opt_in_level,
        "marketingUpdatedAt": zulu(c.email_consent.updated_at),
        "marketingUnsubscribeUrl": f"{shop.settings.links}/account/unsubscribe/{c.id}",
        "validFormat": "@" in c.email,
        "sourceLocation": None,
    }


def _phone_number(c: Customer) -> dict[str, Any] | None:
    if c.phone is None:
        return None
    return {
        "phoneNumber": c.phone,
        "marketingState": c.sms_consent.state,
        "marketingOptInLevel": c.sms_consent.opt_in_level,
        "marketingUpdatedAt": zulu(c.sms_consent.updated_at),
        "marketingCollectedFrom": c.sms_consent.collected_from,
        "sourceLocation": None,
    }


def _old_consent(consent: Consent) -> dict[str, Any]:
    return {
        "marketingState": consent.state,
        "marketingOptInLevel": consent.opt_in_level or "UNKNOWN",
        "consentUpdatedAt": zulu(consent.updated_at),
        "sourceLocation": None,
    }


def product(shop: StandInShop, p: Product) -> dict[str, Any]:
    prices = [v.price for v in p.variants]
    currency = shop.settings.currency
    stock = sum(v.stock for v in p.variants)
    live = p.status == "ACTIVE"
    return {
        "__typename": "Product",
        "id": gid("Product", p.id),
        "legacyResourceId": str(p.id),
        "title": p.title,
        "handle": p.handle,
        "status": p.status,
        "vendor": p.vendor,
        "productType": p.kind,
        "tags": list(p.tags),
        "createdAt": zulu(p.created_at),
        "updatedAt": zulu(p.updated_at),
        "publishedAt": zulu(p.created_at) if live else None,
        "onlineStoreUrl": f"{shop.settings.links}/products/{p.handle}" if live else None,
        "featuredImage": image(p.image),
        "featuredMedia": None,
        "totalInventory": stock,
        "tracksInventory": True,
        "hasOutOfStockVariants": any(v.stock <= 0 for v in p.variants),
        "hasOnlyDefaultVariant": len(p.variants) == 1,
        "description": lambda _info, **_: "",
        "category": None,
        "priceRangeV2": {
            "minVariantPrice": money(min(prices), currency),
            "maxVariantPrice": money(max(prices), currency),
        },
        "variants": in_their_place(listed(p.variants, lambda v: variant(shop, p, v))),
    }


def in_their_place(resolve: Callable[..., Any]) -> Callable[..., Any]:
    """A list whose sort key is its default, the merchant's own order; no other is modelled."""

    def sorted_by_default(info: Any, sortKey: str = "POSITION", **args: Any) -> Any:  # noqa: N803
        if sortKey != "POSITION":
            raise GraphQLError(f"The sort key {sortKey} of variants is not modelled")
        return resolve(info, **args)

    return sorted_by_default


def variant(shop: StandInShop, p: Product, v: Variant) -> dict[str, Any]:
    return {
        "__typename": "ProductVariant",
        "id": gid("ProductVariant", v.id),
        "legacyResourceId": str(v.id),
        "title": v.title,
        "displayName": f"{p.title} - {v.title}",
        "sku": v.sku,
        "price": bare(v.price, shop.settings.currency),
        "compareAtPrice": None,
        "inventoryQuantity": v.stock,
        "sellableOnlineQuantity": v.stock,
        "availableForSale": v.stock > 0,
        "taxable": True,
        "image": lambda _info, **_: image(p.image),
        "product": lambda _info: product(shop, p),
    }


def _customer_of(shop: StandInShop, customer_id: int | None) -> dict[str, Any] | None:
    found = shop.customers.get(customer_id) if customer_id else None
    return customer(shop, found) if found else None


def _product_of(shop: StandInShop, product_id: int | None) -> dict[str, Any] | None:
    found = shop.products.get(product_id) if product_id else None
    return product(shop, found) if found else None


def _variant_of(shop: StandInShop, line: Line) -> dict[str, Any] | None:
    found = shop.products.get(line.product_id) if line.product_id else None
    for v in found.variants if found else ():
        if v.id == line.variant_id:
            return variant(shop, found, v)  # type: ignore[arg-type]
    return None
