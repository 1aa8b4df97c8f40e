"""A worker reads a shop's past some pages at a time, and goes on after whatever happened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.protocols import AccountStopped, Busy, NoAnswer, Past
from recovery import history, tables
from recovery.database import Database
from recovery.model import Page
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.stories import a_cart, a_shop, an_order, rows
from tests.worker.conftest import Outside, Shop
from worker import jobs
from worker import tools as of_processes
from worker.history import read, read_again_from_the_beginning
from worker.plugin_codes import NoSuchShop
from worker.tools import Tools

DAY = timedelta(days=1)
PAGES = 12


class Shelf(Shop):
    """A shop with twelve pages of orders and one cart; `trouble` comes before a page, once."""

    def __init__(self, now: datetime) -> None:
        super().__init__()
        self.now, self.trouble, self.asked = now, {}, []  # type: ignore[var-annotated]

    def past(
        self, what: Past, since: datetime, until: datetime, cursor: str | None, now: datetime
    ) -> Iterator[Page]:
        self.asked.append((what, cursor))
        if what is Past.CARTS:
            yield Page((a_cart(self.now - 3 * DAY),), "")
            return
        for number in range(int(cursor or 0), PAGES):
            if number in self.trouble:
                raise self.trouble.pop(number)
            at = self.now - timedelta(days=40, minutes=number)
            last = number == PAGES - 1
            yield Page((an_order(at, f"o{number}"),), "" if last else str(number + 1))

    def how_many(self, what: Past, since: datetime, until: datetime) -> int | None:
        return PAGES if what is Past.ORDERS else None


@pytest.fixture
def shop(tools: Tools, clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> ShopRow:
    monkeypatch.setattr("worker.history.line_to", lambda tools, shop: tools.outside.shelf)
    tools.outside.shelf = Shelf(clock())  # type: ignore[attr-defined]
    shop = a_shop(tools.database, clock())
    tools.database.run(lambda db: history.begin(db, shop, "", clock()))
    return shop


def shelf(tools: Tools) -> Shelf:
    found: Any = tools.outside
    return found.shelf  # type: ignore[no-any-return]


def goes_on(tools: Tools, clock: SetClock, jobs: int = 20) -> list[int]:
    """What the clock hands out is worked on; how many orders were there after each job."""
    seen = []
    for _ in range(jobs):
        for each in tools.database.run(lambda db: history.hand_out(db, clock())):
            read(tools, each)
            seen.append(len(rows(tools.database, tables.orders)))
        clock.forward(seconds=10)
    return seen


def states(database: Database, shop: ShopRow) -> dict[str, history.Import]:
    with database.reading() as db:
        return {each.what: each for each in history.of_shop(db, shop.id)}


def test_a_few_pages_a_job_until_all_is_read(tools: Tools, shop: ShopRow, clock: SetClock) -> None:
    assert goes_on(tools, clock) == [5, 10, 12, 12]
    found = states(tools.database, shop)
    assert (found["orders"].seen, found["orders"].expected) == (12, 12)
    assert (found["carts"].seen, found["carts"].expected) == (1, None)
    assert all(each.ended_at for each in found.values())
    assert goes_on(tools, clock) == []


@pytest.mark.parametrize("trouble", [Busy("later", 60), NoAnswer("no"), AccountStopped("stopped")])
def test_after_trouble_it_goes_on_from_the_last_stored_page(
    tools: Tools, shop: ShopRow, clock: SetClock, trouble: Exception
) -> None:
    shelf(tools).trouble = {7: trouble}
    assert goes_on(tools, clock, 2) == [5, 7]
    of = states(tools.database, shop)["orders"]
    assert of.error
    assert of.try_at is not None
    assert of.try_at - clock() >= timedelta(seconds=15)
    assert goes_on(tools, clock, 1) == []
    clock.forward(minutes=31)
    assert goes_on(tools, clock, 3)[-1] == 12
    assert (Past.ORDERS, "7") in shelf(tools).asked
    assert states(tools.database, shop)["orders"].error is None


def test_a_worker_that_is_killed_loses_no_page_and_stores_none_twice(
    tools: Tools, shop: ShopRow, clock: SetClock
) -> None:
    class Killed(BaseException):
        pass

    shelf(tools).trouble = {3: Killed()}  # type: ignore[dict-item]
    with pytest.raises(Killed):
        goes_on(tools, clock, 1)
    assert goes_on(tools, clock, 2) == []  # it counts as under way
    clock.forward(minutes=4)
    assert goes_on(tools, clock, 3) == [8, 12, 12]
    assert states(tools.database, shop)["orders"].seen == 12


def test_a_defect_is_told_and_tried_again(tools: Tools, shop: ShopRow, clock: SetClock) -> None:
    shelf(tools).trouble = {0: KeyError("Ana")}
    goes_on(tools, clock, 1)
    of = states(tools.database, shop)["orders"]
    assert of.error == "A defect of ours: KeyError"
    clock.forward(minutes=1)
    assert goes_on(tools, clock)[-1] == 12


def test_a_shop_that_left_is_not_asked(tools: Tools, shop: ShopRow, clock: SetClock) -> None:
    gone = tables.shops.update().values(state="uninstalled")
    (each,) = tools.database.run(lambda db: history.hand_out(db, clock()))
    tools.database.run(lambda db: db.execute(gone))
    read(tools, each)
    assert shelf(tools).asked == []
    clock.forward(minutes=10)
    assert goes_on(tools, clock, 1) == []


def test_a_shop_without_a_past_is_done_at_once(
    tools: Tools, shop: ShopRow, clock: SetClock
) -> None:
    tools.outside.shelf = Shop()  # type: ignore[attr-defined]
    goes_on(tools, clock, 3)
    assert all(each.ended_at for each in states(tools.database, shop).values())


def test_the_job_of_the_queue_reads(
    tools: Tools, shop: ShopRow, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_processes, "_process", [tools])
    (each,) = tools.database.run(lambda db: history.hand_out(db, clock()))
    jobs.read_history(each)
    assert len(rows(tools.database, tables.orders)) == 5


def test_reading_again_brings_nothing_twice(tools: Tools, shop: ShopRow, clock: SetClock) -> None:
    goes_on(tools, clock)
    said = read_again_from_the_beginning(tools.database, shop.key, clock())
    assert said.startswith("The workers read it")
    assert goes_on(tools, clock)[-1] == 12
    assert len(rows(tools.database, tables.carts)) == 1
    with pytest.raises(NoSuchShop):
        read_again_from_the_beginning(tools.database, "nobody", clock())


def test_a_fake_without_a_past_is_no_showspast(outside: Outside) -> None:
    from connectors.protocols import ShowsPast

    assert not isinstance(outside.shop("", "", "x", {}), ShowsPast)
