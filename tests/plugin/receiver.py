"""A small service on loopback that reads what the plugin sends exactly as ours does.

It answers well, unless a test orders other weather: a status, a line that drops, an answer
that comes late or never; or it is away altogether.
"""

from __future__ import annotations

import hashlib
import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

from connectors.protocols import Forged
from connectors.woocommerce.plugin import CARTS, GONE, PRIVACY, read_carts, verify_cart
from recovery.model import Cart, CartGone, Seen

SECRET = "only-for-tests-" + "0" * 17
SHOP_KEY = "shop-1"
DROPPED, HANGS = "dropped", "hangs"


@dataclass
class Post:
    """One request of the plugin, as it came and as our connector read it."""

    path: str
    headers: dict[str, str]
    body: bytes
    nonce: str = ""
    seen: tuple[Seen, ...] = ()
    answer: int | str = 200

    @property
    def told(self) -> Any:
        """The body's JSON."""
        return json.loads(self.body)

    @property
    def carts(self) -> list[Cart]:
        """Carts as they stand."""
        return [one for one in self.seen if isinstance(one, Cart)]

    @property
    def gone(self) -> list[CartGone]:
        """Carts that were given up or are to be forgotten."""
        return [one for one in self.seen if isinstance(one, CartGone)]


@dataclass
class Receiver:
    """Remembers every post. `weather` holds the answers to the next ones: 401, 413, HANGS, …"""

    posts: list[Post] = field(default_factory=list)
    weather: list[int | str] = field(default_factory=list)
    largest: int = 10**6  # bytes: what is larger gets a 413
    privacy: Any = None  # the answer of the privacy door; None: 500
    during: Callable[[], None] | None = None  # done once, while the next post waits
    forged: list[str] = field(default_factory=list)
    is_ours: bool = True  # False: somebody else answers 200 to everything here
    port: int = 0

    def __post_init__(self) -> None:
        self._let_go = threading.Event()
        self._server: ThreadingHTTPServer | None = None
        self.come_back()

    @property
    def address(self) -> str:
        """Where the plugin reaches it: with a path, as behind a proxy."""
        return f"http://127.0.0.1:{self.port}/app"

    def begin(self) -> None:
        """As on the first day."""
        self._let_go.set()
        self.posts.clear()
        self.weather.clear()
        self.forged.clear()
        self.largest, self.during, self.privacy = 10**6, None, None
        self.is_ours = True
        self.come_back()
        self._let_go = threading.Event()

    def go_away(self) -> None:
        """Nobody answers at this port any more."""
        server, self._server = self._server, None
        if server:
            server.shutdown()
            server.server_close()

    def come_back(self) -> None:
        """The same port answers again."""
        if self._server:
            return
        self._server = _Quiet(("127.0.0.1", self.port), _visitor_of(self))
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """For good."""
        self._let_go.set()
        self.go_away()

    def carts(self) -> list[dict[str, Any]]:
        """All carts that were answered with 200, in the order in which they came."""
        taken = [post for post in self.posts if post.answer == 200 and "/carts" in post.path]
        return [cart for post in taken for cart in post.told.get("carts", [])]

    def take(self, post: Post) -> tuple[int | str, Any]:
        """Read it as our service does; the answer's status and JSON."""
        self.posts.append(post)
        if post.path.endswith("/pair"):
            return self._pair(post.told)
        if self.during:
            self.during, during = None, self.during
            during()
        weather = self.weather.pop(0) if self.weather else 200
        if weather == 200 and len(post.body) > self.largest:
            weather = 413
        if weather == HANGS:
            self._let_go.wait(8)
        try:
            now = datetime.now(UTC)
            door = {"privacy": PRIVACY, "gone": GONE}.get(post.path.rpartition("/")[2], CARTS)
            post.nonce = verify_cart(post.headers, post.body, SECRET, now, door)
        except Forged as error:
            self.forged.append(str(error))
            return 401, {}
        if post.path.endswith("/privacy"):
            return (200, self.privacy) if self.privacy is not None else (500, {})
        if post.path.endswith("/gone"):
            return weather, {}
        post.seen = read_carts(post.body, now)
        return weather, {}

    def _pair(self, told: dict[str, Any]) -> tuple[int, Any]:
        asked = requests.get(f"{told['address']}/?rest_route=/relance/v1/pairing", timeout=10)
        proof = hashlib.sha256(f"relance-pairing:{told['nonce']}".encode()).hexdigest()
        if asked.status_code != 200 or asked.json() != {"proof": proof}:
            return 502, {"error": "The shop did not confirm."}
        return 200, {"shop": SHOP_KEY, "name": "Nord", "secret": SECRET}


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A plugin that hung up is no news."""


def _visitor_of(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Visitor(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            post = Post(self.path, dict(self.headers.items()), body)
            status, told = receiver.take(post)
            post.answer = status
            if isinstance(status, str):
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            answer = json.dumps(told).encode()
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", f"{receiver.address}/elsewhere")
            if receiver.is_ours:
                self.send_header("X-Relance", "1")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    return Visitor
