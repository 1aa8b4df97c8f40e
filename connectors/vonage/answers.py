"""What Vonage's answers mean for us: their status → which way a send failed."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from requests import Response

from connectors.protocols import AccountStopped, Busy, NoAnswer, Refused

RETRY_AFTER = 1.0  # seconds, when a 429 does not say: the limit is one of requests a second
LONGEST_RETRY_AFTER = 3600.0

# Words for the merchant: what is wrong, and what mends it.
STOPPED = {
    401: "Vonage does not accept this application's key: check the application id and private key",
    402: "The Vonage account has no credit left: top it up",
    403: "Vonage does not allow this account to send here: check the application's rights, "
    "the sender number and the account's state",
    404: "Vonage does not know this application or address: check the application id and API host",
}

_OF_THE_KIND = (403, 404)
_LONG_NUMBER = re.compile(r"\+?\d(?:[ .()/-]{0,2}\d){5,}")
_LONGEST_REASON = 200


def failure_of_answer(response: Response, is_rich: bool = False) -> Exception:
    """The error that stands for an answer that took no message, or may have.

    Of an MMS or an RCS card a 403 or 404 may only say that the account lacks these: it is
    refused. Whether the account is at fault shows with its text.
    """
    status = response.status_code
    if status in STOPPED and not (is_rich and status in _OF_THE_KIND):
        return AccountStopped(STOPPED[status])
    if status == 429:
        return Busy("Vonage throttles this account", _retry_after(response))
    if 400 <= status < 500 and status != 408:
        reason = reason_of(_json(response)) or "no reason given"
        return Refused(f"Vonage refused the message ({status}): {reason}")
    return NoAnswer(f"Vonage answered {status}")  # a 502 or a 504 may follow acceptance


def reason_of(error: object) -> str | None:
    """Vonage's title and type of an error, or None. `detail` is left out: it repeats numbers."""
    if not isinstance(error, Mapping):
        return None
    words = [error[key] for key in ("title", "type") if isinstance(error.get(key), str)]
    text = " ".join(" ".join(words).split())
    return _LONG_NUMBER.sub("…", text)[:_LONGEST_REASON] or None


def _retry_after(response: Response) -> float:
    try:
        seconds = float(response.headers.get("Retry-After", RETRY_AFTER))
    except ValueError:
        return RETRY_AFTER
    if not math.isfinite(seconds) or seconds < 0:
        return RETRY_AFTER
    return min(seconds, LONGEST_RETRY_AFTER)


def _json(response: Response) -> Any:
    try:
        return response.json()
    except (ValueError, RecursionError):
        return None
