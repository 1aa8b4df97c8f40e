"""What a cart allows: which offer, on which of its lines, of what value."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from recovery.offer_facts import (
    CartLine,
    Gift,
    Incentive,
    PersonFacts,
)
from recovery.offer_words import Why
from tests.recovery.offer_decisions import (
    CART,
    CUSTOMER,
    FIVE_EUROS,
    POLICY,
    PROSPECT,
    SHIPPING,
    TEN,
    TERMS,
    a_person,
    an_earlier,
    decided,
)


def test_the_cart_of_a_business_gets_none() -> None:
    cart = replace(CART, business=True)
    assert decided(cart=cart).reasons == (Why.PROSPECT, Why.BUSINESS)
    assert decided(cart=cart, policy=replace(POLICY, businesses=True)).gift is Gift.NOW


LINES = replace(CART, lines=(CartLine("a", Decimal(40)), CartLine("b", Decimal(20))))
NOT_B = replace(POLICY, excluded_products=frozenset({"b"}))


def test_an_offer_on_the_order_stays_away_from_products_left_out() -> None:
    assert decided(cart=LINES, policy=NOT_B).reasons == (Why.PROSPECT, Why.EXCLUDED_PRODUCT)
    without = replace(LINES, lines=LINES.lines[:1])
    assert decided(cart=without, policy=NOT_B).gift is Gift.NOW


def test_an_offer_on_lines_leaves_out_what_the_shop_leaves_out() -> None:
    on_both = replace_lines(TEN, "a", "b")
    decision = decided(on_both, cart=LINES, policy=NOT_B)
    assert decision.terms is not None
    assert decision.terms.lines == ("a",)
    assert decision.cost == Decimal(4)
    only_b = decided(replace_lines(TEN, "b"), cart=LINES, policy=NOT_B)
    assert Why.EXCLUDED_PRODUCT in only_b.reasons


def test_an_offer_on_lines_needs_one_of_them_in_the_cart() -> None:
    assert Why.LINES_NOT_HERE in decided(replace_lines(TEN, "z"), cart=LINES).reasons
    assert decided(replace_lines(TEN, "z"), CUSTOMER, LINES).gift is Gift.NEXT


TWO = replace(
    CART,
    total=Decimal(90),
    lines=(
        CartLine("a", Decimal(60)),
        CartLine("b", Decimal(24), 3),
        CartLine(None, Decimal(6)),
    ),
)


@pytest.mark.parametrize(
    ("asked", "person", "left_out", "can_leave_out", "terms", "cost"),
    [
        # (what the step asks for; on which lines, but for what, of what value it is given)
        (TEN, PROSPECT, "", True, ("", "", 10), "9"),
        (
            Incentive("percent", Decimal(10), lines="cart"),
            PROSPECT,
            "",
            True,
            ("a b", "", 10),
            "8.40",
        ),
        (Incentive("percent", Decimal(10), lines="cart"), PROSPECT, "b", True, ("a", "", 10), "6"),
        (
            Incentive("percent", Decimal(10), lines=("b", "z")),
            PROSPECT,
            "",
            True,
            ("b", "", 10),
            "2.40",
        ),
        (Incentive("percent", Decimal(10), lines="cart"), CUSTOMER, "", True, ("a b", "", 10), "9"),
        (Incentive("percent", Decimal(10), lines=("z",)), CUSTOMER, "", True, ("z", "", 10), "9"),
        (TEN, PROSPECT, "z", True, ("", "z", 10), "9"),
        (TEN, CUSTOMER, "z", True, ("", "z", 10), "9"),
        (TEN, PROSPECT, "z", False, ("a b", "", 10), "8.40"),
        (FIVE_EUROS, PROSPECT, "z", False, ("a b", "", 5), "5"),
        # an amount goes off one item
        (Incentive("amount", Decimal(5), lines="cart"), PROSPECT, "", True, ("a b", "", 5), "5"),
        (Incentive("amount", Decimal(9), lines="cart"), PROSPECT, "", True, ("a", "", 9), "9"),
        (Incentive("amount", Decimal(80), lines="cart"), PROSPECT, "", True, ("a", "", 60), "60"),
        (Incentive("amount", Decimal(9), lines=("b",)), PROSPECT, "", True, ("b", "", 8), "8"),
    ],
)
def test_an_offer_is_given_on_these_lines_alone(
    asked: Incentive,
    person: PersonFacts,
    left_out: str,
    can_leave_out: bool,
    terms: tuple[str, str, int],
    cost: str,
) -> None:
    policy = replace(POLICY, excluded_products=frozenset(left_out.split()))
    decision = decided(asked, person, replace(TWO, can_leave_out=can_leave_out), policy)
    assert decision.terms is not None, decision.reasons
    told = decision.terms
    assert (" ".join(told.lines), " ".join(told.left_out), told.value) == terms
    assert decision.cost == Decimal(cost)


@pytest.mark.parametrize(
    ("asked", "person", "left_out", "can_leave_out", "why"),
    [
        (Incentive("free_shipping", lines="cart"), PROSPECT, "", True, Why.SHIPPING_OF_LINES),
        (SHIPPING, PROSPECT, "z", False, Why.CANNOT_LEAVE_OUT),
        (TEN, CUSTOMER, "z", False, Why.CANNOT_LEAVE_OUT),
        (TEN, PROSPECT, "b", False, Why.EXCLUDED_PRODUCT),
        (
            Incentive("percent", Decimal(10), lines="cart"),
            PROSPECT,
            "a b",
            True,
            Why.EXCLUDED_PRODUCT,
        ),
        (
            Incentive("percent", Decimal(10), lines=("b",), minimum=Decimal(25)),
            PROSPECT,
            "",
            True,
            Why.BELOW_MINIMUM,
        ),
    ],
)
def test_what_cannot_be_limited_is_not_offered(
    asked: Incentive, person: PersonFacts, left_out: str, can_leave_out: bool, why: Why
) -> None:
    policy = replace(POLICY, excluded_products=frozenset(left_out.split()))
    cart = replace(TWO, can_leave_out=can_leave_out, shipping=Decimal(5))
    decision = decided(asked, person, cart, policy)
    assert why in decision.reasons
    assert decision.gift is Gift.NONE


def test_where_the_platform_can_leave_nothing_out_the_merchant_reads_why_it_is_on_lines() -> None:
    policy = replace(POLICY, excluded_products=frozenset("z"))
    decision = decided(cart=replace(TWO, can_leave_out=False), policy=policy)
    assert decision.reasons == (Why.PROSPECT, Why.ON_ITS_LINES)


@pytest.mark.parametrize(
    ("asked", "can_leave_out", "earlier", "lines"),
    [
        (Incentive("percent", Decimal(10), lines="cart"), True, ("x",), ("a", "b")),
        (TEN, False, ("x",), ("a", "b")),
        (Incentive("percent", Decimal(10), lines="cart"), True, (), ("a", "b")),
        (TEN, True, ("x",), None),  # on the order, that would be better
        (Incentive("percent", Decimal(11), lines="cart"), True, ("x",), ("a", "b")),
    ],
)
def test_lines_of_another_cart_are_no_other_terms_where_each_offer_is_on_its_own(
    asked: Incentive, can_leave_out: bool, earlier: tuple[str, ...], lines: tuple[str, ...] | None
) -> None:
    before = an_earlier(terms=replace(TERMS, lines=earlier))
    policy = replace(POLICY, excluded_products=frozenset("z"))
    cart = replace(TWO, can_leave_out=can_leave_out)
    decision = decided(asked, a_person(before), cart, policy)
    told = decision.terms
    assert (None if told is None else told.lines) == lines
    assert told is None or told.value == 10, "and no more by waiting"


def test_an_amount_on_lines_is_bounded_by_the_cheapest_variant_of_a_product() -> None:
    variants = (CartLine("a", Decimal(60)), CartLine("a", Decimal(9), 3))
    five = Incentive("amount", Decimal(5), lines=("a",))
    decision = decided(five, cart=replace(CART, total=Decimal(69), lines=variants))
    assert decision.terms is not None
    assert decision.terms.value == 3


def replace_lines(incentive: Incentive, *lines: str) -> Incentive:
    return Incentive(incentive.kind, incentive.value, lines=lines)


def test_a_cart_below_the_shops_smallest_gets_none() -> None:
    small = replace(POLICY, smallest_cart=Decimal("60.01"))
    assert decided(policy=small).reasons == (Why.PROSPECT, Why.SMALL_CART)
    assert Why.SMALL_CART in decided(person=CUSTOMER, policy=small).reasons
    assert decided(policy=replace(POLICY, smallest_cart=Decimal(60))).gift is Gift.NOW


def test_a_cart_below_the_offers_minimum_gets_none_now_but_may_earn_a_reward() -> None:
    from_61 = Incentive("percent", Decimal(10), minimum=Decimal(61))
    assert decided(from_61).reasons == (Why.PROSPECT, Why.BELOW_MINIMUM)
    assert decided(from_61, CUSTOMER).gift is Gift.NEXT
    assert decided(Incentive("percent", Decimal(10), minimum=Decimal(60))).gift is Gift.NOW


@pytest.mark.parametrize("person", [PROSPECT, CUSTOMER])
def test_an_amount_never_exceeds_the_cart(person: PersonFacts) -> None:
    decision = decided(FIVE_EUROS, person, replace(CART, total=Decimal("3.50")))
    assert decision.terms is not None
    assert decision.terms.value == Decimal("3.50")
    assert decision.cost == Decimal("3.50")
    assert Why.BOUND_BY_CART in decision.reasons


def test_an_amount_on_lines_never_exceeds_them() -> None:
    on_b = Incentive("amount", Decimal(30), lines=("b",))
    decision = decided(on_b, cart=LINES)
    assert decision.terms is not None
    assert decision.terms.value == 20


def test_an_empty_cart_is_promised_nothing() -> None:
    empty = replace(CART, total=Decimal(0))
    for asked in (TEN, FIVE_EUROS):
        assert Why.NOTHING_LEFT in decided(asked, cart=empty).reasons
