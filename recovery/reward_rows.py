"""Rewards from the promise to the message that tells their code, and codes that run out.

`order_seen` is asked in the transaction that records an order, a refund or an order's end, so
nothing is missed; `sweep` is the clock's, for what happens by time alone. The rules are
`rewards`: the order of the promised cart earns, a cancelled or refunded one makes void.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, or_, select

from recovery import rewards, shops, states, tables, timing, used_codes
from recovery.fresh_codes import new_code
from recovery.model import ZERO, Channel
from recovery.offer_facts import Gift
from recovery.offer_past import terms_of, zone_of
from recovery.offer_rows import NOTHING, Nothing, Promised, by_id
from recovery.offer_stands import Stand, change
from recovery.reasons import written
from recovery.rewards import Bought, Promise
from recovery.rewards import Stand as How
from recovery.shops import ShopRow
from recovery.states import ReminderState
from recovery.step_times import is_any_hour, place_of, times
from recovery.timing import NotInTime

_OFFERS, _ORDERS, _SHOPS = tables.offers, tables.orders, tables.shops
_REMINDERS, _REFUNDS, _CARTS = tables.reminders, tables.refunds, tables.carts

REWARD = "reward"  # the programme that tells a code, and its kind of words
_OPEN = (Stand.PROMISED, Stand.EARNED, Stand.READY)
_LIVES = _OFFERS.c.try_at.is_not(None)
_AGAIN = timedelta(minutes=1)  # until a promise is looked at again whose end has passed
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_THERE = (ReminderState.SENT, ReminderState.DELIVERED, ReminderState.UNCONFIRMED)
_NOT_THERE = (ReminderState.FAILED, ReminderState.UNDELIVERED, ReminderState.SKIPPED)
_LEAST = timedelta(minutes=30)  # a code that ends sooner is not told any more


def order_seen(db: Connection, shop: ShopRow, order_key: str, now: datetime) -> None:
    """An order came or changed: note the codes it took, and what it means for a reward."""
    here = (_ORDERS.c.shop_id == shop.id, _ORDERS.c.key == order_key)
    order = db.execute(select(_ORDERS.c.id, _ORDERS.c.cart_id).where(*here)).first()
    if order is None:
        return
    used_codes.note_used(db, order.id, now)
    if order.cart_id is None:
        return
    stands = _OFFERS.c.stand.in_([*_OPEN, Stand.VOID])
    mine = (_OFFERS.c.cart_id == order.cart_id, _OFFERS.c.gift == Gift.NEXT.value)
    for row in db.execute(select(_OFFERS).where(*mine, stands)).all():
        _judge(db, row, shop, now)


def sweep(db: Connection, now: datetime, most: int = 500) -> int:
    """What time alone does: rewards lapse, codes end; and orders that nobody told of. How many.

    Of the offers that still live alone, so that years of them cost nothing.
    """
    rows = {row.id: row for row in [*_whose_time_came(db, now, most), *_whose_order_says(db, most)]}
    of = shops.all_by_id(db, list({row.shop_id for row in rows.values()}))
    changed = 0
    for row in rows.values():
        if _judge(db, row, of[row.shop_id], now):
            changed += 1
        elif row.stand == Stand.PROMISED and row.try_at <= now:
            # Its shop's orders are not known so far: others have their turn meanwhile.
            change(db, row.id, {Stand.PROMISED}, try_at=now + _AGAIN)
    over = (_LIVES, _OFFERS.c.stand == Stand.MADE.value, _OFFERS.c.ends_at <= now)
    ended = [row.id for row in db.execute(select(_OFFERS.c.id).where(*over).limit(most))]
    for offer_id in ended:
        change(db, offer_id, {Stand.MADE}, stand=Stand.ENDED, try_at=now)
    return changed + len(ended)


def _whose_time_came(db: Connection, now: datetime, most: int) -> list[Any]:
    due = (_LIVES, _OFFERS.c.try_at <= now, _OFFERS.c.announced_at.is_not(None))
    timed = _OFFERS.c.stand.in_([Stand.PROMISED, Stand.READY])
    return list(
        db.execute(select(_OFFERS).where(*due, timed).order_by(_OFFERS.c.try_at).limit(most))
    )


def _whose_order_says(db: Connection, most: int) -> list[Any]:
    """Promised, and their cart is ordered; or earned by an order that is not what it was."""
    came = (_OFFERS.c.stand == Stand.PROMISED.value) & (_ORDERS.c.cart_id == _OFFERS.c.cart_id)
    less = or_(_ORDERS.c.cancelled_at.is_not(None), _ORDERS.c.refunded > ZERO)
    earned = _OFFERS.c.stand.in_([Stand.EARNED, Stand.READY])
    undone = earned & (_ORDERS.c.id == _OFFERS.c.earned_by) & less
    found: list[Any] = []
    for joined in (came, undone):
        asked = select(_OFFERS).join(_ORDERS, joined).where(_LIVES, joined)
        found += db.execute(asked.limit(most)).all()
    return found


def tell(db: Connection, offer_id: int, now: datetime) -> int | None:
    """Plan the message that tells the code of a reward; the reminder's id, None: none planned.

    On the channel that last reached its person with the promise, in decent hours, until the
    code ends.
    """
    row = by_id(db, offer_id)
    step = None if row is None else _next_step(db, row)
    if row is None or step is None:
        return None
    return _plan_telling(db, row, step, _channel_of(db, row), now)


def tell_otherwise(db: Connection, reminder_ids: Sequence[int], now: datetime) -> None:
    """Of these, which their channel could not bring, plan what tells a code on the other one.

    Once: the other one has no other. Nothing where the shop or the person has no such channel.
    """
    if not reminder_ids:
        return
    ended = _REMINDERS.c.state.in_(_NOT_THERE) & _REMINDERS.c.fallback_of.is_(None)
    mine = (_REMINDERS.c.id.in_(reminder_ids), _REMINDERS.c.programme == REWARD, ended)
    for told in db.execute(select(_REMINDERS).where(*mine)).all():
        row = by_id(db, told.offer_id)
        other = Channel.SMS if told.channel == Channel.EMAIL else Channel.EMAIL
        if row is not None and row.stand == Stand.READY:
            _plan_telling(db, row, told.step, other.value, now, instead_of=told.id)


def _channel_of(db: Connection, row: Any) -> str | None:
    """Of the messages that named this promise, the channel of the newest that may have arrived.

    Where none did, the one it was decided for.
    """
    same = (_OFFERS.c.id == row.id) | (_OFFERS.c.repeats_id == row.id)
    named = select(_OFFERS.c.reminder_id).where(_OFFERS.c.cart_id == row.cart_id, same)
    ids = [each.reminder_id for each in db.execute(named)]
    told = _REMINDERS.c.id.in_(ids) | (_REMINDERS.c.offer_id == row.id)
    there = (_REMINDERS.c.cart_id == row.cart_id, told, _REMINDERS.c.state.in_(_THERE))
    newest = select(_REMINDERS.c.channel).where(*there).order_by(_REMINDERS.c.sent_at.desc())
    found = db.execute(newest.limit(1)).first() or _one(
        db, _REMINDERS, _REMINDERS.c.id == row.reminder_id
    )
    return None if found is None else str(found.channel)


def _may_be_told(cart: Any, shop: ShopRow, channel: str) -> bool:
    if channel == Channel.EMAIL:
        return bool(cart.email) and shop.email_account_id is not None
    return bool(cart.phone) and shop.account_id is not None


def _plan_telling(
    db: Connection,
    row: Any,
    step: int,
    channel: str | None,
    now: datetime,
    instead_of: int | None = None,
) -> int | None:
    cart = _one(db, _CARTS, _CARTS.c.id == row.cart_id)
    shop = shops.by_id(db, row.shop_id)
    if cart is None or shop is None or channel is None:
        return None
    if instead_of is not None and not _may_be_told(cart, shop, channel):
        return None
    place = place_of(cart, shop)
    any_hour, latest = is_any_hour(shop, channel), row.ends_at - _LEAST
    due = timing.marketing_due(
        now, latest, place.hours, place.zones, any_hour=any_hour, not_before=now
    )
    planned = {
        "shop_id": shop.id,
        "cart_id": cart.id,
        "programme": REWARD,
        "step": step,
        "channel": channel,
        "state": states.at_first(_REMINDERS),
        "words": REWARD,
        "offer_id": row.id,
        "fallback_of": instead_of,
        "attempts": 0,
        "created_at": now,
    }
    told = _REMINDERS.insert().values(**planned, **times(due, now))
    reminder_id = int(db.execute(told.returning(_REMINDERS.c.id)).scalar_one())
    if isinstance(due, NotInTime):
        also = {"reasons": written([due.reason]), "settled_at": now}
        states.move(db, _REMINDERS, reminder_id, "skip", also)
    return reminder_id


def for_telling(
    db: Connection, cart: Any, shop: ShopRow, offer_id: int, now: datetime
) -> Promised | Nothing:
    """What a message of the programme `reward` may tell right now: a code that is ready.

    Its terms are those of a code that can be used at once, with their end.
    """
    row = by_id(db, offer_id)
    if row is None or row.stand != Stand.READY or row.ends_at <= now + _LEAST:
        return NOTHING
    terms = replace(terms_of(row), gift=Gift.NOW, ends_at=row.ends_at)
    return Promised(terms, offer_id, zone_of(cart, shop), row.code, row.ends_at)


def _next_step(db: Connection, row: Any) -> int | None:
    """A step of its own for each telling; None while one is on its way."""
    mine = (_REMINDERS.c.cart_id == row.cart_id, _REMINDERS.c.programme == REWARD)
    told = db.execute(select(_REMINDERS.c.step, _REMINDERS.c.state).where(*mine)).all()
    waits = (ReminderState.SCHEDULED, ReminderState.SENDING)
    if any(each.state in waits for each in told):
        return None
    return 1 + max((each.step for each in told), default=0)


# -- the promise and the order ---------------------------------------------------------------------


def _judge(db: Connection, row: Any, shop: ShopRow, now: datetime) -> bool:
    """Move one reward by what is known of its order; True when it moved."""
    if row.announced_at is None:
        return False  # nothing was promised yet
    order = _order_of(db, row)
    promise = _promise(row, order, shop)
    known = _one(db, _SHOPS, _SHOPS.c.id == shop.id)
    until = (known.orders_known_until if known is not None else None) or _LONG_AGO
    how = rewards.stand(promise, _bought(db, order, shop), until, now)
    return _moved(db, row, order, how, shop, now)


def _moved(
    db: Connection, row: Any, order: Any | None, how: How, shop: ShopRow, now: datetime
) -> bool:
    was = Stand(row.stand)
    by = {"earned_by": order.id if order is not None else None}
    look = None if row.coupon_key is None else now
    if how is How.EARNED and was is Stand.PROMISED:
        code = {"code": new_code(shop), "try_at": now}
        return change(db, row.id, {was}, stand=Stand.EARNED, **by, **code)
    if how is How.LAPSED and was is Stand.PROMISED:
        return change(db, row.id, {was}, stand=Stand.LAPSED, try_at=None)
    if how is How.VOID and was in _OPEN:
        return change(db, row.id, {was}, stand=Stand.VOID, **by, try_at=look)
    if how is How.ENDED and was is Stand.READY:
        return change(db, row.id, {was}, stand=Stand.ENDED, try_at=now)
    if how in (How.EARNED, How.READY) and was is Stand.VOID:
        return _come_back(db, row, shop, now, by)
    return False


def _come_back(db: Connection, row: Any, shop: ShopRow, now: datetime, by: dict[str, Any]) -> bool:
    """The cancellation was taken back, or the cart is ordered anew.

    A code that is gone, or going, is made anew.
    """
    is_there = row.coupon_key and row.removed_at is None and row.claimed_at is None
    if is_there and row.ends_at > now:
        back = {"stand": Stand.READY, "try_at": row.ends_at} | by
        stays = (_OFFERS.c.claimed_at.is_(None), _OFFERS.c.removed_at.is_(None))
        came = change(db, row.id, {Stand.VOID}, *stays, **back)
        if came:
            tell(db, row.id, now)
        return came
    fresh: dict[str, Any] = {"code": new_code(shop), "coupon_key": None, "removed_at": None}
    fresh |= {"claimed_at": None, "made_at": None, "try_at": now} | by
    return change(db, row.id, {Stand.VOID}, stand=Stand.EARNED, **fresh)


def _promise(row: Any, order: Any | None, shop: ShopRow) -> Promise:
    """The promise as `rewards` asks; once it was earned in time, it was in time."""
    is_made = bool(row.coupon_key) and row.stand in (Stand.READY, Stand.VOID)
    if order is None or row.earned_by != order.id:
        within = row.ends_at - row.announced_at
    else:
        within = max(_by_our_clock(order.placed_at, shop) - row.announced_at, timedelta())
    return Promise(
        sent_at=row.announced_at,
        within=within,
        code_ends_at=row.ends_at if is_made and row.removed_at is None else None,
        used=row.used_at is not None,
    )


def _order_of(db: Connection, row: Any) -> Any | None:
    """The order that earned it, while it stands; else the first one of its cart that does."""
    earned = None if row.earned_by is None else _one(db, _ORDERS, _ORDERS.c.id == row.earned_by)
    if earned is not None and earned.cancelled_at is None:
        return earned
    mine = select(_ORDERS).where(_ORDERS.c.cart_id == row.cart_id)
    stands_first = (_ORDERS.c.cancelled_at.is_not(None), _ORDERS.c.placed_at)
    other = db.execute(mine.order_by(*stands_first).limit(1)).first()
    return earned if other is None or other.cancelled_at is not None else other


def _bought(db: Connection, order: Any | None, shop: ShopRow) -> Bought | None:
    if order is None:
        return None
    of_order = (_REFUNDS.c.shop_id == order.shop_id, _REFUNDS.c.order_key == order.key)
    told = db.execute(select(func.sum(_REFUNDS.c.amount)).where(*of_order)).scalar_one()
    return Bought(
        placed_at=_by_our_clock(order.placed_at, shop),
        total=order.total,
        refunded=max(order.refunded, told or ZERO),  # the same money, told in two ways
        cancelled=order.cancelled_at is not None,
    )


def _by_our_clock(placed_at: datetime, shop: ShopRow) -> datetime:
    # Promises bear our time. A platform may cut its own to whole seconds.
    cut = timedelta(seconds=0 if placed_at.microsecond else 1)
    return placed_at + timedelta(seconds=shop.clock_offset) + cut


def _one(db: Connection, table: Any, where: Any) -> Any | None:
    return db.execute(select(table).where(where)).first()
