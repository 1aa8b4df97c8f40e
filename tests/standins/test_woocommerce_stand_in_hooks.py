"""The stand-in's webhooks come, fail and stop as those of the real shops did."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import requests

from connectors.protocols import Connection
from connectors.woocommerce import WooCommerceShop, is_ping
from connectors.woocommerce.subscriptions import TOPICS
from recovery.model import Cart, CartGone, Order, OrderGone
from tests.connectors.woocommerce_recordings import PRIVATE
from tests.standins.woocommerce import WooCommerceStandIn
from tests.standins.woocommerce.door import Door


@pytest.fixture
def woo() -> Iterator[WooCommerceStandIn]:
    with WooCommerceStandIn() as found:
        yield found


@pytest.fixture
def door() -> Iterator[Door]:
    found = Door()
    yield found
    found.close()


def connected(woo: WooCommerceStandIn) -> WooCommerceShop:
    keys = {"consumer_key": woo.consumer_key, "consumer_secret": woo.consumer_secret}
    return WooCommerceShop(
        Connection("pots", woo.address, {**keys, "webhook_secret": "tea"}, PRIVATE)
    )


def subscribed(woo: WooCommerceStandIn, door: Door) -> WooCommerceShop:
    shop = connected(woo)
    shop.keep_subscriptions(door.url)
    woo.hooks.settle()
    door.came.clear()
    return shop


def visit(woo: WooCommerceStandIn) -> None:
    requests.get(f"{woo.address}/wp-cron.php", timeout=5)
    woo.hooks.settle()


# -- webhooks -------------------------------------------------------------------------------------


def test_a_new_webhook_pings_at_once_unsigned(woo: WooCommerceStandIn, door: Door) -> None:
    told = {"topic": "order.created", "delivery_url": door.url, "secret": "tea"}
    row = connected(woo).rest.post("webhooks", told).row()
    assert (row["status"], "secret" in row) == ("active", False)
    ((headers, body),) = door.came
    assert is_ping(headers, body)


def test_nothing_is_delivered_until_somebody_visits(woo: WooCommerceStandIn, door: Door) -> None:
    shop = subscribed(woo, door)
    order = woo.shop.place_order("pending")
    assert door.came == []
    visit(woo)
    assert door.topics() == ["order.updated", "order.created"], "updated before created"
    for headers, body in door.came:
        shop.verify(headers, body)
        (cart,) = shop.read(headers, body, datetime.now(UTC))
        assert isinstance(cart, Cart)
        assert cart.key == f"order:{order}"


def test_a_poll_of_ours_is_a_visit(woo: WooCommerceStandIn, door: Door) -> None:
    shop = subscribed(woo, door)
    woo.shop.place_order()
    list(shop.changed_since(None, datetime.now(UTC)))
    woo.hooks.settle()
    assert door.topics() == ["order.updated", "order.created"]


def test_the_body_is_the_state_at_delivery_and_quick_changes_are_one(
    woo: WooCommerceStandIn, door: Door
) -> None:
    shop = subscribed(woo, door)
    order = woo.shop.place_order("pending")
    for status in ("processing", "completed"):
        woo.shop.set_status(order, status)
    visit(woo)
    assert door.topics() == ["order.updated", "order.created"]
    for headers, body in door.came:
        (found,) = shop.read(headers, body, datetime.now(UTC))
        assert isinstance(found, Order)
        assert found.platform_state == "completed"


def test_the_signature_is_over_the_raw_body_with_its_escaped_slashes(
    woo: WooCommerceStandIn, door: Door
) -> None:
    subscribed(woo, door)
    woo.shop.place_order("pending")
    visit(woo)
    headers, body = door.came[0]
    assert b"http:\\/\\/127.0.0.1" in body
    told = base64.b64encode(hmac.new(b"tea", body, hashlib.sha256).digest()).decode()
    assert headers["X-WC-Webhook-Signature"] == told


def test_a_trashed_order_is_an_id_and_coming_back_is_no_restored(
    woo: WooCommerceStandIn, door: Door
) -> None:
    shop = subscribed(woo, door)
    order = woo.shop.place_order("pending")
    visit(woo)
    door.came.clear()
    woo.shop.trash(order)
    visit(woo)
    ((headers, body),) = door.came
    assert json.loads(body) == {"id": order}
    assert shop.read(headers, body, datetime.now(UTC)) == (
        OrderGone(str(order)),
        CartGone((f"order:{order}",)),
    )
    door.came.clear()
    woo.shop.untrash(order)
    visit(woo)
    assert door.topics() == ["order.updated"]


def test_an_order_gone_before_its_delivery_is_an_error_in_its_place(
    woo: WooCommerceStandIn, door: Door
) -> None:
    shop = subscribed(woo, door)
    order = woo.shop.place_order("pending")
    woo.shop.delete(order)
    visit(woo)
    bodies = {headers["X-WC-Webhook-Topic"]: body for headers, body in door.came}
    assert json.loads(bodies["order.updated"])["data"]["status"] == 404
    read = [shop.read(headers, body, datetime.now(UTC)) for headers, body in door.came]
    assert read.count(()) == 2


def test_the_seventh_failure_in_a_row_disables_and_we_revive(
    woo: WooCommerceStandIn, door: Door
) -> None:
    shop = subscribed(woo, door)
    order = woo.shop.place_order()
    visit(woo)
    door.status = 500
    (updated,) = [row for row in woo.hooks.all.values() if row["topic"] == "order.updated"]
    for n in range(7):
        assert updated["status"] == "active", f"after {n} failures"
        woo.shop.edit(order)
        visit(woo)
    assert updated["status"] == "disabled"
    door.status = 200
    door.came.clear()
    woo.shop.edit(order)
    visit(woo)
    assert door.came == [], "lost, and never repeated"
    assert shop.keep_subscriptions(door.url) == 1
    woo.shop.edit(order)
    visit(woo)
    assert door.topics() == ["order.updated"]
    assert updated["failures"] == 0


def test_a_failure_is_not_repeated(woo: WooCommerceStandIn, door: Door) -> None:
    subscribed(woo, door)
    door.status = 500
    woo.shop.place_order()
    visit(woo)
    visit(woo)
    assert len(door.came) == 2


@pytest.mark.parametrize(
    ("weather", "count"), [({"lost": 1.0}, 0), ({"doubled": 1.0}, 4), ({"delay": 60.0}, 0)]
)
def test_deliveries_are_lost_doubled_and_late_on_demand(
    woo: WooCommerceStandIn, door: Door, weather: dict[str, float], count: int
) -> None:
    subscribed(woo, door)
    for name, value in weather.items():
        setattr(woo.weather, name, value)
    woo.shop.place_order()
    visit(woo)
    assert len(door.came) == count
    woo.ahead = timedelta(seconds=61)
    visit(woo)
    assert len(door.came) == (2 if "delay" in weather else count)


def test_deliveries_change_their_order_on_demand(woo: WooCommerceStandIn, door: Door) -> None:
    subscribed(woo, door)
    woo.weather.reordered = True
    made = [woo.shop.place_order() for _ in range(8)]
    visit(woo)
    came = [json.loads(body)["id"] for _, body in door.came]
    assert sorted(set(came)) == made
    assert came != sorted(came)


def test_every_topic_of_ours_is_one_the_stand_in_could_send(woo: WooCommerceStandIn) -> None:
    kinds = {topic.partition(".")[0] for topic in TOPICS}
    assert all(hasattr(woo.shop, f"{kind}s") for kind in kinds)


def test_a_draft_keeps_its_id_when_it_is_placed(door: Door) -> None:
    with WooCommerceStandIn(version="9.9.5") as woo:
        subscribed(woo, door)
        draft = woo.shop.open_checkout(email="a@pots.example")
        assert draft is not None
        visit(woo)
        assert door.topics() == ["order.updated"], "a draft is never announced as created"
        woo.shop.place_draft(draft)
        visit(woo)
        assert door.topics() == ["order.updated", "order.updated", "order.created"]
        assert {json.loads(body)["id"] for _, body in door.came} == {draft}
