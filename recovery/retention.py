"""How long a shop keeps people, carried out by the clock: payloads first, then the people.

After `shops.keep_payload_days` the bodies as they were received go; after `shops.keep_months`
carts, orders and messages name nobody any more, what was written to the shop goes, and who did
nothing since is forgotten. Of an order its moment and amount stay under a salted mark of the
person (`past_orders`), for predictions; that goes when the person is erased. What figures are
counted from stays.

Rows are found by when they began, in that order, so that each is visited once; a new round
begins after a month, for what was written late into something old.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, exists, or_, select, update

from recovery import past_orders, privacy, tables, traces
from recovery.eligibility import ANSWER
from recovery.model import Origin
from recovery.upserts import insert_new

MONTH = timedelta(days=365.25 / 12)
ROUND = timedelta(days=30)
_LONG_AGO = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_CARTS, _ORDERS, _SHOPS = tables.carts, tables.orders, tables.shops
_SHOPPERS, _PAST, _DONE = tables.shoppers, tables.past_orders, tables.retentions
_MARKS = ("customer_key", "email", "phone")
_NAMED_CART = [name for name in privacy.NAMELESS[_CARTS] if name not in ("raw", "client")]


def sweep(db: Connection, shop: Any, now: datetime, most: int = 200) -> int:
    """Carry out what is due at one shop (a row of `to_sweep`); rows visited, 0 when all is done."""
    done = _round(db, shop.id, now)
    bodies = now - timedelta(days=shop.keep_payload_days)
    people = now - shop.keep_months * MONTH
    visited = _payloads(db, shop.id, _CARTS, done.cart_payloads, bodies, most)
    visited = visited or _payloads(db, shop.id, _ORDERS, done.order_payloads, bodies, most)
    visited = visited or _others(db, shop.id, bodies, most)
    visited = visited or _old_carts(db, shop.id, done.carts, people, most)
    visited = visited or _old_orders(db, shop, done.orders, people, most)
    visited = visited or _old_replies(db, shop.id, people, most)
    return visited or _idle_people(db, shop.id, people, most)


def to_sweep(db: Connection) -> Sequence[Any]:
    """The shops: `id`, `draw_key`, `keep_months`, `keep_payload_days`."""
    columns = ("id", "draw_key", "keep_months", "keep_payload_days")
    living = _SHOPS.c.state != "erased"
    return db.execute(select(*(_SHOPS.c[name] for name in columns)).where(living)).all()


def _round(db: Connection, shop_id: int, now: datetime) -> Any:
    insert_new(db, _DONE, [{"shop_id": shop_id, "begun_at": now}])
    asked = select(_DONE).where(_DONE.c.shop_id == shop_id)
    row = db.execute(asked).one()
    if now - row.begun_at < ROUND:
        return row
    nothing = dict.fromkeys(("cart_payloads", "order_payloads", "carts", "orders"))
    again = update(_DONE).where(_DONE.c.shop_id == shop_id)
    db.execute(again.values(begun_at=now, **nothing))
    return db.execute(asked).one()


def _next(
    db: Connection, shop_id: int, table: Any, since: datetime | None, until: datetime, most: int
) -> list[Any]:
    """The next rows of the shop begun from `since` to before `until`, with their moments."""
    at = table.c.created_at if table is _CARTS else table.c.placed_at
    asked = select(table.c.id, at.label("at")).where(
        table.c.shop_id == shop_id, at > (since or _LONG_AGO), at < until
    )
    rows = db.execute(asked.order_by(at).limit(most)).all()
    if len(rows) < most:
        return list(rows)
    # Those of the last moment may go on in the next part: all of them belong to this one.
    last = select(table.c.id, at.label("at")).where(table.c.shop_id == shop_id, at == rows[-1].at)
    return [row for row in rows if row.at < rows[-1].at] + list(db.execute(last))


def _note(db: Connection, shop_id: int, name: str, rows: list[Any]) -> int:
    if rows:
        mine = update(_DONE).where(_DONE.c.shop_id == shop_id)
        db.execute(mine.values(**{name: max(row.at for row in rows)}))
    return len(rows)


def _payloads(
    db: Connection, shop_id: int, table: Any, since: datetime | None, until: datetime, most: int
) -> int:
    rows = _next(db, shop_id, table, since, until, most)
    held = (table.c.id.in_([row.id for row in rows]), table.c.raw != "")
    db.execute(update(table).where(*held).values(raw=""))
    return _note(db, shop_id, "cart_payloads" if table is _CARTS else "order_payloads", rows)


def _others(db: Connection, shop_id: int, until: datetime, most: int) -> int:
    """Payloads of customers, and of what was never understood."""
    old = (_SHOPPERS.c.shop_id == shop_id, _SHOPPERS.c.changed_at < until)
    ids = select(_SHOPPERS.c.id).where(*old, _SHOPPERS.c.raw.is_not(None)).limit(most)
    found = list(db.scalars(ids))
    db.execute(update(_SHOPPERS).where(_SHOPPERS.c.id.in_(found)).values(raw=None))
    unread = tables.unread
    never = (unread.c.shop_id == shop_id, unread.c.at < until)
    return len(found) + int(db.execute(delete(unread).where(*never)).rowcount)


def _old_carts(
    db: Connection, shop_id: int, since: datetime | None, until: datetime, most: int
) -> int:
    rows = _next(db, shop_id, _CARTS, since, until, most)
    ids = [row.id for row in rows]
    privacy.make_messages_nameless(db, tables.reminders.c.cart_id, ids)
    traces.forget_carts(db, ids)
    named = or_(*(_CARTS.c[name].is_not(None) for name in _NAMED_CART))
    lose = update(_CARTS).where(_CARTS.c.id.in_(ids), named)
    db.execute(lose.values(**privacy.NAMELESS[_CARTS]))
    return _note(db, shop_id, "carts", rows)


def _old_orders(
    db: Connection, shop: Any, since: datetime | None, until: datetime, most: int
) -> int:
    rows = _next(db, shop.id, _ORDERS, since, until, most)
    named = or_(*(_ORDERS.c[name].is_not(None) for name in _MARKS))
    mine = (_ORDERS.c.id.in_([row.id for row in rows]), named)
    found = db.execute(select(_ORDERS).where(*mine)).all()
    arms = {row.id: traces.of_orders(db, shop.id, [row]) for row in found}
    insert_new(db, _PAST, [past for row in found if (past := _summary(shop, row))])
    db.execute(update(_ORDERS).where(*mine).values(**privacy.NAMELESS[_ORDERS]))
    for order_id, of_order in arms.items():
        traces.keep_counted(db, of_order, order_id)
    return _note(db, shop.id, "orders", rows)


def _summary(shop: Any, order: Any) -> dict[str, Any] | None:
    whose = past_orders.persons(shop.draw_key, *(getattr(order, name) for name in _MARKS))
    if not whose or order.cancelled_at is not None or order.origin == Origin.SUBSCRIPTION.value:
        return None
    row = {"shop_id": shop.id, "person": whose[0], "placed_at": order.placed_at}
    return row | {"amount": order.total - order.refunded, "currency": order.currency}


def _old_replies(db: Connection, shop_id: int, until: datetime, most: int) -> int:
    """What was written to the shop, and what it answered: also of who never was its shopper."""
    replies, reminders = tables.replies, tables.reminders
    old = (replies.c.shop_id == shop_id, replies.c.at < until)
    asked = select(replies.c.id, replies.c.sender).where(*old).order_by(replies.c.at)
    rows = db.execute(asked.limit(most)).all()
    mine = (reminders.c.shop_id == shop_id, reminders.c.programme == ANSWER)
    theirs = reminders.c.recipient.in_({row.sender for row in rows})
    sent = select(reminders.c.id).where(*mine, theirs, reminders.c.latest_at < until)
    privacy.make_messages_nameless(db, reminders.c.id, list(db.scalars(sent)))
    traces.forget_replies(db, [row.id for row in rows])
    return len(rows)


def _idle_people(db: Connection, shop_id: int, until: datetime, most: int) -> int:
    """Forget who did nothing since: no cart and no order of theirs names them any more."""
    old = (_SHOPPERS.c.shop_id == shop_id, _SHOPPERS.c.changed_at < until)
    reached = (_is_named(_CARTS), _is_named(_ORDERS))
    asked = select(_SHOPPERS.c.id, *(_SHOPPERS.c[name] for name in _MARKS))
    people = db.execute(asked.where(*old, *(~each for each in reached)).limit(most)).all()
    db.execute(delete(_SHOPPERS).where(_SHOPPERS.c.id.in_([row.id for row in people])))
    addresses = {each for row in people for each in (row.email, row.phone) if each}
    for row in people:
        traces.forget_customer(db, shop_id, row.customer_key)
    for address in addresses - privacy.held_addresses(db, shop_id, addresses):
        privacy.forget_address(db, shop_id, address)
    return len(people)


def _is_named(table: Any) -> Any:
    ways = [table.c[name] == _SHOPPERS.c[name] for name in _MARKS]
    here = table.c.shop_id == _SHOPPERS.c.shop_id
    return or_(*(exists().where(here, way) for way in ways))
