"""A copy of a shop (a staging site) sends us its news: what the merchant is told.

The notice ends by itself a week after the last of them: `settle_quiet`.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, or_, select, update

from recovery import notices, tables

_NOTICES = tables.notices
_SHOPS = tables.shops
QUIET = timedelta(days=7)
_AGAIN = timedelta(hours=1)  # between two times at which the last one is written down
#: A copy may import thousands of orders; the shop is asked for its own no oftener than so.
_LOOK_AGAIN = timedelta(minutes=1)
_WORDS = (
    "Orders and products are sent to us from {theirs}, which is not the address by which this "
    "shop is connected ({ours}). They are not taken in: most often that is a copy of the shop. "
    "In the copy, delete the webhooks named Relance. If it is the shop itself, by another of "
    "its names, set other_addresses; until then its orders come by our polls. See “A copy of a "
    "shop” in docs/when-things-break.md."
)


def note(db: Connection, shop_id: int, ours: str, theirs: str, now: datetime) -> None:
    """News of a copy came: tell the merchant once, and have the shop itself asked soon.

    What was sent may be the shop's own after all, under another of its names. Then the poll
    finds it, and nothing is lost by refusing.
    """
    subject = f"shop.{shop_id}.copy"
    notices.tell(db, subject, _WORDS.format(ours=ours, theirs=theirs), now, shop_id)
    old = (_NOTICES.c.subject == subject, _NOTICES.c.at < now - _AGAIN)
    db.execute(update(_NOTICES).where(*old).values(at=now))
    calm = (_SHOPS.c.id == shop_id, _SHOPS.c.poll_failures == 0, _SHOPS.c.next_poll_at > now)
    rested = or_(_SHOPS.c.last_poll_at.is_(None), _SHOPS.c.last_poll_at < now - _LOOK_AGAIN)
    db.execute(update(_SHOPS).where(*calm, rested).values(next_poll_at=now))


def settle_quiet(db: Connection, now: datetime) -> None:
    """End the notices of copies that sent nothing for a week."""
    ids = select(_SHOPS.c.id).where(_SHOPS.c.platform == "woocommerce")
    subjects = [f"shop.{row.id}.copy" for row in db.execute(ids)]
    quiet = (_NOTICES.c.over_at.is_(None), _NOTICES.c.at < now - QUIET)
    db.execute(update(_NOTICES).where(_NOTICES.c.subject.in_(subjects), *quiet).values(over_at=now))
