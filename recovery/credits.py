"""Whether a sender account's credit lasts: told while there is still time to top it up."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection, func, select

from recovery import notices, tables
from recovery.accounts import AccountRow
from recovery.model import Credit

WEEK = timedelta(days=7)
#: Days that the credit is to last at the pace of the last week: a weekend, and a day to act.
ENOUGH_DAYS = 3
#: Less than this is little even for who sends nothing yet, in the account's own currency.
LEAST = Decimal(2)
_REMINDERS, _SHOPS = tables.reminders, tables.shops
_WORDS = "{left} {currency} left; the last seven days cost {spent}."


def is_low(credit: Credit, spent: Decimal) -> bool:
    """Whether it does not last three days more; `spent` is what the last seven cost.

    An account that fills itself up is never low.
    """
    return not credit.reloads and credit.amount < max(LEAST, spent * ENOUGH_DAYS / WEEK.days)


def spent(db: Connection, account_id: int, currency: str, since: datetime) -> Decimal:
    """What the reminders that this account sent from then on cost, as its receipts told."""
    theirs = select(_SHOPS.c.id).where(_SHOPS.c.account_id == account_id)
    asked = select(func.sum(_REMINDERS.c.price)).where(
        _REMINDERS.c.shop_id.in_(theirs),
        _REMINDERS.c.sent_at > since,
        _REMINDERS.c.account_id == account_id,
        _REMINDERS.c.price_currency == currency,
    )
    return db.execute(asked).scalar() or Decimal(0)


def note(db: Connection, account: AccountRow, credit: Credit, now: datetime) -> None:
    """Tell those whom the account sends for that its credit ends soon, or end that notice."""
    subject = f"account.{account.id}.credit"
    week = spent(db, account.id, credit.currency, now - WEEK)
    notices.settle(db, f"account.{account.id}.key", now)
    if not is_low(credit, week):
        notices.settle(db, subject, now)
        return
    left = f"{credit.amount:.2f}"
    said = _WORDS.format(left=left, currency=credit.currency, spent=f"{week:.2f}")
    notices.tell(db, subject, said, now)


def cannot_be_asked(db: Connection, account: AccountRow, words: str, now: datetime) -> None:
    """The provider refused the question: its key is wrong."""
    notices.tell(db, f"account.{account.id}.key", words, now)
