"""Connecting a shop: away to the platform and back, with proof of who came back."""

from __future__ import annotations

import logging
import secrets
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from connectors.protocols import (
    AccountStopped,
    Busy,
    Connection,
    Forged,
    NoAnswer,
    Refused,
    Unreadable,
)
from moment import FileClock
from recovery import accounts, held, history, installs, shops
from recovery.installs import Begun
from recovery.secrets import Sealed
from web import pairing
from web.addresses import is_private, is_public
from web.tools import tools

blueprint = Blueprint("install", __name__, url_prefix="/install")
log = logging.getLogger(__name__)

COOKIE = "relance_install"
_OURS = frozenset({"webhook_secret", "plugin_secret"})
_LONGEST_ADDRESS = 255
MOVABLE = (
    "Time can be moved forward on this server, so it is for trying only. "
    "Set PUBLIC_URL and start it again; then connect the shop."
)
#: What the shop's side may answer when it does not let us in.
TROUBLE = (AccountStopped, Busy, NoAnswer, Refused, Unreadable)


@blueprint.get("/woocommerce")
def woocommerce() -> ResponseReturnValue:
    """Send the merchant to their own shop, which asks whether to give us keys."""
    from connectors.woocommerce.install import authorize_url, clean_address

    address = clean_address(request.args.get("shop", ""))
    if address is None or len(address) > _LONGEST_ADDRESS:
        return _page("No shop can be reached there. Please give its https address."), 400
    if not is_public(address, tools().allow_private_shops):
        return _page("No shop can be reached there. Please give its https address."), 400
    if is_for_demonstrations("woocommerce", address):
        return _page(MOVABLE), 503
    leaving = browser()
    state = begin("woocommerce", address, leaving)
    base = f"{tools().public_url}/install/woocommerce"
    try:
        url = authorize_url(address, "Relance", state, f"{base}/done", f"{base}/callback")
    except ValueError:
        return _page("WooCommerce sends keys only to an https address: set PUBLIC_URL."), 503
    return away(url, leaving)


@blueprint.post("/woocommerce/callback")
def woocommerce_callback() -> ResponseReturnValue:
    """The shop's server posts the keys. Any answer but 200 makes it delete them again."""
    from connectors.woocommerce.install import keys_work, read_callback

    try:
        granted = read_callback(request.get_data())
    except Unreadable:
        return _page("These are no keys of a shop. Nothing was kept."), 400
    begun = take("woocommerce", granted.user_id, None)
    if begun is None:
        raise Forged("no install waits for these keys")
    if is_for_demonstrations("woocommerce", begun.address):
        return _page(MOVABLE), 503
    options = tools().outside.options("woocommerce")
    # The post is unsigned and names no shop: only that very shop can tell whose keys they are.
    keys_work(Connection("", begun.address, granted.credentials, options))
    fresh = {
        "webhook_secret": secrets.token_urlsafe(32),
        "plugin_secret": secrets.token_urlsafe(32),
    }
    keep("woocommerce", begun.address, {**granted.credentials, **fresh})
    return Response("stored", 200)


@blueprint.get("/woocommerce/done")
def woocommerce_done() -> ResponseReturnValue:
    """The merchant comes back from their shop, which sends its keys by a way of its own."""
    if request.args.get("success") != "1":
        return _page("The shop did not give us access, so nothing was connected.")
    # Anybody can open this address: the next step is for the browser that went away from here.
    state, browser = request.args.get("user_id", ""), request.cookies.get(COOKIE, "")
    now = tools().now()
    with tools().database.reading() as db:
        came = installs.began(db, "woocommerce", state, browser, now)
        shop = shops.by_id(db, came.shop_id) if came is not None and came.shop_id else None
    if shop is not None and shop.is_active:
        return pairing.step_two(shop)
    return pairing.not_yet(request.full_path) if came is not None else pairing.elsewhere()


@blueprint.errorhandler(Forged)
def forged(error: Forged) -> ResponseReturnValue:
    """Nobody we can trust sent this."""
    return _page("This link is not valid, or it is too old. Please begin again."), 401


@blueprint.errorhandler(AccountStopped)
@blueprint.errorhandler(Busy)
@blueprint.errorhandler(NoAnswer)
@blueprint.errorhandler(Refused)
@blueprint.errorhandler(Unreadable)
def not_let_in(error: Exception) -> ResponseReturnValue:
    """The shop's side did not let us in; nothing was kept."""
    log.warning("install: %s", type(error).__name__)
    return _page("The shop did not accept us just now. Nothing was kept; please begin again."), 502


def is_for_demonstrations(platform: str, address: str) -> bool:
    """A real shop and a clock that can be moved forward must never meet."""
    return isinstance(tools().now, FileClock) and not _is_stand_in(platform, address)


def _is_stand_in(platform: str, address: str) -> bool:
    """Nobody's shop: what is told of it may be made up. In doubt it is a real one."""
    if platform == "shopify":
        return bool(tools().outside.options(platform).get("host_override"))
    return tools().allow_private_shops and is_private(address)


def browser() -> str:
    """The name by which the browser that asks is known while it is away."""
    return request.cookies.get(COOKIE) or secrets.token_urlsafe(24)


def begin(platform: str, address: str, browser: str) -> str:
    """Note that this browser leaves; the state that must come back with it."""
    begun = Begun(platform, address)
    now = tools().now()
    return tools().database.run(lambda db: installs.begin(db, begun, browser, now))


def take(platform: str, state: str, browser: str | None) -> Begun | None:
    """What was begun with that state, which is used up now; see `installs.take`."""
    now = tools().now()
    return tools().database.run(lambda db: installs.take(db, platform, state, now, browser))


def away(url: str, browser: str) -> Response:
    """Send the browser to `url`; by a cookie it is known when it comes back."""
    answer = make_response(redirect(url, 302))
    secure = tools().public_url.startswith("https://")
    answer.set_cookie(COOKIE, browser, max_age=3600, httponly=True, secure=secure, samesite="Lax")
    return answer


def keep(platform: str, address: str, credentials: dict[str, str]) -> shops.ShopRow:
    """Store the shop with its credentials, and what it says of itself.

    One that came back keeps its own sender accounts.
    """
    now = tools().now()
    stand_in = _is_stand_in(platform, address)  # may ask the resolver: before the transaction

    def work(db: Any) -> shops.ShopRow:
        settings = {"stand_in": stand_in, "next_poll_at": None} | _senders(db, platform, address)
        found = shops.by_address(db, platform, address)
        if found is None or not found.is_active:  # one that is here keeps what was chosen
            settings["held"] = held.NEW
        shop = shops.add(db, platform, address, now, **settings)
        # Connected anew: webhooks and the plugin out there still sign with the old secrets.
        kept = {name: text for name, text in _former(shop).items() if name in _OURS}
        shops.keep_credentials(db, tools().keys, shop, credentials | kept)
        if found is None or not found.is_active:
            history.begin(db, shop, credentials.get("scope", ""), now)
        return shop

    shop = tools().database.run(work)
    tools().forget()
    _ask_its_name(shop, credentials)
    return shop


def _senders(db: Any, platform: str, address: str) -> dict[str, Any]:
    found = shops.by_address(db, platform, address)
    senders = {}
    for name, column in (("service", "account_id"), ("mail", "email_account_id")):
        account = accounts.by_name(db, name)
        if account is not None and (found is None or getattr(found, column) is None):
            senders[column] = account.id
    return senders


def _former(shop: shops.ShopRow) -> dict[str, str]:
    try:
        return shops.credentials_of(tools().keys, shop)
    except Sealed:
        return {}


def _ask_its_name(shop: shops.ShopRow, credentials: dict[str, str]) -> None:
    # The connection stands without it; the first poll brings most of it again.
    line: Any = tools().outside.shop(shop.platform, shop.key, shop.address, credentials)
    try:
        news = line.shop_news()
    except TROUBLE as error:
        log.warning("shop %s: its name could not be read: %s", shop.id, type(error).__name__)
        return
    tools().database.run(lambda db: shops.hear(db, shop, news, tools().now()))


def _page(words: str) -> str:
    return render_template("words.html", words=words)
