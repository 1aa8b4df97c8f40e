"""What followed the messages of a large shop: arms, orders, visits, answers, offers."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from bench.large_shop_past import CENT, RAW, YEAR, Past, arm_of, marks
from bench.pouring import first_id, pour
from recovery import tables

_KINDS = ("customer_key", "phone", "email")
_ANSWERS = ("shipping", "shipping", "account", "deciding", "deciding", "no_time", "other", None)


def what_followed(shop: Past, persons: int) -> None:
    """Write all that came after the reminders."""
    _arms(shop)
    _orders(shop, persons)
    _links(shop)
    _answers(shop)
    _offers(shop)


def _arms(shop: Past) -> None:
    first = {cart.person: cart for cart in reversed(shop.carts)}
    numbers = itertools.count(first_id(shop.database, tables.arms))
    names = ("id", "kind", "mark", "person", "arm", "cart_id", "at")

    def rows() -> Iterator[tuple[Any, ...]]:
        for person, cart in first.items():
            root = None
            for kind, mark in zip(_KINDS, marks(shop, person), strict=True):
                if mark:
                    number = next(numbers)
                    yield (number, kind, mark, root, arm_of(person), cart.id, cart.at)
                    root = root or number

    alike = {"programme": "cart", "version_id": shop.version_id, "in_conflict": False}
    pour(shop.database, tables.arms, names, rows(), shop.alike | alike)


def _orders(shop: Past, persons: int) -> None:
    numbers = itertools.count(first_id(shop.database, tables.orders))
    earned = {cart.id: number for number, cart, _ in shop.followed}
    names = ["id", "key", "name", "cart_id", "reminder_id", "credited_by", "customer_key", "email"]
    names += ("phone", "total", "refunded", "placed_at", "changed_at", "recorded_at")

    def row(person: int, at: datetime, total: int, cart_id: int | None) -> tuple[Any, ...]:
        number, credit = next(numbers), earned.get(cart_id or 0)
        customer, phone, email = marks(shop, person)
        back = total * CENT if number % 40 == 0 else 0
        about = (number, f"order:{number}", f"#{number}", cart_id, credit)
        who = ("click" if credit else None, customer, email, phone)
        return (*about, *who, total * CENT, back, at, at, at)

    def rows() -> Iterator[tuple[Any, ...]]:
        for cart in shop.carts:
            if cart.ordered:
                at = min(shop.now, cart.at + timedelta(hours=30 * shop.chance.random()))
                yield row(cart.person, at, cart.total, cart.id)
        for _ in range(len(shop.carts) * 6 // 10):
            person, at = shop.chance.randrange(persons), shop.now - YEAR * shop.chance.random()
            yield row(person, at, round(shop.chance.lognormvariate(4, 0.7) * 100), None)

    alike: dict[str, Any] = {
        "origin": "checkout",
        "currency": "EUR",
        "discount_codes": "[]",
        "lines": "[]",
    }
    alike |= {"paid": True, "raw": RAW}
    pour(shop.database, tables.orders, names, rows(), shop.alike | alike)


def _links(shop: Past) -> None:
    """Each message's own link; most ended long ago, and those that nobody followed are gone."""
    kept = {number for number, _, _ in shop.followed}
    recent = shop.now - timedelta(days=60)
    names = ["token_hash", "purpose", "cart_id", "reminder_id", "expires_at", "clicks"]
    names += ["first_clicked_at"]

    def rows() -> Iterator[tuple[Any, ...]]:
        for number, cart, at in shop.left:
            ends = at + timedelta(days=30)
            yield (f"{number:064x}", "stop", cart.id, number, ends, 0, None)
            if at > recent or number in kept:
                clicked = at + timedelta(minutes=9) if number in kept else None
                visits = (int(clicked is not None), clicked)
                yield (f"c{number:063x}", "cart", cart.id, number, ends, *visits)

    pour(shop.database, tables.links, names, rows(), shop.alike)
    visits = (
        (f"c{number:063x}", number, who, f"{who}{number}", at + timedelta(minutes=9))
        for number, _, at in shop.followed
        for who in ("person", "preview")
    )
    told = ("link_hash", "reminder_id", "who", "visit", "at")
    pour(shop.database, tables.clicks, told, visits, shop.alike)


def _answers(shop: Past) -> None:
    first = first_id(shop.database, tables.replies)
    said = [
        (first + place, number, cart, at + timedelta(hours=1))
        for place, (number, cart, at) in enumerate(shop.asked)
    ]
    replies = (
        (id_, f"r{id_}", number, marks(shop, cart.person)[1], f"{id_ % 5 + 1}", at)
        for id_, number, cart, at in said
    )
    names = ("id", "provider_id", "reminder_id", "sender", "text", "at")
    pour(
        shop.database, tables.replies, names, replies, shop.alike | {"account_id": shop.account_id}
    )
    reasons = (
        (cart.id, number, id_, shop.chance.choice(_ANSWERS), "none", at)
        for id_, number, cart, at in said
    )
    told = ("cart_id", "reminder_id", "reply_id", "reason", "follow", "at")
    pour(shop.database, tables.leaving_reasons, told, reasons, shop.alike)
    waiting = {marks(shop, cart.person)[1]: at for _, _, cart, at in said[-200:]}
    pauses = shop.alike | {"because": "reply"}
    pour(shop.database, tables.pauses, ("address", "at"), waiting.items(), pauses)


def _offers(shop: Past) -> None:
    names = ("cart_id", "reminder_id", "customer_key", "decided_at", "code")
    rows = (
        (cart.id, number, marks(shop, cart.person)[0], at, f"R{number}")
        for number, cart, at in shop.left[::20]
    )
    alike: dict[str, Any] = {
        "gift": "incentive",
        "stand": "made",
        "reasons": "[]",
        "kind": "percentage",
    }
    alike |= {"value": 10 * 10_000, "currency": "EUR", "days": 3, "lines": "[]", "left_out": "[]"}
    alike |= {"cost": 5 * 10_000, "attempts": 1}
    pour(shop.database, tables.offers, names, rows, shop.alike | alike)
