"""Intervals against the tables they were published with."""

from __future__ import annotations

import math

import pytest

from recovery.intervals import newcombe, revenue_apart, two_sided, wilson

# Newcombe 1998, Stat Med 17:857–872, table I, method 3.
WILSON = [
    (81, 263, 0.2553, 0.3662),
    (15, 148, 0.0624, 0.1605),
    (0, 20, 0.0000, 0.1611),
    (1, 29, 0.0061, 0.1718),
]
# Newcombe 1998, Stat Med 17:873–890, table II, method 10.
NEWCOMBE = [
    (56, 70, 48, 80, 0.0524, 0.3339),
    (9, 10, 3, 10, 0.1705, 0.8090),
    (6, 7, 2, 7, 0.0582, 0.8062),
    (5, 56, 0, 29, -0.0381, 0.1926),
    (0, 10, 0, 20, -0.1611, 0.2775),
    (0, 10, 0, 10, -0.2775, 0.2775),
    (10, 10, 0, 20, 0.6791, 1.0000),
    (10, 10, 0, 10, 0.6075, 1.0000),
]


@pytest.mark.parametrize(("hits", "people", "low", "high"), WILSON)
def test_a_rates_interval_is_the_published_one(
    hits: int, people: int, low: float, high: float
) -> None:
    seen = wilson(hits, people)
    assert (round(seen.low, 4), round(seen.high, 4)) == (low, high)


@pytest.mark.parametrize(("a", "m", "b", "n", "low", "high"), NEWCOMBE)
def test_a_differences_interval_is_the_published_one(
    a: int, m: int, b: int, n: int, low: float, high: float
) -> None:
    seen = newcombe(a, m, b, n)
    assert (round(seen.low, 4) + 0, round(seen.high, 4)) == (low, high)


def test_a_differences_interval_turns_with_its_arms() -> None:
    one, other = newcombe(56, 70, 48, 80), newcombe(48, 80, 56, 70)
    assert math.isclose(one.low, -other.high)
    assert math.isclose(one.high, -other.low)


@pytest.mark.parametrize(("hits", "people"), [(0, 0), (-1, 5), (6, 5)])
def test_a_rate_that_cannot_be_is_refused(hits: int, people: int) -> None:
    with pytest.raises(ValueError, match="people"):
        wilson(hits, people)


def test_revenue_of_equal_baskets_is_spread_by_the_rate_alone() -> None:
    seen = revenue_apart([10.0] * 50, 1000, [10.0] * 50, 1000)
    reach = two_sided() * math.sqrt(0.95 / 50)  # of log(revenue per person)
    up, down = 0.5 * (math.exp(reach) - 1), 0.5 * (1 - math.exp(-reach))
    assert math.isclose(seen.high, math.hypot(up, down))
    assert math.isclose(seen.low, -seen.high)


def test_revenue_scales_with_the_currency() -> None:
    one, other = [10.0, 20.0, 90.0], [15.0, 30.0]
    euro = revenue_apart(one, 90, other, 30)
    yen = revenue_apart([x * 160 for x in one], 90, [x * 160 for x in other], 30)
    assert math.isclose(yen.low, euro.low * 160)
    assert math.isclose(yen.high, euro.high * 160)


def test_a_small_arm_borrows_the_variation_of_both_and_a_large_one_hardly_does() -> None:
    seen = revenue_apart([5.0, 15.0] * 1_000, 20_000, [10.0] * 10, 100)
    common = 500 / 2_008  # squares 0.25 for each of 2,000, and none of the ten
    large, small = (500 + 200 * common) / 2_199, 200 * common / 209
    down = 1 - math.exp(-two_sided() * math.sqrt((0.9 + large) / 2_000))
    up = math.exp(two_sided() * math.sqrt((0.9 + small) / 10)) - 1
    assert math.isclose(seen.low, -math.hypot(down, up))


def test_an_arm_of_many_orders_stands_on_its_own_variation() -> None:
    wild = [1.0] * 19_000 + [100.0] * 1_000
    beside_calm = revenue_apart(wild, 10**6, [5.95] * 20_000, 10**6)
    beside_wild = revenue_apart(wild, 10**6, wild, 10**6)
    ratio = (beside_calm.high - beside_calm.low) / (beside_wild.high - beside_wild.low)
    assert 0.70 < ratio < 0.80  # one of the two spreads is nearly gone: about 1/√2


@pytest.mark.parametrize(
    ("takings", "people"), [([5.0], 10), ([], 10), ([5.0, 6.0], 1), ([5.0, 0.0], 10)]
)
def test_too_little_revenue_is_refused(takings: list[float], people: int) -> None:
    with pytest.raises(ValueError, match="orders"):
        revenue_apart([5.0, 6.0], 10, takings, people)
    with pytest.raises(ValueError, match="orders"):
        revenue_apart(takings, people, [5.0, 6.0], 10)
