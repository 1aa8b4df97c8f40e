"""A contact that a shopper left before any checkout finds its cart, whichever comes first.

1. The person and what they agreed to are kept in any case, but from before they declined.
2. The contact goes to the cart that answers to one of its keys, and restarts the idle
   clock: somebody who types is there. What is held is filled up, never blanked; the phone
   is the one exception, because this one was left for texts.
3. Without such a cart an empty one waits for it: it is no abandoned cart before the shop
   shows what lies in it (see `recovery.sights`).
4. A cart that was ordered is left as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from recovery import consent, forgetting, order_intake, people, states, tables
from recovery.bulk import insert_rows
from recovery.cart_keys import key_within, shortened
from recovery.model import ContactSeen, Origin
from recovery.people import Marks
from recovery.planning import PARKED, first_look, replan
from recovery.shops import ShopRow
from recovery.sights import CONTACT, joined

_CARTS = tables.carts
_KEYS = tables.cart_keys
_FILLED = ("customer_key", "email", "first_name", "country", "region", "locale")
_OVER = (states.CartState.ABANDONED, states.CartState.EXPIRED)
_READ = ("id", "state", "sources", "item_count", "left_at", "phone", "phone_raw", *_FILLED)
_NO_MONEY = ("subtotal", "discounts", "shipping", "tax")
_NOT_SHOWN = ("name", "hidden", "discount_codes", "way_back", "platform_state", "client")


def record_contact(db: Connection, shop: ShopRow, seen: ContactSeen, now: datetime) -> None:
    """Store a contact and what was agreed to, with the cart that it belongs to."""
    if forgetting.is_forgotten(db, shop.id, seen.keys, seen.at):
        return
    marks = people.marks_of(seen.shopper, shop.country)
    people.record(db, [(shop.id, seen.shopper, marks, seen.at)])
    country = seen.shopper.country or shop.country
    words = (consent.word_of(shop.id, each, country) for each in seen.shopper.consents)
    consent.record(db, [word for word in words if word is not None], now)
    keys = [key_within(shop.id, key) for key in dict.fromkeys(seen.keys)]
    if not keys or (marks.is_nobody and not seen.shopper.phone):
        return
    carts = _carts_of(db, keys)
    alive = [cart for cart in carts if cart.state != states.CartState.ORDERED]
    if alive:
        _attach(db, shop, alive[0], seen, marks, now)
        known = {cart.cart_key for cart in carts}
        _keep_keys(db, [key for key in keys if key not in known], alive[0].id)
    elif not carts and not _is_ordered(db, keys, seen.at):
        _keep_keys(db, keys, _begin(db, shop, seen, marks, now))


def _carts_of(db: Connection, keys: Sequence[str]) -> list[Any]:
    columns = [_CARTS.c[name] for name in _READ]
    statement = (
        select(_KEYS.c.key.label("cart_key"), *columns)
        .join(_CARTS, _CARTS.c.id == _KEYS.c.cart_id)
        .where(_KEYS.c.key.in_(keys))
    )
    if db.dialect.name != "sqlite":  # which has one writer anyway
        statement = statement.with_for_update(of=_CARTS)
    order = {key: place for place, key in enumerate(keys)}
    return sorted(db.execute(statement).all(), key=lambda cart: order[cart.cart_key])


def _is_ordered(db: Connection, keys: Sequence[str], at: datetime) -> bool:
    # The order may have come before any news of its cart.
    placed = order_intake.keys_already_ordered(db, keys).values()
    return any(order_intake.may_be_closed_by(at, each) for each in placed)


def _attach(
    db: Connection, shop: ShopRow, cart: Any, seen: ContactSeen, marks: Marks, now: datetime
) -> None:
    told = _told(seen, marks)
    values = {name: told[name] for name in _FILLED if getattr(cart, name) is None and told[name]}
    if marks.phone or not cart.phone:
        phones = {"phone": marks.phone, "phone_raw": told["phone_raw"]}
        values |= phones if told["phone_raw"] else {}
    at = min(seen.at, now)
    left_at = max(cart.left_at, at)
    look_at = first_look(left_at, shop.idle_seconds) if cart.item_count else PARKED
    values |= {"left_at": left_at, "look_at": look_at, "bot": None}
    values["sources"] = joined(cart.sources, CONTACT)
    db.execute(update(_CARTS).where(_CARTS.c.id == cart.id).values(**values))
    if at > cart.left_at and cart.state in _OVER:
        states.move_all(db, _CARTS, [cart.id], "reopen", {"ended_because": None})
        replan(db, [cart.id], now)


def _begin(db: Connection, shop: ShopRow, seen: ContactSeen, marks: Marks, now: datetime) -> int:
    """An empty cart that only a contact is known of; gives its row's id."""
    values = _told(seen, marks) | dict.fromkeys((*_NO_MONEY, *_NOT_SHOWN))
    values |= {
        "shop_id": shop.id,
        "key": shortened(seen.keys[0], 255),
        "state": states.at_first(_CARTS),
        "ended_because": None,
        "origin": Origin.CHECKOUT.value,
        "bot": None,
        "currency": shop.currency or "",
        "total": 0,
        "lines": "[]",
        "item_count": 0,
        "sources": CONTACT,
        "created_at": seen.at,
        "changed_at": seen.at,
        "left_at": min(seen.at, now),
        "look_at": PARKED,
        "abandoned_at": None,
        "recorded_at": now,
        "raw": "",
    }
    (row,) = insert_rows(db, _CARTS, [values], returning=("id",))
    return int(row.id)


def _told(seen: ContactSeen, marks: Marks) -> dict[str, Any]:
    shopper = seen.shopper
    return {
        "customer_key": marks.customer_key,
        "email": marks.email,
        "phone": marks.phone,
        "phone_raw": _cut(shopper.phone, 80),
        "first_name": _cut(shopper.first_name, 120),
        "country": _cut(shopper.country, 2),
        "region": _cut(shopper.region, 10),
        "locale": _cut(shopper.locale, 35),
    }


def _keep_keys(db: Connection, keys: Sequence[str], cart_id: int) -> None:
    # A key that another process took meanwhile breaks the constraint, and all of it is
    # done again: see `cart_intake`.
    insert_rows(db, _KEYS, [{"key": key, "cart_id": cart_id} for key in keys])


def _cut(text: str | None, length: int) -> str | None:
    return text[:length] if text else None
