"""Carts, orders and coupons in the sandbox's file. Each function takes an open connection.

A cart that was ordered or emptied is never written again; the callers learn by the count.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connectors.sandbox.goods import Terms

PAGE = 50


@dataclass(frozen=True, slots=True)
class Visit:
    """How a browser looks at the shop: its language, its country and what it calls itself."""

    language: str
    country: str
    user_agent: str


def stamp(at: datetime) -> str:
    """A time as it is written in the file and in JSON."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def open_cart(db: sqlite3.Connection, visit: Visit, now: datetime) -> str:
    """A new empty cart; its key cannot be guessed, because its address opens it."""
    key = secrets.token_urlsafe(12)
    db.execute(
        "INSERT INTO carts (key, created_at, changed_at, language, country, user_agent)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (key, stamp(now), stamp(now), visit.language, visit.country, visit.user_agent),
    )
    return key


def cart(db: sqlite3.Connection, key: str) -> sqlite3.Row | None:
    """The row of a cart, or None."""
    row: sqlite3.Row | None = db.execute("SELECT * FROM carts WHERE key = ?", (key,)).fetchone()
    return row


def is_open(row: sqlite3.Row | None) -> bool:
    """True while the cart can still become an order."""
    return row is not None and row["ordered_at"] is None and row["deleted_at"] is None


def lines(db: sqlite3.Connection, key: str) -> list[tuple[str, int]]:
    """Product and quantity of each line, in the order they were put in."""
    found = db.execute("SELECT product, quantity FROM lines WHERE cart = ? ORDER BY rowid", (key,))
    return [(row["product"], row["quantity"]) for row in found]


def set_line(db: sqlite3.Connection, key: str, product: str, quantity: int) -> None:
    """Put `quantity` of a product into the cart; 0 takes it out."""
    if quantity < 1:
        db.execute("DELETE FROM lines WHERE cart = ? AND product = ?", (key, product))
        return
    db.execute(
        "INSERT INTO lines (cart, product, quantity) VALUES (?, ?, ?)"
        " ON CONFLICT (cart, product) DO UPDATE SET quantity = excluded.quantity",
        (key, product, quantity),
    )


def change(
    db: sqlite3.Connection, key: str, new: Mapping[str, object], now: datetime | None
) -> bool:
    """Write `new` columns of an open cart; `now` where the shopper changed something."""
    columns = dict(new) | ({"changed_at": stamp(now)} if now else {})
    names = ", ".join(f"{name} = ?" for name in columns)
    done = db.execute(
        f"UPDATE carts SET {names} WHERE key = ?"  # noqa: S608 (names are ours)
        " AND ordered_at IS NULL AND deleted_at IS NULL",
        (*columns.values(), key),
    )
    return done.rowcount == 1


def place_order(db: sqlite3.Connection, key: str, now: datetime) -> str | None:
    """Turn an open cart into an order; None when it is one already."""
    if not change(db, key, {"ordered_at": stamp(now)}, None):
        return None
    order_key = secrets.token_urlsafe(12)
    db.execute(
        "INSERT INTO orders (key, cart, placed_at, changed_at) VALUES (?, ?, ?, ?)",
        (order_key, key, stamp(now), stamp(now)),
    )
    code = db.execute("SELECT code FROM carts WHERE key = ?", (key,)).fetchone()["code"]
    db.execute("UPDATE coupons SET used_at = ? WHERE code = ?", (stamp(now), code))
    return order_key


def cancel_order(db: sqlite3.Connection, key: str, now: datetime) -> bool:
    """Cancel an order once."""
    done = db.execute(
        "UPDATE orders SET cancelled_at = ?, changed_at = ? WHERE key = ? AND cancelled_at IS NULL",
        (stamp(now), stamp(now), key),
    )
    return done.rowcount == 1


def order(db: sqlite3.Connection, key: str) -> sqlite3.Row | None:
    """The row of an order, or None."""
    row: sqlite3.Row | None = db.execute("SELECT * FROM orders WHERE key = ?", (key,)).fetchone()
    return row


def order_of(db: sqlite3.Connection, cart_key: str) -> sqlite3.Row | None:
    """The order that a cart became, or None."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM orders WHERE cart = ?", (cart_key,)
    ).fetchone()
    return row


def note_change(db: sqlite3.Connection, kind: str, key: str) -> None:
    """Move a cart or an order to the end of the list of changes."""
    db.execute("DELETE FROM changes WHERE kind = ? AND key = ?", (kind, key))
    db.execute("INSERT INTO changes (kind, key) VALUES (?, ?)", (kind, key))


def changes_after(db: sqlite3.Connection, seq: int) -> tuple[list[sqlite3.Row], bool]:
    """The next page of changes after `seq`, and whether there are more."""
    found = db.execute(
        "SELECT seq, kind, key FROM changes WHERE seq > ? ORDER BY seq LIMIT ?", (seq, PAGE + 1)
    ).fetchall()
    return found[:PAGE], len(found) > PAGE


def make_coupon(db: sqlite3.Connection, terms: Terms) -> sqlite3.Row | None:
    """The coupon of these terms, new or already there; None when its code has other terms."""
    written = json.dumps(_terms_to_json(terms), sort_keys=True)
    db.execute(
        "INSERT INTO coupons (code, key, ends_at, terms) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (code) DO NOTHING",
        (terms.code, secrets.token_hex(6), stamp(terms.ends_at), written),
    )
    row: sqlite3.Row = db.execute("SELECT * FROM coupons WHERE code = ?", (terms.code,)).fetchone()
    return row if row["terms"] == written else None


def drop_coupon(db: sqlite3.Connection, key: str) -> None:
    """Take a coupon away for good; a cart that holds it pays the whole price again.

    One that was used stays: its order was paid with it.
    """
    db.execute("DELETE FROM coupons WHERE key = ? AND used_at IS NULL", (key,))


def coupon(db: sqlite3.Connection, code: str) -> sqlite3.Row | None:
    """The row of a coupon, or None."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM coupons WHERE code = ?", (code.strip(),)
    ).fetchone()
    return row


def unused_terms(db: sqlite3.Connection, code: str) -> Terms | None:
    """What an unused code gives; None when it is unknown or used."""
    row = db.execute(
        "SELECT terms FROM coupons WHERE code = ? AND used_at IS NULL", (code.strip(),)
    ).fetchone()
    return _terms_from_json(json.loads(row["terms"])) if row else None


def terms_of(db: sqlite3.Connection, code: str | None) -> Terms | None:
    """What a code gives that a cart already holds, used or not."""
    row = db.execute("SELECT terms FROM coupons WHERE code = ?", (code,)).fetchone()
    return _terms_from_json(json.loads(row["terms"])) if row else None


def _terms_to_json(terms: Terms) -> dict[str, object]:
    def text(amount: Decimal | None) -> str | None:
        return None if amount is None else str(amount)

    return {
        "code": terms.code,
        "ends_at": stamp(terms.ends_at),
        "percent": text(terms.percent),
        "amount": text(terms.amount),
        "free_shipping": terms.free_shipping,
        "minimum": text(terms.minimum),
        "email": terms.email,
        "products": list(terms.products),
        "left_out": list(terms.left_out),
    }


def _terms_from_json(written: dict[str, Any]) -> Terms:
    def amount(name: str) -> Decimal | None:
        return None if written[name] is None else Decimal(written[name])

    return Terms(
        code=written["code"],
        ends_at=datetime.fromisoformat(written["ends_at"]),
        percent=amount("percent"),
        amount=amount("amount"),
        free_shipping=written["free_shipping"],
        minimum=amount("minimum"),
        email=written["email"],
        products=tuple(written.get("products", ())),  # older rows have none
        left_out=tuple(written.get("left_out", ())),
    )
