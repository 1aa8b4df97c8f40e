"""A number that was typed in says yes by reply before anything else goes to it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from recovery import forgetting, opt_in, tables
from recovery.database import Database
from recovery.model import Channel, Consent, ContactSeen, RequestKind
from recovery.reasons import Reason
from recovery.stop_words import is_yes
from tests.conftest import SetClock
from tests.recovery.asked_stories import (
    a_parcel,
    a_product,
    a_request,
    a_watch,
    order_news,
    reasons_of,
    reply,
    tick,
)
from tests.recovery.stories import (
    PHONE,
    a_cart,
    a_shop,
    a_shopper,
    accept,
    an_order,
    know_orders,
    record,
    rows,
)


def a_careful_shop(database: Database, clock: SetClock, **settings: Any) -> Any:
    """A shop that wants every number to confirm."""
    return a_shop(
        database,
        clock(),
        **({"double_opt_in": True, "order_texts": "confirmed,shipped"} | settings),
    )


def texts(database: Database, clock: SetClock) -> list[str]:
    """What leaves now, and is taken by the provider."""
    letters = tick(database, clock())
    accept(database, letters, clock())
    return [letter.message.text for letter in letters]


def a_boxed_shopper(at: Any, granted: bool = True, **known: Any) -> Any:
    """A shopper who ticked marketing in the shop's box."""
    yes = Consent(Channel.SMS, PHONE, granted, "box", at, "Offers by text")
    shopper = a_shopper(at, agreed=False, **known)
    return type(shopper)(
        email=shopper.email,
        phone=shopper.phone,
        country=shopper.country,
        locale=shopper.locale,
        consents=(yes,),
    )


def test_a_number_is_asked_once_to_confirm_and_told_nothing_else(
    database: Database, clock: SetClock
) -> None:
    shop = a_careful_shop(database, clock)
    record(database, shop, a_product(clock(), False), now=clock())
    record(database, shop, order_news(clock()), a_watch(clock()), an_order(clock()), now=clock())
    assert texts(database, clock) == [
        "Atelier Nord : vous avez demandé nos SMS. Répondez OUI pour les recevoir, sinon ignorez. "
        "Pour refuser, répondez STOP"
    ]
    record(database, shop, a_parcel(clock.forward(minutes=5)), now=clock())
    record(database, shop, a_product(clock(), True), now=clock())
    record(database, shop, order_news(clock()), now=clock())
    record(database, shop, a_watch(clock(), product_key="8"), now=clock())
    assert texts(database, clock) == []
    assert [stage for stage, _, _ in reasons_of(database)] == ["opt_in"]


@pytest.mark.parametrize("word", ["OUI", "Yes!", "ja", "Sim, obrigado", "si", "START"])
def test_a_yes_confirms_and_what_waited_is_told(
    database: Database, clock: SetClock, word: str
) -> None:
    shop = a_careful_shop(database, clock)
    record(database, shop, a_product(clock(), False), now=clock())
    record(database, shop, order_news(clock()), a_watch(clock()), an_order(clock()), now=clock())
    texts(database, clock)
    record(database, shop, a_product(clock.forward(minutes=2), True), now=clock())
    reply(database, word, clock.forward(minutes=1))
    assert all(row.confirmed_at == clock() for row in rows(database, tables.requests))
    told = texts(database, clock)
    assert len(told) == 2
    assert any("bien enregistrée" in text for text in told)
    assert any("de retour" in text for text in told)


@pytest.mark.parametrize("word", ["non", "oui mais non", "who is this?", "STOP", "oui stop", "ok"])
def test_anything_else_confirms_nothing(database: Database, clock: SetClock, word: str) -> None:
    shop = a_careful_shop(database, clock)
    record(database, shop, order_news(clock()), an_order(clock()), now=clock())
    texts(database, clock)
    reply(database, word, clock.forward(minutes=1))
    assert rows(database, tables.requests)[0].confirmed_at is None
    assert texts(database, clock) == []


def test_a_yes_that_nobody_asked_for_confirms_nothing(database: Database, clock: SetClock) -> None:
    shop = a_careful_shop(database, clock)
    record(database, shop, order_news(clock()), now=clock())
    reply(database, "YES", clock.forward(seconds=1))
    assert rows(database, tables.requests)[0].confirmed_at is None


def test_a_confirmed_number_is_not_asked_again_for_another_request(
    database: Database, clock: SetClock
) -> None:
    shop = a_careful_shop(database, clock)
    record(database, shop, order_news(clock()), now=clock())
    texts(database, clock)
    reply(database, "OUI", clock.forward(minutes=1))
    record(database, shop, a_product(clock(), False), a_watch(clock()), now=clock())
    record(database, shop, a_product(clock.forward(minutes=1), True), now=clock())
    (text,) = texts(database, clock)
    assert "de retour" in text


def test_a_yes_belongs_to_the_shop_that_asked_last(database: Database, clock: SetClock) -> None:
    first = a_careful_shop(database, clock)
    second = a_careful_shop(database, clock, address="sud.myshopify.com", name="Sud")
    record(database, first, order_news(clock()), now=clock())
    texts(database, clock)
    record(database, second, order_news(clock.forward(minutes=1)), now=clock())
    texts(database, clock)
    reply(database, "OUI", clock.forward(minutes=1))
    assert [row.confirmed_at is None for row in rows(database, tables.requests)] == [True, False]
    reply(database, "OUI", clock.forward(minutes=1))
    assert [row.confirmed_at is None for row in rows(database, tables.requests)] == [False, False]


def a_confirmed_number_that_stopped(database: Database, clock: SetClock) -> Any:
    shop = a_careful_shop(database, clock)
    record(database, shop, order_news(clock()), now=clock())
    texts(database, clock)
    reply(database, "OUI", clock.forward(minutes=1))
    reply(database, "STOP", clock.forward(minutes=1))
    return shop


def test_a_stop_takes_the_confirmation_back_until_start(
    database: Database, clock: SetClock
) -> None:
    shop = a_confirmed_number_that_stopped(database, clock)
    record(database, shop, order_news(clock.forward(minutes=1)), an_order(clock()), now=clock())
    assert rows(database, tables.requests)[0].confirmed_at is None
    assert texts(database, clock) == []
    reply(database, "START", clock.forward(minutes=1))
    assert rows(database, tables.requests)[0].confirmed_at == clock()
    assert "bien enregistrée" in texts(database, clock)[0]


def test_after_stop_and_start_a_new_ask_is_a_new_question(
    database: Database, clock: SetClock
) -> None:
    shop = a_confirmed_number_that_stopped(database, clock)
    reply(database, "START", clock.forward(days=2))
    assert rows(database, tables.requests)[0].ended_because == "stopped"
    record(database, shop, order_news(clock.forward(minutes=1)), now=clock())
    (text,) = texts(database, clock)
    assert "Répondez OUI" in text


def test_a_request_taken_back_leaves_the_question_for_the_other_one(
    database: Database, clock: SetClock
) -> None:
    shop = a_careful_shop(database, clock)
    record(database, shop, order_news(clock()), a_watch(clock()), now=clock())
    back = order_news(clock.forward(seconds=1), withdrawn=True)
    record(database, shop, back, now=clock())
    assert len(texts(database, clock)) == 1


def test_with_everything_taken_back_no_question_leaves(database: Database, clock: SetClock) -> None:
    shop = a_careful_shop(database, clock)
    record(database, shop, order_news(clock()), now=clock())
    back = order_news(clock.forward(seconds=1), withdrawn=True)
    record(database, shop, back, now=clock())
    assert texts(database, clock) == []
    assert reasons_of(database) == [("opt_in", "skipped", [Reason.NOT_ASKED])]


def test_some_countries_want_it_whatever_the_shop_says(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock(), order_texts="confirmed")
    ask = order_news(clock(), phone="0151 23456789", country="DE", locale="de")
    record(database, shop, ask, order_news(clock()), now=clock())
    (text,) = texts(database, clock)
    assert "Mit JA bestätigen" in text
    assert opt_in.is_wanted(False, "+4366012345678", None)
    assert not opt_in.is_wanted(False, PHONE, "DE"), "the number's country decides"


def test_a_sender_that_hears_no_reply_asks_nothing(database: Database, clock: SetClock) -> None:
    shop = a_careful_shop(database, clock)
    with database.transaction() as db:
        db.execute(tables.accounts.update().values(sender="NORD"))
    record(database, shop, order_news(clock()), now=clock())
    assert texts(database, clock) == []
    assert reasons_of(database) == [("opt_in", "skipped", [Reason.NO_REPLIES])]


def test_the_merchant_is_told_once_that_nobody_could_reply(
    database: Database, clock: SetClock
) -> None:
    shop = a_careful_shop(database, clock)
    with database.transaction() as db:
        db.execute(tables.accounts.update().values(sender="NORD"))
    for number in range(3):
        record(database, shop, order_news(clock(), phone=f"06 98 00 00 0{number}"), now=clock())
        assert texts(database, clock) == []
        clock.forward(minutes=1)
    (told,) = rows(database, tables.notices)
    assert (told.shop_id, told.over_at) == (shop.id, None)
    assert "cannot receive any" in told.words
    assert "98 00" not in told.words
    with database.transaction() as db:
        db.execute(tables.accounts.update().values(sender="+33700000001"))
    record(database, shop, order_news(clock()), now=clock())
    assert len(texts(database, clock)) == 1
    (told,) = rows(database, tables.notices)
    assert told.over_at == clock()


def test_two_questions_that_were_planned_at_once_become_one(
    database: Database, clock: SetClock
) -> None:
    shop = a_careful_shop(database, clock)
    record(database, shop, order_news(clock()), a_watch(clock()), now=clock())
    with database.transaction() as db:  # as if two processes had not seen each other
        (first,) = db.execute(tables.reminders.select()).mappings().all()
        twin = dict(first) | {"id": first["id"] + 1, "request_id": 2}
        db.execute(tables.reminders.insert().values(**twin))
    assert len(texts(database, clock)) == 1
    assert reasons_of(database)[1] == ("opt_in", "skipped", [Reason.CAPPED])


def test_the_question_is_asked_anew_only_after_a_long_while(
    database: Database, clock: SetClock
) -> None:
    shop = a_careful_shop(database, clock)
    record(database, shop, order_news(clock()), now=clock())
    assert len(texts(database, clock)) == 1
    record(database, shop, a_watch(clock.forward(days=60)), now=clock())
    assert texts(database, clock) == []
    record(database, shop, a_watch(clock.forward(days=31), product_key="8"), now=clock())
    assert len(texts(database, clock)) == 1


# Marketing ticked in the shop's box


def an_hour_later(database: Database, shop: Any, clock: SetClock) -> list[str]:
    texts(database, clock.forward(minutes=31) and clock)
    clock.forward(minutes=31)
    know_orders(database, shop, clock())
    return texts(database, clock)


def test_a_yes_from_the_box_waits_for_the_reply(database: Database, clock: SetClock) -> None:
    shop = a_careful_shop(database, clock)
    cart = a_cart(clock(), shopper=a_boxed_shopper(clock()))
    record(database, shop, cart, now=clock())
    record(database, shop, cart, now=clock())
    (text,) = texts(database, clock)
    assert "Répondez OUI" in text
    assert an_hour_later(database, shop, clock) == []
    assert reasons_of(database)[-1] == ("cart", "skipped", [Reason.NOT_CONFIRMED])


def test_confirmed_in_time_the_box_is_consent(database: Database, clock: SetClock) -> None:
    shop = a_careful_shop(database, clock)
    record(database, shop, a_cart(clock(), shopper=a_boxed_shopper(clock())), now=clock())
    texts(database, clock)
    reply(database, "oui", clock.forward(minutes=1))
    yes = rows(database, tables.consents)[-1]
    assert (yes.source, yes.granted, yes.words) == (opt_in.CONFIRMED, True, "Offers by text")
    (text,) = an_hour_later(database, shop, clock)
    assert "votre panier vous attend" in text


def test_confirmed_after_the_reminder_was_skipped_it_is_planned_anew(
    database: Database, clock: SetClock
) -> None:
    shop = a_careful_shop(database, clock)
    record(database, shop, a_cart(clock(), shopper=a_boxed_shopper(clock())), now=clock())
    texts(database, clock)
    assert an_hour_later(database, shop, clock) == []
    reply(database, "oui", clock.forward(minutes=1))
    (text,) = texts(database, clock)
    assert "votre panier vous attend" in text


def test_unticked_before_the_question_left_nothing_is_asked(
    database: Database, clock: SetClock
) -> None:
    shop = a_careful_shop(database, clock)
    record(database, shop, ContactSeen((), a_boxed_shopper(clock()), clock()), now=clock())
    clock.forward(seconds=2)
    no = a_boxed_shopper(clock(), granted=False)
    record(database, shop, ContactSeen((), no, clock()), now=clock())
    assert texts(database, clock) == []


def test_who_says_no_thanks_is_not_asked_to_confirm(database: Database, clock: SetClock) -> None:
    shop = a_careful_shop(database, clock)
    record(database, shop, a_cart(clock(), shopper=a_boxed_shopper(clock())), now=clock())
    database.run(lambda db: forgetting.forget_carts(db, shop, ("token:c1",), clock()))
    assert texts(database, clock) == []
    assert rows(database, tables.requests)[0].phone != PHONE


def test_a_box_in_a_shop_without_double_opt_in_is_consent_at_once(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock(), shopper=a_boxed_shopper(clock())), now=clock())
    assert rows(database, tables.requests) == []
    assert len(an_hour_later(database, shop, clock)) == 1


def test_a_yes_at_the_platforms_own_checkout_needs_no_reply(
    database: Database, clock: SetClock
) -> None:
    shop = a_careful_shop(database, clock)
    record(database, shop, a_cart(clock()), now=clock())
    assert len(an_hour_later(database, shop, clock)) == 1


def test_a_cart_to_keep_waits_for_the_reply_too(database: Database, clock: SetClock) -> None:
    shop = a_careful_shop(database, clock)
    shopper = a_shopper(clock(), agreed=False, phone=None)
    record(database, shop, a_cart(clock(), shopper=shopper), now=clock())
    keep = a_request(RequestKind.KEEP_CART, clock(), cart_key="token:c1")
    record(database, shop, keep, now=clock())
    assert len(texts(database, clock)) == 1
    assert an_hour_later(database, shop, clock) == []
    reply(database, "oui", clock.forward(minutes=1))
    assert len(texts(database, clock)) == 1


@pytest.mark.parametrize(
    ("text", "yes"),
    [
        *((text, True) for text in ("YES", "oui !", "Oui merci", "JA bitte", "sì", "Y")),
        *((text, False) for text in ("", "yes when?", "no", "non", "stop", "yes stop")),
    ],
)
def test_what_counts_as_yes(text: str, yes: bool) -> None:
    assert is_yes(text) is yes


def test_a_question_is_late_by_its_ask(database: Database, clock: SetClock) -> None:
    shop = a_careful_shop(database, clock)
    old = order_news(clock() - timedelta(days=2))
    record(database, shop, old, now=clock())
    assert texts(database, clock) == []
    assert reasons_of(database) == [("opt_in", "skipped", [Reason.TOO_LATE])]
