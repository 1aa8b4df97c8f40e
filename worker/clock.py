"""The clock decides: what is due now? It hands that out and keeps nothing itself.

Several clocks may run: every mark is set by compare-and-set, so the second finds
nothing left to do.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from redis.exceptions import RedisError
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from moment import BESIDE_A_REAL_SHOP, FileClock, NotMovable
from recovery import (
    alerts,
    asks,
    forwarding,
    handing_out,
    history,
    leaving_shops,
    notices,
    offer_codes,
    planning,
    polls,
    prepared,
    privacy_receipts,
    programmes,
    pulses,
    reminders,
    retention,
    reward_rows,
    shops,
    splits,
    tidying,
    unsent_offers,
    watchers,
)
from recovery.database import Result
from recovery.handing_out import Batch
from worker import queues
from worker.tools import Tools

log = logging.getLogger(__name__)

TICK = 0.25  # seconds between two looks at what is due
#: A large shop's change of a programme holds up nobody else's texts: so many reminders of it at
#: once, and for so many seconds of a tick.
_REPLANS_AT_ONCE = 100
_REPLANNING_A_TICK = 0.2
_LONG_QUEUE = 200  # jobs: no more is handed out while so many wait
_EPOCH = "relance:epoch"


class Clock:
    """Looks four times a second at what is due, more rarely at the rest."""

    def __init__(self, tools: Tools) -> None:
        self.tools = tools
        self._stop = threading.Event()
        self._next: dict[str, float] = {}
        self._to_sweep: list[Any] = []  # shops whose ends of keeping are looked at this hour

    def run(self) -> None:
        """Tick until `stop`; a tick that fails is logged and the next one tries again.

        Raises `NotMovable` as soon as a real shop stands beside a time that can be moved.
        """
        while not self._stop.is_set():
            started = time.monotonic()
            if isinstance(self.tools.now, FileClock) and self._is_real_shop_there():
                raise NotMovable(BESIDE_A_REAL_SHOP)
            self._safely("tick", lambda: self.tick(self.tools.now()))
            self._stop.wait(max(0.01, TICK - (time.monotonic() - started)))

    def _is_real_shop_there(self) -> bool:
        # Another machine, whose time cannot be moved, may have connected one since the start.
        try:
            return self._read(shops.has_real_ones)
        except SQLAlchemyError as error:
            log.error("shops: %s", type(error).__name__)
            return False  # nor does a tick hand anything out while the database is away

    def stop(self) -> None:
        """End `run` after the tick under way."""
        self._stop.set()

    def tick(self, now: datetime) -> None:
        """Everything that is due at `now`. Public for tests: no sleeping in here."""
        if self._is_time("pulse", 1):
            self._write(lambda db: pulses.beat(db, "clock", now))
        if self._is_time("carts", 0.5):
            self._safely("carts", lambda: self._abandon(now))
        if self._is_time("mend", 5):
            self._safely("mend", lambda: self._mend(now))
        if self._is_time("tidy", 60):
            self._safely("tidy", lambda: self._tidy(now))
        if self._to_sweep:
            self._safely("retention", lambda: self._end_keeping(now))
        self._safely("queues", lambda: self._hand_out(now))
        self._safely("programmes", lambda: self._follow_programmes(now))

    def _abandon(self, now: datetime) -> None:
        while self._read(lambda db: planning.is_one_to_look_at(db, now)):
            self._write(lambda db: planning.abandon_idle(db, now))

    def _follow_programmes(self, now: datetime) -> None:
        until = time.monotonic() + _REPLANNING_A_TICK
        while self._read(programmes.changed):
            self._write(lambda db: planning.follow_versions(db, now, _REPLANS_AT_ONCE))
            if time.monotonic() >= until:
                break

    def _mend(self, now: datetime) -> None:
        self._write(lambda db: reminders.lose_track_of_the_dead(db, now))
        self._write(lambda db: handing_out.give_back_forgotten(db, now - handing_out.PATIENCE))
        while self._write(lambda db: reminders.skip_stale(db, now)) == 500:
            pass
        self._write(lambda db: unsent_offers.sweep(db, now))
        self._write(lambda db: reward_rows.sweep(db, now))

    def _tidy(self, now: datetime) -> None:
        self._write(lambda db: tidying.tidy(db, now))
        self._write(lambda db: asks.end_old(db, now))
        self._write(lambda db: tidying.drop_ended_requests(db, now))
        self._write(lambda db: tidying.drop_nobodys_carts(db, now))
        self._write(lambda db: privacy_receipts.tidy(db, now))
        self._write(lambda db: leaving_shops.sweep(db, now))
        self._write(lambda db: prepared.tidy(db, now))
        if self._is_time("retention", 3600):
            self._to_sweep = list(self._read(retention.to_sweep))

    def _end_keeping(self, now: datetime) -> None:
        # A part of one shop a tick: what is over is in no hurry, and holds up no text.
        shop = self._to_sweep.pop()
        if self._write(lambda db: retention.sweep(db, shop, now)):
            self._to_sweep.append(shop)

    def _hand_out(self, now: datetime) -> None:
        self._notice_an_emptied_redis(now)
        if self._is_time("polls", 1):
            self._hand_out_polls(now)
            self._hand_out_codes(now)
        if self._is_time("forwards", 1):
            self._hand_out_forwards(now)
            self._hand_out_splits(now)
            self._hand_out_counts(now)
            self._hand_out_history(now)
        if self._is_time("alerts", 30):
            self._hand_out_alerts(now)
        if queues.depth(self.tools.redis, queues.SEND) < _LONG_QUEUE:
            self._hand_out_reminders(now)

    def _hand_out_polls(self, now: datetime) -> None:
        soon = now + timedelta(seconds=60)
        working = self._read(lambda db: handing_out.shops_with_work_soon(db, soon))
        if working:
            self._write(lambda db: polls.freshen(db, working, now))
        if not self._read(lambda db: polls.is_one_due(db, now)):
            return
        for shop_id in self._write(lambda db: polls.hand_out_polls(db, now)):
            queues.enqueue(self.tools.redis, queues.POLL, "poll_shop", shop_id)

    def _hand_out_codes(self, now: datetime) -> None:
        # What a queue forgets is handed out again from its row.
        if self._read(lambda db: offer_codes.is_one_due(db, now)):
            for batch in self._write(lambda db: offer_codes.hand_out(db, now)):
                queues.enqueue(self.tools.redis, queues.POLL, batch.job, list(batch.offer_ids))

    def _hand_out_forwards(self, now: datetime) -> None:
        if not self._read(lambda db: forwarding.is_one_due(db, now)):
            return
        for each in self._write(lambda db: forwarding.hand_out(db, now)):
            # Beside the polls: a slow mail server holds up no text. What Redis does not take
            # is handed out again after a while.
            queues.enqueue(self.tools.redis, queues.POLL, "forward_reply", each)

    def _hand_out_alerts(self, now: datetime) -> None:
        if self._is_time("watchers", 900):
            found = self._read(lambda db: watchers.look(db, now))
            self._write(lambda db: watchers.tell(db, found, now))
        self._write(lambda db: notices.settle(db, watchers.CLOCK, now))  # it ticks
        self._write(lambda db: alerts.collect(db, now))
        if self._read(lambda db: alerts.is_one_due(db, now)):
            for each in self._write(lambda db: alerts.hand_out(db, now)):
                queues.enqueue(self.tools.redis, queues.POLL, "send_alert", each)

    def _hand_out_splits(self, now: datetime) -> None:
        if not self._read(lambda db: splits.is_one_due(db, now)):
            return
        for each in self._write(lambda db: splits.hand_out(db, now)):
            queues.enqueue(self.tools.redis, queues.POLL, "share_out", each)

    def _hand_out_counts(self, now: datetime) -> None:
        if not self._read(lambda db: prepared.is_one_due(db, now)):
            return
        for each in self._write(lambda db: prepared.hand_out(db, now)):
            queues.enqueue(self.tools.redis, queues.COUNT, "count_figures", each)

    def _hand_out_history(self, now: datetime) -> None:
        if not self._read(lambda db: history.is_one_due(db, now)):
            return
        for each in self._write(lambda db: history.hand_out(db, now)):
            queues.enqueue(self.tools.redis, queues.COUNT, "read_history", each)

    def _hand_out_reminders(self, now: datetime) -> None:
        if not self._read(lambda db: handing_out.shops_with_work_soon(db, now)):
            return
        for batch in self._write(lambda db: handing_out.hand_out(db, now)):
            try:
                self._enqueue(batch)
            except RedisError:
                self._give_back(batch)
                raise

    def _enqueue(self, batch: Batch) -> None:
        ids = list(batch.reminder_ids)
        queues.enqueue(self.tools.redis, queues.SEND, "send_reminders", batch.account_id, ids)

    def _give_back(self, batch: Batch) -> None:
        self._write(lambda db: handing_out.give_back(db, list(batch.reminder_ids)))

    def _notice_an_emptied_redis(self, now: datetime) -> None:
        # The key is set once and lives as long as Redis remembers anything. When it is
        # gone the queues are gone with it: what was handed out is handed out again.
        if self.tools.redis.set(_EPOCH, now.isoformat(), nx=True):
            log.info("the queues are new or were emptied: handing out again")
            self._write(lambda db: handing_out.give_back_forgotten(db, now))
            self._write(polls.forget_handed_out)

    def _write(self, work: Callable[[Connection], Result]) -> Result:
        return self.tools.database.run(work)

    def _read(self, work: Callable[[Connection], Result]) -> Result:
        with self.tools.database.reading() as db:
            return work(db)

    def _is_time(self, name: str, seconds: float) -> bool:
        moment = time.monotonic()
        if moment < self._next.get(name, 0):
            return False
        self._next[name] = moment + seconds
        return True

    def _safely(self, what: str, work: Callable[[], object]) -> None:
        try:
            work()
        except (RedisError, SQLAlchemyError, OSError) as error:
            log.error("%s: %s", what, type(error).__name__)
        except Exception:
            # A defect of ours in one duty must not end the others, nor the clock.
            log.exception("%s: a defect", what)
