"""Serve one sender account: claim, examine, send side by side, settle.

Reminders go in groups. While one group is on the wire the next is claimed, and what
becomes due meanwhile is taken along, so that the provider's limit is filled although
every answer takes a while. A crash leaves at most two groups unconfirmed. No
transaction is open while a provider thinks.
"""

from __future__ import annotations

import logging
import math
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from connectors.protocols import AccountStopped, Busy, Messenger, NoAnswer, Refused
from recovery import accounts, eligibility, handing_out, reminders
from recovery.accounts import AccountRow
from recovery.letters import Letter
from recovery.reasons import Reason
from recovery.reminders import Claim, Outcome
from worker import queues
from worker.pace import Pace
from worker.tools import Tools

log = logging.getLogger(__name__)

#: A group is half a second of the account's work, so that two of them cover an answer's delay.
_GROUP_SECONDS = 0.5
_LARGEST_GROUP = 40
_LONGEST = 10.0  # seconds that one turn takes along what becomes due
_FRESH = 0.1  # seconds after which a look at the cart is looked at again
_LOOK_AGAIN = 0.05  # seconds between two looks while answers are awaited
_PACED = 100.0  # messages a second; a faster account is not counted so closely
_paces: dict[tuple[int, float], Pace] = {}
_pool = ThreadPoolExecutor(_LARGEST_GROUP * 2, thread_name_prefix="send")


def send_batch(tools: Tools, account_id: int, ids: Sequence[int]) -> int:
    """Send what of these reminders may still leave, and what becomes due meanwhile.

    Ends when nothing is due, after `_LONGEST` seconds, or as soon as another account's
    batch waits. Gives how many messages the provider accepted.
    """
    account = _account(tools, account_id)
    if account is None:
        return 0
    tools.messenger(account)  # what cannot be opened must fail before anything is claimed
    service = _Service(tools, account, deque(ids))
    try:
        return service.run()
    finally:
        service.finish_all()  # also after an error: what is on the wire has an outcome
        tools.database.run(lambda db: accounts.leave(db, account.id))


class _Service:
    """One worker's turn at one account: what waits, and what is on the wire."""

    def __init__(self, tools: Tools, account: AccountRow, waiting: deque[int]) -> None:
        self.tools = tools
        self.account = account
        self.waiting = waiting
        self.on_the_wire: deque[list[Future[Outcome]]] = deque()
        self.size = max(1, min(_LARGEST_GROUP, math.ceil(account.rate * _GROUP_SECONDS)))
        self.until = time.monotonic() + _LONGEST
        self.takes_more = True
        self.accepted = 0

    def run(self) -> int:
        """Go on until nothing waits and nothing is on the wire; how many were accepted."""
        while True:
            has_room = sum(map(len, self.on_the_wire)) <= self.size
            if has_room and not self.waiting:
                self._take_more()
            if has_room and self.waiting:
                self._begin_group()
            elif self.on_the_wire:
                self._finish_done()
            else:
                return self.accepted

    def _begin_group(self) -> None:
        many = min(self.size, len(self.waiting))
        futures = _begin(self.tools, self.account, [self.waiting.popleft() for _ in range(many)])
        if futures is None:
            self.takes_more = False  # stopped, or its shops' orders are not known
        elif futures:
            self.on_the_wire.append(futures)

    def finish_all(self) -> None:
        """Wait for every answer, and settle it."""
        while self.on_the_wire:
            self.accepted += _finish(self.tools, self.account, self.on_the_wire.popleft())

    def _finish_done(self) -> None:
        """Wait a little for the oldest group, and settle every group that is answered."""
        wait(self.on_the_wire[0], timeout=_LOOK_AGAIN)
        while self.on_the_wire and all(future.done() for future in self.on_the_wire[0]):
            self.accepted += _finish(self.tools, self.account, self.on_the_wire.popleft())

    def _take_more(self) -> None:
        if not self.takes_more or time.monotonic() > self.until:
            return
        tools, account, now = self.tools, self.account, self.tools.now()
        with tools.database.reading() as db:
            if not handing_out.is_more_due(db, account.id, now):
                return
        if others_wait(tools):
            self.takes_more = False
            return
        more = tools.database.run(lambda db: handing_out.take_more(db, account.id, self.size, now))
        self.waiting.extend(more)


def others_wait(tools: Tools) -> bool:
    """Whether another batch waits for a worker; with no Redis to ask, none can."""
    try:
        return queues.depth(tools.redis, queues.SEND) > 0
    except RedisError:
        return False


def _account(tools: Tools, account_id: int) -> AccountRow | None:
    with tools.database.reading() as db:
        return accounts.by_id(db, account_id)


def _begin(tools: Tools, account: AccountRow, ids: Sequence[int]) -> list[Future[Outcome]] | None:
    claim = tools.database.run(lambda db: reminders.claim(db, account.id, ids, tools.now()))
    if claim is None:
        return None
    looked_at = tools.now()
    try:
        letters = tools.database.run(
            lambda db: reminders.examine(db, claim, tools.public_url, tools.now())
        )
        turn = _Turn(tools, tools.messenger(claim.account), claim, looked_at)
    except Exception:
        # Nothing of it has left: it may be tried again, unlike what is on the wire.
        _put_back(tools, claim)
        raise
    return [_pool.submit(turn.deliver, letter, place) for place, letter in enumerate(letters)]


def _put_back(tools: Tools, claim: Claim) -> None:
    again = tools.now() + timedelta(seconds=30)
    outcomes = [Outcome(each, "postpone", tools.now(), retry_at=again) for each in claim.ids]
    tools.database.run(lambda db: reminders.settle(db, outcomes, tools.now()))


@dataclass(frozen=True, slots=True)
class _Turn:
    """One group's turn to leave: its claim, and when its carts were looked at."""

    tools: Tools
    messenger: Messenger
    claim: Claim
    looked_at: datetime

    def deliver(self, letter: Letter, place: int) -> Outcome:
        """Send one letter at its place in the claim's slots; whatever happens is an outcome."""
        self._wait(place)
        try:
            reason = self._reason_since(letter)
            if reason is not None:
                return Outcome(letter.reminder_id, "skip", self.tools.now(), reason=reason)
        except SQLAlchemyError:
            return _put_off(self.tools, letter, Busy("the database did not answer"))
        return _send(self.tools, self.messenger, letter)

    def _wait(self, place: int) -> None:
        account = self.claim.account
        slot = self.claim.start + timedelta(seconds=place * accounts.interval(account))
        left = (slot - self.tools.now()).total_seconds()
        if left > 0:
            time.sleep(left)
        if account.rate <= _PACED:
            _paces.setdefault((account.id, account.rate), Pace(account.rate)).wait()

    def _reason_since(self, letter: Letter) -> Reason | None:
        """What came up since the look at the group, when that is not just now."""
        if (self.tools.now() - self.looked_at).total_seconds() <= _FRESH:
            return None
        with self.tools.database.reading() as db:
            return eligibility.reason_since(db, letter.reminder_id)


def _send(tools: Tools, messenger: Messenger, letter: Letter) -> Outcome:
    try:
        provider_id = messenger.send(letter.message)
    except AccountStopped as error:
        return _put_off(tools, letter, error, stopped=str(error))
    except Busy as error:
        return _put_off(tools, letter, error)
    except Refused:
        return Outcome(letter.reminder_id, "refuse", tools.now())
    except NoAnswer:
        return Outcome(letter.reminder_id, "lose_track", tools.now())
    except Exception as error:
        # A defect of ours: whether the text left is not known, so it is not sent again.
        log.error("reminder %s: %s in send", letter.reminder_id, type(error).__name__)
        return Outcome(letter.reminder_id, "lose_track", tools.now())
    return Outcome(letter.reminder_id, "accept", tools.now(), provider_id)


def _put_off(tools: Tools, letter: Letter, error: Busy, stopped: str | None = None) -> Outcome:
    now = tools.now()
    again = now + timedelta(seconds=error.retry_after)
    return Outcome(letter.reminder_id, "postpone", now, retry_at=again, stopped=stopped)


def _finish(tools: Tools, account: AccountRow, futures: list[Future[Outcome]]) -> int:
    outcomes = [future.result() for future in futures]
    tools.database.run(lambda db: reminders.settle(db, outcomes, tools.now()))
    accepted = [outcome for outcome in outcomes if outcome.event == "accept"]
    stops = [outcome.stopped for outcome in outcomes if outcome.stopped]
    if stops and not accepted:  # one that alone is refused so is no account's trouble
        log.warning("account %s stopped", account.id)
        tools.database.run(lambda db: accounts.stop(db, account.id, stops[0], tools.now()))
    elif accepted and account.stopped_at is not None:
        tools.database.run(lambda db: accounts.works_again(db, account.id, tools.now()))
    return len(accepted)
