"""The session token: by it Shopify says who looks at our pages inside its admin.

A JWT, signed (HS256) with the app's secret and good for a minute. The claims:
https://shopify.dev/docs/apps/build/authentication-authorization/session-tokens
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jwt
from jwt.types import Options

from connectors.protocols import Forged
from connectors.shopify.signing import sanitised_shop

LEEWAY = 10  # seconds that the two clocks may differ
_LONGEST = 4096
_USER = re.compile(r"[1-9][0-9]{0,18}")  # a customer's token says gid://…
#: The clock is ours to read (`now`), the audience is compared exactly below.
_OPTIONS: Options = {
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "require": ["iss", "dest", "aud", "sub", "exp", "nbf", "sid"],
}


class Stale(Forged):
    """Genuine, of that `shop`, and over: App Bridge has a fresh one."""

    def __init__(self, shop: str) -> None:
        super().__init__("the session token is over")
        self.shop = shop


@dataclass(frozen=True, slots=True)
class Looker:
    """Who looks: a user of that shop, by Shopify's number for them."""

    shop: str
    user: str


def read(token: str, api_key: str, secrets: Iterable[str], now: datetime) -> Looker:
    """Who bears this token. Raises `Forged`; `Stale` when only its minute is over."""
    claims = _claims(token, secrets)
    shop, user = _shop(claims), claims.get("sub")
    if not api_key or claims.get("aud") != api_key:
        raise Forged("the session token is for another app")
    if not isinstance(user, str) or not _USER.fullmatch(user):
        raise Forged("the session token is of no user of the shop")
    _check_time(claims, shop, now)
    return Looker(shop, user)


def _claims(token: str, secrets: Iterable[str]) -> Mapping[str, Any]:
    if not token.isascii() or len(token) > _LONGEST:
        raise Forged("this is no session token")
    for secret in secrets:
        if secret:
            try:
                return jwt.decode(token, secret, algorithms=["HS256"], options=_OPTIONS)
            except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
                continue  # during a rotation the next secret may have signed it
    raise Forged("no secret of the app signed this session token")


def _shop(claims: Mapping[str, Any]) -> str:
    dest, iss = claims.get("dest"), claims.get("iss")
    shop = sanitised_shop(dest.removeprefix("https://")) if isinstance(dest, str) else None
    if shop is None or dest != f"https://{shop}" or iss != f"https://{shop}/admin":
        raise Forged("the session token names no shop, or two")
    return shop


def _check_time(claims: Mapping[str, Any], shop: str, now: datetime) -> None:
    begins, ends, at = claims.get("nbf"), claims.get("exp"), now.timestamp()
    # bool is an int, and JSON holds numbers beyond any clock
    if type(begins) is not int or type(ends) is not int:
        raise Forged("the session token has no time")
    if not begins - LEEWAY <= at < ends + LEEWAY:
        raise Stale(shop)
