"""A text as an RCS card or an MMS: when it is one, and what follows when it comes to nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from recovery import accounts, receipts, reminders, tables
from recovery.database import Database
from recovery.model import Receipt, Reply, RichText
from recovery.programme_form import Programme
from recovery.reasons import Reason, read
from recovery.reminders import Outcome
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.channel_stories import (
    BOTH,
    a_person,
    a_shop_with_mail,
    by_channel,
    left_cart,
    save,
    stands,
    text_else_mail,
)
from tests.recovery.stories import KEYS, PHONE, a_line, know_orders, rows, tick

SMS = (1, "sms")
AGENT, SENDER = "Atelier-RCS", "+33700000001"
SHOWN = replace(a_line(), image="https://cdn.example/tasse.jpg")


def rich_programme(kind: str = "rcs") -> Programme:
    """One text as a card, else an e-mail."""
    plain = text_else_mail(1)
    (step,) = plain.steps
    return structs.replace(plain, steps=(structs.replace(step, rich=kind),))


def a_card_due(
    database: Database,
    clock: SetClock,
    rich: str = "rcs:FR",
    lines: Any = (SHOWN,),
    programme: Programme | None = None,
    **known: Any,
) -> ShopRow:
    """A cart whose step of a card is due now."""
    shop = a_shop_with_mail(database, clock())
    with database.transaction() as db:
        app = {"application_id": "app"}
        accounts.keep(db, KEYS, "service", "vonage", SENDER, app, rich=rich, rcs_agent=AGENT)
    save(database, shop, programme or rich_programme(), clock)
    left_cart(database, shop, clock, shopper=a_person(clock(), *BOTH, **known), lines=lines)
    clock.forward(minutes=61)
    know_orders(database, shop, clock())
    return shop


def settle(database: Database, clock: SetClock, letters: Any, event: str, **more: Any) -> None:
    outcomes = [Outcome(each.reminder_id, event, clock(), **more) for each in letters]
    database.run(lambda db: reminders.settle(db, outcomes, clock()))


def told(
    database: Database, clock: SetClock, provider_id: str, state: str, kind: str | None = "rcs"
) -> None:
    row = by_channel(database)[SMS]
    reference = f"{row.id}-{kind}" if kind else str(row.id)
    receipt = Receipt(provider_id, state, clock(), reference=reference, reason="no RCS there")
    account = the_account(database)
    database.run(lambda db: receipts.record_receipt(db, account, receipt, clock()))


def the_account(database: Database) -> accounts.AccountRow:
    with database.reading() as db:
        found = accounts.by_name(db, "service")
    assert found is not None
    return found


def due(database: Database, shop: ShopRow, clock: SetClock) -> list[Any]:
    """What leaves a minute later."""
    clock.forward(minutes=1)
    know_orders(database, shop, clock())
    return tick(database, clock())


def a_card_sent(database: Database, clock: SetClock, **more: Any) -> ShopRow:
    shop = a_card_due(database, clock, **more)
    letters = tick(database, clock())
    settle(database, clock, letters, "accept", provider_id="card")
    assert (by_channel(database)[SMS].rich, stands(database)) == ("rcs", [(1, "sms", "sent")])
    return shop


# When it is one


def test_a_card_has_the_words_of_the_text_and_its_own_link_and_picture(
    database: Database, clock: SetClock
) -> None:
    a_card_due(database, clock)
    (letter,) = tick(database, clock())
    card = letter.message
    assert isinstance(card, RichText)
    row = by_channel(database)[SMS]
    assert (card.kind, card.agent, card.reference) == ("rcs", AGENT, f"{row.id}-rcs")
    assert (card.picture, card.title) == ("https://cdn.example/tasse.jpg", "Atelier Nord")
    assert card.link.startswith("https://r.example/r/") and card.link in card.text
    assert card.button == "Retrouver mon panier" and "STOP" in card.text
    plain = card.plain()
    assert (plain.text, plain.reference, plain.sender) == (card.text, str(row.id), SENDER)
    assert (row.text, row.rich, row.sender) == (card.text, "rcs", SENDER)


@pytest.mark.parametrize(
    "lacking",
    [
        {"rich": ""},
        {"rich": "mms"},
        {"rich": "rcs:DE"},
        {"lines": (a_line(),)},
        {"lines": (replace(SHOWN, image="http://cdn.example/tasse.jpg"),)},
        {"lines": (replace(SHOWN, image="https://cdn.example/tasse jpg"),)},
        {"phone": "+4915112345678", "country": "DE"},
        {"programme": rich_programme("mms")},
        {"programme": text_else_mail(1)},
    ],
    ids=str,
)
def test_where_it_cannot_be_a_card_the_same_row_is_the_text(
    database: Database, clock: SetClock, lacking: dict[str, Any]
) -> None:
    a_card_due(database, clock, **lacking)
    (letter,) = tick(database, clock())
    assert not isinstance(letter.message, RichText)
    assert letter.message.reference == str(letter.reminder_id)
    assert by_channel(database)[SMS].rich is None


def test_the_first_line_with_a_picture_is_shown(database: Database, clock: SetClock) -> None:
    a_card_due(database, clock, lines=(a_line("Bol"), SHOWN))
    (letter,) = tick(database, clock())
    assert isinstance(letter.message, RichText)


# Refused outright


def test_a_refused_card_is_a_text_in_the_same_claim(database: Database, clock: SetClock) -> None:
    shop = a_card_due(database, clock)
    letters = tick(database, clock())
    settle(database, clock, letters, "accept", provider_id="text", not_rich="no RCS here")
    row = by_channel(database)[SMS]
    assert (row.state, row.rich, row.refusal) == ("sent", "text", "no RCS here")
    told(database, clock, "text", "delivered", kind=None)
    assert due(database, shop, clock) == []
    assert stands(database) == [(1, "sms", "delivered")]


def test_a_text_that_waits_after_its_card_was_refused_stays_a_text(
    database: Database, clock: SetClock
) -> None:
    shop = a_card_due(database, clock)
    again = clock() + timedelta(minutes=1)
    letters = tick(database, clock())
    settle(database, clock, letters, "postpone", retry_at=again, not_rich="no RCS here")
    clock.forward(minutes=2)
    (letter,) = due(database, shop, clock)
    assert not isinstance(letter.message, RichText)


def test_a_text_that_is_refused_as_its_card_was_becomes_the_e_mail(
    database: Database, clock: SetClock
) -> None:
    shop = a_card_due(database, clock)
    letters = tick(database, clock())
    settle(database, clock, letters, "refuse", refusal="no such number", not_rich="no RCS here")
    assert by_channel(database)[SMS].refusal == "no such number"
    assert len(due(database, shop, clock)) == 1
    assert stands(database) == [(1, "email", "sending"), (1, "sms", "failed")]


def test_the_texts_receipt_may_be_faster_than_its_worker(
    database: Database, clock: SetClock
) -> None:
    shop = a_card_due(database, clock)
    letters = tick(database, clock())
    told(database, clock, "text", "undelivered", kind=None)
    settle(database, clock, letters, "accept", provider_id="text", not_rich="no RCS here")
    assert len(due(database, shop, clock)) == 1  # the e-mail: the text was the step's first
    assert stands(database) == [(1, "email", "sending"), (1, "sms", "undelivered")]


# Taken, and not delivered


def test_a_card_that_was_not_delivered_becomes_the_text_once(
    database: Database, clock: SetClock
) -> None:
    shop = a_card_sent(database, clock)
    for _ in range(2):  # receipts come twice
        told(database, clock, "card", "undelivered")
    row = by_channel(database)[SMS]
    assert (row.state, row.rich, row.rich_id, row.sent_at) == ("scheduled", "text", "card", None)
    letters = due(database, shop, clock)
    assert [isinstance(each.message, RichText) for each in letters] == [False]
    told(database, clock, "card", "undelivered")  # while the text is on its way
    told(database, clock, "card", "sent")
    assert stands(database) == [(1, "sms", "sending")]
    settle(database, clock, letters, "accept", provider_id="text")
    told(database, clock, "card", "undelivered")
    assert stands(database) == [(1, "sms", "sent")]
    told(database, clock, "text", "delivered", kind=None)
    assert due(database, shop, clock) == []
    assert stands(database) == [(1, "sms", "delivered")]


def test_of_a_card_and_its_text_neither_delivered_nothing_follows(
    database: Database, clock: SetClock
) -> None:
    shop = a_card_sent(database, clock)
    told(database, clock, "card", "undelivered")
    settle(database, clock, due(database, shop, clock), "accept", provider_id="text")
    told(database, clock, "text", "undelivered", kind=None)
    clock.forward(hours=2)
    assert due(database, shop, clock) == []
    assert stands(database) == [(1, "sms", "undelivered")]


def test_a_receipt_faster_than_the_worker_waits_for_it(database: Database, clock: SetClock) -> None:
    shop = a_card_due(database, clock)
    letters = tick(database, clock())
    told(database, clock, "card", "undelivered")
    assert stands(database) == [(1, "sms", "sending")]  # nobody else takes it meanwhile
    settle(database, clock, letters, "accept", provider_id="card")
    assert stands(database) == [(1, "sms", "scheduled")]
    assert by_channel(database)[SMS].provider_id is None
    assert len(due(database, shop, clock)) == 1


def test_a_card_without_an_answer_is_followed_by_nothing(
    database: Database, clock: SetClock
) -> None:
    shop = a_card_due(database, clock)
    settle(database, clock, tick(database, clock()), "lose_track")
    clock.forward(hours=3)
    assert due(database, shop, clock) == []
    assert stands(database) == [(1, "sms", "unconfirmed")]
    told(database, clock, "card", "undelivered")  # now it is known
    assert len(due(database, shop, clock)) == 1


def test_a_text_without_an_answer_is_not_settled_by_its_cards_receipts(
    database: Database, clock: SetClock
) -> None:
    shop = a_card_sent(database, clock)
    told(database, clock, "card", "undelivered")
    settle(database, clock, due(database, shop, clock), "lose_track")
    told(database, clock, "card", "undelivered")
    told(database, clock, "card", "sent")
    assert stands(database) == [(1, "sms", "unconfirmed")]
    told(database, clock, "text", "sent", kind=None)
    assert stands(database) == [(1, "sms", "sent")]


def test_a_worker_that_comes_back_from_the_dead_takes_no_card_for_its_text(
    database: Database, clock: SetClock
) -> None:
    shop = a_card_due(database, clock)
    letters = tick(database, clock())
    clock.forward(minutes=11)
    database.run(lambda db: reminders.lose_track_of_the_dead(db, clock()))
    told(database, clock, "card", "undelivered")
    settle(database, clock, letters, "accept", provider_id="card")
    row = by_channel(database)[SMS]
    assert (row.state, row.provider_id, row.sent_at) == ("scheduled", None, None)
    assert len(due(database, shop, clock)) == 1


def test_a_card_delivered_after_all_keeps_its_text_from_leaving(
    database: Database, clock: SetClock
) -> None:
    shop = a_card_sent(database, clock)
    told(database, clock, "card", "undelivered")
    told(database, clock, "card", "delivered")
    assert stands(database) == [(1, "sms", "delivered")]
    assert due(database, shop, clock) == []


def test_a_card_delivered_after_its_text_left_is_written_down(
    database: Database, clock: SetClock
) -> None:
    shop = a_card_sent(database, clock)
    told(database, clock, "card", "undelivered")
    settle(database, clock, due(database, shop, clock), "accept", provider_id="text")
    told(database, clock, "card", "delivered")
    row = by_channel(database)[SMS]
    assert (row.state, row.provider_id) == ("delivered", "text")


@pytest.mark.parametrize("ended", ["refuse", "stop"])
def test_a_card_delivered_after_its_text_did_not_leave_is_written_down(
    database: Database, clock: SetClock, ended: str
) -> None:
    shop = a_card_sent(database, clock)
    told(database, clock, "card", "undelivered")
    if ended == "stop":
        says(database, clock, SENDER, "stop")
    settle(database, clock, due(database, shop, clock), "refuse", refusal="no such number")
    told(database, clock, "card", "delivered")
    row = by_channel(database)[SMS]
    assert (row.state, row.provider_id) == ("delivered", "card")


def test_a_text_does_not_follow_its_card_past_a_later_step(
    database: Database, clock: SetClock
) -> None:
    a_card_sent(database, clock)
    (row,) = rows(database, tables.reminders)
    later = {
        name: value
        for name, value in row._mapping.items()
        if name not in ("id", "rich", "provider_id")
    }
    with database.transaction() as db:
        db.execute(tables.reminders.insert().values(**later | {"step": 2, "channel": "email"}))
    told(database, clock, "card", "undelivered")
    assert (1, "sms", "undelivered") in stands(database)


def test_too_late_for_the_text_the_card_ends_undelivered(
    database: Database, clock: SetClock
) -> None:
    a_card_sent(database, clock)
    clock.forward(hours=60)
    told(database, clock, "card", "undelivered")
    assert (1, "sms", "undelivered") in stands(database)


def test_a_stop_before_the_text_holds_it_back(database: Database, clock: SetClock) -> None:
    shop = a_card_sent(database, clock)
    told(database, clock, "card", "undelivered")
    says(database, clock, AGENT, "stop")
    assert due(database, shop, clock) == []
    assert read(by_channel(database)[SMS].reasons) == [Reason.STOPPED]
    assert stands(database) == [(1, "sms", "skipped")]


# What is answered


def says(database: Database, clock: SetClock, to: str, text: str) -> None:
    account = the_account(database)
    reply = Reply(f"r-{to}-{text}", PHONE, to, text, clock())
    database.run(lambda db: receipts.record_reply(db, account, reply, clock()))


@pytest.mark.parametrize("to", [AGENT, SENDER, SENDER[1:]])
def test_a_stop_to_the_agent_is_a_stop_to_the_number(
    database: Database, clock: SetClock, to: str
) -> None:
    shop = a_card_sent(database, clock)
    says(database, clock, to, "STOP")
    (stop,) = rows(database, tables.suppressions)
    assert (stop.shop_id, stop.channel, stop.address) == (shop.id, "sms", PHONE)
    (reply,) = rows(database, tables.replies)
    assert reply.reminder_id == by_channel(database)[SMS].id
