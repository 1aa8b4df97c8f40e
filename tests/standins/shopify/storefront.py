"""The shopper's side: the page behind a recovery link, and discount links."""

from __future__ import annotations

import json
import re
import secrets
from html import escape
from typing import Any
from urllib.parse import parse_qs

from tests.standins.shopify import discounts
from tests.standins.shopify.money import plain
from tests.standins.shopify.records import Checkout
from tests.standins.shopify.shop import StandInShop

RECOVER = re.compile(r"/(\d+)/checkouts/ac/([^/]+)/recover")
PERMALINK = re.compile(r"/cart/((?:\d+:\d+)(?:,\d+:\d+)*)")
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


def serve_shop(shop: StandInShop, path: str, query: str, cookie: str) -> Page | None:
    """What a shop shows by its own name: /cart.js and cart permalinks; None: neither.

    The browser's cart is the one whose token its cookie `cart` holds.
    """
    if path == "/cart.js":
        return 200, json.dumps(_cart_js(shop, cookie)).encode(), "application/json; charset=utf-8"
    match = PERMALINK.fullmatch(path)
    if match is None:
        return None
    wanted = [pair.split(":") for pair in match[1].split(",")]
    known = {v.id: (p, v) for p in shop.products.all() for v in p.variants}
    rows = [
        f"<li>{quantity} × {escape(known[int(id)][0].title)}</li>"
        for id, quantity in wanted
        if int(id) in known
    ]
    code = parse_qs(query).get("discount", [""])[0]
    note = f"<p>Code {escape(code)}</p>" if code else ""
    shop.permalinks.append(path)
    return _page(200, f"Checkout at {shop.settings.name}", f"<ul>{''.join(rows)}</ul>{note}")


def _cart_js(shop: StandInShop, cookie: str) -> dict[str, Any]:
    held = re.search(r"(?:^|;\s*)cart=([^;?]+)", cookie)
    cart = shop.carts.get(held[1]) if held else None
    if cart is None or not cart.lines:
        # an empty cart's token is another one each time
        return {"token": secrets.token_hex(16), "item_count": 0, "items": []}
    return {
        "token": f"{cart.cart_token}?key={cart.key}",
        "item_count": sum(line.quantity for line in cart.lines),
        "currency": cart.currency,
        "items": [
            {"variant_id": each.variant_id, "quantity": each.quantity} for each in cart.lines
        ],
    }


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
