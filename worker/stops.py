"""Stops, and yeses given to us alone, are written back to the platform, where it takes them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from connectors.protocols import (
    AccountStopped,
    Busy,
    NoAnswer,
    Refused,
    Unreadable,
    WritesConsents,
)
from recovery import write_back as untold
from recovery.shops import ShopRow
from recovery.write_back import Untold
from worker.tools import Tools

log = logging.getLogger(__name__)

Tell = Callable[[Untold], None]


def write_back(tools: Tools, shop: ShopRow, line: Any) -> None:
    """Tell the shop's platform of each stop and yes it does not know yet.

    Part of every poll, whose lease it shares; what fails is tried at the next. Telling twice
    changes nothing there. Each is told with the time at which the person said it.
    """
    if not isinstance(line, WritesConsents):
        return
    with tools.database.reading() as db:
        stops = untold.stops_to_write_back(db, shop.id)
        yeses = untold.consents_to_write_back(db, shop.id, tools.now())
    _tell_each(tools, shop, [*stops, *yeses], lambda each: _write(line, each))


def _write(line: WritesConsents, each: Untold) -> None:
    line.write_consent(each.customer_key, each.channel, each.granted, each.at)


def _tell_each(tools: Tools, shop: ShopRow, several: list[Untold], tell: Tell) -> None:
    for each in several:
        try:
            tell(each)
        except (Busy, NoAnswer, AccountStopped, Unreadable) as error:
            log.warning("shop %s: consent not written back: %s", shop.id, type(error).__name__)
            return
        except Refused as error:
            log.warning("shop %s: consent refused: %s", shop.id, error)
        _note(tools, shop.id, each)


def _note(tools: Tools, shop_id: int, each: Untold) -> None:
    now = tools.now()
    if each.granted:
        tools.database.run(lambda db: untold.wrote_consent(db, shop_id, each, now))
    else:
        at = (each.channel.value, each.address, each.at, now)
        tools.database.run(lambda db: untold.wrote_stop(db, shop_id, *at))
