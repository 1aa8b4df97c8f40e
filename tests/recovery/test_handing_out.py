"""Which due reminders go to the workers: fair, never too many, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, text, update

from recovery import accounts, handing_out, planning, reminders, tables
from recovery.database import Database
from recovery.handing_out import Batch
from recovery.reminders import Outcome
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.asked_stories import order_news
from tests.recovery.stories import (
    KEYS,
    a_cart,
    a_shop,
    a_shopper,
    an_order,
    claim,
    know_orders,
    record,
    rows,
    the_reminder,
)


def a_shop_with_due(
    database: Database, clock: SetClock, name: str, many: int, **settings: object
) -> ShopRow:
    """A shop with so many reminders that are due an hour from now."""
    shop = a_shop(database, clock(), address=f"{name}.myshopify.com", **settings)
    carts = []
    for number in range(many):
        phone = f"+336{number:08d}"
        shopper = a_shopper(clock(), phone=phone, email=f"{name}{number}@example.com")
        carts.append(a_cart(clock(), key=f"{name}{number}", shopper=shopper))
    record(database, shop, *carts, now=clock())
    return shop


def all_due(database: Database, clock: SetClock, *shops: ShopRow) -> None:
    """An hour passes; all these shops' reminders are due, and their orders known."""
    clock.forward(minutes=31)
    database.run(lambda db: planning.abandon_idle(db, clock()))
    clock.forward(minutes=30)
    for shop in shops:
        know_orders(database, shop, clock())


def hand_out(database: Database, now: datetime) -> list[Batch]:
    return database.run(lambda db: handing_out.hand_out(db, now))


def shops_in_turn(database: Database, batches: list[Batch]) -> list[int]:
    of = {row.id: row.shop_id for row in rows(database, tables.reminders, "id", "shop_id")}
    return [of[each] for batch in batches for each in batch.reminder_ids]


def set_rate(database: Database, rate: float) -> None:
    with database.transaction() as db:
        db.execute(update(tables.accounts).values(rate=rate))


def test_a_flood_of_one_shop_stands_in_its_own_line(database: Database, clock: SetClock) -> None:
    flood = a_shop_with_due(database, clock, "flood", 80)
    small = a_shop_with_due(database, clock, "small", 3)
    all_due(database, clock, flood, small)
    order = shops_in_turn(database, hand_out(database, clock()))
    assert len(order) == 60  # two seconds of the account's 30 a second
    assert order[:6] == [flood.id, small.id] * 3 or order[:6] == [small.id, flood.id] * 3


def test_within_a_shop_the_earliest_goes_first(database: Database, clock: SetClock) -> None:
    shop = a_shop_with_due(database, clock, "nord", 4)
    all_due(database, clock, shop)
    ids = [row.id for row in rows(database, tables.reminders)]
    with database.transaction() as db:
        for place, each in enumerate(reversed(ids)):
            due = clock() - timedelta(minutes=9 - place)
            change = update(tables.reminders).where(tables.reminders.c.id == each)
            db.execute(change.values(due_at=due))
    assert hand_out(database, clock())[0].reminder_ids == tuple(reversed(ids))


def test_no_more_is_handed_out_than_the_account_sends_soon(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop_with_due(database, clock, "nord", 30)
    set_rate(database, 5.0)
    all_due(database, clock, shop)
    batches = hand_out(database, clock())
    assert [len(batch.reminder_ids) for batch in batches] == [10]
    assert hand_out(database, clock()) == []
    again = hand_out(database, clock.forward(seconds=5))  # what lies so long counts no more
    assert sum(len(batch.reminder_ids) for batch in again) == 10


def test_two_clocks_hand_out_nothing_twice(database: Database, clock: SetClock) -> None:
    shop = a_shop_with_due(database, clock, "nord", 5)
    all_due(database, clock, shop)
    handed = hand_out(database, clock()) + hand_out(database, clock())
    ids = [each for batch in handed for each in batch.reminder_ids]
    assert sorted(ids) == [row.id for row in rows(database, tables.reminders)]


def test_a_batch_is_for_one_account(database: Database, clock: SetClock) -> None:
    with database.transaction() as db:
        own = accounts.keep(db, KEYS, "own", "vonage", "+33700000002", {})
    first = a_shop_with_due(database, clock, "first", 2)
    second = a_shop_with_due(database, clock, "second", 2, account_id=own.id)
    all_due(database, clock, first, second)
    batches = hand_out(database, clock())
    assert sorted(batch.account_id for batch in batches) == sorted([first.account_id, own.id])


def test_a_stopped_account_keeps_its_reminders_and_is_tried_again(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop_with_due(database, clock, "nord", 2)
    all_due(database, clock, shop)
    batch = hand_out(database, clock())[0]
    stopped = clock()
    database.run(lambda db: accounts.stop(db, batch.account_id, "no credit", stopped))
    database.run(lambda db: accounts.stop(db, batch.account_id, "no credit", stopped))
    assert len(rows(database, tables.notices)) == 1
    assert claim(database, batch.account_id, batch.reminder_ids, clock()) == []
    assert hand_out(database, clock.forward(minutes=14)) == []
    know_orders(database, shop, clock.forward(minutes=1))
    again = hand_out(database, clock())[0]
    assert len(claim(database, again.account_id, again.reminder_ids, clock())) == 2
    database.run(lambda db: accounts.works_again(db, batch.account_id, clock()))
    assert rows(database, tables.notices)[0].over_at == clock()
    assert rows(database, tables.accounts)[0].stopped_at is None


def test_an_inactive_shop_gets_nothing_handed_out(database: Database, clock: SetClock) -> None:
    shop = a_shop_with_due(database, clock, "nord", 2)
    all_due(database, clock, shop)
    with database.transaction() as db:
        db.execute(update(tables.shops).values(state="uninstalled"))
    assert hand_out(database, clock()) == []


def test_a_job_that_comes_before_its_time_goes_back(database: Database, clock: SetClock) -> None:
    shop = a_shop_with_due(database, clock, "nord", 1)
    all_due(database, clock, shop)
    batch = hand_out(database, clock())[0]
    later = clock() + timedelta(hours=1)
    with database.transaction() as db:
        db.execute(update(tables.reminders).values(due_at=later))
    assert claim(database, batch.account_id, batch.reminder_ids, clock()) == []
    assert the_reminder(database).handed_out_at is None


def test_two_workers_get_sending_times_that_do_not_overlap(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    with database.reading() as db:
        account = accounts.by_id(db, shop.account_id or 0)
    assert account is not None
    first = database.run(lambda db: accounts.lease_slots(db, account, 3, clock()))
    second = database.run(lambda db: accounts.lease_slots(db, account, 3, clock()))
    assert first == clock()
    assert second - first >= timedelta(seconds=3 / 30)


def test_what_was_sent_is_not_handed_out_again(database: Database, clock: SetClock) -> None:
    shop = a_shop_with_due(database, clock, "nord", 1)
    all_due(database, clock, shop)
    batch = hand_out(database, clock())[0]
    letters = claim(database, batch.account_id, batch.reminder_ids, clock())
    sent = [Outcome(letters[0].reminder_id, "accept", clock(), "p1")]
    database.run(lambda db: reminders.settle(db, sent, clock()))
    clock.forward(minutes=11)
    database.run(lambda db: handing_out.give_back_forgotten(db, clock()))
    assert hand_out(database, clock()) == []


# -- what waits for no orders -------------------------------------------------------------------


def asks_and_orders(database: Database, shop: ShopRow, clock: SetClock) -> int:
    """Somebody asks for news and orders; the row of the text that tells them."""
    phone = "+33698765432"
    record(database, shop, order_news(clock(), phone=phone), now=clock())
    buyer = a_shopper(clock(), agreed=False, phone=phone, email="ben@example.com")
    record(database, shop, an_order(clock(), shopper=buyer), now=clock())
    (asked,) = [row.id for row in rows(database, tables.reminders) if row.cart_id is None]
    return int(asked)


def many_due(database: Database, clock: SetClock, *shops: ShopRow) -> None:
    """An hour passes, in which no poll of orders goes well."""
    clock.forward(minutes=31)
    database.run(lambda db: planning.abandon_idle(db, clock()))
    clock.forward(minutes=30)


def test_what_was_asked_for_passes_reminders_whose_orders_are_unknown(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop_with_due(database, clock, "nord", 70, order_texts="confirmed")
    many_due(database, clock, shop)
    asked = asks_and_orders(database, shop, clock)
    (batch,) = hand_out(database, clock())
    assert (len(batch.reminder_ids), batch.reminder_ids[0]) == (60, asked)
    (letter,) = claim(database, batch.account_id, batch.reminder_ids, clock())
    assert letter.reminder_id == asked


def test_the_worker_that_serves_the_account_finds_it_too(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop_with_due(database, clock, "nord", 3, order_texts="confirmed")
    many_due(database, clock, shop)
    asked = asks_and_orders(database, shop, clock)
    account = rows(database, tables.accounts)[0]
    found = database.run(lambda db: handing_out.take_more(db, account, 1, clock()))
    assert found == [asked]


def test_reminders_that_are_held_take_no_other_shops_place(
    database: Database, clock: SetClock
) -> None:
    held = [a_shop_with_due(database, clock, f"held{number}", 2) for number in range(4)]
    well = a_shop_with_due(database, clock, "well", 3)
    set_rate(database, 2.0)
    many_due(database, clock, *held, well)
    know_orders(database, well, clock())
    order = shops_in_turn(database, hand_out(database, clock()))
    assert order[:3] == [well.id] * 3
    assert len(order) == 4, "and what is left of the room is tried"


def test_with_orders_known_a_shop_has_one_line_by_time(database: Database, clock: SetClock) -> None:
    shop = a_shop_with_due(database, clock, "nord", 2, order_texts="confirmed")
    many_due(database, clock, shop)
    asked = asks_and_orders(database, shop, clock)
    know_orders(database, shop, clock())
    (batch,) = hand_out(database, clock())
    assert (len(batch.reminder_ids), batch.reminder_ids[-1]) == (3, asked)


@pytest.mark.parametrize("known", [True, False])
def test_each_line_is_read_by_its_index(database: Database, clock: SetClock, known: bool) -> None:
    shop = a_shop_with_due(database, clock, "nord", 300, order_texts="confirmed")
    many_due(database, clock, shop)
    asks_and_orders(database, shop, clock)
    if known:
        know_orders(database, shop, clock())
    asked: list[tuple[str, object]] = []

    def keep(_line: object, _cursor: object, statement: str, given: object, *_: object) -> None:
        if statement.startswith("SELECT reminders.id"):
            asked.append((statement, given))

    with database.transaction() as db:
        db.execute(text("ANALYZE"))
    event.listen(database.engine, "before_cursor_execute", keep)
    hand_out(database, clock())
    event.remove(database.engine, "before_cursor_execute", keep)
    word = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
    with database.reading() as db:
        plans = [
            "".join(map(str, db.exec_driver_sql(word + statement, given)))  # type: ignore[arg-type]
            for statement, given in asked
        ]
    first = "ix_reminders_waiting" if known else "ix_reminders_asked"
    assert first in plans[0]
    assert all("ix_reminders_" in plan for plan in plans)
    assert not any("SCAN reminders" in plan or "Seq Scan" in plan for plan in plans)
