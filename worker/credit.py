"""How much credit a shop's sender account has left, asked once an hour beside a poll."""

from __future__ import annotations

import logging
from datetime import timedelta

from sqlalchemy import Connection

from connectors.protocols import Busy, NoAnswer, Refused, TellsCredit
from recovery import accounts, credits, nonces
from recovery.secrets import Sealed
from recovery.shops import ShopRow
from worker.tools import Tools

log = logging.getLogger(__name__)
EVERY = timedelta(hours=1)


def look(tools: Tools, shop: ShopRow) -> None:
    """Ask where it can be asked, and tell whom it concerns; no failure here spoils a poll."""
    if shop.account_id is None or not tools.database.run(lambda db: _takes_turn(tools, shop, db)):
        return
    with tools.database.reading() as db:
        account = accounts.by_id(db, shop.account_id)
    if account is None:
        return
    now = tools.now()
    try:
        messenger = tools.messenger(account)
        found = messenger.credit() if isinstance(messenger, TellsCredit) else None
    except Sealed:
        return  # its sends tell it
    except Refused as error:
        words = str(error)
        tools.database.run(lambda db: credits.cannot_be_asked(db, account, words, now))
    except (Busy, NoAnswer) as error:
        log.warning("account %s: credit not told: %s", account.id, error)
    else:
        if found is not None:
            tools.database.run(lambda db: credits.note(db, account, found, now))


def _takes_turn(tools: Tools, shop: ShopRow, db: Connection) -> bool:
    turn = int(tools.now().timestamp() // EVERY.total_seconds())
    return nonces.take(db, shop.id, f"credit.{turn}", tools.now())
