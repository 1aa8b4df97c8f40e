"""Spans of time that figures are told of: whole days of the shop's own zone.

A period's key is "last-30" (the last thirty days, today among them), "2026-11" (a month), or
"2026-11-01.2026-11-20" (days of one's own, both among them).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

LAST = (7, 30, 90)
USUAL = "last-30"
LONGEST = 1_100  # days
_LAST = re.compile(r"last-([1-9][0-9]{0,2})\Z")
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})\Z")
_DAY = timedelta(days=1)


class NoPeriod(ValueError):
    """What was asked for is no span of time."""


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `first` to `last`, both among them."""

    key: str
    first: date
    last: date

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1

    def since(self, zone: tzinfo) -> datetime:
        """When it begins."""
        return datetime.combine(self.first, time(), zone)

    def until(self, zone: tzinfo) -> datetime:
        """When it is over: the first moment after it."""
        return datetime.combine(self.last + _DAY, time(), zone)

    def moves(self) -> bool:
        """Whether the same key is other days tomorrow."""
        return self.key.startswith("last-")


def read(key: str, today: date) -> Period:
    """The period of a key. Raises `NoPeriod`."""
    if found := _LAST.match(key):
        days = int(found[1])
        return _checked(Period(key, today - timedelta(days=days - 1), today))
    if found := _MONTH.match(key):
        return _checked(_month(key, int(found[1]), int(found[2])))
    first, _, last = key.partition(".")
    return own(first, last)


def own(first: str, last: str) -> Period:
    """Days of one's own, each as "2026-11-20". Raises `NoPeriod`."""
    try:
        period = Period(f"{first}.{last}", date.fromisoformat(first), date.fromisoformat(last))
    except ValueError as error:
        raise NoPeriod("no such days") from error
    return _checked(Period(f"{period.first}.{period.last}", period.first, period.last))


def _month(key: str, year: int, month: int) -> Period:
    try:
        first = date(year, month, 1)
        after = date(year + month // 12, month % 12 + 1, 1)
    except ValueError as error:
        raise NoPeriod("no such month") from error
    return Period(key, first, after - _DAY)


def _checked(period: Period) -> Period:
    if not 1 <= period.days <= LONGEST or not 2000 <= period.first.year <= period.last.year < 2200:
        raise NoPeriod("no such span of time")
    return period
