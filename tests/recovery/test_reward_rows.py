"""Rewards: promised, earned, made, told, lapsed, void and back, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from recovery import offer_codes, reward_rows, states, tables
from recovery.database import Database
from recovery.model import Coupon, Refund, Totals
from recovery.offer_codes import MAKE
from recovery.offer_facts import Gift
from recovery.offer_rows import NOTHING, Promised
from tests.conftest import SetClock
from tests.recovery.offer_stories import Till
from tests.recovery.stories import an_order, record, rows

DAY = timedelta(days=1)


class Loyal(Till):
    """A shop, and a customer who left a cart and was promised a reward."""

    def begin(self) -> None:
        self.buys(key="earlier")
        self.clock.forward(minutes=5)
        self.cart = self.left_cart()
        assert isinstance(self.ask(self.cart, 1), Promised)
        self.sent_at = self.clock()
        self.row = self.leaves(self.cart, 1)
        self.clock.forward(hours=1)

    def order(self, **different: Any) -> Any:
        """The promised cart, ordered."""
        return an_order(self.clock(), key="earning", cart_keys=("token:c1",), **different)

    def earns(self) -> Any:
        """The cart is ordered; the order as it came."""
        order = self.order()
        self.comes(order)
        return order

    def tellings(self) -> list[Any]:
        """The reminders that tell a code."""
        found = rows(self.database, tables.reminders)
        return [row for row in found if row.programme == reward_rows.REWARD]

    def telling(self, cart: Any = None) -> Any:
        """What such a message may say now."""
        with self.database.reading() as db:
            return reward_rows.for_telling(
                db, cart or self.cart, self.shop, self.row.id, self.clock()
            )


@pytest.fixture
def till(database: Database, clock: SetClock) -> Loyal:
    found = Loyal(database, clock)
    found.begin()
    return found


def changed(order: Any, till: Loyal, **news: Any) -> Any:
    return replace(order, changed_at=till.clock.forward(minutes=1), **news)


def test_an_order_of_the_cart_in_time_earns_and_its_code_is_made_and_told(till: Loyal) -> None:
    till.earns()
    assert till.offer().stand == "earned"
    assert till.tellings() == []
    (coupon,) = till.make()
    row = till.offer()
    assert (row.stand, row.code, row.ends_at) == ("ready", coupon.code, coupon.ends_at)
    assert row.earned_by == rows(till.database, tables.orders)[-1].id
    (told,) = till.tellings()
    assert (told.offer_id, told.words, told.step, told.channel) == (row.id, "reward", 1, "sms")
    assert (told.state, told.due_at, told.cart_id) == ("scheduled", till.clock(), till.cart.id)
    assert told.latest_at < row.ends_at
    says = till.telling()
    assert (says.code, says.terms.gift, says.terms.ends_at) == (
        coupon.code,
        Gift.NOW,
        coupon.ends_at,
    )


def test_the_code_of_a_reward_lives_its_days_from_when_it_is_asked_for(till: Loyal) -> None:
    till.clock.forward(hours=20)
    till.earns()
    asked = till.claim(till.row.id)
    assert asked.offer.ends_at >= till.clock() + 3 * DAY


def test_a_code_is_told_in_decent_hours(till: Loyal) -> None:
    till.clock.at = datetime(2026, 11, 18, 21, 30, tzinfo=UTC)
    till.earns()
    till.make()
    (told,) = till.tellings()
    assert told.due_at == datetime(2026, 11, 19, 7, tzinfo=UTC)


def test_an_order_that_nobody_told_of_is_found_by_the_clock(till: Loyal) -> None:
    record(till.database, till.shop, till.order(), now=till.clock())
    with till.database.transaction() as db:  # as if the order's own transaction had not asked
        before = {"stand": "promised", "earned_by": None, "code": None, "try_at": till.clock()}
        db.execute(tables.offers.update().values(**before))
    till.sweep()
    assert till.offer().stand == "earned"
    assert till.due() == [(MAKE, till.row.id)]


def test_another_cart_of_the_same_person_earns_nothing(till: Loyal) -> None:
    till.buys(key="another")
    till.sweep()
    assert till.offer().stand == "promised"


def test_an_order_after_the_deadline_earns_nothing(till: Loyal) -> None:
    till.clock.at = till.sent_at + DAY + timedelta(seconds=1)
    till.earns()
    assert till.offer().stand == "lapsed"


def test_it_lapses_only_when_orders_are_known_past_its_deadline(till: Loyal) -> None:
    till.clock.at = till.sent_at + DAY + timedelta(minutes=1)
    till.know_orders(till.sent_at + DAY)
    till.sweep()
    assert till.offer().stand == "promised"
    till.sweep()
    till.know_orders(till.clock())
    till.clock.forward(minutes=1)
    till.sweep()
    assert (till.offer().stand, till.offer().try_at) == ("lapsed", None)


def test_an_order_in_time_that_is_told_late_still_earns(till: Loyal) -> None:
    late = till.order()
    till.clock.at = till.sent_at + DAY + timedelta(minutes=30)
    till.know_orders(till.sent_at + timedelta(minutes=30))
    till.sweep()
    till.comes(late)
    assert till.offer().stand == "earned"


def test_a_promise_that_never_left_earns_nothing(database: Database, clock: SetClock) -> None:
    till = Loyal(database, clock)
    till.buys(key="earlier")
    till.cart = till.left_cart()
    till.ask(till.cart, 1)
    till.earns()
    till.sweep()
    assert till.offer().stand == "promised"
    till.clock.forward(hours=2)
    till.sweep()
    assert till.offer().stand == "removed"


def test_a_message_nobody_knows_of_counts_from_the_claim(
    database: Database, clock: SetClock
) -> None:
    till = Loyal(database, clock)
    till.buys(key="earlier")
    till.cart = till.left_cart()
    till.ask(till.cart, 1)
    claimed_at = till.clock()
    till._move(till.reminder(till.cart, 1).id, "claim", "lose_track", sent_at=claimed_at)
    till.clock.forward(minutes=11)
    till.sweep()
    till.sweep()
    row = till.offer()
    assert (row.announced_at, row.ends_at) == (claimed_at, claimed_at + DAY)
    till.earns()
    assert till.offer().stand == "earned"


def test_its_code_is_asked_for_until_it_is_made_under_another_name_after_a_no(till: Loyal) -> None:
    till.earns()
    codes = []
    for _ in range(5):
        asked = till.claim(till.row.id)
        codes.append(asked.offer.code)
        till.say_no(till.row.id, "no codes today")
        till.clock.forward(hours=1)
        assert till.due() == [(MAKE, till.row.id)]
    assert len(set(codes)) == 5
    assert any("no codes today" in each for each in till.notices())
    till.clock.forward(minutes=1)
    till.make()
    assert till.offer().stand == "ready"
    assert till.notices() == []


@pytest.mark.parametrize("how", ["cancelled", "refunded", "refund row", "deleted"])
def test_an_order_that_is_undone_takes_the_reward_back(till: Loyal, how: str) -> None:
    order = till.earns()
    till.make()
    if how == "cancelled":
        till.comes(changed(order, till, cancelled_at=till.clock()))
    elif how == "refunded":
        till.comes(changed(order, till, refunded=order.totals.total))
    elif how == "refund row":
        refund = Refund("r1", order.key, order.totals.total, "EUR", till.clock())
        record(till.database, till.shop, refund, now=till.clock())
        till.database.run(lambda db: reward_rows.order_seen(db, till.shop, order.key, till.clock()))
    else:
        record(
            till.database,
            till.shop,
            changed(order, till, cancelled_at=till.clock()),
            now=till.clock(),
        )
        till.sweep()
    assert till.offer().stand == "void"
    assert till.telling() == NOTHING
    assert till.taken_away() == [till.row.id]


def test_a_cart_ordered_anew_after_a_cancelled_try_earns(till: Loyal) -> None:
    first = an_order(till.clock(), key="first", cart_keys=("token:c1",))
    record(till.database, till.shop, replace(first, cancelled_at=till.clock()), now=till.clock())
    till.clock.forward(minutes=9)
    till.earns()
    assert till.offer().stand == "earned"
    assert till.offer().earned_by == rows(till.database, tables.orders)[-1].id


def test_a_partial_refund_leaves_the_reward(till: Loyal) -> None:
    order = till.earns()
    till.make()
    till.comes(changed(order, till, refunded=Decimal(5)))
    assert till.offer().stand == "ready"


def test_an_order_cancelled_before_its_code_was_made_needs_none(till: Loyal) -> None:
    order = till.earns()
    till.comes(changed(order, till, cancelled_at=till.clock()))
    assert (till.offer().stand, till.due()) == ("void", [])


def test_a_code_made_while_the_order_was_cancelled_is_taken_away_and_not_told(till: Loyal) -> None:
    order = till.earns()
    asked = till.claim(till.row.id)
    till.comes(changed(order, till, cancelled_at=till.clock()))
    assert not till.say_made(till.row.id, Coupon(asked.offer.code, "k9", asked.offer.ends_at))
    assert till.tellings() == []
    assert till.taken_away() == [till.row.id]


def test_what_comes_back_while_its_code_is_there_is_ready_again(till: Loyal) -> None:
    order = till.earns()
    (coupon,) = till.make()
    till.comes(changed(order, till, cancelled_at=till.clock()))
    till.comes(changed(order, till, cancelled_at=None))
    assert (till.offer().stand, till.offer().code) == ("ready", coupon.code)
    assert till.due() == []


def test_what_comes_back_after_its_code_is_gone_gets_another_which_is_told(till: Loyal) -> None:
    order = till.earns()
    (first,) = till.make()
    (told,) = till.tellings()
    till._move(told.id, "claim", "accept", sent_at=till.clock())
    till.comes(changed(order, till, cancelled_at=till.clock()))
    till.taken_away()
    till.comes(changed(order, till, cancelled_at=None))
    assert till.offer().stand == "earned"
    (second,) = till.make()
    assert second.code != first.code
    assert [row.step for row in till.tellings()] == [1, 2]
    assert till.telling().code == second.code


def test_a_code_being_taken_away_is_not_brought_back(till: Loyal) -> None:
    order = till.earns()
    (first,) = till.make()
    till.comes(changed(order, till, cancelled_at=till.clock()))
    till.database.run(lambda db: offer_codes.to_remove(db, till.row.id, till.clock()))
    till.comes(changed(order, till, cancelled_at=None))
    row = till.offer()
    assert row.stand == "earned"
    assert row.code != first.code


def test_a_used_reward_stays_used_when_its_order_is_cancelled(till: Loyal) -> None:
    order = till.earns()
    (coupon,) = till.make()
    till.buys(key="next", discount_codes=(coupon.code,))
    till.comes(changed(order, till, cancelled_at=till.clock()))
    row = till.offer()
    assert row.stand == "used"
    assert row.used_by == rows(till.database, tables.orders)[-1].id


def test_a_reward_not_used_ends_and_is_taken_away(till: Loyal) -> None:
    till.earns()
    till.make()
    till.clock.at = till.offer().ends_at
    till.sweep()
    assert till.offer().stand == "ended"
    assert till.telling() == NOTHING
    assert till.taken_away() == [till.row.id]


def test_an_erased_cart_is_told_nothing(till: Loyal) -> None:
    till.earns()
    with till.database.transaction() as db:
        change = tables.offers.update().where(tables.offers.c.id == till.row.id)
        db.execute(change.values(cart_id=999_999))
    till.make()
    assert till.offer().stand == "ready"
    assert till.tellings() == []


def test_the_next_step_repeats_the_promise_with_its_first_deadline(till: Loyal) -> None:
    told = till.ask(till.cart, 2)
    assert isinstance(told, Promised)
    assert told.deadline == till.sent_at + DAY
    till.clock.at = till.sent_at + DAY - timedelta(minutes=10)
    assert till.ask(till.cart, 2) == NOTHING  # too late to order in time


def test_years_of_offers_that_are_over_are_not_looked_at(till: Loyal) -> None:
    till.earns()
    till.make()
    order = till.buys(key="next", discount_codes=(till.offer().code,), totals=Totals(Decimal(9)))
    assert order.id
    living = [row for row in rows(till.database, tables.offers) if row.try_at is not None]
    assert living == []
    assert till.tellings()[0].state == states.ReminderState.SCHEDULED
