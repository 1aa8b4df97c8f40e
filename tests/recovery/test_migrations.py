"""The migrations make exactly the schema that the code believes in, on both databases."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from recovery import database as databases
from recovery import tables
from recovery.database import Database


def test_the_migrated_schema_is_the_one_of_the_tables(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []


def test_the_partial_indexes_are_partial_in_the_database(database: Database) -> None:
    with database.engine.connect() as connection:
        found = inspect(connection).get_indexes("reminders")
    name = database.engine.dialect.name
    partial = {
        index["name"]
        for index in found
        if index["dialect_options"].get(f"{name}_where") is not None
    }
    wanted = {"waiting", "handed_out", "latest", "sending"}
    assert partial == {f"ix_reminders_{each}" for each in wanted}


def test_migrating_again_changes_nothing(database: Database) -> None:
    with database.engine.connect() as connection:
        before = sorted(inspect(connection).get_table_names())
    databases.upgrade(database.url)
    with database.engine.connect() as connection:
        assert sorted(inspect(connection).get_table_names()) == before
