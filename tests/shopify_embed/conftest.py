"""Debian's Chromium in front of a shop on loopback."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.shopify_embed.shop import Shop


@pytest.fixture
def shop() -> Iterator[Shop]:
    """A shop with the box in its product page, and two things in the visitor's cart."""
    shop = Shop()
    yield shop
    shop.close()


@pytest.fixture
def visitor(chromium: Browser) -> Iterator[Page]:
    """A clean browser; at the end nothing may have gone wrong on the page."""
    context = chromium.new_context()
    context.set_default_timeout(5_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []
