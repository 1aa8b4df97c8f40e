"""Stories of when a programme's messages leave, through real processes and a movable clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from recovery.reasons import Reason
from tests.programme_house import ProgrammeHouse, a_house
from tests.programme_people import PARIS, TEXAS, link_in, somebody, the_next

FRIDAY, SATURDAY, SUNDAY = 4, 5, 6
#: A Wednesday morning. The next Saturday before a holiday on Monday is that of Whit Sunday, the
#: 15th; the story of it is told first, since time only goes forward.
BEGINS = datetime(2027, 5, 12, 7, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def house(request: pytest.FixtureRequest) -> Iterator[ProgrammeHouse]:
    with a_house(request, "sqlite", BEGINS) as opened:
        yield opened


def seen_at(moment: datetime, zone: object = PARIS) -> str:
    """A moment by a local clock: "Fri 19:59"."""
    return moment.astimezone(zone).strftime("%a %H:%M")  # type: ignore[arg-type]


def test_before_a_holiday_on_monday_it_is_an_e_mail_at_the_due_time_and_no_text(
    house: ProgrammeHouse,
) -> None:
    fashion = house.boutique("mode", ["preset=fashion", "holdout=0"])
    travel = house.boutique("voyages", ["preset=travel", "holdout=0"])
    ana, bob = somebody(3), somebody(4)
    textual = somebody(6, agrees_to=("sms",))  # a late text would be their last resort
    left = house.goes_to(the_next(house.clock(), SATURDAY, "21:00", before_a_holiday=True))
    dress = fashion.is_left(ana, "60.00")
    journey = travel.is_left(bob, "900.00")
    other = fashion.is_left(textual, "60.00")

    house.goes_to(left + timedelta(minutes=59))
    house.looks_at_all()
    assert not house.mails_to(ana.email)
    house.goes_to(left + timedelta(hours=1, seconds=2))
    sent = dress.comes_to("sent", 1, "email")
    assert seen_at(sent.sent_at) == "Sat 22:00"
    assert dress.states()[1, "sms"] == "skipped"
    assert dress.why(1, "sms") == [Reason.NO_DECENT_HOUR]

    house.goes_to(left + timedelta(hours=6, minutes=29))
    house.looks_at_all()
    assert not house.mails_to(bob.email)
    house.goes_to(left + timedelta(hours=6, minutes=30, seconds=2))
    sent = journey.comes_to("sent", 1, "email")
    assert seen_at(sent.sent_at) == "Sun 03:30"
    assert sent.sent_at - left < timedelta(hours=12)
    assert journey.why(1, "sms") == [Reason.NO_DECENT_HOUR]

    # The holiday passes, and Tuesday opens: the first step never becomes a text after all.
    house.goes_to(left + timedelta(days=2, hours=12))
    house.looks_at_all()
    for cart, person in ((dress, ana), (journey, bob), (other, textual)):
        assert cart.states()[1, "sms"] == "skipped"
        assert not house.texts_to(person.number)
    assert len(house.mails_to(bob.email)) == 1
    assert dress.states()[2, "email"] == "sent"
    assert not house.mails_to(textual.email)
    assert other.why(1, "email") == [Reason.NO_CONSENT]


def test_on_a_friday_evening_the_text_is_pulled_forward_before_closing(
    house: ProgrammeHouse,
) -> None:
    fashion = house.boutique("mode", ["preset=fashion", "holdout=0"])
    travel = house.boutique("voyages", ["preset=travel", "holdout=0"])
    ana, bob = somebody(1), somebody(2)
    left = house.goes_to(the_next(house.clock(), FRIDAY, "19:15"))
    dress = fashion.is_left(ana, "60.00")
    journey = travel.is_left(bob, "900.00")

    # Due at 20:15 and at 01:45: neither may wait for Saturday, the promise being twelve hours.
    house.goes_to(left + timedelta(minutes=43))
    house.looks_at_all()
    assert not house.texts_to(ana.number) + house.texts_to(bob.number)
    for cart in (dress, journey):
        assert seen_at(cart.steps()[1, "sms"].due_at) == "Fri 19:59"

    house.goes_to(left + timedelta(minutes=44, seconds=2))
    for cart, person, shop in ((dress, ana, "mode"), (journey, bob, "voyages")):
        text = cart.comes_to("delivered")
        assert seen_at(text.sent_at) == "Fri 19:59"
        assert [*house.texts_to(person.number)] == [text.text]
        assert text.text.startswith(f"Atelier {shop} : Ana")
        assert link_in(text.text)
        assert not house.mails_to(person.email)

    # The second step is soon for fashion, and slow for what is compared and thought over.
    assert dress.steps()[2, "email"].due_at - left < timedelta(days=1, hours=2)
    assert journey.steps()[2, "email"].due_at - left > timedelta(days=3)
    house.waits(days=1, minutes=20)
    mail = dress.comes_to("sent", 2, "email")
    assert len(house.mails_to(ana.email)) == 1
    assert mail.sent_at - dress.steps()[1, "sms"].sent_at >= timedelta(days=1)
    assert journey.states()[2, "email"] == "scheduled"


def test_in_texas_no_text_leaves_on_a_sunday_before_noon_and_a_cart_has_one(
    house: ProgrammeHouse,
) -> None:
    shop = house.boutique("mode", ["preset=fashion", "holdout=0"])
    joe = somebody(5, number="+15124630005", country="US", province="TX", locale="en", name="Joe")
    left = house.goes_to(the_next(house.clock(), SUNDAY, "08:00", TEXAS))
    cart = shop.is_left(joe, "60.00")
    assert (cart.row.country, cart.row.region) == ("US", "TX")
    house.goes_to(left + timedelta(hours=3, minutes=58))  # nine was due, and is federally decent
    house.looks_at_all()
    assert not house.texts_to(joe.number)
    assert cart.states()[1, "sms"] == "scheduled"
    house.goes_to(left + timedelta(hours=4, seconds=2))
    assert seen_at(cart.comes_to("delivered").sent_at, TEXAS) == "Sun 12:00"

    house.waits(days=1, minutes=2)
    cart.comes_to("sent", 2, "email")
    house.waits(days=2, minutes=2)
    # The third step is a text; for this cart there was one.
    house.waits(hours=12)
    cart.comes_to("sent", 3, "email")
    assert cart.why(3, "sms") == [Reason.ONE_TEXT_A_CART]
    assert len(house.texts_to(joe.number)) == 1
    assert len(house.mails_to(joe.email)) == 2
