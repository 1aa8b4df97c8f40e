"""How often one client may come to a door: counted on Redis, for all processes together.

A client is an IPv4 address, or the /64 of an IPv6 one: what one line is given. Behind proxies
of ours it is the address that they saw (`TRUSTED_PROXIES`). Redis keeps a keyed mark of it,
never the address. Where Redis is away everybody is let in, and it is not asked again for some
seconds, so that nobody waits for it. Which doors, how much and why:
`docs/decisions/0020-limits.md`.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import logging
import math
import time
from collections.abc import Callable
from typing import Any, TypeVar

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    jsonify,
    make_response,
    render_template,
    request,
)
from flask_babel import gettext as _
from flask_limiter import Limiter
from flask_limiter.errors import RateLimitExceeded
from limits.storage import RedisStorage
from redis import RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

T = TypeVar("T")
log = logging.getLogger(__name__)

INSTALL = "30 per 10 minutes"  # a person connects a shop once; an agency some in a row
LINKS = "120 per minute"  # many phones share one address of their carrier
ENTRY = "30 per minute"
#: A "no" that is lost costs more than a flood: the servers of one mail provider unsubscribe
#: many people from few addresses (RFC 8058).
OPEN = frozenset({"links.stop"})

_SECONDS_AWAY = 5.0
_PATIENCE = 0.1  # seconds for one answer of Redis; it lies beside us
_LONGEST_WAIT = 600


class OpenWhenAway(RedisStorage):
    """Counts on Redis; while that does not answer, nothing is counted and nobody waits."""

    STORAGE_SCHEME = ["relance+redis", "relance+rediss", "relance+unix"]  # noqa: RUF012

    def __init__(self, uri: str, **options: Any) -> None:
        self._away_until = 0.0
        hasty: dict[str, Any] = {
            "socket_timeout": _PATIENCE,
            "socket_connect_timeout": _PATIENCE,
            "retry": Retry(NoBackoff(), 0),  # else redis tries for some seconds
        }
        super().__init__(uri.removeprefix("relance+"), **hasty, **options)

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """How many came in this window, this one counted; 0 while Redis is away."""
        return self._asked(lambda: super(OpenWhenAway, self).incr(key, int(expiry), amount), 0)

    def get(self, key: str) -> int:
        """How many came in this window; 0 while Redis is away."""
        return self._asked(lambda: super(OpenWhenAway, self).get(key), 0)

    def get_expiry(self, key: str) -> float:
        """When the window ends, in seconds of this machine's clock."""
        return self._asked(lambda: super(OpenWhenAway, self).get_expiry(key), time.time())

    def _asked(self, ask: Callable[[], T], else_: T) -> T:
        if time.monotonic() < self._away_until:
            return else_
        try:
            return ask()
        except (RedisError, OSError) as error:
            self._away_until = time.monotonic() + _SECONDS_AWAY
            log.warning("limits: Redis does not answer (%s)", type(error).__name__)
            return else_


def watch(app: Flask, redis_url: str, secret: str, doors: dict[Blueprint, str]) -> None:
    """Let no client come more often to a blueprint than it says; no Redis set: no limits."""
    app.register_error_handler(RateLimitExceeded, _slow_down)
    if not redis_url:
        return
    limiter = Limiter(
        lambda: client_mark(request.remote_addr or "", secret),
        app=app,
        storage_uri=f"relance+{redis_url}",
        strategy="fixed-window",
        key_prefix="relance",
        swallow_errors=True,
    )
    limiter.request_filter(lambda: request.endpoint in OPEN)
    app.extensions["relance.limiter"] = limiter
    for blueprint, most in doors.items():
        limiter.shared_limit(most, scope=blueprint.name)(blueprint)


def client(address: str) -> str:
    """The network that stands for one client: the IPv4 address, or the IPv6 one's /64."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def client_mark(address: str, secret: str) -> str:
    """What Redis keeps in place of the address."""
    named = b"limits." + client(address).encode()
    return hmac.new(secret.encode(), named, hashlib.sha256).hexdigest()[:32]


def _slow_down(error: RateLimitExceeded) -> Response:
    """Too often: words for who reads them, and when to come again."""
    wait = _wait(error)
    words = _("Too much came from your address in a short time.")
    more = _("Nothing was changed. Please try again in %(seconds)s seconds.", seconds=wait)
    if request.method == "POST" and request.endpoint == "pairing.pair":
        answer = jsonify(error=f"{words} {more}")  # the plugin shows it in WordPress
    else:
        answer = make_response(render_template("merchant/trouble.html", words=words, more=more))
    answer.status_code = 429
    answer.headers["Retry-After"] = str(wait)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _wait(error: RateLimitExceeded) -> int:
    limiter: Limiter = current_app.extensions["relance.limiter"]
    found = limiter.current_limit
    left = found.reset_at - time.time() if found is not None else 60
    return min(_LONGEST_WAIT, max(1, math.ceil(left)))
