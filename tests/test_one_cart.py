"""One cart's story over all layers, with real processes: from the checkout to the credit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from recovery.reasons import Reason, read
from recovery.states import CartState, ReminderState
from tests.house import House, Shopper, open_house

TYPED = "06 98 76 54 32"  # not the example that the shop shows in its form
NUMBER = "+33698765432"
EMAIL = "ana@example.com"


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[House]:
    with open_house(tmp_path, database_url) as opened:
        yield opened


def the_link_in(text: str) -> str:
    found = re.search(r"http://\S+/r/\S+", text)
    assert found is not None
    return found[0]


def form_of(page: str) -> str:
    """The checkout's form: the sandbox shows its phone on the same page, beside it."""
    return page.partition('<form id="checkout"')[2].partition("</form>")[0]


def goods_of(page: str) -> list[str]:
    bill = page.partition('<section class="bill"')[2]
    return sorted(re.findall(r"\d+ × [^<]+", bill))


def test_a_cart_is_left_reminded_once_found_again_ordered_and_credited(house: House) -> None:
    ana = Shopper(house.shop)
    ana.leaves_a_cart("mug", "tea", first_name="Ana", phone=TYPED, email=EMAIL, sms=True)
    left = goods_of(ana.opens("/checkout").text)
    assert len(left) == 2

    # The text arrives, once.
    house.until(lambda: [cart.phone for cart in house.rows("carts")] == [NUMBER])
    house.time_passes(10)
    house.until(lambda: house.texts(NUMBER))
    house.until(lambda: house.rows("reminders")[0].state == ReminderState.DELIVERED)
    (text,) = house.texts(NUMBER)
    assert text.startswith("Sandbox shop: Ana")

    # Clock and worker die without a word, and the queues are lost: no second text.
    for name in ("clock", "worker"):
        house.kill(name)
    house.redis.flushall()
    for name in ("clock", "worker"):
        house.start(name)
    house.time_passes(600)
    assert house.texts(NUMBER) == [text]

    # Its link leads another browser to the same goods: nobody is logged in or shown.
    elsewhere = Shopper(house.shop)
    page = elsewhere.opens(the_link_in(text))
    assert "Set-Cookie" not in page.history[0].headers
    assert goods_of(page.text) == left
    form = form_of(page.text)
    assert form
    assert not any(part in form for part in ("Ana", TYPED, NUMBER, EMAIL))

    # The order is credited to the reminder, in the order's own transaction.
    order_page = elsewhere.orders()
    assert ana.opens(order_page).status_code == 404
    (order,) = house.until(lambda: house.rows("orders"))
    (reminder,) = house.rows("reminders")
    (cart,) = house.rows("carts")
    assert (order.reminder_id, order.cart_id) == (reminder.id, cart.id)
    assert cart.state == CartState.ORDERED

    # Nothing more comes, and the link says that all is done.
    house.time_passes(3600)
    assert house.texts(NUMBER) == [text]
    done = requests.get(the_link_in(text), allow_redirects=False, timeout=10)
    assert (done.status_code, "ordered already" in done.text) == (200, True)

    # STOP by reply is obeyed for the next cart, whatever box is ticked there.
    ana.replies(NUMBER, "Stop")
    house.until(lambda: house.rows("suppressions"))
    again = Shopper(house.shop)
    again.leaves_a_cart("socks", first_name="Ana", phone=TYPED, sms=True)
    house.until(lambda: len(house.rows("carts")) == 2)
    house.time_passes(10)
    house.until(lambda: [each.state for each in house.rows("reminders")][1:] == ["skipped"])
    assert read(house.rows("reminders")[1].reasons) == [Reason.STOPPED]
    assert house.texts(NUMBER) == [text]
    for browser in (ana, elsewhere, again):
        browser.goes()
