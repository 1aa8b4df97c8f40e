"""A shop on loopback for a browser: the theme's page, its assets, /cart.js, the app proxy.

It writes down what the box posts, and answers what it is told.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from tests.shopify_embed.theme import EXTENSION, Shown, page

KINDS = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
NOTED = (200, {"ok": True, "what": "noted", "words": "Noted."})


@dataclass
class Posted:
    """One post of the box."""

    query: dict[str, str]
    fields: dict[str, str]
    kind: str


@dataclass
class Shop:
    """The shop as a test sets it up; `cart` is what /cart.js shows."""

    blocks: tuple[str, ...] = ("relance_box",)
    shown: Shown = field(default_factory=Shown)
    cart: dict[str, Any] = field(
        default_factory=lambda: {"token": "c1-abc?key=5ec4e7", "item_count": 2}
    )
    answer: tuple[int, Any] = NOTED
    posts: list[Posted] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    address: str = ""

    def __post_init__(self) -> None:
        shop = self
        self._told = threading.Condition()

        class Door(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                shop._get(self)

            def do_POST(self) -> None:
                shop._post(self)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def wait_for(self, count: int) -> list[Posted]:
        """Until the box has posted so often; AssertionError after five seconds."""
        with self._told:
            assert self._told.wait_for(lambda: len(self.posts) >= count, 5), self.posts
            return self.posts

    def _get(self, door: BaseHTTPRequestHandler) -> None:
        path = urlsplit(door.path).path
        self.asked.append(path)
        if path == "/cart.js":
            return _say(door, 200, json.dumps(self.cart).encode(), "application/json")
        if path.startswith("/assets/"):
            file = EXTENSION / "assets" / path.rsplit("/", 1)[1]
            return _say(door, 200, file.read_bytes(), KINDS[file.suffix])
        if path.startswith("/products/"):
            return _say(door, 200, page(self.blocks, self.shown).encode(), "text/html")
        return _say(door, 404, b"", "text/plain")

    def _post(self, door: BaseHTTPRequestHandler) -> None:
        body = door.rfile.read(int(door.headers["Content-Length"])).decode()
        address = urlsplit(door.path)
        self.asked.append(address.path)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        posted = Posted(query, dict(parse_qsl(body)), door.headers.get("Content-Type", ""))
        with self._told:
            self.posts.append(posted)
            self._told.notify_all()
        status, said = self.answer
        whole = said if isinstance(said, bytes) else json.dumps(said).encode()
        return _say(door, status, whole, "application/json")


def _say(door: BaseHTTPRequestHandler, status: int, body: bytes, kind: str) -> None:
    door.send_response(status)
    door.send_header("Content-Type", kind)
    door.send_header("Content-Length", str(len(body)))
    door.end_headers()
    door.wfile.write(body)
