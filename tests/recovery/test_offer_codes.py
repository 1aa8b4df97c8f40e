"""Codes of offers: claimed, made, lost, refused, used and taken away, on both databases."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from recovery import offer_codes, tables, used_codes
from recovery.database import Database
from recovery.model import Coupon, Money, Totals
from recovery.offer_codes import MAKE, REMOVE
from recovery.offer_rows import NOTHING, Promised
from recovery.programme_form import Incentive
from tests.conftest import SetClock
from tests.recovery.offer_stories import TEN, Till
from tests.recovery.stories import a_shop, rows

LOST = "The shop does not answer."
SECOND = timedelta(seconds=1)


@pytest.fixture
def till(database: Database, clock: SetClock) -> Till:
    return Till(database, clock)


def wanted(till: Till, incentive: Incentive = TEN) -> int:
    """An offer whose code is wanted; its id."""
    till.ask(till.left_cart(), 2, incentive)
    return int(till.offer().id)


def test_a_code_is_handed_out_once_and_again_when_nobody_was_heard_of(till: Till) -> None:
    offer_id = wanted(till)
    assert till.due() == [(MAKE, offer_id)]
    assert till.due() == []
    till.clock.forward(seconds=30)
    assert till.due() == [(MAKE, offer_id)]


def test_of_two_workers_with_the_same_offer_one_asks_the_shop(till: Till) -> None:
    offer_id = wanted(till)
    till.claim(offer_id)
    again = till.database.run(lambda db: offer_codes.to_make(db, offer_id, till.clock()))
    assert again is None
    till.clock.forward(seconds=31)
    assert till.due() == []


def test_of_a_worker_that_died_the_very_same_code_is_asked_for_again(till: Till) -> None:
    offer_id = wanted(till)
    first = till.claim(offer_id)
    till.clock.forward(minutes=5)
    assert till.due() == [(MAKE, offer_id)]
    second = till.claim(offer_id)
    assert second.offer == first.offer
    assert second.unsure


def test_after_a_lost_answer_the_very_same_code_is_asked_for_even_days_later(till: Till) -> None:
    offer_id = wanted(till)
    first = till.claim(offer_id)
    till.say_no(offer_id, LOST, 10 * SECOND, unsure=True)
    assert till.due() == []
    till.clock.forward(days=1)
    assert till.claim(offer_id).offer == first.offer


def test_a_busy_shop_after_a_lost_answer_changes_nothing_of_that(till: Till) -> None:
    offer_id = wanted(till)
    first = till.claim(offer_id)
    till.say_no(offer_id, LOST, 10 * SECOND, unsure=True)
    till.clock.forward(seconds=10)
    second = till.claim(offer_id)
    till.say_no(offer_id, "busy", 10 * SECOND, unsure=second.unsure)
    till.clock.forward(days=1)
    assert till.claim(offer_id).offer == first.offer


def test_after_a_plain_no_answer_yet_the_code_gets_its_whole_days_again(till: Till) -> None:
    offer_id = wanted(till)
    first = till.claim(offer_id)
    till.say_no(offer_id, "busy", 10 * SECOND)
    till.clock.forward(days=1)
    second = till.claim(offer_id)
    assert second.offer.code == first.offer.code
    assert second.offer.ends_at == first.offer.ends_at + timedelta(days=1)


def test_the_offer_says_what_was_decided_and_for_whom(till: Till) -> None:
    five = Incentive(kind="amount", value=Decimal(5), minimum=Decimal(40))
    offer = till.claim(wanted(till, five)).offer
    assert (offer.amount, offer.percent) == (Money(Decimal(5), "EUR"), None)
    assert offer.minimum_total == Money(Decimal(40), "EUR")
    assert offer.email is None  # Shopify knows no customer by a guest's address
    assert offer.ends_at > till.clock() + timedelta(days=3)


def test_where_a_guest_can_be_named_the_code_is_for_that_address(till: Till) -> None:
    till.set_shop(platform="woocommerce")
    free = Incentive(kind="free_shipping")
    till.set_policy('{"currency": "EUR", "usual_shipping": "4.90"}')
    offer = till.claim(wanted(till, free)).offer
    assert (offer.free_shipping, offer.percent, offer.email) == (True, None, "ana@example.com")


@pytest.mark.parametrize(
    ("platform", "lines", "left_out", "asked"),
    [
        ("woocommerce", "cart", [], (("1",), ())),
        ("woocommerce", (), ["88"], ((), ("88",))),
        ("shopify", (), ["88"], (("1",), ())),
        ("shopify", ("1", "2"), [], (("1",), ())),
    ],
)
def test_the_shop_is_asked_for_these_lines_alone_and_again_for_the_same(
    till: Till, platform: str, lines: Any, left_out: list[str], asked: tuple[Any, Any]
) -> None:
    till.set_shop(platform=platform)
    till.set_policy(json.dumps({"currency": "EUR", "excluded_products": left_out}))
    offer_id = wanted(till, Incentive(kind="percent", value=Decimal(10), lines=lines))
    first = till.claim(offer_id).offer
    assert (first.product_keys, first.excluded_product_keys) == asked
    till.say_no(offer_id, LOST, 10 * SECOND, unsure=True)
    till.set_policy('{"currency": "EUR", "excluded_products": ["99"]}')
    till.clock.forward(seconds=10)
    assert till.claim(offer_id).offer == first, "though the rules are others by now"


def test_the_promise_knows_what_its_code_leaves_out(till: Till) -> None:
    till.set_shop(platform="woocommerce")
    till.set_policy('{"currency": "EUR", "excluded_products": ["88"]}')
    cart = till.left_cart()
    till.ask(cart, 2)
    till.make()
    promised = till.ask(cart, 2)
    assert isinstance(promised, Promised)
    assert promised.terms.left_out == ("88",)


def test_a_known_customer_is_named_where_codes_are_bound_to_customers(till: Till) -> None:
    till.set_policy('{"currency": "EUR", "customer": "incentive"}')
    till.ask(till.left_cart(customer_key="77"), 2)
    offer = till.claim(int(till.offer().id)).offer
    assert (offer.customer_key, offer.email) == ("77", "ana@example.com")


def test_a_refusal_fails_the_offer_and_tells_the_merchant_the_shops_words(till: Till) -> None:
    offer_id = wanted(till)
    till.claim(offer_id)
    till.say_no(offer_id, "too many codes")
    row = till.offer()
    assert (row.stand, row.error, row.try_at) == ("failed", "too many codes", None)
    (told,) = till.notices()
    assert "too many codes" in told


def test_a_refusal_after_a_lost_answer_leaves_no_code_behind(till: Till) -> None:
    offer_id = wanted(till)
    till.claim(offer_id)
    till.say_no(offer_id, LOST, 10 * SECOND, unsure=True)
    till.clock.forward(seconds=10)
    till.claim(offer_id)
    till.say_no(offer_id, "the code is taken", unsure=True)
    assert till.offer().stand == "failed"
    assert till.due() == [(REMOVE, offer_id)]
    asked = till.database.run(lambda db: offer_codes.to_remove(db, offer_id, till.clock()))
    assert asked is not None
    assert asked.coupon_key is None  # to be learned: the same code is asked for once more


def test_an_ended_code_that_nobody_used_is_taken_away(till: Till) -> None:
    row = till.promised(till.left_cart())
    till.clock.at = row.ends_at - SECOND
    till.sweep()
    assert (till.stands, till.due()) == (["made"], [])
    till.clock.forward(seconds=1)
    till.sweep()
    assert till.stands == ["ended"]
    assert till.taken_away() == [row.id]
    assert (till.offer().removed_at, till.offer().try_at) == (till.clock(), None)
    till.clock.forward(days=3)
    till.sweep()
    assert till.due() == []


def test_a_shop_that_cannot_take_it_away_is_asked_again_later(till: Till) -> None:
    row = till.promised(till.left_cart())
    till.clock.at = row.ends_at
    till.sweep()
    till.due()
    till.database.run(lambda db: offer_codes.to_remove(db, row.id, till.clock()))
    later = till.clock() + timedelta(minutes=15)
    till.database.run(lambda db: offer_codes.not_removed(db, row.id, LOST, later, till.clock()))
    assert till.due() == []
    till.clock.forward(minutes=15)
    assert till.taken_away() == [row.id]
    assert till.notices() == []


def test_a_code_that_was_used_is_noted_once_with_what_it_took_off(till: Till) -> None:
    cart = till.left_cart()
    row = till.promised(cart)
    totals = Totals(Decimal(53), discounts=Decimal("7.00"))
    order = till.buys(cart="token:c1", discount_codes=(row.code.lower(),), totals=totals)
    used = till.offer()
    assert (used.stand, used.used_by, used.took_off) == ("used", order.id, Decimal(7))
    assert used.used_at == order.placed_at
    assert used.try_at is None
    assert till.database.run(lambda db: used_codes.note_used(db, order.id, till.clock())) == 0


def test_beside_another_code_it_costs_what_was_reckoned_with(till: Till) -> None:
    row = till.promised(till.left_cart())
    totals = Totals(Decimal(40), discounts=Decimal(20))
    till.buys(cart="token:c1", discount_codes=("SUMMER", row.code), totals=totals)
    assert (till.offer().stand, till.offer().took_off) == ("used", None)


def test_another_shops_order_uses_nothing_here(till: Till) -> None:
    row = till.promised(till.left_cart())
    other = Till.__new__(Till)
    other.database, other.clock = till.database, till.clock
    other.shop = a_shop(till.database, till.clock(), address="other.myshopify.com")
    other.buys(discount_codes=(row.code,))
    assert till.offer().stand == "made"


def test_an_order_told_after_the_end_still_counts_as_used(till: Till) -> None:
    row = till.promised(till.left_cart())
    before_the_end = row.ends_at - SECOND
    till.clock.at = row.ends_at + timedelta(minutes=5)
    till.sweep()
    till.buys(at=before_the_end, discount_codes=(row.code,))
    assert till.offer().stand == "used"
    assert till.due() == []


def test_what_used_codes_took_off_counts_in_the_budget(till: Till) -> None:
    till.set_policy('{"currency": "EUR", "budget": "12"}')
    row = till.promised(till.left_cart())
    totals = Totals(Decimal(51), discounts=Decimal(9))
    till.buys(cart="token:c1", discount_codes=(row.code,), totals=totals)
    other = till.left_cart(key="token:c2", email="b@example.com", phone="+33622222222")
    assert till.ask(other, 2) == NOTHING
    till.set_policy('{"currency": "EUR", "budget": "15"}')
    third = till.left_cart(key="token:c3", email="c@example.com", phone="+33633333333")
    assert till.ask(third, 2) != NOTHING


def test_who_took_an_offer_after_plain_orders_is_a_serial_abandoner(till: Till) -> None:
    till.set_policy('{"customer": "incentive"}')
    for number in (1, 2):
        till.buys(key=f"o{number}")
        till.clock.forward(minutes=5)
    row = till.promised(till.left_cart())
    till.buys(key="o3", cart="token:c1", discount_codes=(row.code,))
    till.clock.forward(minutes=5)
    till.ask(till.left_cart(key="token:c2"), 2)
    assert "serial_anyway" in till.offer().reasons


def test_a_shop_that_left_is_asked_nothing(till: Till) -> None:
    wanted(till)
    till.set_shop(state="uninstalled")
    assert till.due() == []


def test_a_code_that_does_not_exist_is_never_promised(till: Till) -> None:
    """Whatever the shop says, in any order: a promise needs a code that was read back."""
    cart = till.left_cart()
    for trouble in ("busy", "lost", "dead", "made"):
        told: Any = till.ask(cart, 2)
        assert not isinstance(told, Promised)
        for _, offer_id in till.due():
            asked = till.claim(offer_id)
            if trouble == "busy":
                till.say_no(offer_id, trouble, SECOND)
            elif trouble == "lost":
                till.say_no(offer_id, trouble, SECOND, unsure=True)
            elif trouble == "made":
                coupon = Coupon(asked.offer.code, "k", asked.offer.ends_at)
                till.say_made(offer_id, coupon)
        till.clock.forward(seconds=1 if trouble != "dead" else 301)
    assert isinstance(till.ask(cart, 2), Promised)
    assert len(rows(till.database, tables.offers)) == 1
