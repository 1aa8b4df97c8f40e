"""What operators watch: how late, how many, how old. Counts by row, never by person.

Asked for every few seconds, so nothing here grows with what is stored. Counting all rows
by state would read the whole table (a million reminders: a second), and an index for it
would cost every webhook. So outcomes are counted among the latest rows by id, which is
the order in which they came: those of the last day, and at most `_MOST` of them. How far
back that reaches is a figure of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, func, select, text

from recovery import handing_out, pulses, tables
from recovery.model import Origin
from recovery.reasons import read
from recovery.states import CartState, ReminderState

Row = tuple[str, dict[str, str], float]

_SHOPS = tables.shops
_REMINDERS = tables.reminders
_WINDOW = timedelta(days=1)
_MOST = 20_000  # rows; carts are wide, and 20,000 of them are some 60 MB to walk through
_ENOUGH = 10_000  # what waits is counted up to here: more is "far too many" anyway
_WAITING = text("reminders.state = 'scheduled' AND reminders.handed_out_at IS NULL")


@dataclass(frozen=True, slots=True)
class Lately:
    """How many rows stand in each state, of those that came within the last `seconds`."""

    seconds: float
    by_state: Mapping[str, int]
    skipped_for: Mapping[str, int]  # one that has several reasons counts for each


@dataclass(frozen=True, slots=True)
class ShopLife:
    """When a shop, by its public key, was heard of for the last time."""

    key: str
    last_webhook_at: datetime | None
    last_poll_at: datetime | None
    poll_failures: int


def oldest_due(db: Connection, now: datetime) -> float:
    """By how many seconds the oldest due reminder is late; 0 when none is due."""
    oldest = handing_out.oldest_due(db, now)
    return 0.0 if oldest is None else max(0.0, (now - oldest).total_seconds())


def due(db: Connection, now: datetime) -> int:
    """How many reminders are due and wait to be handed out; `_ENOUGH` means that or more."""
    waits = (_REMINDERS.c.shop_id == _SHOPS.c.id) & (_REMINDERS.c.due_at <= now)
    some = select(_REMINDERS.c.id).select_from(_SHOPS.join(_REMINDERS, waits)).where(_WAITING)
    return int(db.execute(_count_up_to_enough(some)).scalar_one())


def outcomes(db: Connection, now: datetime) -> Lately:
    """What became of the carts' reminders planned lately; every state is named."""
    return _outcomes(db, now)[0]


def answered(db: Connection, now: datetime) -> Lately:
    """What became of the texts planned lately that shoppers asked for, apart from any cart."""
    return _outcomes(db, now)[1]


def _outcomes(db: Connection, now: datetime) -> tuple[Lately, Lately]:
    """Of the latest rows: reminders of carts, and texts that answer requests."""
    of_cart = _REMINDERS.c.cart_id.is_not(None).label("of_cart")
    rows, seconds = _latest(
        db, _REMINDERS, _REMINDERS.c.created_at, now, _REMINDERS.c.reasons, of_cart
    )
    found = {kind: Counter(dict.fromkeys(map(str, ReminderState), 0)) for kind in (True, False)}
    why: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    for row, count in rows:
        found[bool(row.of_cart)][row.state] += count
        why[bool(row.of_cart)].update(dict.fromkeys(read(row.reasons), count))
    carts, asked = (Lately(seconds, found[kind], why[kind]) for kind in (True, False))
    return carts, asked


def active_shops(db: Connection) -> int:
    """How many shops we work for."""
    of_ours = select(func.count()).select_from(_SHOPS).where(_SHOPS.c.state == "active")
    return int(db.execute(of_ours).scalar_one())


def lives(db: Connection, most: int | None = None) -> list[ShopLife]:
    """The active shops, those polled longest ago first; all of them, or the first `most`."""
    names = ("key", "last_webhook_at", "last_poll_at", "poll_failures")
    # A shop that was never polled waits since it was installed.
    since = func.coalesce(_SHOPS.c.last_poll_at, _SHOPS.c.installed_at)
    rows = db.execute(
        select(*(_SHOPS.c[name] for name in names))
        .where(_SHOPS.c.state == "active")
        .order_by(since, _SHOPS.c.id)
        .limit(most)
    )
    return [ShopLife(**row._mapping) for row in rows]


def gather(db: Connection, now: datetime) -> list[Row]:
    """All figures, as (name, labels, value)."""
    return [
        *_clock(db, now),
        ("relance_oldest_due_seconds", {}, oldest_due(db, now)),
        ("relance_due_reminders", {}, float(due(db, now))),
        *_reminders(db, now),
        *_carts(db, now),
        *_of_shops(db, now),
        ("relance_unread_requests", {}, _unread(db)),
    ]


def _clock(db: Connection, now: datetime) -> list[Row]:
    last = pulses.last(db, "clock")
    if last is None:
        return []
    return [("relance_clock_last_tick_age_seconds", {}, (now - last).total_seconds())]


def _reminders(db: Connection, now: datetime) -> list[Row]:
    lately, asked = _outcomes(db, now)
    return [
        ("relance_counted_seconds", {"of": "reminders"}, lately.seconds),
        *_each("relance_reminders", "state", lately.by_state),
        *_each("relance_reminders_skipped", "why", lately.skipped_for),
        *_each("relance_asked_texts", "state", asked.by_state),
        *_each("relance_asked_texts_skipped", "why", asked.skipped_for),
    ]


def _carts(db: Connection, now: datetime) -> list[Row]:
    """Shoppers' carts by state; bots' and what staff and programs made stand apart."""
    carts = tables.carts
    is_bot = carts.c.bot.is_not(None).label("is_bot")
    counted, seconds = _latest(db, carts, carts.c.recorded_at, now, carts.c.origin, is_bot)
    shoppers = Counter(dict.fromkeys(map(str, CartState), 0))
    others = Counter({"bot": 0, "origin": 0})
    for row, many in counted:
        if row.is_bot:
            others["bot"] += many
        elif row.origin != Origin.CHECKOUT:
            others["origin"] += many
        else:
            shoppers[row.state] += many
    return [
        ("relance_counted_seconds", {"of": "carts"}, seconds),
        *_each("relance_carts", "state", shoppers),
        *_each("relance_carts_left_out", "why", others),
    ]


def _each(name: str, label: str, many: Mapping[str, int]) -> list[Row]:
    return [(name, {label: each}, float(count)) for each, count in many.items()]


def _latest(
    db: Connection, table: Table, came: Any, now: datetime, *by: Any
) -> tuple[list[tuple[Any, int]], float]:
    """The latest rows counted by state and `by`, and how many seconds back they reach."""
    some = (
        select(table.c.state, came.label("came"), *by)
        .order_by(table.c.id.desc())
        .limit(_MOST)
        .subquery()
    )
    kinds = [column for column in some.c if column.name != "came"]
    rows = db.execute(
        select(*kinds, func.count().label("many"), func.min(some.c.came).label("first"))
        .where(some.c.came > now - _WINDOW)
        .group_by(*kinds)
    ).all()
    if sum(row.many for row in rows) < _MOST:
        return [(row, row.many) for row in rows], _WINDOW.total_seconds()
    first = min(row.first for row in rows)
    return [(row, row.many) for row in rows], (now - first).total_seconds()


def _of_shops(db: Connection, now: datetime) -> list[Row]:
    found: list[Row] = []
    for life in lives(db):
        shop = {"shop": life.key}
        for name, at in (("webhook", life.last_webhook_at), ("poll", life.last_poll_at)):
            if at is not None:
                age = (now - at).total_seconds()
                found.append((f"relance_shop_last_{name}_age_seconds", shop, age))
        found.append(("relance_shop_poll_failures", shop, float(life.poll_failures)))
    return found


def _unread(db: Connection) -> float:
    some = select(tables.unread.c.id).where(tables.unread.c.read_at.is_(None))
    return float(db.execute(_count_up_to_enough(some)).scalar_one())


def _count_up_to_enough(rows: Any) -> Any:
    return select(func.count()).select_from(rows.limit(_ENOUGH).subquery())
