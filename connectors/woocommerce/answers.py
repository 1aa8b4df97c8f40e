"""What a shop's answer means: a good one, or one of our errors.

Only WordPress's own code of an error is ever repeated, never its message: that
may quote anything and anybody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from connectors.protocols import AccountStopped, Busy, NoAnswer, Refused, Unreadable
from connectors.woocommerce.fields import Row, parse

STOPPED_FOR = 900.0  # seconds until a stopped account is tried again
LONGEST_WAIT = 3600.0

NO_KEYS = (
    "WooCommerce does not accept the keys: they were revoked, lack the right to read and "
    "write, or a security plugin blocks the REST API. Connect the shop again."
)
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
    netloc = to.netloc.rpartition("@")[2]
    # An address that is shown: letters of other scripts may look like others, or turn the line.
    is_plain = re.fullmatch(r"[A-Za-z0-9.:\[\]-]{1,260}", netloc) and to.scheme in ("http", "https")
    place = f"{to.scheme}://{netloc}" if is_plain else "another page"
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
