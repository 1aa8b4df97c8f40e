"""Many rows in one statement, without what SQLAlchemy does for each of them.

Webhooks come in floods, and most of an insert's time went into building and checking
each row's parameters anew. Here the statement is built once per table and the values
go through the columns' own types, so rows are the same as by the usual way.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Dialect,
    Table,
    Text,
    any_,
    bindparam,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY

from recovery.columns import Moment, written_moment

Rows = Sequence[Mapping[str, Any]]


def insert_rows(db: Connection, table: Table, rows: Rows, on_conflict: str = "") -> None:
    """Insert rows that all have the same names; `on_conflict` is the SQL after ON CONFLICT."""
    if not rows:
        return
    names = tuple(rows[0])
    sql, processors = _insert(db.dialect, table, names, on_conflict)
    db.exec_driver_sql(sql, [_values(row, processors) for row in rows])


def update_rows(db: Connection, table: Table, rows: Rows, keep: frozenset[str]) -> None:
    """Update rows by their `id`; a None leaves a column named in `keep` as it is."""
    if not rows:
        return
    names = tuple(name for name in rows[0] if name != "id")
    sql, processors = _update(db.dialect, table, names, keep)
    db.exec_driver_sql(sql, [_values(row, processors) for row in rows])


def one_of(kind: str, column: Column[Any], name: str) -> ColumnElement[bool]:
    """`column` is one of the parameter `name`'s values (given by `listed`).

    One parameter for any number of values, so that a statement is built once and
    kept: building it anew costs several times what running it does. `kind` is the
    dialect's name.
    """
    if kind == "sqlite":
        each = func.json_each(bindparam(name, type_=Text)).table_valued("value")
        return column.in_(select(each.c.value))
    found: ColumnElement[bool] = column == any_(bindparam(name, type_=ARRAY(column.type)))
    return found


def listed(db: Connection, values: Iterable[Any]) -> Any:
    """The values of a parameter of `one_of`."""
    wanted = list(values)
    return json.dumps(wanted) if db.dialect.name == "sqlite" else wanted


Processors = tuple[tuple[str, Callable[[Any], Any] | None], ...]


def _values(row: Mapping[str, Any], processors: Processors) -> tuple[Any, ...]:
    return tuple(
        row[name] if process is None else process(row[name]) for name, process in processors
    )


@lru_cache
def _insert(
    dialect: Dialect, table: Table, names: tuple[str, ...], on_conflict: str
) -> tuple[str, Processors]:
    places = ", ".join([_place(dialect)] * len(names))
    ending = f" ON CONFLICT {on_conflict}" if on_conflict else ""
    sql = f"INSERT INTO {table.name} ({_quoted(dialect, names)}) VALUES ({places}){ending}"  # noqa: S608
    return sql, _processors(dialect, table, names)


@lru_cache
def _update(
    dialect: Dialect, table: Table, names: tuple[str, ...], keep: frozenset[str]
) -> tuple[str, Processors]:
    place = _place(dialect)
    settings = ", ".join(
        f"{name} = COALESCE({place}, {name})" if name in keep else f"{name} = {place}"
        for name in names
    )
    sql = f"UPDATE {table.name} SET {settings} WHERE id = {place}"  # noqa: S608
    return sql, _processors(dialect, table, (*names, "id"))


def _quoted(dialect: Dialect, names: Iterable[str]) -> str:
    return ", ".join(dialect.identifier_preparer.quote(name) for name in names)


def _place(dialect: Dialect) -> str:
    return "?" if dialect.paramstyle == "qmark" else "%s"


def _processors(dialect: Dialect, table: Table, names: Iterable[str]) -> Processors:
    return tuple((name, _processor(dialect, table.c[name])) for name in names)


def _processor(dialect: Dialect, column: Column[Any]) -> Callable[[Any], Any] | None:
    if isinstance(column.type, Moment) and dialect.name == "sqlite":
        return written_moment  # the same text as by the three layers of the usual way
    return column.type.dialect_impl(dialect).bind_processor(dialect)
