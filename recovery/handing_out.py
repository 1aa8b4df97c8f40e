"""Which due reminders go to the workers now: fair across shops, and never too many.

A hand-over is only a hint to a queue that may forget it. The row stays `scheduled`;
whoever claims it first sends it. What was handed out and not claimed within
`PATIENCE` is handed out again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Column, Connection, and_, func, or_, select, text, update

from recovery import tables
from recovery.model import Channel

_REMINDERS = tables.reminders
_SHOPS = tables.shops
_ACCOUNTS = tables.accounts

PATIENCE = timedelta(seconds=30)
#: A cart's reminder may leave while its shop's orders are known up to so long ago.
ORDERS_KNOWN = timedelta(minutes=2)
#: How far ahead of the sending an account's line is filled. Short, so that a shop that
#: comes now does not stand behind a flood handed out before.
AHEAD = timedelta(seconds=2)
_BATCH_SECONDS = 2.0
_LARGEST_BATCH = 500
_ONE_WORKER_DOES = 100.0  # messages a second
_WAITING = text("reminders.state = 'scheduled' AND reminders.handed_out_at IS NULL")
_OUT = text("reminders.state = 'scheduled' AND reminders.handed_out_at IS NOT NULL")
_OF_CARTS = _REMINDERS.c.cart_id.is_not(None)
_CHANNELS = (Channel.SMS.value, Channel.EMAIL.value)
_ASKED_FOR = text("reminders.cart_id IS NULL")  # in words of its own: `ix_reminders_asked` serves


class Sender(Protocol):
    """A sender account, as far as its line is concerned."""

    @property
    def id(self) -> int: ...

    @property
    def channel(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Batch:
    """Reminders for one sender account, at most about two seconds of its work."""

    account_id: int
    reminder_ids: tuple[int, ...]


def hand_out(db: Connection, now: datetime) -> list[Batch]:
    """Mark what is due as handed out, and give it in batches. The caller enqueues them."""
    batches = []
    for account in _working_accounts(db, now):
        room = _room(db, account, now)
        ids = _due_in_turn(db, account, room, now) if room > 0 else []
        taken = _take(db, ids, now)
        size = max(1, min(_LARGEST_BATCH, round(account.rate * _BATCH_SECONDS)))
        batches += [
            Batch(account.id, tuple(taken[at : at + size])) for at in range(0, len(taken), size)
        ]
    return batches


def take_more(db: Connection, account: Sender, most: int, now: datetime) -> list[int]:
    """What is due by now for an account, for the worker that serves it: marked as handed out."""
    return _take(db, _due_in_turn(db, account, most, now), now)


def is_more_due(db: Connection, account: Sender, now: datetime) -> bool:
    """Whether `take_more` would find anything; a read."""
    return bool(_due_in_turn(db, account, 1, now))


def give_back(db: Connection, reminder_ids: list[int]) -> None:
    """These were not sent after all: they may be handed out again at once."""
    if reminder_ids:
        db.execute(
            update(_REMINDERS)
            .where(_REMINDERS.c.id.in_(reminder_ids), _OUT)
            .values(handed_out_at=None)
        )


def give_back_forgotten(db: Connection, before: datetime) -> int:
    """Take back what was handed out before that time and never claimed; how many."""
    forgotten = (_OUT, _REMINDERS.c.handed_out_at < before)
    return db.execute(update(_REMINDERS).where(*forgotten).values(handed_out_at=None)).rowcount


def shops_with_work_soon(db: Connection, until: datetime) -> list[int]:
    """The shops with a reminder due by then: their orders must be known when it leaves."""
    soon = or_(*(_first_due(until, channel).is_not(None) for channel in _CHANNELS))
    rows = db.execute(select(_SHOPS.c.id).where(_SHOPS.c.state == "active", soon))
    return [row.id for row in rows]


def oldest_due(db: Connection, now: datetime) -> datetime | None:
    """The earliest due time of all that waits; None when nothing is due. One look per shop."""
    firsts = [_first_due(now, channel, _REMINDERS.c.due_at).label(channel) for channel in _CHANNELS]
    rows = db.execute(select(*firsts).select_from(_SHOPS))
    return min((at for row in rows for at in row if at is not None), default=None)


def _working_accounts(db: Connection, now: datetime) -> list[Any]:
    works = or_(_ACCOUNTS.c.stopped_at.is_(None), _ACCOUNTS.c.try_again_at <= now)
    # Who is being served takes the next due reminders without asking the clock. Only an
    # account of a high rate may need several workers at once.
    free = or_(
        _ACCOUNTS.c.served_until.is_(None),
        _ACCOUNTS.c.served_until <= now,
        _ACCOUNTS.c.rate > _ONE_WORKER_DOES,
    )
    columns = [_ACCOUNTS.c[name] for name in ("id", "rate", "channel")]
    return list(db.execute(select(*columns).where(works, free)))


def account_of(channel: str) -> Column[Any]:
    """The column of `shops` that names the account which sends on that channel."""
    return _SHOPS.c.email_account_id if channel == Channel.EMAIL else _SHOPS.c.account_id


def _room(db: Connection, account: Any, now: datetime) -> int:
    # Only what was handed out just now counts: what lies longer is lost or late, and
    # must not keep the account from working.
    lately = and_(_OUT, _REMINDERS.c.handed_out_at > now - AHEAD * 2)
    out = db.execute(
        select(func.count())
        .select_from(_REMINDERS.join(_SHOPS, _SHOPS.c.id == _REMINDERS.c.shop_id))
        .where(
            lately,
            account_of(account.channel) == account.id,
            _REMINDERS.c.channel == account.channel,
        )
    ).scalar_one()
    return max(1, round(float(account.rate) * AHEAD.total_seconds())) - int(out)


def _due_in_turn(db: Connection, account: Sender, room: int, now: datetime) -> list[int]:
    mine = and_(account_of(account.channel) == account.id, _SHOPS.c.state == "active")
    columns = (_SHOPS.c.id, _SHOPS.c.orders_known_until)
    is_due = _first_due(now, account.channel).is_not(None)
    shops = db.execute(select(*columns).where(mine, is_due)).all()
    unknown = [row.id for row in shops if not are_orders_known(row, now)]

    def line(shop_id: int, most: int, only: Any) -> list[int]:
        return _due_of(db, shop_id, account.channel, most, now, only)

    lines = [line(row.id, room, _ASKED_FOR if row.id in unknown else None) for row in shops]
    found = _in_turn(lines)[:room]
    if len(found) < room:  # what may not leave before a poll goes well takes nobody's place
        held = [line(each, room - len(found), _OF_CARTS) for each in unknown]
        found += _in_turn(held)[: room - len(found)]
    return found


def are_orders_known(shop: Any, now: datetime) -> bool:
    """Whether this shop's orders (`orders_known_until`) are known well enough for reminders."""
    known = shop.orders_known_until
    return known is not None and known >= now - ORDERS_KNOWN


def _first_due(until: datetime, channel: str, column: Any = _REMINDERS.c.id) -> Any:
    # One look into the index for each shop, however many rows wait there.
    its = (_REMINDERS.c.shop_id == _SHOPS.c.id, _REMINDERS.c.channel == channel)
    return (
        select(column)
        .where(*its, _REMINDERS.c.due_at <= until, _WAITING)
        .order_by(_REMINDERS.c.due_at)
        .limit(1)
        .scalar_subquery()
    )


def _due_of(
    db: Connection, shop_id: int, channel: str, room: int, now: datetime, only: Any = None
) -> list[int]:
    """The shop's first so many, in the order of its index: by due time, then by deadline.

    That is the order of the deadlines, because a shop's first steps have one idle time and
    one delay; what was put off may differ.
    """
    its = (_REMINDERS.c.shop_id == shop_id, _REMINDERS.c.channel == channel)
    due = (*its, _REMINDERS.c.due_at <= now, _WAITING)
    rows = db.execute(
        select(_REMINDERS.c.id)
        .where(*due, *(() if only is None else (only,)))
        .order_by(_REMINDERS.c.due_at, _REMINDERS.c.latest_at)
        .limit(room)
    )
    return [row.id for row in rows]


def _in_turn(lines: list[list[int]]) -> list[int]:
    """One of each shop, then the next of each: a long line waits for its own turns only."""
    longest = max(map(len, lines), default=0)
    return [line[place] for place in range(longest) for line in lines if place < len(line)]


def _take(db: Connection, ids: list[int], now: datetime) -> list[int]:
    if not ids:
        return []
    rows = db.execute(
        update(_REMINDERS)
        .where(_REMINDERS.c.id.in_(ids), _WAITING)
        .values(handed_out_at=now)
        .returning(_REMINDERS.c.id)
    )
    taken = {row.id for row in rows}
    return [each for each in ids if each in taken]
