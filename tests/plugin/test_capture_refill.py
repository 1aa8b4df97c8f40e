"""What stays in the browser, and comes back in the same browser only."""

from __future__ import annotations

import time

from playwright.sync_api import Browser

from tests.plugin.browser.checkout import Checkout
from tests.plugin.browser.pages import Setting
from tests.plugin.browser.shop import Shop

PHONE = "+33612345678"
EMAIL = "ana@example.com"
BACK = Setting(restored=True)


def fill_and_leave(checkout: Checkout) -> None:
    """Somebody types a contact, ticks nothing and goes."""
    checkout.open().type("email", EMAIL)
    checkout.type("phone", PHONE)
    checkout.type("first_name", "Ana")
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


def test_another_browser_finds_nothing(checkout: Checkout, shop: Shop, chromium: Browser) -> None:
    fill_and_leave(checkout)
    shop.begin(BACK)
    elsewhere = chromium.new_context()
    try:
        other = Checkout(checkout.kind, elsewhere, shop).open()
        other.pause(700)
        assert [other.value(name) for name in ("email", "phone", "first_name")] == ["", "", ""]
    finally:
        elsewhere.close()


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
    checkout.pause(700)
    assert checkout.kept()["email"] == EMAIL
    checkout.place_order()
    assert checkout.kept() is None
    assert shop.captures == []


def test_a_refused_order_does_not(checkout: Checkout, shop: Shop) -> None:
    shop.refuses_orders = True
    checkout.open().type("email", EMAIL)
    checkout.pause(700)
    with checkout.page.expect_response(lambda answer: "checkout" in answer.url):
        checkout.page.locator("#place_order").click()
    checkout.type("phone", PHONE)
    checkout.tick("sms")
    assert shop.wait_for(1)[0]["phone"] == PHONE
    assert checkout.kept()["email"] == EMAIL


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
