"""The ways into the merchant's pages. Who somebody is, the shop's platform says; we keep no
passwords.
"""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from connectors import entry_links
from connectors.protocols import Forged
from recovery import members, nonces, shops
from recovery.members import Member
from web.merchant import visitor
from web.tools import tools

blueprint = Blueprint("doors", __name__, url_prefix="/enter")

#: Which credential of a shop signs its entry links, and what its people are called.
_SIGNED_BY = {"woocommerce": ("plugin_secret", "wordpress"), "sandbox": ("secret", "sandbox")}


@blueprint.get("/<platform>/<shop_key>")
def by_link(platform: str, shop_key: str) -> ResponseReturnValue:
    """A link that the shop signed for one of its own people: good for a minute, and once."""
    found = tools().shop_by_key(platform, shop_key) if platform in _SIGNED_BY else None
    if found is None:
        raise Forged("no such shop")
    shop, now = found[0], tools().now()
    name, people = _SIGNED_BY[platform]
    secret = shops.credentials_of(tools().keys, shop).get(name, "")
    entry = entry_links.read(request.args, secret, shop_key, now)

    def come(db: Connection) -> Member | None:
        if not nonces.take(db, shop.id, f"enter-{entry.nonce}", now):
            raise Forged("this link was used already: open it from the shop again")
        return members.enter(db, shop.id, f"{people}:{entry.user}", now)

    member = tools().database.run(come)
    if member is None:
        return render_template("merchant/not_here.html", shop=shop), 403
    visitor.enter(shop, member)
    return redirect(url_for("home.home", shop_key=shop.key))


@blueprint.post("/leave/<shop_key>")
def go(shop_key: str) -> ResponseReturnValue:
    """Out again: this browser forgets that shop."""
    if not visitor.is_marked():
        return redirect(url_for("home.home", shop_key=shop_key))
    visitor.leave(shop_key)
    return render_template("merchant/gone.html")


@blueprint.errorhandler(Forged)
def forged(error: Forged) -> ResponseReturnValue:
    """A clear page; what was wrong with the link is no secret to who holds it."""
    return render_template("merchant/closed.html"), 401
