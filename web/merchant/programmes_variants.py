"""Variants of a programme: other steps for some of the people, to be compared."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from msgspec.structs import replace
from werkzeug.exceptions import BadRequest

from recovery import programme_edits, programme_fields
from recovery.members import Role
from recovery.programme_form import LONGEST_NAME, MOST_VARIANTS, Programme
from recovery.programme_problems import Problem
from recovery.typed import Typed
from web.merchant import programmes_saving as saving
from web.merchant import programmes_words as words
from web.merchant.programmes import blueprint
from web.merchant.programmes_saving import Base, Trouble
from web.merchant.visitor import may, visitor

_SHOWN = frozenset({"name", "weight", "adaptive", "variants", "new_name", "new_weight"})


@blueprint.get("/cart/variants")
def variants() -> str:
    """All of them, their shares, and a form for another one."""
    return _page(saving.standing(), None)


@blueprint.post("/cart/variants")
@may(Role.EDITOR)
def change_variants() -> ResponseReturnValue:
    """Names and shares; or one more, one less, a step more or less in one."""
    of, typed = saving.base(), Typed(request.form.to_dict())
    do, _dot, which = request.form.get("do", "save").partition(".")
    form = _changed(of.form, typed, do, which)
    trouble = saving.keep(form, of, typed.wrong)
    if trouble is not None:
        return _page(of, _named_fields(trouble, form, do)), trouble.status
    saving.saved()
    if do == "add":
        at, number = len(form.variants), form.variants[-1].steps[0].number
        return redirect(url_for("programmes.step", number=number, variant=at))
    return redirect(url_for("programmes.variants"))


def _changed(form: Programme, typed: Typed, do: str, which: str) -> Programme:
    if do == "save":
        return programme_fields.read_variants(typed, form)
    if do == "add":
        name = " ".join(typed.text("new_name").split())
        number = typed.whole("new_step", 1)
        if programme_edits.step_of(form, number) is None:
            raise BadRequest
        return programme_edits.varied(form, number, name, typed.whole("new_weight", 50))
    at, number = map(_number, f"{which}.0".split(".")[:2])
    if not 1 <= at <= len(form.variants):
        raise BadRequest
    mine = form.variants[at - 1]
    if do == "remove":
        return programme_edits.with_variant(form, at, None)
    if do == "drop":
        left = tuple(each for each in mine.steps if each.number != number)
        return programme_edits.with_variant(form, at, replace(mine, steps=left) if left else None)
    own = programme_edits.step_of(form, number)
    if do == "also" and own is not None:
        return programme_edits.with_step(form, own, at)
    raise BadRequest


def _number(said: str) -> int:
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 4 else 0


def _named_fields(trouble: Trouble, form: Programme, do: str) -> Trouble:
    """Problems of a variant lie at its name; in the form they lie at its number."""
    places = {
        f"variants/{each.name[:LONGEST_NAME]}": at for at, each in enumerate(form.variants, 1)
    }

    def there(each: Problem) -> Problem:
        for place, at in places.items():
            is_new = do == "add" and at == len(form.variants)
            names = ("new_name", "new_weight") if is_new else (f"name-{at}", f"weight-{at}")
            if each.where == place:
                return replace_where(each, names[0])
            if each.where == f"{place}/weight":
                return replace_where(each, names[1])
        return each

    return Trouble([there(each) for each in trouble.problems], trouble.newer, trouble.differs)


def replace_where(problem: Problem, where: str) -> Problem:
    """The same problem, at a field of the form."""
    return Problem(where, problem.words_en, problem.words_fr, problem.is_warning)


def _page(of: Base, trouble: Trouble | None) -> str:
    shop, form = visitor().shop, of.form
    shown = saving.shown(programme_fields.variant_fields(form), trouble)
    errors, others = saving.at_fields(trouble.problems if trouble else (), "", _SHOWN)
    taken = {each.name for each in form.variants}
    free = next((letter for letter in "BCDEF" if letter not in taken), "")
    return render_template(
        "merchant/programmes_variants.html",
        base=of,
        form=form,
        trouble=trouble,
        shown={"new_name": free, "new_weight": "50", "new_step": "1"} | shown,
        errors=errors,
        others=[(saving.in_place(p, form), saving.said(p)) for p in others],
        control=max(0, 100 - sum(each.weight for each in form.variants)),
        steps=[(each.number, words.step(each, form, shop)) for each in form.steps],
        sentence=lambda each: words.step(each, form, shop),
        is_full=len(form.variants) >= MOST_VARIANTS,
        numbered=lambda number: _("Step %(number)s", number=number),
    )
