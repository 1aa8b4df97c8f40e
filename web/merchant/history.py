"""What the shop kept from before we came: how far it is read, and reading it again."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Connection

from recovery import history, shops
from recovery.history import Import
from recovery.members import Role
from web.merchant.visitor import may, visitor
from web.tools import tools

blueprint = Blueprint("history", __name__, url_prefix="/history")
NAMES = {history.ORDERS: _l("Orders"), history.CARTS: _l("Carts that were left")}
#: So long the first page goes on to show an import that is done.
_SHOWN = timedelta(days=2)


@blueprint.get("/")
def page() -> str:
    """The imports of the shop, as they stand."""
    with tools().database.reading() as db:
        imports, about = history.of_shop(db, visitor().shop.id), _about(db)
    return render_template("merchant/history.html", imports=imports, **about)


@blueprint.post("/again")
@may(Role.OWNER)
def again() -> ResponseReturnValue:
    """Read all of it again, from its beginning."""
    shop, now = visitor().shop, tools().now()

    def work(db: Connection) -> bool:
        return history.begin(db, shop, shops.scopes_of(db, shop.id), now, again=True)

    if tools().database.run(work):
        flash(_("It is read again. What is here already stays as it is."))
    return redirect(url_for("history.page"))


@blueprint.post("/now")
@may(Role.EDITOR)
def now_() -> ResponseReturnValue:
    """Do not wait for the next try."""
    shop, now = visitor().shop, tools().now()
    tools().database.run(lambda db: history.go_on_now(db, shop.id, now))
    return redirect(url_for("history.page"))


def on_the_first_page(db: Connection, now: datetime) -> dict[str, object]:
    """What the first page shows of it: nothing when it is long done, or there is none."""
    imports = history.of_shop(db, visitor().shop.id)
    shown = any(each.ended_at is None or each.ended_at > now - _SHOWN for each in imports)
    return {"imports": imports if shown else [], **_about(db)}


def _about(db: Connection) -> dict[str, object]:
    shop = visitor().shop
    lacks_all = shop.platform == "shopify" and (
        history.ALL_ORDERS not in shops.scopes_of(db, shop.id).split(",")
    )
    has_past = shop.platform in history.PLATFORMS
    return {"names": NAMES, "percent": _percent, "lacks_all": lacks_all, "has_past": has_past}


def _percent(each: Import) -> int | None:
    return None if each.share is None else round(100 * each.share)
