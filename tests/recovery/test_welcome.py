"""The welcome text: once, with leave, at the hours of marketing."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from recovery import asks, forgetting, privacy, receipts, reminders, tables, tidying
from recovery.database import Database
from recovery.model import Shopper
from recovery.people import Marks
from recovery.reasons import Reason
from tests.conftest import SetClock
from tests.recovery.asked_stories import (
    order_news,
    reasons_of,
    record_all,
    reply,
    set_shop,
    tick,
)
from tests.recovery.stories import (
    PHONE,
    a_cart,
    a_shop,
    a_shopper,
    an_order,
    consent,
    know_orders,
    record,
    rows,
)
from tests.recovery.welcome_stories import TEXT, a_box, a_welcoming_shop, left, say, welcomed

GERMAN = {"phone": "+4915123456789", "country": "DE", "locale": "de"}


# -- once ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["box", "embed"])
def test_who_ticks_the_box_is_welcomed_once(
    database: Database, clock: SetClock, source: str
) -> None:
    shop = a_welcoming_shop(database, clock)
    record(database, shop, a_box(clock(), source=source), now=clock())
    assert welcomed(database, shop, clock) == [TEXT]
    record(database, shop, a_box(clock.forward(hours=2), source=source), now=clock())
    again = a_box(clock.forward(days=9), source=source, keys=("cart:b2",))
    record(database, shop, again, now=clock())
    assert welcomed(database, shop, clock) == []
    (row,) = rows(database, tables.reminders)
    assert (row.programme, row.state, row.code) == ("welcome", "sent", "HELLO10")


def test_a_box_beside_a_cart_counts_as_well(database: Database, clock: SetClock) -> None:
    shop = a_welcoming_shop(database, clock)
    shopper = a_box(clock()).shopper
    record(database, shop, a_cart(clock(), shopper=shopper), now=clock())
    assert welcomed(database, shop, clock) == [TEXT]
    record(database, shop, a_cart(clock.forward(minutes=1), shopper=shopper), now=clock())
    assert welcomed(database, shop, clock) == []


def test_without_a_code_nothing_is_planned(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_box(clock()), now=clock())
    assert rows(database, tables.reminders) == []
    assert rows(database, tables.requests) == []


def test_a_tick_from_before_the_code_is_welcomed_only_when_it_is_ticked_again(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    box = a_box(clock())
    record(database, shop, box, now=clock())
    set_shop(database, welcome_code="HELLO10")
    clock.forward(days=8)
    record(database, shop, box, now=clock())
    assert welcomed(database, shop, clock) == []
    record(database, shop, a_box(clock.forward(minutes=1)), now=clock())
    assert welcomed(database, shop, clock) == [TEXT]


def test_the_request_ends_with_the_agreement(database: Database, clock: SetClock) -> None:
    shop = a_welcoming_shop(database, clock)
    record(database, shop, a_box(clock()), now=clock())
    (row,) = rows(database, tables.requests)
    assert (row.kind, row.ended_because) == (asks.MARKETING, "agreed")


@pytest.mark.parametrize("source", ["checkout", "shopify checkout", "plugin"])
def test_a_yes_from_anywhere_else_is_not_welcomed(
    database: Database, clock: SetClock, source: str
) -> None:
    shop = a_welcoming_shop(database, clock)
    record(database, shop, a_box(clock(), source=source), now=clock())
    assert rows(database, tables.reminders) == []


def test_who_unticks_gets_none_and_none_when_ticking_again(
    database: Database, clock: SetClock
) -> None:
    shop = a_welcoming_shop(database, clock)
    record(database, shop, a_box(clock()), now=clock())
    record(database, shop, a_box(clock.forward(seconds=5), granted=False), now=clock())
    assert welcomed(database, shop, clock) == []
    record(database, shop, a_box(clock.forward(seconds=5)), now=clock())
    assert welcomed(database, shop, clock) == []
    assert reasons_of(database) == [("welcome", "skipped", [Reason.NO_CONSENT])]


def test_off_and_on_again_before_anybody_looked_is_a_no_as_well(
    database: Database, clock: SetClock
) -> None:
    shop = a_welcoming_shop(database, clock)
    for granted in (True, False, True):
        record(database, shop, a_box(clock.forward(seconds=5), granted), now=clock())
    assert welcomed(database, shop, clock) == []


def test_a_no_that_comes_before_its_yes_still_counts(database: Database, clock: SetClock) -> None:
    shop = a_welcoming_shop(database, clock)
    yes = a_box(clock())
    record(database, shop, a_box(clock.forward(seconds=5), granted=False), now=clock())
    record(database, shop, yes, now=clock())
    assert rows(database, tables.reminders) == []


def test_a_number_is_not_welcomed_again_once_its_request_is_put_away(
    database: Database, clock: SetClock
) -> None:
    shop = a_welcoming_shop(database, clock)
    record(database, shop, a_box(clock()), now=clock())
    assert welcomed(database, shop, clock) == [TEXT]
    now = clock.forward(days=400)
    assert database.run(lambda db: tidying.drop_ended_requests(db, now)) == 1
    record(database, shop, a_box(clock()), now=clock())
    assert welcomed(database, shop, clock) == []
    assert len(rows(database, tables.reminders)) == 1


def test_two_boxes_at_once_are_one_text(database: Database, clock: SetClock) -> None:
    shop = a_welcoming_shop(database, clock)
    boxes = (a_box(clock()), a_box(clock.forward(seconds=1), source="embed", keys=("cart:b2",)))
    record_all(database, shop, *boxes, now=clock())
    assert welcomed(database, shop, clock) == [TEXT]
    assert len(rows(database, tables.reminders)) == 1


def test_two_texts_that_were_planned_at_once_become_one(
    database: Database, clock: SetClock
) -> None:
    shop = a_welcoming_shop(database, clock)
    record(database, shop, a_box(clock()), now=clock())
    with database.transaction() as db:  # as if two processes had not seen each other
        (asked,) = db.execute(tables.requests.select()).mappings().all()
        (first,) = db.execute(tables.reminders.select()).mappings().all()
        twin = dict(asked) | {"id": asked["id"] + 1, "about": "twin"}
        db.execute(tables.requests.insert().values(**twin))
        other = dict(first) | {"id": first["id"] + 1, "request_id": twin["id"]}
        db.execute(tables.reminders.insert().values(**other))
    assert len(welcomed(database, shop, clock)) == 1
    assert reasons_of(database)[1] == ("welcome", "skipped", [Reason.CAPPED])


def test_two_shops_welcome_each_for_itself(database: Database, clock: SetClock) -> None:
    one = a_welcoming_shop(database, clock)
    two = a_welcoming_shop(database, clock, address="sud.myshopify.com", welcome_code="SUD5")
    record(database, one, a_box(clock()), now=clock())
    record(database, two, a_box(clock()), now=clock())
    say(database, two, clock, code="SUD5")
    texts = welcomed(database, one, clock)
    assert [("HELLO10" in text, "SUD5" in text) for text in sorted(texts)] == [
        (True, False),
        (False, True),
    ]


# -- by leave alone ------------------------------------------------------------------------------


def test_where_a_number_must_confirm_only_its_yes_brings_the_text(
    database: Database, clock: SetClock
) -> None:
    shop = a_welcoming_shop(database, clock)
    record(database, shop, a_box(clock(), **GERMAN), now=clock())
    (question,) = welcomed(database, shop, clock)
    assert "Mit JA bestätigen" in question
    assert "HELLO10" not in question
    clock.forward(minutes=1)
    assert welcomed(database, shop, clock) == []
    reply(database, "Ja", clock.forward(minutes=1), phone=GERMAN["phone"])
    assert welcomed(database, shop, clock) == [
        "Atelier Nord: willkommen! Ihr Code HELLO10 gilt auf "
        "https://atelier-nord.myshopify.com Abmelden: mit STOP antworten"
    ]
    record(database, shop, a_box(clock.forward(days=2), **GERMAN), now=clock())
    assert welcomed(database, shop, clock) == []


def test_a_shop_that_asks_everybody_welcomes_nobody_before_their_yes(
    database: Database, clock: SetClock
) -> None:
    shop = a_welcoming_shop(database, clock)
    record(database, shop, a_box(clock()), now=clock())
    set_shop(database, double_opt_in=True)  # meanwhile
    assert welcomed(database, shop, clock) == []
    assert Reason.NOT_CONFIRMED in reasons_of(database)[0][2]


def test_after_a_stop_there_is_no_welcome(database: Database, clock: SetClock) -> None:
    shop = a_welcoming_shop(database, clock, order_texts="confirmed")
    record(database, shop, order_news(clock()), an_order(clock()), now=clock())
    assert len(left(database, clock)) == 1  # so that there is something to answer
    record(database, shop, a_box(clock.forward(minutes=1)), now=clock())
    reply(database, "STOP", clock.forward(seconds=1))
    assert reasons_of(database)[-1] == ("welcome", "skipped", [Reason.STOPPED])
    record(database, shop, a_box(clock.forward(minutes=1)), now=clock())
    reply(database, "START", clock.forward(minutes=1))
    assert welcomed(database, shop, clock) == []


def test_a_number_that_stopped_before_is_not_welcomed(database: Database, clock: SetClock) -> None:
    shop = a_welcoming_shop(database, clock)
    with database.transaction() as db:
        receipts.stop_at_shop(db, shop.id, PHONE, "link", clock())
    record(database, shop, a_box(clock.forward(minutes=1)), now=clock())
    assert rows(database, tables.reminders) == []


def test_a_consent_withdrawn_elsewhere_counts(database: Database, clock: SetClock) -> None:
    shop = a_welcoming_shop(database, clock)
    record(database, shop, a_box(clock()), now=clock())
    no = consent(PHONE, clock.forward(seconds=1), granted=False)
    shopper = Shopper(phone=PHONE, country="FR", consents=(no,))
    record(database, shop, a_cart(clock(), shopper=shopper), now=clock())
    assert welcomed(database, shop, clock) == []
    assert reasons_of(database)[0] == ("welcome", "skipped", [Reason.NO_CONSENT])


def test_no_thanks_and_an_erasing_end_it(database: Database, clock: SetClock) -> None:
    shop = a_welcoming_shop(database, clock)
    record(database, shop, a_box(clock()), now=clock())
    database.run(lambda db: forgetting.forget_carts(db, shop, ["cart:b1"], clock()))
    assert welcomed(database, shop, clock) == []
    record(database, shop, a_box(clock.forward(minutes=1), keys=("cart:b2",)), now=clock())
    marks = Marks(None, None, PHONE)
    database.run(lambda db: privacy.erase_person(db, shop, marks, clock()))
    assert welcomed(database, shop, clock) == []
    assert {state for _, state, _ in reasons_of(database)} == {"skipped"}


def test_a_shop_that_is_gone_welcomes_nobody(database: Database, clock: SetClock) -> None:
    shop = a_welcoming_shop(database, clock)
    record(database, shop, a_box(clock()), now=clock())
    letters = tick(database, clock())
    assert letters == []
    set_shop(database, state="uninstalled")
    clock.forward(days=8)
    database.run(lambda db: reminders.skip_stale(db, clock()))
    assert reasons_of(database) == [("welcome", "skipped", [Reason.SHOP_GONE])]


# -- hours and caps ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ticked", "leaves"),
    [
        (datetime(2026, 11, 22, 10, 0), datetime(2026, 11, 23, 7, 0)),  # a Sunday in France
        (datetime(2026, 11, 21, 19, 30), datetime(2026, 11, 23, 7, 0)),  # Saturday, after eight
        (datetime(2026, 11, 18, 2, 0), datetime(2026, 11, 18, 7, 0)),  # at night
        (datetime(2027, 5, 1, 10, 0), datetime(2027, 5, 3, 6, 0)),  # a holiday before a Sunday
    ],
)
def test_it_keeps_the_hours_of_marketing(
    database: Database, clock: SetClock, ticked: datetime, leaves: datetime
) -> None:
    clock.at = ticked.replace(tzinfo=clock.at.tzinfo)
    shop = a_welcoming_shop(database, clock)
    record(database, shop, a_box(clock()), now=clock())
    end = leaves.replace(tzinfo=clock.at.tzinfo)
    assert rows(database, tables.reminders)[0].due_at == end
    assert welcomed(database, shop, clock) == []
    clock.at = end - timedelta(minutes=1)
    assert welcomed(database, shop, clock) == []
    clock.at = end
    assert welcomed(database, shop, clock) == [TEXT]


def test_what_slips_out_of_its_hours_is_put_off(database: Database, clock: SetClock) -> None:
    clock.at = datetime(2026, 11, 21, 18, 59, 30, tzinfo=clock.at.tzinfo)  # Saturday, 19:59:30
    shop = a_welcoming_shop(database, clock)
    record(database, shop, a_box(clock()), now=clock())
    clock.forward(minutes=2)
    assert welcomed(database, shop, clock) == []
    assert rows(database, tables.reminders)[0].due_at == clock().replace(
        day=23, hour=7, minute=0, second=0
    )


def test_after_a_reminder_it_waits_for_a_day(database: Database, clock: SetClock) -> None:
    shop = a_welcoming_shop(database, clock)
    record(database, shop, a_cart(clock(), shopper=a_shopper(clock())), now=clock())
    tick(database, clock.forward(minutes=31))
    clock.forward(minutes=30)
    know_orders(database, shop, clock())
    assert len(left(database, clock)) == 1
    reminded_at = clock()
    record(database, shop, a_box(clock.forward(hours=1)), now=clock())
    assert welcomed(database, shop, clock) == []
    due_at = rows(database, tables.reminders)[1].due_at
    assert due_at == reminded_at + timedelta(days=1)
    clock.at = due_at
    assert welcomed(database, shop, clock) == [TEXT]


def test_a_reminder_does_not_wait_for_a_welcome(database: Database, clock: SetClock) -> None:
    shop = a_welcoming_shop(database, clock)
    record(database, shop, a_cart(clock(), shopper=a_box(clock()).shopper), now=clock())
    assert welcomed(database, shop, clock) == [TEXT]
    tick(database, clock.forward(minutes=31))
    clock.forward(minutes=30)
    know_orders(database, shop, clock())
    (reminder,) = left(database, clock)
    assert "panier" in reminder


def test_a_cap_longer_than_the_welcome_skips_it(database: Database, clock: SetClock) -> None:
    shop = a_welcoming_shop(database, clock, cap_seconds=30 * 86400)
    record(database, shop, a_cart(clock(), shopper=a_shopper(clock())), now=clock())
    tick(database, clock.forward(minutes=31))
    clock.forward(minutes=30)
    know_orders(database, shop, clock())
    assert len(left(database, clock)) == 1
    record(database, shop, a_box(clock.forward(hours=1)), now=clock())
    assert welcomed(database, shop, clock) == []
    assert reasons_of(database)[1] == ("welcome", "skipped", [Reason.CAPPED])
