"""What Vonage sends us: signed status webhooks and inbound texts."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import warnings
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import jwt
from jwt.types import Options

from connectors.protocols import Forged, Headers, Unreadable, header
from connectors.vonage.answers import reason_of
from connectors.vonage.payloads import BUTTON_TAPPED
from recovery.model import Money, Receipt, Reply

OLDEST = 300.0  # seconds between the signature and now
AHEAD = 30.0  # seconds that Vonage's clock may run before ours

DEAREST = Decimal(10) ** 6  # no text costs more, in any currency

# Their word → ours. A word that is not here says nothing new.
STATES = {
    "submitted": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "rejected": "undelivered",
    "undeliverable": "undelivered",
}

_MEDIA = ("image", "audio", "video", "file", "vcard", "location")

# Short codes ("38080") and names are no E.164 numbers and stay as they are.
_DIGITS_OF_E164 = re.compile(r"[1-9]\d{6,14}")
_CURRENCY = re.compile(r"[A-Z]{3}")

# The account's secret is Vonage's choice; a short one is no news at each webhook.
warnings.filterwarnings("ignore", category=jwt.InsecureKeyLengthWarning)


class Unsigned(Forged):
    """No signature at all. Answer 503: Vonage may rarely send one so, and tries again on 5xx."""


_APPLICATION = re.compile(r"[A-Za-z0-9_-]{1,80}")


def application_of(headers: Headers) -> str | None:
    """The application that a webhook claims to be for, unverified; None when it names none.

    Good only for choosing the account whose secret then verifies it. Never raises.
    """
    try:
        claims = jwt.decode(_bearer(headers), options={"verify_signature": False})
    except (Forged, jwt.PyJWTError, ValueError, TypeError, RecursionError):
        return None
    application = claims.get("application_id")
    known = isinstance(application, str) and _APPLICATION.fullmatch(application)
    return application if known else None


def verify(credentials: Mapping[str, str], headers: Headers, body: bytes, now: datetime) -> None:
    """Raise `Forged` unless the signature, its age, the body's hash and the application fit.

    https://developer.vonage.com/en/getting-started/concepts/webhooks
    """
    claims = _claims(_bearer(headers), credentials.get("signature_secret", ""))
    signed_at = claims.get("iat")
    if not isinstance(signed_at, int | float) or isinstance(signed_at, bool):
        raise Forged("the signature has no time")
    if not now.timestamp() - OLDEST <= signed_at <= now.timestamp() + AHEAD:
        raise Forged("the signature is too old or of the future")
    if not _same(claims.get("payload_hash"), hashlib.sha256(body).hexdigest()):
        raise Forged("the body is not the one that was signed")
    if not _same(claims.get("application_id"), credentials.get("application_id", "")):
        raise Forged("signed for another application")
    if not claims.get("jti"):
        raise Forged("the signature has no id")


def _bearer(headers: Headers) -> str:
    value = (header(headers, "Authorization") or "").strip()
    if not value:
        raise Unsigned("no signature")
    scheme, _, token = value.partition(" ")
    if scheme.lower() != "bearer":
        raise Forged("no bearer token")
    return token.strip()


def _claims(token: str, secret: str) -> dict[str, Any]:
    if not secret:
        raise Forged("this account has no signature secret")
    # Times are checked by our own clock, which is handed in.
    checks: Options = {
        "verify_exp": False,
        "verify_iat": False,
        "verify_nbf": False,
        "verify_aud": False,
    }
    try:
        return jwt.decode(token, secret, algorithms=["HS256"], options=checks)
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
        raise Forged(f"the signature does not hold: {type(error).__name__}") from error


def _same(claimed: object, ours: str) -> bool:
    return (
        isinstance(claimed, str)
        and bool(ours)
        and hmac.compare_digest(claimed.lower().encode("utf-8", "replace"), ours.lower().encode())
    )


def read_receipt(body: bytes) -> Receipt | None:
    """What became of a message; None for a status we do not know. Raises `Unreadable`."""
    status = _json(body)
    state = STATES.get(_text(status, "status"))
    provider_id, at = _text(status, "message_uuid"), _time(status)
    if state is None:
        return None
    reference = status.get("client_ref")
    return Receipt(
        provider_id=provider_id,
        state=state,
        at=at,
        reference=reference if isinstance(reference, str) and reference else None,
        price=_price(status.get("usage")),
        reason=reason_of(status.get("error")),
        raw=status,
    )


def read_reply(body: bytes) -> Reply | None:
    """What a shopper wrote; numbers with their plus. Raises `Unreadable`.

    None: the tap on an RCS card's button, which says nothing more than the link it opens.
    """
    said = _json(body)
    if _tapped(said) == BUTTON_TAPPED:
        return None
    words = _words(said)
    if words is None:
        raise Unreadable("an inbound message without text")
    return Reply(
        provider_id=_reply_id(said, body),
        sender=_number(_text(said, "from")),
        recipient=_number(_text(said, "to")),
        text=words,
        at=_time(said),
    )


def _tapped(said: Mapping[str, Any]) -> object:
    """What a tapped suggestion carries: `reply.id` or `button.payload`."""
    reply, button = said.get("reply"), said.get("button")
    if isinstance(reply, Mapping):
        return reply.get("id")
    return button.get("payload") if isinstance(button, Mapping) else None


def _words(said: Mapping[str, Any]) -> str | None:
    """The text, or a picture's caption, or a suggestion's words; of media alone its kind."""
    kind = said.get("message_type")
    if isinstance(said.get("text"), str):
        return str(said["text"])
    part = said.get(kind) if isinstance(kind, str) else None
    if not isinstance(part, Mapping):
        return None
    written = (part.get(name) for name in ("caption", "title", "text"))
    fallen_back = f"[{kind}]" if kind in _MEDIA else None
    return next((each for each in written if isinstance(each, str) and each), fallen_back)


def _json(body: bytes) -> dict[str, Any]:
    """The webhook's object; numbers with decimals stay text, so that none is rounded."""
    try:
        found = json.loads(
            body, parse_float=str, parse_constant=_no_constant, object_hook=_storable
        )
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"no JSON: {type(error).__name__}") from error
    if not isinstance(found, dict):
        raise Unreadable(f"no object, but {type(found).__name__}")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _storable(found: dict[str, Any]) -> dict[str, Any]:
    """Half a surrogate pair or a NUL breaks the insert into PostgreSQL."""
    return {_plain(key): _plain(value) for key, value in found.items()}


def _plain(value: Any) -> Any:
    if not isinstance(value, str) or (value.isascii() and "\0" not in value):
        return value
    whole = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\0", "\ufffd")


def _text(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    if not isinstance(value, str) or not value:
        raise Unreadable(f"no {name}")
    return value


def _time(found: Mapping[str, Any]) -> datetime:
    """`timestamp` in UTC; Vonage writes it with Z, with an offset, or bare (then UTC)."""
    written = _text(found, "timestamp").strip().replace(" +", "+")
    try:
        at = datetime.fromisoformat(written)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unreadable("an unreadable timestamp") from None  # the cause repeats the field


def _reply_id(found: Mapping[str, Any], body: bytes) -> str:
    """A stop must hold whatever its id: one without any is known by its body."""
    value = found.get("message_uuid")
    return value if isinstance(value, str) and value else hashlib.sha256(body).hexdigest()


def _number(written: str) -> str:
    return f"+{written}" if _DIGITS_OF_E164.fullmatch(written) else written


def _price(usage: object) -> Money | None:
    """A price that we cannot read is no reason to lose the receipt."""
    if not isinstance(usage, Mapping) or not isinstance(usage.get("currency"), str):
        return None
    currency = usage["currency"].strip().upper()
    try:
        amount = Decimal(str(usage.get("price")).strip())
    except InvalidOperation:
        return None
    if not amount.is_finite() or not 0 <= amount <= DEAREST or not _CURRENCY.fullmatch(currency):
        return None
    return Money(amount, currency)
