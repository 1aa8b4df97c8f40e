"""The lines of a cart or an order as they are kept in a row: JSON with exact amounts."""

from __future__ import annotations

import json
from collections.abc import Iterable
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
