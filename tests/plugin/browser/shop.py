"""A shop on loopback: serves the two checkouts and writes down what the script sends."""

from __future__ import annotations

import gzip
import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.plugin.browser.pages import HERE, Setting, page

SCRIPT = HERE.parents[2] / "in_shop" / "wordpress" / "relance" / "assets" / "capture.js"
FRAGMENTS = {
    ".woocommerce-checkout-review-order-table": (
        '<table class="shop_table woocommerce-checkout-review-order-table">'
        '<tr class="order-total"><td>2</td></tr></table>'
    ),
    ".woocommerce-checkout-payment": (
        '<div id="payment" class="woocommerce-checkout-payment"><button type="submit"'
        ' class="button alt" id="place_order">Place order</button></div>'
    ),
}


@dataclass
class Capture:
    """One request that the script sent: from which page, and which of its posts."""

    body: dict[str, Any]
    page: str
    count: int
    nonce: str
    content_type: str
    cookie: str
    at: float = field(default_factory=time.monotonic)


class Shop:
    """Answers `?wc-ajax=relance_capture` as told; remembers every request."""

    def __init__(self) -> None:
        self.setting = Setting()
        self.captures: list[Capture] = []
        self.orders: list[dict[str, Any]] = []
        self.answers: list[tuple[int, Any]] = []  # the next ones; then 200
        self.answered = 0
        self.hold: threading.Event | None = None  # an answer waits for it
        self.refuses_orders = False
        self.served: list[tuple[str, int]] = []
        self._news = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _visitor_of(self))
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """No more visitors."""
        if self.hold:
            self.hold.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def begin(self, setting: Setting) -> None:
        """As on the first day, with these settings."""
        self.setting = setting
        self.captures.clear()
        self.orders.clear()
        self.answers.clear()
        self.served.clear()
        self.hold = None
        self.answered = 0
        self.refuses_orders = False

    def wait_for(self, count: int, timeout: float = 10.0) -> list[dict[str, Any]]:
        """The bodies, once there are `count` of them. Fails when there are not."""
        with self._news:
            came = self._news.wait_for(lambda: len(self.captures) >= count, timeout)
        bodies = [each.body for each in self.captures]
        assert came, f"{len(bodies)} requests came, not {count}: {bodies}"
        return bodies

    def take(self, capture: Capture) -> tuple[int, Any]:
        """Write it down, and say what it is answered."""
        with self._news:
            self.captures.append(capture)
            self._news.notify_all()
            status, body = self.answers.pop(0) if self.answers else (200, {"ok": True})
        if self.hold:
            self.hold.wait(10)
        return status, body

    def note_answered(self) -> None:
        """One more capture has its answer."""
        with self._news:
            self.answered += 1
            self._news.notify_all()

    def wait_until_answered(self) -> None:
        """Every capture that came has its answer."""
        with self._news:
            assert self._news.wait_for(lambda: self.answered >= len(self.captures), 10)

    def customer(self) -> dict[str, Any]:
        """The customer as the Store API tells the block checkout."""
        known = dict(self.setting.known)
        billing = {"country": "FR", **known}
        shipping = {key: value for key, value in billing.items() if key != "email"}
        return {"billing_address": billing, "shipping_address": shipping}


def _visitor_of(shop: Shop) -> type[BaseHTTPRequestHandler]:
    class Visitor(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(*_get(shop, urlsplit(self.path).path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            parts = urlsplit(self.path)
            called = parse_qs(parts.query).get("wc-ajax", [parts.path])[0]
            if called == "relance_capture":
                said = json.loads(body)
                page_view, count = said.pop("page"), said.pop("n")
                capture = Capture(
                    said,
                    page_view,
                    count,
                    self.headers.get("X-Relance-Nonce", ""),
                    self.headers.get("Content-Type", ""),
                    self.headers.get("Cookie", ""),
                )
                status, answer = shop.take(capture)
                self._answer(status, "application/json", json.dumps(answer).encode())
                shop.note_answered()
                return
            status, answer = _post(shop, called, body)
            self._answer(status, "application/json", json.dumps(answer).encode())

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            if body and "gzip" in self.headers.get("Accept-Encoding", ""):
                body = gzip.compress(body, 6)
                self.send_header("Content-Encoding", "gzip")
            shop.served.append((self.path, len(body)))
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(0 if status == 204 else len(body)))
            kept = "max-age=600" if self.path.startswith("/js/") else "no-store"
            self.send_header("Cache-Control", kept)
            self.end_headers()
            if status != 204:
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing: an access log would only stand between the tests' lines."""

    return Visitor


FILES = {
    "/assets/capture.js": SCRIPT,
    "/js/jquery.js": HERE / "node_modules" / "jquery" / "dist" / "jquery.min.js",
    "/js/block.js": HERE / "dist" / "block.js",
    "/js/classic.js": HERE / "src" / "classic.js",
}


def _get(shop: Shop, path: str) -> tuple[int, str, bytes]:
    if path in FILES:
        return 200, "text/javascript; charset=utf-8", Path(FILES[path]).read_bytes()
    if path in {"/checkout/block", "/checkout/classic"}:
        text = page(path.endswith("block"), shop.setting)
        return 200, "text/html; charset=utf-8", text.encode()
    if path == "/wp-json/wc/store/v1/cart":
        return 200, "application/json", json.dumps(shop.customer()).encode()
    if path in {"/elsewhere", "/order-received/24/"}:
        return 200, "text/html; charset=utf-8", b"<!doctype html><title>Another page</title>"
    return 404, "text/plain", b""


def _post(shop: Shop, called: str, body: bytes) -> tuple[int, Any]:
    if called == "update_order_review":
        return 200, {"result": "success", "fragments": FRAGMENTS}
    if called in {"checkout", "/wp-json/wc/store/v1/checkout"}:
        form = called == "checkout"
        shop.orders.append(
            {key: each[0] for key, each in parse_qs(body.decode()).items()}
            if form
            else json.loads(body)
        )
        if shop.refuses_orders:
            return 200, {"result": "failure"} if form else {"code": "woocommerce_rest_error"}
        return 200, {"result": "success", "redirect": "/order-received/24/"}
    return 404, {}
