"""Words for stories about shares that are learned: many people of arms, and texts that left."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from recovery import splits, tables
from recovery.database import Database
from recovery.model import Channel
from recovery.programme_form import Delay, Programme, Step, Variant
from recovery.shops import ShopRow
from recovery.split_rows import Split
from tests.conftest import SetClock
from tests.recovery.channel_stories import HOUR, text_else_mail


def a_variant(name: str, weight: int, hours: int) -> Variant:
    """The first step comes so many hours after the start."""
    step = Step(number=1, channel=Channel.SMS, delay=Delay(below=hours * HOUR))
    return Variant(name, weight, (step,))


def adaptive(early: int = 40, late: int = 40, **more: Any) -> Programme:
    """Two variants that learn their shares, and a control."""
    variants = (a_variant("early", early, 2), a_variant("late", late, 5))
    return text_else_mail(1, **({"variants": variants, "adaptive": True} | more))


def people(
    database: Database,
    shop: ShopRow,
    arm: str,
    at: datetime,
    many: int,
    orders: int,
    version: int,
    split_id: int | None = None,
) -> None:
    """So many people of an arm, of whom the first ones ordered for 40.00 a day later."""
    marks = [f"{arm}-{version}-{split_id}-{each}@example.com" for each in range(many)]
    of = {"shop_id": shop.id, "programme": "cart", "kind": "email", "arm": arm, "at": at}
    of |= {"version_id": version, "split_id": split_id, "cart_id": 1, "in_conflict": False}
    later = at + timedelta(days=1)
    bought = {"shop_id": shop.id, "currency": "EUR", "total": Decimal(40), "refunded": Decimal(0)}
    bought |= {"origin": "checkout", "discount_codes": "[]", "lines": "[]", "raw": "{}"}
    bought |= {"paid": True, "placed_at": later, "changed_at": later, "recorded_at": later}
    with database.transaction() as db:
        db.execute(tables.arms.insert(), [of | {"mark": each} for each in marks])
        if orders:
            some = [bought | {"key": each, "email": each} for each in marks[:orders]]
            db.execute(tables.orders.insert(), some)


def texts_left(database: Database, shop: ShopRow, at: datetime, many: int) -> None:
    """So many reminders of the programme left."""
    row = {"shop_id": shop.id, "programme": "cart", "step": 1, "channel": "sms", "state": "sent"}
    row |= {"subject": "", "late": False, "attempts": 1}
    row |= dict.fromkeys(("due_at", "latest_at", "sent_at", "created_at"), at)
    with database.transaction() as db:
        db.execute(tables.reminders.insert(), [row] * many)


def learned(database: Database, clock: SetClock) -> Split | None:
    """What the clock and a worker do for the one programme that is due; its new shares."""
    ((programme),) = database.run(lambda db: splits.hand_out(db, clock()))
    with database.reading() as db:
        of = splits.claimed(db, programme)
        assert of is not None
        found = splits.worked_out(db, of, clock())
    assert database.run(lambda db: splits.keep(db, of, found, clock()))
    return found
