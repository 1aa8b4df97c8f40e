"""Our pages inside Shopify's admin: every request bears a session token, and no cookie counts.

App Bridge has a fresh token whenever it is asked. A page that was asked for without one, or with
one whose minute is over, is answered by way of the bounce page, which loads App Bridge and comes
back (`shopify-reload`). Tokens enter no address that we send a browser to, and no log.
"""

from __future__ import annotations

import base64
import json
import re
from typing import cast
from urllib.parse import urlencode, urlsplit

from flask import Response, flash, g, make_response, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import ImmutableMultiDict, MultiDict

from connectors.shopify import sanitised_shop, session_tokens
from connectors.shopify.session_tokens import Looker
from recovery.secrets import Sealed
from recovery.shops import ShopRow
from web.tools import tools

APP = "/shopify/app"
BOUNCE = "/shopify/token"
_ADMIN = "https://admin.shopify.com"
_BRIDGE = " https://cdn.shopify.com"
#: What Shopify, App Bridge and we ourselves add to the address of a framed page.
_ADDED = frozenset("id_token embedded shop host hmac session timestamp locale again told".split())
_HOST = re.compile(r"[A-Za-z0-9+/_=-]{8,200}")
_RETRY = {"X-Shopify-Retry-Invalid-Session-Request": "1"}
_TOLD_FOR = 120.0  # seconds that what is to be told may be on its way
_TOLD_MOST = 600  # characters of it


def is_asked() -> bool:
    """Whether this request claims to come from inside the admin."""
    return bool(_token()) or (_is_document() and request.args.get("embedded") == "1")


def prove() -> Looker:
    """Who looks. From here on the answer may be framed by that shop. Raises `Forged`, `Stale`."""
    options = tools().outside.options("shopify")
    looker = session_tokens.read(_token(), options.get("api_key", ""), secrets(), tools().now())
    allow(looker.shop)
    _take_out_what_was_added()
    return looker


def secrets() -> tuple[str, str]:
    """The app's secret, and the one before it, which still counts during a rotation."""
    options = tools().outside.options("shopify")
    return options.get("api_secret", ""), options.get("api_secret_previous", "")


def allow(shop: str | None) -> None:
    """Let the admin frame this answer, and that (verified) shop's own domain."""
    g.framed_by = f"https://{shop} {_ADMIN}" if shop else _ADMIN
    g.further_scripts = _BRIDGE


def fresh(shop: str | None) -> ResponseReturnValue:
    """The answer to a token that is over (`shop` is whose it was), forged, or not there."""
    allow(shop)
    is_new = "again" not in request.args  # else two clocks differ, and it would go on for ever
    if _is_document() and is_new and (shop or not _token()):
        return bounce(request.path + _query(), shop, again="1")
    answer = make_response(render_template("merchant/reload.html"), 401, _RETRY)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def bounce(to: str, shop: str | None, **more: str) -> Response:
    """To the bounce page, which comes back to our address `to` with a fresh token.

    `shop` is verified; without one the admin alone may frame that page.
    """
    named = shop or sanitised_shop(request.args.get("shop"))
    given = request.args.get("host", "")
    where = {"embedded": "1"}
    if named:
        where |= {"shop": named, "host": given if _HOST.fullmatch(given) else host_of(named)}
    joint = "&" if "?" in to else "?"
    back = f"{tools().public_url}{to}{joint}{urlencode(where | more)}"
    if shop:
        where["proof"] = tools().keys.seal(shop, BOUNCE)
    answer = redirect(f"{BOUNCE}?{urlencode(where | {'shopify-reload': back})}")
    answer.headers["Cache-Control"] = "no-store"
    return cast(Response, answer)


def proven(proof: str) -> str | None:
    """The shop that `bounce` verified, on the bounce page."""
    try:
        return tools().keys.open(proof, BOUNCE)
    except (Sealed, ValueError):
        return None


def is_ours(address: str) -> bool:
    """Whether the bounce page may come back there: only to pages that go inside the admin."""
    inside = tuple(f"{tools().public_url}{path}" for path in ("/shops/", APP))
    plain = address.isascii() and address.isprintable() and "\\" not in address
    return plain and address.startswith(inside)


def dress(response: Response, shop: ShopRow, member_id: int) -> Response:
    """What each answer inside the admin needs: no cookie, and an address that can be loaded."""
    if response.location is not None and _is_inside(response.location):
        told = _told(member_id)
        if request.headers.get("HX-Request"):  # follows by itself, with the token it has
            joint = "&" if "?" in response.location else "?"
            response.location += f"{joint}{urlencode(told)}" if told else ""
        else:
            response = bounce(response.location, shop.address, **told)
    session.pop("_flashes", None)
    session.modified = False
    return response


def tell_again(member_id: int) -> None:
    """Show what the request before this one had to tell; it came along sealed."""
    try:
        at, words = json.loads(tools().keys.open(g.told, f"told.{member_id}"))
    except (Sealed, ValueError):
        return
    if 0 <= tools().now().timestamp() - at <= _TOLD_FOR:
        for kind, each in words:
            flash(each, kind)


def _told(member_id: int) -> dict[str, str]:
    words = [(str(kind), str(each)) for kind, each in session.pop("_flashes", [])]
    whole = json.dumps([tools().now().timestamp(), words])
    if not words or len(whole) > _TOLD_MOST:
        return {}
    return {"told": tools().keys.seal(whole, f"told.{member_id}")}


def _token() -> str:
    """Where a token may stand: a header, a form; in an address only to load a document."""
    kind, _, bearer = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return bearer.strip()
    if request.method not in ("GET", "HEAD"):
        return request.form.get("id_token", "")
    return request.args.get("id_token", "") if _is_document() else ""


def _is_document() -> bool:
    wanted = request.headers.get("Sec-Fetch-Dest", "document")
    plain = "HX-Request" not in request.headers and "Authorization" not in request.headers
    return request.method in ("GET", "HEAD") and plain and wanted in ("document", "iframe")


def _take_out_what_was_added() -> None:
    """The pages see only what is theirs: no token enters a link that they write."""
    g.told = request.args.get("told", "")
    kept = [pair for pair in request.args.items(multi=True) if pair[0] not in _ADDED]
    request.args = ImmutableMultiDict(kept)
    form: MultiDict[str, str] = MultiDict(request.form)
    form.pop("id_token", None)
    request.form = ImmutableMultiDict(form)


def _query() -> str:
    kept = [pair for pair in request.args.items(multi=True) if pair[0] not in _ADDED]
    return f"?{urlencode(kept)}" if kept else ""


def _is_inside(address: str) -> bool:
    parts = urlsplit(address)
    return not (parts.scheme or parts.netloc) and parts.path.startswith("/shops/")


def host_of(shop: str) -> str:
    """Where the admin of a shop is, as Shopify says it: base64 without its padding."""
    where = f"admin.shopify.com/store/{shop.partition('.')[0]}"
    return base64.b64encode(where.encode()).decode().rstrip("=")
