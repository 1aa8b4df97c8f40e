"""The pages of the shop, from the shelf to the thanks."""

from __future__ import annotations

import sqlite3
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from connectors.sandbox import browser, carts, checkout, mails, texts
from connectors.sandbox.carts import stamp
from connectors.sandbox.checkout import BOXES
from connectors.sandbox.goods import GREATEST_QUANTITY, SHELF, holds, sums
from connectors.sandbox.listing import tell_of_cart, tell_of_order
from connectors.sandbox.phones import e164, made_up, made_up_address
from connectors.sandbox.stand import Stand, stand
from connectors.sandbox.words import WORDS

shop_pages = Blueprint("shop", __name__)


@shop_pages.get("/")
def shelf() -> str:
    """Everything there is."""
    return render_template("shelf.html", shelf=SHELF.values())


@shop_pages.get("/product/<key>")
def product(key: str) -> str:
    """One product."""
    if key not in SHELF:
        abort(404)
    return render_template("product.html", product=SHELF[key])


@shop_pages.post("/cart/add")
def add() -> Response:
    """Put one more of a product into the cart."""
    here, product = stand(), request.form.get("product", "")
    if product not in SHELF:
        abort(404)
    with here.store.writing() as db:
        row = browser.open_cart(db)
        key = row["key"] if row else carts.open_cart(db, browser.visit(), here.now())
        held = dict(carts.lines(db, key)).get(product, 0)
        _set_line(db, here, key, product, held + 1)
    session["cart"] = key
    here.wake()
    browser.say("added")
    return redirect(url_for("shop.cart"))


@shop_pages.get("/cart")
def cart() -> str:
    """What is in the cart."""
    return render_template("cart.html", **_shown_cart())


@shop_pages.post("/cart/change")
def change() -> Response:
    """Another quantity of a product; 0 takes it out."""
    here, product = stand(), request.form.get("product", "")
    quantity = request.form.get("quantity", type=int)
    if product not in SHELF or quantity is None:
        abort(400)
    with here.store.writing() as db:
        row = browser.open_cart(db)
        if row is not None:
            _set_line(db, here, row["key"], product, quantity)
    here.wake()
    return redirect(url_for("shop.cart"))


@shop_pages.get("/checkout")
def checkout_page() -> Response | str:
    """The form; its first opening is when the shop begins to speak of this cart."""
    here = stand()
    with here.store.writing() as db:
        row = browser.open_cart(db)
        if row is None or not carts.lines(db, row["key"]):
            return redirect(url_for("shop.cart"))
        if checkout.begin(db, row["key"], here.now()):
            tell_of_cart(db, here, row["key"])
    here.wake()
    return _checkout_form({}, 200)[0]


@shop_pages.post("/checkout/save")
def save() -> tuple[dict[str, Any], int]:
    """Keep what was typed so far: JSON with any of the text fields and boxes."""
    given = request.get_json(silent=True)
    if not isinstance(given, dict):
        return {"saved": False}, 400
    saved = _save(given)
    if saved is None:
        return {"saved": False}, 409
    words = WORDS[browser.language()]
    return {"saved": True, "errors": {k: words[v] for k, v in saved.errors.items()}}, 200


@shop_pages.post("/checkout/code")
def use_code() -> Response:
    """Apply a discount code to the cart, or take it off when empty."""
    here, code = stand(), request.form.get("code", "").strip()
    with here.store.writing() as db:
        row = browser.open_cart(db)
        if row is None:
            return redirect(url_for("shop.cart"))
        kept = _code_that_holds(db, row, code, here)
        if (kept or not code) and carts.change(db, row["key"], {"code": kept}, here.now()):
            tell_of_cart(db, here, row["key"])
    here.wake()
    session.pop("code", None)
    if code:
        browser.say("code_right" if kept else "code_wrong")
    return redirect(url_for("shop.checkout_page"))


@shop_pages.post("/leave")
def leave() -> Response:
    """Save what the form holds and go away, leaving the cart behind."""
    _save(_form())
    here = stand()
    with here.store.reading() as db:
        row = browser.open_cart(db)
        browser.say(_farewell(db, row))
    return redirect(url_for("shop.shelf"))


@shop_pages.post("/order")
def order() -> Response | tuple[str, int]:
    """Place the order, once; a cart that is ordered already leads to the empty cart."""
    here, saved = stand(), _save(_form())
    with here.store.writing() as db:
        row = browser.open_cart(db)
        if saved is None or row is None or not carts.lines(db, row["key"]):
            return redirect(url_for("shop.cart"))
        errors = saved.errors or _missing_contact(row)
        wanted = session.get("code") or row["code"]
        code = _code_that_holds(db, row, wanted, here) if wanted else None
        lapsed = bool(wanted) and code is None
        if not errors:
            carts.change(db, row["key"], {"code": code}, None)
        if not errors and not lapsed:
            placed = str(carts.place_order(db, row["key"], here.now()))
            tell_of_order(db, here, placed, "orders/create")
    if errors:
        return _checkout_form(errors, 422)
    session.pop("code", None)
    if lapsed:
        browser.say("code_wrong")
        return redirect(url_for("shop.checkout_page"))
    here.wake()
    browser.remember_order(placed)
    return redirect(url_for("shop.thanks", key=placed))


@shop_pages.get("/order/<key>")
def thanks(key: str) -> str:
    """The order, for the browser that placed it."""
    with stand().store.reading() as db:
        row = carts.order(db, key)
    if row is None or not browser.owns_order(key):
        abort(404)
    return render_template("thanks.html", order=row)


@shop_pages.post("/order/<key>/cancel")
def cancel(key: str) -> Response:
    """Cancel an order of this browser."""
    here = stand()
    if not browser.owns_order(key):
        abort(404)
    with here.store.writing() as db:
        if carts.cancel_order(db, key, here.now()):
            tell_of_order(db, here, key, "orders/cancelled")
    here.wake()
    return redirect(url_for("shop.thanks", key=key))


@shop_pages.get("/cart/<key>/recover")
def recover(key: str) -> Response:
    """Make this cart the one of this browser. It changes nothing at the shop and logs nobody in."""
    with stand().store.reading() as db:
        row = carts.cart(db, key)
    if not carts.is_open(row):
        ordered = row is not None and row["ordered_at"] is not None
        browser.say("recover_ordered" if ordered else "recover_unknown")
        return redirect(url_for("shop.shelf"))
    session["cart"] = key
    session.pop("code", None)
    if code := request.args.get("code", "").strip():
        session["code"] = code[:100]
    browser.say("recovered")
    return redirect(url_for("shop.checkout_page"))


@shop_pages.post("/choice")
def choose() -> Response:
    """Choose a language and a country; an open checkout goes along."""
    here = stand()
    session["language"] = request.form.get("language")
    session["country"] = request.form.get("country")
    visit = browser.visit()
    with here.store.writing() as db:
        row = browser.open_cart(db)
        if row is not None and (row["language"], row["country"]) != (visit.language, visit.country):
            moved = checkout.phone_after_move(row, visit.country)
            new = {"language": visit.language, "country": visit.country, **moved}
            carts.change(db, row["key"], new, here.now())
            tell_of_cart(db, here, row["key"])
    here.wake()
    return redirect(browser.came_from())


def _farewell(db: sqlite3.Connection, row: sqlite3.Row | None) -> str:
    """What somebody is told who leaves this cart: may anything be sent for it?"""
    asked = [row[box.agreed] if row is not None and row[box.name] else None for box in BOXES]
    phone, address = asked
    number = e164(phone, row["country"]) if row is not None and phone else None
    stopped = number is not None and texts.has_stopped(texts.bubbles(db, number))
    left = address is not None and mails.has_unsubscribed(db, address)
    if number and not stopped:
        return "left"
    if address and not left:
        return "left_mail"
    return "left_stopped" if stopped else "left_unsubscribed" if left else "left_no_consent"


def _save(given: dict[str, Any]) -> checkout.Saved | None:
    """Write what changed of the checkout and tell of it; None without an open cart."""
    here = stand()
    with here.store.writing() as db:
        row = browser.open_cart(db)
        if row is None:
            return None
        key, words = row["key"], WORDS[browser.language()]
        own, visit = browser.own_fields(key), browser.visit()
        saved = checkout.take(row, given, own, visit, words, here.now())
        if saved.columns:
            begun = {"begun_at": row["begun_at"] or stamp(here.now())}
            carts.change(db, key, saved.columns | begun, here.now())
            tell_of_cart(db, here, key)
        phone = saved.columns.get("phone", row["phone"])
        email = saved.columns.get("email", row["email"])
    here.wake()
    browser.remember_fields(key, saved.own)
    if "phone" in saved.own and isinstance(phone, str) and (number := e164(phone, visit.country)):
        session["number"] = number
    if "email" in saved.own and email:
        session["address"] = email
    return saved


def _missing_contact(row: sqlite3.Row) -> dict[str, str]:
    return {} if row["phone"] or row["email"] else {"phone": "error_contact"}


def _form() -> dict[str, Any]:
    """The posted form in the shape of a save: a box that is absent is not ticked."""
    boxes = {box.name: box.name in request.form for box in BOXES}
    return {**request.form.to_dict(), **boxes}


def _set_line(db: sqlite3.Connection, here: Stand, key: str, product: str, quantity: int) -> None:
    carts.set_line(db, key, product, min(quantity, GREATEST_QUANTITY))
    row = carts.cart(db, key)
    emptied = row is not None and row["begun_at"] and not carts.lines(db, key)
    carts.change(db, key, {"deleted_at": stamp(here.now())} if emptied else {}, here.now())
    tell_of_cart(db, here, key)


def _code_that_holds(
    db: sqlite3.Connection, row: sqlite3.Row, code: str | None, here: Stand
) -> str | None:
    """The code as the shop writes it when it holds for this cart, else None."""
    terms = carts.unused_terms(db, code or "")
    lines = carts.lines(db, row["key"])
    if terms is None or not holds(terms, lines, row["email"], here.now()):
        return None
    return terms.code


def _shown_cart() -> dict[str, Any]:
    """Lines, sums and code of this browser's cart, as a template shows them."""
    here = stand()
    with here.store.reading() as db:
        row = browser.open_cart(db)
        lines = carts.lines(db, row["key"]) if row else []
        wanted = (session.get("code") or row["code"]) if row else None
        code = _code_that_holds(db, row, wanted, here) if row and wanted else None
        cost = sums(lines, carts.unused_terms(db, code) if code else None)
    shown = [(SHELF[key], quantity) for key, quantity in lines]
    return {"row": row, "lines": shown, "cost": cost, "code": code}


def _checkout_form(errors: dict[str, str], status: int) -> tuple[str, int]:
    parts = _shown_cart()
    own = browser.own_fields(parts["row"]["key"])
    contact = {name: parts["row"][name] if name in own else "" for name in checkout.TEXT_FIELDS}
    contact |= {name: request.form[name] for name in checkout.TEXT_FIELDS if name in request.form}
    ticked = {box.name: box.name in own and parts["row"][box.name] == 1 for box in BOXES}
    examples = {"phone": made_up(browser.country()), "email": made_up_address()}
    page = render_template(
        "checkout.html", contact=contact, ticked=ticked, examples=examples, errors=errors, **parts
    )
    return page, status
