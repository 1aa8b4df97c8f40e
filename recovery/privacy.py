"""What the law lets a person and a shop ask: what is held, and that it be forgotten.

Erasing keeps the rows that figures are counted from, without anything that names
anybody. A suppression stays: without it the next text would break the stop.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

import phonenumbers
from phonenumbers import NumberParseException
from sqlalchemy import ColumnElement, Connection, Table, and_, delete, false, or_, select, update

from recovery import notices, order_intake, people, tables, unread
from recovery.contacts import email_key
from recovery.model import PrivacyRequest
from recovery.people import Marks
from recovery.reasons import Reason
from recovery.shops import ShopRow

_NAMELESS: dict[Table, dict[str, Any]] = {
    tables.carts: {
        "customer_key": None,
        "email": None,
        "phone": None,
        "phone_raw": None,
        "first_name": None,
        "client": None,
        "way_back": None,
        "raw": "",
    },
    tables.orders: {"customer_key": None, "email": None, "phone": None, "raw": ""},
}
_BY_ADDRESS: dict[Table, str] = {
    tables.consents: "address",
    tables.caps: "address",
    tables.replies: "sender",
}
_OF_A_REMINDER = {"recipient": None, "text": None}
# Digits as people write a number: "+33 6 12-34.56(78)", but not two numbers on two lines.
_NUMBER = re.compile(r"\+?\(?\d(?:[\s().\-/\u00a0\u2011\u202f]{0,3}\d){5,18}")
_NO_DIGIT = re.compile(r"\D")
_ADDRESS = re.compile(r"[^\s\"'<>,;:()\[\]{}&=\\]+@[^\s\"'<>,;:()\[\]{}&=\\]+")


def answer(db: Connection, shop: ShopRow, request: PrivacyRequest, now: datetime) -> None:
    """Do what a platform's privacy request asks; an export is noted for the merchant."""
    if request.kind == "erase_shop":
        _erase_shop(db, shop, now)
    elif request.kind == "erase":
        erase_person(db, shop, people.marks_of(request.shopper, shop.country), now)
    else:
        subject = f"shop.{shop.id}.export.{request.shopper.customer_key or 'unnamed'}"
        notices.tell(db, subject, "A customer asks what is stored about them.", now, shop.id)


def erase_person(db: Connection, shop: ShopRow, marks: Marks, now: datetime) -> None:
    """Forget a person at one shop: by the strongest mark given.

    Who only shares a phone or an address with them is somebody else, and stays.
    """
    carts, reminders = tables.carts, tables.reminders
    theirs = _theirs(carts, shop.id, marks)
    found = db.execute(select(carts.c.id, carts.c.email, carts.c.phone).where(theirs)).all()
    ids = [row.id for row in found]
    order_intake.call_off(db, ids, Reason.CART_ENDED, now)
    for table, values in _NAMELESS.items():
        db.execute(update(table).where(_theirs(table, shop.id, marks)).values(**values))
    db.execute(update(reminders).where(reminders.c.cart_id.in_(ids)).values(**_OF_A_REMINDER))
    db.execute(delete(tables.shoppers).where(_theirs(tables.shoppers, shop.id, marks)))
    addresses = {marks.email, marks.phone, *(each for row in found for each in row[1:])}
    _forget_addresses(db, shop.id, addresses - {None})
    names = Mentions(marks.customer_key, {address for address in addresses if address})
    unread.forget_person(db, shop.id, names.are_in)


def _theirs(table: Table, shop_id: int, marks: Marks) -> ColumnElement[bool]:
    """The rows of that person: a customer's, and what they left as a guest."""
    by: ColumnElement[bool] = false()
    if marks.customer_key:
        guest = and_(table.c.customer_key.is_(None), table.c.email == marks.email)
        by = or_(table.c.customer_key == marks.customer_key, guest if marks.email else false())
    elif marks.email:
        by = table.c.email == marks.email
    elif marks.phone:
        by = table.c.phone == marks.phone
    return and_(table.c.shop_id == shop_id, by)


def _forget_addresses(db: Connection, shop_id: int, addresses: set[str | None]) -> None:
    """Forget what is kept by address, unless somebody else is reached there, too."""
    holders = (tables.carts, tables.orders, tables.shoppers)
    for address in addresses:
        uses = [
            select(each.c.id).where(
                each.c.shop_id == shop_id, or_(each.c.email == address, each.c.phone == address)
            )
            for each in holders
        ]
        if not any(db.execute(use.limit(1)).first() for use in uses):
            for table, column in _BY_ADDRESS.items():
                mine = (table.c.shop_id == shop_id, table.c[column] == address)
                db.execute(delete(table).where(*mine))


def _erase_shop(db: Connection, shop: ShopRow, now: datetime) -> None:
    # Shopify asks 48 hours after an uninstall. A shop that came back meanwhile is active
    # again, and must not be erased by the request of its former life.
    if shop.is_active:
        return
    carts, reminders = tables.carts, tables.reminders
    ids = [row.id for row in db.execute(select(carts.c.id).where(carts.c.shop_id == shop.id))]
    order_intake.call_off(db, ids, Reason.SHOP_GONE, now)
    for table, values in _NAMELESS.items():
        db.execute(update(table).where(table.c.shop_id == shop.id).values(**values))
    db.execute(update(reminders).where(reminders.c.shop_id == shop.id).values(**_OF_A_REMINDER))
    for table in (tables.shoppers, *_BY_ADDRESS, tables.unread):
        db.execute(delete(table).where(table.c.shop_id == shop.id))
    gone = {"state": "erased", "credentials": "", "name": ""}
    db.execute(update(tables.shops).where(tables.shops.c.id == shop.id).values(**gone))


class Mentions:
    """What names a person in a text that nobody can read: customer id, e-mails, E.164 phones."""

    def __init__(self, customer_key: str | None, addresses: set[str]) -> None:
        self._customer_key = customer_key
        self._emails = {each for each in addresses if "@" in each}
        # Not within a longer address: "joana@example.com.au" holds nothing of "ana@example.com".
        self._as_written = [
            re.compile(rf"(?<![\w.+-]){re.escape(each.casefold())}(?!\.?[\w-])")
            for each in self._emails
        ]
        self._phones = {form for each in addresses - self._emails for form in _forms(each)}

    def are_in(self, headers: str, body: bytes) -> bool:
        """Whether the headers or the body hold one of them."""
        for whole in (headers, body.decode(errors="replace")):
            values = _json(whole)
            texts = [whole, unquote_plus(whole), *(text for _, text in _leaves(values))]
            if any(map(self._stands_in, texts)) or self._is_customer(values):
                return True
        return False

    def _stands_in(self, text: str) -> bool:
        if self._emails and "@" in text:
            folded = unicodedata.normalize("NFC", text).casefold()
            if any(email.search(folded) for email in self._as_written):
                return True
            if self._emails & {email_key(found.strip(".")) for found in _ADDRESS.findall(text)}:
                return True
        numbers = (_NO_DIGIT.sub("", found) for found in _NUMBER.findall(text))
        return bool(self._phones) and not self._phones.isdisjoint(numbers)

    def _is_customer(self, values: Any) -> bool:
        if not self._customer_key:
            return False
        return any(
            name in ("customer_id", "customer_key", "customer.id", "customer.admin_graphql_api_id")
            and text.rpartition("/")[2] == self._customer_key
            for name, text in _leaves(values)
        )


def _forms(phone: str) -> Iterator[str]:
    """The digits of an E.164 number, and as it is written at home and from abroad."""
    try:
        number = phonenumbers.parse(phone)
    except NumberParseException:
        yield _NO_DIGIT.sub("", phone)
        return
    code, home = str(number.country_code), phonenumbers.national_significant_number(number)
    for start in (code, f"00{code}", f"011{code}", f"{code}0", f"00{code}0", "0", "8", ""):
        yield start + home


def _json(text: str) -> Any:
    try:
        return json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return None


def _leaves(value: Any, name: str = "", parent: str = "") -> Iterator[tuple[str, str]]:
    """Each text and number with its name; what is an `id` bears its owner's name before it."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _leaves(each, str(key), name)
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each, name, parent)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield (f"{parent}.{name}" if parent == "customer" else name), str(value)
