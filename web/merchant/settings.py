"""The shop's settings: a page for each section, saved by itself, told as one types.

The fields and what they may be stand in `recovery.shop_sections`; here they are shown, taken
back with what was typed, and kept with who and when.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import Connection

from recovery import changes, members
from recovery.changes import Changed
from recovery.members import Role
from recovery.shop_sections import SECTIONS, follow, section_of
from recovery.shop_wishes import NotSo, Section
from web.merchant import settings_around, settings_words
from web.merchant.settings_words import PAGES, label, problem
from web.merchant.visitor import may, visitor
from web.tools import tools

blueprint = Blueprint("settings", __name__, url_prefix="/settings")


class Refused(Exception):
    """What was typed is wrong, by field."""

    def __init__(self, wrong: Mapping[str, NotSo]) -> None:
        super().__init__("not saved")
        self.wrong = wrong


@blueprint.get("/")
def settings() -> str:
    """All sections, and what was changed last in each."""
    shop_id = visitor().shop.id
    with tools().database.reading() as db:
        found = changes.latest(db, shop_id, 50)
        names = members.names(db, shop_id)
    last = {}
    for change in reversed(found):
        for column in change.after:
            section = section_of(column)
            if section is not None and change.subject == changes.SHOP:
                last[section.key] = change
    return render_template("merchant/settings.html", pages=PAGES, last=last, names=names)


@blueprint.get("/<key>/")
def section(key: str) -> str:
    """One section as it stands."""
    found = of(key)
    with tools().database.reading() as db:
        stands = changes.values_of(db, visitor().shop.id, found.columns)
        return page(db, found, stands)


@blueprint.post("/<key>/")
@may(Role.EDITOR)
def save(key: str) -> ResponseReturnValue:
    """Save one section, all of it or nothing."""
    found = of(key)
    try:
        made = tools().database.run(lambda db: _save(db, found))
    except Refused as refused:
        return again(found, refused.wrong), 422
    except Changed:
        return again(found, {}, told=True), 409
    flash(_("Saved.") if made else _("Nothing was different, so nothing was changed."))
    return redirect(url_for("settings.section", key=key))


@blueprint.post("/<key>/check")
@may(Role.EDITOR)
def check(key: str) -> str:
    """What is wrong with one field, as one types; nothing is kept."""
    found, name = of(key), request.args.get("field", "")
    if name not in found.fields:
        abort(404)
    with tools().database.reading() as db:
        stands = changes.values_of(db, visitor().shop.id, found.columns)
    wrong = found.wrong_of(name, request.form, stands, visitor().shop)
    told = None if wrong is None else problem(wrong)
    return render_template("merchant/settings_slot.html", name=name, told=told)


def of(key: str) -> Section:
    """The section of that name; there is nothing at another."""
    found = SECTIONS.get(key)
    if found is None:
        abort(404)
    return found


def page(
    db: Connection,
    found: Section,
    stands: Mapping[str, Any],
    typed: Mapping[str, str] | None = None,
    wrong: Mapping[str, NotSo] | None = None,
    **more: Any,
) -> str:
    """The page of a section: as it stands, or as it was typed."""
    shop = visitor().shop
    shown = as_read(found, found.shown(stands, shop))
    return render_template(
        f"merchant/settings_{found.key}.html",
        section=found,
        about=PAGES[found.key],
        typed=shown if typed is None else typed,
        errors={name: problem(each) for name, each in (wrong or {}).items()},
        named_errors={
            name: f"{label(name)}: {problem(each)}" for name, each in (wrong or {}).items()
        },
        label=label,
        options=settings_words.options_of(found, shown),
        **{
            "theirs": [],
            "seen": changes.mark_of(stands),
            **settings_around.of(db, shop, found, stands, tools().now()),
            **more,
        },
    )


def again(found: Section, wrong: Mapping[str, NotSo], told: bool = False) -> str:
    """The page with what was typed; `told`: and with what somebody else changed meanwhile."""
    typed = found.kept(request.form)
    with tools().database.reading() as db:
        stands = changes.values_of(db, visitor().shop.id, found.columns)
        more = _meanwhile(db, found, stands, typed) if told else {}
        seen = {} if told else {"seen": request.form.get("seen", "")[:40]}
        return page(db, found, stands, typed, wrong, **more, **seen)


def as_read(found: Section, shown: Mapping[str, str]) -> dict[str, str]:
    """Amounts with the decimal sign of the page's language."""
    locale = get_locale()
    if locale is None or locale.language != "fr":
        return dict(shown)
    amounts = {name for name, each in found.fields.items() if each.is_amount}
    return {
        name: text.replace(".", ",") if name in amounts else text for name, text in shown.items()
    }


def _save(db: Connection, found: Section) -> int | None:
    shop, now = visitor().shop, tools().now()
    stands = changes.values_of(db, shop.id, found.columns)
    wished = found.read(request.form, stands, shop)
    if wished.wrong:
        raise Refused(wished.wrong)
    who = {"member_id": visitor().member.id, "seen": request.form.get("seen", "")}
    made = changes.set_of_shop(db, shop.id, wished.values, now, **who)  # type: ignore[arg-type]
    follow(db, shop.id, {} if made is None else wished.values, now)
    return made


def _meanwhile(
    db: Connection, found: Section, stands: Mapping[str, Any], typed: Mapping[str, str]
) -> dict[str, Any]:
    """Who changed this section last, and which fields now differ from what was typed."""
    shop = visitor().shop
    last = next(
        (
            each
            for each in changes.latest(db, shop.id)
            if each.subject == changes.SHOP and set(each.after) & set(found.columns)
        ),
        None,
    )
    shown = as_read(found, found.shown(stands, shop))
    theirs = [
        (label(name), settings_words.said(name, shown[name]), settings_words.said(name, mine))
        for name, mine in typed.items()
        if mine != shown[name]
    ]
    return {"changed": last, "names": members.names(db, shop.id), "theirs": theirs, "told": True}


from web.merchant import settings_email, settings_history, settings_more  # noqa: E402, F401
