"""One step of the programme, or of a variant of it, field by field."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from msgspec.structs import replace

from recovery import programme_edits, step_fields
from recovery.members import Role
from recovery.programme_form import Incentive, Step
from recovery.ready_texts import LANGUAGES
from recovery.typed import Typed
from web.merchant import programmes_saving as saving
from web.merchant import programmes_words as words
from web.merchant.programmes import blueprint
from web.merchant.programmes_one import condition
from web.merchant.programmes_saving import Base, Trouble
from web.merchant.visitor import may, visitor

_SHOWN = frozenset(
    "delay above delay_unit above_unit channel since fallback words rich asks_why page gift value "
    "days minimum lines products unless_made join when what value".split()
)


@blueprint.get("/cart/steps/<int:number>")
def step(number: int) -> str:
    """One step."""
    stands = saving.standing()
    return _page(stands, _step_of(stands, number), None)


@blueprint.post("/cart/steps/<int:number>")
@may(Role.EDITOR)
def change_step(number: int) -> ResponseReturnValue:
    """Save it."""
    of, typed = saving.base(), Typed(request.form.to_dict())
    was = _step_of(of, number)
    new = step_fields.read(typed, was, visitor().shop.currency)
    form = programme_edits.with_step(of.form, new, variant_asked())
    trouble = saving.keep(form, of, typed.wrong)
    if trouble is None:
        saving.saved()
        return redirect(url_for("programmes.one"))
    return _page(of, was, trouble), trouble.status


def variant_asked() -> int:
    """Which variant's step is meant, from 1 on; 0: the programme's own."""
    return max(0, min(request.values.get("variant", 0, type=int), saving.LARGEST))


def place_of(of: Base, number: int, variant: int) -> str:
    """Where that step lies, as problems say it."""
    inside = f"steps/{number}"
    return f"variants/{of.form.variants[variant - 1].name}/{inside}" if variant else inside


def _step_of(of: Base, number: int) -> Step:
    found = programme_edits.step_of(of.form, number, variant_asked())
    if found is None:
        abort(404)
    return found


def _page(of: Base, was: Step, trouble: Trouble | None) -> str:
    shop, variant = visitor().shop, variant_asked()
    # An offer that is not there yet begins with what is usual.
    usual = step_fields.fields(was) if was.incentive else _with_usual_offer(was)
    shown = saving.shown(usual, trouble)
    problems = trouble.problems if trouble else ()
    errors, others = saving.at_fields(problems, place_of(of, was.number, variant), _SHOWN)
    return render_template(
        "merchant/programmes_step.html",
        base=of,
        step=was,
        variant=variant,
        variant_name=of.form.variants[variant - 1].name if variant else "",
        trouble=trouble,
        shown=shown,
        errors=errors,
        others=[(saving.in_place(p, of.form), saving.said(p)) for p in others],
        sentence=words.step(was, of.form, shop),
        channels=[(channel.value, said) for channel, said in words.CHANNELS.items()],
        kinds=[*words.KINDS.items()],
        units=words.units(),
        border=words.border(of.form, shop),
        currency=shop.currency or "EUR",
        languages=[(code, words.language(code)) for code in LANGUAGES],
        **condition(shown),
    )


def _with_usual_offer(was: Step) -> dict[str, str]:
    shown = step_fields.fields(replace(was, incentive=Incentive("percent")))
    return shown | {"gift": "", "value": ""}
