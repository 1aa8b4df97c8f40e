"""What each programme added in a span of time, as it is told: figures without the rows behind."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec
from sqlalchemy import Connection, select

from recovery import tables
from recovery.added import Figure, NotEnough
from recovery.compared import Comparison, Report, added_by

_ARMS = tables.arms


class Apart(msgspec.Struct):
    """The treated beside the held out: people, sums, the difference per person, its interval.

    Where `shown` is False there are not enough people yet: about `needed` more; None: nobody
    is held out, so that no number is enough.
    """

    shown: bool
    people: tuple[int, int]
    sums: tuple[Decimal, Decimal] = (Decimal(0), Decimal(0))
    each: tuple[Decimal, Decimal] = (Decimal(0), Decimal(0))
    difference: Decimal = Decimal(0)
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(0)
    needed: int | None = None

    @property
    def is_told_apart(self) -> bool:
        """Whether zero is outside of the interval."""
        return self.shown and (self.low > 0 or self.high < 0)

    def whole(self) -> tuple[Decimal, Decimal, Decimal]:
        """Difference, low and high of all the treated together."""
        many = self.people[0]
        return self.difference * many, self.low * many, self.high * many


class Beside(msgspec.Struct):
    """One arm beside another; `share` is what part of both is drawn into the second."""

    conversion: Apart
    revenue: Apart
    share: float
    of_other_shares: int


class AddedBy(msgspec.Struct):
    """What a programme added; see `compared.Report`."""

    programme: str
    currency: str
    days: int  # for which a person's orders count
    whole: Beside | None
    variants: dict[str, Beside]
    immature: int
    in_conflict: int
    other_currencies: dict[str, int]


def of_shop(
    db: Connection, shop_id: int, since: datetime, until: datetime, now: datetime
) -> list[AddedBy]:
    """Of each programme that drew somebody then, by name."""
    here = (_ARMS.c.shop_id == shop_id, _ARMS.c.at >= since, _ARMS.c.at < until)
    names = db.scalars(select(_ARMS.c.programme).where(*here).distinct()).all()
    return [_told(added_by(db, shop_id, each, since, until, now)) for each in sorted(names)]


def _told(report: Report) -> AddedBy:
    return AddedBy(
        report.programme,
        report.currency,
        report.horizon.days,
        _beside(report.added) if report.added else None,
        {name: _beside(each) for name, each in report.variants.items()},
        report.immature,
        report.in_conflict,
        dict(report.other_currencies),
    )


def _beside(found: Comparison) -> Beside:
    told = found.added
    return Beside(_apart(told.conversion), _apart(told.revenue), found.share, found.of_other_shares)


def _apart(found: Figure | NotEnough) -> Apart:
    if isinstance(found, NotEnough):
        people = (found.treated_people, found.held_out_people)
        return Apart(False, people, needed=found.needed)
    one, other = found.treated, found.held_out
    return Apart(
        True,
        (one.people, other.people),
        (one.sum, other.sum),
        (one.per_person, other.per_person),
        found.difference,
        found.low,
        found.high,
    )
