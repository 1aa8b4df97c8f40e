"""What a programme added: the people of its arms side by side, with what the figure rests on.

The two arms of a comparison must be of times in which the same share was held out (or got the
variant): a month with other shares and another rate would look like a lift. So where a share
was changed, those drawn under the newest one are compared, and the others counted beside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from recovery import outcomes, programmes
from recovery.added import Added, Arm, added
from recovery.arms import CONTROL, HELD_OUT, SLOTS
from recovery.model import ZERO
from recovery.outcomes import HORIZON, Outcome, Outcomes
from recovery.programme_form import Programme


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
    versions = {each.version_id for each in seen.people if each.version_id is not None}
    forms = programmes.of_versions(db, versions) if versions else {}
    whole = _treated(seen, forms) if seen.people else None
    others = (seen.immature, seen.in_conflict, seen.other_currencies)
    variants = _variants(seen, forms)
    return Report(programme, seen.currency, horizon, since, until, whole, variants, *others)


def _treated(seen: Outcomes, forms: Mapping[int, Programme]) -> Comparison:
    def share_of(person: Outcome) -> float:
        form = forms.get(person.version_id or 0)
        return form.holdout if form else 0.0

    share, people = _of_newest(seen.people, HELD_OUT, share_of)
    sides = (
        [each for each in people if not each.is_held_out],
        [each for each in people if each.is_held_out],
    )
    return _compared(TREATED, HELD_OUT, sides, share, len(seen.people) - len(people))


def _variants(seen: Outcomes, forms: Mapping[int, Programme]) -> dict[str, Comparison]:
    """Each variant against the control, which is what the variants leave over."""
    names = {each.arm for each in seen.people} - {HELD_OUT, CONTROL}
    return {name: _variant(name, seen, forms) for name in sorted(names)}


def _variant(name: str, seen: Outcomes, forms: Mapping[int, Programme]) -> Comparison:
    def weights_of(person: Outcome) -> tuple[int, int]:
        form = forms.get(person.version_id or 0)
        weights = {each.name: each.weight for each in form.variants} if form else {}
        return weights.get(name, 0), SLOTS - sum(weights.values())

    both = [each for each in seen.people if each.arm in (name, CONTROL)]
    (weight, left), people = _of_newest(both, name, weights_of)
    sides = (
        [each for each in people if each.arm == name],
        [each for each in people if each.arm == CONTROL],
    )
    share = left / (left + weight) if left + weight else 0.0
    return _compared(name, CONTROL, sides, share, len(both) - len(people))


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
    sides: tuple[list[Outcome], list[Outcome]],
    share: float,
    others: int,
) -> Comparison:
    one, other = (_arm(side) for side in sides)
    return Comparison(
        of,
        against,
        added(one, other, share),
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
