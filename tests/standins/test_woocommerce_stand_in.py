"""The stand-in answers as the real shops did; the connector's tests lean on it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from woocommerce import API

from connectors.protocols import Connection
from connectors.woocommerce import WooCommerceShop, is_ping
from connectors.woocommerce.subscriptions import TOPICS
from recovery.model import Cart, CartGone, Order, OrderGone
from tests.standins.woocommerce import WooCommerceStandIn


@pytest.fixture
def woo() -> Iterator[WooCommerceStandIn]:
    with WooCommerceStandIn() as found:
        yield found


class Door:
    """Where webhooks arrive: keeps what came and answers `status`."""

    def __init__(self) -> None:
        self.came: list[tuple[dict[str, str], bytes]] = []
        self.status = 200
        door = self

        class Lines(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                door.came.append((dict(self.headers), body))
                self.send_response(door.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Lines)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks/woocommerce/pots"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def topics(self) -> list[str]:
        return [headers["X-WC-Webhook-Topic"] for headers, _ in self.came]


@pytest.fixture
def door() -> Iterator[Door]:
    found = Door()
    yield found
    found.close()


def client(woo: WooCommerceStandIn, **more: Any) -> API:
    return API(woo.address, woo.consumer_key, woo.consumer_secret, timeout=5, **more)


def connected(woo: WooCommerceStandIn) -> WooCommerceShop:
    keys = {"consumer_key": woo.consumer_key, "consumer_secret": woo.consumer_secret}
    return WooCommerceShop(Connection("pots", woo.address, {**keys, "webhook_secret": "tea"}))


def subscribed(woo: WooCommerceStandIn, door: Door) -> WooCommerceShop:
    shop = connected(woo)
    shop.keep_subscriptions(door.url)
    woo.hooks.settle()
    door.came.clear()
    return shop


def visit(woo: WooCommerceStandIn) -> None:
    requests.get(f"{woo.address}/wp-cron.php", timeout=5)
    woo.hooks.settle()


# -- who may speak -----------------------------------------------------------------------


def test_basic_over_http_is_not_enough(woo: WooCommerceStandIn) -> None:
    auth = (woo.consumer_key, woo.consumer_secret)
    got = requests.get(f"{woo.address}/wp-json/wc/v3/orders", auth=auth, timeout=5)
    assert (got.status_code, got.json()["code"]) == (401, "woocommerce_rest_cannot_view")


def test_the_client_signs_as_the_shop_reads(woo: WooCommerceStandIn) -> None:
    got = client(woo).get(
        "orders", params={"status": "any", "modified_after": "2020-01-01T00:00:00"}
    )
    assert (got.status_code, got.json()) == (200, [])
    assert got.headers["X-WP-Total"] == "0"


@pytest.mark.parametrize(
    ("key", "secret", "code"),
    [
        ("ck_" + "a" * 40, "cs_no", "woocommerce_rest_authentication_error"),
        ("ck_" + "z" * 40, "cs_no", "woocommerce_rest_cannot_view"),
    ],
)
def test_a_wrong_secret_and_an_unknown_key_are_told_apart(
    woo: WooCommerceStandIn, key: str, secret: str, code: str
) -> None:
    got = API(woo.address, key, secret).get("orders")
    assert (got.status_code, got.json()["code"]) == (401, code)


def test_a_signature_is_good_once(woo: WooCommerceStandIn) -> None:
    url = client(woo).get("orders").request.url
    again = requests.get(url, timeout=5)
    assert (again.status_code, again.json()["message"][:13]) == (401, "Invalid nonce")


def test_a_read_only_key_does_not_write(woo: WooCommerceStandIn) -> None:
    key = woo.read_only_key
    api = API(woo.address, key.consumer_key, key.consumer_secret)
    assert api.get("orders").status_code == 200
    got = api.post("coupons", {"code": "x"})
    assert (got.status_code, got.json()["code"]) == (401, "woocommerce_rest_authentication_error")


# -- lists -----------------------------------------------------------------------------------


def test_times_are_read_as_the_real_shop_in_kolkata_read_them() -> None:
    at = datetime(2026, 11, 22, 4, 46, 16, tzinfo=UTC)
    with WooCommerceStandIn(timezone="Asia/Kolkata") as woo:
        order = woo.shop.place_order()
        woo.shop.orders[order]["modified"] = at

        def found(moment: datetime, *, z: bool = False, flag: bool = False) -> int:
            params: dict[str, Any] = {"modified_after": moment.strftime("%Y-%m-%dT%H:%M:%S")}
            params["modified_after"] += "Z" if z else ""
            params |= {"dates_are_gmt": "true"} if flag else {}
            return len(client(woo).get("orders", params=params).json())

        before, after = at - timedelta(seconds=30), at + timedelta(seconds=30)
        assert found(before) == found(after) == 1, "without the flag it is shop-local"
        assert (found(before, flag=True), found(after, flag=True)) == (1, 0)
        assert found(before, z=True) == 1
        assert found(before, z=True, flag=True) == 0, "both at once shift it twice"
        assert found(at, flag=True) == 0, "exclusive"


def test_any_leaves_drafts_out_now_and_did_not_before() -> None:
    for version, count in (("10.9.2", 1), ("9.9.5", 2)):
        with WooCommerceStandIn(version=version) as woo:
            woo.shop.place_order("checkout-draft")
            woo.shop.place_order()
            assert len(client(woo).get("orders", params={"status": "any"}).json()) == count
            drafts = client(woo).get("orders", params={"status": "checkout-draft"}).json()
            assert len(drafts) == 1


@pytest.mark.parametrize("params", [{"per_page": 101}, {"per_page": 0}, {"status": "unknown"}])
def test_parameters_out_of_bounds_are_a_400(
    woo: WooCommerceStandIn, params: dict[str, Any]
) -> None:
    got = client(woo).get("orders", params=params)
    assert (got.status_code, got.json()["code"]) == (400, "rest_invalid_param")


def test_over_http_the_next_page_repeats_the_signature(woo: WooCommerceStandIn) -> None:
    for _ in range(3):
        woo.shop.place_order()
    got = client(woo).get("orders", params={"per_page": 2})
    assert (got.headers["X-WP-Total"], got.headers["X-WP-TotalPages"]) == ("3", "2")
    assert "oauth_signature" in got.links["next"]["url"]
    assert requests.get(got.links["next"]["url"], timeout=5).status_code == 401


def test_things_that_are_not_there_are_a_404(woo: WooCommerceStandIn) -> None:
    got = client(woo).get("orders/999999")
    assert (got.status_code, got.json()["code"]) == (404, "woocommerce_rest_shop_order_invalid_id")
    assert client(woo).get("teapots").json()["code"] == "rest_no_route"


# -- coupons ------------------------------------------------------------------------------------


def made(woo: WooCommerceStandIn, **row: Any) -> Any:
    return client(woo).post("coupons", {"amount": "1", **row}).json()


def test_the_date_in_gmt_is_ignored_and_nonsense_never_ends(woo: WooCommerceStandIn) -> None:
    assert made(woo, code="a", date_expires_gmt="2027-01-05T12:00:00")["date_expires_gmt"] is None
    assert made(woo, code="b", date_expires="soon")["date_expires_gmt"] is None


@pytest.mark.parametrize(
    ("told", "gmt"),
    [
        ("2027-01-05T12:00:00", "2027-01-05T06:30:00"),
        ("2027-01-05", "2027-01-04T18:30:00"),
        ("2027-01-05T12:00:00Z", "2027-01-05T12:00:00"),
        ("2027-01-05T12:00:00+00:00", "2027-01-05T12:00:00"),
    ],
)
def test_a_coupons_end_is_shop_local_unless_it_has_an_offset(told: str, gmt: str) -> None:
    with WooCommerceStandIn(timezone="Asia/Kolkata") as woo:
        assert made(woo, code="a", date_expires=told)["date_expires_gmt"] == gmt


def test_codes_are_lower_case_and_unique(woo: WooCommerceStandIn) -> None:
    row = made(woo, code="WA-Abc", email_restrictions=["Abby@Example.com"])
    assert (row["code"], row["email_restrictions"]) == ("wa-abc", ["abby@example.com"])
    assert made(woo, code="wa-ABC")["code"] == "woocommerce_rest_coupon_code_already_exists"
    assert made(woo, code="x", discount_type="percent", amount="101")["data"]["status"] == 400


# -- webhooks -------------------------------------------------------------------------------------


def test_a_new_webhook_pings_at_once_unsigned(woo: WooCommerceStandIn, door: Door) -> None:
    row = client(woo).post(
        "webhooks", {"topic": "order.created", "delivery_url": door.url, "secret": "tea"}
    )
    assert row.status_code == 201
    assert "secret" not in row.json()
    ((headers, body),) = door.came
    assert is_ping(headers, body)


def test_nothing_is_delivered_until_somebody_visits(woo: WooCommerceStandIn, door: Door) -> None:
    shop = subscribed(woo, door)
    order = woo.shop.place_order("pending")
    assert door.came == []
    visit(woo)
    assert door.topics() == ["order.updated", "order.created"], "updated before created"
    for headers, body in door.came:
        shop.verify(headers, body)
        (cart,) = shop.read(headers, body, datetime.now(UTC))
        assert isinstance(cart, Cart)
        assert cart.key == f"order:{order}"


def test_a_poll_of_ours_is_a_visit(woo: WooCommerceStandIn, door: Door) -> None:
    shop = subscribed(woo, door)
    woo.shop.place_order()
    list(shop.changed_since(None, datetime.now(UTC)))
    woo.hooks.settle()
    assert door.topics() == ["order.updated", "order.created"]


def test_the_body_is_the_state_at_delivery_and_quick_changes_are_one(
    woo: WooCommerceStandIn, door: Door
) -> None:
    shop = subscribed(woo, door)
    order = woo.shop.place_order("pending")
    for status in ("processing", "completed"):
        woo.shop.set_status(order, status)
    visit(woo)
    assert door.topics() == ["order.updated", "order.created"]
    for headers, body in door.came:
        (found,) = shop.read(headers, body, datetime.now(UTC))
        assert isinstance(found, Order)
        assert found.platform_state == "completed"


def test_the_signature_is_over_the_raw_body_with_its_escaped_slashes(
    woo: WooCommerceStandIn, door: Door
) -> None:
    subscribed(woo, door)
    woo.shop.place_order("pending")
    visit(woo)
    headers, body = door.came[0]
    assert b"http:\\/\\/127.0.0.1" in body
    told = base64.b64encode(hmac.new(b"tea", body, hashlib.sha256).digest()).decode()
    assert headers["X-WC-Webhook-Signature"] == told


def test_a_trashed_order_is_an_id_and_coming_back_is_no_restored(
    woo: WooCommerceStandIn, door: Door
) -> None:
    shop = subscribed(woo, door)
    order = woo.shop.place_order("pending")
    visit(woo)
    door.came.clear()
    woo.shop.trash(order)
    visit(woo)
    ((headers, body),) = door.came
    assert json.loads(body) == {"id": order}
    assert shop.read(headers, body, datetime.now(UTC)) == (
        OrderGone(str(order)),
        CartGone((f"order:{order}",)),
    )
    door.came.clear()
    woo.shop.untrash(order)
    visit(woo)
    assert door.topics() == ["order.updated"]


def test_an_order_gone_before_its_delivery_is_an_error_in_its_place(
    woo: WooCommerceStandIn, door: Door
) -> None:
    shop = subscribed(woo, door)
    order = woo.shop.place_order("pending")
    woo.shop.delete(order)
    visit(woo)
    bodies = {headers["X-WC-Webhook-Topic"]: body for headers, body in door.came}
    assert json.loads(bodies["order.updated"])["data"]["status"] == 404
    read = [shop.read(headers, body, datetime.now(UTC)) for headers, body in door.came]
    assert read.count(()) == 2


def test_the_seventh_failure_in_a_row_disables_and_we_revive(
    woo: WooCommerceStandIn, door: Door
) -> None:
    shop = subscribed(woo, door)
    order = woo.shop.place_order()
    visit(woo)
    door.status = 500
    (updated,) = [row for row in woo.hooks.all.values() if row["topic"] == "order.updated"]
    for n in range(7):
        assert updated["status"] == "active", f"after {n} failures"
        woo.shop.edit(order)
        visit(woo)
    assert updated["status"] == "disabled"
    door.status = 200
    door.came.clear()
    woo.shop.edit(order)
    visit(woo)
    assert door.came == [], "lost, and never repeated"
    assert shop.keep_subscriptions(door.url) == 1
    woo.shop.edit(order)
    visit(woo)
    assert door.topics() == ["order.updated"]
    assert updated["failures"] == 0


def test_a_failure_is_not_repeated(woo: WooCommerceStandIn, door: Door) -> None:
    subscribed(woo, door)
    door.status = 500
    woo.shop.place_order()
    visit(woo)
    visit(woo)
    assert len(door.came) == 2


@pytest.mark.parametrize(
    ("weather", "count"), [({"lost": 1.0}, 0), ({"doubled": 1.0}, 4), ({"delay": 60.0}, 0)]
)
def test_deliveries_are_lost_doubled_and_late_on_demand(
    woo: WooCommerceStandIn, door: Door, weather: dict[str, float], count: int
) -> None:
    subscribed(woo, door)
    for name, value in weather.items():
        setattr(woo.weather, name, value)
    woo.shop.place_order()
    visit(woo)
    assert len(door.came) == count
    woo.ahead = timedelta(seconds=61)
    visit(woo)
    assert len(door.came) == (2 if "delay" in weather else count)


def test_deliveries_change_their_order_on_demand(woo: WooCommerceStandIn, door: Door) -> None:
    subscribed(woo, door)
    woo.weather.reordered = True
    made = [woo.shop.place_order() for _ in range(8)]
    visit(woo)
    came = [json.loads(body)["id"] for _, body in door.came]
    assert sorted(set(came)) == made
    assert came != sorted(came)


def test_every_topic_of_ours_is_one_the_stand_in_could_send(woo: WooCommerceStandIn) -> None:
    kinds = {topic.partition(".")[0] for topic in TOPICS}
    assert all(hasattr(woo.shop, f"{kind}s") for kind in kinds)


# -- wc-auth ---------------------------------------------------------------------------------------

ASK = {
    "app_name": "Relance",
    "scope": "read_write",
    "user_id": "q7Hk",
    "return_url": "http://r.example/done?x=1",
    "callback_url": "https://r.example/cb",
}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"callback_url": "http://r.example/cb"}, "The callback_url needs to be over SSL."),
        ({"scope": ""}, "Missing parameter scope."),
        ({"scope": "admin"}, "Invalid scope admin."),
        ({"user_id": ""}, "Missing parameter user_id."),
        ({"user_id": "0"}, "Missing parameter user_id."),
        ({"return_url": "http:///nope"}, "is not a valid URL."),
    ],
)
def test_wc_auth_refuses_what_the_real_one_refuses(
    woo: WooCommerceStandIn, changes: dict[str, str], words: str
) -> None:
    got = requests.get(f"{woo.address}/wc-auth/v1/authorize", params={**ASK, **changes}, timeout=5)
    assert got.status_code == 401
    assert words in got.text


def granted(woo: WooCommerceStandIn) -> requests.Response:
    """Go the merchant's way: log in, approve."""
    with requests.Session() as browser:
        page = browser.get(f"{woo.address}/wc-auth/v1/authorize", params=ASK, timeout=5)
        assert "wc-auth-login" in page.text
        page = browser.post(page.url, timeout=5)
        assert "would like to connect" in page.text
        link = page.text.split('href="')[1].split('"')[0].replace("&amp;", "&")
        return browser.get(f"{woo.address}{link}", timeout=5, allow_redirects=False)


class Taken:
    """Stands for the callback's https server: patched at the wire, by requests.post."""

    bodies: ClassVar[list[dict[str, Any]]] = []

    def __init__(self, status: int) -> None:
        self.status_code = status

    def __enter__(self) -> Taken:
        return self

    def __exit__(self, *_: object) -> None:
        return


@pytest.mark.parametrize("status", [200, 201, 302, 500])
def test_only_a_200_to_the_callback_keeps_the_keys(
    woo: WooCommerceStandIn, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    came: list[dict[str, Any]] = []

    def post(url: str, **what: Any) -> Taken:
        if url == ASK["callback_url"]:
            came.append(what["json"])
            return Taken(status)
        raise requests.ConnectionError(url)

    monkeypatch.setattr("tests.standins.woocommerce.authorize.requests.post", post)
    before = set(woo.keys)
    got = granted(woo)
    (row,) = came
    assert set(row) == {"key_id", "user_id", "consumer_key", "consumer_secret", "key_permissions"}
    assert row["user_id"] == "q7Hk"
    if status == 200:
        assert got.status_code == 302
        assert parse_qs(urlsplit(got.headers["Location"]).query) == {
            "x": ["1"],
            "success": ["1"],
            "user_id": ["q7Hk"],
        }
        assert row["consumer_key"] in woo.keys
        new = API(woo.address, row["consumer_key"], row["consumer_secret"])
        assert new.get("orders").status_code == 200
    else:
        assert got.status_code == 401
        assert set(woo.keys) == before


# -- pages for shoppers ---------------------------------------------------------------------------------


def test_a_guests_order_opens_for_whoever_holds_its_link(woo: WooCommerceStandIn) -> None:
    guest, member = woo.shop.place_order("pending"), woo.shop.place_order("pending", customer_id=5)
    rows = {row["id"]: row for row in client(woo).get("orders").json()}
    assert "Pay for order" in requests.get(rows[guest]["payment_url"], timeout=5).text
    assert "log in" in requests.get(rows[member]["payment_url"], timeout=5).text
    woo.shop.pay(guest)
    assert requests.get(rows[guest]["payment_url"], timeout=5).status_code == 404


def test_opening_the_checkout_makes_a_draft_only_in_the_older_version() -> None:
    for version, drafts in (("10.9.2", 0), ("9.9.5", 1)):
        with WooCommerceStandIn(version=version) as woo:
            woo.shop.open_checkout(email="a@pots.example")
            assert len(woo.shop.orders) == drafts


def test_a_draft_keeps_its_id_when_it_is_placed(door: Door) -> None:
    with WooCommerceStandIn(version="9.9.5") as woo:
        subscribed(woo, door)
        draft = woo.shop.open_checkout(email="a@pots.example")
        assert draft is not None
        visit(woo)
        assert door.topics() == ["order.updated"], "a draft is never announced as created"
        woo.shop.place_draft(draft)
        visit(woo)
        assert door.topics() == ["order.updated", "order.updated", "order.created"]
        assert {json.loads(body)["id"] for _, body in door.came} == {draft}
