"""The app proxy: a request to the shop's own address, signed by Shopify and passed on.

The signature: each parameter as "name=value" (several values of one name joined by a
comma), sorted, written one after the other, HMAC-SHA256 with the app's secret, in hex.
Cookies stay behind; the body goes along unsigned.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

import requests

PREFIX = "/apps/relance"
Page = tuple[int, bytes, str]


@dataclass(frozen=True)
class Visit:
    """One request of a shopper's browser to the shop."""

    path: str
    query: str
    body: bytes
    kind: str  # of the body
    client: str = "192.0.2.7"


def signed_query(
    secret: str, shop: str, at: datetime, query: str = "", customer_id: int | None = None
) -> str:
    """The shopper's `query` with what Shopify adds to it, signed as of `at`."""
    pairs = parse_qsl(query, keep_blank_values=True)
    pairs += [
        ("shop", shop),
        ("logged_in_customer_id", "" if customer_id is None else str(customer_id)),
        ("path_prefix", PREFIX),
        ("timestamp", str(int(at.timestamp()))),
    ]
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    message = "".join(sorted(f"{name}={','.join(each)}" for name, each in values.items()))
    signature = hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()
    return urlencode([*pairs, ("signature", signature)])


def forward(stand_in: Any, shop: Any, method: str, visit: Visit) -> Page:
    """Pass a visit on to the app, and its answer back."""
    query = signed_query(stand_in.api_secret, shop.domain, stand_in.now(), visit.query)
    address = f"{stand_in.proxy_url}{visit.path.removeprefix(PREFIX)}?{query}"
    headers = {"Content-Type": visit.kind, "X-Forwarded-For": visit.client}
    try:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(
                method, address, data=visit.body, headers=headers, timeout=10, allow_redirects=False
            )
    except requests.RequestException:
        return 502, b"the app does not answer", "text/plain"
    return answer.status_code, answer.content, answer.headers.get("Content-Type", "text/plain")
