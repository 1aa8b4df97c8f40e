"""A fresh app for each test, on both kinds of database."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.conftest import SetClock
from tests.web.stage import Stage, settings_for
from web import create_app


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    """An app at noon of the day on which the recordings were made."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    app = create_app(settings_for(database_url))
    root.handlers[:], root.level = before, level  # the app sends its log to standard error
    yield Stage(app, SetClock(datetime(2026, 11, 20, 13, 0, tzinfo=UTC)))
    app.extensions["relance"].database.close()
