"""A word to the databases' planners, where they would choose the wrong index."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, literal_column


def aside(column: Any) -> ColumnElement[Any]:
    """The column's own value, by which no index is chosen: +x is x, and no column.

    SQLite knows nothing of how many rows a value has until it is told to look. It takes an
    equality for better than a beginning, and an order by an index for better than few rows,
    and then reads all rows of a large shop. https://www.sqlite.org/optoverview.html
    """
    return literal_column(f"+{column.table.name}.{column.name}", column.type)
