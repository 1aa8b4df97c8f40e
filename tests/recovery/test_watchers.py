"""What goes quiet or bad without an error is found, and chance is not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from recovery import pulses, tables, watchers
from recovery.database import Database
from recovery.shops import ShopRow
from recovery.watchers import Arrived
from tests.conftest import SetClock
from tests.recovery.stories import a_shop, an_order, record, rows


def standing(database: Database, clock: SetClock) -> list[str]:
    """The subjects of the notices that stand after a look."""
    with database.reading() as db:
        found = watchers.look(db, clock())
    database.run(lambda db: watchers.tell(db, found, clock()))
    return [row.subject for row in rows(database, tables.notices) if row.over_at is None]


def orders(database: Database, shop: ShopRow, clock: SetClock, many: int) -> None:
    for number in range(many):
        at = clock.forward(minutes=20)
        record(database, shop, an_order(at, key=f"order:{at}:{number}"), now=at)


def set_shops(database: Database, **values: Any) -> None:
    database.run(lambda db: db.execute(update(tables.shops).values(**values)))


def test_a_shop_that_stops_telling_is_found_and_its_return_ends_it(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    set_shops(database, last_webhook_at=clock())
    orders(database, shop, clock, 3)
    assert standing(database, clock) == []  # one of them within the hour of its last word
    orders(database, shop, clock, 4)
    assert standing(database, clock) == [f"shop.{shop.id}.webhooks"]
    set_shops(database, last_webhook_at=clock())
    assert standing(database, clock) == []


def test_a_plugin_that_falls_silent_while_shoppers_order_is_found(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    set_shops(database, plugin_seen_at=clock())
    orders(database, shop, clock, 8)
    set_shops(database, last_webhook_at=clock())
    assert standing(database, clock) == [f"shop.{shop.id}.plugin"]
    set_shops(database, plugin_seen_at=clock())
    assert standing(database, clock) == []


def test_a_quiet_shop_is_no_silent_one(database: Database, clock: SetClock) -> None:
    a_shop(database, clock())
    set_shops(database, last_webhook_at=clock())
    clock.forward(days=10)
    assert standing(database, clock) == []


@pytest.mark.parametrize(
    ("today", "before", "fell"),
    [
        (Arrived(100, 60), Arrived(1000, 960), True),
        (Arrived(100, 92), Arrived(1000, 960), False),  # too little
        (Arrived(49, 0), Arrived(1000, 960), False),  # too few
        (Arrived(1000, 500), Arrived(49, 49), False),
        (Arrived(60, 52), Arrived(60, 57), False),  # chance
        (Arrived(1000, 990), Arrived(1000, 960), False),  # more arrive
    ],
)
def test_a_fall_is_one_beyond_chance_that_matters(
    today: Arrived, before: Arrived, fell: bool
) -> None:
    assert watchers.has_fallen(today, before) is fell


def test_texts_that_arrive_less_are_told_with_both_shares(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    now = clock.forward(days=20)
    row = {"shop_id": shop.id, "programme": "cart", "step": 1, "channel": "sms"}
    row |= {"due_at": now, "latest_at": now, "created_at": now, "late": False}
    for days, many, lost in ((3, 100, 2), (0, 100, 50)):
        for number in range(many):
            sent = now - timedelta(days=days, hours=1)
            state = "undelivered" if number < lost else "delivered"
            values = row | {"state": state, "sent_at": sent}
            database.run(lambda db, one=values: db.execute(tables.reminders.insert().values(**one)))
    assert standing(database, clock) == [f"shop.{shop.id}.delivery"]
    assert "50 % arrived in 24 hours, 98 % before" in rows(database, tables.notices)[0].words


def test_a_worker_tells_of_a_clock_that_stopped(database: Database, clock: SetClock) -> None:
    stopped = lambda: database.run(lambda db: watchers.clock_stopped(db, clock()))  # noqa: E731
    assert not stopped()  # it never began: somebody is about to start it
    database.run(lambda db: pulses.beat(db, "clock", clock()))
    clock.forward(minutes=4)
    assert not stopped()
    clock.forward(minutes=2)
    assert stopped()
    assert rows(database, tables.notices)[0].subject == watchers.CLOCK
