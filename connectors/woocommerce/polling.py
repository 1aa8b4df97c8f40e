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
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from connectors.protocols import AccountStopped, Refused, Unreadable
from connectors.woocommerce.answers import STOPPED_FOR, Answer
from connectors.woocommerce.client import PER_PAGE, Rest
from connectors.woocommerce.fields import Row, moment, wanted
from connectors.woocommerce.reading import order_news
from recovery.model import Page, Seen

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


def read_cursor(text: str | None, now: datetime) -> Cursor:
    """The cursor in `text`; two days back when there is none or it makes no sense."""
    start = now - FIRST_POLL
    try:
        found = json.loads(text or "{}")
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


def changed_since(rest: Rest, text: str | None, now: datetime) -> Iterator[Page]:
    """Orders that changed, then drafts. See `Shop.changed_since`."""
    started = time.monotonic()
    cursor = read_cursor(text, now)

    def offset(answer: Answer) -> float | None:
        if answer.at is None:
            return None
        here = now + timedelta(seconds=time.monotonic() - started)
        return (here - answer.at).total_seconds()

    troubles: list[Unreadable] = []
    for step in orders(rest, cursor.orders, now):
        seen = news(step.rows, troubles)
        if not troubles:  # what could not be read is asked for again
            cursor = replace(cursor, orders=step.next)
        known = now - INDEX_LAG if step.last and not troubles else None
        yield Page(seen, cursor.text(), known, offset(step.answer))
    # Deliveries run by traffic: 70 s without a visitor delivered nothing. So we are the visitor.
    rest.wake()
    for step in drafts(rest, cursor.drafts, now):
        cursor = replace(cursor, drafts=step.next)
        yield Page(news(step.rows, troubles), cursor.text(), None, offset(step.answer))
    if troubles:
        raise troubles[0]


@dataclass(frozen=True, slots=True)
class Step:
    """One answered question: its rows, from when to go on, and whether it was the last."""

    rows: list[Row]
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
        found = answer.rows()
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
    return len(answer.rows()) >= PER_PAGE


def resting_point(after: datetime, newest: datetime, shops_now: datetime) -> datetime:
    """Where the next poll starts: an overlap before the newest change seen.

    Never later than the shop's own clock: one row dated in the future would
    otherwise hide every order until then.
    """
    return max(after, min(newest, shops_now) - OVERLAP)


def changes(found: list[Row]) -> Iterator[datetime]:
    """When each row changed; a row that does not tell is `news`'s trouble, not the walk's."""
    for row in found:
        with suppress(Unreadable):
            yield wanted(moment(row, "date_modified_gmt"), "date_modified_gmt")


def news(found: list[Row], troubles: list[Unreadable]) -> tuple[Seen, ...]:
    """The rows in our model. One that cannot be read becomes a trouble that names its id.

    The others go on, but the poll then does not claim to know the orders.
    """
    seen: list[Seen] = []
    for row in found:
        try:
            seen.extend(order_news(row, json.dumps(row, default=str), SOURCE))
        except Unreadable as error:
            troubles.append(Unreadable(f"order {row.get('id')!r:.30}: {error}"))
    return tuple(seen)
