"""A fresh app for each test, on both kinds of database."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from tests.conftest import SetClock
from tests.standins.woocommerce import WooCommerceStandIn
from tests.web.stage import Stage, settings_for
from web import create_app


@pytest.fixture
def a_stage(database_url: str) -> Iterator[Callable[..., Stage]]:
    """Makes apps at the hour at which the recordings were made, with more settings if wanted."""
    made: list[Stage] = []
    root = logging.getLogger()
    before, level = root.handlers[:], root.level

    def make(**settings: str) -> Stage:
        app = create_app(settings_for(database_url, **settings))
        root.handlers[:], root.level = before, level  # the app sends its log to standard error
        made.append(Stage(app, SetClock(datetime(2026, 11, 20, 13, 0, tzinfo=UTC))))
        return made[-1]

    yield make
    for stage in made:
        stage.database.close()


@pytest.fixture
def stage(a_stage: Callable[..., Stage]) -> Stage:
    """An app with the usual settings."""
    return a_stage()


@pytest.fixture
def woo() -> Iterator[WooCommerceStandIn]:
    with WooCommerceStandIn() as stand_in:
        yield stand_in
