"""What the box in a Shopify theme posts: by the shop's own address, signed by Shopify.

1. Forged, stale, or of a shop that is not ours: 401. Its number used before: 409.
2. Too long: 413. Not a box: 400. A phone that no text can reach: 422. Too often, or too
   many new numbers of one shop (`recovery.floods`): 429.
3. Stored: 200, with words for the shopper in their language. Our own fault: 500.

Titles and prices of what is watched come from the products that the shop told us of,
never from the browser.
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request
from flask.blueprints import BlueprintSetupState
from sqlalchemy import Connection, select

from connectors.protocols import Forged, Unreadable
from connectors.shopify.proxy import (
    LONGEST_BODY,
    Box,
    Visit,
    read_box,
    seen_in,
    verify_proxy,
)
from recovery import floods, nonces, tables
from recovery.contacts import e164, may_be_texted
from recovery.model import Money, RequestKind, Seen, TextRequest
from recovery.shops import ShopRow
from web.allowance import Allowance
from web.box_words import box_words
from web.tools import tools

blueprint = Blueprint("shopify_proxy", __name__, url_prefix="/proxy/shopify")
log = logging.getLogger(__name__)

#: How many boxes in how many seconds. Nobody shall have a stranger's phone flooded with
#: confirmations, nor a shop's whole line.
ALLOWED = {"client": (10, 600.0), "phone": (5, 3600.0), "shop": (600, 600.0)}


@blueprint.record
def begin(state: BlueprintSetupState) -> None:
    """Each app counts by itself."""
    allowances = {sort: Allowance(*limits) for sort, limits in ALLOWED.items()}
    state.app.extensions["relance.boxes"] = allowances


@blueprint.post("/contact")
def contact() -> Response:
    """A shopper's box: their phone, and what they ask to be texted about."""
    visit = verify_proxy(request.query_string.decode("ascii", "replace"), _secrets(), tools().now())
    found = tools().shop_by_address("shopify", visit.shop)
    if found is None or not found[0].is_active:
        raise Forged("no such shop")
    shop = found[0]
    wait = _wait(("client", f"{shop.id}|{_client()}"), ("shop", str(shop.id)))
    if wait > 0:
        return _slow_down(wait)
    if not tools().database.run(lambda db: _is_first_use(db, shop.id, visit)):
        return _say("again", 409)
    if (request.content_length or 0) > LONGEST_BODY or len(request.get_data()) > LONGEST_BODY:
        return _say("too_long", 413)
    try:
        return _take(shop, visit, read_box(request.get_data()))
    except Unreadable as error:
        log.warning("a box of shop %s is unreadable: %s", shop.id, error)
        return _say("odd", 400)


def _take(shop: ShopRow, visit: Visit, box: Box) -> Response:
    phone = e164(box.phone, box.country or shop.country)
    if phone is None or not may_be_texted(phone):
        return _say("phone" if phone is None else "landline", 422, box.locale)
    wait = _wait(("phone", f"{shop.id}|{phone}"))
    if wait > 0:
        return _slow_down(wait, box.locale)
    now = tools().now()
    visit = replace(visit, page=request.referrer, ip=_client())
    seen = seen_in(replace(box, phone=phone), visit, now)
    if seen and not tools().database.run(lambda db: floods.lets_in(db, shop.id, phone, now, now)):
        log.warning("a box of shop %s is turned away: too many new numbers", shop.id)
        return _slow_down(floods.WINDOW.total_seconds(), box.locale)
    return _store(shop, box, seen)


def _store(shop: ShopRow, box: Box, seen: tuple[Seen, ...]) -> Response:
    nothing_kept = RequestKind.KEEP_CART in box.asks and not box.cart_token
    if not seen:
        return _say("empty_cart" if nothing_kept else "nothing", 422, box.locale)
    held = tools()
    with held.database.reading() as db:
        whole = [_with_what_we_know(db, shop, each) for each in seen]
    held.pen.write([(shop, each) for each in whole], held.now())
    return _say("noted_without_cart" if nothing_kept else "noted", 200, box.locale)


def _with_what_we_know(db: Connection, shop: ShopRow, seen: Seen) -> Seen:
    """A thing that is watched, with the title, address and price that the shop told us."""
    if not isinstance(seen, TextRequest) or seen.product_key is None:
        return seen
    products = tables.products
    where = (products.c.shop_id == shop.id, products.c.key == seen.product_key)
    row = db.execute(select(products).where(*where)).mappings().first()
    if row is None:
        return seen
    price, currency = _price(dict(row), seen.variant_key), row["currency"] or shop.currency
    return replace(
        seen,
        product_title=row["title"] or None,
        product_address=row["address"],
        price=Money(price, currency) if price is not None and currency else None,
    )


def _price(row: Mapping[str, Any], variant_key: str | None) -> Decimal | None:
    """The variant's own price where it is known, else the product's lowest."""
    with suppress(ValueError, ArithmeticError, TypeError):
        for each in json.loads(row.get("variants") or "[]"):
            if isinstance(each, dict) and str(each.get("key")) == variant_key and each.get("price"):
                return Decimal(str(each["price"]))
    found: Decimal | None = row["price"]
    return found


def _secrets() -> list[str]:
    options = tools().outside.options("shopify")
    found = (options.get("api_secret", ""), options.get("api_secret_previous", ""))
    return [secret for secret in found if secret]


def _is_first_use(db: Connection, shop_id: int, visit: Visit) -> bool:
    return nonces.take(db, shop_id, visit.signature, tools().now())


def _wait(*asked: tuple[str, str]) -> float:
    """Seconds to wait; 0 when one more is allowed to each (sort, name) asked for."""
    now = tools().now()
    allowances: dict[str, Allowance] = current_app.extensions["relance.boxes"]
    for sort, name in asked:
        hashed = hashlib.sha256(name.encode(errors="replace")).hexdigest()
        wait = allowances[sort].take(hashed, now)
        if wait > 0:
            return wait
    return 0.0


def _client() -> str:
    """The shopper's address: the last that Shopify wrote before our own proxies wrote theirs."""
    written = request.headers.get("X-Forwarded-For", "").split(",")
    ours = int(getattr(current_app.wsgi_app, "x_for", 0))  # see `TRUSTED_PROXIES`
    named = [each.strip() for each in written[: len(written) - ours] if each.strip()]
    return named[-1] if named else (request.remote_addr or "")


def _slow_down(wait: float, locale: str | None = None) -> Response:
    answer = _say("too_often", 429, locale)
    answer.headers["Retry-After"] = str(math.ceil(wait))
    return answer


@blueprint.errorhandler(Forged)
def forged(error: Forged) -> Response:
    """Not signed by Shopify, or not just now: nothing changed."""
    return _say("forged", 401)


def _say(what: str, status: int, locale: str | None = None) -> Response:
    language = (locale or request.headers.get("Accept-Language", ""))[:2].lower()
    answer = jsonify(ok=status == 200, what=what, words=box_words(what, language))
    answer.status_code = status
    answer.headers["Cache-Control"] = "no-store"
    return answer
