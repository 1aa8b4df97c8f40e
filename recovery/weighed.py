"""A variant beside the control where its share changed on the way, and the control's did not.

Put together as they are, people of a share that grew are mostly of late weeks, and the control
of all weeks alike: a good season would look like a good variant. So the two are compared within
people drawn by the same shares, and each such stretch counts by its people in the control,
whose share is constant. Only the variant is weighed by it: the control stands as it is. A share
is fixed by what was known before its stretch, so within one nothing leans on what is measured
there, and the weights do not depend on it either.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from recovery.added import Added, Arm, Figure, added
from recovery.intervals import Interval, revenue_apart, standardised_apart

Stretch = tuple[Arm, Arm]  # the variant, and the control beside it
_STEP = Decimal("0.0001")


def added_over(stretches: Sequence[Stretch], share: float) -> Added:
    """What the variant did more than the control, over stretches in which neither is empty.

    `share` is that of the control among both, used while an arm is empty. The sums and people
    of each side are those who are there, `per_person` of the variant is the weighed one. With
    one stretch, the same as `added`.
    """
    one, other = _all(arm for arm, _ in stretches), _all(arm for _, arm in stretches)
    plain = added(one, other, share)
    if len(stretches) < 2:
        return plain
    weights = [against.people / other.people for _, against in stretches]
    conversion, revenue = plain.conversion, plain.revenue
    if isinstance(conversion, Figure):
        conversion = _conversion(conversion, stretches, weights, other)
    if isinstance(revenue, Figure):
        revenue = _revenue(revenue, stretches, weights, other)
    return replace(plain, conversion=conversion, revenue=revenue)


def _all(arms: Iterable[Arm]) -> Arm:
    rows = list(arms)
    takings = tuple(taking for each in rows for taking in each.takings)
    return Arm(sum(each.people for each in rows), takings)


def _conversion(
    plain: Figure, stretches: Sequence[Stretch], weights: Sequence[float], other: Arm
) -> Figure:
    """The rate is worth as many people as would tell it as exactly: 1 / Σ (weight² / people)."""
    arms = [arm for arm, _ in stretches]
    each = list(zip(weights, arms, strict=True))
    rate = math.fsum(weight * arm.orders / arm.people for weight, arm in each)
    worth = 1 / math.fsum(weight**2 / arm.people for weight, arm in each)
    seen = standardised_apart(rate, worth, other.orders, other.people)
    return _weighed(plain, Decimal(rate), seen)


def _revenue(
    plain: Figure, stretches: Sequence[Stretch], weights: Sequence[float], other: Arm
) -> Figure:
    """Each taking is worth what its person is: the weights spread the baskets further."""
    people = sum(arm.people for arm, _ in stretches)
    takings = [
        float(taking) * weight * people / arm.people
        for weight, (arm, _) in zip(weights, stretches, strict=True)
        for taking in arm.takings
    ]
    seen = revenue_apart(takings, people, list(map(float, other.takings)), other.people)
    return _weighed(plain, Decimal(math.fsum(takings) / people), seen)


def _weighed(plain: Figure, per_person: Decimal, seen: Interval) -> Figure:
    mean = per_person.quantize(_STEP)
    return replace(
        plain,
        treated=replace(plain.treated, per_person=mean),
        difference=mean - plain.held_out.per_person,
        low=Decimal(seen.low).quantize(_STEP),
        high=Decimal(seen.high).quantize(_STEP),
    )
