"""A clock that runs: what else it sees to, beside what is due."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from moment import FileClock, NotMovable, system_time
from recovery import planning, programmes, shops, tables
from recovery.model import Channel
from tests.conftest import SetClock
from tests.recovery.asked_stories import order_news
from tests.recovery.channel_stories import a_person, save, text_else_mail
from tests.recovery.stories import a_cart, a_shop, know_orders, record, rows
from tests.recovery.test_contact_intake import a_browsers_cart
from worker import queues
from worker.clock import Clock
from worker.tools import Tools

TICKS = 3


class Looks:
    """What happens at each look at the time: first a shop is connected, at last it ends."""

    def __init__(self, tools: Tools, at: datetime, **shop: Any) -> None:
        self.tools, self.at, self.shop = tools, at, shop
        self.count = 0
        self.end: Callable[[], None] = lambda: None

    def __call__(self) -> None:
        self.count += 1
        if self.count == 1:
            with self.tools.database.transaction() as db:
                shops.add(db, now=self.at, **self.shop)
        if self.count == TICKS:
            self.end()


class Movable(FileClock):
    """A time that can be moved, and what happens at each look at it."""

    def __init__(self, path: Path, looks: Looks) -> None:
        super().__init__(path)
        self.looks = looks

    def __call__(self) -> datetime:
        self.looks()
        return super().__call__()


def run(tools: Tools, now: Callable[[], datetime], looks: Looks) -> None:
    clock = Clock(replace(tools, now=now))
    looks.end = clock.stop
    clock.run()


def test_a_clock_whose_time_can_be_moved_ends_once_a_real_shop_was_connected_elsewhere(
    tools: Tools, clock: SetClock, tmp_path: Path
) -> None:
    looks = Looks(tools, clock(), platform="shopify", address="real.myshopify.com")
    with pytest.raises(NotMovable, match="CLOCK_FILE: not allowed"):
        run(tools, Movable(tmp_path / "clock", looks), looks)
    assert looks.count == 1


@pytest.mark.parametrize(
    "shop",
    [
        {"platform": "sandbox", "address": "http://127.0.0.1:8001"},
        {"platform": "shopify", "address": "made-up.myshopify.com", "stand_in": True},
    ],
)
def test_beside_the_sandbox_and_stand_ins_it_goes_on(
    tools: Tools, clock: SetClock, tmp_path: Path, shop: dict[str, Any]
) -> None:
    looks = Looks(tools, clock(), **shop)
    run(tools, Movable(tmp_path / "clock", looks), looks)
    assert looks.count == TICKS


def test_a_clock_that_follows_the_system_goes_on_beside_a_real_shop(
    tools: Tools, clock: SetClock
) -> None:
    looks = Looks(tools, clock(), platform="shopify", address="real.myshopify.com")

    def now() -> datetime:
        looks()
        return system_time()

    run(tools, now, looks)
    assert looks.count == TICKS


def test_it_puts_away_what_is_over(tools: Tools, clock: SetClock) -> None:
    shop = a_shop(tools.database, clock())
    record(tools.database, shop, a_browsers_cart(clock()), order_news(clock()), now=clock())
    Clock(tools).tick(clock.forward(days=366))
    assert rows(tools.database, tables.carts) == []
    (asked,) = rows(tools.database, tables.requests)
    assert asked.ended_because == "old"
    Clock(tools).tick(clock.forward(days=366))
    assert rows(tools.database, tables.requests) == []


def test_a_changed_programme_is_followed_bit_by_bit(
    tools: Tools, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.clock._REPLANNING_A_TICK", 0.0)
    monkeypatch.setattr("worker.clock._REPLANS_AT_ONCE", 1)
    shop = a_shop(tools.database, clock())
    for at in range(4):
        known = {"phone": f"+3361234567{at}", "email": f"p{at}@example.com"}
        shopper = a_person(clock(), Channel.SMS, **known)
        record(
            tools.database, shop, a_cart(clock(), key=f"token:{at}", shopper=shopper), now=clock()
        )
    Clock(tools).tick(clock.forward(minutes=31))
    version = save(tools.database, shop, text_else_mail(2), clock)
    moved = []
    for _ in range(5):
        Clock(tools).tick(clock())
        planned = rows(tools.database, tables.reminders)
        moved.append(sum(row.version_id == version for row in planned))
    assert len(planned) == 4
    assert moved == [1, 2, 3, 4, 4]


def test_what_is_due_is_handed_out_before_a_changed_programme_is_followed(
    tools: Tools, clock: SetClock
) -> None:
    shop = a_shop(tools.database, clock())
    record(tools.database, shop, a_cart(clock()), now=clock())
    clock.forward(minutes=31)
    tools.database.run(lambda db: planning.abandon_idle(db, clock()))
    know_orders(tools.database, shop, clock.forward(minutes=31))
    save(tools.database, shop, text_else_mail(9), clock)
    Clock(tools).tick(clock())
    assert queues.depth(tools.redis, queues.SEND) == 1
    (row,) = rows(tools.database, tables.reminders)
    assert row.due_at > clock()  # and then it is followed, in the same tick
    assert tools.database.run(programmes.changed) == []
