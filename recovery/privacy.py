"""What the law lets a person and a shop ask: what is held, and that it be forgotten.

Erasing keeps the rows that figures are counted from, without anything that names
anybody. Of a stop a salted mark stays: without it the next text would break the stop.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, false, or_, select, update

from recovery import (
    mentions,
    order_intake,
    past_orders,
    states,
    stop_marks,
    tables,
    traces,
    unread,
)
from recovery.people import Marks
from recovery.reasons import Reason, written
from recovery.shops import ShopRow

NAMELESS: dict[Table, dict[str, Any]] = {
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
    tables.offers: traces.OFFER,
    tables.privacy_receipts: {"customer_key": None, "email": None, "phone": None},
}
_BY_ADDRESS: dict[Table, str] = {
    tables.consents: "address",
    tables.caps: "address",
    tables.replies: "sender",
}
#: To whom and what was sent, and what the provider said to it, which may repeat either.
OF_A_REMINDER = dict.fromkeys(("recipient", "text", "headline", "refusal"))
_OF_A_REQUEST = {"customer_key": None, "words": "", "ended_because": "erased"}
#: In place of a number, another one for each row: a shop has one request of a number.
_NOBODYS = "erased {}"
_AT_ONCE = 200  # requests that one statement names


@dataclass(frozen=True, slots=True)
class Erased:
    """How many things of a person were erased, and how many stops to their addresses stay."""

    removed: int
    retained: int


def known_as(db: Connection, shop_id: int, email: str) -> list[Marks]:
    """The marks of whoever has that address at a shop: as a guest, and as its customer."""
    shoppers = tables.shoppers
    here = (shoppers.c.shop_id == shop_id, shoppers.c.email == email)
    rows = db.execute(
        select(shoppers.c.customer_key)
        .where(*here, shoppers.c.customer_key.is_not(None))
        .distinct()
    )
    keys = sorted(row.customer_key for row in rows)
    return [Marks(None, email, None), *(Marks(key, email, None) for key in keys)]


def known_by(db: Connection, shop_id: int, marks: Marks) -> list[Marks]:
    """Under which marks a person is known at a shop, who is named by these: the strongest count.

    By a phone alone nobody is taken for the customer who also has it.
    """
    if marks.email is None:
        return [marks]
    as_named = [marks] if marks.customer_key else []
    return as_named + [each for each in known_as(db, shop_id, marks.email) if each not in as_named]


def erase_address(db: Connection, shop: ShopRow, email: str, now: datetime) -> Erased:
    """Forget whoever has that address (an `email_key`) at one shop."""
    whose = known_as(db, shop.id, email)
    addresses = addresses_of(db, shop.id, whose)
    removed = sum(erase_person(db, shop, marks, now) for marks in whose)
    return Erased(removed, stops_of(db, shop.id, addresses))


def erase_person(db: Connection, shop: ShopRow, marks: Marks, now: datetime) -> int:
    """Forget a person at one shop: by the strongest mark given. How many rows named them.

    Who only shares a phone or an address with them is somebody else, and stays.
    """
    carts, orders = tables.carts, tables.orders
    addresses = addresses_of(db, shop.id, [marks])
    ids = [row.id for row in db.execute(select(carts.c.id).where(theirs(carts, shop.id, marks)))]
    addresses |= traces.addresses_offered(db, ids) | traces.addresses_drawn(db, shop.id, ids)
    ordered = db.execute(select(orders).where(theirs(orders, shop.id, marks))).all()
    counted = traces.of_orders(db, shop.id, ordered)
    parcels = _lose_parcels(db, shop.id, [row.key for row in ordered])
    order_intake.call_off(db, ids, Reason.CART_ENDED, now)
    removed = parcels + make_messages_nameless(db, tables.reminders.c.cart_id, ids)
    removed += traces.forget_carts(db, ids)
    for key in {marks.customer_key, *_customers_of(db, ids)}:
        removed += traces.forget_customer(db, shop.id, key)
    for table, values in NAMELESS.items():
        changed = update(table).where(theirs(table, shop.id, marks)).values(**values)
        removed += db.execute(changed).rowcount
    removed += db.execute(
        delete(tables.shoppers).where(theirs(tables.shoppers, shop.id, marks))
    ).rowcount
    if marks.customer_key:
        requests = tables.requests
        own = (requests.c.shop_id == shop.id, requests.c.customer_key == marks.customer_key)
        removed += erase_requests(db, own, now)
    removed += drop_guests(db, shop.id, addresses)
    for address in addresses - held_addresses(db, shop.id, addresses):
        # What was asked for by a number goes first: else it would hold its own consent.
        requests = tables.requests
        own = (requests.c.shop_id == shop.id, requests.c.phone == address)
        removed += erase_requests(db, own, now)
        removed += forget_address(db, shop.id, address)
    traces.keep_together(db, counted, [row.id for row in ordered])
    past_orders.forget(db, shop.id, [marks.customer_key, *addresses])
    unread.forget_person(db, shop.id, mentions.Mentions(marks.customer_key, addresses).are_in)
    return removed


def _customers_of(db: Connection, cart_ids: list[int]) -> set[str | None]:
    """By which numbers of customers these carts name somebody."""
    carts = tables.carts
    return set(db.scalars(select(carts.c.customer_key).where(carts.c.id.in_(cart_ids))))


def theirs(table: Table, shop_id: int, marks: Marks) -> ColumnElement[bool]:
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


def addresses_of(db: Connection, shop_id: int, whose: Iterable[Marks]) -> set[str]:
    """The e-mails and phones that a person's marks and rows show."""
    found: set[str | None] = set()
    for marks in whose:
        found |= {marks.email, marks.phone}
        for table in (tables.carts, tables.orders, tables.shoppers):
            columns = select(table.c.email, table.c.phone).where(theirs(table, shop_id, marks))
            found.update(each for row in db.execute(columns) for each in row)
    return {each for each in found if each}


def held_addresses(db: Connection, shop_id: int, addresses: Iterable[str]) -> set[str]:
    """Those of the addresses at which a cart, an order or a shopper of that shop is reached."""
    holders = (tables.carts, tables.orders, tables.shoppers)
    return {
        address
        for address in addresses
        if any(is_reached(db, each, shop_id, address) for each in holders)
    }


def drop_guests(db: Connection, shop_id: int, addresses: Iterable[str]) -> int:
    """Drop who is known by one of these addresses alone, and by no cart or order any more.

    Somebody who types a phone first and an e-mail later leaves a row for each.
    """
    shoppers, dropped = tables.shoppers, 0
    for address in addresses:
        if not any(
            is_reached(db, each, shop_id, address) for each in (tables.carts, tables.orders)
        ):
            names = [f"{shop_id}|{kind}:{address}"[:400] for kind in ("email", "phone")]
            guest = (shoppers.c.identity.in_(names), shoppers.c.raw.is_(None))
            dropped += db.execute(delete(shoppers).where(*guest)).rowcount
    return dropped


def is_reached(db: Connection, table: Table, shop_id: int, address: str) -> bool:
    """Whether a row of that shop has this e-mail or phone."""
    by = or_(table.c.email == address, table.c.phone == address)
    found = select(table.c.id).where(table.c.shop_id == shop_id, by).limit(1)
    return db.execute(found).first() is not None


def forget_address(db: Connection, shop_id: int, address: str) -> int:
    """Forget what is kept by that address alone; of a stop a mark stays. How many rows it was."""
    reminders = tables.reminders
    # What asked that address to confirm is of no cart and no request; unsent, it stays so.
    alone = (reminders.c.cart_id.is_(None), reminders.c.request_id.is_(None))
    mine = select(reminders.c.id).where(
        reminders.c.recipient == address, reminders.c.shop_id == shop_id, *alone
    )
    asked = make_messages_nameless(db, reminders.c.id, list(db.scalars(mine)))
    stop_marks.keep(db, shop_id, address)
    return (
        asked
        + traces.forget_address(db, shop_id, address)
        + sum(
            db.execute(
                delete(table).where(table.c.shop_id == shop_id, table.c[column] == address)
            ).rowcount
            for table, column in _BY_ADDRESS.items()
        )
    )


def make_messages_nameless(db: Connection, column: Any, ids: list[int]) -> int:
    """What was sent for these carts or requests stays counted, without to whom and what.

    `column` is that of `reminders` by which they are named. How many named somebody.
    """
    reminders = tables.reminders
    named = or_(*(reminders.c[name].is_not(None) for name in OF_A_REMINDER))
    changed = update(reminders).where(column.in_(ids), named).values(**OF_A_REMINDER)
    return int(db.execute(changed).rowcount)


def stops_of(db: Connection, shop_id: int, addresses: set[str]) -> int:
    """How many stops of these addresses are kept: as they were said, or as marks."""
    stops = tables.suppressions
    here = (stops.c.shop_id == shop_id, stops.c.address.in_(addresses))
    plain = len(db.execute(select(stops.c.address).where(*here)).all())
    return plain + stop_marks.count(db, shop_id, addresses)


def _lose_parcels(db: Connection, shop_id: int, order_keys: list[str]) -> int:
    parcels = tables.parcels
    here = (parcels.c.shop_id == shop_id, parcels.c.order_key.in_(order_keys))
    lost = update(parcels).where(*here, parcels.c.tracking_address.is_not(None))
    return int(db.execute(lost.values(tracking_address=None)).rowcount)


def erase_requests(db: Connection, own: tuple[Any, ...], now: datetime) -> int:
    """End these requests, without anything that names anybody; what they led to stays counted."""
    requests = tables.requests
    not_yet = or_(requests.c.ended_because.is_(None), requests.c.ended_because != "erased")
    asked, erased = select(requests.c.id).where(*own, not_yet).limit(_AT_ONCE), 0
    while ids := list(db.scalars(asked)):
        _erase_requests(db, ids, now)
        erased += len(ids)
    return erased


def _erase_requests(db: Connection, ids: list[int], now: datetime) -> None:
    requests, reminders = tables.requests, tables.reminders
    waiting = db.execute(
        select(reminders.c.id).where(
            reminders.c.request_id.in_(ids), reminders.c.state == states.ReminderState.SCHEDULED
        )
    )
    also = {"reasons": written([Reason.NOT_ASKED]), "settled_at": now}
    still = reminders.c.state == states.ReminderState.SCHEDULED
    states.move_all(db, reminders, [row.id for row in waiting], "skip", also, only_if=still)
    make_messages_nameless(db, reminders.c.request_id, ids)
    for each in ids:
        nameless = {"phone": _NOBODYS.format(each), "ended_at": now, **_OF_A_REQUEST}
        db.execute(update(requests).where(requests.c.id == each).values(**nameless))
