"""Who visits a stand-in Shopify in a test: a clock to move, a client, a hooks address."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

import requests

from tests.standins.shopify.shop import StandInShop
from tests.standins.shopify.standin import StandInShopify

NAMES = "{abandonedCheckouts(first:10,query:%s){nodes{name}}}"
SUBSCRIBE = """mutation($topic:WebhookSubscriptionTopic!,$uri:String!){
  webhookSubscriptionCreate(topic:$topic,webhookSubscription:{uri:$uri}){
    webhookSubscription{id uri apiVersion{handle}} userErrors{field message}}}"""


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 8, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class Inbox:
    """A hooks address that keeps what it gets and answers what it is told."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.arrived = threading.Condition()
        self.status = 200
        self.silence = threading.Event()  # cleared: no answer until it is set
        self.silence.set()
        inbox = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with inbox.arrived:
                    inbox.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
                    inbox.arrived.notify_all()
                inbox.silence.wait(5)
                self.send_response(inbox.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hooks/shopify"

    def wait(self, count: int) -> None:
        """Until `count` deliveries are here; AssertionError after five seconds."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.got) >= count, 5), self.topics()

    def topics(self) -> list[str]:
        return [headers["x-shopify-topic"] for headers, _ in self.got]

    def body(self, topic: str) -> dict[str, Any]:
        return dict(json.loads(next(b for h, b in self.got if h["x-shopify-topic"] == topic)))

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Caller:
    """A client of one shop, with its token."""

    def __init__(self, stand_in: StandInShopify, shop: StandInShop) -> None:
        self.stand_in, self.shop = stand_in, shop
        self.token = shop.install()["access_token"]
        self.patience = 5.0  # seconds
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = str(stand_in.ca_file)

    def post(self, path: str, body: Any, **headers: str) -> requests.Response:
        headers = {"Host": self.shop.domain} | headers
        url = self.stand_in.url + path
        return self.session.post(url, json=body, headers=headers, timeout=self.patience)

    def raw(self, query: str, version: str = "2026-07", **variables: Any) -> requests.Response:
        body = {"query": query, "variables": variables}
        path = f"/admin/api/{version}/graphql.json"
        return self.post(path, body, **{"X-Shopify-Access-Token": self.token})

    def __call__(self, query: str, **variables: Any) -> dict[str, Any]:
        answer = self.raw(query, **variables)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def names(self, search: str) -> list[str]:
        nodes = self(NAMES % json.dumps(search))["data"]["abandonedCheckouts"]["nodes"]
        return [node["name"] for node in nodes]

    def token_request(self, **fields: str) -> requests.Response:
        keys = {"client_id": "stand-in-key", "client_secret": "stand-in-secret"}
        return self.post("/admin/oauth/access_token", keys | fields)

    def close(self) -> None:
        self.session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
