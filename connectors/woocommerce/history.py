"""What was there before the install: orders and drafts, by the time they began.

Rows are asked for oldest first. As in `polling`, a page goes on from a second before the last
row's time and not by its number, so that a row which is deleted meanwhile pulls no other out of
sight; only more than a page within one second is read by number. The cursor is that time, with
the number behind it, or "" at the end. `after` is exclusive, `before` too.

Orders hold what was never paid, too: those are carts, and come with the orders. `CARTS` are the
drafts of the block checkout, which WooCommerce deletes within a day or so.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from connectors.protocols import ODD, Past, Refused, Unreadable
from connectors.woocommerce import polling
from connectors.woocommerce.answers import Answer
from connectors.woocommerce.client import PER_PAGE, Rest
from connectors.woocommerce.fields import moment, wanted
from recovery.model import Page

_STATUS = {Past.ORDERS: "any", Past.CARTS: "checkout-draft"}


def past(
    rest: Rest, what: Past, since: datetime, until: datetime, cursor: str | None, now: datetime
) -> Iterator[Page]:
    """See `connectors.protocols.ShowsPast.past`."""
    started = time.monotonic()
    after, page = _place(cursor, since - polling.SECOND)
    while True:
        try:
            answer = _ask(rest, what, after, until, page)
        except Refused:
            if what is Past.ORDERS:
                raise
            yield Page((), "")  # a version that knows no drafts
            return
        rows = polling.rows_of(answer)
        newest = max([after, *_begun(rows)])
        goes_on = polling.more_after(answer, page)
        if newest - polling.SECOND > after:
            after, page = newest - polling.SECOND, 1
        else:
            page += 1
        if page > polling.MOST_PAGES:
            raise Unreadable("the shop's list of orders does not end")
        seen, unread = polling.news(rows)
        here = now + timedelta(seconds=time.monotonic() - started)
        offset = None if answer.at is None else (here - answer.at).total_seconds()
        told = f"{polling.stamp(after)}|{page}" if goes_on else ""
        yield Page(seen, told, None, offset, unread)
        if not goes_on:
            return


def how_many(rest: Rest, what: Past, since: datetime, until: datetime) -> int | None:
    """See `connectors.protocols.ShowsPast.how_many`: pages times rows, so rather more."""
    try:
        answer = _ask(rest, what, since - polling.SECOND, until, 1)
    except Refused:
        return None
    if answer.pages is None:
        return None
    few = len(polling.rows_of(answer))
    return few if answer.pages <= 1 else answer.pages * PER_PAGE


def _ask(rest: Rest, what: Past, after: datetime, until: datetime, page: int) -> Answer:
    return rest.get(
        "orders",
        status=_STATUS[what],
        after=polling.stamp(after),
        before=polling.stamp(until),
        dates_are_gmt="true",
        orderby="date",
        order="asc",
        per_page=PER_PAGE,
        page=page,
    )


def _place(cursor: str | None, start: datetime) -> tuple[datetime, int]:
    at, _, number = (cursor or "").partition("|")
    with suppress(ValueError):
        page = int(number) if number.isascii() and number.isdecimal() else 1
        return datetime.fromisoformat(at).replace(tzinfo=UTC), min(max(page, 1), 10_000)
    return start, 1


def _begun(rows: list[object]) -> Iterator[datetime]:
    for row in rows:
        with suppress(*ODD):
            yield wanted(moment(row, "date_created_gmt"), "date_created_gmt")  # type: ignore[arg-type]
