"""The shopper's side: the page behind a recovery link, and discount links."""

from __future__ import annotations

import re
from html import escape
from typing import Any
from urllib.parse import parse_qs

from tests.standins.shopify import discounts
from tests.standins.shopify.money import plain
from tests.standins.shopify.records import Checkout
from tests.standins.shopify.shop import StandInShop

RECOVER = re.compile(r"/(\d+)/checkouts/ac/([^/]+)/recover")
HTML = "text/html; charset=utf-8"
Page = tuple[int, bytes, str]


def serve(stand_in: Any, path: str, query: str) -> Page | None:
    """The page at `path`, or None when it is not one of the storefront's.

    The shop is told by the number in the path, so that a browser may come by any host name.
    """
    match = RECOVER.fullmatch(path)
    if match is None:
        return None
    fields = parse_qs(query)
    shop = next((s for s in stand_in.shops.values() if str(s.settings.id) == match[1]), None)
    checkout = _find(shop, match[2], fields.get("key", [""])[0]) if shop else None
    if shop is None or checkout is None:
        return _page(404, "Your cart is empty", "<p>There is nothing at this address.</p>")
    shop.visits.append(checkout.id)
    return _page(200, f"Your cart at {shop.settings.name}", _lines(shop, checkout, fields))


def _find(shop: StandInShop, cart_token: str, key: str) -> Checkout | None:
    for checkout in shop.checkouts.all():
        if checkout.cart_token == cart_token and checkout.key == key:
            return checkout
    return None


def _lines(shop: StandInShop, checkout: Checkout, fields: dict[str, list[str]]) -> str:
    rows = "".join(
        f"<li>{line.quantity} × {escape(line.title)}"
        f"{' – ' + escape(line.variant_title) if line.variant_title else ''}: "
        f"{plain(line.full - line.discount, checkout.currency)} {checkout.currency}</li>"
        for line in checkout.lines
    )
    total = f"<p>Total {plain(checkout.money.total, checkout.currency)} {checkout.currency}</p>"
    code = fields.get("discount", [""])[0]
    note = ""
    if code:
        found = discounts.find(shop, code)
        good = found is not None and discounts.status(shop, found) == "ACTIVE"
        note = f"<p>Code {escape(code)} {'applied' if good else 'is not valid'}</p>"
    done = "<p>This order is complete.</p>" if checkout.completed_at else ""
    return f"<ul>{rows}</ul>{total}{note}{done}"


def _page(status: int, title: str, inside: str) -> Page:
    head = f"<!doctype html><html><head><title>{escape(title)}</title></head>"
    body = f"<body><h1>{escape(title)}</h1>{inside}</body></html>"
    return status, (head + body).encode(), HTML
