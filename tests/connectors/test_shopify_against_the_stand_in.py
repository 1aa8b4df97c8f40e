"""The connector against a Shopify that executes the official schema over https."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from connectors.protocols import AccountStopped, Busy, NoAnswer, Refused
from connectors.shopify import ShopifyShop
from connectors.shopify.install import (
    exchange_code,
    permission_url,
    refreshed,
    verify_callback,
)
from connectors.shopify.topics import SUBSCRIBED
from recovery.model import Cart, Channel, Order, Page, Seen
from tests.connectors.shopify_pair import Clock, Pair, seen
from tests.connectors.shopify_stand_in import (
    one_pair,  # noqa: F401
    running_stand_in,  # noqa: F401
    shop_maker,  # noqa: F401
    stand_in_clock,  # noqa: F401
)
from tests.connectors.shopify_words import Wire
from tests.standins.shopify import StandInShopify
from tests.standins.shopify.subscriptions import TOPICS

HOOKS = "https://relance.example/hooks/shopify"
LINES = [{"title": "Teapot", "price": "19.90", "quantity": 2}]


# -- the poll ------------------------------------------------------------------


def test_a_checkout_and_an_order_come_by_poll(pair: Pair) -> None:
    checkout = pair.theirs.add_checkout(
        LINES, email="ada@example.test", phone="+4915112345678", buyer_accepts_sms_marketing=True
    )
    pair.theirs.complete_checkout(pair.theirs.add_checkout(LINES, email="bo@example.test").id)
    pages = pair.poll()
    carts = {cart.name: cart for cart in seen(pages, Cart)}
    cart = carts[f"#{checkout.id}"]
    assert (cart.totals.total, cart.currency) == (Decimal("39.80"), "EUR")
    assert [(line.title, line.quantity) for line in cart.lines] == [("Teapot", 2)]
    assert cart.shopper.email == "ada@example.test"
    assert [c.granted for c in cart.shopper.consents if c.channel is Channel.SMS] == [True]
    (order,) = seen(pages, Order)
    bought = next(each for each in carts.values() if each.completed_at)
    assert {bought.key, *bought.aliases} & set(order.cart_keys)
    assert not {cart.key, *cart.aliases} & set(order.cart_keys)


def test_only_the_page_that_ended_the_orders_says_until_when_they_are_known(pair: Pair) -> None:
    for _ in range(12):
        pair.theirs.add_order(LINES)
    now = datetime.now(UTC)
    pages = list(pair.ours.changed_since(None, now))
    assert len(seen(pages, Order)) == 12
    known = [page.orders_known_until for page in pages]
    assert [moment is not None for moment in known] == [False, True, False]
    assert known[1] is not None
    assert timedelta(seconds=10) <= now - known[1] < timedelta(seconds=11)


def test_a_poll_cut_short_goes_on_where_it_stopped(pair: Pair) -> None:
    names = {f"#{pair.theirs.add_checkout(LINES, email=f'a{n}@x.test').id}" for n in range(25)}
    first = list(itertools.islice(pair.ours.changed_since(None, datetime.now(UTC)), 2))
    rest = pair.poll(first[-1].cursor)
    assert not seen(rest, Order)
    assert [cart.name for cart in seen(first + rest, Cart)] == sorted(names)


def test_the_mark_moves_only_when_every_page_was_read(pair: Pair) -> None:
    for number in range(12):
        pair.theirs.add_checkout(LINES, email=f"a{number}@x.test")
    pages = pair.poll()
    marks = [json.loads(page.cursor)["checkouts_since"] for page in pages]
    assert marks[0] == marks[1] != marks[2]
    pair.clock.ahead = timedelta(minutes=5)
    second = list(pair.ours.changed_since(pages[-1].cursor, pair.clock()))
    pair.clock.ahead = timedelta(minutes=10)
    third = list(pair.ours.changed_since(second[-1].cursor, pair.clock()))
    assert not seen(third, Cart)


def test_a_change_behind_the_place_of_a_running_poll_comes_with_the_next(pair: Pair) -> None:
    checkouts = [pair.theirs.add_checkout(LINES, email=f"a{n}@x.test") for n in range(12)]
    pages = pair.ours.changed_since(None, datetime.now(UTC))
    read = [next(pages), next(pages)]  # the orders, and the first ten checkouts
    pair.theirs.change_checkout(checkouts[0].id, lines=[{"title": "Cup", "price": "5.00"}])
    read += list(pages)
    again = seen(pair.poll(read[-1].cursor), Cart)
    changed = [cart for cart in again if cart.name == f"#{checkouts[0].id}"]
    assert [line.title for line in changed[0].lines] == ["Cup"]


def test_the_clocks_may_differ_and_nothing_is_missed(pair: Pair) -> None:
    pair.clock.ahead = timedelta(hours=-5)
    first = pair.poll()
    offset = first[-1].clock_offset
    assert offset is not None and abs(offset - 5 * 3600) < 5
    pair.theirs.add_order(LINES)
    assert len(seen(pair.poll(first[-1].cursor), Order)) == 1


def test_a_cart_of_more_than_ten_lines_is_read_whole(pair: Pair) -> None:
    lines = [{"title": f"Cup {n}", "price": "1.00", "quantity": 1} for n in range(70)]
    pair.theirs.complete_checkout(pair.theirs.add_checkout(lines, email="ada@example.test").id)
    pages = pair.poll()
    (cart,), (order,) = seen(pages, Cart), seen(pages, Order)
    assert [line.title for line in cart.lines] == [f"Cup {n}" for n in range(70)]
    assert [line.title for line in order.lines] == [f"Cup {n}" for n in range(70)]


def test_a_withdrawn_consent_is_polled_as_a_no(pair: Pair) -> None:
    person = pair.theirs.add_customer(email="ada@example.test", phone="+4915112345678")
    pair.theirs.change_consent(person.id, "sms", "UNSUBSCRIBED")
    pair.theirs.add_checkout(LINES, customer_id=person.id, email="ada@example.test")
    (cart,) = seen(pair.poll(), Cart)
    (consent,) = cart.shopper.consents
    assert (consent.channel, consent.granted) == (Channel.SMS, False)


def test_without_approval_the_poll_goes_on_and_says_what_is_hidden(
    make: Callable[..., Pair],
) -> None:
    pair = make(protected_data=False)
    pair.theirs.complete_checkout(pair.theirs.add_checkout(LINES, email="ada@example.test").id)
    pages = pair.poll()
    (cart,), (order,) = seen(pages, Cart), seen(pages, Order)
    for each in (cart, order):
        assert each.shopper.email is None
        assert {"email", "phone", "first_name", "last_name"} <= each.shopper.hidden
        assert each.totals.total == Decimal("39.80")
    assert any(page.orders_known_until for page in pages)


def test_with_approval_of_names_alone_the_names_are_shown(make: Callable[..., Pair]) -> None:
    pair = make(protected_data={"customer", "name"})
    pair.theirs.add_checkout(LINES, email="ada@example.test", first_name="Ada")
    (cart,) = seen(pair.poll(), Cart)
    assert "email" in cart.shopper.hidden
    assert cart.shopper.first_name == "Ada"
    assert not {"first_name", "last_name"} & cart.shopper.hidden


def test_the_budget_of_a_shop_is_never_overdrawn(make: Callable[..., Pair]) -> None:
    pair = make(plan_bucket=1000, restore_rate=10_000)
    for number in range(45):
        pair.theirs.add_checkout(LINES, email=f"a{number}@x.test")
    assert len(seen(pair.poll(), Cart)) == 45
    assert pair.ours.admin.budget is not None
    assert pair.ours.admin.budget.most == 1000
    assert set(pair.statuses()) == {200}


def test_used_up_points_are_busy_after_what_was_read_and_the_poll_goes_on_later(
    make: Callable[..., Pair],
) -> None:
    pair = make(plan_bucket=1000, restore_rate=0.1)
    names = {f"#{pair.theirs.add_checkout(LINES, email=f'a{n}@x.test').id}" for n in range(12)}
    read: list[Page] = []
    with pytest.raises(Busy) as busy:
        for page in pair.ours.changed_since(None, pair.clock()):
            read.append(page)
    assert not isinstance(busy.value, AccountStopped)
    assert busy.value.retry_after > 1
    assert len(read) == len(pair.theirs.requests), "a request was sent that could not fit"
    while json.loads(read[-1].cursor)["at"]:
        pair.clock.ahead += timedelta(hours=3)
        ours = ShopifyShop(replace(pair.connection, credentials=pair.theirs.install()))
        read.append(next(ours.changed_since(read[-1].cursor, pair.clock())))
        ours.close()
    assert {cart.name for cart in seen(read, Cart)} == names
    assert set(pair.statuses()) == {200}


def test_a_throttled_answer_is_busy(pair: Pair) -> None:
    pair.theirs.fail_next("throttled")
    with pytest.raises(Busy) as busy:
        pair.poll()
    assert not isinstance(busy.value, AccountStopped)
    assert pair.poll(), "the next try works"


@pytest.mark.parametrize("fault", [429, 500, 503, "drop_before", "drop_after"])
def test_a_failing_shop_is_busy_for_the_poll(pair: Pair, fault: int | str) -> None:
    pair.theirs.fail_next(fault)
    with pytest.raises(Busy):
        pair.poll()


def test_a_revoked_token_stops_the_account(pair: Pair) -> None:
    pair.theirs.tokens.revoke_all()
    with pytest.raises(AccountStopped):
        pair.poll()


def test_a_missing_scope_stops_the_account(make: Callable[..., Pair]) -> None:
    with pytest.raises(AccountStopped):
        make(scopes=("read_products",)).poll()


# -- one cart by two doors -------------------------------------------------------


@pytest.mark.parametrize("version", ["2025-10", "2026-07"])
def test_webhook_and_poll_of_one_checkout_are_one_cart_and_its_order_joins_both(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    door = Wire()
    for _ in range(20):
        door.says({})
    with StandInShopify(now=clock, hooks=door.url, webhook_version=version) as stand_in:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(stand_in.ca_file))
        pair = Pair(stand_in, stand_in.add_shop(), clock)
        checkout = pair.theirs.add_checkout(LINES, email="ada@example.test")
        pair.theirs.complete_checkout(checkout.id)
        stand_in.settle()
        polled = pair.poll()
        pair.ours.close()
    door.close()
    told: dict[str, Seen] = {}
    for request in door.requests:
        pair.ours.verify(request["headers"], request["body"])
        (news,) = pair.ours.read(request["headers"], request["body"], clock())
        told[request["headers"]["X-Shopify-Topic"]] = news
    by_webhook, ordered = told["checkouts/create"], told["orders/create"]
    (by_poll,), (polled_order,) = seen(polled, Cart), seen(polled, Order)
    assert isinstance(by_webhook, Cart) and isinstance(ordered, Order)
    assert by_webhook.name == by_poll.name == f"#{checkout.id}"
    assert f"name:{by_webhook.name}" in {by_webhook.key, *by_webhook.aliases}
    assert by_poll.key == f"name:{by_poll.name}"
    for order in (ordered, polled_order):
        for cart in (by_webhook, by_poll):
            assert {cart.key, *cart.aliases} & set(order.cart_keys)
    assert ordered.key == polled_order.key
    assert ordered.totals == replace(polled_order.totals, shipping=ordered.totals.shipping)


# -- subscriptions ----------------------------------------------------------------


def test_subscriptions_are_made_once_mended_and_never_doubled(pair: Pair) -> None:
    made = pair.ours.keep_subscriptions(HOOKS)
    assert made == len(pair.theirs.subscriptions) == len(set(SUBSCRIBED) & set(TOPICS))
    assert pair.ours.keep_subscriptions(HOOKS) == 0
    pair.theirs.subscriptions.pop(next(iter(pair.theirs.subscriptions)))
    assert pair.ours.keep_subscriptions(HOOKS) == 1
    assert pair.ours.keep_subscriptions("https://moved.example/hooks/shopify") == made
    assert {each.uri for each in pair.theirs.subscriptions.values()} == {
        "https://moved.example/hooks/shopify"
    }


def test_who_leaves_ends_all_subscriptions(pair: Pair) -> None:
    made = pair.ours.keep_subscriptions(HOOKS)
    assert pair.ours.end_subscriptions("https://other.example/hooks/shopify") == 0
    assert len(pair.theirs.subscriptions) == made > 20
    assert pair.ours.end_subscriptions(HOOKS) == made
    assert pair.theirs.subscriptions == {}


# -- the shop, its customers, its tokens -------------------------------------------


def test_the_shop_tells_its_currency_country_zone_and_our_scopes(pair: Pair) -> None:
    news = pair.ours.shop_news()
    assert (news.currency, news.country, news.timezone) == ("EUR", "DE", "Europe/Berlin")
    assert news.scopes and "read_orders" in news.scopes
    assert not news.uninstalled


@pytest.mark.parametrize("channel", list(Channel))
def test_a_consent_is_written_back_to_the_customer(pair: Pair, channel: Channel) -> None:
    person = pair.theirs.add_customer(email="ada@example.test", phone="+4915112345678")
    said_at = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    for granted, state in ((True, "SUBSCRIBED"), (False, "UNSUBSCRIBED")):
        pair.ours.write_consent(str(person.id), channel, granted, said_at)
        kept = getattr(pair.theirs.customers.get(person.id), f"{channel.value}_consent")
        assert (kept.state, kept.updated_at) == (state, said_at)
    with pytest.raises(Refused):
        pair.ours.write_consent("1", channel, False, said_at)


def test_an_install_gives_a_pair_of_tokens_that_can_be_renewed(pair: Pair) -> None:
    options, now = pair.connection.options, datetime.now(UTC)
    asks = {"api_key": options["api_key"], "scopes": "read_orders"}
    address = permission_url(pair.theirs.domain, asks, "https://relance.example/cb", "s1")
    asked = urlsplit(address)
    answer = requests.get(
        f"{pair.stand_in.url}{asked.path}?{asked.query}",
        headers={"Host": pair.theirs.domain},
        allow_redirects=False,
        timeout=5,
    )
    callback = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
    assert verify_callback(callback, [options["api_secret"]], now) == pair.theirs.domain
    assert callback["state"] == "s1"
    fresh = exchange_code(replace(pair.connection, credentials={}), callback["code"], now)
    assert fresh["scope"] == "read_orders"
    assert fresh["expires_at"] > now.strftime("%Y-%m-%dT%H:%M:%SZ")
    with pytest.raises(Refused):
        exchange_code(pair.connection, callback["code"], now)
    renewed = refreshed(replace(pair.connection, credentials=fresh), now)
    assert renewed["access_token"] != fresh["access_token"]
    assert renewed["refresh_token"] != fresh["refresh_token"]


def test_a_dead_refresh_token_is_refused_and_a_failing_shop_is_not(pair: Pair) -> None:
    pair.theirs.fail_next(503, where="oauth")
    with pytest.raises(NoAnswer):
        refreshed(pair.connection)
    pair.theirs.fail_next(429, where="oauth")
    with pytest.raises(Busy):
        refreshed(pair.connection)
    pair.theirs.tokens.revoke_all()
    with pytest.raises(Refused):
        refreshed(pair.connection)
