"""News of an order by text: asked for, switched on, each stage once; on both databases."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from recovery import order_texts, reminders, tables
from recovery.database import Database
from recovery.model import OrderGone, Origin, Refund, Stage
from recovery.reasons import Reason
from recovery.reminders import Outcome
from tests.conftest import SetClock
from tests.recovery.asked_stories import (
    ALL_STAGES,
    TRACKING,
    a_parcel,
    order_news,
    reasons_of,
    set_shop,
    tick,
)
from tests.recovery.stories import PHONE, a_shop, a_shopper, accept, an_order, record, rows

OUT = Stage.OUT_FOR_DELIVERY


def a_telling_shop(database: Database, clock: SetClock, stages: str = ALL_STAGES) -> Any:
    """A shop that texts about its orders."""
    return a_shop(database, clock(), order_texts=stages)


def a_refund(at: Any, **different: Any) -> Refund:
    """Money given back on order o1."""
    values = {"key": "r1", "order_key": "o1", "amount": Decimal(5), "currency": "EUR", "at": at}
    return Refund(**(values | different))


def texts(database: Database, clock: SetClock) -> list[str]:
    """What leaves now, and is taken by the provider."""
    letters = tick(database, clock())
    accept(database, letters, clock())
    return [letter.message.text for letter in letters]


def test_an_order_is_told_from_its_beginning_to_its_refund(
    database: Database, clock: SetClock
) -> None:
    shop = a_telling_shop(database, clock)
    record(database, shop, order_news(clock()), now=clock())
    record(database, shop, an_order(clock.forward(minutes=1), name="#1001"), now=clock())
    assert texts(database, clock) == [
        "Atelier Nord : votre commande #1001 est bien enregistrée. Merci ! "
        "Pour refuser, répondez STOP"
    ]
    record(database, shop, a_parcel(clock.forward(hours=1)), now=clock())
    assert texts(database, clock) == [
        f"Atelier Nord : votre commande #1001 est partie. {TRACKING} Pour refuser, répondez STOP"
    ]
    record(database, shop, a_parcel(clock.forward(hours=4), OUT), now=clock())
    assert f"arrive aujourd'hui. {TRACKING}" in texts(database, clock)[0]
    record(database, shop, a_refund(clock.forward(days=1)), now=clock())
    assert "remboursement" in texts(database, clock)[0]
    assert {row.recipient for row in rows(database, tables.reminders)} == {PHONE}
    assert rows(database, tables.requests)[0].ended_at is None, "the next order is told, too"


def test_nothing_is_told_unless_the_merchant_switched_it_on(
    database: Database, clock: SetClock
) -> None:
    shop = a_telling_shop(database, clock, "")
    record(database, shop, order_news(clock()), an_order(clock()), a_parcel(clock()), now=clock())
    assert rows(database, tables.reminders) == []
    set_shop(database, order_texts=" shipped, nonsense")
    record(database, shop, a_parcel(clock.forward(minutes=1), key="p2"), now=clock())
    record(database, shop, a_parcel(clock(), OUT, key="p2"), now=clock())
    assert [stage for stage, _, _ in reasons_of(database)] == ["shipped"]


def test_nothing_is_told_to_who_did_not_ask(database: Database, clock: SetClock) -> None:
    shop = a_telling_shop(database, clock)
    record(database, shop, order_news(clock(), phone="06 99 99 99 99"), now=clock())
    record(database, shop, an_order(clock()), a_parcel(clock()), a_refund(clock()), now=clock())
    assert rows(database, tables.reminders) == []


def test_each_stage_is_told_once_whatever_comes_again(database: Database, clock: SetClock) -> None:
    shop = a_telling_shop(database, clock)
    news = (order_news(clock()), an_order(clock()), a_parcel(clock()))
    record(database, shop, *news, now=clock())
    sent = len(texts(database, clock))
    changed = an_order(clock(), changed_at=clock() + timedelta(minutes=1))
    record(database, shop, *news, changed, a_parcel(clock(), key="p2"), now=clock())
    assert sent == 1, "confirmed is overtaken by shipped, which comes at the same moment"
    assert texts(database, clock) == []


def test_an_ask_that_comes_after_its_order_finds_it(database: Database, clock: SetClock) -> None:
    shop = a_telling_shop(database, clock)
    asked = clock()
    record(database, shop, an_order(clock.forward(seconds=20)), now=clock())
    assert rows(database, tables.reminders) == []
    record(database, shop, order_news(asked), now=clock.forward(minutes=2))
    assert len(texts(database, clock)) == 1


@pytest.mark.parametrize("mark", ["cart", "customer"])
def test_an_order_with_another_number_is_known_by_its_cart_or_customer(
    database: Database, clock: SetClock, mark: str
) -> None:
    shop = a_telling_shop(database, clock)
    asked = {"cart_key": "cart:abc"} if mark == "cart" else {"customer_key": "c9"}
    record(database, shop, order_news(clock(), **asked), now=clock())
    buyer = {"customer_key": "c9"} if mark == "customer" else {}
    shopper = a_shopper(clock(), agreed=False, phone=None, email="x@example.com", **buyer)
    keys = ("cart:abc",) if mark == "cart" else ()
    record(database, shop, an_order(clock(), shopper=shopper, cart_keys=keys), now=clock())
    (letter,) = tick(database, clock())
    assert letter.message.recipient == PHONE


def test_of_two_numbers_that_asked_the_one_in_the_order_is_told(
    database: Database, clock: SetClock
) -> None:
    shop = a_telling_shop(database, clock)
    other = order_news(clock() + timedelta(seconds=1), phone="0698765432", customer_key="c9")
    record(database, shop, order_news(clock()), other, now=clock.forward(minutes=1))
    buyer = a_shopper(clock(), agreed=False, customer_key="c9")
    record(database, shop, an_order(clock(), shopper=buyer), now=clock())
    assert [letter.message.recipient for letter in tick(database, clock())] == [PHONE]


def test_an_order_from_long_before_the_ask_is_not_told(database: Database, clock: SetClock) -> None:
    shop = a_telling_shop(database, clock)
    record(database, shop, an_order(clock()), now=clock())
    clock.at += order_texts.WITH_THE_ORDER + timedelta(hours=1)
    record(database, shop, order_news(clock()), a_parcel(clock()), now=clock())
    assert rows(database, tables.reminders) == []


def test_a_parcel_that_comes_before_its_order_waits_for_it(
    database: Database, clock: SetClock
) -> None:
    shop = a_telling_shop(database, clock, "shipped")
    record(database, shop, order_news(clock()), a_parcel(clock()), now=clock())
    assert rows(database, tables.reminders) == []
    record(database, shop, an_order(clock()), now=clock.forward(minutes=1))
    assert len(texts(database, clock)) == 1


def test_a_late_stage_after_its_successor_is_skipped(database: Database, clock: SetClock) -> None:
    shop = a_telling_shop(database, clock, "shipped,out_for_delivery")
    record(database, shop, order_news(clock()), an_order(clock()), now=clock())
    record(database, shop, a_parcel(clock.forward(hours=3), OUT), now=clock())
    late = a_parcel(clock() - timedelta(hours=2))
    record(database, shop, late, now=clock())
    (text,) = texts(database, clock)
    assert "aujourd'hui" in text
    assert ("shipped", "skipped", [Reason.OVERTAKEN]) in reasons_of(database)


def test_what_is_delivered_is_neither_shipped_nor_on_its_way(
    database: Database, clock: SetClock
) -> None:
    shop = a_telling_shop(database, clock)
    record(database, shop, order_news(clock()), an_order(clock()), a_parcel(clock()), now=clock())
    record(database, shop, a_parcel(clock(), Stage.DELIVERED), now=clock.forward(minutes=1))
    assert texts(database, clock) == []
    assert {tuple(why) for _, _, why in reasons_of(database)} == {(Reason.OVERTAKEN,)}


def test_a_stage_that_nobody_tells_overtakes_none(database: Database, clock: SetClock) -> None:
    shop = a_telling_shop(database, clock, "confirmed")
    record(database, shop, order_news(clock()), an_order(clock()), a_parcel(clock()), now=clock())
    assert len(texts(database, clock)) == 1


def test_a_cancelled_order_gets_none_but_its_refund(database: Database, clock: SetClock) -> None:
    shop = a_telling_shop(database, clock)
    record(database, shop, order_news(clock()), an_order(clock()), a_parcel(clock()), now=clock())
    record(database, shop, OrderGone("o1"), now=clock())
    record(database, shop, a_refund(clock()), now=clock())
    (text,) = texts(database, clock)
    assert "remboursement" in text
    skipped = {why[0] for _, state, why in reasons_of(database) if state == "skipped"}
    assert skipped == {Reason.ORDER_CANCELLED}


def test_a_refund_that_only_the_order_tells_of_is_told_once(
    database: Database, clock: SetClock
) -> None:
    shop = a_telling_shop(database, clock, "refunded")
    record(database, shop, order_news(clock()), now=clock())
    given = {"refunded": Decimal(18), "changed_at": clock() + timedelta(minutes=2)}
    record(database, shop, an_order(clock(), **given), now=clock.forward(minutes=2))
    assert len(texts(database, clock)) == 1
    record(database, shop, a_refund(clock()), a_refund(clock(), key="r2"), now=clock())
    assert texts(database, clock) == []


@pytest.mark.parametrize("origin", [Origin.SUBSCRIPTION, Origin.MERCHANT, Origin.API])
def test_only_what_a_shopper_ordered_just_now_is_confirmed(
    database: Database, clock: SetClock, origin: Origin
) -> None:
    shop = a_telling_shop(database, clock)
    record(database, shop, order_news(clock()), an_order(clock(), origin=origin), now=clock())
    assert rows(database, tables.reminders) == []
    record(database, shop, a_parcel(clock()), now=clock())
    assert len(texts(database, clock)) == 1


def test_a_confirmation_leaves_at_any_hour_and_a_parcel_at_a_decent_one(
    database: Database, clock: SetClock
) -> None:
    shop = a_telling_shop(database, clock)
    clock.at = clock().replace(hour=1)
    record(database, shop, order_news(clock()), an_order(clock()), now=clock())
    assert len(texts(database, clock)) == 1
    record(database, shop, a_parcel(clock()), now=clock())
    assert texts(database, clock) == []
    clock.at = clock().replace(hour=7, minute=1)
    assert len(texts(database, clock)) == 1


def test_what_is_due_at_night_after_all_is_put_off_until_the_morning(
    database: Database, clock: SetClock
) -> None:
    shop = a_telling_shop(database, clock, "shipped")
    clock.at = clock().replace(hour=19, minute=50)
    record(database, shop, order_news(clock()), an_order(clock()), a_parcel(clock()), now=clock())
    clock.at = clock().replace(hour=20, minute=10)
    assert texts(database, clock) == []
    (row,) = rows(database, tables.reminders)
    assert (row.state, row.due_at.hour, row.due_at > clock()) == ("scheduled", 7, True)


def test_a_confirmation_that_an_outage_held_up_is_not_sent_stale(
    database: Database, clock: SetClock
) -> None:
    shop = a_telling_shop(database, clock)
    placed = clock()
    record(database, shop, order_news(placed), now=placed)
    record(database, shop, an_order(placed), now=clock.forward(hours=7))
    assert texts(database, clock) == []
    assert reasons_of(database) == [("confirmed", "skipped", [Reason.TOO_LATE])]


def test_a_stage_switched_off_meanwhile_is_not_told(database: Database, clock: SetClock) -> None:
    shop = a_telling_shop(database, clock, "shipped")
    record(database, shop, order_news(clock()), an_order(clock()), a_parcel(clock()), now=clock())
    set_shop(database, order_texts="")
    assert texts(database, clock) == []
    assert reasons_of(database) == [("shipped", "skipped", [Reason.SWITCHED_OFF])]


def test_taken_back_before_the_look_nothing_is_told(database: Database, clock: SetClock) -> None:
    shop = a_telling_shop(database, clock, "shipped")
    record(database, shop, order_news(clock()), an_order(clock()), a_parcel(clock()), now=clock())
    back = order_news(clock.forward(seconds=1), withdrawn=True)
    record(database, shop, back, now=clock())
    assert texts(database, clock) == []
    assert reasons_of(database) == [("shipped", "skipped", [Reason.NOT_ASKED])]


def test_no_answer_is_never_sent_again(database: Database, clock: SetClock) -> None:
    shop = a_telling_shop(database, clock, "shipped")
    record(database, shop, order_news(clock()), an_order(clock()), a_parcel(clock()), now=clock())
    (letter,) = tick(database, clock())
    lost = [Outcome(letter.reminder_id, "lose_track", clock())]
    database.run(lambda db: reminders.settle(db, lost, clock()))
    record(database, shop, a_parcel(clock(), key="p2"), now=clock.forward(minutes=1))
    assert texts(database, clock) == []
    assert reasons_of(database) == [("shipped", "unconfirmed", [])]
