"""The one door: whatever a shop shows us, by webhook, poll or plugin, ends in `record`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from recovery import (
    consent,
    contact_intake,
    email_opt_in,
    forgetting,
    order_intake,
    order_texts,
    past_carts,
    people,
    privacy_answers,
    requests,
    shops,
    states,
    tables,
)
from recovery.believable import dated
from recovery.cart_intake import Held, record_carts
from recovery.cart_keys import key_within
from recovery.model import (
    Cart,
    CartGone,
    ContactSeen,
    CustomerSeen,
    Order,
    OrderGone,
    ParcelNews,
    PrivacyRequest,
    Product,
    Refund,
    Seen,
    ShopNews,
    TextRequest,
)
from recovery.order_intake import close_carts, record_gone, record_order, record_refund
from recovery.planning import replan
from recovery.product_intake import record_product
from recovery.reasons import Reason
from recovery.shops import ShopRow

Arrival = tuple[ShopRow, Seen]
#: A cart that ended without an order of its own and changes later is a new beginning.
_MAY_REOPEN = (states.CartState.ABANDONED, states.CartState.EXPIRED)


def record(db: Connection, arrivals: Sequence[Arrival], now: datetime) -> None:
    """Store what was seen, in the caller's transaction; repeats and old news change nothing.

    `arrivals` are (shop, what it showed) in the order of arrival; carts are stored
    first and together, because they come in floods, then the rest one by one. An
    order thus always finds the cart that came with it.
    """
    arrivals = [(shop, dated(seen, now)) for shop, seen in arrivals]
    carts = [(shop, seen) for shop, seen in arrivals if isinstance(seen, Cart)]
    if carts:
        held = record_carts(db, carts, now)
        _forget_latecomers(db, held, now)
        _settle_carts(db, held, now)
    for shop, seen in arrivals:
        if not isinstance(seen, Cart):
            _record_one(db, shop, seen, now)
    requests.note_boxes(db, arrivals, now)
    email_opt_in.note(db, arrivals, now)


def _forget_latecomers(db: Connection, carts: list[Held], now: datetime) -> None:
    for held in carts:
        for shop, cart in held.too_late:
            assert held.declined_at is not None  # noqa: S101 - else nothing is too late
            forgetting.forget_latecomer(db, shop, cart.shopper, held.declined_at, now)


def _record_one(db: Connection, shop: ShopRow, seen: Seen, now: datetime) -> None:
    match seen:
        case Order():
            record_order(db, shop, seen, now)
        case Product():
            record_product(db, shop, seen, now)
        case CartGone():
            _end_carts(db, shop, seen, now)
        case ContactSeen():
            contact_intake.record_contact(db, shop, seen, now)
        case TextRequest():
            requests.record_request(db, shop, seen, now)
        case ParcelNews():
            order_texts.record_parcel(db, shop, seen, now)
        case OrderGone():
            record_gone(db, shop, seen, now)
        case Refund():
            record_refund(db, shop, seen, now)
        case CustomerSeen():
            _record_customer(db, shop, seen, now)
        case ShopNews():
            shops.hear(db, shop, seen, now)
        case PrivacyRequest():
            privacy_answers.answer(db, shop, seen, now)


def _settle_carts(db: Connection, carts: list[Held], now: datetime) -> None:
    # Also of carts known before: an order may have named a key that comes only now.
    fresh = {key: held for held in carts for key in held.keys}
    ordered = order_intake.keys_already_ordered(db, list(fresh)) if fresh else {}
    past = past_carts.from_before(db, carts, now)
    states.move_all(db, tables.carts, past, "expire", {"ended_because": states.BEFORE_THE_INSTALL})
    late = {
        fresh[key].id
        for key, placed_at in ordered.items()
        if order_intake.may_be_closed_by(fresh[key].values["created_at"], placed_at)
    }
    done = late | {each.id for each in carts if each.completed_at}
    close_carts(db, done, now)
    again = [held for held in carts if held.may_begin_again and held.values["state"] in _MAY_REOPEN]
    if again:
        ids = [held.id for held in again if held.id not in done]
        states.move_all(db, tables.carts, ids, "reopen", {"ended_because": None})
        replan(db, ids, now)


def _end_carts(db: Connection, shop: ShopRow, gone: CartGone, now: datetime) -> None:
    keys = [key_within(shop.id, key) for key in gone.keys]
    found = db.execute(
        select(tables.cart_keys.c.cart_id).where(tables.cart_keys.c.key.in_(keys)).distinct()
    )
    ids = [row.cart_id for row in found]
    states.move_all(db, tables.carts, ids, "expire", {"ended_because": "deleted in the shop"})
    order_intake.call_off(db, ids, Reason.CART_ENDED, now)
    if gone.forget:
        forgetting.forget_carts(db, shop, gone.keys, now, gone.at)


def _record_customer(db: Connection, shop: ShopRow, seen: CustomerSeen, now: datetime) -> None:
    marks = people.marks_of(seen.shopper, shop.country)
    people.record(db, [(shop.id, seen.shopper, marks, seen.changed_at)], seen.raw or None)
    country = seen.shopper.country or shop.country
    found = (consent.word_of(shop.id, each, country) for each in seen.shopper.consents)
    consent.record(db, [word for word in found if word is not None], now)
