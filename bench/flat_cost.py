"""What a due reminder costs beside 1,000,000 scheduled rows, against beside 10,000.

Two databases, one with each number of rows for later, and the same due ones; turn by turn
a few hundred are handed out, claimed, examined and settled in this process, by the very
functions of the clock and the worker. No messenger and no queue: what could grow with the
rows is the database's part. Time is the wall's; on SQLite the processor's, too.

The moment of each turn is handed in. As no poll runs here, the shop's orders are set
known before each turn, as one would have left them.
"""

from __future__ import annotations

import statistics
import time
from contextlib import ExitStack
from datetime import datetime, timedelta

from sqlalchemy import Connection, update

from bench import provider, scene, seeds
from bench.house import KINDS, NAMES, House
from bench.report import Report, Row, spread, verdict
from recovery import handing_out, reminders, tables
from recovery.reminders import Outcome

FEW, MANY, DUE, TURNS = 10_000, 1_000_000, 400, 9
RATE = 400.0
_GROUP = 40  # as many as a worker claims at once


def run(kinds: tuple[str, ...] = KINDS, many: int = MANY) -> Report:
    """Measure on each kind of database."""
    report = Report("Cost of a due reminder")
    for kind in kinds:
        with ExitStack() as stack:
            few_rows = _Field(stack.enter_context(House(kind, redis=False)), FEW)
            many_rows = _Field(stack.enter_context(House(kind, redis=False)), many)
            _measure(few_rows, many_rows, many, report)
    return report


class _Field:
    """A database with so many rows for later, and due ones for each turn."""

    def __init__(self, house: House, rows: int) -> None:
        self.house = house
        account = provider.account(house, {}, RATE, "bench")
        self.shop = scene.a_shop(house, account.id)
        self.begin = scene.now()
        made = seeds.pattern(house, self.shop, self.begin)
        begun = time.perf_counter()
        seeds.later(house, made, seeds.next_number(house), rows, self.begin + timedelta(hours=2))
        for turn in range(TURNS + 1):
            due = self.moment(turn) - timedelta(seconds=1)
            first = seeds.next_number(house)
            house.database.run(
                lambda db, first=first, due=due: seeds.copy(db, made, first, DUE, due)  # type: ignore[misc]
            )
        seeds.settle(house)
        print(house.kind, rows, f"rows in {time.perf_counter() - begun:.0f} s", flush=True)

    def moment(self, turn: int) -> datetime:
        """When a turn takes place."""
        return self.begin + timedelta(minutes=turn + 1)

    def turn(self, turn: int) -> tuple[float, float]:
        """Carry what is due in this turn; (wall, processor) seconds of each reminder."""
        now, database = self.moment(turn), self.house.database
        with database.transaction() as db:
            known = update(tables.shops).where(tables.shops.c.id == self.shop.id)
            db.execute(known.values(orders_known_until=now))
        wall, processor, done = time.perf_counter(), time.process_time(), 0
        with database.reading() as db:
            handing_out.shops_with_work_soon(db, now)
        for batch in database.run(lambda db: handing_out.hand_out(db, now)):
            ids = list(batch.reminder_ids)
            for at in range(0, len(ids), _GROUP):
                done += self._carry(batch.account_id, ids[at : at + _GROUP], now)
        if done != DUE:
            raise RuntimeError(f"{done} of {DUE} were carried")
        return (time.perf_counter() - wall) / DUE, (time.process_time() - processor) / DUE

    def _carry(self, account_id: int, ids: list[int], now: datetime) -> int:
        run = self.house.database.run
        claim = run(lambda db: reminders.claim(db, account_id, ids, now))
        if claim is None:
            return 0
        letters = run(lambda db: reminders.examine(db, claim, "https://bench.example", now))
        outcomes = [
            Outcome(each.reminder_id, "accept", now, f"p{each.reminder_id}") for each in letters
        ]

        def settle(db: Connection) -> None:
            reminders.settle(db, outcomes, now)

        run(settle)
        return len(outcomes)


def _measure(few_rows: _Field, many_rows: _Field, many: int, report: Report) -> None:
    few_rows.turn(0), many_rows.turn(0)  # caches and statements are warm in both
    anchor, mine = [], []
    for turn in range(1, TURNS + 1):
        # Who begins changes, so that neither always runs in the other's wake.
        if turn % 2:
            anchor.append(few_rows.turn(turn))
            mine.append(many_rows.turn(turn))
        else:
            mine.append(many_rows.turn(turn))
            anchor.append(few_rows.turn(turn))
    name = NAMES[few_rows.house.kind]
    for place, words in ((0, "time"), (1, "processor time of this process")):
        times = [ours[place] / theirs[place] for ours, theirs in zip(mine, anchor, strict=True)]
        middle = statistics.median(times)
        print(name, words, middle, flush=True)
        report.add(
            Row(
                f"{words} for a due reminder beside {many:,} rows, {name}",
                f"beside {FEW:,}, {spread([each[place] * 1000 for each in anchor], '.2f', ' ms')}",
                f"{spread(times, '.2f', ' ×')}; "
                f"{spread([each[place] * 1000 for each in mine], '.2f', ' ms')}",
                "≤ 1.2 ×",
                "≤ 1.05 ×",
                verdict(middle <= 1.2, middle <= 1.05),
            )
        )
