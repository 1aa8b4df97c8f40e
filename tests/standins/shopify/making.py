"""A test's words made into records: amounts as text, lines as dicts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.standins.shopify.records import Line

Lines = Iterable[Line | dict[str, Any]]


def amounts(details: dict[str, Any]) -> dict[str, Any]:
    """`details` with amounts and times that came as text (another process, JSON) read."""
    ready = dict(details)
    for name in ("price", "discount", "shipping", "tax"):
        if name in ready:
            ready[name] = Decimal(ready[name])
    for name, value in ready.items():
        if name.endswith("_at") and isinstance(value, str):
            ready[name] = datetime.fromisoformat(value)
    if "discount_codes" in ready:
        ready["discount_codes"] = tuple((c, Decimal(a)) for c, a in ready["discount_codes"])
    return ready


def made_lines(lines: Lines | None, new_id: Callable[[], int]) -> tuple[Line, ...]:
    """Lines with an id each; None makes one blue mug."""
    given = [{"title": "Blue mug", "price": "19.90"}] if lines is None else lines
    ready = [line if isinstance(line, Line) else Line(**amounts(line)) for line in given]
    return tuple(line if line.id else replace(line, id=new_id()) for line in ready)
