"""The page around the script: drawn anew, filled in by the browser, ordered from."""

from __future__ import annotations

import gzip

import pytest

from tests.plugin.browser.checkout import IDS, Checkout
from tests.plugin.browser.pages import Setting
from tests.plugin.browser.shop import SCRIPT, Shop

PHONE = "+33612345678"
EMAIL = "ana@example.com"


def test_the_script_is_small() -> None:
    assert len(gzip.compress(SCRIPT.read_bytes(), 6)) < 6_000


def test_a_tick_survives_that_the_page_is_drawn_anew(checkout: Checkout, shop: Shop) -> None:
    checkout.open().tick("sms")
    before = checkout.box("sms").element_handle()
    checkout.draw_anew()
    assert checkout.box("sms").is_checked()
    if checkout.kind == "block":
        same = checkout.box("sms").evaluate("( box, before ) => box === before", before)
        assert not same, "it must be another box now"
    checkout.type("phone", PHONE)
    checkout.pause(700)
    assert shop.wait_for(1)[0]["consents"] == {"sms": True}
    checkout.untick("sms")
    assert shop.wait_for(2)[1]["consents"] == {"sms": False}


def test_a_theme_that_leaves_the_boxes_out_gets_them(checkout: Checkout, shop: Shop) -> None:
    shop.begin(Setting(with_boxes=False))
    checkout.open()
    assert checkout.box("sms").count() == 1
    assert not checkout.box("sms").is_checked()
    checkout.draw_anew()
    checkout.type("phone", PHONE)
    checkout.tick("sms")
    assert shop.wait_for(1)[0]["phone"] == PHONE
    checkout.draw_anew()
    assert checkout.box("sms").count() == 1
    assert checkout.box("sms").is_checked()


def test_what_the_browser_fills_in_is_seen(checkout: Checkout, shop: Shop) -> None:
    checkout.open().tick("sms")
    fill_in(checkout, "phone", PHONE, "input")
    checkout.pause(700)
    assert shop.wait_for(1)[0]["phone"] == PHONE


def test_what_is_filled_in_without_a_sound_is_seen_when_leaving(
    checkout: Checkout, shop: Shop
) -> None:
    checkout.open().tick("sms")
    fill_in(checkout, "phone", PHONE, None)
    checkout.leave()
    assert shop.wait_for(1)[0]["phone"] == PHONE


def fill_in(checkout: Checkout, name: str, text: str, event: str | None) -> None:
    """As a browser's autofill does: the value past React's own setter, then an event or none."""
    checkout.page.evaluate(
        """( [ selector, text, event ] ) => {
            const field = document.querySelector( selector );
            Object.getOwnPropertyDescriptor( HTMLInputElement.prototype, 'value' )
                .set.call( field, text );
            if ( event ) {
                field.dispatchEvent( new Event( event, { bubbles: true } ) );
                field.dispatchEvent( new Event( 'change', { bubbles: true } ) );
            }
        }""",
        [IDS[checkout.kind][name], text, event],
    )


def test_the_order_brings_what_was_ticked(checkout: Checkout, shop: Shop) -> None:
    checkout.open().type("email", EMAIL)
    checkout.tick("email")
    checkout.place_order()
    (order,) = shop.orders
    if checkout.kind == "block":
        assert order["extensions"]["relance"] == {"sms": False, "email": True}
    else:
        assert order["relance_email"] == "1" and "relance_sms" not in order


def test_after_the_order_nothing_more_is_sent(checkout: Checkout, shop: Shop) -> None:
    checkout.open().tick("sms")
    checkout.type("phone", PHONE)
    checkout.pause(700)
    shop.wait_for(1)
    checkout.place_order()
    checkout.page.wait_for_timeout(50)
    assert len(shop.captures) == 1


@pytest.mark.parametrize("kind", ["block"])
class TestTheBlockCheckout:
    def test_another_persons_shipping_phone_is_not_taken(
        self, checkout: Checkout, shop: Shop
    ) -> None:
        checkout.open().page.locator("#same").uncheck()
        checkout.tick("sms")
        checkout.type("phone", "+33600000000")
        checkout.pause(3000)
        assert shop.captures == []
        checkout.page.locator("#billing-phone").press_sequentially(PHONE)
        checkout.pause(700)
        assert shop.wait_for(1)[0]["phone"] == PHONE

    def test_a_shipping_phone_counts_where_billing_follows_shipping(
        self, checkout: Checkout, shop: Shop
    ) -> None:
        checkout.open().page.evaluate("window.billingLags = true")
        checkout.tick("sms")
        checkout.type("phone", PHONE)
        checkout.pause(700)
        assert shop.wait_for(1)[0]["phone"] == PHONE

    def test_the_boxes_are_not_seen_before_the_fields(self, checkout: Checkout, shop: Shop) -> None:
        checkout.page.route("**/js/block.js", lambda route: route.abort())
        checkout.page.goto(f"{shop.address}/checkout/block")
        assert checkout.box("sms").count() == 1 and not checkout.box("sms").is_visible()
        checkout.page.unroute("**/js/block.js")
        checkout.complaints.clear()
        checkout.open()
        assert checkout.box("sms").is_visible()

    @pytest.mark.usefixtures("own_window")
    def test_stores_that_come_late_are_followed(self, checkout: Checkout, shop: Shop) -> None:
        checkout.page.add_init_script(
            "let wp; const from = Date.now() + 1500;"
            "Object.defineProperty( window, 'wp', { set( given ) { wp = given; },"
            " get() { return Date.now() < from ? undefined : wp; } } );"
            "localStorage.relance_contact = JSON.stringify( { at: Date.now(), email: 'a@b.fr' } );"
        )
        shop.begin(Setting(restored=True))
        checkout.open().pause(3000)
        assert checkout.value("email") == "a@b.fr"
