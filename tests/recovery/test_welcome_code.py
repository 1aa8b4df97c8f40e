"""The code in a welcome text: known to work, looked at again, never in another text."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from recovery import eligibility, forgetting, reminders, tables, welcome
from recovery.answer_texts import WORDS, Answer, text_of
from recovery.database import Database
from recovery.letters import Letter
from recovery.reasons import Reason
from recovery.reminders import Outcome
from recovery.shops import ShopRow
from recovery.sms_parts import GSM_7, parts_of
from tests.conftest import SetClock
from tests.recovery.asked_stories import (
    ALL_STAGES,
    a_parcel,
    a_product,
    a_watch,
    order_news,
    reasons_of,
    set_shop,
    tick,
)
from tests.recovery.stories import a_cart, a_shopper, an_order, know_orders, record, rows
from tests.recovery.welcome_stories import TEXT, a_box, a_welcoming_shop, left, say, welcomed

# -- the code ------------------------------------------------------------------------------------


def test_no_text_leaves_before_the_platform_said_that_the_code_works(
    database: Database, clock: SetClock
) -> None:
    shop = a_welcoming_shop(database, clock)
    set_shop(database, next_poll_at=clock() + timedelta(minutes=5))
    record(database, shop, a_box(clock()), now=clock())
    assert left(database, clock) == []
    (row,) = rows(database, tables.reminders)
    assert (row.state, row.due_at) == ("scheduled", clock() + timedelta(minutes=1))
    assert rows(database, tables.shops)[0].next_poll_at == clock(), "the shop is asked at once"
    say(database, shop, clock)
    clock.forward(minutes=1)
    assert left(database, clock) == [TEXT]


def test_a_code_that_does_not_work_is_promised_to_nobody(
    database: Database, clock: SetClock
) -> None:
    shop = a_welcoming_shop(database, clock)
    for number in range(2):
        record(database, shop, a_box(clock(), phone=f"+3361234560{number}"), now=clock())
    say(database, shop, clock, works=False)
    assert left(database, clock) == []
    assert reasons_of(database) == [("welcome", "skipped", [Reason.CODE_GONE])] * 2
    (told,) = rows(database, tables.notices)
    assert (told.subject, told.over_at) == (f"shop.{shop.id}.welcome_code", None)
    assert "HELLO10 does not work" in told.words
    assert "3361234560" not in told.words
    say(database, shop, clock)
    (told,) = rows(database, tables.notices)
    assert told.over_at == clock()


def test_a_platform_that_does_not_answer_is_waited_for_and_then_it_leaves(
    database: Database, clock: SetClock
) -> None:
    shop = a_welcoming_shop(database, clock)
    record(database, shop, a_box(clock()), now=clock())
    for _ in range(8):
        assert left(database, clock) == []
        clock.forward(hours=1)
    assert welcomed(database, shop, clock) == [TEXT]


def test_a_platform_that_is_away_for_two_days_is_waited_for_no_longer(
    database: Database, clock: SetClock
) -> None:
    shop = a_welcoming_shop(database, clock)
    record(database, shop, a_box(clock()), now=clock())
    begun = clock()
    while rows(database, tables.reminders)[0].state == "scheduled":
        assert left(database, clock) == []
        clock.forward(hours=1)
        database.run(lambda db: reminders.skip_stale(db, clock()))
    assert timedelta(days=2) < clock() - begun <= timedelta(days=2, hours=1)
    assert reasons_of(database) == [("welcome", "skipped", [Reason.CODE_UNKNOWN])]
    (told,) = rows(database, tables.notices)
    assert "did not say" in told.words
    assert welcomed(database, shop, clock) == []


def test_an_answer_of_long_ago_or_about_another_code_says_nothing(
    database: Database, clock: SetClock
) -> None:
    shop = a_welcoming_shop(database, clock)
    say(database, shop, clock)
    clock.forward(minutes=4)
    record(database, shop, a_box(clock()), now=clock())
    assert left(database, clock) == []
    say(database, shop, clock, code="OLD5")
    clock.forward(minutes=1)
    assert left(database, clock) == []
    say(database, shop, clock)
    clock.forward(minutes=1)
    assert left(database, clock) == [TEXT]


def test_a_code_taken_away_skips_what_waits(database: Database, clock: SetClock) -> None:
    shop = a_welcoming_shop(database, clock)
    record(database, shop, a_box(clock()), now=clock())
    set_shop(database, welcome_code="")
    assert welcomed(database, shop, clock) == []
    assert reasons_of(database) == [("welcome", "skipped", [Reason.SWITCHED_OFF])]


def test_the_code_is_wanted_of_the_platform_only_while_a_text_waits(
    database: Database, clock: SetClock
) -> None:
    shop = a_welcoming_shop(database, clock, order_texts=ALL_STAGES)

    def wanted() -> str | None:
        return database.run(lambda db: welcome.wanted_code(db, shop.id, clock()))

    record(database, shop, order_news(clock()), an_order(clock()), now=clock())
    assert wanted() is None
    record(database, shop, a_box(clock()), now=clock())
    assert wanted() == "HELLO10"
    welcomed(database, shop, clock)
    assert wanted() is None


# -- the last look -------------------------------------------------------------------------------


def a_letter(database: Database, clock: SetClock) -> tuple[ShopRow, Letter]:
    """A welcome that was looked at, and waits for its turn at the provider."""
    shop = a_welcoming_shop(database, clock)
    record(database, shop, a_box(clock()), now=clock())
    say(database, shop, clock)
    (letter,) = tick(database, clock())
    assert since(database, letter) is None
    return shop, letter


def since(database: Database, letter: Letter) -> Reason | None:
    with database.reading() as db:
        return eligibility.reason_since(db, letter.reminder_id)


def test_the_last_look_finds_a_consent_taken_back(database: Database, clock: SetClock) -> None:
    shop, letter = a_letter(database, clock)
    record(database, shop, a_box(clock.forward(seconds=1), granted=False), now=clock())
    assert since(database, letter) == Reason.NO_CONSENT


def test_the_last_look_finds_an_erased_person(database: Database, clock: SetClock) -> None:
    shop, letter = a_letter(database, clock)
    database.run(lambda db: forgetting.forget_carts(db, shop, ["cart:b1"], clock()))
    assert since(database, letter) == Reason.NOT_ASKED


@pytest.mark.parametrize(
    "values",
    [
        {"welcome_code": "OTHER"},
        {"welcome_code": ""},
        {"welcome_code": "HELLO1"},
        {"code_works": False},
        {"code_read": "OTHER"},
    ],
)
def test_the_last_look_finds_another_code(
    database: Database, clock: SetClock, values: dict[str, Any]
) -> None:
    _, letter = a_letter(database, clock)
    set_shop(database, **values)
    assert since(database, letter) == Reason.CODE_UNKNOWN


def test_the_last_look_finds_a_shop_that_is_gone(database: Database, clock: SetClock) -> None:
    _, letter = a_letter(database, clock)
    set_shop(database, state="uninstalled")
    assert since(database, letter) == Reason.SHOP_GONE


def test_put_off_at_the_last_look_it_leaves_later_with_the_new_code(
    database: Database, clock: SetClock
) -> None:
    shop, letter = a_letter(database, clock)
    set_shop(database, welcome_code="OTHER")
    again = clock.forward(minutes=1)
    late = Outcome(letter.reminder_id, "postpone", again, retry_at=again)
    database.run(lambda db: reminders.settle(db, [late], clock()))
    say(database, shop, clock, code="OTHER")
    (text,) = left(database, clock)
    assert "code OTHER s'utilise" in text
    assert rows(database, tables.reminders)[0].code == "OTHER"


def test_one_that_the_provider_refused_took_no_cap_for_ever(
    database: Database, clock: SetClock
) -> None:
    _, letter = a_letter(database, clock)
    refused = Outcome(letter.reminder_id, "refuse", clock())
    database.run(lambda db: reminders.settle(db, [refused], clock()))
    assert rows(database, tables.caps) == []


# -- the words -----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", sorted(WORDS))
@pytest.mark.parametrize("stop_link", ["", "https://r.example.com/stop/" + "x" * 16])
def test_a_welcome_is_one_gsm_7_part_with_usual_names(language: str, stop_link: str) -> None:
    shop, home = "Les Thés du Sud", "https://thes-du-sud.example"
    answer = Answer("welcome", shop, (language,), "HELLO10", home, True, "HELLO10")
    text = text_of(answer, stop_link)
    parts = parts_of(text)
    assert (parts.encoding, parts.parts) == (GSM_7, 1), (parts, text)
    assert text.startswith(shop)
    assert " HELLO10 " in text
    assert f" {home} " in text
    assert ("STOP" in text) if not stop_link else text.endswith(stop_link)


def test_a_code_is_never_cut() -> None:
    code = "A" * 40
    answer = Answer("welcome", "S" * 30, ("fr",), code, "https://nord.example", True, code)
    assert f" {code} " in text_of(answer, "https://r.example.com/stop/" + "x" * 16)


def test_no_text_of_an_order_a_product_or_a_cart_names_the_code(
    database: Database, clock: SetClock
) -> None:
    shop = a_welcoming_shop(database, clock, order_texts=ALL_STAGES)
    say(database, shop, clock)
    record(database, shop, a_product(clock(), False), a_watch(clock()), now=clock())
    record(database, shop, order_news(clock()), an_order(clock()), now=clock())
    texts = left(database, clock)
    record(database, shop, a_parcel(clock.forward(minutes=1)), now=clock())
    record(database, shop, a_product(clock(), True), now=clock())
    texts += left(database, clock)
    later = a_shopper(clock.forward(minutes=1), phone="+33612345679", email="b@example.com")
    record(database, shop, a_cart(clock(), shopper=later), now=clock())
    tick(database, clock.forward(minutes=31))
    clock.forward(minutes=30)
    know_orders(database, shop, clock())
    texts += left(database, clock)
    assert len(texts) == 4
    assert not any("HELLO10" in text for text in texts)
    assert all(row.code is None for row in rows(database, tables.reminders))
