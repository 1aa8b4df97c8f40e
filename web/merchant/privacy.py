"""Requests of shoppers, what was done about them, and how long things are kept."""

from __future__ import annotations

import logging
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Connection

from connectors.protocols import EndsSubscriptions, Shop
from recovery import (
    changes,
    exports,
    leaving_shops,
    looks,
    members,
    persons_found,
    privacy_answers,
    privacy_receipts,
)
from recovery.changes import Changed
from recovery.exports import Group
from recovery.members import Role
from recovery.people import Marks
from recovery.secrets import Sealed
from recovery.shops import ShopRow
from web.install import TROUBLE
from web.merchant.visitor import leave as forget_browser
from web.merchant.visitor import may, visitor
from web.tools import tools
from web.words import translated

log = logging.getLogger(__name__)
blueprint = Blueprint("privacy", __name__, url_prefix="/privacy")

_KEPT = ("keep_months", "keep_payload_days")
_LIMITS = {"keep_months": (1, 60), "keep_payload_days": (1, 365)}
_CHANGED = _l(
    "Somebody else changed this meanwhile. What you typed is kept; save again to put it in place."
)
KINDS = {"export": _l("Asked what is held"), "erase": _l("Erased"), "erase_shop": _l("Shop erased")}
CAME_BY = {
    "shopify": _l("Shopify"),
    "woocommerce": _l("WordPress"),
    "wordpress": _l("WordPress"),
    "sandbox": _l("the sandbox"),
    "merchant": _l("this page"),
    "clock": _l("the end of its time"),
}


@blueprint.get("/")
def privacy() -> str:
    """What was asked, and how long things are kept."""
    return _page()


@blueprint.post("/keeping")
@may(Role.EDITOR)
def keeping() -> ResponseReturnValue:
    """How long people and payloads are kept."""
    typed = {name: request.form.get(name, "").strip() for name in _KEPT}
    errors = {name: _wrong(name) for name in _KEPT if not _fits(name, typed[name])}
    if errors:
        return _page(typed, errors), 422
    values = {name: int(text) for name, text in typed.items()}
    shop_id, who, now = visitor().shop.id, visitor().member.id, tools().now()
    seen = request.form.get("seen")

    def work(db: Connection) -> int | None:
        return changes.set_of_shop(db, shop_id, values, now, member_id=who, seen=seen)

    try:
        tools().database.run(work)
    except Changed:
        flash(_CHANGED, "error")
        return _page(typed), 409
    flash(_("Saved. It holds from the next hour on."))
    return redirect(url_for("privacy.privacy"))


@blueprint.post("/person")
@may(Role.OWNER)
def person() -> ResponseReturnValue:
    """Who has the contact that was typed, and how much is held of them."""
    typed, shop = request.form.get("contact", "").strip(), visitor().shop
    if persons_found.marks_typed(shop, typed) is None:
        words = _("This is neither an e-mail address nor a phone number.")
        return _page(contact=typed, errors={"contact": words}), 422
    with tools().database.reading() as db:
        found = persons_found.people_of(db, shop, typed)
        held = [(whose, exports.of_person(db, shop.id, whose)) for whose in found]
    _note("person", len(held))
    shown = [(persons_found.name_of(whose), whose, _counts(groups)) for whose, groups in held]
    return render_template("merchant/privacy_person.html", typed=typed, people=shown)


@blueprint.post("/person/file")
@may(Role.OWNER)
def person_file() -> ResponseReturnValue:
    """One readable file of all that is held of a person."""
    whose, now, shop_id = _whose(), tools().now(), visitor().shop.id
    who = visitor().member.id
    if whose is None:
        return _nobody()

    def work(db: Connection) -> list[Group]:
        return privacy_answers.hand_out(db, shop_id, whose, "merchant", now, who)

    groups = tools().database.run(work)
    _note("file", len(groups))
    return _file(groups)


@blueprint.post("/person/erase")
@may(Role.OWNER)
def person_erase() -> ResponseReturnValue:
    """Forget a person; asked for twice, since it cannot be undone."""
    if request.form.get("sure") != "1":
        flash(_("Nothing was erased: tick the box to say that you are sure."), "error")
        return redirect(url_for("privacy.privacy"))
    whose, shop, now = _whose(), visitor().shop, tools().now()
    who = visitor().member.id
    if whose is None:
        return _nobody()

    def work(db: Connection) -> Any:
        return privacy_answers.erase(db, shop, whose, "merchant", now, who)

    erased = tools().database.run(work)
    words = _("Erased: %(count)s entries do not name this person any more.", count=erased.removed)
    kept = _("Their wish to get no messages stays noted as a mark that names nobody.")
    flash(f"{words} {kept}" if erased.retained else words)
    return redirect(url_for("privacy.privacy"))


@blueprint.post("/receipts/<int:receipt_id>")
@may(Role.OWNER)
def receipt_file(receipt_id: int) -> ResponseReturnValue:
    """The file that a customer asked for through the platform."""
    shop_id, now = visitor().shop.id, tools().now()
    groups = tools().database.run(lambda db: privacy_answers.fetch(db, shop_id, receipt_id, now))
    if groups is None:
        abort(404)
    _note("file", receipt_id)
    return _file(groups)


@blueprint.get("/leave")
@may(Role.OWNER)
def leave() -> str:
    """What happens when a shop leaves."""
    return render_template("merchant/privacy_leave.html", shop=visitor().shop)


@blueprint.post("/leave")
@may(Role.OWNER)
def leave_now() -> ResponseReturnValue:
    """Disconnect the shop: nothing leaves from now on, and in two days it is erased."""
    shop, now = visitor().shop, tools().now()
    if request.form.get("name", "").strip().casefold() != _called(shop).casefold():
        words = _("Type the name exactly as it is shown. Nothing was changed.")
        page = render_template("merchant/privacy_leave.html", shop=shop, errors={"name": words})
        return page, 422
    line = _line_to(shop)  # with the keys that are thrown away now
    tools().database.run(lambda db: leaving_shops.leave(db, shop, now))
    tools().forget()
    forget_browser(shop.key)
    silent = _is_silenced(line, shop)
    # No menu: its pages are not there any more.
    return render_template("merchant/left.html", shop=shop, silent=silent, visitor=None)


def _line_to(shop: ShopRow) -> Shop | None:
    try:
        return tools().line_to(shop)
    except Sealed:
        return None


def _is_silenced(line: Shop | None, shop: ShopRow) -> bool:
    """Have the shop tell us nothing more; False: what it still sends is for nobody."""
    try:
        if isinstance(line, EndsSubscriptions):
            line.end_subscriptions(shop.hooks_at(tools().public_url))
        return line is not None
    except TROUBLE as error:
        log.warning("shop %s left, and keeps its webhooks: %s", shop.id, type(error).__name__)
        return False


def _page(
    typed: dict[str, str] | None = None, errors: dict[str, str] | None = None, contact: str = ""
) -> str:
    shop = visitor().shop
    with tools().database.reading() as db:
        receipts = privacy_receipts.of_shop(db, shop.id)
        values = changes.values_of(db, shop.id, _KEPT)
        names = members.names(db, shop.id)
    return render_template(
        "merchant/privacy.html",
        receipts=receipts,
        within=privacy_receipts.ANSWER_WITHIN,
        kept=typed or values,
        seen=changes.mark_of(values),
        errors=errors or {},
        contact=contact,
        names=names,
        kinds=KINDS,
        came_by=CAME_BY,
        limits=_LIMITS,
    )


def _fits(name: str, text: str) -> bool:
    least, most = _LIMITS[name]
    whole = text.isascii() and text.isdecimal() and len(text) < 5
    return whole and least <= int(text) <= most


def _wrong(name: str) -> str:
    least, most = _LIMITS[name]
    return str(_("A whole number from %(least)s to %(most)s.", least=least, most=most))


def _whose() -> list[Marks] | None:
    """The person whom the form names; looked for again, and None when they are not held."""
    typed, shop, name = request.form.get("contact", ""), visitor().shop, request.form.get("who")
    with tools().database.reading() as db:
        found = persons_found.people_of(db, shop, typed)
    return next((each for each in found if persons_found.name_of(each) == name), None)


def _nobody() -> ResponseReturnValue:
    """Sent twice, or others have that number by now: nobody else is taken instead."""
    flash(_("Nothing more is held of this person. Nothing was done; look again."), "error")
    return redirect(url_for("privacy.privacy"))


def _counts(groups: list[Group]) -> list[tuple[str, int]]:
    return [(group.label, len(group.items)) for group in groups]


def _file(groups: list[Group]) -> Response:
    now = tools().now()
    page = render_template("merchant/privacy_file.html", groups=groups, now=now)
    answer = Response(page, mimetype="text/html")
    answer.headers["Content-Disposition"] = f'attachment; filename="held-{now:%Y-%m-%d}.html"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _note(what: str, key: object) -> None:
    member, now = visitor().member, tools().now()
    tools().database.run(lambda db: looks.note(db, member, what, key, now))


def _called(shop: Any) -> str:
    return str(shop.name or shop.address)


@blueprint.app_template_filter("in_words")
def _in_words(text: str) -> str:
    """What exports call things, in the reader's language."""
    from flask_babel import get_locale

    locale = get_locale()
    return translated(text, "en" if locale is None else locale.language)
