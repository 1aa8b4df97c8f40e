"""Notices on their way to the merchant's e-mail: each trouble is told once, and no storm is sent.

`alerts.try_at` and `error` are used as `recovery.forwarding` uses those of `forwards`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, or_, select, update

from recovery import accounts, shops, tables
from recovery.accounts import AccountRow
from recovery.alert_words import body_of, html_of, subject_of
from recovery.model import Channel, Email
from recovery.shops import ShopRow
from recovery.upserts import insert_new

#: A trouble that ends by itself within this is not told.
CALM = timedelta(minutes=5)
#: The same trouble is told again at the earliest after this, and of all of them so many a day.
ONCE_IN = timedelta(hours=24)
MOST_A_DAY = 10
PATIENCE = timedelta(minutes=15)
LIFE = timedelta(days=3)
ON_THE_WIRE = "on its way"
UNKNOWN = "It is not known whether the e-mail arrived; it is not sent a second time."
_ALERTS, _NOTICES, _SHOPS = tables.alerts, tables.notices, tables.shops


@dataclass(frozen=True, slots=True)
class Alert:
    """One e-mail, claimed: the account that sends it, and what it says."""

    id: int
    shop_id: int
    account: AccountRow
    email: Email


def collect(db: Connection, now: datetime) -> int:
    """Put what was told on its way to those whom it concerns; how many e-mails."""
    new = 0
    for notice in db.execute(_standing(now)).all():
        for shop_id in _concerned(db, notice):
            if _may_be_told(db, shop_id, notice.subject, now):
                row = {"shop_id": shop_id, "subject": notice.subject, "at": notice.at}
                insert_new(db, _ALERTS, [row | {"try_at": now, "attempts": 0}])
                new += 1
    return new


def is_one_due(db: Connection, now: datetime) -> bool:
    """Whether `hand_out` would find anything; a read."""
    return (
        db.execute(select(_ALERTS.c.id).where(_ALERTS.c.try_at <= now).limit(1)).first() is not None
    )


def hand_out(db: Connection, now: datetime, most: int = 50) -> list[int]:
    """Those to be sent now, each for one worker; what died on the wire is given up here."""
    due = _ALERTS.c.try_at <= now
    dead = update(_ALERTS).where(due, _ALERTS.c.error == ON_THE_WIRE)
    db.execute(dead.values(try_at=None, error=UNKNOWN))
    ids = list(db.scalars(select(_ALERTS.c.id).where(due).order_by(_ALERTS.c.try_at).limit(most)))
    taken = update(_ALERTS).where(_ALERTS.c.id.in_(ids), due).values(try_at=now + PATIENCE)
    return sorted(row.id for row in db.execute(taken.returning(_ALERTS.c.id)))


def claim(db: Connection, alert_id: int, now: datetime) -> Alert | None:
    """Take it for one try; None when it is over, too old, or there is nobody to tell it to."""
    idle = or_(_ALERTS.c.error.is_(None), _ALERTS.c.error != ON_THE_WIRE)
    mine = (_ALERTS.c.id == alert_id, _ALERTS.c.try_at.is_not(None), idle)
    taken = {"error": ON_THE_WIRE, "try_at": now + PATIENCE, "attempts": _ALERTS.c.attempts + 1}
    row = db.execute(update(_ALERTS).where(*mine).values(**taken).returning(_ALERTS)).first()
    if row is None:
        return None
    notice = db.execute(_open_notice(row)).first()
    shop = shops.by_id(db, row.shop_id)
    if notice is None or shop is None or not shop.is_active or row.at + LIFE <= now:
        _set(db, alert_id, try_at=None, error="It is over.")
        return None
    account = _account(db, shop)
    if account is None or not account.may_send(now):
        later(db, alert_id, now + PATIENCE, "No account sends e-mails now.")
        return None
    return Alert(alert_id, shop.id, account, _email(shop, account, notice, alert_id, now))


def sent(db: Connection, alert: Alert, now: datetime) -> None:
    """The mail server took it."""
    _set(db, alert.id, sent_at=now, try_at=None, error=None)
    accounts.works_again(db, alert.account.id, now)


def later(db: Connection, alert_id: int, at: datetime, error: str) -> None:
    """Nothing happened: another try at `at`."""
    _set(db, alert_id, try_at=at, error=error)


def refused(db: Connection, alert: Alert, error: str, now: datetime) -> None:
    """The mail server said no for good."""
    _set(db, alert.id, try_at=None, error=error)


def lost_track(db: Connection, alert: Alert, now: datetime) -> None:
    """It may have arrived: it is never sent again."""
    _set(db, alert.id, try_at=None, error=UNKNOWN)


def _standing(now: datetime) -> Any:
    """Notices that stand for a while, and not for so long that nobody wants to hear of them."""
    calm = (_NOTICES.c.over_at.is_(None), _NOTICES.c.at <= now - CALM, _NOTICES.c.at > now - LIFE)
    return select(_NOTICES).where(*calm)


def _concerned(db: Connection, notice: Any) -> list[int]:
    """The active shops with an address to tell it to, that no alert of theirs tells yet."""
    told = select(_ALERTS.c.id).where(
        _ALERTS.c.shop_id == _SHOPS.c.id,
        _ALERTS.c.subject == notice.subject,
        _ALERTS.c.at == notice.at,
    )
    asked = select(_SHOPS.c.id).where(
        _SHOPS.c.state == "active", _SHOPS.c.merchant_email.is_not(None), ~told.exists()
    )
    if notice.shop_id is not None:
        asked = asked.where(_SHOPS.c.id == notice.shop_id)
    elif notice.subject.startswith("account."):
        account_id = int(notice.subject.split(".")[1])
        by = (_SHOPS.c.account_id == account_id, _SHOPS.c.email_account_id == account_id)
        asked = asked.where(or_(*by))
    return list(db.scalars(asked.order_by(_SHOPS.c.id)))


def _may_be_told(db: Connection, shop_id: int, subject: str, now: datetime) -> bool:
    lately = (_ALERTS.c.shop_id == shop_id, _ALERTS.c.at > now - ONCE_IN - LIFE)
    since = func.coalesce(_ALERTS.c.sent_at, _ALERTS.c.try_at) > now - ONCE_IN
    rows = db.scalars(select(_ALERTS.c.subject).where(*lately, since)).all()
    return subject not in rows and len(rows) < MOST_A_DAY


def _open_notice(alert: Any) -> Any:
    same = (_NOTICES.c.subject == alert.subject, _NOTICES.c.at == alert.at)
    return select(_NOTICES).where(*same, _NOTICES.c.over_at.is_(None))


def _account(db: Connection, shop: ShopRow) -> AccountRow | None:
    if not shop.merchant_email or shop.email_account_id is None:
        return None
    return accounts.by_id(db, shop.email_account_id)


def _email(shop: ShopRow, account: AccountRow, notice: Any, number: int, now: datetime) -> Email:
    text = body_of(notice.subject, notice.words, shop.name or shop.address, shop.locale)
    return Email(
        reference=f"alert-{number}",
        channel=Channel.EMAIL,
        sender=account.mail_from or account.sender,
        recipient=shop.merchant_email or "",
        text=text,
        html=html_of(text),
        subject=subject_of(notice.subject, shop.name or shop.address, shop.locale),
        sender_name="Relance",
        written_at=now,
    )


def _set(db: Connection, alert_id: int, **values: Any) -> None:
    db.execute(update(_ALERTS).where(_ALERTS.c.id == alert_id).values(**values))
