"""Connecting a Shopify shop, stand-alone: to Shopify's page of consent and back."""

from __future__ import annotations

import logging

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from connectors.protocols import Connection, Forged
from connectors.shopify import scopes
from connectors.shopify.install import (
    exchange_code,
    permission_url,
    sanitised_shop,
    verify_callback,
)
from recovery.shops import ShopRow
from web import install, shop_scopes
from web.merchant import frames
from web.tools import tools

blueprint = Blueprint("shopify_install", __name__, url_prefix="/install/shopify")
log = logging.getLogger(__name__)

PLATFORM = "shopify"
_LONGEST = 4000  # characters of a query that Shopify would send


@blueprint.get("")
def begin() -> ResponseReturnValue:
    """Send the merchant to Shopify's own page of consent."""
    return leave(PLATFORM, "/install/shopify/callback")


@blueprint.get("/callback")
def callback() -> ResponseReturnValue:
    """Shopify sends the merchant back with a code: exchange it, and keep the shop."""
    address, code = came_back(PLATFORM)
    if install.is_for_demonstrations(PLATFORM, address):  # begun while time could not be moved
        return movable()
    if not code:
        return declined(address)
    options, now = tools().outside.options(PLATFORM), tools().now()
    credentials = exchange_code(Connection("", address, {}, options), code, now)
    lacking = scopes.missing(options.get("scopes", ""), credentials.get("scope", ""))
    if lacking:
        return not_enough(lacking, url_for("shopify_install.begin", shop=address))
    keep(address, credentials)
    return redirect(url_for("shopify_doors.enter", shop=address))


def leave(purpose: str, back: str, *, of_a_user: bool = False) -> ResponseReturnValue:
    """To Shopify, which comes back to our path `back`; the way back is for `purpose` alone."""
    options = tools().outside.options(PLATFORM)
    address = sanitised_shop(request.args.get("shop"))
    if address is None:
        words = _("The shop's address ends in .myshopify.com. Please check it.")
        return page(words, 400)
    if not options.get("api_key"):
        words = _("SHOPIFY_API_KEY and SHOPIFY_API_SECRET are not set on this server.")
        return page(words, 503)
    if install.is_for_demonstrations(PLATFORM, address):
        return movable()
    browser = install.browser()
    state = install.begin(purpose, address, browser)
    there = f"{tools().public_url}{back}"
    return install.away(
        permission_url(address, options, there, state, of_a_user=of_a_user), browser
    )


def came_back(purpose: str) -> tuple[str, str]:
    """The shop and the code of a callback of ours, proven. Raises `Forged`."""
    given = said_once()
    address = verify_callback(given, frames.secrets(), tools().now())
    cookie = request.cookies.get(install.COOKIE, "")
    begun = install.take(purpose, given.get("state", ""), cookie)
    if begun is None or begun.address != address:
        raise Forged("this browser did not begin this")
    return address, given.get("code", "")


def said_once() -> dict[str, str]:
    """The query; what Shopify signs, it says once. Raises `Forged`."""
    if len(request.query_string) > _LONGEST or any(len(v) > 1 for _, v in request.args.lists()):
        raise Forged("Shopify does not write such a query")
    return request.args.to_dict()


def keep(address: str, credentials: dict[str, str]) -> ShopRow:
    """Store a shop that Shopify let us into."""
    shop = install.keep(PLATFORM, address, credentials)
    shop_scopes.note(shop, credentials.get("scope", ""))
    return shop


def not_enough(lacking: list[str], again: str = "") -> ResponseReturnValue:
    """Shopify granted less than was asked for; nothing is kept."""
    words = _("Relance may not do enough in this shop")
    more = _("Nothing was kept. Relance does not work without these permissions of Shopify:")
    return page(words, 403, more, lacking, again)


def declined(address: str) -> ResponseReturnValue:
    """The merchant said no, or Shopify did."""
    words, more = _("The shop did not give us access"), _("Nothing was connected.")
    again = url_for("shopify_install.begin", shop=address)
    return page(words, 403, more, again=again)


def movable() -> ResponseReturnValue:
    """A real shop is not for a server whose time can be moved."""
    return page(install.MOVABLE, 503)


def page(
    words: str, status: int, more: str = "", listed: list[str] | None = None, again: str = ""
) -> ResponseReturnValue:
    """A plain page that says what happened."""
    said = {"words": words, "more": more, "listed": listed, "again": again}
    return render_template("merchant/shopify.html", **said), status


def forged(error: Forged) -> ResponseReturnValue:
    """Nobody we can trust sent this."""
    words = _("This link is not valid, or it is too old. Please begin again.")
    return page(words, 401)


def not_let_in(error: Exception) -> ResponseReturnValue:
    """Shopify did not let us in; nothing was kept."""
    log.warning("shopify: %s", type(error).__name__)
    words = _("The shop did not accept us just now. Nothing was kept; please begin again.")
    return page(words, 502)


def answer_trouble(rooms: Blueprint) -> None:
    """Let `rooms` answer what goes wrong with Shopify as the install does."""
    rooms.register_error_handler(Forged, forged)
    for trouble in install.TROUBLE:
        rooms.register_error_handler(trouble, not_let_in)


answer_trouble(blueprint)
