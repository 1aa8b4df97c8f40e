"""From a shopper's reply to what follows it: a text, a person, or nothing; on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from recovery import conversations, tables
from recovery.database import Database
from recovery.model import Channel
from recovery.offer_facts import Decision, Gift
from recovery.programme_form import Delay, End, Programme, Start, Step, Variant
from recovery.reply_steps import stands_outside_caps
from tests.conftest import SetClock
from tests.recovery.stories import (
    EMAIL,
    PHONE,
    a_shop,
    a_shopper,
    an_order,
    record,
    rows,
)
from tests.recovery.survey_stories import (
    CALLED_OFF,
    DAY,
    SENDER,
    WAITING,
    a_survey,
    answers,
    ask,
    asked_why,
    follow_ups,
    later_steps,
    on_their_way,
    reply,
    resting,
    save,
)


@pytest.mark.parametrize(
    ("said", "kept", "words"),
    [
        ("1", ("shipping", "offer"), "reply_shipping"),
        ("2", ("account", "guest_link"), "reply_account"),
        ("3", ("deciding", "calm_step"), "reply_calm"),
        ("4, demain 18h", ("no_time", "at_hour"), "reply_hour"),
        ("C'est le 2 !", ("account", "guest_link"), "reply_account"),
    ],
)
def test_a_digit_is_kept_as_a_reason_and_its_text_is_planned(
    database: Database, clock: SetClock, said: str, kept: Any, words: str
) -> None:
    asked_why(database, clock)
    reply(database, said, clock.forward(minutes=5))
    assert answers(database) == [kept]
    (text,) = follow_ups(database)
    assert (text.step, text.channel, text.state, text.words) == (1, "sms", "scheduled", words)
    assert (text.version_id, text.account_id, text.recipient) == (None, None, None)
    assert on_their_way(database) == []
    assert resting(database) == set()


@pytest.mark.parametrize(
    ("locale", "said", "reason"),
    [
        ("en", "the shiping was too much", "shipping"),
        ("fr", "Les frais de port !", "shipping"),
        ("de", "Ich habe kein Passwort", "account"),
        ("es", "No estoy seguro, lo estoy pensando", "deciding"),
        ("it", "devo pensarci", "deciding"),
        ("nl", "geen tijd", "no_time"),
        ("pt-BR", "o frete", "shipping"),
    ],
)
def test_words_in_seven_languages_are_answers(
    database: Database, clock: SetClock, locale: str, said: str, reason: str
) -> None:
    shop = a_shop(database, clock())
    save(database, shop, a_survey(24), clock())
    ask(database, shop, clock, shopper=a_shopper(clock(), locale=locale))
    reply(database, said, clock.forward(minutes=5))
    assert [each for each, _ in answers(database)] == [reason]
    assert len(follow_ups(database)) == 1


def test_an_answer_of_now_is_due_at_once_and_lives_a_day(
    database: Database, clock: SetClock
) -> None:
    asked_why(database, clock)
    reply(database, "2", clock.forward(minutes=5))
    (text,) = follow_ups(database)
    assert (text.due_at, text.latest_at) == (clock(), clock() + DAY)
    assert later_steps(database) == [WAITING, WAITING]


def test_who_is_deciding_is_written_to_later_and_by_that_alone(
    database: Database, clock: SetClock
) -> None:
    asked_why(database, clock)
    reply(database, "3", clock.forward(minutes=5))
    (text,) = follow_ups(database)
    assert text.due_at == clock() + 3 * DAY
    assert text.latest_at == text.due_at + timedelta(hours=48)
    assert later_steps(database) == [CALLED_OFF, CALLED_OFF]


def test_tomorrow_at_six_is_tomorrow_at_six(database: Database, clock: SetClock) -> None:
    asked_why(database, clock)
    reply(database, "demain 18h", clock.forward(minutes=5))
    (text,) = follow_ups(database)
    assert text.due_at == datetime(2026, 11, 19, 17, 0, tzinfo=UTC)
    assert later_steps(database) == [CALLED_OFF, CALLED_OFF]


def test_tomorrow_is_a_french_sunday_so_it_is_monday_morning(
    database: Database, clock: SetClock
) -> None:
    clock.forward(days=3)  # a Saturday
    asked_why(database, clock)
    reply(database, "demain 18h", clock.forward(minutes=5))
    (text,) = follow_ups(database)
    assert answers(database) == [("no_time", "at_hour")]
    assert text.due_at.astimezone(UTC).date() == datetime(2026, 11, 23, tzinfo=UTC).date()
    assert text.due_at == datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


def test_an_answer_at_night_waits_for_the_morning(database: Database, clock: SetClock) -> None:
    asked_why(database, clock)
    clock.at = clock.at.replace(hour=22)
    reply(database, "2", clock())
    (text,) = follow_ups(database)
    assert text.due_at == datetime(2026, 11, 19, 7, 0, tzinfo=UTC)


def test_an_hour_counts_from_when_it_was_said_and_is_never_over(
    database: Database, clock: SetClock
) -> None:
    asked_why(database, clock)
    said_at = clock.forward(minutes=5)
    reply(database, "in 2 hours", said_at, now=clock.forward(hours=1))
    assert follow_ups(database)[0].due_at == said_at + timedelta(hours=2)


def test_a_webhook_that_comes_late_plans_nothing_in_the_past(
    database: Database, clock: SetClock
) -> None:
    asked_why(database, clock)
    reply(database, "2", clock.forward(minutes=5), now=clock.forward(hours=3))
    (text,) = follow_ups(database)
    assert text.due_at == clock()
    assert text.created_at == clock() - timedelta(hours=3)


def test_within_a_day_of_the_reply_its_text_stands_outside_the_caps(
    database: Database, clock: SetClock
) -> None:
    asked_why(database, clock)
    reply(database, "2", clock.forward(minutes=5))
    (text,) = follow_ups(database)
    assert stands_outside_caps(text, clock() + DAY)
    assert not stands_outside_caps(text, clock() + DAY + timedelta(seconds=1))
    survey = rows(database, tables.reminders)[0]
    assert not stands_outside_caps(survey, clock())


def test_shipping_is_offered_where_the_policy_allows(database: Database, clock: SetClock) -> None:
    shop = asked_why(database, clock)
    asked: list[tuple[int, int]] = []

    def offer(db: Connection, cart: Any, shop: Any, now: datetime) -> Decision:
        asked.append((cart.id, shop.id))
        return Decision(Gift.NOW, ())

    reply(database, "bonjour", clock.forward(minutes=5), phone="+33612345699")  # somebody else
    reminder = rows(database, tables.reminders)[0]
    said = {"account_id": 1, "provider_id": "x", "sender": PHONE, "text": "1", "at": clock()}

    def work(db: Connection) -> Any:
        new = tables.replies.insert().values(shop_id=shop.id, reminder_id=reminder.id, **said)
        kept = db.execute(new.returning(*tables.replies.c)).one()
        return conversations.heard(db, shop, kept, reminder, clock(), offer)

    database.run(work)
    assert asked == [(reminder.cart_id, shop.id)]
    assert answers(database) == [("shipping", "offer")]
    (text,) = follow_ups(database)
    assert (text.words, text.due_at, text.latest_at) == ("reply_shipping", clock(), clock() + DAY)
    assert later_steps(database) == [WAITING, WAITING]


def test_where_guests_may_not_order_a_person_reads_it(database: Database, clock: SetClock) -> None:
    asked_why(database, clock, guests_may_order=False)
    reply(database, "2", clock.forward(minutes=5))
    assert answers(database) == [("account", "merchant")]
    assert follow_ups(database) == []
    assert len(on_their_way(database)) == 1


@pytest.mark.parametrize("said", ["5", "autre", "Bonjour, avez-vous du bleu ?", "oui", "👍", ""])
def test_what_is_no_answer_reaches_a_person_and_pauses_the_programme(
    database: Database, clock: SetClock, said: str
) -> None:
    shop = asked_why(database, clock)
    reply(database, said, clock.forward(minutes=5))
    assert [follow for _, follow in answers(database)] == ["merchant"]
    (forward,) = on_their_way(database)
    assert (forward.shop_id, forward.try_at, forward.sent_at) == (shop.id, clock(), None)
    assert resting(database) == {PHONE, EMAIL}
    assert follow_ups(database) == []
    assert later_steps(database) == [WAITING, WAITING]


@pytest.mark.parametrize("said", ["STOP", "1 stop", "stop demain 18h", "Arrêtez !"])
def test_stop_wins_over_every_answer(database: Database, clock: SetClock, said: str) -> None:
    asked_why(database, clock)
    reply(database, said, clock.forward(minutes=5))
    assert answers(database) == []
    assert follow_ups(database) == []
    assert on_their_way(database) == []
    assert {state for state, _ in later_steps(database)} == {"skipped"}


def test_a_stop_after_an_answer_calls_off_what_was_to_follow(
    database: Database, clock: SetClock
) -> None:
    asked_why(database, clock)
    reply(database, "3", clock.forward(minutes=5))
    reply(database, "STOP", clock.forward(minutes=5))
    assert [row.state for row in follow_ups(database)] == ["skipped"]


def test_a_webhook_that_comes_twice_changes_nothing_twice(
    database: Database, clock: SetClock
) -> None:
    asked_why(database, clock)
    at = clock.forward(minutes=5)
    for text in ("3", "5"):
        for _ in range(2):
            reply(database, text, at, now=clock.forward(minutes=1))
    assert answers(database) == [("deciding", "calm_step"), ("other", "merchant")]
    assert len(follow_ups(database)) == 1
    assert len(on_their_way(database)) == 1


def test_a_second_answer_goes_to_a_person(database: Database, clock: SetClock) -> None:
    asked_why(database, clock)
    reply(database, "3", clock.forward(minutes=5))
    reply(database, "2", clock.forward(minutes=5))
    assert answers(database) == [("deciding", "calm_step"), ("account", "merchant")]
    assert len(follow_ups(database)) == 1
    assert len(on_their_way(database)) == 1


def test_who_ordered_meanwhile_gets_no_text_and_is_counted(
    database: Database, clock: SetClock
) -> None:
    shop = asked_why(database, clock)
    record(database, shop, an_order(clock.forward(minutes=5)), now=clock())
    reply(database, "1", clock.forward(minutes=5))
    assert answers(database) == [("shipping", "nothing")]
    assert follow_ups(database) == []
    assert on_their_way(database) == []


def test_an_order_after_the_answer_calls_off_what_was_to_follow(
    database: Database, clock: SetClock
) -> None:
    shop = asked_why(database, clock)
    reply(database, "3", clock.forward(minutes=5))
    record(database, shop, an_order(clock.forward(minutes=5), cart_keys=("token:c1",)), now=clock())
    assert [row.state for row in follow_ups(database)] == ["skipped"]


def test_on_a_shared_number_the_reply_belongs_to_the_shop_that_wrote_last(
    database: Database, clock: SetClock
) -> None:
    asked_why(database, clock)
    other = a_shop(database, clock(), address="atelier-sud.myshopify.com", name="Atelier Sud")
    save(database, other, a_survey(24, asks=False), clock())
    ask(database, other, clock)
    reply(database, "1", clock.forward(minutes=5))
    assert answers(database) == []
    (forward,) = on_their_way(database)
    assert forward.shop_id == other.id
    held = rows(database, tables.pauses, "shop_id")
    assert {row.shop_id for row in held} == {other.id}
    assert later_steps(database)[0] == WAITING


def test_a_reply_on_the_seventh_day_still_is_one(database: Database, clock: SetClock) -> None:
    asked_why(database, clock)
    reply(database, "2", clock.forward(days=7))
    assert answers(database) == [("account", "guest_link")]


def test_a_reply_long_after_the_survey_is_no_answer_to_it(
    database: Database, clock: SetClock
) -> None:
    asked_why(database, clock, a_survey())
    reply(database, "2", clock.forward(days=7, seconds=1))
    assert answers(database) == []
    assert follow_ups(database) == []
    assert len(on_their_way(database)) == 1


def test_a_reply_from_before_the_survey_is_no_answer_to_it(
    database: Database, clock: SetClock
) -> None:
    asked_why(database, clock)
    reply(database, "2", clock() - timedelta(minutes=30), now=clock.forward(minutes=1))
    assert answers(database) == []
    assert len(on_their_way(database)) == 1


def test_a_reply_to_a_text_that_was_no_survey_reaches_a_person(
    database: Database, clock: SetClock
) -> None:
    asked_why(database, clock, a_survey(24, asks=False))
    reply(database, "1", clock.forward(minutes=5))
    assert answers(database) == []
    assert len(on_their_way(database)) == 1
    assert resting(database) == {PHONE, EMAIL}
    assert later_steps(database) == [WAITING]


def test_a_row_that_says_so_itself_is_a_survey(database: Database, clock: SetClock) -> None:
    asked_why(database, clock, a_survey(asks=False))
    change = tables.reminders.update().values(words="why")
    database.run(lambda db: db.execute(change))
    reply(database, "2", clock.forward(minutes=5))
    assert answers(database) == [("account", "guest_link")]


@pytest.mark.parametrize(("arm", "kept"), [("asked", 1), ("control", 0)])
def test_only_the_people_of_a_variant_that_asks_are_listened_to(
    database: Database, clock: SetClock, arm: str, kept: int
) -> None:
    plain = Step(number=1, channel=Channel.SMS, delay=Delay(below=3600))
    asking = Step(number=1, channel=Channel.SMS, delay=Delay(below=3600), asks_why=True)
    variant = Variant(name="asked", weight=50, steps=(asking,))
    form = Programme(start=Start.CART, steps=(plain,), holdout=0.0, variants=(variant,))
    asked_why(database, clock, form)
    change = tables.reminders.update().values(arm=arm)
    database.run(lambda db: db.execute(change))
    reply(database, "2", clock.forward(minutes=5))
    assert len(answers(database)) == kept
    assert [row.arm for row in follow_ups(database)] == [arm] * kept


def test_a_newer_version_does_not_change_what_was_asked(
    database: Database, clock: SetClock
) -> None:
    shop = asked_why(database, clock)
    save(database, shop, a_survey(24, asks=False), clock())
    reply(database, "2", clock.forward(minutes=5))
    assert answers(database) == [("account", "guest_link")]


@pytest.mark.parametrize("said", ["2", "Bonjour ?"])
def test_a_programme_that_ends_with_a_reply_sends_no_further_step(
    database: Database, clock: SetClock, said: str
) -> None:
    asked_why(database, clock, a_survey(24, 48, ends=tuple(End)))
    reply(database, said, clock.forward(minutes=5))
    assert later_steps(database) == [CALLED_OFF, CALLED_OFF]


def test_the_text_that_follows_survives_the_end_of_the_programme(
    database: Database, clock: SetClock
) -> None:
    asked_why(database, clock, a_survey(24, ends=tuple(End)))
    reply(database, "3", clock.forward(minutes=5))
    reply(database, "et en bleu ?", clock.forward(minutes=5))
    assert [row.state for row in follow_ups(database)] == ["scheduled"]


def test_a_second_survey_of_a_cart_plans_the_next_step(database: Database, clock: SetClock) -> None:
    first, second = a_survey(24).steps
    both = Programme(
        start=Start.CART,
        steps=(first, Step(second.number, second.channel, second.delay, asks_why=True)),
        holdout=0.0,
        ends=a_survey().ends,
    )
    asked_why(database, clock, both)
    reply(database, "2", clock.forward(minutes=5))
    left = {"state": "sent", "sent_at": clock.forward(days=1), "recipient": PHONE}
    left["account_id"] = rows(database, tables.reminders)[0].account_id
    change = tables.reminders.update().where(tables.reminders.c.step == 2)
    database.run(lambda db: db.execute(change.values(**left, sender=SENDER)))
    reply(database, "4 ce soir", clock.forward(minutes=5))
    assert [(row.step, row.words) for row in follow_ups(database)] == [
        (1, "reply_account"),
        (2, "reply_hour"),
    ]


def a_step_left(database: Database, clock: SetClock) -> None:
    """The plain reminder after the survey leaves, a day after it."""
    left = {"state": "sent", "sent_at": clock.forward(days=1), "recipient": PHONE}
    left["account_id"] = rows(database, tables.reminders)[0].account_id
    change = tables.reminders.update().where(tables.reminders.c.step == 2)
    database.run(lambda db: db.execute(change.values(**left, sender=SENDER)))


@pytest.mark.parametrize(
    ("said", "kept"), [("1", ("shipping", "offer")), ("le compte", ("account", "guest_link"))]
)
def test_an_answer_counts_though_a_later_text_has_left(
    database: Database, clock: SetClock, said: str, kept: Any
) -> None:
    asked_why(database, clock)
    a_step_left(database, clock)
    reply(database, said, clock.forward(minutes=5))
    assert answers(database) == [kept]
    (reason,) = rows(database, tables.leaving_reasons)
    assert reason.reminder_id == rows(database, tables.reminders)[0].id
    assert resting(database) == set()


def test_what_is_no_answer_after_a_later_text_is_not_counted_for_the_survey(
    database: Database, clock: SetClock
) -> None:
    asked_why(database, clock)
    a_step_left(database, clock)
    reply(database, "Et en bleu ?", clock.forward(minutes=5))
    assert answers(database) == []
    assert len(on_their_way(database)) == 1
    assert resting(database) == {PHONE, EMAIL}


def test_an_old_survey_is_not_asked_behind_a_later_text(
    database: Database, clock: SetClock
) -> None:
    asked_why(database, clock)
    clock.forward(days=6)
    a_step_left(database, clock)
    reply(database, "1", clock.forward(minutes=5))
    assert answers(database) == []
    assert len(on_their_way(database)) == 1
