"""Who gets which offer: each rule has a case that turns when the rule is taken out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recovery.offer_facts import (
    CartFacts,
    CartLine,
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

NOW = datetime(2026, 11, 21, 14, 10, tzinfo=UTC)
DAY = timedelta(days=1)
TEN = Incentive("percent", Decimal(10))
FIVE_EUROS = Incentive("amount", Decimal(5))
SHIPPING = Incentive("free_shipping")
CART = CartFacts("c1", "EUR", Decimal(60), step=2, zone="Europe/Paris")
POLICY = Policy("EUR")
NOTHING_SPENT = Spent()
PROSPECT = PersonFacts(orders=0)
CUSTOMER = PersonFacts(orders=3)
TERMS = Terms(Gift.NOW, "percent", Decimal(10), "EUR", 3, ends_at=NOW + DAY)


def _decide(
    asked: Incentive = TEN,
    person: PersonFacts = PROSPECT,
    cart: CartFacts = CART,
    policy: Policy = POLICY,
    month: Spent = NOTHING_SPENT,
) -> Decision:
    return decide(asked, person, cart, policy, month, NOW)


def _earlier(
    cart: str = "c0", terms: Terms = TERMS, ago: timedelta = DAY, is_open: bool = True, **more: bool
) -> EarlierOffer:
    return EarlierOffer(f"offer-{cart}", cart, is_open, NOW - ago, terms, **more)


def _with(*earlier: EarlierOffer, orders: int = 0) -> PersonFacts:
    return PersonFacts(orders, earlier)


# ---- who gets which


def test_a_prospect_gets_an_incentive_on_this_cart_from_the_second_step_on() -> None:
    decision = _decide()
    assert decision.gift is Gift.NOW
    assert decision.reasons == (Why.PROSPECT,)
    assert decision.cost == Decimal(6)


def test_a_prospects_first_step_promises_nothing() -> None:
    decision = _decide(cart=replace(CART, step=1))
    assert decision == Decision(Gift.NONE, (Why.PROSPECT, Why.TOO_SOON))


def test_a_customer_gets_a_reward_on_the_next_order_already_in_the_first_step() -> None:
    decision = _decide(person=CUSTOMER, cart=replace(CART, step=1))
    assert decision.gift is Gift.NEXT
    assert decision.reasons == (Why.CUSTOMER,)
    assert decision.terms is not None
    assert decision.terms.ends_at is None
    assert POLICY.order_within == timedelta(hours=24)


def test_an_order_that_only_we_know_makes_a_customer_too() -> None:
    person = PersonFacts(0, prior_orders=(PriorOrder(NOW - 400 * DAY),))
    assert _decide(person=person).gift is Gift.NEXT


def test_whose_orders_cannot_be_counted_is_treated_as_a_customer() -> None:
    decision = _decide(person=PersonFacts(None))
    assert (decision.gift, decision.reasons) == (Gift.NEXT, (Why.ORDERS_NOT_KNOWN,))


def test_a_shop_may_give_nothing_to_some() -> None:
    decision = _decide(policy=replace(POLICY, prospect=Gift.NONE))
    assert decision == Decision(Gift.NONE, (Why.PROSPECT, Why.SHOP_OFFERS_NONE))


def test_a_shop_may_set_from_which_step_on() -> None:
    third = replace(POLICY, first_step_now=3, first_step_next=3)
    assert Why.TOO_SOON in _decide(policy=third).reasons
    assert Why.TOO_SOON in _decide(person=CUSTOMER, policy=third).reasons


# ---- serial abandoners


def test_two_carts_left_within_sixty_days_that_carried_an_offer_are_enough() -> None:
    left = (_earlier("a", ago=60 * DAY, is_open=False), _earlier("b", is_open=False))
    decision = _decide(person=_with(*left))
    assert (decision.gift, decision.reasons) == (Gift.NONE, (Why.PROSPECT, Why.SERIAL_LEFT))


@pytest.mark.parametrize(
    "left",
    [
        (_earlier("a", is_open=False),),
        (_earlier("a", is_open=False), _earlier("a", is_open=False)),
        (_earlier("a", is_open=False), _earlier("b", is_open=False, ago=61 * DAY)),
    ],
    ids=["one", "one with two offers", "one of them long ago"],
)
def test_less_than_that_makes_no_serial_abandoner(left: tuple[EarlierOffer, ...]) -> None:
    assert _decide(person=_with(*left)).gift is Gift.NOW


def test_this_cart_does_not_count_among_those_left() -> None:
    decision = _decide(person=_with(_earlier("c1", over=True), _earlier("a", is_open=False)))
    assert decision.reasons == (Why.PROSPECT, Why.ENDED_HERE)


def test_the_thresholds_of_leaving_can_be_set() -> None:
    left = (_earlier("a", is_open=False, ago=20 * DAY), _earlier("b", is_open=False))
    assert _decide(person=_with(*left), policy=replace(POLICY, left_carts=3)).gift is Gift.NOW
    short = replace(POLICY, left_within=10 * DAY)
    assert _decide(person=_with(*left), policy=short).gift is Gift.NOW


PLAIN = tuple(PriorOrder(NOW - ago * DAY, plain=True) for ago in (90, 60))
TOOK = PriorOrder(NOW - 30 * DAY, took=True)


def test_an_offer_taken_after_orders_that_needed_none_is_the_last() -> None:
    decision = _decide(person=PersonFacts(3, prior_orders=(*PLAIN, TOOK)))
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
    assert _decide(person=PersonFacts(3, prior_orders=orders)).gift is Gift.NEXT


def test_the_thresholds_of_taking_can_be_set() -> None:
    person = PersonFacts(3, prior_orders=(*PLAIN, TOOK))
    assert _decide(person=person, policy=replace(POLICY, plain_orders=3)).gift is Gift.NEXT
    assert _decide(person=person, policy=replace(POLICY, taken_within=29 * DAY)).gift is Gift.NEXT


# ---- waiting earns nothing


def test_a_running_offer_on_this_cart_is_repeated_with_its_own_end() -> None:
    five = replace(TERMS, value=Decimal(5))
    decision = _decide(
        Incentive("percent", Decimal(50)), _with(_earlier("c1", five)), replace(CART, step=3)
    )
    assert decision == Decision(Gift.NOW, (Why.RUNNING,), five, Decimal(0), "offer-c1")


def test_a_cart_whose_offer_ended_gets_no_second() -> None:
    out = replace(TERMS, ends_at=NOW)
    assert _decide(person=_with(_earlier("c1", out))).reasons == (Why.PROSPECT, Why.ENDED_HERE)
    gone = _earlier("c1", over=True)
    assert _decide(person=_with(gone)).reasons == (Why.PROSPECT, Why.ENDED_HERE)


def test_another_open_cart_does_not_earn_a_better_offer() -> None:
    five = replace(TERMS, value=Decimal(5), days=2)
    decision = _decide(person=_with(_earlier(terms=five)))
    assert decision.reasons == (Why.PROSPECT, Why.NO_BETTER)
    assert decision.terms is not None
    assert (decision.terms.value, decision.terms.days) == (Decimal(5), 2)
    assert decision.repeats is None


def test_a_smaller_offer_than_before_is_left_as_it_is() -> None:
    three = Incentive("percent", Decimal(3))
    decision = _decide(three, _with(_earlier()))
    assert decision.reasons == (Why.PROSPECT,)
    assert decision.terms is not None
    assert decision.terms.value == 3


def test_a_cart_that_is_over_binds_no_later_one() -> None:
    five = replace(TERMS, value=Decimal(5))
    decision = _decide(person=_with(_earlier(terms=five, is_open=False)))
    assert decision.terms is not None
    assert decision.terms.value == 10


def test_another_kind_is_replaced_by_the_earlier_terms() -> None:
    decision = _decide(SHIPPING, _with(_earlier()))
    assert decision.terms is not None
    assert (decision.terms.kind, decision.terms.value) == ("percent", Decimal(10))
    assert Why.NO_BETTER in decision.reasons


def test_a_reward_is_not_bettered_by_an_incentive_now() -> None:
    promised = replace(TERMS, gift=Gift.NEXT, ends_at=None)
    decision = _decide(person=_with(_earlier(terms=promised)))
    assert decision.gift is Gift.NEXT
    assert Why.NO_BETTER in decision.reasons


def test_two_earlier_offers_that_cannot_be_compared_leave_none() -> None:
    free = replace(TERMS, kind="free_shipping", value=Decimal(0))
    lenient = replace(POLICY, left_carts=9)
    decision = _decide(person=_with(_earlier("a"), _earlier("b", free)), policy=lenient)
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


# ---- what the cart allows


def test_the_cart_of_a_business_gets_none() -> None:
    cart = replace(CART, business=True)
    assert _decide(cart=cart).reasons == (Why.PROSPECT, Why.BUSINESS)
    assert _decide(cart=cart, policy=replace(POLICY, businesses=True)).gift is Gift.NOW


LINES = replace(CART, lines=(CartLine("a", Decimal(40)), CartLine("b", Decimal(20))))
NOT_B = replace(POLICY, excluded_products=frozenset({"b"}))


def test_an_offer_on_the_order_stays_away_from_products_left_out() -> None:
    assert _decide(cart=LINES, policy=NOT_B).reasons == (Why.PROSPECT, Why.EXCLUDED_PRODUCT)
    without = replace(LINES, lines=LINES.lines[:1])
    assert _decide(cart=without, policy=NOT_B).gift is Gift.NOW


def test_an_offer_on_lines_leaves_out_what_the_shop_leaves_out() -> None:
    on_both = replace_lines(TEN, "a", "b")
    decision = _decide(on_both, cart=LINES, policy=NOT_B)
    assert decision.terms is not None
    assert decision.terms.lines == ("a",)
    assert decision.cost == Decimal(4)
    only_b = _decide(replace_lines(TEN, "b"), cart=LINES, policy=NOT_B)
    assert Why.EXCLUDED_PRODUCT in only_b.reasons


def test_an_offer_on_lines_needs_one_of_them_in_the_cart() -> None:
    assert Why.LINES_NOT_HERE in _decide(replace_lines(TEN, "z"), cart=LINES).reasons
    assert _decide(replace_lines(TEN, "z"), CUSTOMER, LINES).gift is Gift.NEXT


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
    decision = _decide(asked, person, replace(TWO, can_leave_out=can_leave_out), policy)
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
    decision = _decide(asked, person, cart, policy)
    assert why in decision.reasons
    assert decision.gift is Gift.NONE


def test_where_the_platform_can_leave_nothing_out_the_merchant_reads_why_it_is_on_lines() -> None:
    policy = replace(POLICY, excluded_products=frozenset("z"))
    decision = _decide(cart=replace(TWO, can_leave_out=False), policy=policy)
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
    before = _earlier(terms=replace(TERMS, lines=earlier))
    policy = replace(POLICY, excluded_products=frozenset("z"))
    cart = replace(TWO, can_leave_out=can_leave_out)
    decision = _decide(asked, _with(before), cart, policy)
    told = decision.terms
    assert (None if told is None else told.lines) == lines
    assert told is None or told.value == 10, "and no more by waiting"


def test_an_amount_on_lines_is_bounded_by_the_cheapest_variant_of_a_product() -> None:
    variants = (CartLine("a", Decimal(60)), CartLine("a", Decimal(9), 3))
    five = Incentive("amount", Decimal(5), lines=("a",))
    decision = _decide(five, cart=replace(CART, total=Decimal(69), lines=variants))
    assert decision.terms is not None
    assert decision.terms.value == 3


def replace_lines(incentive: Incentive, *lines: str) -> Incentive:
    return Incentive(incentive.kind, incentive.value, lines=lines)


def test_a_cart_below_the_shops_smallest_gets_none() -> None:
    small = replace(POLICY, smallest_cart=Decimal("60.01"))
    assert _decide(policy=small).reasons == (Why.PROSPECT, Why.SMALL_CART)
    assert Why.SMALL_CART in _decide(person=CUSTOMER, policy=small).reasons
    assert _decide(policy=replace(POLICY, smallest_cart=Decimal(60))).gift is Gift.NOW


def test_a_cart_below_the_offers_minimum_gets_none_now_but_may_earn_a_reward() -> None:
    from_61 = Incentive("percent", Decimal(10), minimum=Decimal(61))
    assert _decide(from_61).reasons == (Why.PROSPECT, Why.BELOW_MINIMUM)
    assert _decide(from_61, CUSTOMER).gift is Gift.NEXT
    assert _decide(Incentive("percent", Decimal(10), minimum=Decimal(60))).gift is Gift.NOW


@pytest.mark.parametrize("person", [PROSPECT, CUSTOMER])
def test_an_amount_never_exceeds_the_cart(person: PersonFacts) -> None:
    decision = _decide(FIVE_EUROS, person, replace(CART, total=Decimal("3.50")))
    assert decision.terms is not None
    assert decision.terms.value == Decimal("3.50")
    assert decision.cost == Decimal("3.50")
    assert Why.BOUND_BY_CART in decision.reasons


def test_an_amount_on_lines_never_exceeds_them() -> None:
    on_b = Incentive("amount", Decimal(30), lines=("b",))
    decision = _decide(on_b, cart=LINES)
    assert decision.terms is not None
    assert decision.terms.value == 20


def test_an_empty_cart_is_promised_nothing() -> None:
    empty = replace(CART, total=Decimal(0))
    for asked in (TEN, FIVE_EUROS):
        assert Why.NOTHING_LEFT in _decide(asked, cart=empty).reasons


# ---- currencies


@pytest.mark.parametrize(
    ("currency", "asked", "value"),
    [("JPY", "500.5", "500"), ("EUR", "5.555", "5.55"), ("KWD", "1.2345", "1.234")],
)
def test_an_amount_is_in_whole_coins_of_its_currency(currency: str, asked: str, value: str) -> None:
    cart = replace(CART, currency=currency, total=Decimal(6000))
    policy = Policy(currency)
    decision = _decide(Incentive("amount", Decimal(asked)), cart=cart, policy=policy)
    assert decision.terms is not None
    assert str(decision.terms.value) == value


@pytest.mark.parametrize(
    ("currency", "total", "cost"),
    [("JPY", "1995", "200"), ("EUR", "19.95", "2.00"), ("KWD", "19.955", "1.996")],
)
def test_a_cost_is_rounded_up_to_the_coin(currency: str, total: str, cost: str) -> None:
    cart = replace(CART, currency=currency, total=Decimal(total))
    assert str(_decide(cart=cart, policy=Policy(currency)).cost) == cost


def test_a_percentage_of_less_than_a_coin_is_no_offer() -> None:
    yen = replace(CART, currency="JPY", total=Decimal(9))
    assert Why.NOTHING_LEFT in _decide(cart=yen, policy=Policy("JPY")).reasons


DOLLARS = replace(CART, currency="USD")


def test_an_amount_is_never_converted() -> None:
    for asked in (FIVE_EUROS, Incentive("percent", Decimal(10), minimum=Decimal(1))):
        assert Why.OTHER_CURRENCY in _decide(asked, cart=DOLLARS).reasons
    small = replace(POLICY, smallest_cart=Decimal(1))
    assert Why.OTHER_CURRENCY in _decide(cart=DOLLARS, policy=small).reasons


def test_a_percentage_needs_no_currency() -> None:
    decision = _decide(cart=DOLLARS)
    assert (decision.gift, decision.cost) == (Gift.NOW, None)


def test_a_rate_that_the_shop_tells_gives_the_cost_in_its_currency() -> None:
    decision = _decide(cart=replace(DOLLARS, shop_rate=Decimal("0.9")))
    assert decision.cost == Decimal("5.40")


# ---- budgets


def test_the_months_budget_of_the_shop_is_not_exceeded() -> None:
    policy = replace(POLICY, budget=Decimal(100))
    assert _decide(policy=policy, month=Spent(shop=Decimal(94))).gift is Gift.NOW
    over = _decide(policy=policy, month=Spent(shop=Decimal("94.01")))
    assert over.reasons == (Why.PROSPECT, Why.BUDGET)


def test_what_a_person_may_get_in_a_month_is_not_exceeded() -> None:
    policy = replace(POLICY, person_budget=Decimal(10))
    assert _decide(policy=policy, month=Spent(person=Decimal(4))).gift is Gift.NOW
    over = _decide(policy=policy, month=Spent(person=Decimal("4.01")))
    assert over.reasons == (Why.PROSPECT, Why.PERSON_BUDGET)


def test_a_person_has_two_offers_a_month_unless_the_shop_says_otherwise() -> None:
    assert _decide(month=Spent(person_offers=1)).gift is Gift.NOW
    assert _decide(month=Spent(person_offers=2)).reasons == (Why.PROSPECT, Why.PERSON_OFFERS)
    free = replace(POLICY, person_offers=None)
    assert _decide(policy=free, month=Spent(person_offers=99)).gift is Gift.NOW


def test_a_budget_gives_nothing_whose_cost_is_not_known() -> None:
    for policy in (
        replace(POLICY, budget=Decimal(1000)),
        replace(POLICY, person_budget=Decimal(1000)),
    ):
        assert _decide(SHIPPING, policy=policy).reasons == (Why.PROSPECT, Why.COST_NOT_KNOWN)
        assert _decide(cart=DOLLARS, policy=policy).reasons == (Why.PROSPECT, Why.COST_NOT_KNOWN)
    assert _decide(SHIPPING).gift is Gift.NOW


def test_free_shipping_costs_what_the_cart_says_else_what_is_usual() -> None:
    usual = replace(POLICY, usual_shipping=Decimal("6.90"))
    assert _decide(SHIPPING, policy=usual).cost == Decimal("6.90")
    shown = replace(CART, shipping=Decimal("4.90"))
    assert _decide(SHIPPING, cart=shown, policy=usual).cost == Decimal("4.90")


# ---- the rest


def test_every_reason_against_is_told_at_once() -> None:
    decision = _decide(cart=replace(CART, step=1, business=True), month=Spent(person_offers=2))
    assert decision.reasons == (
        Why.PROSPECT,
        Why.TOO_SOON,
        Why.BUSINESS,
        Why.PERSON_OFFERS,
    )


def test_an_offer_ends_with_a_day_of_the_shopper() -> None:
    decision = _decide()
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
    assert _decide(asked).reasons == (Why.PROSPECT, Why.SENSELESS)


def test_a_cart_with_an_amount_that_is_no_number_gets_none() -> None:
    for cart in (
        replace(CART, total=Decimal("NaN")),
        replace(CART, shipping=Decimal("-1")),
        replace(DOLLARS, shop_rate=Decimal("Infinity")),
    ):
        assert Why.SENSELESS in _decide(cart=cart).reasons


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
    decision = _decide(asked, PersonFacts(orders), cart, Policy(currency, budget=budget))
    assert decision.reasons
    assert (decision.terms is None) == (decision.gift is Gift.NONE)
    if decision.terms is not None and kind == "amount":
        assert 0 < decision.terms.value <= min(value, total)
    if decision.terms is not None and budget is not None:
        assert decision.cost is not None
        assert decision.cost <= budget
