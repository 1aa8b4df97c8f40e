"""What a customer said to us, kept with them in a WooCommerce shop."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from connectors.protocols import Refused, WritesConsents
from recovery.model import Channel
from tests.connectors.test_woocommerce_coupons import connected
from tests.standins.woocommerce import WooCommerceStandIn

AT = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)


@pytest.fixture
def woo() -> Iterator[WooCommerceStandIn]:
    with WooCommerceStandIn() as found:
        yield found


def kept(woo: WooCommerceStandIn, customer: int) -> dict[str, str]:
    rows = woo.shop.customers[customer].get("meta_data", [])
    return {row["key"]: row["value"] for row in rows}


def test_it_takes_what_people_said(woo: WooCommerceStandIn) -> None:
    assert isinstance(connected(woo), WritesConsents)


def test_each_channel_has_its_word_and_the_newest_counts(woo: WooCommerceStandIn) -> None:
    ana, shop = woo.shop.register("ana@example.com"), connected(woo)
    shop.write_consent(str(ana), Channel.SMS, True, AT)
    shop.write_consent(str(ana), Channel.SMS, False, AT + timedelta(hours=1))
    shop.write_consent(str(ana), Channel.EMAIL, True, AT)
    shop.write_consent(str(ana), Channel.SMS, True, AT + timedelta(minutes=30))  # came late
    assert kept(woo, ana) == {
        "relance_sms_consent": "no 2026-11-20T14:00:00Z",
        "relance_email_consent": "yes 2026-11-20T13:00:00Z",
    }


def test_telling_twice_asks_the_shop_to_change_nothing(woo: WooCommerceStandIn) -> None:
    ana, shop = woo.shop.register("ana@example.com"), connected(woo)
    shop.write_consent(str(ana), Channel.SMS, False, AT)
    before = woo.shop.customers[ana]["meta_data"]
    shop.write_consent(str(ana), Channel.SMS, False, AT)
    assert woo.shop.customers[ana]["meta_data"] is before


@pytest.mark.parametrize("held", ["", "no", "no yesterday", "é", {"a": 1}, None])
def test_what_somebody_else_wrote_there_is_replaced(woo: WooCommerceStandIn, held: object) -> None:
    mine = {"id": 1, "key": "relance_sms_consent", "value": held}
    ana = woo.shop.register("ana@example.com", meta_data=[mine])
    connected(woo).write_consent(str(ana), Channel.SMS, False, AT)
    assert kept(woo, ana) == {"relance_sms_consent": "no 2026-11-20T13:00:00Z"}


def test_a_customer_who_is_gone_is_refused_for_good(woo: WooCommerceStandIn) -> None:
    with pytest.raises(Refused):
        connected(woo).write_consent("4711", Channel.SMS, False, AT)
