"""The install: permission, callback, tokens and their renewal. Knows no database.

Tokens expire: an access token after an hour, its refresh token after 90 days. A
refresh gives a new pair and may be asked for again with the old refresh token until
the new pair is used, so: store the pair in one transaction, one refresh at a time.
ShopifyAPI cannot get such tokens, so this is our own call.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import requests

from connectors.protocols import (
    AccountStopped,
    Busy,
    Connection,
    Forged,
    NoAnswer,
    Refused,
    Unreadable,
)
from connectors.shopify.admin import base_address, post, retry_after
from connectors.shopify.reading import Json, amount, key, moment, part, read_json, text
from connectors.shopify.signing import sanitised_shop

__all__ = [
    "exchange_code",
    "exchange_session",
    "expires_soon",
    "permission_url",
    "refreshed",
    "sanitised_shop",
    "verify_callback",
    "who_came",
]

CALLBACK_LEEWAY = 90  # seconds either way, as in Shopify's own libraries
RENEW_BEFORE = timedelta(minutes=10)


def permission_url(
    shop: str, options: Mapping[str, str], redirect_uri: str, state: str, *, of_a_user: bool = False
) -> str:
    """Where the merchant grants the app its scopes. Raises `Forged` for no shop.

    `state` comes back with the callback; the caller compares it. `of_a_user`: the code that
    comes back is good for `who_came`, and for nothing that lasts.
    """
    domain = sanitised_shop(shop)
    if domain is None:
        raise Forged("no shop of Shopify")
    asked = {
        "client_id": options.get("api_key", ""),
        "scope": options.get("scopes", ""),
        "redirect_uri": redirect_uri,
        "state": state,
    }
    if of_a_user:
        asked["grant_options[]"] = "per-user"
    if options.get("host_override"):
        asked["shop"] = domain  # a stand-in has one address for all its shops
    base = base_address(Connection("", domain, {}, options), domain)
    return f"{base}/admin/oauth/authorize?{urlencode(asked)}"


def verify_callback(query_params: Mapping[str, str], secrets: Iterable[str], now: datetime) -> str:
    """The shop that a callback (or the first visit) names, once proven. Raises `Forged`.

    The signature is the hex of HMAC-SHA256 over the other parameters, sorted and
    joined as in a query; a stamp more than 90 seconds off is a replay.
    """
    shop = sanitised_shop(query_params.get("shop"))
    if shop is None:
        raise Forged("no shop of Shopify")
    given = query_params.get("hmac")
    if not isinstance(given, str) or not given.isascii():
        raise Forged("no signature")
    message = _signed_message(query_params)
    genuine = False
    for secret in secrets:
        if secret:
            expected = hmac.new(secret.encode(), message, "sha256").hexdigest()
            genuine |= hmac.compare_digest(expected, given.lower())
    if not genuine:
        raise Forged("the signature does not fit the query")
    _check_stamp(query_params.get("timestamp"), now)
    return shop


def _signed_message(query_params: Mapping[str, str]) -> bytes:
    pairs = []
    for name, value in query_params.items():
        if name != "hmac":
            left = str(name).replace("%", "%25").replace("=", "%3D")
            right = str(value).replace("%", "%25")
            pairs.append(f"{left}={right}".replace("&", "%26"))
    return "&".join(sorted(pairs)).encode(errors="replace")


def _check_stamp(stamp: str | None, now: datetime) -> None:
    # int() also takes "١٢٣", "1_0" and " 7 ": only plain digits are a stamp
    if not isinstance(stamp, str) or not stamp.isascii() or not stamp.isdigit():
        raise Forged("the time stamp is no number")
    if len(stamp) > 12 or abs(int(stamp) - now.timestamp()) > CALLBACK_LEEWAY:
        raise Forged("the time stamp is stale")


def exchange_code(connection: Connection, code: str, now: datetime | None = None) -> dict[str, str]:
    """The credentials of a fresh install, for the `code` of a verified callback.

    Raises `Refused` (the code is used up or wrong), `Busy`, `NoAnswer`.
    """
    return _credentials(connection, {"code": code, "expiring": "1"}, now)


def exchange_session(
    connection: Connection, token: str, now: datetime | None = None
) -> dict[str, str]:
    """The credentials of the shop whose user bears this (verified) session token.

    Shopify installs the app by itself and calls nobody: this is how the app gets its tokens.
    Raises `Refused` (the token is over, or the app is not installed), `Busy`, `NoAnswer`.
    """
    grant = {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token": token,
        "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
        "requested_token_type": "urn:shopify:params:oauth:token-type:offline-access-token",
        "expiring": "1",
    }
    return _credentials(connection, grant, now)


def who_came(connection: Connection, code: str) -> str:
    """Shopify's number of the user who came back with the `code` of a verified callback.

    The token that comes along is of no use here and is not kept. Raises as `exchange_code`,
    and `NoAnswer` when no user is named.
    """
    try:
        user = key(part(_granted(connection, {"code": code}).get("associated_user")).get("id"))
    except Unreadable as error:
        raise NoAnswer("Shopify's answer cannot be read") from error
    if user is None or not user.isascii() or not user.isdigit():
        raise NoAnswer("Shopify's answer names nobody")
    return user


def refreshed(connection: Connection, now: datetime | None = None) -> dict[str, str]:
    """A new pair of tokens for the connection's refresh token.

    Raises `Refused` when that token is dead (the merchant installs again), `Busy`,
    `NoAnswer`: then the old refresh token may be tried again.
    """
    token = connection.credentials.get("refresh_token")
    if not token:
        raise Refused("no refresh token: the merchant must install the app again")
    return _credentials(connection, {"grant_type": "refresh_token", "refresh_token": token}, now)


def expires_soon(credentials: Mapping[str, str], now: datetime) -> bool:
    """Whether the access token lapses within ten minutes; one without an end never does."""
    try:
        expires_at = moment(credentials.get("expires_at"))
    except Unreadable:
        return True
    return expires_at is not None and expires_at - now < RENEW_BEFORE


def _credentials(
    connection: Connection, grant: Mapping[str, str], now: datetime | None
) -> dict[str, str]:
    now = now or datetime.now(UTC)
    try:
        return _read_credentials(_granted(connection, grant), connection, now)
    except Unreadable as error:
        raise NoAnswer("Shopify's answer holds no token") from error


def _granted(connection: Connection, grant: Mapping[str, str]) -> Json:
    """What the token endpoint answers to `grant`. Raises `Unreadable` and what `post` raises."""
    shop = sanitised_shop(connection.address)
    if shop is None:
        raise Refused("the shop's address is no Shopify domain")
    asked = {
        "client_id": connection.options.get("api_key", ""),
        "client_secret": connection.options.get("api_secret", ""),
        **grant,
    }
    address = base_address(connection, shop) + "/admin/oauth/access_token"
    with requests.Session() as session:
        response = post(session, address, json.dumps(asked), {"Host": shop}, changes=True)
    _raise_for_status(response)
    return read_json(response.content)[0]


def _raise_for_status(response: requests.Response) -> None:
    status = response.status_code
    if status == 200:
        return
    if status == 429:
        raise Busy("Shopify throttles", retry_after=retry_after(response))
    if status >= 500:
        raise NoAnswer(f"Shopify failed ({status})")
    if status in (402, 423):
        raise AccountStopped("the shop is frozen or locked by Shopify", retry_after=3600.0)
    raise Refused(f"Shopify gives no token ({status}): the merchant must install the app again")


def _read_credentials(answer: Json, connection: Connection, now: datetime) -> dict[str, str]:
    token = text(answer.get("access_token"))
    if token is None:
        raise Unreadable("no access token")
    found = {
        "access_token": token,
        "scope": text(answer.get("scope")) or connection.credentials.get("scope", ""),
    }
    refresh_token = text(answer.get("refresh_token"))
    if refresh_token:
        found["refresh_token"] = refresh_token
    for name, seconds in (
        ("expires_at", answer.get("expires_in")),
        ("refresh_expires_at", answer.get("refresh_token_expires_in")),
    ):
        end = _end(amount(seconds), now)
        if end:
            found[name] = end
    return found


def _end(seconds: Any, now: datetime) -> str | None:
    if not isinstance(seconds, Decimal):
        return None
    end = now + timedelta(seconds=int(seconds))
    return end.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
