"""What a shop can do about a reason for which carts are left: one thing for each, upstream.

A remedy is a suggestion. What it would change nobody knows before it is tried: mark the day,
and compare (`recovery.marks`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from recovery.leaving import NOT_UNDERSTOOD
from recovery.leaving_sums import Reason
from recovery.survey_words import Left

#: Carts below which no threshold is suggested.
FEWEST = 8
#: Thresholds are round: to the step of the largest border that is reached.
_STEPS = ((1_000, 100), (200, 50), (100, 10), (20, 5), (0, 1))


class Remedy(StrEnum):
    """What to do upstream."""

    FREE_FROM = "free_from"  # free shipping from an amount on
    TELL_SHIPPING = "tell_shipping"  # its cost before the checkout
    GUESTS = "guests"  # ordering without an account
    DECIDE = "decide"  # sizes, returns, opinions of others
    SHORTER = "shorter"  # fewer fields, quick means of payment
    ASK = "ask"  # read what was written
    READ = "read"


@dataclass(frozen=True, slots=True)
class Threshold:
    """Free shipping from `amount` on: `reach` of the `carts` were worth as much."""

    amount: int
    reach: int
    carts: int


_REMEDIES: dict[str, tuple[Remedy, ...]] = {
    Left.SHIPPING: (Remedy.FREE_FROM, Remedy.TELL_SHIPPING),
    Left.ACCOUNT: (Remedy.GUESTS,),
    Left.DECIDING: (Remedy.DECIDE,),
    Left.NO_TIME: (Remedy.SHORTER,),
    Left.OTHER: (Remedy.ASK,),
    NOT_UNDERSTOOD: (Remedy.READ,),
}


def of(reason: str, told: Reason, currency: str) -> tuple[tuple[Remedy, Threshold | None], ...]:
    """What to do about a reason; with a threshold where the amounts of its carts suggest one."""
    found: list[tuple[Remedy, Threshold | None]] = []
    for remedy in _REMEDIES.get(reason, (Remedy.READ,)):
        if remedy is not Remedy.FREE_FROM:
            found.append((remedy, None))
        elif (limit := threshold(told.totals.get(currency, {}))) is not None:
            found.append((remedy, limit))
    return tuple(found)


def threshold(totals: Mapping[int, int]) -> Threshold | None:
    """The round amount that about half of these carts reach; None of too few.

    `totals` are how many carts were worth so many whole units of one currency.
    """
    carts = sum(totals.values())
    if carts < FEWEST:
        return None
    amount = _rounded(_median(totals, carts))
    reach = sum(many for worth, many in totals.items() if worth >= amount)
    return Threshold(amount, reach, carts)


def _median(totals: Mapping[int, int], carts: int) -> int:
    passed = 0
    for worth in sorted(totals):
        passed += totals[worth]
        if passed * 2 >= carts:
            return worth
    raise ValueError("no carts")


def _rounded(amount: int) -> int:
    step = next(step for border, step in _STEPS if amount >= border)
    return max(1, amount // step * step)
