"""What stays in the browser, and comes back in the same browser only."""

from __future__ import annotations

import time

import pytest

from tests.plugin.browser.checkout import Checkout
from tests.plugin.browser.pages import Setting
from tests.plugin.browser.shop import Shop
from tests.plugin.conftest import Windows

PHONE = "+33612345678"
EMAIL = "ana@example.com"
BACK = Setting(restored=True)


def fill_and_leave(checkout: Checkout) -> None:
    """Somebody types a contact, ticks a box and goes."""
    checkout.open().type("email", EMAIL)
    checkout.type("phone", PHONE)
    checkout.type("first_name", "Ana")
    checkout.tick("email")
    checkout.shop.wait_for(1)
    checkout.shop.wait_until_answered()
    checkout.leave()


def test_after_our_link_the_same_browser_finds_its_contact(checkout: Checkout, shop: Shop) -> None:
    fill_and_leave(checkout)
    shop.begin(BACK)
    checkout.open().pause(700)
    found = [checkout.value(name) for name in ("email", "phone", "first_name")]
    assert found == [EMAIL, PHONE, "Ana"]
    assert shop.captures == [], "it stays in the browser"
    checkout.tick("sms")
    assert shop.wait_for(1)[0]["phone"] == PHONE


def test_who_ticked_nothing_finds_nothing(checkout: Checkout, shop: Shop) -> None:
    checkout.open().type("email", EMAIL)
    checkout.type("phone", PHONE)
    checkout.pause(5000)
    checkout.field("phone").blur()
    assert checkout.kept() is None
    checkout.leave()
    assert checkout.kept() is None
    shop.begin(BACK)
    checkout.open().pause(700)
    assert checkout.value("email") == ""


def test_the_last_tick_taken_back_ends_it(checkout: Checkout, shop: Shop) -> None:
    checkout.open().type("email", EMAIL)
    checkout.tick("email")
    checkout.tick("sms")
    checkout.untick("email")
    assert checkout.kept()["email"] == EMAIL
    checkout.untick("sms")
    assert checkout.kept() is None
    checkout.leave()
    assert checkout.kept() is None


def test_a_notice_is_enough_to_find_it_again(checkout: Checkout, shop: Shop) -> None:
    shop.begin(Setting(mode="notice"))
    checkout.open().type("email", EMAIL)
    checkout.pause(700)
    shop.wait_for(1)
    checkout.leave()
    shop.begin(Setting(mode="notice", restored=True))
    checkout.open().pause(700)
    assert checkout.value("email") == EMAIL
    checkout.field("email").focus()
    checkout.field("email").blur()
    checkout.leave()
    checkout.page.wait_for_timeout(50)
    assert shop.captures == [], "what we filled in, nobody typed"


def test_another_browser_finds_nothing(checkout: Checkout, shop: Shop, windows: Windows) -> None:
    fill_and_leave(checkout)
    shop.begin(BACK)
    elsewhere = windows.new()
    try:
        other = Checkout(checkout.kind, elsewhere, shop).open()
        other.pause(700)
        assert [other.value(name) for name in ("email", "phone", "first_name")] == ["", "", ""]
    finally:
        elsewhere.context.close()


def test_without_our_link_nothing_is_filled_in(checkout: Checkout, shop: Shop) -> None:
    fill_and_leave(checkout)
    checkout.open().pause(700)
    assert checkout.value("email") == ""


def test_only_empty_fields_are_filled(checkout: Checkout, shop: Shop) -> None:
    fill_and_leave(checkout)
    shop.begin(Setting(restored=True, known=(("email", "zoe@example.com"),)))
    checkout.open().pause(700)
    assert checkout.value("email") == "zoe@example.com"
    assert checkout.value("phone") == PHONE


def test_after_thirty_days_it_is_gone(checkout: Checkout, shop: Shop) -> None:
    fill_and_leave(checkout)
    old = (time.time() - 31 * 24 * 3600) * 1000
    checkout.page.evaluate(
        "at => { const kept = JSON.parse( localStorage.relance_contact ); kept.at = at;"
        "localStorage.relance_contact = JSON.stringify( kept ); }",
        old,
    )
    shop.begin(BACK)
    checkout.open().pause(700)
    assert checkout.value("email") == ""
    assert checkout.kept() is None


def test_an_order_clears_it(checkout: Checkout, shop: Shop) -> None:
    checkout.open().type("email", EMAIL)
    checkout.tick("email")
    assert checkout.kept()["email"] == EMAIL
    shop.wait_for(1)
    checkout.place_order()
    assert checkout.kept() is None
    assert len(shop.captures) == 1


def test_a_refused_order_does_not(checkout: Checkout, shop: Shop) -> None:
    shop.refuses_orders = True
    checkout.open().type("email", EMAIL)
    checkout.tick("email")
    shop.wait_for(1)
    with checkout.page.expect_response(lambda answer: "checkout" in answer.url):
        checkout.page.locator("#place_order").click()
    checkout.type("phone", PHONE)
    checkout.tick("sms")
    assert shop.wait_for(2)[1]["phone"] == PHONE
    assert checkout.kept()["email"] == EMAIL


@pytest.mark.usefixtures("own_window")
def test_a_browser_that_keeps_nothing_is_no_obstacle(checkout: Checkout, shop: Shop) -> None:
    checkout.page.add_init_script(
        "Object.defineProperty( window, 'localStorage',"
        " { get() { throw new Error( 'denied' ); } } );"
    )
    shop.begin(BACK)
    checkout.open().type("phone", PHONE)
    checkout.tick("sms")
    assert shop.wait_for(1)[0]["phone"] == PHONE
    checkout.place_order()
