"""From a cart left alone to a reminder with its time, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from recovery import planning, reasons, tables
from recovery.database import Database
from recovery.reasons import Reason
from tests.conftest import SetClock
from tests.recovery.stories import (
    MINUTES,
    a_cart,
    a_shop,
    accept,
    know_orders,
    record,
    rows,
    the_reminder,
    tick,
)


def state_of_the_cart(database: Database) -> str:
    return str(rows(database, tables.carts)[0].state)


def look(database: Database, now: datetime) -> int:
    return database.run(lambda db: planning.abandon_idle(db, now))


def test_a_cart_is_abandoned_after_the_shops_idle_time(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock(), idle_seconds=3600)
    record(database, shop, a_cart(clock()), now=clock())
    look(database, clock.forward(minutes=59))
    assert state_of_the_cart(database) == "open"
    look(database, clock.forward(minutes=1))
    assert state_of_the_cart(database) == "abandoned"
    assert the_reminder(database).due_at == clock() + 30 * MINUTES


def test_a_change_restarts_the_clock(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock()), now=clock())
    record(database, shop, a_cart(clock.forward(minutes=20)), now=clock())
    look(database, clock.forward(minutes=29))
    assert state_of_the_cart(database) == "open"
    look(database, clock.forward(minutes=1))
    assert state_of_the_cart(database) == "abandoned"


def test_a_cart_left_before_closing_is_brought_forward_to_the_last_decent_minute(
    database: Database, clock: SetClock
) -> None:
    clock.at = datetime(2026, 11, 18, 18, 40, tzinfo=UTC)  # 19:40 in Paris, closing at 20:00
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock()), now=clock())
    know_orders(database, shop, clock.forward(minutes=19))
    letters = tick(database, clock())
    assert len(letters) == 1
    assert the_reminder(database).due_at == clock()


def test_a_cart_of_the_night_waits_for_the_morning(database: Database, clock: SetClock) -> None:
    clock.at = datetime(2026, 11, 18, 22, 0, tzinfo=UTC)
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock()), now=clock())
    look(database, clock.forward(minutes=31))
    reminder = the_reminder(database)
    assert reminder.due_at == datetime(2026, 11, 19, 7, 0, tzinfo=UTC)
    assert not reminder.late


def test_nothing_leaves_on_a_sunday(database: Database, clock: SetClock) -> None:
    clock.at = datetime(2026, 11, 21, 21, 0, tzinfo=UTC)  # Saturday, 22:00 in Paris
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock()), now=clock())
    look(database, clock.forward(minutes=31))
    reminder = the_reminder(database)
    assert (reminder.due_at, reminder.late) == (datetime(2026, 11, 23, 7, 0, tzinfo=UTC), True)


def test_what_comes_back_after_a_long_outage_is_skipped_with_its_reason(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock()), now=clock())
    look(database, clock.forward(days=3))
    reminder = the_reminder(database)
    assert (reminder.state, reasons.read(reminder.reasons)) == ("skipped", [Reason.TOO_LATE])
    assert state_of_the_cart(database) == "abandoned"


def test_a_step_that_was_sent_is_never_planned_again(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock(), cap_seconds=0)
    record(database, shop, a_cart(clock()), now=clock())
    look(database, clock.forward(minutes=31))
    know_orders(database, shop, clock.forward(minutes=30))
    accept(database, tick(database, clock()), clock())
    record(database, shop, a_cart(clock.forward(minutes=1)), now=clock())
    look(database, clock.forward(minutes=31))
    know_orders(database, shop, clock.forward(minutes=31))
    assert tick(database, clock()) == []
    assert the_reminder(database).state == "sent"


def test_a_change_between_plan_and_claim_puts_the_text_off(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock()), now=clock())
    look(database, clock.forward(minutes=31))
    changed = clock.forward(minutes=29)
    record(database, shop, a_cart(changed), now=clock())
    know_orders(database, shop, clock.forward(minutes=1))
    assert tick(database, clock()) == []
    reminder = the_reminder(database)
    assert (reminder.state, reminder.due_at) == ("scheduled", changed + 60 * MINUTES)


def test_two_clocks_plan_one_reminder(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock()), now=clock())
    clock.forward(minutes=31)
    assert (look(database, clock()), look(database, clock())) == (1, 0)
    assert len(rows(database, tables.reminders)) == 1


def test_many_ripe_carts_are_looked_at_in_portions(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    carts = [a_cart(clock(), key=f"c{number}") for number in range(5)]
    record(database, shop, *carts, now=clock())
    clock.forward(minutes=31)
    looked = [database.run(lambda db: planning.abandon_idle(db, clock(), most=2)) for _ in "abcd"]
    assert looked == [2, 2, 1, 0]
    assert len(rows(database, tables.reminders)) == 5


def test_the_first_look_is_no_later_than_a_quarter_of_an_hour(clock: SetClock) -> None:
    assert planning.first_look(clock(), 1800) == clock() + 15 * MINUTES
    assert planning.first_look(clock(), 5) == clock() + timedelta(seconds=5)
