"""Answers as one types beside the fields themselves, and the share of people held out."""

from __future__ import annotations

from decimal import Decimal

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from msgspec import structs
from sqlalchemy import Connection, select

from recovery import changes, offer_wishes, programmes, tables
from recovery.changes import Changed
from recovery.mail_wishes import LOOK
from recovery.members import Role, called
from recovery.offer_wishes import OFFERS
from recovery.programme_problems import Problem
from recovery.programmes import CART, NotSavable
from recovery.shop_sections import CREDIT
from recovery.shop_wishes import NotSo, amount
from web.merchant import settings_around
from web.merchant.settings import Refused, blueprint, page
from web.merchant.visitor import may, visitor
from web.tools import tools

_SHARE = amount(Decimal(50))


@blueprint.post("/offers/preview")
@may(Role.EDITOR)
def who_gets_what() -> str:
    """Who would get what by the rules as they are typed; as they are kept where they are wrong."""
    shop, now = visitor().shop, tools().now()
    with tools().database.reading() as db:
        stands = changes.values_of(db, shop.id, OFFERS.columns)
        asked = settings_around.asked_by(db, shop)
    wished = OFFERS.read(request.form, stands, shop)
    kept = (wished.values or stands)["offer_policy"]
    told = settings_around.samples(offer_wishes.stored(kept, shop), asked, now)
    return render_template("merchant/settings_samples.html", wrong=bool(wished.wrong), **told)


@blueprint.post("/look/preview")
@may(Role.EDITOR)
def head() -> str:
    """The head of a cart's page with the colour and logo as they are typed."""
    shop = visitor().shop
    with tools().database.reading() as db:
        stands = changes.values_of(db, shop.id, LOOK.columns)
    found = dict(stands)
    for name in LOOK.fields:
        if not LOOK.wrong_of(name, request.form, stands, shop):
            found[name] = LOOK.fields[name].read(request.form.get(name, ""))
    told = settings_around.head(found["colour"], found["logo"])
    return render_template("merchant/settings_head.html", **told)


@blueprint.post("/holdout")
@may(Role.EDITOR)
def holdout() -> ResponseReturnValue:
    """Keep another share of people held out, as a new version of the programme."""
    try:
        tools().database.run(_keep)
    except Refused as refused:
        return _again(refused), 422
    except NotSavable as error:
        found = next(each for each in error.problems if not each.is_warning)
        flash(_("The programme has a fault, so nothing was changed: %(words)s", words=_of(found)))
        return redirect(url_for("settings.section", key="credit"))
    except Changed:
        words = _("Somebody changed the programme meanwhile. Nothing was changed; look again.")
        flash(words, "error")
        return redirect(url_for("settings.section", key="credit"))
    flash(_("Saved."))
    return redirect(url_for("settings.section", key="credit"))


def _keep(db: Connection) -> None:
    try:
        share = float(_SHARE(request.form.get("holdout", "")) / 100)
    except NotSo as error:
        raise Refused({"holdout": error}) from error
    shop, now, member = visitor().shop, tools().now(), visitor().member
    row = select(tables.shops.c.id).where(tables.shops.c.id == shop.id)
    db.execute(row.with_for_update(key_share=True))
    held = programmes.held(db, shop.id, CART)
    if held is None:
        raise Refused({"holdout": NotSo("no_programme")})
    number, _on, form = held
    if request.form.get("seen", "") != str(number):
        raise Changed(None)
    if form.holdout == share:
        return
    programmes.save(db, shop.id, CART, structs.replace(form, holdout=share), called(member), now)
    was, then = {"holdout": _percent(form.holdout)}, {"holdout": _percent(share)}
    subject = f"programme:{CART}"
    changes.keep(db, shop.id, subject, was, then, now, member_id=member.id)


def _percent(share: float) -> str:
    return format(round(Decimal(str(share)) * 100, 1).normalize(), "f")


def _of(found: Problem) -> str:
    locale = get_locale()
    french = locale is not None and locale.language == "fr"
    return found.words("fr" if french else "en")


def _again(refused: Refused) -> str:
    typed = request.form.get("holdout", "")[:40].replace("\x00", "")
    with tools().database.reading() as db:
        stands = changes.values_of(db, visitor().shop.id, CREDIT.columns)
        return page(db, CREDIT, stands, None, refused.wrong, holdout=typed)
