"""The doors of the WordPress plugin: signed in the same way, each request good once."""

from __future__ import annotations

from collections.abc import Mapping

from flask import request

from connectors.protocols import Forged
from recovery.shops import ShopRow, credentials_of
from web.tools import tools


def who(shop_key: str, headers: Mapping[str, str]) -> tuple[ShopRow, str]:
    """The shop whose plugin signed this request, and the request's nonce. Raises `Forged`.

    Whether the nonce was used before is for the caller to ask.
    """
    from connectors.woocommerce.plugin import verify_cart

    found = tools().shop_by_key("woocommerce", shop_key)
    if found is None:
        raise Forged("no such shop")
    shop, _ = found
    secret = credentials_of(tools().keys, shop).get("plugin_secret", "")
    return shop, verify_cart(headers, request.get_data(), secret, tools().now())
