"""The migrations make exactly the schema that the code believes in, on both databases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import inspect, update

from recovery import database as databases
from recovery import migrations, tables
from recovery.database import Database
from tests.conftest import SetClock
from tests.recovery.asked_stories import a_product, a_watch
from tests.recovery.stories import a_cart, a_shop, know_orders, record, rows, tick


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
    wanted = {"waiting", "asked", "handed_out", "latest", "sending", "answers", "sent"}
    assert partial == {f"ix_reminders_{each}" for each in wanted}


def test_migrating_again_changes_nothing(database: Database) -> None:
    with database.engine.connect() as connection:
        before = sorted(inspect(connection).get_table_names())
    databases.upgrade(database.url)
    with database.engine.connect() as connection:
        assert sorted(inspect(connection).get_table_names()) == before


def test_rows_of_before_outlive_the_way_back_and_forth(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock()), now=clock())
    tick(database, clock.forward(minutes=31))
    clock.forward(minutes=30)
    know_orders(database, shop, clock())
    assert len(tick(database, clock())) == 1
    record(database, shop, a_product(clock(), False), a_watch(clock()), now=clock())
    record(database, shop, a_product(clock.forward(minutes=1), True), now=clock())
    before = _of_carts(database)
    database.close()
    _move(database, "0002", command.downgrade)
    _move(database, "head", command.upgrade)
    assert _of_carts(database) == before
    assert rows(database, tables.requests) == []
    assert [row.variants for row in rows(database, tables.products)] == ["[]"]


def _of_carts(database: Database) -> list[Any]:
    """The rows that the older form has a place for."""
    found = [row for row in rows(database, tables.reminders) if row.cart_id is not None]
    found = [dict(row._mapping, language=None) for row in found]  # came with 0008
    return [*found, *rows(database, tables.carts), *rows(database, tables.links)]


def _move(database: Database, to: str, way: Any) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["url"] = database.url
    way(config, to)


def test_a_table_in_use_is_not_waited_for_and_nothing_is_changed(database: Database) -> None:
    if database.is_sqlite:
        return  # which has one writer, and waits for it five seconds anyway
    _move(database, "0009", command.downgrade)
    with database.engine.connect() as busy:  # as a worker in the middle of its work
        busy.execute(update(tables.carts).values(state="open"))
        with pytest.raises(databases.InUse, match="Stop web, clock and worker"):
            databases.upgrade(database.url, patience=0.05)
        with database.engine.connect() as connection:
            assert "ix_carts_created" not in _indexes(connection, "carts")
    databases.upgrade(database.url, patience=0.05)
    with database.engine.connect() as connection:
        assert "ix_carts_created" in _indexes(connection, "carts")


def _indexes(connection: Any, table: str) -> set[str | None]:
    return {each["name"] for each in inspect(connection).get_indexes(table)}
