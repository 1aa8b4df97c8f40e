"""Words for the Shopify tests: recordings, signed webhooks, and a server that says what it is told.

`Wire` is a real HTTP server on loopback: the connector under test opens real
connections to it, so that time-outs and dropped lines are real too.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import struct
import threading
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from connectors.protocols import Connection
from connectors.shopify import ShopifyShop
from recovery.model import Page, Seen

RECORDINGS = Path(__file__).parent.parent / "recordings" / "shopify"
SHOP = "teapots.myshopify.com"
SECRET = "shpss_made_up"
PREVIOUS = "shpss_made_up_before"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def recording(name: str) -> dict[str, Any]:
    return json.loads((RECORDINGS / f"{name}.json").read_text())


def connection(**options: str) -> Connection:
    return Connection(
        key="teapots",
        address=SHOP,
        credentials={"access_token": "shpat_made_up", "refresh_token": "shprt_made_up"},
        options={"api_key": "key", "api_secret": SECRET, "api_secret_previous": PREVIOUS} | options,
    )


def signature(body: bytes, secret: str = SECRET) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def signed(topic: str, body: bytes, secret: str = SECRET, **more: str) -> dict[str, str]:
    return {
        "X-Shopify-Topic": topic,
        "X-Shopify-Hmac-Sha256": signature(body, secret),
        "X-Shopify-Shop-Domain": SHOP,
        "X-Shopify-API-Version": "2026-07",
        "X-Shopify-Webhook-Id": "b54557e4-bdd9-4b37-8a5f-000000000001",
        "X-Shopify-Triggered-At": "2026-11-20T11:59:58.123456789Z",
    } | more


def read(topic: str, payload: Any, **more: str) -> tuple[Seen, ...]:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    shop, headers = ShopifyShop(connection()), signed(topic, body, **more)
    shop.verify(headers, body)
    return shop.read(headers, body, NOW)


def read_one(topic: str, payload: Any, **more: str) -> Any:
    (seen,) = read(topic, payload, **more)
    return seen


class Wire:
    """A server that gives the answers it was told, in their order, and keeps the requests."""

    DROPPED = object()

    def __init__(self) -> None:
        self.answers: deque[Any] = deque()
        self.requests: list[dict[str, Any]] = []
        self.date = "Fri, 20 Nov 2026 11:58:00 GMT"  # two minutes behind NOW
        wire = self

        class Door(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # else each answer waits 40 ms

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                request = {"path": self.path, "headers": dict(self.headers)}
                wire.requests.append(request | {"body": body, "json": json.loads(body)})
                wire._answer(self)

            def log_message(self, *args: Any) -> None:
                pass

            def date_time_string(self, timestamp: float | None = None) -> str:
                return wire.date

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def says(self, payload: Any, status: int = 200, **headers: str) -> None:
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        self.answers.append((status, body, headers))

    def gives(self, data: Any, left: float = 2000, asked: float = 50, **more: Any) -> None:
        """A GraphQL answer, with what it leaves of a bucket of 2,000 points at 100 a second."""
        status = {"maximumAvailable": 2000, "currentlyAvailable": left, "restoreRate": 100}
        cost = {"requestedQueryCost": asked, "actualQueryCost": 9, "throttleStatus": status}
        self.says({"data": data, "extensions": {"cost": cost}} | more)

    def drops_the_line(self) -> None:
        self.answers.append(self.DROPPED)

    def asked(self, index: int = -1) -> dict[str, Any]:
        return self.requests[index]["json"]

    @property
    def url(self) -> str:
        host, port = self.server.server_address[:2]
        return f"http://{host!s}:{port}"

    def shop(self, **options: str) -> ShopifyShop:
        return ShopifyShop(self.connection(**options))

    def connection(self, **options: str) -> Connection:
        return connection(host_override=self.url, **options)

    def _answer(self, door: BaseHTTPRequestHandler) -> None:
        answer = self.answers.popleft() if self.answers else (500, b"nothing told", {})
        if answer is self.DROPPED:
            linger = struct.pack("ii", 1, 0)  # close with a reset
            door.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            door.close_connection = True
            door.connection.close()
            return
        status, body, headers = answer
        door.send_response(status)
        for name, value in headers.items():
            door.send_header(name.replace("_", "-"), value)
        door.send_header("Content-Length", str(len(body)))
        door.end_headers()
        door.wfile.write(body)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def page(root: str, *nodes: Any, next_after: str | None = None) -> dict[str, Any]:
    info = {"hasNextPage": next_after is not None, "endCursor": next_after}
    return {root: {"pageInfo": info, "nodes": list(nodes)}}


def an_order(**changes: Any) -> dict[str, Any]:
    return recording("poll_order_node") | changes


def a_checkout(**changes: Any) -> dict[str, Any]:
    return recording("poll_checkout_node") | changes


def poll(shop: ShopifyShop, cursor: str | None = None, now: datetime = NOW) -> list[Page]:
    return list(shop.changed_since(cursor, now))


@pytest.fixture(name="wire")
def told_wire() -> Iterator[Wire]:
    wire = Wire()
    yield wire
    wire.close()


@pytest.fixture(name="shop")
def shop_on_the_wire(wire: Wire) -> Iterator[ShopifyShop]:
    shop = wire.shop()
    yield shop
    shop.close()
