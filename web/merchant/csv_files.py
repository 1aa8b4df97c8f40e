"""Tables as CSV files that a spreadsheet opens: UTF-8 with its mark, a row at a time.

A cell that begins like a formula gets an apostrophe in front, so that no spreadsheet reckons
with what somebody else wrote (OWASP, CSV Injection). Numbers are ours and stay numbers.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from decimal import Decimal

from flask import Response, stream_with_context

_MARK = "\ufeff"
#: Full-width forms, too, and behind blanks: some programs read them as the plain ones.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def answer(name: str, rows: Iterable[Iterable[str | int | Decimal]]) -> Response:
    """The file, under that name."""
    response = Response(stream_with_context(written(rows)), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


def written(rows: Iterable[Iterable[str | int | Decimal]]) -> Iterator[str]:
    """The file's text in pieces."""
    yield _MARK
    for row in rows:
        line = io.StringIO()
        csv.writer(line).writerow([_cell(each) for each in row])
        yield line.getvalue()


def _cell(value: str | int | Decimal) -> str:
    if isinstance(value, Decimal):
        plain = f"{value:f}"
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    if isinstance(value, int):
        return str(value)
    return f"'{value}" if value.lstrip(" ").startswith(_FORMULA) else value
