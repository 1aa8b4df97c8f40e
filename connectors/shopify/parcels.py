"""fulfillments/*, fulfillment_events/create → ParcelNews.

A fulfilment is a parcel of an order; its events are what the carrier says of it. Both
bodies call the parcel by the fulfilment's id. They need the scope `read_fulfillments`.
"""

from __future__ import annotations

from datetime import datetime

from connectors.protocols import Unreadable
from connectors.shopify.reading import Json, key, moment, parts, text
from recovery.model import ParcelNews, Seen, Stage

_UNDER_WAY = Stage.SHIPPED
#: Shopify's `FulfillmentEventStatus` → ours. A label that was bought or printed is no parcel
#: under way; what is to be picked up, delayed, or failed has no text here.
_STAGES = {
    "carrier_picked_up": _UNDER_WAY,
    "in_transit": _UNDER_WAY,
    "out_for_delivery": Stage.OUT_FOR_DELIVERY,
    "delivered": Stage.DELIVERED,
}
_AT_THE_COUNTER = frozenset({"ready_for_pickup", "picked_up"})


def parcel_from_fulfillment(fulfillment: Json, now: datetime, raw: str) -> tuple[Seen, ...]:
    """A parcel that left, or came on; empty for what is not sent yet, or is no parcel.

    "success" is a fulfilment that was carried out: Shopify's own mail says "shipped" at
    that moment. "pending" and "open" wait for a warehouse.
    """
    own_key, order_key = key(fulfillment.get("id")), key(fulfillment.get("order_id"))
    if own_key is None or order_key is None:
        raise Unreadable("a fulfilment without its id or its order's")
    progress = (text(fulfillment.get("shipment_status")) or "").lower()
    done = (text(fulfillment.get("status")) or "").lower() == "success"
    if not done or progress in _AT_THE_COUNTER or _nothing_to_carry(fulfillment):
        return ()
    at = moment(fulfillment.get("updated_at")) or moment(fulfillment.get("created_at")) or now
    return (
        ParcelNews(
            key=own_key,
            order_key=order_key,
            stage=_STAGES.get(progress, _UNDER_WAY),
            at=at,
            tracking_address=_tracking_address(fulfillment),
            carrier=text(fulfillment.get("tracking_company")),
            raw=raw,
        ),
    )


def parcel_from_event(event: Json, now: datetime, raw: str) -> tuple[Seen, ...]:
    """What a carrier says of a parcel; empty when it says nothing a shopper waits for."""
    parcel, order_key = key(event.get("fulfillment_id")), key(event.get("order_id"))
    if parcel is None or order_key is None:
        raise Unreadable("news of a parcel without its fulfilment or its order")
    stage = _STAGES.get((text(event.get("status")) or "").lower())
    if stage is None:
        return ()
    at = moment(event.get("happened_at")) or moment(event.get("created_at")) or now
    return (ParcelNews(parcel, order_key, stage, at, raw=raw),)


def _nothing_to_carry(fulfillment: Json) -> bool:
    """Whether all its lines are files, vouchers, services: "shipped" would be untrue."""
    lines = parts(fulfillment.get("line_items"))
    return bool(lines) and all(line.get("requires_shipping") is False for line in lines)


def _tracking_address(fulfillment: Json) -> str | None:
    several = fulfillment.get("tracking_urls")
    first = several[0] if isinstance(several, list) and several else None
    address = text(fulfillment.get("tracking_url") or first)
    return address if address and address.startswith(("https://", "http://")) else None
