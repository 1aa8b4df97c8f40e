"""Who agreed, who said stop, and what holds when news comes late, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from recovery import accounts, consent, receipts, tables
from recovery.consent import Word
from recovery.database import Database
from recovery.model import Channel, Consent, CustomerSeen, Reply, Shopper
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.stories import (
    MINUTES,
    PHONE,
    a_cart,
    a_shop,
    a_shopper,
    accept,
    an_order,
    know_orders,
    record,
    rows,
    tick,
)

KEY = "sms"
SENDER = "33700000001"


def said(database: Database, shop: ShopRow, granted: bool, at: datetime, now: datetime) -> None:
    """The platform tells of one yes or no."""
    word = Consent(Channel.SMS, "06 12 34 56 78", granted, "customer", at)
    record(database, shop, CustomerSeen(Shopper(country="FR", consents=(word,)), at), now=now)


def has_agreed(database: Database, shop: ShopRow) -> bool:
    key = (shop.id, KEY, PHONE)
    with database.reading() as db:
        return consent.latest(db, {key})[key].granted


def is_stopped(database: Database, shop: ShopRow) -> bool:
    key = (shop.id, KEY, PHONE)
    with database.reading() as db:
        return consent.suppressed(db, {key}) == {key}


def reply(database: Database, text: str, at: datetime, number: str = "r1") -> None:
    """The shopper texts to the shared number."""
    answer = Reply(number, PHONE.removeprefix("+"), SENDER, text, at)

    def work(db: object) -> None:
        account = accounts.by_name(db, "service")
        receipts.record_reply(db, account, answer, at)

    database.run(work)


def a_text(database: Database, shop: ShopRow, clock: SetClock) -> None:
    """A cart of that shop is left, and its text accepted."""
    record(database, shop, a_cart(clock()), now=clock())
    tick(database, clock.forward(minutes=31))
    know_orders(database, shop, clock.forward(minutes=30))
    letters = tick(database, clock())
    assert len(letters) == 1
    accept(database, letters, clock())


def test_a_consent_is_kept_with_its_words_its_source_and_its_number_normalised(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    word = Consent(Channel.SMS, "06 12 34 56 78", True, "plugin box", clock(), "Oui, par SMS")
    shopper = Shopper(country="FR", consents=(word,))
    record(database, shop, CustomerSeen(shopper, clock()), now=clock.forward(minutes=1))
    row = rows(database, tables.consents)[0]
    assert (row.address, row.words, row.source) == (PHONE, "Oui, par SMS", "plugin box")
    assert (row.at, row.recorded_at) == (clock() - MINUTES, clock())


def test_the_same_yes_again_adds_no_row(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    for _ in range(3):
        said(database, shop, True, clock.forward(minutes=1), clock())
    assert len(rows(database, tables.consents)) == 1


def test_a_consent_withdrawn_counts_although_an_older_yes_comes_after_it(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    said(database, shop, False, clock(), clock())
    said(database, shop, True, clock() - MINUTES, clock())
    assert not has_agreed(database, shop)


def test_a_no_said_again_counts_against_a_yes_from_between(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    for granted, minutes in ((False, 1), (False, 5), (True, 3)):
        at = clock() + minutes * MINUTES
        said(database, shop, granted, at, clock() + 9 * MINUTES)
    assert not has_agreed(database, shop)


@pytest.mark.parametrize("forwards", [True, False])
def test_a_yes_and_a_later_no_in_one_delivery_are_a_no(
    database: Database, clock: SetClock, forwards: bool
) -> None:
    shop = a_shop(database, clock())
    said(database, shop, False, clock() - MINUTES, clock())
    both = [
        Word(shop.id, KEY, PHONE, granted, "checkout", "", clock() + late * MINUTES)
        for granted, late in ((True, 0), (False, 1))
    ]
    words = both if forwards else both[::-1]
    database.run(lambda db: consent.record(db, words, clock()))
    assert not has_agreed(database, shop)


def test_a_consent_for_a_number_nobody_can_read_is_none(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    word = Consent(Channel.SMS, "12", True, "checkout", clock())
    record(database, shop, CustomerSeen(Shopper(consents=(word,)), clock()), now=clock())
    assert rows(database, tables.consents) == []


def test_a_number_typed_at_checkout_is_no_consent_unless_customers_may_be_texted(
    database: Database, clock: SetClock
) -> None:
    silent = a_shopper(clock(), agreed=False)
    strict = a_shop(database, clock())
    lenient = a_shop(database, clock(), address="sud.myshopify.com", customers_may_be_texted=True)
    for shop in (strict, lenient):
        record(database, shop, an_order(clock() - timedelta(days=9)), now=clock())
        record(database, shop, a_cart(clock(), shopper=silent), now=clock())
    tick(database, clock.forward(minutes=31))
    clock.forward(minutes=30)
    for shop in (strict, lenient):
        know_orders(database, shop, clock())
    tick(database, clock())
    found = rows(database, tables.reminders, "shop_id", "state")
    assert found == [(strict.id, "skipped"), (lenient.id, "sending")]


def test_stop_holds_at_every_shop_that_wrote_from_a_shared_number(
    database: Database, clock: SetClock
) -> None:
    wrote = [a_shop(database, clock(), address=f"{name}.myshopify.com") for name in "ab"]
    silent = a_shop(database, clock(), address="c.myshopify.com")
    for shop in wrote:
        a_text(database, shop, clock)
    reply(database, "Stop svp", clock())
    assert [is_stopped(database, shop) for shop in (*wrote, silent)] == [True, True, False]


def test_a_stop_from_somebody_nobody_wrote_to_holds_at_every_shop_of_the_number(
    database: Database, clock: SetClock
) -> None:
    shops = [a_shop(database, clock(), address=f"{name}.myshopify.com") for name in "ab"]
    reply(database, "STOP", clock())
    assert all(is_stopped(database, shop) for shop in shops)


def test_start_takes_a_stop_back_and_an_old_stop_that_comes_again_does_not(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    reply(database, "ARRÊT", clock(), "r1")
    assert is_stopped(database, shop)
    reply(database, "START", clock.forward(minutes=1), "r2")
    assert not is_stopped(database, shop)
    reply(database, "ARRÊT", clock(), "r1")
    assert not is_stopped(database, shop)
    reply(database, "stop", clock(), "r3")
    assert is_stopped(database, shop)


def test_a_yes_at_a_checkout_takes_no_stop_back(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    reply(database, "STOP", clock())
    said(database, shop, True, clock.forward(minutes=1), clock())
    assert has_agreed(database, shop)
    assert is_stopped(database, shop)


def test_a_stop_calls_off_what_is_scheduled(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock()), now=clock())
    tick(database, clock.forward(minutes=31))
    reply(database, "STOP", clock())
    assert rows(database, tables.reminders)[0].state == "skipped"


def test_an_answer_belongs_to_the_latest_reminder_of_that_number(
    database: Database, clock: SetClock
) -> None:
    shops = [a_shop(database, clock(), address=f"{name}.myshopify.com") for name in "ab"]
    for shop in shops:
        a_text(database, shop, clock)
    reply(database, "Do you ship to Brest?", clock())
    answer = rows(database, tables.replies)[0]
    assert (answer.shop_id, answer.text) == (shops[1].id, "Do you ship to Brest?")
    assert not any(is_stopped(database, shop) for shop in shops)
