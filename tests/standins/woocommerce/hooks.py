"""Webhooks: a queue that runs by traffic, and deliveries that tell the state of *now*."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import requests

from tests.standins.woocommerce import rows
from tests.standins.woocommerce.shop import Row, StandInShop
from tests.standins.woocommerce.weather import Weather

DISABLED_AT = 7  # failures in a row
TIMEOUT = 5.0
HOOKS = {"order.created": ["woocommerce_new_order"], "order.updated": ["woocommerce_update_order"]}


@dataclass(frozen=True)
class Job:
    webhook: int
    topic: str
    thing: int
    due: datetime


class Webhooks:
    """The shop's webhooks, its queue of deliveries, and a record of what was sent."""

    def __init__(self, shop: StandInShop, weather: Weather) -> None:
        self.shop, self.weather = shop, weather
        self.all: dict[int, Row] = {}
        self.queue: list[Job] = []
        self.sent: list[tuple[str, int]] = []  # topic, status; 0: no answer
        self.running: list[threading.Thread] = []
        self.one_at_a_time = threading.Lock()
        shop.tell = self.tell

    # -- events and the queue ------------------------------------------------------

    def tell(self, topic: str, thing: int) -> None:
        """Queue one delivery per webhook; one that waits for the same thing is enough."""
        due = self.shop.clock() + timedelta(seconds=self.weather.delay)
        with self.shop.lock:
            waiting = {(job.webhook, job.thing) for job in self.queue}
            for number, row in self.all.items():
                wanted = row["topic"] == topic and row["status"] == "active"
                if wanted and (number, thing) not in waiting:
                    self.queue.append(Job(number, topic, thing, due))

    def visit(self) -> None:
        """Somebody came by: what is due runs beside the visit."""
        thread = threading.Thread(target=self.run_queue, daemon=True)
        with self.shop.lock:
            self.running = [one for one in self.running if one.is_alive()]
            self.running.append(thread)
            thread.start()

    def settle(self) -> None:
        """Wait until every run that a visit began has ended."""
        for thread in list(self.running):
            thread.join()

    def run_queue(self) -> None:
        with self.one_at_a_time:
            for job in self._take_due():
                if not self.weather.happens(self.weather.lost):
                    self.deliver(job)
                    if self.weather.happens(self.weather.doubled):
                        self.deliver(job)

    def _take_due(self) -> list[Job]:
        now = self.shop.clock()
        with self.shop.lock:
            due = [job for job in self.queue if job.due <= now]
            self.queue = [job for job in self.queue if job.due > now]
        if self.weather.reordered:
            self.weather.die.shuffle(due)
        return due

    # -- deliveries ------------------------------------------------------------------

    def deliver(self, job: Job) -> None:
        """Send the thing as it is now. No repeat; failures are counted."""
        webhook = self.all.get(job.webhook)
        if webhook is None or webhook["status"] != "active":
            return
        body = written(self.content(job))
        status = post(webhook["delivery_url"], body, self.headers(webhook, body))
        self.sent.append((job.topic, status))
        if 200 <= status <= 303 or status == 410:
            webhook["failures"] = 0
            return
        webhook["failures"] += 1
        if webhook["failures"] >= DISABLED_AT:
            webhook.update(status="disabled", modified=self.shop.clock())

    def content(self, job: Job) -> Row:
        kind, _, event = job.topic.partition(".")
        if event == "deleted":
            return {"id": job.thing}
        with self.shop.lock:
            found = getattr(self.shop, f"{kind}s").get(job.thing)
            return rows.RENDER[kind](self.shop, found) if found else rows.gone(kind)

    def headers(self, webhook: Row, body: bytes) -> dict[str, str]:
        resource, _, event = webhook["topic"].partition(".")
        made = hmac.new(webhook["secret"].encode(), body, hashlib.sha256).digest()
        return {
            "User-Agent": f"WooCommerce/{self.shop.version} Hookshot (WordPress/7.0.2)",
            "Content-Type": "application/json",
            "X-WC-Webhook-Source": f"{self.shop.address}/",
            "X-WC-Webhook-Topic": webhook["topic"],
            "X-WC-Webhook-Resource": resource,
            "X-WC-Webhook-Event": event,
            "X-WC-Webhook-Signature": base64.b64encode(made).decode(),
            "X-WC-Webhook-ID": str(webhook["id"]),
            "X-WC-Webhook-Delivery-ID": secrets.token_hex(16),
        }

    # -- what REST does to them --------------------------------------------------------

    def create(self, told: Row) -> Row:
        """A new webhook: pinged at once, and a ping that fails changes nothing."""
        number, now = self.shop.new_id(), self.shop.clock()
        row = {
            "id": number,
            "name": told.get("name", ""),
            "status": told.get("status", "active"),
            "topic": told["topic"],
            "delivery_url": told["delivery_url"],
            "secret": told.get("secret", ""),
            "failures": 0,
            "created": now,
            "modified": None,
        }
        with self.shop.lock:
            self.all[number] = row
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        post(row["delivery_url"], f"webhook_id={number}".encode(), form)
        return row

    def change(self, number: int, told: Row) -> Row:
        row = self.all[number]
        row.update(
            {
                name: told[name]
                for name in ("name", "status", "secret", "delivery_url")
                if name in told
            }
        )
        row["modified"] = self.shop.clock()
        # The count stays: one more failure disables it again, the next 200 clears it.
        return row

    def shown(self, row: Row) -> Row:
        """A webhook as REST shows it: never its secret."""
        resource, _, event = row["topic"].partition(".")
        return {
            **{name: row[name] for name in ("id", "name", "status", "topic", "delivery_url")},
            "resource": resource,
            "event": event,
            "hooks": HOOKS.get(row["topic"], []),
            **rows.dates(self.shop, created=row["created"], modified=row["modified"]),
            "_links": rows.links(self.shop, "webhooks", row["id"]),
        }


def written(row: Any) -> bytes:
    """JSON as PHP writes it: no blanks, and every slash escaped."""
    return json.dumps(row, separators=(",", ":")).replace("/", "\\/").encode()


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """The status, or 0 when nobody answered."""
    try:
        with requests.post(
            url, data=body, headers=headers, timeout=TIMEOUT, allow_redirects=False
        ) as got:
            return got.status_code
    except requests.RequestException:
        return 0
