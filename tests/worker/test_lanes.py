"""Polls beside sends, with a real Redis: what hangs in one lane holds up no other."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import select

from recovery import tables
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.house import until
from tests.recovery.stories import a_cart, a_shop, know_orders, record, the_reminder
from tests.worker.conftest import PATIENCE, Outside
from worker import lanes, queues
from worker.clock import Clock
from worker.tools import Tools, keep_for_this_process

NOBODYS = 0  # no shop has this id: a job for it only wakes a lane


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    """RQ takes these for itself; pytest gets them back."""
    kept = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, action in kept.items():
        signal.signal(number, action)


@contextmanager
def polling(tools: Tools, outside: Outside) -> Iterator[None]:
    """The lanes for polls at work; in the end nothing is held, and their threads are gone."""
    keep_for_this_process(tools)
    before = set(threading.enumerate())
    end = lanes.begin_polls(tools)
    mine = [each for each in set(threading.enumerate()) - before if each.name.startswith("polls-")]
    try:
        yield
    finally:
        end()
        for shop in outside.shops.values():
            shop.go_on.set()
        for _ in mine:
            queues.enqueue(tools.redis, queues.POLL, "poll_shop", NOBODYS)
        for thread in mine:
            thread.join(PATIENCE)
        assert not any(thread.is_alive() for thread in mine)


def a_woo_shop(tools: Tools, clock: SetClock, name: str) -> ShopRow:
    address = f"https://{name}.example"
    shop = a_shop(tools.database, clock(), address=address, orders_known_until=None)
    with tools.database.transaction() as db:
        mine = tables.shops.c.id == shop.id
        db.execute(tables.shops.update().where(mine).values(platform="woocommerce"))
    return replace(shop, platform="woocommerce")


def is_read(tools: Tools, shop: ShopRow) -> Callable[[], bool]:
    """Whether a poll of that shop came to its end."""

    def asked() -> bool:
        one = select(tables.shops.c.last_poll_at).where(tables.shops.c.id == shop.id)
        with tools.database.reading() as db:
            return db.execute(one).scalar_one() is not None

    return asked


def enqueue_polls(tools: Tools, *shops: ShopRow) -> None:
    for shop in shops:
        queues.enqueue(tools.redis, queues.POLL, "poll_shop", shop.id)


def test_shops_that_hang_keep_no_other_shop_unread(
    tools: Tools, outside: Outside, clock: SetClock
) -> None:
    names = [f"slow{number}" for number in range(lanes.POLLS_AT_ONCE - 1)]
    slow = [a_woo_shop(tools, clock, name) for name in names]
    quick = [a_woo_shop(tools, clock, name) for name in ("quick", "brisk")]
    held = [outside.held(shop.address) for shop in slow]
    with polling(tools, outside):
        enqueue_polls(tools, *slow)
        assert all(shop.asked.wait(PATIENCE) for shop in held)
        enqueue_polls(tools, *quick)
        for shop in quick:
            until(is_read(tools, shop), PATIENCE)
        assert not any(is_read(tools, shop)() for shop in slow)
        for each in held:
            each.go_on.set()
        for shop in slow:
            until(is_read(tools, shop), PATIENCE)


def test_a_slow_poll_beside_a_send_does_not_delay_the_send(
    tools: Tools, outside: Outside, clock: SetClock
) -> None:
    shop = a_woo_shop(tools, clock, "nord")
    record(tools.database, shop, a_cart(clock()), now=clock())
    for minutes in (31, 30):
        Clock(tools)._abandon(clock.forward(minutes=minutes))
    know_orders(tools.database, shop, clock())
    held = outside.held(shop.address)
    with polling(tools, outside):
        enqueue_polls(tools, shop)
        assert held.asked.wait(PATIENCE)
        Clock(tools)._hand_out_reminders(clock())
        assert queues.depth(tools.redis, queues.SEND) == 1
        lanes._lane(lanes._Lane, tools, queues.SEND).work(burst=True, logging_level="WARNING")
        assert [text.reference for text in outside.provider.taken] == [
            str(the_reminder(tools.database).id)
        ]
        assert the_reminder(tools.database).state == "sent"
        assert not is_read(tools, shop)()
