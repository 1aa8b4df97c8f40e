"""The mode "notice": what is typed is captured, and a "no thanks" ends that for good."""

from __future__ import annotations

import pytest

from tests.plugin.browser.checkout import Checkout
from tests.plugin.browser.pages import NOTICE_WORDS, Setting
from tests.plugin.browser.shop import Shop

PHONE = "+33612345678"
EMAIL = "ana@example.com"


@pytest.fixture(autouse=True)
def notice(shop: Shop) -> None:
    shop.begin(Setting(mode="notice"))


def test_the_contact_leaves_without_a_tick_and_without_consent(
    checkout: Checkout, shop: Shop
) -> None:
    checkout.open()
    assert NOTICE_WORDS in checkout.page.inner_text("[data-relance]")
    checkout.type("email", EMAIL)
    checkout.pause(700)
    (sent,) = shop.wait_for(1)
    assert (sent["email"], sent["phone"], sent["consents"]) == (EMAIL, "", {})


def test_nothing_leaves_before_the_shopper_does_something(checkout: Checkout, shop: Shop) -> None:
    shop.begin(Setting(mode="notice", known=(("email", EMAIL),)))
    checkout.open().pause(5000)
    checkout.field("email").focus()
    checkout.field("email").blur()
    checkout.pause(5000)
    checkout.leave()
    checkout.page.wait_for_timeout(50)
    assert shop.captures == []


def test_what_was_filled_in_beforehand_does_not_leave_beside_what_is_typed(
    checkout: Checkout, shop: Shop
) -> None:
    shop.begin(Setting(mode="notice", known=(("email", EMAIL),)))
    checkout.open().type("phone", PHONE)
    checkout.field("phone").blur()
    (sent,) = shop.wait_for(1)
    assert (sent["phone"], sent["email"]) == (PHONE, "")
    checkout.field("email").fill("zoe@example.com")
    checkout.field("email").blur()
    assert shop.wait_for(2)[1]["email"] == "zoe@example.com"


def test_a_tick_gives_consent_here_too(checkout: Checkout, shop: Shop) -> None:
    checkout.open().type("phone", PHONE)
    checkout.tick("sms")
    left_the_field, ticked = shop.wait_for(2)
    assert (left_the_field["consents"], ticked["consents"]) == ({}, {"sms": True})


def test_no_thanks_is_obeyed(checkout: Checkout, shop: Shop) -> None:
    checkout.open().type("email", EMAIL)
    checkout.tick("email")
    sent_before = len(shop.wait_for(2))
    assert checkout.kept()["email"] == EMAIL
    checkout.page.get_by_role("button", name="No thanks").click()
    last = shop.wait_for(sent_before + 1)[-1]
    assert last["declined"] is True
    assert {last[name] for name in ("email", "phone", "country", "first_name")} == {""}
    assert last["consents"] == {}
    assert checkout.kept() is None
    assert "relance_declined=1" in checkout.page.evaluate("document.cookie")
    assert not checkout.page.locator("[data-relance-no]").is_visible()
    assert not checkout.box("email").is_visible()
    status = checkout.page.get_by_role("status")
    assert status.inner_text() == "Nothing is kept. Thank you for telling us."
    assert status.evaluate("element => element === document.activeElement")
    checkout.type("phone", PHONE)
    checkout.pause(5000)
    checkout.leave()
    checkout.page.wait_for_timeout(50)
    assert len(shop.captures) == sent_before + 1
    assert checkout.kept() is None


def test_no_thanks_reaches_a_shop_that_was_down(checkout: Checkout, shop: Shop) -> None:
    shop.answers = [(500, {})]
    checkout.open().page.get_by_role("button", name="No thanks").click()
    shop.wait_for(1)
    checkout.leave()
    assert [sent["declined"] for sent in shop.wait_for(2)] == [True, True]


def test_the_order_of_somebody_who_declined_brings_no_consent(
    checkout: Checkout, shop: Shop
) -> None:
    checkout.open().tick("sms")
    checkout.page.get_by_role("button", name="No thanks").click()
    shop.wait_for(1)
    checkout.place_order()
    (order,) = shop.orders
    told = order.get("extensions", {}).get("relance", {})
    assert not any(told.values()) and "relance_sms" not in order


def test_after_a_no_thanks_neither_notice_nor_script_come_again(
    checkout: Checkout, shop: Shop
) -> None:
    shop.begin(Setting(mode="notice", declined=True))
    checkout.open()
    assert checkout.page.locator("[data-relance]").count() == 0
    assert checkout.page.evaluate("typeof window.relanceCapture") == "undefined"
