"""What offers may cost in a month, also when two are decided at once, on both databases."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from recovery import offer_past, offer_rows
from recovery.database import Database
from recovery.model import Channel
from recovery.offer_rows import NOTHING, Wait
from recovery.offer_words import Why
from recovery.programme_form import Delay, Step
from tests.conftest import SetClock
from tests.recovery.offer_stories import TEN, Till


@pytest.fixture
def till(database: Database, clock: SetClock) -> Till:
    return Till(database, clock)


def reasons(row: Any) -> list[str]:
    found: list[str] = json.loads(row.reasons)
    return found


def test_the_months_budget_counts_what_lives_and_what_was_used_and_no_more(till: Till) -> None:
    till.set_policy('{"currency": "EUR", "budget": "12"}')
    first = till.left_cart(key="token:c1")
    till.promised(first)  # 10 % of 60: 6
    second = till.left_cart(key="token:c2", email="b@example.com", phone="+33622222222")
    till.promised(second)
    third = till.left_cart(key="token:c3", email="c@example.com", phone="+33633333333")
    assert till.ask(third, 2) == NOTHING
    assert Why.BUDGET in reasons(till.offer())
    till.clock.forward(days=5)
    till.sweep()  # both ended unused: nothing is spent
    fourth = till.left_cart(key="token:c4", email="d@example.com", phone="+33644444444")
    assert isinstance(till.ask(fourth, 2), Wait)


def test_another_month_has_a_budget_of_its_own_in_the_shops_zone() -> None:
    late = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    assert offer_past.month_start(late, "Europe/Paris") == datetime(2026, 11, 30, 23, tzinfo=UTC)
    assert offer_past.month_start(late, None) == datetime(2026, 11, 1, tzinfo=UTC)
    assert offer_past.month_start(late, "Nowhere/Land") == datetime(2026, 11, 1, tzinfo=UTC)


def test_two_reminders_looked_at_at_once_do_not_both_spend_what_is_left(till: Till) -> None:
    till.set_policy('{"currency": "EUR", "budget": "10"}')
    carts = [
        till.left_cart(key=f"token:c{at}", email=f"{at}@example.com", phone=f"+3361111111{at}")
        for at in (1, 2)
    ]
    ready = threading.Barrier(2, timeout=20)

    def look(cart: Any) -> None:
        reminder = till.reminder(cart, 2)
        form = Step(number=2, channel=Channel.SMS, delay=Delay(0), incentive=TEN)
        shop = till.fresh_shop()
        ready.wait()
        till.database.run(
            lambda db: offer_rows.for_step(db, cart, shop, reminder.id, form, till.clock())
        )

    threads = [threading.Thread(target=look, args=(cart,)) for cart in carts]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    assert sorted(till.stands) == ["none", "wanted"]


def test_a_decision_waits_for_one_that_is_not_committed_yet(till: Till) -> None:
    """The race, played by hand: the second looks while the first has decided, not committed."""
    till.set_policy('{"currency": "EUR", "budget": "10"}')
    first = till.left_cart(key="token:c1", email="1@example.com", phone="+33611111111")
    second = till.left_cart(key="token:c2", email="2@example.com", phone="+33611111112")
    form = Step(number=2, channel=Channel.SMS, delay=Delay(0), incentive=TEN)
    shop, ids = till.fresh_shop(), [till.reminder(each, 2).id for each in (first, second)]

    def other() -> None:
        till.database.run(
            lambda db: offer_rows.for_step(db, second, shop, ids[1], form, till.clock())
        )

    with till.database.transaction() as db:
        offer_rows.for_step(db, first, shop, ids[0], form, till.clock())
        thread = threading.Thread(target=other)
        thread.start()
        while thread.is_alive() and not till.database.is_sqlite and not _waits_for_a_lock(till):
            thread.join(0.02)
    thread.join(30)
    assert till.stands == ["wanted", "none"]
    assert Why.BUDGET in reasons(till.offer())


def _waits_for_a_lock(till: Till) -> bool:
    with till.database.reading() as db:
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(db.execute(waiting).scalar_one())


def test_what_was_never_had_does_not_count_in_what_one_person_may_have(till: Till) -> None:
    till.set_policy('{"person_offers": 1}')
    cart = till.left_cart()
    till.ask(cart, 2)
    till.claim(till.offer().id)
    till.say_no(till.offer().id, "no codes today")
    assert till.ask(cart, 2) == NOTHING
    till.clock.forward(days=1)
    other = till.left_cart(key="token:c2")
    assert isinstance(till.ask(other, 2), Wait)
