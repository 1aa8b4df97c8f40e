"""Conversations of a shop with its shoppers: what they wrote, what they got, who waits.

A conversation is named by the id of any reply in it, never by a number. What waits for a person
is a row of `forwards` that nobody did anything about yet (`done_at`): a reply that was no stop,
no start and no answer to a survey that we understood.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from recovery import tables

_FORWARDS, _REPLIES = tables.forwards, tables.replies
_REMINDERS, _CARTS, _WRITTEN = tables.reminders, tables.carts, tables.written_answers
MOST = 50
_LONGEST = 100  # messages of one conversation that are shown


@dataclass(frozen=True, slots=True)
class Head:
    """A conversation in a list: its latest reply, who it is, how many replies wait."""

    reply_id: int
    sender: str
    name: str | None
    text: str
    at: datetime
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a conversation. `by` "shopper", "programme", or "member"."""

    at: datetime
    by: str
    text: str | None
    row: Any
    member_id: int | None = None


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation, oldest first; `last` is the row of the latest reply."""

    last: Any
    said: tuple[Said, ...]
    waiting: int
    done_at: datetime | None
    name: str | None
    cart_ids: tuple[int, ...]


def waiting(db: Connection, shop_id: int) -> list[Head]:
    """Those that wait for a person, who waits longest first: of the oldest `MOST` replies."""
    rows = db.execute(
        select(*_OF_A_REPLY)
        .join(_FORWARDS, _FORWARDS.c.reply_id == _REPLIES.c.id)
        .where(_FORWARDS.c.shop_id == shop_id, _FORWARDS.c.done_at.is_(None))
        .order_by(_FORWARDS.c.at, _FORWARDS.c.id)
        .limit(MOST)
    ).all()
    return _heads(db, shop_id, rows, counted=True)


def others(
    db: Connection, shop_id: int, before: int | None = None
) -> tuple[list[Head], int | None]:
    """Further conversations, the latest first, and the id to go on `before`, where there are more.

    Of those that wait none is left out here: a page that shows both leaves them out.
    """
    here = _REPLIES.c.shop_id == shop_id
    asked = select(*_OF_A_REPLY).where(here)
    if before is not None:
        since = select(_REPLIES.c.at).where(_REPLIES.c.id == before, here).scalar_subquery()
        same = (_REPLIES.c.at == since) & (_REPLIES.c.id < before)  # providers tell whole seconds
        asked = asked.where((_REPLIES.c.at < since) | same)
    rows = db.execute(
        asked.order_by(_REPLIES.c.at.desc(), _REPLIES.c.id.desc()).limit(MOST + 1)
    ).all()
    more = rows[MOST - 1].id if len(rows) > MOST else None
    return _heads(db, shop_id, rows[:MOST], counted=False), more


def how_many_wait(db: Connection, shop_id: int) -> int:
    """How many replies wait; no more than `MOST` are counted."""
    mine = (_FORWARDS.c.shop_id == shop_id, _FORWARDS.c.done_at.is_(None))
    return len(db.execute(select(_FORWARDS.c.id).where(*mine).limit(MOST)).all())


def latest_of(db: Connection, shop_id: int, reply_id: int) -> Any | None:
    """The latest reply (its row) of whoever wrote that one; None: it is not the shop's."""
    sender = _sender(db, shop_id, reply_id)
    if sender is None:
        return None
    mine = (_REPLIES.c.sender == sender, _REPLIES.c.shop_id == shop_id)
    newest = select(_REPLIES).where(*mine).order_by(_REPLIES.c.at.desc(), _REPLIES.c.id.desc())
    return db.execute(newest.limit(1)).first()


def of_reply(db: Connection, shop_id: int, reply_id: int) -> Thread | None:
    """The conversation in which that reply stands, at most its latest hundred messages."""
    last = latest_of(db, shop_id, reply_id)
    if last is None:
        return None
    mine = (_REPLIES.c.sender == last.sender, _REPLIES.c.shop_id == shop_id)
    replies = db.execute(
        select(_REPLIES).where(*mine).order_by(_REPLIES.c.at.desc()).limit(_LONGEST)
    ).all()
    written = (_REMINDERS.c.recipient == last.sender, _REMINDERS.c.shop_id == shop_id)
    sent = db.execute(
        select(_REMINDERS, _WRITTEN.c.member_id)
        .outerjoin(_WRITTEN, _WRITTEN.c.reminder_id == _REMINDERS.c.id)
        .where(*written)
        .order_by(_REMINDERS.c.id.desc())
        .limit(_LONGEST)
    ).all()
    said = [Said(row.at, "shopper", row.text, row) for row in replies]
    said += [_by_us(row) for row in sent if row.sent_at or row.member_id]
    carts = tuple(dict.fromkeys(row.cart_id for row in sent if row.cart_id))[:10]
    waits, done_at = _done(db, [row.id for row in replies])
    names = _names(db, shop_id, [last.sender])
    said.sort(key=lambda each: each.at)
    return Thread(last, tuple(said[-_LONGEST:]), waits, done_at, names.get(last.sender), carts)


def done(db: Connection, shop_id: int, reply_id: int, member_id: int, now: datetime) -> int:
    """Up to that reply nothing waits in its conversation any more; how many replies did.

    What came after it was not on the page on which somebody said so: it waits.
    """
    mine = _of_thread(db, shop_id, reply_id) & (_FORWARDS.c.reply_id <= reply_id)
    waits = update(_FORWARDS).where(mine, _FORWARDS.c.done_at.is_(None))
    also = {"done_at": now, "done_by": member_id}
    return len(db.execute(waits.values(**also).returning(_FORWARDS.c.id)).all())


def undo_done(db: Connection, shop_id: int, reply_id: int) -> int:
    """What was last said to be done waits again; how many replies."""
    mine = _of_thread(db, shop_id, reply_id)
    last = select(_FORWARDS.c.done_at).where(mine, _FORWARDS.c.done_at.is_not(None))
    at = db.execute(last.order_by(_FORWARDS.c.done_at.desc()).limit(1)).scalar()
    if at is None:
        return 0
    again = update(_FORWARDS).where(mine, _FORWARDS.c.done_at == at)
    row = {"done_at": None, "done_by": None}
    return len(db.execute(again.values(**row).returning(_FORWARDS.c.id)).all())


_OF_A_REPLY = [_REPLIES.c[name] for name in ("id", "sender", "text", "at")]


def _by_us(row: Any) -> Said:
    by = "programme" if row.member_id is None else "member"
    return Said(row.sent_at or row.created_at, by, row.text, row, row.member_id)


def _sender(db: Connection, shop_id: int, reply_id: int) -> str | None:
    mine = (_REPLIES.c.id == reply_id, _REPLIES.c.shop_id == shop_id)
    return db.execute(select(_REPLIES.c.sender).where(*mine)).scalar()


def _of_thread(db: Connection, shop_id: int, reply_id: int) -> Any:
    sender = _sender(db, shop_id, reply_id)
    theirs = select(_REPLIES.c.id).where(_REPLIES.c.sender == sender, _REPLIES.c.shop_id == shop_id)
    return _FORWARDS.c.reply_id.in_(theirs)


def _done(db: Connection, reply_ids: list[int]) -> tuple[int, datetime | None]:
    asked = select(_FORWARDS.c.done_at).where(_FORWARDS.c.reply_id.in_(reply_ids))
    found = list(db.scalars(asked))
    ended = [at for at in found if at is not None]
    return len(found) - len(ended), max(ended, default=None)


def _heads(db: Connection, shop_id: int, rows: Iterable[Any], counted: bool) -> list[Head]:
    by_sender: dict[str, list[Any]] = {}
    for row in rows:
        by_sender.setdefault(row.sender, []).append(row)
    names = _names(db, shop_id, by_sender)
    found = []
    for sender, theirs in by_sender.items():
        last = max(theirs, key=lambda row: (row.at, row.id))
        many = len(theirs) if counted else 0
        found.append(Head(last.id, sender, names.get(sender), last.text, last.at, many))
    return found


def _names(db: Connection, shop_id: int, senders: Iterable[str]) -> Mapping[str, str]:
    """First names by number, as the latest cart of that number says."""
    mine = (_CARTS.c.phone.in_(list(senders)), _CARTS.c.shop_id == shop_id)
    named = _CARTS.c.first_name.is_not(None)
    asked = select(_CARTS.c.phone, _CARTS.c.first_name).where(*mine, named).order_by(_CARTS.c.id)
    return {row.phone: row.first_name for row in db.execute(asked)}
