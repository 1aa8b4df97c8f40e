"""For whom a programme or a step is: what is known of each cart, asked right before the send.

Read in groups, and only where a programme asks for anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, select

from recovery import lines, tables
from recovery.bulk import one_of
from recovery.conditions import Known, holds
from recovery.eligibility import MARKS, keys_of, of_these_people
from recovery.eligibility import Known as People
from recovery.model import Channel
from recovery.programme_form import Condition, End
from recovery.programmes import CART, Running
from recovery.reasons import Reason
from recovery.shops import ShopRow
from recovery.states import ReminderState
from recovery.step_times import place_of

_CARTS, _PRODUCTS, _SHOPPERS = tables.carts, tables.products, tables.shoppers


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
    asked: list[tuple[Any, list[Condition]]] = []
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
        conditions = [each for each in (run.form.when, step.when if step else None) if each]
        if conditions:
            asked.append((row, conditions))
    known = known_of(db, [row for row, _ in asked], people, now)
    for row, conditions in asked:
        if not all(holds(each, known[row.id]).holds for each in conditions):
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


def known_of(
    db: Connection, carts: Sequence[Any], people: People, now: datetime
) -> dict[int, Known]:
    """By cart, what conditions may ask of it; None is what nobody told.

    `people` is `eligibility.look_up` of these carts. As many statements for one as for many.
    """
    if not carts:
        return {}
    orders, earlier = _orders(people), _abandoned(db, carts)
    told, categories = _told_orders(db, carts), _categories(db, carts)
    found = {}
    for cart in carts:
        kept = lines.read(cart.lines)
        placed = _by_marks(orders, cart)
        products = frozenset(line.product_key for line in kept)
        found[cart.id] = Known(
            amount=cart.total,
            currency=cart.currency,
            lines=len(kept),
            items=cart.item_count,
            products=products,
            categories=_of_products(categories, cart.shop_id, products),
            country=cart.country,
            language=cart.locale,
            orders=len(placed) or told.get((cart.shop_id, cart.customer_key)),
            days_since_order=(now - max(placed.values())).days if placed else None,
            abandonments=_before(cart, earlier),
            consents=_consents(cart, people),
            source="cart" if cart.sources == "cart" else "checkout",
        )
    return found


_Dated = dict[tuple[int, str, str], dict[int, datetime]]  # by mark: rows, and when


def _by_marks(dated: _Dated, cart: Any) -> dict[int, datetime]:
    """The rows of this cart's person, each once."""
    found: dict[int, datetime] = {}
    for key in keys_of(cart):
        found |= dated.get(key, {})
    return found


def _orders(people: People) -> _Dated:
    """Orders at the shop, none of which was cancelled."""
    found: _Dated = {}
    for row in people.all_orders:
        if row.cancelled_at is None:
            for key in keys_of(row):
                found.setdefault(key, {})[row.id] = row.placed_at
    return found


def _told_orders(db: Connection, carts: Sequence[Any]) -> dict[tuple[int, str], int]:
    """How many orders the platform counts; of a person nobody knows, not known."""
    keys = {cart.customer_key for cart in carts} - {None}
    if not keys:
        return {}
    columns = [_SHOPPERS.c[name] for name in ("shop_id", "customer_key", "orders")]
    here = (_SHOPPERS.c.shop_id.in_({cart.shop_id for cart in carts}), _SHOPPERS.c.orders >= 0)
    rows = db.execute(select(*columns).where(*here, _SHOPPERS.c.customer_key.in_(keys)))
    return {(row.shop_id, row.customer_key): int(row.orders) for row in rows}


def _abandoned(db: Connection, carts: Sequence[Any]) -> _Dated:
    """When these people abandoned a cart."""
    found: _Dated = {}
    for row in of_these_people(db, _abandoned_by, carts):
        for key in keys_of(row):
            found.setdefault(key, {})[row.id] = row.abandoned_at
    return found


@lru_cache
def _abandoned_by(kind: str, mark: str) -> Select[Any]:
    columns = [_CARTS.c[name] for name in ("id", "shop_id", *MARKS, "abandoned_at")]
    return select(*columns).where(
        one_of(kind, _CARTS.c[mark], "marks"),
        one_of(kind, _CARTS.c.shop_id, "shop_ids"),
        _CARTS.c.abandoned_at.is_not(None),
    )


def _before(cart: Any, abandoned: _Dated) -> int | None:
    """How many other carts this person had abandoned when they left this one."""
    if not keys_of(cart):
        return None
    mine = _by_marks(abandoned, cart)
    left_at: datetime = cart.left_at
    return sum(at < left_at for id_, at in mine.items() if id_ != cart.id)


_Categories = dict[tuple[int, str], frozenset[str]]


def _categories(db: Connection, carts: Sequence[Any]) -> _Categories:
    """Of the products in these carts, by shop and key, those that the shop told."""
    keys = {line.product_key for cart in carts for line in lines.read(cart.lines)} - {None}
    if not keys:
        return {}
    shop_ids = {cart.shop_id for cart in carts}
    columns = [_PRODUCTS.c[name] for name in ("shop_id", "key", "categories")]
    here = (_PRODUCTS.c.shop_id.in_(shop_ids), _PRODUCTS.c.key.in_(keys))
    return {
        (row.shop_id, row.key): frozenset(filter(None, row.categories.split("\n")))
        for row in db.execute(select(*columns).where(*here))
    }


def _of_products(
    told: _Categories, shop_id: int, keys: frozenset[str | None]
) -> frozenset[str | None]:
    """All their categories; None is among them where those of a product are not known."""
    found: set[str | None] = set()
    for key in keys:
        found |= told.get((shop_id, key or ""), frozenset({None}))
    return frozenset(found)


def _consents(cart: Any, people: People) -> frozenset[Channel]:
    addresses = ((Channel.SMS, cart.phone), (Channel.EMAIL, cart.email))
    words = {
        on: people.reach.consents.get((cart.shop_id, on.value, address))
        for on, address in addresses
    }
    return frozenset(on for on, word in words.items() if word is not None and word.granted)
