"""The https server: keep-alive, shops by the `Host` header, faults on the wire."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import ssl
import threading
import traceback
from collections.abc import Callable
from datetime import UTC
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.standins.shopify import api, app_proxy, control, oauth, sessions, storefront
from tests.standins.shopify.faults import Fault
from tests.standins.shopify.records import Seen
from tests.standins.shopify.resolvers import Call
from tests.standins.shopify.shop import StandInShop
from tests.standins.shopify.subscriptions import LOOPBACK

TOKEN = "X-Shopify-Access-Token"
BAD_TOKEN = "[API] Invalid API key or access token (unrecognized login or wrong password)"
VERSIONED = re.compile(r"(\d{4}-(01|04|07|10)|unstable)/graphql\.json")
KEPT_OPEN_SECONDS = 60
KEPT = 100_000  # requests in the log, the newest


class Server(ThreadingHTTPServer):
    """Threads per connection; the TLS handshake happens in the connection's own thread."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, context: ssl.SSLContext, stand_in: Any) -> None:
        self.context, self.stand_in = context, stand_in
        self.closing = threading.Event()
        self._lines: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), Conversation)

    def get_request(self) -> tuple[socket.socket, Any]:
        line, address = super().get_request()
        line.settimeout(KEPT_OPEN_SECONDS)
        wrapped = self.context.wrap_socket(line, server_side=True, do_handshake_on_connect=False)
        self._lines.add(wrapped)
        return wrapped, address

    def shutdown_request(self, request: Any) -> None:
        self._lines.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no news."""

    def close(self) -> None:
        """Stop, and break the lines that clients keep open."""
        self.closing.set()
        self.shutdown()
        for line in list(self._lines):
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        self.server_close()


class Conversation(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def setup(self) -> None:
        self.request.do_handshake()
        super().setup()

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: tests read `shop.requests`."""

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        try:
            length = int(self.headers.get("Content-Length") or 0)
        except ValueError:
            length = 0
        self._serve(self.rfile.read(length))

    def _serve(self, body: bytes) -> None:
        try:
            self._answer(body)
        except OSError:
            self.close_connection = True  # the client has gone
        except Exception as error:  # a fault of ours must be seen, not guessed from a dropped line
            traceback.print_exc()
            self._json(500, {"errors": f"The stand-in itself failed: {error!r}"})

    def _answer(self, body: bytes) -> None:
        stand_in = self.server.stand_in
        address = urlsplit(self.path)
        if page := storefront.serve(stand_in, address.path, address.query):
            return self._say(*page)
        if address.path.startswith("/stand-in"):
            return self._say(*control.serve(stand_in, self.command, address.path, body))
        shop = self._shop(address.path, address.query)
        if shop is None:
            return self._json(404, {"errors": "Not Found"})
        seen = Seen(self.command, self.path, dict(self.headers), body, shop.now())
        shop.requests.append(seen)
        del shop.requests[:-KEPT]
        if address.path.startswith("/admin/oauth/"):
            return self._oauth(shop, seen, address.path, address.query)
        if address.path.startswith(app_proxy.PREFIX + "/"):
            return self._proxied(shop, seen, address.path, address.query)
        cookie = self.headers.get("Cookie") or ""
        if page := storefront.serve_shop(shop, address.path, address.query, cookie):
            return self._say(*page)
        parts = address.path.split("/")  # "", "admin", "api", version, "graphql.json"
        if parts[:3] == ["", "admin", "api"] and VERSIONED.fullmatch("/".join(parts[3:])):
            return self._graphql(shop, seen, parts[3])
        return self._json(404, {"errors": "Not Found"}, seen)

    def _shop(self, path: str, query: str) -> StandInShop | None:
        """The shop by its `Host`; a browser that walks to the install page may say `shop=`."""
        shops: dict[str, StandInShop] = self.server.stand_in.shops
        host = (self.headers.get("Host") or "").partition(":")[0].lower()
        if host in LOOPBACK and path == "/admin/oauth/authorize":
            only = next(iter(shops)) if len(shops) == 1 else ""
            host = dict(parse_qsl(query)).get("shop", only)
        return shops.get(host)

    def _graphql(self, shop: StandInShop, seen: Seen, version: str) -> None:
        if self.command != "POST":
            return self._json(405, {"errors": "Method Not Allowed"}, seen)
        fault = shop.faults.take("graphql", seen.body)
        if fault and self._spoil(fault, seen):
            return None
        with shop.lock:
            scopes = shop.tokens.scopes_of(self.headers.get(TOKEN) or "")
            if scopes is None:
                return self._json(401, {"errors": BAD_TOKEN}, seen)
            call = Call(shop, scopes, version, self.server.stand_in.api_key)
            if fault and fault.what == "throttled":
                status, said = 200, api.throttled(call, 0)
            else:
                status, said = api.answer(call, seen.body, seen)
        if fault and fault.what == "drop_after":
            return self._drop(seen)
        return self._json(status, said, seen, {"X-Shopify-API-Version": version})

    def _oauth(self, shop: StandInShop, seen: Seen, path: str, query: str) -> None:
        stand_in = self.server.stand_in
        fault = shop.faults.take("oauth", seen.body)
        if fault and self._spoil(fault, seen):
            return None
        if path == "/admin/oauth/authorize" and self.command == "GET":
            return self._authorize(shop, seen, dict(parse_qsl(query)))
        if path != "/admin/oauth/access_token" or self.command != "POST":
            return self._json(404, {"errors": "Not Found"}, seen)
        request = _fields(seen.body, self.headers.get("Content-Type") or "")
        with shop.lock:
            app = (stand_in.api_key, stand_in.api_secret)
            status, said = oauth.answer_token_request(
                shop.tokens, app, shop.scopes, request, self._is_session(shop)
            )
        if fault and fault.what == "drop_after":
            return self._drop(seen)
        return self._json(status, said, seen)

    def _is_session(self, shop: StandInShop) -> Callable[[str], bool]:
        stand_in = self.server.stand_in
        app = (stand_in.api_key, stand_in.api_secret)

        def known(token: str) -> bool:
            user = sessions.subject(app, shop.domain, token, shop.now())
            return shop.has_app and user is not None

        return known

    def _proxied(self, shop: StandInShop, seen: Seen, path: str, query: str) -> None:
        stand_in = self.server.stand_in
        if stand_in.proxy_url is None:
            return self._json(404, {"errors": "Not Found"}, seen)
        kind = self.headers.get("Content-Type") or ""
        visit = app_proxy.Visit(path, query, seen.body, kind, self.client_address[0])
        page = app_proxy.forward(stand_in, shop, self.command, visit)
        seen.status = page[0]
        return self._say(*page)

    def _authorize(self, shop: StandInShop, seen: Seen, query: dict[str, str]) -> None:
        """The merchant says yes at once; the scopes asked for are granted."""
        stand_in = self.server.stand_in
        if query.get("client_id") != stand_in.api_key:
            return self._json(400, {"errors": "Unknown client_id"}, seen)
        wanted = tuple(s for s in query.get("scope", "").replace(" ", ",").split(",") if s)
        with shop.lock:
            shop.scopes = (wanted or shop.scopes) if shop.grants is None else shop.grants
            user = shop.user if query.get("grant_options[]") == "per-user" else None
            code = shop.tokens.new_code(shop.scopes, user)
        target = oauth.callback(stand_in.api_secret, shop.domain, code, query, shop.now())
        if target is None:
            return self._json(400, {"errors": "redirect_uri is missing"}, seen)
        seen.status = 302
        return self._say(302, b"", "text/html; charset=utf-8", {"Location": target})

    def _spoil(self, fault: Fault, seen: Seen) -> bool:
        """Let a fault that needs no answer from the shop happen; False for the other kinds."""
        if isinstance(fault.what, int):
            headers = {} if fault.retry_after is None else {"Retry-After": f"{fault.retry_after}"}
            said = {"errors": BAD_TOKEN if fault.what == 401 else f"fault {fault.what}"}
            self._json(fault.what, said, seen, headers)
            return True
        if fault.what == "timeout":
            self.server.closing.wait(fault.hold)
        elif fault.what != "drop_before":
            return False
        self._drop(seen)
        return True

    def _drop(self, seen: Seen) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.request.shutdown(socket.SHUT_RDWR)

    def _json(
        self,
        status: int,
        said: Any,
        seen: Seen | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        if seen is not None:
            seen.status = status
        self._say(status, json.dumps(said).encode(), "application/json; charset=utf-8", headers)

    def _say(
        self, status: int, body: bytes, kind: str, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response_only(status)
        at = self.server.stand_in.now().astimezone(UTC)
        self.send_header("Date", format_datetime(at.replace(microsecond=0), usegmt=True))
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _fields(body: bytes, kind: str) -> dict[str, Any]:
    """The fields of a JSON or a form body; none when it is neither."""
    if "json" in kind:
        try:
            said = json.loads(body)
        except ValueError:
            return {}
        return said if isinstance(said, dict) else {}
    return dict(parse_qsl(body.decode("utf-8", "replace")))
