"""The double opt-in: a number that was typed in is asked once, by a text, to say yes.

It is asked where the merchant wants it, or the country of the number does. Until it says
yes, nothing else goes to a request, and a yes ticked in our box is none yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, or_, select

from recovery import answer_plans, asks, notices, tables, timing
from recovery.contacts import region_of
from recovery.shops import ShopRow
from recovery.states import ReminderState

_REQUESTS = tables.requests
_REMINDERS = tables.reminders
#: Where a typed number counts for little without a reply, and why. To add a country, add a row.
#: What they decided, and what they did not, is told in docs/decisions/0012.
ASKS_TWICE: dict[str, str] = {
    "DE": "Germany: the sender must prove that the owner of the number agreed; a mail that "
    "confirms an address proves nothing of a number (BGH, 10.2.2011, I ZR 164/09, on UWG § 7)",
    "AT": "Austria: no double opt-in was a want of care for the data, in a case about e-mail "
    "(DSB, 9.10.2019, DSB-D130.073/0008-DSB/2019, on GDPR art. 32)",
}
#: Consents ticked in a box of ours in the shop: anybody can type anybody's number there.
BOXES = frozenset({"box", "embed"})
CONFIRMED = "box, confirmed by reply"  # the source of the consent that a reply makes of them
#: One text that asks to confirm, for a number at a shop, in so long a time.
ONCE_IN = timedelta(days=90)
_NO_REPLIES = (
    "Shoppers left numbers that must be confirmed by a reply, but the sender of this shop's texts "
    "cannot receive any: they are not asked, and get no text. See no_replies in "
    "docs/when-things-break.md."
)


def is_wanted(double_opt_in: bool, phone: str | None, country: str | None) -> bool:
    """Whether this number must confirm; `double_opt_in` is the shop's own setting."""
    return double_opt_in or (region_of(phone) or country) in ASKS_TWICE


def is_unconfirmed_box(cart: Any, source: str) -> bool:
    """Whether a consent of that source waits for a reply; `cart` has the shop's setting."""
    return source in BOXES and is_wanted(cart.double_opt_in, cart.phone, cart.country)


def setting_of(db: Connection, shop_id: int) -> bool:
    """Whether the shop wants every number to confirm."""
    found = select(tables.shops.c.double_opt_in).where(tables.shops.c.id == shop_id)
    return bool(db.execute(found).scalar_one())


def may_begin(
    db: Connection, shop: ShopRow, request: Any, now: datetime, happened_at: datetime | None = None
) -> bool:
    """Whether this request may be answered; if not yet, its number is asked to confirm.

    A number confirmed for another request lately is confirmed for this one, too.
    """
    if request.confirmed_at is not None:
        return True
    if not is_wanted(setting_of(db, shop.id), request.phone, request.country):
        return True
    before = asks.confirmed(db, shop.id, request.phone, now - asks.BELIEVED)
    if before is not None:
        asks.confirm(db, [request.id], before)
        return True
    if not _is_asked(db, shop.id, request.phone, now):
        rule = timing.ASKED[asks.OPT_IN]
        at = happened_at or request.said_at
        subject = asking(request)
        answer_plans.plan(db, shop, request, asks.OPT_IN, subject, rule, at, now, again=True)
    return False


def asking(request: Any) -> str:
    """The subject of what is said once for each time that somebody asks."""
    return f"asked:{request.asked_at:%Y%m%dT%H%M%S.%f}"


def unconfirmed(db: Connection, rows: Sequence[Any]) -> set[tuple[int, str]]:
    """Of the (shop, number) of these rows, those for which a request waits to be confirmed."""
    if not rows:
        return set()
    found = db.execute(
        select(_REQUESTS.c.shop_id, _REQUESTS.c.phone).where(
            _REQUESTS.c.phone.in_([row.phone for row in rows]),
            _REQUESTS.c.shop_id.in_({row.shop_id for row in rows}),
            _REQUESTS.c.ended_at.is_(None),
            _REQUESTS.c.confirmed_at.is_(None),
        )
    )
    return {(row.shop_id, row.phone) for row in found}


def shop_that_asked(
    db: Connection, account_id: int, number: str, senders: Sequence[str]
) -> int | None:
    """The shop that asked this number last, by that account from one of these senders, and
    waits for its yes."""
    row = db.execute(
        select(_REMINDERS.c.shop_id)
        .join(
            _REQUESTS,
            (_REQUESTS.c.phone == _REMINDERS.c.recipient)
            & (_REQUESTS.c.shop_id == _REMINDERS.c.shop_id),
        )
        .where(
            _REMINDERS.c.recipient == number,
            _REMINDERS.c.sender.in_(senders),
            _REMINDERS.c.account_id == account_id,
            _REMINDERS.c.sent_at.is_not(None),
            _REMINDERS.c.programme == asks.OPT_IN,
            _REQUESTS.c.ended_at.is_(None),
            _REQUESTS.c.confirmed_at.is_(None),
        )
        .order_by(_REMINDERS.c.sent_at.desc())
        .limit(1)
    ).first()
    return None if row is None else int(row.shop_id)


def tell_of_no_replies(db: Connection, shop_id: int, now: datetime) -> None:
    """A question was skipped, because nobody would hear the answer: the merchant must know."""
    notices.tell(db, _no_replies(shop_id), _NO_REPLIES, now, shop_id)


def is_heard_again(db: Connection, shop_id: int, now: datetime) -> None:
    """A question leaves: by now the sender can receive replies."""
    notices.settle(db, _no_replies(shop_id), now)


def _no_replies(shop_id: int) -> str:
    return f"shop.{shop_id}.no_replies"


def _is_asked(db: Connection, shop_id: int, phone: str, now: datetime) -> bool:
    """Whether this number was asked lately; what it stopped and took back counts no more."""
    stops = tables.suppressions
    row = db.execute(
        select(_REMINDERS.c.id)
        .join(_REQUESTS, _REQUESTS.c.id == _REMINDERS.c.request_id)
        .outerjoin(
            stops,
            (stops.c.shop_id == _REQUESTS.c.shop_id)
            & (stops.c.channel == _REMINDERS.c.channel)
            & (stops.c.address == _REQUESTS.c.phone),
        )
        .where(
            _REQUESTS.c.phone == phone,
            _REQUESTS.c.shop_id == shop_id,
            _REMINDERS.c.programme == asks.OPT_IN,
            _REMINDERS.c.state != ReminderState.SKIPPED,
            _REMINDERS.c.created_at > now - ONCE_IN,
            or_(stops.c.lifted_at.is_(None), stops.c.lifted_at < _REMINDERS.c.created_at),
        )
        .limit(1)
    ).first()
    return row is not None
