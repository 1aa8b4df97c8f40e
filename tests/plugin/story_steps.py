"""Steps that several stories of the plugin take."""

from __future__ import annotations

import json
import re
from typing import Any

import requests

from recovery.states import ReminderState
from tests.plugin.plugin_house import PluginHouse
from tests.standins.wordpress.merchant import Product
from tests.standins.wordpress.shop import Shop


def the_link_in(text: str) -> str:
    found = re.search(r"http://\S+/r/\S+", text)
    assert found is not None
    return found[0]


def a_mug(shop: Shop, **large: Any) -> Product:
    sizes = [
        {"attributes": {"Size": "Small"}, "price": "12.00"},
        {"attributes": {"Size": "Large"}, "price": "15.50"} | large,
    ]
    return shop.add_variable("Mug", {"Size": ["Small", "Large"]}, sizes)


def national(phone: str) -> str:
    """A French number as people write it: 06 98 76 54 32."""
    return re.sub(r"(\d\d)(?=\d)", r"\1 ", "0" + phone.removeprefix("+33"))


def the_text_for(house: PluginHouse, phone: str) -> str:
    """The one text that comes to that phone for its captured cart."""
    house.until(lambda: house.captured_with(national(phone)))
    house.until(house.nothing_waits)
    (text,) = house.until(lambda: house.texts(phone))
    house.until(lambda: the_reminder_to(house, phone).state == ReminderState.DELIVERED)
    return text


def the_reminder_to(house: PluginHouse, phone: str) -> Any:
    (found,) = [each for each in house.rows("reminders") if each.recipient == phone]
    return found


def leave_a_phone(shop: Shop, product: Product, phone: str) -> None:
    """What the checkout's script does, without a browser."""
    browser = shop.browser()
    chosen = {"variation_id": product.variations[0], "attribute_size": "Small"}
    browser.post(product.link, data={"add-to-cart": product.id} | chosen, timeout=20)
    answer = capture(shop, browser, nonce_at_the_checkout(shop, browser), phone)
    assert (answer.status_code, answer.json()) == (200, {"ok": True})


def nonce_at_the_checkout(shop: Shop, browser: requests.Session) -> str:
    """What the checkout gives its script to sign with."""
    page = browser.get(f"{shop.url}/checkout/", timeout=20).text
    told = json.loads(page.partition("window.relanceCapture = ")[2].partition(";\n")[0])
    return str(told["nonce"])


def capture(
    shop: Shop, browser: requests.Session, nonce: str, phone: str, **headers: str
) -> requests.Response:
    """Post to the door for the checkout's script."""
    said = {"phone": phone, "country": "FR", "consents": {"sms": True}, "why": "typed"}
    given = {"X-Relance-Nonce": nonce, "Origin": shop.url, "Sec-Fetch-Site": "same-origin"}
    return browser.post(
        f"{shop.url}/?wc-ajax=relance_capture", json=said, headers=given | headers, timeout=20
    )
