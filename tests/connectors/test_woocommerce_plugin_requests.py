"""What the plugin tells besides carts: "no thanks", texts asked for, parcels."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.protocols import Unreadable
from connectors.woocommerce.plugin import read_carts
from recovery.model import (
    CartGone,
    Money,
    ParcelNews,
    RequestKind,
    Seen,
    Stage,
    TextRequest,
)
from tests.connectors.woocommerce_recordings import FOLDER, NOW

BODY = (FOLDER / "plugin-requests.json").read_bytes()
WATCHED, KEPT, WITHDRAWN = json.loads(BODY)["requests"]
PARCEL = json.loads(BODY)["parcels"][0]


def read(**lists: Any) -> tuple[Seen, ...]:
    return read_carts(json.dumps({"version": 1, **lists}).encode(), NOW)


def a_request(row: dict[str, Any], **changes: Any) -> TextRequest:
    (found,) = read(requests=[row | changes])
    assert isinstance(found, TextRequest)
    return found


def test_a_no_thanks_names_the_cart_to_be_forgotten() -> None:
    found = read_carts(BODY, NOW)[0]
    at = datetime(2026, 11, 20, 12, 50, tzinfo=UTC)
    assert found == CartGone(("cart:5b0d6a4e-7c1e-4c66-9a55-0d7b7a1f0001",), at, forget=True)


def test_a_cart_that_is_only_emptied_is_not_forgotten() -> None:
    row = {"key": "made-up-key", "deleted": True, "changed_at": "2026-11-20T12:00:00Z"}
    (found,) = read(carts=[row])
    assert isinstance(found, CartGone) and not found.forget


def test_of_a_cart_to_be_forgotten_nothing_else_is_looked_at() -> None:
    row = {"key": "made-up-key", "forget": True, "changed_at": "2026-11-20T12:00:00Z"}
    (found,) = read(carts=[row | {"totals": "torn", "lines": 7}])
    assert isinstance(found, CartGone) and found.forget


def test_a_watched_variation_is_read_with_its_price_and_the_words() -> None:
    found = a_request(WATCHED)
    assert found == TextRequest(
        kind=RequestKind.BACK_IN_STOCK,
        phone="0151 23456789",
        at=datetime(2026, 11, 20, 12, 41, tzinfo=UTC),
        words="Schreibt mir, wenn es wieder da ist.",
        source="plugin",
        country="DE",
        locale="de_DE",
        product_key="501",
        variant_key="502",
        product_title="Teapot & lid",
        product_address="https://pots.example/product/teapot/",
        price=Money(Decimal("21.00"), "EUR"),
    )


def test_a_cart_to_be_kept_is_named_as_the_cart_itself_is() -> None:
    found = a_request(KEPT)
    assert found.cart_key == "cart:9c2f1e00-1111-4222-8333-444455556666"
    assert (found.customer_key, found.price) == ("88", None)


def test_a_request_taken_back_needs_no_words_and_no_product() -> None:
    assert a_request(WITHDRAWN).withdrawn
    assert a_request(WITHDRAWN, kind="price_drop").withdrawn


def test_a_parcel_is_read_with_its_order() -> None:
    (found,) = read(parcels=[PARCEL])
    assert isinstance(found, ParcelNews)
    assert (found.key, found.order_key, found.stage) == ("7301-a1", "7301", Stage.SHIPPED)
    assert found.at == datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
    assert found.tracking_address == "https://parcels.example/t/00340434161094042557"
    assert found.carrier == "Paketdienst & Söhne"


def test_nothing_comes_from_the_future() -> None:
    assert a_request(WATCHED, at="2026-11-20T15:00:00Z").at == NOW
    (found,) = read(parcels=[PARCEL | {"at": "2026-11-20T15:00:00Z"}])
    assert isinstance(found, ParcelNews) and found.at == NOW


def test_a_tracking_address_that_is_none_is_left_out() -> None:
    (found,) = read(parcels=[PARCEL | {"tracking_address": "javascript:alert(1)"}])
    assert isinstance(found, ParcelNews) and found.tracking_address is None


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "weather"},
        {"kind": None},
        {"phone": ""},
        {"phone": ["0151"]},
        {"at": "2026-11-20T12:00:00"},
        {"at": None},
        {"words": ""},
        {"product_id": 0},
        {"kind": "keep_cart"},
        {"cart_key": "two words"},
        {"price": "x"},
        {"price": "-1"},
        {"currency": "euro"},
        {"currency": None},
        {"withdrawn": "yes"},
        {"title": {"de": "Kanne"}},
    ],
)
def test_a_request_of_another_sort_is_unreadable(changes: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        read(requests=[WATCHED | changes])


@pytest.mark.parametrize(
    "changes",
    [
        {"key": None},
        {"key": "x" * 65},
        {"order_id": 0},
        {"order_id": {}},
        {"stage": "lost"},
        {"stage": None},
        {"at": "today"},
        {"carrier": ["post"]},
    ],
)
def test_a_parcel_of_another_sort_is_unreadable(changes: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        read(parcels=[PARCEL | changes])


def test_more_than_fifty_of_a_sort_are_unreadable() -> None:
    assert len(read(requests=[WITHDRAWN] * 50, parcels=[PARCEL] * 50)) == 100
    with pytest.raises(Unreadable):
        read(requests=[WITHDRAWN] * 51)
    with pytest.raises(Unreadable):
        read(parcels=[PARCEL] * 51)


def test_nothing_of_the_person_is_in_the_words_of_an_error() -> None:
    with pytest.raises(Unreadable) as told:
        read(requests=[WATCHED | {"kind": "0151 23456789"}])
    assert "0151" not in str(told.value)
