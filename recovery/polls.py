"""When each shop is polled, and how far it got: the cursor goes with the page's rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, Connection, or_, select, update
from sqlalchemy.exc import DataError, IntegrityError

from recovery import notices, tables, unread
from recovery.intake import record
from recovery.model import Cart, CartGone, Order, Page, RowKind, Seen, UnreadRow
from recovery.shops import ShopRow

_SHOPS = tables.shops
T = TypeVar("T", bound=Seen)
Recorder = Callable[[Connection, ShopRow, Sequence[T], datetime], None]
_HAND_OUT_AGAIN = timedelta(minutes=2)
_LEASE = timedelta(minutes=3)
_LONGEST_WAIT = timedelta(minutes=30)
_FIRST_WAIT = timedelta(seconds=15)
#: A shop with something due soon is polled when its orders are known no later than this ago.
_FRESH = timedelta(seconds=60)
#: What a database says of values that it cannot hold. It is about the row, so that trying
#: again changes nothing; everything else (locks, a lost line, a missing table) is about us.
REFUSED = (DataError, ArithmeticError, ValueError)
#: What is refused when `Database.run` gives up: it has tried a broken rule of the tables again.
REFUSED_AT_LAST = (*REFUSED, IntegrityError)
#: A row that breaks a rule of the tables alone and again is refused, too. Met once it may
#: only be a row that another process inserted first.
_TRIES = 3


def freshen(db: Connection, shop_ids: list[int], now: datetime) -> None:
    """Poll these shops now if their orders are not fresh: something is due there soon."""
    stale = or_(_SHOPS.c.orders_known_until.is_(None), _SHOPS.c.orders_known_until < now - _FRESH)
    calm = (_SHOPS.c.poll_failures == 0) & (_SHOPS.c.next_poll_at > now)
    idle = or_(_SHOPS.c.last_poll_at.is_(None), _SHOPS.c.last_poll_at < now - _FRESH / 4)
    db.execute(
        update(_SHOPS).where(_SHOPS.c.id.in_(shop_ids), stale, calm, idle).values(next_poll_at=now)
    )


def is_one_due(db: Connection, now: datetime) -> bool:
    """Whether a shop is to be polled now."""
    return db.execute(select(_SHOPS.c.id).where(*_due(now)).limit(1)).first() is not None


def hand_out_polls(db: Connection, now: datetime) -> list[int]:
    """The shops to poll now, marked as handed out; what was forgotten comes again."""
    rows = db.execute(
        update(_SHOPS).where(*_due(now)).values(poll_handed_out_at=now).returning(_SHOPS.c.id)
    )
    return [row.id for row in rows]


def forget_handed_out(db: Connection) -> None:
    """The queue lost its jobs: hand out again what is due."""
    handed = _SHOPS.c.poll_handed_out_at.is_not(None)
    db.execute(update(_SHOPS).where(handed).values(poll_handed_out_at=None))


def begin(db: Connection, shop_id: int, now: datetime) -> bool:
    """True for the one worker that may poll this shop now; the lease ends by itself."""
    free = or_(_SHOPS.c.poll_claimed_at.is_(None), _SHOPS.c.poll_claimed_at < now - _LEASE)
    taken = db.execute(
        update(_SHOPS)
        .where(_SHOPS.c.id == shop_id, _SHOPS.c.state == "active", free)
        .values(poll_claimed_at=now)
    )
    return taken.rowcount == 1


def cursor_of(db: Connection, shop_id: int) -> str | None:
    """Where the last stored page ended."""
    found = db.execute(select(_SHOPS.c.poll_cursor).where(_SHOPS.c.id == shop_id)).scalar_one()
    return None if found is None else str(found)


def store_page(db: Connection, shop: ShopRow, page: Page, now: datetime) -> tuple[UnreadRow, ...]:
    """Store a page and its cursor together, and renew the lease on the shop.

    Gives the rows that were kept unread: those of the page, and those that the database
    refused. They hold up no other row, neither the cursor nor the orders being known.
    """
    odd = (*page.unread, *_record(db, shop, page.seen, now))
    unread.settle_read(db, shop, page.seen, now)
    unread.keep_rows(db, shop, odd, now)
    values: dict[str, object] = {"poll_cursor": page.cursor, "poll_claimed_at": now}
    if page.clock_offset is not None:
        values["clock_offset"] = page.clock_offset
    if page.orders_known_until is not None:
        values["orders_known_until"] = page.orders_known_until
    if page.orders_known_until is not None or odd:
        unread.answer_for_orders(db, shop, now)
    db.execute(update(_SHOPS).where(_SHOPS.c.id == shop.id).values(**values))
    return odd


def _record(db: Connection, shop: ShopRow, seen: Sequence[Seen], now: datetime) -> list[UnreadRow]:
    def work(db: Connection, shop: ShopRow, some: Sequence[Seen], now: datetime) -> None:
        record(db, [(shop, each) for each in some], now)

    return record_each(db, shop, seen, now, work)


def record_each(
    db: Connection, shop: ShopRow, seen: Sequence[T], now: datetime, work: Recorder[T]
) -> list[UnreadRow]:
    """Record all at once, or one by one when one of them is refused; gives the refused."""
    if _refusal(db, shop, seen, now, work) is None:
        return []
    # Carts first, as `record` does it: an order finds the cart that came with it.
    by_turn = sorted(seen, key=lambda each: not isinstance(each, Cart))
    told = ((each, _refusal(db, shop, [each], now, work, _TRIES)) for each in by_turn)
    return [_refused(each, error) for each, error in told if error is not None]


def _refusal(
    db: Connection,
    shop: ShopRow,
    seen: Sequence[T],
    now: datetime,
    work: Recorder[T],
    tries: int = 1,
) -> Exception | None:
    """Record all of it, or nothing: then, why the database refuses it."""
    try:
        with db.begin_nested():
            work(db, shop, seen, now)
    except IntegrityError as error:
        return error if tries == 1 else _refusal(db, shop, seen, now, work, tries - 1)
    except REFUSED as error:
        return error
    return None


def _refused(seen: Seen, error: Exception) -> UnreadRow:
    words = f"the database refuses it: {type(error).__name__}"
    body = str(getattr(seen, "raw", "")).encode(errors="backslashreplace")
    if isinstance(seen, Order):
        known = (seen.shopper, seen.cart_keys, seen.placed_at)
        return UnreadRow(RowKind.ORDER, body, words, seen.key, *known)
    key = seen.keys[0] if isinstance(seen, CartGone) else getattr(seen, "key", None)
    return UnreadRow(RowKind.CHECKOUT, body, words, key)


def end_well(db: Connection, shop: ShopRow, now: datetime) -> None:
    """The poll read all there was; the next one comes after the shop's usual time."""
    _end(db, shop.id, now, shop.poll_seconds, failures=0, error=None, last_poll_at=now)
    notices.settle(db, f"shop.{shop.id}.poll", now)


def come_back(db: Connection, shop: ShopRow, seconds: float, now: datetime) -> None:
    """The platform asked us to wait; what was read is kept.

    It counts as one failure, so that nobody asks for a poll before that time.
    """
    held = select(_SHOPS.c.poll_failures).where(_SHOPS.c.id == shop.id)
    failures = max(1, int(db.execute(held).scalar_one()))
    _end(db, shop.id, now, seconds, failures=failures, error="the platform asked us to wait")


def end_badly(db: Connection, shop: ShopRow, error: str, now: datetime, wait: float = 0) -> None:
    """The poll failed: each failure in a row doubles the wait, up to half an hour.

    After the third in a row the merchant is told, once.
    """
    failures = 1 + int(
        db.execute(select(_SHOPS.c.poll_failures).where(_SHOPS.c.id == shop.id)).scalar_one()
    )
    backoff = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(failures - 1, 10)).total_seconds()
    _end(db, shop.id, now, max(wait, backoff), failures=failures, error=error)
    if failures == 3:
        notices.tell(db, f"shop.{shop.id}.poll", error, now, shop.id)


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    due = or_(_SHOPS.c.next_poll_at.is_(None), _SHOPS.c.next_poll_at <= now)
    free = or_(
        _SHOPS.c.poll_handed_out_at.is_(None),
        _SHOPS.c.poll_handed_out_at < now - _HAND_OUT_AGAIN,
    )
    return (_SHOPS.c.state == "active", due, free)


def _end(
    db: Connection,
    shop_id: int,
    now: datetime,
    seconds: float,
    failures: int,
    error: str | None,
    **also: datetime,
) -> None:
    values = {
        "next_poll_at": now + timedelta(seconds=seconds),
        "poll_handed_out_at": None,
        "poll_claimed_at": None,
        "poll_failures": failures,
        "poll_error": error,
    }
    db.execute(update(_SHOPS).where(_SHOPS.c.id == shop_id).values(**values, **also))
