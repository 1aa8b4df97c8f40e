"""A member stops the reminders of one cart, and may take it back.

What is scheduled is skipped with that reason, and whatever is planned later meets it, too.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, update

from recovery import changes, states, tables
from recovery.members import Member
from recovery.reasons import Reason, written
from recovery.settling import skip

_CARTS, _REMINDERS = tables.carts, tables.reminders


def silence(db: Connection, member: Member, cart_id: int, now: datetime) -> bool:
    """Let no reminder of that cart leave from now on; False: none would, or no such cart."""
    mine = (_CARTS.c.id == cart_id, _CARTS.c.shop_id == member.shop_id)
    stop = update(_CARTS).where(*mine, _CARTS.c.silenced_at.is_(None))
    if not db.execute(stop.values(silenced_at=now).returning(_CARTS.c.id)).all():
        return False
    skip(db, _ids(db, cart_id, states.ReminderState.SCHEDULED), [Reason.SILENCED], now)
    _keep(db, member, cart_id, True, now)
    return True


def speak_again(db: Connection, member: Member, cart_id: int, now: datetime) -> bool:
    """Take it back: what was skipped for it alone, and is still in time, may leave again."""
    mine = (_CARTS.c.id == cart_id, _CARTS.c.shop_id == member.shop_id)
    again = update(_CARTS).where(*mine, _CARTS.c.silenced_at.is_not(None))
    if not db.execute(again.values(silenced_at=None).returning(_CARTS.c.id)).all():
        return False
    for_this = _REMINDERS.c.reasons == written([Reason.SILENCED])
    in_time = (for_this & (_REMINDERS.c.latest_at > now)) & (_CARTS.c.state == "abandoned")
    asked = select(_REMINDERS.c.id).join(_CARTS, _CARTS.c.id == _REMINDERS.c.cart_id)
    ids = list(db.scalars(asked.where(_REMINDERS.c.cart_id == cart_id, in_time)))
    also = {"reasons": None, "settled_at": None, "handed_out_at": None, "claimed_at": None}
    states.move_all(db, _REMINDERS, ids, "plan_anew", also)
    _keep(db, member, cart_id, False, now)
    return True


def _ids(db: Connection, cart_id: int, state: str) -> list[int]:
    mine = (_REMINDERS.c.cart_id == cart_id, _REMINDERS.c.state == state)
    return list(db.scalars(select(_REMINDERS.c.id).where(*mine)))


def _keep(db: Connection, member: Member, cart_id: int, silent: bool, now: datetime) -> None:
    before, after = {"silenced": not silent}, {"silenced": silent}
    who = {"member_id": member.id}
    changes.keep(db, member.shop_id, f"cart:{cart_id}", before, after, now, **who)
