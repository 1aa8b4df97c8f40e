"""The plugin's shop to programs: REST as our own client asks it, webhooks, cron, a real browser."""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, Request, sync_playwright

from connectors.protocols import AccountStopped, Connection
from connectors.woocommerce.client import Rest
from tests.standins.wordpress.shop import Shop


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with Shop.start() as started:
        yield started
        assert started.log() == ""  # WP_DEBUG is on: not one notice of PHP


@pytest.fixture(scope="module")
def rest(shop: Shop) -> Rest:
    key, secret = shop.api_key()
    credentials = {"consumer_key": key, "consumer_secret": secret}
    return Rest(Connection("x", shop.url, credentials, {"allow_private": "1"}))


def test_our_own_client_is_let_in_by_its_signature(shop: Shop, rest: Rest) -> None:
    shop.staff_order(billing={"email": "desk@example.com"}, status="processing")
    rows = rest.get("orders", per_page=1, status="any").rows()
    assert rows[0]["billing"]["email"] == "desk@example.com"
    assert rows[0]["created_via"] == "admin"


def test_a_wrong_secret_and_an_unknown_key_are_401(shop: Shop) -> None:
    key, _ = shop.api_key()
    for known in (key, "ck_nobody"):
        credentials = {"consumer_key": known, "consumer_secret": "cs_wrong"}
        stranger = Rest(Connection("x", shop.url, credentials, {"allow_private": "1"}))
        with pytest.raises(AccountStopped):
            stranger.get("orders", per_page=1).rows()
    plain = requests.get(f"{shop.url}/wp-json/wc/v3/orders", auth=(key, "x"), timeout=30)
    assert plain.status_code == 401
    assert plain.json()["code"] == "woocommerce_rest_cannot_view"


def test_modified_after_is_exclusive_and_pages_are_counted(shop: Shop, rest: Rest) -> None:
    shop.staff_order(billing={"email": "late@example.com"}, status="processing")
    newest = rest.get("orders", per_page=1, orderby="modified").rows()[0]["date_modified_gmt"]
    args = {"dates_are_gmt": "true", "orderby": "modified", "order": "asc"}
    before = datetime.fromisoformat(newest).replace(tzinfo=UTC) - timedelta(seconds=1)
    just = rest.get("orders", modified_after=before.isoformat()[:19], **args)
    assert [row["billing"]["email"] for row in just.rows()][-1] == "late@example.com"
    assert rest.get("orders", modified_after=newest, **args).rows() == []
    answer = rest.get("orders", per_page=1, page=1)
    assert len(answer.rows()) == 1


def test_drafts_are_not_among_any_status(shop: Shop, rest: Rest) -> None:
    shop.staff_order(status="checkout-draft", created_via="store-api")
    rows = rest.get("orders", per_page=100, status="any").rows()
    assert not any(row["status"] == "checkout-draft" for row in rows)
    drafts = rest.get("orders", status="checkout-draft").rows()
    assert drafts


def test_a_coupon_by_rest_ignores_the_gmt_date(rest: Rest) -> None:
    row = rest.post(
        "coupons", {"code": "Via-Rest", "amount": "5", "date_expires_gmt": "2030-01-01T00:00:00"}
    ).row()
    assert row["code"] == "via-rest" and row["date_expires"] is None
    dated = {"code": "dated", "amount": "5", "date_expires": "2030-01-01T00:00:00"}
    assert rest.post("coupons", dated).row()["date_expires"] == "2030-01-01T00:00:00"


def test_settings_and_state_are_told(rest: Rest) -> None:
    settings = {row["id"]: row["value"] for row in rest.get("settings/general").rows()}
    assert settings["woocommerce_currency"] == "EUR"
    assert settings["woocommerce_default_country"] == "FR"
    state = rest.get("system_status", _fields="environment").row()
    assert state["environment"]["language"] == "en_US"
    assert rest.index().row()["timezone_string"] == "Europe/Paris"


def test_webhooks_wait_for_cron_and_tell_the_state_of_then(shop: Shop, rest: Rest) -> None:
    with listening() as (url, heard):
        row = rest.post(
            "webhooks", {"topic": "order.created", "delivery_url": url, "secret": "s3"}
        ).row()
        assert "secret" not in row and heard[0][1] == f"webhook_id={row['id']}".encode()
        order = shop.staff_order(billing={"email": "hook@example.com"})
        shop.set_status(order, "completed")
        assert len(heard) == 1
        shop.run_cron()
        headers, body = heard[1]
        assert headers["X-WC-Webhook-Topic"] == "order.created"
        assert headers["X-WC-Webhook-Signature"] == signed(body, "s3")
        assert b'"status":"completed"' in body and b"\\/" in body


# -- Action Scheduler ---------------------------------------------------------------------------


def test_actions_run_in_cron_and_never_twice(shop: Shop) -> None:
    shop.php("as_enqueue_async_action('standin_test', array(1), 'g', true);")
    assert shop.php("return as_enqueue_async_action('standin_test', array(1), 'g', true);") == 0
    assert shop.php("return as_has_scheduled_action('standin_test', array(1), 'g');") is True
    shop.run_cron()
    (row,) = shop.actions("standin_test")
    assert row["status"] == "failed" and "no callbacks are registered" in row["said"]
    shop.php("as_schedule_single_action(time() + 600, 'standin_test', array(2), 'g');")
    shop.run_cron()
    assert shop.actions("standin_test")[-1]["status"] == "pending"
    shop.php("as_unschedule_all_actions('standin_test');")
    assert shop.actions("standin_test")[-1]["status"] == "canceled"


def test_rest_and_cron_have_no_cart_of_their_own(shop: Shop) -> None:
    code = "add_action('standin_probe', function () {});"
    assert shop.php(f"{code} return WC()->cart instanceof WC_Cart;") is True
    answer = requests.get(f"{shop.url}/wp-json/", timeout=30)
    assert not answer.cookies


def signed(body: bytes, secret: str) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


@contextmanager
def listening() -> Iterator[tuple[str, list[tuple[Any, bytes]]]]:
    """An address that takes posts, and what it heard."""
    heard: list[tuple[Any, bytes]] = []

    class Ear(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append((self.headers, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Ear) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/hook", heard
        server.shutdown()
        thread.join()


# -- a real browser -----------------------------------------------------------------------------


def test_the_block_checkout_sends_what_is_typed_and_orders(shop: Shop) -> None:
    shirt = shop.add_product("Shirt", "25.00", stock=9)
    with ThreadPoolExecutor(1) as own_thread:  # another Playwright may live in this one
        sent, address = own_thread.submit(order_by_block, shop, shirt.id).result()
    assert "/checkout/order-received/" in address
    assert any("cart/update-customer" in body and "+33612345678" in body for body in sent)
    order = shop.orders()[-1]
    assert (order["status"], order["created_via"]) == ("processing", "store-api")
    assert order["billing"]["email"] == "a@etu.univ-grenoble-alpes.fr"


def order_by_block(shop: Shop, product: int) -> tuple[list[str], str]:
    """Type everything and press the button; the bodies of the batches, the last address."""
    batches: list[str] = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        page = chromium.new_page()
        page.on("requestfinished", lambda one: note(one, batches))
        page.goto(f"{shop.url}/?add-to-cart={product}")
        page.goto(f"{shop.url}/checkout/")
        fill(page)
        with page.expect_response("**/wc/store/v1/batch**"):
            page.fill("#shipping-phone", "+33612345678")
        page.check("#radio-control-wc-payment-method-options-cod")
        page.click(".wc-block-components-checkout-place-order-button")
        page.wait_for_url("**/order-received/**")
        address = page.url
        chromium.close()
    return batches, address


def note(request: Request, batches: list[str]) -> None:
    if "/batch" in request.url:
        batches.append(request.post_data or "")


def fill(page: Page) -> None:
    """Contact and address, without a phone."""
    page.fill("#email", "a@etu.univ-grenoble-alpes.fr")
    typed = {"first_name": "Noor", "last_name": "Vale", "address_1": "3 rue du Nord"}
    for name, text in (typed | {"postcode": "59000", "city": "Lille"}).items():
        page.fill(f"#shipping-{name}", text)


# -- MariaDB and other WordPresses ----------------------------------------------------------------


@pytest.mark.parametrize(("wordpress", "database"), [("6.5", "mysql"), ("6.4", "sqlite")])
def test_the_shop_stands_on_other_ground_too(wordpress: str, database: str) -> None:
    with Shop.start(wordpress=wordpress, database=database) as other:
        shirt = other.add_product("Shirt", "25.00", stock=9)
        browser = other.browser()
        browser.post(shirt.link, data={"add-to-cart": shirt.id, "quantity": 2}, timeout=30)
        assert "57.50" in browser.get(f"{other.url}/classic-checkout/", timeout=30).text
        other.run_cron()
        assert other.php("return get_bloginfo('version');").startswith(wordpress)
        assert other.log() == ""
