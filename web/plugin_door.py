"""The doors of the WordPress plugin: each with a signature of its own, each request good once."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, request

from connectors.protocols import Forged
from recovery.shops import ShopRow, credentials_of
from web.tools import tools

#: The plugin believes only an answer that bears this: a parked domain answers 200, too.
OURS = {"X-Relance": "1"}


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
    return shop, verify_cart(headers, request.get_data(), secret, tools().now(), door)
