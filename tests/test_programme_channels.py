"""Stories of a programme's channels: undelivered, unanswered, called off, capped, held out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import requests
from sqlalchemy import update

from recovery import intake, shops, tables
from recovery.arms import HELD_OUT, arm_of
from recovery.model import Channel, Consent, ContactSeen, Shopper
from recovery.programme_form import Delay, Programme, Start, Step
from recovery.reasons import Reason
from tests.programme_house import OURS, Left, ProgrammeHouse, a_house
from tests.programme_people import Person, link_in, somebody, the_next

WEDNESDAY = 2
BEGINS = datetime(2027, 6, 1, 7, 0, tzinfo=UTC)
HOUR = 3600
#: One text, whose fallback is an e-mail; nothing that comes later blurs what became of it.
ONE_TEXT = Programme(
    start=Start.CART,
    steps=(Step(1, Channel.SMS, Delay(below=1800), fallback=Channel.EMAIL),),
    holdout=0.0,
)
#: A text, and an e-mail an hour later.
BOTH = Programme(
    start=Start.CART,
    steps=(
        Step(1, Channel.SMS, Delay(below=1800)),
        Step(2, Channel.EMAIL, Delay(below=HOUR), since="step", words="second"),
    ),
    holdout=0.0,
)


@pytest.fixture(scope="module")
def opened(request: pytest.FixtureRequest) -> Iterator[ProgrammeHouse]:
    with a_house(request, "postgresql", BEGINS) as opened:
        yield opened


@pytest.fixture
def house(opened: ProgrammeHouse) -> ProgrammeHouse:
    """Fine weather, on a Wednesday at ten."""
    opened.vonage.change(receipts=True, undeliverable=0.0)
    opened.mail.change()
    opened.goes_to(the_next(opened.clock(), WEDNESDAY, "10:00"))
    return opened


def test_a_text_that_was_not_delivered_becomes_one_e_mail(house: ProgrammeHouse) -> None:
    shop = house.boutique("un-texte", ONE_TEXT)
    ana = somebody(11)
    house.vonage.change(undeliverable=1.0)
    cart = shop.is_left(ana)
    house.waits(hours=1, seconds=2)
    cart.comes_to("undelivered")
    cart.comes_to("sent", 1, "email")
    assert len(house.mails_to(ana.email)) == 1
    assert cart.steps()[1, "email"].fallback_of == cart.steps()[1, "sms"].id

    # The same news again, and time, add nothing; a late "delivered" is written down.
    (taken,) = [each for each in house.vonage.accepted() if each.to == ana.number[1:]]
    house.vonage.tell(taken, "undeliverable")
    house.vonage.settle()
    house.waits(days=2)
    house.looks_at_all()
    assert cart.states() == {(1, "sms"): "undelivered", (1, "email"): "sent"}
    house.vonage.tell(taken, "delivered")
    house.vonage.settle()
    assert cart.states() == {(1, "sms"): "delivered", (1, "email"): "sent"}
    assert (len(house.texts_to(ana.number)), len(house.mails_to(ana.email))) == (1, 1)


def test_a_text_without_an_answer_becomes_nothing_else(house: ProgrammeHouse) -> None:
    shop = house.boutique("un-texte", ONE_TEXT)
    bob = somebody(12)
    house.vonage.change(script=["drop_after"], receipts=False)
    cart = shop.is_left(bob)
    house.waits(hours=1, seconds=2)
    cart.comes_to("unconfirmed")
    house.waits(days=1)
    house.looks_at_all()
    house.waits(days=2)
    house.looks_at_all()
    assert cart.states() == {(1, "sms"): "unconfirmed"}
    assert len(house.texts_to(bob.number)) == 1  # it had arrived
    assert not house.mails_to(bob.email)


def test_a_stop_and_an_order_between_claim_and_last_look_hold_the_texts_back(
    house: ProgrammeHouse,
) -> None:
    shop = house.boutique("un-texte", ONE_TEXT)
    stops, orders, neither = somebody(13), somebody(14), somebody(15)
    of_stop, of_order, of_neither = [shop.is_left(each) for each in (stops, orders, neither)]
    due = of_neither.row.left_at + timedelta(hours=1)
    house.goes_to(due - timedelta(seconds=30))
    shop.polled()  # its orders are known, so that all three are claimed at once
    # Somebody else's messages have the provider's next seconds: these wait, claimed, for theirs.
    account = tables.accounts.c.name == "service"
    taken = update(tables.accounts).where(account).values(slots_until=due + timedelta(seconds=6))
    house.database.run(lambda db: db.execute(taken))
    house.goes_to(due + timedelta(seconds=1))
    for cart in (of_stop, of_order, of_neither):
        cart.comes_to("sending")
    house.vonage.say(stops.number, OURS, "Stop")
    of_order.is_ordered()
    house.vonage.settle()
    assert {cart.states()[1, "sms"] for cart in (of_stop, of_order, of_neither)} == {"sending"}

    of_neither.comes_to("delivered")
    of_stop.comes_to("skipped")
    of_order.comes_to("skipped")
    assert (of_stop.why(1, "sms"), of_order.why(1, "sms")) == ([Reason.STOPPED], [Reason.ORDERED])
    house.waits(days=1)
    house.looks_at_all()
    for cart, person in ((of_stop, stops), (of_order, orders)):
        assert cart.states() == {(1, "sms"): "skipped"}
        assert not house.texts_to(person.number) + house.mails_to(person.email)


def test_two_carts_of_a_person_in_a_day_are_one_text_and_four_in_a_week_are_three(
    house: ProgrammeHouse,
) -> None:
    shop = house.boutique("un-texte", ONE_TEXT)
    ana = somebody(16)
    again = Person(ana.number, "another-address@example.com", name="Ana")

    def leaves_one(who: Person) -> Left:
        cart = shop.is_left(who)
        house.waits(hours=1, seconds=2)
        house.until(lambda: cart.states().get((1, "sms")) in ("delivered", "skipped"))
        return cart

    assert leaves_one(ana).states() == {(1, "sms"): "delivered"}
    capped = leaves_one(again)
    assert (capped.states(), capped.why(1, "sms")) == ({(1, "sms"): "skipped"}, [Reason.CAPPED])
    for _ in range(2):
        house.waits(days=1)
        assert leaves_one(ana).states() == {(1, "sms"): "delivered"}
    house.waits(days=1)
    fourth = leaves_one(again)
    assert (fourth.states(), fourth.why(1, "sms")) == ({(1, "sms"): "skipped"}, [Reason.CAPPED])
    assert len(house.texts_to(ana.number)) == 3
    assert not house.mails_to(ana.email) + house.mails_to(again.email)


def test_who_is_held_out_gets_nothing_and_their_row_says_so(house: ProgrammeHouse) -> None:
    key = "a-key-that-is-only-for-tests-000"
    half = Programme(start=Start.CART, steps=BOTH.steps, holdout=0.5)
    shop = house.boutique("tirage", half, draw_key=key)
    (kept,) = [row for row in house.rows("programmes") if row.shop_id == shop.id]
    out, treated = None, None
    for which in range(100, 200):
        person = somebody(which)
        arm = arm_of(key.encode(), kept.id, f"email:{person.email}", 0.5)
        out = person if arm == HELD_OUT else out
        treated = person if arm != HELD_OUT else treated
    assert out is not None and treated is not None
    # Guests, whom the shop knows by their e-mail alone.
    nothing, messages = shop.is_left(out, guest=True), shop.is_left(treated, guest=True)
    house.waits(hours=1, seconds=2)
    messages.comes_to("delivered")
    nothing.comes_to("skipped")
    house.waits(hours=1, seconds=5)
    messages.comes_to("sent", 2, "email")
    nothing.comes_to("skipped", 2, "email")
    assert nothing.why(1, "sms") == nothing.why(2, "email") == [Reason.HELD_OUT]
    assert {row.arm for row in house.rows("arms") if row.cart_id == nothing.id} == {HELD_OUT}
    assert not house.texts_to(out.number) + house.mails_to(out.email)
    # Both are counted from the same moment on.
    first, second = (cart.steps()[1, "sms"].due_at for cart in (nothing, messages))
    assert abs(first - second) < timedelta(minutes=1)


def test_one_click_stops_the_e_mails_and_no_text(house: ProgrammeHouse) -> None:
    shop = house.boutique("les-deux", BOTH)
    ana = somebody(17)
    cart = shop.is_left(ana)
    house.waits(hours=1, seconds=2)
    cart.comes_to("delivered")
    house.waits(hours=1, seconds=5)
    cart.comes_to("sent", 2, "email")
    (came,) = house.mails_to(ana.email)
    assert came.mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = re.search(r"<(https://[^>]+)>", came.mail["List-Unsubscribe"])
    assert link is not None and link[1].startswith(house.address)
    stops = house.rows("suppressions")
    assert requests.get(link[1], timeout=10).status_code == 200  # a program that looks at links
    assert house.rows("suppressions") == stops
    answer = requests.post(link[1], data={"List-Unsubscribe": "One-Click"}, timeout=10)
    assert answer.status_code == 200

    house.waits(days=2)
    again = shop.is_left(ana)
    house.waits(hours=1, seconds=2)
    again.comes_to("delivered")
    house.waits(hours=1, seconds=5)
    again.comes_to("skipped", 2, "email")
    assert Reason.STOPPED in again.why(2, "email")  # the shop, told of it, says no as well
    assert (len(house.texts_to(ana.number)), len(house.mails_to(ana.email))) == (2, 1)


def test_an_e_mail_that_the_server_refuses_is_refused(house: ProgrammeHouse) -> None:
    shop = house.boutique("les-deux", BOTH)
    bob = somebody(18, agrees_to=("email",))
    house.mail.change(script=["refuse_recipient"])
    cart = shop.is_left(bob)
    house.waits(hours=1, seconds=2)
    cart.comes_to("skipped")
    house.waits(hours=1, seconds=5)
    failed = cart.comes_to("failed", 2, "email")
    assert "550" in failed.refusal and bob.email not in failed.refusal
    assert cart.why(1, "sms") == [Reason.NO_CONSENT]
    house.waits(days=1)
    house.looks_at_all()
    assert cart.states() == {(1, "sms"): "skipped", (2, "email"): "failed"}
    assert not house.mails_to(bob.email) and not house.texts_to(bob.number)


def test_an_address_from_our_box_is_mailed_once_its_owner_pressed_the_button(
    house: ProgrammeHouse,
) -> None:
    shop = house.boutique("deux-oui", BOTH, email_double_opt_in=True)
    ana = somebody(19, agrees_to=("sms",))
    cart = shop.is_left(ana)
    now = house.clock()
    yes = Consent(Channel.EMAIL, ana.email, True, "box", now, "Oui, écrivez-moi")
    ticked = ContactSeen((), Shopper(email=ana.email, locale="fr", consents=(yes,)), now)
    house.database.run(
        lambda db: intake.record(db, [(shops.all_by_id(db, [shop.id])[shop.id], ticked)], now)
    )
    (asked,) = house.until(lambda: house.mails_to(ana.email))
    assert "confirmez" in asked.mail["Subject"]
    assert asked.mail["List-Unsubscribe"] is None
    house.waits(hours=1, seconds=2)
    cart.comes_to("delivered")
    house.waits(hours=1, seconds=5)
    cart.comes_to("skipped", 2, "email")
    assert cart.why(2, "email") == [Reason.EMAIL_NOT_CONFIRMED]

    plain = asked.mail.get_body(("plain",))
    assert plain is not None
    link = link_in(plain.get_content(), "/confirm/")
    assert requests.get(link, timeout=10).status_code == 200  # a scanner looks
    assert cart.states()[2, "email"] == "skipped"
    page = requests.post(link, timeout=10)
    assert page.status_code == 200 and "est confirmée" in page.text
    cart.comes_to("sent", 2, "email")
    assert len(house.mails_to(ana.email)) == 2
