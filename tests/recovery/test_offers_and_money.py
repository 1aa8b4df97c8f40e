"""What offers cost: in coins of a currency, within budgets."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from recovery.offer_facts import (
    Gift,
    Incentive,
    Policy,
    Spent,
)
from recovery.offer_words import Why
from tests.recovery.offer_decisions import (
    CART,
    DOLLARS,
    FIVE_EUROS,
    POLICY,
    SHIPPING,
    decided,
)

# ---- currencies


@pytest.mark.parametrize(
    ("currency", "asked", "value"),
    [("JPY", "500.5", "500"), ("EUR", "5.555", "5.55"), ("KWD", "1.2345", "1.234")],
)
def test_an_amount_is_in_whole_coins_of_its_currency(currency: str, asked: str, value: str) -> None:
    cart = replace(CART, currency=currency, total=Decimal(6000))
    policy = Policy(currency)
    decision = decided(Incentive("amount", Decimal(asked)), cart=cart, policy=policy)
    assert decision.terms is not None
    assert str(decision.terms.value) == value


@pytest.mark.parametrize(
    ("currency", "total", "cost"),
    [("JPY", "1995", "200"), ("EUR", "19.95", "2.00"), ("KWD", "19.955", "1.996")],
)
def test_a_cost_is_rounded_up_to_the_coin(currency: str, total: str, cost: str) -> None:
    cart = replace(CART, currency=currency, total=Decimal(total))
    assert str(decided(cart=cart, policy=Policy(currency)).cost) == cost


def test_a_percentage_of_less_than_a_coin_is_no_offer() -> None:
    yen = replace(CART, currency="JPY", total=Decimal(9))
    assert Why.NOTHING_LEFT in decided(cart=yen, policy=Policy("JPY")).reasons


def test_an_amount_is_never_converted() -> None:
    for asked in (FIVE_EUROS, Incentive("percent", Decimal(10), minimum=Decimal(1))):
        assert Why.OTHER_CURRENCY in decided(asked, cart=DOLLARS).reasons
    small = replace(POLICY, smallest_cart=Decimal(1))
    assert Why.OTHER_CURRENCY in decided(cart=DOLLARS, policy=small).reasons


def test_a_percentage_needs_no_currency() -> None:
    decision = decided(cart=DOLLARS)
    assert (decision.gift, decision.cost) == (Gift.NOW, None)


def test_a_rate_that_the_shop_tells_gives_the_cost_in_its_currency() -> None:
    decision = decided(cart=replace(DOLLARS, shop_rate=Decimal("0.9")))
    assert decision.cost == Decimal("5.40")


# ---- budgets


def test_the_months_budget_of_the_shop_is_not_exceeded() -> None:
    policy = replace(POLICY, budget=Decimal(100))
    assert decided(policy=policy, month=Spent(shop=Decimal(94))).gift is Gift.NOW
    over = decided(policy=policy, month=Spent(shop=Decimal("94.01")))
    assert over.reasons == (Why.PROSPECT, Why.BUDGET)


def test_what_a_person_may_get_in_a_month_is_not_exceeded() -> None:
    policy = replace(POLICY, person_budget=Decimal(10))
    assert decided(policy=policy, month=Spent(person=Decimal(4))).gift is Gift.NOW
    over = decided(policy=policy, month=Spent(person=Decimal("4.01")))
    assert over.reasons == (Why.PROSPECT, Why.PERSON_BUDGET)


def test_a_person_has_two_offers_a_month_unless_the_shop_says_otherwise() -> None:
    assert decided(month=Spent(person_offers=1)).gift is Gift.NOW
    assert decided(month=Spent(person_offers=2)).reasons == (Why.PROSPECT, Why.PERSON_OFFERS)
    free = replace(POLICY, person_offers=None)
    assert decided(policy=free, month=Spent(person_offers=99)).gift is Gift.NOW


def test_a_budget_gives_nothing_whose_cost_is_not_known() -> None:
    for policy in (
        replace(POLICY, budget=Decimal(1000)),
        replace(POLICY, person_budget=Decimal(1000)),
    ):
        assert decided(SHIPPING, policy=policy).reasons == (Why.PROSPECT, Why.COST_NOT_KNOWN)
        assert decided(cart=DOLLARS, policy=policy).reasons == (Why.PROSPECT, Why.COST_NOT_KNOWN)
    assert decided(SHIPPING).gift is Gift.NOW


def test_free_shipping_costs_what_the_cart_says_else_what_is_usual() -> None:
    usual = replace(POLICY, usual_shipping=Decimal("6.90"))
    assert decided(SHIPPING, policy=usual).cost == Decimal("6.90")
    shown = replace(CART, shipping=Decimal("4.90"))
    assert decided(SHIPPING, cart=shown, policy=usual).cost == Decimal("4.90")
