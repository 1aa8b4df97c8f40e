"""Rows written by hand-made statements are the same as those written the usual way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from recovery import tables
from recovery.bulk import insert_rows, listed, one_of, update_rows
from recovery.database import Database

AT = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)
#: What a shopper or a platform may send: quotes, both kinds of braces, letters of all widths.
ODD = 'a "quoted" {x} [y] %s ? \\ back\nnew, ü, 東, 🛒, \u2028'


def a_row(key: str, **different: Any) -> dict[str, Any]:
    values: dict[str, Any] = {column.name: None for column in tables.carts.c}
    del values["id"]
    values |= {
        "shop_id": 1,
        "key": key,
        "state": "open",
        "origin": "web",
        "currency": "KWD",
        "total": Decimal("1234567.8915"),
        "subtotal": Decimal("-0.5"),
        "lines": "[]",
        "item_count": 2**31 - 1,
        "sources": "webhook",
        "created_at": AT,
        "changed_at": AT.astimezone(timezone(timedelta(hours=-9))),
        "look_at": AT.replace(microsecond=0),
        "left_at": AT,
        "recorded_at": AT,
        "first_name": ODD[:60],
        "raw": ODD * 200,
    }
    return values | different


def held(database: Database) -> list[dict[str, Any]]:
    with database.reading() as db:
        found = db.execute(select(tables.carts).order_by(tables.carts.c.key)).mappings()
        return [dict(row) for row in found]


def test_a_row_is_the_same_as_by_the_usual_way(database: Database) -> None:
    with database.transaction() as db:
        db.execute(tables.carts.insert().values(**a_row("usual")))
        insert_rows(db, tables.carts, [a_row("bulk")])
    bulk, usual = held(database)
    same = set(usual) - {"id", "key"}
    assert {name: bulk[name] for name in same} == {name: usual[name] for name in same}
    assert bulk["total"] == Decimal("1234567.8915") and bulk["changed_at"] == AT


@pytest.mark.parametrize("many", [1, 31, 32, 33, 100])
def test_any_number_of_rows_arrives_and_each_gets_its_own_id(database: Database, many: int) -> None:
    with database.transaction() as db:
        given = [a_row(f"k{place:03}", item_count=place) for place in range(many)]
        told = insert_rows(db, tables.carts, given, returning=("id", "key"))
    kept = held(database)
    assert [row["item_count"] for row in kept] == list(range(many))
    assert {row.key: row.id for row in told} == {row["key"]: row["id"] for row in kept}


def test_an_update_changes_its_rows_alone_and_keeps_what_is_to_be_kept(database: Database) -> None:
    with database.transaction() as db:
        keys = [f"k{place:03}" for place in range(40)]
        ids = {
            row.key: row.id
            for row in insert_rows(
                db, tables.carts, [a_row(key) for key in keys], returning=("id", "key")
            )
        }
        changed = [
            {"id": ids[key], "raw": None, "total": Decimal(place), "email": None, "left_at": AT}
            for place, key in enumerate(keys[1:])
        ]
        update_rows(db, tables.carts, changed, keep=frozenset({"raw"}))
    kept = held(database)
    assert kept[0]["total"] == Decimal("1234567.8915")
    assert [row["total"] for row in kept[1:]] == [Decimal(place) for place in range(39)]
    assert {row["raw"] for row in kept} == {ODD * 200}
    assert {row["currency"] for row in kept} == {"KWD"}


def test_a_conflict_is_settled_as_the_statement_says(database: Database) -> None:
    with database.transaction() as db:
        insert_rows(db, tables.carts, [a_row("a", item_count=1), a_row("b", item_count=1)])
        again = [a_row("b", item_count=5), a_row("c", item_count=5)]
        insert_rows(
            db,
            tables.carts,
            again,
            "(shop_id, key) DO UPDATE SET item_count = excluded.item_count",
        )
        insert_rows(db, tables.carts, [a_row("a", item_count=9)], "DO NOTHING")
    assert [row["item_count"] for row in held(database)] == [1, 5, 5]


def test_no_rows_are_no_statement(database: Database) -> None:
    with database.transaction() as db:
        assert insert_rows(db, tables.carts, []) == []
        update_rows(db, tables.carts, [], keep=frozenset())
    assert held(database) == []


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with database.transaction() as db, pytest.raises(ValueError, match="without a zone"):
        insert_rows(db, tables.carts, [a_row("a", left_at=datetime(2026, 3, 1))])


@pytest.mark.parametrize(
    ("column", "wanted", "found"),
    [
        ("key", [], []),
        ("key", [ODD, "b", "missing"], ["b", ODD]),
        ("item_count", [7, 8], ["b"]),
        ("email", [None, "x@example.com"], [ODD]),
    ],
)
def test_one_of_finds_the_rows_with_one_of_the_values(
    database: Database, column: str, wanted: list[Any], found: list[str]
) -> None:
    with database.transaction() as db:
        insert_rows(
            db,
            tables.carts,
            [a_row("b", item_count=7), a_row(ODD, email="x@example.com", item_count=9)],
        )
        statement = select(tables.carts.c.key).where(
            one_of(db.dialect.name, tables.carts.c[column], "values")
        )
        rows = db.execute(statement, {"values": listed(wanted)}).scalars().all()
    assert sorted(rows) == sorted(found)
