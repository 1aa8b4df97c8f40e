"""What the messages of the last calendar month cost, by country."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from recovery import month_costs
from recovery.database import Database
from recovery.month_costs import Cost
from recovery.shops import ShopRow
from tests.recovery.report_stories import left, reminded
from tests.recovery.stories import a_shop, a_shopper

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
OCTOBER = datetime(2026, 10, 10, 12, 0, tzinfo=UTC)
FRANCE, GERMANY, CANADA, JERSEY = "+33612345678", "+4915112345678", "+14165550123", "+447797123456"


@pytest.fixture
def shop(database: Database) -> ShopRow:
    return a_shop(database, OCTOBER)


def sent(database: Database, shop: ShopRow, recipient: str | None, **more: object) -> int:
    """A message of October, about a cart of its own."""
    at = more.pop("at", OCTOBER)
    assert isinstance(at, datetime)
    key, country = f"token:{recipient}{sorted(more)}{at}{more}", str(more.pop("country", "FR"))
    cart = left(database, shop, at, key, a_shopper(at, country=country))
    euros = {"price": Decimal("0.0451"), "price_currency": "EUR", "parts": 1}
    return reminded(database, shop, cart, at, **euros | {"recipient": recipient} | more)


def last_month(database: Database, shop: ShopRow) -> month_costs.Month:
    return database.run(lambda db: month_costs.last_month(db, shop, NOW))


def test_texts_are_summed_by_the_country_of_their_number(database: Database, shop: ShopRow) -> None:
    sent(database, shop, FRANCE)
    sent(database, shop, "+33698765432", parts=3, price=Decimal("0.1353"))
    sent(database, shop, GERMANY, country="FR")
    sent(database, shop, CANADA, price=Decimal("0.01"), price_currency="USD")
    sent(database, shop, JERSEY)
    found = last_month(database, shop)
    assert found.texts == {
        "FR": Cost(2, 4, 0, {"EUR": Decimal("0.1804")}),
        "DE": Cost(1, 1, 0, {"EUR": Decimal("0.0451")}),
        "CA": Cost(1, 1, 0, {"USD": Decimal("0.01")}),
        "JE": Cost(1, 1, 0, {"EUR": Decimal("0.0451")}),
    }


def test_the_month_is_the_shops_own(database: Database, shop: ShopRow) -> None:
    """In Paris October begins on 30 September at 22:00 UTC, and ends with an hour of winter."""
    sent(database, shop, FRANCE, at=datetime(2026, 9, 30, 21, 59, tzinfo=UTC))
    sent(database, shop, FRANCE, at=datetime(2026, 9, 30, 22, 0, tzinfo=UTC))
    sent(database, shop, FRANCE, at=datetime(2026, 10, 31, 22, 59, tzinfo=UTC))
    sent(database, shop, FRANCE, at=datetime(2026, 10, 31, 23, 0, tzinfo=UTC))
    found = last_month(database, shop)
    assert found.since == datetime(2026, 9, 30, 22, 0, tzinfo=UTC)
    assert found.texts["FR"].messages == 2


def test_what_has_no_price_is_counted_and_in_no_sum(database: Database, shop: ShopRow) -> None:
    sent(database, shop, FRANCE)
    sent(database, shop, "+33612345679", price=None, price_currency=None, parts=None)
    sent(database, shop, "+33612345670", sent_at=None, state="skipped")
    found = last_month(database, shop)
    assert found.texts == {"FR": Cost(2, 2, 1, {"EUR": Decimal("0.0451")})}


def test_who_was_erased_leaves_the_country_of_the_cart(database: Database, shop: ShopRow) -> None:
    sent(database, shop, None, country="BE")
    assert last_month(database, shop).texts["BE"].messages == 1


def test_emails_are_counted_alone_and_no_other_shop_at_all(
    database: Database, shop: ShopRow
) -> None:
    sent(database, shop, "ana@example.com", channel="email", price=None, price_currency=None)
    other = a_shop(database, OCTOBER, address="other.example")
    sent(database, other, FRANCE)
    found = last_month(database, shop)
    assert (found.texts, found.emails) == ({}, 1)
