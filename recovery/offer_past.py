"""What the rows say of a person, for a decision about an offer: orders, earlier offers, what is
spent. Read in the transaction that decides, after `lock`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection, Select, case, func, select

from recovery import lines, tables
from recovery.model import ZERO, Line
from recovery.offer_facts import (
    CartFacts,
    CartLine,
    EarlierOffer,
    Gift,
    PersonFacts,
    Policy,
    PriorOrder,
    Spent,
    Terms,
)
from recovery.offer_stands import LIVING, Stand
from recovery.shops import ShopRow
from recovery.states import CartState
from recovery.step_times import place_of

_OFFERS, _ORDERS, _CARTS, _SHOPS = tables.offers, tables.orders, tables.carts, tables.shops
_MARKS = ("customer_key", "email", "phone")
_OPEN = (CartState.OPEN, CartState.ABANDONED)
#: Nobody had these: nothing was promised by them.
_NEVER_HAD = frozenset({Stand.NONE, Stand.REPEATED, Stand.FAILED, Stand.REMOVED})


def lock(db: Connection, shop_id: int) -> None:
    """Let one transaction at a time decide about this shop's offers, so that each sees what
    the others spent. SQLite has one writer anyway; an order that names the shop is not held up.
    """
    row = select(_SHOPS.c.id).where(_SHOPS.c.id == shop_id)
    db.execute(row.with_for_update(key_share=True))


def offers_of_person(db: Connection, cart: Any) -> list[Any]:
    """All offers made for this cart, or to its person at this shop, the oldest first.

    Each with `cart_state`, `cart_left_at` and `cart_abandoned_at` of its own cart.
    """
    found = {row.id: row for row in db.execute(_with_cart(_OFFERS.c.cart_id == cart.id))}
    for mark in _told(cart):
        # One statement a mark: an OR over the three makes SQLite read the shop's every row.
        mine = (_OFFERS.c[mark] == getattr(cart, mark), _OFFERS.c.shop_id == cart.shop_id)
        found |= {row.id: row for row in db.execute(_with_cart(*mine))}
    return [found[key] for key in sorted(found)]


def person_facts(db: Connection, cart: Any, offers: Sequence[Any], now: datetime) -> PersonFacts:
    """The person behind a cart's row; `offers` are those of `offers_of_person`."""
    orders = _orders(db, cart)
    took = {row.used_by for row in offers if row.used_by and row.gift == Gift.NOW}
    prior = tuple(
        PriorOrder(row.placed_at, row.id in took, not row.discount_codes.strip()) for row in orders
    )
    earlier = tuple(_earlier(row, now) for row in offers if _counts(row, cart, now))
    return PersonFacts(_count(db, cart, len(orders)), earlier, prior)


def cart_facts(cart: Any, shop: ShopRow, step: int) -> CartFacts:
    """The cart as an offer sees it. No platform tells a rate between two currencies."""
    return CartFacts(
        key=str(cart.id),
        currency=cart.currency,
        total=cart.total if cart.subtotal is None else cart.subtotal,
        step=step,
        lines=tuple(_line(line) for line in lines.read(cart.lines)),
        shipping=cart.shipping,
        zone=zone_of(cart, shop),
        # Shopify's codes are for all products, or for those that are named.
        can_leave_out=shop.platform != "shopify",
    )


def _line(line: Line) -> CartLine:
    return CartLine(line.product_key, line.total, line.quantity)


def zone_of(cart: Any, shop: ShopRow) -> str:
    """The zone whose day an offer ends with: the shopper's, the first of several."""
    return place_of(cart, shop).zones[0]


def spent(
    db: Connection, shop: ShopRow, policy: Policy, offers: Sequence[Any], now: datetime
) -> Spent:
    """What this calendar month's offers cost or may cost, in the shop's zone and currency.

    An offer belongs to the month in which it was decided. The shop's sum is read only where
    there is a budget.
    """
    since = month_start(now, shop.timezone)
    of_month = [row for row in offers if row.decided_at >= since]
    return Spent(
        shop=ZERO if policy.budget is None else spent_by_shop(db, shop.id, since),
        person=sum((_cost(row) for row in of_month), ZERO),
        person_offers=sum(Stand(row.stand) not in _NEVER_HAD for row in of_month),
    )


def month_start(now: datetime, zone: str | None) -> datetime:
    """The first moment (UTC) of the month that `now` is in, in `zone`; UTC for an unknown one."""
    try:
        local = now.astimezone(ZoneInfo(zone or "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        local = now.astimezone(UTC)
    first = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return first.astimezone(UTC)


def terms_of(row: Any) -> Terms:
    """The terms that a row of `offers` keeps; a reward has an end only once its code is made."""
    has_code = row.gift == Gift.NOW or row.coupon_key
    return Terms(
        gift=Gift(row.gift),
        kind=row.kind,
        value=row.value,
        currency=row.currency,
        days=row.days,
        minimum=row.minimum,
        lines=tuple(json.loads(row.lines)),
        ends_at=row.ends_at if has_code else None,
        left_out=tuple(json.loads(row.left_out)),
    )


def _with_cart(*where: Any) -> Select[Any]:
    of_cart = (
        _CARTS.c.state.label("cart_state"),
        _CARTS.c.left_at.label("cart_left_at"),
        _CARTS.c.abandoned_at.label("cart_abandoned_at"),
    )
    joined = _OFFERS.outerjoin(_CARTS, _CARTS.c.id == _OFFERS.c.cart_id)
    return select(*_OFFERS.c, *of_cart).select_from(joined).where(*where)


def _told(cart: Any) -> Iterator[str]:
    return (mark for mark in _MARKS if getattr(cart, mark))


def _orders(db: Connection, cart: Any) -> list[Any]:
    """This person's orders at the shop, none of which was cancelled."""
    found: dict[int, Any] = {}
    columns = [_ORDERS.c[name] for name in ("id", "placed_at", "discount_codes")]
    for mark in _told(cart):
        mine = (_ORDERS.c[mark] == getattr(cart, mark), _ORDERS.c.shop_id == cart.shop_id)
        kept = _ORDERS.c.cancelled_at.is_(None)
        found |= {row.id: row for row in db.execute(select(*columns).where(*mine, kept))}
    return list(found.values())


def _count(db: Connection, cart: Any, seen: int) -> int | None:
    """How many orders; None for nobody, and for a customer of whom the platform tells none."""
    if not any(_told(cart)):
        return None
    if not cart.customer_key:
        return seen
    shoppers = tables.shoppers
    # By the shop's own number of them: see `people.Marks.identity`.
    identity = f"{cart.shop_id}|customer:{cart.customer_key}"[:400]
    asked = select(shoppers.c.orders).where(shoppers.c.identity == identity)
    told = db.execute(asked).scalar()
    return seen or None if told is None else max(seen, told)


def _counts(row: Any, cart: Any, now: datetime) -> bool:
    """It left, or is about to leave for this very cart: that one is repeated, not outdone."""
    if row.gift == Gift.NONE or Stand(row.stand) in _NEVER_HAD:
        return False
    lives = row.stand == Stand.WANTED or (row.stand in LIVING and row.ends_at > now)
    return row.announced_at is not None or (row.cart_id == cart.id and lives)


def _earlier(row: Any, now: datetime) -> EarlierOffer:
    past = row.ends_at is not None and row.ends_at <= now
    return EarlierOffer(
        key=str(row.id),
        cart_key=str(row.cart_id),
        cart_is_open=row.cart_state in _OPEN,
        left_at=row.cart_abandoned_at or row.cart_left_at or row.decided_at,
        terms=terms_of(row),
        over=row.stand not in LIVING or (past and row.stand != Stand.WANTED),
    )


def _cost(row: Any) -> Decimal:
    if row.stand == Stand.USED:
        return row.took_off if row.took_off is not None else row.cost or ZERO
    return (row.cost or ZERO) if row.stand in LIVING else ZERO


def spent_by_shop(db: Connection, shop_id: int, since: datetime) -> Decimal:
    """What the offers that a shop decided about since then cost or may cost, in its currency."""
    stand = _OFFERS.c.stand
    cost = case(
        (stand == Stand.USED.value, func.coalesce(_OFFERS.c.took_off, _OFFERS.c.cost)),
        else_=_OFFERS.c.cost,
    )
    counted = stand.in_(sorted({*LIVING, Stand.USED}))
    of_month = (_OFFERS.c.shop_id == shop_id, _OFFERS.c.decided_at >= since, counted)
    total: Decimal | None = db.execute(select(func.sum(cost)).where(*of_month)).scalar_one()
    return ZERO if total is None else total
