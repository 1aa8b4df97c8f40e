"""How the sandbox signs its webhooks: HMAC-SHA256 over `timestamp.body`."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

from connectors.protocols import Forged, Headers, header

SIGNATURE = "X-Sandbox-Signature"
TIMESTAMP = "X-Sandbox-Timestamp"
TOPIC = "X-Sandbox-Topic"
DELIVERY = "X-Sandbox-Delivery"

GREATEST_AGE = timedelta(minutes=5)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The hex HMAC-SHA256 of `timestamp.body` under `secret`."""
    signed = timestamp.encode(errors="replace") + b"." + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def signed_headers(secret: str, topic: str, delivery: str, body: bytes, now: datetime) -> Headers:
    """The headers of a webhook that leaves at `now`. A repeat keeps its `delivery`."""
    timestamp = str(int(now.timestamp()))
    return {
        "Content-Type": "application/json",
        TOPIC: topic,
        DELIVERY: delivery,
        TIMESTAMP: timestamp,
        SIGNATURE: signature(secret, timestamp, body),
    }


def check(secret: str, headers: Headers, body: bytes, now: datetime | None = None) -> None:
    """Raise `Forged` unless `body` was signed with `secret`, and lately where `now` is given."""
    if not secret:
        raise Forged("this sandbox connection has no secret")
    timestamp = header(headers, TIMESTAMP) or ""
    claimed = header(headers, SIGNATURE) or ""
    expected = signature(secret, timestamp, body)
    # Bytes, because compare_digest refuses text that is not ASCII.
    if not hmac.compare_digest(expected.encode(), claimed.encode(errors="replace")):
        raise Forged("the sandbox signature does not match")
    if now is not None:
        _check_age(timestamp, now)


def _check_age(timestamp: str, now: datetime) -> None:
    try:
        age = abs(now.timestamp() - int(timestamp))
    except ValueError as error:
        raise Forged("the sandbox timestamp is not a number") from error
    if age > GREATEST_AGE.total_seconds():
        raise Forged("the sandbox signature is too old")
