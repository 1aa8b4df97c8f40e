"""On which channel the code of a reward is told: the one that reached its person."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from recovery import offer_codes, reward_rows, stopping, tables
from recovery.database import Database
from recovery.model import Channel, Coupon
from recovery.programme_form import Delay, Incentive, Programme, Start, Step
from recovery.reasons import Reason, read
from tests.conftest import SetClock
from tests.recovery.channel_stories import (
    BOTH,
    HOUR,
    a_person,
    a_shop_with_mail,
    by_channel,
    left_cart,
    save,
)
from tests.recovery.stories import EMAIL, PHONE, an_order, know_orders, record, rows, tick
from tests.recovery.test_fallbacks import receipt, send, settle


def promised_by_text(database: Database, clock: SetClock) -> Any:
    """A customer's cart is reminded by a text that promises a reward; the shop."""
    shop = a_shop_with_mail(database, clock())
    ten = Incentive(kind="percent", value=Decimal(10))
    step = Step(
        number=1,
        channel=Channel.SMS,
        delay=Delay(HOUR),
        fallback=Channel.EMAIL,
        incentive=ten,
    )
    save(database, shop, Programme(start=Start.CART, steps=(step,), holdout=0.0), clock)
    person = a_person(clock(), *BOTH)
    before = an_order(clock() - timedelta(days=40), key="before", shopper=person)
    record(database, shop, before, now=clock())
    left_cart(database, shop, clock, shopper=person)
    clock.forward(minutes=61)
    assert recipients(send(database, shop, clock)) == [PHONE]
    return shop


def earns(database: Database, shop: Any, clock: SetClock) -> None:
    """The cart is ordered in time, and the shop makes the code."""
    clock.forward(hours=1)
    person = a_person(clock(), *BOTH)
    order = an_order(clock(), key="earning", cart_keys=("token:c1",), shopper=person)
    record(database, shop, order, now=clock())
    for batch in database.run(lambda db: offer_codes.hand_out(db, clock())):
        for each in batch.offer_ids:
            make(database, each, clock)
    clock.forward(seconds=1)


def make(database: Database, offer_id: int, clock: SetClock) -> None:
    asked = database.run(lambda db: offer_codes.to_make(db, offer_id, clock()))
    assert asked is not None
    coupon = Coupon(asked.offer.code, "k", asked.offer.ends_at)
    assert database.run(lambda db: offer_codes.made(db, offer_id, coupon, clock()))


def recipients(letters: list[Any]) -> list[str]:
    return [each.message.recipient for each in letters]


def tellings(database: Database) -> list[Any]:
    found = rows(database, tables.reminders)
    return [row for row in found if row.programme == reward_rows.REWARD]


def test_a_reward_is_told_on_the_channel_that_reached_its_person(
    database: Database, clock: SetClock
) -> None:
    shop = promised_by_text(database, clock)
    receipt(database, by_channel(database)[1, "sms"], "undelivered", clock)
    clock.forward(seconds=1)
    assert recipients(send(database, shop, clock)) == [EMAIL]
    earns(database, shop, clock)
    assert recipients(send(database, shop, clock)) == [EMAIL]


@pytest.mark.parametrize("ends_by", ["receipt", "refusal"])
def test_a_telling_that_does_not_arrive_is_told_once_on_the_other_channel(
    database: Database, clock: SetClock, ends_by: str
) -> None:
    shop = promised_by_text(database, clock)
    earns(database, shop, clock)
    know_orders(database, shop, clock())
    if ends_by == "refusal":
        letters = tick(database, clock())
        settle(database, letters, "refuse", clock)
    else:
        letters = send(database, shop, clock)
        receipt(database, tellings(database)[0], "undelivered", clock)
    assert recipients(letters) == [PHONE]
    clock.forward(seconds=1)
    (mail,) = send(database, shop, clock)
    assert mail.message.recipient == EMAIL
    (offer,) = [row for row in rows(database, tables.offers) if row.stand == "ready"]
    assert offer.code in mail.message.text
    receipt(database, tellings(database)[1], "undelivered", clock)
    assert send(database, shop, clock) == []
    assert len(tellings(database)) == 2


def test_who_stops_texts_gets_the_code_by_no_e_mail(database: Database, clock: SetClock) -> None:
    shop = promised_by_text(database, clock)
    earns(database, shop, clock)
    assert recipients(send(database, shop, clock)) == [PHONE]
    receipt(database, tellings(database)[0], "undelivered", clock)
    stop = (shop.id, Channel.SMS, PHONE, "reply", clock())
    database.run(lambda db: stopping.stop_address(db, *stop))
    clock.forward(seconds=1)
    assert send(database, shop, clock) == []
    assert read(tellings(database)[1].reasons) == [Reason.STOPPED]
