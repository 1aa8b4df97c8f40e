"""Codes in the shop: which are to be made or taken away, and what the shop said of it.

The clock hands out what is due (`hand_out`), a worker claims one (`to_make`, `to_remove`), asks
the shop with no transaction open, and writes down what it said. A row handed out or claimed
and not heard of comes again by itself. From the claim on the code may be in the shop
(`coupon_key` ""), until a plain answer says that it is not: so a lost answer asks for the same
code again, with the same end, and never for a second one. A code that came too late for its
row is kept in mind and taken away.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, or_, select, update

from recovery import notices, offer_rows, reward_rows, shops, tables
from recovery.fresh_codes import new_code
from recovery.model import Coupon, Money, Offer
from recovery.offer_past import zone_of
from recovery.offer_stands import TO_MAKE, TO_REMOVE, Stand, change
from recovery.offers import end_of_day
from recovery.shops import ShopRow

_OFFERS, _SHOPS, _CARTS = tables.offers, tables.shops, tables.carts

MAKE, REMOVE = "make_codes", "remove_codes"  # the jobs
PATIENCE = timedelta(seconds=30)  # until what was handed out is handed out again
#: So long a claim is believed: longer than a job may run.
LEASE = timedelta(minutes=5)
UNSURE = ""  # as `coupon_key`: the shop may have made it
_REFUSED_REWARD = timedelta(hours=1)  # until a shop that refused is asked again
_A_BATCH = 10
_STANDS = {MAKE: TO_MAKE, REMOVE: TO_REMOVE}
_NOT_MADE = "A discount code could not be made, so its offer is not promised: {words}"
_NOT_YET = "A discount code is not made yet, and tried again: {words}"
_NOT_REMOVED = "The code {code} could not be taken away in the shop: {words}"


@dataclass(frozen=True, slots=True)
class Batch:
    """Offers of one shop for one job."""

    job: str
    shop_id: int
    offer_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """An offer that is ours alone to ask the shop about.

    `coupon_key` is for its removal; None there: it may be in the shop, and asking for it once
    more tells its key. `attempts` counts this one. `unsure`: an earlier answer was lost.
    """

    offer_id: int
    shop: ShopRow
    offer: Offer
    attempts: int
    coupon_key: str | None = None
    unsure: bool = False


# -- handed out and claimed ------------------------------------------------------------------------


def is_one_due(db: Connection, now: datetime) -> bool:
    """Whether `hand_out` would find anything; a read."""
    return bool(_due(db, now, 1))


def hand_out(db: Connection, now: datetime, most: int = 200) -> list[Batch]:
    """Give what is due to the workers, by shop and job; it comes again after `PATIENCE`."""
    rows = _due(db, now, most)
    ids = [row.id for row in rows]
    again = update(_OFFERS).where(_OFFERS.c.id.in_(ids), _OFFERS.c.try_at <= now)
    mine = {
        row.id for row in db.execute(again.values(try_at=now + PATIENCE).returning(_OFFERS.c.id))
    }
    found: dict[tuple[str, int], list[int]] = {}
    for row in rows:
        if row.id in mine:
            job = MAKE if row.stand in TO_MAKE else REMOVE
            found.setdefault((job, row.shop_id), []).append(row.id)
    return [
        Batch(job, shop_id, tuple(each[at : at + _A_BATCH]))
        for (job, shop_id), each in found.items()
        for at in range(0, len(each), _A_BATCH)
    ]


def to_make(db: Connection, offer_id: int, now: datetime) -> Asked | None:
    """Claim an offer whose code is to be made; None when it is not ours to make.

    Asked for the first time, or after a plain no, the code lives its whole days from now on.
    Raises nothing: what cannot be asked for is refused here.
    """
    row = _claimable(db, offer_id, MAKE, now)
    shop = None if row is None else shops.by_id(db, row.shop_id)
    if row is None or shop is None:
        return None
    ends_at = row.ends_at
    if row.coupon_key is None:
        ends_at = end_of_day(now, row.days, _zone(db, row, shop))
    offer = _offer(row, shop, ends_at)
    asked = {"coupon_key": UNSURE, "ends_at": ends_at}
    if not _claim(db, row, now, **asked):
        return None
    return Asked(row.id, shop, offer, row.attempts + 1, unsure=row.coupon_key == UNSURE)


def to_remove(db: Connection, offer_id: int, now: datetime) -> Asked | None:
    """Claim an offer whose code is to be taken away; None when it is not ours to take."""
    row = _claimable(db, offer_id, REMOVE, now)
    shop = None if row is None else shops.by_id(db, row.shop_id)
    if row is None or shop is None:
        return None
    offer = _offer(row, shop, row.ends_at)
    is_over = row.coupon_key == UNSURE and row.ends_at <= now
    if row.coupon_key is None or is_over:
        removed(db, offer_id, now)  # nothing is there, or nothing that could be used
        return None
    if not _claim(db, row, now):
        return None
    return Asked(row.id, shop, offer, row.attempts + 1, row.coupon_key or None)


def _due(db: Connection, now: datetime, most: int) -> list[Any]:
    due = and_(_OFFERS.c.try_at.is_not(None), _OFFERS.c.try_at <= now, _is_free(now))
    rows = db.execute(
        select(_OFFERS.c.id, _OFFERS.c.shop_id, _OFFERS.c.stand)
        .join(_SHOPS, _SHOPS.c.id == _OFFERS.c.shop_id)
        .where(due, _SHOPS.c.state == "active", _OFFERS.c.stand.in_(sorted(TO_MAKE | TO_REMOVE)))
        .order_by(_OFFERS.c.try_at)
        .limit(most)
    )
    return list(rows)


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(_OFFERS.c.claimed_at.is_(None), _OFFERS.c.claimed_at <= now - LEASE)


def _claimable(db: Connection, offer_id: int, job: str, now: datetime) -> Any | None:
    stands = _OFFERS.c.stand.in_(sorted(_STANDS[job]))
    waits = (_OFFERS.c.id == offer_id, _OFFERS.c.try_at.is_not(None), stands, _is_free(now))
    return db.execute(select(_OFFERS).where(*waits)).first()


def _claim(db: Connection, row: Any, now: datetime, **more: Any) -> bool:
    """Compare and set: of two workers with the same row, one gets it."""
    same = (
        _OFFERS.c.id == row.id,
        _OFFERS.c.stand == row.stand,
        _OFFERS.c.attempts == row.attempts,
    )
    mine = {"claimed_at": now, "attempts": row.attempts + 1, "try_at": now + LEASE} | more
    taken = update(_OFFERS).where(*same, _is_free(now)).values(**mine).returning(_OFFERS.c.id)
    return db.execute(taken).first() is not None


def _offer(row: Any, shop: ShopRow, ends_at: datetime) -> Offer:
    """What the shop is asked for: the same each time, so that it can tell the code again."""
    money = Money(row.value, row.currency)
    knows_customers = shop.platform == "shopify"
    return Offer(
        code=row.code,
        ends_at=ends_at,
        percent=row.value if row.kind == "percent" else None,
        amount=money if row.kind == "amount" else None,
        free_shipping=row.kind == "free_shipping",
        minimum_total=Money(row.minimum, row.currency) if row.minimum else None,
        # Shopify binds a code to a customer that it has: a guest is none yet.
        email=row.email if row.customer_key or not knows_customers else None,
        product_keys=tuple(json.loads(row.lines)),
        excluded_product_keys=tuple(json.loads(row.left_out)),
        customer_key=row.customer_key if knows_customers else None,
    )


def _zone(db: Connection, row: Any, shop: ShopRow) -> str:
    cart = db.execute(select(_CARTS).where(_CARTS.c.id == row.cart_id)).first()
    return shop.timezone or "UTC" if cart is None else zone_of(cart, shop)


# -- what the shop said ----------------------------------------------------------------------------


def made(db: Connection, offer_id: int, coupon: Coupon, now: datetime) -> bool:
    """The shop has the code, as read back: that is what may be promised.

    False when it is not wanted any more: it is taken away.
    """
    row = offer_rows.by_id(db, offer_id)
    if row is None:
        return False
    same = coupon.code.lower() == (row.code or "").lower()  # some shops write codes small
    read = {
        "code": row.code if same else coupon.code,
        "coupon_key": coupon.key,
        "ends_at": coupon.ends_at,
        "made_at": now,
        "claimed_at": None,
        "removed_at": None,
    }
    living = read | {"try_at": coupon.ends_at, "error": None}
    if change(db, offer_id, {Stand.WANTED}, stand=Stand.MADE, **living):
        notices.settle(db, offer_rows.subject(row.shop_id), now)
        return True
    if change(db, offer_id, {Stand.EARNED}, stand=Stand.READY, **living):
        notices.settle(db, offer_rows.subject(row.shop_id), now)
        reward_rows.tell(db, offer_id, now)
        return True
    change(db, offer_id, TO_REMOVE, **read, try_at=now)
    return False


def not_made(
    db: Connection,
    offer_id: int,
    words: str,
    retry_at: datetime | None,
    now: datetime,
    *,
    unsure: bool = False,
) -> None:
    """The shop did not say that it made the code; `words` say why, for the merchant.

    `retry_at` None: it refused, so an incentive fails, and a reward is asked for again under
    another code. `unsure`: nobody knows; the same code is asked for again.
    """
    row = offer_rows.by_id(db, offer_id)
    if row is None:
        return
    key = UNSURE if unsure else None
    said: dict[str, Any] = {"error": words, "claimed_at": None, "coupon_key": key}
    if retry_at is not None:
        change(db, offer_id, TO_MAKE, **said, try_at=retry_at)
        # Not wanted any more: what may be there is taken away, what is not is over.
        change(db, offer_id, TO_REMOVE, **said, try_at=now if unsure else None)
        return
    look = now if unsure else None
    if not change(db, offer_id, {Stand.WANTED}, stand=Stand.FAILED, **said, try_at=look):
        shop = shops.by_id(db, row.shop_id)
        again = {"code": new_code(shop) if shop else row.code, "try_at": now + _REFUSED_REWARD}
        change(db, offer_id, {Stand.EARNED}, **(said | again | {"coupon_key": None}))
        change(db, offer_id, TO_REMOVE, **said, try_at=look)
    tell_of(db, row.shop_id, _NOT_MADE if row.stand == Stand.WANTED else _NOT_YET, words, now)


def tell_of(db: Connection, shop_id: int, told: str, words: str, now: datetime) -> None:
    """Leave the merchant a notice of trouble with codes."""
    notices.tell(db, offer_rows.subject(shop_id), told.format(words=words), now, shop_id)


def tell_stopped(db: Connection, asked: Asked, words: str, now: datetime) -> None:
    """Nothing is made until the merchant mends the account: they must know."""
    tell_of(db, asked.shop.id, _NOT_YET, words, now)


def removed(db: Connection, offer_id: int, now: datetime) -> None:
    """The code is not in the shop any more."""
    gone = {"removed_at": now, "claimed_at": None, "try_at": None}
    change(db, offer_id, TO_REMOVE, **gone)


def learned(db: Connection, offer_id: int, coupon: Coupon) -> None:
    """The key of a code that is to be taken away, and of which nobody knew whether it is there."""
    change(db, offer_id, TO_REMOVE, coupon_key=coupon.key, ends_at=coupon.ends_at)


def not_removed(
    db: Connection, offer_id: int, words: str, retry_at: datetime | None, now: datetime
) -> None:
    """The code is still there, or may be; `retry_at` None: it stays, and ends by itself."""
    row = offer_rows.by_id(db, offer_id)
    said = {"error": words, "claimed_at": None, "try_at": retry_at}
    stays = row is not None and change(db, offer_id, TO_REMOVE, **said) and retry_at is None
    if row is not None and stays and row.ends_at is not None and row.ends_at > now:
        told = _NOT_REMOVED.format(code=row.code, words="{words}")
        tell_of(db, row.shop_id, told, words, now)
