"""Shops with a programme over texts and e-mails, and people who agreed to either."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from recovery import accounts, programmes, tables
from recovery.database import Database
from recovery.model import Channel, Consent, Shopper
from recovery.programme_form import Delay, Programme, Start, Step
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.stories import EMAIL, KEYS, PHONE, a_cart, a_shop, record, rows, tick

HOUR = 3600
MAIL = "hello@atelier-nord.example"


def a_shop_with_mail(database: Database, now: datetime, **settings: Any) -> ShopRow:
    """The French shop of the stories, with a mail server beside its number."""
    with database.transaction() as db:
        mail = accounts.keep(
            db, KEYS, "mail", "smtp", MAIL, {"url": "smtp://127.0.0.1"}, channel=Channel.EMAIL
        )
    return a_shop(database, now, email_account_id=mail.id, **settings)


def a_person(at: datetime, *agreed: Channel, **known: Any) -> Shopper:
    """Somebody in France with a phone and an e-mail, who agreed to those channels."""
    values = {"first_name": "Anabella", "email": EMAIL, "phone": PHONE} | known
    words = tuple(
        Consent(on, address, True, "shopify checkout", at)
        for on, address in ((Channel.SMS, values["phone"]), (Channel.EMAIL, values["email"]))
        if on in agreed and address
    )
    return Shopper(**({"country": "FR", "locale": "fr"} | values), consents=words)


BOTH = (Channel.SMS, Channel.EMAIL)


def text_else_mail(*hours: int, **more: Any) -> Programme:
    """Texts so many hours after the start, each with an e-mail to fall back to."""
    values = {"holdout": 0.0} | more
    return Programme(
        start=Start.CART,
        steps=tuple(
            Step(
                number=at,
                channel=Channel.SMS,
                delay=Delay(below=each * HOUR),
                fallback=Channel.EMAIL,
            )
            for at, each in enumerate(hours, 1)
        ),
        **values,
    )


def save(database: Database, shop: ShopRow, form: Programme, clock: SetClock) -> int:
    """Keep the programme for carts; the version's id."""
    return database.run(
        lambda db: programmes.save(db, shop.id, programmes.CART, form, "the owner", clock())
    )


def left_cart(database: Database, shop: ShopRow, clock: SetClock, **different: Any) -> None:
    """A cart is left, and half an hour later known as abandoned."""
    record(database, shop, a_cart(clock(), **different), now=clock())
    tick(database, clock.forward(minutes=31))


def by_channel(database: Database) -> dict[tuple[int, str], Any]:
    """The reminders by step and channel."""
    return {(row.step, row.channel): row for row in rows(database, tables.reminders)}


def stands(database: Database) -> Sequence[tuple[int, str, str]]:
    """Step, channel and state of all reminders."""
    found = [(row.step, row.channel, row.state) for row in rows(database, tables.reminders)]
    return sorted(found)
