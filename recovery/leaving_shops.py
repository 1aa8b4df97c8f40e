"""A shop that left: its people and its merchant are forgotten, what was counted stays.

Shopify asks for it 48 hours after an uninstall; whoever leaves by our own page is given as long
(`shops.erase_at`). A shop that came back meanwhile is active again, and must not be erased by
the request of its former life.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from recovery import privacy, privacy_receipts, shops, states, tables, traces
from recovery.reasons import Reason, written
from recovery.shops import ShopRow

GRACE = timedelta(hours=48)
_EARLY = timedelta(hours=1)  # that a platform may ask before the grace is over, by our clock
_AT_ONCE = 200
_SHOPS = tables.shops
_BY_ADDRESS = (tables.consents, tables.caps, tables.replies)


def leave(db: Connection, shop: ShopRow, now: datetime) -> None:
    """Nothing leaves for that shop from now on; after `GRACE` it is erased."""
    gone = {"state": "uninstalled", "uninstalled_at": now, "credentials": ""}
    mine = update(_SHOPS).where(_SHOPS.c.id == shop.id)
    db.execute(mine.values(**gone, erase_at=now + GRACE))


def sweep(db: Connection, now: datetime) -> None:
    """Erase one shop whose time is over, if there is one."""
    over = (_SHOPS.c.erase_at <= now, _SHOPS.c.state == "uninstalled")
    found = db.execute(select(_SHOPS.c.id).where(*over).limit(1)).scalar()
    shop = None if found is None else shops.by_id(db, found)
    if shop is not None:
        receipt = privacy_receipts.ask(db, shop.id, "erase_shop", "clock", now)
        erase(db, shop, now)
        privacy_receipts.done(db, receipt, now)


def asked_to_erase(db: Connection, shop: ShopRow, now: datetime) -> bool:
    """Erase as the platform asks. False: not now.

    It asks `GRACE` after an uninstall. A shop that came back is left alone; one that came back
    and left again has its own grace, and is erased by the clock when that is over.
    """
    left = db.execute(select(_SHOPS.c.uninstalled_at).where(_SHOPS.c.id == shop.id)).scalar()
    if left is None or now - left >= GRACE - _EARLY:
        as_it_is = shops.by_id(db, shop.id)  # `shop` may be some seconds old
        return as_it_is is not None and erase(db, as_it_is, now)
    mine = (_SHOPS.c.id == shop.id, _SHOPS.c.state == "uninstalled")
    db.execute(update(_SHOPS).where(*mine).values(erase_at=left + GRACE))
    return False


def erase(db: Connection, shop: ShopRow, now: datetime) -> bool:
    """Forget everybody of that shop, and who looked after it. False: it came back meanwhile."""
    # It may come back at this very moment: whoever is first here, the other one waits for.
    state = select(_SHOPS.c.state).where(_SHOPS.c.id == shop.id).with_for_update()
    if db.execute(state).scalar() in (None, "active"):
        return False
    reminders, parcels = tables.reminders, tables.parcels
    _call_off(db, shop.id, now)
    privacy.erase_requests(db, (tables.requests.c.shop_id == shop.id,), now)
    for table, values in privacy.NAMELESS.items():
        db.execute(update(table).where(table.c.shop_id == shop.id).values(**values))
    nobody = update(reminders).where(reminders.c.shop_id == shop.id)
    db.execute(nobody.values(**privacy.OF_A_REMINDER))
    db.execute(update(parcels).where(parcels.c.shop_id == shop.id).values(tracking_address=None))
    traces.forget_shop(db, shop.id)
    for table in (
        tables.shoppers,
        *_BY_ADDRESS,
        tables.unread,
        tables.past_orders,
        tables.tried_texts,
    ):
        db.execute(delete(table).where(table.c.shop_id == shop.id))
    _forget_merchant(db, shop.id, now)
    return True


def _call_off(db: Connection, shop_id: int, now: datetime) -> None:
    """Skip all that is scheduled there, so many at once that a statement can name them."""
    reminders = tables.reminders
    still = reminders.c.state == states.ReminderState.SCHEDULED
    mine = select(reminders.c.id).where(reminders.c.shop_id == shop_id, still)
    also = {"reasons": written([Reason.SHOP_GONE]), "settled_at": now}
    while ids := list(db.scalars(mine.limit(_AT_ONCE))):
        states.move_all(db, reminders, ids, "skip", also, only_if=still)


def _forget_merchant(db: Connection, shop_id: int, now: datetime) -> None:
    members, changes = tables.members, tables.changes
    for each in db.scalars(select(members.c.id).where(members.c.shop_id == shop_id)).all():
        nameless = {"subject": f"erased {each}", "name": "", "removed_at": now}
        db.execute(update(members).where(members.c.id == each).values(**nameless))
    told = update(changes).where(changes.c.shop_id == shop_id)
    db.execute(told.values(before="{}", after="{}"))
    for table in (tables.marks, tables.prepared_figures, tables.history_imports):
        db.execute(delete(table).where(table.c.shop_id == shop_id))
    gone = {"state": "erased", "erase_at": None}
    gone |= dict.fromkeys(("credentials", "name", "postal_address", "sender_name"), "")
    nothing = dict.fromkeys(("merchant_email", "logo"))
    db.execute(update(_SHOPS).where(_SHOPS.c.id == shop_id).values(**gone, **nothing))
