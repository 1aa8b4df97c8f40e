"""What made-up shoppers do: leave a cart, follow a link, answer, order."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy import select

from connectors.sandbox.goods import CURRENCY, SHELF
from demo import counter
from demo.people import Person
from recovery import accounts, clicks, intake, receipts, tables
from recovery.clicks import Who
from recovery.database import Database
from recovery.letters import Letter
from recovery.model import (
    Cart,
    Channel,
    Consent,
    Line,
    Order,
    Receipt,
    Reply,
    Shopper,
    Totals,
)
from recovery.shops import ShopRow

_TOKEN = re.compile(r"/r/([\w-]{12,24})")
_SOURCE = "sandbox checkout"
_AGENT = "Mozilla/5.0 AppleWebKit/605.1.15"
#: Why a cart is left, by the digit of the question, and how often; then shipping gets cheaper.
_WHY = {"1": 44, "2": 12, "3": 18, "4": 14, "5": 12}
_WHY_SINCE = {"1": 14, "2": 16, "3": 28, "4": 24, "5": 18}
_IN_WORDS = (
    "Bonjour, est-ce que la lampe existe en bleu ?",
    "Do you ship to Belgium before Friday?",
    "La taille M est-elle de retour bientôt ?",
    "Merci, je passerai en boutique samedi",
)

Act = Callable[[datetime], None]


@dataclass
class Scene:
    """What everybody plays on."""

    database: Database
    shop: ShopRow
    chance: Random
    ends: datetime
    cheaper_since: datetime  # shipping, which the merchant marks
    now: datetime
    next_tick: datetime | None = None
    #: Who left which cart, by its key.
    left: dict[str, tuple[Person, Cart]] = field(default_factory=dict)
    ordered: set[str] = field(default_factory=set)
    numbers: Any = field(default_factory=lambda: itertools.count(1001))

    def record(self, seen: Any, at: datetime) -> None:
        """Let it come in by the one door."""
        self.database.run(lambda db: intake.record(db, [(self.shop, seen)], at))


def leaves_a_cart(scene: Scene, who: Person, at: datetime) -> Cart:
    """A cart at the checkout, with contact and ticks."""
    lines = _basket(scene)
    number = next(scene.numbers)
    cart = Cart(
        key=f"token:demo-{number}",
        currency=CURRENCY,
        totals=Totals(sum((line.total for line in lines), Decimal(0))),
        lines=lines,
        shopper=_shopper(who, at, with_words=True),
        created_at=at - timedelta(minutes=scene.chance.randrange(2, 15)),
        changed_at=at,
        sees="webhook",
        name=f"#D{number}",
        way_back=f"{scene.shop.address}/cart/demo-{number}",
    )
    scene.left[cart.key] = (who, cart)
    scene.record(cart, at)
    return cart


def orders(scene: Scene, who: Person, cart: Cart, at: datetime) -> None:
    """The cart is ordered, once."""
    if cart.key in scene.ordered:
        return
    scene.ordered.add(cart.key)
    scene.record(_order(scene, cart.lines, _shopper(who, at), at, (cart.key,)), at)


def orders_at_once(scene: Scene, at: datetime) -> None:
    """An order of somebody who left nothing: the rest of the shop's revenue."""
    number = next(scene.numbers)
    known = Shopper(email=f"visitor.{number}@example.com", country="FR", locale="fr")
    scene.record(_order(scene, _basket(scene), known, at, ()), at)


def what_follows(scene: Scene, letter: Letter) -> Iterator[tuple[timedelta, Act]]:
    """What comes of a message: a receipt, a visit and perhaps an order, an answer."""
    chance, message = scene.chance, letter.message
    is_text = message.channel is Channel.SMS
    if is_text:
        arrives = chance.random()
        state = "delivered" if arrives < 0.94 else "undelivered" if arrives < 0.98 else ""
        if state:
            yield timedelta(seconds=20), lambda at: _receipt(scene, letter, state, at)
        if state == "undelivered":
            return
    found = scene.left.get(_key_of(scene, letter.reminder_id))
    if found is None:
        return
    who, cart = found
    if chance.random() < who.follows * (1.0 if is_text else 0.6):
        delay = timedelta(minutes=2 + chance.expovariate(1 / 50))
        yield delay, lambda at: _click(scene, message, at)
        if chance.random() < 0.45:
            longer = delay + timedelta(minutes=4 + chance.expovariate(1 / 12))
            yield longer, lambda at: orders(scene, who, cart, at)
    elif is_text and who.phone is not None:
        yield from _answers(scene, message, who.phone)


def _answers(scene: Scene, message: Any, phone: str) -> Iterator[tuple[timedelta, Act]]:
    chance, said = scene.chance, ""
    lot = chance.random()
    if re.search(r"\b1\b.*\b2\b", message.text, re.DOTALL) and lot < 0.3:
        why = _WHY if scene.now < scene.cheaper_since else _WHY_SINCE
        said = chance.choices(list(why), list(why.values()))[0]
    elif lot > 0.985:
        said = "STOP"
    elif lot > 0.97:
        said = chance.choice(_IN_WORDS)
    if said:
        delay = timedelta(minutes=3 + chance.expovariate(1 / 40))
        yield delay, lambda at: writes(scene, phone, message.sender, said, at)


def _key_of(scene: Scene, reminder_id: int) -> str:
    carts, sent = tables.carts, tables.reminders
    asked = select(carts.c.key).join(sent, sent.c.cart_id == carts.c.id)
    with scene.database.reading() as db:
        return str(db.execute(asked.where(sent.c.id == reminder_id)).scalar())


def _click(scene: Scene, message: Any, at: datetime) -> None:
    written = message.text + getattr(message, "html", "")
    found = _TOKEN.search(written)
    if found is not None:
        token = found.group(1)
        visit = clicks.visit_of(scene.shop.draw_key, token, "192.0.2.1", _AGENT, at)
        scene.database.run(lambda db: clicks.note(db, token, Who.PERSON, visit, at))


def _receipt(scene: Scene, letter: Letter, state: str, at: datetime) -> None:
    number, reference = f"demo-{letter.reminder_id}", letter.message.reference
    told = Receipt(number, state, at, reference, price=counter.price_of(letter))
    scene.database.run(lambda db: receipts.record_receipt(db, _account(db, scene), told, at))


def asks_something(scene: Scene, at: datetime) -> None:
    """Somebody who got a text lately writes back, so that a conversation is open."""
    with scene.database.reading() as db:
        found = counter.last_text_of(db, scene.shop, at)
    if found is not None:
        sender, phone = found
        writes(scene, phone, sender, _IN_WORDS[0], at)


def writes(scene: Scene, phone: str, sender: str, said: str, at: datetime) -> None:
    """A shopper's text comes in."""
    reply = Reply(f"demo-{phone}-{at.timestamp():.0f}", phone[1:], sender[1:], said, at)
    scene.database.run(lambda db: receipts.record_reply(db, _account(db, scene), reply, at))


def _account(db: Any, scene: Scene) -> Any:
    return accounts.by_id(db, scene.shop.account_id or 0)


def _shopper(who: Person, at: datetime, with_words: bool = False) -> Shopper:
    words: list[Consent] = []
    if with_words and who.phone:
        words.append(Consent(Channel.SMS, who.phone, who.may_be_texted, _SOURCE, at))
    if with_words:
        words.append(Consent(Channel.EMAIL, who.email, who.may_be_mailed, _SOURCE, at))
    return Shopper(
        first_name=who.first_name,
        email=who.email,
        phone=who.phone,
        country=who.country,
        locale=who.locale,
        consents=tuple(words),
    )


def _basket(scene: Scene) -> tuple[Line, ...]:
    chance = scene.chance
    keys = chance.sample(sorted(SHELF), k=chance.choices((1, 2, 3), (55, 32, 13))[0])
    return tuple(_line(scene, key, chance.choices((1, 2), (85, 15))[0]) for key in keys)


def _line(scene: Scene, key: str, quantity: int) -> Line:
    product = SHELF[key]
    picture = f"{scene.shop.address}/static/pictures/{key}.svg"
    title, price = product.titles["fr"], product.price
    return Line(title, quantity, price, price * quantity, key, key, image=picture)


def _order(
    scene: Scene, lines: tuple[Line, ...], whose: Shopper, at: datetime, keys: tuple[str, ...]
) -> Order:
    number = next(scene.numbers)
    return Order(
        key=f"order:demo-{number}",
        name=f"#{number}",
        currency=CURRENCY,
        totals=Totals(sum((line.total for line in lines), Decimal(0))),
        lines=lines,
        shopper=whose,
        placed_at=at,
        changed_at=at,
        cart_keys=keys,
        paid=True,
    )
