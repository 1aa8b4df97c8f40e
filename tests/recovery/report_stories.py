"""Words for stories about reports: people in arms, reminders that left, links, codes, offers."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from recovery import tables
from recovery.database import Database
from recovery.model import Shopper, Totals
from recovery.shops import ShopRow
from tests.recovery.stories import a_cart, an_order, record

PROGRAMME = "cart"


def add(database: Database, table: Any, **values: Any) -> int:
    """A row; its id, where it has one."""
    with database.transaction() as db:
        made = db.execute(table.insert().values(**values).returning(*table.primary_key.columns))
        found = made.scalar_one()
    return found if isinstance(found, int) else 0


def in_arm(database: Database, shop: ShopRow, arm: str, at: datetime, **marks: Any) -> int:
    """A person in an arm, a row for each mark; the id of the first."""
    more = {name: marks.pop(name) for name in ("version_id", "in_conflict") if name in marks}
    values = {"shop_id": shop.id, "programme": PROGRAMME, "arm": arm, "at": at, "cart_id": 1}
    person: int | None = None
    for kind, mark in marks.items():
        row = values | more | {"kind": kind, "mark": mark, "person": person}
        made = add(database, tables.arms, **({"in_conflict": False} | row))
        person = made if person is None else person
    assert person is not None
    return person


def ordered(
    database: Database, shop: ShopRow, at: datetime, key: str, total: str = "50.00", **more: Any
) -> int:
    """An order by somebody with those marks; its id."""
    marks = {name: more.pop(name) for name in ("customer_key", "email", "phone") if name in more}
    values = {"shopper": Shopper(**marks), "totals": Totals(Decimal(total))} | more
    order = an_order(at, key=key, **values)
    record(database, shop, order, now=at)
    with database.reading() as db:
        mine = (tables.orders.c.shop_id == shop.id, tables.orders.c.key == key)
        return int(db.execute(select(tables.orders.c.id).where(*mine)).scalar_one())


def left(
    database: Database, shop: ShopRow, at: datetime, key: str, shopper: Shopper, **cart: Any
) -> int:
    """A cart of somebody, begun at `at`; its id."""
    record(database, shop, a_cart(at, key=key, shopper=shopper, **cart), now=at)
    with database.reading() as db:
        keys = tables.cart_keys
        asked = select(keys.c.cart_id).where(keys.c.key == f"{shop.id}|{key}")
        return int(db.execute(asked).scalar_one())


def reminded(
    database: Database, shop: ShopRow, cart_id: int, at: datetime, **different: Any
) -> int:
    """A message about a cart that left at `at`, with its link; its id."""
    values = {
        "programme": PROGRAMME,
        "step": 1,
        "channel": "sms",
        "state": "sent",
        "due_at": at,
        "latest_at": at,
        "sent_at": at,
        "created_at": at,
    } | different
    made = add(database, tables.reminders, shop_id=shop.id, cart_id=cart_id, **values)
    link = {"purpose": "cart", "shop_id": shop.id, "cart_id": cart_id, "expires_at": at}
    add(database, tables.links, token_hash=f"t{made}", reminder_id=made, **link)
    return made


def clicked(database: Database, reminder_id: int, at: datetime) -> None:
    """A person followed the link for the first time."""
    links = tables.links
    with database.transaction() as db:
        change = links.update().where(links.c.reminder_id == reminder_id)
        db.execute(change.values(first_clicked_at=at))


def visited(
    database: Database, shop: ShopRow, reminder_id: int, at: datetime, who: str = "person"
) -> None:
    """A visit of the link, kept as such alone."""
    row = {"link_hash": f"t{reminder_id}", "visit": f"{who}{at}", "who": who, "at": at}
    add(database, tables.clicks, shop_id=shop.id, reminder_id=reminder_id, **row)


def offered(
    database: Database, shop: ShopRow, cart_id: int, reminder_id: int, at: datetime, **more: Any
) -> int:
    """An offer of a step; its id."""
    values = {"gift": "incentive", "stand": "made", "reasons": "[]", "decided_at": at} | more
    where = {"shop_id": shop.id, "cart_id": cart_id, "reminder_id": reminder_id}
    return add(database, tables.offers, **where, **values)
