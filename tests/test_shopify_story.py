"""A Shopify shop from install to credited order: real doors, real lines, stand-ins outside.

The web app serves over HTTP, the stand-ins over TLS; the clock and the worker do their
work in this process, step by step, so that the story can say when.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from redis import Redis
from sqlalchemy import select
from werkzeug.serving import WSGIRequestHandler, make_server

import settings as configuration
from recovery import handing_out, planning, shops, tables
from tests.connectors.shopify_pair import Clock
from tests.house import PHONE as PHONE_BROWSER
from tests.recovery.stories import rows
from tests.standins.shopify import StandInShopify
from tests.standins.vonage import StandInVonage
from tests.valkeys import a_valkey
from web import create_app
from worker import polling, sending
from worker.__main__ import open_tools
from worker.seeding import seed_service_account

DOMAIN = "shop-one.myshopify.com"
PHONE = "+4915112345678"


class Quiet(WSGIRequestHandler):
    """No line in the log for each request."""

    def log(self, *_: object) -> None:
        pass


class House:
    """Everything of ours, and the two outsides."""

    def __init__(
        self, url: str, shopify: StandInShopify, vonage: StandInVonage, redis: str, clock: Clock
    ) -> None:
        self.shopify, self.vonage, self.clock = shopify, vonage, clock
        environment = {
            "DATABASE_URL": url,
            "REDIS_URL": redis,
            "SECRET_KEY": "a-secret-only-for-tests",
            "ENCRYPTION_KEYS": "a-key-that-is-only-for-tests",
            "SHOPIFY_API_KEY": shopify.api_key,
            "SHOPIFY_API_SECRET": shopify.api_secret,
            "SHOPIFY_HOST_OVERRIDE": shopify.url,
            "VONAGE_APPLICATION_ID": vonage.credentials["application_id"],
            "VONAGE_PRIVATE_KEY": vonage.credentials["private_key"],
            "VONAGE_SIGNATURE_SECRET": vonage.credentials["signature_secret"],
            "VONAGE_FROM": "+4915700000001",
            "VONAGE_API_HOST": vonage.host,
        }
        app = create_app(configuration.load(environment))
        self.server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
        self.url = f"http://127.0.0.1:{self.server.port}"
        settings = configuration.load(environment | {"PUBLIC_URL": self.url})
        self.web = app.extensions["relance"]
        self.web.public_url, self.web.now = self.url, clock
        self.tools = open_tools(settings)
        self.tools.now = clock
        self.database = self.tools.database
        own, sender = settings.vonage_credentials(), settings.vonage_from
        self.database.run(lambda db: seed_service_account(db, own, sender, self.tools.keys))
        vonage.status_url = f"{self.url}/hooks/vonage/status"
        vonage.inbound_url = f"{self.url}/hooks/vonage/inbound"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def forward(self, time: timedelta) -> None:
        """Move our clock and both outsides' on."""
        self.clock.ahead += time
        self.vonage._postman.ahead = self.clock.ahead.total_seconds()

    def end(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
        self.web.database.close()
        self.database.close()
        self.tools.redis.close()

    def install(self) -> requests.Response:
        """What a merchant's browser does; Shopify's own pages are at the stand-in."""
        browser = requests.Session()
        away = browser.get(f"{self.url}/install/shopify?shop={DOMAIN}", allow_redirects=False)
        there = away.headers["Location"].replace(f"https://{DOMAIN}", self.shopify.url)
        granted = requests.get(there, headers={"Host": DOMAIN}, allow_redirects=False, timeout=10)
        return browser.get(granted.headers["Location"], timeout=10)

    def shop(self) -> Any:
        return rows(self.database, tables.shops)[0]

    def poll(self) -> None:
        polling.poll(self.tools, self.shop().id)
        self.shopify.settle()

    def send_due(self) -> int:
        now = self.clock()
        self.database.run(lambda db: planning.abandon_idle(db, now))
        batches = self.database.run(lambda db: handing_out.hand_out(db, now))
        return sum(
            sending.send_batch(self.tools, batch.account_id, batch.reminder_ids)
            for batch in batches
        )


@pytest.fixture(scope="module")
def valkey() -> Iterator[str]:
    with a_valkey() as server:
        yield f"redis://127.0.0.1:{server.port}/0"


@pytest.fixture
def house(
    database_url: str, valkey: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    clock = Clock()
    with StandInShopify(now=clock, retry_scale=0.0) as shopify, StandInVonage() as vonage:
        both = tmp_path / "ca.pem"
        both.write_text(Path(shopify.ca_file).read_text() + Path(vonage.ca_file).read_text())
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(both))
        Redis.from_url(valkey).flushall()
        shopify.add_shop(DOMAIN)
        made = House(database_url, shopify, vonage, valkey, clock)
        yield made
        made.end()


def connected(house: House) -> Any:
    """An installed shop with its webhooks subscribed; texts leave at any hour."""
    assert house.install().status_code == 200
    anytime = tables.shops.update().values(any_hour=True, held="")
    house.database.run(lambda db: db.execute(anytime))
    house.poll()
    house.web.forget()
    return house.shopify.shops[DOMAIN]


def test_an_install_keeps_sealed_tokens_and_subscribes(house: House) -> None:
    theirs = connected(house)
    shop = house.shop()
    assert (shop.state, shop.name, shop.currency, shop.stand_in) == (
        "active",
        "Shop One",
        "EUR",
        True,
    )
    assert "shp" not in shop.credentials
    with house.database.reading() as db:
        row = shops.by_id(db, shop.id)
    assert row is not None
    assert shops.credentials_of(house.tools.keys, row)["refresh_token"]
    assert len(theirs.subscriptions) >= 14
    assert shop.orders_known_until > house.clock() - timedelta(seconds=30)


def test_a_checkout_becomes_one_text_and_its_order_is_credited(house: House) -> None:
    theirs = connected(house)
    checkout = theirs.add_checkout(
        [{"title": "Mug", "price": "19.90", "quantity": 2}],
        email="ada@example.test",
        phone=PHONE,
        sms_marketing_phone=PHONE,
        buyer_accepts_sms_marketing=True,
    )
    house.shopify.settle()
    house.poll()
    carts = rows(house.database, tables.carts)
    assert len(carts) == 1
    assert set(carts[0].sources.split(",")) == {"webhook", "poll"}
    assert carts[0].phone == PHONE
    house.forward(timedelta(minutes=31))
    assert house.send_due() == 0
    house.forward(timedelta(minutes=31))
    assert house.send_due() == 0  # its orders were not looked up lately
    house.poll()
    assert house.send_due() == 1
    house.vonage.settle()
    sent = [entry for entry in house.vonage.record if entry.accepted]
    assert len(sent) == 1
    reminder = rows(house.database, tables.reminders)[0]
    assert reminder.state == "delivered"
    assert "Shop One" in reminder.text
    link = reminder.text[reminder.text.index(f"{house.url}/r/") :].split()[0]
    phone = {"User-Agent": PHONE_BROWSER}
    back = requests.get(link, allow_redirects=False, timeout=10, headers=phone)
    assert back.status_code == 302
    assert back.headers["Location"] == carts[0].way_back
    house.forward(timedelta(minutes=5))
    theirs.complete_checkout(checkout.id)
    house.shopify.settle()
    order = rows(house.database, tables.orders)[0]
    assert (order.reminder_id, order.cart_id) == (reminder.id, carts[0].id)
    assert rows(house.database, tables.carts)[0].state == "ordered"
    house.forward(timedelta(hours=3))
    house.poll()
    assert house.send_due() == 0
    assert len(house.vonage.record) == 1


def test_an_order_whose_webhook_was_lost_is_found_before_the_claim(house: House) -> None:
    theirs = connected(house)
    checkout = theirs.add_checkout(
        email="ada@example.test",
        phone=PHONE,
        sms_marketing_phone=PHONE,
        buyer_accepts_sms_marketing=True,
    )
    house.shopify.settle()
    house.forward(timedelta(minutes=31))
    house.send_due()
    house.shopify.post.weather = replace(house.shopify.post.weather, lose=1.0)
    theirs.complete_checkout(checkout.id)
    house.shopify.settle()
    assert rows(house.database, tables.orders) == []
    house.forward(timedelta(minutes=31))
    assert house.send_due() == 0
    house.poll()
    assert house.send_due() == 0
    assert rows(house.database, tables.reminders)[0].state == "skipped"
    assert house.vonage.record == []


def test_a_stop_holds_and_is_written_back(house: House) -> None:
    theirs = connected(house)
    theirs.add_checkout(
        email="ada@example.test",
        phone=PHONE,
        sms_marketing_phone=PHONE,
        buyer_accepts_sms_marketing=True,
    )
    house.shopify.settle()
    house.forward(timedelta(minutes=31))
    house.send_due()
    house.forward(timedelta(minutes=31))
    house.poll()
    assert house.send_due() == 1
    house.vonage.settle()
    house.vonage.say(PHONE, "+4915700000001", "Stop!")
    house.vonage.settle()
    assert len(rows(house.database, tables.suppressions)) == 1
    house.poll()
    with house.database.reading() as db:
        told = db.execute(select(tables.suppressions.c.written_back_at)).scalar_one()
    assert told is not None
    asked = [seen for seen in theirs.requests if "SmsMarketingConsentUpdate" in str(seen)]
    assert asked


def test_uninstalling_stops_everything_at_once(house: House) -> None:
    theirs = connected(house)
    theirs.add_checkout(
        email="ada@example.test",
        phone=PHONE,
        sms_marketing_phone=PHONE,
        buyer_accepts_sms_marketing=True,
    )
    house.shopify.settle()
    house.forward(timedelta(minutes=31))
    house.send_due()
    theirs.uninstall()
    house.shopify.settle()
    assert (house.shop().state, house.shop().credentials) == ("uninstalled", "")
    house.forward(timedelta(minutes=31))
    assert house.send_due() == 0
