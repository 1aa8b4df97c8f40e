"""Send one shopper's reply on to the merchant's e-mail: claim, send, settle."""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from connectors.protocols import AccountStopped, Busy, NoAnswer, Refused
from recovery import accounts, forwarding
from recovery.forwarding import Forward
from worker.tools import Tools

log = logging.getLogger(__name__)

#: A sending time further off than this is not slept for: the e-mail is tried again then.
_SOON = 1.0  # seconds
_DEFECT_AGAIN = 300.0  # seconds until one is tried again that met a defect


def send(tools: Tools, forward_id: int) -> None:
    """Send this forward, if it is still to be sent and may be now; whatever happens is settled."""
    forward = tools.database.run(lambda db: forwarding.claim(db, forward_id, tools.now()))
    if forward is None or not _is_let_out(tools, forward):
        return
    try:
        tools.messenger(forward.account).send(forward.email)
    except Busy as error:
        _put_off(tools, forward, error)
    except Refused as error:
        words = str(error)
        log.warning("forward %s: refused", forward_id)
        tools.database.run(lambda db: forwarding.refused(db, forward, words, tools.now()))
    except NoAnswer:
        log.warning("forward %s: no answer", forward_id)
        tools.database.run(lambda db: forwarding.lost_track(db, forward, tools.now()))
    except Exception as error:
        # A defect of ours: whether it left is not known, so it is not sent again.
        log.error("forward %s: %s in send", forward_id, type(error).__name__)
        tools.database.run(lambda db: forwarding.lost_track(db, forward, tools.now()))
    else:
        tools.database.run(lambda db: forwarding.sent(db, forward, tools.now()))


def _is_let_out(tools: Tools, forward: Forward) -> bool:
    """Whether the line stands and the account's limit lets it leave; else it is put off.

    Nothing is written yet: whatever goes wrong here may go well another time.
    """
    try:
        tools.messenger(forward.account).be_ready()
        _wait_for_slot(tools, forward)
    except Busy as error:
        _put_off(tools, forward, error)
    except Exception as error:
        log.error("forward %s: %s before the send", forward.id, type(error).__name__)
        _put_off(tools, forward, Busy("a defect of ours", _DEFECT_AGAIN))
    else:
        return True
    return False


def _wait_for_slot(tools: Tools, forward: Forward) -> None:
    """Return in the account's next sending time. Raises `Busy` where that is far off."""
    slot = tools.database.run(lambda db: accounts.lease_slots(db, forward.account, 1, tools.now()))
    left = (slot - tools.now()).total_seconds()
    if left > _SOON:
        raise Busy("others send by this account now", left)
    time.sleep(max(0.0, left))


def _put_off(tools: Tools, forward: Forward, error: Busy) -> None:
    again = tools.now() + timedelta(seconds=error.retry_after)
    words, stopped = str(error), isinstance(error, AccountStopped)
    log.info("forward %s: put off", forward.id)
    tools.database.run(lambda db: forwarding.later(db, forward.id, again, words))
    if stopped:
        now = tools.now()
        tools.database.run(lambda db: accounts.stop(db, forward.account.id, words, now))
