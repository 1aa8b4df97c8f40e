"""A shop that says, or does not say, that it waits for a pairing. It lives on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from connectors.woocommerce.pairing import proof_of

NONCE = "0123456789abcdef0123456789abcdef"
NOTHING = json.dumps({"code": "rest_no_route", "data": {"status": 404}}).encode()


class PairingShop:
    """Keeps what it was asked; `waits_for` is what the merchant's button does."""

    def __init__(self, port: int, name: str = "127.0.0.1") -> None:
        self.address = f"http://{name}:{port}"
        self.asked: list[str] = []
        self.status, self.body, self.headers = 404, NOTHING, dict[str, str]()

    def waits_for(self, nonce: str = NONCE) -> None:
        self.says(200, {"proof": proof_of(nonce)})

    def says(self, status: int, body: Any, **headers: str) -> None:
        self.status = status
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.headers = headers


@contextmanager
def a_pairing_shop() -> Iterator[PairingShop]:
    """As long as this lasts, the shop is open."""

    class Lines(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shop.asked.append(self.path)
            self.send_response(shop.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(shop.body)))
            for name, value in shop.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(shop.body)

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Lines)
    server.daemon_threads = True
    shop = PairingShop(server.server_port)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield shop
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
