"""The life of a reminder, on both databases."""

from __future__ import annotations

from datetime import timedelta

from recovery import (
    eligibility,
    handing_out,
    polls,
    reasons,
    receipts,
    reminders,
    states,
    tables,
)
from recovery.database import Database
from recovery.model import Channel, Receipt
from recovery.reasons import Reason
from recovery.reminders import Outcome
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
    the_reminder,
    tick,
)


def test_a_cart_left_alone_becomes_one_text(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock()), now=clock())
    assert tick(database, clock.forward(minutes=29)) == []
    clock.forward(minutes=32)
    know_orders(database, shop, clock())
    letters = tick(database, clock())
    assert [letter.message.recipient for letter in letters] == [PHONE]
    assert letters[0].message.channel is Channel.SMS
    assert "Atelier Nord" in letters[0].message.text
    assert "https://r.example/r/" in letters[0].message.text
    accept(database, letters, clock())
    reminder = the_reminder(database)
    assert (reminder.state, reminder.provider_id) == ("sent", f"p{reminder.id}")
    assert tick(database, clock.forward(minutes=30)) == []


def a_due_reminder(database: Database, clock: SetClock, **settings: object) -> object:
    shop = a_shop(database, clock(), **settings)
    record(database, shop, a_cart(clock()), now=clock())
    clock.forward(minutes=31)
    tick(database, clock())
    clock.forward(minutes=30)
    know_orders(database, shop, clock())
    return shop


def test_an_order_before_the_claim_calls_the_reminder_off(
    database: Database, clock: SetClock
) -> None:
    shop = a_due_reminder(database, clock)
    record(database, shop, an_order(clock()), now=clock())
    assert tick(database, clock()) == []
    reminder = the_reminder(database)
    assert reminder.state == "skipped"
    assert reasons.read(reminder.reasons) == [Reason.ORDERED]


def test_an_order_between_claim_and_look_wins(database: Database, clock: SetClock) -> None:
    shop = a_due_reminder(database, clock)
    batch = database.run(lambda db: handing_out.hand_out(db, clock()))[0]
    taken = database.run(
        lambda db: reminders.claim(db, batch.account_id, batch.reminder_ids, clock())
    )
    record(database, shop, an_order(clock()), now=clock())
    assert database.run(lambda db: reminders.examine(db, taken, "https://r.example", clock())) == []
    assert the_reminder(database).state == "skipped"


def test_an_order_by_another_mark_of_the_person_counts(database: Database, clock: SetClock) -> None:
    shop = a_due_reminder(database, clock)
    buyer = a_shopper(clock(), agreed=False, email="ANA@Example.com ", phone="06 99 99 99 99")
    record(database, shop, an_order(clock(), shopper=buyer), now=clock())
    assert tick(database, clock()) == []
    assert rows(database, tables.carts)[0].state == "expired"


def test_two_workers_with_the_same_batch_send_once(database: Database, clock: SetClock) -> None:
    a_due_reminder(database, clock)
    batch = database.run(lambda db: handing_out.hand_out(db, clock()))[0]
    first = claim(database, batch.account_id, batch.reminder_ids, clock())
    second = claim(database, batch.account_id, batch.reminder_ids, clock())
    assert (len(first), second) == (1, [])


def test_unknown_orders_refuse_the_claim_and_ask_for_a_poll(
    database: Database, clock: SetClock
) -> None:
    shop = a_due_reminder(database, clock)
    know_orders(database, shop, clock() - timedelta(minutes=3))
    with database.transaction() as db:
        db.execute(tables.shops.update().values(next_poll_at=clock() + timedelta(hours=1)))
    assert tick(database, clock()) == []
    reminder = the_reminder(database)
    assert (reminder.state, reminder.handed_out_at) == ("scheduled", None)
    assert rows(database, tables.shops)[0].next_poll_at == clock()
    know_orders(database, shop, clock())
    assert len(tick(database, clock())) == 1


def test_without_consent_it_is_skipped_and_says_so(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    cart = a_cart(clock(), shopper=a_shopper(clock(), agreed=False))
    record(database, shop, cart, now=clock())
    tick(database, clock.forward(minutes=31))
    clock.forward(minutes=30)
    know_orders(database, shop, clock())
    assert tick(database, clock()) == []
    assert reasons.read(the_reminder(database).reasons) == [Reason.NO_CONSENT]


def test_a_stop_before_the_look_wins(database: Database, clock: SetClock) -> None:
    shop = a_due_reminder(database, clock)
    database.run(lambda db: receipts.stop_at_shop(db, shop.id, PHONE, "reply", clock()))
    assert tick(database, clock()) == []
    assert reasons.read(the_reminder(database).reasons) == [Reason.STOPPED]


def test_one_text_a_day_for_a_number_whatever_the_carts(
    database: Database, clock: SetClock
) -> None:
    shop = a_due_reminder(database, clock)
    letters = tick(database, clock())
    accept(database, letters, clock())
    record(database, shop, an_order(clock()), now=clock())
    clock.forward(minutes=5)
    record(database, shop, a_cart(clock(), key="token:c2"), now=clock())
    clock.forward(minutes=31)
    tick(database, clock())
    clock.forward(minutes=30)
    know_orders(database, shop, clock())
    assert tick(database, clock()) == []
    second = rows(database, tables.reminders)[1]
    assert reasons.read(second.reasons) == [Reason.CAPPED]


def test_of_two_carts_of_one_person_the_newest_is_reminded(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock()), now=clock())
    clock.forward(minutes=1)
    newer = a_cart(clock(), key="token:c2", way_back="https://atelier-nord.example/recover/c2")
    record(database, shop, newer, now=clock())
    tick(database, clock.forward(minutes=31))
    clock.forward(minutes=30)
    know_orders(database, shop, clock())
    letters = tick(database, clock())
    found = rows(database, tables.reminders)
    assert [letter.reminder_id for letter in letters] == [found[1].id]
    assert reasons.read(found[0].reasons) == [Reason.NEWER_CART]


def test_no_answer_is_never_sent_again_until_a_receipt_speaks(
    database: Database, clock: SetClock
) -> None:
    a_due_reminder(database, clock)
    letter = tick(database, clock())[0]
    lost = [Outcome(letter.reminder_id, "lose_track", clock())]
    database.run(lambda db: reminders.settle(db, lost, clock()))
    assert the_reminder(database).state == "unconfirmed"
    assert tick(database, clock.forward(minutes=20)) == []
    account = rows(database, tables.accounts)[0]
    receipt = Receipt("p9", "delivered", clock(), reference=str(letter.reminder_id))
    assert database.run(lambda db: receipts.record_receipt(db, account, receipt, clock()))
    assert (the_reminder(database).state, the_reminder(database).provider_id) == ("delivered", "p9")


def test_busy_puts_off_and_gives_the_cap_back(database: Database, clock: SetClock) -> None:
    shop = a_due_reminder(database, clock)
    letter = tick(database, clock())[0]
    later = clock() + timedelta(seconds=30)
    busy = [Outcome(letter.reminder_id, "postpone", clock(), retry_at=later)]
    database.run(lambda db: reminders.settle(db, busy, clock()))
    assert (the_reminder(database).state, the_reminder(database).due_at) == ("scheduled", later)
    clock.forward(seconds=31)
    know_orders(database, shop, clock())
    assert len(tick(database, clock())) == 1


def test_a_worker_that_died_in_the_call_leaves_it_unconfirmed(
    database: Database, clock: SetClock
) -> None:
    a_due_reminder(database, clock)
    tick(database, clock())
    assert the_reminder(database).state == states.ReminderState.SENDING
    clock.forward(minutes=9)
    assert database.run(lambda db: reminders.lose_track_of_the_dead(db, clock())) == 0
    clock.forward(minutes=2)
    assert database.run(lambda db: reminders.lose_track_of_the_dead(db, clock())) == 1
    assert the_reminder(database).state == "unconfirmed"


def test_what_a_queue_forgot_is_handed_out_again(database: Database, clock: SetClock) -> None:
    a_due_reminder(database, clock)
    assert len(database.run(lambda db: handing_out.hand_out(db, clock()))) == 1
    assert database.run(lambda db: handing_out.hand_out(db, clock())) == []
    before = clock() + timedelta(seconds=1)
    assert database.run(lambda db: handing_out.give_back_forgotten(db, before)) == 1
    assert len(database.run(lambda db: handing_out.hand_out(db, clock()))) == 1


def test_a_change_after_abandonment_plans_anew(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock()), now=clock())
    clock.forward(minutes=31)
    tick(database, clock())
    record(database, shop, a_cart(clock()), now=clock())
    assert rows(database, tables.carts)[0].state == "open"
    assert the_reminder(database).due_at == clock() + timedelta(minutes=60)


def test_nothing_stale_leaves_after_an_outage(database: Database, clock: SetClock) -> None:
    shop = a_due_reminder(database, clock)
    clock.forward(hours=14)
    know_orders(database, shop, clock())
    assert database.run(lambda db: reminders.skip_stale(db, clock())) == 1
    assert reasons.read(the_reminder(database).reasons) == [Reason.TOO_LATE]
    assert tick(database, clock()) == []


def test_a_state_that_the_platform_alone_moved_does_not_restart_the_clock(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    first = clock()
    record(database, shop, a_cart(first, platform_state="pending"), now=first)
    clock.forward(minutes=31)
    tick(database, clock())
    cancelled = a_cart(clock(), platform_state="cancelled", created_at=first)
    record(database, shop, cancelled, now=clock())
    cart = rows(database, tables.carts)[0]
    assert (cart.state, cart.left_at, cart.platform_state) == ("abandoned", first, "cancelled")
    assert the_reminder(database).due_at == first + timedelta(minutes=60)


def test_a_cart_ended_by_another_order_begins_anew_when_it_changes(
    database: Database, clock: SetClock
) -> None:
    shop = a_due_reminder(database, clock)
    record(database, shop, an_order(clock()), now=clock())
    assert rows(database, tables.carts)[0].state == "expired"
    clock.forward(minutes=10)
    record(database, shop, a_cart(clock()), now=clock())
    assert rows(database, tables.carts)[0].state == "open"
    clock.forward(minutes=31)
    tick(database, clock())
    clock.forward(minutes=30)
    know_orders(database, shop, clock())
    assert len(tick(database, clock())) == 1


def a_look(database: Database, reminder_id: int) -> Reason | None:
    with database.reading() as db:
        return eligibility.reason_since(db, reminder_id)


def test_what_comes_up_between_the_look_and_the_slot_is_seen(
    database: Database, clock: SetClock
) -> None:
    shop = a_due_reminder(database, clock)
    letter = tick(database, clock())[0]
    assert a_look(database, letter.reminder_id) is None
    database.run(lambda db: receipts.stop_at_shop(db, shop.id, PHONE, "reply", clock()))
    assert a_look(database, letter.reminder_id) is Reason.STOPPED


def test_an_order_between_the_look_and_the_slot_is_seen_and_the_cap_given_back(
    database: Database, clock: SetClock
) -> None:
    shop = a_due_reminder(database, clock)
    letter = tick(database, clock())[0]
    record(database, shop, an_order(clock()), now=clock())
    reason = a_look(database, letter.reminder_id)
    assert reason is Reason.CART_ENDED
    assert the_reminder(database).state == "sending"  # its worker alone decides
    last = [Outcome(letter.reminder_id, "skip", clock(), reason=reason)]
    database.run(lambda db: reminders.settle(db, last, clock()))
    assert the_reminder(database).state == "skipped"
    assert rows(database, tables.caps) == []


def test_a_platform_that_asks_to_wait_is_not_polled_before(
    database: Database, clock: SetClock
) -> None:
    shop = a_due_reminder(database, clock)
    database.run(lambda db: polls.come_back(db, shop, 600, clock()))
    know_orders(database, shop, clock() - timedelta(minutes=5))
    assert tick(database, clock()) == []
    assert rows(database, tables.shops)[0].next_poll_at == clock() + timedelta(seconds=600)
