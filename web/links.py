"""Links in messages: `/r/<token>` leads back to one cart, `/stop/<token>` ends the texts.

They log nobody in and show nothing of a person. Following a link (or a program that
follows it to look inside) changes nothing but a count; only the button stops.
"""

from __future__ import annotations

import unicodedata
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, select
from werkzeug.urls import iri_to_uri

from recovery import receipts, tables, tokens
from recovery.states import CartState
from web.tools import tools

_NEVER = frozenset({"Cc", "Cs", "Zl", "Zp"})  # controls, half surrogates, line breaks

blueprint = Blueprint("links", __name__)


@blueprint.get("/r/<token>")
def back(token: str) -> ResponseReturnValue:
    """Back to the shop's own checkout, refilled."""
    with tools().database.reading() as db:
        link = tokens.find(db, token, "cart")
        cart = None if link is None else _cart(db, link.cart_id)
    now = tools().now()
    if link is None or cart is None:
        return _page("unknown"), 404
    if link.expires_at <= now or cart.state == CartState.EXPIRED:
        return _page("ended", shop=cart.shop_name, shop_address=_home(cart)), 410
    if cart.state == CartState.ORDERED:
        return _page("ordered", shop=cart.shop_name, shop_address=_home(cart))
    if not _is_web_address(cart.way_back):
        return _page("ended", shop=cart.shop_name, shop_address=_home(cart)), 410
    answer = redirect(cart.way_back, 302)
    if request.method != "HEAD":  # nobody looks at what only a program asks for
        tools().database.run(lambda db: tokens.note_click(db, token, now))
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@blueprint.get("/stop/<token>")
def ask(token: str) -> ResponseReturnValue:
    """Ask before stopping: programs that open links must not stop anything."""
    with tools().database.reading() as db:
        link = tokens.find(db, token, "stop")
        name = None if link is None else _name(db, link.shop_id)
    if name is None:
        return _page("unknown"), 404
    return _page("stop", shop=name, token=token)


@blueprint.post("/stop/<token>")
def stop(token: str) -> ResponseReturnValue:
    """Stop the texts of this shop to this number. A stop link does not end with time."""
    with tools().database.reading() as db:
        link = tokens.find(db, token, "stop")
        name = None if link is None else _name(db, link.shop_id)
    if link is None or name is None:
        return _page("unknown"), 404
    now = tools().now()
    number = _recipient(link.reminder_id)
    if number is not None:
        tools().database.run(
            lambda db: receipts.stop_at_shop(db, link.shop_id, number, "link", now)
        )
    return _page("stopped", shop=name)


def _name(db: Connection, shop_id: int) -> str | None:
    """The shop's name. A stop link may be of a text that has no cart."""
    names = tables.shops.c.name
    return db.execute(select(names).where(tables.shops.c.id == shop_id)).scalar()


def _cart(db: Connection, cart_id: int | None) -> Any:
    carts, shops = tables.carts, tables.shops
    return db.execute(
        select(
            carts.c.state,
            carts.c.way_back,
            shops.c.name.label("shop_name"),
            shops.c.address.label("shop_address"),
        )
        .join(shops, shops.c.id == carts.c.shop_id)
        .where(carts.c.id == cart_id)
    ).first()


def _recipient(reminder_id: int) -> str | None:
    with tools().database.reading() as db:
        row = db.execute(
            select(tables.reminders.c.recipient).where(tables.reminders.c.id == reminder_id)
        ).first()
    return None if row is None else row.recipient


def _home(cart: Any) -> str:
    address = str(cart.shop_address)
    return address if address.startswith("http") else f"https://{address}"


def _is_web_address(address: str | None) -> bool:
    """Can a browser be sent there? What `redirect` could not write in a header is none."""
    if not address or any(unicodedata.category(char) in _NEVER for char in address):
        return False  # before `urlsplit`, which drops line breaks without a word
    try:
        parts = urlsplit(iri_to_uri(address))
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _page(kind: str, **names: object) -> str:
    return render_template("link.html", kind=kind, **names)
