"""The whole house with a WordPress as its shop: real processes, paired by a real browser."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests
from playwright.sync_api import Browser, Page
from sqlalchemy import Connection as Transaction
from sqlalchemy import select

import settings as configuration
from connectors.protocols import Connection
from recovery import pairings, shops, tables
from recovery.reasons import Reason, read
from recovery.secrets import Keys
from recovery.shops import ShopRow
from recovery.states import ReminderState
from tests.house import House
from tests.standins.wordpress.shop import Shop
from worker.seeding import SANDBOX

PLUGIN = configuration.HERE / "in_shop" / "wordpress" / "relance"
KEY = "wordpress"
SETTINGS_PAGE = "/wp-admin/admin.php?page=relance"
SEND = "relance_send"
AT_REST = 1.5  # seconds without a change; the clock ticks twice in them
_SHOPS_WORK = frozenset({"woocommerce_sessions"})  # a guest's address is WooCommerce's to keep


class PluginHouse(House):
    """A house, and a shop in which the plugin runs. The texts land on the sandbox's phone."""

    def __init__(self, folder: Path, database_url: str, wordpress: Shop) -> None:
        super().__init__(folder, database_url)
        self.wordpress = wordpress
        self.environment |= {"ALLOW_PRIVATE_SHOPS": "1"}
        self.settings = configuration.load(self.environment)
        self.keys = Keys(self.settings.encryption_keys)
        self._office: Page | None = None

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

        def work(db: Transaction) -> ShopRow:
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

    def connection(self) -> Connection:
        """What a connector needs to speak to the shop."""
        with self.database.reading() as db:
            shop = shops.by_key(db, KEY)
        assert shop is not None
        held = shops.credentials_of(self.keys, shop)
        return Connection(KEY, shop.address, held, {"allow_private": "1"})

    def printed_code(self) -> str:
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

    def code_for(self, key: str) -> str:
        """A code of that shop, as the install's last page shows it."""

        def work(db: Transaction) -> str:
            shop = shops.by_key(db, key)
            assert shop is not None
            return pairings.begin(db, shop.id, self.clock())

        return f"{self.settings.public_url}/pair/{self.database.run(work)}"

    # -- what the merchant does in WordPress -------------------------------------------------

    def settings_page(self, chromium: Browser) -> Page:
        """The plugin's page in the browser of the merchant, who logs in once."""
        if self._office is None:
            self._office = page = chromium.new_context().new_page()
            page.set_default_timeout(20_000)
            then = quote(SETTINGS_PAGE, safe="")
            page.goto(f"{self.wordpress.url}/wp-login.php?redirect_to={then}")
            page.fill("#user_login", "admin")
            page.fill("#user_pass", "password")
            page.click("#wp-submit")
            page.wait_for_url("**/wp-admin/**")
        else:
            self._office.goto(self.wordpress.url + SETTINGS_PAGE)
        return self._office

    def close(self) -> None:
        """Stop everything, the merchant's browser too."""
        if self._office is not None:
            self._office.context.close()
        super().close()

    def paste(self, chromium: Browser, code: str) -> str:
        """Paste a code in WordPress and press the button; what the page says then."""
        page = self.settings_page(chromium)
        page.fill("#relance-code", code)
        page.get_by_role("button", name="Connect", exact=True).click()
        return page.locator(".notice[role=status]").inner_text()

    def follow_install_link(self, chromium: Browser, code: str) -> str:
        """Open the link that the install's last page offers, and confirm; what is said then."""
        page = self.settings_page(chromium)
        page.goto(f"{self.wordpress.url}{SETTINGS_PAGE}&code={quote(code, safe='')}")
        page.get_by_role("button", name=re.compile("^Connect with 127")).click()
        return page.locator(".notice[role=status]").inner_text()

    def choose_mode(self, chromium: Browser, mode: str) -> None:
        """The merchant chooses `consent` or `notice`, adds the box for e-mail, and saves."""
        page = self.settings_page(chromium)
        page.check(f"input[name=mode][value={mode}]")
        page.check("input[name='channels[]'][value=email]")
        page.get_by_role("button", name="Save").click()
        page.locator(".notice[role=status]", has_text="Saved.").wait_for()

    def runs(self, name: str) -> bool:
        """Whether that process was started and not stopped."""
        return name in self._running

    # -- what goes from there to here --------------------------------------------------------

    def cron_runs(self) -> None:
        """WordPress's cron comes by, and the wait before sending is over."""
        self.wordpress.run_cron(early=True, hook=SEND)

    def nothing_waits(self) -> bool:
        """Send what waits in the shop; whether all of it has left."""
        self.cron_runs()
        return not any(int(row["waiting"]) for row in self.captured())

    def failures(self) -> int:
        """How often in a row the shop could not send."""
        state = self.wordpress.option("relance_outbox")
        return int(state["failures"]) if state else 0

    def next_try(self) -> int:
        """When the shop sends next by itself, in Unix seconds."""
        (when,) = self.until(
            lambda: [
                int(each["scheduled"])
                for each in self.wordpress.actions(SEND)
                if each["status"] == "pending"
            ]
        )
        return when

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

    def why_not_reminded(self, key: str) -> list[Reason]:
        """Why that cart's reminder was not sent; empty while nobody has decided."""
        cart = self.cart_of(key)
        return [
            reason
            for row in self.rows("reminders")
            if row.cart_id == cart.id and row.state == ReminderState.SKIPPED
            for reason in read(row.reasons)
        ]

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
        """The tables of the shop in which one of these texts stands, but for its sessions."""
        found = []
        for name in self.wordpress.door("tables"):
            table = name.removeprefix("wp_")
            text = json.dumps(self.wordpress.rows(table) or [], ensure_ascii=False)
            if table not in _SHOPS_WORK and any(word in text for word in words):
                found.append(table)
        return found

    def rows_at_rest(self) -> dict[str, list[str]]:
        """`all_rows`, once nothing in them changes by itself any more."""
        last, since = self.all_rows(), time.monotonic()

        def rests() -> bool:
            nonlocal last, since
            now = self.all_rows()
            if now != last:
                last, since = now, time.monotonic()
            return time.monotonic() - since > AT_REST

        self.until(rests)
        return last

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
    body: bytes, secret: str, at: float, nonce: str | None = None, door: str = "carts"
) -> dict[str, str]:
    """The headers with which a plugin that holds `secret` sends `body` at that Unix time."""
    timestamp, nonce = str(int(at)), nonce or secrets.token_hex(16)
    for_door = b"" if door == "carts" else f"{door}.".encode()
    text = f"{timestamp}.{nonce}.".encode() + for_door + body
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
def open_plugin_house(folder: Path, database_url: str, chromium: Browser) -> Iterator[PluginHouse]:
    """A house and its shop, joined by a code that the merchant pasted; closed at the end."""
    with Shop.start(PLUGIN) as wordpress:
        wordpress.set_options(woocommerce_default_country="FR")
        house = PluginHouse(folder, database_url, wordpress)
        try:
            house.open()
            house.connect()
            code = house.printed_code()
            told = house.paste(chromium, code)
            if "once more" in told:  # the stand-in's SQLite lost a write; a merchant does it, too
                told = house.paste(chromium, code)
            assert told == f"This shop is connected with 127.0.0.1:{house.settings.port}.", told
            yield house
        finally:
            house.close()
        assert not wordpress.complaints()
