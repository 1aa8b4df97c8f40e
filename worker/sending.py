"""Serve one sender account: claim, examine, send side by side, settle.

Reminders go in groups. Shortly before the sending times of one group end the next is
claimed, and what becomes due meanwhile is taken along, so that the provider's limit is
filled although every answer takes a while. A crash leaves unconfirmed what awaits an
answer and what was claimed for the next second, `_MOST_AT_ONCE` in all. No transaction
is open while a provider thinks.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from redis.exceptions import RedisError
from rq.timeouts import JobTimeoutException
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from connectors.protocols import Busy, Messenger
from recovery import accounts, eligibility, handing_out, reminders
from recovery.accounts import AccountRow
from recovery.letters import Letter
from recovery.model import RichText
from recovery.reasons import Reason
from recovery.reminders import Claim, Outcome
from worker import queues
from worker.handing_over import CalledOff, busy, hand_over, put_off
from worker.pace import Pace
from worker.tools import Tools

log = logging.getLogger(__name__)

#: A group is half a second of the account's work, so that two of them cover an answer's delay.
_GROUP_SECONDS = 0.5
_LARGEST_GROUP = 40
_MOST_AT_ONCE = 2 * _LARGEST_GROUP  # claimed and not settled
_LEAD = timedelta(seconds=0.4)  # before a group's last slot the next group is claimed
_LONGEST = 60.0  # seconds that one turn takes along what becomes due
_FRESH = 0.1  # seconds after which a look at the cart is looked at again
_LOOK_AGAIN = 0.05  # seconds between two looks while answers are awaited
_PACED = 100.0  # messages a second; a faster account is not counted so closely
#: A message later than this gets another slot: its lateness would fall on top of what
#: another worker sends then. It is the room that `accounts.JITTER_ROOM` leaves in a second.
_MISSED = 0.02
_AWAY_AGAIN = timedelta(seconds=30)  # until a group is tried again that met no database
_DEFECT_AGAIN = timedelta(minutes=5)  # until one reminder is tried again that met a defect
#: What says nothing against the rows in hand: another try of the same may go well.
_NOT_A_ROWS_FAULT = (OperationalError, InterfaceError, PoolTimeout, JobTimeoutException)
_CODE_AGAIN = 60.0  # seconds until a text is tried again whose code has changed meanwhile
_SLOTS_MISSED = 3  # a machine that misses so many in a row would never send otherwise
_paces: dict[tuple[int, float], Pace] = {}
_ending = threading.Event()
_pool = ThreadPoolExecutor(_MOST_AT_ONCE, thread_name_prefix="send")


def end_turns() -> None:
    """The process is to end: what is on the wire is waited for, nothing more is begun."""
    _ending.set()


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
    with ExitStack() as at_last:
        at_last.callback(_leave, tools, account)
        at_last.callback(
            service.finish_all
        )  # also after an error: what is on the wire has outcomes
        return service.run()


class _Service:
    """One worker's turn at one account: what waits, and what is on the wire."""

    def __init__(self, tools: Tools, account: AccountRow, waiting: deque[int]) -> None:
        self.tools = tools
        self.account = account
        self.waiting = waiting
        self.on_the_wire: deque[list[Future[Outcome]]] = deque()
        self.leased_until = tools.now()
        self.size = max(1, min(_LARGEST_GROUP, math.ceil(account.rate * _GROUP_SECONDS)))
        self.until = time.monotonic() + _LONGEST
        self.takes_more = True
        self.accepted = 0

    def run(self) -> int:
        """Go on until nothing waits and nothing is on the wire; how many were accepted."""
        while True:
            if _ending.is_set():
                self._let_go()
            has_room = self._has_room()
            if has_room and not self.waiting:
                self._take_more()
            if has_room and self.waiting:
                self._begin_group()
            elif self.on_the_wire:
                self._finish_done()
            else:
                return self.accepted

    def _has_room(self) -> bool:
        many = sum(map(len, self.on_the_wire))
        is_time = self.tools.now() > self.leased_until - _LEAD
        return many <= _MOST_AT_ONCE - self.size and (is_time or not many)

    def _let_go(self) -> None:
        self.takes_more = False
        if self.waiting:
            ids = list(self.waiting)
            self.waiting.clear()
            self.tools.database.run(lambda db: handing_out.give_back(db, ids))

    def _begin_group(self) -> None:
        many = min(self.size, len(self.waiting))
        turn = _begin(self.tools, self.account, [self.waiting.popleft() for _ in range(many)])
        if turn is None:
            self.takes_more = False  # stopped, or its shops' orders are not known
        elif turn.letters:
            self.leased_until = turn.slot(len(turn.letters))
            self.on_the_wire.append(turn.begin())

    def finish_all(self) -> None:
        """Wait for every answer, and settle it; trouble with one group spares the others."""
        with ExitStack() as each_one:  # calls back in reverse: the oldest group first
            while self.on_the_wire:
                each_one.callback(_finish, self.tools, self.account, self.on_the_wire.pop())

    def _finish_done(self) -> None:
        """Wait a little for the oldest group, and settle every group that is answered."""
        wait(self.on_the_wire[0], timeout=_LOOK_AGAIN)
        while self.on_the_wire and all(future.done() for future in self.on_the_wire[0]):
            self.accepted += _finish(self.tools, self.account, self.on_the_wire[0])
            self.on_the_wire.popleft()

    def _take_more(self) -> None:
        if not self.takes_more:
            return
        if time.monotonic() > self.until:
            self.takes_more = False
            _leave(self.tools, self.account)  # now: the clock hands out while this one ends
            return
        tools, account, now = self.tools, self.account, self.tools.now()
        with tools.database.reading() as db:
            if not handing_out.is_more_due(db, account, now):
                return
        if others_wait(tools):
            self.takes_more = False
            return
        more = tools.database.run(lambda db: handing_out.take_more(db, account, self.size, now))
        self.waiting.extend(more)


def others_wait(tools: Tools) -> bool:
    """Whether another batch waits for a worker; with no Redis to ask, none can."""
    try:
        return queues.depth(tools.redis, queues.SEND) > 0
    except RedisError:
        return False


def _leave(tools: Tools, account: AccountRow) -> None:
    tools.database.run(lambda db: accounts.leave(db, account.id))


def _account(tools: Tools, account_id: int) -> AccountRow | None:
    with tools.database.reading() as db:
        return accounts.by_id(db, account_id)


def _begin(tools: Tools, account: AccountRow, ids: Sequence[int]) -> _Turn | None:
    claim = tools.database.run(lambda db: reminders.claim(db, account.id, ids, tools.now()))
    if claim is None:
        return None
    looked_at = tools.now()
    try:
        letters = _letters(tools, claim)
        start = _slots(tools, claim.account, len(letters))
        messenger = tools.messenger(claim.account)
        return _Turn(tools, messenger, claim.account, letters, start, looked_at)
    except Exception:
        # Nothing of it has left: it may be tried again, unlike what is on the wire.
        _put_back(tools, claim, _AWAY_AGAIN)
        raise


def _slots(tools: Tools, account: AccountRow, count: int) -> datetime:
    """The first of `count` sending times, leased now that they can be kept."""
    return tools.database.run(lambda db: accounts.lease_slots(db, account, count, tools.now()))


def _letters(tools: Tools, claim: Claim) -> list[Letter]:
    """What of the claim may leave. One cart that cannot be written out holds up no other."""
    try:
        return _examine(tools, claim)
    except _NOT_A_ROWS_FAULT:
        raise
    except Exception as error:
        log.error("account %s: %s in a group", claim.account.id, type(error).__name__)
    return [letter for each in claim.ids for letter in _alone(tools, replace(claim, ids=(each,)))]


def _alone(tools: Tools, claim: Claim) -> list[Letter]:
    try:
        return _examine(tools, claim)
    except _NOT_A_ROWS_FAULT:
        raise
    except Exception as error:
        log.error("reminder %s: %s before the send", claim.ids[0], type(error).__name__)
        _put_back(tools, claim, _DEFECT_AGAIN)
        return []


def _examine(tools: Tools, claim: Claim) -> list[Letter]:
    return tools.database.run(
        lambda db: reminders.examine(db, claim, tools.public_url, tools.now())
    )


def _put_back(tools: Tools, claim: Claim, wait: timedelta) -> None:
    again = tools.now() + wait
    outcomes = [Outcome(each, "postpone", tools.now(), retry_at=again) for each in claim.ids]
    tools.database.run(lambda db: reminders.settle(db, outcomes, tools.now()))


@dataclass(frozen=True, slots=True)
class _Turn:
    """One group's turn to leave: its first slot, and when its carts were looked at."""

    tools: Tools
    messenger: Messenger
    account: AccountRow
    letters: Sequence[Letter]
    start: datetime
    looked_at: datetime

    def begin(self) -> list[Future[Outcome]]:
        """Let each letter wait for its slot and leave, in threads of their own."""
        return [
            _pool.submit(self.deliver, letter, place) for place, letter in enumerate(self.letters)
        ]

    def slot(self, place: int) -> datetime:
        """When the letter at that place may leave."""
        return self.start + timedelta(seconds=place * accounts.interval(self.account))

    def deliver(self, letter: Letter, place: int) -> Outcome:
        """Send one letter in its slot; whatever happens is an outcome.

        Of an MMS or RCS card that is refused nothing was sent: its text leaves instead, in a
        slot of its own.
        """
        outcome = self._deliver(letter, lambda: self.slot(place))
        if outcome.event != "refuse" or not isinstance(letter.message, RichText):
            return outcome
        plain = replace(letter, message=letter.message.plain())
        text = self._deliver(plain, lambda: _slots(self.tools, self.account, 1))
        return replace(text, not_rich=outcome.refusal or "")

    def _deliver(self, letter: Letter, slot: Callable[[], datetime]) -> Outcome:
        try:
            self.messenger.be_ready()  # before the slot: a new line takes longer than a slot
            self._wait(slot())
        except Busy as error:
            return busy(self.tools, letter, error)
        except SQLAlchemyError:
            return put_off(self.tools, letter, Busy("the database did not answer"))
        except Exception as error:
            # Nothing was written yet: it is no lost track, and may go well another time.
            log.error("reminder %s: %s before the send", letter.reminder_id, type(error).__name__)
            again = Busy("a defect of ours", _DEFECT_AGAIN.total_seconds())
            return put_off(self.tools, letter, again)
        return hand_over(self.tools, self.messenger, letter, lambda: self._pass(letter))

    def _wait(self, slot: datetime) -> None:
        """Return when the moment of that slot is there; who misses it gets another."""
        self._sleep_until(slot)
        for _ in range(_SLOTS_MISSED):
            if not self._missed(slot):
                return
            slot = _slots(self.tools, self.account, 1)
            self._sleep_until(slot)

    @contextmanager
    def _pass(self, letter: Letter) -> Iterator[None]:
        """The gate: everything is ready to be written. Raises `CalledOff`.

        The look comes last, after the long waits: an order or a stop recorded before it wins.
        """
        rate = self.account.rate
        if rate > _PACED:
            self._look_again(letter)
            yield
            return
        pace = _paces.setdefault((self.account.id, rate), Pace(rate))
        with pace.turn(lambda: self._look_again(letter)):
            yield

    def _look_again(self, letter: Letter) -> None:
        reason = self._reason_since(letter)
        if reason is Reason.CODE_UNKNOWN:  # it is written anew, with what the shop says by then
            raise Busy("the code of this text is not the shop's any more", _CODE_AGAIN)
        if reason is not None:
            raise CalledOff(reason)

    def _sleep_until(self, moment: datetime) -> None:
        left = (moment - self.tools.now()).total_seconds()
        if left > 0:
            time.sleep(left)

    def _missed(self, slot: datetime) -> bool:
        late = (self.tools.now() - slot).total_seconds()
        return self.account.rate <= _PACED and late > _MISSED

    def _reason_since(self, letter: Letter) -> Reason | None:
        """What came up since the look at the group, when that is not just now."""
        if (self.tools.now() - self.looked_at).total_seconds() <= _FRESH:
            return None
        with self.tools.database.reading() as db:
            return eligibility.reason_since(db, letter.reminder_id)


def _finish(tools: Tools, account: AccountRow, futures: list[Future[Outcome]]) -> int:
    outcomes = [future.result() for future in futures]
    _settle(tools, outcomes)
    accepted = [outcome for outcome in outcomes if outcome.event == "accept"]
    stops = [outcome.stopped for outcome in outcomes if outcome.stopped]
    if stops and not accepted:  # one that alone is refused so is no account's trouble
        log.warning("account %s stopped", account.id)
        tools.database.run(lambda db: accounts.stop(db, account.id, stops[0], tools.now()))
    elif accepted and account.stopped_at is not None:
        tools.database.run(lambda db: accounts.works_again(db, account.id, tools.now()))
    return len(accepted)


def _settle(tools: Tools, outcomes: Sequence[Outcome]) -> None:
    """Write down what came of a group. One that cannot be written down as it is may have left."""
    try:
        tools.database.run(lambda db: reminders.settle(db, outcomes, tools.now()))
    except _NOT_A_ROWS_FAULT:
        raise
    except Exception as error:
        number = outcomes[0].reminder_id
        log.error("reminder %s and its group: %s after the send", number, type(error).__name__)
        if len(outcomes) > 1:
            for each in outcomes:
                _settle(tools, [each])
        elif outcomes[0].event != "lose_track":
            _settle(tools, [Outcome(number, "lose_track", outcomes[0].at)])
        else:
            raise
