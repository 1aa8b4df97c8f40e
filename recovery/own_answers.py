"""What somebody of the shop writes to a shopper who wrote first: an SMS, within a day of it.

It is no marketing: it answers a message of theirs. So it needs no consent and no cap; a STOP
ends it until the very moment it would leave, and it leaves in decent hours. It goes the way of
every reminder (claim, examine, send, settle), and once, however often its form is sent.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, select

from recovery import consent, pauses, settling, shops, states, tables, threads
from recovery.accounts import AccountRow
from recovery.contacts import may_be_texted
from recovery.eligibility import ANSWER
from recovery.letters import Letter, keep_texts_alone
from recovery.members import Member
from recovery.model import Channel, Message
from recovery.reasons import Reason
from recovery.shops import ShopRow
from recovery.sms_parts import parts_of
from recovery.timing import ASKED_HOURS, next_decent, zones_of
from recovery.upserts import insert_into

_REMINDERS, _WRITTEN = tables.reminders, tables.written_answers
#: So long after what they wrote an answer is welcome.
COURTESY = timedelta(hours=24)
MOST_PARTS = 4
LONGEST = 612  # characters of four parts


class Refusal(StrEnum):
    """Why no answer may be written."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    STOPPED = "stopped"
    TOO_LATE = "too_late"
    NO_HOUR = "no_hour"
    NO_SENDER = "no_sender"
    NO_PHONE = "no_phone"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether an answer may be written now: `refusal` None, and when it would leave."""

    refusal: Refusal | None
    leaves_at: datetime | None = None
    until: datetime | None = None


def standing(db: Connection, shop: ShopRow, last: Any | None, now: datetime) -> Standing:
    """How it stands with an answer to `last`, the latest reply (its row) of a person."""
    if last is None or not shop.is_active:
        return Standing(Refusal.GONE)
    key = (shop.id, Channel.SMS.value, last.sender)
    if consent.suppressed(db, {key}):
        return Standing(Refusal.STOPPED)
    if not may_be_texted(last.sender):
        return Standing(Refusal.NO_PHONE)
    if shop.account_id is None:
        return Standing(Refusal.NO_SENDER)
    until = last.at + COURTESY
    if now > until:
        return Standing(Refusal.TOO_LATE, until=until)
    leaves_at = _decent(shop, last.sender, now)
    if leaves_at is None or leaves_at > until:
        return Standing(Refusal.NO_HOUR, until=until)
    return Standing(None, leaves_at, until)


def tidy(typed: str) -> str:
    """The text as it leaves: composed letters, single line ends, nothing that cannot be seen."""
    text = unicodedata.normalize("NFC", typed.replace("\r\n", "\n").replace("\r", "\n"))
    kept = (
        char
        for char in text
        if char in "\n\u200c\u200d\ufe0f" or unicodedata.category(char)[0] != "C"
    )
    return "".join(kept).strip()


def too_long(text: str) -> bool:
    """Whether it takes more parts than an answer may."""
    return len(text) > LONGEST or parts_of(text).parts > MOST_PARTS


def send(
    db: Connection,
    shop: ShopRow,
    member: Member,
    reply_id: int,
    typed: str,
    once: str,
    now: datetime,
) -> Refusal | None:
    """Put an answer to the person who wrote that reply on its way; why not, or None.

    Sent again with the same `once` it changes nothing. The person's programmes rest, and what
    they wrote until that reply is done. Raises LookupError for a reply that is not the shop's.
    """
    last = threads.latest_of(db, shop.id, reply_id)
    if last is None:
        raise LookupError("no such reply")
    if _is_written(db, shop.id, once):
        return None
    text = tidy(typed)
    if not text:
        return Refusal.EMPTY
    if too_long(text):
        return Refusal.TOO_LONG
    stands = standing(db, shop, last, now)
    if stands.refusal is not None:
        return stands.refusal
    if _keep(db, shop, member, last, once, now):
        _plan(db, shop, last, once, text, stands, now)
        threads.done(db, shop.id, reply_id, member.id, now)
        pauses.pause(db, shop.id, [last.sender], f"reply {last.id}", now)
    return None


def _is_written(db: Connection, shop_id: int, once: str) -> bool:
    mine = (_WRITTEN.c.shop_id == shop_id, _WRITTEN.c.once == once)
    return db.execute(select(_WRITTEN.c.id).where(*mine)).first() is not None


def _keep(
    db: Connection, shop: ShopRow, member: Member, last: Any, once: str, now: datetime
) -> bool:
    """Of two that come at once the second waits here, and then finds it written."""
    row = {"shop_id": shop.id, "member_id": member.id, "reply_id": last.id, "once": once}
    made = insert_into(db, _WRITTEN).values(**row, reminder_id=0, at=now)
    found = db.execute(made.on_conflict_do_nothing().returning(_WRITTEN.c.id))
    return found.first() is not None


def _plan(
    db: Connection,
    shop: ShopRow,
    last: Any,
    once: str,
    text: str,
    stands: Standing,
    now: datetime,
) -> None:
    row = {
        "shop_id": shop.id,
        "programme": ANSWER,
        "step": 1,
        "channel": Channel.SMS.value,
        "state": states.at_first(_REMINDERS),
        "recipient": last.sender,
        "text": text,
        "due_at": stands.leaves_at,
        "latest_at": stands.until,
        "attempts": 0,
        "created_at": now,
    }
    made = db.execute(_REMINDERS.insert().values(**row).returning(_REMINDERS.c.id)).scalar_one()
    mine = (_WRITTEN.c.shop_id == shop.id, _WRITTEN.c.once == once)
    db.execute(_WRITTEN.update().where(*mine).values(reminder_id=made))


def write(db: Connection, account: AccountRow, ids: Collection[int], now: datetime) -> list[Letter]:
    """Of these claimed texts, the answers that may leave; the others are skipped, or wait."""
    if account.channel != Channel.SMS or not ids:
        return []
    letters = []
    for row in _claimed(db, ids):
        shop = shops.by_id(db, row.shop_id)
        against = _against(db, row, shop, now)
        if against or shop is None:
            settling.skip(db, [row.id], against or [Reason.SHOP_GONE], now)
        elif not _waits(db, row, shop, now):
            message = Message(str(row.id), Channel.SMS, account.sender, row.recipient, row.text)
            letters.append(Letter(row.id, message))
    keep_texts_alone(db, letters, {})
    return letters


def _claimed(db: Connection, ids: Collection[int]) -> list[Any]:
    names = ("id", "shop_id", "recipient", "text", "latest_at")
    mine = (_REMINDERS.c.id.in_(ids), _REMINDERS.c.programme == ANSWER)
    sending = _REMINDERS.c.state == states.ReminderState.SENDING
    columns = [_REMINDERS.c[name] for name in names]
    return list(db.execute(select(*columns).where(*mine, sending).order_by(_REMINDERS.c.id)))


def _against(db: Connection, row: Any, shop: ShopRow | None, now: datetime) -> list[Reason]:
    key = (row.shop_id, Channel.SMS.value, row.recipient)
    asked = (
        (Reason.SHOP_GONE, shop is None or not shop.is_active),
        (Reason.NOT_ASKED, row.recipient is None or not row.text),  # erased meanwhile
        (Reason.STOPPED, row.recipient is not None and key in consent.suppressed(db, {key})),
        (Reason.TOO_LATE, now > row.latest_at),
    )
    return [reason for reason, holds in asked if holds]


def _waits(db: Connection, row: Any, shop: ShopRow, now: datetime) -> bool:
    """Put off what no decent hour allows now; True when done, or when none comes in time."""
    at = _decent(shop, row.recipient, now)
    if at is None or at > row.latest_at:
        settling.skip(db, [row.id], [Reason.NO_DECENT_HOUR], now)
        return True
    if at <= now:
        return False
    also = {"due_at": at, "handed_out_at": None, "claimed_at": None}
    return states.move(db, _REMINDERS, row.id, "postpone", also)


def _decent(shop: ShopRow, phone: str, now: datetime) -> datetime | None:
    """They asked, so the hours are those of texts that were asked for."""
    zones = zones_of(phone, shop.country, None, shop.timezone)
    return next_decent(now, ASKED_HOURS, zones, shop.any_hour)
