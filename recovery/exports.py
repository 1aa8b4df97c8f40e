"""What is held of a person at one shop, to be handed to them: every row that is theirs.

Groups of items of (name, value), as WordPress's own exporter shows them. Names are English;
whoever shows them may translate. What is kept by a phone that somebody else uses, too, is
not theirs alone, and is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, false, func, not_, or_, select

from recovery import consent_words, eligibility, email_opt_in, lines, privacy, tables, traces
from recovery.people import Marks

Item = tuple[tuple[str, str], ...]
_Named = tuple[tuple[str, str], ...]  # (column, what it is called)

_PERSON: _Named = (
    ("first_name", "First name"),
    ("last_name", "Last name"),
    ("email", "E-mail"),
    ("phone", "Phone"),
    ("phone_raw", "Phone as typed"),
    ("country", "Country"),
    ("region", "Region"),
    ("locale", "Language"),
    ("customer_key", "Customer number"),
    ("orders", "Number of orders"),
    ("changed_at", "Last change"),
    ("raw", "As it was received"),
)
_CART: _Named = (
    ("created_at", "Began"),
    ("changed_at", "Last change"),
    ("state", "State"),
    ("first_name", "First name"),
    ("email", "E-mail"),
    ("phone", "Phone"),
    ("phone_raw", "Phone as typed"),
    ("country", "Country"),
    ("region", "Region"),
    ("locale", "Language"),
    ("customer_key", "Customer number"),
    ("total", "Total"),
    ("lines", "Contents"),
    ("discount_codes", "Discount codes"),
    ("way_back", "Link back"),
    ("client", "Visitor's address, hashed"),
    ("raw", "As it was received"),
)
_ORDER: _Named = (
    ("key", "Number"),
    ("placed_at", "Placed"),
    ("email", "E-mail"),
    ("phone", "Phone"),
    ("customer_key", "Customer number"),
    ("total", "Total"),
    ("refunded", "Refunded"),
    ("lines", "Contents"),
    ("discount_codes", "Discount codes"),
    ("raw", "As it was received"),
)
_PARCEL: _Named = (
    ("order_key", "Number"),
    ("stage", "State"),
    ("at", "When"),
    ("carrier", "Carrier"),
    ("tracking_address", "Link to follow it"),
)
_MESSAGE: _Named = (
    ("due_at", "Planned for"),
    ("sent_at", "Sent"),
    ("state", "State"),
    ("channel", "Channel"),
    ("sender", "From"),
    ("recipient", "To"),
    ("headline", "Subject"),
    ("text", "Text"),
    ("code", "Discount code"),
    ("refusal", "Why it was refused"),
)
_REQUEST: _Named = (
    ("kind", "Kind"),
    ("phone", "Phone"),
    ("title", "Product"),
    ("address", "Product's page"),
    ("price", "Price seen"),
    ("locale", "Language"),
    ("asked_at", "When"),
    ("words", "Words read"),
    ("ended_at", "Ended"),
)
_CONSENT: _Named = (
    ("channel", "Channel"),
    ("address", "Address"),
    ("granted", "Answer"),
    ("at", "When"),
    ("source", "Where"),
    ("words", "Words read"),
    ("language", "Language"),
    ("page", "Page"),
    ("ip", "Your IP address"),
    ("recorded_at", "Kept since"),
)
_STOP: _Named = (("channel", "Channel"), ("address", "Address"), ("at", "Since"))
_ARM: _Named = (
    ("programme", "Programme"),
    ("arm", "Group drawn for comparison"),
    ("kind", "Known by"),
    ("mark", "Which is"),
    ("at", "Since"),
)
_OFFER: _Named = (
    ("decided_at", "Decided"),
    ("gift", "What"),
    ("kind", "Kind"),
    ("value", "Value"),
    ("code", "Discount code"),
    ("ends_at", "Good until"),
    ("used_at", "Used"),
    ("customer_key", "Customer number"),
    ("email", "E-mail"),
    ("phone", "Phone"),
)
_CLICK: _Named = (("at", "When"), ("who", "By"))
_LEFT: _Named = (("at", "When"), ("reason", "Why the cart was left"), ("follow_at", "Asked for"))
_PAUSE: _Named = (
    ("address", "Address"),
    ("at", "Since"),
    ("because", "Why"),
    ("lifted_at", "Until"),
)
_REPLY: _Named = (("at", "When"), ("sender", "From"), ("text", "Text"))


@dataclass(frozen=True, slots=True)
class Group:
    """Things of one sort; `label` is what a person reads above them."""

    id: str
    label: str
    items: tuple[Item, ...]


def of_address(db: Connection, shop_id: int, email: str) -> list[Group]:
    """All that is held of whoever has that address (an `email_key`) at a shop."""
    return of_person(db, shop_id, privacy.known_as(db, shop_id, email))


def of_person(db: Connection, shop_id: int, whose: Sequence[Marks]) -> list[Group]:
    """All that is held of a person at a shop, who is known there under these marks."""
    carts = _rows(db, tables.carts, _theirs(tables.carts, shop_id, whose))
    orders = _rows(db, tables.orders, _theirs(tables.orders, shop_id, whose))
    own = _their_own(db, shop_id, whose)
    requests = _here(db, tables.requests, shop_id, _asked_by(whose, own))
    found = (
        ("person", "What is known of you", _people(db, shop_id, whose, own), _PERSON),
        ("carts", "Carts", carts, _CART),
        ("orders", "Orders", orders, _ORDER),
        ("parcels", "Parcels", _parcels(db, shop_id, orders), _PARCEL),
        ("messages", "Messages", _messages(db, shop_id, carts, requests, own), _MESSAGE),
        ("requests", "Texts asked for", requests, _REQUEST),
        ("consents", "Agreed or declined", _by(db, tables.consents, shop_id, own), _CONSENT),
        ("stops", "No more messages", _by(db, tables.suppressions, shop_id, own), _STOP),
        ("replies", "Answers", _by(db, tables.replies, shop_id, own), _REPLY),
        *_of_programmes(db, shop_id, whose, own, carts),
    )
    return [
        Group(f"relance-{name}", label, tuple(_item(row, named) for row in rows))
        for name, label, rows, named in found
        if rows
    ]


def _of_programmes(
    db: Connection, shop_id: int, whose: Sequence[Marks], own: set[str], carts: Sequence[Any]
) -> Sequence[tuple[str, str, Sequence[Any], _Named]]:
    """What programmes keep of them."""
    ids = [row.id for row in carts]
    arms, clicks, offers, left = tables.arms, tables.clicks, tables.offers, tables.leaving_reasons
    keys = [marks.customer_key for marks in whose if marks.customer_key]
    by_key = and_(arms.c.kind == "customer_key", arms.c.mark.in_(keys))
    drawn = or_(by_key, and_(arms.c.kind != "customer_key", arms.c.mark.in_(own)))
    sent = select(tables.reminders.c.id).where(tables.reminders.c.cart_id.in_(ids))
    offered = or_(offers.c.cart_id.in_(ids), _theirs(offers, shop_id, whose))
    return (
        ("arms", "Comparisons you are part of", _here(db, arms, shop_id, drawn), _ARM),
        ("offers", "Offers", _here(db, offers, shop_id, offered), _OFFER),
        (
            "clicks",
            "Links followed",
            _here(db, clicks, shop_id, clicks.c.reminder_id.in_(sent)),
            _CLICK,
        ),
        ("left", "Why carts were left", _here(db, left, shop_id, left.c.cart_id.in_(ids)), _LEFT),
        ("pauses", "Messages paused", _by(db, tables.pauses, shop_id, own), _PAUSE),
    )


def _theirs(table: Table, shop_id: int, whose: Sequence[Marks]) -> ColumnElement[bool]:
    return or_(*(privacy.theirs(table, shop_id, marks) for marks in whose))


def _their_own(db: Connection, shop_id: int, whose: Sequence[Marks]) -> set[str]:
    """Their addresses, less the phones at which somebody else is reached, too."""
    found = privacy.addresses_of(db, shop_id, whose)
    named = {marks.email for marks in whose}
    return {each for each in found if each in named or not _is_shared(db, shop_id, whose, each)}


def _is_shared(db: Connection, shop_id: int, whose: Sequence[Marks], address: str) -> bool:
    for table in (tables.carts, tables.orders, tables.shoppers):
        there = or_(table.c.email == address, table.c.phone == address)
        # Without an e-mail and a customer's id nothing tells that it is somebody else.
        marked = or_(table.c.email.is_not(None), table.c.customer_key.is_not(None))
        mine = func.coalesce(_theirs(table, shop_id, whose), false())
        elses = select(table.c.id).where(table.c.shop_id == shop_id, there, marked, not_(mine))
        if db.execute(elses.limit(1)).first() is not None:
            return True
    return False


def _people(db: Connection, shop_id: int, whose: Sequence[Marks], own: set[str]) -> Sequence[Any]:
    shoppers = tables.shoppers
    # Who typed a phone before the e-mail has a row under each.
    by_phone = shoppers.c.identity.in_([f"{shop_id}|phone:{each}" for each in own])
    return _here(db, shoppers, shop_id, or_(_theirs(shoppers, shop_id, whose), by_phone))


def _asked_by(whose: Sequence[Marks], own: set[str]) -> ColumnElement[bool]:
    keys = [marks.customer_key for marks in whose if marks.customer_key]
    return or_(tables.requests.c.phone.in_(own), tables.requests.c.customer_key.in_(keys))


def _messages(
    db: Connection,
    shop_id: int,
    carts: Sequence[Any],
    requests: Sequence[Any],
    own: set[str],
) -> Sequence[Any]:
    of_cart = tables.reminders.c.cart_id.in_([row.id for row in carts])
    of_request = tables.reminders.c.request_id.in_([row.id for row in requests])
    to_confirm = tables.reminders.c.programme.in_((email_opt_in.CONFIRM, eligibility.ANSWER))
    of_address = to_confirm & tables.reminders.c.recipient.in_(own)
    return _here(db, tables.reminders, shop_id, or_(of_cart, of_request, of_address))


def _parcels(db: Connection, shop_id: int, orders: Sequence[Any]) -> Sequence[Any]:
    on_the_way = tables.parcels.c.order_key.in_([row.key for row in orders])
    return _here(db, tables.parcels, shop_id, on_the_way)


def _by(db: Connection, table: Table, shop_id: int, own: set[str]) -> Sequence[Any]:
    if table is tables.replies:
        return _rows(db, table, and_(traces.replies_of(shop_id), table.c.sender.in_(own)))
    return _here(db, table, shop_id, table.c.address.in_(own))


def _here(db: Connection, table: Table, shop_id: int, by: ColumnElement[bool]) -> Sequence[Any]:
    return _rows(db, table, and_(table.c.shop_id == shop_id, by))


def _rows(db: Connection, table: Table, by: ColumnElement[bool]) -> Sequence[Any]:
    return db.execute(select(table).where(by).order_by(*table.primary_key.columns)).all()


def _item(row: Any, named: _Named) -> Item:
    """What the row tells, under the names given; what it does not tell is left out."""
    told = ((name, _written(row, column)) for column, name in named)
    return tuple((name, value) for name, value in told if value)


def _written(row: Any, column: str) -> str:
    value = getattr(row, column)
    if column == "source":
        return consent_words.words_of(value)
    if column == "lines":
        return "; ".join(f"{line.quantity} × {line.title}" for line in lines.read(value))
    if column == "discount_codes":
        return ", ".join((value or "").splitlines())
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, Decimal) and column == "value" and row.kind == "percent":
        return f"{value.normalize():f} %"
    if isinstance(value, Decimal):
        return f"{value.normalize():f} {row.currency or ''}".strip()
    return "" if value is None else str(value)
