"""Figures counted beforehand: in groups, each read by itself, so that no writer waits."""

from __future__ import annotations

import logging
import time
from typing import Any

import msgspec

from recovery import counting, prepared
from recovery.periods import NoPeriod
from recovery.prepared import Prepared
from worker.tools import Tools

log = logging.getLogger(__name__)

#: Seconds of one job: then it is written down how far it came, and another goes on.
AT_ONCE = 15.0


def count(tools: Tools, figures_id: int, seconds: float = AT_ONCE) -> None:
    """Count these figures on, for about so long; what is done is kept."""
    with tools.database.reading() as db:
        of = prepared.claimed(db, figures_id)
    if of is None:
        return
    try:
        _go_on(tools, of, _begun(tools, of), time.monotonic() + seconds)
    except (LookupError, NoPeriod):  # the shop is gone, or the period was none
        tools.database.run(lambda db: prepared.drop(db, figures_id))


def _begun(tools: Tools, of: Prepared) -> Any:
    with tools.database.reading() as db:
        try:
            return counting.under_way(db, of, tools.now())
        except msgspec.DecodeError:
            log.info("figures %s: another release began to count, begun anew", of.id)
            fresh = Prepared(of.id, of.shop_id, of.what, of.period, of.asked_at, *(None,) * 4)
            return counting.under_way(db, fresh, tools.now())


def _go_on(tools: Tools, of: Prepared, under_way: Any, until: float) -> None:
    while not under_way.is_done and time.monotonic() < until:
        with tools.database.reading() as db:
            counting.go_on(db, of, under_way)
    if not under_way.is_done:
        partial = counting.written(under_way)
        tools.database.run(lambda db: prepared.keep_partial(db, of.id, partial))
        return
    begun_at, now = under_way.begun_at, tools.now()
    with tools.database.reading() as db:
        told = counting.finished(db, of, under_way, now)
    tools.database.run(lambda db: prepared.keep(db, of, told, begun_at, now))
