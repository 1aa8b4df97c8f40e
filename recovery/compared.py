"""What a programme added: the people of its arms side by side, with what the figure rests on.

The two arms of a comparison must be of times in which the same share was held out (or got the
variant): a month with other shares and another rate would look like a lift. So where a share
was changed, those drawn under the newest one are compared, and the others counted beside. Where
a programme changes its variants' shares itself, those are weighed: see `recovery.weighed`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from recovery import outcomes
from recovery.added import Added, Arm, added
from recovery.arms import CONTROL, HELD_OUT, SLOTS
from recovery.model import ZERO
from recovery.outcomes import HORIZON, Outcome, Outcomes
from recovery.splits import DrawnBy
from recovery.weighed import added_over

_Sides = tuple[list[Outcome], list[Outcome]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One arm beside another, and the rows it was counted from.

    `added.conversion.treated` is `of`, `.held_out` is `against`. `share` is what part of the
    people of both is drawn into `against`; `of_other_shares` people were drawn by another one
    and are left out. `people` are the ids of `arms`, `orders` those of `orders`, by side.
    """

    of: str
    against: str
    added: Added
    share: float
    of_other_shares: int
    people: tuple[tuple[int, ...], tuple[int, ...]]
    orders: tuple[tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Report:
    """What a programme added, and each variant over the control; None: nobody was drawn.

    Who is left out, and what is in no sum, is counted beside: see `outcomes.Outcomes`.
    """

    programme: str
    currency: str
    horizon: timedelta
    since: datetime
    until: datetime
    added: Comparison | None
    variants: Mapping[str, Comparison]
    immature: int
    in_conflict: int
    other_currencies: Mapping[str, int]


TREATED = "treated"  # the control and all variants together


def added_by(
    db: Connection,
    shop_id: int,
    programme: str,
    since: datetime,
    until: datetime,
    now: datetime,
    horizon: timedelta = HORIZON,
) -> Report:
    """What a programme changed for those first planned for from `since` to before `until`.

    Conversion and revenue per person within `horizon`, treated against held out, and each
    variant against the control. Raises LookupError for a shop that is not known.
    """
    seen = outcomes.of_people(db, shop_id, programme, since, until, now, horizon)
    drawn = DrawnBy(db, seen.people)
    whole = _treated(seen, drawn) if seen.people else None
    others = (seen.immature, seen.in_conflict, seen.other_currencies)
    variants = _variants(seen, drawn)
    return Report(programme, seen.currency, horizon, since, until, whole, variants, *others)


def _treated(seen: Outcomes, drawn: DrawnBy) -> Comparison:
    def share_of(person: Outcome) -> float:
        form = drawn.form(person)
        return form.holdout if form else 0.0

    share, people = _of_newest(seen.people, HELD_OUT, share_of)
    sides = (
        [each for each in people if not each.is_held_out],
        [each for each in people if each.is_held_out],
    )
    told = added(_arm(sides[0]), _arm(sides[1]), share)
    return _compared(TREATED, HELD_OUT, sides, share, len(seen.people) - len(people), told)


def _variants(seen: Outcomes, drawn: DrawnBy) -> dict[str, Comparison]:
    """Each variant against the control, which is what the variants leave over."""
    names = {each.arm for each in seen.people} - {HELD_OUT, CONTROL}
    return {name: _variant(name, seen, drawn) for name in sorted(names)}


def _variant(name: str, seen: Outcomes, drawn: DrawnBy) -> Comparison:
    def weights_of(person: Outcome) -> tuple[int, int]:
        weights = dict(drawn.weights(person))
        return weights.get(name, 0), SLOTS - sum(weights.values())

    def split_of(person: Outcome) -> tuple[int | None, int]:
        """The shares that tell people apart: the variant's own moves by itself if adaptive."""
        form, (weight, left) = drawn.form(person), weights_of(person)
        return None if form and form.adaptive else weight, left

    both = [each for each in seen.people if each.arm in (name, CONTROL)]
    _, people = _of_newest(both, name, split_of)
    (weight, left), _ = _of_newest(people, name, weights_of)
    stretches = _stretches(people, name, weights_of)
    sides = (
        [each for mine, _ in stretches for each in mine],
        [each for _, theirs in stretches for each in theirs],
    )
    share = left / (left + weight) if left + weight else 0.0
    told = added_over([(_arm(mine), _arm(theirs)) for mine, theirs in stretches], share)
    others = len(both) - len(sides[0]) - len(sides[1])
    return _compared(name, CONTROL, sides, share, others, told)


def _stretches(
    people: Iterable[Outcome], arm: str, split_of: Callable[[Outcome], Any]
) -> list[_Sides]:
    """People of `arm` and of the control, by the shares that they were drawn by.

    Where nobody stands on one side there is nothing to compare; all such but the newest go.
    """
    rows = list(people)
    found: dict[Any, _Sides] = {}
    for each in rows:
        found.setdefault(split_of(each), ([], []))[each.arm != arm].append(each)
    both = [found[split] for split in sorted(found) if all(found[split])]
    return both or [found[_of_newest(rows, arm, split_of)[0]]]


def _of_newest(
    people: Iterable[Outcome], arm: str, split_of: Callable[[Outcome], Any]
) -> tuple[Any, list[Outcome]]:
    """The split by which the newest person of that arm was drawn, and all drawn by the same."""
    rows = list(people)
    newest = split_of(max(rows, key=lambda each: (each.arm == arm, each.at, each.person)))
    return newest, [each for each in rows if split_of(each) == newest]


def _compared(
    of: str,
    against: str,
    sides: _Sides,
    share: float,
    others: int,
    told: Added,
) -> Comparison:
    return Comparison(
        of,
        against,
        told,
        share,
        others,
        (_people(sides[0]), _people(sides[1])),
        (_orders(sides[0]), _orders(sides[1])),
    )


def _arm(side: list[Outcome]) -> Arm:
    takings = tuple(each.net for each in side if each.net > ZERO)
    return Arm(len(side), takings, sum(1 for each in side if each.orders) - len(takings))


def _people(side: list[Outcome]) -> tuple[int, ...]:
    return tuple(each.person for each in side)


def _orders(side: list[Outcome]) -> tuple[int, ...]:
    return tuple(id_ for each in side for id_ in each.orders)
