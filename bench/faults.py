"""Everything goes wrong at once, and nobody gets two texts, or one after an order.

`due` reminders fall due together. Two clocks and four workers carry them; one of the six,
chosen by dice, is killed (`kill -9`) every few seconds and started again. The provider
(the stand-in over TLS) errs on 5 % of requests (3 % answer 503, 1 % answer 502 after
taking the message, 1 % throttle) and drops 2 % of the lines, half of them before and
half after taking the message; every answer takes 50 to 300 ms. Redis is emptied twice.
Orders arrive throughout by the real web process, half by the cart's token, half only by
the person's e-mail.

What is counted afterwards, from the rows and from the stand-in's own record:

- lost: in no final state. `unconfirmed` is final: nobody knows whether it left. Each must
  be explained by an answer that said nothing (503, 502, a dropped line), or by a kill:
  at most what the killed workers had in hand.
- doubled: the same `client_ref` accepted twice.
- after a recorded order: its first byte reached the provider after the order's 200 was
  read here. The order was committed before its 200, so the moment of the 200 is later
  than the commit by a few milliseconds and never earlier. Of these, those that were
  looked at after that moment break the promise outright. The others were looked at
  before it and were already on their way; they are counted beside, with the longest time
  between the 200 and the provider's first byte. When a reminder was looked at, its link
  tells (it ends a fixed time after that look).
- shown as sent, not accepted: `sent` or `delivered`, and never accepted by the stand-in.

To see the end sooner the time is moved forward (CLOCK_FILE, only with stand-ins) once
nothing happens any more: what a killed worker held is then given up after its ten
minutes, and what was handed out to it after its two.
"""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import redis
from sqlalchemy import func, select

from bench import provider, scene, seeds
from bench.checkouts import SHOP
from bench.house import KINDS, NAMES, House
from bench.report import Report, Row, verdict
from bench.shopify_orders import Orders
from moment import FileClock
from recovery import tables
from recovery.states import FINAL
from recovery.tokens import LIFE

DUE, RATE = 10_000, 300.0
_WEATHER = {
    "error_before": 0.03,
    "error_after": 0.01,
    "throttle": 0.01,
    "drop_before": 0.01,
    "drop_after": 0.01,
}
_LATENCY = (0.05, 0.3)  # seconds, so that a kill finds messages on the wire
_UNCLEAR = {"close", "reset", 502, 503}
_CALM = 3.0  # seconds without any change
_IN_HAND = 80  # a worker has two groups of at most 40 in hand


@dataclass
class Toll:
    """What came of one run."""

    due: int
    kills: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    orders: int = 0
    requests: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    doubled: int = 0
    after_order: int = 0
    on_the_way: list[float] = field(default_factory=list)
    not_accepted: int = 0
    accepted_unsaid: int = 0
    skipped_without_order: int = 0
    unanswered: int = 0  # orders that got no 200, and may be stored all the same
    unclear: int = 0  # unconfirmed, and an answer explains it
    killed_in_hand: int = 0  # unconfirmed, and only a kill explains it
    seconds: float = 0.0


def run(kinds: tuple[str, ...] = KINDS, due: int = DUE) -> Report:
    """Measure on each kind of database."""
    report = Report(f"Faults: {due} due, two clocks, four workers")
    for kind in kinds:
        toll = suffer(kind, due, RATE, kill_every=3.0, orders_a_second=10.0)
        print(kind, toll, flush=True)
        _tell(report, kind, toll)
    return report


def suffer(
    kind: str, due: int, rate: float, kill_every: float, orders_a_second: float, seed: int = 1
) -> Toll:
    """One run with all faults; `kill_every` in seconds, `rate` of the account a second."""
    with House(kind) as house:
        house.environment["CLOCK_FILE"] = str(house.folder / "clock")
        vonage = provider.start(house, chances=_WEATHER, latency=_LATENCY, seed=seed)
        account = provider.account(house, vonage.credentials, rate)
        shop = scene.a_shop(house, account.id, platform="shopify", address=SHOP)
        made = seeds.pattern(house, shop, scene.now())
        first = seeds.next_number(house)
        at = scene.now() - timedelta(seconds=1)
        house.database.run(lambda db: seeds.copy(db, made, first, due, at))
        seeds.settle(house)
        numbers = list(range(first, first + due))
        orders = Orders(house.web().port, SHOP, numbers, orders_a_second, seed)  # type: ignore[attr-defined]
        return _Storm(house, orders, Toll(due), kill_every, seed).rage(vonage, numbers)


class _Storm:
    """The processes, and what happens to them."""

    def __init__(self, house: House, orders: Orders, toll: Toll, every: float, seed: int) -> None:
        self.house, self.orders, self.toll = house, orders, toll
        self.every = every
        self.dice = random.Random(seed)
        self.clock = FileClock(house.folder / "clock")
        self.crew: list[tuple[str, Any]] = []

    def rage(self, vonage: provider.Provider, numbers: list[int]) -> Toll:
        """Until everything due is in a final state; then count."""
        begun = time.monotonic()
        self.crew = [("clock", self._start("clock")) for _ in range(2)]
        self.crew += [("work", self._start("work")) for _ in range(4)]
        self.orders.start()
        self._while_sending()
        self.orders.stop()
        self._end_of_storm()
        self.toll.seconds = time.monotonic() - begun
        self._count(vonage.record(), numbers)
        return self.toll

    def _start(self, what: str) -> Any:
        return self.house.python("bench.work", what)

    def _while_sending(self) -> None:
        """Kill, empty and go on, until nearly nothing waits to be handed out.

        What was handed out to a worker that died waits for two minutes: that is the end's.
        """
        kill_at, emptied = time.monotonic() + self.every, 0
        until = time.monotonic() + 600
        while time.monotonic() < until:
            waiting = self._in("scheduled", tables.reminders.c.handed_out_at.is_(None))
            if waiting <= self.toll.due * 0.02 and emptied == 2:
                return
            if waiting < self.toll.due * (0.66 - 0.33 * emptied) and emptied < 2:
                self._empty_redis()
                emptied += 1
            if time.monotonic() > kill_at:
                self._kill_one()
                kill_at = time.monotonic() + self.every * self.dice.uniform(0.7, 1.3)
            time.sleep(0.1)
        raise RuntimeError(f"the storm does not end\n{self.house.log()}")

    def _kill_one(self) -> None:
        place = self.dice.randrange(len(self.crew))
        what, process = self.crew[place]
        self.house.end(process, signal.SIGKILL)
        self.crew[place] = (what, self._start(what))
        self.toll.kills[what] += 1

    def _empty_redis(self) -> None:
        with redis.Redis.from_url(self.house.redis_url) as line:
            line.flushall()
        self.toll.kills["redis emptied"] += 1

    def _end_of_storm(self) -> None:
        """Wait until nothing moves, then move the time on, until all is in a final state."""
        until, moved, calm_since = time.monotonic() + 240, None, time.monotonic()
        while time.monotonic() < until:
            now = (self._in("scheduled"), self._in("sending"))
            if not any(now):
                return
            if now != moved:
                moved, calm_since = now, time.monotonic()
            if time.monotonic() - calm_since > _CALM:
                self.clock.forward(130 if now[0] else 660)
                calm_since = time.monotonic()
            time.sleep(0.1)

    def _in(self, state: str, *also: Any) -> int:
        table = tables.reminders
        with self.house.database.reading() as db:
            many = select(func.count()).select_from(table).where(table.c.state == state, *also)
            return int(db.execute(many).scalar_one())

    def _count(self, record: list[dict[str, Any]], numbers: list[int]) -> None:
        toll, rows = self.toll, self._rows(numbers)
        accepted = Counter(int(each["client_ref"]) for each in record if each["accepted"])
        outcomes: dict[int, set[Any]] = {}
        for each in record:
            outcomes.setdefault(int(each["client_ref"]), set()).add(each["outcome"])
            toll.requests[str(each["outcome"])] += 1
        toll.orders = len(self.orders.answered)
        toll.unanswered = len(self.orders.unanswered)
        toll.doubled = sum(many - 1 for many in accepted.values())
        for row in rows:
            toll.states[row.state] += 1
            toll.lost += row.state not in FINAL
            taken = bool(accepted[row.id])
            toll.not_accepted += row.state in ("sent", "delivered") and not taken
            toll.accepted_unsaid += row.state in ("skipped", "failed", "scheduled") and taken
            told = row.id in self.orders.answered or row.id in self.orders.unanswered
            toll.skipped_without_order += row.state == "skipped" and not told
            if row.state == "unconfirmed":
                explained = bool(outcomes.get(row.id, set()) & _UNCLEAR)
                toll.unclear += explained
                toll.killed_in_hand += not explained
        self._compare_with_orders(record)

    def _compare_with_orders(self, record: list[dict[str, Any]]) -> None:
        looked_at = self._looks()
        for each in record:
            number = int(each["client_ref"])
            ordered = self.orders.answered.get(number)
            if not each["accepted"] or ordered is None or each["arrival"] <= ordered:
                continue
            if looked_at[number].timestamp() > ordered:
                self.toll.after_order += 1
            else:
                self.toll.on_the_way.append(each["arrival"] - ordered)

    def _looks(self) -> dict[int, datetime]:
        """When each reminder was last looked at, by the end of its link's life."""
        links = tables.links
        with self.house.database.reading() as db:
            rows = db.execute(
                select(links.c.reminder_id, func.max(links.c.expires_at).label("ends")).group_by(
                    links.c.reminder_id
                )
            ).all()
        return {row.reminder_id: row.ends - LIFE for row in rows}

    def _rows(self, numbers: list[int]) -> list[Any]:
        table = tables.reminders
        mine = table.c.id.between(numbers[0], numbers[-1])
        with self.house.database.reading() as db:
            return list(db.execute(select(table.c.id, table.c.state).where(mine)))


def _tell(report: Report, kind: str, toll: Toll) -> None:
    name = NAMES[kind]
    bound = toll.kills["work"] * _IN_HAND
    report.notes.append(
        f"{name}: {toll.due} due, {toll.seconds:.0f} s; killed {toll.kills['work']} workers and "
        f"{toll.kills['clock']} clocks, Redis emptied {toll.kills['redis emptied']} times; "
        f"{toll.orders} orders arrived, {toll.unanswered} more got no 200; "
        f"requests by outcome {dict(toll.requests)}; ended {dict(toll.states)}"
    )
    report.notes.append(
        f"{name}: unconfirmed {toll.unclear} after an answer that said nothing and "
        f"{toll.killed_in_hand} in the hands of killed workers (at most {bound})"
    )
    report.notes.append(
        f"{name}: {len(toll.on_the_way)} were looked at before their order and on their way when "
        f"it was committed, the longest {max(toll.on_the_way, default=0) * 1000:.0f} ms"
    )
    counts = (
        ("lost", toll.lost),
        ("doubled", toll.doubled),
        ("sent after a recorded order", toll.after_order),
        ("shown as sent, not accepted", toll.not_accepted),
        ("accepted, but shown as not sent", toll.accepted_unsaid),
        ("skipped with no order", toll.skipped_without_order),
        ("unconfirmed beyond what was in hand", max(0, toll.killed_in_hand - bound)),
    )
    for words, many in counts:
        report.add(Row(f"{words}, {name}", "0", str(many), "0", "0", verdict(not many, not many)))
