"""The whole house with a WordPress as its shop: real processes, paired by a real browser."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from playwright.sync_api import Browser, Page
from sqlalchemy import Connection, select

import settings as configuration
from recovery import accounts, shops, tables
from recovery.secrets import Keys
from recovery.shops import ShopRow
from tests.house import House
from tests.standins.wordpress.shop import Shop
from worker.seeding import SANDBOX

PLUGIN = configuration.HERE / "in_shop" / "wordpress" / "relance"
KEY = "wordpress"
SETTINGS_PAGE = "/wp-admin/admin.php?page=relance"
SEND = "relance_send"
_SHOPS_WORK = frozenset({"woocommerce_sessions"})  # a guest's address is WooCommerce's to keep


class PluginHouse(House):
    """A house, and a shop in which the plugin runs. The texts land on the sandbox's phone."""

    def __init__(self, folder: Path, database_url: str, wordpress: Shop) -> None:
        super().__init__(folder, database_url)
        self.wordpress = wordpress
        self.environment |= {"ALLOW_PRIVATE_SHOPS": "1"}
        self.settings = configuration.load(self.environment)
        self.keys = Keys(self.settings.encryption_keys)

    # -- joining the two ---------------------------------------------------------------------

    def connect(self) -> ShopRow:
        """The shop's row with its keys, as the install leaves it: seconds instead of minutes."""
        consumer_key, consumer_secret = self.wordpress.api_key()
        credentials = {
            "consumer_key": consumer_key,
            "consumer_secret": consumer_secret,
            "webhook_secret": secrets.token_urlsafe(16),
        }
        return self.add_shop(KEY, self.wordpress.url, credentials)

    def add_shop(self, key: str, address: str, credentials: dict[str, str]) -> ShopRow:
        """One more WooCommerce shop with that public key; its texts land on the same phone."""

        def work(db: Connection) -> ShopRow:
            phone = select(tables.accounts.c.id).where(tables.accounts.c.name == SANDBOX)
            shop = shops.add(
                db,
                "woocommerce",
                address,
                self.clock(),
                key=key,
                name="Stand-in shop",
                stand_in=True,
                currency="EUR",
                country="FR",
                timezone="Europe/Paris",
                locale="en",
                account_id=db.execute(phone).scalar_one(),
                idle_seconds=2,
                delay_seconds=1,
                cap_seconds=0,
                poll_seconds=2,
                any_hour=True,
            )
            shops.keep_credentials(db, self.keys, shop, credentials)
            return shop

        return self.database.run(work)

    def pairing_code(self) -> str:
        """A code as whoever may log in to the server gets it."""
        ran = subprocess.run(
            [sys.executable, "-m", "worker", "plugin-code", KEY],
            env=self.environment,
            cwd=configuration.HERE,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return ran.stdout.strip()

    @contextmanager
    def settings_page(self, chromium: Browser) -> Iterator[Page]:
        """The plugin's page in the browser of the merchant, who logs in for it."""
        context = chromium.new_context()
        context.set_default_timeout(20_000)
        page = context.new_page()
        page.goto(f"{self.wordpress.url}/wp-login.php")
        page.fill("#user_login", "admin")
        page.fill("#user_pass", "password")
        page.click("#wp-submit")
        page.wait_for_url("**/wp-admin/**")
        page.goto(self.wordpress.url + SETTINGS_PAGE)
        yield page
        context.close()

    def paste(self, chromium: Browser, code: str) -> str:
        """Paste a code in WordPress and press the button; what the page says then."""
        with self.settings_page(chromium) as page:
            page.fill("#relance-code", code)
            page.get_by_role("button", name="Connect", exact=True).click()
            return page.locator(".notice[role=status]").inner_text()

    def choose_mode(self, chromium: Browser, mode: str) -> None:
        """The merchant chooses `consent` or `notice`, and saves."""
        with self.settings_page(chromium) as page:
            page.check(f"input[name=mode][value={mode}]")
            page.get_by_role("button", name="Save").click()
            page.locator(".notice[role=status]", has_text="Saved.").wait_for()

    # -- what goes from there to here --------------------------------------------------------

    def cron_runs(self) -> None:
        """WordPress's cron comes by, and the wait before sending is over."""
        self.wordpress.run_cron(early=True, hook=SEND)

    def nothing_waits(self) -> bool:
        """Send what waits in the shop; whether all of it has left."""
        self.cron_runs()
        return not any(int(row["waiting"]) for row in self.captured())

    def captured(self) -> list[dict[str, Any]]:
        """The rows of the plugin's table."""
        return self.wordpress.rows("relance_carts") or []

    def captured_with(self, contact: str) -> dict[str, Any] | None:
        """The row that was captured with that phone or e-mail, when there is one."""
        found = [row for row in self.captured() if contact in row["contact"].replace("\\/", "/")]
        return found[0] if found else None

    def cart_of(self, key: str) -> Any:
        """The cart of that key here, or None."""
        return next((row for row in self.rows("carts") if row.key.endswith(key)), None)

    def order_of(self, number: int) -> Any:
        """The order with that number in the shop as it is known here, or None."""
        return next((row for row in self.rows("orders") if row.key.endswith(str(number))), None)

    def orders_meta(self) -> dict[int, dict[str, str]]:
        """Each order's own notes, as REST shows them."""
        return {
            order["id"]: {one["key"]: one["value"] for one in order["meta_data"]}
            for order in self.wordpress.orders()
        }

    def door(self, what: str = "carts", key: str = KEY) -> str:
        """The address of one of the plugin's doors."""
        return f"{self.address}/hooks/woocommerce/{key}/{what}"

    def secret(self) -> str:
        """The secret that the two share."""
        found: str = self.wordpress.option("relance_link")["secret"]
        return found

    # -- looking for traces ------------------------------------------------------------------

    def traces_here(self, *words: str) -> list[str]:
        """The tables of the service in which one of these texts stands."""
        return [
            table.name
            for table in tables.metadata.sorted_tables
            if any(word in _as_text(row) for row in self.rows(table.name) for word in words)
        ]

    def traces_there(self, *words: str) -> list[str]:
        """The tables of the shop in which one of these texts stands, but for the guest's session."""
        found = []
        for name in self.wordpress.door("tables"):
            table = name.removeprefix("wp_")
            text = json.dumps(self.wordpress.rows(table) or [], ensure_ascii=False)
            if table not in _SHOPS_WORK and any(word in text for word in words):
                found.append(table)
        return found

    def all_rows(self) -> dict[str, list[str]]:
        """Everything that must not change by a refused request, on both sides.

        Left out is what beats by itself: the clock's pulse and when a shop was polled.
        """
        beating = {"pulses", "shops", "accounts"}
        kept = {
            table.name: sorted(_as_text(row) for row in self.rows(table.name))
            for table in tables.metadata.sorted_tables
            if table.name not in beating
        }
        for table in ("relance_carts", "relance_requests", "woocommerce_sessions", "wc_orders"):
            rows = self.wordpress.rows(table) or []
            kept[f"shop: {table}"] = sorted(json.dumps(row, sort_keys=True) for row in rows)
        return kept


def _as_text(row: Any) -> str:
    parts = (
        bytes(value).decode("utf-8", "replace")
        if isinstance(value, bytes | memoryview)
        else str(value)
        for value in row
    )
    return "\n".join(parts)


def signed(
    body: bytes, secret: str, at: float, nonce: str | None = None
) -> dict[str, str]:
    """The headers with which a plugin that holds `secret` sends `body` at that Unix time."""
    timestamp, nonce = str(int(at)), nonce or secrets.token_hex(16)
    text = f"{timestamp}.{nonce}.".encode() + body
    return {
        "Content-Type": "application/json",
        "X-Relance-Timestamp": timestamp,
        "X-Relance-Nonce": nonce,
        "X-Relance-Signature": hmac.new(secret.encode(), text, hashlib.sha256).hexdigest(),
    }


def knock(address: str, body: bytes, headers: dict[str, str]) -> requests.Response:
    """Post to one of the plugin's doors."""
    return requests.post(address, data=body, headers=headers, timeout=20)


@contextmanager
def open_plugin_house(
    folder: Path, database_url: str, chromium: Browser
) -> Iterator[PluginHouse]:
    """A house and its shop, joined by a code that the merchant pasted; closed at the end."""
    with Shop.start(PLUGIN) as wordpress:
        wordpress.set_options(woocommerce_default_country="FR")
        house = PluginHouse(folder, database_url, wordpress)
        try:
            house.open()
            house.connect()
            told = house.paste(chromium, house.pairing_code())
            assert told == f"This shop is connected with 127.0.0.1:{house.settings.port}."
            yield house
        finally:
            house.close()
        assert not wordpress.complaints()
