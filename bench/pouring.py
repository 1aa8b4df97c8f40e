"""Many rows into a table at once: SQLite's own `executemany`, PostgreSQL's COPY.

What is poured stands in the form of the database: amounts are the whole numbers that `Amount`
keeps, times are put into it here. Keys to other tables are not looked up one by one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, text

from recovery import tables
from recovery.columns import Moment, written_moment
from recovery.database import Database

_GROUP = 20_000  # rows of one transaction, so that the log of what is written stays small


def pour(
    database: Database,
    table: Any,
    names: Sequence[str],
    rows: Iterable[Sequence[Any]],
    alike: Mapping[str, Any] | None = None,
) -> int:
    """Write `rows` (values by `names`), each with the values `alike`; how many there were."""
    group: list[Sequence[Any]] = []
    many = 0
    for row in rows:
        group.append(row)
        if len(group) == _GROUP:
            many += _write(database, table, names, group, alike or {})
            group = []
    return many + (_write(database, table, names, group, alike or {}) if group else 0)


def first_id(database: Database, table: Any) -> int:
    """The first id that no row of the table has."""
    with database.reading() as db:
        return int(db.execute(select(func.max(table.c.id))).scalar_one() or 0) + 1


def settle(database: Database) -> None:
    """What a database does by itself after a while: statistics, sequences, a written log."""
    if database.is_sqlite:
        with database.engine.connect() as db:
            db.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return
    with database.transaction() as db:
        for table in tables.metadata.sorted_tables:
            if "id" in table.c and table.c.id.primary_key:
                _count_on(db, table.name)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.execute(text("VACUUM ANALYZE"))


def _count_on(db: Connection, name: str) -> None:
    sequence = f"pg_get_serial_sequence('{name}', 'id')"
    db.execute(text(f"SELECT setval({sequence}, max(id)) FROM {name} HAVING max(id) > 0"))


def _write(
    database: Database,
    table: Any,
    names: Sequence[str],
    rows: list[Sequence[Any]],
    alike: Mapping[str, Any],
) -> int:
    every = [*names, *alike]
    times = [place for place, name in enumerate(names) if isinstance(table.c[name].type, Moment)]
    same = tuple(_kept(value) if database.is_sqlite else value for value in alike.values())
    with database.engine.connect() as db:
        raw: Any = db.connection.driver_connection
        if database.is_sqlite:
            places = ", ".join("?" * len(every))
            said = f"INSERT INTO {table.name} ({', '.join(every)}) VALUES ({places})"
            _into_sqlite(raw, said, (_row(row, times) + same for row in rows))
        else:
            said = f"COPY {table.name} ({', '.join(every)}) FROM STDIN"
            db.exec_driver_sql("SET LOCAL session_replication_role = replica")
            with raw.cursor().copy(said) as copy:
                for row in rows:
                    copy.write_row((*row, *same))
            db.commit()
    return len(rows)


def _into_sqlite(raw: sqlite3.Connection, said: str, rows: Iterable[tuple[Any, ...]]) -> None:
    raw.execute("PRAGMA foreign_keys=OFF").close()
    raw.execute("BEGIN IMMEDIATE").close()
    raw.executemany(said, rows).close()
    raw.execute("COMMIT").close()
    raw.execute("PRAGMA foreign_keys=ON").close()


def _row(row: Sequence[Any], times: list[int]) -> tuple[Any, ...]:
    found = list(row)
    for place in times:
        found[place] = written_moment(found[place])
    return tuple(found)


def _kept(value: Any) -> Any:
    return written_moment(value) if isinstance(value, datetime) else value
