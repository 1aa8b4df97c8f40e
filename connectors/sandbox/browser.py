"""What one browser is to the shop: its language, its cart, the fields it wrote, its orders.

All of it lies in a signed cookie. Cookies know no port, so the cookie has a name of its own.
"""

from __future__ import annotations

import sqlite3
from urllib.parse import urlsplit

from flask import request, session

from connectors.sandbox import carts
from connectors.sandbox.carts import Visit
from connectors.sandbox.phones import EXAMPLES
from connectors.sandbox.words import LANGUAGES, WORDS

COOKIE = "sandbox_browser"
REMEMBERED = 5
LONGEST_AGENT = 300


def language() -> str:
    """The language chosen, else the one the browser asks for, else English."""
    chosen = str(session.get("language"))
    if chosen in LANGUAGES:
        return chosen
    return request.accept_languages.best_match(LANGUAGES) or "en"


def country() -> str:
    """The country chosen, else France."""
    chosen = str(session.get("country"))
    return chosen if chosen in EXAMPLES else "FR"


def visit() -> Visit:
    """How this browser looks at the shop."""
    agent = request.user_agent.string[:LONGEST_AGENT]
    return Visit(language(), country(), agent)


def say(name: str) -> None:
    """Show the sentence of that name on the next page."""
    session["notice"] = name


def heard() -> str | None:
    """The sentence to show on this page, once."""
    name = session.pop("notice", None)
    return WORDS[language()].get(name) if isinstance(name, str) else None


def open_cart(db: sqlite3.Connection) -> sqlite3.Row | None:
    """The cart of this browser, while it can still be ordered."""
    row = carts.cart(db, str(session.get("cart", "")))
    return row if carts.is_open(row) else None


def own_fields(key: str) -> set[str]:
    """The fields of that cart's contact which this browser wrote."""
    return set(session.get("own", {}).get(key, ()))


def remember_fields(key: str, own: set[str]) -> None:
    """Note which fields of that cart's contact this browser wrote."""
    if own and own != own_fields(key):
        kept = {k: v for k, v in session.get("own", {}).items() if k != key}
        latest = list(kept.items())[-(REMEMBERED - 1) :]
        session["own"] = dict([*latest, (key, sorted(own))])


def remember_order(key: str) -> None:
    """Note an order of this browser, and that its cart is done."""
    session["orders"] = [*session.get("orders", [])[-(REMEMBERED - 1) :], key]
    session.pop("cart", None)


def owns_order(key: str) -> bool:
    """True when this browser placed that order."""
    return key in session.get("orders", [])


def came_from() -> str:
    """The page of ours that the request came from, else the start page."""
    before = urlsplit(request.referrer or "")
    if before.netloc != request.host or not before.path.startswith("/"):
        return "/"
    return "/" + before.path.lstrip("/")
