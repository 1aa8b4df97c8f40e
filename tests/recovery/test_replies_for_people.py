"""Replies that a person is to read: whose they are, and for whom programmes then pause."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Connection, select

from recovery import accounts, conversations, pauses, receipts, tables, tidying
from recovery.database import Database
from recovery.model import Reply
from tests.conftest import SetClock
from tests.recovery.stories import (
    EMAIL,
    KEYS,
    PHONE,
    a_shop,
    rows,
)
from tests.recovery.survey_stories import (
    SENDER,
    a_survey,
    answers,
    ask,
    asked_why,
    follow_ups,
    on_their_way,
    reply,
    resting,
)


def test_a_number_nobody_wrote_to_reaches_the_only_shop_of_the_sender(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    reply(database, "Vous êtes ouverts ?", clock())
    (forward,) = on_their_way(database)
    assert forward.shop_id == shop.id
    assert resting(database) == {PHONE}


def test_a_number_nobody_wrote_to_on_a_shared_sender_leaves_a_notice_without_its_words(
    database: Database, clock: SetClock
) -> None:
    a_shop(database, clock())
    a_shop(database, clock(), address="atelier-sud.myshopify.com")
    reply(database, "Vous êtes ouverts ?", clock())
    assert on_their_way(database) == []
    (notice,) = rows(database, tables.notices)
    assert "ouverts" not in notice.words
    assert PHONE not in notice.words + notice.subject


def test_a_shop_that_left_us_gets_nothing(database: Database, clock: SetClock) -> None:
    asked_why(database, clock)
    gone = tables.shops.update().values(state="uninstalled")
    database.run(lambda db: db.execute(gone))
    reply(database, "2", clock.forward(minutes=5))
    assert answers(database) == []
    assert on_their_way(database) == []


def test_a_pause_holds_at_its_shop_and_ends_for_all_addresses_of_the_person(
    database: Database, clock: SetClock
) -> None:
    shop = asked_why(database, clock)
    reply(database, "Bonjour ?", clock.forward(minutes=5))
    reply(database, "Toujours là ?", clock.forward(minutes=5))
    keys = {(shop.id, PHONE), (shop.id, EMAIL), (shop.id + 1, PHONE), (shop.id, "+33612345699")}
    mine = {(shop.id, PHONE), (shop.id, EMAIL)}
    with database.reading() as db:
        assert pauses.paused(db, keys) == mine
        assert pauses.paused(db, set()) == set()
    assert database.run(lambda db: pauses.lift(db, shop.id, EMAIL, clock()))
    assert not database.run(lambda db: pauses.lift(db, shop.id, EMAIL, clock()))
    with database.reading() as db:
        assert pauses.paused(db, keys) == set()
    reply(database, "Et encore ?", clock.forward(minutes=5))
    with database.reading() as db:
        assert pauses.paused(db, keys) == mine


def test_lifting_one_persons_pause_leaves_anothers(database: Database, clock: SetClock) -> None:
    shop = asked_why(database, clock)
    reply(database, "Bonjour ?", clock.forward(minutes=5))
    reply(database, "Bonjour ?", clock.forward(minutes=5), phone="+33612345699")
    database.run(lambda db: pauses.lift(db, shop.id, PHONE, clock()))
    assert resting(database) == {"+33612345699"}


def test_a_yes_that_was_asked_for_reaches_nobody(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    sent = {"state": "sent", "sent_at": clock(), "recipient": PHONE, "sender": "+33700000001"}
    sent |= {"account_id": shop.account_id}
    asked = {"programme": "opt_in", "step": 1, "channel": "sms", "attempts": 1, "subject": ""}
    times = {"due_at": clock(), "latest_at": clock(), "created_at": clock()}
    request = {"kind": "marketing", "phone": PHONE, "source": "plugin", "words": "Text me"}
    request |= {"asked_at": clock(), "said_at": clock(), "recorded_at": clock()}

    def work(db: Connection) -> None:
        db.execute(tables.requests.insert().values(shop_id=shop.id, **request))
        one = db.execute(select(tables.requests.c.id)).scalar_one()
        row = sent | asked | times | {"shop_id": shop.id, "request_id": one}
        db.execute(tables.reminders.insert().values(**row))

    database.run(work)
    reply(database, "oui", clock.forward(minutes=5))
    assert on_their_way(database) == []
    assert rows(database, tables.requests)[0].confirmed_at is not None
    reply(database, "oui", clock.forward(minutes=5))  # now nobody waits for it
    assert len(on_their_way(database)) == 1


def test_the_cart_is_held_while_an_answer_to_it_is_read(
    database: Database, clock: SetClock
) -> None:
    """So of two answers at once the second finds the first; SQLite has one writer anyway."""
    asked_why(database, clock)
    (survey, *_) = rows(database, tables.reminders)
    free = select(tables.carts.c.id).with_for_update(skip_locked=True)
    with database.transaction() as db:
        assert conversations._held_cart(db, survey) is not None
        if not database.is_sqlite:
            with database.transaction() as other:
                assert other.execute(free).all() == []


def test_two_answers_at_once_are_an_answer_and_a_message_for_a_person(
    database: Database, clock: SetClock
) -> None:
    asked_why(database, clock)
    at, together = clock.forward(minutes=5), threading.Barrier(2)

    def say(text: str) -> None:
        together.wait(5)
        reply(database, text, at)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(say, ["3", "2"]))
    assert len(answers(database)) == 2
    assert len(follow_ups(database)) == 1
    assert len(on_their_way(database)) == 1


def test_a_start_is_no_message_for_a_person(database: Database, clock: SetClock) -> None:
    asked_why(database, clock)
    reply(database, "START", clock.forward(minutes=5))
    assert on_their_way(database) == []


def test_a_start_goes_on_with_whoever_is_paused(database: Database, clock: SetClock) -> None:
    asked_why(database, clock)
    reply(database, "merci", clock.forward(minutes=5))
    reply(database, "merci", clock.forward(minutes=5), phone="+33612345699")
    reply(database, "START", clock.forward(minutes=5))
    assert resting(database) == {"+33612345699"}


def test_a_pause_ends_by_itself_a_fortnight_after_the_last_word(
    database: Database, clock: SetClock
) -> None:
    asked_why(database, clock)
    reply(database, "merci", clock.forward(minutes=5))
    clock.forward(days=10)
    reply(database, "Vous êtes là ?", clock(), phone=PHONE)
    both = {PHONE, EMAIL}
    for days, paused in ((13, both), (1, set())):
        clock.forward(days=days)
        database.run(lambda db: tidying.tidy(db, clock()))
        assert resting(database) == paused
    (first, *_) = rows(database, tables.pauses)
    assert first.lifted_at == clock()


def test_a_new_cart_after_a_pause_is_reminded(database: Database, clock: SetClock) -> None:
    shop = asked_why(database, clock, a_survey())
    reply(database, "merci", clock.forward(minutes=5))
    clock.forward(days=14)
    database.run(lambda db: tidying.tidy(db, clock()))
    ask(database, shop, clock, key="token:another")
    (_, second) = rows(database, tables.reminders)
    assert second.sent_at is not None


def test_a_reply_signed_by_another_account_does_nothing_to_a_shops_people(
    database: Database, clock: SetClock
) -> None:
    asked_why(database, clock)
    with database.transaction() as db:
        other = accounts.keep(db, KEYS, "other", "vonage", "+33799999999", {"application_id": "o"})
    for number, text in enumerate(("STOP", "1", "Bonjour ?", "START")):
        at = clock.forward(minutes=1)
        said = Reply(f"o{number}", PHONE.lstrip("+"), SENDER.lstrip("+"), text, at)
        database.run(lambda db, said=said, at=at: receipts.record_reply(db, other, said, at))
    assert rows(database, tables.suppressions) == answers(database) == on_their_way(database) == []
    assert resting(database) == set()
    assert {row.shop_id for row in rows(database, tables.replies)} == {None}
