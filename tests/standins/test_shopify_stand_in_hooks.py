"""How the stand-in Shopify delivers its webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator

import pytest

from tests.standins.shopify import StandInShop, StandInShopify, Weather
from tests.standins.shopify.visitors import SUBSCRIBE, Caller, Clock, Inbox


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stand_in(clock: Clock) -> Iterator[StandInShopify]:
    with StandInShopify(now=clock, retry_scale=0.0) as running:
        yield running


@pytest.fixture
def shop(stand_in: StandInShopify) -> StandInShop:
    return stand_in.add_shop()


@pytest.fixture
def ask(stand_in: StandInShopify, shop: StandInShop) -> Iterator[Caller]:
    with Caller(stand_in, shop) as caller:
        yield caller


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with Inbox() as opened:
        yield opened


# -- webhooks --------------------------------------------------------------------------------


def test_a_webhook_is_signed_and_agrees_with_the_poll(
    ask: Caller, shop: StandInShop, stand_in: StandInShopify, inbox: Inbox
) -> None:
    for topic in ("CHECKOUTS_CREATE", "ORDERS_CREATE", "REFUNDS_CREATE"):
        ask(SUBSCRIBE, topic=topic, uri=inbox.url)
    made = shop.add_checkout(email="zoë@example.test", phone="+4915112345678", shipping="4.90")
    order = shop.complete_checkout(made.id)
    shop.refund(order.id, "5.00")
    stand_in.settle()
    headers, raw = next(g for g in inbox.got if g[0]["x-shopify-topic"] == "checkouts/create")
    digest = hmac.new(b"stand-in-secret", raw, hashlib.sha256).digest()
    assert headers["x-shopify-hmac-sha256"] == base64.b64encode(digest).decode()
    assert headers["x-shopify-shop-domain"] == shop.domain
    assert headers["x-shopify-api-version"] == "2026-07"
    said = json.loads(raw)
    assert (said["token"], said["email"]) == (made.token, "zoë@example.test")
    assert "id" not in said
    assert said["shipping_address"] == []
    query = "{abandonedCheckouts(first:1){nodes{name abandonedCheckoutUrl}}}"
    [node] = ask(query)["data"]["abandonedCheckouts"]["nodes"]
    assert node == {"name": said["name"], "abandonedCheckoutUrl": said["abandoned_checkout_url"]}
    assert said["total_price"] == "24.80"
    paid = inbox.body("orders/create")
    assert (paid["checkout_token"], paid["total_price"]) == (made.token, "24.80")
    assert "checkout_id" not in paid
    assert inbox.body("refunds/create")["transactions"][0]["amount"] == "5.00"


def test_an_older_version_carries_the_checkout_ids(
    ask: Caller, shop: StandInShop, stand_in: StandInShopify, inbox: Inbox
) -> None:
    for topic in ("CHECKOUTS_CREATE", "ORDERS_CREATE"):
        assert ask.raw(SUBSCRIBE, "2025-10", topic=topic, uri=inbox.url).ok
    made = shop.add_checkout(email="ada@example.test")
    shop.complete_checkout(made.id)
    stand_in.settle()
    assert inbox.body("checkouts/create")["id"] == made.id
    assert inbox.body("orders/create")["checkout_id"] == made.id


@pytest.mark.parametrize("status", [500, 301])
def test_a_subscription_ends_when_the_eighth_retry_fails(
    ask: Caller, shop: StandInShop, stand_in: StandInShopify, inbox: Inbox, status: int
) -> None:
    inbox.status = status
    ask(SUBSCRIBE, topic="CHECKOUTS_CREATE", uri=inbox.url)
    shop.add_checkout()
    stand_in.settle()
    assert len(inbox.got) == 9
    assert len({h["x-shopify-webhook-id"] for h, _ in inbox.got}) == 1
    assert len({body for _, body in inbox.got}) == 1
    assert not shop.subscriptions
    shop.add_checkout()
    stand_in.settle()
    assert len(inbox.got) == 9


def test_a_delivery_that_succeeds_in_time_keeps_its_subscription(
    ask: Caller, shop: StandInShop, clock: Clock, inbox: Inbox
) -> None:
    with StandInShopify(now=clock, retry_scale=1.0) as slow:
        shop = slow.add_shop()
        caller = Caller(slow, shop)
        caller(SUBSCRIBE, topic="CHECKOUTS_CREATE", uri=inbox.url)
        inbox.status = 503
        shop.add_checkout()
        for _ in range(8):
            slow.deliver_now()
        assert len(inbox.got) == 8
        inbox.status = 200
        slow.deliver_now()
        slow.settle()
        [delivery] = slow.post.log
        assert delivery.statuses == [503] * 8 + [200]
        assert shop.subscriptions
        caller.session.close()


def test_the_default_address_gets_what_nobody_subscribed_to(clock: Clock, inbox: Inbox) -> None:
    with StandInShopify(now=clock, hooks=inbox.url, retry_scale=0.0) as stand_in:
        shop = stand_in.add_shop()
        shop.add_checkout()  # not installed: nothing is sent
        shop.install()
        buyer = shop.add_customer(email="ada@example.test", phone="+4915112345678")
        shop.change_consent(buyer.id, "sms", "SUBSCRIBED")
        shop.ask_privacy("customers/redact", buyer.id)
        stand_in.settle()
        assert sorted(inbox.topics()) == [
            "customers/create",
            "customers/redact",
            "customers_marketing_consent/update",
        ]
        consent = inbox.body("customers_marketing_consent/update")["sms_marketing_consent"]
        assert consent["state"] == "subscribed"
        assert inbox.body("customers/redact")["customer"]["id"] == buyer.id
        assert "email_marketing_consent" not in inbox.body("customers/create")


def test_a_hook_that_takes_too_long_has_not_answered(clock: Clock, inbox: Inbox) -> None:
    with StandInShopify(now=clock, hooks=inbox.url, patience=0.02) as stand_in:
        stand_in.add_shop().install()
        inbox.silence.clear()
        stand_in.shops["shop-one.myshopify.com"].add_checkout()
        stand_in.deliver_now()
        inbox.silence.set()
        stand_in.deliver_now()
        [delivery] = stand_in.post.log
        assert delivery.statuses == [None, 200]


def test_carts_are_told_without_anybody_in_them(
    ask: Caller, shop: StandInShop, stand_in: StandInShopify, inbox: Inbox
) -> None:
    for topic in ("CARTS_CREATE", "CARTS_UPDATE", "CHECKOUTS_UPDATE"):
        ask(SUBSCRIBE, topic=topic, uri=inbox.url)
    made = shop.add_checkout(email="ada@example.test", carts=True)
    shop.change_checkout(made.id, lines=[{"title": "Tea", "price": "3.00"}], carts=True)
    stand_in.settle()
    assert sorted(inbox.topics()) == ["carts/create", "carts/update", "checkouts/update"]
    cart = inbox.body("carts/update")
    assert cart["token"] == made.cart_token
    assert [line["title"] for line in cart["line_items"]] == ["Tea"]
    assert "ada" not in json.dumps(cart)


def test_bad_weather_doubles_loses_and_reorders(clock: Clock, inbox: Inbox) -> None:
    with StandInShopify(now=clock, hooks=inbox.url, hook_threads=1) as stand_in:
        shop = stand_in.add_shop()
        shop.install()
        stand_in.post.set_weather(Weather(duplicate=1.0))
        shop.add_checkout()
        stand_in.settle()
        assert len(inbox.got) == 2
        assert len({h["x-shopify-webhook-id"] for h, _ in inbox.got}) == 1
        stand_in.post.set_weather(Weather(lose=1.0))
        shop.add_checkout()
        stand_in.settle()
        assert (len(inbox.got), len(stand_in.post.lost)) == (2, 1)
        inbox.got.clear()
        stand_in.post.set_weather(Weather(reorder=1.0, held=60.0))
        held = shop.add_checkout(note="first")
        stand_in.post.set_weather(Weather())
        shop.change_checkout(held.id, note="second")
        inbox.wait(1)
        stand_in.deliver_now()
        assert inbox.topics() == ["checkouts/update", "checkouts/create"]


def test_unapproved_customer_data_is_null_in_webhooks(
    shop: StandInShop, stand_in: StandInShopify, inbox: Inbox, ask: Caller
) -> None:
    shop.approve({"customer", "name"})
    ask(SUBSCRIBE, topic="CHECKOUTS_CREATE", uri=inbox.url)
    shop.add_checkout(email="ada@example.test", phone="+4915112345678", first_name="Ada")
    stand_in.settle()
    said = inbox.body("checkouts/create")
    assert (said["email"], said["phone"], said["customer"]["email"]) == (None, None, None)
    assert said["customer"]["first_name"] == "Ada"


def test_subscriptions_are_listed_changed_and_deleted(ask: Caller, inbox: Inbox) -> None:
    made = ask(SUBSCRIBE, topic="ORDERS_CREATE", uri=inbox.url)["data"]["webhookSubscriptionCreate"]
    again = ask(SUBSCRIBE, topic="ORDERS_CREATE", uri=inbox.url)
    assert again["data"]["webhookSubscriptionCreate"]["userErrors"]
    key = json.dumps(made["webhookSubscription"]["id"])
    change = "mutation{webhookSubscriptionUpdate(id:%s,webhookSubscription:{uri:%s})"
    change += "{webhookSubscription{uri} userErrors{message}}}"
    ask(change % (key, '"https://app.test/hooks"'))
    listed = "{webhookSubscriptions(first:5){nodes{topic uri}}}"
    nodes = ask(listed)["data"]["webhookSubscriptions"]["nodes"]
    assert nodes == [{"topic": "ORDERS_CREATE", "uri": "https://app.test/hooks"}]
    ask(f"mutation{{webhookSubscriptionDelete(id:{key}){{deletedWebhookSubscriptionId}}}}")
    assert ask(listed)["data"]["webhookSubscriptions"]["nodes"] == []


def test_a_topic_needs_its_scope_and_an_address_its_tls(stand_in: StandInShopify) -> None:
    ask = Caller(stand_in, stand_in.add_shop("narrow.myshopify.com", scopes=["read_products"]))
    for topic, uri in (
        ("ORDERS_CREATE", "https://app.test/hooks"),
        ("PRODUCTS_UPDATE", "http://app.test/hooks"),
    ):
        said = ask(SUBSCRIBE, topic=topic, uri=uri)["data"]["webhookSubscriptionCreate"]
        assert said["webhookSubscription"] is None
        assert len(said["userErrors"]) == 1
    ask.session.close()
