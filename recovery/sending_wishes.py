"""When texts leave, how often, how soon: a merchant may only be more careful than the rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time
from typing import Any

from sqlalchemy import Connection, select

from recovery import caps, tables, timing
from recovery.sending_hours import HoursRule, rule_for
from recovery.shop_wishes import (
    TICK,
    Field,
    NotSo,
    NotTogether,
    Section,
    Values,
    maybe,
    number,
    one_of,
)
from recovery.shops import ShopRow

#: From and until which hour texts may be wished. Every row of `sending_hours` is open from
#: 12 to 20 h, so that whatever is wished leaves five hours of each day on which one may send.
FROM, UNTIL = (9, 10, 11, 12), (17, 18, 19, 20)
DAY = 86_400
CAPS = (DAY, 2 * DAY, 3 * DAY, 7 * DAY, 14 * DAY, 30 * DAY)
A_WEEK = tuple(range(1, caps.MOST_A_WEEK + 1))
LEAST_IDLE = int(timing.LEAST_IDLE.total_seconds()) // 60  # minutes, like the two below
PROMISE = int(timing.PROMISE.total_seconds()) // 60
_LONGEST_CAP = 365 * DAY
_LOOKED_AT = 500  # carts, to see in which countries shoppers live
_WELL_KNOWN = 6


def _hour(among: tuple[int, ...]) -> Field:
    names = [str(hour) for hour in among]
    read = maybe(one_of(*names))
    return Field(lambda words: None if read(words) is None else int(words))


_FIELDS = {
    "texts_from": _hour(FROM),
    "texts_until": _hour(UNTIL),
    "texts_on_sundays": TICK,
    "cap_seconds": Field(number(0, _LONGEST_CAP)),
    "texts_a_week": Field(number(min(A_WEEK), max(A_WEEK))),
    "idle_minutes": Field(number(0, PROMISE)),
    "delay_minutes": Field(number(0, PROMISE)),
    "smart_encoding": TICK,
}
_SPANS = {"idle_minutes": "idle_seconds", "delay_minutes": "delay_seconds"}
_COLUMNS = tuple(_SPANS.get(name, name) for name in _FIELDS)


def _split(stands: Values, shop: ShopRow) -> dict[str, Any]:
    return {
        name: stands[_SPANS[name]] // 60 if name in _SPANS else stands[name] for name in _FIELDS
    }


def _joined(values: Values, stands: Values, shop: ShopRow) -> dict[str, Any]:
    found = {_SPANS.get(name, name): value for name, value in values.items()}
    for name, column in _SPANS.items():
        same = stands[column] // 60 == values[name]  # what a command set to the second stays
        found[column] = stands[column] if same else values[name] * 60
    wrong = {}
    if shop.platform != "sandbox" and not shop.stand_in:
        if found["idle_seconds"] < LEAST_IDLE * 60:
            wrong["idle_minutes"] = NotSo("idle_too_short", least=LEAST_IDLE)
        if found["cap_seconds"] < DAY:
            wrong["cap_seconds"] = NotSo("choose")
    if found["idle_seconds"] + found["delay_seconds"] > PROMISE * 60:
        wrong |= dict.fromkeys(_SPANS, NotSo("past_promise", hours=PROMISE // 60))
    if wrong:
        raise NotTogether(wrong)
    return found


SENDING = Section("sending", _COLUMNS, _FIELDS, _split, _joined)


@dataclass(frozen=True, slots=True)
class Hours:
    """What the law allows in a country, and what of it the merchant's wish leaves."""

    country: str
    law: HoursRule
    wished: HoursRule


def hours_in(countries: Iterable[str], wish: Values) -> list[Hours]:
    """The hours of these countries, narrowed as `wish` (columns of `SENDING`) says."""
    told = (wish["texts_from"], wish["texts_until"], wish["texts_on_sundays"])
    rules = ((country, rule_for(country)) for country in countries)
    return [Hours(country, rule, rule.narrowed(*told)) for country, rule in rules]


def main_countries(db: Connection, shop: ShopRow) -> list[str]:
    """The shop's own country, and those of its latest carts, the commonest first."""
    carts = tables.carts
    latest = select(carts.c.country).where(carts.c.shop_id == shop.id)
    rows = db.scalars(latest.order_by(carts.c.created_at.desc()).limit(_LOOKED_AT))
    seen = [country for country in rows if country]
    common = sorted(set(seen), key=lambda each: (-seen.count(each), each))
    own = [shop.country] if shop.country else []
    return list(dict.fromkeys([*own, *common]))[:_WELL_KNOWN]


def clock(at: time) -> str:
    """An hour of the day in digits; the end of the day is 24:00."""
    return "24:00" if at == time.max else f"{at.hour:02}:{at.minute:02}"
