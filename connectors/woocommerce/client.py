"""The only place that speaks HTTP to a WooCommerce shop; `answers.py` judges what came.

The `woocommerce` client signs by itself (OAuth 1.0a over http, Basic over
https) and never raises on a status. Two of its traps are met here: without
`allow_redirects=False` a POST to an http address that redirects to https turns
into a GET and "succeeds"; and its own time-out is five seconds.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
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

from connectors.protocols import AccountStopped, Busy, Connection, NoAnswer
from connectors.woocommerce.answers import STOPPED_FOR, Answer, Reply, judge

TIMEOUT = 10.0  # seconds
WAKE_TIMEOUT = 2.0
LONGEST_READ = 60.0  # seconds for a whole body
LARGEST_ANSWER = 32 * 1024 * 1024  # bytes
PER_PAGE = 100  # more is a 400
NO_ADDRESS = "The shop's address cannot be called: connect the shop again."


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
