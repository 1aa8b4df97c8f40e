"""Who gets which offer: each rule has a case that turns when the rule is taken out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recovery.offer_facts import (
    Decision,
    EarlierOffer,
    Gift,
    Incentive,
    PersonFacts,
    Policy,
    PriorOrder,
    Spent,
    Terms,
)
from recovery.offer_words import WORDS, Why, offer_words
from recovery.offers import decide, end_of_day, is_no_better
from tests.recovery.offer_decisions import (
    CART,
    CUSTOMER,
    DAY,
    DOLLARS,
    NOW,
    POLICY,
    PROSPECT,
    SHIPPING,
    TEN,
    TERMS,
    a_person,
    an_earlier,
    decided,
)

# ---- who gets which


def test_a_prospect_gets_an_incentive_on_this_cart_from_the_second_step_on() -> None:
    decision = decided()
    assert decision.gift is Gift.NOW
    assert decision.reasons == (Why.PROSPECT,)
    assert decision.cost == Decimal(6)


def test_a_prospects_first_step_promises_nothing() -> None:
    decision = decided(cart=replace(CART, step=1))
    assert decision == Decision(Gift.NONE, (Why.PROSPECT, Why.TOO_SOON))


def test_a_customer_gets_a_reward_on_the_next_order_already_in_the_first_step() -> None:
    decision = decided(person=CUSTOMER, cart=replace(CART, step=1))
    assert decision.gift is Gift.NEXT
    assert decision.reasons == (Why.CUSTOMER,)
    assert decision.terms is not None
    assert decision.terms.ends_at is None
    assert POLICY.order_within == timedelta(hours=24)


def test_an_order_that_only_we_know_makes_a_customer_too() -> None:
    person = PersonFacts(0, prior_orders=(PriorOrder(NOW - 400 * DAY),))
    assert decided(person=person).gift is Gift.NEXT


def test_whose_orders_cannot_be_counted_is_treated_as_a_customer() -> None:
    decision = decided(person=PersonFacts(None))
    assert (decision.gift, decision.reasons) == (Gift.NEXT, (Why.ORDERS_NOT_KNOWN,))


def test_a_shop_may_give_nothing_to_some() -> None:
    decision = decided(policy=replace(POLICY, prospect=Gift.NONE))
    assert decision == Decision(Gift.NONE, (Why.PROSPECT, Why.SHOP_OFFERS_NONE))


def test_a_shop_may_set_from_which_step_on() -> None:
    third = replace(POLICY, first_step_now=3, first_step_next=3)
    assert Why.TOO_SOON in decided(policy=third).reasons
    assert Why.TOO_SOON in decided(person=CUSTOMER, policy=third).reasons


# ---- serial abandoners


def test_two_carts_left_within_sixty_days_that_carried_an_offer_are_enough() -> None:
    left = (an_earlier("a", ago=60 * DAY, is_open=False), an_earlier("b", is_open=False))
    decision = decided(person=a_person(*left))
    assert (decision.gift, decision.reasons) == (Gift.NONE, (Why.PROSPECT, Why.SERIAL_LEFT))


@pytest.mark.parametrize(
    "left",
    [
        (an_earlier("a", is_open=False),),
        (an_earlier("a", is_open=False), an_earlier("a", is_open=False)),
        (an_earlier("a", is_open=False), an_earlier("b", is_open=False, ago=61 * DAY)),
    ],
    ids=["one", "one with two offers", "one of them long ago"],
)
def test_less_than_that_makes_no_serial_abandoner(left: tuple[EarlierOffer, ...]) -> None:
    assert decided(person=a_person(*left)).gift is Gift.NOW


def test_this_cart_does_not_count_among_those_left() -> None:
    decision = decided(person=a_person(an_earlier("c1", over=True), an_earlier("a", is_open=False)))
    assert decision.reasons == (Why.PROSPECT, Why.ENDED_HERE)


def test_the_thresholds_of_leaving_can_be_set() -> None:
    left = (an_earlier("a", is_open=False, ago=20 * DAY), an_earlier("b", is_open=False))
    assert decided(person=a_person(*left), policy=replace(POLICY, left_carts=3)).gift is Gift.NOW
    short = replace(POLICY, left_within=10 * DAY)
    assert decided(person=a_person(*left), policy=short).gift is Gift.NOW


PLAIN = tuple(PriorOrder(NOW - ago * DAY, plain=True) for ago in (90, 60))
TOOK = PriorOrder(NOW - 30 * DAY, took=True)


def test_an_offer_taken_after_orders_that_needed_none_is_the_last() -> None:
    decision = decided(person=PersonFacts(3, prior_orders=(*PLAIN, TOOK)))
    assert decision.reasons == (Why.CUSTOMER, Why.SERIAL_ANYWAY)
    assert decision.gift is Gift.NONE


@pytest.mark.parametrize(
    "orders",
    [
        (*PLAIN,),
        (*PLAIN, PriorOrder(NOW - 30 * DAY, plain=True)),
        (PLAIN[0], TOOK),
        (PLAIN[0], replace(PLAIN[1], plain=False), TOOK),
        (PLAIN[0], replace(PLAIN[1], placed_at=NOW), TOOK),
        (
            *(replace(each, placed_at=NOW - 500 * DAY) for each in PLAIN),
            replace(TOOK, placed_at=NOW - 366 * DAY),
        ),
    ],
    ids=[
        "took none",
        "took none thrice",
        "one before",
        "the other with a code",
        "the other after",
        "long ago",
    ],
)
def test_otherwise_a_customer_keeps_the_reward(orders: tuple[PriorOrder, ...]) -> None:
    assert decided(person=PersonFacts(3, prior_orders=orders)).gift is Gift.NEXT


def test_the_thresholds_of_taking_can_be_set() -> None:
    person = PersonFacts(3, prior_orders=(*PLAIN, TOOK))
    assert decided(person=person, policy=replace(POLICY, plain_orders=3)).gift is Gift.NEXT
    assert decided(person=person, policy=replace(POLICY, taken_within=29 * DAY)).gift is Gift.NEXT


# ---- waiting earns nothing


def test_a_running_offer_on_this_cart_is_repeated_with_its_own_end() -> None:
    five = replace(TERMS, value=Decimal(5))
    decision = decided(
        Incentive("percent", Decimal(50)),
        a_person(an_earlier("c1", five)),
        replace(CART, step=3),
    )
    assert decision == Decision(Gift.NOW, (Why.RUNNING,), five, Decimal(0), "offer-c1")


def test_a_cart_whose_offer_ended_gets_no_second() -> None:
    out = replace(TERMS, ends_at=NOW)
    assert decided(person=a_person(an_earlier("c1", out))).reasons == (
        Why.PROSPECT,
        Why.ENDED_HERE,
    )
    gone = an_earlier("c1", over=True)
    assert decided(person=a_person(gone)).reasons == (Why.PROSPECT, Why.ENDED_HERE)


def test_another_open_cart_does_not_earn_a_better_offer() -> None:
    five = replace(TERMS, value=Decimal(5), days=2)
    decision = decided(person=a_person(an_earlier(terms=five)))
    assert decision.reasons == (Why.PROSPECT, Why.NO_BETTER)
    assert decision.terms is not None
    assert (decision.terms.value, decision.terms.days) == (Decimal(5), 2)
    assert decision.repeats is None


def test_a_smaller_offer_than_before_is_left_as_it_is() -> None:
    three = Incentive("percent", Decimal(3))
    decision = decided(three, a_person(an_earlier()))
    assert decision.reasons == (Why.PROSPECT,)
    assert decision.terms is not None
    assert decision.terms.value == 3


def test_a_cart_that_is_over_binds_no_later_one() -> None:
    five = replace(TERMS, value=Decimal(5))
    decision = decided(person=a_person(an_earlier(terms=five, is_open=False)))
    assert decision.terms is not None
    assert decision.terms.value == 10


def test_another_kind_is_replaced_by_the_earlier_terms() -> None:
    decision = decided(SHIPPING, a_person(an_earlier()))
    assert decision.terms is not None
    assert (decision.terms.kind, decision.terms.value) == ("percent", Decimal(10))
    assert Why.NO_BETTER in decision.reasons


def test_a_reward_is_not_bettered_by_an_incentive_now() -> None:
    promised = replace(TERMS, gift=Gift.NEXT, ends_at=None)
    decision = decided(person=a_person(an_earlier(terms=promised)))
    assert decision.gift is Gift.NEXT
    assert Why.NO_BETTER in decision.reasons


def test_two_earlier_offers_that_cannot_be_compared_leave_none() -> None:
    free = replace(TERMS, kind="free_shipping", value=Decimal(0))
    lenient = replace(POLICY, left_carts=9)
    decision = decided(person=a_person(an_earlier("a"), an_earlier("b", free)), policy=lenient)
    assert decision == Decision(Gift.NONE, (Why.PROSPECT, Why.UNLIKE_EARLIER))


BOUND = replace(TERMS, minimum=Decimal(30), lines=("a",))


@pytest.mark.parametrize(
    "better",
    [
        replace(BOUND, value=Decimal("10.01")),
        replace(BOUND, days=4),
        replace(BOUND, minimum=Decimal(29)),
        replace(BOUND, minimum=None),
        replace(BOUND, lines=()),
        replace(BOUND, lines=("a", "b")),
        replace(BOUND, kind="amount"),
        replace(BOUND, kind="free_shipping"),
        replace(BOUND, currency="GBP"),
    ],
)
def test_better_is_told_term_by_term(better: Terms) -> None:
    assert is_no_better(BOUND, BOUND)
    assert not is_no_better(better, BOUND)


def test_an_incentive_now_is_better_than_a_reward() -> None:
    assert is_no_better(replace(BOUND, gift=Gift.NEXT), BOUND)
    assert not is_no_better(BOUND, replace(BOUND, gift=Gift.NEXT))


# ---- the rest


def test_every_reason_against_is_told_at_once() -> None:
    decision = decided(cart=replace(CART, step=1, business=True), month=Spent(person_offers=2))
    assert decision.reasons == (
        Why.PROSPECT,
        Why.TOO_SOON,
        Why.BUSINESS,
        Why.PERSON_OFFERS,
    )


def test_an_offer_ends_with_a_day_of_the_shopper() -> None:
    decision = decided()
    assert decision.terms is not None
    assert decision.terms.ends_at == datetime(2026, 11, 24, 23, 0, tzinfo=UTC)
    assert end_of_day(NOW, 1, "Pacific/Kiritimati") == datetime(2026, 11, 23, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "asked",
    [
        Incentive("percent", Decimal(101)),
        Incentive("percent", Decimal(0)),
        Incentive("percent", Decimal("NaN")),
        Incentive("amount", Decimal(-1)),
        Incentive("amount", Decimal("Infinity")),
        Incentive("percent", Decimal(10), days=0),
        Incentive("percent", Decimal(10), days=367),
        Incentive("percent", Decimal(10), minimum=Decimal(-1)),
        Incentive("amount", Decimal(10) ** 40),
    ],
)
def test_an_offer_without_sense_is_none(asked: Incentive) -> None:
    assert decided(asked).reasons == (Why.PROSPECT, Why.SENSELESS)


def test_a_cart_with_an_amount_that_is_no_number_gets_none() -> None:
    for cart in (
        replace(CART, total=Decimal("NaN")),
        replace(CART, shipping=Decimal("-1")),
        replace(DOLLARS, shop_rate=Decimal("Infinity")),
    ):
        assert Why.SENSELESS in decided(cart=cart).reasons


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        decide(TEN, PROSPECT, CART, POLICY, Spent(), datetime(2026, 11, 21))


def test_every_reason_has_words_in_two_languages() -> None:
    assert set(WORDS) == set(Why)
    assert len({words for pair in WORDS.values() for words in pair}) == 2 * len(Why)
    assert offer_words(Why.BUSINESS, "fr-CA").startswith("C'est")
    assert offer_words(Why.BUSINESS, "de").startswith("This")
    assert offer_words(Why.BUSINESS, None).startswith("This")


AMOUNTS = st.decimals(0, 2000, places=3)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(["percent", "amount", "free_shipping"]),
    AMOUNTS,
    AMOUNTS,
    st.sampled_from(["JPY", "EUR", "KWD"]),
    st.one_of(st.none(), AMOUNTS),
    st.sampled_from([0, 1, None]),
)
def test_whatever_is_asked_the_cart_and_the_budget_bound_it(
    kind: str, value: Decimal, total: Decimal, currency: str, budget: Decimal | None, orders: int
) -> None:
    asked = Incentive(kind, value)  # type: ignore[arg-type]
    cart = replace(CART, total=total, currency=currency)
    decision = decided(asked, PersonFacts(orders), cart, Policy(currency, budget=budget))
    assert decision.reasons
    assert (decision.terms is None) == (decision.gift is Gift.NONE)
    if decision.terms is not None and kind == "amount":
        assert 0 < decision.terms.value <= min(value, total)
    if decision.terms is not None and budget is not None:
        assert decision.cost is not None
        assert decision.cost <= budget
