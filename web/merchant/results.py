"""What the messages added, what was attributed to them, and what they cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from recovery import counting
from recovery.counted import By
from recovery.results import Results
from web.merchant import charts, csv_files, figures, results_cards, results_tables, results_trend
from web.merchant.figures import Asked, Found
from web.merchant.results_tables import Table
from web.merchant.visitor import visitor

blueprint = Blueprint("results", __name__, url_prefix="/results")

_ON_PAGE = tuple(by for by in By if by is not By.DAY)


@blueprint.get("/")
def results() -> ResponseReturnValue:
    """The dashboard of a time."""
    asked = figures.asked()
    found = figures.of_period(counting.RESULTS, asked.period)
    told = _told(found, asked) if found.figures is not None else {"shows": "counting"}
    page = render_template("merchant/results.html", asked=asked, found=found, **told)
    return page, 422 if asked.errors else 200


@blueprint.get("/csv")
def csv() -> ResponseReturnValue:
    """All tables of a time in one file, or one of them."""
    asked, name = figures.asked(), request.args.get("table", "")
    found = figures.of_period(counting.RESULTS, asked.period)
    if found.figures is None:
        flash(_("These figures are still being counted. Nothing was written into a file yet."))
        return redirect(url_for("results.results", period=asked.period.key))
    return _file(found.figures, asked, name)


def _file(found: Results, asked: Asked, name: str) -> Response:
    in_currencies = results_tables.currencies(found, visitor().shop.currency)
    tables = results_tables.every(found, in_currencies)
    if not name:
        return csv_files.answer(f"results-{asked.period.key}", _lines(tables))
    one = next((each for each in tables if each.key == name), None)
    if one is None:
        abort(404)
    return csv_files.answer(f"results-{asked.period.key}-{name}", _lines(iter([one])))


def _lines(tables: Iterator[Table]) -> Iterator[list[str | int | Decimal]]:
    for place, table in enumerate(tables):
        if place:
            yield []
        yield [table.title]
        yield [table.first, *table.heads]
        for row in table.rows:
            yield [row.name, *(cell.raw for cell in row.cells)]


def _told(found: Found, asked: Asked) -> dict[str, object]:
    told: Results = found.figures
    if not told.funnel.carts and not told.sales:
        return {"shows": "empty"}
    in_currencies = results_tables.currencies(told, visitor().shop.currency)
    wanted = request.args.get("currency", "")
    currency = wanted if wanted in in_currencies else (in_currencies or [""])[0]
    funnel = results_tables.funnel(told)
    reasons = results_tables.reasons(told)
    return {
        "shows": "ready",
        "currency": currency,
        "currencies": [(each, each) for each in in_currencies],
        "cards": results_cards.of(told, currency, asked.period.days),
        "trend": results_trend.of(told, currency, asked.period),
        "funnel": funnel,
        "funnel_bars": _bars(funnel, told.funnel.carts),
        "reasons": reasons,
        "reason_bars": _bars(reasons, told.everything[0].planned),
        "tables": [
            results_tables.split(told, by, [currency] if currency else []).short()
            for by in _ON_PAGE
        ],
        "bar": charts.bar,
        "link": _links(asked.period.key),
    }


def _links(period: str) -> Callable[..., str]:
    """Where the carts behind a figure are listed."""
    base = url_for("results.carts", period=period)

    def link(figure: str, by: str = "", value: str = "") -> str:
        named = {"figure": figure} | ({"by": by, "value": value} if by else {})
        return f"{base}&{urlencode(named)}"

    return link


def _bars(table: Table, of: int) -> list[charts.Bar]:
    rows = [(row, int(row.cells[0].raw)) for row in table.rows[:12]]
    return [
        charts.Bar(row.name, many / of if of else 0.0, row.cells[0].shown, str(row.cells[0].figure))
        for row, many in rows
    ]
