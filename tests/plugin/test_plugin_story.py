"""The WordPress plugin's stories over all layers: real processes, real browsers, one phone."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from moment import system_time
from recovery.states import CartState, ReminderState
from tests.plugin.plugin_house import PluginHouse, open_plugin_house
from tests.plugin.visitor import Visitor
from tests.standins.wordpress.merchant import Product
from tests.standins.wordpress.shop import Shop

KINDS = ("block", "classic")


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


@pytest.fixture
def house(tmp_path: Path, database_url: str, chromium: Browser) -> Iterator[PluginHouse]:
    """A house and a shop of its own: time is moved in it."""
    with open_plugin_house(tmp_path, database_url, chromium) as opened:
        yield opened


@pytest.fixture(scope="module")
def town(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, chromium: Browser
) -> Iterator[PluginHouse]:
    """One house and one shop for the stories that leave time as it is."""
    folder = tmp_path_factory.mktemp("town")
    shutil.copy(sqlite_template, folder / "relance.sqlite")
    url = f"sqlite:///{folder / 'relance.sqlite'}"
    with open_plugin_house(folder, url, chromium) as opened:
        yield opened


def test_a_phone_alone_brings_a_guests_cart_back_and_the_order_ends_it(
    house: PluginHouse, chromium: Browser
) -> None:
    phones = {"block": "+33698765432", "classic": "+33698765433"}
    mug = a_mug(house.wordpress)
    texts = {}
    for kind, phone in phones.items():
        house.wordpress.use_checkout(kind)
        guest = Visitor(chromium, house.wordpress, kind)
        guest.takes(mug, 2, size="Large").comes_to_the_checkout()
        guest.types(phone=national(phone)).ticks("sms").leaves()
        texts[kind] = the_text_for(house, phone)
        assert guest.hosts() == {f"127.0.0.1:{house.wordpress.port}"}
        guest.goes()
        its_link_fills_a_clean_browser_which_orders(house, chromium, kind, phone)
    house.time_passes(3600)
    for kind, phone in phones.items():
        assert house.texts(phone) == [texts[kind]]
        late = Visitor(chromium, house.wordpress).follows(the_link_in(texts[kind]))
        assert "ordered already" in late.words()
        late.goes()


def its_link_fills_a_clean_browser_which_orders(
    house: PluginHouse, chromium: Browser, kind: str, phone: str
) -> None:
    (text,) = house.texts(phone)
    captured = house.captured_with(national(phone))
    assert captured is not None
    cart, reminder = house.cart_of(captured["cart_key"]), the_reminder_to(house, phone)
    assert (cart.phone, cart.email, cart.customer_key) == (phone, None, None)
    assert (cart.subtotal, cart.currency, cart.item_count) == (31, "EUR", 2)
    elsewhere = Visitor(chromium, house.wordpress, kind).follows(the_link_in(text))
    elsewhere.sees_the_checkout()
    assert elsewhere.goods() == ["2 × Mug - Large"]
    assert (elsewhere.contact(), elsewhere.is_logged_in()) == ({}, False)
    # WooCommerce keeps the time of an order in whole seconds.
    house.until(lambda: system_time() > reminder.sent_at + timedelta(seconds=1))
    number = elsewhere.orders(f"{kind}@example.org")
    assert house.orders_meta()[number]["_relance_cart"] == captured["cart_key"]
    order = house.until(lambda: house.order_of(number))
    assert (order.reminder_id, order.cart_id) == (reminder.id, cart.id)
    house.until(house.nothing_waits)
    assert house.cart_of(captured["cart_key"]).state == CartState.ORDERED
    assert house.texts(phone) == [text]
    elsewhere.goes()


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_ticked_box_nothing_of_the_contact_leaves(
    town: PluginHouse, chromium: Browser, kind: str
) -> None:
    phone, email = f"+3369800{KINDS.index(kind)}001", f"quiet.{kind}@example.com"
    town.wordpress.use_checkout(kind)
    guest = Visitor(chromium, town.wordpress, kind)
    guest.takes(a_mug(town.wordpress), size="Small").comes_to_the_checkout()
    guest.types(email=email, phone=national(phone), first_name="Quiet").waits(200).leaves()
    assert guest.posted() == []
    town.cron_runs()
    marks = (phone, phone[3:], national(phone), email)
    assert town.traces_here(*marks) == []
    assert town.traces_there(*marks) == []
    guest.goes()


def test_no_thanks_leaves_nothing_of_what_was_captured_before(
    town: PluginHouse, chromium: Browser
) -> None:
    phone, email = "+33698001001", "noor@example.com"
    marks = (phone, phone[3:], national(phone), email, "Noor")
    town.wordpress.use_checkout("block")
    town.choose_mode(chromium, "notice")
    guest = Visitor(chromium, town.wordpress)
    guest.takes(a_mug(town.wordpress), size="Large").comes_to_the_checkout()
    guest.types(first_name="Noor", email=email, phone=national(phone)).ticks("email")
    town.until(lambda: town.captured_with(national(phone)))
    town.until(town.nothing_waits)
    assert {"carts", "consents"} <= set(town.traces_here(*marks))
    assert "relance_carts" in town.traces_there(*marks)

    guest.page.get_by_role("button", name="No thanks").click()
    guest.page.get_by_text("Nothing is kept.").wait_for()
    town.until(lambda: town.traces_there(*marks) == [])
    town.until(town.nothing_waits)
    assert town.traces_here(*marks) == []
    assert town.traces_there(*marks) == []

    # It is obeyed on the next page, too.
    before = guest.posted()
    guest.comes_to_the_checkout().types(email="noor2@example.com", phone="06 98 00 10 02")
    guest.waits(200).leaves()
    assert guest.posted() == before
    assert town.traces_there("noor2@example.com", "06 98 00 10 02") == []
    town.choose_mode(chromium, "consent")
    guest.goes()
