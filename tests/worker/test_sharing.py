"""Shares that learn, by the clock and a worker: handed out once, kept, due again in a week."""

from __future__ import annotations

from typing import Any

from redis import Redis

from recovery import tables
from recovery.adaptive import FLOOR
from recovery.database import Database
from recovery.split_rows import standing
from tests.conftest import SetClock
from tests.recovery.channel_stories import a_shop_with_mail, save
from tests.recovery.split_stories import adaptive, people, texts_left
from tests.recovery.stories import KEYS, rows
from worker import jobs, queues
from worker.clock import Clock
from worker.tools import Tools, keep_for_this_process


def work(tools: Tools) -> list[str]:
    """What the clock hands out is done; the jobs' names."""
    Clock(tools).tick(tools.now())
    done = []
    for job in queues.queue(tools.redis, queues.POLL).jobs:
        name = job.func_name.rpartition(".")[2]
        if name == "share_out":
            getattr(jobs, name)(*job.args)
            done.append(name)
        job.delete()
    return done


def test_the_clock_lets_a_programme_learn_once_a_week(
    database: Database, clock: SetClock, redis: Redis
) -> None:
    outside: Any = object()
    tools = Tools(database, redis, outside, KEYS, clock, "https://r.example")
    keep_for_this_process(tools)
    shop = a_shop_with_mail(database, clock(), draw_key="k" * 32)
    version = save(database, shop, adaptive(), clock)
    people(database, shop, "early", clock(), 100, 5, version)
    people(database, shop, "late", clock(), 100, 30, version)
    assert work(tools) == ["share_out"]
    assert rows(database, tables.splits) == []
    texts_left(database, shop, clock(), 5_000)
    assert work(tools) == []
    clock.forward(days=15)
    assert work(tools) == ["share_out"]
    with database.reading() as db:
        assert standing(db, [version])[version].weights == {"early": FLOOR, "late": 70}
    clock.forward(days=6)
    assert work(tools) == []
    clock.forward(days=1)
    assert work(tools) == ["share_out"]
    assert len(rows(database, tables.splits)) == 2
