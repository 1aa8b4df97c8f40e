"""May this reminder leave now? All reasons against it, asked anew right before it would."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, select

from recovery import asks, consent, email_opt_in, leave, opt_in, pauses, tables, welcome
from recovery.bulk import listed, one_of
from recovery.contact_reasons import (
    HELD_BY_A_REPLY,
    Reach,
    addresses,
    reasons_of_contact,
    reasons_of_email,
)
from recovery.model import Channel, RequestKind
from recovery.order_intake import may_be_closed_by
from recovery.reasons import Reason
from recovery.shops import ShopRow
from recovery.states import CartState

ANSWER = "answer"  # what somebody of the shop wrote, see `recovery.own_answers`
REWARD = "reward"  # the programme of what an order earned, see `recovery.reward_rows`
MARKS = ("customer_key", "email", "phone")
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Known:
    """What the database knew of a group of carts and their people at one moment."""

    reach: Reach = field(default_factory=Reach)
    orders: dict[tuple[int, str, str], datetime] = field(default_factory=dict)
    newest: dict[tuple[int, str, str], tuple[datetime, int]] = field(default_factory=dict)
    closed: set[int] = field(default_factory=set)  # carts whose key an order names
    all_orders: Sequence[Any] = ()  # of these people; one that has several marks several times


def look_up(db: Connection, carts: Sequence[Any], now: datetime) -> Known:
    """Read once, for all these rows of `carts`, what the questions below need."""
    orders = list(of_these_people(db, _orders_by, carts))
    keys = {key for cart in carts for key in addresses(cart)}
    consents = consent.latest(db, keys)
    reach = Reach(
        at=now,
        consents=consents,
        stops=consent.suppressed(db, keys),
        sales=leave.last_sales(orders),
        kept=_kept_carts(db, [cart for cart in carts if _needs_leave(cart, consents)]),
        paused=pauses.paused(db, {(shop_id, address) for shop_id, _, address in keys}),
    )
    return Known(
        reach=reach,
        orders=_last_orders(orders),
        newest=_newest_carts(db, carts),
        closed=_closed_carts(db, carts),
        all_orders=orders,
    )


def reasons_not_to_send(cart: Any, shop: ShopRow, known: Known) -> list[Reason]:
    """All reasons why the cart of this row is not reminded on its `channel`; empty: it may be."""
    if cart.programme == REWARD:  # which follows the order of that very cart
        gone = [] if shop.is_active else [Reason.SHOP_GONE]
        gone += [Reason.NOT_ON] if shop.held else []
        return gone + reasons_of_contact(cart, shop, known.reach)
    asked = (
        (Reason.SHOP_GONE, not shop.is_active),
        (Reason.NOT_ON, bool(shop.held)),
        (Reason.ORDERED, cart.state == CartState.ORDERED or _has_ordered(cart, known)),
        (Reason.CART_ENDED, cart.state == CartState.EXPIRED),
        (Reason.EMPTY, cart.item_count == 0),
        (Reason.BOT, cart.bot is not None),
        (Reason.NOT_A_SHOPPERS, cart.origin != "checkout"),
        (Reason.NEWER_CART, _has_newer_cart(cart, known)),
        (Reason.NO_WAY_BACK, not cart.way_back),
        (Reason.SILENCED, cart.silenced_at is not None),
    )
    return [reason for reason, holds in asked if holds] + reasons_of_contact(
        cart, shop, known.reach
    )


def may_be_mailed(db: Connection, carts: Sequence[tuple[Any, ShopRow]], now: datetime) -> set[int]:
    """Of these rows of `carts`, with their shops, those whose person may get e-mails."""
    with_email = [(cart, shop) for cart, shop in carts if cart.email]
    keys = {(cart.shop_id, Channel.EMAIL.value, cart.email) for cart, _ in with_email}
    asked = [cart for cart, shop in with_email if shop.customers_may_be_mailed]
    orders = list(of_these_people(db, _orders_by, asked)) if asked else []
    reach = Reach(
        at=now,
        consents=consent.latest(db, keys),
        stops=consent.suppressed(db, keys),
        sales=leave.last_sales(orders),
    )
    return {cart.id for cart, shop in with_email if not reasons_of_email(cart, shop, reach)}


def _needs_leave(cart: Any, consents: dict[tuple[int, str, str], consent.Word]) -> bool:
    """Whether no consent speaks for this cart: only then a request to keep it is looked for."""
    word = consents.get((cart.shop_id, Channel.SMS.value, cart.phone))
    unconfirmed = word is not None and opt_in.is_unconfirmed_box(cart, word.source)
    return bool(cart.phone) and (word is None or not word.granted or unconfirmed)


def _kept_carts(db: Connection, carts: Sequence[Any]) -> dict[int, int]:
    """Of these carts, those that their shopper asked to keep, by the number of the cart.

    The request gives leave for one text: what it was used for ends it.
    """
    if not carts:
        return {}
    of = {cart.id: cart for cart in carts}
    keys, requests = tables.cart_keys, tables.requests
    rows = db.execute(
        select(
            keys.c.cart_id,
            *(requests.c[name] for name in ("id", "phone", "country", "confirmed_at")),
        )
        .join(requests, requests.c.cart_key == keys.c.key)
        .where(
            keys.c.cart_id.in_(of),
            requests.c.kind == RequestKind.KEEP_CART.value,
            requests.c.ended_at.is_(None),
        )
    )
    return {
        row.cart_id: row.id
        for row in rows
        if row.phone == of[row.cart_id].phone
        and (
            row.confirmed_at is not None
            or not opt_in.is_wanted(of[row.cart_id].double_opt_in, row.phone, row.country)
        )
    }


def _has_ordered(cart: Any, known: Known) -> bool:
    if cart.id in known.closed:
        return True
    since = cart.changed_at - timedelta(seconds=1)
    return any(known.orders.get(key, _LONG_AGO) >= since for key in keys_of(cart))


def _has_newer_cart(cart: Any, known: Known) -> bool:
    own = (cart.changed_at, cart.id)
    return any(known.newest.get(key, own) > own for key in keys_of(cart))


def keys_of(row: Any) -> list[tuple[int, str, str]]:
    """Shop, kind and mark, for each mark that a row bears."""
    return [(row.shop_id, mark, getattr(row, mark)) for mark in MARKS if getattr(row, mark)]


def _last_orders(orders: Sequence[Any]) -> dict[tuple[int, str, str], datetime]:
    found: dict[tuple[int, str, str], datetime] = {}
    for row in orders:
        for key in keys_of(row):
            found[key] = max(found.get(key, row.placed_at), row.placed_at)
    return found


def _closed_carts(db: Connection, carts: Sequence[Any]) -> set[int]:
    """The carts that an order names by a key.

    They are mostly in state `ordered`. But where an order and the first news of its
    cart are recorded at the same moment, neither transaction sees the other's rows.
    """
    created = {cart.id: cart.created_at for cart in carts}
    asked = {"cart_ids": listed(created)}
    rows = db.execute(_closing_orders(db.dialect.name), asked)
    return {row.cart_id for row in rows if may_be_closed_by(created[row.cart_id], row.placed_at)}


@lru_cache
def _closing_orders(kind: str) -> Select[Any]:
    keys, closes, orders = tables.cart_keys, tables.order_cart_keys, tables.orders
    return (
        select(keys.c.cart_id, orders.c.placed_at)
        .join(closes, closes.c.key == keys.c.key)
        .join(orders, orders.c.id == closes.c.order_id)
        .where(one_of(kind, keys.c.cart_id, "cart_ids"))
    )


def _newest_carts(
    db: Connection, carts: Sequence[Any]
) -> dict[tuple[int, str, str], tuple[datetime, int]]:
    found: dict[tuple[int, str, str], tuple[datetime, int]] = {}
    for row in of_these_people(db, _carts_by, carts):
        for key in keys_of(row):
            mine = (row.changed_at, row.id)
            found[key] = max(found.get(key, mine), mine)
    return found


def of_these_people(
    db: Connection, statement: Callable[[str, str], Select[Any]], carts: Sequence[Any]
) -> Iterator[Any]:
    """What `statement` (of a kind of database and a mark) finds by each mark of these carts."""
    # One statement a mark: an OR over the three makes SQLite read the shop's every row.
    shop_ids = listed({cart.shop_id for cart in carts})
    for mark in MARKS:
        values = {getattr(cart, mark) for cart in carts} - {None}
        if values:
            asked = {"shop_ids": shop_ids, "marks": listed(values)}
            yield from db.execute(statement(db.dialect.name, mark), asked)


@lru_cache
def _orders_by(kind: str, mark: str) -> Select[Any]:
    table = tables.orders
    columns = [table.c[name] for name in ("id", "shop_id", *MARKS, "placed_at")]
    columns += [table.c.origin, table.c.cancelled_at]
    return select(*columns).where(
        one_of(kind, table.c[mark], "marks"), one_of(kind, table.c.shop_id, "shop_ids")
    )


@lru_cache
def _carts_by(kind: str, mark: str) -> Select[Any]:
    table = tables.carts
    columns = [table.c[name] for name in ("id", "shop_id", *MARKS, "changed_at")]
    return select(*columns).where(
        one_of(kind, table.c[mark], "marks"),
        one_of(kind, table.c.shop_id, "shop_ids"),
        table.c.state.in_([CartState.OPEN, CartState.ABANDONED]),
        table.c.item_count > 0,
        table.c.bot.is_(None),
        table.c.origin == "checkout",
    )


def _as_it_stands(db: Connection, reminder_id: int) -> Any:
    """The reminder with its cart, request, shop, and the stop of its recipient."""
    reminders, carts, stops = tables.reminders, tables.carts, tables.suppressions
    shops, requests = tables.shops, tables.requests
    return db.execute(
        select(
            carts.c.state,
            carts.c.silenced_at,
            reminders.c.shop_id,
            reminders.c.request_id,
            reminders.c.programme,
            requests.c.ended_at,
            requests.c.ended_because,
            reminders.c.recipient,
            reminders.c.channel,
            reminders.c.code,
            *(shops.c[name] for name in ("welcome_code", "code_read", "code_works")),
            shops.c.state.label("shop_state"),
            shops.c.held,
            stops.c.address.label("stopped"),
        )
        .select_from(reminders)
        .outerjoin(carts, carts.c.id == reminders.c.cart_id)
        .outerjoin(requests, requests.c.id == reminders.c.request_id)
        .join(shops, shops.c.id == reminders.c.shop_id)
        .outerjoin(
            stops,
            (stops.c.shop_id == reminders.c.shop_id)
            & (stops.c.channel == reminders.c.channel)
            & (stops.c.address == reminders.c.recipient)
            & stops.c.lifted_at.is_(None),
        )
        .where(reminders.c.id == reminder_id)
    ).one()


def reason_since(db: Connection, reminder_id: int) -> Reason | None:
    """What came up between the look at a group and the turn of this reminder; None: nothing.

    An order closes the carts of its person in its own transaction, a stop is a row, and a
    request that was taken back has an end, so two quick looks by key tell. `CODE_UNKNOWN`
    asks for another look at it all: the text names a code that is not the one any more.
    """
    row = _as_it_stands(db, reminder_id)
    if row.stopped is not None:
        return Reason.STOPPED
    if row.shop_state != "active":
        return Reason.SHOP_GONE
    if row.held:
        return Reason.NOT_ON
    if row.programme == welcome.WELCOME:
        return welcome.reason_since(db, row)
    if row.programme == ANSWER:  # to what they wrote: no marketing, so only a stop is against it
        return Reason.NOT_ASKED if row.recipient is None else None
    if row.request_id is None:
        key = (row.shop_id, row.channel, row.recipient)
        word = consent.latest(db, {key}).get(key)
        if word is not None and not word.granted:
            return Reason.NO_CONSENT
        if row.programme == email_opt_in.CONFIRM and word is None:  # erased meanwhile
            return Reason.NOT_ASKED
    elif row.ended_at is not None and row.programme != asks.OPT_IN:
        return Reason.NOT_ASKED
    if row.programme in HELD_BY_A_REPLY and pauses.paused(db, {(row.shop_id, row.recipient)}):
        return Reason.PAUSED
    if row.programme == REWARD:
        return None
    if row.silenced_at is not None:
        return Reason.SILENCED
    return None if row.state is None else _OF_STATE.get(row.state)


_OF_STATE = {
    CartState.ORDERED: Reason.ORDERED,
    CartState.EXPIRED: Reason.CART_ENDED,
    CartState.OPEN: Reason.STILL_SHOPPING,
}
