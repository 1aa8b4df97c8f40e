"""One batch for one sender account: claim, examine, send side by side, settle.

Reminders go in groups. While one group is on the wire the next is claimed, so that
the provider's limit is filled although every answer takes a while; a crash leaves at
most two groups unconfirmed. No transaction is open while a provider thinks.
"""

from __future__ import annotations

import logging
import math
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta

from connectors.protocols import AccountStopped, Busy, Messenger, NoAnswer, Refused
from recovery import accounts, reminders
from recovery.accounts import AccountRow
from recovery.letters import Letter
from recovery.reminders import Claim, Outcome
from worker.tools import Tools

log = logging.getLogger(__name__)

#: A group is half a second of the account's work, so that two of them cover an answer's delay.
_GROUP_SECONDS = 0.5
_LARGEST_GROUP = 40
_pool = ThreadPoolExecutor(_LARGEST_GROUP * 2, thread_name_prefix="send")


def send_batch(tools: Tools, account_id: int, ids: Sequence[int]) -> int:
    """Send what of these reminders may still leave; how many a provider accepted."""
    account = _account(tools, account_id)
    if account is None:
        return 0
    on_the_wire: deque[list[Future[Outcome]]] = deque()
    accepted = 0
    for group in _groups(ids, account):
        futures = _begin(tools, account, group)
        if futures:
            on_the_wire.append(futures)
        if len(on_the_wire) > 1:
            accepted += _finish(tools, account, on_the_wire.popleft())
    while on_the_wire:
        accepted += _finish(tools, account, on_the_wire.popleft())
    return accepted


def _account(tools: Tools, account_id: int) -> AccountRow | None:
    with tools.database.reading() as db:
        return accounts.by_id(db, account_id)


def _groups(ids: Sequence[int], account: AccountRow) -> Iterator[Sequence[int]]:
    size = max(1, min(_LARGEST_GROUP, math.ceil(account.rate * _GROUP_SECONDS)))
    return (ids[at : at + size] for at in range(0, len(ids), size))


def _begin(tools: Tools, account: AccountRow, ids: Sequence[int]) -> list[Future[Outcome]]:
    claim = tools.database.run(lambda db: reminders.claim(db, account.id, ids, tools.now()))
    if claim is None:
        return []
    letters = tools.database.run(
        lambda db: reminders.examine(db, claim, tools.public_url, tools.now())
    )
    messenger = tools.messenger(claim.account)
    return [
        _pool.submit(_deliver, tools, messenger, letter, _slot(claim, place))
        for place, letter in enumerate(letters)
    ]


def _slot(claim: Claim, place: int) -> datetime:
    return claim.start + timedelta(seconds=place * accounts.interval(claim.account))


def _deliver(tools: Tools, messenger: Messenger, letter: Letter, slot: datetime) -> Outcome:
    _wait_until(tools, slot)
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


def _wait_until(tools: Tools, slot: datetime) -> None:
    left = (slot - tools.now()).total_seconds()
    if left > 0:
        time.sleep(left)


def _finish(tools: Tools, account: AccountRow, futures: list[Future[Outcome]]) -> int:
    outcomes = [future.result() for future in futures]
    tools.database.run(lambda db: reminders.settle(db, outcomes, tools.now()))
    accepted = [outcome for outcome in outcomes if outcome.event == "accept"]
    stops = [outcome.stopped for outcome in outcomes if outcome.stopped]
    if stops:
        log.warning("account %s stopped", account.id)
        tools.database.run(lambda db: accounts.stop(db, account.id, stops[0], tools.now()))
    elif accepted and account.stopped_at is not None:
        tools.database.run(lambda db: accounts.works_again(db, account.id, tools.now()))
    return len(accepted)
