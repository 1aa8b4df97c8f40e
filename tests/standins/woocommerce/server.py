"""The stand-in's own server: http or https on a free port of the loopback."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import trustme
from werkzeug.http import http_date
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from tests.standins.woocommerce.authorize import Authorize, sheet
from tests.standins.woocommerce.hooks import Webhooks
from tests.standins.woocommerce.rest import Api, answer
from tests.standins.woocommerce.rows import error
from tests.standins.woocommerce.shop import StandInShop
from tests.standins.woocommerce.signing import Asked, Key, NotAllowed, who
from tests.standins.woocommerce.weather import Weather

REST = "/wp-json/wc/v3/"


class WooCommerceStandIn:
    """A shop one can start, stop, fill and annoy.

    `tls`: serve https with a certificate of `ca` (made when None). `timezone`,
    `version`, `currency`: the shop's. `path`: the folder the shop lives in
    ("/shop"). `ahead`: how far the shop's clock runs before ours.
    `plain_permalinks`: the REST API is not found.
    """

    def __init__(
        self,
        *,
        tls: bool = False,
        ca: trustme.CA | None = None,
        timezone: str = "UTC",
        version: str = "10.9.2",
        currency: str = "USD",
        path: str = "",
        ahead: timedelta = timedelta(0),
        clock: Callable[[], datetime] | None = None,
        port: int = 0,
    ) -> None:
        told = clock or (lambda: datetime.now(UTC))
        self.ahead, self.path, self.plain_permalinks = ahead, path, False
        self.clock: Callable[[], datetime] = lambda: told() + self.ahead
        self.weather = Weather()
        self.shop = StandInShop(timezone, version, currency, self.clock)
        self.hooks = Webhooks(self.shop, self.weather)
        self.api = Api(self.shop, self.hooks)
        self.key = Key("ck_" + "a" * 40, "cs_" + "b" * 40)
        self.read_only_key = Key("ck_" + "c" * 40, "cs_" + "d" * 40, may_write=False)
        self.keys = {one.consumer_key: one for one in (self.key, self.read_only_key)}
        self.nonces: set[str] = set()
        self.authorize = Authorize(self.keys, self.shop.new_id)
        self.asked: list[tuple[str, str, str]] = []  # verb, path, query
        self.ca = ca or (trustme.CA() if tls else None)
        self._server = make_server(
            "127.0.0.1",
            port,
            self._app,
            threaded=True,
            request_handler=lines(self.clock),
            ssl_context=self._tls(tls),
        )
        self._server.daemon_threads = True
        scheme = "https" if tls else "http"
        self.address = self.shop.address = f"{scheme}://127.0.0.1:{self._server.server_port}{path}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )

    def _tls(self, tls: bool) -> ssl.SSLContext | None:
        if not tls or self.ca is None:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert("127.0.0.1", "localhost").configure_cert(context)
        return context

    @property
    def consumer_key(self) -> str:
        return self.key.consumer_key

    @property
    def consumer_secret(self) -> str:
        return self.key.consumer_secret

    def write_ca(self, folder: Path) -> Path:
        """Write the CA for `REQUESTS_CA_BUNDLE`. Its path."""
        assert self.ca is not None, "only an https stand-in has a certificate"
        self.ca.cert_pem.write_to_path(str(folder / "woocommerce-ca.pem"))
        return folder / "woocommerce-ca.pem"

    def start(self) -> WooCommerceStandIn:
        self._thread.start()
        return self

    def stop(self) -> None:
        self.hooks.settle()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> WooCommerceStandIn:
        return self.start()

    def __exit__(self, *_: Any) -> None:
        self.stop()

    # -- one request ------------------------------------------------------------------

    def _app(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        self.asked.append((request.method, request.path, request.query_string.decode()))
        response = self._respond(request)
        if response is None:
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            raise ConnectionResetError("the line is dropped on purpose")
        return response(environ, start_response)

    def _respond(self, request: Request) -> Response | None:
        """The answer; None drops the line."""
        if not request.path.startswith(self.path):
            return sheet("Page not found", 404)
        route = request.path.removeprefix(self.path)
        if route == "/wp-cron.php":
            self.hooks.visit()
            return Response("", 200)
        if route.startswith(REST) and not self.plain_permalinks:
            return self._rest(request, route.removeprefix(REST))
        self.hooks.visit()
        if route.startswith("/wc-auth/v1/"):
            return self.authorize.respond(request, route.split("/")[3])
        if route == "/wp-json/" and not self.plain_permalinks:
            return self._index()
        return self._page(route)

    def _rest(self, request: Request, route: str) -> Response | None:
        weather = self.weather.next_answer()
        before = self._weathered(weather)
        if before is not None or weather == "drop":
            return before
        try:
            who(self.keys, asked(request), self.clock().timestamp(), self.nonces)
        except NotAllowed as refused:
            return answer(error(refused.code, refused.message, 401), 401)
        found = self.api.respond(request, route)
        self.hooks.visit()
        if weather == "drop-after":
            return None
        return sheet("<b>Notice</b>") if weather == "page-after" else found

    def _weathered(self, weather: str) -> Response | None:
        """The answer of a shop that is not well, before WooCommerce is even asked."""
        status, _, wait = weather.partition(":")
        if status.isdecimal():
            return sheet("Sorry", int(status)) if not wait else self._wait(int(status), wait)
        if weather == "page":
            return sheet("<p>We are opening soon.</p>")
        if weather == "redirect":
            return Response("", 301, {"Location": self.address.replace("http:", "https:") + REST})
        return None

    def _wait(self, status: int, seconds: str) -> Response:
        found = sheet("Briefly unavailable for scheduled maintenance.", status)
        found.headers["Retry-After"] = seconds
        return found

    def _index(self) -> Response:
        zone = self.shop.zone.key
        return answer({"name": self.shop.name, "timezone_string": zone, "gmt_offset": 0})

    def _page(self, route: str) -> Response:
        """What a shopper's link opens: `payment_url` pays a guest's order, else asks to log in."""
        if route.startswith("/wp-json"):
            return sheet("Page not found", 404)
        if not route.startswith("/checkout/order-pay/"):
            return sheet("A page of the shop.")
        found = self.shop.orders.get(int(route.split("/")[3]), {})
        if found.get("status") not in ("pending", "failed"):
            return sheet("Page not found", 404)
        if found["customer_id"]:
            return sheet("Please log in to your account below to continue to the payment form.")
        return sheet("Pay for order")


def lines(clock: Callable[[], datetime]) -> type[WSGIRequestHandler]:
    """A reader of requests whose `Date` header tells the shop's own time."""

    class Lines(WSGIRequestHandler):
        def date_time_string(self, timestamp: float | None = None) -> str:
            return http_date(clock())

        def log(self, type: str, message: str, *args: Any) -> None:
            return

    return Lines


def asked(request: Request) -> Asked:
    return Asked(
        verb=request.method,
        address=request.base_url,
        query=request.query_string.decode(),
        authorization=request.headers.get("Authorization", ""),
        secure=request.is_secure,
    )
