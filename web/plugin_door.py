"""The doors of the WordPress plugin: each with a signature of its own, each request good once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from flask import Response, request

from connectors.protocols import Forged
from recovery import webhook_marks
from recovery.shops import ShopRow, credentials_of
from web.tools import tools

#: The plugin believes only an answer that bears this: a parked domain answers 200, too.
OURS = {"X-Relance": "1"}
_COARSE = timedelta(minutes=10)


def mark(answer: Response) -> Response:
    """The answer, told apart from those of whoever else may answer at our address."""
    answer.headers.update(OURS)
    return answer


def who(shop_key: str, headers: Mapping[str, str], door: str) -> tuple[ShopRow, str]:
    """The shop whose plugin signed this request for that door, and the request's nonce.

    Raises `Forged`. Whether the nonce was used before is for the caller to ask.
    """
    from connectors.woocommerce.plugin import verify_cart

    found = tools().shop_by_key("woocommerce", shop_key)
    if found is None:
        raise Forged("no such shop")
    shop, _ = found
    secret = credentials_of(tools().keys, shop).get("plugin_secret", "")
    nonce = verify_cart(headers, request.get_data(), secret, tools().now(), door)
    seen(shop.id)
    return shop, nonce


def seen(shop_id: int) -> None:
    """Note the plugin's sign of life, now and then: carts come in floods."""
    now = tools().now()
    last = tools().plugins_seen.get(shop_id)
    if last is None or not timedelta(0) <= now - last < _COARSE:
        tools().plugins_seen[shop_id] = now
        tools().database.run(lambda db: webhook_marks.mark_plugin(db, shop_id, now))
