"""What is sent, when, and to whom: the programme that runs, on or off, and ready ones."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import Connection

from recovery import members, programme_versions, programmes
from recovery.members import Role
from recovery.presets import PRESETS, preset
from recovery.programmes import CART, NotSavable
from web.merchant import programmes_saving as saving
from web.merchant import programmes_words as words
from web.merchant.visitor import may, visitor
from web.tools import tools

blueprint = Blueprint("programmes", __name__, url_prefix="/programmes")


@blueprint.get("/", endpoint="programmes")
def programmes_page() -> str:
    """The programme that runs, in words; and those one may begin with."""
    shop = visitor().shop
    with tools().database.reading() as db:
        newest = programme_versions.newest(db, shop.id, CART)
        on = programme_versions.is_on(db, shop.id, CART)
        last = programme_versions.last_switch(db, shop.id, CART)
        names = members.names(db, shop.id)
    built_in = programmes.built_in(shop).form
    form = built_in if newest is None else newest.form
    return render_template(
        "merchant/programmes.html",
        version=newest,
        is_on=on is not False,
        form=form,
        steps=[] if form is None else [words.step(each, form, shop) for each in form.steps],
        whole=None if form is None else words.whole(form, shop),
        last=last,
        by=names.get(last.member_id or 0) if last else None,
        presets=[_preset(trade) for trade in PRESETS],
        idle=words.span(shop.idle_seconds),
    )


@blueprint.post("/switch")
@may(Role.EDITOR)
def switch() -> ResponseReturnValue:
    """On or off."""
    is_on = request.form.get("on") == "1"
    try:
        changed = tools().database.run(lambda db: _switch(db, is_on))
    except NotSavable as error:
        flash(error.problems[0].words(str(get_locale())), "error")
        return redirect(url_for("programmes.programmes"))
    if changed is None:
        flash(_("It stood so already: somebody else was quicker. Nothing was changed."))
    elif is_on:
        flash(_("It is on. Carts that are left from now on get its steps."))
    else:
        flash(_("It is off. Nothing more leaves for carts until it is on again."))
    return redirect(url_for("programmes.programmes"))


@blueprint.post("/begin")
@may(Role.EDITOR)
def begin() -> ResponseReturnValue:
    """Take a ready programme over."""
    trade, shop = request.form.get("trade", ""), visitor().shop
    if trade not in PRESETS:
        abort(400)
    form = preset(trade, shop.country, get_locale().language)
    trouble = saving.keep(form, saving.base())
    if trouble is None:
        flash(_("Taken over. Look at its steps: you may change each of them."))
        return redirect(url_for("programmes.one"))
    saving.tell(trouble)
    return redirect(url_for("programmes.programmes"))


def _switch(db: Connection, is_on: bool) -> int | None:
    shop, member, now = visitor().shop, visitor().member, tools().now()
    if programme_versions.newest(db, shop.id, CART) is None:
        if is_on:
            return None
        form = programmes.built_in(shop).form
        programmes.save(db, shop.id, CART, form, saving.author(), now)
    last = programme_versions.last_switch(db, shop.id, CART)
    undoes = last.id if last and request.form.get("undoes") == str(last.id) else None
    by = {"member_id": member.id, "undoes": undoes}
    return programme_versions.switch(db, shop.id, CART, is_on, now, **by)


def _preset(trade: str) -> dict[str, object]:
    """A ready programme in words."""
    at = 1 if get_locale().language == "fr" else 0
    shop, said = visitor().shop, PRESETS[trade].words
    form = preset(trade, shop.country, get_locale().language)
    return {
        "trade": trade,
        "name": said.name[at],
        "line": said.line[at],
        "source": form.source,
        "steps": [words.step(each, form, shop) for each in form.steps],
    }


# The other pages of this room register themselves.
from web.merchant import (  # noqa: E402
    programmes_one,
    programmes_step,
    programmes_text,
    programmes_variants,
    programmes_versions,
)

__all__ = [
    "blueprint",
    "programmes_one",
    "programmes_step",
    "programmes_text",
    "programmes_variants",
    "programmes_versions",
]
