"""Webhooks of shops: verify over the raw body, read, store, answer 200.

Forged: 401. Not for us, of a copy of the shop, or of a shop that left: 200. Genuine but
unreadable: 200, and kept to be read again. Our own fault: 500, so that it comes again. Redis is
not needed for any of it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from contextlib import suppress

from flask import Blueprint, Response, request

from connectors.protocols import Forged, Shop, Unreadable
from recovery import copies, nonces, unread
from recovery.model import Cart, Seen, ShopNews
from recovery.polls import REFUSED_AT_LAST
from recovery.shops import ShopRow
from web import plugin_door, shop_scopes
from web.tools import tools

blueprint = Blueprint("shop_hooks", __name__, url_prefix="/hooks")
log = logging.getLogger(__name__)


@blueprint.post("/shopify")
def shopify() -> Response:
    """A webhook of any Shopify shop; which one, its header says."""
    from connectors.shopify import is_about_privacy, shop_of, verify_webhook

    held, headers = tools(), _headers()
    options = held.outside.options("shopify")
    secrets = (options.get("api_secret", ""), options.get("api_secret_previous", ""))
    verify_webhook(headers, request.get_data(), [text for text in secrets if text])
    address = shop_of(headers)
    found = held.shop_by_address("shopify", address) if address else None
    if found is None or not (found[0].is_active or is_about_privacy(headers)):
        # A shop that left has the app still where its merchant did not remove it. Its shoppers
        # are no business of ours any more: stored now, nothing would ever erase them.
        return _answer("not for us")
    return _take_in(*found, headers)


@blueprint.post("/woocommerce/<shop_key>")
def woocommerce(shop_key: str) -> Response:
    """A webhook of one WooCommerce shop. The ping that a new webhook sends is unsigned."""
    from connectors.woocommerce import is_ping
    from connectors.woocommerce.origin import copy_that_sent

    headers = _headers()
    if is_ping(headers, request.get_data()):
        return _answer("pong")
    shop, line = _verified("woocommerce", shop_key, headers)
    theirs = copy_that_sent(headers, shop.address, shop.further_addresses)
    return _take_in(shop, line, headers) if theirs is None else _of_a_copy(shop, theirs)


@blueprint.post("/woocommerce/<shop_key>/carts")
def woocommerce_carts(shop_key: str) -> Response:
    """Carts, and what goes with them, from the WordPress plugin of one shop."""
    from connectors.woocommerce.plugin import CARTS, read_what_can_be

    shop, nonce = plugin_door.who(shop_key, _headers(), CARTS)
    now = tools().now()
    # A nonce is used up only by what was stored or kept: a retry after our own fault is
    # welcome, and the same body twice is harmless anyway.
    if not tools().database.run(lambda db: nonces.is_fresh(db, shop.id, nonce)):
        return _answer("seen before")
    try:
        found = read_what_can_be(request.get_data(), now)
    except Unreadable as error:
        answer = _keep_unread(shop, "plugin", {}, str(error))
    else:
        answer = _store_carts(shop, found.seen)
        if found.error:
            answer = _keep_unread(shop, "plugin", {}, found.error, found.left)
    tools().database.run(lambda db: nonces.use(db, shop.id, nonce, now))
    return answer


@blueprint.post("/sandbox/<shop_key>")
def sandbox(shop_key: str) -> Response:
    """A webhook of the sandbox shop."""
    headers = _headers()
    return _take_in(*_verified("sandbox", shop_key, headers), headers)


def _verified(platform: str, shop_key: str, headers: Mapping[str, str]) -> tuple[ShopRow, Shop]:
    found = tools().shop_by_key(platform, shop_key)
    if found is None:
        raise Forged("no such shop")
    found[1].verify(headers, request.get_data())
    return found


def _of_a_copy(shop: ShopRow, theirs: str) -> Response:
    # 200: anything else would switch off the webhooks of a shop that only has two names.
    log.warning("shop %s: news of another address, a copy's perhaps, is not taken in", shop.id)
    now = tools().now()
    tools().database.run(lambda db: copies.note(db, shop.id, shop.address, theirs, now))
    return _answer("another shop's")


def _take_in(shop: ShopRow, line: Shop, headers: Mapping[str, str]) -> Response:
    try:
        seen = line.read(headers, request.get_data(), tools().now())
        return _store(shop, seen)
    except Unreadable as error:
        return _keep_unread(shop, shop.platform, headers, str(error))
    except REFUSED_AT_LAST as error:
        # No database holds these values, and no repeat changes that.
        return _keep_unread(shop, shop.platform, headers, f"refused: {type(error).__name__}")


def _store_carts(shop: ShopRow, seen: tuple[Seen, ...]) -> Response:
    """All at once, or one by one when one is refused: then the whole post is kept, too."""
    try:
        return _store(shop, seen)
    except REFUSED_AT_LAST as error:
        kept = _keep_unread(shop, "plugin", {}, f"refused: {type(error).__name__}")
    # Carts first, as they are recorded together.
    for each in sorted(seen, key=lambda each: not isinstance(each, Cart)):
        with suppress(*REFUSED_AT_LAST):
            _store(shop, (each,))
    return kept


def _store(shop: ShopRow, seen: tuple[Seen, ...]) -> Response:
    held = tools()
    if seen:
        held.pen.write([(shop, each) for each in seen], held.now())
    for each in seen:
        if isinstance(each, ShopNews):
            held.forget()
            if each.scopes is not None:
                shop_scopes.note(shop, ",".join(each.scopes))
    return _answer("stored" if seen else "not for us")


def _keep_unread(
    shop: ShopRow, door: str, headers: Mapping[str, str], error: str, body: bytes | None = None
) -> Response:
    """Keep the request's body, or what of it could not be read, and say so in the log."""
    kept = {name: value for name, value in headers.items() if name.lower().startswith("x-")}
    body = request.get_data() if body is None else body
    log.error("unread: door %s, shop %s, %s bytes: %s", door, shop.id, len(body), error)
    row = unread.Unread(door, json.dumps(kept), body, error, shop_id=shop.id)
    tools().database.run(lambda db: unread.keep(db, row, tools().now()))
    return _answer("kept, not understood")


@blueprint.errorhandler(Forged)
def forged(error: Forged) -> Response:
    """Not signed by whom it claims: nothing changed."""
    return _answer("not signed by the shop", 401)


def _headers() -> Mapping[str, str]:
    # Asked many times per webhook: a plain dict answers at once. Its names are written
    # as platforms write them, so that most are found without looking at all of them.
    return {
        name[5:].replace("_", "-").title(): value
        for name, value in request.environ.items()
        if name.startswith("HTTP_")
    }


def _answer(text: str, status: int = 200) -> Response:
    return Response(text, status, plugin_door.OURS, mimetype="text/plain")
