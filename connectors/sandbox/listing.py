"""A cart and an order as the shop tells them to others, and the telling itself."""

from __future__ import annotations

import sqlite3
from typing import Any

from connectors.sandbox import carts
from connectors.sandbox.checkout import BOXES, TEXT_FIELDS, Box
from connectors.sandbox.delivery import write_down
from connectors.sandbox.goods import CURRENCY, SHELF, line_total, sums
from connectors.sandbox.stand import Stand

SMS_BOX, MAIL_BOX = BOXES


def checkout_content(db: sqlite3.Connection, row: sqlite3.Row, public_url: str) -> dict[str, Any]:
    """The JSON form of a checkout."""
    order = carts.order_of(db, row["key"])
    return {
        "key": row["key"],
        "created_at": row["created_at"],
        "changed_at": row["changed_at"],
        "recovery_url": f"{public_url}/cart/{row['key']}/recover",
        "completed_at": row["ordered_at"],
        "order": order["key"] if order else None,
        **_goods_and_person(db, row, public_url),
    }


def order_content(db: sqlite3.Connection, row: sqlite3.Row, public_url: str) -> dict[str, Any]:
    """The JSON form of an order. The sandbox takes no money: an order counts as paid."""
    cart = carts.cart(db, row["cart"])
    if cart is None:
        raise LookupError("an order without its cart")
    return {
        "key": row["key"],
        "number": f"S{1000 + row['number']}",
        "cart": row["cart"],
        "placed_at": row["placed_at"],
        "changed_at": row["changed_at"],
        "cancelled_at": row["cancelled_at"],
        "paid": row["cancelled_at"] is None,
        **_goods_and_person(db, cart, public_url),
    }


def gone_content(row: sqlite3.Row) -> dict[str, Any]:
    """The JSON form of a checkout that was emptied."""
    return {"key": row["key"], "deleted_at": row["deleted_at"]}


def tell_of_cart(db: sqlite3.Connection, stand: Stand, key: str) -> None:
    """List a changed checkout and send its webhook, once its checkout was opened."""
    row = carts.cart(db, key)
    if row is None or row["begun_at"] is None:
        return
    carts.note_change(db, "cart", key)
    if row["deleted_at"] is not None:
        write_down(db, stand.hooks.shop, "checkouts/delete", gone_content(row))
        return
    content = checkout_content(db, row, stand.public_url)
    write_down(db, stand.hooks.shop, "checkouts/update", content)


def tell_of_order(db: sqlite3.Connection, stand: Stand, key: str, topic: str) -> None:
    """List a changed order and the cart it came from, and send the order's webhook."""
    row = carts.order(db, key)
    if row is None:
        return
    carts.note_change(db, "cart", row["cart"])
    carts.note_change(db, "order", key)
    write_down(db, stand.hooks.shop, topic, order_content(db, row, stand.public_url))


def change_content(db: sqlite3.Connection, change: sqlite3.Row, public_url: str) -> dict[str, Any]:
    """One entry of the list of changes: the thing as it is at this moment."""
    if change["kind"] == "order":
        order = carts.order(db, change["key"])
        if order is not None:
            return {"kind": "order", "content": order_content(db, order, public_url)}
    cart = carts.cart(db, change["key"])
    if cart is None:
        raise LookupError("a change of nothing")
    if cart["deleted_at"] is not None:
        return {"kind": "gone", "content": gone_content(cart)}
    return {"kind": "checkout", "content": checkout_content(db, cart, public_url)}


def _goods_and_person(db: sqlite3.Connection, row: sqlite3.Row, public_url: str) -> dict[str, Any]:
    lines = carts.lines(db, row["key"])
    cost = sums(lines, carts.terms_of(db, row["code"]))
    return {
        "currency": CURRENCY,
        "subtotal": str(cost.subtotal),
        "discount": str(cost.discount),
        "shipping": str(cost.shipping),
        "total": str(cost.total),
        "discount_codes": [row["code"]] if row["code"] else [],
        "lines": [_line(*line, row["language"], public_url) for line in lines],
        "language": row["language"],
        "country": row["country"],
        "contact": {name: row[name] for name in TEXT_FIELDS},
        "sms_consent": _consent(row, SMS_BOX, "phone"),
        "email_consent": _consent(row, MAIL_BOX, "email"),
        "user_agent": row["user_agent"],
    }


def _line(product: str, quantity: int, language: str, public_url: str) -> dict[str, Any]:
    goods = SHELF[product]
    return {
        "product": product,
        "sku": goods.sku,
        "title": goods.titles[language],
        "quantity": quantity,
        "unit_price": str(goods.price),
        "total": str(line_total(product, quantity)),
        "image": f"{public_url}/static/pictures/{product}.svg",
        "address": f"{public_url}/product/{product}",
    }


def _consent(row: sqlite3.Row, box: Box, name: str) -> dict[str, Any] | None:
    """The box, once it was touched and there is a number or an address that it speaks of."""
    if row[box.name] is None or row[box.agreed] is None:
        return None
    return {
        "granted": bool(row[box.name]),
        name: row[box.agreed],
        "words": row[f"{box.name}_words"],
        "at": row[f"{box.name}_at"],
    }
