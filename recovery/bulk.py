"""Many rows in one statement, without what SQLAlchemy does for each of them.

Webhooks come in floods. Most of an intake's time went into building and checking each
row's parameters anew, and into handing rows to the database one by one: in a process
with many threads each hand-over also gives the interpreter away, and getting it back
costs milliseconds. Here a statement is built once and takes all rows at once; values go
through the columns' own types, so rows are the same as by the usual way.

SQLite gets one list of VALUES. PostgreSQL gets one JSON document: a statement that is
the same for any number of rows is parsed once per connection.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain
from typing import Any

import msgspec
from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    Dialect,
    Row,
    Table,
    Text,
    any_,
    bindparam,
    cast,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY

from recovery.columns import Moment, written_moment

Rows = Sequence[Mapping[str, Any]]
Names = tuple[str, ...]
Processors = tuple[tuple[str, Callable[[Any], Any] | None], ...]

_AT_ONCE = 32  # rows; SQLite takes 32,766 values in a statement


def insert_rows(
    db: Connection, table: Table, rows: Rows, on_conflict: str = "", returning: Names = ()
) -> list[Row[Any]]:
    """Insert rows that all have the same names; gives the columns `returning` of each.

    `on_conflict` is the SQL after ON CONFLICT. The rows given back come in any order.
    """
    ending = f" ON CONFLICT {on_conflict}" if on_conflict else ""
    ending += f" RETURNING {', '.join(returning)}" if returning else ""
    return _run(db, _insert, table, rows, ending)


def update_rows(db: Connection, table: Table, rows: Rows, keep: frozenset[str]) -> None:
    """Update rows by their `id`; a None leaves a column named in `keep` as it is."""
    _run(db, _update, table, rows, keep)


def one_of(kind: str, column: Column[Any], name: str) -> ColumnElement[bool]:
    """`column` is one of the parameter `name`'s values (given by `listed`).

    One parameter for any number of values, so that a statement is built once and
    kept: building it anew costs several times what running it does. `kind` is the
    dialect's name.
    """
    if kind == "sqlite":
        each = func.json_each(bindparam(name, type_=Text)).table_valued("value")
        return column.in_(select(each.c.value))
    text = func.json_array_elements_text(cast(bindparam(name, type_=Text), JSON))
    values = select(cast(text, column.type)).scalar_subquery()
    found: ColumnElement[bool] = column == any_(func.array(values, type_=ARRAY(column.type)))
    return found


def listed(values: Iterable[Any]) -> str:
    """The values of a parameter of `one_of`."""
    return json.dumps(list(values))


def _run(
    db: Connection, build: Callable[..., str], table: Table, rows: Rows, more: object
) -> list[Row[Any]]:
    if not rows:
        return []
    names, dialect = tuple(rows[0]), db.dialect
    processors = _processors(dialect, table, names)
    found: list[Row[Any]] = []
    for some in _in_parts(rows, _AT_ONCE if dialect.name == "sqlite" else len(rows)):
        sql = build(dialect, table, names, more, len(some) if dialect.name == "sqlite" else 0)
        result = db.exec_driver_sql(sql, _parameters(dialect, some, processors))
        found.extend(result.all() if result.returns_rows else ())
    return found


def _in_parts(rows: Rows, size: int) -> Iterator[Rows]:
    return (rows[place : place + size] for place in range(0, len(rows), size))


def _parameters(dialect: Dialect, rows: Rows, processors: Processors) -> tuple[Any, ...]:
    if dialect.name == "sqlite":
        return tuple(chain.from_iterable(_values(row, processors) for row in rows))
    names = [name for name, _ in processors]
    document = [dict(zip(names, _values(row, processors), strict=True)) for row in rows]
    return (msgspec.json.encode(document).decode(),)


def _values(row: Mapping[str, Any], processors: Processors) -> list[Any]:
    return [row[name] if process is None else process(row[name]) for name, process in processors]


@lru_cache(maxsize=512)
def _insert(dialect: Dialect, table: Table, names: Names, ending: str, count: int) -> str:
    columns = _quoted(dialect, names)
    rows = _given(dialect, table, names, count)
    return f"INSERT INTO {table.name} ({columns}) {rows}{ending}"


@lru_cache(maxsize=512)
def _update(dialect: Dialect, table: Table, names: Names, keep: frozenset[str], count: int) -> str:
    settings = ", ".join(
        f"{name} = COALESCE({place}, {table.name}.{name})" if kept else f"{name} = {place}"
        for name, place, kept in (
            (_quoted(dialect, (name,)), _place(dialect, names, name), name in keep)
            for name in names
            if name != "id"
        )
    )
    rows = _given(dialect, table, names, count)
    which = f"{table.name}.id = {_place(dialect, names, 'id')}"
    return f"UPDATE {table.name} SET {settings} FROM ({rows}) AS given WHERE {which}"  # noqa: S608


def _given(dialect: Dialect, table: Table, names: Names, count: int) -> str:
    """The rows as SQL: a list of VALUES, or the records of one JSON document."""
    if dialect.name == "sqlite":
        one = f"({', '.join('?' * len(names))})"
        return f"VALUES {', '.join([one] * count)}"
    columns = ", ".join(
        f"{_quoted(dialect, (name,))} {table.c[name].type.compile(dialect)}" for name in names
    )
    return f"SELECT * FROM json_to_recordset(%s::json) AS row({columns})"  # noqa: S608


def _place(dialect: Dialect, names: Names, name: str) -> str:
    # SQLite calls the columns of a list of VALUES column1, column2, …
    if dialect.name == "sqlite":
        return f"given.column{names.index(name) + 1}"
    return f"given.{_quoted(dialect, (name,))}"


def _quoted(dialect: Dialect, names: Iterable[str]) -> str:
    return ", ".join(dialect.identifier_preparer.quote(name) for name in names)


@lru_cache
def _processors(dialect: Dialect, table: Table, names: Names) -> Processors:
    return tuple((name, _processor(dialect, table.c[name])) for name in names)


def _processor(dialect: Dialect, column: Column[Any]) -> Callable[[Any], Any] | None:
    if isinstance(column.type, Moment):
        # the same text as by the three layers of the usual way
        return written_moment if dialect.name == "sqlite" else _moment_in_json
    return column.type.dialect_impl(dialect).bind_processor(dialect)


def _moment_in_json(value: datetime | None) -> str | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError("a time without a zone cannot be stored")
    return value.astimezone(UTC).isoformat()
