"""The admin around an app: session tokens, the page that frames the app, and its App Bridge."""

from __future__ import annotations

import base64
import html
import json
import secrets
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jwt

from tests.standins.shopify.oauth import signed_query

LIFE = 60  # seconds
APP_BRIDGE = (Path(__file__).parent / "app_bridge.js").read_text()
ADMIN = "https://admin.shopify.com"


def session_token(
    app: tuple[str, str], shop: str, user: int | str, now: datetime, **changed: Any
) -> str:
    """A token as of `now`, for the app with that key and secret; `changed` claims on top."""
    at = int(now.timestamp())
    claims = {
        "iss": f"https://{shop}/admin",
        "dest": f"https://{shop}",
        "aud": app[0],
        "sub": str(user),
        "exp": at + LIFE,
        "nbf": at,
        "iat": at,
        "jti": secrets.token_hex(8),
        "sid": secrets.token_hex(16),
    } | changed
    held = {name: value for name, value in claims.items() if value is not None}
    # The plain signature, so that a test may write claims that no library would.
    return jwt.PyJWS().encode(json.dumps(held).encode(), app[1], algorithm="HS256")


def subject(app: tuple[str, str], shop: str, token: str, now: datetime) -> str | None:
    """The user whose genuine and fresh token this is, at that shop; else None."""
    try:
        claims = jwt.decode(
            token,
            app[1],
            algorithms=["HS256"],
            audience=app[0],
            options={"verify_exp": False, "verify_nbf": False, "verify_iat": False},
        )
    except jwt.PyJWTError:
        return None
    if claims.get("dest") != f"https://{shop}" or claims["exp"] <= now.timestamp():
        return None
    return str(claims["sub"])


def host(shop: str) -> str:
    """The admin's address of a shop, as Shopify says it."""
    where = f"admin.shopify.com/store/{shop.partition('.')[0]}"
    return base64.b64encode(where.encode()).decode().rstrip("=")


def launch(app: tuple[str, str], app_url: str, shop: str, user: int, now: datetime) -> str:
    """The address that the admin loads into its frame when the app is opened."""
    query = {
        "embedded": "1",
        "host": host(shop),
        "id_token": session_token(app, shop, user, now),
        "locale": "en",
        "session": secrets.token_hex(16),
        "shop": shop,
        "timestamp": str(int(now.timestamp())),
    }
    return f"{app_url}?{signed_query(app[1], query)}"


def opened_beside(app: tuple[str, str], app_url: str, shop: str, now: datetime) -> str:
    """The address that a shop opens for an app that is not embedded."""
    query = {"host": host(shop), "shop": shop, "timestamp": str(int(now.timestamp()))}
    return f"{app_url}?{signed_query(app[1], query)}"


def admin_page(address: str, token_url: str, shop: str, user: int) -> str:
    """A page of the admin with the app in a frame; tokens are fetched when the frame asks."""
    more = json.dumps(f"{token_url}?{urlencode({'shop': shop, 'user': user})}")
    return (
        "<!doctype html><title>Admin</title>"
        f'<iframe name="app" width="1200" height="800" src="{html.escape(address)}"></iframe>'
        "<script>addEventListener('message', async (event) => {"
        "if (!event.data || event.data.ask !== 'id_token') return;"
        f"const token = await (await fetch({more})).text();"
        "event.source.postMessage({id_token: token, number: event.data.number}, event.origin);"
        "});</script>"
    )
