"""Leaving at once, a shop that does not answer, and one request at a time."""

from __future__ import annotations

import re
import threading

import pytest

from tests.plugin.browser.checkout import Checkout
from tests.plugin.browser.shop import Shop

PHONE = "+33612345678"


def test_leaving_right_after_typing_still_sends(checkout: Checkout, shop: Shop) -> None:
    checkout.open().tick("sms")
    checkout.type("phone", PHONE)
    checkout.leave()
    (sent,) = shop.wait_for(1)
    assert sent["phone"] == PHONE


@pytest.mark.usefixtures("own_window")
def test_closing_the_tab_right_after_typing_still_sends(checkout: Checkout, shop: Shop) -> None:
    checkout.open().tick("sms")
    checkout.type("phone", PHONE)
    checkout.page.close(run_before_unload=True)
    (sent,) = shop.wait_for(1)
    assert sent["phone"] == PHONE


def test_going_to_another_app_sends(checkout: Checkout, shop: Shop) -> None:
    checkout.open().tick("sms")
    checkout.type("phone", PHONE)
    _go_to_another_app(checkout)
    (sent,) = shop.wait_for(1)
    assert sent["phone"] == PHONE


def test_leaving_sends_nothing_that_is_known_already(checkout: Checkout, shop: Shop) -> None:
    checkout.open().tick("sms")
    checkout.type("phone", PHONE)
    checkout.pause(700)
    shop.wait_for(1)
    checkout.field("phone").blur()
    checkout.leave()
    checkout.page.wait_for_timeout(50)
    assert len(shop.captures) == 1


def test_a_stale_nonce_is_repeated_once_with_the_fresh_one(checkout: Checkout, shop: Shop) -> None:
    shop.answers = [(403, {"nonce": "nonce-2"})]
    checkout.open().tick("sms")
    checkout.type("phone", PHONE)
    checkout.pause(700)
    first, second = shop.wait_for(2)
    assert first == second
    checkout.field("phone").fill("+33698765432")
    checkout.pause(700)
    shop.wait_for(3)
    assert [each.nonce for each in shop.captures] == ["nonce-1", "nonce-2", "nonce-2"]
    assert [each.count for each in shop.captures] == [1, 1, 2], "a repeated one is no newer"


def test_a_nonce_refused_twice_is_let_be(checkout: Checkout, shop: Shop) -> None:
    shop.answers = [(403, {"nonce": "nonce-2"}), (403, {"nonce": "nonce-3"})]
    checkout.open().tick("sms")
    checkout.type("phone", PHONE)
    checkout.pause(700)
    shop.wait_for(2)
    _see_the_answer(checkout)
    checkout.pause(60_000)
    checkout.leave()
    assert len(shop.captures) == 2


def test_a_shop_that_is_down_gets_it_when_it_is_back(checkout: Checkout, shop: Shop) -> None:
    shop.answers = [(503, {}), (500, {}), (200, {"ok": True})]
    checkout.open().tick("sms")
    checkout.type("phone", PHONE)
    checkout.pause(700)
    for count, delay in ((2, 5_100), (3, 15_100)):
        shop.wait_for(count - 1)
        _see_the_answer(checkout)
        assert len(shop.captures) == count - 1, "not before its time"
        checkout.pause(delay)
    assert len({str(body) for body in shop.wait_for(3)}) == 1
    _see_the_answer(checkout)
    checkout.pause(600_000)
    assert len(shop.captures) == 3


@pytest.mark.usefixtures("own_window")
def test_without_a_network_it_waits_for_one(checkout: Checkout, shop: Shop) -> None:
    checkout.open().tick("sms")
    checkout.page.context.set_offline(True)
    with checkout.page.expect_event("requestfailed"):
        checkout.type("phone", PHONE)
        checkout.pause(700)
    assert shop.captures == []
    checkout.page.context.set_offline(False)
    assert shop.wait_for(1)[0]["phone"] == PHONE


def test_what_failed_is_tried_once_more_when_leaving(checkout: Checkout, shop: Shop) -> None:
    shop.answers = [(500, {})]
    checkout.open().tick("sms")
    checkout.type("phone", PHONE)
    checkout.pause(700)
    shop.wait_for(1)
    _see_the_answer(checkout)
    checkout.field("phone").blur()
    assert len(shop.captures) == 1
    checkout.leave()
    assert shop.wait_for(2)[1]["phone"] == PHONE


def test_a_shop_that_stays_down_is_not_asked_for_ever(checkout: Checkout, shop: Shop) -> None:
    shop.answers = [(500, {})] * 50
    checkout.open().tick("sms")
    checkout.type("phone", PHONE)
    checkout.pause(700)
    for count in range(1, 6):
        shop.wait_for(count)
        _see_the_answer(checkout)
        checkout.pause(130_000)
    checkout.pause(600_000)
    assert len(shop.captures) == 5


def test_a_refusal_is_not_repeated(checkout: Checkout, shop: Shop) -> None:
    shop.answers = [(400, {})]
    checkout.open().tick("sms")
    checkout.type("phone", PHONE)
    checkout.pause(700)
    shop.wait_for(1)
    _see_the_answer(checkout)
    checkout.pause(60_000)
    checkout.leave()
    assert len(shop.captures) == 1


def test_one_request_at_a_time_and_the_last_state_wins(checkout: Checkout, shop: Shop) -> None:
    shop.hold = threading.Event()
    checkout.open().tick("sms")
    for phone in ("+33611111111", "+33622222222", "+33633333333"):
        checkout.field("phone").fill(phone)
        checkout.pause(700)
        shop.wait_for(1)
    assert len(shop.captures) == 1
    shop.hold.set()
    sent = shop.wait_for(2)
    assert [each["phone"] for each in sent] == ["+33611111111", "+33633333333"]


def test_a_post_that_overtakes_another_says_so(checkout: Checkout, shop: Shop) -> None:
    shop.hold = threading.Event()
    checkout.open().type("phone", PHONE)
    checkout.tick("sms")
    shop.wait_for(1)
    checkout.untick("sms")
    assert len(shop.captures) == 1
    checkout.leave()
    ticked, unticked = shop.wait_for(2)
    assert (ticked["consents"], unticked["consents"]) == ({"sms": True}, {"sms": False})
    assert [each.count for each in shop.captures] == [1, 2]
    assert shop.captures[0].page == shop.captures[1].page


def test_each_view_of_the_page_counts_for_itself(checkout: Checkout, shop: Shop) -> None:
    for _ in range(2):
        checkout.open().type("phone", PHONE)
        checkout.tick("sms")
        shop.wait_for(len(shop.captures) or 1)
        shop.wait_until_answered()
        checkout.leave()
    first, second = shop.captures
    assert (first.count, second.count) == (1, 1)
    assert first.page != second.page
    assert all(re.fullmatch("[0-9a-z]{12,40}", each.page) for each in shop.captures)


def test_an_old_nonce_does_not_bring_an_overtaken_tick_back(checkout: Checkout, shop: Shop) -> None:
    shop.hold, shop.answers = threading.Event(), [(403, {"nonce": "nonce-2"})]
    checkout.open().type("phone", PHONE)
    checkout.tick("sms")
    shop.wait_for(1)
    checkout.untick("sms")
    _go_to_another_app(checkout)
    shop.wait_for(2)
    shop.hold.set()
    _see_the_answer(checkout)
    assert [each.body["consents"] for each in shop.captures] == [{"sms": True}, {"sms": False}]


def test_a_shop_that_hangs_does_not_keep_the_order_back(checkout: Checkout, shop: Shop) -> None:
    shop.hold = threading.Event()
    checkout.open().tick("sms")
    checkout.type("phone", PHONE)
    checkout.pause(700)
    shop.wait_for(1)
    checkout.place_order()
    assert len(shop.orders) == 1


def _go_to_another_app(checkout: Checkout) -> None:
    """The page stays, and is not seen any more."""
    checkout.page.evaluate(
        "Object.defineProperty( document, 'visibilityState', { value: 'hidden' } );"
        "document.dispatchEvent( new Event( 'visibilitychange' ) )"
    )


def _see_the_answer(checkout: Checkout) -> None:
    """Every answer has come, and the script has read it."""
    checkout.shop.wait_until_answered()
    for _ in range(2):  # Later requests' answers come after it.
        checkout.page.evaluate("fetch( '/elsewhere' ).then( () => true )")
