"""What every shop connector must do, whatever the platform.

A connector's test inherits `ShopContract` under a name that begins with `Test`
and says how its platform writes and signs a request:

    class TestShopifyKeepsTheContract(ShopContract):
        def connection(self): ...
        def shop(self): return ShopifyShop(self.connection())
        def sign(self, kind, body): ...
        def cart_body(self, wanted): ...
        def order_body(self, wanted): ...

`kind` is "cart", "order" or "unknown"; `sign` gives the headers of a genuine
request of that kind. The platform's own shapes and traps belong in the
connector's own tests; here is only what all of them share.
"""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from connectors.protocols import Connection, Forged, Shop, Unreadable
from recovery.model import Cart, Order, Seen

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PAST_2_53 = 9_007_199_254_740_993  # 2**53 + 1: a float would round it to an even number


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the built request shall say; the platform's own form is the subclass's work."""

    number: int = 4711
    first_name: str = "Ada"
    last_name: str = "Lovelace"
    email: str | None = "ada@example.com"
    phone: str | None = "+4915112345678"
    country: str = "DE"
    currency: str = "EUR"
    title: str = "Teapot"
    product: int = 99
    quantity: int = 2
    unit_price: str = "10.50"
    total: str = "21.00"
    changed_at: datetime = NOW - timedelta(minutes=5)


class ShopContract(ABC):
    """Inherited by the tests of each platform's connector."""

    @abstractmethod
    def connection(self) -> Connection:
        """The connection of one shop whose secrets `sign` knows."""

    @abstractmethod
    def shop(self) -> Shop:
        """The connector under test, for `connection()`."""

    @abstractmethod
    def sign(self, kind: str, body: bytes) -> dict[str, str]:
        """The headers of a genuine request with this body; kind: cart, order, unknown."""

    @abstractmethod
    def cart_body(self, wanted: Wanted) -> bytes:
        """The platform's JSON for a cart that says `wanted`."""

    @abstractmethod
    def order_body(self, wanted: Wanted) -> bytes:
        """The platform's JSON for a paid order of a shopper that says `wanted`."""

    # -- words of the tests ------------------------------------------------

    def receive(self, kind: str, body: bytes) -> tuple[Seen, ...]:
        shop, headers = self.shop(), self.sign(kind, body)
        shop.verify(headers, body)
        return shop.read(headers, body, NOW)

    def the_cart(self, wanted: Wanted) -> Cart:
        carts = [x for x in self.receive("cart", self.cart_body(wanted)) if isinstance(x, Cart)]
        assert len(carts) == 1, f"expected one cart, read {len(carts)}"
        return carts[0]

    def the_order(self, wanted: Wanted) -> Order:
        orders = [x for x in self.receive("order", self.order_body(wanted)) if isinstance(x, Order)]
        assert len(orders) == 1, f"expected one order, read {len(orders)}"
        return orders[0]

    # -- who may speak -----------------------------------------------------

    def test_a_genuine_request_is_let_in(self) -> None:
        body = self.cart_body(Wanted())
        self.shop().verify(self.sign("cart", body), body)

    def test_header_names_are_read_in_any_case(self) -> None:
        body = self.cart_body(Wanted())
        for change in (str.lower, str.upper):
            headers = {change(name): value for name, value in self.sign("cart", body).items()}
            self.shop().verify(headers, body)
            assert self.shop().read(headers, body, NOW), "the request was not understood"

    def test_one_changed_byte_is_forged(self) -> None:
        body = self.cart_body(Wanted())
        headers = self.sign("cart", body)
        with pytest.raises(Forged):
            self.shop().verify(headers, body + b" ")

    def test_a_request_without_any_header_is_forged(self) -> None:
        with pytest.raises(Forged):
            self.shop().verify({}, self.cart_body(Wanted()))

    @pytest.mark.parametrize("nonsense", ["", "AAAA", "not base64 ß", "=", "\x00", "a" * 5000])
    def test_a_nonsense_signature_is_forged_and_nothing_else(self, nonsense: str) -> None:
        body = self.cart_body(Wanted())
        genuine, other = self.sign("cart", body), self.sign("cart", body + b" ")
        signature = [name for name, value in genuine.items() if other.get(name) != value]
        assert signature, "no header depends on the body"
        with pytest.raises(Forged):
            self.shop().verify({**genuine, **dict.fromkeys(signature, nonsense)}, body)

    # -- what cannot be read -----------------------------------------------

    @pytest.mark.parametrize("kind", ["cart", "order"])
    @pytest.mark.parametrize("body", [b"[]", b"null", b"7", b'"text"', b"{}", b"\xff\xfe", b"{"])
    def test_a_body_of_another_shape_is_unreadable_or_not_for_us(
        self, kind: str, body: bytes
    ) -> None:
        try:
            seen = self.receive(kind, body)
        except Unreadable:
            return
        assert seen == (), "something was made of nothing"

    @pytest.mark.parametrize("kind", ["cart", "order"])
    def test_a_truncated_body_is_unreadable(self, kind: str) -> None:
        body = self.cart_body(Wanted()) if kind == "cart" else self.order_body(Wanted())
        for end in (1, len(body) // 2, len(body) - 1):
            with pytest.raises(Unreadable):
                self.receive(kind, body[:end])

    @pytest.mark.parametrize("kind", ["cart", "order"])
    def test_an_empty_body_is_unreadable_or_not_for_us(self, kind: str) -> None:
        with contextlib.suppress(Unreadable):
            assert self.receive(kind, b"") == ()

    def test_an_unknown_topic_is_not_for_us(self) -> None:
        assert self.receive("unknown", b'{"id": 1}') == ()

    # -- who and what ------------------------------------------------------

    def test_a_cart_tells_its_shopper_and_its_lines(self) -> None:
        cart = self.the_cart(Wanted())
        assert (cart.shopper.first_name, cart.shopper.last_name) == ("Ada", "Lovelace")
        assert (cart.shopper.email, cart.shopper.country) == ("ada@example.com", "DE")
        assert cart.shopper.phone == "+4915112345678"
        assert cart.changed_at == Wanted().changed_at
        assert cart.created_at.utcoffset() == timedelta(0)
        assert cart.raw, "the raw payload was not kept"
        (line,) = cart.lines
        assert (line.title, line.quantity, line.product_key) == ("Teapot", 2, "99")
        assert (line.unit_price, line.total) == (Decimal("10.50"), Decimal("21.00"))
        assert (cart.totals.total, cart.currency) == (Decimal("21.00"), "EUR")

    def test_an_order_tells_its_shopper_and_its_sum(self) -> None:
        order = self.the_order(Wanted())
        assert order.shopper.email == "ada@example.com"
        assert (order.totals.total, order.currency) == (Decimal("21.00"), "EUR")
        assert order.paid
        assert order.raw, "the raw payload was not kept"
        assert order.changed_at == Wanted().changed_at

    def test_the_same_body_is_read_to_the_same_cart(self) -> None:
        assert self.the_cart(Wanted()) == self.the_cart(Wanted())

    def test_two_checkouts_are_two_carts(self) -> None:
        assert self.the_cart(Wanted(number=1)).key != self.the_cart(Wanted(number=2)).key

    @pytest.mark.parametrize("phone", [None, ""])
    def test_no_phone_is_none(self, phone: str | None) -> None:
        assert self.the_cart(replace(Wanted(), phone=phone)).shopper.phone is None
        assert self.the_order(replace(Wanted(), phone=phone)).shopper.phone is None

    @pytest.mark.parametrize("email", [None, ""])
    def test_no_email_is_none(self, email: str | None) -> None:
        assert self.the_cart(replace(Wanted(), email=email)).shopper.email is None

    def test_a_phone_alone_is_no_consent(self) -> None:
        assert not any(consent.granted for consent in self.the_cart(Wanted()).shopper.consents)

    @pytest.mark.parametrize(
        ("currency", "unit_price", "total"),
        [("JPY", "1980", "3960"), ("KWD", "3.125", "6.250"), ("EUR", "0.10", "0.20")],
    )
    def test_money_is_exact_with_no_two_or_three_decimals(
        self, currency: str, unit_price: str, total: str
    ) -> None:
        wanted = Wanted(currency=currency, unit_price=unit_price, total=total)
        for seen in (self.the_cart(wanted), self.the_order(wanted)):
            assert seen.currency == currency
            assert isinstance(seen.totals.total, Decimal)
            assert seen.totals.total == Decimal(total)
            assert seen.lines[0].unit_price == Decimal(unit_price)
            assert seen.lines[0].total == Decimal(total)

    @pytest.mark.parametrize("name", ["Zoë", "Åsa Ø.", "李小龍", "أمينة", "Ana 🫖", "O'Brien\"\\"])
    def test_names_are_kept_letter_by_letter(self, name: str) -> None:
        wanted = Wanted(first_name=name, title=f"Pot {name}")
        for seen in (self.the_cart(wanted), self.the_order(wanted)):
            assert seen.shopper.first_name == name
            assert seen.lines[0].title == f"Pot {name}"

    def test_ids_past_2_to_the_53_are_kept_digit_by_digit(self) -> None:
        wanted = Wanted(number=PAST_2_53, product=PAST_2_53)
        order, cart = self.the_order(wanted), self.the_cart(wanted)
        assert str(PAST_2_53) in order.key
        assert str(PAST_2_53) in " ".join((cart.key, cart.name or "", *cart.aliases))
        assert cart.lines[0].product_key == order.lines[0].product_key == str(PAST_2_53)

    def test_an_order_names_the_cart_it_came_from(self) -> None:
        cart, order = self.the_cart(Wanted()), self.the_order(Wanted())
        assert {cart.key, *cart.aliases} & set(order.cart_keys), "the order joins no cart"
