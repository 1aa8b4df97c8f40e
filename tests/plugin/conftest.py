"""A browser, a shop on loopback, and the two small checkouts.

Nothing here is skipped: where Chromium, PHP, node or npm is missing, the test fails and says
what to install.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.plugin.browser.checkout import Checkout
from tests.plugin.browser.shop import Shop

CHROMIUM = Path("/usr/bin/chromium")
PAGES = Path(__file__).parent / "browser"


def needed(program: str, package: str) -> str:
    """The path of a program; a failure that names Debian's package where it is missing."""
    path = shutil.which(program)
    if path is None:
        pytest.fail(f"{program} is missing: apt-get install {package}", pytrace=False)
    return path


@pytest.fixture(scope="session")
def pages_script() -> Path:
    """The block checkout's own script, bundled from what package-lock.json names."""
    npm = needed("npm", "nodejs npm")
    lock, mark = PAGES / "package-lock.json", PAGES / "node_modules" / ".package-lock.json"
    if not mark.exists() or mark.stat().st_mtime < lock.stat().st_mtime:
        _run([npm, "ci"])
    _run([npm, "run", "--silent", "build"])
    return PAGES / "dist" / "block.js"


def _run(command: list[str]) -> None:
    ran = subprocess.run(
        command, cwd=PAGES, capture_output=True, text=True, timeout=300, check=False
    )
    if ran.returncode:
        pytest.fail(f"{' '.join(command[1:])} failed:\n{ran.stdout}\n{ran.stderr}", pytrace=False)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    if not CHROMIUM.exists():
        pytest.fail(f"{CHROMIUM} is missing: apt-get install chromium", pytrace=False)
    with sync_playwright() as playwright:
        # As root, as in a container, Chromium runs only without its sandbox.
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def running_shop() -> Iterator[Shop]:
    """One server for all tests."""
    needed("php", "php-cli")
    shop = Shop()
    yield shop
    shop.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A clean browser: nothing stored, no cookie."""
    context = chromium.new_context()
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture(params=["block", "classic"])
def kind(request: pytest.FixtureRequest) -> str:
    """Every test that asks runs on both checkouts."""
    return str(request.param)


@pytest.fixture
def shop(running_shop: Shop) -> Shop:
    """A shop that asks for consent and has seen nobody yet."""
    running_shop.begin(running_shop.setting.__class__())
    return running_shop


@pytest.fixture
def checkout(
    kind: str, context: BrowserContext, shop: Shop, pages_script: Path
) -> Iterator[Checkout]:
    """A shopper before the checkout; at the end nothing may have gone wrong on the page."""
    shopper = Checkout(kind, context, shop)
    yield shopper
    if shop.hold:
        shop.hold.set()
    assert shopper.complaints == []
