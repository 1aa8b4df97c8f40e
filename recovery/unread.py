"""What was genuine and could not be read: kept whole, to be read again.

Requests are kept as they came. A row of a poll is kept once for each thing, with what
is legible of it; what an order among them calls off is told in
`docs/decisions/0009-orders-that-cannot-be-read.md`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, select, text, update

from recovery import notices, order_intake, people, states, tables
from recovery.cart_keys import key_within
from recovery.model import Cart, Order, RowKind, Seen, Shopper, UnreadRow
from recovery.people import Marks
from recovery.reasons import Reason, written
from recovery.shops import ShopRow
from recovery.upserts import insert_into

POLL = "poll"  # the door
_UNREAD = tables.unread
_CARTS = tables.carts
_KEYS = tables.cart_keys
_REMINDERS = tables.reminders
#: So long an unread order calls off what it may have ended; later, that is too old anyway.
_MATTERS = timedelta(days=3)
#: A time that cannot be trusted must not call off the carts of years to come.
_CLOCKS_APART = timedelta(minutes=10)
_MANY = 500
_WORDS = (
    "An order of this shop cannot be read. It is kept, and what it may have ended is not "
    "reminded. See “Requests that were not understood” in docs/when-things-break.md."
)


@dataclass(frozen=True, slots=True)
class Unread:
    """One such request. `headers` is JSON; `error` says what was wrong, nothing personal."""

    door: str
    headers: str
    body: bytes
    error: str
    shop_id: int | None = None
    account_id: int | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """What is legible of a polled row; `who` is None where nobody can tell whose it is."""

    kind: str
    who: Marks | None
    cart_keys: tuple[str, ...]
    placed_at: datetime | None


def keep(db: Connection, request: Unread, now: datetime) -> None:
    """Keep the request."""
    db.execute(
        _UNREAD.insert().values(
            door=request.door,
            headers=request.headers,
            body=request.body,
            error=_storable(request.error),
            shop_id=request.shop_id,
            account_id=request.account_id,
            at=now,
        )
    )


def keep_rows(db: Connection, shop: ShopRow, rows: Iterable[UnreadRow], now: datetime) -> None:
    """Keep rows of a poll; one met again takes the place of its former self."""
    for row in rows:
        values = {
            "headers": _written(_trace_of(shop, row)),
            "body": row.body,
            "error": _storable(row.error),
            "read_at": None,
        }
        insert = insert_into(db, _UNREAD).values(
            shop_id=shop.id, door=POLL, digest=_digest_of(row), at=now, **values
        )
        # `at` stays: a row that is met at every poll must not seem newer each time.
        met = [_UNREAD.c.shop_id, _UNREAD.c.door, _UNREAD.c.digest]
        db.execute(insert.on_conflict_do_update(index_elements=met, set_=values))


def settle_read(db: Connection, shop: ShopRow, seen: Sequence[Seen], now: datetime) -> None:
    """What could not be read before and was read now, as something newer, is unread no more."""
    held = {row.digest: row.id for row in _standing(db, shop.id)}
    ids = [held[digest] for digest in _digests_seen(seen) if digest in held] if held else []
    if ids:
        db.execute(update(_UNREAD).where(_UNREAD.c.id.in_(ids)).values(read_at=now))


def answer_for_orders(db: Connection, shop: ShopRow, now: datetime) -> None:
    """Call off what the orders that stand unread may have ended, and tell the merchant once."""
    standing = [(_trace_in(row.headers), row) for row in _standing(db, shop.id)]
    orders = [(trace, row.at) for trace, row in standing if trace.kind == RowKind.ORDER]
    subject = f"shop.{shop.id}.unread"
    if not orders:
        notices.settle(db, subject, now)
        return
    notices.tell(db, subject, _WORDS, now, shop.id)
    for trace, at in orders:
        if at > now - _MATTERS:
            _call_off(db, shop, trace, _until(shop, trace, at), now)


def forget_person(db: Connection, shop_id: int, mentions: Any) -> None:
    """Drop what this shop's unread rows hold of a person; `mentions(headers, body)` tells which.

    What came from a messenger stays: it belongs to a sender that several shops may share,
    and may hold a stop.
    """
    rows = db.execute(
        select(_UNREAD.c.id, _UNREAD.c.headers, _UNREAD.c.body).where(_UNREAD.c.shop_id == shop_id)
    )
    ids = [row.id for row in rows if mentions(row.headers, row.body)]
    if ids:
        db.execute(delete(_UNREAD).where(_UNREAD.c.id.in_(ids)))


def _call_off(db: Connection, shop: ShopRow, trace: Trace, until: datetime, now: datetime) -> None:
    own = _own_carts(db, shop.id, trace.cart_keys, until)
    if trace.who is None and not own:
        _hold_all(db, shop.id, until, now)
        return
    theirs = own | _carts_of(db, shop.id, trace.who, until)
    ended = {"ended_because": "an order that cannot be read"}
    states.move_all(db, _CARTS, theirs, "expire", ended)
    order_intake.call_off(db, theirs, Reason.ORDERED, now)


def _hold_all(db: Connection, shop_id: int, until: datetime, now: datetime) -> None:
    """Anybody may have placed it: no cart that was left before it is reminded."""
    rows = db.execute(
        select(_REMINDERS.c.id)
        .join(_CARTS, _CARTS.c.id == _REMINDERS.c.cart_id)
        .where(
            _REMINDERS.c.shop_id == shop_id,
            text("reminders.state = 'scheduled'"),
            _CARTS.c.changed_at <= until,
        )
    )
    ids = [row.id for row in rows]
    also = {"reasons": written([Reason.ORDERS_UNKNOWN]), "settled_at": now}
    still = _REMINDERS.c.state == states.ReminderState.SCHEDULED
    for at in range(0, len(ids), _MANY):
        states.move_all(db, _REMINDERS, ids[at : at + _MANY], "skip", also, only_if=still)


def _own_carts(db: Connection, shop_id: int, cart_keys: Iterable[str], until: datetime) -> set[int]:
    keys = [key_within(shop_id, key) for key in cart_keys]
    rows = db.execute(
        select(_KEYS.c.cart_id, _CARTS.c.created_at)
        .join(_CARTS, _CARTS.c.id == _KEYS.c.cart_id)
        .where(_KEYS.c.key.in_(keys))
    )
    return {row.cart_id for row in rows if order_intake.may_be_closed_by(row.created_at, until)}


def _carts_of(db: Connection, shop_id: int, who: Marks | None, until: datetime) -> set[int]:
    if who is None:
        return set()
    rows = db.execute(
        select(_CARTS.c.id).where(
            people.same_person(_CARTS, shop_id, who),
            _CARTS.c.state.in_([states.CartState.OPEN, states.CartState.ABANDONED]),
            _CARTS.c.changed_at <= until,
        )
    )
    return {row.id for row in rows}


def _until(shop: ShopRow, trace: Trace, at: datetime) -> datetime:
    """Carts changed up to here, on the platform's clock, may have ended in this order."""
    met = at - timedelta(seconds=shop.clock_offset)
    # A second more: a platform may touch a checkout once again while it becomes the order.
    return min(trace.placed_at or met, met + _CLOCKS_APART) + timedelta(seconds=1)


def _standing(db: Connection, shop_id: int) -> Sequence[Any]:
    columns = [_UNREAD.c[name] for name in ("id", "digest", "headers", "at")]
    here = (_UNREAD.c.shop_id == shop_id, _UNREAD.c.door == POLL, _UNREAD.c.read_at.is_(None))
    return db.execute(select(*columns).where(*here).order_by(_UNREAD.c.id)).all()


def _trace_of(shop: ShopRow, row: UnreadRow) -> Trace:
    who = None if row.shopper is None else people.marks_of(_legible(row.shopper), shop.country)
    return Trace(row.kind.value, who, tuple(map(_storable, row.cart_keys)), row.placed_at)


def _legible(shopper: Shopper) -> Shopper:
    found = shopper.customer_key
    return Shopper(
        customer_key=_storable(found) if found else None,
        email=shopper.email,
        phone=shopper.phone,
        country=shopper.country,
    )


def _written(trace: Trace) -> str:
    at = trace.placed_at.isoformat() if trace.placed_at else None
    return json.dumps(asdict(trace) | {"placed_at": at})


def _trace_in(headers: str) -> Trace:
    found = json.loads(headers)
    who, at = found["who"], found["placed_at"]
    return Trace(
        found["kind"],
        Marks(**who) if who else None,
        tuple(found["cart_keys"]),
        datetime.fromisoformat(at) if at else None,
    )


def kind_of(headers: str) -> str:
    """What a kept row of a poll is about, from its `headers`."""
    return _trace_in(headers).kind


def _digest_of(row: UnreadRow) -> str:
    return _digest(row.kind, row.key) if row.key else hashlib.sha256(row.body).hexdigest()


def _digest(kind: str, key: str) -> str:
    return hashlib.sha256(f"{kind}|{key}".encode(errors="replace")).hexdigest()


def _digests_seen(seen: Sequence[Seen]) -> set[str]:
    found: set[str] = set()
    for each in seen:
        carts: tuple[str, ...] = ()
        if isinstance(each, Order):
            found.add(_digest(RowKind.ORDER, each.key))
            carts = each.cart_keys
        elif isinstance(each, Cart):
            carts = (each.key, *each.aliases)
        found |= {_digest(RowKind.CHECKOUT, key) for key in carts}
    return found


def _storable(value: str) -> str:
    """A text that both databases take: PostgreSQL keeps no NUL, neither half a character."""
    return value.replace("\x00", "").encode(errors="replace").decode()
