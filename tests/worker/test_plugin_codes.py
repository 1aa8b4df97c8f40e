"""Codes for a plugin, from the command line."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import settings
from recovery import pairings, shops
from recovery.database import Database
from tests.conftest import SetClock
from worker.plugin_codes import NoSuchShop, plugin_code


def a_shop(database: Database, clock: SetClock, platform: str, **more: str) -> shops.ShopRow:
    address = f"https://{platform}.example"
    return database.run(lambda db: shops.add(db, platform, address, clock(), key=platform, **more))


def test_an_operator_gets_a_code_of_that_shop(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock, "woocommerce")
    code = plugin_code(database, "woocommerce", clock())
    found = database.run(lambda db: pairings.look(db, code, clock()))
    assert found is not None and found.shop_id == shop.id


def test_there_is_none_for_what_no_plugin_could_be_joined_to(
    database: Database, clock: SetClock
) -> None:
    a_shop(database, clock, "shopify")
    a_shop(database, clock, "woocommerce", state="uninstalled")
    for key in ("shopify", "woocommerce", "unknown"):
        with pytest.raises(NoSuchShop):
            plugin_code(database, key, clock())


@pytest.mark.parametrize(("key", "status"), [("woocommerce", 0), ("unknown", 2), (None, 2)])
def test_the_command_prints_what_is_pasted(
    database_url: str, clock: SetClock, key: str | None, status: int
) -> None:
    opened = Database(database_url)
    a_shop(opened, clock, "woocommerce")
    opened.close()
    told = subprocess.run(
        [sys.executable, "-m", "worker", "plugin-code", *([key] if key else [])],
        cwd=settings.HERE,
        env=os.environ
        | {
            "DATABASE_URL": database_url,
            "PUBLIC_URL": "https://relance.example",
            "SECRET_KEY": "a-secret-that-is-only-for-tests",
            "ENCRYPTION_KEYS": "a-key-that-is-only-for-tests",
            "CLOCK_FILE": "",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert told.returncode == status, told.stderr
    assert told.stdout.startswith("https://relance.example/pair/") is (status == 0)
