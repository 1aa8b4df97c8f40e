"""Stories of a rich text: a card that is refused or not delivered is one text, an MMS is itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from recovery import tables
from recovery.model import Channel
from recovery.programme_form import Delay, Programme, Start, Step
from tests.programme_house import OURS, Boutique, Left, ProgrammeHouse, a_house
from tests.programme_people import Person, somebody, the_next

BEGINS = datetime(2027, 6, 1, 7, 0, tzinfo=UTC)
WEDNESDAY = 2
AGENT = "Atelier-RCS"
ROBE = "https://cdn.example/robe.jpg"


def rich(kind: str) -> Programme:
    """One text in that form, else an e-mail."""
    step = Step(1, Channel.SMS, Delay(below=1800), fallback=Channel.EMAIL, rich=kind)  # type: ignore[arg-type]
    return Programme(start=Start.CART, steps=(step,), holdout=0.0)


@pytest.fixture(scope="module")
def opened(request: pytest.FixtureRequest) -> Iterator[ProgrammeHouse]:
    with a_house(request, "postgresql", BEGINS) as opened:
        yield opened


@pytest.fixture
def house(opened: ProgrammeHouse) -> ProgrammeHouse:
    """Fine weather, on a Wednesday at ten, and an account that has cards in France."""
    opened.vonage.change(receipts=True, refused=[], rejected=[])
    has(opened, "rcs:FR", OURS)
    opened.goes_to(the_next(opened.clock(), WEDNESDAY, "10:00"))
    return opened


def has(house: ProgrammeHouse, kinds: str, sender: str) -> None:
    ours = update(tables.accounts).where(tables.accounts.c.name == "service")
    told = ours.values(rich=kinds, rcs_agent=AGENT, sender=sender)
    house.database.run(lambda db: db.execute(told))


def is_left(shop: Boutique, by: Person) -> Left:
    """A cart is left, and the next poll has shown its pictures: no webhook does."""
    cart: Left = shop.is_left(by)
    shop.polled()
    shop.house.until(lambda: ROBE in str(cart.row.lines))
    return cart


def taken(house: ProgrammeHouse, number: str) -> list[str | None]:
    """The channels of what Vonage took for that number."""
    return [each.channel for each in house.vonage.accepted() if each.to == number[1:]]


def test_a_card_is_refused_or_not_delivered_and_becomes_one_text(house: ProgrammeHouse) -> None:
    shop = house.boutique("cartes", rich("rcs"))
    whole, refused, rejected = somebody(41), somebody(42), somebody(43)
    cart = is_left(shop, whole)
    house.waits(hours=1, seconds=2)
    cart.comes_to("delivered")
    (card,) = [each for each in house.vonage.accepted() if each.to == whole.number[1:]]
    assert (card.channel, card.sender, card.picture) == ("rcs", AGENT, ROBE)
    assert card.button is not None and card.button["text"] == "Retrouver mon panier"
    assert card.button["url"].startswith(f"{house.address}/r/")
    assert card.text is not None and card.button["url"] in card.text

    # A tap on its button says nothing; a word to the agent is one to the number.
    tap = {"id": card.button["postback_data"], "title": card.button["text"]}
    house.vonage.say_by_card(whole.number, AGENT, reply=tap)
    house.vonage.settle()
    assert not house.rows("replies")
    house.vonage.say_by_card(whole.number, AGENT, text="STOP")
    house.vonage.settle()
    (stop,) = [row for row in house.rows("suppressions") if row.address == whole.number]
    assert (stop.shop_id, stop.channel) == (shop.id, "sms")

    house.vonage.change(refused=["rcs"])
    cart = is_left(shop, refused)
    house.waits(hours=1, seconds=2)
    row = cart.comes_to("delivered")
    assert (taken(house, refused.number), row.rich) == (["sms"], "text")
    house.vonage.change(refused=[], rejected=["rcs"])
    cart = is_left(shop, rejected)
    house.waits(hours=1, seconds=2)
    house.until(lambda: [row for row in cart.steps().values() if row.rich_id is not None])
    house.waits(seconds=5)
    row = cart.comes_to("delivered")
    assert (taken(house, rejected.number), row.rich) == (["rcs", "sms"], "text")

    house.waits(days=1)
    house.looks_at_all()
    for person, many in ((whole, 1), (refused, 1), (rejected, 2)):
        assert len(taken(house, person.number)) == many
        assert not house.mails_to(person.email)
    assert house.vonage.counts()["422"] == 1


def test_an_mms_that_is_taken_is_delivered_and_no_text_follows(house: ProgrammeHouse) -> None:
    has(house, "mms", "+12015550123")
    shop = house.boutique("images", rich("mms"))
    ana, bob = somebody(44, number="+12125550144"), somebody(45)
    abroad, here = is_left(shop, ana), is_left(shop, bob)
    house.goes_to(the_next(house.clock(), WEDNESDAY, "16:00") + timedelta(seconds=2))
    abroad.comes_to("delivered")
    here.comes_to("delivered")
    assert (taken(house, ana.number), taken(house, bob.number)) == (["mms"], ["sms"])
    (mms,) = [each for each in house.vonage.accepted() if each.to == ana.number[1:]]
    assert mms.picture == ROBE and mms.text is not None and f"{house.address}/r/" in mms.text
    house.waits(days=1)
    house.looks_at_all()
    assert taken(house, ana.number) == ["mms"]
    assert not house.mails_to(ana.email)
