"""What is done about a request for what is held, or to forget; each leaves a receipt."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from recovery import exports, leaving_shops, notices, people, privacy, privacy_receipts
from recovery.exports import Group
from recovery.model import PrivacyRequest
from recovery.people import Marks
from recovery.privacy import Erased
from recovery.shops import ShopRow


def answer(db: Connection, shop: ShopRow, request: PrivacyRequest, now: datetime) -> None:
    """Do what a platform's request asks; an export waits on its receipt for the merchant."""
    if request.kind == "erase_shop":
        if leaving_shops.asked_to_erase(db, shop, now):
            privacy_receipts.done(db, _ask(db, shop, "erase_shop", now), now)
        return
    marks = people.marks_of(request.shopper, shop.country)
    if request.kind == "erase":
        erase(db, shop, [marks], shop.platform, now)
        return
    privacy_receipts.ask(db, shop.id, "export", shop.platform, now, marks)
    notices.tell(db, export_subject(shop.id), _WAITS, now, shop.id)


_WAITS = "A customer asks what is stored about them."


def export_subject(shop_id: int) -> str:
    """Under what a shop is told that exports wait for it."""
    return f"shop.{shop_id}.export"


def erase(
    db: Connection,
    shop: ShopRow,
    whose: list[Marks],
    came_by: str,
    now: datetime,
    member_id: int | None = None,
) -> Erased:
    """Forget a person, by all marks that name them, and leave a receipt."""
    receipt = privacy_receipts.ask(db, shop.id, "erase", came_by, now, member_id=member_id)
    addresses = privacy.addresses_of(db, shop.id, whose)
    removed = sum(privacy.erase_person(db, shop, marks, now) for marks in whose)
    erased = Erased(removed, privacy.stops_of(db, shop.id, addresses))
    privacy_receipts.done(db, receipt, now, erased.removed, erased.retained)
    _settle(db, shop.id, now)
    return erased


def hand_out(
    db: Connection,
    shop_id: int,
    whose: list[Marks],
    came_by: str,
    now: datetime,
    member_id: int | None = None,
) -> list[Group]:
    """All that is held of a person, to be given to them, and a receipt of it."""
    receipt = privacy_receipts.ask(db, shop_id, "export", came_by, now, member_id=member_id)
    privacy_receipts.done(db, receipt, now)
    return exports.of_person(db, shop_id, whose)


def fetch(db: Connection, shop_id: int, receipt_id: int, now: datetime) -> list[Group] | None:
    """The file that a receipt waits with; from then on it is done. None: it names nobody."""
    found = privacy_receipts.by_id(db, shop_id, receipt_id)
    if found is None or not found.names_somebody:
        return None
    whose = privacy.known_by(db, shop_id, found.marks)
    groups = exports.of_person(db, shop_id, whose)
    privacy_receipts.done(db, receipt_id, now)
    _settle(db, shop_id, now)
    return groups


def _settle(db: Connection, shop_id: int, now: datetime) -> None:
    if not privacy_receipts.is_one_waiting(db, shop_id):
        notices.settle(db, export_subject(shop_id), now)


def _ask(db: Connection, shop: ShopRow, kind: str, now: datetime) -> int:
    return privacy_receipts.ask(db, shop.id, kind, shop.platform, now)
