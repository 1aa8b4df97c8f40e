"""A number that watches many things gets four texts a day of them, and the rest later."""

from __future__ import annotations

from datetime import timedelta

from recovery.database import Database
from tests.conftest import SetClock
from tests.recovery.asked_stories import a_product, a_watch, reasons_of, tick
from tests.recovery.stories import a_shop, accept, record


def test_the_fifth_text_of_a_day_waits_for_the_shops_next_word(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    for key in "12345":
        record(database, shop, a_product(clock(), False, key=key), now=clock())
        record(database, shop, a_watch(clock.forward(seconds=1), product_key=key), now=clock())
    clock.forward(minutes=1)
    for key in "12345":
        record(database, shop, a_product(clock(), True, key=key), now=clock())
    letters = tick(database, clock())
    accept(database, letters, clock())
    assert len(letters) == 4
    assert sorted(state for _, state, _ in reasons_of(database)) == ["sent"] * 4 + ["skipped"]
    clock.forward(hours=25)
    for key in "12345":
        record(database, shop, a_product(clock(), True, key=key), now=clock())
    assert len(tick(database, clock() + timedelta(seconds=1))) == 1
