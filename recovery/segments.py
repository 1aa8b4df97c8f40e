"""For whom a programme or a step is: what is known of each cart, asked right before the send.

Read in groups, and only where a programme asks for anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, or_, select

from recovery import lines, tables
from recovery.conditions import Known, holds
from recovery.eligibility import Known as People
from recovery.model import Channel
from recovery.programme_form import End
from recovery.programmes import CART, Running
from recovery.reasons import Reason
from recovery.shops import ShopRow
from recovery.states import ReminderState
from recovery.step_times import place_of

_ORDERS, _CARTS, _PRODUCTS = tables.orders, tables.carts, tables.products
_MARKS = ("customer_key", "email", "phone")


def reasons(
    db: Connection,
    rows: Sequence[Any],
    of: Mapping[int, ShopRow],
    runs: Mapping[int, Running],
    people: People,
    now: datetime,
) -> dict[int, list[Reason]]:
    """By reminder, why its programme or its step is not for that cart.

    `of` are the shops, `runs` the programmes by reminder.
    """
    found = {}
    few = _one_text(db, rows, of, now)
    for row in rows:
        run = runs[row.reminder_id]
        if row.programme != CART:
            continue
        if row.reminder_id in few:
            found[row.reminder_id] = [few[row.reminder_id]]
            continue
        if _is_over(row, run, now):
            found[row.reminder_id] = [Reason.TOO_LATE]
            continue
        step = run.step(row.step)
        asked = [each for each in (run.form.when, step.when if step else None) if each]
        if asked:
            known = known_of(db, row, people, now)
            if not all(holds(each, known).holds for each in asked):
                found[row.reminder_id] = [Reason.NOT_FOR_THEM]
    return found


def _is_over(cart: Any, run: Running, now: datetime) -> bool:
    """Whether the programme ends by age, and has."""
    days = timedelta(days=run.form.ends_after_days)
    started = cart.abandoned_at
    return End.AGE in run.form.ends and started is not None and now > started + days


def _one_text(
    db: Connection, rows: Sequence[Any], of: Mapping[int, ShopRow], now: datetime
) -> dict[int, Reason]:
    """By reminder, why a country allows a cart no further text, or none any more."""
    texts = [row for row in rows if row.channel == Channel.SMS and row.programme == CART]
    rules = {row.reminder_id: place_of(row, of[row.shop_id]).hours for row in texts}
    texts = [row for row in texts if rules[row.reminder_id].texts_per_cart is not None]
    left = _texts_left(db, {row.id for row in texts})
    found = {}
    for row in texts:
        rule = rules[row.reminder_id]
        others = sum(each.cart_id == row.id and _counts(each, row) for each in left)
        within = rule.cart_texts_within
        if others >= rule.texts_per_cart:
            found[row.reminder_id] = Reason.ONE_TEXT_A_CART
        elif within is not None and row.abandoned_at and now > row.abandoned_at + within:
            found[row.reminder_id] = Reason.TOO_LATE
    return found


def _counts(other: Any, row: Any) -> bool:
    """Of two that are claimed at once, the earlier step goes first."""
    return other.id != row.reminder_id and (other.sent_at is not None or other.step < row.step)


def _texts_left(db: Connection, cart_ids: set[int]) -> list[Any]:
    """The texts that left, or may be leaving, for these carts."""
    if not cart_ids:
        return []
    reminders = tables.reminders
    rows = db.execute(
        select(*(reminders.c[name] for name in ("id", "cart_id", "step", "sent_at"))).where(
            reminders.c.cart_id.in_(cart_ids),
            reminders.c.channel == Channel.SMS.value,
            reminders.c.programme == CART,
            reminders.c.sent_at.is_not(None) | (reminders.c.state == ReminderState.SENDING),
        )
    )
    return list(rows)


def known_of(db: Connection, cart: Any, people: People, now: datetime) -> Known:
    """What conditions may ask of this cart; None is what nobody told."""
    kept = lines.read(cart.lines)
    orders = _orders_before(db, cart)
    since = max((row.placed_at for row in orders), default=None)
    return Known(
        amount=cart.total,
        currency=cart.currency,
        lines=len(kept),
        items=cart.item_count,
        products=frozenset(line.product_key for line in kept),
        categories=_categories(db, cart.shop_id, {line.product_key for line in kept}),
        country=cart.country,
        language=cart.locale,
        orders=len(orders) or _told_orders(db, cart),
        days_since_order=None if since is None else (now - since).days,
        abandonments=_abandoned_before(db, cart),
        consents=_consents(cart, people),
        source="cart" if cart.sources == "cart" else "checkout",
    )


def _of_this_person(table: Any, cart: Any) -> Any:
    marks = [table.c[mark] == getattr(cart, mark) for mark in _MARKS if getattr(cart, mark)]
    return or_(*marks) if marks else None


def _orders_before(db: Connection, cart: Any) -> list[Any]:
    """This person's orders at the shop, none of which was cancelled."""
    mine = _of_this_person(_ORDERS, cart)
    if mine is None:
        return []
    here = (_ORDERS.c.shop_id == cart.shop_id, _ORDERS.c.cancelled_at.is_(None))
    return list(db.execute(select(_ORDERS.c.placed_at).where(*here, mine)))


def _told_orders(db: Connection, cart: Any) -> int | None:
    """How many orders the platform counts; of a person nobody knows, not known."""
    shoppers = tables.shoppers
    if not cart.customer_key:
        return None
    mine = (shoppers.c.shop_id == cart.shop_id, shoppers.c.customer_key == cart.customer_key)
    told = db.execute(select(shoppers.c.orders).where(*mine).limit(1)).first()
    return None if told is None or told.orders is None else int(told.orders)


def _abandoned_before(db: Connection, cart: Any) -> int | None:
    mine = _of_this_person(_CARTS, cart)
    if mine is None:
        return None
    earlier = (
        _CARTS.c.shop_id == cart.shop_id,
        _CARTS.c.id != cart.id,
        _CARTS.c.abandoned_at < cart.left_at,
    )
    return len(db.execute(select(_CARTS.c.id).where(*earlier, mine)).all())


def _categories(db: Connection, shop_id: int, keys: set[str | None]) -> frozenset[str | None]:
    told = keys - {None}
    here = (_PRODUCTS.c.shop_id == shop_id, _PRODUCTS.c.key.in_(told))
    rows = db.execute(select(_PRODUCTS.c.key, _PRODUCTS.c.categories).where(*here)).all()
    found: set[str | None] = {each for row in rows for each in row.categories.split("\n") if each}
    return frozenset(found | ({None} if keys - {row.key for row in rows} else set()))


def _consents(cart: Any, people: People) -> frozenset[Channel]:
    addresses = ((Channel.SMS, cart.phone), (Channel.EMAIL, cart.email))
    words = {
        on: people.reach.consents.get((cart.shop_id, on.value, address))
        for on, address in addresses
    }
    return frozenset(on for on, word in words.items() if word is not None and word.granted)
