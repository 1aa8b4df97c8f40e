"""The boxes as a real WordPress prints them, and what an order takes from them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from in_shop.wordpress import pack
from tests.standins.wordpress.shop import Shop

PHONE = "+33612345678"
LINK = {"endpoint": "http://127.0.0.1:9", "shop": "k1", "secret": "s" * 32, "name": "Ana"}
BOTH = {"channels": ["sms", "email"]}
BOX = re.compile(r'<input type="checkbox"[^>]*name="relance_(sms|email)"[^>]*>')


@pytest.fixture(scope="module")
def running() -> Iterator[Shop]:
    with Shop.start(pack.PLUGIN) as shop:
        shop.shirt = shop.add_product("T-shirt", "25.00", stock=50).id  # type: ignore[attr-defined]
        yield shop


@pytest.fixture
def shop(running: Shop) -> Iterator[Shop]:
    """Connected, with a box for each channel; at the end PHP has complained of nothing."""
    settle(running, BOTH)
    yield running
    assert running.complaints() == []


def settle(shop: Shop, settings: dict[str, Any], link: Any = LINK) -> None:
    """What the merchant chose."""
    shop.set_options(relance_link=link, relance_paired="1" if link else "0")
    shop.set_options(relance_settings=settings)


def checkout(shop: Shop, browser: requests.Session) -> str:
    """The checkout with a shirt in the cart."""
    browser.get(f"{shop.url}/?add-to-cart={shop.shirt}")  # type: ignore[attr-defined]
    return browser.get(f"{shop.url}/checkout/").text


def told_to_the_script(page: str) -> dict[str, Any]:
    """The script's settings, as the page has them."""
    (config,) = re.findall(r"window\.relanceCapture = (\{.*\});", page)
    return dict(json.loads(config))


def capture(shop: Shop, browser: requests.Session, page: str, **said: Any) -> int:
    """What the script posts; the answer's status."""
    heads = {
        "X-Relance-Nonce": told_to_the_script(page)["nonce"],
        "Sec-Fetch-Site": "same-origin",
        "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0",
    }
    message = {"phone": "", "country": "FR", "page": "aviewofthepage", **said}
    url = f"{shop.url}/?wc-ajax=relance_capture"
    return browser.post(url, json=message, headers=heads).status_code


def order(shop: Shop, browser: requests.Session, page: str, **ticks: str) -> dict[str, Any]:
    """A classic order, as the page's form sends it."""
    nonce = re.search(r'name="woocommerce-process-checkout-nonce" value="(\w+)"', page)
    assert nonce
    form = {
        "billing_first_name": "Ana",
        "billing_last_name": "Roy",
        "billing_country": "FR",
        "billing_address_1": "7 rue du Port",
        "billing_city": "Brest",
        "billing_postcode": "29200",
        "billing_phone": PHONE,
        "billing_email": "ana@example.com",
        "payment_method": "cod",
        "woocommerce-process-checkout-nonce": nonce[1],
    }
    answer = browser.post(f"{shop.url}/?wc-ajax=checkout", form | ticks).json()
    assert answer["result"] == "success", answer
    return dict(answer)


def consents_of(shop: Shop, order_id: int) -> Any:
    """What the order says."""
    said = shop.php(f"return wc_get_order({int(order_id)})->get_meta('_relance_consents');")
    return json.loads(said) if said else None


@pytest.mark.parametrize("kind", ["block", "classic"])
def test_the_boxes_stand_at_the_checkout_unticked(shop: Shop, kind: str) -> None:
    shop.use_checkout(kind)
    page = checkout(shop, shop.browser())
    boxes = list(BOX.finditer(page))
    assert [box[1] for box in boxes] == ["sms", "email"]
    assert not any("checked" in box[0].replace('type="checkbox"', "") for box in boxes)
    inside = {
        "block": r'<div data-block-name="woocommerce/checkout-contact-information-block"[^>]*>'
        r'<div class="relance-consent"',
        "classic": r'id="billing_email"[^>]*></span></p></div><div class="relance-consent"',
    }
    assert re.search(inside[kind], page)


@pytest.mark.parametrize("kind", ["block", "classic"])
def test_the_script_is_deferred_and_waits_for_no_other(shop: Shop, kind: str) -> None:
    shop.use_checkout(kind)
    page = checkout(shop, shop.browser())
    (tag,) = re.findall(r"<script[^>]*assets/capture\.js[^>]*>", page)
    assert "defer" in tag
    told = told_to_the_script(page)
    assert told["url"].endswith("?wc-ajax=relance_capture")
    assert (told["mode"], told["restored"]) == ("consent", False)
    assert page.index("window.relanceCapture") < page.index("assets/capture.js")


def test_at_first_there_is_a_box_for_texts_alone(shop: Shop) -> None:
    settle(shop, {})
    shop.use_checkout("block")
    page = checkout(shop, shop.browser())
    assert [box[1] for box in BOX.finditer(page)] == ["sms"]
    assert told_to_the_script(page)["channels"] == ["sms"]


@pytest.mark.parametrize("kind", ["block", "classic"])
def test_who_agreed_is_told_so_on_the_next_page_and_can_take_it_back(shop: Shop, kind: str) -> None:
    shop.use_checkout(kind)
    browser = shop.browser()
    page = checkout(shop, browser)
    assert "data-relance-agreed" not in page
    assert capture(shop, browser, page, phone=PHONE, consents={"sms": True}, n=1) == 200
    page = checkout(shop, browser)
    told = told_to_the_script(page)
    assert re.findall(r'data-relance-agreed="(\w+)"', told["box"]) == ["sms"]
    assert page.count(told["box"]) == 1, "the page has what the script would put in"
    assert "You agreed to texts about this cart." in told["box"]
    assert not re.search(r"relance_sms\"[^>]*\schecked", page)
    assert "data-relance-agreed" not in checkout(shop, shop.browser()), "somebody else"
    assert capture(shop, browser, page, consents={"sms": False}, n=2) == 200
    assert "data-relance-agreed" not in checkout(shop, browser)


def test_a_no_thanks_whose_request_was_lost_is_obeyed_on_the_next_page(shop: Shop) -> None:
    settle(shop, {"mode": "notice"})
    shop.use_checkout("classic")
    browser, other = shop.browser(), shop.browser()
    mine, theirs = "+33698000001", "+33698000002"
    for each, phone in ((browser, mine), (other, theirs)):
        page = checkout(shop, each)
        assert capture(shop, each, page, phone=phone, n=1) == 200
    rows = shop.rows("relance_carts") or []
    (key,) = [row["cart_key"] for row in rows if mine in row["contact"]]
    browser.cookies.set("relance_declined", "1")
    browser.get(f"{shop.url}/checkout/")
    rows = shop.rows("relance_carts") or []
    (gone,) = [row for row in rows if row["cart_key"] == key]
    assert (gone["contact"], gone["forget"], gone["waiting"]) == ("[]", "1", "1")
    assert any(theirs in row["contact"] for row in rows), "nobody else's"


def test_in_the_mode_consent_an_old_no_thanks_erases_nothing(shop: Shop) -> None:
    shop.use_checkout("classic")
    browser = shop.browser()
    browser.cookies.set("relance_declined", "1")
    page = checkout(shop, browser)
    assert capture(shop, browser, page, phone=PHONE, consents={"sms": True}, n=1) == 200
    assert "data-relance-agreed" in checkout(shop, browser)


@pytest.mark.parametrize(("settings", "link"), [({"on": False}, LINK), ({}, None)])
def test_nothing_of_ours_is_there_while_it_is_off_or_not_connected(
    shop: Shop, settings: dict[str, Any], link: Any
) -> None:
    settle(shop, settings, link)
    for kind in ("block", "classic"):
        shop.use_checkout(kind)
        page = checkout(shop, shop.browser())
        assert not re.search("relance-consent|relanceCapture|capture\\.js", page)


def test_other_pages_carry_nothing(shop: Shop) -> None:
    browser = shop.browser()
    checkout(shop, browser)
    for path in ("/", "/cart/", "/my-account/"):
        assert "capture.js" not in browser.get(f"{shop.url}{path}").text


def test_the_notice_has_its_button_and_stays_away_after_a_no_thanks(shop: Shop) -> None:
    settle(shop, {"mode": "notice", "notice_words": "We keep your cart & contact."})
    shop.use_checkout("block")
    browser = shop.browser()
    page = checkout(shop, browser)
    assert "We keep your cart &amp; contact. <button" in page
    assert ">No thanks</button>" in page
    browser.cookies.set("relance_declined", "1")
    assert "relance-consent" not in checkout(shop, browser)


def test_a_box_ticked_just_before_the_order_is_kept_with_it(shop: Shop) -> None:
    settle(shop, {"sms_words": "Text me."})
    shop.use_checkout("classic")
    browser = shop.browser()
    made = order(shop, browser, checkout(shop, browser), relance_sms="1")
    (consent,) = consents_of(shop, made["order_id"])
    assert consent.pop("at")
    assert consent == {"channel": "sms", "granted": True, "address": PHONE, "words": "Text me."}
    thanks = browser.get(made["redirect"]).text
    assert "localStorage.removeItem('relance_contact')" in thanks
    assert "capture.js" not in thanks


def test_an_order_without_a_tick_says_nothing(shop: Shop) -> None:
    shop.use_checkout("classic")
    browser = shop.browser()
    made = order(shop, browser, checkout(shop, browser))
    assert consents_of(shop, made["order_id"]) is None


def test_who_ticked_and_ordered_finds_the_boxes_unticked_again(shop: Shop) -> None:
    shop.use_checkout("classic")
    shop.add_user("ana")
    browser = shop.browser("ana")
    order(shop, browser, checkout(shop, browser), relance_sms="1", relance_email="1")
    for kind in ("classic", "block"):
        shop.use_checkout(kind)
        assert not re.search(r"relance_\w+\"[^>]*\schecked", checkout(shop, browser))


def test_the_block_checkouts_request_brings_the_ticks(shop: Shop) -> None:
    said = shop.php(
        "$order = wc_create_order(); $order->set_billing_email('ana@example.com');"
        "$order->set_billing_phone('+33612345678');"
        "$request = new WP_REST_Request('POST', '/wc/store/v1/checkout');"
        "$request->set_param('extensions', array('relance' => array('email' => true)));"
        "do_action('woocommerce_store_api_checkout_update_order_from_request', $order, $request);"
        "return $order->get_meta('_relance_consents');"
    )
    assert [(each["channel"], each["address"]) for each in json.loads(said)] == [
        ("email", "ana@example.com")
    ]


def test_a_request_without_our_fields_is_fine(shop: Shop) -> None:
    said = shop.php(
        "$order = wc_create_order(); $request = new WP_REST_Request('POST', '/x');"
        "do_action('woocommerce_store_api_checkout_update_order_from_request', $order, $request);"
        "$fields = Relance_Consent_Order::order_fields();"
        "return array($order->get_meta('_relance_consents'),"
        " rest_validate_value_from_schema(null, $fields['sms'], 'sms'));"
    )
    assert said == ["", True]


def test_consents_are_not_copied_to_a_subscription(shop: Shop) -> None:
    said = shop.php(
        "return apply_filters('wc_subscriptions_object_data',"
        " array('_relance_consents' => 'x', 'other' => 'y'));"
    )
    assert said == {"other": "y"}
