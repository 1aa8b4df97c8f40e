"""What programmes keep of a person: arms, offers, clicks, reasons of leaving, pauses, forwards.

Erasing takes the person out of it. What figures are counted from stays, nameless: in which
arm somebody was, what was offered and taken, that a link was followed, why a cart was left.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    String,
    and_,
    cast,
    delete,
    literal,
    or_,
    select,
    update,
)

from recovery import search_words, tables
from recovery.upserts import insert_into

#: In place of what named somebody, another value for each row: these are unique.
NOBODYS = "erased {}"
OFFER: dict[str, Any] = {"customer_key": None, "email": None, "phone": None, "error": None}
_ARMS = tables.arms
_CLICKS = tables.clicks
_FORWARDS = tables.forwards
_LEFT = tables.leaving_reasons
_OFFERS = tables.offers
_REMINDERS = tables.reminders
_REPLIES = tables.replies


def forget_carts(db: Connection, cart_ids: Collection[int]) -> int:
    """Take out who these carts were of; how many rows named them."""
    if not cart_ids:
        return 0
    named = or_(*(_OFFERS.c[name].is_not(None) for name in OFFER))
    offers = update(_OFFERS).where(_OFFERS.c.cart_id.in_(cart_ids), named).values(**OFFER)
    forgotten = int(db.execute(offers).rowcount)
    search_words.forget_carts(db, cart_ids)
    sent = select(_REMINDERS.c.id).where(_REMINDERS.c.cart_id.in_(cart_ids))
    _lose_visits(db, _CLICKS.c.reminder_id.in_(sent))
    return forgotten


def of_orders(db: Connection, shop_id: int, orders: Collection[Any]) -> list[int]:
    """The arms by which the figures find these orders; to be asked before either is erased."""
    by_mark = [
        and_(_ARMS.c.kind == kind, _ARMS.c.mark.in_(marks))
        for kind in ("customer_key", "email", "phone")
        if (marks := {getattr(row, kind) for row in orders} - {None})
    ]
    if not by_mark:
        return []
    return _ids(db.execute(select(_ARMS.c.id).where(_ARMS.c.shop_id == shop_id, or_(*by_mark))))


def keep_together(db: Connection, arms: Collection[int], orders: Collection[int]) -> None:
    """Join erased orders to the erased rows of `arms` that they were of, by no one's name.

    Else whoever is erased would count as somebody who never ordered. To be called when both
    have lost their marks; a row that somebody else still holds joins nothing.
    """
    lost = (_ARMS.c.id.in_(arms), _ARMS.c.mark.like(NOBODYS.format("%")))
    rows = db.execute(select(_ARMS.c.id, _ARMS.c.programme).where(*lost).order_by(_ARMS.c.id))
    firsts = {row.programme: row.id for row in reversed(list(rows))}
    if not firsts or not orders:
        return
    nobody = NOBODYS.format(min(firsts.values()))
    kept = {"kind": "customer_key", "mark": nobody}
    db.execute(update(_ARMS).where(_ARMS.c.id.in_(firsts.values())).values(**kept))
    theirs = tables.orders.c.id.in_(orders)
    db.execute(update(tables.orders).where(theirs).values(customer_key=nobody))


def keep_counted(db: Connection, arms: Collection[int], order_id: int) -> None:
    """Join an order that lost its marks to the people of these rows, who keep theirs.

    They get one mark more, no one's name, so that the order stays counted where it was.
    """
    rows = db.execute(select(_ARMS).where(_ARMS.c.id.in_(arms)).order_by(_ARMS.c.id)).all()
    if not rows:
        return
    nobody = NOBODYS.format(min(row.person or row.id for row in rows))
    firsts = {row.programme: row for row in reversed(rows)}
    more = {"kind": "customer_key", "mark": nobody}
    for row in firsts.values():
        same = {name: value for name, value in row._mapping.items() if name != "id"}
        made = same | more | {"person": row.person or row.id}
        db.execute(insert_into(db, _ARMS).values(**made).on_conflict_do_nothing())
    order = tables.orders.c.id == order_id
    db.execute(update(tables.orders).where(order).values(customer_key=nobody))


def forget_customer(db: Connection, shop_id: int, customer_key: str | None) -> int:
    """Take out what bears the platform's number of a customer; how many rows."""
    if not customer_key:
        return 0
    here = (_ARMS.c.shop_id == shop_id, _ARMS.c.kind == "customer_key")
    return _lose_marks(db, *here, _ARMS.c.mark == customer_key)


def forget_address(db: Connection, shop_id: int, address: str) -> int:
    """Take out what bears this e-mail or phone; before the replies from it are deleted.

    A reply on its way to the merchant does not leave any more.
    """
    of_address = and_(replies_of(shop_id), _REPLIES.c.sender == address)
    _lose_replies(db, of_address)
    unowned = delete(_REPLIES).where(of_address, _REPLIES.c.shop_id.is_(None))
    lost = int(db.execute(unowned).rowcount)
    here = (_ARMS.c.shop_id == shop_id, _ARMS.c.kind.in_(("email", "phone")))
    found = _lose_marks(db, *here, _ARMS.c.mark == address)
    pauses = tables.pauses
    paused = delete(pauses).where(pauses.c.shop_id == shop_id, pauses.c.address == address)
    return found + lost + int(db.execute(paused).rowcount)


def forget_replies(db: Connection, reply_ids: Collection[int]) -> None:
    """These replies go; the reasons that they gave stay counted."""
    which = _REPLIES.c.id.in_(reply_ids)
    _lose_replies(db, which)
    db.execute(delete(_REPLIES).where(which))


def replies_of(shop_id: int) -> ColumnElement[bool]:
    """The replies to that shop; also those to its account that no shop had written to before.

    (A reply that came to an account of several shops has no shop of its own.)
    """
    account = select(tables.shops.c.account_id).where(tables.shops.c.id == shop_id)
    of_account = _REPLIES.c.account_id == account.scalar_subquery()
    return or_(_REPLIES.c.shop_id == shop_id, and_(_REPLIES.c.shop_id.is_(None), of_account))


def forget_shop(db: Connection, shop_id: int) -> None:
    """Take everybody out who was in a programme of that shop; before its replies are deleted."""
    _lose_replies(db, _REPLIES.c.shop_id == shop_id)
    forwarded = select(_FORWARDS.c.reply_id).where(_FORWARDS.c.shop_id == shop_id)
    unowned = (_REPLIES.c.shop_id.is_(None), _REPLIES.c.id.in_(forwarded))
    db.execute(delete(_REPLIES).where(*unowned))
    _lose_marks(db, _ARMS.c.shop_id == shop_id)
    _lose_visits(db, _CLICKS.c.shop_id == shop_id)
    db.execute(update(_OFFERS).where(_OFFERS.c.shop_id == shop_id).values(**OFFER))
    db.execute(delete(tables.pauses).where(tables.pauses.c.shop_id == shop_id))
    db.execute(delete(_FORWARDS).where(_FORWARDS.c.shop_id == shop_id))
    search_words.forget_shop(db, shop_id)
    programmes, versions = tables.programmes, tables.programme_versions
    own = select(programmes.c.id).where(programmes.c.shop_id == shop_id)
    db.execute(update(versions).where(versions.c.programme_id.in_(own)).values(author=""))


def addresses_offered(db: Connection, cart_ids: Collection[int]) -> set[str]:
    """The e-mails and phones that offers of these carts name; a cart may show others by now."""
    columns = select(_OFFERS.c.email, _OFFERS.c.phone).where(_OFFERS.c.cart_id.in_(cart_ids))
    return {each for row in db.execute(columns) for each in row if each}


def addresses_drawn(db: Connection, shop_id: int, cart_ids: Collection[int]) -> set[str]:
    """The e-mails and phones by which somebody was put into an arm beside these carts."""
    here = (_ARMS.c.shop_id == shop_id, _ARMS.c.cart_id.in_(cart_ids))
    by_address = _ARMS.c.kind.in_(("email", "phone")) & _ARMS.c.mark.not_like(NOBODYS.format("%"))
    return {row.mark for row in db.execute(select(_ARMS.c.mark).where(*here, by_address))}


def _lose_marks(db: Connection, *which: Any) -> int:
    still = _ARMS.c.mark.not_like(NOBODYS.format("%"))
    nameless = update(_ARMS).where(*which, still).values(mark=_nobodys(_ARMS))
    return int(db.execute(nameless).rowcount)


def _lose_visits(db: Connection, which: Any) -> None:
    """A visit's hash is of no use after its day; until then it could tell who it was."""
    still = _CLICKS.c.visit.not_like(NOBODYS.format("%"))
    db.execute(update(_CLICKS).where(which, still).values(visit=_nobodys(_CLICKS)))


def _nobodys(table: Any) -> Any:
    """`NOBODYS` of each row's own id: one statement, however many a shop has."""
    return literal(NOBODYS.format("")).concat(cast(table.c.id, String))


def _lose_replies(db: Connection, which: Any) -> None:
    """The replies go: what was to be forwarded of them, too, and what they answered loses them.

    The reason stays counted under a number that no reply ever has: SQLite gives the number
    of a row that was deleted to a later one.
    """
    replies = select(_REPLIES.c.id).where(which)
    db.execute(delete(_FORWARDS).where(_FORWARDS.c.reply_id.in_(replies)))
    for each in _ids(db.execute(select(_LEFT.c.id).where(_LEFT.c.reply_id.in_(replies)))):
        db.execute(update(_LEFT).where(_LEFT.c.id == each).values(reply_id=-each, follow_at=None))


def _ids(rows: Iterable[Any]) -> list[int]:
    return [row.id for row in rows]
