"""Decisions about offers as rows, on both databases."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from recovery import offer_rows, states, tables, unsent_offers
from recovery.database import Database
from recovery.fresh_codes import LETTERS, LONGEST, new_code
from recovery.model import Coupon
from recovery.offer_facts import Gift
from recovery.offer_rows import NOTHING, Promised, Wait
from recovery.offer_words import Why
from recovery.programme_form import Incentive
from tests.conftest import SetClock
from tests.recovery.offer_stories import Till
from tests.recovery.stories import rows

TWENTY = Incentive(kind="percent", value=Decimal(20))
WAITS = Incentive(kind="percent", value=Decimal(10), unless_made="wait")


@pytest.fixture
def till(database: Database, clock: SetClock) -> Till:
    return Till(database, clock)


def reasons(row: Any) -> list[str]:
    found: list[str] = json.loads(row.reasons)
    return found


def test_a_step_without_an_incentive_asks_nothing_and_keeps_nothing(till: Till) -> None:
    assert till.ask(till.left_cart(), 2, None) == NOTHING
    assert till.stands == []


def test_a_prospects_second_step_waits_for_its_code_and_names_it_as_read_back(till: Till) -> None:
    cart = till.left_cart()
    assert till.ask(cart, 1) == NOTHING
    assert reasons(till.offer()) == [Why.PROSPECT, Why.TOO_SOON]
    first = till.ask(cart, 2)
    assert first == Wait(till.clock() + timedelta(seconds=15))
    (coupon,) = till.make()
    told = till.ask(cart, 2)
    assert isinstance(told, Promised)
    assert (told.code, told.ends_at, told.terms.ends_at) == (coupon.code, *[coupon.ends_at] * 2)
    assert told.terms.value == 10
    assert told.zone == "Europe/Paris"
    reminder = till.reminder(cart, 2)
    assert reminder.offer_id == told.offer_id == till.offer().id
    assert till.stands == ["none", "made"]


def test_each_reminder_is_decided_once(till: Till) -> None:
    cart = till.left_cart()
    till.ask(cart, 1)
    till.set_policy('{"first_step_now": 1}')
    assert till.ask(cart, 1) == NOTHING
    assert len(till.stands) == 1


def test_the_end_that_the_shop_made_is_the_one_that_is_told(till: Till) -> None:
    cart = till.left_cart()
    till.ask(cart, 2)
    asked = till.claim(till.offer().id)
    sooner = asked.offer.ends_at - timedelta(hours=6)
    till.say_made(asked.offer_id, _coupon(asked.offer.code.lower(), sooner))
    told = till.ask(cart, 2)
    assert isinstance(told, Promised)
    assert told.terms.ends_at == sooner
    assert told.code == asked.offer.code  # the shop writes it small; it is the same one


def _coupon(code: str, ends_at: datetime) -> Any:
    return Coupon(code, "k1", ends_at)


def test_a_code_that_is_not_made_is_waited_for_ten_minutes_and_the_row_says_why(
    till: Till,
) -> None:
    cart = till.left_cart()
    assert isinstance(till.ask(cart, 2), Wait)
    till.claim(till.offer().id)
    till.say_no(till.offer().id, "The shop does not answer.", timedelta(minutes=20), unsure=True)
    till.clock.forward(minutes=9)
    assert isinstance(till.ask(cart, 2), Wait)
    till.clock.forward(minutes=1)
    assert till.ask(cart, 2) == NOTHING
    row = till.offer()
    assert row.stand == "failed"
    assert "does not answer" in row.error
    assert any("does not answer" in each for each in till.notices())
    assert offer_rows.explained(row)[-1] == row.error


def test_a_code_that_comes_after_it_was_given_up_is_taken_away_and_never_named(till: Till) -> None:
    cart = till.left_cart()
    till.ask(cart, 2)
    asked = till.claim(till.offer().id)
    till.clock.forward(minutes=10)
    assert till.ask(cart, 2) == NOTHING
    assert not till.say_made(asked.offer_id, _coupon(asked.offer.code, asked.offer.ends_at))
    assert till.ask(cart, 2) == NOTHING
    assert till.taken_away() == [asked.offer_id]
    assert till.offer().removed_at == till.clock()


def test_what_would_rather_go_without_does_not_wait_past_its_end(till: Till) -> None:
    cart = till.left_cart()
    reminder = till.reminder(cart, 2)
    with till.database.transaction() as db:
        soon = till.clock() + timedelta(seconds=60)
        mine = tables.reminders.c.id == reminder.id
        db.execute(tables.reminders.update().where(mine).values(latest_at=soon))
    assert till.ask(cart, 2) == NOTHING
    assert till.stands == ["failed"]


def test_what_would_rather_go_without_does_not_wait_past_the_close_of_the_day(till: Till) -> None:
    cart = till.left_cart()
    till.clock.at = datetime(2026, 11, 18, 18, 59, 50, tzinfo=UTC)  # ten seconds to eight in Paris
    assert till.ask(cart, 2) == NOTHING


def test_a_step_that_waits_waits_and_asks_again_under_another_code_after_a_no(till: Till) -> None:
    cart = till.left_cart()
    assert isinstance(till.ask(cart, 2, WAITS), Wait)
    till.clock.forward(minutes=30)
    assert isinstance(till.ask(cart, 2, WAITS), Wait)
    asked = till.claim(till.offer().id)
    till.say_no(asked.offer_id, "codes are switched off")
    assert till.stands == ["failed"]
    assert any("codes are switched off" in each for each in till.notices())
    assert isinstance(till.ask(cart, 2, WAITS), Wait)
    assert till.due() == []
    till.clock.forward(minutes=10)
    (coupon,) = till.make()
    assert coupon.code != asked.offer.code
    assert isinstance(till.ask(cart, 2, WAITS), Promised)
    assert till.notices() == []


def test_a_refused_code_lets_the_step_leave_without(till: Till) -> None:
    cart = till.left_cart()
    till.ask(cart, 2)
    till.claim(till.offer().id)
    till.say_no(till.offer().id, "codes are switched off")
    assert till.ask(cart, 2) == NOTHING
    assert till.due() == []


def test_a_customer_is_promised_a_reward_timed_from_the_sending(till: Till) -> None:
    till.buys()
    till.clock.forward(minutes=5)
    cart = till.left_cart()
    told = till.ask(cart, 1)
    assert isinstance(told, Promised)
    assert (told.terms.gift, told.code) == (Gift.NEXT, None)
    assert told.deadline == till.clock() + timedelta(hours=24)
    till.clock.forward(minutes=3)
    again = till.ask(cart, 1)
    assert isinstance(again, Promised)
    assert again.deadline == till.clock() + timedelta(hours=24)
    row = till.leaves(cart, 1)
    assert (row.announced_at, row.ends_at) == (till.clock(), till.clock() + timedelta(hours=24))
    assert Why.CUSTOMER in reasons(row)


def test_the_next_step_repeats_the_code_with_its_own_end_and_costs_nothing(till: Till) -> None:
    cart = till.left_cart()
    first = till.promised(cart)
    till.clock.forward(hours=20)
    told = till.ask(cart, 3, TWENTY)
    assert isinstance(told, Promised)
    assert (told.code, told.terms.value, told.ends_at) == (first.code, 10, first.ends_at)
    assert (till.stands, till.offer().repeats_id) == (["made", "repeated"], first.id)
    assert till.due() == []
    assert till.offer().cost == 0


def test_a_code_that_ends_within_half_an_hour_is_not_named_any_more(till: Till) -> None:
    cart = till.left_cart()
    till.clock.at = till.promised(cart).ends_at - timedelta(minutes=30)
    assert till.ask(cart, 3) == NOTHING
    till.clock.forward(minutes=-1)
    assert isinstance(till.ask(cart, 3), Promised)


def test_after_its_end_there_is_no_second_offer_for_the_cart(till: Till) -> None:
    cart = till.left_cart()
    till.promised(cart)
    till.clock.forward(days=5)
    assert till.ask(cart, 3, TWENTY) == NOTHING
    assert Why.ENDED_HERE in reasons(till.offer())


def test_a_repeat_that_left_announces_the_promise_it_names(till: Till) -> None:
    cart = till.left_cart()
    till.ask(cart, 2)
    till.make()
    till.is_skipped(cart, 2)
    assert isinstance(till.ask(cart, 3), Promised)
    till.clock.forward(hours=2)
    till.sweep()
    assert till.stands == ["made", "repeated"]
    till.leaves(cart, 3)
    first = rows(till.database, tables.offers)[0]
    assert first.announced_at == till.clock()


def test_a_code_whose_message_never_leaves_is_taken_away_in_time(till: Till) -> None:
    cart = till.left_cart()
    till.ask(cart, 2)
    till.make()
    till.is_skipped(cart, 2)
    till.sweep()
    assert till.stands == ["made"]
    till.clock.forward(minutes=61)
    till.sweep()
    assert till.stands == ["removed"]
    assert till.taken_away() == [till.offer().id]
    assert till.offer().announced_at is None


def test_a_reminder_planned_again_gets_another_code_than_the_one_taken_away(till: Till) -> None:
    cart = till.left_cart()
    till.ask(cart, 2)
    till.make()
    gone = till.offer().code
    till.is_skipped(cart, 2)
    till.clock.forward(minutes=61)
    till.sweep()
    assert isinstance(till.ask(cart, 2), Wait)
    till.make()
    told = till.ask(cart, 2)
    assert isinstance(told, Promised)
    assert told.code != gone
    assert till.stands == ["removed", "made"]


def test_a_message_that_left_announces_its_offer_even_when_nobody_tells(till: Till) -> None:
    cart = till.left_cart()
    till.ask(cart, 2)
    till.make()
    sent_at = till.clock()
    till.leaves(cart, 2, tell=False)
    till.clock.forward(hours=3)
    till.sweep()
    assert (till.offer().stand, till.offer().announced_at) == ("made", sent_at)


def test_an_offer_of_a_message_without_promise_is_never_announced(till: Till) -> None:
    cart = till.left_cart()
    till.ask(cart, 2)
    till.clock.forward(minutes=11)
    assert till.ask(cart, 2) == NOTHING
    assert till.leaves(cart, 2).announced_at is None


def test_who_left_two_carts_with_offers_gets_none_for_the_third(till: Till) -> None:
    till.set_policy('{"person_offers": 9}')
    for number in (1, 2):
        till.promised(till.left_cart(key=f"token:c{number}"))
        till.clock.forward(days=6)
    cart = till.left_cart(key="token:c3")
    assert till.ask(cart, 2) == NOTHING
    assert reasons(till.offer()) == [Why.PROSPECT, Why.SERIAL_LEFT]


def test_a_better_offer_is_not_had_by_leaving_another_cart(till: Till) -> None:
    till.promised(till.left_cart())
    other = till.left_cart(key="token:c2", total="80.00")
    assert isinstance(till.ask(other, 2, TWENTY), Wait)
    assert till.offer().value == 10
    assert Why.NO_BETTER in reasons(till.offer())


def test_a_person_is_known_by_any_mark(till: Till) -> None:
    till.set_policy('{"person_offers": 1}')
    till.promised(till.left_cart())
    same_phone = till.left_cart(key="token:c2", email="other@example.com")
    assert till.ask(same_phone, 2) == NOTHING
    assert Why.PERSON_OFFERS in reasons(till.offer())
    stranger = till.left_cart(key="token:c3", email="o3@example.com", phone="+33611111111")
    assert isinstance(till.ask(stranger, 2), Wait)


def test_a_customer_whose_orders_nobody_counts_is_treated_as_one(till: Till) -> None:
    cart = till.left_cart(customer_key="77")
    assert isinstance(till.ask(cart, 1), Promised)
    assert Why.ORDERS_NOT_KNOWN in reasons(till.offer())


def test_a_customer_of_whom_the_platform_counts_no_order_is_a_prospect(till: Till) -> None:
    cart = till.left_cart(customer_key="77", orders=0)
    assert isinstance(till.ask(cart, 2), Wait)
    assert Why.PROSPECT in reasons(till.offer())


def test_rules_that_cannot_be_read_offer_nothing_and_tell_the_merchant(till: Till) -> None:
    till.set_policy('{"prospect": "always"}')
    assert till.ask(till.left_cart(), 2) == NOTHING
    assert any("cannot be read" in each for each in till.notices())
    assert "prospect" in till.offer().error


def test_the_merchant_reads_why_in_two_languages(till: Till) -> None:
    till.ask(till.left_cart(), 1)
    assert offer_rows.explained(till.offer()) == [
        "This person has not ordered yet.",
        "It is too early: an offer may come with a later step.",
    ]
    assert offer_rows.explained(till.offer(), "fr")[0].startswith("Cette personne")


def test_codes_are_short_plain_and_begin_with_the_shop(till: Till) -> None:
    codes = {new_code(till.shop) for _ in range(200)}
    assert len(codes) == 200
    assert all(code.startswith("ATEE-") and len(code) <= LONGEST for code in codes)
    assert {letter for code in codes for letter in code} <= set(LETTERS) | {"-"}
    assert not set("01OIL") & set(LETTERS)


def test_a_reminder_state_is_none_of_its_business(till: Till) -> None:
    cart = till.left_cart()
    till.ask(cart, 2)
    assert till.reminder(cart, 2).state == states.ReminderState.SCHEDULED


def test_a_code_whose_reminder_left_after_all_is_not_called_back(till: Till) -> None:
    cart = till.left_cart()
    till.ask(cart, 2)
    till.make()
    till.is_skipped(cart, 2)
    seen = till.offer()  # by the sweep, while the cart changes
    plan_anew(till, till.reminder(cart, 2).id)
    assert not call_back(till, seen)
    assert till.leaves(cart, 2).announced_at is not None
    assert not call_back(till, seen)
    assert (till.offer().stand, till.taken_away()) == ("made", [])


def test_what_is_being_called_back_is_planned_anew_after_that(till: Till) -> None:
    if till.database.is_sqlite:
        return  # it has one writer
    cart = till.left_cart()
    till.ask(cart, 2)
    till.make()
    till.is_skipped(cart, 2)
    with till.database.transaction() as db:
        assert unsent_offers.call_back(db, till.offer(), till.clock())
        with pytest.raises(OperationalError), till.database.transaction() as other:
            other.exec_driver_sql("SET LOCAL lock_timeout = '50ms'")
            states.move(other, tables.reminders, till.reminder(cart, 2).id, "plan_anew")


def plan_anew(till: Till, reminder_id: int) -> None:
    with till.database.transaction() as db:
        assert states.move(db, tables.reminders, reminder_id, "plan_anew", {"reasons": None})


def call_back(till: Till, row: Any) -> bool:
    return till.database.run(lambda db: unsent_offers.call_back(db, row, till.clock()))
