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
    words: str,
    now: datetime,
) -> Saved:
    """What of `given` (text fields as text, sms as bool) changes the cart in `row`."""
    saved = Saved(own=set(own))
    for name in TEXT_FIELDS:
        value = given.get(name)
        if isinstance(value, str):
            _take_text(saved, row, name, value.strip()[:LONGEST], visit.country)
    _take_consent(saved, row, given.get("sms"), words, now, held_before="sms" in own)
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
    saved: Saved, row: sqlite3.Row, ticked: object, words: str, now: datetime, held_before: bool
) -> None:
    phone = saved.columns.get("phone", row["phone"]) or None
    # Trap: a browser agrees only for a number that it wrote itself, not for one it cannot see.
    own_phone = phone if "phone" in saved.own else None
    agrees = ticked is True or (ticked is not False and held_before and row["sms"] == 1)
    if ticked is True:
        saved.own.add("sms")
    if agrees:
        if row["sms"] != 1 or (own_phone and row["sms_phone"] != own_phone):
            _write_consent(saved, 1, own_phone, words, now)
    elif ticked is False and held_before and row["sms"] == 1:
        # The number that was agreed to is the one that is taken back.
        _write_consent(saved, 0, row["sms_phone"], words, now)
    elif phone != (row["phone"] or None) and row["sms"] is not None:
        _write_consent(saved, None, None, words, now)


def _write_consent(
    saved: Saved, granted: int | None, phone: object, words: str, now: datetime
) -> None:
    at = None if granted is None else stamp(now)
    saved.columns |= {"sms": granted, "sms_phone": phone, "sms_words": words, "sms_at": at}
