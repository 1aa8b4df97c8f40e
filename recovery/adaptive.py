"""How to split people over variants while it is being learned which does better.

Thompson's rule: a variant's share is the chance that it is the best, as far as is known
(Thompson 1933, Biometrika 25:285–294). What is known of a variant's rate is a Beta
distribution: one reward and one miss to begin with (uniform), and one more for each person
whose time is up. Two things the rule lacks are added:

- The control is outside of it and keeps its share, as the held out do: else what is compared
  would drift with what is learned.
- No variant falls under a tenth of all the treated: early luck does not end a comparison.

Rewards must be *matured*: only people whose attribution window is over, with and without an
order, in every variant alike. Fresh people would count as misses, and against the variant
that is growing.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

REMINDERS_FIRST = 5_000
FLOOR = 10  # of 100 treated people, for each variant
DRAWS = 10_000


@dataclass(frozen=True, slots=True)
class Matured:
    """People of one variant whose window is over: how many, and how many of them ordered."""

    people: int
    rewarded: int

    def __post_init__(self) -> None:
        if not 0 <= self.rewarded <= self.people:
            raise ValueError("no more rewards than people")


def split(
    known: Mapping[str, Matured],
    weights: Mapping[str, int],
    reminders: int,
    seed: int,
) -> dict[str, int]:
    """The weights (of 100 treated) by which new people are drawn over the variants.

    `weights` are those the merchant set; what they leave over is the control's, before and
    after. `reminders` is how many the programme has sent: below 5,000, the weights stay.
    They also stay where there is nothing to choose: fewer than two variants, or no room for
    10 each. `known` may lack a variant (nothing matured yet). `seed` makes it repeatable;
    take the day's number, so that the split moves once a day at most. Raises ValueError for
    weights below 0 or beyond 100.
    """
    names = sorted(weights)
    room = sum(weights.values())
    if any(weight < 0 for weight in weights.values()) or room > 100:
        raise ValueError("weights are 0 or more, and 100 together at most")
    if reminders < REMINDERS_FIRST or len(names) < 2 or room < FLOOR * len(names):
        return dict(weights)
    chances = best_chances({name: known.get(name, Matured(0, 0)) for name in names}, seed)
    spare = room - FLOOR * len(names)
    return {name: FLOOR + part for name, part in _whole(chances, spare).items()}


def best_chances(known: Mapping[str, Matured], seed: int, draws: int = DRAWS) -> dict[str, float]:
    """The chance of each to be the best, by so many draws from what is known of their rates.

    Right to about 0.01 at 10,000 draws; the chances add up to 1.
    """
    chance = random.Random(seed)
    names = sorted(known)
    wins = dict.fromkeys(names, 0)
    for _ in range(draws):
        wins[max(names, key=lambda name: _rate(known[name], chance))] += 1
    return {name: wins[name] / draws for name in names}


def _rate(matured: Matured, chance: random.Random) -> float:
    return chance.betavariate(1 + matured.rewarded, 1 + matured.people - matured.rewarded)


def _whole(chances: Mapping[str, float], spare: int) -> dict[str, int]:
    """`spare` dealt out in whole numbers by chance: the largest remainders round up."""
    parts = {name: int(chance * spare) for name, chance in chances.items()}
    left = spare - sum(parts.values())
    rest = sorted(chances, key=lambda name: (parts[name] - chances[name] * spare, name))
    for name in rest[:left]:
        parts[name] += 1
    return parts
