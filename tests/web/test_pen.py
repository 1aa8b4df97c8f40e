"""The pen: requests that wait together are committed together, and none pays for another."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

import pytest
from sqlalchemy import event

from recovery import tables
from recovery.database import Database
from recovery.intake import Arrival
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.stories import a_cart, a_shop, a_shopper, rows
from web.pen import Pen
from web.scribe import ScribeGone
from web.storing import Storing

MANY = 8


class Commits:
    """Counts the commits of a database, and can hold the first of them back."""

    def __init__(self, database: Database) -> None:
        self.count = 0
        self.reached = threading.Event()
        self.may_go = threading.Event()
        event.listen(database.engine, "commit", self._on_commit)

    def _on_commit(self, connection: Any) -> None:
        self.count += 1
        self.reached.set()
        assert self.may_go.wait(10), "nobody let the commit go"


class Writers:
    """Threads that write one cart each through one pen."""

    def __init__(self, pen: Pen, now: Any) -> None:
        self.pen, self.now = pen, now
        self.errors: dict[int, Exception] = {}
        self.threads: list[threading.Thread] = []

    def write(self, shop: ShopRow, number: int, **odd: Any) -> None:
        thread = threading.Thread(target=self._write, args=(shop, number, odd))
        self.threads.append(thread)
        thread.start()

    def join(self) -> None:
        for thread in self.threads:
            thread.join(20)
            assert not thread.is_alive()

    def _write(self, shop: ShopRow, number: int, odd: dict[str, Any]) -> None:
        cart = a_cart(
            self.now,
            f"token:c{number}",
            shopper=a_shopper(self.now, email=f"p{number}@example.com", phone=None, agreed=False),
            **odd,
        )
        try:
            self.pen.write([(shop, cart)], self.now)
        except Exception as error:
            self.errors[number] = error


@contextmanager
def held_back(database: Database) -> Iterator[Commits]:
    commits = Commits(database)
    try:
        yield commits
    finally:
        commits.may_go.set()
        event.remove(database.engine, "commit", commits._on_commit)


def wait_until_on_the_page(pen: Pen, many: int) -> None:
    waiting = threading.Event()
    for _ in range(1000):
        if len(pen._page) >= many:
            return
        waiting.wait(0.01)
    raise AssertionError(f"only {len(pen._page)} of {many} stand on the page")


def test_what_waits_for_one_commit_shares_the_next(database: Database, clock: SetClock) -> None:
    shop, pen = a_shop(database, clock()), Pen(Storing(database))
    with held_back(database) as commits:
        writers = Writers(pen, clock())
        writers.write(shop, 0)
        assert commits.reached.wait(10)
        for number in range(1, MANY + 1):
            writers.write(shop, number)
        wait_until_on_the_page(pen, MANY)
        commits.may_go.set()
        writers.join()
    assert writers.errors == {}
    assert len(rows(database, tables.carts)) == MANY + 1
    assert commits.count == 2


def test_nobody_is_answered_before_the_commit(database: Database, clock: SetClock) -> None:
    shop, pen = a_shop(database, clock()), Pen(Storing(database))
    with held_back(database) as commits:
        writers = Writers(pen, clock())
        writers.write(shop, 0)
        assert commits.reached.wait(10)
        assert writers.threads[0].is_alive()
        assert rows(database, tables.carts) == []
        commits.may_go.set()
        writers.join()
    assert len(rows(database, tables.carts)) == 1


def test_one_bad_entry_does_not_cost_the_others_theirs(database: Database, clock: SetClock) -> None:
    shop, pen = a_shop(database, clock()), Pen(Storing(database))
    with held_back(database) as commits:
        writers = Writers(pen, clock())
        writers.write(shop, 0)
        assert commits.reached.wait(10)
        for number in range(1, MANY + 1):
            # a cart without a currency: the database refuses it
            writers.write(shop, number, **({"currency": None} if number == 3 else {}))
        wait_until_on_the_page(pen, MANY)
        commits.may_go.set()
        writers.join()
    assert list(writers.errors) == [3]
    assert len(rows(database, tables.carts)) == MANY


def test_whose_entry_is_bad_hears_of_it(database: Database, clock: SetClock) -> None:
    shop, pen = a_shop(database, clock()), Pen(Storing(database))
    cart = a_cart(clock(), shopper=a_shopper(clock(), agreed=False))
    with pytest.raises(Exception, match=r"(?i)not[ -]null"):
        pen.write([(shop, replace(cart, currency=None))], clock())
    pen.write([(shop, cart)], clock())
    assert len(rows(database, tables.carts)) == 1


def test_what_is_nobodys_fault_is_told_to_all_at_once(clock: SetClock) -> None:
    pages: list[int] = []
    go_on = threading.Event()

    def store(arrivals: Sequence[Arrival], now: datetime) -> None:
        pages.append(len(arrivals))
        assert go_on.wait(10)
        raise ScribeGone("gone")

    pen = Pen(store)
    shop = cast(ShopRow, None)
    writers = Writers(pen, clock())
    writers.write(shop, 0)
    while not pages:
        go_on.wait(0.01)
    for number in range(1, MANY + 1):
        writers.write(shop, number)
    wait_until_on_the_page(pen, MANY)
    go_on.set()
    writers.join()
    assert pages == [1, MANY]
    assert [type(error) for error in writers.errors.values()] == [ScribeGone] * (MANY + 1)
