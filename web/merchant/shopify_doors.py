"""The ways from Shopify into the merchant's pages: opened in the admin, or signed in beside it.

Both ways Shopify calls a person by the same number, so they are the same member.
"""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from connectors.protocols import Connection
from connectors.shopify import scopes
from connectors.shopify.install import exchange_session, verify_callback, who_came
from connectors.shopify.session_tokens import Stale
from recovery import members, shops
from recovery.secrets import Sealed
from recovery.shops import ShopRow
from web import install, shop_scopes
from web.merchant import frames, shopify_install, visitor
from web.merchant.shopify_install import PLATFORM
from web.tools import tools

blueprint = Blueprint("shopify_doors", __name__)

_OF_A_USER = "shopify.user"  # what such a state is for, so that no install takes it


@blueprint.get("/enter/shopify")
def enter() -> ResponseReturnValue:
    """Sign in: Shopify says which of the shop's people this is."""
    return shopify_install.leave(_OF_A_USER, "/enter/shopify/callback", of_a_user=True)


@blueprint.get("/enter/shopify/callback")
def came() -> ResponseReturnValue:
    """Back from Shopify, with a code that says who it is."""
    address, code = shopify_install.came_back(_OF_A_USER)
    if install.is_for_demonstrations(PLATFORM, address):
        return shopify_install.movable()
    if not code:
        return shopify_install.declined(address)
    user = who_came(Connection("", address, {}, tools().outside.options(PLATFORM)), code)
    shop, now = _shop(address), tools().now()
    if shop is None or not shop.is_active:
        words = _("This shop is not connected")
        again = url_for("shopify_install.begin", shop=address)
        return shopify_install.page(words, 403, again=again)
    subject = f"shopify:{user}"
    member = tools().database.run(lambda db: members.enter(db, shop.id, subject, now))
    if member is None:
        return render_template("merchant/not_here.html", shop=shop), 403
    visitor.enter(shop, member)
    return redirect(url_for("home.home", shop_key=shop.key))


@blueprint.get(frames.APP)
@blueprint.get(f"{frames.APP}/")
@blueprint.get(f"{frames.APP}/<path:where>")
def app(where: str = "") -> ResponseReturnValue:
    """The app's address: what Shopify opens, inside its admin or beside it."""
    options = tools().outside.options(PLATFORM)
    if not options.get("api_key"):
        words = _("SHOPIFY_API_KEY and SHOPIFY_API_SECRET are not set on this server.")
        return shopify_install.page(words, 503)
    return _inside(where) if frames.is_asked() else _beside()


@blueprint.get(frames.BOUNCE)
def token() -> ResponseReturnValue:
    """The bounce page: App Bridge goes to the address in `shopify-reload` with a fresh token."""
    backs = request.args.getlist("shopify-reload")
    if len(backs) != 1 or not frames.is_ours(backs[0]):
        return shopify_install.page(_("There is nothing at this address."), 400)
    frames.allow(frames.proven(request.args.get("proof", "")))
    return render_template("merchant/bounce.html")


def _beside() -> ResponseReturnValue:
    """Opened without a token: Shopify signed the query, which still says no person."""
    given = shopify_install.said_once()
    address = verify_callback(given, frames.secrets(), tools().now())
    shop = _shop(address)
    known = shop is not None and shop.is_active
    step = "shopify_doors.enter" if known else "shopify_install.begin"
    return redirect(url_for(step, shop=address))


def _inside(where: str) -> ResponseReturnValue:
    """Connect the shop if it is not, then on to its pages."""
    given = request.args.get("id_token", "")
    try:
        looker = frames.prove() if given else None
    except Stale as error:
        return frames.fresh(error.shop)
    if looker is None:
        return frames.fresh(None)
    if install.is_for_demonstrations(PLATFORM, looker.shop):
        return shopify_install.movable()
    shop = _shop(looker.shop)
    if shop is None or not shop.is_active or _polls_fail(shop):
        fresh, lacking = _exchanged(looker.shop, given)
        if lacking and not (shop is not None and shop.is_active):
            return shopify_install.not_enough(lacking)
        shop = shopify_install.keep(looker.shop, fresh)
    elif _may_other_things(shop):
        fresh, _lacking = _exchanged(looker.shop, given)
        _renew(shop, fresh)
    inside = f"shops/{shop.key}/"
    deep = where.startswith(inside) and where.isascii()
    return frames.bounce(f"/{where if deep else inside}", looker.shop)


def _exchanged(address: str, token: str) -> tuple[dict[str, str], list[str]]:
    """The shop's own tokens for a session token, and the scopes that they lack."""
    options, now = tools().outside.options(PLATFORM), tools().now()
    fresh = exchange_session(Connection("", address, {}, options), token, now)
    return fresh, scopes.missing(options.get("scopes", ""), fresh.get("scope", ""))


def _renew(shop: ShopRow, fresh: dict[str, str]) -> None:
    tools().database.run(lambda db: shops.keep_credentials(db, tools().keys, shop, fresh))
    tools().forget()
    shop_scopes.note(shop, fresh.get("scope", ""))


def _polls_fail(shop: ShopRow) -> bool:
    """Its tokens may be those of a former install, whose end nobody told us."""
    with tools().database.reading() as db:
        return shops.polls_fail(db, shop.id)


def _may_other_things(shop: ShopRow) -> bool:
    """Whether what we may do there has changed since its token was given."""
    try:
        held = shops.credentials_of(tools().keys, shop)
    except Sealed:
        return True
    granted = held.get("scope", "")
    with tools().database.reading() as db:
        told = shops.scopes_of(db, shop.id)
    asked = tools().outside.options(PLATFORM).get("scopes", "")
    changed = bool(told) and scopes.of(told) != scopes.of(granted)
    return not held.get("access_token") or changed or bool(scopes.missing(asked, granted))


def _shop(address: str) -> ShopRow | None:
    with tools().database.reading() as db:
        return shops.by_address(db, PLATFORM, address)


shopify_install.answer_trouble(blueprint)
