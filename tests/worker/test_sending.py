"""A worker's turn at an account when something breaks in it: nothing is left stuck."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from redis.exceptions import ConnectionError as NoRedis
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from connectors.protocols import Gate
from recovery import handing_out, planning, receipts, reminders, tables
from recovery.database import Database
from recovery.model import Message, Receipt
from recovery.reasons import Reason, read
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.stories import KEYS, a_cart, a_shop, a_shopper, know_orders, record, rows
from tests.worker.conftest import PATIENCE, Outside
from worker.sending import send_batch
from worker.tools import Tools

NOT_A_LIST = "{"


class AwayRedis:
    """A Redis that cannot be reached."""

    def __getattr__(self, name: str) -> Any:
        raise NoRedis("away")


class Breaking:
    """A database; `before` is called with the name of each piece of work, and may raise."""

    def __init__(self, database: Database, before: Callable[[str], None]) -> None:
        self._database, self._before = database, before

    def run(self, work: Callable[[Connection], Any]) -> Any:
        for name in {"claim", "examine", "settle"} & set(work.__code__.co_names):
            self._before(name)
        return self._database.run(work)

    def reading(self) -> AbstractContextManager[Connection]:
        return self._database.reading()


def tools_with(database: Any, outside: Outside, clock: SetClock) -> Tools:
    redis: Any = AwayRedis()
    way: Any = outside
    return Tools(database, redis, way, KEYS, clock, "https://r.example")


def a_shop_with_due(database: Database, clock: SetClock, many: int, rate: float) -> ShopRow:
    """A shop with so many reminders that are due now, on an account of that rate."""
    shop = a_shop(database, clock())
    with database.transaction() as db:
        db.execute(tables.accounts.update().values(rate=rate))
    for number in range(many):
        shopper = a_shopper(clock(), phone=f"+3361234560{number}", email=f"a{number}@example.com")
        record(database, shop, a_cart(clock(), key=f"c{number}", shopper=shopper), now=clock())
    clock.forward(minutes=31)
    database.run(lambda db: planning.abandon_idle(db, clock()))
    come_back(database, shop, clock, timedelta(minutes=30))
    return shop


def come_back(database: Database, shop: ShopRow, clock: SetClock, later: timedelta) -> None:
    clock.at += later
    know_orders(database, shop, clock())


def states(database: Database) -> list[str]:
    return [row.state for row in rows(database, tables.reminders)]


def send_due(tools: Tools, database: Database) -> int:
    batches = database.run(lambda db: handing_out.hand_out(db, tools.now()))
    return sum(send_batch(tools, each.account_id, each.reminder_ids) for each in batches)


def all_ids(database: Database) -> list[int]:
    return [row.id for row in rows(database, tables.reminders)]


def test_an_error_in_one_group_leaves_no_answer_of_another_unsettled(
    database: Database, outside: Outside, clock: SetClock
) -> None:
    shop = a_shop_with_due(database, clock, 2, rate=2)  # groups of one
    looks = iter(("first", "second"))
    broke = threading.Event()

    def before(name: str) -> None:
        if name == "examine" and next(looks, "") == "second":
            broke.set()
            raise OperationalError("SELECT", {}, Exception("the line is cut"))

    def wait(message: Message) -> None:
        clock.forward(seconds=1)  # time for the next group
        assert broke.wait(PATIENCE)  # its answer comes after the error in the other group

    outside.provider.meet = wait  # type: ignore[method-assign]
    tools = tools_with(Breaking(database, before), outside, clock)
    first, second = all_ids(database)
    with pytest.raises(OperationalError):
        send_batch(tools, shop.account_id or 0, [first, second])
    assert [text.reference for text in outside.provider.taken] == [str(first)]
    assert states(database) == ["sent", "scheduled"]
    come_back(database, shop, clock, timedelta(seconds=31))
    assert send_due(tools_with(database, outside, clock), database) == 1
    assert states(database) == ["sent", "sent"]


def test_answers_that_could_not_be_settled_are_settled_before_the_job_ends(
    database: Database, outside: Outside, clock: SetClock
) -> None:
    shop = a_shop_with_due(database, clock, 2, rate=1000)
    failures = iter((True,))

    def before(name: str) -> None:
        if name == "settle" and next(failures, False):
            raise OperationalError("UPDATE", {}, Exception("the line is cut"))

    tools = tools_with(Breaking(database, before), outside, clock)
    with pytest.raises(OperationalError):
        send_batch(tools, shop.account_id or 0, all_ids(database))
    assert states(database) == ["sent", "sent"]


def test_a_cart_that_cannot_be_written_out_holds_up_no_other(
    database: Database, outside: Outside, clock: SetClock
) -> None:
    shop = a_shop_with_due(database, clock, 3, rate=1000)
    carts = rows(database, tables.carts)
    with database.transaction() as db:
        bad = tables.carts.c.id == carts[1].id
        db.execute(tables.carts.update().where(bad).values(lines=NOT_A_LIST))
    tools = tools_with(database, outside, clock)
    assert send_due(tools, database) == 2
    assert states(database) == ["sent", "scheduled", "sent"]
    for _ in range(3):  # it is tried again, in vain, and harms nothing
        come_back(database, shop, clock, timedelta(minutes=6))
        assert send_due(tools, database) == 0
    clock.forward(hours=12)
    database.run(lambda db: reminders.skip_stale(db, clock()))
    row = rows(database, tables.reminders)[1]
    assert row.state == "skipped"
    assert set(read(row.reasons)) <= {Reason.TOO_LATE, Reason.ORDERS_UNKNOWN}


def test_a_mended_cart_is_sent_after_all(
    database: Database, outside: Outside, clock: SetClock
) -> None:
    shop = a_shop_with_due(database, clock, 1, rate=1000)
    whole = rows(database, tables.carts)[0].lines
    with database.transaction() as db:
        db.execute(tables.carts.update().values(lines=NOT_A_LIST))
    tools = tools_with(database, outside, clock)
    assert send_due(tools, database) == 0
    with database.transaction() as db:
        db.execute(tables.carts.update().values(lines=whole))
    come_back(database, shop, clock, timedelta(minutes=5))
    assert send_due(tools, database) == 1
    assert states(database) == ["sent"]


def test_an_answer_that_the_database_refuses_leaves_the_others_settled(
    database: Database, outside: Outside, clock: SetClock
) -> None:
    a_shop_with_due(database, clock, 3, rate=1000)
    ids = all_ids(database)
    # PostgreSQL takes no zero byte into text (a DataError), SQLite does.
    odd = "p\x00"
    outside.provider.meet = lambda text: odd if text.reference == str(ids[1]) else None  # type: ignore[method-assign]
    send_due(tools_with(database, outside, clock), database)
    assert len(outside.provider.taken) == 3
    kept = "sent" if database.is_sqlite else "unconfirmed"
    assert states(database) == ["sent", kept, "sent"]
    account = rows(database, tables.accounts)[0]
    told = Receipt(odd if database.is_sqlite else "p9", "delivered", clock(), reference=str(ids[1]))
    database.run(lambda db: receipts.record_receipt(db, account, told, clock()))
    assert states(database) == ["sent", "delivered", "sent"]


def test_a_defect_in_a_messenger_leaves_one_text_unconfirmed_and_the_others_sent(
    database: Database, outside: Outside, clock: SetClock
) -> None:
    a_shop_with_due(database, clock, 3, rate=1000)
    ids = all_ids(database)

    def break_one(message: Message) -> None:
        if message.reference == str(ids[1]):
            raise ZeroDivisionError

    outside.provider.meet = break_one  # type: ignore[method-assign]
    assert send_due(tools_with(database, outside, clock), database) == 2
    assert states(database) == ["sent", "unconfirmed", "sent"]


def test_an_order_that_comes_while_a_message_waits_at_the_gate_is_seen(
    database: Database, outside: Outside, clock: SetClock
) -> None:
    shop = a_shop_with_due(database, clock, 1, rate=10)
    passed: list[str] = []

    def send(message: Message, gate: Gate) -> str:
        clock.forward(seconds=1)  # the pace held it so long
        with database.transaction() as db:
            db.execute(tables.carts.update().values(state="ordered"))
        with gate():
            passed.append(message.reference)
        return "p1"

    outside.provider.send = send  # type: ignore[method-assign, assignment]
    send_batch(tools_with(database, outside, clock), shop.account_id or 0, all_ids(database))
    assert passed == []
    assert states(database) == ["skipped"]
