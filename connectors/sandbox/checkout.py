"""What a browser types into the checkout, and what of it the cart takes.

A browser that opened a cart by its recovery address sees none of the contact and blanks
none of it: a field is its own only after it wrote something there. A new number typed by
another browser does not inherit the consent that was given for the old one.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from connectors.sandbox import carts
from connectors.sandbox.carts import Visit, stamp
from connectors.sandbox.phones import e164


@dataclass(frozen=True, slots=True)
class Box:
    """A box to tick: of which field it speaks, the column that keeps what was agreed to
    there, and the name of its words."""

    name: str
    of: str
    agreed: str

    @property
    def words(self) -> str:
        """The name of the sentence beside it."""
        return f"{self.name}_words"


BOXES = (Box("sms", "phone", "sms_phone"), Box("mail", "email", "mail_address"))
TEXT_FIELDS = ("first_name", "last_name", "phone", "email")
LONGEST = 120
EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@.]{2,}")


@dataclass(slots=True)
class Saved:
    """What became of a save: `errors` by field (a word of the dictionary), and the columns
    to write. `own` are the fields that this browser wrote, now or before."""

    own: set[str]
    errors: dict[str, str] = field(default_factory=dict)
    columns: dict[str, object] = field(default_factory=dict)


def take(
    row: sqlite3.Row,
    given: Mapping[str, object],
    own: set[str],
    visit: Visit,
    words: Mapping[str, str],
    now: datetime,
) -> Saved:
    """What of `given` (text fields as text, boxes as bool) changes the cart in `row`.

    `words` are those that the page shows.
    """
    saved = Saved(own=set(own))
    for name in TEXT_FIELDS:
        value = given.get(name)
        if isinstance(value, str):
            _take_text(saved, row, name, value.strip()[:LONGEST], visit.country)
    for box in BOXES:
        held_before = box.name in own
        _take_consent(saved, row, box, given.get(box.name), words[box.words], now, held_before)
    saved.columns |= {"language": visit.language, "country": visit.country}
    saved.columns = {k: v for k, v in saved.columns.items() if row[k] != v}
    return saved


def phone_after_move(row: sqlite3.Row, country: str) -> dict[str, object]:
    """Columns that keep the number the same one when the cart moves to another country."""
    if not row["phone"] or row["country"] == country:
        return {}
    number = e164(row["phone"], row["country"])
    if number is None or e164(row["phone"], country) == number:
        return {}
    consent = {"sms_phone": number} if row["sms_phone"] == row["phone"] else {}
    return {"phone": number, **consent}


def begin(db: sqlite3.Connection, key: str, now: datetime) -> bool:
    """Note that the checkout was opened, the first time."""
    row = carts.cart(db, key)
    if row is None or row["begun_at"] is not None:
        return False
    return carts.change(db, key, {"begun_at": stamp(now)}, now)


def _take_text(saved: Saved, row: sqlite3.Row, name: str, value: str, country: str) -> None:
    if not value and name not in saved.own:
        return
    if value and name == "phone" and e164(value, country) is None:
        saved.errors["phone"] = "error_phone"
    elif value and name == "email" and not EMAIL.fullmatch(value):
        saved.errors["email"] = "error_email"
    else:
        saved.own.add(name)
        saved.columns[name] = value


def _take_consent(
    saved: Saved,
    row: sqlite3.Row,
    box: Box,
    ticked: object,
    words: str,
    now: datetime,
    held_before: bool,
) -> None:
    typed = saved.columns.get(box.of, row[box.of]) or None
    # Trap: a browser agrees only for what it wrote itself, not for what it cannot see.
    own = typed if box.of in saved.own else None
    agrees = ticked is True or (ticked is not False and held_before and row[box.name] == 1)
    if ticked is True:
        saved.own.add(box.name)
    if agrees:
        if row[box.name] != 1 or (own and row[box.agreed] != own):
            _write_consent(saved, box, 1, own, words, now)
    elif ticked is False and held_before and row[box.name] == 1:
        # What was agreed to is what is taken back.
        _write_consent(saved, box, 0, row[box.agreed], words, now)
    elif typed != (row[box.of] or None) and row[box.name] is not None:
        _write_consent(saved, box, None, None, words, now)


def _write_consent(
    saved: Saved, box: Box, granted: int | None, of: object, words: str, now: datetime
) -> None:
    at = None if granted is None else stamp(now)
    saved.columns |= {box.name: granted, box.agreed: of}
    saved.columns |= {f"{box.name}_words": words, f"{box.name}_at": at}
