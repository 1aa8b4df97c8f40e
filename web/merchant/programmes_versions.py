"""The versions of a programme: who changed what, and any of them put back."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from recovery import programme_versions
from recovery.members import Role
from recovery.programme_versions import PAGE, Version
from recovery.programmes import CART
from web.merchant import programmes_saving as saving
from web.merchant import programmes_words as words
from web.merchant.programmes import blueprint
from web.merchant.visitor import may, visitor
from web.tools import tools


@blueprint.get("/cart/versions")
def versions() -> str:
    """The newest first, each with what it changed."""
    before = request.args.get("before", type=int)
    if before is not None and not 0 < before <= saving.LARGEST:
        abort(404)
    with tools().database.reading() as db:
        found = programme_versions.page(db, visitor().shop.id, CART, before, PAGE + 1)
    shown = [
        (each, _changes(each, found[at + 1] if at + 1 < len(found) else None))
        for at, each in enumerate(found[:PAGE])
    ]
    more = found[PAGE - 1].number if len(found) > PAGE else None
    base = saving.standing()
    return render_template("merchant/programmes_versions.html", shown=shown, more=more, base=base)


@blueprint.post("/cart/versions/<int:number>")
@may(Role.EDITOR)
def put_back(number: int) -> ResponseReturnValue:
    """The content of that version becomes the newest one."""
    of = saving.base()
    if number > saving.LARGEST:
        abort(404)
    with tools().database.reading() as db:
        found = programme_versions.of_number(db, visitor().shop.id, CART, number)
    if found is None or found.form is None:
        abort(404)
    trouble = saving.keep(found.form, of)
    if trouble is None:
        saving.saved()
    else:
        saving.tell(trouble)
    return redirect(url_for("programmes.versions"))


def _changes(version: Version, before: Version | None) -> list[words.Difference] | None:
    """What it changed; None: it is the first, or one of both cannot be read here."""
    if before is None or version.form is None or before.form is None:
        return None
    return words.differences(before.form, version.form, visitor().shop)
