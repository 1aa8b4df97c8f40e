"""Reading JSON that came from outside: each value is checked once, here.

What is absent or empty is None; what is there in a wrong shape is `Unreadable`.
Nothing of the value itself enters a message: it may be somebody's name.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, NoReturn
from urllib.parse import urlsplit

import msgspec

from connectors.protocols import Unreadable

Json = dict[str, Any]

_LARGEST_EXPONENT = 15  # no sum of money has more digits; "1e999999" is no sum


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_number)
#: Reads a webhook in half the time. It refuses half a surrogate pair (a name cut in the
#: middle of an emoji), so what it refuses is read the usual way.
_QUICK = msgspec.json.Decoder(float_hook=Decimal)


def read_json(body: bytes) -> tuple[Json, str]:
    """The JSON object in `body`, and `body` as text. Raises `Unreadable`."""
    try:
        raw = body.decode()
        payload = _decoded(raw)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"not JSON in UTF-8 ({type(error).__name__})") from error
    if not isinstance(payload, dict):
        raise Unreadable("not a JSON object")
    return payload, raw


def _decoded(raw: str) -> Any:
    try:
        return _QUICK.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return _DECODER.decode(raw)


def text(value: Any) -> str | None:
    """A text that a database can store, or None when empty."""
    if not value and (value is None or value == ""):
        return None
    if type(value) is not str:
        raise Unreadable(f"a text is a {type(value).__name__}")
    if "\x00" in value:  # PostgreSQL stores no NUL
        value = value.replace("\x00", "")
    if not value.isascii():  # "\ud800" is legal JSON and no legal text
        value = value.encode(errors="replace").decode()
    return value.strip() or None


def key(value: Any) -> str | None:
    """A platform's id as text: ids pass 2**53 and are never calculated with."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return text(value)


def bare_token(value: Any) -> str | None:
    """A cart's token without the secret that Shopify adds since 2024 ("…?key=…").

    The storefront shows the token with it, other places without; the secret opens what
    a buyer typed, and is no part of the name.
    """
    whole = key(value)
    return whole.partition("?")[0] or None if whole else None


def last_part(gid: Any) -> str | None:
    """The id at the end of "gid://shopify/Customer/123", as webhooks write it."""
    whole = text(gid)
    return whole.rpartition("/")[2].partition("?")[0] if whole else None


def amount(value: Any) -> Decimal | None:
    """An exact sum, or None when not given."""
    if value is None or value == "":
        return None
    if type(value) is str:
        return _sum_in(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Unreadable(f"an amount is a {type(value).__name__}")
    return _within_bounds(Decimal(value))


@lru_cache(maxsize=4096)  # a shop's prices come again and again
def _sum_in(written: str) -> Decimal:
    try:
        return _within_bounds(Decimal(written))
    except InvalidOperation as error:
        raise Unreadable("an amount is no number") from error


def _within_bounds(found: Decimal) -> Decimal:
    if not found.is_finite() or abs(found.adjusted()) > _LARGEST_EXPONENT:
        raise Unreadable("an amount is out of bounds")
    return found


def count(value: Any) -> int | None:
    """A whole number (GraphQL sends large ones as text), or None when not given."""
    found = amount(value)
    return None if found is None else int(found)


def moment(value: Any) -> datetime | None:
    """A time in UTC, or None when not given. Offsets differ within one payload."""
    if value is None or value == "":
        return None
    try:
        found = datetime.fromisoformat(value)
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise Unreadable("a time is not in ISO 8601") from error
    raise Unreadable("a time has no offset")


def part(value: Any) -> Json:
    """An object within the payload; empty when absent.

    An absent `shipping_address` comes as `[]`, an absent customer as no key at all.
    """
    return value if isinstance(value, dict) else {}


def parts(value: Any) -> list[Json]:
    """A list of objects within the payload; empty when absent."""
    if value is None:
        return []
    if type(value) is not list:
        raise Unreadable("a list of objects has another shape")
    for each in value:
        if type(each) is not dict:
            raise Unreadable("a list of objects has another shape")
    return value


def path_of(address: str | None) -> str | None:
    """The path of a recovery address, without its query (which holds key and locale)."""
    if not address:
        return None
    try:
        return urlsplit(address).path.rstrip("/") or None
    except ValueError as error:
        raise Unreadable("a recovery address is no address") from error
