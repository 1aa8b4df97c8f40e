"""A shopper says "no thanks" in the shop: what was captured of their cart is forgotten.

That is less than an erasing: orders, other carts and whoever the shop itself told us of stay.
The cart's row stays, too, without anybody, because figures are counted from it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Table, delete, or_, select, update

from recovery import asks, privacy, tables
from recovery.cart_keys import key_within
from recovery.shops import ShopRow

_CARTS = tables.carts
_SHOPPERS = tables.shoppers
_REQUESTS = tables.requests
_UNREAD = tables.unread
_WHY = "the shopper said no thanks"
_PLUGIN = "plugin"  # the door by which captured carts come


def forget_carts(
    db: Connection,
    shop: ShopRow,
    keys: Sequence[str],
    now: datetime,
    at: datetime | None = None,
) -> None:
    """Forget who filled the carts that answer to one of `keys`, said at `at` (else `now`).

    What was sent for them stays counted. A consent goes with the address it was given for,
    unless a cart, an order, a shopper or a request of that shop stands there still. A stop
    stays. A snapshot from before that comes late fills nothing in again.
    """
    _forget_unread(db, shop.id, keys)
    carts = _named(db, shop.id, keys)
    if not carts:
        return
    for cart in carts:
        gone = privacy.NAMELESS[_CARTS] | {"changed_at": max(cart.changed_at, at or now)}
        if cart.state != "ordered":
            gone["ended_because"] = _WHY
        db.execute(update(_CARTS).where(_CARTS.c.id == cart.id).values(**gone))
    ids = [cart.id for cart in carts]
    privacy.make_messages_nameless(db, tables.reminders.c.cart_id, ids)
    addresses = {each for cart in carts for each in (cart.email, cart.phone) if each}
    _forget_people(db, shop.id, carts, addresses)
    _forget_addresses(db, shop.id, addresses, now)
    _forget_waiting_consents(db, ids, now)


def _named(db: Connection, shop_id: int, keys: Sequence[str]) -> Sequence[Any]:
    held = select(tables.cart_keys.c.cart_id).where(
        tables.cart_keys.c.key.in_([key_within(shop_id, key) for key in keys])
    )
    names = ("id", "state", "changed_at", "customer_key", "email", "phone", "phone_raw")
    columns = [_CARTS.c[name] for name in names]
    return db.execute(select(*columns).where(_CARTS.c.id.in_(held))).all()


def _forget_people(
    db: Connection, shop_id: int, carts: Sequence[Any], addresses: Collection[str]
) -> None:
    """Drop those known by these carts alone; of the others, what these carts alone showed."""
    privacy.drop_guests(db, shop_id, addresses)
    keys = {cart.customer_key for cart in carts if cart.customer_key}
    typed = {cart.phone_raw for cart in carts if cart.phone_raw}
    rows = db.execute(
        select(_SHOPPERS).where(
            _SHOPPERS.c.shop_id == shop_id,
            _SHOPPERS.c.raw.is_(None),  # else the shop itself told us of them
            or_(
                _SHOPPERS.c.customer_key.in_(keys),
                _SHOPPERS.c.email.in_(addresses),
                _SHOPPERS.c.phone.in_(addresses),
            ),
        )
    ).all()
    for row in rows:
        if row.customer_key in keys and not _is_known(db, shop_id, row.customer_key):
            db.execute(delete(_SHOPPERS).where(_SHOPPERS.c.id == row.id))
        else:
            _lose_what_was_typed(db, shop_id, row, addresses, typed)


def _lose_what_was_typed(
    db: Connection, shop_id: int, row: Any, addresses: Collection[str], typed: Collection[str]
) -> None:
    lost = {
        name: None
        for name in ("email", "phone")
        if getattr(row, name) in addresses and not _is_shown(db, shop_id, getattr(row, name))
    }
    if row.phone_raw in typed and ("phone" in lost or row.phone is None):
        lost["phone_raw"] = None
    if lost:
        db.execute(update(_SHOPPERS).where(_SHOPPERS.c.id == row.id).values(**lost))


def _forget_addresses(
    db: Connection, shop_id: int, addresses: Collection[str], now: datetime
) -> None:
    """What is kept by address goes, unless a cart, order, shopper or request stands there."""
    for address in set(addresses) - privacy.held_addresses(db, shop_id, addresses):
        here = (_REQUESTS.c.shop_id == shop_id, _REQUESTS.c.phone == address)
        standing = (_REQUESTS.c.ended_at.is_(None), _REQUESTS.c.kind != asks.MARKETING)
        if db.execute(select(_REQUESTS.c.id).where(*here, *standing).limit(1)).first() is None:
            privacy.erase_requests(db, here, now)
            privacy.forget_address(db, shop_id, address)


def _forget_waiting_consents(db: Connection, cart_ids: Collection[int], now: datetime) -> None:
    """A yes to marketing that was given in these carts and waits for its second word."""
    keys = select(tables.cart_keys.c.key).where(tables.cart_keys.c.cart_id.in_(cart_ids))
    theirs = (_REQUESTS.c.kind == asks.MARKETING, _REQUESTS.c.cart_key.in_(keys))
    privacy.erase_requests(db, theirs, now)


def _is_known(db: Connection, shop_id: int, customer_key: str) -> bool:
    """Whether a cart or an order of that customer is left."""
    return any(
        db.execute(
            select(each.c.id)
            .where(each.c.shop_id == shop_id, each.c.customer_key == customer_key)
            .limit(1)
        ).first()
        for each in _with_contacts()
    )


def _is_shown(db: Connection, shop_id: int, address: str) -> bool:
    return any(privacy.is_reached(db, each, shop_id, address) for each in _with_contacts())


def _with_contacts() -> tuple[Table, Table]:
    return _CARTS, tables.orders


def _forget_unread(db: Connection, shop_id: int, keys: Sequence[str]) -> None:
    """Take these carts out of what the plugin sent and nobody could read yet.

    Once it can be read it would bring them back. A body that is no JSON goes as a whole.
    """
    names = {key.removeprefix("cart:") for key in keys}
    here = (_UNREAD.c.shop_id == shop_id, _UNREAD.c.door == _PLUGIN)
    for row in db.execute(select(_UNREAD.c.id, _UNREAD.c.body).where(*here)).all():
        if not any(name.encode() in row.body for name in names):
            continue
        left = _without(bytes(row.body), names)
        which = _UNREAD.c.id == row.id
        if left is None:
            db.execute(delete(_UNREAD).where(which))
        else:
            db.execute(update(_UNREAD).where(which).values(body=left))


def _without(body: bytes, names: Collection[str]) -> bytes | None:
    """The body less the carts of these keys; None where they cannot be told from the rest."""
    try:
        told = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError):
        return None
    carts = told.get("carts") if isinstance(told, dict) else None
    if not isinstance(carts, list):
        return None
    told["carts"] = [
        cart for cart in carts if not (isinstance(cart, dict) and cart.get("key") in names)
    ]
    return json.dumps(told, default=str).encode()
