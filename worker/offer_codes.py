"""Codes of offers are made, and taken away, in the shop: one short call each.

Each offer is claimed, the shop asked with no transaction open, and what it said written down.
A shop that is busy or does not answer ends the batch: the others are handed out again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from connectors.protocols import AccountStopped, Busy, NoAnswer, Refused, Shop, Unreadable
from recovery import offer_codes
from recovery.model import Coupon
from recovery.offer_codes import Asked
from worker import polling
from worker.tools import Tools

log = logging.getLogger(__name__)

_LONGEST = 60.0  # seconds; what is left is handed out again
_MENDED = timedelta(minutes=15)  # until a shop is asked again that somebody must mend
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=10), timedelta(minutes=15)
_NO_ANSWER = "The shop does not answer."
_CANNOT = "This platform's connector takes no codes away; the code ends by itself."


def make(tools: Tools, offer_ids: Sequence[int]) -> None:
    """Make the codes of these offers, all of one shop, as far as it lets us."""
    _each(tools, offer_ids, offer_codes.to_make, _make)


def remove(tools: Tools, offer_ids: Sequence[int]) -> None:
    """Take the codes of these offers away in their shop, as far as it lets us."""
    _each(tools, offer_ids, offer_codes.to_remove, _remove)


def _each(
    tools: Tools,
    offer_ids: Sequence[int],
    claim: Callable[[Connection, int, datetime], Asked | None],
    do: Callable[[Tools, Asked], bool],
) -> None:
    until = time.monotonic() + _LONGEST
    for offer_id in offer_ids:
        asked = tools.database.run(partial(_claimed, tools, claim, offer_id))
        if asked is not None and (not do(tools, asked) or time.monotonic() > until):
            return


def _claimed(
    tools: Tools, claim: Callable[..., Asked | None], offer_id: int, db: Connection
) -> Asked | None:
    return claim(db, offer_id, tools.now())


def _make(tools: Tools, asked: Asked) -> bool:
    """Make one; False: no use in asking this shop for the next one now."""
    try:
        coupon = polling.line_to(tools, asked.shop).create_coupon(asked.offer)
    except AccountStopped as error:
        words = str(error)
        _not_made(tools, asked, words, _MENDED, unsure=asked.unsure)
        _write(tools, lambda db: offer_codes.tell_stopped(db, asked, words, tools.now()))
    except Busy as error:
        # Nothing happened this time; what an earlier call did is as unknown as before.
        _not_made(tools, asked, "The shop is busy.", _seconds(error), unsure=asked.unsure)
    except Refused as error:
        _not_made(tools, asked, str(error), None, unsure=asked.unsure)
        return True
    except (NoAnswer, Unreadable) as error:
        log.warning("shop %s: a code is not heard of: %s", asked.shop.id, error)
        _not_made(tools, asked, _NO_ANSWER, _wait(asked), unsure=True)
    except Exception as error:
        log.exception("shop %s: a code is not made", asked.shop.id)
        _not_made(tools, asked, _defect(error), _wait(asked), unsure=True)
    else:
        return _made(tools, asked, coupon)
    return False


def _made(tools: Tools, asked: Asked, coupon: Coupon) -> bool:
    _write(tools, lambda db: offer_codes.made(db, asked.offer_id, coupon, tools.now()))
    return True


def _remove(tools: Tools, asked: Asked) -> bool:
    """Take one away; False: no use in asking this shop for the next one now."""
    try:
        line = polling.line_to(tools, asked.shop)
        take_away = getattr(line, "remove_coupon", None)
        if take_away is None:
            return _not_removed(tools, asked, _CANNOT, None)
        take_away(_key_of(tools, line, asked))
    except Busy as error:
        wait = _MENDED if isinstance(error, AccountStopped) else _seconds(error)
        return _not_removed(tools, asked, str(error), wait)
    except Refused as error:
        return _not_removed(tools, asked, str(error), None)
    except (NoAnswer, Unreadable):
        return _not_removed(tools, asked, _NO_ANSWER, _wait(asked))
    except Exception as error:
        log.exception("shop %s: a code is not taken away", asked.shop.id)
        return _not_removed(tools, asked, _defect(error), _wait(asked))
    _write(tools, lambda db: offer_codes.removed(db, asked.offer_id, tools.now()))
    return True


def _key_of(tools: Tools, line: Shop, asked: Asked) -> str:
    """The shop's key of the code; of one that may be there the shop tells it when asked again."""
    if asked.coupon_key is not None:
        return asked.coupon_key
    coupon = line.create_coupon(asked.offer)
    _write(tools, lambda db: offer_codes.learned(db, asked.offer_id, coupon))
    return coupon.key


def _not_made(
    tools: Tools, asked: Asked, words: str, wait: timedelta | None, *, unsure: bool
) -> None:
    now = tools.now()
    retry_at = None if wait is None else now + wait
    _write(
        tools,
        lambda db: offer_codes.not_made(db, asked.offer_id, words, retry_at, now, unsure=unsure),
    )


def _not_removed(tools: Tools, asked: Asked, words: str, wait: timedelta | None) -> bool:
    """Write it down; True: the next one may be asked about."""
    now = tools.now()
    retry_at = None if wait is None else now + wait
    _write(tools, lambda db: offer_codes.not_removed(db, asked.offer_id, words, retry_at, now))
    return wait is None


def _wait(asked: Asked) -> timedelta:
    """Ten seconds at first, so that a reminder that waits may still have its code, then longer."""
    doubled: int = 1 << min(asked.attempts - 1, 10)
    return min(_FIRST_WAIT * doubled, _LONGEST_WAIT)


def _seconds(error: Busy) -> timedelta:
    return timedelta(seconds=error.retry_after)


def _defect(error: Exception) -> str:
    return f"A defect of ours: {type(error).__name__}"


def _write(tools: Tools, work: Callable[[Connection], object]) -> None:
    tools.database.run(work)
