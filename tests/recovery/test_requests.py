"""What shoppers ask to be texted about: kept once, ended, asked anew; and carts to keep."""

from __future__ import annotations

from datetime import timedelta

import pytest

from recovery import asks, consent, figures, receipts, reminders, requests, tables
from recovery.database import Database
from recovery.model import Channel, RequestKind
from recovery.reasons import Reason
from recovery.reminders import Outcome
from tests.conftest import SetClock
from tests.recovery.asked_stories import (
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
    the_reminder,
)

KEEP = RequestKind.KEEP_CART


def test_the_same_ask_twice_is_one_row(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    first = clock()
    record(database, shop, order_news(first), order_news(first), now=first)
    later = order_news(clock.forward(minutes=5), phone="+33 6 12 34 56 78")
    record(database, shop, later, now=clock())
    (row,) = rows(database, tables.requests)
    assert (row.phone, row.asked_at, row.said_at, row.ended_at) == (PHONE, first, clock(), None)


@pytest.mark.parametrize("phone", ["12", "01 42 68 53 00", "nonsense"])
def test_a_number_that_cannot_be_texted_is_not_kept(
    database: Database, clock: SetClock, phone: str
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, order_news(clock(), phone=phone), now=clock())
    assert rows(database, tables.requests) == []


def test_a_national_number_is_read_with_the_country_it_was_left_in(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, order_news(clock(), phone="0470 12 34 56", country="BE"), now=clock())
    assert rows(database, tables.requests)[0].phone == "+32470123456"


def test_taken_back_it_ends_and_asked_again_it_begins_anew(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, order_news(clock()), now=clock())
    back = order_news(clock.forward(minutes=1), withdrawn=True, words="")
    record(database, shop, back, now=clock())
    (row,) = rows(database, tables.requests)
    assert (row.ended_at, row.ended_because) == (clock(), "withdrawn")
    record(database, shop, order_news(clock.forward(minutes=1)), back, now=clock())
    (row,) = rows(database, tables.requests)
    assert (row.asked_at, row.ended_at) == (clock(), None)


def test_an_older_ask_that_comes_late_does_not_undo_what_was_taken_back(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    ask = order_news(clock())
    back = order_news(clock.forward(minutes=1), withdrawn=True)
    record(database, shop, back, ask, ask, now=clock())
    (row,) = rows(database, tables.requests)
    assert row.ended_because == "withdrawn"


def test_an_older_ask_changes_nothing_of_a_newer_one(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    older = order_news(clock(), locale="fr")
    newer = order_news(clock.forward(minutes=1), locale="de")
    record(database, shop, newer, older, now=clock())
    (row,) = rows(database, tables.requests)
    assert (row.locale, row.said_at) == ("de", clock())


def test_taken_back_without_a_product_it_ends_all_watches_of_that_kind(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    watches = [a_watch(clock(), product_key=key) for key in ("7", "8", "9")]
    record(database, shop, *watches, now=clock())
    one = a_watch(clock.forward(seconds=1), product_key="8", withdrawn=True)
    record(database, shop, one, now=clock())
    assert [row.ended_at is None for row in rows(database, tables.requests)] == [True, False, True]
    every = a_watch(clock.forward(seconds=1), product_key=None, withdrawn=True)
    record(database, shop, every, now=clock())
    assert all(row.ended_at for row in rows(database, tables.requests))


def test_one_number_cannot_be_made_to_wait_for_everything(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    for key in range(30):
        record(database, shop, a_watch(clock(), product_key=str(key)), now=clock())
    assert len(rows(database, tables.requests)) == 20


def test_a_stop_ends_everything_that_was_asked_for(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_product(clock(), False), a_watch(clock()), now=clock())
    record(database, shop, order_news(clock()), now=clock())
    record(database, shop, a_product(clock.forward(minutes=1), True), now=clock())
    database.run(lambda db: receipts.stop_at_shop(db, shop.id, PHONE, "reply", clock()))
    assert {row.ended_because for row in rows(database, tables.requests)} == {"stopped"}
    assert reasons_of(database) == [("back_in_stock", "skipped", [Reason.STOPPED])]
    assert tick(database, clock()) == []


def test_a_stop_before_the_look_wins_over_a_request(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    stop = ("reply", clock())
    database.run(lambda db: consent.stop(db, shop.id, Channel.SMS.value, PHONE, *stop))
    record(database, shop, a_product(clock(), False), a_watch(clock()), now=clock())
    record(database, shop, a_product(clock.forward(minutes=1), True), now=clock())
    assert tick(database, clock()) == []
    assert reasons_of(database) == [("back_in_stock", "skipped", [Reason.STOPPED])]


def test_stop_to_an_asked_text_stops_the_cart_reminders_too(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_product(clock(), False), a_watch(clock()), now=clock())
    record(database, shop, a_product(clock.forward(minutes=1), True), now=clock())
    accept(database, tick(database, clock()), clock())
    record(database, shop, a_cart(clock()), now=clock())
    reply(database, "STOP", clock.forward(minutes=1))
    clock.forward(minutes=61)
    know_orders(database, shop, clock())
    assert tick(database, clock()) == []
    assert reasons_of(database)[-1] == ("cart", "skipped", [Reason.STOPPED])


# A cart to be kept


def a_cart_to_keep(database: Database, clock: SetClock, **different: object) -> object:
    """A cart without consent and without a number, and its shopper who wants it kept."""
    shop = a_shop(database, clock())
    shopper = a_shopper(clock(), agreed=False, phone=None, email=None)
    record(database, shop, a_cart(clock(), shopper=shopper), now=clock())
    ask = a_request(KEEP, clock.forward(minutes=1), cart_key="token:c1", **different)
    record(database, shop, ask, now=clock())
    return shop


def an_hour_later(database: Database, shop: object, clock: SetClock) -> list[object]:
    tick(database, clock.forward(minutes=31))
    clock.forward(minutes=31)
    know_orders(database, shop, clock())
    return tick(database, clock())


def test_a_cart_to_be_kept_gets_one_text_without_consent_to_marketing(
    database: Database, clock: SetClock
) -> None:
    shop = a_cart_to_keep(database, clock)
    (letter,) = an_hour_later(database, shop, clock)
    assert letter.message.recipient == PHONE
    assert "https://r.example/r/" in letter.message.text
    accept(database, [letter], clock())
    (request,) = rows(database, tables.requests)
    assert request.ended_because == "answered"
    assert the_reminder(database).request_id == request.id


def test_leave_for_one_cart_is_none_for_the_next(database: Database, clock: SetClock) -> None:
    shop = a_cart_to_keep(database, clock)
    accept(database, an_hour_later(database, shop, clock), clock())
    clock.forward(hours=25)
    next_cart = a_cart(clock(), key="token:c2", shopper=a_shopper(clock(), agreed=False))
    record(database, shop, next_cart, now=clock())
    assert an_hour_later(database, shop, clock) == []
    assert reasons_of(database)[-1] == ("cart", "skipped", [Reason.NO_CONSENT])


def test_a_cart_no_longer_to_be_kept_is_not_texted(database: Database, clock: SetClock) -> None:
    shop = a_cart_to_keep(database, clock)
    back = a_request(KEEP, clock.forward(minutes=1), cart_key="token:c1", withdrawn=True)
    record(database, shop, back, now=clock())
    assert an_hour_later(database, shop, clock) == []
    assert the_reminder(database).state == "skipped"


def test_a_cart_kept_for_one_number_is_not_texted_to_another(
    database: Database, clock: SetClock
) -> None:
    shop = a_cart_to_keep(database, clock)
    with database.transaction() as db:
        db.execute(tables.carts.update().values(phone="+33698765432"))
    assert an_hour_later(database, shop, clock) == []
    assert reasons_of(database) == [("cart", "skipped", [Reason.NO_CONSENT])]


def test_a_text_that_was_put_off_leaves_its_request_standing(
    database: Database, clock: SetClock
) -> None:
    shop = a_cart_to_keep(database, clock)
    (letter,) = an_hour_later(database, shop, clock)
    later = clock() + timedelta(seconds=30)
    busy = [Outcome(letter.reminder_id, "postpone", clock(), retry_at=later)]
    database.run(lambda db: reminders.settle(db, busy, clock()))
    assert rows(database, tables.requests)[0].ended_at is None
    clock.forward(seconds=31)
    assert len(tick(database, clock())) == 1


def test_no_answer_ends_the_request_because_the_text_may_have_left(
    database: Database, clock: SetClock
) -> None:
    shop = a_cart_to_keep(database, clock)
    (letter,) = an_hour_later(database, shop, clock)
    lost = [Outcome(letter.reminder_id, "lose_track", clock())]
    database.run(lambda db: reminders.settle(db, lost, clock()))
    assert rows(database, tables.requests)[0].ended_because == "answered"


def test_a_kept_cart_that_was_ordered_is_not_texted(database: Database, clock: SetClock) -> None:
    shop = a_cart_to_keep(database, clock)
    record(database, shop, an_order(clock(), cart_keys=("token:c1",)), now=clock())
    assert an_hour_later(database, shop, clock) == []


# What holds for all of them


def test_an_order_is_not_credited_to_a_text_that_was_asked_for(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_product(clock(), False), a_watch(clock()), now=clock())
    record(database, shop, a_product(clock.forward(minutes=1), True), now=clock())
    accept(database, tick(database, clock()), clock())
    record(database, shop, an_order(clock.forward(minutes=5)), now=clock())
    assert rows(database, tables.orders)[0].reminder_id is None


def test_asked_texts_are_counted_apart_from_cart_reminders(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_product(clock(), False), a_watch(clock()), now=clock())
    record(database, shop, a_product(clock.forward(minutes=1), True), now=clock())
    accept(database, tick(database, clock()), clock())
    with database.reading() as db:
        counted = {
            (name, *labels.values()): value for name, labels, value in figures.gather(db, clock())
        }
        assert figures.outcomes(db, clock()).by_state["sent"] == 0
        assert figures.answered(db, clock()).by_state["sent"] == 1
    assert counted["relance_reminders", "sent"] == 0
    assert counted["relance_asked_texts", "sent"] == 1


def test_unknown_orders_hold_up_cart_reminders_only(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_product(clock(), False), a_watch(clock()), now=clock())
    record(database, shop, a_product(clock.forward(minutes=1), True), now=clock())
    know_orders(database, shop, clock() - timedelta(hours=1))
    assert len(tick(database, clock())) == 1


def test_a_sender_without_replies_offers_a_link_instead(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    with database.transaction() as db:
        db.execute(tables.accounts.update().values(sender="NORD"))
    record(database, shop, a_product(clock(), False), a_watch(clock()), now=clock())
    record(database, shop, a_product(clock.forward(minutes=1), True), now=clock())
    (letter,) = tick(database, clock())
    assert "Refus : https://r.example/stop/" in letter.message.text
    (link,) = rows(database, tables.links)
    assert (link.purpose, link.cart_id, link.shop_id) == ("stop", None, shop.id)


def test_what_nobody_spoke_of_for_a_year_is_over(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, order_news(clock()), now=clock())
    assert database.run(lambda db: asks.end_old(db, clock.forward(days=364))) == 0
    assert database.run(lambda db: asks.end_old(db, clock.forward(days=2))) == 1


def test_a_request_of_another_shop_is_another_request(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    other = a_shop(database, clock(), address="sud.myshopify.com", name="Sud")
    record(database, shop, order_news(clock()), now=clock())
    record(database, other, order_news(clock()), now=clock())
    database.run(lambda db: requests.stop(db, other.id, PHONE, clock()))
    assert [row.ended_because for row in rows(database, tables.requests)] == [None, "stopped"]
