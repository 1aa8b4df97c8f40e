"""Who may speak: OAuth 1.0a over http, Basic or keys in the query over https."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote

FIFTEEN_MINUTES = 15 * 60


@dataclass
class Key:
    consumer_key: str
    consumer_secret: str
    may_write: bool = True


class NotAllowed(Exception):
    """A 401 with WordPress's own code and message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code, self.message = code, message


def nobody(verb: str) -> NotAllowed:
    """What a request without a known key is told."""
    if verb == "GET":
        return NotAllowed("woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
    return NotAllowed(
        "woocommerce_rest_cannot_create", "Sorry, you are not allowed to create resources."
    )


def wrong(message: str) -> NotAllowed:
    return NotAllowed("woocommerce_rest_authentication_error", message)


def who(keys: dict[str, Key], request: Asked, now: float, seen: set[str]) -> Key:
    """The key that made this request. Raises `NotAllowed`."""
    found = over_https(keys, request) if request.secure else oauth(keys, request, now, seen)
    if request.verb != "GET" and not found.may_write:
        raise wrong("The API key provided does not have write permissions.")
    return found


@dataclass
class Asked:
    """A request as the signature sees it."""

    verb: str
    address: str  # without the query
    query: str
    authorization: str
    secure: bool

    def params(self) -> dict[str, str]:
        # PHP keeps the last of a repeated parameter, and the client repeats them all over http.
        return dict(parse_qsl(self.query, keep_blank_values=True))


def over_https(keys: dict[str, Key], request: Asked) -> Key:
    params = request.params()
    name, secret = params.get("consumer_key", ""), params.get("consumer_secret", "")
    if request.authorization.startswith("Basic "):
        try:
            told = base64.b64decode(request.authorization[6:]).decode()
        except ValueError:
            told = ""
        name, _, secret = told.partition(":")
    if name not in keys:
        raise nobody(request.verb)
    if not hmac.compare_digest(keys[name].consumer_secret, secret):
        raise wrong("Consumer secret is invalid.")
    return keys[name]


def oauth(keys: dict[str, Key], request: Asked, now: float, seen: set[str]) -> Key:
    params = request.params()
    found = keys.get(params.get("oauth_consumer_key", ""))
    if found is None:  # Basic over http lands here too
        raise nobody(request.verb)
    told = params.pop("oauth_signature", "")
    made = sign(request.verb, request.address, params, found.consumer_secret)
    if not hmac.compare_digest(told, made):
        raise wrong("Invalid signature - provided signature does not match.")
    if abs(now - float(params.get("oauth_timestamp", "0"))) > FIFTEEN_MINUTES:
        raise wrong("Invalid timestamp.")
    if params.get("oauth_nonce", "") in seen:
        raise wrong("Invalid nonce - nonce has already been used.")
    seen.add(params.get("oauth_nonce", ""))
    return found


def sign(verb: str, address: str, params: dict[str, str], secret: str) -> str:
    """WooCommerce's own way: names and values encoded twice, sorted, HMAC-SHA256, base64."""

    def twice(text: str) -> str:
        return quote(unquote(text), safe="~").replace("%", "%25")

    pairs = "%26".join(f"{twice(name)}%3D{twice(params[name])}" for name in sorted(params))
    told = f"{verb}&{quote(address, safe='')}&{pairs}".encode()
    made = hmac.new(f"{secret}&".encode(), told, hashlib.sha256).digest()
    return base64.b64encode(made).decode()
