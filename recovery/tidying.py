"""What is over is put away, so that no table grows without end.

Each sort is found by an index and taken away in parts, so that no tick is held up.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, exists, select, text, update

from recovery import copies, pauses, privacy, sights, states, tables

CART_LIFE = timedelta(days=30)
#: A browser's cart that never became anybody's, after its last change.
NOBODYS_LIFE = timedelta(days=30)
#: What was asked for, after its end: as long as a number is believed (`asks.BELIEVED`), and
#: longer than any rule looks back.
REQUEST_LIFE = timedelta(days=365)
_NONCE_LIFE = timedelta(hours=1)
_STATE_LIFE = timedelta(hours=1)
_PAIRING_REST = timedelta(days=1)
_LINK_REST = timedelta(days=90)
_READ_LIFE = timedelta(days=30)
_FORWARDED_LIFE = timedelta(days=30)
_LIFTED_LIFE = timedelta(days=365)
_CARTS = tables.carts
_KEYS = tables.cart_keys
_REMINDERS = tables.reminders
_REQUESTS = tables.requests
_UNSETTLED = (states.ReminderState.SCHEDULED, states.ReminderState.SENDING)


def tidy(db: Connection, now: datetime, most: int = 1000) -> int:
    """Expire carts left for `CART_LIFE`, end what lasted long enough, and drop what served its
    purpose; carts expired."""
    old = (
        select(_CARTS.c.id)
        .where(_CARTS.c.state == states.CartState.ABANDONED, _CARTS.c.left_at < now - CART_LIFE)
        .limit(most)
    )
    ids = [row.id for row in db.execute(old)]
    states.move_all(db, _CARTS, ids, "expire", {"ended_because": "old"})
    _drop(db, tables.nonces, tables.nonces.c.at < now - _NONCE_LIFE)
    _drop(db, tables.installs, tables.installs.c.at < now - _STATE_LIFE)
    _drop(db, tables.pairings, tables.pairings.c.expires_at < now - _PAIRING_REST)
    links = tables.links  # one that stops messages does not end with time
    _drop(db, links, and_(links.c.purpose != "stop", links.c.expires_at < now - _LINK_REST))
    _drop(db, tables.unread, tables.unread.c.read_at < now - _READ_LIFE)
    _drop(db, tables.forwards, tables.forwards.c.sent_at < now - _FORWARDED_LIFE)
    pauses.lift_old(db, now)
    _drop(db, tables.pauses, tables.pauses.c.lifted_at < now - _LIFTED_LIFE)
    copies.settle_quiet(db, now)
    return len(ids)


def drop_ended_requests(db: Connection, now: datetime, most: int = 500) -> int:
    """Drop requests that ended `REQUEST_LIFE` ago, and at once what names nobody; how many.

    The texts that answered them stay counted.
    """
    nameless = select(_REQUESTS.c.id).where(text("requests.ended_because = 'erased'"))
    ended = select(_REQUESTS.c.id).where(_REQUESTS.c.ended_at < now - REQUEST_LIFE)
    return _drop_requests(db, nameless, most) + _drop_requests(db, ended, most)


def drop_nobodys_carts(db: Connection, now: datetime, most: int = 500) -> int:
    """Drop browsers' carts that nobody touched for `NOBODYS_LIFE` and nobody ever put a name
    to: without a contact, a reminder, or an order. How many.
    """
    before = now - NOBODYS_LIFE
    told = (_CARTS.c.email, _CARTS.c.phone, _CARTS.c.phone_raw, _CARTS.c.customer_key)
    nobodys: tuple[Any, ...] = (
        text(f"carts.sources = '{sights.CART}'"),  # in words of its own: its index is of these
        _CARTS.c.left_at < before,
        _CARTS.c.state != states.CartState.ORDERED,
        *(column.is_(None) for column in told),
        *(~exists().where(table.c.cart_id == _CARTS.c.id) for table in _naming_a_cart()),
    )
    old = select(_CARTS.c.id).where(_CARTS.c.recorded_at < before, *nobodys)
    ids = [row.id for row in db.execute(old.order_by(_CARTS.c.recorded_at).limit(most))]
    if not ids:
        return 0
    # Asked again: a checkout may have joined one meanwhile, which makes it somebody's.
    gone = db.execute(delete(_CARTS).where(_CARTS.c.id.in_(ids), *nobodys).returning(_CARTS.c.id))
    dropped = [row.id for row in gone]
    db.execute(delete(_KEYS).where(_KEYS.c.cart_id.in_(dropped)))
    return len(dropped)


def _naming_a_cart() -> Sequence[Any]:
    return (_REMINDERS, tables.orders, tables.links)


def _drop_requests(db: Connection, old: Select[Any], most: int) -> int:
    # A text that is on its way is looked at and settled by its request.
    answers = _REMINDERS.c.request_id == _REQUESTS.c.id
    unsettled = exists().where(answers, _REMINDERS.c.state.in_(_UNSETTLED))
    ids = [row.id for row in db.execute(old.where(~unsettled).limit(most))]
    if ids:
        answered = _REMINDERS.c.request_id.in_(ids)
        # Without the request nobody could find these by the person who wants to be forgotten.
        db.execute(
            update(_REMINDERS)
            .where(answered, _REMINDERS.c.cart_id.is_(None))
            .values(**privacy.OF_A_REMINDER)
        )
        db.execute(update(_REMINDERS).where(answered).values(request_id=None))
        # Asked for again meanwhile, one stands, and stays.
        _drop(db, _REQUESTS, _REQUESTS.c.id.in_(ids) & _REQUESTS.c.ended_at.is_not(None))
    return len(ids)


def _drop(db: Connection, table: object, condition: object) -> None:
    db.execute(delete(table).where(condition))  # type: ignore[arg-type]
