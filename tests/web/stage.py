"""Words for the tests of the web: an app with a database of its own, and whoever knocks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

import settings as configuration
from connectors.woocommerce.plugin import signature as plugin_signature
from recovery import accounts, handing_out, planning, reminders, shops, tables
from recovery.accounts import AccountRow
from recovery.database import Database
from recovery.letters import Letter
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.connectors import shopify_words, woocommerce_recordings
from tests.recovery.stories import rows
from tests.standins.vonage.webhooks import signature as vonage_signature
from web.tools import Tools

APPLICATION = "5f0c1d1e-7a52-4a0c-9a9d-0c1b7b1c0e11"
SIGNATURE_SECRET = "a-made-up-secret-of-forty-characters-000"
PLUGIN_SECRET = "leaf"
SENDER = "+33755530017"
PHONE_BROWSER = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 "
    "Version/18.1 Mobile/15E148 Safari/604.1"
)
SHOPPER = "+33612345678"

ENVIRONMENT = {
    "SECRET_KEY": "a-secret-that-is-only-for-tests",
    "ENCRYPTION_KEYS": "a-key-that-is-only-for-tests",
    "PUBLIC_URL": "https://relance.example",
    "SHOPIFY_API_KEY": "key",
    "SHOPIFY_API_SECRET": shopify_words.SECRET,
    "SHOPIFY_API_SECRET_PREVIOUS": shopify_words.PREVIOUS,
}


def settings_for(database_url: str, **more: str) -> configuration.Settings:
    """The settings of a test, in their usual form."""
    return configuration.load(ENVIRONMENT | {"DATABASE_URL": database_url} | more)


class Stage:
    """The app, its client, and the clock that all of it reads."""

    def __init__(self, app: Flask, clock: SetClock) -> None:
        self.app = app
        self.clock = clock
        self.tools: Tools = app.extensions["relance"]
        self.tools.now = clock
        self.client: FlaskClient = app.test_client()
        self.client.environ_base["HTTP_USER_AGENT"] = PHONE_BROWSER  # else a program's visit

    @property
    def database(self) -> Database:
        return self.tools.database

    # -- what is there before the story begins --------------------------------------------

    def a_shopify_shop(self, **more: Any) -> ShopRow:
        return self._a_shop("shopify", shopify_words.SHOP, {"access_token": "shpat_made_up"}, more)

    def a_woocommerce_shop(self, **more: Any) -> ShopRow:
        secrets = {
            "webhook_secret": woocommerce_recordings.SECRET,
            "plugin_secret": PLUGIN_SECRET,
        }
        return self._a_shop("woocommerce", "https://pots.example", secrets, {"key": "pots"} | more)

    def an_account(self, sender: str = SENDER) -> AccountRow:
        credentials = {
            "application_id": APPLICATION,
            "private_key": "",
            "signature_secret": SIGNATURE_SECRET,
        }
        keys = self.tools.keys
        return self.database.run(
            lambda db: accounts.keep(db, keys, "service", "vonage", sender, credentials)
        )

    def _a_shop(
        self, platform: str, address: str, credentials: Mapping[str, str], more: Mapping[str, Any]
    ) -> ShopRow:
        values = {"name": "Teapots & Co", "currency": "EUR", "country": "DE"}
        values |= {"domains": "teapots.example atelier-nord.example"} | dict(more)

        def work(db: Any) -> ShopRow:
            shop = shops.add(db, platform, address, self.clock(), **values)
            shops.keep_credentials(db, self.tools.keys, shop, credentials)
            return shop

        return self.database.run(work)

    def what_leaves_after_an_hour(self, account: AccountRow) -> list[Letter]:
        """Half an hour idle, half an hour of delay; orders known; claimed and written out."""
        self.clock.forward(minutes=30)
        self.database.run(lambda db: planning.abandon_idle(db, self.clock()))
        now = self.clock.forward(minutes=30)
        known = tables.shops.update().values(orders_known_until=now)
        self.database.run(lambda db: db.execute(known))
        (batch,) = self.database.run(lambda db: handing_out.hand_out(db, now))
        claimed = self.database.run(
            lambda db: reminders.claim(db, account.id, list(batch.reminder_ids), now)
        )
        assert claimed is not None
        return self.database.run(
            lambda db: reminders.examine(db, claimed, self.tools.public_url, now)
        )

    # -- who knocks --------------------------------------------------------------------------

    def shopify_sends(
        self, topic: str, payload: Any, secret: str = shopify_words.SECRET, **more: str
    ) -> TestResponse:
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        headers = shopify_words.signed(topic, body, secret, **more)
        return self.client.post("/hooks/shopify", data=body, headers=headers)

    def woocommerce_sends(self, recording: str, key: str = "pots", **more: str) -> TestResponse:
        headers, body = woocommerce_recordings.recorded(recording)
        return self.client.post(f"/hooks/woocommerce/{key}", data=body, headers=headers | more)

    def plugin_sends(
        self, body: bytes, nonce: str, at: datetime | None = None, secret: str = PLUGIN_SECRET
    ) -> TestResponse:
        stamp = str(int((at or self.clock()).timestamp()))
        headers = {
            "X-Relance-Timestamp": stamp,
            "X-Relance-Nonce": nonce,
            "X-Relance-Signature": plugin_signature(secret, stamp, nonce, body),
        }
        return self.client.post("/hooks/woocommerce/pots/carts", data=body, headers=headers)

    def vonage_sends(
        self, door: str, body: bytes, secret: str = SIGNATURE_SECRET, application: str = APPLICATION
    ) -> TestResponse:
        token = vonage_signature(
            body,
            secret=secret,
            application_id=application,
            api_key="a1b2c3d4",
            now=self.clock().timestamp(),
        )
        headers = {"Authorization": token}
        return self.client.post(f"/hooks/vonage/{door}", data=body, headers=headers)

    # -- what is known afterwards --------------------------------------------------------------

    def rows(self, table: str, *columns: str) -> list[Any]:
        return rows(self.database, tables.metadata.tables[table], *columns)

    def the_shop(self) -> ShopRow:
        """The only shop there is."""
        (row,) = self.rows("shops", "id")
        found = self.database.run(lambda db: shops.by_id(db, row.id))
        assert found is not None
        return found

    def count(self, table: str) -> int:
        return len(self.rows(table))

    @contextmanager
    def without_table(self, name: str) -> Iterator[None]:
        """As long as this lasts, the database has no such table: a fault of our own."""
        self._says(f"ALTER TABLE {name} RENAME TO {name}_away")
        try:
            yield
        finally:
            self._says(f"ALTER TABLE {name}_away RENAME TO {name}")

    def _says(self, statement: str) -> None:
        with self.database.transaction() as db:
            db.execute(text(statement))
