"""The first text of a programme, filled with a cart of the shop, for its merchant to see."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from recovery import lines, tables
from recovery.answer_facts import home_of
from recovery.model import Channel
from recovery.prices import locale_of
from recovery.programme_form import Programme, Step
from recovery.shops import ShopRow
from recovery.wording import (
    Item,
    Names,
    can_receive_replies,
    money,
    ready_text,
    reminder_text,
)

_CARTS = tables.carts
_LOOKED_AT = 20
_MADE_UP = {"fr": "Bol en grès", "en": "Stoneware bowl"}


def text_steps(form: Programme) -> list[Step]:
    """The steps that leave by text."""
    return [step for step in form.steps if step.channel is Channel.SMS]


def filled(db: Connection, shop: ShopRow, step: Step, language: str, sender: str) -> str:
    """The step's text in that language: the shop's latest cart in it, nobody's name.

    Its link leads to the shop; the way out is the one that `sender` allows.
    """
    ours, spoken = ready_text(step.words, language, shop.locale)
    cart = _latest_cart(db, shop.id)
    items, total = _of_cart(cart, language) if cart else _made_up(shop, language)
    by_reply = can_receive_replies(sender)
    names = Names(
        shop=shop.name or shop.address,
        link=home_of(shop),
        lines=items,
        total=total,
        stop_words="STOP" if by_reply else "",
        stop_link="" if by_reply else f"{home_of(shop)}/stop",
    )
    return reminder_text(step.texts.get(spoken, ours), names, plain=shop.smart_encoding)


def _latest_cart(db: Connection, shop_id: int) -> Any:
    columns = [_CARTS.c[name] for name in ("lines", "total", "currency", "item_count")]
    newest = select(*columns).where(_CARTS.c.shop_id == shop_id)
    rows = db.execute(newest.order_by(_CARTS.c.created_at.desc()).limit(_LOOKED_AT))
    return next((row for row in rows if row.item_count and row.lines), None)


def _of_cart(cart: Any, language: str) -> tuple[tuple[Item, ...], str]:
    items = tuple(
        Item(line.title, line.quantity, money(line.total, cart.currency, language))
        for line in lines.read(cart.lines)
    )
    return items, money(cart.total, cart.currency, language)


def _made_up(shop: ShopRow, language: str) -> tuple[tuple[Item, ...], str]:
    title = _MADE_UP.get(locale_of(language).language, _MADE_UP["en"])
    price = money(Decimal(49), shop.currency or "EUR", language)
    return (Item(title, 1, price),), price
