"""The e-mail that asks an address to confirm, and what its link does: see `email_opt_in`.

It goes the way of every reminder (claim, examine, send, settle) without a cart or a request.
Opening the link shows a page and changes nothing, since programs open links, too; the button
of that page adds a yes to the ledger, with the words, the page and the IP address.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, select

from recovery import (
    confirm_words,
    consent,
    email_opt_in,
    planning,
    settling,
    shops,
    states,
    tables,
    tokens,
)
from recovery.accounts import AccountRow
from recovery.caps import take_confirm
from recovery.consent_words import ip_of, page_of
from recovery.email_opt_in import CONFIRM, CONFIRMED, Key
from recovery.letters import Letter, keep_texts_alone
from recovery.model import Channel, Email
from recovery.reasons import Reason
from recovery.shops import ShopRow
from recovery.tokens import Link
from recovery.upserts import insert_new

_REMINDERS = tables.reminders


# -- the e-mail -----------------------------------------------------------------------------------


def write(
    db: Connection, account: AccountRow, ids: Collection[int], links_at: str, now: datetime
) -> list[Letter]:
    """Of these claimed e-mails, those that may leave, written out; the others are skipped."""
    if account.channel != Channel.EMAIL or not ids:
        return []
    rows = _claimed(db, ids)
    of = shops.all_by_id(db, list({row.shop_id for row in rows}))
    keys = {_key(row) for row in rows if row.recipient}
    latest, stopped = consent.latest(db, keys), consent.suppressed(db, keys)
    letters = []
    for row in rows:
        shop = of[row.shop_id]
        against = _against(row, shop, latest.get(_key(row)), stopped, now)
        if not against and not _take_cap(db, row, now):
            against = [Reason.CAPPED]
        if against:
            settling.skip(db, [row.id], against, now)
        else:
            letters.append(_letter(db, row, shop, account, links_at, now))
    keep_texts_alone(db, letters, {row.id: row.language for row in rows})
    return letters


def _claimed(db: Connection, ids: Collection[int]) -> list[Any]:
    names = ("id", "shop_id", "recipient", "language", "latest_at")
    mine = (_REMINDERS.c.id.in_(ids), _REMINDERS.c.programme == CONFIRM)
    sending = _REMINDERS.c.state == states.ReminderState.SENDING
    columns = [_REMINDERS.c[name] for name in names]
    return list(db.execute(select(*columns).where(*mine, sending).order_by(_REMINDERS.c.id)))


def _against(
    row: Any, shop: ShopRow, word: consent.Word | None, stopped: set[Key], now: datetime
) -> list[Reason]:
    waits = word is not None and word.granted and email_opt_in.is_unconfirmed(shop, word.source)
    asked = (
        (Reason.SHOP_GONE, not shop.is_active),
        (Reason.NOT_ON, bool(shop.held)),
        (Reason.STOPPED, _key(row) in stopped),
        (Reason.NOT_ASKED, not waits or row.recipient is None),  # None: erased meanwhile
        (Reason.TOO_LATE, now > row.latest_at),
    )
    return [reason for reason, holds in asked if holds]


def _take_cap(db: Connection, row: Any, now: datetime) -> bool:
    once_in = email_opt_in.ONCE_IN
    return take_confirm(db, row.id, row.shop_id, row.recipient, CONFIRM, once_in, now)


def _letter(
    db: Connection, row: Any, shop: ShopRow, account: AccountRow, links_at: str, now: datetime
) -> Letter:
    token = tokens.new_token()
    ends = now + email_opt_in.LIFE
    tokens.keep(db, [(token, Link(CONFIRM, shop.id, None, row.id, ends))])
    name, link = shop.name or shop.address, f"{links_at}/confirm/{token}"
    message = Email(
        reference=str(row.id),
        channel=Channel.EMAIL,
        sender=account.mail_from or account.sender,
        recipient=row.recipient,
        text=confirm_words.text_of(name, row.language, link),
        subject=confirm_words.subject_of(name, row.language),
        html=confirm_words.html_of(name, row.language, link),
        sender_name=shop.writes_as,
        reply_to=shop.merchant_email,
        written_at=now,
    )
    return Letter(row.id, message)


def _key(row: Any) -> Key:
    return row.shop_id, Channel.EMAIL.value, row.recipient


# -- its link -------------------------------------------------------------------------------------


class Standing(StrEnum):
    """How the question of a link stands."""

    WAITS = "waits"
    CONFIRMED = "confirmed"
    STOPPED = "stopped"  # they said no since, which is not undone by an older question
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a link asks: of which shop, in which language, and how that stands."""

    shop: ShopRow
    language: str | None
    standing: Standing


def asked_by(db: Connection, token: str, now: datetime) -> Asked | None:
    """What the link of that token asks; None: there is no such link, or nobody behind it."""
    found = _of_link(db, token, now)
    return None if found is None else found[0]


def confirm(
    db: Connection, token: str, now: datetime, page: str | None = None, ip: str | None = None
) -> Asked | None:
    """The button was pressed, on that page from that address: the yes is leave from now on.

    Pressed twice it stays one yes. The carts of that address that are still in time are
    planned anew. None as of `asked_by`.
    """
    found = _of_link(db, token, now)
    if found is None or found[0].standing is not Standing.WAITS:
        return None if found is None else found[0]
    asked, address = found
    shop, name = asked.shop, asked.shop.name or asked.shop.address
    yes = {
        "shop_id": shop.id,
        "channel": Channel.EMAIL.value,
        "address": address,
        "granted": True,
        "source": CONFIRMED,
        "words": confirm_words.question_of(name, asked.language),
        "language": asked.language,
        "page": page_of(page),
        "ip": ip_of(ip),
        "at": now,
        "recorded_at": now,
    }
    insert_new(db, tables.consents, [yes])
    carts = tables.carts
    theirs = (carts.c.email == address, carts.c.shop_id == shop.id, carts.c.state == "abandoned")
    planning.replan_skipped(db, db.scalars(select(carts.c.id).where(*theirs)).all(), now)
    return Asked(shop, asked.language, Standing.CONFIRMED)


def _of_link(db: Connection, token: str, now: datetime) -> tuple[Asked, str] | None:
    link = tokens.find(db, token, CONFIRM)
    if link is None:
        return None
    columns = (_REMINDERS.c.recipient, _REMINDERS.c.language)
    row = db.execute(select(*columns).where(_REMINDERS.c.id == link.reminder_id)).first()
    shop = shops.by_id(db, link.shop_id)
    if row is None or row.recipient is None or shop is None or not shop.is_active:
        return None
    ended = link.expires_at <= now
    standing = Standing.ENDED if ended else _standing(db, shop.id, row.recipient)
    return Asked(shop, row.language, standing), row.recipient


def _standing(db: Connection, shop_id: int, address: str) -> Standing:
    key = (shop_id, Channel.EMAIL.value, address)
    word = consent.latest(db, {key}).get(key)
    if word is None or not word.granted or consent.suppressed(db, {key}):
        return Standing.STOPPED
    return Standing.CONFIRMED if word.source == CONFIRMED else Standing.WAITS
