"""A shopper says "no thanks" in the shop: what was captured of their cart is forgotten.

That is less than an erasing: orders, other carts and whoever the shop itself told us of stay.
The cart's row stays, too, without anybody, because figures are counted from it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Table, delete, or_, select, update

from recovery import asks, consent, people, privacy, states, tables, traces
from recovery.cart_intake import record_carts
from recovery.cart_keys import key_within
from recovery.model import ZERO, Cart, RequestKind, Shopper, Totals
from recovery.shops import ShopRow

_CARTS = tables.carts
_SHOPPERS = tables.shoppers
_REQUESTS = tables.requests
_UNREAD = tables.unread
_WHY = states.NO_THANKS
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
        _keep_the_key(db, shop, keys, at or now, now)
        return
    for cart in carts:
        gone = privacy.NAMELESS[_CARTS] | {"changed_at": max(cart.changed_at, at or now)}
        if cart.state != "ordered":
            gone["ended_because"] = _WHY
        db.execute(update(_CARTS).where(_CARTS.c.id == cart.id).values(**gone))
    ids = [cart.id for cart in carts]
    privacy.make_messages_nameless(db, tables.reminders.c.cart_id, ids)
    offered = traces.addresses_offered(db, ids)
    traces.forget_carts(db, ids)
    _forget_what_was_asked(db, ids, at or now, now)
    addresses = {each for cart in carts for each in (cart.email, cart.phone) if each} | offered
    _forget_people(db, shop.id, carts, addresses)
    _forget_addresses(db, shop.id, addresses, now)


def is_forgotten(db: Connection, shop_id: int, keys: Sequence[str], at: datetime) -> bool:
    """Whether the cart of one of `keys` was declined at `at` or since; without keys it is not."""
    if not keys:
        return False
    named = tables.cart_keys.c.key.in_([key_within(shop_id, key) for key in keys])
    declined = (_CARTS.c.ended_because == _WHY, _CARTS.c.changed_at >= at)
    of_keys = select(_CARTS.c.id).join(tables.cart_keys, tables.cart_keys.c.cart_id == _CARTS.c.id)
    return db.execute(of_keys.where(named, *declined).limit(1)).first() is not None


def forget_latecomer(
    db: Connection, shop: ShopRow, shopper: Shopper, declined_at: datetime, now: datetime
) -> None:
    """Forget whom a snapshot brought along that is older than its cart's "no thanks".

    What is left is what would be, had it come in time. What was said of that person since
    `declined_at`, elsewhere in the shop, stays.
    """
    marks = people.marks_of(shopper, shop.country)
    country = shopper.country or shop.country
    words = (consent.word_of(shop.id, each, country) for each in shopper.consents)
    addresses = {word.address for word in words if word is not None}
    addresses |= {each for each in (marks.email, marks.phone) if each}
    since = _known_since(db, shop.id, marks.customer_key, addresses, declined_at)
    key = None if marks.customer_key in since else marks.customer_key
    addresses -= since
    _forget_people(db, shop.id, [_Typed(key, shopper.phone)], addresses)
    _forget_addresses(db, shop.id, addresses, now)


@dataclass(frozen=True, slots=True)
class _Typed:
    """What a snapshot showed of a person, as a cart's row does."""

    customer_key: str | None
    phone_raw: str | None


def _known_since(
    db: Connection, shop_id: int, customer_key: str | None, addresses: Collection[str], at: datetime
) -> set[str]:
    """Of these marks, those that a shopper or a consent of that shop shows later than `at`."""
    marks = ("customer_key", "email", "phone")
    named = (_SHOPPERS.c[name].in_([*addresses, customer_key or ""]) for name in marks)
    here = (_SHOPPERS.c.shop_id == shop_id, _SHOPPERS.c.changed_at > at)
    shown = db.execute(select(*(_SHOPPERS.c[name] for name in marks)).where(*here, or_(*named)))
    found = {each for row in shown for each in row if each}
    consents = tables.consents
    mine = (consents.c.shop_id == shop_id, consents.c.address.in_(addresses), consents.c.at > at)
    said = select(consents.c.address).where(*mine, consent.speaks())
    return found | {row.address for row in db.execute(said)}


def _keep_the_key(
    db: Connection, shop: ShopRow, keys: Sequence[str], at: datetime, now: datetime
) -> None:
    # What was said of the cart before may still be on its way: it finds a newer, nameless row.
    nobody = Cart(
        key=keys[0],
        currency="",
        totals=Totals(total=ZERO),
        lines=(),
        shopper=Shopper(),
        created_at=at,
        changed_at=at,
        sees=_PLUGIN,
        aliases=tuple(keys[1:]),
    )
    ids = [held.id for held in record_carts(db, [(shop, nobody)], now)]
    states.move_all(db, _CARTS, ids, "expire", {"ended_because": _WHY})


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
    for key in keys:
        if not _is_known(db, shop_id, key):
            traces.forget_customer(db, shop_id, key)
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


def _forget_what_was_asked(
    db: Connection, cart_ids: Collection[int], at: datetime, now: datetime
) -> None:
    """A yes to marketing that waits for its second word, and the wish that a cart be kept.

    Both are about these carts alone; whatever else was asked for is a wish of its own.
    """
    keys = select(tables.cart_keys.c.key).where(tables.cart_keys.c.cart_id.in_(cart_ids))
    kept = (_REQUESTS.c.kind == RequestKind.KEEP_CART) & (_REQUESTS.c.said_at <= at)
    theirs = (or_(_REQUESTS.c.kind == asks.MARKETING, kept), _REQUESTS.c.cart_key.in_(keys))
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
