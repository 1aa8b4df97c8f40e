"""The credit of a sender account is asked once an hour, and told before it ends."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update

from connectors.protocols import Busy, NoAnswer, Refused
from recovery import credits, tables
from recovery.database import Database
from recovery.model import Credit
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.stories import a_cart, a_shop, record, rows
from tests.worker.conftest import Outside, Provider
from worker import credit
from worker.tools import Tools


class Telling(Provider):
    """A provider whose account can be asked how much is left."""

    def __init__(self, left: Credit | Exception | None) -> None:
        super().__init__()
        self.left, self.asked = left, 0

    def credit(self) -> Credit | None:
        self.asked += 1
        if isinstance(self.left, Exception):
            raise self.left
        return self.left


def euros(amount: str) -> Credit:
    return Credit(Decimal(amount), "EUR")


def told(database: Database) -> list[str]:
    return [row.subject for row in rows(database, tables.notices) if row.over_at is None]


@pytest.fixture
def shop(database: Database, clock: SetClock) -> ShopRow:
    return a_shop(database, clock())


def look(tools: Tools, outside: Outside, shop: ShopRow, left: Any) -> Telling:
    outside.provider = telling = Telling(left)
    tools._messengers.clear()
    credit.look(tools, shop)
    return telling


def test_low_credit_is_told_and_a_top_up_ends_it(
    tools: Tools, outside: Outside, shop: ShopRow, clock: SetClock
) -> None:
    subject = f"account.{shop.account_id}.credit"
    look(tools, outside, shop, euros("1"))
    assert told(tools.database) == [subject]
    clock.forward(hours=1)
    look(tools, outside, shop, euros("50"))
    assert told(tools.database) == []


def test_it_is_asked_once_an_hour(
    tools: Tools, outside: Outside, shop: ShopRow, clock: SetClock
) -> None:
    for asked, minutes in ((1, 0), (0, 5), (1, 60)):
        clock.forward(minutes=minutes)
        assert look(tools, outside, shop, euros("50")).asked == asked


def test_the_pace_of_the_last_week_counts_in_the_same_currency(
    tools: Tools, outside: Outside, shop: ShopRow, clock: SetClock
) -> None:
    database = tools.database
    record(database, shop, a_cart(clock()), now=clock())
    sent = {"sent_at": clock(), "price": Decimal(70), "price_currency": "EUR"}
    sent |= {"account_id": shop.account_id}
    row = {"shop_id": shop.id, "programme": "cart", "step": 1, "channel": "sms", "arm": "control"}
    row |= {"state": "delivered", "due_at": clock(), "latest_at": clock(), "created_at": clock()}
    database.run(lambda db: db.execute(tables.reminders.insert().values(**row, **sent)))
    look(tools, outside, shop, euros("29.99"))
    assert told(database) == [f"account.{shop.account_id}.credit"]
    clock.forward(hours=1)
    database.run(lambda db: db.execute(update(tables.reminders).values(price_currency="USD")))
    look(tools, outside, shop, euros("29.99"))
    assert told(database) == []
    database.run(lambda db: db.execute(update(tables.reminders).values(price_currency="EUR")))
    clock.forward(days=7)
    with database.reading() as db:
        assert credits.spent(db, shop.account_id or 0, "EUR", clock() - credits.WEEK) == 0


@pytest.mark.parametrize("failure", [Busy("later"), NoAnswer("nothing")])
def test_no_answer_says_nothing(
    tools: Tools, outside: Outside, shop: ShopRow, failure: Exception
) -> None:
    look(tools, outside, shop, failure)
    assert told(tools.database) == []


def test_a_key_that_is_not_taken_is_told_until_it_is(
    tools: Tools, outside: Outside, shop: ShopRow, clock: SetClock
) -> None:
    look(tools, outside, shop, Refused("Vonage does not accept the API key and secret"))
    assert told(tools.database) == [f"account.{shop.account_id}.key"]
    clock.forward(hours=1)
    look(tools, outside, shop, euros("50"))
    assert told(tools.database) == []


def test_who_cannot_tell_is_not_asked(tools: Tools, outside: Outside, shop: ShopRow) -> None:
    look(tools, outside, shop, None)
    assert told(tools.database) == []
    credit.look(tools, shop)  # a Provider without `credit`
    assert timedelta(hours=1) == credit.EVERY
