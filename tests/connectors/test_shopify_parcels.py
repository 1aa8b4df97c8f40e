"""Fulfilments and their events → news of a parcel; products → their variants."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.protocols import Unreadable
from recovery.model import ParcelNews, Stage, Variant
from tests.connectors.shopify_words import SHOP, read, read_one, recording


def parcel(**changes: Any) -> tuple[Any, ...]:
    return read("fulfillments/create", recording("fulfillments_create_2026-07") | changes)


def event(**changes: Any) -> tuple[Any, ...]:
    said = recording("fulfillment_events_create_2026-07") | changes
    return read("fulfillment_events/create", said)


def test_a_parcel_that_left_is_shipped_and_can_be_followed() -> None:
    (seen,) = parcel()
    assert isinstance(seen, ParcelNews)
    assert (seen.key, seen.order_key, seen.stage) == (
        "5550001112223",
        "5900000000001",
        Stage.SHIPPED,
    )
    assert seen.at == datetime(2026, 11, 20, 11, 31, tzinfo=UTC)
    assert (seen.carrier, seen.tracking_address) == ("DHL", "https://parcels.example/00340434")


@pytest.mark.parametrize("status", ["pending", "open", "cancelled", "error", "failure", None])
def test_what_was_not_carried_out_is_no_news(status: str | None) -> None:
    assert parcel(status=status) == ()


@pytest.mark.parametrize("progress", ["ready_for_pickup", "picked_up"])
def test_what_waits_at_the_counter_is_no_parcel(progress: str) -> None:
    assert parcel(shipment_status=progress) == ()


def test_files_and_vouchers_are_not_shipped() -> None:
    line = {"id": 1, "requires_shipping": False}
    assert parcel(line_items=[line, line]) == ()
    assert len(parcel(line_items=[line, {"id": 2, "requires_shipping": True}])) == 1


@pytest.mark.parametrize(
    ("progress", "stage"),
    [
        ("label_printed", Stage.SHIPPED),
        ("in_transit", Stage.SHIPPED),
        ("out_for_delivery", Stage.OUT_FOR_DELIVERY),
        ("delivered", Stage.DELIVERED),
        ("attempted_delivery", Stage.SHIPPED),
    ],
)
def test_a_fulfilment_tells_how_far_it_is(progress: str, stage: Stage) -> None:
    assert parcel(shipment_status=progress)[0].stage is stage


def test_an_event_is_news_of_the_same_parcel() -> None:
    (seen,) = event()
    assert seen == ParcelNews(
        "5550001112223",
        "5900000000001",
        Stage.OUT_FOR_DELIVERY,
        datetime(2026, 11, 20, 7, 15, tzinfo=UTC),
        raw=seen.raw,
    )
    assert seen.key == parcel()[0].key
    assert event(status="delivered")[0].stage is Stage.DELIVERED
    assert event(status="carrier_picked_up")[0].stage is Stage.SHIPPED


@pytest.mark.parametrize("status", ["label_purchased", "failure", "delayed", "", None])
def test_an_event_that_no_shopper_waits_for_is_no_news(status: str | None) -> None:
    assert event(status=status) == ()


@pytest.mark.parametrize("address", ["javascript:alert(1)", "", None, "parcels.example"])
def test_only_a_web_address_can_be_followed(address: str | None) -> None:
    assert parcel(tracking_url=address, tracking_urls=[])[0].tracking_address is None


def test_the_first_of_several_addresses_is_taken() -> None:
    seen = parcel(tracking_url=None, tracking_urls=["https://a.example/1", "https://b.example"])
    assert seen[0].tracking_address == "https://a.example/1"


@pytest.mark.parametrize("missing", ["id", "order_id"])
def test_a_parcel_of_nothing_is_unreadable(missing: str) -> None:
    with pytest.raises(Unreadable):
        parcel(**{missing: None})


@pytest.mark.parametrize("missing", ["fulfillment_id", "order_id"])
def test_an_event_of_nothing_is_unreadable(missing: str) -> None:
    with pytest.raises(Unreadable):
        event(**{missing: None})


# -- products ----------------------------------------------------------------------------


def product(*variants: dict[str, Any], **changes: Any) -> Any:
    said = recording("products_update_2026-07") | changes
    return read_one("products/update", said | ({"variants": list(variants)} if variants else {}))


def a_variant(**changes: Any) -> dict[str, Any]:
    return {"id": 7, "title": "Small", "price": "12.00", "inventory_quantity": 3} | changes


def test_each_variant_has_its_price_and_its_stock() -> None:
    seen = product(
        a_variant(),
        a_variant(id=2**60, title="Large", price="15.00", inventory_quantity=0),
    )
    assert seen.variants == (
        Variant("7", "Small", Decimal("12.00"), True),
        Variant(str(2**60), "Large", Decimal("15.00"), False),
    )
    assert (seen.price, seen.in_stock) == (Decimal("12.00"), True)


def test_what_is_sold_beyond_its_stock_or_not_counted_is_there() -> None:
    beyond = a_variant(inventory_quantity=-4, inventory_policy="continue")
    uncounted = a_variant(inventory_quantity=0, inventory_management=None)
    counted = a_variant(inventory_quantity=0, inventory_management="shopify")
    stocks = [each.in_stock for each in product(beyond, uncounted, counted).variants]
    assert stocks == [True, True, False]


def test_the_only_variant_has_no_name_and_one_without_an_id_is_none() -> None:
    seen = product(a_variant(title="Default Title"), a_variant(id=None))
    assert [(each.key, each.title) for each in seen.variants] == [("7", "")]


def test_a_product_has_the_address_of_its_page() -> None:
    assert product(handle="blaue-kanne").address == f"https://{SHOP}/products/blaue-kanne"
    assert product(handle="a/../b").address == f"https://{SHOP}/products/a%2F..%2Fb"
    assert product(handle=None).address is None
