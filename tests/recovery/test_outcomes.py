"""What became of the people of a programme: counted once, in time, by any of their marks."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from recovery import outcomes
from recovery.database import Database
from recovery.model import OrderGone, Origin, Refund
from recovery.outcomes import Outcome, Outcomes
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.report_stories import in_arm, ordered
from tests.recovery.stories import a_shop, record

DAY = timedelta(days=1)


def seen(database: Database, shop: ShopRow, now: datetime) -> Outcomes:
    with database.reading() as db:
        since = now - 100 * DAY
        return outcomes.of_people(db, shop.id, "cart", since, now + DAY, now)


def the_person(database: Database, shop: ShopRow, now: datetime) -> Outcome:
    (person,) = seen(database, shop, now).people
    return person


def test_a_person_is_counted_once_with_all_that_they_ordered_in_time(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    marks = {"customer_key": "7", "email": "a@example.com", "phone": "+33612345678"}
    person = in_arm(database, shop, "control", clock(), **marks)
    one = ordered(database, shop, clock.forward(hours=1), "o1", "50.00", **marks)
    two = ordered(database, shop, clock.forward(days=2), "o2", "7.25", phone="+33612345678")
    ordered(database, shop, clock.forward(days=12), "late", "99.00", **marks)
    in_arm(database, shop, "control", clock(), email="later@example.com")
    found = seen(database, shop, clock.forward(days=20)).people[0]
    assert (found.person, found.arm) == (person, "control")
    assert (found.orders, found.net) == ((one, two), Decimal("57.25"))


@pytest.mark.parametrize(
    "mark", [{"customer_key": "7"}, {"email": "a@example.com"}, {"phone": "+33612345678"}]
)
def test_an_order_is_found_by_any_mark_of_the_person(
    database: Database, clock: SetClock, mark: dict[str, str]
) -> None:
    shop = a_shop(database, clock())
    marks = {"customer_key": "7", "email": "a@example.com", "phone": "+33612345678"}
    in_arm(database, shop, "held_out", clock(), **marks)
    order = ordered(database, shop, clock.forward(hours=1), "o1", **mark)
    assert the_person(database, shop, clock.forward(days=20)).orders == (order,)


def test_an_order_of_before_or_of_somebody_else_or_of_another_shop_is_not_theirs(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    other = a_shop(database, clock(), address="sud.myshopify.com")
    in_arm(database, shop, "control", clock(), email="a@example.com")
    ordered(database, shop, clock() - timedelta(seconds=2), "o1", email="a@example.com")
    ordered(database, shop, clock.forward(hours=1), "o2", email="b@example.com")
    ordered(database, other, clock(), "o3", email="a@example.com")
    ordered(database, shop, clock(), "o4", customer_key="a@example.com")
    found = the_person(database, shop, clock.forward(days=20))
    assert (found.orders, found.net) == ((), 0)


def test_a_mark_of_another_programme_is_not_asked(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    in_arm(database, shop, "control", clock(), email="a@example.com")
    with database.reading() as db:
        span = (clock() - DAY, clock() + DAY)
        assert outcomes.of_people(db, shop.id, "other", *span, clock() + 20 * DAY).people == ()


def test_what_was_given_back_is_taken_off_and_told_twice_only_once(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    in_arm(database, shop, "control", clock(), email="a@example.com")
    mail = {"email": "a@example.com"}
    ordered(database, shop, clock.forward(hours=1), "o1", "50.00", refunded=Decimal(20), **mail)
    for key, amount, currency in (("r1", "12", "EUR"), ("r2", "13", "EUR"), ("r3", "9", "USD")):
        refund = Refund(key, "o1", Decimal(amount), currency, clock())
        record(database, shop, refund, refund, now=clock())
    assert the_person(database, shop, clock.forward(days=20)).net == Decimal(25)


def test_who_gave_all_back_or_called_it_off_ordered_nothing(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    in_arm(database, shop, "control", clock(), email="a@example.com")
    mail = {"email": "a@example.com"}
    ordered(database, shop, clock.forward(hours=1), "o1", "50.00", refunded=Decimal(60), **mail)
    ordered(database, shop, clock(), "o2", "30.00", **mail)
    ordered(database, shop, clock(), "o3", "30.00", cancelled_at=clock(), **mail)
    ordered(database, shop, clock(), "o4", "30.00", origin=Origin.SUBSCRIPTION, **mail)
    record(database, shop, OrderGone("o2"), now=clock.forward(hours=1))
    assert the_person(database, shop, clock.forward(days=20)).net == 0


def test_another_currency_is_counted_apart(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    in_arm(database, shop, "control", clock(), email="a@example.com")
    ordered(database, shop, clock.forward(hours=1), "o1", currency="USD", email="a@example.com")
    ordered(database, shop, clock(), "o2", "20.00", email="a@example.com")
    ordered(database, shop, clock(), "o3", currency="GBP", email="nobody@example.com")
    found = seen(database, shop, clock.forward(days=20))
    assert (found.currency, found.other_currencies) == ("EUR", {"USD": 1})
    assert found.people[0].net == 20


def test_whose_time_is_not_over_is_not_counted_yet(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    old = in_arm(database, shop, "control", clock(), email="a@example.com")
    in_arm(database, shop, "held_out", clock.forward(seconds=1), email="b@example.com")
    ordered(database, shop, clock.forward(hours=1), "o1", email="b@example.com")
    now = clock() - timedelta(hours=1, seconds=1) + outcomes.HORIZON
    found = seen(database, shop, now)
    assert ([each.person for each in found.people], found.immature) == ([old], 1)
    assert len(seen(database, shop, now + timedelta(seconds=1)).people) == 2


def test_people_count_from_the_first_planning_and_in_its_span_alone(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    first = in_arm(database, shop, "control", clock(), email="a@example.com")
    in_arm(database, shop, "control", clock() + DAY, email="b@example.com")
    with database.reading() as db:
        span, now = (clock(), clock() + DAY), clock() + 40 * DAY
        found = outcomes.of_people(db, shop.id, "cart", *span, now)
    assert [each.person for each in found.people] == [first]


def test_who_was_in_both_arms_stays_in_the_one_drawn_first_and_is_counted_beside(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    mail = {"email": "a@example.com"}
    in_arm(database, shop, "control", clock(), in_conflict=True, **mail)
    ordered(database, shop, clock.forward(hours=1), "o1", **mail)
    found = seen(database, shop, clock.forward(days=20))
    assert [(each.arm, len(each.orders)) for each in found.people] == [("control", 1)]
    assert found.in_conflict == 1


@pytest.mark.parametrize("arm", ["control", "held_out"])
def test_an_order_with_marks_of_two_people_counts_once_for_the_earlier_and_drops_nobody(
    database: Database, clock: SetClock, arm: str
) -> None:
    shop = a_shop(database, clock())
    later = in_arm(database, shop, arm, clock() + DAY, email="a@example.com")
    earlier = in_arm(database, shop, "control", clock(), phone="+33612345678")
    both = {"email": "a@example.com", "phone": "+33612345678"}
    order = ordered(database, shop, clock.forward(days=2), "o1", **both)
    found = seen(database, shop, clock.forward(days=20))
    theirs = {each.person: each.orders for each in found.people}
    assert theirs == {earlier: (order,), later: ()}
    assert found.in_conflict == 0


def test_an_order_after_the_earlier_ones_time_is_of_the_later(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    later = in_arm(database, shop, "control", clock() + 10 * DAY, email="a@example.com")
    in_arm(database, shop, "held_out", clock(), phone="+33612345678")
    both = {"email": "a@example.com", "phone": "+33612345678"}
    order = ordered(database, shop, clock.forward(days=16), "o1", **both)
    found = seen(database, shop, clock.forward(days=30))
    assert {each.person for each in found.people if each.orders == (order,)} == {later}


def test_times_of_a_platform_are_read_by_our_clock(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock(), clock_offset=120.0)  # ours is two minutes ahead
    in_arm(database, shop, "control", clock(), email="a@example.com")
    order = ordered(database, shop, clock() - timedelta(seconds=90), "o1", email="a@example.com")
    assert the_person(database, shop, clock.forward(days=20)).orders == (order,)


def test_where_nobody_was_drawn_nobody_is_counted(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    found = seen(database, shop, clock())
    assert found == Outcomes((), "EUR", outcomes.HORIZON, 0, 0, {})


def test_an_unknown_shop_is_said(database: Database, clock: SetClock) -> None:
    with pytest.raises(LookupError), database.reading() as db:
        outcomes.of_people(db, 4711, "cart", clock(), clock(), clock())
