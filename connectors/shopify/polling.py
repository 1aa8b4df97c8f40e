"""What changed since the last poll: first the orders, then the checkouts.

The cursor says how far we are, so that a poll cut short goes on where it stopped:

    orders_since, checkouts_since   marks on Shopify's clock, moved when the last page
                                    of their list was read, and never in between
    at, after                       the list we are within, and Shopify's place in it
    began, began_there              when this poll began, on our clock and on Shopify's

Orders are read in the order of their change. Checkouts cannot be: they are read by id,
which never changes, so a checkout that changes while we page stays in its place; if
that place was passed already, its change is younger than `began_there`, where the next
poll starts.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from connectors.protocols import ODD, AccountStopped, Unreadable, what_is_odd
from connectors.shopify import documents
from connectors.shopify.admin import Admin, Answer
from connectors.shopify.polled import cart_from_node, hidden_in, order_from_node, unread_node
from connectors.shopify.reading import Json, last_part, moment, part, parts, read_json, text
from recovery.model import Cart, Order, Page, RowKind, Seen, UnreadRow

FIRST_LOOK_BACK = timedelta(days=2)
OVERLAP = timedelta(seconds=60)
INDEX_LAG = timedelta(seconds=10)  # an order may be listed this much after it was placed

ORDERS, CHECKOUTS = "orders", "abandonedCheckouts"
KINDS = {ORDERS: RowKind.ORDER, CHECKOUTS: RowKind.CHECKOUT}
READERS: Mapping[str, Callable[[Json, frozenset[str]], Cart | Order]] = {
    ORDERS: order_from_node,
    CHECKOUTS: cart_from_node,
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a poll is; written into the page's cursor as JSON."""

    orders_since: str
    checkouts_since: str
    at: str = ""  # "": between two polls
    after: str | None = None
    began: str = ""
    began_there: str = ""

    def cursor(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))


def place_from(cursor: str | None, now: datetime) -> Place:
    """The place a cursor tells; two days back where there is none, or none of ours."""
    start = iso(now - FIRST_LOOK_BACK)
    first = Place(start, start)
    if not cursor:
        return first
    try:
        found, _ = read_json(cursor.encode(errors="replace"))
        marks = [moment(found.get(name)) for name in ("orders_since", "checkouts_since")]
        began = [moment(found.get(name)) for name in ("began", "began_there")]
        place = Place(
            orders_since=iso(marks[0]) if marks[0] else start,
            checkouts_since=iso(marks[1]) if marks[1] else start,
            at=text(found.get("at")) or "",
            after=text(found.get("after")),
            began=iso(began[0]) if began[0] else "",
            began_there=iso(began[1]) if began[1] else "",
        )
    except Unreadable:
        return first
    if place.at in (ORDERS, CHECKOUTS) and place.began and place.began_there:
        return place
    return replace(place, at="", after=None)


def changed_since(admin: Admin, cursor: str | None, now: datetime) -> Iterator[Page]:
    """Every page from `cursor` to the end of the poll; see `connectors.protocols.Shop`.

    Raises between pages, so that what was given before stays good. A row that is odd
    stops no other: it is given as unread.
    """
    read_at = time.monotonic()
    place = place_from(cursor, now)
    if not place.at:
        place = replace(place, at=ORDERS, after=None, began=iso(now), began_there="")
    while place.at:
        answer = _ask(admin, place)
        offset = admin.clock_offset(now, read_at)
        if not place.began_there:
            there = _time(place.began) - timedelta(seconds=offset or 0.0)
            place = replace(place, began_there=iso(there))
        page, place = _page(admin, place, answer, offset)
        yield page


def _ask(admin: Admin, place: Place) -> Answer:
    of_orders = place.at == ORDERS
    document = documents.orders_document(admin.version) if of_orders else documents.CHECKOUTS
    since = place.orders_since if of_orders else place.checkouts_since
    variables = {
        "first": documents.PAGE,
        "lines": documents.LINES,
        "after": place.after,
        "query": f"updated_at:>='{since}'",
    }
    return admin.ask(document, variables, documents.PAGE_COST)


def _page(admin: Admin, place: Place, answer: Answer, offset: float | None) -> tuple[Page, Place]:
    """What one answer tells, with the place after it.

    `orders_known_until` is on our own clock, which began the poll: it is compared with
    our own later "now".
    """
    listed = part(answer.data.get(place.at))
    if not listed:
        raise AccountStopped(f"Shopify shows us no {place.at}: grant the app read_orders")
    nodes = listed.get("nodes")
    if not isinstance(nodes, list):
        raise Unreadable(f"{place.at} without nodes")
    seen, unread = seen_of(admin, place, nodes, answer)
    info = part(listed.get("pageInfo"))
    end = text(info.get("endCursor"))
    if info.get("hasNextPage") is True and end and end != place.after:
        after = replace(place, after=end)
        return Page(seen, after.cursor(), None, offset, unread), after
    after = _after_the_list(place)
    known = _time(place.began) - INDEX_LAG if place.at == ORDERS else None
    return Page(seen, after.cursor(), known, offset, unread), after


def _after_the_list(place: Place) -> Place:
    mark = iso(_time(place.began_there) - OVERLAP)
    if place.at == ORDERS:
        return replace(place, orders_since=mark, at=CHECKOUTS, after=None)
    return replace(place, checkouts_since=mark, at="", after=None)


def seen_of(
    admin: Admin, place: Place, nodes: list[Any], answer: Answer
) -> tuple[tuple[Seen, ...], tuple[UnreadRow, ...]]:
    """The nodes of the list at `place` in our model, and those that cannot be read."""
    seen: list[Seen] = []
    unread: list[UnreadRow] = []
    for index, node in enumerate(nodes):
        if node is None:
            unread += _withheld(place)
            continue
        whole = node
        try:
            whole = _with_all_lines(admin, place.at, node)
            seen.append(READERS[place.at](whole, hidden_in(answer.denied, place.at, index)))
        except ODD as error:
            unread.append(unread_node(KINDS[place.at], whole, what_is_odd(error)))
    return tuple(seen), tuple(unread)


def _withheld(place: Place) -> list[UnreadRow]:
    """A node that Shopify withholds whole: there is no more to it than its time at most."""
    if place.at != ORDERS:
        return []
    body = json.dumps({"withheld": place.began_there}).encode()
    words = "Shopify withholds an order"
    return [UnreadRow(RowKind.ORDER, body, words, placed_at=_time(place.began_there))]


def read_row(kind: RowKind, body: bytes) -> tuple[Seen, ...]:
    """Read a node again that was given as unread. Raises `Unreadable`."""
    node, _ = read_json(body)
    root = ORDERS if kind is RowKind.ORDER else CHECKOUTS
    if root == CHECKOUTS and part(part(node.get("lineItems")).get("pageInfo")).get("hasNextPage"):
        raise Unreadable("a polled checkout without its further lines")
    return (READERS[root](node, frozenset()),)


def _with_all_lines(admin: Admin, root: str, node: Json) -> Json:
    """The node with every line: a cart cut to ten lines would overwrite the true one."""
    lines = part(node.get("lineItems"))
    all_nodes = parts(lines.get("nodes"))
    while part(lines.get("pageInfo")).get("hasNextPage") is True:
        after = part(lines.get("pageInfo")).get("endCursor")
        if root == ORDERS:
            variables = {"id": node.get("id"), "after": after}
            answer = admin.ask(documents.MORE_ORDER_LINES, variables, documents.PAGE_COST)
            found = part(answer.data.get("order"))
        else:
            variables = {"query": f"id:{last_part(node.get('id'))}", "after": after}
            answer = admin.ask(documents.MORE_CHECKOUT_LINES, variables, documents.PAGE_COST)
            listed = parts(part(answer.data.get(CHECKOUTS)).get("nodes"))
            found = listed[0] if listed else {}
        lines = part(found.get("lineItems"))
        all_nodes = all_nodes + parts(lines.get("nodes"))
    return {**node, "lineItems": {"nodes": all_nodes}}


def iso(at: datetime) -> str:
    """A time as Shopify's questions want it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _time(iso: str) -> datetime:
    found = moment(iso)
    if found is None:
        raise Unreadable("a cursor without a time")
    return found
