"""Saving a programme: what it was made from, what is wrong with it, and who was quicker."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask import abort, flash, g, request
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import Connection

from recovery import members, programme_versions, programmes
from recovery.programme_form import Programme
from recovery.programme_problems import Problem
from recovery.programme_versions import Version
from recovery.programmes import CART, Newer, NotSavable
from web.merchant import programmes_words as words
from web.merchant.visitor import visitor
from web.tools import tools

_LINE = re.compile(r"Line (\d+): (.*)", re.DOTALL)
LONGEST_AUTHOR = 120
LARGEST = 2**31 - 1  # of a number in a row


@dataclass(frozen=True, slots=True)
class Base:
    """What a form was made from. `number` 0: the built-in programme, which is no version."""

    number: int
    form: Programme
    version: Version | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why nothing was saved: what is wrong with it, or who saved something else meanwhile."""

    problems: Sequence[Problem] = ()
    newer: Version | None = None
    differs: Sequence[words.Difference] = field(default=())

    @property
    def status(self) -> int:
        """Of the answer."""
        return 409 if self.newer is not None else 422


def standing() -> Base:
    """The programme as it stands."""
    with tools().database.reading() as db:
        return _standing(db)


def base() -> Base:
    """What the form that was sent was made from; 400 where it does not say, or says rubbish."""
    number = request.form.get("seen", type=int)
    if number is None or not 0 <= number <= LARGEST:
        abort(400)
    if number == 0:
        return Base(0, programmes.built_in(visitor().shop).form)
    with tools().database.reading() as db:
        found = _numbered(db, number)
    if found is None or found.form is None:
        abort(400)
    return Base(number, found.form, found)


def keep(form: Programme, of: Base, wrong: Sequence[Problem] = ()) -> Trouble | None:
    """Save `form`, made from `of`, as a new version; None: done. `wrong` was found in typing."""
    if wrong:
        return Trouble(wrong)
    g.nothing_changed = form == of.form and of.number > 0
    if g.nothing_changed:
        return None
    shop, now = visitor().shop, tools().now()

    def work(db: Connection) -> None:
        programmes.save(db, shop.id, CART, form, author(), now, seen=of.number)

    try:
        tools().database.run(work)
    except NotSavable as error:
        return Trouble(error.problems)
    except Newer:
        newer = standing()
        differs = words.differences(of.form, newer.form, shop)
        return Trouble(newer=newer.version, differs=differs)
    return None


def author() -> str:
    """Who saves, for the list of versions."""
    return members.called(visitor().member)[:LONGEST_AUTHOR]


def tell(trouble: Trouble) -> None:
    """Say why nothing was saved, where there is no form to say it in."""
    if trouble.newer is not None:
        who = {"name": trouble.newer.author, "number": trouble.newer.number}
        flash(
            _(
                "%(name)s saved version %(number)s meanwhile. Nothing was changed: look first.",
                **who,
            ),
            "error",
        )
    for each in trouble.problems:
        if not each.is_warning:
            flash(each.words(str(get_locale())), "error")


def saved() -> None:
    """Say that it was, in which version; or that there was nothing to save."""
    if g.get("nothing_changed"):
        flash(_("Nothing was changed."))
        return
    flash(_("Saved as version %(number)s.", number=standing().number))


#: Where a problem lies in a programme → the field of a form that shows it.
_FIELDS = {
    "incentive": "gift",
    "incentive/value": "value",
    "incentive/days": "days",
    "incentive/minimum": "minimum",
    "incentive/lines": "products",
}


def at_fields(
    problems: Sequence[Problem], place: str, fields: frozenset[str]
) -> tuple[dict[str, str], list[Problem]]:
    """Problems by the field that shows them, and those of other places; no warnings.

    `place` is what the form shows ("steps/2", or "" for the whole), `fields` its fields.
    """
    errors: dict[str, str] = {}
    others = []
    for each in problems:
        if each.is_warning:
            continue  # told where it does not stand in the way
        inside = each.where.removeprefix(f"{place}/") if place else each.where
        name = _FIELDS.get(inside, inside)
        if name in fields or name.partition("-")[0] in fields:
            errors.setdefault(name, said(each))
        else:
            others.append(each)
    return errors, others


def said(problem: Problem) -> str:
    """A problem in words; where Liquid says what is wrong, also what to do."""
    found = _LINE.fullmatch(problem.words_en)
    if found is None:
        return problem.words(str(get_locale()))
    told = {"line": found[1], "words": found[2].rstrip(".")}
    return str(
        _(
            "Line %(line)s cannot be read (%(words)s). Look whether every {{ has its }} and "
            "every {%% its %%}, and whether each name is one of the list.",
            **told,
        )
    )


def in_place(problem: Problem, form: Programme) -> str:
    """Where a problem lies, in words."""
    parts = problem.where.split("/")
    said = []
    if parts[0] == "variants" and len(parts) > 1:
        said.append(str(_("Variant %(name)s", name=parts[1])))
        parts = parts[2:]
    if len(parts) > 1 and parts[0] == "steps":
        said.append(str(_("Step %(number)s", number=parts[1])))
        parts = parts[2:]
    if len(parts) > 1 and parts[0] in ("texts", "subjects"):
        label = _("Text in %(language)s") if parts[0] == "texts" else _("Subject in %(language)s")
        said.append(str(label) % {"language": words.language(parts[1])})
    return ", ".join(said)


def shown(fields: Mapping[str, str], trouble: Trouble | None) -> dict[str, str]:
    """What a form shows: what was typed, where nothing was saved; else what stands."""
    return dict(fields) if trouble is None else request.form.to_dict()


def _standing(db: Connection) -> Base:
    shop = visitor().shop
    newest = programme_versions.newest(db, shop.id, CART)
    if newest is None:
        return Base(0, programmes.built_in(shop).form)
    form = newest.form
    if form is None:
        abort(503)  # a newer release wrote it, and may read it
    return Base(newest.number, form, newest)


def _numbered(db: Connection, number: int) -> Version | None:
    return programme_versions.of_number(db, visitor().shop.id, CART, number)
