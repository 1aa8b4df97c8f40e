"""Texts that a merchant sends to a telephone of their own, to see what shoppers will get.

They are no reminders: no figure counts them. Of the number only a mark is kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import Connection, func, select, update

from recovery import consent, stop_marks, tables
from recovery.accounts import AccountRow
from recovery.model import Channel, Receipt
from recovery.shops import ShopRow

_TRIED = tables.tried_texts
MOST_OF_SHOP, SHOP_WINDOW = 5, timedelta(hours=1)
MOST_OF_NUMBER, NUMBER_WINDOW = 3, timedelta(days=1)
_REFERENCE = re.compile(r"tried-(\d{1,18})", re.ASCII)


class Outcome(StrEnum):
    """How far a text is."""

    LEAVING = "leaving"
    SENT = "sent"
    DELIVERED = "delivered"
    REFUSED = "refused"
    NOT_SENT = "not_sent"  # nothing happened over there
    UNKNOWN = "unknown"  # the line broke after it was written


_OPEN = (Outcome.LEAVING, Outcome.SENT, Outcome.UNKNOWN)
_OF_RECEIPT = {
    "sent": Outcome.SENT,
    "delivered": Outcome.DELIVERED,
    "undelivered": Outcome.REFUSED,
}


class Not(StrEnum):
    """Why no text may be tried now."""

    STOPPED = "stopped"
    SHOP_OFTEN = "shop_often"
    NUMBER_OFTEN = "number_often"


@dataclass(frozen=True, slots=True)
class Tried:
    """A row of `tried_texts`, read."""

    id: int
    at: datetime
    language: str
    outcome: str
    refusal: str | None
    price: Decimal | None
    price_currency: str | None
    told_at: datetime | None


_COLUMNS = [_TRIED.c[name] for name in Tried.__slots__]


def begin(
    db: Connection,
    shop: ShopRow,
    account: AccountRow,
    number: str,
    language: str,
    now: datetime,
    member_id: int | None = None,
) -> int | Not:
    """Take one of the few that are allowed: its row id, or why not. `number` is E.164."""
    # The shop's row is locked, so that two at once do not both take the last one.
    locked = select(tables.shops.c.id).where(tables.shops.c.id == shop.id).with_for_update()
    db.execute(locked)
    if consent.suppressed(db, {(shop.id, Channel.SMS.value, number)}):
        return Not.STOPPED
    mark = stop_marks.mark_of(shop.draw_key, "tried", number)
    if _count(db, shop.id, now - SHOP_WINDOW) >= MOST_OF_SHOP:
        return Not.SHOP_OFTEN
    if _count(db, shop.id, now - NUMBER_WINDOW, mark) >= MOST_OF_NUMBER:
        return Not.NUMBER_OFTEN
    row: dict[str, object] = {
        "shop_id": shop.id,
        "account_id": account.id,
        "member_id": member_id,
        "at": now,
    }
    row |= {"mark": mark, "language": language, "outcome": Outcome.LEAVING.value}
    return int(db.execute(_TRIED.insert().values(**row).returning(_TRIED.c.id)).scalar_one())


def reference(tried_id: int) -> str:
    """How the text names itself to the provider; no reminder is called so."""
    return f"tried-{tried_id}"


def settle(
    db: Connection,
    tried_id: int,
    outcome: Outcome,
    now: datetime,
    *,
    provider_id: str | None = None,
    refusal: str | None = None,
) -> None:
    """Note what came of handing it over; a receipt that was faster stays."""
    values = {"provider_id": provider_id[:80] if provider_id else None}
    db.execute(update(_TRIED).where(_TRIED.c.id == tried_id).values(**values))
    told = {"outcome": outcome.value, "refusal": refusal}
    mine = (_TRIED.c.id == tried_id, _TRIED.c.outcome == Outcome.LEAVING.value)
    db.execute(update(_TRIED).where(*mine).values(**told))


def record_receipt(db: Connection, account: AccountRow, receipt: Receipt, now: datetime) -> bool:
    """Note what a provider told of a tried text; False: it speaks of none of them."""
    named = _REFERENCE.fullmatch(receipt.reference or "")
    if named is None:
        return False
    mine = (_TRIED.c.id == int(named[1]), _TRIED.c.account_id == account.id)
    told: dict[str, object] = {"told_at": now, "provider_id": receipt.provider_id[:80]}
    if receipt.price is not None:
        told |= {"price": receipt.price.amount, "price_currency": receipt.price.currency}
    found = db.execute(update(_TRIED).where(*mine).values(**told).returning(_TRIED.c.id)).first()
    outcome = {"outcome": _OF_RECEIPT[receipt.state].value, "refusal": receipt.reason}
    still_open = _TRIED.c.outcome.in_([each.value for each in _OPEN])
    db.execute(update(_TRIED).where(*mine, still_open).values(**outcome))
    return found is not None


def latest(db: Connection, shop_id: int) -> Tried | None:
    """The newest one of a shop."""
    asked = select(*_COLUMNS).where(_TRIED.c.shop_id == shop_id)
    row = db.execute(asked.order_by(_TRIED.c.at.desc(), _TRIED.c.id.desc()).limit(1)).first()
    return None if row is None else Tried(**row._mapping)


def is_told(db: Connection, shop_id: int) -> bool:
    """Whether a receipt came for one of them: then the provider finds our address."""
    told = select(_TRIED.c.id).where(_TRIED.c.shop_id == shop_id, _TRIED.c.told_at.is_not(None))
    return db.execute(told.limit(1)).first() is not None


def _count(db: Connection, shop_id: int, since: datetime, mark: str | None = None) -> int:
    asked = select(func.count()).where(_TRIED.c.shop_id == shop_id, _TRIED.c.at > since)
    if mark is not None:
        asked = asked.where(_TRIED.c.mark == mark)
    return int(db.execute(asked).scalar_one())
