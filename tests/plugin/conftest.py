"""A browser, a shop on loopback, and the two small checkouts.

Nothing here is skipped: where Chromium, PHP, node or npm is missing, the test fails and says
what to install.
"""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.plugin.browser.checkout import Checkout
from tests.plugin.browser.shop import Shop

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
    with (PAGES / "package-lock.json").open() as one_at_a_time:  # several processes run tests
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        return _bundle(npm)


def _bundle(npm: str) -> Path:
    lock, mark = PAGES / "package-lock.json", PAGES / "node_modules" / ".package-lock.json"
    if not mark.exists() or mark.stat().st_mtime < lock.stat().st_mtime:
        _run([npm, "ci"])
    bundle = PAGES / "dist" / "block.js"
    sources = [lock, *(PAGES / "src").iterdir()]
    if not bundle.exists() or bundle.stat().st_mtime < max(
        each.stat().st_mtime for each in sources
    ):
        _run([npm, "run", "--silent", "build"])
    return bundle


def _run(command: list[str]) -> None:
    ran = subprocess.run(
        command, cwd=PAGES, capture_output=True, text=True, timeout=300, check=False
    )
    if ran.returncode:
        pytest.fail(f"{' '.join(command[1:])} failed:\n{ran.stdout}\n{ran.stderr}", pytrace=False)


@pytest.fixture(scope="session")
def running_shop() -> Iterator[Shop]:
    """One server for all tests."""
    needed("php", "php-cli")
    shop = Shop()
    yield shop
    shop.close()


class Windows:
    """Windows of clean browsers. A new one costs as much as a whole test, so that one is used
    for several shoppers, cleaned after each.

    Every step of a page's clock is told to each later page of the window: after some shoppers
    a new window is quicker.
    """

    SHOPPERS = 12

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._page: Page | None = None
        self._left = 0

    def new(self) -> Page:
        """A window of a browser that nobody used."""
        context = self._browser.new_context()
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.clock.install()
        return page

    def next(self) -> Page:
        """A clean window, perhaps one that was used before."""
        if self._page is None or self._page.is_closed() or not self._left:
            self.close()
            self._page, self._left = self.new(), self.SHOPPERS
        self._left -= 1
        return self._page

    def close(self) -> None:
        """No window stays open."""
        if self._page is not None:
            self._page.context.close()
            self._page = None


@pytest.fixture(scope="session")
def windows(chromium: Browser) -> Iterator[Windows]:
    """The windows of all tests."""
    windows = Windows(chromium)
    yield windows
    windows.close()


@pytest.fixture
def own_window(windows: Windows) -> Iterator[Page]:
    """A window of this test alone, which may do with it what cannot be undone."""
    page = windows.new()
    yield page
    page.context.close()


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
    kind: str, windows: Windows, shop: Shop, pages_script: Path, request: pytest.FixtureRequest
) -> Iterator[Checkout]:
    """A shopper before the checkout; at the end nothing may have gone wrong on the page."""
    own = "own_window" in request.fixturenames
    shopper = Checkout(kind, request.getfixturevalue("own_window") if own else windows.next(), shop)
    yield shopper
    if shop.hold:
        shop.hold.set()
    if not own:
        shopper.go()
    assert shopper.complaints == []
