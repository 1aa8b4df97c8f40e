"""The trend: what orders left by day (weeks or months, where there are many days)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from flask_babel import format_date
from flask_babel import gettext as _
from markupsafe import Markup

from recovery.counted import By
from recovery.fates import Messages
from recovery.intervals import wilson
from recovery.model import ZERO
from recovery.periods import Period
from recovery.results import Results, Sales
from web.merchant import charts
from web.merchant import results_words as words

_DAYS, _WEEKS = 62, 370  # of a period: beyond that by week, then by month


@dataclass(frozen=True, slots=True)
class Trend:
    """Two drawings over the same stretches, and the table behind them."""

    by: str
    first: str
    last: str
    money: Markup
    most_money: str
    rates: Markup
    most_rate: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(slots=True)
class _Stretch:
    begins: date
    net: Decimal = ZERO
    credited: Decimal = ZERO
    left: int = 0
    earned: int = 0


def of(found: Results, currency: str, period: Period) -> Trend:
    """The trend of a period, in one currency."""
    stretches = _stretches(found, currency, period)
    bands = [wilson(each.earned, each.left) if each.left else None for each in stretches]
    most = max((each.net for each in stretches), default=ZERO)
    top = max((band.high for band in bands if band), default=0.0)
    credited = _("What credited orders left, beside all orders (dashed)")
    rates = _("Of the messages sent, how many brought an order; hatched: where it may lie")
    return Trend(
        _named(period),
        format_date(period.first, "medium"),
        format_date(period.last, "medium"),
        charts.line(
            [float(each.credited) for each in stretches],
            credited,
            beside=[float(each.net) for each in stretches],
        ),
        words.money(most, currency, whole=True),
        charts.line(
            [each.earned / each.left if each.left else None for each in stretches],
            rates,
            band=[(band.low, band.high) if band else None for band in bands],
        ),
        words.share(top, 1),
        tuple(_row(each, currency) for each in stretches),
    )


def _named(period: Period) -> str:
    if period.days <= _DAYS:
        return str(_("Day"))
    return str(_("Week from")) if period.days <= _WEEKS else str(_("Month from"))


def _stretches(found: Results, currency: str, period: Period) -> list[_Stretch]:
    begin = _begin(period)
    every: dict[date, _Stretch] = {}
    for place in range(period.days):
        day = begin(period.first + timedelta(days=place))
        every.setdefault(day, _Stretch(max(day, period.first)))
    for text, of_day in found.days.items():
        if (mine := every.get(begin(date.fromisoformat(text)))) is not None:
            sold = of_day.get(currency, Sales())
            mine.net += sold.net
            mine.credited += sold.credited_net
    _put_messages(found.messages.get(By.DAY, {}), every, begin)
    return list(every.values())


def _put_messages(
    by_day: Mapping[str, Messages], every: dict[date, _Stretch], begin: Callable[[date], date]
) -> None:
    for text, told in by_day.items():
        if (mine := every.get(begin(date.fromisoformat(text)))) is not None:
            mine.left += told.left.count
            mine.earned += told.earned.count


def _begin(period: Period) -> Callable[[date], date]:
    if period.days <= _DAYS:
        return lambda day: day
    if period.days <= _WEEKS:
        return lambda day: day - timedelta(days=day.weekday())
    return lambda day: day.replace(day=1)


def _row(each: _Stretch, currency: str) -> tuple[str, ...]:
    return (
        format_date(each.begins, "medium"),
        words.money(each.net, currency),
        words.money(each.credited, currency),
        words.number(each.left),
        words.number(each.earned),
    )
