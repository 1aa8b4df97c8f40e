"""The texts on the sandbox phones, and the receipts that follow them."""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.sandbox.carts import stamp
from connectors.sandbox.delivery import write_down

UNDELIVERED_ENDING = "0002"
#: The plain words. Relance knows many more; the phone only explains the silence after these.
_WISHES = {"stop": True, "arret": True, "arrêt": True, "start": False}
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Text:
    """A text as it was handed to the phone. `status_url` is where its receipts go."""

    reference: str
    number: str
    sender: str
    text: str
    status_url: str


@dataclass(frozen=True, slots=True)
class Bubble:
    """A text as the phone shows it; `state` is submitted, delivered, undelivered or typed."""

    id: int
    inbound: bool
    sender: str
    text: str
    at: datetime
    state: str


def take(db: sqlite3.Connection, text: Text, now: datetime, receipt_after: float) -> str:
    """Put a text on its phone, have its receipts sent, and return its message id.

    The receipt `submitted` goes at once, the last one `receipt_after` seconds later.
    """
    message_id = secrets.token_hex(12)
    outcome = "undelivered" if text.number.endswith(UNDELIVERED_ENDING) else "delivered"
    db.execute(
        "INSERT INTO texts (message_id, reference, inbound, number, sender, text, at, outcome,"
        " settled_after) VALUES (?, ?, 0, ?, ?, ?, ?, ?, ?)",
        (
            message_id,
            text.reference,
            text.number,
            text.sender,
            text.text,
            stamp(now),
            outcome,
            time.time() + receipt_after,
        ),
    )
    for status, after in (("submitted", 0.0), (outcome, receipt_after)):
        content = _receipt(message_id, text, status, now)
        write_down(db, text.status_url, "messages/status", content, after)
    return message_id


def reply(db: sqlite3.Connection, number: str, text: str, url: str, now: datetime) -> bool:
    """Send what was typed to whoever wrote to `number` last; False when nobody did."""
    last = db.execute(
        "SELECT sender FROM texts WHERE number = ? AND inbound = 0 ORDER BY id DESC LIMIT 1",
        (number,),
    ).fetchone()
    if last is None:
        return False
    message_id, at = secrets.token_hex(12), stamp(now)
    db.execute(
        "INSERT INTO texts (message_id, inbound, number, sender, text, at, outcome, settled_after)"
        " VALUES (?, 1, ?, ?, ?, ?, 'typed', 0)",
        (message_id, number, last["sender"], text, at),
    )
    content = {
        "message_id": message_id,
        "from": number,
        "to": last["sender"],
        "text": text,
        "at": at,
    }
    write_down(db, url, "messages/inbound", content)
    return True


def numbers(db: sqlite3.Connection) -> list[str]:
    """The phones that hold texts, the latest first."""
    found = db.execute("SELECT number FROM texts GROUP BY number ORDER BY max(id) DESC LIMIT 12")
    return [row["number"] for row in found]


def bubbles(db: sqlite3.Connection, number: str) -> list[Bubble]:
    """The latest texts of one phone, newest last."""
    found = db.execute(
        "SELECT * FROM texts WHERE number = ? ORDER BY id DESC LIMIT ?", (number, SHOWN)
    ).fetchall()
    return [_bubble(row) for row in reversed(found)]


def has_stopped(shown: Sequence[Bubble]) -> bool:
    """True when the phone that shows these texts answered STOP and not START after it."""
    replies = [each.text.casefold().split()[:1] for each in shown if each.inbound]
    wishes = [_WISHES[first] for words in replies for first in words if first in _WISHES]
    return bool(wishes) and wishes[-1]


def _bubble(row: sqlite3.Row) -> Bubble:
    settled = time.time() >= row["settled_after"]
    return Bubble(
        id=row["id"],
        inbound=bool(row["inbound"]),
        sender=row["sender"],
        text=row["text"],
        at=datetime.fromisoformat(row["at"]),
        state=row["outcome"] if settled else "submitted",
    )


def _receipt(message_id: str, text: Text, status: str, now: datetime) -> dict[str, object]:
    receipt: dict[str, object] = {
        "message_id": message_id,
        "reference": text.reference,
        "status": status,
        "from": text.sender,
        "to": text.number,
        "at": stamp(now),
    }
    if status == "undelivered":
        receipt["reason"] = "the number ends in 0002"
    return receipt
