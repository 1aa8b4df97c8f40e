"""Whether anything may leave for a shop: nothing before its merchant says "on", nor in a pause.

What falls due meanwhile is skipped for good, so that no stale message follows the "on".
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from recovery import changes

NEW = "new"  # connected, and never switched on
PAUSED = "paused"  # by the merchant
_SENDS = ""


def switch_on(db: Connection, shop_id: int, now: datetime, member_id: int | None = None) -> bool:
    """From now on its messages leave; False: they did already. Kept as a change."""
    return _set(db, shop_id, _SENDS, now, member_id)


def pause(db: Connection, shop_id: int, now: datetime, member_id: int | None = None) -> bool:
    """Nothing leaves until `switch_on`; False: nothing left before, either."""
    if changes.values_of(db, shop_id, ["held"])["held"]:
        return False
    return _set(db, shop_id, PAUSED, now, member_id)


def _set(db: Connection, shop_id: int, held: str, now: datetime, member_id: int | None) -> bool:
    return changes.set_of_shop(db, shop_id, {"held": held}, now, member_id=member_id) is not None
