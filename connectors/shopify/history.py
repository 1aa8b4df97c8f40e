"""What was there before the install: orders and abandoned checkouts, by the time they began.

Shopify shows orders of 60 days, and older ones to an app that was granted `read_all_orders`;
abandoned checkouts go after three months. Lists are the poll's own, asked by another question:
checkouts by id, orders by their change, so that one that changes meanwhile comes again at the
end and none is passed over. The cursor is Shopify's place in its list, or "" at the end.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from connectors.protocols import AccountStopped, Past, Unreadable
from connectors.shopify import documents, polling
from connectors.shopify.admin import Admin
from connectors.shopify.reading import part, text
from recovery.model import Page

ROOTS = {Past.ORDERS: polling.ORDERS, Past.CARTS: polling.CHECKOUTS}
_COUNTS = {
    Past.ORDERS: (documents.ORDERS_COUNT, "ordersCount"),
    Past.CARTS: (documents.CHECKOUTS_COUNT, "abandonedCheckoutsCount"),
}
_COUNT_COST = 10.0


def past(
    admin: Admin, what: Past, since: datetime, until: datetime, cursor: str | None, now: datetime
) -> Iterator[Page]:
    """See `connectors.protocols.ShowsPast.past`."""
    root, read_at, after = ROOTS[what], time.monotonic(), cursor or None
    of_orders = root == polling.ORDERS
    document = documents.orders_document(admin.version) if of_orders else documents.CHECKOUTS
    while True:
        variables = {
            "first": documents.PAGE,
            "lines": documents.LINES,
            "after": after,
            "query": _between(since, until),
        }
        answer = admin.ask(document, variables, documents.PAGE_COST)
        listed = part(answer.data.get(root))
        nodes: Any = listed.get("nodes")
        if not listed:
            raise AccountStopped(f"Shopify shows us no {root}: grant the app read_orders")
        if not isinstance(nodes, list):
            raise Unreadable(f"{root} without nodes")
        shown = [node for node in nodes if node is not None]  # withheld: there is nothing to keep
        place = polling.Place("", "", root)
        seen, unread = polling.seen_of(admin, place, shown, answer)
        info = part(listed.get("pageInfo"))
        end = text(info.get("endCursor"))
        goes_on = info.get("hasNextPage") is True and end and end != after
        after = end if goes_on else None
        offset = admin.clock_offset(now, read_at)
        yield Page(seen, after or "", None, offset, unread)
        if not goes_on:
            return


def how_many(admin: Admin, what: Past, since: datetime, until: datetime) -> int | None:
    """See `connectors.protocols.ShowsPast.how_many`."""
    document, root = _COUNTS[what]
    answer = admin.ask(document, {"query": _between(since, until)}, _COUNT_COST)
    count = part(answer.data.get(root)).get("count")
    return count if isinstance(count, int) and not isinstance(count, bool) else None


def _between(since: datetime, until: datetime) -> str:
    return f"created_at:>='{polling.iso(since)}' created_at:<'{polling.iso(until)}'"
