"""Who is who: one person by e-mail in any case, phone in any format, customer id.

Rows of `shoppers` are never merged: a phone or an address shared by two people
would join what each may see and erase. Sameness is asked of carts and orders by
any of the three marks, where erring means one reminder less.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, false, or_

from recovery import tables
from recovery.bulk import insert_rows
from recovery.contacts import e164, email_key
from recovery.model import Shopper

_SHOPPERS = tables.shoppers
_SHOWN: tuple[str, ...] = ("customer_key", "first_name", "last_name", "email", "phone", "phone_raw")
_SHOWN += ("country", "region", "locale", "orders", "raw")
_UPSERT = (
    "(identity) DO UPDATE SET changed_at = excluded.changed_at, "
    + ", ".join(f"{name} = COALESCE(excluded.{name}, shoppers.{name})" for name in _SHOWN)
    + " WHERE excluded.changed_at >= shoppers.changed_at"
)


@dataclass(frozen=True, slots=True)
class Marks:
    """What a person is known by, normalised; any of it may be missing."""

    customer_key: str | None
    email: str | None
    phone: str | None

    @property
    def is_nobody(self) -> bool:
        """True when nothing tells who it is."""
        return not (self.customer_key or self.email or self.phone)

    @property
    def identity(self) -> str:
        """The strongest mark: the platform's own id, else the e-mail, else the phone."""
        if self.customer_key:
            return f"customer:{self.customer_key}"
        return f"email:{self.email}" if self.email else f"phone:{self.phone}"


def marks_of(shopper: Shopper, country: str | None) -> Marks:
    """The marks of a shopper; `country` reads a national number when theirs is unknown."""
    return Marks(
        shopper.customer_key,
        email_key(shopper.email) if shopper.email else None,
        e164(shopper.phone, shopper.country or country) if shopper.phone else None,
    )


def same_person(table: Any, shop_id: int, marks: Marks) -> ColumnElement[bool]:
    """The condition that a row of carts or orders belongs to that person at that shop."""
    by = [
        table.c[name] == value
        for name, value in (
            ("customer_key", marks.customer_key),
            ("email", marks.email),
            ("phone", marks.phone),
        )
        if value
    ]
    return and_(table.c.shop_id == shop_id, or_(*by) if by else false())


def record(
    db: Connection,
    seen: Sequence[tuple[int, Shopper, Marks, datetime]],
    raw: str | None = None,
) -> None:
    """Keep the people seen, as (shop id, shopper, marks, time).

    Newer news replaces what it shows; nothing is blanked. `raw` is the payload when it
    was about that customer alone.
    """
    newest: dict[str, dict[str, Any]] = {}
    for shop_id, shopper, marks, at in seen:
        if not marks.is_nobody:
            row = _row(shop_id, shopper, marks, at) | {"raw": raw}
            newest[row["identity"]] = _joined(newest.get(row["identity"]), row)
    # In the order of their keys, so that two processes never wait for each other.
    insert_rows(db, _SHOPPERS, [newest[key] for key in sorted(newest)], _UPSERT)


def _joined(earlier: dict[str, Any] | None, row: dict[str, Any]) -> dict[str, Any]:
    if earlier is None:
        return row
    older, newer = sorted((earlier, row), key=lambda each: each["changed_at"])
    return older | {name: value for name, value in newer.items() if value is not None}


def _row(shop_id: int, shopper: Shopper, marks: Marks, at: datetime) -> dict[str, Any]:
    return {
        "identity": f"{shop_id}|{marks.identity}"[:400],
        "shop_id": shop_id,
        "customer_key": marks.customer_key,
        "first_name": _cut(shopper.first_name, 120),
        "last_name": _cut(shopper.last_name, 120),
        "email": marks.email,
        "phone": marks.phone,
        "phone_raw": _cut(shopper.phone, 80),
        "country": _cut(shopper.country, 2),
        "region": _cut(shopper.region, 10),
        "locale": _cut(shopper.locale, 35),
        "orders": shopper.orders,
        "changed_at": at,
    }


def _cut(text: str | None, length: int) -> str | None:
    return text[:length] if text else None
