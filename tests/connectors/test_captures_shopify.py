"""Every sample that Shopify publishes is read, or left alone for a reason told here.

They lie outside the project: in the folder that `RELANCE_CAPTURES` names, else in
`../shared/captures`. Run by `make captures`, not by `make test`.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.shopify.topics import read_webhook
from recovery.model import (
    Cart,
    CartGone,
    CustomerSeen,
    Order,
    PrivacyRequest,
    Product,
    Refund,
    Seen,
    ShopNews,
)

pytestmark = pytest.mark.captures

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("RELANCE_CAPTURES") or ROOT.parent / "shared" / "captures") / "shopify"

READ: dict[str, type[Seen]] = {
    "app/scopes_update": ShopNews,
    "app/uninstalled": ShopNews,
    "carts/create": Cart,
    "carts/update": Cart,
    "checkouts/create": Cart,
    "checkouts/delete": CartGone,
    "checkouts/update": Cart,
    "customers/create": CustomerSeen,
    "customers/data_request": PrivacyRequest,
    "customers/redact": PrivacyRequest,
    "customers/update": CustomerSeen,
    "customers_email_marketing_consent/update": CustomerSeen,
    "customers_marketing_consent/update": CustomerSeen,
    "orders/cancelled": Order,
    "orders/create": Order,
    "orders/paid": Order,
    "orders/updated": Order,
    "products/delete": Product,
    "products/update": Product,
    "refunds/create": Refund,
    "shop/redact": PrivacyRequest,
    "shop/update": ShopNews,
}

NOT_FOR_US = {
    "app_subscriptions/update": "we sell nothing through Shopify",
    "bulk_operations/finish": "we start none",
    "customers/delete": "Shopify sends customers/redact when a person is to be forgotten",
    "customers_whats_app_marketing_consent/update": "no messenger of ours speaks WhatsApp",
    "discounts/create": "our codes are read back when they are made",
}


def captures() -> list[Path]:
    return sorted(FOLDER.glob("*/*.json"))


def test_the_captures_are_there() -> None:
    assert captures(), f"no captures in {FOLDER}: set RELANCE_CAPTURES to the folder above it"


@pytest.mark.parametrize("capture", captures(), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_capture_is_read_or_left_alone_for_a_reason(capture: Path) -> None:
    topic = capture.stem.replace("__", "/")
    seen = read_webhook({"X-Shopify-Topic": topic}, capture.read_bytes(), NOW)
    if topic in NOT_FOR_US:
        assert seen == (), NOT_FOR_US[topic]
        return
    assert topic in READ, f"{topic} is in no table: decide whether it is for us"
    assert [type(each) for each in seen] == [READ[topic]]


def test_no_topic_is_in_the_tables_without_a_capture() -> None:
    topics = {capture.stem.replace("__", "/") for capture in captures()}
    assert topics == READ.keys() | NOT_FOR_US.keys()
