"""Requests in the shapes that WooCommerce sends, with made-up people and numbers."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from connectors.protocols import Connection
from connectors.woocommerce import WooCommerceShop
from recovery.model import Seen

FOLDER = Path(__file__).parent.parent / "recordings" / "woocommerce"
PRIVATE = {"allow_private": "1"}  # the option of a stand-in on loopback
SECRET = "tea-and-biscuits"  # signs every recording
NOW = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)
SHOP = WooCommerceShop(
    Connection("pots", "https://pots.example", {"webhook_secret": SECRET, "plugin_secret": "leaf"})
)


def recorded(name: str) -> tuple[dict[str, str], bytes]:
    """The headers and the raw body of a recording."""
    head, _, body = (FOLDER / f"{name}.http").read_bytes().partition(b"\n\n")
    lines = head.decode().splitlines()[1:]
    return dict(line.split(": ", 1) for line in lines), body


def seen(name: str) -> tuple[Seen, ...]:
    """What a recording is, after its signature was checked."""
    headers, body = recorded(name)
    SHOP.verify(headers, body)
    return SHOP.read(headers, body, NOW)
