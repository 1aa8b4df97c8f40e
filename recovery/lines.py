"""The lines of a cart or an order as they are kept in a row: JSON with exact amounts."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

import msgspec

from recovery.model import Line

_NAMES = (
    "product_key",
    "variant_key",
    "variant_title",
    "image",
    "address",
    "sku",
)


def written(lines: Iterable[Line]) -> str:
    """The lines as JSON text; amounts as strings, so that none becomes a float."""
    return msgspec.json.encode([_row(line) for line in lines]).decode()


def read(text: str) -> tuple[Line, ...]:
    """The lines kept by `written`."""
    return tuple(
        Line(
            title=row["title"],
            quantity=row["quantity"],
            unit_price=Decimal(row["unit_price"]),
            total=Decimal(row["total"]),
            **{name: row.get(name) for name in _NAMES},
        )
        for row in json.loads(text)
    )


def filled(held: str, told: str) -> str:
    """The lines of `held`, with what only the same lines of `told` show: pictures, addresses, keys.

    Both are texts of `written`. A line is the same by its place, title, quantity and price.
    """
    old, new = read(held), read(told)
    if len(old) != len(new) or not all(_is_same(*both) for both in zip(old, new, strict=True)):
        return held
    return written(
        replace(mine, **{name: getattr(mine, name) or getattr(theirs, name) for name in _NAMES})
        for mine, theirs in zip(old, new, strict=True)
    )


def _is_same(one: Line, other: Line) -> bool:
    names = ("title", "quantity", "unit_price")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def _row(line: Line) -> dict[str, object]:
    row: dict[str, object] = {
        "title": line.title,
        "quantity": line.quantity,
        "unit_price": str(line.unit_price),
        "total": str(line.total),
    }
    for name in _NAMES:
        value = getattr(line, name)
        if value is not None:
            row[name] = value
    return row
