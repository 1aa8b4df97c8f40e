"""Programmes of several steps: planned at once, each sent once, changed at any time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec import structs

from recovery import handing_out, planning, programmes, tables
from recovery.condition_names import fact_error
from recovery.database import Database
from recovery.model import Channel, Totals
from recovery.programme_form import Delay, Fact, Not, Programme, Start, Step
from recovery.reasons import Reason, read
from recovery.reminders import Outcome, settle
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.stories import (
    PHONE,
    a_cart,
    a_shop,
    a_shopper,
    accept,
    an_order,
    claim,
    know_orders,
    record,
    rows,
    tick,
)

HOUR = 3600


def steps(*hours: int, since: Any = "start") -> Programme:
    """SMS so many hours after the start, or after the step before."""
    return Programme(
        start=Start.CART,
        steps=tuple(
            Step(number=at, channel=Channel.SMS, delay=Delay(below=each * HOUR), since=since)
            for at, each in enumerate(hours, 1)
        ),
    )


def save(database: Database, shop: ShopRow, form: Programme, clock: SetClock) -> int:
    """Kept with nobody held out: who is, is drawn by the shop's own secret."""
    form = structs.replace(form, holdout=0.0)
    return database.run(
        lambda db: programmes.save(db, shop.id, programmes.CART, form, "the owner", clock())
    )


def left_cart(database: Database, shop: ShopRow, clock: SetClock, **known: Any) -> None:
    record(database, shop, a_cart(clock(), **known), now=clock())
    tick(database, clock.forward(minutes=31))


def reminders(database: Database) -> Sequence[Any]:
    return sorted(rows(database, tables.reminders), key=lambda row: row.step)


def states(database: Database) -> list[str]:
    return [row.state for row in reminders(database)]


def send_what_is_due(database: Database, shop: ShopRow, clock: SetClock) -> int:
    """Let what is due leave; how many did."""
    know_orders(database, shop, clock())
    letters = tick(database, clock())
    accept(database, letters, clock())
    return len(letters)


def test_all_steps_are_planned_when_the_cart_is_abandoned(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    version = save(database, shop, steps(1, 24), clock)
    left_cart(database, shop, clock)
    start = clock() - timedelta(minutes=1)
    first, second = reminders(database)
    assert (first.due_at, second.due_at) == (
        start + timedelta(hours=1),
        start + timedelta(hours=24),
    )
    assert {first.version_id, second.version_id} == {version}


def test_a_delay_counts_from_the_step_before(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    save(database, shop, steps(1, 24, since="step"), clock)
    left_cart(database, shop, clock)
    first, second = reminders(database)
    assert second.due_at - first.due_at == timedelta(hours=24)


def test_an_order_after_the_first_step_calls_off_the_others(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    save(database, shop, steps(1, 24, 48), clock)
    left_cart(database, shop, clock)
    clock.forward(hours=1)
    assert send_what_is_due(database, shop, clock) == 1
    record(database, shop, an_order(clock.forward(hours=2)), now=clock())
    assert states(database)[1:] == ["skipped", "skipped"]
    assert read(reminders(database)[1].reasons) == [Reason.ORDERED]


def test_a_step_that_left_late_moves_the_next_one(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    save(database, shop, steps(1, 25), clock)
    left_cart(database, shop, clock)
    clock.forward(hours=4)  # nothing was sent for three hours
    assert send_what_is_due(database, shop, clock) == 1
    left_at = reminders(database)[0].sent_at
    clock.forward(hours=21)
    assert send_what_is_due(database, shop, clock) == 0
    assert reminders(database)[1].due_at == left_at + timedelta(hours=24)
    clock.forward(hours=3, minutes=1)
    assert send_what_is_due(database, shop, clock) == 1


def test_the_distance_is_kept_where_it_is_longer_than_a_cap(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    save(database, shop, steps(1, 49), clock)
    left_cart(database, shop, clock)
    clock.forward(hours=4)
    assert send_what_is_due(database, shop, clock) == 1
    left_at = reminders(database)[0].sent_at
    clock.forward(hours=45)
    assert send_what_is_due(database, shop, clock) == 0
    assert reminders(database)[1].due_at == left_at + timedelta(hours=48)


def test_no_step_overtakes_the_one_before(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    save(database, shop, steps(0, 2), clock)
    left_cart(database, shop, clock)
    know_orders(database, shop, clock())
    (letter,) = tick(database, clock())
    again = clock() + timedelta(hours=3)
    busy = Outcome(letter.reminder_id, "postpone", clock(), retry_at=again)
    database.run(lambda db: settle(db, [busy], clock()))
    clock.forward(hours=2)
    assert send_what_is_due(database, shop, clock) == 0
    assert reminders(database)[1].due_at == clock() + timedelta(minutes=10)
    assert states(database) == ["scheduled", "scheduled"]


def test_a_later_step_waits_for_the_cap_instead_of_being_lost(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    save(database, shop, steps(1, 13), clock)
    left_cart(database, shop, clock)
    clock.forward(hours=1)
    assert send_what_is_due(database, shop, clock) == 1
    clock.forward(hours=22)  # 09:31 the next day: decent again, 22 hours after the first
    assert send_what_is_due(database, shop, clock) == 0
    assert reminders(database)[1].due_at == reminders(database)[0].sent_at + timedelta(days=1)
    clock.forward(hours=2, minutes=1)
    assert send_what_is_due(database, shop, clock) == 1


def test_the_merchants_words_are_sent(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    words = {"fr": "{{ shop }} : encore là ? {{ link }} {{ stop_words }}"}
    form = Programme(
        start=Start.CART,
        steps=(Step(number=1, channel=Channel.SMS, delay=Delay(below=0), texts=words),),
    )
    save(database, shop, form, clock)
    left_cart(database, shop, clock)
    know_orders(database, shop, clock())
    (letter,) = tick(database, clock())
    assert letter.message.text.startswith("Atelier Nord : encore là ? http")


def test_a_number_gets_three_reminders_in_seven_days(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    save(database, shop, steps(0, 25, 50, 75, 24 * 7), clock)
    left_cart(database, shop, clock)
    sent = 0
    for _ in range(6):
        sent += send_what_is_due(database, shop, clock)
        clock.forward(hours=25)
    assert sent == 3
    assert read(reminders(database)[3].reasons) == [Reason.CAPPED]
    clock.forward(hours=24 * 7 - 6 * 25 + 1)
    assert send_what_is_due(database, shop, clock) == 1


@pytest.mark.parametrize(("phone", "country"), [("+12125550123", "US")])
def test_the_united_states_get_one_text_for_a_cart(
    database: Database, clock: SetClock, phone: str, country: str
) -> None:
    shop = a_shop(database, clock.forward(hours=8))
    save(database, shop, steps(0, 24), clock)
    shopper = a_shopper(clock(), phone=phone, country=country)
    left_cart(database, shop, clock, shopper=shopper)
    assert send_what_is_due(database, shop, clock) == 1
    clock.forward(hours=25)
    assert send_what_is_due(database, shop, clock) == 0
    assert read(reminders(database)[1].reasons) == [Reason.ONE_TEXT_A_CART]


def test_a_new_version_moves_what_is_scheduled_and_nothing_else(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    save(database, shop, steps(0, 24), clock)
    left_cart(database, shop, clock)
    assert send_what_is_due(database, shop, clock) == 1
    sent = reminders(database)[0]
    version = save(database, shop, steps(2, 30, 50), clock)
    follow(database, clock)
    first, second, third = reminders(database)
    assert (first.version_id, first.due_at) == (sent.version_id, sent.due_at)
    start = clock() - timedelta(minutes=1)
    assert second.due_at == start + timedelta(hours=30)
    assert third.state == "scheduled"
    assert {second.version_id, third.version_id} == {version}
    assert database.run(programmes.changed) == []


def test_a_step_that_a_new_version_lacks_is_skipped(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    save(database, shop, steps(1, 24), clock)
    left_cart(database, shop, clock)
    save(database, shop, steps(1), clock)
    follow(database, clock)
    assert states(database) == ["scheduled", "skipped"]
    assert read(reminders(database)[1].reasons) == [Reason.NOT_IN_PROGRAMME]


def test_what_was_handed_out_and_not_claimed_follows_too(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    save(database, shop, steps(0), clock)
    left_cart(database, shop, clock)
    know_orders(database, shop, clock())
    (batch,) = database.run(lambda db: handing_out.hand_out(db, clock()))
    save(database, shop, steps(3), clock)
    follow(database, clock)
    assert claim(database, batch.account_id, batch.reminder_ids, clock()) == []
    assert reminders(database)[0].due_at > clock()


def test_a_programme_that_is_off_sends_nothing(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    save(database, shop, steps(0, 24), clock)
    left_cart(database, shop, clock)
    database.run(lambda db: programmes.switch(db, shop.id, programmes.CART, False))
    follow(database, clock)
    assert states(database) == ["skipped", "skipped"]
    other = a_shopper(clock(), phone="+33612345679", email="other@example.com")
    record(database, shop, a_cart(clock(), key="token:c2", shopper=other), now=clock())
    tick(database, clock.forward(minutes=31))
    assert len(reminders(database)) == 2


def test_a_shop_without_a_programme_sends_one_text(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    left_cart(database, shop, clock)
    (only,) = reminders(database)
    assert (only.step, only.channel, only.version_id) == (1, "sms", None)


def test_versions_are_kept_with_who_and_when(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    save(database, shop, steps(1), clock)
    save(database, shop, steps(1, 24), clock)
    with database.reading() as db:
        newest, oldest = programmes.versions(db, shop.id, programmes.CART)
    assert (newest.number, oldest.number, newest.author) == (2, 1, "the owner")


@pytest.mark.parametrize(
    ("total", "currency", "hours"),
    [
        *(("99.99", "EUR", 1), ("100.00", "EUR", 3), ("109", "USD", 1), ("110", "USD", 3)),
        *(("17499", "JPY", 1), ("17500", "JPY", 3), ("900", "XXX", 1)),
    ],
)
def test_a_large_cart_waits_longer(
    database: Database, clock: SetClock, total: str, currency: str, hours: int
) -> None:
    shop = a_shop(database, clock())
    delay = Delay(below=HOUR, above=3 * HOUR)
    form = Programme(start=Start.CART, steps=(Step(number=1, channel=Channel.SMS, delay=delay),))
    save(database, shop, form, clock)
    totals = Totals(Decimal(total))
    left_cart(database, shop, clock, totals=totals, currency=currency)
    start = clock() - timedelta(minutes=1)
    assert reminders(database)[0].due_at == start + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("condition", "is_sent"),
    [
        (Fact(name="amount", op="at_least", value="18"), True),
        (Fact(name="amount", op="at_least", value="18.01"), False),
        (Fact(name="country", op="any_of", value=("FR", "BE")), True),
        (Fact(name="country", op="any_of", value=("DE",)), False),
        (Fact(name="items", op="at_least", value=2), False),
    ],
)
def test_a_step_is_for_the_carts_that_its_condition_names(
    database: Database, clock: SetClock, condition: Fact, is_sent: bool
) -> None:
    assert fact_error(condition) is None
    shop = a_shop(database, clock())
    step = Step(number=1, channel=Channel.SMS, delay=Delay(below=0), when=condition)
    save(database, shop, Programme(start=Start.CART, steps=(step,)), clock)
    left_cart(database, shop, clock)
    assert send_what_is_due(database, shop, clock) == int(is_sent)
    if not is_sent:
        assert read(reminders(database)[0].reasons) == [Reason.NOT_FOR_THEM]


def test_who_ordered_before_is_no_new_customer(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, an_order(clock() - timedelta(days=40)), now=clock())
    returning = Fact(name="orders", op="at_least", value=1)
    form = steps(0)
    save(database, shop, structs.replace(form, when=Not(returning)), clock)
    left_cart(database, shop, clock)
    assert send_what_is_due(database, shop, clock) == 0
    assert read(reminders(database)[0].reasons) == [Reason.NOT_FOR_THEM]


def follow(database: Database, clock: SetClock) -> None:
    database.run(lambda db: planning.follow_versions(db, clock()))


def test_the_texts_go_to_the_number_that_was_left(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    save(database, shop, steps(0, 24), clock)
    left_cart(database, shop, clock)
    send_what_is_due(database, shop, clock)
    clock.forward(hours=25)
    send_what_is_due(database, shop, clock)
    assert [row.recipient for row in reminders(database)] == [PHONE, PHONE]


def test_a_programme_ends_after_its_days(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    form = structs.replace(steps(1, 24), ends_after_days=1)
    save(database, shop, form, clock)
    left_cart(database, shop, clock)
    clock.forward(hours=2)
    send_what_is_due(database, shop, clock)
    clock.forward(hours=30)
    assert send_what_is_due(database, shop, clock) == 0
    assert read(reminders(database)[1].reasons) == [Reason.TOO_LATE]


def test_what_would_do_harm_is_not_saved_by_any_way(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    version = save(database, shop, steps(1, 24), clock)
    with pytest.raises(programmes.NotSavable) as error:
        save(database, shop, steps(13, 5), clock)
    lines = str(error.value).splitlines()
    assert lines[0].startswith("steps/1/delay: The first message must leave within twelve hours")
    assert lines[1] == "steps/2/delay: Step 2 must come later than the one before it."
    assert all(each.is_warning for each in error.value.problems[2:])
    with database.transaction() as db:  # idle for long, the same delay breaks the promise
        db.execute(tables.shops.update().values(idle_seconds=11 * 3600))
    with pytest.raises(programmes.NotSavable, match="twelve hours"):
        save(database, shop, steps(2), clock)
    with pytest.raises(LookupError), database.transaction() as db:
        programmes.save(db, shop.id + 1, "cart", steps(1), "the owner", clock())
    with database.reading() as db:
        assert programmes.running(db, {shop.id: shop})[shop.id].version_id == version
