"""A stop outlives its person's erasing as a mark: it holds, names nobody, and can be lifted."""

from __future__ import annotations

from datetime import timedelta

from recovery import consent, receipts, stop_marks, tables
from recovery.database import Database
from recovery.model import PrivacyRequest
from recovery.reasons import Reason, read
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.stop_stories import stands
from tests.recovery.stories import (
    EMAIL,
    PHONE,
    a_cart,
    a_shop,
    a_shopper,
    know_orders,
    record,
    rows,
    tick,
)


def erased(database: Database, clock: SetClock) -> ShopRow:
    """Ana left a cart, said STOP, and was erased."""
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock(), shopper=a_shopper(clock())), now=clock())
    database.run(lambda db: receipts.stop_at_shop(db, shop.id, PHONE, "reply", clock()))
    record(database, shop, PrivacyRequest("erase", a_shopper(clock())), now=clock())
    return shop


def test_who_returns_after_an_erasing_is_still_not_texted(
    database: Database, clock: SetClock
) -> None:
    shop = erased(database, clock)
    later = clock.forward(days=2)
    record(database, shop, a_cart(later, key="token:again", shopper=a_shopper(later)), now=later)
    tick(database, clock.forward(minutes=31))
    know_orders(database, shop, clock.forward(minutes=30))
    assert tick(database, clock()) == []
    again = rows(database, tables.reminders)[-1]
    assert read(again.reasons) == [Reason.STOPPED]
    assert stands(database, shop, PHONE)
    assert not stands(database, shop, EMAIL, "email")


def test_a_mark_holds_at_its_own_shop_and_channel_alone(
    database: Database, clock: SetClock
) -> None:
    shop = erased(database, clock)
    other = a_shop(database, clock(), address="atelier-sud.myshopify.com")
    assert stands(database, shop, PHONE)
    assert not stands(database, other, PHONE)
    assert not stands(database, shop, PHONE, "email")
    assert not stands(database, shop, "+33612345677")
    (mark,) = rows(database, tables.stop_marks)
    assert mark.mark != stop_marks.mark_of(other.draw_key, "sms", PHONE)


def test_start_lifts_a_stop_that_was_kept_as_a_mark(database: Database, clock: SetClock) -> None:
    shop = erased(database, clock)
    later = clock.forward(days=2)
    database.run(lambda db: consent.lift(db, shop.id, "sms", PHONE, later, later))
    assert not stands(database, shop, PHONE)
    assert rows(database, tables.stop_marks) == []


def test_a_start_said_before_the_stop_lifts_nothing(database: Database, clock: SetClock) -> None:
    shop = erased(database, clock)
    before = clock() - timedelta(days=1)
    database.run(lambda db: consent.lift(db, shop.id, "sms", PHONE, before, clock()))
    assert stands(database, shop, PHONE)


def test_a_lifted_stop_leaves_no_mark(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock(), shopper=a_shopper(clock())), now=clock())
    database.run(lambda db: receipts.stop_at_shop(db, shop.id, PHONE, "reply", clock()))
    later = clock.forward(days=1)
    database.run(lambda db: consent.lift(db, shop.id, "sms", PHONE, later, later))
    record(database, shop, PrivacyRequest("erase", a_shopper(clock())), now=clock())
    assert rows(database, tables.stop_marks) == rows(database, tables.suppressions) == []
