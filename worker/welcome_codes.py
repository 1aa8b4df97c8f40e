"""Whether a shop's welcome code works: asked in its poll, while a text that names it waits."""

from __future__ import annotations

import logging

from connectors.protocols import (
    AccountStopped,
    Busy,
    NoAnswer,
    ReadsCodes,
    Refused,
    Shop,
    Unreadable,
)
from recovery import welcome
from recovery.shops import ShopRow
from worker.tools import Tools

log = logging.getLogger(__name__)


def read(tools: Tools, shop: ShopRow, line: Shop) -> None:
    """Ask the platform about the code, and keep what it says; trouble spoils no poll.

    Without an answer nothing is kept: the texts wait, and the next poll asks again.
    """
    with tools.database.reading() as db:
        code = welcome.wanted_code(db, shop.id, tools.now())
    if code is None or not isinstance(line, ReadsCodes):
        return
    try:
        works = line.code_works(code, tools.now())
    except (AccountStopped, Busy, NoAnswer, Refused, Unreadable) as error:
        log.warning("shop %s: welcome code not read: %s", shop.id, error)
        return
    tools.database.run(lambda db: welcome.keep_answer(db, shop.id, code, works, tools.now()))
