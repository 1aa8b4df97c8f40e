"""What a programme added: the treated beside the held out, or how many people are missing.

A bare percentage is never given. A figure is the two arms with their denominators, the
difference and its 95 % interval; before there is enough, it is the number still needed.

When a figure is shown is decided by both arms together, not by how few or many the held out
ordered: else it would be shown most where they ordered much by chance, and be wrong there.
The interval is for one look. Who looks daily until it leaves zero will see it leave sometime.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from statistics import NormalDist

from recovery.intervals import newcombe, revenue_apart, two_sided

#: Orders to be expected in the smaller arm, at the rate of both, before a figure is shown.
ORDERS_FIRST = 12
POWER = 0.80
WORTH = 0.01  # one point: a lift that pays for the messages in most shops
ASSUMED_RATE = 0.05  # until somebody has ordered
_STEP = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Arm:
    """People of one arm, and what each of those who ordered left, refunds taken off.

    `people` are all for whom a reminder was or would have been planned, a person once.
    `takings` are above 0 and of one currency: whose orders were all refunded counts as one who
    ordered nothing. `elsewhere` are those who ordered without leaving anything in it: in another
    currency, or for nothing. They count as people who ordered, and are in no sum.
    """

    people: int
    takings: tuple[Decimal, ...]
    elsewhere: int = 0

    def __post_init__(self) -> None:
        if self.people < self.orders or self.elsewhere < 0:
            raise ValueError("no more who ordered than people")
        if any(taking <= 0 for taking in self.takings):
            raise ValueError("takings are above 0")

    @property
    def orders(self) -> int:
        """People who ordered."""
        return len(self.takings) + self.elsewhere


@dataclass(frozen=True, slots=True)
class Side:
    """`sum` over `people` is `per_person`; for conversion the sum is who ordered."""

    people: int
    sum: Decimal
    per_person: Decimal


@dataclass(frozen=True, slots=True)
class Figure:
    """The treated less the held out, per person, and where it lies in 95 of 100 cases.

    For conversion a share (0.02: two points), for revenue an amount in the arms' currency.
    """

    treated: Side
    held_out: Side
    difference: Decimal
    low: Decimal
    high: Decimal

    @property
    def is_told_apart(self) -> bool:
        """Whether zero is outside of the interval."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class NotEnough:
    """Not enough people yet: about `needed` more, over both arms as they are split now."""

    treated_people: int
    held_out_people: int
    needed: int | None  # None: nobody is held out, so no number is enough


@dataclass(frozen=True, slots=True)
class Added:
    """Both figures; and beside them how many people a lift that is worth it would take.

    `to_tell` is how many people more, over both arms, find a lift of `worth` in 80 of 100
    cases; 0: there are enough. None where nobody is held out.
    """

    conversion: Figure | NotEnough
    revenue: Figure | NotEnough
    worth: float
    to_tell: int | None


def added(treated: Arm, held_out: Arm, share: float = 0.10, worth: float = WORTH) -> Added:
    """What the treated did more than the held out, per person.

    `share` is the programme's holdout, used while an arm is empty; `worth` the lift of
    conversion (0.01: one point) that the merchant wants to be able to see. Both arms must be
    of a time in which the share was the same: else what differs between the months would
    look like a lift.
    """
    people = treated.people + held_out.people
    smaller = min(treated.people, held_out.people) / people if people else 0.0
    smaller = smaller or min(share, 1 - share)
    if smaller <= 0:
        nothing = NotEnough(treated.people, held_out.people, None)
        return Added(nothing, nothing, worth, None)
    rate = _rate(treated, held_out)
    there = people if treated.people and held_out.people else 0  # else all in one arm
    missing = math.ceil(round(ORDERS_FIRST / (rate * smaller), 6)) - there
    few = max(0, 2 - min(len(treated.takings), len(held_out.takings)))
    more = max(missing, math.ceil(few / (rate * smaller)))
    conversion: _Asked = _conversion if missing <= 0 else _not_enough(missing)
    revenue: _Asked = _revenue if more <= 0 else _not_enough(more)
    ratio = (1 - smaller) / smaller
    enough = math.ceil(held_out_needed(rate, worth, ratio) / smaller)
    to_tell = max(0, enough - there, more)
    return Added(conversion(treated, held_out), revenue(treated, held_out), worth, to_tell)


_Asked = Callable[[Arm, Arm], Figure | NotEnough]


def _not_enough(needed: int) -> Callable[[Arm, Arm], NotEnough]:
    return lambda treated, held_out: NotEnough(treated.people, held_out.people, needed)


def held_out_needed(rate: float, lift: float, ratio: float, power: float = POWER) -> int:
    """How many held out find a lift (0.01: a point) over `rate` with so much power, at 95 %.

    `ratio` is treated to held out: 9 for a holdout of 10 %. Without continuity correction:
    Fleiss, Levin and Paik 2003, Statistical Methods for Rates and Proportions, section 4.3.
    A lift beyond 1 is cut. Raises ValueError for a lift not above 0.
    """
    if lift <= 0 or ratio <= 0:
        raise ValueError("lift and ratio are above 0")
    lifted = min(1.0, rate + lift)
    both = (rate + ratio * lifted) / (1 + ratio)
    by_chance = two_sided() * math.sqrt((1 + 1 / ratio) * both * (1 - both))
    in_truth = math.sqrt(rate * (1 - rate) + lifted * (1 - lifted) / ratio)
    reach = by_chance + NormalDist().inv_cdf(power) * in_truth
    return math.ceil((reach / (lifted - rate)) ** 2) if lifted > rate else 0


def _rate(treated: Arm, held_out: Arm) -> float:
    """The share of both arms that ordered; while nobody has, less than one of them."""
    people, orders = treated.people + held_out.people, treated.orders + held_out.orders
    return orders / people if orders else min(ASSUMED_RATE, 1 / max(1, people))


def _conversion(treated: Arm, held_out: Arm) -> Figure:
    seen = newcombe(treated.orders, treated.people, held_out.orders, held_out.people)
    sides = (Decimal(treated.orders), Decimal(held_out.orders))
    return _figure(treated, held_out, sides, seen.low, seen.high)


def _revenue(treated: Arm, held_out: Arm) -> Figure:
    one, other = list(map(float, treated.takings)), list(map(float, held_out.takings))
    seen = revenue_apart(one, treated.people, other, held_out.people)
    sides = (sum(treated.takings, Decimal(0)), sum(held_out.takings, Decimal(0)))
    return _figure(treated, held_out, sides, seen.low, seen.high)


def _figure(
    treated: Arm, held_out: Arm, sums: tuple[Decimal, Decimal], low: float, high: float
) -> Figure:
    one, other = sums[0] / treated.people, sums[1] / held_out.people
    return Figure(
        Side(treated.people, sums[0], one.quantize(_STEP)),
        Side(held_out.people, sums[1], other.quantize(_STEP)),
        (one - other).quantize(_STEP),
        Decimal(low).quantize(_STEP),
        Decimal(high).quantize(_STEP),
    )
