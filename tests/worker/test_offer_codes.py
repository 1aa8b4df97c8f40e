"""Codes of offers from the decision to the shop and back: made, lost, refused, taken away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from redis import Redis

from connectors.protocols import AccountStopped, Busy, NoAnswer, Refused, Unreadable
from recovery import offer_codes, tables
from recovery.database import Database
from recovery.model import Coupon, Offer, Page
from recovery.offer_rows import NOTHING, Promised, Wait
from tests.conftest import SetClock
from tests.recovery.offer_stories import Till
from tests.recovery.stories import KEYS, rows
from worker import jobs, queues
from worker.clock import Clock
from worker.tools import Tools, keep_for_this_process


class Counter:
    """A shop that makes codes and takes them away; `trouble` is met before, `after` when done."""

    def __init__(self) -> None:
        self.codes: dict[str, Offer] = {}
        self.asked: list[Offer] = []
        self.trouble: Exception | None = None
        self.after: Exception | None = None

    def create_coupon(self, offer: Offer) -> Coupon:
        """The same offer again gives the same coupon; another with its code is refused."""
        self.asked.append(offer)
        if self.trouble is not None:
            raise self.trouble
        if self.codes.setdefault(offer.code, offer) != offer:
            raise Refused("the code is taken")
        if self.after is not None:
            raise self.after
        return Coupon(offer.code, f"key of {offer.code}", offer.ends_at)

    def remove_coupon(self, coupon_key: str) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.codes.pop(coupon_key.removeprefix("key of "), None)

    def changed_since(self, cursor: str | None, now: Any) -> Iterator[Page]:
        yield Page((), "c", now, 0.0)


class House(Till):
    """The shop of the stories with its counter, the clock and a worker."""

    def __init__(self, database: Database, clock: SetClock, redis: Redis) -> None:
        super().__init__(database, clock)
        self.counter, outside = Counter(), object()
        way: Any = outside
        self.tools = Tools(database, redis, way, KEYS, clock, "https://r.example")
        keep_for_this_process(self.tools)
        self.cart = self.left_cart()

    def work(self) -> list[str]:
        """What the clock hands out is done; the jobs' names."""
        Clock(self.tools)._hand_out_codes(self.clock())
        line = queues.queue(self.tools.redis, queues.POLL)
        done = []
        for job in line.jobs:
            getattr(jobs, job.func_name.rpartition(".")[2])(*job.args)
            done.append(job.func_name.rpartition(".")[2])
            job.delete()
        return done

    def look(self) -> Any:
        """What the second step may promise now."""
        return self.ask(self.cart, 2)

    def sweeps(self) -> None:
        """What the clock mends."""
        Clock(self.tools)._mend(self.clock())


@pytest.fixture
def house(
    database: Database, clock: SetClock, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> House:
    found = House(database, clock, redis)
    monkeypatch.setattr("worker.polling.line_to", lambda tools, shop: found.counter)
    return found


def test_a_wanted_code_is_made_before_the_next_look(house: House) -> None:
    assert isinstance(house.look(), Wait)
    assert house.work() == ["make_codes"]
    told = house.look()
    assert isinstance(told, Promised)
    assert list(house.counter.codes) == [told.code]
    assert house.work() == []


def test_no_transaction_is_open_while_the_shop_thinks(house: House) -> None:
    house.look()
    seen = []

    def writes(offer: Offer) -> Coupon:
        with house.database.transaction() as db:  # would wait for ever behind an open one
            seen.append(db.execute(tables.offers.select()).one().claimed_at)
        return Coupon(offer.code, "k", offer.ends_at)

    house.counter.create_coupon = writes  # type: ignore[method-assign]
    house.work()
    assert seen == [house.clock()]


def test_a_line_dropped_after_making_ends_in_one_code_and_the_promise_of_it(house: House) -> None:
    house.look()
    house.counter.after = NoAnswer("dropped")
    house.work()
    assert isinstance(house.look(), Wait)
    house.counter.after = None
    house.clock.forward(seconds=10)
    house.work()
    told = house.look()
    assert isinstance(told, Promised)
    assert list(house.counter.codes) == [told.code]
    assert len(house.counter.asked) == 2
    assert house.counter.asked[0] == house.counter.asked[1]


def test_a_busy_shop_is_asked_again_when_it_says(house: House) -> None:
    house.look()
    house.counter.trouble = Busy("points", 40)
    house.work()
    house.counter.trouble = None
    house.clock.forward(seconds=39)
    assert house.work() == []
    house.clock.forward(seconds=1)
    assert house.work() == ["make_codes"]
    assert isinstance(house.look(), Promised)


def test_a_refusal_sends_the_step_without_and_tells_the_merchant(house: House) -> None:
    house.look()
    house.counter.trouble = Refused("Shopify refuses: TOO_MANY")
    house.work()
    assert house.look() == NOTHING
    assert any("TOO_MANY" in each for each in house.notices())
    assert house.work() == []
    assert house.counter.codes == {}


def test_an_account_that_somebody_must_mend_is_told_and_asked_rarely(house: House) -> None:
    house.look()
    house.counter.trouble = AccountStopped("may not write discounts")
    house.work()
    assert any("may not write discounts" in each for each in house.notices())
    house.clock.forward(minutes=11)
    assert house.look() == NOTHING
    assert "may not write discounts" in house.offer().error
    assert len(house.counter.asked) == 1


@pytest.mark.parametrize("error", [NoAnswer("lost"), Unreadable("a page"), KeyError("id")])
def test_a_shop_that_never_answers_is_not_waited_for_for_ever(
    house: House, error: Exception
) -> None:
    house.look()
    house.counter.trouble = error
    for _ in range(41):
        house.work()
        house.clock.forward(seconds=15)
    assert house.look() == NOTHING
    assert 3 <= len(house.counter.asked) <= 8
    assert len({offer.code for offer in house.counter.asked}) == 1


def test_a_code_that_nobody_knows_of_is_found_and_taken_away_once_given_up(house: House) -> None:
    house.look()
    house.counter.after = NoAnswer("dropped")
    house.work()
    house.clock.forward(minutes=10)
    assert house.look() == NOTHING
    assert len(house.counter.codes) == 1
    house.counter.after = None
    assert house.work() == ["remove_codes"]
    assert house.counter.codes == {}
    assert house.offer().removed_at is not None


def test_an_ended_code_is_taken_away_in_the_shop(house: House) -> None:
    house.look()
    house.work()
    house.look()
    house.leaves(house.cart, 2)
    house.clock.at = house.offer().ends_at
    house.sweeps()
    house.counter.trouble = NoAnswer("lost")
    assert house.work() == ["remove_codes"]
    house.counter.trouble = None
    house.clock.forward(minutes=1)
    assert house.work() == ["remove_codes"]
    assert house.counter.codes == {}
    assert (house.offer().stand, house.offer().try_at) == ("ended", None)


def test_where_codes_cannot_be_taken_away_they_end_by_themselves(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(Counter, "remove_coupon")
    house.look()
    house.work()
    house.is_skipped(house.cart, 2)
    house.clock.forward(hours=2)
    house.sweeps()
    assert house.work() == ["remove_codes"]
    row = house.offer()
    assert (row.stand, row.removed_at, row.try_at) == ("removed", None, None)
    assert any(row.code in each for each in house.notices())
    house.clock.forward(days=1)
    assert house.work() == []


def test_a_reward_is_earned_made_and_told(house: House) -> None:
    house.buys(key="earlier")
    house.clock.forward(minutes=5)
    cart = house.left_cart(key="token:c2")
    assert isinstance(house.ask(cart, 1), Promised)
    house.leaves(cart, 1)
    house.clock.forward(hours=2)
    house.counter.trouble = NoAnswer("lost")
    house.buys(key="o2", cart="token:c2")
    for _ in range(20):
        house.work()
        house.clock.forward(minutes=15)
    house.counter.trouble = None
    house.work()
    row = house.offer()
    assert row.stand == "ready"
    assert list(house.counter.codes) == [row.code]
    tellings = [each for each in rows(house.database, tables.reminders) if each.offer_id == row.id]
    assert [each.programme for each in tellings][-1] == "reward"


def test_an_emptied_queue_forgets_no_code(house: House) -> None:
    house.look()
    Clock(house.tools)._hand_out_codes(house.clock())
    house.tools.redis.flushall()
    assert house.work() == []
    house.clock.forward(seconds=30)
    assert house.work() == ["make_codes"]
    assert isinstance(house.look(), Promised)


def test_a_job_delivered_twice_makes_one_code(house: House) -> None:
    house.look()
    (batch,) = house.database.run(lambda db: offer_codes.hand_out(db, house.clock()))
    for _ in range(2):
        jobs.make_codes(list(batch.offer_ids))
    assert len(house.counter.asked) == 1
    assert house.clock() + timedelta(days=3) < house.offer().ends_at
