"""The sandbox shop's connector: the contract, then the real shop over the line."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests

from connectors.protocols import (
    Connection,
    Forged,
    ReadsCodes,
    Refused,
    RemovesCoupons,
    Unreadable,
)
from connectors.sandbox import SandboxShop, signing
from connectors.sandbox.server import Running
from connectors.sandbox.shop import read_row
from connectors.sandbox.wire import word, word_or_none
from recovery.model import Cart, CartGone, Channel, Coupon, Money, Offer, Order, Page
from tests.connectors.sandbox.stage import BEARER, NOW, Ear, Shopper, connection, signed
from tests.connectors.shop_contract import ShopContract, Wanted

TOPICS = {"cart": "checkouts/update", "order": "orders/create", "unknown": "shop/moved"}


class TestSandboxShopKeepsTheContract(ShopContract):
    def connection(self) -> Connection:
        return connection("http://sandbox.test")

    def shop(self) -> SandboxShop:
        return SandboxShop(self.connection())

    def sign(self, kind: str, body: bytes) -> dict[str, str]:
        return signed(TOPICS[kind], body)

    def cart_body(self, wanted: Wanted) -> bytes:
        return json.dumps({**_common(wanted), "created_at": "2026-11-20T11:00:00Z"}).encode()

    def order_body(self, wanted: Wanted) -> bytes:
        placed = {"number": "S1001", "cart": str(wanted.number), "paid": True}
        at = wanted.changed_at.isoformat()
        return json.dumps({**_common(wanted), **placed, "placed_at": at}).encode()


def _common(wanted: Wanted) -> dict[str, Any]:
    line = {
        "product": str(wanted.product),
        "title": wanted.title,
        "quantity": wanted.quantity,
        "unit_price": wanted.unit_price,
        "total": wanted.total,
    }
    person = ("first_name", "last_name", "email", "phone")
    return {
        "key": str(wanted.number),
        "changed_at": wanted.changed_at.isoformat(),
        "currency": wanted.currency,
        "country": wanted.country,
        "lines": [line],
        "subtotal": wanted.total,
        "discount": "0",
        "shipping": "0",
        "total": wanted.total,
        "discount_codes": [],
        "contact": {name: getattr(wanted, name) for name in person},
        "sms_consent": None,
    }


# The shop, over the line.


def test_a_checkout_comes_by_webhook_and_by_poll_as_the_same_cart(
    sandbox: Running, ear: Ear, shopper: Shopper
) -> None:
    shopper.leaves_a_cart()
    ear.wait_for(["checkouts/update"] * 2)
    shop = SandboxShop(connection(sandbox.address))
    path, headers, body = ear.heard[-1]
    shop.verify(headers, body)
    (pushed,) = shop.read(headers, body, NOW)
    ((polled,),) = [page.seen for page in shop.changed_since(None, NOW)]
    assert isinstance(pushed, Cart) and isinstance(polled, Cart)
    assert path == "/hooks/sandbox/demo"
    assert pushed.key == polled.key and pushed.key.startswith("cart:")
    assert (pushed.shopper, pushed.totals, pushed.lines) == (
        polled.shopper,
        polled.totals,
        polled.lines,
    )
    assert (pushed.sees, polled.sees) == ("webhook", "poll")
    assert polled.totals.total == Decimal("22.90")
    assert (polled.shopper.first_name, polled.shopper.country) == ("Ada", "FR")


def test_the_ticked_box_is_a_consent_with_its_words_and_unticking_takes_it_back(
    sandbox: Running, shopper: Shopper
) -> None:
    shopper.leaves_a_cart()
    shop = SandboxShop(connection(sandbox.address))
    (given,) = _only_cart(shop).shopper.consents
    assert (given.channel, given.address, given.granted) == (Channel.SMS, "06 12 34 56 78", True)
    assert (given.source, given.at) == ("sandbox checkout", NOW)
    assert "STOP" in given.words and given.words in shopper.get("/checkout").text
    shopper.save(sms=False)
    (taken_back,) = _only_cart(shop).shopper.consents
    assert (taken_back.address, taken_back.granted) == ("06 12 34 56 78", False)


def test_an_untouched_box_is_no_consent(sandbox: Running, shopper: Shopper) -> None:
    shopper.post("/cart/add", product="tea")
    shopper.get("/checkout")
    shopper.save(phone="06 12 34 56 78")
    assert _only_cart(SandboxShop(connection(sandbox.address))).shopper.consents == ()


def test_an_order_closes_its_cart_and_its_cancellation_is_told(
    sandbox: Running, ear: Ear, shopper: Shopper
) -> None:
    shopper.leaves_a_cart()
    thanks = shopper.post("/order", phone="06 12 34 56 78", sms="yes")
    shopper.post(thanks.url.removeprefix(sandbox.address) + "/cancel")
    (placed,) = ear.wait_for(["orders/create"])
    (cancelled,) = ear.wait_for(["orders/cancelled"])
    shop = SandboxShop(connection(sandbox.address))
    (first,) = shop.read(signed("orders/create", placed), placed, NOW)
    (second,) = shop.read(signed("orders/cancelled", cancelled), cancelled, NOW)
    (page,) = shop.changed_since(None, NOW)
    (cart,) = [seen for seen in page.seen if isinstance(seen, Cart)]
    assert isinstance(first, Order) and isinstance(second, Order)
    assert first.cart_keys == (cart.key,) and cart.completed_at == first.placed_at == NOW
    assert first.paid and first.cancelled_at is None
    assert second.key == first.key and second.cancelled_at == NOW


def test_a_double_press_on_order_makes_one_order(sandbox: Running, shopper: Shopper) -> None:
    shopper.leaves_a_cart()
    cookie = dict(shopper.session.cookies)
    for _ in range(2):
        shopper.session.cookies.update(cookie)
        shopper.post("/order", phone="06 12 34 56 78", sms="yes")
    (page,) = SandboxShop(connection(sandbox.address)).changed_since(None, NOW)
    assert len([seen for seen in page.seen if isinstance(seen, Order)]) == 1


def test_an_emptied_cart_is_gone(sandbox: Running, ear: Ear, shopper: Shopper) -> None:
    shopper.leaves_a_cart()
    shop = SandboxShop(connection(sandbox.address))
    key = _only_cart(shop).key
    shopper.post("/cart/change", product="mug", quantity="0")
    (body,) = ear.wait_for(["checkouts/delete"])
    assert shop.read(signed("checkouts/delete", body), body, NOW) == (CartGone((key,), NOW),)
    (page,) = shop.changed_since(None, NOW)
    assert page.seen == (CartGone((key,), NOW),)


def test_a_poll_knows_the_orders_only_on_its_last_page(sandbox: Running, shopper: Shopper) -> None:
    for _ in range(52):
        shopper.session.cookies.clear()
        shopper.post("/cart/add", product="socks")
        shopper.get("/checkout")
    shop = SandboxShop(connection(sandbox.address))
    first, last = shop.changed_since(None, NOW)
    assert (len(first.seen), len(last.seen)) == (50, 2)
    assert first.orders_known_until is None
    assert last.orders_known_until == NOW - timedelta(seconds=1)
    assert list(shop.changed_since(first.cursor, NOW)) == [last]
    (nothing,) = shop.changed_since(last.cursor, NOW)
    assert nothing == Page((), last.cursor, NOW - timedelta(seconds=1))


def test_a_cart_that_changes_again_comes_again_once(sandbox: Running, shopper: Shopper) -> None:
    shop = SandboxShop(connection(sandbox.address))
    shopper.leaves_a_cart()
    (page,) = shop.changed_since(None, NOW)
    shopper.save(email="ada@example.com")
    shopper.save(last_name="Byron")
    ((cart,),) = [each.seen for each in shop.changed_since(page.cursor, NOW)]
    assert isinstance(cart, Cart)
    assert (cart.shopper.email, cart.shopper.last_name) == ("ada@example.com", "Byron")


def test_a_save_that_changes_nothing_is_not_told(ear: Ear, shopper: Shopper) -> None:
    shopper.leaves_a_cart()
    ear.wait_for(["checkouts/update"] * 2)
    shopper.save(first_name="Ada", phone="06 12 34 56 78", sms=True)
    shopper.save(email="ada@example.com")
    bodies = ear.wait_for(["checkouts/update"] * 3)
    assert len(bodies) == 3
    assert json.loads(bodies[-1])["contact"]["email"] == "ada@example.com"


def test_a_nonsense_cursor_is_unreadable(sandbox: Running) -> None:
    with pytest.raises(Unreadable):
        list(SandboxShop(connection(sandbox.address)).changed_since("{}", NOW))


def test_the_way_back_carries_the_coupon_and_lies_at_our_address(
    sandbox: Running, shopper: Shopper
) -> None:
    shopper.leaves_a_cart()
    shop = SandboxShop(connection(sandbox.address + "/"))
    cart = _only_cart(shop)
    coupon = shop.create_coupon(Offer("BACK 10", NOW + timedelta(days=1), percent=Decimal(10)))
    key = cart.key.removeprefix("cart:")
    assert cart.way_back == f"{sandbox.address}/cart/{key}/recover"
    assert shop.way_back(cart, coupon) == f"{cart.way_back}?code=BACK%2010"


def test_a_coupon_is_made_once_and_other_terms_are_refused(sandbox: Running) -> None:
    shop, ends = SandboxShop(connection(sandbox.address)), NOW + timedelta(days=1)
    offer = Offer("TEN", ends, amount=Money(Decimal("10.00"), "EUR"), email="ada@example.com")
    made = shop.create_coupon(offer)
    assert made == shop.create_coupon(offer) == Coupon("TEN", made.key, ends)
    with pytest.raises(Refused):
        shop.create_coupon(Offer("TEN", ends, percent=Decimal(10)))
    with pytest.raises(Refused):
        shop.create_coupon(Offer("YEN", ends, amount=Money(Decimal(1000), "JPY")))


@pytest.mark.parametrize(
    "other",
    [
        {"product_keys": ("mug",)},
        {"product_keys": ("mug", "tea", "lamp")},
        {"product_keys": ()},
        {"excluded_product_keys": ("lamp",)},
    ],
)
def test_a_code_on_lines_is_given_again_for_the_same_lines_alone(
    sandbox: Running, other: dict[str, tuple[str, ...]]
) -> None:
    shop, ends = SandboxShop(connection(sandbox.address)), NOW + timedelta(days=1)
    offer = Offer("TWO", ends, percent=Decimal(10), product_keys=("tea", "mug"))
    made = shop.create_coupon(offer)
    assert shop.create_coupon(replace(offer, product_keys=("mug", "tea"))) == made
    with pytest.raises(Refused):
        shop.create_coupon(replace(offer, **other))


@pytest.mark.parametrize(
    "wider",
    [
        {"product_keys": ("boat",)},
        {"excluded_product_keys": ("boat",)},
        {"percent": None, "free_shipping": True, "product_keys": ("mug",)},
        {"customer_key": "9"},
    ],
)
def test_what_the_sandbox_cannot_limit_it_refuses(sandbox: Running, wider: dict[str, Any]) -> None:
    shop = SandboxShop(connection(sandbox.address))
    offer = Offer("X", NOW + timedelta(days=1), percent=Decimal(10))
    with pytest.raises(Refused):
        shop.create_coupon(replace(offer, **wider))
    assert not shop.code_works("X", NOW)


def test_a_code_is_taken_away_once_and_again(sandbox: Running) -> None:
    shop = SandboxShop(connection(sandbox.address))
    assert isinstance(shop, RemovesCoupons)
    made = shop.create_coupon(Offer("AWAY", NOW + timedelta(days=1), percent=Decimal(10)))
    for _ in range(2):
        shop.remove_coupon(made.key)
    assert not shop.code_works("AWAY", NOW)


def test_a_code_works_until_its_end_and_until_it_is_used(sandbox: Running) -> None:
    shop, ends = SandboxShop(connection(sandbox.address)), NOW + timedelta(days=1)
    assert isinstance(shop, ReadsCodes)
    assert shop.code_works("TEN", NOW) is False
    shop.create_coupon(Offer("TEN", ends, percent=Decimal(10)))
    assert shop.code_works("ten", NOW) is True
    assert shop.code_works("TE", NOW) is False
    assert shop.code_works("TEN", ends) is False


def test_the_sandbox_has_no_subscriptions_to_mend() -> None:
    assert SandboxShop(connection("http://sandbox.test")).keep_subscriptions("http://us.test") == 0


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1,50", ""])
def test_an_amount_that_is_none_is_unreadable(amount: str) -> None:
    body = json.dumps({**_common(Wanted()), "created_at": NOW.isoformat(), "total": amount})
    with pytest.raises(Unreadable):
        SandboxShop(connection("http://sandbox.test")).read(
            signed("checkouts/update", body.encode()), body.encode(), NOW
        )


def test_a_connection_without_a_secret_lets_nobody_in() -> None:
    body = b"{}"
    headers = dict(signing.signed_headers("", "checkouts/update", "d-1", body, NOW))
    with pytest.raises(Forged):
        SandboxShop(Connection("demo", "http://sandbox.test")).verify(headers, body)


def _only_cart(shop: SandboxShop) -> Cart:
    (page,) = shop.changed_since(None, NOW)
    (cart,) = page.seen
    assert isinstance(cart, Cart)
    return cart


def test_a_change_that_cannot_be_read_is_given_unread_and_holds_up_no_other(
    sandbox: Running, shopper: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    shopper.leaves_a_cart()
    answer = requests.get(f"{sandbox.address}/api/changes", headers=BEARER, timeout=5)
    told = answer.json()
    (change,) = told["changes"]
    order = {**change["content"], "cart": "c9", "placed_at": "2026-11-20T11:00:00Z", "total": "x"}
    odd = [5, {"kind": "order", "content": order}, {"kind": "checkout", "content": {"key": "c1"}}]
    told["changes"] = [*odd, change]
    answer._content = json.dumps(told).encode()
    monkeypatch.setattr(requests.Session, "request", lambda *asked, **more: answer)
    (page,) = SandboxShop(connection(sandbox.address)).changed_since(None, NOW)
    assert len(page.seen) == 1 and page.orders_known_until is not None
    nothing, unread, cart = page.unread
    assert [row.kind for row in page.unread] == ["order", "order", "checkout"]
    assert (nothing.shopper, cart.key) == (None, "cart:c1")
    assert unread.shopper is not None and unread.shopper.phone
    assert unread.cart_keys == ("cart:c9",)
    mended = json.dumps({**json.loads(unread.body), "total": "1.00"}).encode()
    assert isinstance(read_row(unread.kind, mended)[0], Order)


def test_a_text_is_taken_without_what_no_database_takes() -> None:
    assert word({"a": "An\x00a\ud800"}, "a") == "Ana?"
    assert word_or_none({"a": "\x00"}, "a") is None
