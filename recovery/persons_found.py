"""Who is meant by an e-mail or a phone that somebody typed: the people at a shop who have it."""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection, select

from recovery import privacy, tables
from recovery.contacts import e164, email_key
from recovery.people import Marks
from recovery.shops import ShopRow

MOST = 20
_HOLDERS = (tables.shoppers, tables.carts, tables.orders)


def marks_typed(shop: ShopRow, typed: str) -> Marks | None:
    """The e-mail or phone in it, normalised; None: neither."""
    email = email_key(typed) if "@" in typed else None
    phone = None if "@" in typed else e164(typed, shop.country)
    return Marks(None, email, phone) if email or phone else None


def people_of(db: Connection, shop: ShopRow, typed: str) -> list[list[Marks]]:
    """Each person who has that contact, by all marks under which they are known there.

    Two who share a phone are two. At most `MOST`.
    """
    marks = marks_typed(shop, typed)
    if marks is None:
        return []
    if marks.email:
        return [privacy.known_by(db, shop.id, marks)] if _is_held(db, shop.id, marks.email) else []
    return _of_phone(db, shop.id, marks)


def name_of(whose: list[Marks]) -> str:
    """By what a form names one of these people: the same for the same person, nobody else's.

    Not a place in a list: that is another person's as soon as one is erased.
    """
    first = whose[0]
    name = f"email:{first.email}" if first.email else first.identity
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def _of_phone(db: Connection, shop_id: int, marks: Marks) -> list[list[Marks]]:
    found: dict[tuple[str, str], Marks] = {}
    for table in _HOLDERS:
        columns = (table.c.customer_key, table.c.email)
        here = (table.c.shop_id == shop_id, table.c.phone == marks.phone)
        for row in db.execute(select(*columns).where(*here).distinct().limit(MOST)):
            name = ("email", row.email) if row.email else ("key", row.customer_key or "")
            found.setdefault(name, Marks(row.customer_key, row.email, marks.phone))
    named = [each for each in found.values() if each.email or each.customer_key]
    whose = [privacy.known_by(db, shop_id, each) for each in named[:MOST]]
    return whose or ([[marks]] if found else [])


def _is_held(db: Connection, shop_id: int, email: str) -> bool:
    held = privacy.held_addresses(db, shop_id, {email})
    return bool(held) or _has_words(db, shop_id, email)


def _has_words(db: Connection, shop_id: int, address: str) -> bool:
    consents = tables.consents
    here = (consents.c.shop_id == shop_id, consents.c.address == address)
    return db.execute(select(consents.c.id).where(*here).limit(1)).first() is not None
