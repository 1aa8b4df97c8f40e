"""A large shop with a year behind it, written straight into a database.

`fill(database)` makes 100,000 carts and 1,000,000 reminders of one shop, with the shoppers,
consents, arms, orders, links, clicks, answers and offers that go with them. The same seed makes
the same shop. Only the payloads are shorter than real ones.
"""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, update

from bench.large_shop_after import what_followed
from bench.large_shop_past import CENT, RAW, YEAR, Cart, Past, arm_of, marks
from bench.pouring import first_id, pour, settle
from recovery import lines, presets, programmes, shops, tables
from recovery.database import Database
from recovery.model import Line
from recovery.search_words import apart
from recovery.shops import ShopRow

__all__ = ["fill"]

NOW = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)
_COUNTRIES = (("FR", "fr"), ("BE", "fr-BE"), ("DE", "de"), ("ES", "es"), ("GB", "en-GB"))
_FATES = (
    *(["delivered"] * 40 + ["sent"] * 6 + ["undelivered"] * 2 + ["failed"] + ["unconfirmed"]),
    *["skipped"] * 50,
)
_WHY_NOT = ("ordered", "no_consent", "no_phone", "capped", "newer_cart", "too_late", "stopped")
_LEFT = frozenset({"delivered", "sent", "undelivered", "unconfirmed"})
_TEXT = "Your basket at Maison Large is kept: https://r.example/r/abcdefghij012345 STOP: reply"
_PRODUCTS = 300


def fill(
    database: Database,
    carts: int = 100_000,
    reminders: int = 1_000_000,
    seed: int = 1,
    now: datetime = NOW,
) -> ShopRow:
    """Write the shop, as it stands at `now`, and give its row. It has no credentials yet.

    `reminders` is rounded to as many for each cart, at least one.
    """
    chance = random.Random(seed)
    row, version, account = database.run(lambda db: _begun(db, now))
    shop = Past(database, row, now, chance, version, account)
    persons = max(1, carts * 7 // 10)
    _people(shop, persons)
    _carts(shop, carts, persons)
    _reminders(shop, max(1, reminders // max(1, carts)))
    what_followed(shop, persons)
    settle(database)
    return row


def _begun(db: Connection, now: datetime) -> tuple[ShopRow, int, int]:
    account = tables.accounts.insert().values(
        name="Maison Large", messenger="vonage", sender="MAISON", credentials=""
    )
    account_id = int(db.execute(account.returning(tables.accounts.c.id)).scalar_one())
    row = shops.add(
        db,
        "woocommerce",
        "https://large.example",
        now - YEAR,
        name="Maison Large",
        currency="EUR",
        country="FR",
        timezone="Europe/Paris",
        locale="fr",
        account_id=account_id,
        stand_in=True,
    )
    form = presets.preset("sport", "FR", "fr")
    version = programmes.save(db, row.id, programmes.CART, form, "bench", now - YEAR)
    db.execute(update(tables.programmes).values(replan=False))
    products = [
        {"shop_id": row.id, "key": str(each), "title": f"Tasse {each}", "available": True}
        | {"categories": "[]", "variants": "[]", "changed_at": now, "raw": "{}"}
        for each in range(_PRODUCTS)
    ]
    db.execute(tables.products.insert(), products)
    return row, version, account_id


# -- people and carts ---------------------------------------------------------------------------


def _place(person: int) -> tuple[str, str]:
    return _COUNTRIES[0] if person % 2 else _COUNTRIES[person // 2 % len(_COUNTRIES)]


def _people(shop: Past, persons: int) -> None:
    names = ["identity", "customer_key", "email", "phone", "first_name", "last_name", "country"]
    names += ("locale", "orders", "changed_at")

    def rows() -> Iterator[tuple[Any, ...]]:
        for person in range(persons):
            customer, phone, email = marks(shop, person)
            who = (f"{shop.row.id}|customer:{customer}", customer, email, phone)
            at = shop.now - YEAR * shop.chance.random()
            yield (*who, "Ana", f"Costa {person}", *_place(person), person % 4, at)

    pour(shop.database, tables.shoppers, names, rows(), shop.alike)
    said = ("channel", "address", "granted", "at", "recorded_at")
    begun = shop.now - YEAR

    def yeses() -> Iterator[tuple[Any, ...]]:
        for person in range(persons):
            _, phone, email = marks(shop, person)
            if person % 5:
                yield ("email", email, True, begun, begun)
            if phone and person % 5 < 4:
                yield ("sms", phone, person % 5 > 0, begun, begun)

    words = {"source": "shopify checkout", "words": "I agree to reminders.", "language": "fr"}
    pour(shop.database, tables.consents, said, yeses(), shop.alike | words)
    stops = (
        (marks(shop, person)[2], "email", begun + YEAR / 2) for person in range(0, persons, 50)
    )
    kept = shop.alike | {"source": "link"}
    pour(shop.database, tables.suppressions, ("address", "channel", "at"), stops, kept)


def _carts(shop: Past, carts: int, persons: int) -> None:
    first, chance = first_id(shop.database, tables.carts), shop.chance
    for place in range(carts):
        at = shop.now - YEAR * (1 - place / carts)
        total = round(min(1_500, chance.lognormvariate(4.2, 0.7)) * 100)
        cart = Cart(first + place, chance.randrange(persons), at, total, chance.random() < 0.25)
        shop.carts.append(cart)
    baskets = [_basket(chance) for _ in range(500)]
    names = ["id", "key", "name", "state", "customer_key", "email", "phone", "first_name"]
    names += ("country", "locale", "total", "shipping", "lines", "way_back", "created_at")
    names += ("changed_at", "look_at", "left_at", "abandoned_at", "recorded_at")

    def rows() -> Iterator[tuple[Any, ...]]:
        for cart in shop.carts:
            customer, phone, email = marks(shop, cart.person)
            state = "ordered" if cart.ordered else "abandoned"
            back = f"https://large.example/back/{cart.id}"
            who = (f"token:t{cart.id}", f"#{cart.id}", state, customer, email, phone, "Ana")
            worth = (cart.total * CENT, 590 * CENT, baskets[cart.id % len(baskets)], back)
            begun, left = cart.at - timedelta(minutes=45), cart.at - timedelta(minutes=30)
            times = (begun, left, cart.at, left, cart.at, begun)
            yield (cart.id, *who, *_place(cart.person), *worth, *times)

    alike: dict[str, Any] = {
        "origin": "checkout",
        "currency": "EUR",
        "item_count": 2,
        "sources": "webhook",
    }
    pour(shop.database, tables.carts, names, rows(), shop.alike | alike | {"raw": RAW})
    _words(shop, baskets)
    keys = (
        (f"{shop.row.id}|{kind}{cart.id}", cart.id)
        for cart in shop.carts
        for kind in ("token:t", "cart:c")
    )
    pour(shop.database, tables.cart_keys, ("key", "cart_id"), keys)


def _words(shop: Past, baskets: list[str]) -> None:
    names = ("word", "created_at", "cart_id")
    of_lines = [
        {word for line in json.loads(basket) for word in apart(line["title"])} for basket in baskets
    ]

    def titles() -> Iterator[tuple[Any, ...]]:
        for cart in shop.carts:
            begun = cart.at - timedelta(minutes=45)
            yield from ((word, begun, cart.id) for word in of_lines[cart.id % len(baskets)])

    def persons() -> Iterator[tuple[Any, ...]]:
        for cart in shop.carts:
            begun = cart.at - timedelta(minutes=45)
            for word in ("ana", "costa", str(cart.person)):
                yield (word, begun, cart.id)

    pour(shop.database, tables.cart_words, names, titles(), shop.alike)
    pour(shop.database, tables.name_words, names, persons(), shop.alike)


def _basket(chance: random.Random) -> str:
    made = []
    for _ in range(2):
        key = str(int(chance.paretovariate(0.8)) % _PRODUCTS)
        made.append(
            Line(f"Tasse {key}", 1, lines.Decimal("18"), lines.Decimal("18"), key, f"v{key}")
        )
    return lines.written(made)


# -- reminders ----------------------------------------------------------------------------------


def _reminders(shop: Past, each_cart: int) -> None:
    first = first_id(shop.database, tables.reminders)
    places = [(1 + place // 2, ("sms", "email")[place % 2]) for place in range(each_cart)]
    names = ["id", "cart_id", "step", "channel", "state", "reasons", "due_at", "latest_at"]
    names += ("claimed_at", "sent_at", "settled_at", "recipient", "provider_id", "text", "parts")
    names += ("price", "price_currency", "arm", "words", "created_at")
    alike: dict[str, Any] = {"programme": "cart", "version_id": shop.version_id}
    alike |= {"account_id": shop.account_id}
    alike |= {"subject": "", "late": False, "attempts": 1, "sender": "MAISON", "language": "fr"}
    rows = _reminder_rows(shop, first, places)
    pour(shop.database, tables.reminders, names, rows, shop.alike | alike)


def _reminder_rows(
    shop: Past, first: int, places: list[tuple[int, str]]
) -> Iterator[tuple[Any, ...]]:
    numbers, chance = itertools.count(first), shop.chance
    for cart in shop.carts:
        _, phone, email = marks(shop, cart.person)
        arm = arm_of(cart.person)
        for step, channel in places:
            number, due = next(numbers), cart.at + timedelta(hours=step * 6)
            address = phone if channel == "sms" else email
            state = _fate(shop, arm, address, due)
            why = _why(chance, arm, address) if state == "skipped" else None
            words = "why" if step == 3 and channel == "sms" else None
            times = (due, due + timedelta(days=2))
            about = (arm, words, cart.at)
            if state not in _LEFT:
                settled = None if state == "scheduled" else due
                rest = (None, None, settled, address, None, None, None, None, None)
                yield (number, cart.id, step, channel, state, why, *times, *rest, *about)
                continue
            _note(shop, (number, cart, due), words)
            price = (2, 450, "EUR") if channel == "sms" else (None, None, None)
            rest = (due, due, due, address, f"p{number}", _TEXT, *price)
            yield (number, cart.id, step, channel, state, None, *times, *rest, *about)


def _fate(shop: Past, arm: str, address: str | None, due: datetime) -> str:
    if due > shop.now:
        return "scheduled"
    return "skipped" if arm == "held_out" or not address else shop.chance.choice(_FATES)


def _why(chance: random.Random, arm: str, address: str | None) -> str:
    if arm == "held_out":
        return '["held_out"]'
    return json.dumps([chance.choice(_WHY_NOT)] if address else ["no_phone"])


def _note(shop: Past, sent: tuple[int, Cart, datetime], words: str | None) -> None:
    shop.left.append(sent)
    if shop.chance.random() < 0.08:
        shop.followed.append(sent)
    if words and shop.chance.random() < 0.1:
        shop.asked.append(sent)
