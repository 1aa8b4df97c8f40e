"""Words for the tests of installs: begun at our door, come back from the platform's."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from werkzeug.test import TestResponse

from tests.connectors.shopify_words import SECRET, SHOP
from tests.standins.woocommerce import WooCommerceStandIn
from tests.web.stage import Stage


def begun(stage: Stage, shop: str = SHOP) -> str:
    """The state that Shopify is asked to bring back."""
    answer = stage.client.get("/install/shopify", query_string={"shop": shop})
    assert answer.status_code == 302
    return parse_qs(urlsplit(answer.headers["Location"]).query)["state"][0]


def signed(query: Mapping[str, str], secret: str = SECRET) -> dict[str, str]:
    """A query with its `hmac`, as Shopify writes it."""

    def escaped(text: str) -> str:
        return text.replace("%", "%25").replace("&", "%26")

    pairs = [
        f"{escaped(name).replace('=', '%3D')}={escaped(value)}" for name, value in query.items()
    ]
    message = "&".join(sorted(pairs)).encode(errors="replace")
    return {**query, "hmac": hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()}


def callback(stage: Stage, state: str, secret: str = SECRET, **changed: str) -> TestResponse:
    query = {
        "code": "c0de",
        "host": "YWRtaW4",
        "shop": SHOP,
        "state": state,
        "timestamp": str(int(stage.clock().timestamp())),
    } | changed
    return stage.client.get("/install/shopify/callback", query_string=signed(query, secret))


def begun_woo(stage: Stage, address: str) -> dict[str, list[str]]:
    answer = stage.client.get("/install/woocommerce", query_string={"shop": address})
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(f"{address}/wc-auth/v1/authorize?")
    return parse_qs(urlsplit(answer.headers["Location"]).query)


def keys_of(woo: WooCommerceStandIn, state: str) -> dict[str, Any]:
    return {
        "key_id": 5,
        "user_id": state,
        "consumer_key": woo.key.consumer_key,
        "consumer_secret": woo.key.consumer_secret,
        "key_permissions": "read_write",
    }
