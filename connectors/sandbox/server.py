"""The sandbox service: its application, and the process that serves it."""

from __future__ import annotations

import hashlib
import hmac
import signal
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from types import FrameType
from typing import Any

from flask import Flask, Response, render_template
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from connectors.sandbox import browser, carts, phones
from connectors.sandbox.api import Limiter, api
from connectors.sandbox.delivery import Carrier, Hooks
from connectors.sandbox.mail_pages import mail_pages
from connectors.sandbox.merchant import merchant
from connectors.sandbox.phone_pages import phone_pages, shown_phone
from connectors.sandbox.shop_pages import shop_pages
from connectors.sandbox.stand import EXTENSION, Stand, stand, there
from connectors.sandbox.store import Store
from connectors.sandbox.words import COUNTRIES, LANGUAGES, WORDS, euros

RECEIPT_AFTER = 1.0
LOOK_SECONDS = 0.05  # how soon the listener sees that it shall stop
LARGEST_REQUEST = 1_000_000  # an e-mail is the largest thing that comes
POLICY = "default-src 'self'; frame-ancestors 'self'; form-action 'self'; base-uri 'none'"


def create_sandbox(
    store: Store,
    hooks: Hooks,
    secret: str,
    now: Callable[[], datetime],
    public_url: str,
    *,
    forward: Callable[[float], object] | None = None,
    wake: Callable[[], None] = lambda: None,
    receipt_after: float = RECEIPT_AFTER,
    limiter: Limiter | None = None,
) -> Flask:
    """The shop and the phone, with its texts and its inbox, as one application.

    `hooks` is where webhooks go, `secret` signs them and opens the API, `now` is the shop's
    clock and `forward(seconds)`, where given, moves it. `public_url` is our own address.
    `wake` is called after something to deliver was written down. A text is reported as
    delivered `receipt_after` seconds after it was taken; `limiter` says how many are taken
    in a second (30 without one).
    """
    if not secret:
        raise ValueError("the sandbox needs a secret")
    app = Flask(__name__)
    app.secret_key = hmac.new(secret.encode(), b"sandbox browser", hashlib.sha256).digest()
    app.config.update(
        SESSION_COOKIE_NAME=browser.COOKIE,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
    )
    app.extensions[EXTENSION] = Stand(
        store, hooks, secret, now, public_url.rstrip("/"), forward, wake, receipt_after
    )
    app.register_blueprint(shop_pages)
    app.register_blueprint(phone_pages)
    app.register_blueprint(mail_pages)
    app.register_blueprint(merchant)
    app.register_blueprint(api(limiter or Limiter()))
    app.add_url_rule("/healthz", view_func=lambda: {"up": True}, endpoint="healthz")
    app.context_processor(_common)
    app.add_template_filter(phones.readable, "readable")
    app.register_error_handler(404, lambda _: (render_template("missing.html"), 404))
    app.after_request(_finish)
    return app


def _common() -> dict[str, Any]:
    """What every page shows: words, choices, the number of things in the cart, the phone."""
    here, language = stand(), browser.language()
    with here.store.reading() as db:
        row = browser.open_cart(db)
        count = sum(quantity for _, quantity in carts.lines(db, row["key"])) if row else 0
    return {
        "t": WORDS[language],
        "language": language,
        "languages": LANGUAGES,
        "country": browser.country(),
        "countries": COUNTRIES[language],
        "cart_count": count,
        "notice": browser.heard,
        "phone": shown_phone,
        "shop_time": here.now(),
        "may_forward": here.forward is not None,
        "there": there,
        "euros": lambda amount: euros(amount, language),
    }


def _finish(answer: Response) -> Response:
    """Nothing kept by caches, nothing loaded from elsewhere."""
    answer.headers.setdefault("Content-Security-Policy", POLICY)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "same-origin"
    if answer.mimetype in ("text/html", "application/json"):
        answer.headers["Cache-Control"] = "no-store"
    if answer.mimetype == "text/html":
        answer.vary.update(("Accept-Language", "Cookie"))
    return answer


def _quiet_line(now: Callable[[], datetime]) -> type[WSGIRequestHandler]:
    """How a request is read: one per connection, so that a caller never writes into a
    connection that a restart closed; no access log, because addresses here hold cart keys
    and phone numbers; and the shop's own clock in `Date`."""

    class Quiet(WSGIRequestHandler):
        protocol_version = "HTTP/1.0"

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            return

        def date_time_string(self, timestamp: float | None = None) -> str:
            return format_datetime(now().astimezone(UTC), usegmt=True)

    return Quiet


class Running:
    """A sandbox that listens in the background. `address` is where."""

    def __init__(self, listener: BaseWSGIServer, carrier: Carrier, address: str) -> None:
        self.address = address
        self._listener = listener
        self._carrier = carrier
        self._thread = threading.Thread(
            target=listener.serve_forever, args=(LOOK_SECONDS,), daemon=True
        )

    def start(self) -> None:
        """Listen and deliver, each in a thread."""
        self._carrier.start()
        self._thread.start()

    def stop(self) -> None:
        """Stop listening, finish the delivery in hand."""
        self._listener.shutdown()
        self._thread.join()
        self._listener.server_close()
        self._carrier.stop()


def open_sandbox(
    port: int,
    file: Path | str,
    hooks_url: str,
    shop_key: str,
    secret: str,
    now: Callable[[], datetime],
    *,
    forward: Callable[[float], object] | None = None,
    host: str = "127.0.0.1",
    public_url: str | None = None,
    pages_url: str = "",
    receipt_after: float = RECEIPT_AFTER,
    limiter: Limiter | None = None,
) -> Running:
    """Bind `port` (0: any free one) and make a sandbox that is ready to start.

    Raises `OSError` when the port is taken.
    """
    # Bound here, because werkzeug would print and exit on a port that is taken.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        line.bind((host, port))
        line.listen(128)
        taken: int = line.getsockname()[1]
        address = public_url or f"http://{host}:{taken}"
        store = Store(file)
        carrier = Carrier(store, secret, now)
        app = create_sandbox(
            store,
            Hooks(hooks_url, shop_key, pages_url),
            secret,
            now,
            address,
            forward=forward,
            wake=carrier.wake,
            receipt_after=receipt_after,
            limiter=limiter,
        )
        listener = make_server(
            host, taken, app, threaded=True, request_handler=_quiet_line(now), fd=line.fileno()
        )
    return Running(listener, carrier, address)


def serve(
    port: int,
    file: Path | str,
    hooks_url: str,
    shop_key: str,
    secret: str,
    now: Callable[[], datetime],
    *,
    forward: Callable[[float], object] | None = None,
    host: str = "127.0.0.1",
    public_url: str | None = None,
    pages_url: str = "",
    receipt_after: float = RECEIPT_AFTER,
    started: Callable[[str], object] = lambda address: None,
) -> None:
    """Serve the sandbox until SIGINT or SIGTERM; call from the main thread.

    `hooks_url` is the address of our web process (`pages_url` the one for browsers, where it is
    another), `shop_key` our name of the sandbox shop;
    `started` is told the address once it listens. Raises `OSError` when the port is taken.
    """
    running = open_sandbox(
        port,
        file,
        hooks_url,
        shop_key,
        secret,
        now,
        forward=forward,
        host=host,
        public_url=public_url,
        pages_url=pages_url,
        receipt_after=receipt_after,
    )
    ended = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
    running.start()
    try:
        started(running.address)
        ended.wait()
    finally:
        running.stop()
