"""A visitor of a Shopify shop leaves a phone before any checkout: one text, a link, an order.

The service is real and serves over HTTP; Shopify and the provider of texts are stand-ins.
The box is posted to the shop's own address, as a browser does; Shopify signs it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from redis import Redis

from recovery import tables
from tests.connectors.shopify_pair import Clock
from tests.house import PHONE as PHONE_BROWSER
from tests.recovery.stories import rows
from tests.standins.shopify import StandInShopify
from tests.standins.vonage import StandInVonage
from tests.test_shopify_story import DOMAIN, House, connected
from tests.valkeys import a_valkey
from web import shopify_proxy

TYPED, PHONE = "06 12 34 56 78", "+33612345678"
VARIANT = 44_123_456_789_012
MUG = {"title": "Mug", "price": "19.90", "quantity": 2, "variant_id": VARIANT, "product_id": 8}
KEEP = {"asks[keep_cart]": "Keep my cart for me: text me one link to it"}
OFFERS = {"marketing": "Text me offers now and then"}


@pytest.fixture(scope="module")
def valkey() -> Iterator[str]:
    with a_valkey() as server:
        yield f"redis://127.0.0.1:{server.port}/0"


@pytest.fixture
def house(
    database_url: str, valkey: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    clock = Clock()
    with StandInShopify(now=clock, retry_scale=0.0) as shopify, StandInVonage() as vonage:
        both = tmp_path / "ca.pem"
        both.write_text(Path(shopify.ca_file).read_text() + Path(vonage.ca_file).read_text())
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(both))
        Redis.from_url(valkey).flushall()
        shopify.add_shop(DOMAIN, country="FR", timezone="Europe/Paris", locale="fr")
        made = House(database_url, shopify, vonage, valkey, clock)
        if shopify_proxy.blueprint.name not in made.server.app.blueprints:
            made.server.app.register_blueprint(shopify_proxy.blueprint)
        shopify.proxy_url = f"{made.url}/proxy/shopify"
        yield made
        made.end()


class Browser:
    """What a visitor's browser does at the shop's own address."""

    def __init__(self, house: House) -> None:
        self.house, self.posts = house, 0

    def cart(self, token: str | None = None) -> dict[str, Any]:
        cookie = f"cart={token}" if token else ""
        return dict(self._get("/cart.js", Cookie=cookie).json())

    def fills_the_box(self, token: str | None, **fields: str) -> requests.Response:
        shown = self.cart(token)
        cart = shown["token"].split("?")[0] if shown["item_count"] else ""
        self.posts += 1
        given = {"phone": TYPED, "country": "FR", "locale": "en", "cart": cart} | fields
        return requests.post(
            f"{self.house.shopify.url}/apps/relance/contact?n={self.posts:032x}",
            data=given,
            headers={"Host": DOMAIN},
            timeout=10,
        )

    def opens(self, address: str) -> requests.Response:
        parts = urlsplit(address)
        return self._get(f"{parts.path}?{parts.query}")

    def _get(self, path: str, **headers: str) -> requests.Response:
        address = self.house.shopify.url + path
        return requests.get(address, headers={"Host": DOMAIN} | headers, timeout=10)


def texts(house: House) -> list[Any]:
    house.vonage.settle()
    return [entry for entry in house.vonage.record if entry.accepted]


def an_hour_later(house: House) -> int:
    house.forward(timedelta(minutes=31))
    house.send_due()
    house.forward(timedelta(minutes=31))
    house.poll()
    return house.send_due()


def link_in(reminder: Any, house: House) -> str:
    found: str = reminder.text[reminder.text.index(f"{house.url}/r/") :].split()[0]
    return found


@pytest.mark.parametrize("ticked", [KEEP, OFFERS, KEEP | OFFERS], ids=["keep", "offers", "both"])
def test_a_phone_left_in_the_cart_brings_the_cart_back(
    house: House, ticked: dict[str, str]
) -> None:
    theirs, browser = connected(house), Browser(house)
    cart = theirs.fill_cart([MUG])
    house.shopify.settle()
    (held,) = rows(house.database, tables.carts)
    assert (held.phone, held.item_count) == (None, 2)
    answer = browser.fills_the_box(cart.cart_token, **ticked)
    assert (answer.status_code, answer.json()["ok"]) == (200, True)
    assert an_hour_later(house) == 1
    assert len(texts(house)) == 1
    reminder = rows(house.database, tables.reminders)[0]
    assert reminder.recipient == PHONE
    phone = {"User-Agent": PHONE_BROWSER}
    back = requests.get(link_in(reminder, house), allow_redirects=False, timeout=10, headers=phone)
    assert back.status_code == 302
    assert back.headers["Location"] == f"https://{DOMAIN}/cart/{VARIANT}:2"
    assert browser.opens(back.headers["Location"]).status_code == 200
    # Elsewhere, by another browser: the order names another cart, but the same phone.
    house.forward(timedelta(minutes=10))
    theirs.add_order([MUG], email="other@example.test", phone=PHONE, cart_token="another")
    house.shopify.settle()
    (order,) = rows(house.database, tables.orders)
    assert order.reminder_id == reminder.id
    assert an_hour_later(house) == 0
    assert len(texts(house)) == 1


def test_the_checkout_of_that_cart_is_the_same_cart(house: House) -> None:
    theirs, browser = connected(house), Browser(house)
    cart = theirs.fill_cart([MUG])
    browser.fills_the_box(cart.cart_token, **OFFERS)
    house.forward(timedelta(minutes=2))
    checkout = theirs.begin_checkout(cart.cart_token, email="ada@example.test")
    house.shopify.settle()
    house.poll()
    (held,) = rows(house.database, tables.carts)
    assert (held.phone, held.email) == (PHONE, "ada@example.test")
    assert held.way_back == theirs.recovery_url(checkout)
    theirs.complete_checkout(checkout.id)
    house.shopify.settle()
    (held,) = rows(house.database, tables.carts)
    assert held.state == "ordered"
    assert an_hour_later(house) == 0
    assert texts(house) == []


def test_a_cart_emptied_after_the_box_is_not_reminded_of(house: House) -> None:
    theirs, browser = connected(house), Browser(house)
    cart = theirs.fill_cart([MUG])
    browser.fills_the_box(cart.cart_token, **OFFERS)
    house.forward(timedelta(minutes=2))
    theirs.change_cart(cart.cart_token, [])
    house.shopify.settle()
    assert browser.cart(cart.cart_token)["item_count"] == 0
    assert an_hour_later(house) == 0
    assert texts(house) == []


def test_carts_of_visitors_who_left_nothing_cost_no_reminder(house: House) -> None:
    theirs = connected(house)
    for _ in range(3):
        theirs.fill_cart([MUG])
    house.shopify.settle()
    assert an_hour_later(house) == 0
    assert {cart.state for cart in rows(house.database, tables.carts)} == {"open"}
    assert rows(house.database, tables.reminders) == []


def test_an_empty_cart_keeps_nothing_and_says_so(house: House) -> None:
    connected(house)
    answer = Browser(house).fills_the_box(None, **KEEP)
    assert (answer.status_code, answer.json()["what"]) == (422, "empty_cart")
    assert rows(house.database, tables.carts) == []
