"""Links in messages: `/r/<token>` leads back to one cart, `/stop/<token>` ends the texts.

They log nobody in and show nothing of a person, but for the page that a step may ask for
(`cart_page`): a first name and the cart. Following a link (or a program that follows it to
look inside) changes nothing but a count; only the button stops.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, select
from werkzeug.wrappers import Response as WerkzeugResponse

from recovery import cart_offers, clicks, notices, own_hosts, stopping, tables, tokens
from recovery.cart_offers import Standing
from recovery.clicks import Who
from recovery.states import CartState
from recovery.tokens import Link
from web import cart_page, ways_back
from web.tools import tools

blueprint = Blueprint("links", __name__)

_ELSEWHERE = (
    "Carts of this shop lead to {host}, which is not known as one of its domains. Shoppers are "
    "asked before they go there. If it is the shop's own, name it among other_addresses."
)
_OF_THE_CART = """id shop_id key state way_back platform_state sources currency total tax lines
    first_name phone country region locale changed_at""".split()
_OF_THE_SHOP = (
    "name address other_addresses domains platform key draw_key locale timezone colour logo".split()
)
_OF_THE_REMINDER = "version_id step arm offer_id".split()


@blueprint.get("/r/<token>")
def back(token: str) -> ResponseReturnValue:
    """Back to the shop's own checkout, refilled; or to our page, where the step wants it."""
    return _follow(token, pressed=False)


@blueprint.get("/r/<token>/go")
def go(token: str) -> ResponseReturnValue:
    """The button of our page: on to the checkout, with the offer's code applied."""
    return _follow(token, pressed=True)


def _follow(token: str, pressed: bool) -> ResponseReturnValue:
    now = tools().now()
    with tools().database.reading() as db:
        link = tokens.find(db, token, "cart")
        cart = None if link is None else _cart(db, link)
        if link is None or cart is None:
            return _page("unknown"), 404
        offer = cart_offers.standing_offer(db, cart.id, link.reminder_id, cart.offer_id, now)
        has_page = not pressed and cart_page.is_wanted(db, cart)
    over = _over(link, cart, now)
    if over is not None:
        return over
    address, applied = ways_back.way_back(tools(), cart, offer.coupon if offer else None)
    if address is None:
        return _ended(cart)
    answer = (
        _cart_page(token, cart, offer, applied, now) if has_page else _on_to(address, cart, now)
    )
    _note(token, cart, pressed, now)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _cart_page(
    token: str, cart: Any, offer: Standing | None, applied: bool, now: datetime
) -> WerkzeugResponse:
    with tools().database.reading() as db:
        content = cart_page.read(db, cart, offer, applied, now)
    return cart_page.answer(content, url_for("links.go", token=token))


def _on_to(address: str, cart: Any, now: datetime) -> WerkzeugResponse:
    """To the shop's own domains at once; to another host only by the shopper's own tap."""
    others = (*cart.shop_other_addresses.split(), *cart.shop_domains.split())
    if own_hosts.is_own(address, cart.shop_address, others, cart.shop_platform):
        return redirect(address, 302)
    host = own_hosts.host_of(address)
    subject, words = f"shop.{cart.shop_id}.domain", _ELSEWHERE.format(host=host)
    tools().database.run(lambda db: notices.tell(db, subject, words, now, cart.shop_id))
    page = _page("elsewhere", shop=cart.shop_name, address=address, host=host)
    return make_response(page)


def _ended(cart: Any) -> ResponseReturnValue:
    return _page("ended", shop=cart.shop_name, shop_address=_home(cart)), 410


def _over(link: Link, cart: Any, now: datetime) -> ResponseReturnValue | None:
    """What is said where there is no cart to go back to."""
    if link.expires_at <= now or cart.state == CartState.EXPIRED:
        return _ended(cart)
    if cart.state == CartState.ORDERED:
        return _page("ordered", shop=cart.shop_name, shop_address=_home(cart))
    return None


def _note(token: str, cart: Any, pressed: bool, now: datetime) -> None:
    """Note the visit; of a person who presses the button, that as well."""
    headers = dict(request.headers)
    who, agent = clicks.who_follows(request.method, headers), headers.get("User-Agent")
    visit = clicks.visit_of(cart.shop_draw_key, token, request.remote_addr, agent, now)

    def work(db: Connection) -> None:
        clicks.note(db, token, who, visit, now)
        if pressed and who is Who.PERSON:
            clicks.note(db, token, Who.BUTTON, visit, now)

    tools().database.run(work)


@blueprint.get("/stop/<token>")
def ask(token: str) -> ResponseReturnValue:
    """Ask before stopping: programs that open links must not stop anything."""
    with tools().database.reading() as db:
        asked = stopping.asked_by(db, token)
        name = None if asked is None else _name(db, asked.shop_id)
    if asked is None or name is None:
        return _page("unknown"), 404
    return _page("stop", shop=name, token=token, channel=asked.channel)


@blueprint.post("/stop/<token>")
def stop(token: str) -> ResponseReturnValue:
    """Stop what the message with this link came by: texts, or e-mails (RFC 8058, one click)."""
    now = tools().now()
    stopped = tools().database.run(lambda db: stopping.stop_by_link(db, token, now))
    if stopped is None:
        return _page("unknown"), 404
    with tools().database.reading() as db:
        name = _name(db, stopped.shop_id)
    return _page("stopped", shop=name, channel=stopped.channel)


def _name(db: Connection, shop_id: int) -> str | None:
    """The shop's name. A stop link may be of a text that has no cart."""
    names = tables.shops.c.name
    return db.execute(select(names).where(tables.shops.c.id == shop_id)).scalar()


def _cart(db: Connection, link: Link) -> Any:
    """The cart, with the reminder's step; of the shop's row each name with `shop_` before it."""
    carts, shops, reminders = tables.carts, tables.shops, tables.reminders
    return db.execute(
        select(
            *(carts.c[name] for name in _OF_THE_CART),
            *(shops.c[name].label(f"shop_{name}") for name in _OF_THE_SHOP),
            *(reminders.c[name] for name in _OF_THE_REMINDER),
        )
        .join(shops, shops.c.id == carts.c.shop_id)
        .join(reminders, reminders.c.id == link.reminder_id)
        .where(carts.c.id == link.cart_id)
    ).first()


def _home(cart: Any) -> str:
    address = str(cart.shop_address)
    return address if address.startswith("http") else f"https://{address}"


def _page(kind: str, **names: object) -> str:
    return render_template("link.html", kind=kind, **names)
