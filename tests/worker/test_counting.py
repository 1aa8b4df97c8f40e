"""Figures counted by a worker: handed out by the clock, in slices, and read by the page."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest
from redis import Redis

from recovery import counting as kinds
from recovery import prepared, results, tables
from recovery.database import Database
from tests.conftest import SetClock
from tests.recovery.figure_stories import DAY, a_past, answered
from tests.recovery.stories import KEYS, a_shop, rows
from worker import counting, jobs, queues
from worker.clock import Clock
from worker.tools import Tools, keep_for_this_process

PERIOD = "2026-11-01.2026-11-18"


@pytest.fixture
def tools(database: Database, clock: SetClock, redis: Redis) -> Tools:
    outside: Any = object()
    made = Tools(database, redis, outside, KEYS, clock, "https://r.example")
    keep_for_this_process(made)
    return made


def work(tools: Tools) -> list[str]:
    """What the clock hands out to the low lane is done; the jobs' names."""
    Clock(tools).tick(tools.now())
    done = []
    for job in queues.queue(tools.redis, queues.COUNT).jobs:
        done.append(job.func_name.rpartition(".")[2])
        getattr(jobs, done[-1])(*job.args)
        job.delete()
    return done


def ask(database: Database, shop_id: int, what: str, clock: SetClock) -> prepared.Prepared:
    return database.run(lambda db: prepared.ask(db, shop_id, what, PERIOD, clock()))


def test_the_clock_hands_out_and_the_worker_counts(
    database: Database, clock: SetClock, tools: Tools
) -> None:
    shop = a_shop(database, clock())
    carts = a_past(database, shop, clock())
    answered(database, shop, carts[-1], "shipping", clock() - DAY, 1)
    assert work(tools) == []
    for what in (kinds.RESULTS, kinds.WHY):
        ask(database, shop.id, what, clock)
    assert work(tools) == ["count_figures", "count_figures"]
    assert work(tools) == []
    with database.reading() as db:
        found = prepared.of_shop(db, shop.id, kinds.RESULTS, PERIOD)
        why = prepared.of_shop(db, shop.id, kinds.WHY, PERIOD)
        assert found is not None
        assert why is not None
        told = kinds.read(kinds.RESULTS, found.figures or "")
        assert told == results.at_once(db, shop.id, told.since, told.until, clock())
        assert kinds.read(kinds.WHY, why.figures or "").reasons["shipping"].answers == 1
    assert found.as_of == clock()
    clock.forward(hours=1)
    assert work(tools) == ["count_figures", "count_figures"]


def test_another_worker_goes_on_where_one_stopped(
    database: Database, clock: SetClock, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = a_shop(database, clock())
    a_past(database, shop, clock())
    asked = ask(database, shop.id, kinds.RESULTS, clock)
    turns = 0

    def at_most_one(db: Any, shop_id: int, count: results.Count) -> None:
        nonlocal turns
        turns += 1
        results.go_on(db, shop_id, count, most=3)

    slow = replace(kinds.KINDS[kinds.RESULTS], go_on=at_most_one)
    monkeypatch.setitem(kinds.KINDS, kinds.RESULTS, slow)
    monkeypatch.setattr(counting.time, "monotonic", itertools.count().__next__)
    slices = 0
    while _row(database).figures is None and slices < 20:
        counting.count(tools, asked.id, seconds=2)  # by that clock: one group of each slice
        slices += 1
        assert (_row(database).partial is None) == (_row(database).figures is not None)
    told = kinds.read(kinds.RESULTS, _row(database).figures)
    with database.reading() as db:
        assert told == results.at_once(db, shop.id, told.since, told.until, clock())
    assert slices == turns >= 3


def test_no_writer_waits_for_a_count(database: Database, clock: SetClock, tools: Tools) -> None:
    shop = a_shop(database, clock())
    a_past(database, shop, clock(), carts=3)
    count = results.begin(clock() - 9 * DAY, clock(), clock())
    with database.reading() as db:
        results.go_on(db, shop.id, count)
        ask(database, shop.id, kinds.RESULTS, clock)  # a write beside the open read
    assert _row(database).figures is None


def test_a_count_for_no_period_and_one_of_another_release_end(
    database: Database, clock: SetClock, tools: Tools
) -> None:
    shop = a_shop(database, clock())
    asked = ask(database, shop.id, kinds.RESULTS, clock)
    database.run(lambda db: prepared.keep_partial(db, asked.id, '{"old": 1}'))
    counting.count(tools, asked.id)
    assert _row(database).figures is not None
    clock.forward(hours=1)
    with database.transaction() as db:
        db.execute(tables.prepared_figures.update().values(period="never"))
    counting.count(tools, asked.id)
    assert rows(database, tables.prepared_figures) == []
    counting.count(tools, asked.id)


def _row(database: Database) -> Any:
    (row,) = rows(database, tables.prepared_figures)
    return row
