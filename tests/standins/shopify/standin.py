"""The stand-in as a whole: one app, its shops, one server, one post office."""

from __future__ import annotations

import itertools
import json
import ssl
import tempfile
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import trustme

from tests.standins.shopify import sessions
from tests.standins.shopify.payloads import Payloads
from tests.standins.shopify.records import Settings, Subscription
from tests.standins.shopify.schema import VERSION, admin_schema
from tests.standins.shopify.server import Server
from tests.standins.shopify.shop import StandInShop
from tests.standins.shopify.subscriptions import TOPICS
from tests.standins.shopify.webhooks import TOTAL_SECONDS, Delivery, Post, Weather

FIRST_ID = 981_820_079_255_000_000  # past 2^53, as in Shopify's own samples
COMPLIANCE = ("customers/data_request", "customers/redact", "shop/redact")


def real_now() -> datetime:
    return datetime.now(UTC)


class StandInShopify:
    """A Shopify on loopback, as a context manager.

    `now` is the clock of everything but deliveries, which run in real seconds times
    `retry_scale`. `hooks` is where compliance topics go, and every topic that has no
    subscription of its own (as an app's toml would have it). `certificate` is a path to a
    PEM file with certificate and key; without it an own CA is written to `ca_file`.
    `patience` is how many seconds a hook may take to answer.
    `proxy_url` is where the app proxy leads, as "http://127.0.0.1:8000/proxy/shopify".
    `links`: "shop" writes recovery links to the shop's domain, "here" to this server.
    """

    def __init__(
        self,
        api_key: str = "stand-in-key",
        api_secret: str = "stand-in-secret",
        port: int = 0,
        now: Callable[[], datetime] = real_now,
        hooks: str | None = None,
        webhook_version: str = VERSION,
        weather: Weather | None = None,
        retry_scale: float = 1.0,
        index_lag: float = 0.0,
        links: str = "shop",
        ca_file: Path | str | None = None,
        certificate: Path | str | None = None,
        hooks_ca: str | bool = True,
        hook_threads: int = 4,
        patience: float = TOTAL_SECONDS,
        proxy_url: str | None = None,
    ) -> None:
        self.proxy_url = proxy_url
        self.api_key, self.api_secret, self.now = api_key, api_secret, now
        self.hooks, self.webhook_version = hooks, webhook_version
        self.index_lag, self.links = timedelta(seconds=index_lag), links
        self.lock = threading.RLock()
        self.shops: dict[str, StandInShop] = {}
        self._ids = itertools.count(FIRST_ID)
        self._folder = tempfile.TemporaryDirectory()
        self.ca_file = Path(ca_file or Path(self._folder.name) / "ca.pem")
        self._server = Server(port, self._certify(certificate), self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), daemon=True
        )
        self.post = Post(
            lambda: self.api_secret,
            self._gave_up,
            weather or Weather(),
            retry_scale,
            hook_threads,
            patience,
            hooks_ca,
        )

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def start(self) -> None:
        admin_schema()
        self._thread.start()

    def close(self) -> None:
        self.post.close()
        self._server.close()
        self._thread.join(5)
        self._folder.cleanup()

    def add_shop(
        self,
        domain: str = "shop-one.myshopify.com",
        name: str = "Shop One",
        currency: str = "EUR",
        country: str = "DE",
        timezone: str = "Europe/Berlin",
        locale: str = "en",
        **rest: Any,
    ) -> StandInShop:
        """A shop known by `domain`; `rest` as in `StandInShop` (plan_bucket, scopes, …)."""
        settings = Settings(
            domain=domain,
            id=548_380_000 + len(self.shops) + 1,
            name=name,
            currency=currency,
            country=country,
            timezone=timezone,
            locale=locale,
            links=self.url if self.links == "here" else f"https://{domain}",
            index_lag=self.index_lag,
        )
        shop = StandInShop(settings, self.now, self.announce, self._ids.__next__, self.lock, **rest)
        self.shops[domain] = shop
        return shop

    def session_token(self, shop: StandInShop, **changed: Any) -> str:
        """See `sessions.session_token`; for `shop.user`, as of now."""
        app = (self.api_key, self.api_secret)
        return sessions.session_token(app, shop.domain, shop.user, self.now(), **changed)

    def launch(self, shop: StandInShop, app_url: str) -> str:
        """See `sessions.launch`."""
        app = (self.api_key, self.api_secret)
        return sessions.launch(app, app_url, shop.domain, shop.user, self.now())

    def announce(
        self, shop: StandInShop, topic: str, payload: Callable[[Payloads], dict[str, Any]]
    ) -> None:
        """Queue one delivery per subscription of `topic`, all with one event id."""
        event = str(uuid.uuid4())
        subscribed = [s for s in shop.subscriptions.values() if TOPICS[s.topic][0] == topic]
        if topic in COMPLIANCE:  # these come from an app's toml, never from a subscription
            assert self.hooks, "compliance topics go to hooks=, and there is none"
            subscribed = []
        for one in subscribed:
            body = payload(Payloads(shop, one.api_version))
            if one.include_fields:
                body = {key: body[key] for key in one.include_fields if key in body}
            self.post.send(self._delivery(shop, topic, one.uri, body, event, one))
        if not subscribed and self.hooks and (shop.tokens.holds() or topic in COMPLIANCE):
            body = payload(Payloads(shop, self.webhook_version))
            self.post.send(self._delivery(shop, topic, self.hooks, body, event, None))

    def deliver_now(self, timeout: float = 10.0) -> None:
        """See `Post.deliver_now`."""
        self.post.deliver_now(timeout)

    def settle(self, timeout: float = 10.0) -> None:
        """See `Post.settle`."""
        self.post.settle(timeout)

    def _delivery(
        self,
        shop: StandInShop,
        topic: str,
        uri: str,
        body: dict[str, Any],
        event: str,
        subscription: Subscription | None,
    ) -> Delivery:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Shopify-Captain-Hook",
            "X-Shopify-Topic": topic,
            "X-Shopify-Shop-Domain": shop.domain,
            "X-Shopify-API-Version": (
                subscription.api_version if subscription else self.webhook_version
            ),
            "X-Shopify-Webhook-Id": str(uuid.uuid4()),
            "X-Shopify-Event-Id": event,
            "X-Shopify-Triggered-At": self.now().astimezone(UTC).isoformat().replace("+00:00", "Z"),
        }
        if subscription and subscription.name:
            headers["X-Shopify-Name"] = subscription.name
        raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        number = subscription.id if subscription else None
        return Delivery(shop.domain, topic, uri, raw, headers, number)

    def _gave_up(self, delivery: Delivery) -> None:
        """A subscription made through the API ends with its first delivery that never arrived."""
        if delivery.subscription is None:
            return
        with self.lock:
            self.shops[delivery.shop].subscriptions.pop(delivery.subscription, None)
        self.post.cancel(lambda other: other.subscription == delivery.subscription)

    def _certify(self, certificate: Path | str | None) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if certificate is not None:
            context.load_cert_chain(certificate)
            return context
        authority = trustme.CA()
        authority.issue_cert("127.0.0.1", "localhost", "*.myshopify.com").configure_cert(context)
        authority.cert_pem.write_to_path(self.ca_file)
        return context
