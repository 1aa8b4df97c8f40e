"""Intervals that hold the truth as often as they say: for a rate, and for two arms apart.

Everything here is counts and floats; money becomes a float only here, for an estimate with an
error far wider than a float's, and no amount that is paid or shown as paid comes of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

LEVEL = 0.95
#: How many orders the common spread of baskets counts for, beside an arm's own.
BORROWED = 200


@dataclass(frozen=True, slots=True)
class Interval:
    """From `low` to `high`, both included."""

    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


def two_sided(level: float = LEVEL) -> float:
    """How many standard errors a two-sided interval of that level reaches: 1.96 for 0.95."""
    return NormalDist().inv_cdf((1 + level) / 2)


def wilson(hits: int, people: int, level: float = LEVEL) -> Interval:
    """The score interval of a rate, without continuity correction.

    Wilson 1927, JASA 22:209–212; method 3 of Newcombe 1998, Stat Med 17:857–872. Raises
    ValueError unless 0 ≤ `hits` ≤ `people` and somebody is there.
    """
    if not 0 <= hits <= people or people < 1:
        raise ValueError("hits must be 0 to people, and people at least 1")
    return _score(hits / people, people, level)


def _score(rate: float, people: float, level: float) -> Interval:
    z = two_sided(level)
    square = z * z / people
    middle = (rate + square / 2) / (1 + square)
    reach = math.sqrt(rate * (1 - rate) * square + square * square / 4) / (1 + square)
    low = 0.0 if rate <= 0 else middle - reach  # rounding leaves a speck beside the border
    return Interval(low, 1.0 if rate >= 1 else middle + reach)


def newcombe(
    hits: int, people: int, other_hits: int, other_people: int, level: float = LEVEL
) -> Interval:
    """The hybrid score interval of the first rate less the second.

    Method 10 of Newcombe 1998, Stat Med 17:873–890. Raises as `wilson`.
    """
    one = wilson(hits, people, level)
    other = wilson(other_hits, other_people, level)
    return _apart(hits / people, one, other_hits / other_people, other)


def standardised_apart(
    rate: float, worth: float, other_hits: int, other_people: int, level: float = LEVEL
) -> Interval:
    """As `newcombe`, where the first rate is put together of several, and worth so many people.

    The effective number is Kish's (1965, Survey Sampling); it takes the place of the people in
    the interval as in Korn and Graubard 1998, Surv Methodol 24:193–201. Raises ValueError
    unless 0 ≤ `rate` ≤ 1 and `worth` is above 0, and as `wilson` for the other.
    """
    if not (0 <= rate <= 1 + 1e-9 and worth > 0):
        raise ValueError("a rate is 0 to 1, and worth more than nobody")
    one = _score(min(1.0, rate), worth, level)
    other = wilson(other_hits, other_people, level)
    return _apart(rate, one, other_hits / other_people, other)


def revenue_apart(
    takings: Sequence[float],
    people: int,
    other_takings: Sequence[float],
    other_people: int,
    level: float = LEVEL,
) -> Interval:
    """The interval of revenue per person of the first arm less the second, for heavy tails.

    `takings` are what each person who ordered left, above 0; who ordered nothing only counts
    in `people`. Raises ValueError for fewer than two orders in an arm, for more orders than
    people, and for takings not above 0.

    Each arm's interval is made on the scale of logarithms, where it is nearly even, by the
    delta method: with k orders, rate p and squared variation c of the baskets, the variance
    of log(revenue per person) is (1 − p + c) / k. The two are combined as Newcombe's rates
    are (Zou and Donner 2008, Stat Med 27:1693–1702). The variation c of an arm is its own,
    drawn to that of both arms together as if by `BORROWED` orders more: a small arm often has
    not yet seen the large baskets that its variation is made of. The variation is free of
    scale, so an arm of smaller baskets loses nothing by it; and with many orders, each arm
    stands on its own. The estimate itself borrows nothing.
    """
    for some, all_of_them in ((takings, people), (other_takings, other_people)):
        if not 2 <= len(some) <= all_of_them or min(some) <= 0:
            raise ValueError("two orders above 0 or more, and no more orders than people")
    squares, other_squares = _squares(takings), _squares(other_takings)
    common = (squares + other_squares) / (len(takings) + len(other_takings) - 2)
    mean, other_mean = math.fsum(takings) / people, math.fsum(other_takings) / other_people
    one = _on_logs(mean, len(takings), people, _variation(squares, len(takings), common), level)
    spread = _variation(other_squares, len(other_takings), common)
    other = _on_logs(other_mean, len(other_takings), other_people, spread, level)
    return _apart(mean, one, other_mean, other)


def _squares(takings: Sequence[float]) -> float:
    """The sum of squared distances from the mean, in units of the mean."""
    mean = math.fsum(takings) / len(takings)
    return math.fsum((taking / mean - 1) ** 2 for taking in takings)


def _variation(squares: float, orders: int, common: float) -> float:
    return (squares + BORROWED * common) / (orders - 1 + BORROWED)


def _on_logs(mean: float, orders: int, people: int, variation: float, level: float) -> Interval:
    reach = two_sided(level) * math.sqrt((1 - orders / people + variation) / orders)
    return Interval(mean * math.exp(-reach), mean * math.exp(reach))


def _apart(one: float, its: Interval, other: float, others: Interval) -> Interval:
    """The difference of two estimates, by the nearer border of each: squares added."""
    down = math.hypot(one - its.low, others.high - other)
    up = math.hypot(its.high - one, other - others.low)
    return Interval(one - other - down, one - other + up)
