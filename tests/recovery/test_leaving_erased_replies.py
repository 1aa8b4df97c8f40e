"""A reply to a shop that was erased is kept by nobody."""

from __future__ import annotations

from sqlalchemy import update

from recovery import tables
from recovery.database import Database
from tests.conftest import SetClock
from tests.recovery.stories import a_shop, rows
from tests.recovery.test_consent import reply


def test_a_reply_to_an_erased_shop_is_not_kept(database: Database, clock: SetClock) -> None:
    a_shop(database, clock())
    erased = update(tables.shops).values(state="erased")
    database.run(lambda db: db.execute(erased))
    reply(database, "Where is my parcel? Ana, 06 12 34 56 78", clock())
    assert rows(database, tables.replies) == []


def test_beside_a_living_shop_of_the_same_account_it_is_that_ones(
    database: Database, clock: SetClock
) -> None:
    gone = a_shop(database, clock())
    erased = update(tables.shops).where(tables.shops.c.id == gone.id).values(state="erased")
    database.run(lambda db: db.execute(erased))
    here = a_shop(database, clock(), address="sud.myshopify.com")
    reply(database, "Where is my parcel?", clock())
    assert [row.shop_id for row in rows(database, tables.replies)] == [here.id]
