"""What may leave the browser: nothing without a tick, and only what the tick is for."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator

from tests.plugin.browser.checkout import Checkout
from tests.plugin.browser.pages import EMAIL_WORDS, SMS_WORDS, Setting
from tests.plugin.browser.shop import Shop

PHONE = "+33612345678"
EMAIL = "a@etu.univ-grenoble-alpes.fr"


def body(**given: Any) -> dict[str, Any]:
    """A request's body, with what is not given left empty."""
    empty = dict.fromkeys(("email", "phone", "state", "first_name", "last_name"), "")
    return {**empty, "country": "FR", "consents": {}, "declined": False, **given}


def test_a_phone_alone_is_sent_as_it_was_typed(checkout: Checkout, shop: Shop) -> None:
    checkout.open().tick("sms")
    checkout.type("phone", PHONE)
    checkout.pause(700)
    assert shop.wait_for(1) == [body(phone=PHONE, consents={"sms": True})]
    assert shop.captures[0].nonce == "nonce-1"
    assert shop.captures[0].content_type == "application/json"


def test_an_email_alone_is_sent_as_it_was_typed(checkout: Checkout, shop: Shop) -> None:
    checkout.open().tick("email")
    checkout.type("email", EMAIL)
    checkout.pause(700)
    assert shop.wait_for(1) == [body(email=EMAIL, consents={"email": True})]


def test_without_a_tick_nothing_leaves(checkout: Checkout, shop: Shop) -> None:
    checkout.open().type("email", EMAIL)
    checkout.type("phone", PHONE)
    checkout.type("first_name", "Ana")
    checkout.pause(5000)
    checkout.field("country").select_option("US")
    checkout.draw_anew()
    checkout.leave()
    checkout.page.wait_for_timeout(50)
    assert shop.captures == []


def test_a_tick_that_comes_later_sends_what_was_typed_before(
    checkout: Checkout, shop: Shop
) -> None:
    checkout.open().type("phone", PHONE)
    checkout.type("first_name", "Ana")
    checkout.pause(3000)
    checkout.tick("sms")
    expected = body(phone=PHONE, first_name="Ana", consents={"sms": True})
    assert shop.wait_for(1) == [expected]


@pytest.mark.parametrize(("channel", "name"), [("sms", "phone"), ("email", "email")])
def test_only_the_channel_that_was_ticked_leaves(
    checkout: Checkout, shop: Shop, channel: str, name: str
) -> None:
    checkout.open().type("phone", PHONE)
    checkout.type("email", EMAIL)
    checkout.tick(channel)
    (sent,) = shop.wait_for(1)
    assert {sent["phone"], sent["email"]} == {"", {"phone": PHONE, "email": EMAIL}[name]}
    assert sent["consents"] == {channel: True}


def test_unticking_takes_the_consent_back_without_the_address(
    checkout: Checkout, shop: Shop
) -> None:
    checkout.open().type("phone", PHONE)
    checkout.type("first_name", "Ana")
    checkout.tick("sms")
    shop.wait_for(1)
    checkout.untick("sms")
    taken_back = shop.wait_for(2)[1]
    assert taken_back == body(country="", consents={"sms": False})
    checkout.type("address", "7 rue du Port")
    checkout.type("email", EMAIL)
    checkout.pause(5000)
    checkout.leave()
    assert len(shop.captures) == 2


def test_unticking_one_leaves_the_other(checkout: Checkout, shop: Shop) -> None:
    checkout.open().type("phone", PHONE)
    checkout.type("email", EMAIL)
    checkout.tick("sms")
    shop.wait_for(1)
    checkout.tick("email")
    shop.wait_for(2)
    checkout.untick("sms")
    sent = shop.wait_for(3)[2]
    assert sent == body(email=EMAIL, consents={"sms": False, "email": True})


def test_an_emptied_field_takes_its_consent_back(checkout: Checkout, shop: Shop) -> None:
    checkout.open().type("phone", PHONE)
    checkout.tick("sms")
    shop.wait_for(1)
    checkout.field("phone").fill("")
    checkout.field("phone").blur()
    assert shop.wait_for(2)[1] == body(country="", consents={"sms": False})


def test_a_signed_in_customers_contact_waits_for_a_tick(checkout: Checkout, shop: Shop) -> None:
    known = (("email", EMAIL), ("phone", PHONE), ("first_name", "Ana"))
    shop.begin(Setting(known=known))
    checkout.open()
    assert checkout.value("email") == EMAIL
    checkout.field("email").focus()
    checkout.field("email").blur()
    checkout.pause(5000)
    assert shop.captures == []
    checkout.tick("email")
    expected = body(email=EMAIL, first_name="Ana", consents={"email": True})
    assert shop.wait_for(1) == [expected]
    assert checkout.kept() is None, "what the shop knew already need not stay in the browser"


def test_no_box_is_ticked_beforehand_not_even_after_a_reload(
    checkout: Checkout, shop: Shop
) -> None:
    checkout.open().tick("sms")
    checkout.type("phone", PHONE)
    checkout.pause(700)
    shop.wait_for(1)
    checkout.page.reload()
    checkout.field("email").wait_for()
    checkout.pause(300)
    assert not checkout.box("sms").is_checked()
    assert not checkout.box("email").is_checked()


def test_the_merchants_words_stand_beside_each_box(checkout: Checkout, shop: Shop) -> None:
    checkout.open()
    for channel, words in (("sms", SMS_WORDS), ("email", EMAIL_WORDS)):
        label = checkout.page.locator(f'label[for="relance-{channel}"]')
        assert label.inner_text().strip() == words
    shop.begin(Setting(channels=("email",)))
    checkout.open()
    assert checkout.box("sms").count() == 0
    assert checkout.box("email").count() == 1


def test_half_a_number_is_waited_for(checkout: Checkout, shop: Shop) -> None:
    checkout.open().tick("sms")
    checkout.type("phone", "0612")
    checkout.pause(4000)
    checkout.type("phone", "345")
    checkout.pause(1000)
    assert shop.captures == []
    checkout.type("phone", "678")
    checkout.pause(700)
    assert shop.wait_for(1) == [body(phone="0612345678", consents={"sms": True})]


def test_a_correction_follows_and_nothing_is_sent_twice(checkout: Checkout, shop: Shop) -> None:
    checkout.open().tick("email")
    checkout.type("email", "ana@example.co")
    checkout.pause(700)
    shop.wait_for(1)
    checkout.type("email", "m")
    checkout.pause(700)
    shop.wait_for(2)
    checkout.field("email").blur()
    checkout.field("email").focus()
    checkout.pause(5000)
    checkout.leave()
    assert [sent["email"] for sent in shop.wait_for(2)] == ["ana@example.co", "ana@example.com"]


def test_addresses_of_every_form_are_taken(checkout: Checkout, shop: Shop) -> None:
    addresses = [
        "a@etu.univ-grenoble-alpes.fr",
        "o'hara+shop@mail.example.museum",
        "x_y.z@sub-domain.example.co.uk",
        "1@1.io",
        "UPPER@EXAMPLE.COM",
        "a@b.c.d.e.example",
    ]
    checkout.open().tick("email")
    for count, address in enumerate(addresses, start=1):
        checkout.field("email").fill(address)
        checkout.field("email").blur()
        assert shop.wait_for(count)[-1]["email"] == address


def test_what_cannot_be_an_address_does_not_leave(checkout: Checkout, shop: Shop) -> None:
    checkout.open().tick("email")
    for text in ("a", "a@", "@example.com", "a@example", "a@example.c", "a@.com"):
        checkout.field("email").fill(text)
        checkout.field("email").blur()
        checkout.pause(5000)
        assert shop.captures == [], text
    checkout.leave()
    checkout.page.wait_for_timeout(50)
    assert shop.captures == []


def test_the_keyboard_alone_is_enough(checkout: Checkout, shop: Shop) -> None:
    checkout.open().field("email").focus()
    checkout.page.keyboard.type(EMAIL)
    for _ in range(12):
        checkout.page.keyboard.press("Tab")
        if checkout.page.evaluate("document.activeElement.name") == "relance_email":
            break
    checkout.page.keyboard.press("Space")
    assert checkout.box("email").is_checked()
    assert shop.wait_for(1) == [body(email=EMAIL, consents={"email": True})]


def agreed(checkout: Checkout, channel: str) -> Locator:
    """The line that tells of an earlier consent."""
    return checkout.page.locator(f'[data-relance-agreed="{channel}"]')


def test_who_agreed_earlier_takes_it_back_with_one_button(checkout: Checkout, shop: Shop) -> None:
    shop.begin(Setting(agreed=("sms",)))
    checkout.open()
    assert agreed(checkout, "email").count() == 0
    assert not checkout.box("sms").is_checked()
    assert agreed(checkout, "sms").inner_text().startswith("You agreed to texts about this cart.")
    button = checkout.page.get_by_role("button", name="Take back")
    about = checkout.page.locator(f"#{button.get_attribute('aria-describedby')}")
    assert about.inner_text() == "You agreed to texts about this cart."
    button.focus()
    checkout.page.keyboard.press("Enter")
    assert shop.wait_for(1) == [body(country="", consents={"sms": False})]
    assert not agreed(checkout, "sms").is_visible()
    status = checkout.page.get_by_role("status")
    assert status.inner_text().startswith("Taken back.")
    assert status.evaluate("element => element === document.activeElement")
    checkout.draw_anew()
    assert not agreed(checkout, "sms").is_visible()
    checkout.leave()
    assert len(shop.captures) == 1


def test_who_agreed_earlier_and_types_gives_nothing_anew(checkout: Checkout, shop: Shop) -> None:
    shop.begin(Setting(agreed=("sms",)))
    checkout.open().type("phone", PHONE)
    checkout.pause(5000)
    checkout.leave()
    checkout.page.wait_for_timeout(50)
    assert shop.captures == []


def test_taking_back_ends_a_new_tick_too_and_may_be_followed_by_another(
    checkout: Checkout, shop: Shop
) -> None:
    shop.begin(Setting(agreed=("sms", "email")))
    checkout.open().type("phone", PHONE)
    checkout.tick("sms")
    shop.wait_for(1)
    agreed(checkout, "sms").get_by_role("button").click()
    assert shop.wait_for(2)[1]["consents"] == {"sms": False}
    assert not checkout.box("sms").is_checked()
    assert agreed(checkout, "email").is_visible()
    checkout.tick("sms")
    assert shop.wait_for(3)[2] == body(phone=PHONE, consents={"sms": True})


def test_taking_back_reaches_a_shop_that_was_down(checkout: Checkout, shop: Shop) -> None:
    shop.begin(Setting(agreed=("sms",)))
    shop.answers = [(500, {})]
    checkout.open().page.get_by_role("button", name="Take back").click()
    shop.wait_for(1)
    checkout.leave()
    assert [sent["consents"] for sent in shop.wait_for(2)] == [{"sms": False}] * 2
