"""Stories of offers: a prospect's code, a customer's reward, somebody who waits for codes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests

from recovery.model import Channel
from recovery.offer_words import Why
from recovery.programme_form import Delay, Incentive, Programme, Start, Step
from tests.programme_house import Boutique, Left, ProgrammeHouse, a_house
from tests.programme_people import Person, link_in, somebody, the_next

WEDNESDAY = 2
BEGINS = datetime(2027, 6, 1, 7, 0, tzinfo=UTC)
HOUR = 3600
BROWSER = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 "
    "Version/18.1 Safari/604.1"
)
PREVIEW = "WhatsApp/2.23.20.0"
TEN_PERCENT = Incentive(kind="percent", value=Decimal(10), days=3)


def two_steps(*, page: bool = False) -> Programme:
    """A text, then an e-mail with ten percent."""
    text = Step(1, Channel.SMS, Delay(below=1800), page=page)
    mail = Step(
        2, Channel.EMAIL, Delay(below=HOUR), since="step", words="offer", incentive=TEN_PERCENT
    )
    return Programme(start=Start.CART, steps=(text, mail), holdout=0.0)


@pytest.fixture(scope="module")
def opened(request: pytest.FixtureRequest) -> Iterator[ProgrammeHouse]:
    with a_house(request, "postgresql", BEGINS) as opened:
        yield opened


@pytest.fixture
def house(opened: ProgrammeHouse) -> ProgrammeHouse:
    """A Wednesday at ten."""
    opened.goes_to(the_next(opened.clock(), WEDNESDAY, "10:00"))
    return opened


def offers_of(cart: Left) -> list[Any]:
    """What was decided about this cart."""
    return [row for row in cart.house.rows("offers") if row.cart_id == cart.id]


def codes_at(shop: Boutique) -> dict[str, Any]:
    """The codes that are in the shop."""
    return {each.code: each for each in shop.theirs.discounts.all()}


def gets_both_steps(house: ProgrammeHouse, shop: Boutique, person: Person) -> Left:
    """A cart that is left, and both messages about it."""
    cart = shop.is_left(person)
    house.waits(hours=1, seconds=2)
    cart.comes_to("delivered")
    house.waits(hours=1, seconds=5)
    # Of a code that is wanted the shop is asked first; then the e-mail is looked at again.
    house.until(lambda: offers_of(cart))
    if offers_of(cart)[0].gift == "incentive":
        house.until(lambda: offers_of(cart)[0].stand != "wanted")
    house.waits(seconds=20)
    cart.comes_to("sent", 2, "email")
    return cart


def plain_part(mail: Any) -> str:
    """The plain words of an e-mail."""
    return str(mail.get_body(("plain",)).get_content())


def test_a_prospects_code_is_in_the_shop_before_the_second_message_names_it(
    house: ProgrammeHouse,
) -> None:
    shop = house.boutique("codes", two_steps())
    ana = somebody(21)
    cart = gets_both_steps(house, shop, ana)
    (offer,) = offers_of(cart)
    assert (offer.gift, json.loads(offer.reasons)) == ("incentive", [Why.PROSPECT])
    code = codes_at(shop)[offer.code]
    assert (code.value, code.usage_limit) == (("percentage", Decimal("0.1")), 1)
    assert code.created_at < cart.steps()[2, "email"].sent_at
    assert code.ends_at == offer.ends_at

    assert not any(offer.code in text for text in house.texts_to(ana.number))  # the first step
    (came,) = house.mails_to(ana.email)
    words = plain_part(came.mail)
    assert offer.code in words
    assert "10" in words
    back = requests.get(link_in(words), allow_redirects=False, timeout=10)
    assert (back.status_code, f"discount={offer.code}" in back.headers["Location"]) == (302, True)

    # Nobody took it: when it ends it is over, here and in the shop.
    house.goes_to(offer.ends_at + timedelta(minutes=2))
    house.until(lambda: offers_of(cart)[0].stand in ("ended", "removed"))
    left = codes_at(shop).get(offer.code)
    assert left is None or left.ends_at <= house.clock()


def test_who_leaves_carts_for_their_codes_gets_none_and_the_reason_is_kept(
    house: ProgrammeHouse,
) -> None:
    shop = house.boutique("codes", two_steps())
    bob = somebody(22)
    for _ in range(2):
        assert offers_of(gets_both_steps(house, shop, bob))[-1].code
        house.waits(days=5)
    known = set(codes_at(shop))
    third = gets_both_steps(house, shop, bob)
    (offer,) = offers_of(third)
    assert (offer.gift, offer.code) == ("none", None)
    assert Why.SERIAL_LEFT in json.loads(offer.reasons)
    assert set(codes_at(shop)) <= known
    last = plain_part(house.mails_to(bob.email)[-1].mail)
    assert "%" not in last
    assert not any(code in last for code in known)


def test_a_customers_reward_is_promised_earned_made_and_told(house: ProgrammeHouse) -> None:
    shop = house.boutique("recompense", two_steps())
    cleo = somebody(23)
    shop.theirs.add_order(email=cleo.email, phone=cleo.number)
    house.shopify.settle()
    house.until(lambda: any(row.email == cleo.email for row in house.rows("orders")))
    house.waits(days=1)
    cart = gets_both_steps(house, shop, cleo)
    (offer,) = offers_of(cart)
    assert (offer.gift, json.loads(offer.reasons)) == ("reward", [Why.CUSTOMER])
    (promise,) = house.mails_to(cleo.email)
    assert "10" in plain_part(promise.mail)
    assert not codes_at(shop)  # nothing to wait for with this cart

    house.waits(hours=2)
    cart.is_ordered()
    house.until(lambda: offers_of(cart)[0].stand == "ready")
    (code,) = codes_at(shop).values()
    assert (code.code, code.usage_limit) == (offers_of(cart)[0].code, 1)
    house.until(lambda: len(house.mails_to(cleo.email)) == 2)
    told = plain_part(house.mails_to(cleo.email)[1].mail)
    assert code.code in told

    # Another day, and no further word: what was promised was told once.
    house.waits(days=1)
    house.looks_at_all()
    assert len(house.mails_to(cleo.email)) == 2
    assert len(codes_at(shop)) == 1


def test_the_page_behind_the_link_shows_the_cart_and_leads_back(house: ProgrammeHouse) -> None:
    shop = house.boutique("page", two_steps(page=True))
    dan = somebody(24, name="Dana")
    cart = shop.is_left(dan, "75.00")
    house.waits(hours=1, seconds=2)
    text = cart.comes_to("delivered").text
    page = requests.get(link_in(text), allow_redirects=False, timeout=10)
    assert page.status_code == 200
    for each in ("Dana", "Robe Garance", "75,00", "noindex"):
        assert each in page.text
    for each in (dan.email, dan.number, dan.number[3:], "<script"):
        assert each not in page.text
    assert len(page.content) < 60_000
    on = requests.get(f"{link_in(text)}/go", allow_redirects=False, timeout=10)
    assert (on.status_code, on.headers["Location"]) == (302, cart.row.way_back)


def test_an_order_is_credited_by_a_click_or_a_code_and_never_by_a_preview(
    house: ProgrammeHouse,
) -> None:
    shop = house.boutique("codes", two_steps())
    clicks, only_previews, uses = somebody(25), somebody(26), somebody(27)
    carts = [shop.is_left(each) for each in (clicks, only_previews, uses)]
    house.waits(hours=1, seconds=2)
    clicked, previewed, used = (link_in(each.comes_to("delivered").text) for each in carts)
    for link, agent in ((clicked, BROWSER), (previewed, PREVIEW), (used, PREVIEW)):
        headers = {"User-Agent": agent}
        requests.get(link, headers=headers, allow_redirects=False, timeout=10)
    house.waits(hours=1, seconds=5)
    house.until(lambda: [each.stand for each in offers_of(carts[2])] == ["made"])
    house.waits(seconds=20)
    carts[2].comes_to("sent", 2, "email")
    (offer,) = offers_of(carts[2])
    house.waits(hours=1)
    carts[0].is_ordered()
    carts[1].is_ordered()
    carts[2].is_ordered(discount_codes=((offer.code, Decimal("6.00")),))
    steps = carts[0].steps()[1, "sms"].id, None, carts[2].steps()[2, "email"].id
    found = {row.cart_id: (row.credited_by, row.reminder_id) for row in house.rows("orders")}
    by = ("click", None, "code")
    assert [found[each.id] for each in carts] == list(zip(by, steps, strict=True))
    assert offers_of(carts[2])[0].used_at is not None
