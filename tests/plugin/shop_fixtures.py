"""One real shop for all tests of the plugin that need one.

A test file takes it with `pytest_plugins = ["tests.plugin.shop_fixtures"]`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.plugin.relance_shop import RelanceShop, Running


@pytest.fixture(scope="session")
def relance_running() -> Iterator[RelanceShop]:
    """The one shop."""
    running = Running.start()
    yield running.shop
    running.end()


@pytest.fixture
def relance_shop(relance_running: RelanceShop) -> Iterator[RelanceShop]:
    """The shop as on its first day. At the end PHP has complained of nothing."""
    shop = relance_running
    shop.begin()
    before = len(shop.log())
    yield shop
    assert shop.log()[before:] == ""
    assert shop.receiver.forged == []
