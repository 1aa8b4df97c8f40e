"""Somebody wants no more messages: by reply, by the link in one, by the mail program's button.

A stop is of one address on one channel at one shop. It ends what waits to leave there, and
nothing on another channel: who is tired of texts may still like the mails.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from recovery import consent, order_intake, requests, tables, tokens
from recovery.contacts import email_key
from recovery.model import Channel
from recovery.reasons import Reason

_CARTS = tables.carts
_REMINDERS = tables.reminders


@dataclass(frozen=True, slots=True)
class Stopped:
    """Of which shop's message the link was. `channel` None: nobody is named by it any more."""

    shop_id: int
    channel: Channel | None


def stop_address(
    db: Connection,
    shop_id: int,
    channel: Channel,
    address: str,
    source: str,
    now: datetime,
    said_at: datetime | None = None,
    words: str = "",
) -> None:
    """No further message to this address from this shop on this channel.

    `address` is E.164 or an e-mail; `words` are what the person wrote. What is scheduled
    for the carts it was left in is skipped, on this channel alone.
    """
    is_sms = channel is Channel.SMS
    known = address if is_sms else email_key(address) or address
    at = said_at or now
    consent.stop(db, shop_id, channel.value, known, source, at, words=words, recorded_at=now)
    if is_sms:  # what is asked for is answered by texts
        requests.stop(db, shop_id, known, now)
    left_in = (_CARTS.c.phone if is_sms else _CARTS.c.email) == known
    rows = db.execute(select(_CARTS.c.id).where(_CARTS.c.shop_id == shop_id, left_in))
    order_intake.call_off(db, [row.id for row in rows], Reason.STOPPED, now, channel)


def asked_by(db: Connection, token: str) -> Stopped | None:
    """What `stop_by_link` would stop; None: no such link."""
    found = _of_link(db, token)
    return None if found is None else Stopped(found[0], found[1])


def stop_by_link(db: Connection, token: str, now: datetime) -> Stopped | None:
    """Stop the channel of the message whose stop link has that token; None: no such link.

    A stop link does not end with time. The link itself is the proof of who asks: it was
    sent to that address alone (RFC 8058 wants no cookie, no login, no further question).
    """
    found = _of_link(db, token)
    if found is None:
        return None
    shop_id, channel, address = found
    if channel is not None and address is not None:
        stop_address(db, shop_id, channel, address, "link", now)
    return Stopped(shop_id, channel)


def _of_link(db: Connection, token: str) -> tuple[int, Channel | None, str | None] | None:
    """The shop, channel and address of the message with that link; the latter erased: None."""
    link = tokens.find(db, token, "stop")
    if link is None:
        return None
    sent = db.execute(
        select(_REMINDERS.c.channel, _REMINDERS.c.recipient).where(
            _REMINDERS.c.id == link.reminder_id
        )
    ).first()
    if sent is None or sent.recipient is None:
        return link.shop_id, None, None
    return link.shop_id, Channel(sent.channel), sent.recipient
