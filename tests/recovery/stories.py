"""Words to tell stories in tests: a shop, a cart left at a time, an order, a tick."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from recovery import accounts, handing_out, intake, planning, reminders, shops, tables
from recovery.database import Database
from recovery.letters import Letter
from recovery.model import Cart, Channel, Consent, Line, Order, Shopper, Totals
from recovery.reminders import Outcome
from recovery.secrets import Keys
from recovery.shops import ShopRow

KEYS = Keys(["a key that is only for tests"])
PHONE = "+33612345678"
EMAIL = "ana@example.com"


def a_shop(database: Database, now: datetime, **settings: Any) -> ShopRow:
    """A French shop with a sender account, its orders known as of `now`."""
    values = {
        "name": "Atelier Nord",
        "currency": "EUR",
        "country": "FR",
        "timezone": "Europe/Paris",
        "locale": "fr",
        "orders_known_until": now,
    } | settings
    address = values.pop("address", "atelier-nord.myshopify.com")
    with database.transaction() as db:
        account = accounts.keep(
            db, KEYS, "service", "vonage", "+33700000001", {"application_id": "app"}
        )
        values.setdefault("account_id", account.id)
        return shops.add(db, "shopify", address, now, **values)


def consent(phone: str, at: datetime, granted: bool = True) -> Consent:
    """A yes (or no) to texts, given at a checkout."""
    return Consent(Channel.SMS, phone, granted, "shopify checkout", at)


def a_shopper(at: datetime, agreed: bool = True, **known: Any) -> Shopper:
    """A shopper in France with a phone and an e-mail who agreed to texts."""
    values = {
        "first_name": "Anabella",
        "email": EMAIL,
        "phone": PHONE,
        "country": "FR",
        "locale": "fr",
    }
    values |= known
    words = (consent(values["phone"], at),) if agreed and values["phone"] else ()
    return Shopper(**values, consents=words)


def a_line(title: str = "Tasse", price: str = "18.00", quantity: int = 1) -> Line:
    """One line."""
    each = Decimal(price)
    return Line(title, quantity, each, each * quantity, product_key="1", variant_key="11")


def a_cart(at: datetime, key: str = "token:c1", **different: Any) -> Cart:
    """A cart of one line, last changed at `at`."""
    values: dict[str, Any] = {
        "key": key,
        "currency": "EUR",
        "totals": Totals(Decimal("18.00")),
        "lines": (a_line(),),
        "shopper": different.pop("shopper", None) or a_shopper(at),
        "created_at": at,
        "changed_at": at,
        "sees": "webhook",
        "way_back": "https://atelier-nord.example/recover/c1",
    }
    return Cart(**(values | different))


def an_order(at: datetime, key: str = "o1", **different: Any) -> Order:
    """An order placed at `at` by the same person as `a_cart`, with no key of a cart."""
    values: dict[str, Any] = {
        "key": key,
        "currency": "EUR",
        "totals": Totals(Decimal("18.00")),
        "lines": (a_line(),),
        "shopper": different.pop("shopper", None) or a_shopper(at, agreed=False),
        "placed_at": at,
        "changed_at": at,
        "paid": True,
    }
    return Order(**(values | different))


def record(database: Database, shop: ShopRow, *seen: Any, now: datetime) -> None:
    """Let it come in by the one door."""
    database.run(lambda db: intake.record(db, [(shop, each) for each in seen], now))


def know_orders(database: Database, shop: ShopRow, until: datetime) -> None:
    """As if a poll of orders had just ended."""
    with database.transaction() as db:
        change = tables.shops.update().where(tables.shops.c.id == shop.id)
        db.execute(change.values(orders_known_until=until))


def tick(database: Database, now: datetime) -> list[Letter]:
    """What the clock and a worker do at `now`, up to the moment before the send."""
    database.run(lambda db: planning.abandon_idle(db, now))
    batches = database.run(lambda db: handing_out.hand_out(db, now))
    letters: list[Letter] = []
    for batch in batches:
        letters += claim(database, batch.account_id, batch.reminder_ids, now)
    return letters


def claim(database: Database, account_id: int, ids: Any, now: datetime) -> list[Letter]:
    """Claim and examine, in their two transactions."""
    claimed = database.run(lambda db: reminders.claim(db, account_id, list(ids), now))
    if claimed is None:
        return []
    return database.run(lambda db: reminders.examine(db, claimed, "https://r.example", now))


def accept(database: Database, letters: list[Letter], now: datetime) -> None:
    """The provider took all of them."""
    outcomes = [
        Outcome(letter.reminder_id, "accept", now, f"p{letter.reminder_id}") for letter in letters
    ]
    database.run(lambda db: reminders.settle(db, outcomes, now))


def rows(database: Database, table: Any, *columns: str) -> list[Any]:
    """All rows of a table, by id where it has one."""
    with database.reading() as db:
        return _rows(db, table, columns)


def _rows(db: Connection, table: Any, columns: tuple[str, ...]) -> list[Any]:
    wanted = [table.c[name] for name in columns] or [table]
    return list(db.execute(select(*wanted).order_by(*table.primary_key.columns)))


def the_reminder(database: Database) -> Any:
    """The only reminder there is."""
    found = rows(database, tables.reminders)
    assert len(found) == 1
    return found[0]


MINUTES = timedelta(minutes=1)
