"""The members of a shop: who may do what; and who changed or looked at what."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from sqlalchemy import Connection

from recovery import looks, members
from recovery.members import LastOwner, Role
from web.merchant.visitor import may, visitor
from web.tools import tools
from web.words import LANGUAGES

blueprint = Blueprint("team", __name__, url_prefix="/team")


@blueprint.get("/")
def team() -> str:
    """Everybody, and their roles."""
    with tools().database.reading() as db:
        found = members.of_shop(db, visitor().shop.id)
    return render_template("merchant/team.html", people=found, called=members.called, roles=Role)


@blueprint.post("/me")
def me() -> ResponseReturnValue:
    """How I want to be called, and my language."""
    language = request.form.get("language", "")
    if language not in ("", *LANGUAGES):
        abort(400)
    name, member = request.form.get("name", ""), visitor().member
    tools().database.run(lambda db: members.call(db, member, name, language))
    flash(_("Saved."))
    return redirect(url_for("team.team"))


@blueprint.post("/<int:member_id>")
@may(Role.OWNER)
def change(member_id: int) -> ResponseReturnValue:
    """Another role, out, or in again."""
    if not _do(member_id, request.form.get("do", "")):
        abort(404)
    return redirect(url_for("team.team"))


@blueprint.get("/looks")
@may(Role.OWNER)
def seen() -> str:
    """Who looked at which person."""
    with tools().database.reading() as db:
        found = looks.latest(db, visitor().shop.id)
        names = members.names(db, visitor().shop.id)
    return render_template("merchant/looks.html", looks=found, names=names, of=_of)


_KINDS = {
    "cart": _l("A cart"),
    "payload": _l("What the shop sent of a cart"),
    "conversation": _l("A conversation"),
    "person": _l("All that is held of a person"),
    "file": _l("The file of a person"),
}
_PAGES = {
    "cart": ("carts.cart", "cart_id"),
    "payload": ("carts.cart", "cart_id"),
    "conversation": ("conversations.thread", "reply_id"),
}


def _of(look: Any) -> str | Markup:
    """Which page was looked at, and a way to it; of a person no page names anybody."""
    words = str(_KINDS.get(look.what, look.what))
    if look.what not in _PAGES or not look.key.isdecimal():
        return words
    endpoint, name = _PAGES[look.what]
    values: dict[str, Any] = {name: int(look.key)}
    address = url_for(endpoint, **values)
    return Markup('<a href="{}">{} {}</a>').format(address, words, look.key)


def _do(member_id: int, what: str) -> bool:
    shop_id, now = visitor().shop.id, tools().now()

    def work(db: Connection) -> bool:
        if what == "out":
            return members.take_out(db, shop_id, member_id, now)
        if what == "in":
            return members.let_in(db, shop_id, member_id)
        if what not in set(Role):
            abort(400)
        return members.give(db, shop_id, member_id, Role(what))

    try:
        done = tools().database.run(work)
    except LastOwner:
        flash(_("A shop keeps at least one owner. Make somebody else an owner first."), "error")
        return True
    if done:
        flash(_("Saved."))
    return done
