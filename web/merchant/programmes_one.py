"""One programme: its steps in order, what may be done with them, and the rules over all."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from werkzeug.exceptions import BadRequest

from recovery import condition_fields, programme_edits, programme_fields, programmes
from recovery.members import Role
from recovery.programme_form import End, Programme
from recovery.ready_texts import LANGUAGES
from recovery.typed import Typed
from web.merchant import programmes_saving as saving
from web.merchant import programmes_words as words
from web.merchant.programmes import blueprint
from web.merchant.programmes_saving import Base, Trouble
from web.merchant.visitor import may, visitor
from web.tools import tools

_RULES = frozenset({"holdout", "border", "ends_after_days", "ends", "when"}) | {"what", "value"}


@blueprint.get("/cart")
def one() -> str:
    """The programme for carts that are left."""
    stands, shop = saving.standing(), visitor().shop
    form = stands.form
    with tools().database.reading() as db:
        found = programmes.problems(db, form, shop)
    return render_template(
        "merchant/programmes_one.html",
        base=stands,
        form=form,
        steps=[(each, words.step(each, form, shop)) for each in form.steps],
        whole=words.whole(form, shop),
        languages=[(code, words.language(code)) for code in LANGUAGES],
        warnings=[(saving.in_place(each, form), saving.said(each)) for each in found],
        is_full=programme_edits.is_full(form),
        idle=words.span(shop.idle_seconds),
    )


@blueprint.post("/cart/steps")
@may(Role.EDITOR)
def arrange() -> ResponseReturnValue:
    """A step more, less, earlier or later."""
    of, do = saving.base(), request.form.get("do", "")
    number = request.form.get("step", 0, type=int)
    form = _arranged(of.form, do, number)
    trouble = saving.keep(form, of)
    if trouble is not None:
        saving.tell(trouble)
        return redirect(url_for("programmes.one"))
    saving.saved()
    if do == "add" and form != of.form:
        return redirect(url_for("programmes.step", number=len(form.steps)))
    return redirect(url_for("programmes.one"))


def _arranged(form: Programme, do: str, number: int) -> Programme:
    if do == "add":
        return programme_edits.with_another_step(form)
    if do == "remove":
        return programme_edits.without_step(form, number)
    if do in ("earlier", "later"):
        return programme_edits.moved(form, number, 1 if do == "later" else -1)
    raise BadRequest


@blueprint.get("/cart/rules")
def rules() -> str:
    """What holds for the whole programme."""
    return _rules(saving.standing(), None)


@blueprint.post("/cart/rules")
@may(Role.EDITOR)
def change_rules() -> ResponseReturnValue:
    """Save them."""
    of, typed = saving.base(), Typed(request.form.to_dict())
    form = programme_fields.read(typed, of.form, visitor().shop.currency)
    trouble = saving.keep(form, of, typed.wrong)
    if trouble is None:
        saving.saved()
        return redirect(url_for("programmes.one"))
    return _rules(of, trouble), trouble.status


def _rules(of: Base, trouble: Trouble | None) -> str:
    shown = saving.shown(programme_fields.fields(of.form), trouble)
    problems = trouble.problems if trouble else ()
    errors, others = saving.at_fields(problems, "", _RULES)
    return render_template(
        "merchant/programmes_rules.html",
        base=of,
        trouble=trouble,
        shown=shown,
        errors=errors,
        others=[(saving.in_place(p, of.form), saving.said(p)) for p in others],
        ends=[(end.value, words.ENDS[end], end in (End.ORDER, End.OPT_OUT)) for end in End],
        **condition(shown),
    )


def condition(shown: dict[str, str]) -> dict[str, object]:
    """What a template needs to show a condition: its rows, and what may be asked."""
    language = str(get_locale())
    kept = {
        at: condition_fields.was_in_words(shown.get(f"was-{at}", ""), language)
        for at in condition_fields.rows_of(shown)
        if shown.get(f"what-{at}") == condition_fields.KEPT
    }
    return {
        "rows": condition_fields.rows_of(shown),
        "questions": condition_fields.questions(language),
        "kept": kept,
    }
