"""Words for the tests of the page behind a link: a link to one, an offer, news of a product."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from werkzeug.test import TestResponse

from recovery import programmes, tables
from recovery.model import Channel, Product, Totals, Variant
from recovery.programme_form import Delay, Programme, Start, Step
from tests.recovery.stories import a_cart, a_line, a_shopper, record
from tests.web.stage import SHOPPER, Stage
from tests.web.test_links import OURS, WAY_BACK

IPHONE = {
    "User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) "
    "AppleWebKit/605.1.15 Version/18.1 Mobile/15E148 Safari/604.1"
}
CUP = replace(
    a_line("Tasse bleue", quantity=2),
    variant_title="Grande",
    image="https://cdn.example/tasse.jpg?v=1&w=2",
)


def a_programme(page: bool = True, **different: Any) -> Programme:
    step = Step(1, Channel.SMS, Delay(1800), page=page)
    return Programme(Start.CART, (step,), holdout=0.0, **different)


def a_link(
    stage: Stage, shop: Mapping[str, Any] | None = None, form: Programme | None = None, **cart: Any
) -> str:
    """The path of the link in a text about a cart, whose step wants the page."""
    account, begun = stage.an_account(), stage.clock()
    settings = {"account_id": account.id, "any_hour": True, "country": "FR", "locale": "fr"}
    ours = stage.a_shopify_shop(**(settings | {"cap_seconds": 0} | dict(shop or {})))
    chosen = form or a_programme()
    stage.database.run(lambda db: programmes.save(db, ours.id, "cart", chosen, "us", begun))
    shopper = cart.pop("shopper", None) or a_shopper(begun, phone=SHOPPER)
    values = {"way_back": WAY_BACK, "lines": (CUP,), "totals": Totals(Decimal(36))} | cart
    record(stage.database, ours, a_cart(begun, shopper=shopper, **values), now=begun)
    (letter,) = stage.what_leaves_after_an_hour(account)
    return "/r/" + letter.message.text.partition(f"{OURS}/r/")[2].split()[0]


def look(stage: Stage, path: str, **headers: str) -> TestResponse:
    return stage.client.get(path, headers=IPHONE | headers)


def shows(stage: Stage, minutes: float = 1, **different: Any) -> None:
    """The shop shows the cup anew."""
    at = stage.clock.forward(minutes=minutes)
    values: dict[str, Any] = {
        "key": "1",
        "title": "Tasse bleue",
        "changed_at": at,
        "address": "https://shop.example/1",
        "price": Decimal(18),
        "currency": "EUR",
        "in_stock": True,
    } | different
    only = Variant("11", "", values["price"], values["in_stock"])
    values = {"variants": (only,)} | values
    record(stage.database, stage.the_shop(), Product(**values), now=at)


def an_offer(stage: Stage, **different: Any) -> None:
    """A code of ten percent, made and announced, that ends in two days."""
    (reminder,) = stage.rows("reminders")
    now = stage.clock()
    values: dict[str, Any] = {
        "shop_id": reminder.shop_id,
        "cart_id": reminder.cart_id,
        "reminder_id": reminder.id,
        "gift": "incentive",
        "stand": "made",
        "reasons": "[]",
        "kind": "percent",
        "value": Decimal(10),
        "currency": "EUR",
        "days": 2,
        "lines": "[]",
        "ends_at": datetime(2026, 11, 22, 23, 0, tzinfo=now.tzinfo),
        "code": "RETOUR10",
        "coupon_key": "gid://1",
        "decided_at": now,
        "made_at": now,
        "announced_at": now,
    }
    row = values | different
    stage.database.run(lambda db: db.execute(tables.offers.insert().values(**row)))


def words_of(answer: TestResponse) -> str:
    """What a reader of the page reads, without its style."""
    body = answer.text.partition("<body>")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def seen(stage: Stage) -> list[str]:
    return [row.who for row in stage.rows("clicks")]
