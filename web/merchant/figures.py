"""Which time a page of figures is about, and the figures of it: counted at once, or prepared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from flask import request
from flask_babel import format_date
from flask_babel import gettext as _
from sqlalchemy import Connection

from recovery import counting, periods, prepared
from recovery.periods import NoPeriod, Period
from web.merchant.visitor import visitor
from web.tools import tools

OWN = "own"
#: After so long somebody should look whether clock and worker run.
_LONG = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Asked:
    """The time that was asked for; `errors` say what was wrong with it, by field."""

    period: Period
    today: date
    chosen: str
    first: str
    last: str
    errors: Mapping[str, str]

    @property
    def words(self) -> str:
        """From when to when."""
        first, last = format_date(self.period.first, "long"), format_date(self.period.last, "long")
        return str(_("%(first)s to %(last)s", first=first, last=last))

    def choices(self) -> list[tuple[str, str]]:
        """What can be chosen, and its words."""
        before = self.today.replace(day=1) - timedelta(days=1)
        return [
            ("last-7", _("last 7 days")),
            ("last-30", _("last 30 days")),
            ("last-90", _("last 90 days")),
            (f"{self.today:%Y-%m}", format_date(self.today, "MMMM y")),
            (f"{before:%Y-%m}", format_date(before, "MMMM y")),
            (OWN, _("days of my own")),
        ]


@dataclass(frozen=True, slots=True)
class Found:
    """Figures, or None while they are counted for the first time. `slow`: for long already."""

    figures: Any
    as_of: datetime | None
    renewing: bool
    slow: bool


def asked() -> Asked:
    """The time that this request is about; the usual one where none, or a wrong one, is given."""
    with tools().database.reading() as db:
        zone = counting.zone_of(db, visitor().shop.id)
    today = tools().now().astimezone(zone).date()
    given = request.args
    chosen, first, last = (given.get(name, "") for name in ("period", "first", "last"))
    usual = periods.read(periods.USUAL, today)
    try:
        if chosen == OWN:
            period = periods.own(first, last)
        else:
            period = periods.read(chosen or periods.USUAL, today)
    except NoPeriod:
        wrong = _("Choose a first and a last day, at most three years apart.")
        return Asked(usual, today, chosen or OWN, first, last, {"first": wrong})
    if "." in period.key:
        chosen = OWN
    first, last = first or f"{period.first}", last or f"{period.last}"
    return Asked(period, today, chosen or period.key, first, last, {})


def of_period(what: str, period: Period) -> Found:
    """The figures of one kind: few rows are counted at once, else the last count is shown."""
    shop_id, now, database = visitor().shop.id, tools().now(), tools().database
    with database.reading() as db:
        if counting.are_few(db, shop_id, what, period):
            return Found(counting.at_once(db, shop_id, what, period, now), now, False, False)
        row = prepared.of_shop(db, shop_id, what, period.key)
    if row is None or row.is_to_be_asked(now):
        row = database.run(lambda db: _ask(db, shop_id, what, period.key, now))
    told = _read(what, row.figures)
    if told is None and row.figures is not None:  # another release's
        again = row.id
        database.run(lambda db: prepared.count_again(db, again, now))
        return Found(None, None, True, False)
    slow = row.due_at is not None and row.due_at < now - _LONG
    return Found(told, row.as_of, row.is_due(now), slow)


def _ask(db: Connection, shop_id: int, what: str, key: str, now: datetime) -> prepared.Prepared:
    return prepared.ask(db, shop_id, what, key, now)


def _read(what: str, figures: str | None) -> Any:
    if figures is None:
        return None
    try:
        return counting.read(what, figures)
    except msgspec.DecodeError:
        return None
