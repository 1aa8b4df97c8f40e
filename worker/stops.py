"""Stops, and yeses given to us alone, are written back to the platform, where it takes them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from connectors.protocols import AccountStopped, Busy, NoAnswer, Refused, Unreadable
from recovery import write_back as untold
from recovery.model import Channel
from recovery.shops import ShopRow
from recovery.write_back import Untold
from worker.tools import Tools

log = logging.getLogger(__name__)

Tell = Callable[[Untold], None]


@runtime_checkable
class WritesConsents(Protocol):
    """A shop that keeps its customers' consents and can be told of a yes or a no. Optional."""

    def write_consent(
        self, customer_key: str, channel: Channel, granted: bool, at: datetime
    ) -> None:
        """Tell it of one, said at `at`. Raises `Refused`, `Busy`, `NoAnswer`."""


@runtime_checkable
class WritesStops(Protocol):
    """A shop that can be told of a stop of texts, and of nothing else."""

    def write_back_stop(self, customer_key: str, now: datetime) -> None:
        """Tell it. Raises like `WritesConsents`."""


def write_back(tools: Tools, shop: ShopRow, line: Any) -> None:
    """Tell the shop's platform of each stop and yes it does not know yet.

    Part of every poll, whose lease it shares; what fails is tried at the next. Telling twice
    changes nothing there. Each is told with the time at which the person said it.
    """
    if not isinstance(line, WritesConsents | WritesStops):
        return
    with tools.database.reading() as db:
        stops = untold.stops_to_write_back(db, shop.id)
        yeses = untold.consents_to_write_back(db, shop.id, tools.now())
    if isinstance(line, WritesConsents):
        _tell_each(tools, shop, [*stops, *yeses], lambda each: _write(line, each))
    else:
        texts = [each for each in stops if each.channel is Channel.SMS]
        _tell_each(tools, shop, texts, lambda each: _write_stop(line, each, tools.now()))


def _write(line: WritesConsents, each: Untold) -> None:
    line.write_consent(each.customer_key, each.channel, each.granted, each.at)


def _write_stop(line: WritesStops, each: Untold, now: datetime) -> None:
    line.write_back_stop(each.customer_key, now)


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
