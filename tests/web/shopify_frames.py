"""Words for the tests of our pages inside Shopify's admin: tokens, loads, posts, ways back."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from werkzeug.test import TestResponse

from recovery import shops
from recovery.shops import ShopRow
from tests.connectors.shopify_words import SECRET, SHOP
from tests.standins.shopify.sessions import launch, session_token
from tests.web.stage import Stage
from tests.web.test_install import DEFAULT

ADMIN = "https://admin.shopify.com"
POLICY = "Content-Security-Policy"


def a_shop(stage: Stage, **more: Any) -> ShopRow:
    made = stage.a_shopify_shop(**more)
    granted = {"access_token": "shpat_made_up", "scope": DEFAULT}
    keys = stage.tools.keys
    stage.database.run(lambda db: shops.keep_credentials(db, keys, made, granted))
    return made


def token(stage: Stage, user: int | str = 7, secret: str = SECRET, **changed: Any) -> str:
    return session_token(("key", secret), SHOP, user, stage.clock(), **changed)


def load(stage: Stage, path: str, given: str, **query: str) -> TestResponse:
    """The frame loads a page."""
    whole = {"embedded": "1", "shop": SHOP, "host": "YWRtaW4x", "id_token": given} | query
    return asked(stage, path, whole)


def asked(stage: Stage, path: str, query: dict[str, str], **headers: str) -> TestResponse:
    there = {"Sec-Fetch-Dest": "iframe"} | headers
    browser = stage.app.test_client()
    return browser.get(path, base_url=stage.tools.public_url, query_string=query, headers=there)


def send(stage: Stage, path: str, **fields: str) -> TestResponse:
    browser = stage.app.test_client()
    return browser.post(path, base_url=stage.tools.public_url, data=fields)


def way_back(answer: TestResponse) -> str:
    """Where the bounce page of that redirect comes back to."""
    assert (answer.status_code, urlsplit(answer.location).path) == (302, "/shopify/token")
    return parse_qs(urlsplit(answer.location).query)["shopify-reload"][0]


def policy(answer: TestResponse) -> dict[str, str]:
    parts = (each.strip().partition(" ") for each in answer.headers[POLICY].split(";"))
    return {name: rest for name, _, rest in parts}


def query_of(address: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(address).query)


def opened(stage: Stage, user: int = 7, path: str = "/shopify/app") -> TestResponse:
    """The merchant opens the app in the admin."""
    address = launch(("key", SECRET), path, SHOP, user, stage.clock())
    return asked(stage, path, dict(query_of(address)))
