"""Hand one letter to its messenger: whatever happens is an outcome."""

from __future__ import annotations

import logging
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from connectors.protocols import AccountStopped, Busy, Gate, Messenger, NoAnswer, Refused
from recovery.letters import Letter
from recovery.reasons import Reason
from recovery.reminders import Outcome
from worker.tools import Tools

log = logging.getLogger(__name__)


class CalledOff(Exception):
    """Nothing was written, and nothing may be any more: `reason` came up."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def hand_over(tools: Tools, messenger: Messenger, letter: Letter, gate: Gate) -> Outcome:
    """Send it, inside `gate`, which may raise `CalledOff` or `Busy`."""
    try:
        provider_id = messenger.send(letter.message, gate)
    except CalledOff as error:
        return Outcome(letter.reminder_id, "skip", tools.now(), reason=error.reason)
    except SQLAlchemyError:  # of the look at the gate: a messenger has no database
        return put_off(tools, letter, Busy("the database did not answer"))
    except Busy as error:
        return busy(tools, letter, error)
    except Refused as error:
        return Outcome(letter.reminder_id, "refuse", tools.now(), refusal=str(error))
    except NoAnswer:
        return Outcome(letter.reminder_id, "lose_track", tools.now())
    except Exception as error:
        # A defect of ours: whether the text left is not known, so it is not sent again.
        log.error("reminder %s: %s in send", letter.reminder_id, type(error).__name__)
        return Outcome(letter.reminder_id, "lose_track", tools.now())
    return Outcome(letter.reminder_id, "accept", tools.now(), provider_id)


def busy(tools: Tools, letter: Letter, error: Busy) -> Outcome:
    """It did not leave, and may later; of a stopped account it says why."""
    stopped = str(error) if isinstance(error, AccountStopped) else None
    return put_off(tools, letter, error, stopped)


def put_off(tools: Tools, letter: Letter, error: Busy, stopped: str | None = None) -> Outcome:
    """It did not leave: it is tried again after what `error` asks for."""
    now = tools.now()
    again = now + timedelta(seconds=error.retry_after)
    return Outcome(letter.reminder_id, "postpone", now, retry_at=again, stopped=stopped)
