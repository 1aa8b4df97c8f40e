"""What happened since the shop's midnight."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from recovery import figures_today
from recovery.database import Database
from tests.conftest import SetClock
from tests.recovery.stories import a_cart, a_shop, record


@pytest.mark.parametrize("zone", [None, "Mars/Olympus", "Europe", "UTC+2"])
def test_a_zone_that_nobody_knows_is_utc(
    database: Database, clock: SetClock, zone: str | None
) -> None:
    shop = a_shop(database, clock(), timezone=zone)
    record(database, shop, a_cart(clock()), now=clock())
    with database.reading() as db:
        assert figures_today.of_shop(db, shop, clock()).carts == 1


def test_an_hour_that_comes_twice_belongs_to_one_day(database: Database, clock: SetClock) -> None:
    # On the Azores 1:00 is followed by midnight: the day began an hour before the second one.
    clock.at = datetime(2026, 10, 25, 0, 20, tzinfo=UTC)
    shop = a_shop(database, clock(), timezone="Atlantic/Azores")
    record(database, shop, a_cart(clock()), now=clock())
    clock.at = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    with database.reading() as db:
        assert figures_today.of_shop(db, shop, clock()).carts == 1
