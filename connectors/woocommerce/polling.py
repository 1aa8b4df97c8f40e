"""The second door: what changed since the last poll, page by page.

Pages are cut by the time of change, not by number, because an order that
changes while we page moves to the end and would pull the next one under our
feet. `modified_after` is exclusive and to the second, so each page goes on from
a second before the last row's; only more than a page within one second is read
by number. Two questions, because `status=any` leaves drafts out (10.9.2).

What this door cannot see: trashed orders (only `order.deleted` tells) and
customers (their list ignores `modified_after`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from connectors.protocols import ODD, AccountStopped, Refused, Unreadable, what_is_odd
from connectors.woocommerce.answers import STOPPED_FOR, Answer
from connectors.woocommerce.client import PER_PAGE, Rest
from connectors.woocommerce.fields import Row, key, moment, parse_row, part, text, wanted
from connectors.woocommerce.reading import (
    CART_STATUSES,
    NOT_YET,
    cart_key_noted,
    order_news,
    shopper,
)
from recovery.model import Page, RowKind, Seen, Shopper, UnreadRow

T = TypeVar("T")

FIRST_POLL = timedelta(days=2)
OVERLAP = timedelta(seconds=60)  # repeats are free
INDEX_LAG = timedelta(seconds=10)
SECOND = timedelta(seconds=1)
MOST_PAGES = 1_000  # of one second: a cache in front may answer every question alike
SOURCE = "poll"
TOO_OLD = "WooCommerce does not understand how we ask for orders: update it to 5.8 or later."


@dataclass(frozen=True, slots=True)
class Cursor:
    """From when on orders and drafts are still to be asked for (exclusive, the shop's time)."""

    orders: datetime
    drafts: datetime

    def text(self) -> str:
        return json.dumps({"orders": stamp(self.orders), "drafts": stamp(self.drafts)})


def read_cursor(told: str | None, now: datetime) -> Cursor:
    """The cursor that is told; two days back when there is none or it makes no sense."""
    start = now - FIRST_POLL
    try:
        found = json.loads(told or "{}")
        times = {
            name: datetime.fromisoformat(found[name]).replace(tzinfo=UTC)
            for name in ("orders", "drafts")
        }
    except (ValueError, KeyError, TypeError):
        return Cursor(start, start)
    return Cursor(**times)


def stamp(moment_: datetime) -> str:
    """A time as the API wants it beside `dates_are_gmt`: UTC to the second, and no Z.

    With a Z *and* `dates_are_gmt=true` it is shifted twice, and rows are missed.
    """
    return moment_.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat()


def changed_since(rest: Rest, cursor_text: str | None, now: datetime) -> Iterator[Page]:
    """Orders that changed, then drafts. See `Shop.changed_since`."""
    started = time.monotonic()
    cursor = read_cursor(cursor_text, now)

    def offset(answer: Answer) -> float | None:
        if answer.at is None:
            return None
        here = now + timedelta(seconds=time.monotonic() - started)
        return (here - answer.at).total_seconds()

    for step in orders(rest, cursor.orders, now):
        cursor = replace(cursor, orders=step.next)
        known = now - INDEX_LAG if step.last else None
        seen, unread = news(step.rows)
        yield Page(seen, cursor.text(), known, offset(step.answer), unread)
    # Deliveries run by traffic: 70 s without a visitor delivered nothing. So we are the visitor.
    rest.wake()
    for step in drafts(rest, cursor.drafts, now):
        cursor = replace(cursor, drafts=step.next)
        seen, unread = news(step.rows)
        yield Page(seen, cursor.text(), None, offset(step.answer), unread)


@dataclass(frozen=True, slots=True)
class Step:
    """One answered question: its rows, from when to go on, and whether it was the last."""

    rows: list[Any]
    next: datetime
    last: bool
    answer: Answer


def walk(rest: Rest, status: str, after: datetime, now: datetime) -> Iterator[Step]:
    """Every order with `status` that changed after `after`, oldest change first."""
    page, newest = 1, after
    while True:
        answer = rest.get(
            "orders",
            status=status,
            modified_after=stamp(after),
            dates_are_gmt="true",
            orderby="modified",
            order="asc",
            per_page=PER_PAGE,
            page=page,
        )
        found = rows_of(answer)
        newest = max([newest, *changes(found)])
        if not more_after(answer, page):
            yield Step(found, resting_point(after, newest, answer.at or now), True, answer)
            return
        if newest - SECOND > after:
            after, page = newest - SECOND, 1
        else:  # more than a page within this one second
            page += 1
        if page > MOST_PAGES:
            raise Unreadable("the shop's list of orders does not end")
        yield Step(found, after, False, answer)


def orders(rest: Rest, after: datetime, now: datetime) -> Iterator[Step]:
    """What changed in every status but drafts. Raises `AccountStopped` when it cannot be asked."""
    try:
        yield from walk(rest, "any", after, now)
    except Refused as error:
        raise AccountStopped(TOO_OLD, STOPPED_FOR) from error


def drafts(rest: Rest, after: datetime, now: datetime) -> Iterator[Step]:
    """The drafts of versions that have them; a shop that knows no such status has none."""
    try:
        yield from walk(rest, "checkout-draft", after, now)
    except Refused:
        return


def more_after(answer: Answer, page: int) -> bool:
    """Is there a further page? By the count where hosts leave it in, else by a full page."""
    if answer.pages is not None:
        return page < answer.pages
    return len(rows_of(answer)) >= PER_PAGE


def rows_of(answer: Answer) -> list[Any]:
    """The rows of a page, whatever each of them is. Raises `Unreadable` when it is no list."""
    if not isinstance(answer.found, list):
        raise Unreadable("the shop answered with something that is not a list")
    return answer.found


def resting_point(after: datetime, newest: datetime, shops_now: datetime) -> datetime:
    """Where the next poll starts: an overlap before the newest change seen.

    Never later than the shop's own clock: one row dated in the future would
    otherwise hide every order until then.
    """
    return max(after, min(newest, shops_now) - OVERLAP)


def changes(found: list[Any]) -> Iterator[datetime]:
    """When each row changed; a row that does not tell is `news`'s trouble, not the walk's."""
    for row in found:
        with suppress(*ODD):
            yield wanted(moment(row, "date_modified_gmt"), "date_modified_gmt")


def news(found: list[Any]) -> tuple[tuple[Seen, ...], tuple[UnreadRow, ...]]:
    """The rows in our model, and those that cannot be read; each error names its row."""
    seen: list[Seen] = []
    unread: list[UnreadRow] = []
    for row in found:
        raw = json.dumps(row, default=str)
        try:
            seen.extend(order_news(row, raw, SOURCE))
        except ODD as error:
            unread.append(unread_order(row, raw.encode(), what_is_odd(error)))
    return tuple(seen), tuple(unread)


def read_row(kind: RowKind, body: bytes) -> tuple[Seen, ...]:
    """Read a row again that was given as unread; its status tells its kind.

    Raises `Unreadable`.
    """
    return order_news(parse_row(body), body.decode("utf-8-sig"), SOURCE)


def unread_order(row: Any, body: bytes, error: str) -> UnreadRow:
    """A row that cannot be read, with what of it is legible."""
    whole: Row = row if isinstance(row, dict) else {}
    key_ = or_none(key, whole, "id")
    words = f"order {key_ or 'without an id'}: {error}"
    if is_no_order(whole):
        return UnreadRow(RowKind.CHECKOUT, body, words, f"order:{key_}" if key_ else None)
    noted = or_none(lambda one, _: cart_key_noted(one), whole, "")
    cart_keys = [f"order:{key_}"] * bool(key_) + [f"cart:{noted}"] * bool(noted)
    times = ("date_paid_gmt", "date_modified_gmt", "date_created_gmt")
    placed_at = next((at for name in times if (at := or_none(moment, whole, name))), None)
    shopper_ = legible_shopper(whole)
    return UnreadRow(RowKind.ORDER, body, words, key_, shopper_, tuple(cart_keys), placed_at)


def is_no_order(row: Row) -> bool:
    """Does its status say so, and nothing that it was paid? In doubt it is one."""
    status = (or_none(text, row, "status") or "").removeprefix("wc-")
    if status in CART_STATUSES:
        return row.get("date_paid_gmt") in (None, "")
    return status in NOT_YET or status == "trash"


def legible_shopper(row: Row) -> Shopper | None:
    """Who it is of: as usual, else the first e-mail, phone and id that can be read."""
    if "billing" not in row:
        return None
    with suppress(*ODD):
        return shopper(row)
    billing, shipping = (or_none(part, row, name) or {} for name in ("billing", "shipping"))
    found = Shopper(
        customer_key=or_none(key, row, "customer_id"),
        email=or_none(text, billing, "email"),
        phone=or_none(text, billing, "phone") or or_none(text, shipping, "phone"),
        country=or_none(text, billing, "country") or or_none(text, shipping, "country"),
    )
    return found if found.customer_key or found.email or found.phone else None


def or_none(read: Callable[[Row, str], T | None], row: Row, name: str) -> T | None:
    """What `read` finds in `name`; None when that is odd."""
    with suppress(*ODD):
        return read(row, name)
    return None
