"""What is forged, replayed, over or another shop's is refused by both, and changes nothing."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser

from tests.plugin.plugin_house import KEY, PLUGIN, PluginHouse, knock, signed
from tests.plugin.story_guest import Guest
from tests.plugin.story_steps import (
    a_mug,
    capture,
    leave_a_phone,
    national,
    nonce_at_the_checkout,
    the_text_for,
)
from tests.standins.wordpress.shop import Shop

pytest_plugins = ["tests.plugin.story_town"]

VICTIM = "+33698004001"


@pytest.fixture(scope="package")
def victim(town: PluginHouse) -> dict[str, Any]:
    """A cart that was captured and texted: nothing happens to it by itself any more."""
    phone = VICTIM
    town.wordpress.use_checkout("classic")
    leave_a_phone(town.wordpress, a_mug(town.wordpress), national(phone))
    the_text_for(town, phone)
    row = town.captured_with(national(phone))
    assert row is not None
    return row


def test_captures_that_no_page_of_the_shop_sent_change_nothing(
    town: PluginHouse, victim: dict[str, Any]
) -> None:
    shop = town.wordpress
    browser, mug = shop.browser(), a_mug(shop)
    chosen = {"variation_id": mug.variations[0], "attribute_size": "Small"}
    browser.post(mug.link, data={"add-to-cart": mug.id} | chosen, timeout=20)
    nonce = nonce_at_the_checkout(shop, browser)
    before = town.rows_at_rest()
    phone, elsewhere = "06 98 00 40 02", {"Origin": "https://evil.example"}
    refused = [
        capture(shop, browser, "", phone),
        capture(shop, browser, "0123456789", phone),
        capture(shop, browser, nonce, phone, **elsewhere | {"Sec-Fetch-Site": "cross-site"}),
        capture(shop, browser, nonce, phone, **elsewhere | {"Sec-Fetch-Site": ""}),
        capture(shop, shop.browser(), nonce[::-1], phone),
    ]
    assert [answer.status_code for answer in refused] == [403] * len(refused)
    form = browser.post(
        f"{shop.url}/?wc-ajax=relance_capture",
        data={"phone": phone, "consents[sms]": "1"},
        headers={"X-Relance-Nonce": nonce, "Origin": shop.url},
        timeout=20,
    )
    assert form.status_code == 400
    assert town.rows_at_rest() == before


def test_posts_that_the_shop_did_not_sign_change_nothing(
    town: PluginHouse, victim: dict[str, Any]
) -> None:
    other = town.add_shop("other", "http://127.0.0.1:9", {"plugin_secret": "of-another-shop-0123"})
    ours, now = town.secret(), time.time()
    cart = town.wordpress.php(
        f"return Relance_Outbox::cart_of( Relance_Store::get( '{victim['cart_key']}' ) );"
    )
    newer = datetime.now(UTC).isoformat()
    changed = cart | {"changed_at": newer, "contact": {"phone": "+33698004009", "country": "FR"}}
    body = json.dumps({"version": 1, "carts": [changed]}).encode()
    forget = {"key": cart["key"], "changed_at": newer, "deleted": True, "forget": True}
    erasing = json.dumps({"version": 1, "carts": [forget]}).encode()
    as_it_was = json.dumps({"version": 1, "carts": [cart]}).encode()
    replayed = signed(as_it_was, ours, now)
    assert knock(town.door(), as_it_was, replayed).text == "stored"
    before = town.rows_at_rest()

    for each in (body, erasing):
        forged = [
            knock(town.door(), each, {}),
            knock(town.door(), each, signed(each, "not-the-secret-at-all", now)),
            knock(town.door(), each, signed(each, "", now)),
            knock(town.door(), each, replayed),  # another body under a good signature
            knock(town.door(), each, signed(each, "of-another-shop-0123", now)),
            knock(town.door(key=other.key), each, signed(each, ours, now)),
            knock(town.door(key="nobody"), each, signed(each, ours, now)),
            knock(town.door(), each, signed(each, ours, now - 301)),
            knock(town.door(), each, signed(each, ours, now + 330)),
        ]
        assert [answer.status_code for answer in forged] == [401] * len(forged)
    erase = json.dumps({"version": 1, "kind": "erase", "email": "noor@example.com"}).encode()
    for stranger in (
        signed(erase, "of-another-shop-0123", now, door="privacy"),
        signed(erase, ours, now),  # signed for the carts' door
    ):
        assert knock(town.door("privacy"), erase, stranger).status_code == 401
    for_privacy = signed(as_it_was, ours, now, door="privacy")
    assert knock(town.door(), as_it_was, for_privacy).status_code == 401
    again = knock(town.door(), as_it_was, replayed)
    assert (again.status_code, again.text) == (200, "seen before")
    assert town.rows_at_rest() == before

    # Another shop's cart of the same key is that shop's, and its "no thanks", too.
    of_both = json.dumps({"version": 1, "carts": [changed | {"order_id": 1}, forget]}).encode()
    theirs = signed(of_both, "of-another-shop-0123", now)
    assert knock(town.door(key=other.key), of_both, theirs).text == "stored"
    assert [row for row in town.all_rows()["carts"] if VICTIM in row] == [
        row for row in before["carts"] if VICTIM in row
    ]


def test_links_that_the_shop_did_not_sign_restore_nothing(
    town: PluginHouse, chromium: Browser, victim: dict[str, Any]
) -> None:
    shop, key = town.wordpress, victim["cart_key"]
    ends = int(time.time()) + 86_400
    good = shop.php(f"return Relance_Restore::url( '{key}', {ends} );")
    over = shop.php(f"return Relance_Restore::url( '{key}', {int(time.time()) - 5} );")
    signature = good.rpartition(".")[2]
    link = f"{shop.url}/?relance_restore="
    nobody = "00000000-0000-4000-8000-000000000000"
    unknown = shop.php(f"return Relance_Restore::url( '{nobody}', {ends} );")
    with Shop.start(PLUGIN) as foreign:
        theirs = foreign.php(f"return Relance_Restore::url( '{key}', {ends} );")
    links = {
        good[:-1] + ("A" if good[-1] != "A" else "B"): 404,
        f"{link}{key}.{ends + 1}.{signature}": 404,
        f"{link}{nobody}.{ends}.{signature}": 404,
        f"{link}{key}.{ends}.": 404,
        f"{link}{key}": 404,
        f"{good[: -len(signature)]}{signature.swapcase()}": 404,
        theirs.replace(foreign.url, shop.url): 404,
        over: 410,
        unknown: 410,
    }
    before = town.rows_at_rest()
    for address, status in links.items():
        browser = shop.browser()
        answer = browser.get(address, timeout=20)
        assert (answer.status_code, "Set-Cookie" in answer.headers) == (status, False), address
    person = Guest(chromium, shop).follows(over)
    assert "This cart is not kept any more" in person.words()
    assert person.context.cookies() == []
    assert requests.get(f"{town.address}/r/not-a-token-of-ours", timeout=20).status_code == 404
    assert town.rows_at_rest() == before
    person.follows(good).kind = "classic"
    person.sees_the_checkout()
    assert person.goods() == ["1 × Mug - Small"]
    person.goes()


def test_a_code_that_was_used_or_is_another_shops_connects_nothing(
    town: PluginHouse, chromium: Browser
) -> None:
    shop = town.wordpress
    town.add_shop("elsewhere", "https://elsewhere.example", {})
    used = town.code_for(KEY)
    told = [town.follow_install_link(chromium, used)]
    before = shop.option("relance_link")
    for code in (used, town.code_for("elsewhere")):
        told.append(town.follow_install_link(chromium, code))
    assert told == [
        f"This shop is connected with 127.0.0.1:{town.settings.port}.",
        "This code is not known, was used already, or is over. Please get a new one.",
        "This code is for another shop. Please get one for this shop's own address.",
    ]
    assert shop.option("relance_link") == before
    assert shop.door("options", get=["relance_paired"]) == {"relance_paired": "1"}
