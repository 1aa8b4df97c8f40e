"""When a marketing text may leave: one row per country, each with its source.

Hours are the recipient's local wall clock; a text may leave from `opens` up to,
but not at, `closes`. Where a law allows more than a careful sender would use,
the row is the careful one and says so. To add a country, add a row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from functools import lru_cache

import holidays

from recovery.region_zones import STATES

SUNDAY = 6
Window = tuple[time, time]


@dataclass(frozen=True, slots=True)
class HoursRule:
    """The hours of one place.

    `sundays` None: none on Sundays. `calendars` are the (country, subdivision)
    whose public holidays are days of rest. `texts_per_cart`, where set, is how
    many texts one cart may cause, all of them within `cart_texts_within` of its
    abandonment. `source` says where the row comes from.
    """

    source: str
    opens: time = time(8)
    closes: time = time(21)
    sundays: Window | None = (time(8), time(21))
    calendars: tuple[tuple[str, str | None], ...] = ()
    texts_per_cart: int | None = None
    cart_texts_within: timedelta | None = None

    def window(self, day: date) -> Window | None:
        """The hours on a local `day`, or None on a day of rest."""
        if any(day in _public_holidays(*calendar, day.year) for calendar in self.calendars):
            return None
        hours = self.sundays if day.weekday() == SUNDAY else (self.opens, self.closes)
        return hours if hours and hours[0] < hours[1] else None

    def narrowed(self, opens: int | None, closes: int | None, on_sundays: bool) -> HoursRule:
        """The hours of this rule that a shop wishes as well: it may only take some away.

        `opens` and `closes` are hours of the day; None: as the rule says.
        """
        if opens is None and closes is None and on_sundays:
            return self
        return _narrowed(self, opens or 0, closes or 24, on_sundays)


ELSEWHERE = HoursRule("House rule for countries without a row: 8-21 h, every day.")

FRANCE = HoursRule(
    "French operators' code for marketing texts (AF2M): none from 22 to 8 h, on Sundays "
    "and public holidays; 20 h is the careful close used in the trade.",
    closes=time(20),
    sundays=None,
    calendars=(("FR", None),),
)

# Overseas parts of France: its rule, with the holidays of the place as well.
_OVERSEAS = {
    "GP": "971",
    "MQ": "972",
    "GF": "973",
    "RE": "974",
    "YT": "976",
    "BL": "BL",
    "MF": "MF",
    "PM": "PM",
    "NC": "NC",
    "PF": "PF",
    "WF": "WF",
}

UNITED_STATES = HoursRule(
    "47 CFR 64.1200(c)(1): 8-21 h at the called party's location; "
    "one cart text per cart within 48 hours: CTIA and operators' rules for cart reminders.",
    texts_per_cart=1,
    cart_texts_within=timedelta(hours=48),
)


def _state(source: str, opens: int, closes: int, sunday_opens: int | None = None) -> HoursRule:
    sundays = (time(sunday_opens or opens), time(closes))
    return replace(
        UNITED_STATES, source=source, opens=time(opens), closes=time(closes), sundays=sundays
    )


US_STATES = {
    "CT": _state("Connecticut, Gen. Stat. 42-288a (2023): 9-20 h.", 9, 20),
    "FL": _state("Florida, Stat. 501.616(6): 8-20 h.", 8, 20),
    "MD": _state("Maryland, Stop the Spam Calls Act of 2023: 8-20 h.", 8, 20),
    "MS": _state("Mississippi, telephone solicitation law (Code 77-3-701 ff.): 8-20 h.", 8, 20),
    "NJ": _state("New Jersey, telemarketing law as amended in 2023: 8-20 h.", 8, 20),
    "OK": _state("Oklahoma, Telephone Solicitation Act of 2022 (15 O.S. 775C): 8-20 h.", 8, 20),
    "TX": _state(
        "Texas, Bus. & Com. Code 301.051, texts by SB 140 (2025): 9-21 h, Sundays from 12 h.",
        9,
        21,
        sunday_opens=12,
    ),
}


@lru_cache(maxsize=500)
def _narrowed(rule: HoursRule, opens: int, closes: int, on_sundays: bool) -> HoursRule:
    first, last = time(opens), time.max if closes >= 24 else time(closes)
    sundays = rule.sundays if on_sundays else None
    return replace(
        rule,
        opens=max(rule.opens, first),
        closes=min(rule.closes, last),
        sundays=sundays and (max(sundays[0], first), min(sundays[1], last)),
    )


def strictest(rules: Iterable[HoursRule]) -> HoursRule:
    """The hours that every one of `rules` allows, for when we do not know which holds."""
    rows = list(rules)
    sundays = [row.sundays for row in rows]
    return replace(
        rows[0],
        source="The hours common to: " + " ".join(row.source for row in rows),
        opens=max(row.opens for row in rows),
        closes=min(row.closes for row in rows),
        sundays=_common([hours for hours in sundays if hours]) if all(sundays) else None,
        calendars=tuple(dict.fromkeys(name for row in rows for name in row.calendars)),
    )


def _common(windows: list[Window]) -> Window:
    return max(opens for opens, _ in windows), min(closes for _, closes in windows)


UNKNOWN_STATE = strictest([UNITED_STATES, *US_STATES.values()])


@lru_cache(maxsize=1000)
def rule_for(country: str | None, region: str | None = None) -> HoursRule:
    """The row for a country (ISO 3166 alpha-2) and its state or province code.

    In the United States an unknown state gets the hours that all rows have in
    common: 9-20 h, on Sundays 12-20 h. An unknown country gets `ELSEWHERE`.
    """
    place = (country or "").strip().upper()
    part = (region or "").strip().upper().removeprefix(f"{place}-")
    if place == "US":
        known = part in STATES["US"]
        return US_STATES.get(part, UNITED_STATES) if known else UNKNOWN_STATE
    if place == "FR" and part not in _OVERSEAS:
        return _france_with(part) if part in {"57", "67", "68", "6AE"} else FRANCE
    if place in _OVERSEAS or place == "FR":
        return _france_with(_OVERSEAS[part if place == "FR" else place])
    return ELSEWHERE


def _france_with(subdivision: str) -> HoursRule:
    """Alsace (67 and 68 are 6AE now), Moselle and the overseas parts rest on more days."""
    name = "6AE" if subdivision in {"67", "68"} else subdivision
    return replace(FRANCE, calendars=(("FR", None), ("FR", name)))


@lru_cache(maxsize=500)
def _public_holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    """A year's days of rest; empty where the library knows no such country."""
    try:
        return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=year))
    except NotImplementedError:
        return frozenset()
