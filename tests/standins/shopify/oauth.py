"""Install and tokens: the authorization code walk, expiring tokens and their refresh."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

ACCESS_SECONDS = 3600
REFRESH_SECONDS = 7_776_000
CODE_SECONDS = 60


@dataclass
class Grant:
    """One access token and the refresh token born with it."""

    access: str
    scopes: tuple[str, ...]
    expires_at: datetime | None = None
    refresh: str | None = None
    refresh_expires_at: datetime | None = None
    replaced_by: Grant | None = None
    used: bool = False


class Tokens:
    """The tokens of one shop.

    A refresh gives a new pair. Until that pair is first used (its access token by a call,
    or its refresh token), the old refresh token may be tried again and gives the same pair;
    from then on it is dead. The old access token lives to its own end.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.refreshes = 0
        self._codes: dict[str, tuple[datetime, tuple[str, ...], int | None]] = {}
        self._grants: list[Grant] = []

    def new_code(self, scopes: tuple[str, ...], user: int | None = None) -> str:
        """A code for the shop, or (`grant_options[]=per-user`) for one of its users."""
        code = secrets.token_hex(16)
        self._codes[code] = (self.now() + timedelta(seconds=CODE_SECONDS), scopes, user)
        return code

    def spend_code(self, code: str, expiring: bool) -> dict[str, Any] | None:
        """A code is good once and for a minute; None when it is not."""
        until, scopes, user = self._codes.pop(code, (None, (), None))
        if until is None or until < self.now():
            return None
        return self.issue(scopes, expiring) if user is None else self._online(scopes, user)

    def _online(self, scopes: tuple[str, ...], user: int) -> dict[str, Any]:
        """A user's own token for a day; it opens nothing here."""
        listed = ",".join(scopes)
        person = {"id": user, "first_name": "Ada", "last_name": "Made-Up", "locale": "en"}
        more = {"email": "ada@example.test", "email_verified": True, "account_owner": True}
        return {
            "access_token": "shpua_" + secrets.token_hex(16),
            "scope": listed,
            "expires_in": 86_399,
            "associated_user_scope": listed,
            "associated_user": person | more | {"collaborator": False},
        }

    def issue(self, scopes: tuple[str, ...], expiring: bool) -> dict[str, Any]:
        """A new grant, in the words of the token endpoint."""
        return self.describe(self._grant(scopes, expiring))

    def refresh(self, token: str) -> dict[str, Any] | None:
        """The pair that replaces this one; None when the refresh token is spent or unknown."""
        grant = next((g for g in self._grants if g.refresh and g.refresh == token), None)
        if grant is None or grant.refresh_expires_at is None:
            return None
        if grant.refresh_expires_at < self.now():
            return None
        grant.used = True
        if grant.replaced_by is None:
            grant.replaced_by = self._grant(grant.scopes, expiring=True)
            self.refreshes += 1
        elif grant.replaced_by.used:
            return None
        return self.describe(grant.replaced_by)

    def scopes_of(self, access: str) -> tuple[str, ...] | None:
        """The scopes of a living access token, which counts as its use; else None."""
        for grant in self._grants:
            if secrets.compare_digest(grant.access, access):
                if grant.expires_at and grant.expires_at <= self.now():
                    return None
                grant.used = True
                return grant.scopes
        return None

    def holds(self) -> bool:
        """Whether the app is installed, as far as tokens tell."""
        return bool(self._grants)

    def revoke_all(self) -> None:
        self._grants.clear()
        self._codes.clear()

    def revoke_access(self) -> None:
        """Only the access tokens end; refresh tokens live on."""
        for grant in self._grants:
            grant.expires_at = self.now()

    def change_scopes(self, scopes: tuple[str, ...]) -> None:
        for grant in self._grants:
            grant.scopes = scopes

    def describe(self, grant: Grant) -> dict[str, Any]:
        said: dict[str, Any] = {"access_token": grant.access, "scope": ",".join(grant.scopes)}
        if grant.expires_at and grant.refresh_expires_at:
            left = (grant.expires_at - self.now()).total_seconds()
            refresh_left = (grant.refresh_expires_at - self.now()).total_seconds()
            said |= {
                "expires_in": max(int(left), 0),
                "refresh_token": grant.refresh,
                "refresh_token_expires_in": max(int(refresh_left), 0),
            }
        return said

    def _grant(self, scopes: tuple[str, ...], expiring: bool) -> Grant:
        grant = Grant("shpat_" + secrets.token_hex(16), scopes)
        if expiring:
            grant.expires_at = self.now() + timedelta(seconds=ACCESS_SECONDS)
            grant.refresh = "shprt_" + secrets.token_hex(16)
            grant.refresh_expires_at = self.now() + timedelta(seconds=REFRESH_SECONDS)
        self._grants.append(grant)
        return grant


def signed_query(secret: str, parameters: Mapping[str, str]) -> str:
    """`parameters` as a query with Shopify's `hmac` over them, sorted and escaped its way."""

    def escaped(text: str) -> str:
        return text.replace("%", "%25").replace("&", "%26")

    pairs = (f"{escaped(k).replace('=', '%3D')}={escaped(v)}" for k, v in parameters.items())
    digest = hmac.new(secret.encode(), "&".join(sorted(pairs)).encode(), hashlib.sha256)
    return urlencode({**parameters, "hmac": digest.hexdigest()})


def callback(
    secret: str, domain: str, code: str, query: Mapping[str, str], now: datetime
) -> str | None:
    """Where the merchant's browser goes after "Install"; None when the request lacks something."""
    target = query.get("redirect_uri")
    if not target:
        return None
    host = base64.b64encode(f"admin.shopify.com/store/{domain.partition('.')[0]}".encode()).decode()
    parameters = {
        "code": code,
        "host": host.rstrip("="),
        "shop": domain,
        "timestamp": str(int(now.timestamp())),
    }
    if "state" in query:
        parameters["state"] = query["state"]
    return f"{target}{'&' if '?' in target else '?'}{signed_query(secret, parameters)}"


def answer_token_request(
    tokens: Tokens,
    app: tuple[str, str],
    scopes: tuple[str, ...],
    request: Mapping[str, Any],
    is_session: Callable[[str], bool] = lambda token: False,
) -> tuple[int, dict[str, Any]]:
    """What `POST /admin/oauth/access_token` says: (status, JSON).

    `is_session` tells whether a token is a session token of a shop that has the app.
    """
    key, secret = app
    if request.get("client_id") != key or request.get("client_secret") != secret:
        return 400, _error("invalid_client", "The client credentials are not valid.")
    expiring = str(request.get("expiring", "")) in ("1", "true", "True")
    kind = request.get("grant_type", "authorization_code")
    if kind == "authorization_code":
        issued = tokens.spend_code(str(request.get("code", "")), expiring)
        wrong = "The authorization code was not found or was already used."
    elif kind == "refresh_token":
        issued = tokens.refresh(str(request.get("refresh_token", "")))
        wrong = "This request requires an active refresh_token."
    elif kind == "urn:ietf:params:oauth:grant-type:token-exchange":
        issued = _exchanged(tokens, scopes, request, expiring, is_session)
        wrong = "The subject token is not valid."
    else:
        return 400, _error("unsupported_grant_type", "The grant type is not supported.")
    if issued is None:
        return 400, _error("invalid_request", wrong)
    return 200, issued


def _exchanged(
    tokens: Tokens,
    scopes: tuple[str, ...],
    request: Mapping[str, Any],
    expiring: bool,
    is_session: Callable[[str], bool],
) -> dict[str, Any] | None:
    """For a session token, or for a non-expiring token: an offline token in any case."""
    subject = str(request.get("subject_token", ""))
    if request.get("subject_token_type") == "urn:ietf:params:oauth:token-type:id_token":
        offline = "urn:shopify:params:oauth:token-type:offline-access-token"
        wanted = request.get("requested_token_type") == offline
        return tokens.issue(scopes, expiring) if wanted and is_session(subject) else None
    held = tokens.scopes_of(subject)
    return tokens.issue(held, expiring) if held is not None else None


def _error(code: str, description: str) -> dict[str, str]:
    return {"error": code, "error_description": description}
