"""The e-mails in the sandbox's inbox: kept as they came, read when they are looked at."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parseaddr

from connectors.sandbox.carts import stamp

SHOWN = 50
LONGEST_SNIPPET = 90
ONE_CLICK = "List-Unsubscribe=One-Click"
_WAY_OUT = re.compile(r"<(https?://[^>\s]+)>")


@dataclass(frozen=True, slots=True)
class Arriving:
    """An e-mail as it is handed over: whose, and its bytes, headers and all."""

    reference: str
    address: str
    message_id: str
    message: bytes


@dataclass(frozen=True, slots=True)
class Glance:
    """An e-mail as the list shows it; `sender` is a name where there is one."""

    id: int
    sender: str
    subject: str
    snippet: str
    at: datetime
    is_new: bool


@dataclass(frozen=True, slots=True)
class Mail:
    """An e-mail that is opened. `way_out` is where one click unsubscribes (RFC 8058)."""

    id: int
    address: str
    sender: str
    sender_address: str
    subject: str
    text: str
    html: str
    headers: Sequence[tuple[str, str]]
    way_out: str | None
    at: datetime
    unsubscribed_at: datetime | None


def take(db: sqlite3.Connection, mail: Arriving, now: datetime) -> None:
    """Put an e-mail into its inbox; the same one again changes nothing."""
    db.execute(
        "INSERT INTO mails (message_id, reference, address, message, at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (message_id) DO NOTHING",
        (mail.message_id, mail.reference, mail.address, mail.message, stamp(now)),
    )


def addresses(db: sqlite3.Connection) -> list[str]:
    """The inboxes that hold e-mails, the latest first."""
    found = db.execute("SELECT address FROM mails GROUP BY address ORDER BY max(id) DESC LIMIT 12")
    return [row["address"] for row in found]


def inbox(db: sqlite3.Connection, address: str) -> list[Glance]:
    """The latest e-mails to one address, newest first."""
    found = db.execute(
        "SELECT * FROM mails WHERE address = ? ORDER BY id DESC LIMIT ?", (address, SHOWN)
    )
    return [_glance(row) for row in found.fetchall()]


def latest_at(db: sqlite3.Connection, address: str) -> str:
    """When the last e-mail to this address came; "" while there is none."""
    row = db.execute("SELECT max(at) AS at FROM mails WHERE address = ?", (address,)).fetchone()
    return str(row["at"] or "")


def mail(db: sqlite3.Connection, number: int) -> Mail | None:
    """One e-mail, or None."""
    row = db.execute("SELECT * FROM mails WHERE id = ?", (number,)).fetchone()
    if row is None:
        return None
    message = _read(row["message"])
    name, sender = parseaddr(str(message["From"] or ""))
    left = row["unsubscribed_at"]
    return Mail(
        id=row["id"],
        address=row["address"],
        sender=name or sender,
        sender_address=sender,
        subject=str(message["Subject"] or ""),
        text=_part(message, "plain"),
        html=_part(message, "html"),
        headers=[(key, str(value)) for key, value in message.items()],
        way_out=_way_out(message),
        at=datetime.fromisoformat(row["at"]),
        unsubscribed_at=datetime.fromisoformat(left) if left else None,
    )


def note_opened(db: sqlite3.Connection, number: int, now: datetime) -> None:
    """It was looked at; only the first time counts."""
    db.execute(
        "UPDATE mails SET opened_at = ? WHERE id = ? AND opened_at IS NULL", (stamp(now), number)
    )


def note_unsubscribed(db: sqlite3.Connection, number: int, now: datetime) -> None:
    """Its one click was made and answered."""
    db.execute("UPDATE mails SET unsubscribed_at = ? WHERE id = ?", (stamp(now), number))


def has_unsubscribed(db: sqlite3.Connection, address: str) -> bool:
    """True when an e-mail to this address was answered with the one click."""
    found = db.execute(
        "SELECT 1 FROM mails WHERE address = ? AND unsubscribed_at IS NOT NULL", (address,)
    )
    return found.fetchone() is not None


def _glance(row: sqlite3.Row) -> Glance:
    message = _read(row["message"])
    name, sender = parseaddr(str(message["From"] or ""))
    words = " ".join(_part(message, "plain").split())
    return Glance(
        id=row["id"],
        sender=name or sender,
        subject=str(message["Subject"] or ""),
        snippet=words[:LONGEST_SNIPPET],
        at=datetime.fromisoformat(row["at"]),
        is_new=row["opened_at"] is None,
    )


def _read(message: bytes) -> EmailMessage:
    return BytesParser(policy=policy.default).parsebytes(message)


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return "" if part is None else str(part.get_content()).replace("\r\n", "\n")


def _way_out(message: EmailMessage) -> str | None:
    """Only with both headers may a mail program do it without asking."""
    if str(message["List-Unsubscribe-Post"] or "").strip() != ONE_CLICK:
        return None
    found = _WAY_OUT.search(str(message["List-Unsubscribe"] or ""))
    return found[1] if found else None
