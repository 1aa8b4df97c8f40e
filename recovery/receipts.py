"""What providers tell afterwards: receipts, and what shoppers reply."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, or_, select, update

from recovery import (
    asks,
    consent,
    conversations,
    fallbacks,
    offer_rows,
    opt_in,
    pauses,
    requests,
    reward_rows,
    rich_kinds,
    rich_texts,
    shops,
    states,
    step_offers,
    stopping,
    tables,
)
from recovery.accounts import AccountRow
from recovery.contacts import e164
from recovery.model import Channel, Receipt, Reply
from recovery.offer_facts import Decision
from recovery.shops import ShopRow
from recovery.stop_words import is_start, is_stop, is_yes
from recovery.upserts import insert_into

_REMINDERS = tables.reminders
_EVENTS = {"sent": "confirm", "delivered": "deliver", "undelivered": "bounce"}
_MAY_HAVE_LEFT = (states.ReminderState.SENDING, states.ReminderState.UNCONFIRMED)
_REFERENCE = re.compile(r"(\d{1,18})(?:-(mms|rcs))?", re.ASCII)  # `RichText.reference`
_LONGEST_ID = 80  # characters of a provider's id in the tables


def record_receipt(db: Connection, account: AccountRow, receipt: Receipt, now: datetime) -> bool:
    """Move the reminder that this receipt speaks of; True when it was one of ours.

    Late, twice and out of order change nothing for the worse: `delivered` is the end.
    """
    receipt = replace(receipt, provider_id=_storable_id(receipt.provider_id))
    row = _reminder_of(db, account, receipt)
    if row is None:
        return False
    if rich_texts.is_of_former(row, receipt):
        rich_texts.arrived_after_all(db, row, receipt, now)
    elif receipt.state == "undelivered" and _is_rich(row, receipt):
        rich_texts.came_to_nothing(db, row, receipt, now)
    else:
        _settle(db, row, receipt, now)
    if row.request_id is not None:
        asks.end_answered(db, [row.id], now)
    if receipt.price is not None:
        price = {"price": receipt.price.amount, "price_currency": receipt.price.currency}
        db.execute(update(_REMINDERS).where(_REMINDERS.c.id == row.id).values(**price))
    return True


def _settle(db: Connection, row: Any, receipt: Receipt, now: datetime) -> None:
    also: dict[str, Any] = {"settled_at": now, "provider_id": receipt.provider_id}
    if row.sent_at is None:
        also["sent_at"] = min(receipt.at, now)
    if receipt.state == "undelivered":
        also["refusal"] = receipt.reason
    if states.move(db, _REMINDERS, row.id, _EVENTS[receipt.state], also) and "refusal" in also:
        fallbacks.plan(db, [row.id], now)
        reward_rows.tell_otherwise(db, [row.id], now)


def _is_rich(row: Any, receipt: Receipt) -> bool:
    """Whether it is about an MMS or RCS card: by our reference, else by what the row left as."""
    named = _REFERENCE.fullmatch(receipt.reference or "")
    return named[2] is not None if named else row.rich in rich_kinds.KINDS


def record_reply(db: Connection, account: AccountRow, reply: Reply, now: datetime) -> None:
    """Keep a reply once; a stop word takes effect before this transaction ends.

    An answer belongs to the latest reminder of that sender number and person. STOP
    holds for every shop that wrote to them from this number; when none did, for
    every shop that uses the account. No reply is said after `now`: a stop of the
    future could never be taken back. YES confirms the number for the shop that asked
    it last; so does START, which ends a pause, too. What is none of these goes to
    `conversations`. What is said to the account's RCS agent is said to its number: it is one
    sender in two forms.
    """
    reply = replace(reply, provider_id=_storable_id(reply.provider_id), at=min(reply.at, now))
    if account.rcs_agent and reply.recipient == account.rcs_agent:
        reply = replace(reply, recipient=account.sender)
    number = _number_of(db, account, reply)
    latest = _latest_reminder(db, account, reply.recipient, number)
    if latest is None and _only_erased(db, account):
        return  # nothing of anybody is kept for a shop that is no more
    kept = _new_row(db, account, reply, number, latest)
    if kept is None:
        return
    if is_stop(reply.text):
        for shop_id in _shops_writing(db, account, reply.recipient, number):
            stopping.stop_address(
                db, shop_id, Channel.SMS, number, "reply", now, reply.at, reply.text
            )
    elif is_start(reply.text):
        for shop_id in _shops_writing(db, account, reply.recipient, number):
            consent.lift(db, shop_id, Channel.SMS.value, number, reply.at, now, words=reply.text)
            pauses.lift(db, shop_id, number, now)
        _confirm(db, account, number, reply, now)
    elif not (is_yes(reply.text) and _confirm(db, account, number, reply, now)):
        _hear(db, account, kept, latest, now)


def _confirm(db: Connection, account: AccountRow, number: str, reply: Reply, now: datetime) -> bool:
    """Confirm the number for the shop that asked it; False: none did."""
    asked = opt_in.shop_that_asked(db, account.id, number, _forms(reply.recipient))
    shop = None if asked is None else shops.by_id(db, asked)
    if shop is not None:
        requests.confirm(db, shop, number, reply.at, now)
    return shop is not None


def _hear(db: Connection, account: AccountRow, kept: Any, latest: Any, now: datetime) -> None:
    """Hand the reply (its row of `replies`) on to its shop."""
    shop = None if kept.shop_id is None else shops.by_id(db, kept.shop_id)
    if shop is None:
        conversations.is_nobodys(db, account.id, now)
    elif shop.is_active:
        conversations.heard(db, shop, kept, latest, now, _shipping_offer)


def _shipping_offer(db: Connection, cart: Any, shop: ShopRow, now: datetime) -> Decision:
    return offer_rows.foreseen(db, cart, shop, step_offers.FREE_SHIPPING, now)


def _number_of(db: Connection, account: AccountRow, reply: Reply) -> str:
    """Whose reply it is. Some networks give numbers in an older form than we wrote to.

    (Mexico's +52 1…, Brazil's mobiles without their 9.) Then it is the person last written
    to from that number whose last eight digits are the same.
    """
    number = e164(reply.sender, None) or e164(f"+{reply.sender.lstrip('+')}", None)
    if number is not None:
        return number
    digits = "".join(filter(str.isdecimal, reply.sender))[:15]
    alike = db.execute(
        select(_REMINDERS.c.recipient)
        .where(
            _REMINDERS.c.recipient.like(f"%{digits[-8:]}"),
            _REMINDERS.c.sender.in_(_forms(reply.recipient)),
            _REMINDERS.c.account_id == account.id,
            _REMINDERS.c.sent_at.is_not(None),
        )
        .order_by(_REMINDERS.c.sent_at.desc())
        .limit(1)
    ).first()
    return f"+{digits}" if alike is None or len(digits) < 8 else str(alike.recipient)


def stop_at_shop(
    db: Connection,
    shop_id: int,
    number: str,
    source: str,
    now: datetime,
    said_at: datetime | None = None,
) -> None:
    """No further text to this number from this shop: see `stopping.stop_address`."""
    stopping.stop_address(db, shop_id, Channel.SMS, number, source, now, said_at)


def _reminder_of(db: Connection, account: AccountRow, receipt: Receipt) -> Any:
    """By our reference where the provider's id fits, else by that id.

    References are small numbers: another installation that shares the account, or one from
    before a backup was put back, has the same ones for other messages. A row without a
    provider's id is meant only while it may have left: `sending`, or `unconfirmed`.
    """
    names = ("id", "sent_at", "request_id", "rich", "rich_id")
    columns = [_REMINDERS.c[name] for name in names]
    mine = _REMINDERS.c.account_id == account.id
    is_it = _REMINDERS.c.provider_id == receipt.provider_id
    reference = _REFERENCE.fullmatch(receipt.reference or "")
    if reference:
        named = _REMINDERS.c.id == int(reference[1])
        may_be: list[Any] = [
            _REMINDERS.c.provider_id.is_(None),
            _REMINDERS.c.state.in_(_MAY_HAVE_LEFT),
        ]
        if reference[2]:  # of the rich form, which is over once the text has taken its place
            may_be.append(_REMINDERS.c.rich == reference[2])
        fits = or_(and_(*may_be), is_it, _REMINDERS.c.rich_id == receipt.provider_id)
        row = db.execute(select(*columns).where(named, fits, mine)).first()
        if row is not None:
            return row
    return db.execute(select(*columns).where(is_it, mine)).first()


def _storable_id(provider_id: str) -> str:
    """An id longer than its column becomes its digest: cut off, two could be the same."""
    if len(provider_id) <= _LONGEST_ID:
        return provider_id
    return hashlib.sha256(provider_id.encode(errors="replace")).hexdigest()


def _latest_reminder(db: Connection, account: AccountRow, sender: str, number: str) -> Any:
    return db.execute(
        select(_REMINDERS)
        .where(*_left_for(account, number, sender))
        .order_by(_REMINDERS.c.sent_at.desc())
        .limit(1)
    ).first()


def _shop_of(db: Connection, account: AccountRow, latest: Any) -> int | None:
    """The shop that wrote last, or the only one that uses the account.

    By it a reply is found again, to be shown or erased.
    """
    if latest is not None:
        return int(latest.shop_id)
    users = _users(db, account)
    return users[0] if len(users) == 1 else None


def _new_row(db: Connection, account: AccountRow, reply: Reply, number: str, latest: Any) -> Any:
    """The row of the reply, if it is a new one; else None."""
    row = {
        "account_id": account.id,
        "provider_id": reply.provider_id,
        "shop_id": _shop_of(db, account, latest),
        "reminder_id": None if latest is None else latest.id,
        "sender": number,
        "text": reply.text[:2000],
        "at": reply.at,
    }
    insert = insert_into(db, tables.replies).values(**row).on_conflict_do_nothing()
    # Not by `rowcount`: on PostgreSQL it is -1 for an insert that fetches its new id.
    return db.execute(insert.returning(*tables.replies.c)).first()


def _shops_writing(db: Connection, account: AccountRow, sender: str, number: str) -> list[int]:
    wrote = db.execute(
        select(_REMINDERS.c.shop_id).where(*_left_for(account, number, sender)).distinct()
    )
    found = [row.shop_id for row in wrote]
    if found:
        return found
    return _users(db, account)


def _users(db: Connection, account: AccountRow) -> list[int]:
    here = (tables.shops.c.account_id == account.id, tables.shops.c.state != "erased")
    return [row.id for row in db.execute(select(tables.shops.c.id).where(*here))]


def _only_erased(db: Connection, account: AccountRow) -> bool:
    """Whether shops used this account, and all of them were erased."""
    used = select(tables.shops.c.id).where(tables.shops.c.account_id == account.id).limit(1)
    return not _users(db, account) and db.execute(used).first() is not None


def _left_for(account: AccountRow, number: str, sender: str) -> tuple[Any, ...]:
    # Who signs for one account says nothing of what left by another, whatever sender it names.
    # A text that was written but never left has a recipient, too, and no time.
    left = _REMINDERS.c.sent_at.is_not(None)
    by_it = _REMINDERS.c.account_id == account.id
    return (_REMINDERS.c.recipient == number, _REMINDERS.c.sender.in_(_forms(sender)), by_it, left)


def _forms(sender: str) -> list[str]:
    bare = sender.lstrip("+")
    return [bare, f"+{bare}"]
