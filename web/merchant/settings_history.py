"""What was changed in the settings: who, when, what in words; and each change put back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import Connection

from recovery import changes, members
from recovery.changes import Change, Changed
from recovery.members import Role
from recovery.shop_sections import follow, section_of
from recovery.shop_wishes import Section
from web.merchant.settings import Refused, as_read, blueprint
from web.merchant.settings_words import (
    ELSEWHERE,
    PAGES,
    WHERE,
    label,
    problem,
    said,
    said_elsewhere,
)
from web.merchant.visitor import may, visitor
from web.tools import tools

_PAGE = 30
Stands = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """A change in words: where it was made, and its fields with what they were and are."""

    change: Change
    title: str
    fields: list[tuple[str, str, str]]
    is_ours: bool  # of the settings, so that it can be put back here


@blueprint.get("/history/")
def history() -> str:
    """The changes, the newest first, a page at a time."""
    shop_id = visitor().shop.id
    before = request.args.get("before", type=int)
    if before is not None and not 0 < before < 2**62:
        abort(404)
    with tools().database.reading() as db:
        found = changes.latest(db, shop_id, _PAGE + 1, before)
        stands = {each.key: changes.values_of(db, shop_id, each.columns) for each in _all(found)}
        told = [_told(each, stands) for each in found[:_PAGE]]
        names = members.names(db, shop_id)
    return render_template(
        "merchant/settings_history.html",
        found=told,
        names=names,
        undone={each.undoes: each for each in found if each.undoes},
        further=found[_PAGE - 1].id if len(found) > _PAGE else None,
        before=before,
    )


@blueprint.post("/history/<int:change_id>/undo")
@may(Role.EDITOR)
def undo(change_id: int) -> ResponseReturnValue:
    """Put a change back, as a change of its own."""
    if change_id >= 2**62:
        abort(404)
    try:
        made = tools().database.run(lambda db: _undo(db, change_id))
    except Changed as error:
        flash(_not_undone(error.change_id), "error")
        return redirect(url_for("settings.history"))
    except Refused as refused:
        told = "; ".join(f"{label(name)}: {problem(each)}" for name, each in refused.wrong.items())
        words = _("It was not put back, as it would not be right any more. %(why)s", why=told)
        flash(words, "error")
        return redirect(url_for("settings.history"))
    if made is None:
        abort(404)
    flash(_("Put back."))
    return redirect(url_for("settings.history"))


def _undo(db: Connection, change_id: int) -> int | None:
    shop, now = visitor().shop, tools().now()
    found = changes.by_id(db, shop.id, change_id)
    if found is None or found.subject != changes.SHOP:
        return None
    made = changes.undo(db, shop.id, change_id, now, visitor().member.id)
    for section in _sections(found):
        stands = changes.values_of(db, shop.id, section.columns)
        wrong = section.read(section.shown(stands, shop), stands, shop).wrong
        if wrong:
            raise Refused(wrong)
    follow(db, shop.id, found.before, now)
    return made


def _not_undone(change_id: int | None) -> str:
    shop_id = visitor().shop.id
    with tools().database.reading() as db:
        last = None if change_id is None else changes.by_id(db, shop_id, change_id)
        names = members.names(db, shop_id)
    if last is None:
        return str(_("It was not put back: it was changed again since."))
    who = names.get(last.member_id or 0, _("a command on the server"))
    return str(_("It was not put back: it was changed again since, lastly by %(who)s.", who=who))


def _sections(change: Change) -> list[Section]:
    found = {each.key: each for each in map(section_of, change.after) if each is not None}
    return list(found.values())


def _all(found: list[Change]) -> list[Section]:
    ours = [each for each in found if each.subject == changes.SHOP]
    return list({each.key: each for change in ours for each in _sections(change)}.values())


def _told(change: Change, stands: Mapping[str, Stands]) -> Told:
    if change.subject != changes.SHOP:
        is_programme = change.subject.partition(":")[0] == "programme"
        title = _("Programmes") if is_programme else _("Other settings")
        return Told(change, title, _plainly(change), is_ours=False)
    sections = _sections(change)
    titles = [str(PAGES[each.key].title) for each in sections]
    fields = [field for each in sections for field in _fields(each, stands[each.key], change)]
    others = [name for name in change.after if name in ELSEWHERE]
    fields += [
        (
            str(ELSEWHERE[name]),
            said_elsewhere(name, change.before[name]),
            said_elsewhere(name, change.after[name]),
        )
        for name in others
    ]
    titles += dict.fromkeys(str(WHERE[name]) for name in others)
    title = ", ".join(titles) or str(_("Other settings"))
    return Told(change, title, fields, is_ours=True)


def _plainly(change: Change) -> list[tuple[str, str, str]]:
    """A change of another room, as far as its words are known here."""
    if "holdout" not in change.after:
        return []
    name = "holdout"
    return [(label(name), str(change.before.get(name)), str(change.after[name]))]


def _fields(section: Section, stands: Stands, change: Change) -> list[tuple[str, str, str]]:
    """The fields of a section that a change made different."""
    was, then = (_shown(section, stands, each) for each in (change.before, change.after))
    return [
        (label(name), said(name, was[name]), said(name, then[name]))
        for name in section.fields
        if was[name] != then[name]
    ]


def _shown(section: Section, stands: Mapping[str, Any], then: Mapping[str, Any]) -> dict[str, str]:
    mine = {name: then.get(name, value) for name, value in stands.items()}
    return as_read(section, section.shown(mine, visitor().shop))
