"""A step reaches its person once, whatever a programme was before, and never past its end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from recovery import planning, programmes, reminders, reply_steps, tables
from recovery.database import Database
from recovery.model import Channel, CustomerSeen
from recovery.programme_form import Delay, Programme, Start, Step, Variant
from recovery.reasons import Reason, read
from recovery.reminders import Outcome
from recovery.states import move
from tests.conftest import SetClock
from tests.recovery.channel_stories import (
    BOTH,
    HOUR,
    a_person,
    a_shop_with_mail,
    by_channel,
    left_cart,
    save,
    stands,
    text_else_mail,
)
from tests.recovery.stories import EMAIL, PHONE, a_cart, accept, know_orders, record, rows, tick
from tests.recovery.test_fallbacks import send

TEXT, MAIL = Channel.SMS, Channel.EMAIL


def by(*channels: Channel, **more: Any) -> Programme:
    """Steps a day apart on these channels, without another one."""
    steps = tuple(
        Step(number=at, channel=each, delay=Delay(below=HOUR + (at - 1) * 24 * HOUR))
        for at, each in enumerate(channels, 1)
    )
    return Programme(start=Start.CART, steps=steps, **({"holdout": 0.0} | more))


ALL_BY_MAIL = by(TEXT, variants=(Variant(name="mail", weight=100, steps=by(MAIL).steps),))


def without_fallback(form: Programme) -> Programme:
    return structs.replace(
        form, steps=tuple(structs.replace(each, fallback=None) for each in form.steps)
    )


def follow(database: Database, clock: SetClock) -> None:
    """The clock plans anew by what the programme is now."""
    database.run(lambda db: planning.follow_versions(db, clock()))


def change(database: Database, shop: Any, form: Programme, clock: SetClock) -> None:
    """A new version, which the clock follows."""
    save(database, shop, form, clock)
    follow(database, clock)


def comes_back(database: Database, shop: Any, clock: SetClock) -> None:
    """The cart changes, and is left alone anew until its steps are due."""
    clock.forward(hours=1)
    record(database, shop, a_cart(clock(), shopper=a_person(clock(), *BOTH)), now=clock())
    tick(database, clock.forward(minutes=31))
    clock.forward(minutes=61)


def test_a_step_that_left_does_not_leave_again_by_the_channel_of_a_new_version(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop_with_mail(database, clock())
    save(database, shop, by(TEXT, TEXT), clock)
    left_cart(database, shop, clock, shopper=a_person(clock(), *BOTH))
    clock.forward(minutes=61)
    assert len(send(database, shop, clock)) == 1
    change(database, shop, by(MAIL, MAIL), clock)
    clock.forward(minutes=1)
    assert send(database, shop, clock) == []
    clock.forward(hours=24)
    assert [each.message.recipient for each in send(database, shop, clock)] == [EMAIL]
    assert stands(database) == [(1, "sms", "sent"), (2, "email", "sent"), (2, "sms", "skipped")]


@pytest.mark.parametrize("before", [None, by(TEXT)])
@pytest.mark.parametrize(
    "after",
    [by(MAIL), by(TEXT, variants=(Variant(name="mail", weight=100, steps=by(MAIL).steps),))],
)
def test_a_cart_that_changes_gets_no_step_by_another_channel_again(
    database: Database, clock: SetClock, before: Programme | None, after: Programme
) -> None:
    shop = a_shop_with_mail(database, clock())
    if before is not None:  # else the built-in text leaves
        save(database, shop, before, clock)
    left_cart(database, shop, clock, shopper=a_person(clock(), *BOTH))
    clock.forward(minutes=61)
    assert [each.message.recipient for each in send(database, shop, clock)] == [PHONE]
    change(database, shop, after, clock)
    comes_back(database, shop, clock)
    assert send(database, shop, clock) == []


def test_a_step_that_left_by_its_fallback_leaves_by_no_other_when_the_fallback_is_gone(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop_with_mail(database, clock())
    save(database, shop, text_else_mail(1), clock)
    left_cart(database, shop, clock, shopper=a_person(clock(), MAIL))
    clock.forward(minutes=61)
    assert len(send(database, shop, clock) + send(database, shop, clock)) == 1
    change(database, shop, without_fallback(text_else_mail(1)), clock)
    comes_back(database, shop, clock)
    assert send(database, shop, clock) == []
    assert read(by_channel(database)[1, "sms"].reasons) == [Reason.OTHER_CHANNEL]


def test_what_an_answer_took_the_place_of_comes_back_in_no_new_version(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop_with_mail(database, clock())
    save(database, shop, by(TEXT, TEXT), clock)
    left_cart(database, shop, clock, shopper=a_person(clock(), *BOTH))
    clock.forward(minutes=61)
    assert len(send(database, shop, clock)) == 1
    (cart,) = rows(database, tables.carts)
    database.run(lambda db: reply_steps.call_off_rest(db, cart.id, clock()))
    change(database, shop, by(TEXT, MAIL, MAIL), clock)
    comes_back(database, shop, clock)
    clock.forward(hours=49)
    assert send(database, shop, clock) + send(database, shop, clock) == []
    assert stands(database) == [(1, "sms", "sent"), (2, "sms", "skipped")]


@pytest.mark.parametrize("is_off", [True, False])
def test_what_was_being_sent_while_its_step_went_does_not_leave_later(
    database: Database, clock: SetClock, is_off: bool
) -> None:
    shop = a_shop_with_mail(database, clock())
    save(database, shop, by(TEXT), clock)
    left_cart(database, shop, clock, shopper=a_person(clock(), *BOTH))
    clock.forward(minutes=61)
    know_orders(database, shop, clock())
    letters = tick(database, clock())
    assert len(letters) == 1
    if is_off:
        database.run(lambda db: programmes.switch(db, shop.id, programmes.CART, False))
        follow(database, clock)
    else:
        change(database, shop, by(MAIL), clock)
    clock.forward(minutes=1)
    waits = [each.message.recipient for each in send(database, shop, clock)]
    assert waits == []
    busy(database, letters, clock)
    sent = []
    for _ in range(3):
        clock.forward(minutes=11)
        follow(database, clock)
        sent += [each.message.recipient for each in send(database, shop, clock)]
    assert sent == ([] if is_off else [EMAIL])
    assert read(by_channel(database)[1, "sms"].reasons) == [Reason.NOT_IN_PROGRAMME]


def busy(database: Database, letters: list[Any], clock: SetClock) -> None:
    """The provider has no time now: these come back five minutes later."""
    at = clock() + timedelta(minutes=5)
    outcomes = [Outcome(each.reminder_id, "postpone", clock(), retry_at=at) for each in letters]
    database.run(lambda db: reminders.settle(db, outcomes, clock()))


@pytest.mark.parametrize("is_text_first", [True, False])
def test_of_two_rows_that_are_taken_at_once_one_leaves(
    database: Database, clock: SetClock, is_text_first: bool
) -> None:
    shop = a_shop_with_mail(database, clock())
    save(database, shop, text_else_mail(1), clock)
    left_cart(database, shop, clock, shopper=a_person(clock(), MAIL))
    clock.forward(minutes=61)
    assert send(database, shop, clock) == []
    agrees_to_texts(database, shop, clock)
    clock.forward(seconds=1)
    know_orders(database, shop, clock())
    text, mail = by_channel(database)[1, "sms"], by_channel(database)[1, "email"]
    mails = take(database, shop.email_account_id, mail, clock)
    texts = take(database, shop.account_id, text, clock)
    sent = []
    # The first to look does so while the other may be leaving.
    for claimed in (texts, mails) if is_text_first else (mails, texts):
        letters = look(database, claimed, clock)
        accept(database, letters, clock())
        sent += [each.message.recipient for each in letters]
    for _ in range(3):
        clock.forward(minutes=6)
        sent += [each.message.recipient for each in send(database, shop, clock)]
    assert sent == [PHONE]


def agrees_to_texts(database: Database, shop: Any, clock: SetClock) -> None:
    """Both rows of the step are scheduled then."""
    record(database, shop, CustomerSeen(a_person(clock(), *BOTH), clock()), now=clock())
    ids = {row.cart_id for row in rows(database, tables.reminders)}
    database.run(lambda db: planning.replan_skipped(db, ids, clock()))
    with database.transaction() as db:
        for row in rows(database, tables.reminders):
            move(db, tables.reminders, row.id, "plan_anew", {"reasons": None})


def take(database: Database, account_id: int | None, row: Any, clock: SetClock) -> Any:
    assert account_id is not None
    return database.run(lambda db: reminders.claim(db, account_id, [row.id], clock()))


def look(database: Database, claimed: Any, clock: SetClock) -> list[Any]:
    return database.run(lambda db: reminders.examine(db, claimed, "https://r.example", clock()))


def test_a_step_that_was_skipped_does_not_leave_after_the_one_that_follows_it(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop_with_mail(database, clock())
    save(database, shop, by(TEXT, MAIL), clock)
    nobody = a_person(clock(), MAIL, phone=None)
    left_cart(database, shop, clock, shopper=nobody)
    clock.forward(minutes=61)
    send(database, shop, clock)
    clock.forward(hours=25)
    send(database, shop, clock)
    assert stands(database) == [(1, "sms", "skipped"), (2, "email", "sent")]
    known = a_person(clock.forward(minutes=5), *BOTH)  # the phone comes with a change
    record(database, shop, a_cart(clock(), shopper=known), now=clock())
    clock.forward(minutes=31)
    tick(database, clock())
    clock.forward(minutes=61)
    send(database, shop, clock)
    row = by_channel(database)[1, "sms"]
    assert (row.state, read(row.reasons)) == ("skipped", [Reason.OUT_OF_TURN])
