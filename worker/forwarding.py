"""Send one e-mail to the merchant, a shopper's reply or an alert: claim, send, settle."""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from types import ModuleType

from connectors.protocols import AccountStopped, Busy, NoAnswer, Refused
from recovery import accounts, forwarding
from recovery.alerts import Alert
from recovery.forwarding import Forward
from worker.tools import Tools

log = logging.getLogger(__name__)
Letter = Forward | Alert

#: A sending time further off than this is not slept for: the e-mail is tried again then.
_SOON = 1.0  # seconds
_DEFECT_AGAIN = 300.0  # seconds until one is tried again that met a defect


def send(tools: Tools, letter_id: int, ledger: ModuleType = forwarding) -> None:
    """Send this e-mail, if it is still to be sent and may be now; whatever happens is settled.

    `ledger` keeps them: `recovery.forwarding`, or `recovery.alerts`.
    """
    letter = tools.database.run(lambda db: ledger.claim(db, letter_id, tools.now()))
    if letter is None or not _is_let_out(tools, letter, ledger):
        return
    try:
        tools.messenger(letter.account).send(letter.email)
    except Busy as error:
        _put_off(tools, letter, ledger, error)
    except Refused as error:
        words = str(error)
        log.warning("e-mail to a merchant %s: refused", letter.id)
        tools.database.run(lambda db: ledger.refused(db, letter, words, tools.now()))
    except NoAnswer:
        log.warning("e-mail to a merchant %s: no answer", letter.id)
        tools.database.run(lambda db: ledger.lost_track(db, letter, tools.now()))
    except Exception as error:
        # A defect of ours: whether it left is not known, so it is not sent again.
        log.error("e-mail to a merchant %s: %s in send", letter.id, type(error).__name__)
        tools.database.run(lambda db: ledger.lost_track(db, letter, tools.now()))
    else:
        tools.database.run(lambda db: ledger.sent(db, letter, tools.now()))


def _is_let_out(tools: Tools, letter: Letter, ledger: ModuleType) -> bool:
    """Whether the line stands and the account's limit lets it leave; else it is put off.

    Nothing is written yet: whatever goes wrong here may go well another time.
    """
    try:
        tools.messenger(letter.account).be_ready()
        _wait_for_slot(tools, letter)
    except Busy as error:
        _put_off(tools, letter, ledger, error)
    except Exception as error:
        log.error("e-mail to a merchant %s: %s before the send", letter.id, type(error).__name__)
        _put_off(tools, letter, ledger, Busy("a defect of ours", _DEFECT_AGAIN))
    else:
        return True
    return False


def _wait_for_slot(tools: Tools, letter: Letter) -> None:
    """Return in the account's next sending time. Raises `Busy` where that is far off."""
    slot = tools.database.run(lambda db: accounts.lease_slots(db, letter.account, 1, tools.now()))
    left = (slot - tools.now()).total_seconds()
    if left > _SOON:
        raise Busy("others send by this account now", left)
    time.sleep(max(0.0, left))


def _put_off(tools: Tools, letter: Letter, ledger: ModuleType, error: Busy) -> None:
    again = tools.now() + timedelta(seconds=error.retry_after)
    words, stopped = str(error), isinstance(error, AccountStopped)
    log.info("e-mail to a merchant %s: put off", letter.id)
    tools.database.run(lambda db: ledger.later(db, letter.id, again, words))
    if stopped:
        now = tools.now()
        tools.database.run(lambda db: accounts.stop(db, letter.account.id, words, now))
