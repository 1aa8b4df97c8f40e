"""A new key for what is kept encrypted: everything is sealed again, so that the old one can go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, select, update

from recovery import tables
from recovery.secrets import Keys, Sealed

#: Every column that `Keys.seal` wrote: the table, its column, and what names the row in the place.
SEALED: tuple[tuple[Table, str, str], ...] = (
    (tables.shops, "credentials", "key"),
    (tables.accounts, "credentials", "name"),
)


@dataclass(frozen=True, slots=True)
class Rotated:
    """How many were sealed again, how many had the newest key, and the places none opens."""

    again: int
    newest: int
    shut: tuple[str, ...]


def rotate(db: Connection, keys: Keys) -> Rotated:
    """Seal everything under the newest key. May be repeated; what no key opens stays as it is."""
    again, newest, shut = 0, 0, []
    for table, column, name in SEALED:
        asked = select(table.c.id, table.c[name], table.c[column].label("sealed"))
        for row in db.execute(asked.where(table.c[column] != "")).all():
            place = f"{table.name}.{column}.{row._mapping[name]}"
            try:
                if keys.is_newest(row.sealed, place):
                    newest += 1
                    continue
                plain = keys.open(row.sealed, place)
            except Sealed:
                shut.append(place)
                continue
            again += _replace(db, table, column, row, keys.seal(plain, place))
    return Rotated(again, newest, tuple(shut))


def _replace(db: Connection, table: Table, column: str, row: Any, sealed: str) -> int:
    # A token that was renewed meanwhile is sealed under the newest key already.
    same = (table.c.id == row.id, table.c[column] == row.sealed)
    return int(db.execute(update(table).where(*same).values(**{column: sealed})).rowcount)
