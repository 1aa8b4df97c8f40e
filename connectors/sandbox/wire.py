"""The line to the sandbox service: one session, time-outs, and what an answer means."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from connectors.protocols import AccountStopped, Busy, Connection, NoAnswer, Refused, Unreadable

CONNECT_SECONDS = 3.0
READ_SECONDS = 10.0
# The service stands on the same machine: it is back as soon as it is started again.
BACK_IN_SECONDS = 2.0

HTTP_OK, HTTP_UNAUTHORIZED, HTTP_FORBIDDEN, HTTP_TOO_MANY = 200, 401, 403, 429
CLIENT_ERRORS, SERVER_ERRORS = 400, 500


class Line:
    """Calls the service at `connection.address` with the secret of the connection."""

    def __init__(self, connection: Connection) -> None:
        self._base = connection.address.rstrip("/")
        self._session = requests.Session()
        # Trap: with trust_env, a .netrc or a proxy of the machine replaces our own header.
        self._session.trust_env = False
        secret = connection.credentials.get("secret", "")
        self._session.headers["Authorization"] = f"Bearer {secret}"

    def get(self, path: str, query: Mapping[str, str]) -> Any:
        """The JSON at `path`. Raises `Busy`, `AccountStopped`, `NoAnswer`, `Refused`."""
        return self._call("GET", path, params=query)

    def post(self, path: str, content: Mapping[str, object]) -> Any:
        """The JSON answer to `content`. Raises `Busy`, `AccountStopped`, `NoAnswer`, `Refused`."""
        return self._call("POST", path, json=content)

    def delete(self, path: str) -> Any:
        """The JSON answer once it is gone. Raises like `post`."""
        return self._call("DELETE", path)

    def _call(self, method: str, path: str, **parts: Any) -> Any:
        try:
            answer = self._session.request(
                method,
                self._base + path,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
                **parts,
            )
        except requests.ConnectionError as error:
            if never_reached(error):
                raise Busy("the sandbox is not running", BACK_IN_SECONDS) from error
            raise NoAnswer("the sandbox dropped the line") from error
        except requests.RequestException as error:
            raise NoAnswer("the sandbox did not answer") from error
        return _content(answer)


def never_reached(error: requests.ConnectionError) -> bool:
    """True when no connection was made, so that nothing can have happened over there."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)


def _content(answer: requests.Response) -> Any:
    status = answer.status_code
    if status in (HTTP_UNAUTHORIZED, HTTP_FORBIDDEN):
        raise AccountStopped("the sandbox does not accept the secret of this connection")
    if status == HTTP_TOO_MANY:
        raise Busy("the sandbox takes no more at the moment", _retry_after(answer))
    if status >= SERVER_ERRORS:
        raise NoAnswer(f"the sandbox answered {status}")
    if status >= CLIENT_ERRORS:
        raise Refused(f"the sandbox answered {status}")
    try:
        return load_json(answer.content)
    except Unreadable as error:
        raise NoAnswer("the sandbox answered something that is not JSON") from error


def _retry_after(answer: requests.Response) -> float:
    try:
        return max(0.0, float(answer.headers.get("Retry-After", "1")))
    except ValueError:
        return 1.0


def load_json(body: bytes) -> Any:
    """JSON with exact numbers. Raises `Unreadable`."""
    try:
        return json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise Unreadable("not JSON") from error


def moment(text: object) -> datetime:
    """An aware UTC time from ISO 8601 text. Raises `Unreadable`."""
    if not isinstance(text, str):
        raise Unreadable("a time is missing")
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise Unreadable("a time has no zone")
        return at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Unreadable("a time is not ISO 8601") from error


def word(part: Mapping[str, Any], name: str) -> str:
    """The non-empty text called `name`. Raises `Unreadable`."""
    value = part.get(name)
    if not isinstance(value, str) or not storable(value):
        raise Unreadable(f"no {name}")
    return storable(value)


def word_or_none(part: Mapping[str, Any], name: str) -> str | None:
    """The text called `name`, None when it is absent or empty. Raises `Unreadable`."""
    value = part.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise Unreadable(f"{name} is not text")
    return storable(value) or None


def storable(text: str) -> str:
    """The text as every database takes it: without NUL, and without half a character."""
    return text.replace("\x00", "").encode(errors="replace").decode()


def fields(value: object, name: str) -> Mapping[str, Any]:
    """A JSON object. Raises `Unreadable`."""
    if not isinstance(value, dict):
        raise Unreadable(f"{name} is not an object")
    return value
