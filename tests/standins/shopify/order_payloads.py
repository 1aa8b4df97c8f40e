"""The bodies of orders/* and refunds/create."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.standins.shopify.money import plain, price_set
from tests.standins.shopify.records import APPS, ZERO, Line, Order, Refund
from tests.standins.shopify.shared_payloads import discount_codes, gid, postal

WITHOUT_CHECKOUT_IDS = "2026-04"


def order(of: Any, o: Order) -> dict[str, Any]:
    sums, currency = o.money, o.currency
    paid = o.financial_status != "PENDING"
    left = sums.total - o.refunded
    said: dict[str, Any] = {
        "id": o.id,
        "admin_graphql_api_id": gid("Order", o.id),
        "app_id": APPS.get(o.source_name, (None, ""))[0],
        "browser_ip": None,
        "buyer_accepts_marketing": o.buyer_accepts_marketing,
        "cancel_reason": o.cancel_reason.lower() if o.cancel_reason else None,
        "cancelled_at": of.local(o.cancelled_at),
        "cart_token": o.cart_token,
        "checkout_token": o.checkout_token,
        "client_details": None,
        "closed_at": None,
        "confirmation_number": None,
        "confirmed": True,
        "contact_email": o.email,
        "created_at": of.local(o.created_at),
        "currency": currency,
        "current_total_additional_fees_set": None,
        "current_total_duties_set": None,
        "customer_locale": o.locale,
        "device_id": None,
        "discount_codes": discount_codes(o),
        "duties_included": False,
        "email": o.email,
        "estimated_taxes": False,
        "financial_status": o.financial_status.lower(),
        "fulfillment_status": None,
        "landing_site": None,
        "landing_site_ref": None,
        "location_id": None,
        "merchant_business_entity_id": None,
        "merchant_of_record_app_id": None,
        "name": o.name,
        "note": o.note,
        "note_attributes": [],
        "number": o.number - 1000,
        "order_number": o.number,
        "order_status_url": f"{of.shop.settings.links}/{of.shop.settings.id}/orders/{o.token}",
        "original_total_additional_fees_set": None,
        "original_total_duties_set": None,
        "payment_gateway_names": ["bogus"] if paid else [],
        "phone": o.phone,
        "po_number": None,
        "presentment_currency": currency,
        "processed_at": of.local(o.processed_at),
        "reference": None,
        "referring_site": None,
        "source_identifier": None,
        "source_name": o.source_name,
        "source_url": None,
        "tags": ", ".join(o.tags),
        "tax_exempt": False,
        "tax_lines": [],
        "taxes_included": False,
        "test": False,
        "token": o.token,
        "total_cash_rounding_payment_adjustment_set": price_set(ZERO, currency),
        "total_cash_rounding_refund_adjustment_set": price_set(ZERO, currency),
        "total_outstanding": plain(ZERO if paid else left, currency),
        "total_shipping_price_set": price_set(sums.shipping, currency),
        "current_shipping_price_set": price_set(sums.shipping, currency),
        "total_tip_received": plain(ZERO, currency),
        "total_weight": 0,
        "updated_at": of.local(o.updated_at),
        "user_id": None,
        "discount_applications": [],
        "fulfillments": [],
        "line_items": [_line(line, currency) for line in o.lines],
        "payment_terms": None,
        "refunds": [refund(of, o, r) for r in o.refunds],
        "shipping_lines": _shipping(o),
        "returns": [],
        "line_item_groups": [],
    }
    if of.version < WITHOUT_CHECKOUT_IDS:
        said["checkout_id"] = o.checkout_id
    amounts: dict[str, Decimal] = {
        "current_subtotal_price": sums.subtotal - o.refunded,
        "current_total_discounts": sums.discounts,
        "current_total_price": left,
        "current_total_tax": sums.tax,
        "subtotal_price": sums.subtotal,
        "total_discounts": sums.discounts,
        "total_line_items_price": sums.lines,
        "total_price": sums.total,
        "total_tax": sums.tax,
    }
    for name, amount in amounts.items():
        said[name] = plain(amount, currency)
        said[f"{name}_set"] = price_set(amount, currency)
    if o.billing_address:
        said["billing_address"] = postal(o.billing_address)
    if o.shipping_address:
        said["shipping_address"] = postal(o.shipping_address)
    if found := of.customer_of(o.customer_id):
        said["customer"] = found
    return said


def refund(of: Any, o: Order, r: Refund) -> dict[str, Any]:
    amount = plain(r.amount, o.currency)
    return {
        "id": r.id,
        "order_id": o.id,
        "created_at": of.local(r.created_at),
        "note": r.note,
        "user_id": None,
        "processed_at": of.local(r.created_at),
        "duties": [],
        "total_duties_set": price_set(ZERO, o.currency),
        "return": None,
        "refund_shipping_lines": [],
        "restock": False,
        "admin_graphql_api_id": gid("Refund", r.id),
        "order_adjustments": [],
        "refund_line_items": [],
        "transactions": [
            {
                "id": r.id + 1,
                "admin_graphql_api_id": gid("OrderTransaction", r.id + 1),
                "amount": amount,
                "amount_rounding": None,
                "authorization": None,
                "created_at": of.local(r.created_at),
                "currency": o.currency,
                "device_id": None,
                "error_code": None,
                "gateway": "bogus",
                "kind": "refund",
                "location_id": None,
                "message": None,
                "order_id": o.id,
                "parent_id": None,
                "payment_id": f"{o.name}.1",
                "manual_payment_gateway": False,
                "total_unsettled_set": _unsettled(o.currency),
                "processed_at": of.local(r.created_at),
                "receipt": {},
                "source_name": "web",
                "status": "success",
                "test": False,
                "user_id": None,
            }
        ],
    }


def _unsettled(currency: str) -> dict[str, Any]:
    """The one price set whose currency is called `currency`."""
    none = {"amount": plain(ZERO, currency), "currency": currency}
    return {"shop_money": none, "presentment_money": dict(none)}


def _line(line: Line, currency: str) -> dict[str, Any]:
    return {
        "id": line.id,
        "admin_graphql_api_id": gid("LineItem", line.id),
        "attributed_staffs": [],
        "current_quantity": line.quantity,
        "fulfillable_quantity": line.quantity,
        "fulfillment_service": "manual",
        "fulfillment_status": None,
        "gift_card": False,
        "grams": 0,
        "name": " - ".join(filter(None, (line.title, line.variant_title))),
        "price": plain(line.price, currency),
        "price_set": price_set(line.price, currency),
        "product_exists": line.product_id is not None,
        "product_id": line.product_id,
        "properties": [],
        "quantity": line.quantity,
        "requires_shipping": True,
        "sales_line_item_group_id": None,
        "sku": line.sku,
        "taxable": True,
        "title": line.title,
        "total_discount": plain(line.discount, currency),
        "total_discount_set": price_set(line.discount, currency),
        "variant_id": line.variant_id,
        "variant_inventory_management": None,
        "variant_title": line.variant_title,
        "vendor": "Stand-in",
        "tax_lines": [],
        "duties": [],
        "discount_allocations": [],
    }


def _shipping(o: Order) -> list[dict[str, Any]]:
    if not o.shipping:
        return []
    return [
        {
            "id": o.id + 5,
            "title": "Standard",
            "code": "standard",
            "source": "shopify",
            "price": plain(o.shipping, o.currency),
            "price_set": price_set(o.shipping, o.currency),
            "current_discounted_price_set": price_set(o.shipping, o.currency),
            "discounted_price": plain(o.shipping, o.currency),
            "discounted_price_set": price_set(o.shipping, o.currency),
            "is_removed": False,
            "phone": None,
            "carrier_identifier": None,
            "requested_fulfillment_service_id": None,
            "tax_lines": [],
            "discount_allocations": [],
        }
    ]
