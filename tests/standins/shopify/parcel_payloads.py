"""The bodies of fulfillments/* and fulfillment_events/create.

No official sample of them was at hand: the keys are those of Shopify's REST pages on
Fulfillment and FulfillmentEvent.
"""

from __future__ import annotations

from typing import Any

from tests.standins.shopify.records import Order, Parcel
from tests.standins.shopify.shared_payloads import gid, hidden, postal


def fulfillment(of: Any, o: Order, parcel: Parcel) -> dict[str, Any]:
    numbers = [f"ST{parcel.id % 10**9}"] if parcel.tracking_url else []
    said = {
        "id": parcel.id,
        "order_id": o.id,
        "status": parcel.status,
        "created_at": of.local(parcel.created_at),
        "service": "manual",
        "updated_at": of.local(parcel.updated_at),
        "tracking_company": parcel.carrier,
        "shipment_status": parcel.progress,
        "location_id": None,
        "origin_address": None,
        "email": o.email,
        "destination": hidden(postal(o.shipping_address) or {}, of.shop.approved) or None,
        "line_items": [
            {
                "id": line.id,
                "variant_id": line.variant_id,
                "product_id": line.product_id,
                "title": line.title,
                "quantity": line.quantity,
                "requires_shipping": True,
            }
            for line in o.lines
        ],
        "tracking_number": numbers[0] if numbers else None,
        "tracking_numbers": numbers,
        "tracking_url": parcel.tracking_url,
        "tracking_urls": [parcel.tracking_url] if parcel.tracking_url else [],
        "receipt": {},
        "name": f"{o.name}.{parcel.number}",
        "admin_graphql_api_id": gid("Fulfillment", parcel.id),
    }
    return hidden(said, of.shop.approved)


def event(of: Any, o: Order, parcel: Parcel, event_id: int) -> dict[str, Any]:
    return {
        "id": event_id,
        "fulfillment_id": parcel.id,
        "status": parcel.progress,
        "message": None,
        "happened_at": of.local(parcel.updated_at),
        "city": None,
        "province": None,
        "country": None,
        "zip": None,
        "address1": None,
        "latitude": None,
        "longitude": None,
        "shop_id": of.shop.settings.id,
        "created_at": of.local(parcel.updated_at),
        "updated_at": of.local(parcel.updated_at),
        "estimated_delivery_at": None,
        "order_id": o.id,
        "admin_graphql_api_id": gid("FulfillmentEvent", event_id),
    }
