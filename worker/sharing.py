"""The shares of an adaptive programme: read without keeping a writer waiting, then kept."""

from __future__ import annotations

from recovery import splits
from worker.tools import Tools


def share_out(tools: Tools, programme_id: int) -> None:
    """Work the shares of this programme out anew and let them stand from now on."""
    now = tools.now()
    with tools.database.reading() as db:
        of = splits.claimed(db, programme_id)
        found = None if of is None else splits.worked_out(db, of, now)
    if of is not None:
        tools.database.run(lambda db: splits.keep(db, of, found, now))
