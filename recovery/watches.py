"""Who waits for a product: a snapshot that makes it true plans one text.

Back in stock: it was not in stock in what the shop showed before, and is now. Cheaper: its
price is below the one the shopper saw. The text is looked at again right before it leaves
(`answers`); no longer true, it is skipped, and the next snapshot that makes it true plans
it anew. Sent once, it ends the request.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, update

from recovery import answer_plans, asks, opt_in, tables, timing
from recovery.answer_facts import Goods, goods_of, is_true, read_variants
from recovery.model import Product, RequestKind
from recovery.shops import ShopRow
from recovery.states import ReminderState

_PRODUCTS = tables.products
_REQUESTS = tables.requests
_REMINDERS = tables.reminders
#: A shop's clock and a visitor's ask may be so far apart.
_CLOCKS_APART = timedelta(minutes=5)


def before(db: Connection, shop_id: int, product_key: str) -> tuple[list[Any], Any | None]:
    """Who watches this product, and how the shop showed it until now (None: not yet).

    Without anybody it is not looked up: most products are watched by nobody.
    """
    watching = asks.of_product(db, shop_id, product_key)
    return watching, _shown(db, shop_id, product_key) if watching else None


def product_seen(
    db: Connection,
    shop: ShopRow,
    product_key: str,
    watching: list[Any],
    earlier: Any | None,
    now: datetime,
) -> None:
    """A newer snapshot of this product was stored: plan the texts of those who waited for it."""
    product = _shown(db, shop.id, product_key) if watching else None
    if product is None:
        return
    for request in watching:
        goods = goods_of(request, product)
        was = goods_of(request, earlier) if earlier is not None else None
        came_true = _is_newer(request, product) and _came_true(request, was)
        if is_true(request, goods) and (came_true or _was_planned(db, request)):
            _plan(db, shop, request, now)


def with_its_price(db: Connection, request: Any) -> Any:
    """The request, just asked, with the price that its product must fall below.

    That is the lower of what the shopper saw and what the shop shows us. They may differ by
    tax or by currency, and "costs less" must be true of both.
    """
    _, goods = _goods_now(db, request)
    if request.kind != RequestKind.PRICE_DROP or goods is None or goods.price is None:
        return request
    same_money = request.currency in (None, goods.currency) or goods.currency is None
    if request.price is not None and same_money and request.price <= goods.price:
        return request
    values = {"price": goods.price, "currency": goods.currency}
    db.execute(update(_REQUESTS).where(_REQUESTS.c.id == request.id).values(**values))
    return asks.by_id(db, request.id)


def watched_keys(
    db: Connection, shop_id: int, turn: int = 0, most: int = 50
) -> list[tuple[str, str | None]]:
    """What somebody waits for at that shop: (product, variant or None), at most `most` of them.

    Where there are more, each `turn` (0, 1, 2, …) gives the next ones, round and round.
    """
    here = (_REQUESTS.c.shop_id == shop_id, _REQUESTS.c.kind.in_(asks.WATCHES))
    standing = (_REQUESTS.c.ended_at.is_(None), _REQUESTS.c.product_key.is_not(None))
    columns = (_REQUESTS.c.product_key, _REQUESTS.c.variant_key)
    rows = db.execute(select(*columns).distinct().where(*here, *standing))
    keys = sorted({(row.product_key, row.variant_key) for row in rows}, key=str)
    start = turn * most % len(keys) if len(keys) > most else 0
    return (keys[start:] + keys[:start])[:most]


def is_news(db: Connection, shop_id: int, product: Product) -> bool:
    """Whether the shop shows this product otherwise than we hold it."""
    held = _shown(db, shop_id, product.key)
    if held is None or held.changed_at < product.changed_at:
        return True
    now_shown = (product.price, product.in_stock, product.available)
    was_shown = (held.price, held.in_stock, held.available)
    return was_shown != now_shown or read_variants(held.variants) != list(product.variants)


def begin(db: Connection, shop: ShopRow, request: Any, now: datetime) -> None:
    """This watch begins, or was confirmed: it may have come true meanwhile."""
    product, goods = _goods_now(db, request)
    if product is not None and _is_newer(request, product) and is_true(request, goods):
        _plan(db, shop, request, now)


def _plan(db: Connection, shop: ShopRow, request: Any, now: datetime) -> None:
    if opt_in.may_begin(db, shop, request, now, happened_at=now):
        subject = opt_in.asking(request)
        rule = timing.ASKED[request.kind]
        answer_plans.plan(db, shop, request, request.kind, subject, rule, now, now, again=True)


def _came_true(request: Any, was: Goods | None) -> bool:
    # A price is held against what the shopper saw, stock against what the shop showed.
    if request.kind == RequestKind.PRICE_DROP:
        return True
    return was is None or was.in_stock is not True or not was.available


def _is_newer(request: Any, product: Any) -> bool:
    """What the shopper saw is not older than what this snapshot shows."""
    return bool(product.changed_at >= request.asked_at - _CLOCKS_APART)


def _was_planned(db: Connection, request: Any) -> bool:
    """Whether it came true before, and the text did not leave."""
    mine = (_REMINDERS.c.request_id == request.id, _REMINDERS.c.programme == request.kind)
    skipped = _REMINDERS.c.state == ReminderState.SKIPPED
    row = db.execute(
        select(_REMINDERS.c.id).where(
            *mine, skipped, _REMINDERS.c.subject == opt_in.asking(request)
        )
    ).first()
    return row is not None


def _goods_now(db: Connection, request: Any) -> tuple[Any | None, Goods | None]:
    """The row of `products` that shows what is watched, and what it shows."""
    for key in (request.variant_key, request.product_key):
        product = _shown(db, request.shop_id, key) if key else None
        goods = None if product is None else goods_of(request, product)
        if goods is not None:
            return product, goods
    return None, None


def _shown(db: Connection, shop_id: int, product_key: str) -> Any | None:
    here = (_PRODUCTS.c.shop_id == shop_id, _PRODUCTS.c.key == product_key)
    columns = [each for each in _PRODUCTS.c if each.name != "raw"]
    return db.execute(select(*columns).where(*here)).first()
