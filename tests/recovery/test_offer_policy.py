"""A shop's rules for offers, as JSON and back."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from recovery.offer_facts import Gift, Policy
from recovery.offer_policy import UnreadablePolicy, read, written

STRICT = Policy(
    currency="EUR",
    prospect=Gift.NONE,
    customer=Gift.NOW,
    first_step_now=3,
    order_within=timedelta(hours=48),
    left_carts=3,
    left_within=timedelta(days=30),
    budget=Decimal("250.50"),
    person_offers=None,
    excluded_products=frozenset({"7", "9"}),
    businesses=True,
)


def test_nothing_written_means_the_defaults() -> None:
    assert read("", "EUR") == Policy(currency="EUR")
    assert written(Policy(currency="EUR")) == ""


def test_what_is_written_reads_back_the_same() -> None:
    assert read(written(STRICT), "EUR") == STRICT


def test_only_what_differs_from_the_defaults_is_written_and_amounts_are_texts() -> None:
    assert json.loads(written(Policy(currency="EUR", budget=Decimal("99.90")))) == {
        "currency": "EUR",
        "budget": "99.90",
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[]", "object"),
        ("{", "truncated"),
        ('{"prospekt": "none"}', "prospekt"),
        ('{"prospect": "always"}', "prospect"),
        ('{"left_carts": 0}', "left_carts"),
        ('{"order_within_hours": 0}', "order_within_hours"),
        ('{"currency": "EUR", "budget": "-1"}', "budget"),
        ('{"currency": "EUR", "budget": "NaN"}', "budget"),
        ('{"currency": "EUR", "smallest_cart": "much"}', "smallest_cart"),
        ('{"currency": "CHF", "budget": "10"}', "CHF"),
        ('{"budget": "10"}', "EUR"),
    ],
)
def test_what_makes_no_sense_is_told_by_name(text: str, told: str) -> None:
    with pytest.raises(UnreadablePolicy, match=told):
        read(text, "EUR")


def test_rules_that_could_not_be_read_back_are_not_written() -> None:
    with pytest.raises(UnreadablePolicy, match="budget"):
        written(Policy(currency="EUR", budget=Decimal(-5)))
