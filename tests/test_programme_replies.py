"""Stories of what shoppers say: why they left, when to come again, stop; and of what it added."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from recovery import reports
from recovery.added import NotEnough
from recovery.model import Channel
from recovery.programme_form import Delay, Programme, Start, Step
from recovery.reasons import Reason
from tests.programme_house import OURS, Left, ProgrammeHouse, a_house
from tests.programme_people import PARIS, link_in, somebody, the_next

WEDNESDAY = 2
BEGINS = datetime(2027, 6, 1, 7, 0, tzinfo=UTC)
DAY = 86_400
MERCHANT = "atelier@example.com"
QUESTION = "la robe existe-t-elle en bleu marine"
#: A text that asks why, and another one two days later.
ASKS = Programme(
    start=Start.CART,
    steps=(
        Step(1, Channel.SMS, Delay(below=1800), asks_why=True),
        Step(2, Channel.SMS, Delay(below=2 * DAY), since="step", words="last"),
    ),
    holdout=0.0,
)


@pytest.fixture(scope="module")
def opened(request: pytest.FixtureRequest) -> Iterator[ProgrammeHouse]:
    with a_house(request, "sqlite", BEGINS) as opened:
        yield opened


@pytest.fixture
def house(opened: ProgrammeHouse) -> ProgrammeHouse:
    """A Wednesday at ten."""
    opened.goes_to(the_next(opened.clock(), WEDNESDAY, "10:00"))
    return opened


def is_asked(house: ProgrammeHouse, cart: Left) -> str:
    """The survey leaves, and is delivered; its words."""
    house.waits(hours=1, seconds=2)
    return str(cart.comes_to("delivered").text)


def says(house: ProgrammeHouse, number: str, words: str) -> None:
    """They answer on their phone."""
    house.waits(minutes=5)
    house.vonage.say(number, OURS, words)
    house.vonage.settle()


def reasons_of(cart: Left) -> list[tuple[Any, Any]]:
    """The reasons for leaving that were understood, and what follows."""
    rows = [row for row in cart.house.rows("leaving_reasons") if row.cart_id == cart.id]
    return [(row.reason, row.follow) for row in rows]


def forwarded(house: ProgrammeHouse, words: str) -> list[str]:
    """The e-mails to the merchant with those words of a shopper."""
    mails = [each.mail.get_body(("plain",)) for each in house.mails_to(MERCHANT)]
    texts = [str(each.get_content()) for each in mails if each is not None]
    return [each for each in texts if words in each]


def test_too_dear_to_send_in_words_is_answered_with_free_shipping(house: ProgrammeHouse) -> None:
    shop = house.boutique("pourquoi", ASKS)
    ana = somebody(31)
    cart = shop.is_left(ana)
    asked = is_asked(house, cart)
    assert all(f"{number}" in asked for number in range(1, 6))
    says(house, ana.number, "trop cher la livraison")
    assert reasons_of(cart) == [("shipping", "offer")]
    house.until(lambda: list(shop.theirs.discounts.all()))
    house.waits(seconds=20)
    house.until(lambda: len(house.texts_to(ana.number)) == 2)
    (code,) = shop.theirs.discounts.all()
    assert code.value[0] == "shipping"
    answer = house.texts_to(ana.number)[1]
    assert "livraison offerte" in answer
    back = requests.get(link_in(answer), allow_redirects=False, timeout=10)
    assert f"discount={code.code}" in back.headers["Location"]
    # A survey is followed up once: a further reason is kept, and whoever writes on wants a person.
    says(house, ana.number, "4")
    assert reasons_of(cart) == [("shipping", "offer"), ("no_time", "merchant")]
    assert ana.number in {row.address for row in house.rows("pauses")}
    house.waits(days=1)
    house.looks_at_all()
    assert len(house.texts_to(ana.number)) == 2


def test_tomorrow_at_six_in_words_is_a_text_at_that_hour(house: ProgrammeHouse) -> None:
    shop = house.boutique("pourquoi", ASKS)
    bob = somebody(32)
    cart = shop.is_left(bob)
    is_asked(house, cart)
    says(house, bob.number, "demain 18h")
    assert reasons_of(cart) == [("no_time", "at_hour")]
    (row,) = [each for each in house.rows("leaving_reasons") if each.cart_id == cart.id]
    at = row.follow_at.astimezone(PARIS)
    tomorrow = house.clock().astimezone(PARIS).date() + timedelta(days=1)
    assert (at.date(), at.strftime("%H:%M")) == (tomorrow, "18:00")
    house.goes_to(row.follow_at - timedelta(minutes=2))
    house.looks_at_all()
    assert len(house.texts_to(bob.number)) == 1
    house.goes_to(row.follow_at + timedelta(seconds=2))
    house.until(lambda: len(house.texts_to(bob.number)) == 2)
    # It stands in for what was planned for Friday.
    house.goes_to(row.follow_at + timedelta(days=1, minutes=20))
    house.looks_at_all()
    assert len(house.texts_to(bob.number)) == 2
    assert cart.why(2, "sms") == [Reason.ANSWERED]


def test_a_question_reaches_the_merchant_and_the_programme_stands_still(
    house: ProgrammeHouse,
) -> None:
    shop = house.boutique("pourquoi", ASKS, merchant_email=MERCHANT)
    cleo = somebody(33)
    cart = shop.is_left(cleo)
    is_asked(house, cart)
    says(house, cleo.number, f"Bonjour, {QUESTION} ?")
    house.until(lambda: forwarded(house, QUESTION))
    house.waits(days=2, minutes=5)
    house.looks_at_all()
    again = shop.is_left(cleo)
    house.waits(hours=1, seconds=2)
    again.comes_to("skipped")
    assert again.why(1, "sms") == [Reason.PAUSED]
    assert len(house.texts_to(cleo.number)) == 1
    assert len(forwarded(house, QUESTION)) == 1


def test_a_stop_is_written_back_to_the_shop(house: ProgrammeHouse) -> None:
    shop = house.boutique("pourquoi", ASKS)
    dan = somebody(34)
    cart = shop.is_left(dan)
    is_asked(house, cart)
    customer = int(cart.row.customer_key)
    assert shop.theirs.customers.get(customer).sms_consent.state == "SUBSCRIBED"
    says(house, dan.number, "STOP")
    shop.polled()
    house.until(lambda: shop.theirs.customers.get(customer).sms_consent.state == "UNSUBSCRIBED")
    assert shop.theirs.customers.get(customer).email_consent.state == "SUBSCRIBED"
    assert reasons_of(cart) == []
    house.waits(days=3)
    house.looks_at_all()
    assert len(house.texts_to(dan.number)) == 1


def test_of_a_few_people_it_is_said_that_they_are_not_enough(house: ProgrammeHouse) -> None:
    one = Step(1, Channel.SMS, Delay(below=1800))
    tenth = Programme(start=Start.CART, steps=(one,), holdout=0.1)
    shop = house.boutique("mesure", tenth)
    cart = shop.is_left(somebody(35))
    house.waits(hours=1, seconds=2)
    house.until(lambda: cart.states().get((1, "sms")) in ("delivered", "skipped"))
    cart.is_ordered()
    now = house.waits(days=40)
    with house.database.reading() as db:
        found = reports.added_by(db, shop.id, "cart", BEGINS, now - timedelta(days=1), now)
    assert found.added is not None
    figure = found.added.added.conversion
    assert isinstance(figure, NotEnough)
    assert (figure.needed or 0) > 100
    assert figure.treated_people + figure.held_out_people == 1
