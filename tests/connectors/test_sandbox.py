"""The sandbox's connector and messenger: the two contracts, then the real service."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from connectors.protocols import (
    AccountStopped,
    Busy,
    Connection,
    Forged,
    NoAnswer,
    Refused,
    Unreadable,
)
from connectors.sandbox import SandboxMessenger, SandboxShop, signing
from connectors.sandbox.api import Limiter
from connectors.sandbox.delivery import Carrier, write_down
from connectors.sandbox.server import Running, open_sandbox
from connectors.sandbox.store import Store
from recovery.model import Cart, CartGone, Channel, Coupon, Message, Money, Offer, Order, Page
from tests.connectors.messenger_contract import MESSAGE, OURS, SHOPPER, MessengerContract
from tests.connectors.shop_contract import ShopContract, Wanted

SECRET = "sesame"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
STATUSES = {"accept": 202, "refuse": 422, "busy": 429, "stopped": 401}


# Somebody who listens: our house for webhooks, or a provider that answers as it is told.


@dataclass
class Ear:
    """A small web server. `says` is the next answer; `heard` what came, in its order."""

    address: str
    says: str = "accept"
    heard: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    came: threading.Event = field(default_factory=threading.Event)
    requests: int = 0

    def wait_for(self, topics: list[str]) -> list[bytes]:
        """The bodies of these topics, once that many webhooks came."""
        end = time.monotonic() + 10
        while time.monotonic() < end:
            found = [b for _, h, b in self.heard if h[signing.TOPIC] in topics]
            if len(found) >= len(topics):
                return found
            self.came.clear()
            self.came.wait(0.05)
        raise AssertionError(f"only {[h[signing.TOPIC] for _, h, _ in self.heard]} came")


@contextmanager
def listening() -> Iterator[Ear]:
    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if ear.says == "lost":
                return
            ear.heard.append((self.path, dict(self.headers), body))
            ear.came.set()
            if ear.says == "unanswered":
                return
            answer = b'{"message_id": "m-1"}'
            self.send_response(STATUSES[ear.says])
            self.send_header("Retry-After", "7")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def handle_one_request(self) -> None:
            ear.requests += 1
            super().handle_one_request()

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    ear = Ear(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield ear
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def ear() -> Iterator[Ear]:
    with listening() as found:
        yield found


@pytest.fixture
def sandbox(tmp_path: Path, ear: Ear) -> Iterator[Running]:
    running = open_sandbox(
        0, tmp_path / "sandbox.db", ear.address, "demo", SECRET, lambda: NOW, receipt_after=0.01
    )
    running.start()
    yield running
    running.stop()


def connection(address: str, secret: str = SECRET) -> Connection:
    return Connection("demo", address, {"secret": secret})


def signed(topic: str, body: bytes, at: datetime = NOW) -> dict[str, str]:
    return dict(signing.signed_headers(SECRET, topic, "d-1", body, at))


def text_to(number: str, reference: str = "r-1") -> Message:
    return Message(reference, Channel.SMS, "SANDBOX", number, "Your cart waits.")


class Shopper:
    """Somebody with a browser at the sandbox shop."""

    def __init__(self, base: str) -> None:
        self.base, self.session = base, requests.Session()
        self.session.trust_env = False

    def post(self, path: str, **form: str) -> requests.Response:
        return self.session.post(self.base + path, data=form, timeout=5)

    def get(self, path: str) -> requests.Response:
        return self.session.get(self.base + path, timeout=5)

    def save(self, **given: object) -> requests.Response:
        return self.session.post(self.base + "/checkout/save", json=given, timeout=5)

    def leaves_a_cart(self, product: str = "mug") -> None:
        self.post("/cart/add", product=product)
        self.get("/checkout")
        self.save(first_name="Ada", last_name="Lovelace", phone="06 12 34 56 78", sms=True)

    def close(self) -> None:
        self.session.close()


@pytest.fixture
def shopper(sandbox: Running) -> Iterator[Shopper]:
    found = Shopper(sandbox.address)
    yield found
    found.close()


# The two contracts.


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


class TestSandboxMessengerKeepsTheContract(MessengerContract):
    @pytest.fixture(autouse=True)
    def _listen(self, ear: Ear) -> None:
        self.ear = ear

    def messenger(self) -> SandboxMessenger:
        return SandboxMessenger(connection(self.ear.address))

    def sign(self, body: bytes, at: datetime) -> dict[str, str]:
        return signed("messages/status", body, at)

    def receipt_body(self, state: str) -> bytes:
        word = {"sent": "submitted", "unknown": "pondered"}.get(state, state)
        told = {"message_id": "m-1", "reference": MESSAGE.reference, "status": word}
        return json.dumps(told | {"at": "2026-11-20T12:00:00+00:00"}).encode()

    def reply_body(self, text: str) -> bytes:
        told = {"message_id": "m-2", "from": SHOPPER, "to": OURS, "text": text}
        return json.dumps(told | {"at": "2026-11-20T13:00:00+01:00"}).encode()

    def meet(self, answer: str) -> None:
        self.ear.says = answer

    def taken(self) -> list[str]:
        took = self.ear.says in ("accept", "unanswered")
        return [json.loads(body)["text"] for _, _, body in self.ear.heard] if took else []

    def written(self) -> int:
        return self.ear.requests


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


# The phone, over the line.


def test_a_text_is_submitted_then_delivered(sandbox: Running, ear: Ear) -> None:
    messenger = SandboxMessenger(connection(sandbox.address))
    message_id = messenger.send(text_to("+33612345678"))
    bodies = ear.wait_for(["messages/status"] * 2)
    receipts = [messenger.read_receipt(body) for body in bodies]
    assert [(r.provider_id, r.reference, r.state) for r in receipts if r] == [
        (message_id, "r-1", "sent"),
        (message_id, "r-1", "delivered"),
    ]
    path, headers, body = ear.heard[-1]
    assert path == "/hooks/sandbox/status"
    messenger.verify(headers, body, NOW)


def test_receipts_go_to_the_address_the_message_names(sandbox: Running, ear: Ear) -> None:
    message = Message(
        "r-2", Channel.SMS, "SANDBOX", "+33612345678", "Hello", f"{ear.address}/elsewhere"
    )
    SandboxMessenger(connection(sandbox.address)).send(message)
    ear.wait_for(["messages/status"] * 2)
    assert {path for path, _, _ in ear.heard} == {"/elsewhere"}


def test_what_is_typed_on_the_phone_is_a_reply_to_who_wrote_last(
    sandbox: Running, ear: Ear, shopper: Shopper
) -> None:
    messenger = SandboxMessenger(connection(sandbox.address))
    messenger.send(text_to("+33612345678"))
    shopper.post("/phone/reply", number="+33612345678", text="STOP")
    (body,) = ear.wait_for(["messages/inbound"])
    reply = messenger.read_reply(body)
    assert (reply.sender, reply.recipient, reply.text) == ("+33612345678", "SANDBOX", "STOP")
    assert "/hooks/sandbox/inbound" in {path for path, _, _ in ear.heard}


@pytest.mark.parametrize(
    "number", ["+33612340000", "0612345678", "+336123", "Ada", "+33 612345678"]
)
def test_a_number_that_cannot_be_texted_is_refused(sandbox: Running, number: str) -> None:
    with pytest.raises(Refused):
        SandboxMessenger(connection(sandbox.address)).send(text_to(number))


def test_a_number_ending_in_0001_takes_the_text_and_drops_the_line(
    sandbox: Running, ear: Ear
) -> None:
    with pytest.raises(NoAnswer):
        SandboxMessenger(connection(sandbox.address)).send(text_to("+33612340001", "r-9"))
    (first, _) = ear.wait_for(["messages/status"] * 2)
    assert json.loads(first)["reference"] == "r-9"


def test_a_number_ending_in_0002_is_reported_as_undelivered(sandbox: Running, ear: Ear) -> None:
    messenger = SandboxMessenger(connection(sandbox.address))
    messenger.send(text_to("+33612340002"))
    receipt = messenger.read_receipt(ear.wait_for(["messages/status"] * 2)[-1])
    assert receipt is not None
    assert (receipt.state, bool(receipt.reason)) == ("undelivered", True)


def test_a_wrong_secret_stops_the_account(sandbox: Running) -> None:
    wrong = connection(sandbox.address, "open")
    with pytest.raises(AccountStopped):
        SandboxMessenger(wrong).send(text_to("+33612345678"))
    with pytest.raises(AccountStopped):
        list(SandboxShop(wrong).changed_since(None, NOW))


def test_a_sandbox_that_is_not_running_is_busy() -> None:
    with listening() as gone:
        address = gone.address
    with pytest.raises(Busy) as failure:
        SandboxMessenger(connection(address)).send(text_to("+33612345678"))
    assert failure.value.retry_after > 0


def test_an_email_is_refused_before_anything_is_written(ear: Ear) -> None:
    message = Message("r-1", Channel.EMAIL, "shop@example.com", "ada@example.com", "Hello")
    with pytest.raises(Refused):
        SandboxMessenger(connection(ear.address)).send(message)
    assert ear.heard == []


def test_at_most_thirty_pass_in_any_second() -> None:
    limiter = Limiter()
    assert [limiter.lets_through(5.0) for _ in range(31)] == [True] * 30 + [False]
    assert not limiter.lets_through(5.99)
    assert limiter.lets_through(6.01)


def test_a_text_too_many_is_told_to_come_back(tmp_path: Path, ear: Ear) -> None:
    full = open_sandbox(
        0, tmp_path / "full.db", ear.address, "demo", SECRET, lambda: NOW, limiter=Limiter(0)
    )
    full.start()
    try:
        with pytest.raises(Busy) as failure:
            SandboxMessenger(connection(full.address)).send(text_to("+33612345678"))
        assert type(failure.value) is Busy and failure.value.retry_after == 1.0
    finally:
        full.stop()


def test_a_port_that_is_taken_is_told(sandbox: Running, tmp_path: Path) -> None:
    port = int(sandbox.address.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        open_sandbox(port, tmp_path / "other.db", "http://us.test", "demo", SECRET, lambda: NOW)


def test_the_date_of_an_answer_is_the_shops_own(sandbox: Running) -> None:
    answer = requests.get(sandbox.address + "/healthz", timeout=5)
    assert answer.headers["Date"] == "Fri, 20 Nov 2026 12:00:00 GMT"


# Webhooks on their way.


@pytest.fixture
def carrier_of(tmp_path: Path) -> Iterator[Callable[[], Carrier]]:
    made: list[Carrier] = []

    def make() -> Carrier:
        made.append(Carrier(Store(tmp_path / "carried.db"), SECRET, lambda: NOW))
        return made[-1]

    yield make
    for each in made:
        each.stop()


def test_a_webhook_waits_while_our_house_is_away_and_outlives_a_restart(
    carrier_of: Callable[[], Carrier], tmp_path: Path, ear: Ear
) -> None:
    store, start = Store(tmp_path / "carried.db"), time.time()
    with store.writing() as db:
        write_down(db, f"{ear.address}/hooks", "orders/create", {"key": "o-1"})
    ear.says = "busy"
    assert [carrier_of().carry(start + after) for after in (1, 1, 3)] == [1, 0, 1]
    ear.says = "accept"
    again = carrier_of()
    assert [again.carry(start + after) for after in (60, 120)] == [1, 0]
    assert len({h[signing.DELIVERY] for _, h, _ in ear.heard}) == 1
    assert [json.loads(body) for _, _, body in ear.heard] == [{"key": "o-1"}] * 3


def test_a_webhook_is_given_up_after_an_hour(
    carrier_of: Callable[[], Carrier], tmp_path: Path, ear: Ear
) -> None:
    store, start, carrier = Store(tmp_path / "carried.db"), time.time(), carrier_of()
    with store.writing() as db:
        write_down(db, f"{ear.address}/hooks", "orders/create", {"key": "o-1"})
    ear.says = "refuse"
    carried = sum(carrier.carry(start + seconds) for seconds in range(1, 7200, 10))
    assert 55 <= carried <= 75
    assert carrier.carry(start + 90_000) == 0


def test_two_carriers_never_carry_the_same_webhook_at_once(
    carrier_of: Callable[[], Carrier], tmp_path: Path, ear: Ear
) -> None:
    store, start = Store(tmp_path / "carried.db"), time.time() + 1
    with store.writing() as db:
        for number in range(40):
            write_down(db, f"{ear.address}/hooks", "orders/create", {"key": number})
    threads = [threading.Thread(target=carrier_of().carry, args=(start,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(json.loads(body)["key"] for _, _, body in ear.heard) == list(range(40))


def test_a_webhook_is_written_down_only_with_what_caused_it(tmp_path: Path) -> None:
    store = Store(tmp_path / "carried.db")
    with pytest.raises(sqlite3.IntegrityError), store.writing() as db:
        write_down(db, "http://us.test/hooks", "orders/create", {})
        db.execute("INSERT INTO lines (cart, product, quantity) VALUES ('c', 'mug', 0)")
    with store.reading() as db:
        assert db.execute("SELECT count(*) FROM deliveries").fetchone()[0] == 0


def _only_cart(shop: SandboxShop) -> Cart:
    (page,) = shop.changed_since(None, NOW)
    (cart,) = page.seen
    assert isinstance(cart, Cart)
    return cart
