"""Reasons that shoppers gave, and the money in those carts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from recovery import counting, marks, remedies
from recovery.counted import By
from recovery.leaving_sums import Reason, Why
from recovery.marks import Around, Mark
from recovery.members import Role
from recovery.model import ZERO
from recovery.report_rows import UNKNOWN, zone_of
from recovery.shop_wishes import readable
from web.merchant import charts, csv_files, figures, why_words
from web.merchant import results_words as words
from web.merchant.visitor import may, visitor
from web.tools import tools

blueprint = Blueprint("why", __name__, url_prefix="/why")

_SHOWN = 6  # products, amounts and countries of a reason


@dataclass(frozen=True, slots=True)
class Told:
    """A reason as it stands on the page; the lists are names with their counts."""

    name: str
    answers: int
    part: float
    share: str
    money: str
    others: str
    remedies: tuple[str, ...]
    touches: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """One reason before and after a mark: the shares, and what of their difference is known."""

    name: str
    before: str
    after: str
    difference: str


@blueprint.get("/")
def why() -> ResponseReturnValue:
    """The reasons of a time, and what they touch."""
    page = _page({}, {})
    return page, 422 if figures.asked().errors else 200


@blueprint.post("/marks")
@may(Role.EDITOR)
def mark() -> ResponseReturnValue:
    """From this day on something is different."""
    typed = {name: readable(request.form.get(name, "")).strip() for name in ("day", "words")}
    errors = {}
    day = _day(typed["day"])
    if day is None:
        errors["day"] = _("Choose a day, not later than today.")
    if not typed["words"] or len(typed["words"]) > 200:
        errors["words"] = _("Say in a few words what changed (at most 200 characters).")
    if errors or day is None:
        return _page(typed, errors), 422
    shop_id, who, now = visitor().shop.id, visitor().member.id, tools().now()
    made = tools().database.run(lambda db: marks.add(db, shop_id, day, typed["words"], now, who))
    flash(_("The day is marked."))
    return redirect(url_for("why.why", mark=made, _anchor="marks"))


@blueprint.post("/marks/<int:mark_id>")
@may(Role.EDITOR)
def change_mark(mark_id: int) -> ResponseReturnValue:
    """Take a mark away, or put it back."""
    do = {"away": marks.take_away, "back": marks.put_back}.get(request.form.get("do", ""))
    if do is None:
        abort(400)
    shop_id, who, now = visitor().shop.id, visitor().member.id, tools().now()
    if not tools().database.run(lambda db: do(db, shop_id, mark_id, now, who)):
        abort(404)
    flash(_("Saved."))
    return redirect(url_for("why.why", _anchor="marks"))


@blueprint.get("/csv")
def csv() -> ResponseReturnValue:
    """The reasons of a time, and what they touch, as a file."""
    asked = figures.asked()
    found = figures.of_period(counting.WHY, asked.period)
    if found.figures is None:
        flash(_("These figures are still being counted. Nothing was written into a file yet."))
        return redirect(url_for("why.why", period=asked.period.key))
    return csv_files.answer(f"why-{asked.period.key}", _lines(found.figures))


def _lines(found: Why) -> Iterator[list[str | int | Decimal]]:
    yield [_("Reason"), _("Kind"), _("Value"), _("Currency"), _("Number")]
    for name, told in found.reasons.items():
        said = why_words.reason(name)
        yield [said, _("Answers"), "", "", told.answers]
        for currency, amount in sorted(told.money.items()):
            yield [said, _("Money in the carts"), "", currency, amount]
        for kind, rows in _touches(found, told, most=None):
            for value, many in rows:
                yield [said, kind, value, "", many]


def _page(typed: dict[str, str], errors: dict[str, str]) -> str:
    asked = figures.asked()
    found = figures.of_period(counting.WHY, asked.period)
    kept = _marks()
    chosen = _chosen(kept)
    shows = "counting" if found.figures is None else "ready"
    if found.figures is not None and not found.figures.answers:
        shows = "empty"
    return render_template(
        "merchant/why.html",
        asked=asked,
        found=found,
        shows=shows,
        reasons=_reasons(found.figures) if shows == "ready" else [],
        answers=words.number(found.figures.answers) if shows == "ready" else "",
        bar=charts.bar,
        marks=[each for each in kept if not each.removed_at],
        gone=[each for each in kept if each.removed_at][:5],
        chosen=chosen,
        around=_around(chosen) if chosen else None,
        typed=typed,
        wrong=errors,
        today=asked.today,
        day=words.day,
    )


def _reasons(found: Why) -> list[Told]:
    return [_told(found, name, each) for name, each in found.reasons.items()]


def _told(found: Why, name: str, told: Reason) -> Told:
    own = visitor().shop.currency or next(iter(told.money), "")
    others = [
        words.money(amount, each) for each, amount in sorted(told.money.items()) if each != own
    ]
    return Told(
        why_words.reason(name),
        told.answers,
        told.answers / found.answers,
        words.share(told.answers, found.answers),
        words.money(told.money.get(own, ZERO), own),
        ", ".join(others),
        tuple(why_words.remedy(*each, own) for each in remedies.of(name, told, own)),
        tuple(
            (kind, tuple((value, words.number(many)) for value, many in rows))
            for kind, rows in _touches(found, told, _SHOWN)
        ),
    )


def _touches(
    found: Why, told: Reason, most: int | None
) -> Iterator[tuple[str, list[tuple[str, int]]]]:
    """Products, amounts and countries, the most touched first."""
    titles = found.titles
    products = {key: titles.get(key) or _("not known") for key in told.products}
    yield _("Products"), [(products[key], many) for key, many in _most(told.products, most)]
    bands = _most(told.amounts, most)
    yield _("Amounts"), [(words.amount_band(band), many) for band, many in bands]
    countries = _most(told.countries, most)
    yield (
        _("Countries"),
        [(words.value_of(By.COUNTRY, each), many) for each, many in countries],
    )


def _most(counts: dict[str, int], most: int | None) -> list[tuple[str, int]]:
    by_number = sorted(counts.items(), key=lambda each: (-each[1], each[0] == UNKNOWN, each[0]))
    return by_number[:most]


def _marks() -> list[Mark]:
    with tools().database.reading() as db:
        return marks.of_shop(db, visitor().shop.id)


def _chosen(kept: list[Mark]) -> Mark | None:
    """The mark that is asked for, else the newest one."""
    there = [each for each in kept if not each.removed_at]
    wanted = request.args.get("mark", "")
    return next((each for each in there if str(each.id) == wanted), there[0] if there else None)


def _around(chosen: Mark) -> tuple[Around, list[Compared]]:
    zone = zone_of(visitor().shop.timezone)
    with tools().database.reading() as db:
        found = marks.around(db, visitor().shop.id, chosen.day, zone, tools().now())
    before, after = found.sizes()
    rows = [
        Compared(
            why_words.reason(name),
            words.share(found.before.get(name, 0), before),
            words.share(found.after.get(name, 0), after),
            _difference(found, name),
        )
        for name in found.reasons()
    ]
    return found, rows


def _difference(found: Around, name: str) -> str:
    seen = found.difference(name)
    if seen is None:
        return str(_("too few answers"))
    points = {"low": words.points(seen.low), "high": words.points(seen.high)}
    told = str(_("%(low)s to %(high)s points", **points))
    return told if seen.low > 0 or seen.high < 0 else str(_("%(span)s: may be chance", span=told))


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    today = figures.asked().today
    return found if date(2000, 1, 1) <= found <= today else None
