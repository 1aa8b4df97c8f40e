"""The words of a step in one language, beside the message as it would leave."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from recovery import email_letters, previews, programme_edits, ready_texts
from recovery.default_texts import ready_text
from recovery.email_words import WORDS
from recovery.members import Role
from recovery.model import Channel
from recovery.programme_form import Step
from web.merchant import programmes_preview as preview
from web.merchant import programmes_saving as saving
from web.merchant import programmes_words as words
from web.merchant.programmes import blueprint
from web.merchant.programmes_saving import Base, Trouble
from web.merchant.programmes_step import place_of, variant_asked
from web.merchant.visitor import may, visitor

LONGEST = 4000  # of what is taken from a form; what a template may have is said when it is checked
PLACEHOLDERS = preview.PLACEHOLDERS


@dataclass(frozen=True, slots=True)
class Words:
    """What stands in the editor. `own`: they are the merchant's, not ours."""

    text: str
    subject: str
    own: bool = False


@blueprint.get("/cart/steps/<int:number>/words/<language>")
def text(number: int, language: str) -> str:
    """The words that stand."""
    of = saving.standing()
    step = _step_of(of, number, language)
    return _page(of, step, language, _standing(step, language), None)


@blueprint.post("/cart/steps/<int:number>/words/<language>")
@may(Role.EDITOR)
def change_text(number: int, language: str) -> ResponseReturnValue:
    """Save what was typed; or look at it, take ours again, put a plain letter in."""
    of = saving.base()
    step = _step_of(of, number, language)
    do, typed = request.form.get("do", "preview"), _typed()
    if do == "ours":
        return _page(of, step, language, _ours(step, language), None)
    if do.startswith("plain:"):
        return _page(of, step, language, _plainer(typed, do.removeprefix("plain:")), None)
    if do != "save":
        return _page(of, step, language, typed, None)
    new = _with(step, language, typed)
    form = programme_edits.with_step(of.form, new, variant_asked())
    trouble = saving.keep(form, of)
    if trouble is None:
        saving.saved()
        return redirect(url_for("programmes.one"))
    return _page(of, step, language, typed, trouble), trouble.status


@blueprint.post("/cart/steps/<int:number>/words/<language>/preview")
def preview_text(number: int, language: str) -> str:
    """The message alone, as one types. It changes nothing."""
    step = _step_of(saving.standing(), number, language)
    seen = preview.of(_with(step, language, _typed()), language, variant_asked())
    message = render_template("merchant/programmes_preview.html", seen=seen)
    return message + render_template("merchant/programmes_short.html", seen=seen, oob=True)


def _step_of(of: Base, number: int, language: str) -> Step:
    found = programme_edits.step_of(of.form, number, variant_asked())
    if found is None or language not in ready_texts.LANGUAGES:
        abort(404)
    return found


def _typed() -> Words:
    """What was typed, with the line ends that we keep."""
    return Words(_one_kind_of_line(request.form.get("text", "")), _said("subject"))


def _said(name: str) -> str:
    return " ".join(request.form.get(name, "")[:LONGEST].split())


def _one_kind_of_line(text: str) -> str:
    return text[:LONGEST].replace("\r\n", "\n").replace("\r", "\n").strip()


def _standing(step: Step, language: str) -> Words:
    ours = _ours(step, language)
    own = language in step.texts or language in step.subjects
    texts, subjects = step.texts, step.subjects
    return Words(texts.get(language, ours.text), subjects.get(language, ours.subject), own)


def _ours(step: Step, language: str) -> Words:
    """Our words for this step, as templates."""
    kind = "why" if step.asks_why else step.words
    if step.incentive is not None:
        kind = "offer"
    letter = WORDS[language].letters[email_letters.kind_in_mails(kind)]
    subject = ready_texts.subject(kind, language) or letter.subject.replace("{shop}", "{{ shop }}")
    opening = letter.opening.replace("{shop}", "{{ shop }}")
    is_text = step.channel is Channel.SMS
    return Words(ready_text(kind, language)[0] if is_text else opening, subject)


def _with(step: Step, language: str, typed: Words) -> Step:
    """The step with these words; what is ours, or what stands, stays so."""
    stands, ours = _standing(step, language), _ours(step, language)
    own_text, own_subject = step.texts.get(language), step.subjects.get(language)
    if typed.text != _one_kind_of_line(stands.text):
        own_text = None if typed.text in ("", ours.text) else typed.text
    if typed.subject != " ".join(stands.subject.split()):
        own_subject = None if typed.subject in ("", ours.subject) else typed.subject
    return previews.with_words(step, language, own_text, own_subject)


def _plainer(typed: Words, letter: str) -> Words:
    """The text with a plain twin for that letter, wherever it stands."""
    twin = preview.twin_of(letter)
    if twin is None or not letter:
        return typed
    return replace(typed, text=re.sub(re.escape(letter), lambda _found: twin, typed.text))


def _page(of: Base, step: Step, language: str, shown: Words, trouble: Trouble | None) -> str:
    variant = variant_asked()
    seen = preview.of(_with(step, language, shown), language, variant)
    place = place_of(of, step.number, variant)
    fields = frozenset({f"texts/{language}", f"subjects/{language}"})
    errors, others = saving.at_fields(trouble.problems if trouble else (), place, fields)
    return render_template(
        "merchant/programmes_text.html",
        base=of,
        step=step,
        language=language,
        variant=variant,
        variant_name=of.form.variants[variant - 1].name if variant else "",
        shown=shown,
        ours=_ours(step, language),
        seen=seen,
        trouble=trouble,
        errors={name.partition("/")[0]: said for name, said in errors.items()},
        others=[(saving.in_place(p, of.form), saving.said(p)) for p in others],
        sentence=words.step(step, of.form, visitor().shop),
        languages=[(code, words.language(code)) for code in ready_texts.LANGUAGES],
        called=words.language(language),
        placeholders=PLACEHOLDERS,
        has_subject=Channel.EMAIL in (step.channel, step.fallback),
    )
