"""The only place that speaks HTTP to a WooCommerce shop; `answers.py` judges what came.

Requests are signed as the `woocommerce` client signs them: OAuth 1.0a over http (by that
client's own signer), Basic over https. The client itself cannot be told which line to
take, so the line is `line.session`, which goes to public addresses only. No redirect is
followed: it could lead anywhere, and a POST to an http address that redirects to https
would turn into a GET and "succeed".
"""

from __future__ import annotations

import json
import ssl
import time
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from requests.auth import HTTPBasicAuth
from urllib3.exceptions import (
    ConnectTimeoutError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    SSLError,
)
from woocommerce.oauth import OAuth

from connectors.protocols import AccountStopped, Busy, Connection, NoAnswer
from connectors.woocommerce import line
from connectors.woocommerce.answers import STOPPED_FOR, Answer, Reply, judge

TIMEOUT = 10.0  # seconds
WAKE_TIMEOUT = 2.0
LONGEST_READ = 60.0  # seconds for a whole body
LARGEST_ANSWER = 32 * 1024 * 1024  # bytes
PER_PAGE = 100  # more is a 400
VERSION = "wc/v3"
NO_ADDRESS = "The shop's address cannot be called: connect the shop again."
PRIVATE_ADDRESS = (
    "The shop's address leads into a private network, so nothing was sent to it. "
    "See to its DNS records."
)


class Rest:
    """The REST API (wc/v3) of one shop.

    The option `allow_private` ("1") lets it lie on a private address, for development.
    """

    def __init__(self, connection: Connection) -> None:
        self.base = base_address(connection.address)
        self._key = connection.credentials.get("consumer_key", "")
        self._secret = connection.credentials.get("consumer_secret", "")
        self._may_be_private = connection.options.get("allow_private") == "1"

    def get(self, endpoint: str, **params: str | int) -> Answer:
        """Read. Raises `Busy`, `AccountStopped`, `Refused`, `Unreadable`."""
        return self._ask("GET", endpoint, params)

    def post(self, endpoint: str, row: dict[str, Any]) -> Answer:
        """Create. Raises also `NoAnswer`: it may have happened."""
        return self._ask("POST", endpoint, {}, row)

    def put(self, endpoint: str, row: dict[str, Any]) -> Answer:
        """Change. Raises like `post`."""
        return self._ask("PUT", endpoint, {}, row)

    def delete(self, endpoint: str) -> Answer:
        """Delete for good, past the bin. Raises like `post`."""
        return self._ask("DELETE", endpoint, {"force": "true"})

    def index(self) -> Answer:
        """`/wp-json/`: the site's name and time zone; open to everybody. Raises like `get`."""
        asked = urlencode({"_fields": "name,timezone_string,gmt_offset"})
        return self._judged("GET", self._address(f"/wp-json/?{asked}"))

    def wake(self) -> None:
        """Run what waits in WP-Cron, webhooks among it; on a quiet shop nobody else does.

        Best effort: the answer says nothing, and a slow one is not waited for.
        """
        try:
            self._send("GET", f"{self.base}/wp-cron.php?doing_wp_cron=", WAKE_TIMEOUT, whole=False)
        except (requests.RequestException, UnicodeError):
            return

    def _ask(
        self,
        verb: str,
        endpoint: str,
        params: dict[str, Any],
        row: dict[str, Any] | None = None,
    ) -> Answer:
        asked = f"?{urlencode(params)}" if params else ""
        address = self._address(f"/wp-json/{VERSION}/{endpoint}{asked}")
        said: dict[str, Any] = {"headers": {"Accept": "application/json"}}
        if row is not None:
            said["data"] = json.dumps(row, ensure_ascii=False).encode()
            said["headers"]["Content-Type"] = "application/json;charset=utf-8"
        if address.startswith("https"):
            said["auth"] = HTTPBasicAuth(self._key, self._secret)
        else:
            signer = OAuth(address, self._key, self._secret, version=VERSION, method=verb)
            address = signer.get_oauth_url()
        return self._judged(verb, address, **said)

    def _address(self, path: str) -> str:
        if not can_be_called(self.base):
            raise AccountStopped(NO_ADDRESS, STOPPED_FOR)
        return f"{self.base}{path}"

    def _judged(self, verb: str, address: str, **said: Any) -> Answer:
        reading = verb == "GET"
        try:
            reply = self._send(verb, address, TIMEOUT, **said)
        except requests.RequestException as error:
            raise trouble(error, reading=reading) from error
        except UnicodeError as error:  # a host name that cannot be one
            raise AccountStopped(NO_ADDRESS, STOPPED_FOR) from error
        return judge(reply, reading=reading)

    def _send(
        self, verb: str, address: str, timeout: float, *, whole: bool = True, **said: Any
    ) -> Reply:
        said["headers"] = said.get("headers", {}) | {"User-Agent": "Relance"}
        with (
            line.session(may_be_private=self._may_be_private) as session,
            session.request(
                verb, address, timeout=timeout, allow_redirects=False, stream=True, **said
            ) as response,
        ):
            return read_whole(response) if whole else Reply(response.status_code, {}, b"")


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
    if isinstance(cause(error), line.NotPublic):
        return AccountStopped(PRIVATE_ADDRESS, STOPPED_FOR)
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
