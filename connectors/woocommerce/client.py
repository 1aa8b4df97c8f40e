"""The only place that speaks HTTP to a WooCommerce shop, and judges its answer.

The `woocommerce` client signs by itself (OAuth 1.0a over http, Basic over
https) and never raises on a status. Two of its traps are met here: without
`allow_redirects=False` a POST to an http address that redirects to https turns
into a GET and "succeeds"; and its own time-out is five seconds.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import (
    ConnectTimeoutError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    SSLError,
)
from woocommerce import API

from connectors.protocols import (
    AccountStopped,
    Busy,
    Connection,
    NoAnswer,
    Refused,
    Unreadable,
)
from connectors.woocommerce.fields import Row, parse

TIMEOUT = 10.0  # seconds
WAKE_TIMEOUT = 2.0
LONGEST_READ = 60.0  # seconds for a whole body
LARGEST_ANSWER = 32 * 1024 * 1024  # bytes
PER_PAGE = 100  # more is a 400
STOPPED_FOR = 900.0  # seconds until a stopped account is tried again
LONGEST_WAIT = 3600.0

NO_KEYS = (
    "WooCommerce does not accept the keys: they were revoked, lack the right to read and "
    "write, or a security plugin blocks the REST API. Connect the shop again."
)
NO_ADDRESS = "The shop's address cannot be called: connect the shop again."
NO_API = (
    "The REST API does not answer at the shop's address: check that WooCommerce is active and "
    "that Settings > Permalinks is not set to Plain."
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer: its JSON, how many pages there are, and the shop's own clock."""

    found: Any
    pages: int | None
    at: datetime | None

    def row(self) -> Row:
        if not isinstance(self.found, dict):
            raise Unreadable("the shop answered with something that is not an object")
        return self.found

    def rows(self) -> list[Row]:
        if not isinstance(self.found, list) or not all(isinstance(x, dict) for x in self.found):
            raise Unreadable("the shop answered with something that is not a list of objects")
        return self.found


@dataclass(frozen=True, slots=True)
class Reply:
    """What came over the line, before it is judged."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class Rest:
    """The REST API (wc/v3) of one shop."""

    def __init__(self, connection: Connection) -> None:
        self.base = base_address(connection.address)
        self.api = API(
            self.base,
            connection.credentials.get("consumer_key", ""),
            connection.credentials.get("consumer_secret", ""),
            version="wc/v3",
            timeout=TIMEOUT,
            user_agent="Relance",
        )

    def get(self, endpoint: str, **params: str | int) -> Answer:
        """Read. Raises `Busy`, `AccountStopped`, `Refused`, `Unreadable`."""
        return self._ask("get", endpoint, params=params)

    def post(self, endpoint: str, row: dict[str, Any]) -> Answer:
        """Create. Raises also `NoAnswer`: it may have happened."""
        return self._ask("post", endpoint, data=row)

    def put(self, endpoint: str, row: dict[str, Any]) -> Answer:
        """Change. Raises like `post`."""
        return self._ask("put", endpoint, data=row)

    def delete(self, endpoint: str) -> Answer:
        """Delete for good, past the bin. Raises like `post`."""
        return self._ask("delete", endpoint, params={"force": "true"})

    def _ask(self, verb: str, endpoint: str, **what: Any) -> Answer:
        def call() -> requests.Response:
            ask = getattr(self.api, verb)
            found: requests.Response = ask(endpoint, allow_redirects=False, stream=True, **what)
            return found

        return self._judged(call, reading=verb == "get")

    def index(self) -> Answer:
        """`/wp-json/`: the site's name and time zone; open to everybody. Raises like `get`."""

        def call() -> requests.Response:
            return requests.get(
                f"{self.base}/wp-json/",
                timeout=TIMEOUT,
                allow_redirects=False,
                stream=True,
                params={"_fields": "name,timezone_string,gmt_offset"},
            )

        return self._judged(call, reading=True)

    def _judged(self, call: Callable[[], requests.Response], *, reading: bool) -> Answer:
        if not can_be_called(self.base):
            raise AccountStopped(NO_ADDRESS, STOPPED_FOR)
        try:
            with call() as response:
                reply = read_whole(response)
        except requests.RequestException as error:
            raise trouble(error, reading=reading) from error
        except UnicodeError as error:  # a host name that cannot be one
            raise AccountStopped(NO_ADDRESS, STOPPED_FOR) from error
        return judge(reply, reading=reading)

    def wake(self) -> None:
        """Run what waits in WP-Cron, webhooks among it; on a quiet shop nobody else does.

        Best effort: the answer says nothing, and a slow one is not waited for.
        """
        try:
            requests.get(
                f"{self.base}/wp-cron.php",
                timeout=WAKE_TIMEOUT,
                allow_redirects=False,
                stream=True,
                params={"doing_wp_cron": ""},
            ).close()
        except requests.RequestException:
            return


def read_whole(response: requests.Response) -> Reply:
    """The answer's body, within a size and a time: the time-out alone counts each read.

    Raises `requests.RequestException` like any trouble of the line.
    """
    until = time.monotonic() + LONGEST_READ
    parts, size = [], 0
    for one in response.iter_content(65_536):
        parts.append(one)
        size += len(one)
        if size > LARGEST_ANSWER or time.monotonic() > until:
            raise requests.ReadTimeout("the answer does not end")
    return Reply(response.status_code, response.headers, b"".join(parts))


def base_address(address: str) -> str:
    """The shop's base without a slash at the end; https when no scheme is told."""
    base = address.strip()
    return (base if "://" in base else f"https://{base}").rstrip("/")


def can_be_called(base: str) -> bool:
    """Is it http or https, with a host?"""
    try:
        parts = urlsplit(base)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


# -- what went wrong on the way ---------------------------------------------------


def trouble(error: requests.RequestException, *, reading: bool) -> Exception:
    """An error of the line in our words. Nothing left: `Busy`. Else a write is `NoAnswer`."""
    if distrusted(error):
        return AccountStopped(
            "The shop's certificate is not valid, so nothing was sent to it.", STOPPED_FOR
        )
    if isinstance(error, ADDRESS_TROUBLE):
        return AccountStopped(NO_ADDRESS, STOPPED_FOR)
    if reading or never_left(error):
        return Busy("The shop did not answer.")
    return NoAnswer("The line broke after the shop was asked.")


ADDRESS_TROUBLE = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
)


def cause(error: requests.RequestException) -> object:
    """What urllib3 had to say, which requests wraps twice."""
    return getattr(error.args[0], "reason", None) if error.args else None


def distrusted(error: requests.RequestException) -> bool:
    """True when the shop's certificate was refused; other TLS trouble may come mid-way."""
    inner = cause(error)
    return isinstance(inner, SSLError) and any(
        isinstance(one, ssl.SSLCertVerificationError) for one in inner.args
    )


def never_left(error: requests.RequestException) -> bool:
    """True when no connection came about, so that the request was not written."""
    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    return isinstance(
        cause(error), NewConnectionError | ConnectTimeoutError | NameResolutionError | ProxyError
    )


# -- what the shop said ---------------------------------------------------------------


def judge(reply: Reply, *, reading: bool) -> Answer:
    """A good answer, or the error that its status means."""
    status = reply.status
    if status in (200, 201):
        return answer(reply, reading=reading)
    if 300 <= status < 400:
        raise AccountStopped(redirect_words(reply), STOPPED_FOR)
    if status in (401, 403):
        raise AccountStopped(key_words(reply), STOPPED_FOR)
    if status == 429 or (status == 503 and "Retry-After" in reply.headers):
        raise Busy("The shop asks to come back later.", retry_after(reply))
    if status >= 500:
        if reading:
            raise Busy(f"The shop answered {status}.")
        raise NoAnswer(f"The shop answered {status}: it may have happened.")
    code = error_code(reply)
    if status == 404 and not (code or "").startswith("woocommerce_rest_"):
        raise AccountStopped(NO_API, STOPPED_FOR)
    raise Refused(f"The shop refused: {status} {code or 'without a reason'}")


def answer(reply: Reply, *, reading: bool) -> Answer:
    """The answer's JSON. A page instead (a firewall, a "coming soon") is `Unreadable`."""
    try:
        found = parse(reply.content)
    except Unreadable as error:
        if reading:
            raise Unreadable("The shop answered with a page instead of JSON.") from error
        raise NoAnswer("The shop answered with a page: it may have happened.") from error
    pages = reply.headers.get("X-WP-TotalPages", "")
    return Answer(found, int(pages) if pages.isdecimal() else None, clock(reply))


def clock(reply: Reply) -> datetime | None:
    """The shop's own time, from its `Date` header."""
    try:
        found = parsedate_to_datetime(reply.headers["Date"])
    except (KeyError, ValueError, TypeError):
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def error_code(reply: Reply) -> str | None:
    """WordPress's own name of an error, never its message: that may quote anything."""
    try:
        found = parse(reply.content)
    except Unreadable:
        return None
    code = found.get("code") if isinstance(found, dict) else None
    return code[:80] if isinstance(code, str) and code.replace("_", "").isalnum() else None


def key_words(reply: Reply) -> str:
    """Why the shop lets us not in, in words a merchant can act on."""
    if error_code(reply) is None:
        return (
            f"The shop answered {reply.status} with a page: a firewall or a password in "
            "front of it keeps us out."
        )
    if b"imestamp" in reply.content:
        return "WooCommerce refuses the time of our requests: the server's clock is wrong."
    return NO_KEYS


def redirect_words(reply: Reply) -> str:
    """Where the shop sends us, by scheme and host only."""
    try:
        to = urlsplit(reply.headers.get("Location", ""))
    except ValueError:
        to = urlsplit("")
    place = f"{to.scheme}://{to.netloc.rpartition('@')[2]}" if to.netloc else "another page"
    return f"The shop's address redirects to {place}: connect the shop by that address."


def retry_after(reply: Reply) -> float:
    """Seconds from `Retry-After`, a number or a date; at most an hour, thirty when unclear."""
    told = reply.headers.get("Retry-After", "")
    if told.isdecimal() and len(told) < 9:
        return min(max(float(told), 1.0), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(told)
    except ValueError:
        return 30.0
    here = clock(reply) or datetime.now(UTC)
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max((until - here).total_seconds(), 1.0), LONGEST_WAIT)
