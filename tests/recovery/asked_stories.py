"""Words to tell stories of texts that shoppers ask for."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from recovery import accounts, handing_out, intake, planning, reasons, receipts, tables
from recovery.database import Database
from recovery.letters import Letter
from recovery.model import (
    Money,
    ParcelNews,
    Product,
    Reply,
    RequestKind,
    Shopper,
    Stage,
    TextRequest,
    Variant,
)
from recovery.reasons import Reason
from recovery.shops import ShopRow
from tests.recovery.stories import PHONE, claim, rows

ALL_STAGES = "confirmed,shipped,out_for_delivery,refunded"
TRACKING = "https://post.example/track?id=6A12345678901"
SENDER = "+33700000001"


def a_request(kind: RequestKind, at: datetime, **different: Any) -> TextRequest:
    """What a shopper in France asks for in the shop's box."""
    values: dict[str, Any] = {
        "kind": kind,
        "phone": "06 12 34 56 78",
        "at": at,
        "words": "Text me",
        "source": "plugin",
        "country": "FR",
        "locale": "fr",
    }
    return TextRequest(**(values | different))


def order_news(at: datetime, **different: Any) -> TextRequest:
    """Somebody wants to hear of their order."""
    return a_request(RequestKind.ORDER_NEWS, at, **different)


def a_watch(at: datetime, kind: RequestKind = RequestKind.BACK_IN_STOCK, **more: Any) -> Any:
    """Somebody waits for product 7, which cost 20 when they asked."""
    values: dict[str, Any] = {"product_key": "7", "price": Money(Decimal(20), "EUR")} | more
    return a_request(kind, at, **values)


def a_product(at: datetime, in_stock: bool | None, price: str = "20", **more: Any) -> Product:
    """Product 7 as the shop shows it."""
    values: dict[str, Any] = {
        "key": "7",
        "title": "Tasse bleue",
        "changed_at": at,
        "address": "https://nord.example/produit/tasse-bleue",
        "price": Decimal(price),
        "currency": "EUR",
        "in_stock": in_stock,
    }
    return Product(**(values | more))


def a_variant(key: str, in_stock: bool | None, price: str = "20") -> Variant:
    """One choice of product 7."""
    return Variant(key, f"taille {key}", Decimal(price), in_stock)


def a_parcel(at: datetime, stage: Stage = Stage.SHIPPED, **different: Any) -> ParcelNews:
    """The parcel of order o1."""
    values: dict[str, Any] = {
        "key": "p1",
        "order_key": "o1",
        "stage": stage,
        "at": at,
        "tracking_address": TRACKING,
    }
    return ParcelNews(**(values | different))


def tick(database: Database, now: datetime) -> list[Letter]:
    """What the clock and a worker do at `now`, up to the moment before the send."""
    database.run(lambda db: planning.abandon_idle(db, now))
    letters: list[Letter] = []
    for batch in database.run(lambda db: handing_out.hand_out(db, now)):
        letters += claim(database, batch.account_id, batch.reminder_ids, now)
    return letters


def reply(database: Database, text: str, at: datetime, phone: str = PHONE) -> None:
    """A text from the shopper to the shop's number."""

    def work(db: Any) -> None:
        account = accounts.by_name(db, "service")
        assert account is not None
        said = Reply(f"r{at.isoformat()}{text}", phone.lstrip("+"), SENDER.lstrip("+"), text, at)
        receipts.record_reply(db, account, said, at)

    database.run(work)


def set_shop(database: Database, **values: Any) -> None:
    """What a merchant sets."""
    with database.transaction() as db:
        db.execute(tables.shops.update().values(**values))


def reasons_of(database: Database) -> list[tuple[str, str, list[Reason]]]:
    """Of each reminder: its programme or stage, its state, and why."""
    return [
        (
            row.subject.rpartition(":")[2] if row.programme == "order" else row.programme,
            row.state,
            reasons.read(row.reasons),
        )
        for row in rows(database, tables.reminders)
    ]


def record_all(database: Database, shop: ShopRow, *seen: Any, now: datetime) -> None:
    """Let several things come in by the one door, together."""
    database.run(lambda db: intake.record(db, [(shop, each) for each in seen], now))


def nobody() -> Shopper:
    """A shopper who left nothing."""
    return Shopper()
