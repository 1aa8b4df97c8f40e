"""The rows of `requests`: kept once, ended, asked anew; and which of them stand.

A request stands while it has no `ended_at`. What a person said last counts (`said_at`):
news that is older changes nothing, in whatever order it comes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, or_, select, union_all, update

from recovery import floods, tables
from recovery.model import RequestKind
from recovery.people import Marks
from recovery.states import ReminderState

_REQUESTS = tables.requests
_REMINDERS = tables.reminders
#: A yes to marketing that waits for its confirmation stands here, too, under this kind.
MARKETING = "marketing"
WATCHES = (RequestKind.BACK_IN_STOCK.value, RequestKind.PRICE_DROP.value)
OPT_IN = "opt_in"  # the programme that asks a number to confirm
#: A year: the season after, and a number that may be somebody else's by then.
LIFE = timedelta(days=365)
#: A number that said yes is believed so long; then it may be somebody else's.
BELIEVED = timedelta(days=365)
#: These are answered once, and end with the answer.
ONCE = (RequestKind.KEEP_CART.value, *WATCHES)
#: Somebody who types other people's numbers shall not fill them with texts.
MOST_WATCHES = 20  # standing, for one number at one shop
_MAY_HAVE_LEFT = (
    ReminderState.SENT,
    ReminderState.DELIVERED,
    ReminderState.UNDELIVERED,
    ReminderState.UNCONFIRMED,
)
_NEWS: tuple[str, ...] = (
    "cart_key",
    "product_key",
    "variant_key",
    "title",
    "address",
    "price",
    "currency",
)
_NEWS += ("country", "locale", "customer_key", "source", "words", "said_at")


def ask(db: Connection, row: dict[str, Any]) -> Any | None:
    """Keep a yes, given at `said_at`; gives the request that now stands, None for old news.

    The same ask again only brings the details up to date. Asked again after its end, it
    stands anew, since then; a number that confirmed not long ago stays confirmed. None also
    for a number that is one too many: see `floods`.
    """
    held = _held(db, row)
    if held is None or _was_never_asked(held):
        here = (row["shop_id"], row["phone"], row["said_at"])
        if not floods.lets_in(db, *here, row["recorded_at"]):
            return None
    if held is None:
        if row["kind"] in WATCHES and _watches(db, row) >= MOST_WATCHES:
            return None
        new = _REQUESTS.insert().values(asked_at=row["said_at"], **row).returning(_REQUESTS.c.id)
        return by_id(db, db.execute(new).scalar_one())
    if row["said_at"] <= held.said_at:
        return None
    values = {name: row[name] for name in _NEWS}
    if held.ended_at is not None or _is_answered(db, held):
        if held.ended_at is not None and row["said_at"] <= held.ended_at:
            return None
        values |= {"asked_at": row["said_at"], "ended_at": None, "ended_because": None}
        if _was_never_asked(held):
            values |= {"recorded_at": row["recorded_at"]}
        if held.confirmed_at is not None and held.confirmed_at < row["said_at"] - BELIEVED:
            values |= {"confirmed_at": None}
    db.execute(update(_REQUESTS).where(_REQUESTS.c.id == held.id).values(**values))
    return by_id(db, held.id)


def take_back(db: Connection, row: dict[str, Any]) -> list[int]:
    """Keep a no, said at `said_at`; the ids of the requests that end by it.

    About one thing it ends the request about that, else all of its kind.
    """
    mine = (
        _REQUESTS.c.shop_id == row["shop_id"],
        _REQUESTS.c.phone == row["phone"],
        _REQUESTS.c.kind == row["kind"],
    )
    about = (_REQUESTS.c.about == row["about"],) if row["about"] else ()
    held = db.execute(select(_REQUESTS.c.id).where(*mine, *about)).all()
    if not held:  # the ask may still be on its way
        no = {"asked_at": row["said_at"], "ended_at": row["said_at"], "ended_because": "withdrawn"}
        db.execute(_REQUESTS.insert().values(**row, **no))
        return []
    older = (*mine, *about, _REQUESTS.c.said_at <= row["said_at"])
    standing = db.execute(select(_REQUESTS.c.id).where(*older, _REQUESTS.c.ended_at.is_(None)))
    ids = [each.id for each in standing]
    db.execute(update(_REQUESTS).where(*older).values(said_at=row["said_at"]))
    end(db, ids, "withdrawn", row["said_at"])
    return ids


def end(db: Connection, ids: Iterable[int], because: str, at: datetime) -> None:
    """These requests no longer stand."""
    ended = {"ended_at": at, "ended_because": because}
    standing = (_REQUESTS.c.id.in_(list(ids)), _REQUESTS.c.ended_at.is_(None))
    db.execute(update(_REQUESTS).where(*standing).values(**ended))


def end_answered(db: Connection, reminder_ids: Sequence[int], now: datetime) -> None:
    """What is answered once ends with these reminders, which left or may have left."""
    if not reminder_ids:
        return
    answered = select(_REMINDERS.c.request_id).where(
        _REMINDERS.c.id.in_(reminder_ids),
        _REMINDERS.c.request_id.is_not(None),
        _REMINDERS.c.programme != OPT_IN,
    )
    once = (_REQUESTS.c.id.in_(answered), _REQUESTS.c.kind.in_(ONCE))
    ended = {"ended_at": now, "ended_because": "answered"}
    db.execute(update(_REQUESTS).where(*once, _REQUESTS.c.ended_at.is_(None)).values(**ended))


def end_old(db: Connection, now: datetime) -> int:
    """End what nobody spoke of for `LIFE`; how many."""
    old = (_REQUESTS.c.ended_at.is_(None), _REQUESTS.c.said_at < now - LIFE)
    return db.execute(
        update(_REQUESTS).where(*old).values(ended_at=now, ended_because="old")
    ).rowcount


def by_id(db: Connection, request_id: int) -> Any:
    """The request with that row id."""
    return db.execute(select(_REQUESTS).where(_REQUESTS.c.id == request_id)).one()


def of_number(db: Connection, shop_id: int, phone: str) -> list[Any]:
    """What stands for a number at a shop."""
    here = (_REQUESTS.c.phone == phone, _REQUESTS.c.shop_id == shop_id)
    rows = db.execute(select(_REQUESTS).where(*here, _REQUESTS.c.ended_at.is_(None)))
    return list(rows)


def of_product(db: Connection, shop_id: int, product_key: str) -> list[Any]:
    """Who watches a product, or a variant that the shop shows as one."""
    # One look a mark: an OR over the two would read every row of the shop.
    looks = [
        select(_REQUESTS).where(column == product_key, _REQUESTS.c.shop_id == shop_id)
        for column in (_REQUESTS.c.product_key, _REQUESTS.c.variant_key)
    ]
    standing = (_REQUESTS.c.kind.in_(WATCHES), _REQUESTS.c.ended_at.is_(None))
    rows = db.execute(union_all(*(look.where(*standing) for look in looks)))
    return list({row.id: row for row in rows}.values())


def of_order(db: Connection, shop_id: int, marks: Marks, cart_keys: Sequence[str]) -> list[Any]:
    """Who asked for news of this order: best the number in it, then its cart, its customer.

    `cart_keys` are those of the order, in the form of the table `cart_keys`.
    """
    here = _REQUESTS.c.shop_id == shop_id
    by: list[ColumnElement[bool]] = []
    if marks.phone:
        by.append((_REQUESTS.c.phone == marks.phone) & here)
    if cart_keys:  # they name their shop; with it SQLite would read the shop's every row
        by.append(_REQUESTS.c.cart_key.in_(cart_keys))
    if marks.customer_key:
        by.append((_REQUESTS.c.customer_key == marks.customer_key) & here)
    if not by:
        return []
    standing = _REQUESTS.c.ended_at.is_(None)
    rows = db.execute(union_all(*(select(_REQUESTS).where(each, standing) for each in by)))
    found = {row.id: row for row in rows if row.kind == RequestKind.ORDER_NEWS}.values()

    def strength(row: Any) -> tuple[bool, bool, datetime, int]:
        its_cart = row.cart_key is not None and row.cart_key in cart_keys
        return row.phone == marks.phone, its_cart, row.said_at, row.id

    return sorted(found, key=strength, reverse=True)


def confirmed(db: Connection, shop_id: int, phone: str, since: datetime) -> datetime | None:
    """When this number was confirmed at the shop, if not before `since`."""
    here = (_REQUESTS.c.phone == phone, _REQUESTS.c.shop_id == shop_id)
    found: datetime | None = db.execute(
        select(func.max(_REQUESTS.c.confirmed_at)).where(*here, _REQUESTS.c.confirmed_at >= since)
    ).scalar_one()
    return found


def confirm(db: Connection, ids: Iterable[int], at: datetime) -> None:
    """The number of these requests is confirmed."""
    db.execute(update(_REQUESTS).where(_REQUESTS.c.id.in_(list(ids))).values(confirmed_at=at))


def stop(db: Connection, shop_id: int, phone: str, now: datetime) -> list[int]:
    """The person said stop: nothing of theirs stands or is confirmed; the ids of what stood."""
    ids = [row.id for row in of_number(db, shop_id, phone)]
    end(db, ids, "stopped", now)
    here = (_REQUESTS.c.phone == phone, _REQUESTS.c.shop_id == shop_id)
    confirmed_ones = (*here, _REQUESTS.c.confirmed_at.is_not(None))
    db.execute(update(_REQUESTS).where(*confirmed_ones).values(confirmed_at=None))
    return ids


def _held(db: Connection, row: dict[str, Any]) -> Any | None:
    names = ("shop_id", "kind", "phone", "about")
    statement = select(_REQUESTS).where(*(_REQUESTS.c[name] == row[name] for name in names))
    if db.dialect.name != "sqlite":  # which has one writer anyway
        statement = statement.with_for_update()
    return db.execute(statement).first()


def _was_never_asked(held: Any) -> bool:
    """Whether all that is held is a no, which came before any yes."""
    if held.ended_because != "withdrawn":
        return False
    return held.ended_at is not None and bool(held.ended_at <= held.asked_at)


def _watches(db: Connection, row: dict[str, Any]) -> int:
    here = (_REQUESTS.c.phone == row["phone"], _REQUESTS.c.shop_id == row["shop_id"])
    standing = (_REQUESTS.c.kind.in_(WATCHES), _REQUESTS.c.ended_at.is_(None))
    many = select(func.count()).select_from(_REQUESTS).where(*here, *standing)
    return int(db.execute(many).scalar_one())


def _is_answered(db: Connection, request: Any) -> bool:
    """Whether its one answer left already, though nobody wrote its end down yet."""
    if request.kind not in ONCE:
        return False
    left = (_REMINDERS.c.request_id == request.id, _REMINDERS.c.programme != OPT_IN)
    since = or_(_REMINDERS.c.sent_at >= request.asked_at, _REMINDERS.c.sent_at.is_(None))
    states = (_REMINDERS.c.state.in_(_MAY_HAVE_LEFT), since)
    return db.execute(select(_REMINDERS.c.id).where(*left, *states).limit(1)).first() is not None
