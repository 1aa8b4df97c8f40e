"""What providers tell afterwards: late, twice, out of order; on both databases."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from recovery import accounts, receipts, reminders, tables
from recovery.database import Database
from recovery.letters import Letter
from recovery.model import Money, Receipt
from recovery.reminders import Outcome
from tests.conftest import SetClock
from tests.recovery.stories import (
    KEYS,
    a_cart,
    a_shop,
    accept,
    know_orders,
    record,
    rows,
    the_reminder,
    tick,
)


def a_letter(database: Database, clock: SetClock) -> Letter:
    """One reminder, claimed and examined, ready to leave."""
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock()), now=clock())
    tick(database, clock.forward(minutes=31))
    know_orders(database, shop, clock.forward(minutes=30))
    return tick(database, clock())[0]


def tell(
    database: Database, state: str, at: datetime, letter: Letter | None = None, **more: object
) -> bool:
    """A receipt comes in; by its reference when `letter` is given, else by the provider's id."""
    reference = None if letter is None else str(letter.reminder_id)
    name = more.pop("account", "service")
    receipt = Receipt(str(more.pop("provider_id", "p1")), state, at, reference, **more)

    def work(db: object) -> bool:
        account = accounts.by_name(db, str(name))
        assert account is not None
        return receipts.record_receipt(db, account, receipt, at)

    return database.run(work)


def settle(database: Database, letter: Letter, event: str, at: datetime) -> None:
    provider_id = "p1" if event == "accept" else None
    outcome = Outcome(letter.reminder_id, event, at, provider_id, retry_at=at)
    database.run(lambda db: reminders.settle(db, [outcome], at))


@pytest.mark.parametrize(
    ("told", "end"),
    [
        (["delivered"], "delivered"),
        (["undelivered"], "undelivered"),
        (["delivered", "sent"], "delivered"),
        (["delivered", "undelivered"], "delivered"),
        (["sent", "delivered", "delivered"], "delivered"),
        (["undelivered", "sent"], "undelivered"),
        (["undelivered", "delivered"], "delivered"),
    ],
)
def test_receipts_out_of_order_or_twice_never_move_backwards(
    database: Database, clock: SetClock, told: list[str], end: str
) -> None:
    letter = a_letter(database, clock)
    settle(database, letter, "accept", clock())
    for state in told:
        assert tell(database, state, clock.forward(seconds=1), letter)
    assert the_reminder(database).state == end


def test_a_receipt_faster_than_the_settling_is_not_overwritten(
    database: Database, clock: SetClock
) -> None:
    letter = a_letter(database, clock)
    tell(database, "delivered", clock(), letter)
    settle(database, letter, "accept", clock.forward(seconds=1))
    assert the_reminder(database).state == "delivered"


@pytest.mark.parametrize("state", ["sent", "delivered", "undelivered"])
def test_a_receipt_heals_what_is_unconfirmed(
    database: Database, clock: SetClock, state: str
) -> None:
    letter = a_letter(database, clock)
    settle(database, letter, "lose_track", clock())
    assert the_reminder(database).state == "unconfirmed"
    tell(database, state, clock.forward(minutes=1), letter, provider_id="p7")
    assert (the_reminder(database).state, the_reminder(database).provider_id) == (state, "p7")


def test_a_reminder_that_was_refused_is_never_shown_as_sent(
    database: Database, clock: SetClock
) -> None:
    letter = a_letter(database, clock)
    settle(database, letter, "refuse", clock())
    tell(database, "delivered", clock(), letter)
    assert the_reminder(database).state == "failed"


def test_without_a_reference_the_providers_id_finds_the_reminder(
    database: Database, clock: SetClock
) -> None:
    letter = a_letter(database, clock)
    accept(database, [letter], clock())
    assert tell(database, "delivered", clock(), provider_id=f"p{letter.reminder_id}")
    assert the_reminder(database).state == "delivered"


def test_a_receipt_of_another_account_moves_nothing(database: Database, clock: SetClock) -> None:
    letter = a_letter(database, clock)
    settle(database, letter, "accept", clock())
    with database.transaction() as db:
        accounts.keep(db, KEYS, "strange", "vonage", "+33700000009", {})
    assert not tell(database, "delivered", clock(), letter, account="strange")
    assert the_reminder(database).state == "sent"


def test_a_reference_beside_another_providers_id_moves_nothing(
    database: Database, clock: SetClock
) -> None:
    letter = a_letter(database, clock)
    settle(database, letter, "accept", clock())
    # Another installation under the same account has a reminder of the same number.
    price = Money(Decimal("0.07"), "EUR")
    assert not tell(database, "delivered", clock(), letter, provider_id="theirs", price=price)
    row = rows(database, tables.reminders)[0]
    assert (row.state, row.provider_id, row.price) == ("sent", "p1", None)


@pytest.mark.parametrize("state", ["scheduled", "skipped", "failed"])
def test_a_reference_to_what_never_left_moves_nothing(
    database: Database, clock: SetClock, state: str
) -> None:
    letter = a_letter(database, clock)
    settle(database, letter, "postpone" if state == "scheduled" else "refuse", clock())
    if state == "skipped":
        change = tables.reminders.update().values(state=state)
        database.run(lambda db: db.execute(change))
    before = rows(database, tables.reminders)
    price = Money(Decimal("0.07"), "EUR")
    for told in ("sent", "delivered", "undelivered"):
        assert not tell(database, told, clock(), letter, provider_id="theirs", price=price)
    assert rows(database, tables.reminders) == before
    assert before[0].state == state


def test_a_foreign_reference_does_not_hide_the_reminder_of_the_providers_id(
    database: Database, clock: SetClock
) -> None:
    letter = a_letter(database, clock)
    settle(database, letter, "accept", clock())
    receipt = Receipt("p1", "delivered", clock(), str(letter.reminder_id + 1))
    account = rows(database, tables.accounts)[0]
    assert database.run(lambda db: receipts.record_receipt(db, account, receipt, clock()))
    assert the_reminder(database).state == "delivered"


def test_a_receipt_with_an_overlong_id_still_heals_by_its_reference(
    database: Database, clock: SetClock
) -> None:
    letter = a_letter(database, clock)
    settle(database, letter, "lose_track", clock())
    for state in ("sent", "delivered"):
        assert tell(database, state, clock(), letter, provider_id="p" * 300)
    assert the_reminder(database).state == "delivered"


@pytest.mark.parametrize("reference", ["", "no number", "9" * 40, "-1", "²"])
def test_a_receipt_with_a_strange_reference_is_not_ours(
    database: Database, clock: SetClock, reference: str
) -> None:
    a_letter(database, clock)
    receipt = Receipt("unknown", "delivered", clock(), reference)

    def work(db: object) -> bool:
        account = accounts.by_name(db, "service")
        assert account is not None
        return receipts.record_receipt(db, account, receipt, clock())

    assert not database.run(work)


def test_the_price_is_kept_exactly(database: Database, clock: SetClock) -> None:
    letter = a_letter(database, clock)
    settle(database, letter, "accept", clock())
    tell(database, "delivered", clock(), letter, price=Money(Decimal("0.0687"), "EUR"))
    row = rows(database, tables.reminders)[0]
    assert (row.price, row.price_currency) == (Decimal("0.0687"), "EUR")
