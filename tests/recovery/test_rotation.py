"""A key is changed without losing a shop: sealed again, then the old key goes."""

from __future__ import annotations

import pytest
from sqlalchemy import LargeBinary, String, update

from recovery import rotation, shops, tables
from recovery.database import Database
from recovery.rotation import Rotated
from recovery.secrets import Keys, Sealed
from tests.conftest import SetClock
from tests.recovery.stories import a_shop, rows

OLD, NEW = "the former key, sixteen or more", "the newest key, sixteen or more"
TOKEN = {"access_token": "made-up"}


def test_after_a_rotation_the_old_key_can_go(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    database.run(lambda db: shops.keep_credentials(db, Keys([OLD]), shop, TOKEN))
    database.run(lambda db: db.execute(update(tables.accounts).values(credentials="")))
    both = Keys([NEW, OLD])
    assert database.run(lambda db: rotation.rotate(db, both)) == Rotated(1, 0, ())
    assert database.run(lambda db: rotation.rotate(db, both)) == Rotated(0, 1, ())
    with database.reading() as db:
        held = shops.by_id(db, shop.id)
    assert held is not None
    assert shops.credentials_of(Keys([NEW]), held) == TOKEN
    with pytest.raises(Sealed):
        shops.credentials_of(Keys([OLD]), held)


def test_what_no_key_opens_is_named_and_left(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    database.run(lambda db: shops.keep_credentials(db, Keys([OLD]), shop, TOKEN))
    database.run(lambda db: db.execute(update(tables.accounts).values(credentials="")))
    before = rows(database, tables.shops)[0].credentials
    done = database.run(lambda db: rotation.rotate(db, Keys([NEW])))
    assert done == Rotated(0, 0, (f"shops.credentials.{shop.key}",))
    assert rows(database, tables.shops)[0].credentials == before


def test_every_column_of_credentials_is_rotated() -> None:
    there = {
        (table.name, column.name)
        for table in tables.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, String | LargeBinary)
        and any(word in column.name for word in ("credential", "sealed", "secret"))
    }
    assert {(table.name, column) for table, column, _ in rotation.SEALED} == there
