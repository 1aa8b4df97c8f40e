"""Values out of JSON that somebody else wrote: each is what we expect, or `Unreadable`.

WooCommerce writes "" for what is not there, amounts as text or as numbers
(`"price":25`, `12.5`), times as UTC without an offset (`*_gmt`), and names
with HTML entities (`T-shirt &times; 2`).
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from connectors.protocols import Unreadable

Row = Mapping[str, Any]
T = TypeVar("T")

LONGEST_TEXT = 4_000
# Twelve digits before the point and twelve behind stay exact in Python's 28.
LARGEST_AMOUNT = Decimal(10) ** 12
MOST_DECIMALS = 12
LARGEST_NUMBER = Decimal(10) ** 21


def parse(body: bytes | str) -> Any:
    """JSON as Python values, amounts exact. Raises `Unreadable`."""
    try:
        # Some plugins print a byte order mark in front of everything.
        told = body.decode("utf-8-sig") if isinstance(body, bytes) else body
        return json.loads(told, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError, InvalidOperation) as error:
        raise Unreadable("the body is not JSON") from error


def parse_row(body: bytes | str) -> Row:
    """One JSON object. Raises `Unreadable`."""
    found = parse(body)
    if not isinstance(found, dict):
        raise Unreadable(f"an object was expected, {type(found).__name__} came")
    return found


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def text(row: Row, name: str) -> str | None:
    """The text in `name`, trimmed; None when it is missing, null or empty."""
    value = row.get(name)
    if value is None or value is False:
        return None
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise Unreadable(f"{name}: text was expected, {type(value).__name__} came")
    # Databases refuse a NUL and half a surrogate pair inside text, so they end here.
    whole = value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
    return whole.strip()[:LONGEST_TEXT] or None


def words(row: Row, name: str) -> str | None:
    """Like `text`, with HTML entities resolved: for what a shopper reads."""
    found = text(row, name)
    return html.unescape(found).strip() or None if found else None


def number(row: Row, name: str) -> int | None:
    """The whole number in `name`, also when it came as text; None when missing."""
    value = row.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise Unreadable(f"{name}: a number was expected, {type(value).__name__} came")
    try:
        found = Decimal(value)
        if not found.is_finite() or abs(found) > LARGEST_NUMBER:
            raise Unreadable(f"{name}: a number out of bounds")
        return int(found)
    except InvalidOperation as error:
        raise Unreadable(f"{name}: a number was expected") from error


def key(row: Row, name: str = "id") -> str | None:
    """An id, digit by digit; None for 0, which WooCommerce writes for "none"."""
    found = number(row, name)
    return str(found) if found else None


def amount(row: Row, name: str) -> Decimal | None:
    """An exact amount; None when missing or empty. Raises `Unreadable` when not finite."""
    value = row.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise Unreadable(f"{name}: an amount was expected, {type(value).__name__} came")
    try:
        found = Decimal(value)
    except InvalidOperation as error:
        raise Unreadable(f"{name}: an amount was expected") from error
    if not found.is_finite() or abs(found) > LARGEST_AMOUNT:
        raise Unreadable(f"{name}: an amount out of bounds")
    decimals = -int(found.as_tuple().exponent)
    return found if 0 <= decimals <= MOST_DECIMALS else found.quantize(Decimal("0.000001"))


def moment(row: Row, name: str) -> datetime | None:
    """A `*_gmt` time: naive on the wire, UTC in truth. None when missing."""
    value = row.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise Unreadable(f"{name}: a time was expected, {type(value).__name__} came")
    try:
        found = datetime.fromisoformat(value)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise Unreadable(f"{name}: a time was expected") from error


def part(row: Row, name: str) -> Row:
    """The object in `name`; empty when missing. PHP writes an empty object as `[]`."""
    value = row.get(name)
    if value is None or value in ([], ""):
        return {}
    if not isinstance(value, dict):
        raise Unreadable(f"{name}: an object was expected, {type(value).__name__} came")
    return value


def rows(row: Row, name: str) -> list[Row]:
    """The list of objects in `name`; empty when missing."""
    value = row.get(name)
    if value is None or value in ({}, ""):
        return []
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise Unreadable(f"{name}: a list of objects was expected")
    return value


def wanted(value: T | None, name: str) -> T:
    """`value`, which must be there. Raises `Unreadable`."""
    if value is None:
        raise Unreadable(f"{name} is missing")
    return value
