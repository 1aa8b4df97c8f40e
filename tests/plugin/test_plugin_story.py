"""The WordPress plugin's stories over all layers: real processes, real browsers, one phone."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route

from connectors.woocommerce.client import Rest
from moment import system_time
from recovery.reasons import Reason
from recovery.states import CartState
from tests.house import answers
from tests.plugin.plugin_house import PluginHouse, open_plugin_house
from tests.plugin.story_guest import Guest
from tests.plugin.story_steps import (
    a_mug,
    leave_a_phone,
    national,
    the_link_in,
    the_reminder_to,
    the_text_for,
)

pytest_plugins = ["tests.plugin.story_town"]

KINDS = ("block", "classic")
BOTH_MUGS = ["2 × Mug - Large"]
MORE_THAN_ONE_POST = 22  # carts; the plugin sends twenty in one
RENEWALS = Path(__file__).parent / "renewals"


@pytest.fixture
def notice(town: PluginHouse, chromium: Browser) -> Iterator[None]:
    """The merchant captures with a notice, until the story is over."""
    town.choose_mode(chromium, "notice")
    yield
    town.choose_mode(chromium, "consent")


@pytest.fixture
def web_is_away(town: PluginHouse) -> Iterator[None]:
    """The service is stopped; it is there again when the story is over."""
    town.kill("web")
    yield
    if not town.runs("web"):
        town.start("web")


@pytest.fixture
def house(tmp_path: Path, database_url: str, chromium: Browser) -> Iterator[PluginHouse]:
    """A house and a shop of its own: time is moved in it."""
    with open_plugin_house(tmp_path, database_url, chromium) as opened:
        yield opened


def test_a_phone_alone_brings_a_guests_cart_back_and_the_order_ends_it(
    house: PluginHouse, chromium: Browser
) -> None:
    phones = {"block": "+33698765432"}
    if house.settings.database_url.startswith("sqlite"):
        phones["classic"] = "+33698765433"
    mug = a_mug(house.wordpress)
    texts = {}
    for kind, phone in phones.items():
        house.wordpress.use_checkout(kind)
        guest = Guest(chromium, house.wordpress, kind)
        guest.takes(mug, 2, size="Large").comes_to_the_checkout()
        if kind == "block":
            guest.types(phone=national(phone)).ticks("sms").leaves()
        else:  # away with the last digit, before the script's pause is over
            guest.ticks("sms").begins_to_type("phone", national(phone)).leaves()
        texts[kind] = the_text_for(house, phone)
        assert guest.hosts() == {f"127.0.0.1:{house.wordpress.port}"}
        guest.follows(the_link_in(texts[kind])).sees_the_checkout()
        assert guest.goods() == BOTH_MUGS
        if kind == "classic":  # the stand-in's block checkout fills nothing in again
            assert house.until(guest.contact) == {"phone": national(phone)}
        guest.goes()
        its_link_fills_a_clean_browser_which_orders(house, chromium, kind, phone)
    house.time_passes(3600)
    for kind, phone in phones.items():
        assert house.texts(phone) == [texts[kind]]
        late = Guest(chromium, house.wordpress).follows(the_link_in(texts[kind]))
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
    elsewhere = Guest(chromium, house.wordpress, kind).follows(the_link_in(text))
    elsewhere.sees_the_checkout()
    assert elsewhere.goods() == BOTH_MUGS
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
    guest = Guest(chromium, town.wordpress, kind)
    guest.takes(a_mug(town.wordpress), size="Small").comes_to_the_checkout()
    guest.types(email=email, phone=national(phone), first_name="Quiet").waits(200).leaves()
    assert guest.posted() == []
    town.cron_runs()
    marks = (phone, phone[3:], national(phone), email)
    assert town.traces_here(*marks) == []
    assert town.traces_there(*marks) == []
    guest.goes()


@pytest.mark.usefixtures("notice")
def test_no_thanks_leaves_nothing_of_what_was_captured_before(
    town: PluginHouse, chromium: Browser
) -> None:
    phone, email = "+33698001001", "noor@example.com"
    marks = (phone, phone[3:], national(phone), email, "Noor")
    town.wordpress.use_checkout("block")
    guest = Guest(chromium, town.wordpress)
    guest.takes(a_mug(town.wordpress), size="Large").comes_to_the_checkout()
    guest.types(first_name="Noor", email=email, phone=national(phone)).ticks("email")
    captured = town.until(lambda: town.captured_with(national(phone)))
    town.until(town.nothing_waits)
    assert {"carts", "consents"} <= set(town.traces_here(*marks))
    assert "relance_carts" in town.traces_there(*marks)

    # What was captured on the strength of a notice is never texted.
    town.until(lambda: town.why_not_reminded(captured["cart_key"]) == [Reason.NO_CONSENT])
    assert town.texts(phone) == []

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
    guest.goes()


# -- the service is away --------------------------------------------------------------------------


@pytest.mark.usefixtures("web_is_away")
def test_an_hour_without_the_service_loses_no_capture(town: PluginHouse, chromium: Browser) -> None:
    """More carts than one post holds, one of them changed meanwhile; all come, each once."""
    town.wordpress.use_checkout("classic")
    mug = a_mug(town.wordpress)
    phones = [f"+336980020{number:02}" for number in range(MORE_THAN_ONE_POST)]
    guest = Guest(chromium, town.wordpress, "classic")
    guest.takes(mug, 1, size="Small").comes_to_the_checkout()
    guest.types(phone=national(phones[0])).ticks("sms")
    town.until(lambda: town.captured_with(national(phones[0])))
    for phone in phones[1:]:
        leave_a_phone(town.wordpress, mug, national(phone))
    keys = {row["cart_key"] for row in town.captured() if int(row["waiting"])}
    assert len(keys) == len(phones)
    walk_through_the_back_off(town)

    # What the shopper changes while we are away is what arrives.
    guest.takes(mug, 3, size="Large").leaves()
    words = town.settings_page(chromium).inner_text("body")
    assert re.search(rf"Carts waiting to be sent\s+{len(phones)}\b", words)
    assert "cURL error 7" in words

    town.start("web")
    town.until(lambda: answers(f"{town.address}/readyz"))
    town.until(town.nothing_waits)
    carts = [row for row in town.rows("carts") if row.phone in phones]
    assert sorted(row.phone for row in carts) == phones
    assert {row.key.rpartition(":")[2] for row in carts} == keys
    assert next(row.item_count for row in carts if row.phone == phones[0]) == 4
    town.until(lambda: all(town.texts(phone) for phone in phones))
    town.cron_runs()
    assert [len(town.texts(phone)) for phone in phones] == [1] * len(phones)
    assert town.wordpress.option("relance_outbox")["dropped"] == 0
    guest.goes()


def walk_through_the_back_off(house: PluginHouse) -> None:
    """Let the shop try again and again until an hour would have gone by."""
    gone, failures = 0, 0
    while gone < 3600:
        house.cron_runs()
        failures += 1
        house.until(lambda failures=failures: house.failures() == failures)
        minutes = round((house.next_try() - time.time()) / 60)
        assert minutes == {1: 1, 2: 2}.get(failures, 5)
        gone += minutes * 60


# -- what is gone ---------------------------------------------------------------------------------


def test_a_link_says_by_name_what_is_gone_and_restores_the_rest(
    town: PluginHouse, chromium: Browser
) -> None:
    shop, phone = town.wordpress, "+33698003001"
    shop.use_checkout("block")
    mug, poster = a_mug(shop), shop.add_product("Poster", "9.00", stock=4)
    lamp, soap = shop.add_product("Lamp", "30.00"), shop.add_product("Soap", "4.50")
    guest = Guest(chromium, shop)
    guest.takes(mug, size="Large").takes(mug, size="Small").takes(poster, 2)
    guest.takes(lamp).takes(soap, 3).comes_to_the_checkout()
    guest.types(phone=national(phone)).ticks("sms").leaves()
    text = the_text_for(town, phone)

    shop.set_product(mug.variations[1], delete=True)
    shop.set_product(poster.id, stock=0, stock_status="outofstock")
    shop.set_product(lamp.id, price="35.00")
    elsewhere = Guest(chromium, shop).follows(the_link_in(text))
    notes = elsewhere.page.locator(".notes li").all_inner_texts()
    assert sorted(note.replace("\xa0", " ") for note in notes) == [
        "“Lamp” costs €35.00 now. It cost €30.00 when you filled this cart.",
        "“Mug – Large” is not sold any more.",
        "“Poster” is sold out.",
    ]
    elsewhere.page.get_by_role("link", name="Go to the checkout").click()
    elsewhere.sees_the_checkout()
    assert elsewhere.goods() == ["1 × Lamp", "1 × Mug - Small", "3 × Soap"]

    # Where nothing is left, that is said, and no cart is made.
    for gone in (mug, lamp, soap):
        shop.set_product(gone.id, trash=True)
    late = Guest(chromium, shop).follows(the_link_in(text))
    words = late.words()
    assert "None of these items is available now" in words
    assert all(name in words for name in ("Mug - Small", "Poster", "Lamp", "Soap")), words
    assert not any("woocommerce_session" in each["name"] for each in late.context.cookies())
    for browser in (guest, elsewhere, late):
        browser.goes()


# -- whose orders name a cart ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_only_orders_that_a_shopper_placed_name_a_cart(
    town: PluginHouse, chromium: Browser, tmp_path: Path, kind: str
) -> None:
    shop = town.wordpress
    shop.use_checkout(kind)
    shop.add_plugin(RENEWALS)
    soap = shop.add_product("Soap", "4.50")
    guest = Guest(chromium, shop, kind)
    placed = guest.takes(soap).comes_to_the_checkout().orders(f"mia.{kind}@example.org")
    named = town.orders_meta()[placed]
    assert re.fullmatch(r"[0-9a-f-]{36}", named["_relance_cart"])
    assert named["_relance_locale"] == "en_US"

    # A second order is another cart's.
    second = guest.takes(soap).comes_to_the_checkout().orders(f"mia.{kind}@example.org")
    assert town.orders_meta()[second]["_relance_cart"] != named["_relance_cart"]
    guest.goes()

    billing = {"email": f"mia.{kind}@example.org", "phone": "06 98 00 50 01"}
    by_staff = shop.staff_order(billing=billing, products={soap.id: 1})
    row = {"billing": billing, "line_items": [{"product_id": soap.id, "quantity": 1}]}
    by_program = Rest(town.connection()).post("orders", row).found["id"]
    copied = shop.php(f"return renewals_renew( {placed} );")
    paying = Guest(chromium, shop, kind)
    paying.takes(soap).comes_to_the_checkout()
    paying.context.add_cookies([{"name": "renews", "value": "1", "url": shop.url}])
    by_hand = paying.orders(f"mia.{kind}@example.org")
    paying.goes()
    notes = town.orders_meta()
    for order in (by_staff, by_program, copied, by_hand):
        assert not [name for name in notes[order] if name.startswith("_relance")], order


def test_a_checkouts_late_request_does_not_keep_the_key_of_a_placed_order(
    town: PluginHouse, chromium: Browser
) -> None:
    """WooCommerce writes a session whole: a slow request undoes what the order wrote."""
    shop = town.wordpress
    shop.use_checkout("classic")
    soap = shop.add_product("Soap", "4.50")
    guest = Guest(chromium, shop, "classic")
    guest.takes(soap).comes_to_the_checkout()
    guest.page.wait_for_load_state("networkidle")
    mine = guest.session_key()
    (before,) = [
        row["session_value"]
        for row in shop.rows("woocommerce_sessions") or []
        if row["session_key"] == mine
    ]

    def undo(route: Route) -> None:
        told = json.dumps([mine, before]).replace("\\", "\\\\").replace("'", "\\'")
        shop.php(
            f"global $wpdb; list( $key, $value ) = json_decode( '{told}', true );"
            " return $wpdb->update( $wpdb->prefix . 'woocommerce_sessions',"
            " array( 'session_value' => $value ), array( 'session_key' => $key ) );"
        )
        route.continue_()

    guest.page.route("**/order-received/**", undo)
    first = guest.orders("late@example.org")
    guest.page.unroute("**/order-received/**")
    second = guest.takes(soap).comes_to_the_checkout().orders("late@example.org")
    notes = town.orders_meta()
    assert notes[first]["_relance_cart"] != notes[second]["_relance_cart"]
    guest.goes()
