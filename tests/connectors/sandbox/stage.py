"""What the sandbox's tests stand on: a running sandbox, somebody who listens, a shopper."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests
from flask import Flask
from flask.testing import FlaskClient

from connectors.protocols import Connection
from connectors.sandbox import signing
from connectors.sandbox.store import Store
from recovery.model import Channel, Message

SECRET = "sesame"
PHONE = "06 12 34 56 78"
BEARER = {"Authorization": f"Bearer {SECRET}"}
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


# The pages, without a line.


class Clock:
    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at

    def forward(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def checkouts(app: Flask) -> list[dict[str, Any]]:
    answer = app.test_client().get("/api/changes", headers=BEARER)
    return [each["content"] for each in answer.json["changes"] if each["kind"] == "checkout"]


def told(store: Store) -> list[tuple[str, dict[str, Any]]]:
    """Topic and content of every webhook that was written down."""
    with store.reading() as db:
        found = db.execute("SELECT topic, body FROM deliveries ORDER BY id").fetchall()
    return [(row["topic"], json.loads(row["body"])) for row in found]


def page(browser: FlaskClient, path: str) -> str:
    return browser.get(path, follow_redirects=True).text


def leave_a_cart(browser: FlaskClient, **given: object) -> str:
    """Leave a cart with a number and a ticked box; its key."""
    browser.post("/cart/add", data={"product": "mug"})
    browser.get("/checkout")
    browser.post("/checkout/save", json={"first_name": "Ada", "phone": PHONE, "sms": True} | given)
    with browser.session_transaction() as session:
        return str(session["cart"])


def put_text(app: Flask, number: str, text: str = "Hello") -> int:
    content = {"reference": "r-1", "to": number, "from": "SANDBOX", "text": text}
    return app.test_client().post("/api/messages", json=content, headers=BEARER).status_code
