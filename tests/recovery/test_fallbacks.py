"""A step's other channel: once, only after the first ended so, and never beside it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec import structs

from recovery import accounts, consent, reminders, tables
from recovery.database import Database
from recovery.model import Channel, Email, Receipt
from recovery.programme_form import Delay, Programme, Start, Step, Variant
from recovery.reasons import Reason, read
from recovery.receipts import record_receipt
from recovery.reminders import Outcome
from tests.conftest import SetClock
from tests.recovery.channel_stories import (
    BOTH,
    MAIL,
    a_person,
    a_shop_with_mail,
    by_channel,
    left_cart,
    save,
    stands,
    text_else_mail,
)
from tests.recovery.stories import (
    EMAIL,
    PHONE,
    a_cart,
    accept,
    an_order,
    know_orders,
    record,
    rows,
    tick,
)

SMS, MAIL_ROW = (1, "sms"), (1, "email")


def send(database: Database, shop: Any, clock: SetClock) -> list[Any]:
    """Let what is due leave; the letters that did."""
    know_orders(database, shop, clock())
    letters = tick(database, clock())
    accept(database, letters, clock())
    return letters


def settle(database: Database, letters: list[Any], event: str, clock: SetClock) -> None:
    outcomes = [
        Outcome(each.reminder_id, event, clock(), refusal="no such number") for each in letters
    ]
    database.run(lambda db: reminders.settle(db, outcomes, clock()))


def receipt(database: Database, row: Any, state: str, clock: SetClock) -> bool:
    with database.reading() as db:
        account = accounts.by_id(db, row.account_id)
    assert account is not None
    told = Receipt(row.provider_id, state, clock(), str(row.id), reason="unknown subscriber")
    return database.run(lambda db: record_receipt(db, account, told, clock()))


def a_text_left(database: Database, clock: SetClock, *agreed: Channel) -> Any:
    shop = a_shop_with_mail(database, clock())
    save(database, shop, text_else_mail(1), clock)
    left_cart(database, shop, clock, shopper=a_person(clock(), *(agreed or BOTH)))
    clock.forward(minutes=61)
    assert [each.message.recipient for each in send(database, shop, clock)] == [PHONE]
    return shop


def test_who_left_no_number_gets_the_e_mail_of_the_step(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop_with_mail(database, clock())
    save(database, shop, text_else_mail(1), clock)
    left_cart(database, shop, clock, shopper=a_person(clock(), Channel.EMAIL, phone=None))
    clock.forward(minutes=61)
    assert send(database, shop, clock) == []
    (letter,) = send(database, shop, clock.forward(seconds=1) and clock)
    message = letter.message
    assert isinstance(message, Email)
    assert (message.recipient, message.sender, message.sender_name) == (EMAIL, MAIL, "Atelier Nord")
    assert "Anabella" in message.text
    assert message.written_at == clock()
    assert (message.unsubscribe_link or "").startswith("https://r.example/stop/")
    assert stands(database) == [(1, "email", "sent"), (1, "sms", "skipped")]
    assert read(by_channel(database)[SMS].reasons) == [Reason.NO_PHONE]
    assert by_channel(database)[MAIL_ROW].fallback_of == by_channel(database)[SMS].id


def test_who_agreed_to_e_mails_alone_gets_the_e_mail(database: Database, clock: SetClock) -> None:
    shop = a_shop_with_mail(database, clock())
    save(database, shop, text_else_mail(1), clock)
    left_cart(database, shop, clock, shopper=a_person(clock(), Channel.EMAIL))
    clock.forward(minutes=61)
    send(database, shop, clock)
    assert [each.message.recipient for each in send(database, shop, clock)] == [EMAIL]
    assert read(by_channel(database)[SMS].reasons) == [Reason.NO_CONSENT]


def test_who_agreed_to_nothing_gets_nothing(database: Database, clock: SetClock) -> None:
    shop = a_shop_with_mail(database, clock())
    save(database, shop, text_else_mail(1), clock)
    left_cart(database, shop, clock, shopper=a_person(clock()))
    clock.forward(minutes=61)
    assert send(database, shop, clock) + send(database, shop, clock) == []
    assert stands(database) == [(1, "email", "skipped"), (1, "sms", "skipped")]
    assert read(by_channel(database)[MAIL_ROW].reasons) == [Reason.NO_CONSENT]


def test_who_said_stop_is_not_followed_to_the_other_channel(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop_with_mail(database, clock())
    save(database, shop, text_else_mail(1), clock)
    left_cart(database, shop, clock, shopper=a_person(clock(), *BOTH))
    database.run(lambda db: consent.stop(db, shop.id, "sms", PHONE, "reply", clock()))
    clock.forward(minutes=61)
    assert send(database, shop, clock) + send(database, shop, clock) == []
    assert stands(database) == [(1, "sms", "skipped")]


def test_a_refused_text_becomes_one_e_mail(database: Database, clock: SetClock) -> None:
    shop = a_shop_with_mail(database, clock())
    save(database, shop, text_else_mail(1), clock)
    left_cart(database, shop, clock, shopper=a_person(clock(), *BOTH))
    clock.forward(minutes=61)
    know_orders(database, shop, clock())
    settle(database, tick(database, clock()), "refuse", clock)
    assert by_channel(database)[SMS].refusal == "no such number"
    assert [each.message.recipient for each in send(database, shop, clock)] == [EMAIL]
    assert send(database, shop, clock) == []
    assert stands(database) == [(1, "email", "sent"), (1, "sms", "failed")]


def test_an_undeliverable_text_becomes_one_e_mail(database: Database, clock: SetClock) -> None:
    shop = a_text_left(database, clock)
    clock.forward(minutes=5)
    for _ in range(2):  # receipts come twice
        assert receipt(database, by_channel(database)[SMS], "undelivered", clock)
    assert [each.message.recipient for each in send(database, shop, clock)] == [EMAIL]
    assert stands(database) == [(1, "email", "sent"), (1, "sms", "undelivered")]
    assert by_channel(database)[SMS].refusal == "unknown subscriber"


def test_a_delivery_told_after_all_is_recorded_and_stops_an_e_mail_that_waits(
    database: Database, clock: SetClock
) -> None:
    shop = a_text_left(database, clock)
    receipt(database, by_channel(database)[SMS], "undelivered", clock)
    receipt(database, by_channel(database)[SMS], "delivered", clock.forward(seconds=5) and clock)
    assert send(database, shop, clock) == []
    assert stands(database) == [(1, "email", "skipped"), (1, "sms", "delivered")]
    assert read(by_channel(database)[MAIL_ROW].reasons) == [Reason.OTHER_CHANNEL]


@pytest.mark.parametrize("event", ["lose_track", "accept"])
def test_silence_becomes_nothing_else(database: Database, clock: SetClock, event: str) -> None:
    shop = a_shop_with_mail(database, clock())
    save(database, shop, text_else_mail(1), clock)
    left_cart(database, shop, clock, shopper=a_person(clock(), *BOTH))
    clock.forward(minutes=61)
    know_orders(database, shop, clock())
    settle(database, tick(database, clock()), event, clock)
    for _ in range(6):
        clock.forward(hours=9)
        assert send(database, shop, clock) == []
    assert set(by_channel(database)) == {SMS}


def test_a_number_that_comes_later_sends_the_step_by_text_alone(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop_with_mail(database, clock())
    save(database, shop, text_else_mail(1), clock)
    left_cart(database, shop, clock, shopper=a_person(clock(), Channel.EMAIL, phone=None))
    clock.forward(minutes=61)
    send(database, shop, clock)
    assert stands(database) == [(1, "email", "scheduled"), (1, "sms", "skipped")]
    record(database, shop, a_cart(clock(), shopper=a_person(clock(), *BOTH)), now=clock())
    tick(database, clock.forward(minutes=31))
    clock.forward(minutes=61)
    sent = send(database, shop, clock) + send(database, shop, clock)
    assert [each.message.recipient for each in sent] == [PHONE]
    assert read(by_channel(database)[MAIL_ROW].reasons) == [Reason.OWN_CHANNEL_FIRST]


def test_after_the_e_mail_left_a_number_changes_nothing(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop_with_mail(database, clock())
    save(database, shop, text_else_mail(1), clock)
    left_cart(database, shop, clock, shopper=a_person(clock(), Channel.EMAIL, phone=None))
    clock.forward(minutes=61)
    assert len(send(database, shop, clock) + send(database, shop, clock)) == 1
    record(database, shop, a_cart(clock(), shopper=a_person(clock(), *BOTH)), now=clock())
    tick(database, clock.forward(minutes=31))
    clock.forward(minutes=61)
    assert send(database, shop, clock) + send(database, shop, clock) == []
    assert read(by_channel(database)[SMS].reasons) == [Reason.OTHER_CHANNEL]


# The Monday after, 17 May 2027, is Whit Monday, a holiday in France.
SATURDAY = datetime(2027, 5, 15, 19, 0, tzinfo=UTC)  # 21:00 in Paris


def test_before_a_long_weekend_the_step_goes_by_e_mail_at_its_time(
    database: Database, clock: SetClock
) -> None:
    clock.at = SATURDAY
    shop = a_shop_with_mail(database, clock())
    save(database, shop, text_else_mail(1), clock)
    left_cart(database, shop, clock, shopper=a_person(clock(), *BOTH))
    assert read(by_channel(database)[SMS].reasons) == [Reason.NO_DECENT_HOUR]
    mail = by_channel(database)[MAIL_ROW]
    assert (mail.due_at - SATURDAY).total_seconds() == 90 * 60
    clock.at = mail.due_at
    assert [each.message.recipient for each in send(database, shop, clock)] == [EMAIL]


def test_before_a_long_weekend_who_gets_no_e_mails_gets_the_text_late(
    database: Database, clock: SetClock
) -> None:
    saturday = datetime(2027, 4, 24, 19, 0, tzinfo=UTC)  # no holiday follows
    clock.at = saturday
    shop = a_shop_with_mail(database, clock())
    save(database, shop, text_else_mail(1), clock)
    left_cart(database, shop, clock, shopper=a_person(clock(), Channel.SMS))
    row = by_channel(database)[SMS]
    assert (row.state, row.late) == ("scheduled", True)
    assert set(by_channel(database)) == {SMS}


def test_an_order_ends_both_rows(database: Database, clock: SetClock) -> None:
    shop = a_text_left(database, clock)
    receipt(database, by_channel(database)[SMS], "undelivered", clock)
    record(database, shop, an_order(clock.forward(seconds=9)), now=clock())
    assert send(database, shop, clock) == []
    assert read(by_channel(database)[MAIL_ROW].reasons) == [Reason.ORDERED]


def test_an_e_mail_a_day_and_a_text_a_day(database: Database, clock: SetClock) -> None:
    shop = a_shop_with_mail(database, clock())
    step = Step(number=1, channel=Channel.SMS, delay=Delay(below=3600))
    soon = Step(number=2, channel=Channel.EMAIL, delay=Delay(below=7200))
    too_soon = Step(number=3, channel=Channel.EMAIL, delay=Delay(below=9000))
    form = Programme(start=Start.CART, steps=(step, soon, too_soon), holdout=0.0)
    save(database, shop, form, clock)
    left_cart(database, shop, clock, shopper=a_person(clock(), *BOTH))
    sent = []
    for _ in range(8):
        clock.forward(minutes=31)
        sent += send(database, shop, clock)
    assert [each.message.channel for each in sent] == ["sms", "email"]
    third = by_channel(database)[3, "email"]
    second = by_channel(database)[2, "email"]
    assert (third.due_at - second.sent_at).total_seconds() >= 86400


def test_a_shop_without_a_number_sends_its_texts_as_e_mails(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop_with_mail(database, clock(), account_id=None)
    save(database, shop, text_else_mail(1), clock)
    left_cart(database, shop, clock, shopper=a_person(clock(), *BOTH))
    clock.forward(minutes=61)
    assert [each.message.recipient for each in send(database, shop, clock)] == [EMAIL]
    assert read(by_channel(database)[SMS].reasons) == [Reason.NO_ACCOUNT]


def test_the_merchants_own_subject_and_opening_are_taken(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop_with_mail(database, clock())
    step = Step(
        number=1,
        channel=Channel.EMAIL,
        delay=Delay(below=3600),
        texts={"fr": "{{ first_name }}, votre thé refroidit chez {{ shop }}."},
        subjects={"fr": "Le thé de {{ first_name }}"},
    )
    save(database, shop, Programme(start=Start.CART, steps=(step,), holdout=0.0), clock)
    left_cart(database, shop, clock, shopper=a_person(clock(), *BOTH))
    clock.forward(minutes=61)
    (letter,) = send(database, shop, clock)
    assert letter.message.subject == "Le thé de Anabella"
    assert "Anabella, votre thé refroidit chez Atelier Nord." in letter.message.text
    row = by_channel(database)[MAIL_ROW]
    assert (row.headline, row.language, row.parts) == ("Le thé de Anabella", "fr", None)
    assert len(rows(database, tables.links)) == 2


def test_no_programme_falls_back_where_it_says_so_not(database: Database, clock: SetClock) -> None:
    shop = a_shop_with_mail(database, clock())
    form = text_else_mail(1)
    alone = structs.replace(
        form, steps=tuple(structs.replace(s, fallback=None) for s in form.steps)
    )
    save(database, shop, alone, clock)
    left_cart(database, shop, clock, shopper=a_person(clock(), Channel.EMAIL, phone=None))
    clock.forward(minutes=61)
    assert send(database, shop, clock) + send(database, shop, clock) == []
    assert set(by_channel(database)) == {SMS}


def test_who_said_stop_is_not_followed_when_the_text_was_held_up_before(
    database: Database, clock: SetClock
) -> None:
    clock.at = SATURDAY
    shop = a_shop_with_mail(database, clock())
    save(database, shop, text_else_mail(1), clock)
    left_cart(database, shop, clock, shopper=a_person(clock(), *BOTH))
    database.run(lambda db: consent.stop(db, shop.id, "sms", PHONE, "reply", clock()))
    clock.at = by_channel(database)[MAIL_ROW].due_at
    assert send(database, shop, clock) == []
    assert read(by_channel(database)[MAIL_ROW].reasons) == [Reason.STOPPED]


@pytest.mark.parametrize("is_later_undelivered", [False, True])
def test_a_step_is_not_told_on_the_other_channel_after_a_later_one_left(
    database: Database, clock: SetClock, is_later_undelivered: bool
) -> None:
    shop = a_shop_with_mail(database, clock())
    save(database, shop, text_else_mail(1, 25), clock)
    left_cart(database, shop, clock, shopper=a_person(clock(), *BOTH))
    for hours in (2, 24):
        clock.forward(hours=hours)
        assert len(send(database, shop, clock)) == 1
    if is_later_undelivered:
        receipt(database, by_channel(database)[2, "sms"], "undelivered", clock)
    receipt(database, by_channel(database)[SMS], "undelivered", clock)
    assert MAIL_ROW not in by_channel(database)
    clock.forward(minutes=1)
    assert len(send(database, shop, clock)) == int(is_later_undelivered)  # by its own other one


def test_the_row_of_the_other_channel_is_of_the_same_arm(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop_with_mail(database, clock())
    form = text_else_mail(1)
    same = Variant(name="B", weight=100, steps=form.steps)
    save(database, shop, structs.replace(form, variants=(same,)), clock)
    left_cart(database, shop, clock, shopper=a_person(clock(), *BOTH))
    clock.forward(minutes=61)
    know_orders(database, shop, clock())
    settle(database, tick(database, clock()), "refuse", clock)
    assert [row.arm for row in rows(database, tables.reminders)] == ["B", "B"]
