"""The house and the shop in which the plugin's stories live. Taken by `pytest_plugins`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.plugin.plugin_house import PluginHouse, open_plugin_house


@pytest.fixture(scope="package")
def town(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, chromium: Browser
) -> Iterator[PluginHouse]:
    """One house and one shop for the stories that leave time as it is."""
    folder = tmp_path_factory.mktemp("town")
    shutil.copy(sqlite_template, folder / "relance.sqlite")
    url = f"sqlite:///{folder / 'relance.sqlite'}"
    with open_plugin_house(folder, url, chromium) as opened:
        yield opened
