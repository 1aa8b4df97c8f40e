"""Coupons, webhooks and ways back of a WooCommerce shop, against a stand-in that behaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from connectors.protocols import (
    AccountStopped,
    Busy,
    Connection,
    NoAnswer,
    ReadsCodes,
    Refused,
    Unreadable,
)
from connectors.woocommerce import WooCommerceShop
from connectors.woocommerce.subscriptions import TOPICS
from recovery.model import Cart, Coupon, Money, Offer, Shopper, Totals
from tests.connectors.woocommerce_recordings import PRIVATE
from tests.standins.woocommerce import WooCommerceStandIn

NOW = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)
TEN_PERCENT = Offer("BACK-10-XY", NOW + timedelta(hours=48, microseconds=7), percent=Decimal(10))


@pytest.fixture
def woo() -> Iterator[WooCommerceStandIn]:
    with WooCommerceStandIn() as found:
        yield found


def connected(woo: WooCommerceStandIn) -> WooCommerceShop:
    keys = {"consumer_key": woo.consumer_key, "consumer_secret": woo.consumer_secret}
    return WooCommerceShop(
        Connection("pots", woo.address, {**keys, "webhook_secret": "tea"}, PRIVATE)
    )


def test_its_codes_can_be_looked_up(woo: WooCommerceStandIn) -> None:
    assert isinstance(connected(woo), ReadsCodes)


# -- coupons -----------------------------------------------------------------------------


def test_a_coupon_is_made_as_asked(woo: WooCommerceStandIn) -> None:
    made = connected(woo).create_coupon(TEN_PERCENT)
    (row,) = woo.shop.coupons.values()
    assert made == Coupon("back-10-xy", str(row["id"]), NOW + timedelta(hours=48))
    assert (row["code"], row["discount_type"], row["amount"]) == ("back-10-xy", "percent", "10.00")
    assert (row["usage_limit"], row["individual_use"]) == (1, True)
    assert row["email_restrictions"] == []
    assert row["expires"] == NOW + timedelta(hours=48)


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/Los_Angeles"])
def test_a_coupon_ends_when_it_shall_in_any_time_zone(zone: str) -> None:
    here = timezone(timedelta(hours=3))
    with WooCommerceStandIn(timezone=zone) as woo:
        offer = replace(TEN_PERCENT, ends_at=TEN_PERCENT.ends_at.astimezone(here))
        made = connected(woo).create_coupon(offer)
        assert made.ends_at == NOW + timedelta(hours=48)
        (row,) = woo.shop.coupons.values()
        assert row["expires"] == NOW + timedelta(hours=48)


def test_free_shipping_a_minimum_and_a_sole_user_are_passed_on(woo: WooCommerceStandIn) -> None:
    offer = Offer(
        "Ship-1",
        NOW,
        free_shipping=True,
        minimum_total=Money(Decimal("39.90"), "EUR"),
        email="Nele@Pots.example",
    )
    connected(woo).create_coupon(offer)
    (row,) = woo.shop.coupons.values()
    assert (row["free_shipping"], row["amount"]) == (True, "0.00")
    assert row["minimum_amount"] == "39.90"
    assert row["email_restrictions"] == ["nele@pots.example"]


def test_an_amount_is_taken_off_the_cart(woo: WooCommerceStandIn) -> None:
    connected(woo).create_coupon(Offer("five", NOW, amount=Money(Decimal("5.50"), "EUR")))
    (row,) = woo.shop.coupons.values()
    assert (row["discount_type"], row["amount"]) == ("fixed_cart", "5.50")


FIVE = replace(TEN_PERCENT, percent=None, amount=Money(Decimal(5), "EUR"))
FREE = replace(TEN_PERCENT, percent=None, free_shipping=True)


@pytest.mark.parametrize(
    ("offer", "kind", "on", "but", "items"),
    [
        (TEN_PERCENT, "percent", [], [], None),
        (replace(TEN_PERCENT, product_keys=("14", "9")), "percent", [9, 14], [], None),
        (replace(TEN_PERCENT, excluded_product_keys=("14",)), "percent", [], [14], None),
        (FIVE, "fixed_cart", [], [], None),
        (replace(FIVE, product_keys=("9", "14")), "fixed_product", [9, 14], [], 1),
        (replace(FIVE, excluded_product_keys=("9",)), "fixed_cart", [], [9], None),
        (replace(FREE, excluded_product_keys=("9",)), "fixed_cart", [], [9], None),
    ],
)
def test_a_coupon_is_for_its_lines_once_and_for_one_person_once(
    woo: WooCommerceStandIn,
    offer: Offer,
    kind: str,
    on: list[int],
    but: list[int],
    items: int | None,
) -> None:
    connected(woo).create_coupon(offer)
    (row,) = woo.shop.coupons.values()
    assert (row["discount_type"], row["limit_usage_to_x_items"]) == (kind, items)
    assert (row["product_ids"], row["excluded_product_ids"]) == (on, but)
    assert (row["usage_limit"], row["usage_limit_per_user"]) == (1, 1)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("product_ids", []),
        ("product_ids", [9]),
        ("product_ids", [9, 14, 15]),
        ("product_ids", None),
        ("excluded_product_ids", [9]),
        ("limit_usage_to_x_items", None),
        ("limit_usage_to_x_items", 2),
        ("discount_type", "fixed_cart"),
        ("usage_limit", None),
        ("usage_limit_per_user", None),
        ("product_categories", [3]),
        ("excluded_product_categories", [3]),
        ("exclude_sale_items", True),
        ("email_restrictions", ["eve@pots.example"]),
    ],
)
def test_a_coupon_that_came_out_for_something_else_is_taken_away_again(
    woo: WooCommerceStandIn, monkeypatch: pytest.MonkeyPatch, name: str, told: Any
) -> None:
    as_asked = woo.api._coupon_row
    monkeypatch.setattr(woo.api, "_coupon_row", lambda *given: as_asked(*given) | {name: told})
    with pytest.raises(Refused, match="otherwise than asked"):
        connected(woo).create_coupon(replace(FIVE, product_keys=("9", "14")))
    assert woo.shop.coupons == {}


@pytest.mark.parametrize(
    "offer",
    [
        replace(FREE, product_keys=("9",)),
        replace(FIVE, product_keys=("mug",)),
        replace(FIVE, excluded_product_keys=("0",)),
        replace(FIVE, customer_key="7"),
    ],
)
def test_what_woocommerce_cannot_limit_is_refused_before_anything_wider_is_made(
    woo: WooCommerceStandIn, offer: Offer
) -> None:
    with pytest.raises(Refused):
        connected(woo).create_coupon(offer)
    assert woo.asked == []


def test_a_code_of_anothers_is_refused_whatever_its_case(woo: WooCommerceStandIn) -> None:
    ours = connected(woo).create_coupon(TEN_PERCENT)
    more = replace(TEN_PERCENT, code="back-10-XY", percent=Decimal(20))
    with pytest.raises(Refused, match="none like it"):
        connected(woo).create_coupon(more)
    again = replace(TEN_PERCENT, code="back-10-XY")
    assert connected(woo).create_coupon(again) == ours, "and asked again, ours is given again"


def test_a_coupon_is_taken_away_once_and_again(woo: WooCommerceStandIn) -> None:
    made = connected(woo).create_coupon(TEN_PERCENT)
    for _ in range(2):
        connected(woo).remove_coupon(made.key)
    assert not connected(woo).code_works(made.code, datetime.now(UTC))


def test_a_coupon_that_came_back_without_an_end_is_taken_away_again(
    woo: WooCommerceStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As a shop answers that cannot read the date: 201, and a coupon that never ends.
    monkeypatch.setattr(woo.api, "_expiry", lambda told: None)
    with pytest.raises(Refused, match="otherwise than asked"):
        connected(woo).create_coupon(TEN_PERCENT)
    assert woo.shop.coupons == {}


def test_a_coupon_that_ends_at_another_time_is_taken_away_again(
    woo: WooCommerceStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(woo.api, "_expiry", lambda told: NOW + timedelta(hours=53))
    with pytest.raises(Refused):
        connected(woo).create_coupon(TEN_PERCENT)
    assert woo.shop.coupons == {}


def test_a_wrong_coupon_that_cannot_be_removed_is_named(
    woo: WooCommerceStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(woo.api, "_expiry", lambda told: None)
    woo.weather.next_answers.extend(["", "500"])
    with pytest.raises(Refused, match="delete it in the shop") as told:
        connected(woo).create_coupon(TEN_PERCENT)
    (key,) = woo.shop.coupons
    assert str(key) in str(told.value)


@pytest.mark.parametrize(
    "offer",
    [
        Offer("x", NOW),
        Offer(" ", NOW, percent=Decimal(5)),
        Offer("x", NOW, percent=Decimal(101)),
        Offer("x", NOW, percent=Decimal(0)),
        Offer("x", NOW, percent=Decimal("NaN")),
        Offer("x", NOW, amount=Money(Decimal(0), "EUR")),
        Offer("x", NOW, percent=Decimal(5), amount=Money(Decimal(5), "EUR")),
    ],
)
def test_an_offer_that_is_none_is_refused_before_the_shop_is_asked(
    woo: WooCommerceStandIn, offer: Offer
) -> None:
    with pytest.raises(Refused):
        connected(woo).create_coupon(offer)
    assert woo.asked == []


@pytest.mark.parametrize(
    ("weather", "wanted", "made"),
    [
        ("drop", NoAnswer, 0),
        ("drop-after", NoAnswer, 1),
        ("500", NoAnswer, 0),
        ("503", NoAnswer, 0),
        ("page-after", NoAnswer, 1),
        ("503:20", Busy, 0),
        ("429:20", Busy, 0),
        ("redirect", AccountStopped, 0),
    ],
)
def test_it_is_said_whether_a_coupon_may_have_been_made(
    woo: WooCommerceStandIn, weather: str, wanted: type[Exception], made: int
) -> None:
    woo.weather.next_answers.append(weather)
    with pytest.raises(wanted) as told:
        connected(woo).create_coupon(TEN_PERCENT)
    assert type(told.value) is wanted
    assert len(woo.shop.coupons) == made
    posts = [verb for verb, path, _ in woo.asked if path.endswith("/coupons")]
    assert posts == ["POST"], "one coupon is one request"


def test_a_key_that_may_only_read_stops_the_account(woo: WooCommerceStandIn) -> None:
    key = woo.read_only_key
    keys = {"consumer_key": key.consumer_key, "consumer_secret": key.consumer_secret}
    with pytest.raises(AccountStopped):
        WooCommerceShop(Connection("pots", woo.address, keys, PRIVATE)).create_coupon(TEN_PERCENT)


def test_a_shop_that_is_not_there_made_no_coupon() -> None:
    with WooCommerceStandIn() as woo:
        shop = connected(woo)
    with pytest.raises(Busy):
        shop.create_coupon(TEN_PERCENT)


# -- a code that a text is to name -------------------------------------------------------


def a_code(woo: WooCommerceStandIn, **different: object) -> None:
    """The merchant's own code, made in the shop: for everybody, without an end."""
    told = {"code": "Hello10", "discount_type": "percent", "amount": "10"}
    row = woo.api._coupon_row(told, "hello10", "percent", 10)
    woo.shop.coupons[row["id"]] = row | different


@pytest.mark.parametrize(
    ("different", "works"),
    [
        ({}, True),
        ({"expires": NOW + timedelta(seconds=1)}, True),
        ({"expires": NOW - timedelta(seconds=1)}, False),
        ({"usage_limit": 3, "usage_count": 2}, True),
        ({"usage_limit": 3, "usage_count": 3}, False),
        ({"usage_limit": 0, "usage_count": 3}, True),
        ({"status": "draft"}, False),
        ({"status": "trash"}, False),
        ({"usage_limit_per_user": 1, "minimum_amount": "30.00"}, True),
    ],
)
def test_a_code_works_while_it_is_in_force(
    woo: WooCommerceStandIn, different: dict[str, object], works: bool
) -> None:
    a_code(woo, **different)
    assert connected(woo).code_works("HELLO10", NOW) is works


def test_a_code_that_is_not_there_does_not_work(woo: WooCommerceStandIn) -> None:
    assert connected(woo).code_works("HELLO10", NOW) is False
    a_code(woo)
    assert connected(woo).code_works("HELLO1", NOW) is False


def test_other_coupons_than_the_one_asked_for_say_nothing(
    woo: WooCommerceStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_code(woo, code="summer")
    monkeypatch.setattr(
        woo.api, "_coupons", lambda request, rest: woo.api._page(request, [SUMMER], lambda _, x: x)
    )
    woo.api.routes["coupons"] = woo.api._coupons
    with pytest.raises(Unreadable):
        connected(woo).code_works("HELLO10", NOW)


SUMMER = {"code": "summer", "status": "publish"}


@pytest.mark.parametrize(
    ("weather", "wanted"),
    [
        ("drop", Busy),
        ("500", Busy),
        ("429:20", Busy),
        ("page-after", Unreadable),
        ("redirect", AccountStopped),
    ],
)
def test_a_shop_that_does_not_answer_says_neither(
    woo: WooCommerceStandIn, weather: str, wanted: type[Exception]
) -> None:
    woo.weather.next_answers.append(weather)
    with pytest.raises(wanted):
        connected(woo).code_works("HELLO10", NOW)


# -- the way back ------------------------------------------------------------------------------

PAY = "https://pots.example/checkout/order-pay/7/?pay_for_order=true&key=wc_order_x"
RESTORE = "https://pots.example/?relance_restore=Vq3rT8yL"
COUPON = Coupon("back 10", "5", NOW)
SHOP = WooCommerceShop(Connection("pots", "https://pots.example"))


def cart(way_back: str | None, state: str | None = "pending") -> Cart:
    return Cart(
        key="order:7",
        currency="EUR",
        totals=Totals(Decimal(5)),
        lines=(),
        shopper=Shopper(),
        created_at=NOW,
        changed_at=NOW,
        sees="poll",
        way_back=way_back,
        platform_state=state,
    )


def test_the_plugins_way_back_takes_the_coupon_along() -> None:
    assert SHOP.way_back(cart(RESTORE), None) == RESTORE
    assert SHOP.way_back(cart(RESTORE), COUPON) == f"{RESTORE}&relance_coupon=back+10"
    bare = SHOP.way_back(cart("https://pots.example/cart/#x"), COUPON)
    assert bare == "https://pots.example/cart/?relance_coupon=back+10#x"


def test_the_restore_and_its_signature_stay_whole_beside_the_coupon() -> None:
    signed = "https://pots.example/?relance_restore=5b0d6a4e-7c1e-4c66.1798000000.9fA_-0"
    assert SHOP.way_back(cart(signed), None) == signed
    assert SHOP.way_back(cart(signed), COUPON) == f"{signed}&relance_coupon=back+10"


def test_a_payment_url_stays_as_it_is() -> None:
    assert SHOP.way_back(cart(PAY), COUPON) == PAY


@pytest.mark.parametrize("state", ["cancelled", "checkout-draft"])
def test_an_order_that_can_no_longer_be_paid_has_no_way_back(state: str) -> None:
    assert SHOP.way_back(cart(PAY, state), None) is None
    assert SHOP.way_back(cart(RESTORE, state), None) == RESTORE


def test_a_cart_without_a_way_back_has_none() -> None:
    assert SHOP.way_back(cart(None), COUPON) is None


# -- webhooks that stay alive --------------------------------------------------------------------

HOOKS = "http://127.0.0.1:9/hooks/woocommerce/pots"  # nobody listens: the ping fails


def test_every_topic_is_subscribed_once(woo: WooCommerceStandIn) -> None:
    assert connected(woo).keep_subscriptions(HOOKS) == len(TOPICS) == 7
    made = list(woo.hooks.all.values())
    assert {row["topic"] for row in made} == set(TOPICS)
    assert {(row["status"], row["secret"], row["delivery_url"]) for row in made} == {
        ("active", "tea", HOOKS)
    }
    assert connected(woo).keep_subscriptions(HOOKS) == 0
    assert len(woo.hooks.all) == 7


@pytest.mark.parametrize("status", ["disabled", "paused"])
def test_a_webhook_that_was_given_up_is_revived_not_doubled(
    woo: WooCommerceStandIn, status: str
) -> None:
    connected(woo).keep_subscriptions(HOOKS)
    first = next(iter(woo.hooks.all.values()))
    first.update(status=status, secret="another")
    assert connected(woo).keep_subscriptions(HOOKS) == 1
    assert (first["status"], first["secret"]) == ("active", "tea")
    assert len(woo.hooks.all) == 7


def test_a_shop_connected_anew_signs_with_the_new_secret(woo: WooCommerceStandIn) -> None:
    connected(woo).keep_subscriptions(HOOKS)
    keys = {"consumer_key": woo.consumer_key, "consumer_secret": woo.consumer_secret}
    anew = WooCommerceShop(
        Connection("pots", woo.address, {**keys, "webhook_secret": "coffee"}, PRIVATE)
    )
    assert anew.keep_subscriptions(HOOKS) == 7
    assert {row["secret"] for row in woo.hooks.all.values()} == {"coffee"}
    assert len(woo.hooks.all) == 7
    assert anew.keep_subscriptions(HOOKS) == 0
    names = " ".join(row["name"] for row in woo.hooks.all.values())
    assert "coffee" not in names


def test_the_webhooks_of_others_are_left_alone(woo: WooCommerceStandIn) -> None:
    told = {
        "topic": "order.updated",
        "delivery_url": "http://127.0.0.1:9/theirs",
        "status": "paused",
    }
    theirs = woo.hooks.create(told)
    assert connected(woo).keep_subscriptions(HOOKS) == 7
    assert theirs["status"] == "paused"


def test_our_webhooks_are_found_behind_a_hundred_others(woo: WooCommerceStandIn) -> None:
    connected(woo).keep_subscriptions(HOOKS)
    for n in range(110):
        told = {
            "topic": "order.updated",
            "delivery_url": f"http://127.0.0.1:9/{n}",
            "status": "paused",
        }
        woo.hooks.create(told)
    assert connected(woo).keep_subscriptions(HOOKS) == 0


def test_who_leaves_takes_our_webhooks_away_and_nobody_elses(woo: WooCommerceStandIn) -> None:
    connected(woo).keep_subscriptions(HOOKS)
    told = {"topic": "order.updated", "delivery_url": f"{HOOKS}/2", "status": "active"}
    theirs = woo.hooks.create(told)
    assert connected(woo).end_subscriptions(HOOKS) == 7
    assert [row["id"] for row in woo.hooks.all.values()] == [theirs["id"]]
    assert connected(woo).end_subscriptions(HOOKS) == 0
