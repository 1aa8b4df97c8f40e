"""Orders and drafts of a WooCommerce shop that has the plugin."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.woocommerce.fields import parse_row
from connectors.woocommerce.reading import order_news
from recovery.model import Cart, Channel, Order
from tests.connectors.test_woocommerce_reading import changed
from tests.connectors.woocommerce_recordings import recorded

KEYED = {"meta_data": [{"id": 1, "key": "_relance_cart", "value": "5b0d6a4e-made-up"}]}


def test_a_draft_of_a_cart_that_the_plugin_tells_of_is_nothing_to_us() -> None:
    row = parse_row(recorded("order-updated-pending-guest")[1]) | {"status": "checkout-draft"}
    assert order_news(row | KEYED, "{}", "poll") == ()
    assert order_news(row | KEYED, "{}", "webhook") == ()
    (found,) = order_news(row | {"meta_data": []}, "{}", "poll")
    assert isinstance(found, Cart), "without the plugin a draft is all there is"


@pytest.mark.parametrize("status", ["pending", "failed", "cancelled", "processing", "on-hold"])
def test_an_order_of_such_a_cart_is_read_once_it_is_placed(status: str) -> None:
    found = changed(status=status, **KEYED)
    assert isinstance(found, Cart | Order)
    assert found.shopper.phone == "0151 23456789"


def ticked(*consents: Any, status: str = "processing", note: Any = None) -> Any:
    value = json.dumps(list(consents)) if note is None else note
    noted = {"id": 2, "key": "_relance_consents", "value": value}
    found = changed(status=status, meta_data=[*KEYED["meta_data"], noted])
    assert isinstance(found, Cart | Order)
    return found.shopper.consents


YES = {
    "channel": "sms",
    "granted": True,
    "address": "0151 23456789",
    "at": "2026-11-20T12:41:30Z",
    "words": "Text me offers. " + 400 * "é",
}


@pytest.mark.parametrize("status", ["processing", "pending"])
def test_what_was_ticked_as_the_order_was_placed_comes_with_the_order(status: str) -> None:
    no = YES | {"channel": "email", "granted": False, "address": "a@pots.example"}
    sms, email = ticked(YES, no, status=status)
    assert (sms.channel, sms.granted, sms.source) == (Channel.SMS, True, "checkout")
    assert (sms.address, sms.words) == ("0151 23456789", YES["words"])
    assert sms.at == datetime(2026, 11, 20, 12, 41, 30, tzinfo=UTC)
    assert (email.channel, email.granted) == (Channel.EMAIL, False)


def test_a_consent_is_never_later_than_its_order() -> None:
    (found,) = ticked(YES | {"at": "2036-01-01T00:00:00Z"})
    assert found.at == datetime(2026, 11, 20, 12, 42, 5, tzinfo=UTC)


@pytest.mark.parametrize("note", ["", "{", "{}", "5", "null", "[5, null]", [5], {"a": 1}, 7, None])
def test_consents_that_cannot_be_read_keep_no_order_from_being_read(note: Any) -> None:
    assert ticked(note=note if note is not None else "[[]]") == ()
    assert len(ticked({"channel": "pigeon"}, YES)) == 1
