"""Figures counted beforehand: asked for, handed out once, kept, renewed while somebody looks."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from recovery import periods, prepared, tables
from recovery.database import Database
from recovery.periods import NoPeriod
from recovery.prepared import Prepared
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.stories import a_shop, rows

HOUR = timedelta(hours=1)


def ask(database: Database, shop: ShopRow, clock: SetClock, period: str = "last-30") -> Prepared:
    return database.run(lambda db: prepared.ask(db, shop.id, "results", period, clock()))


def hand_out(database: Database, clock: SetClock) -> list[int]:
    with database.reading() as db:
        is_due = prepared.is_one_due(db, clock())
    found = database.run(lambda db: prepared.hand_out(db, clock()))
    assert is_due == bool(found)
    return found


def keep(database: Database, of: Prepared, clock: SetClock) -> None:
    database.run(lambda db: prepared.keep(db, of, "{}", clock(), clock()))


def test_what_is_asked_for_is_handed_out_once(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    found = ask(database, shop, clock)
    assert (found.figures, found.as_of, found.is_due(clock())) == (None, None, True)
    assert hand_out(database, clock) == [found.id]
    assert hand_out(database, clock) == []
    assert ask(database, shop, clock).id == found.id
    assert hand_out(database, clock) == []


def test_what_a_dead_worker_held_is_handed_out_again(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    found = ask(database, shop, clock)
    hand_out(database, clock)
    database.run(lambda db: prepared.keep_partial(db, found.id, '{"so": "far"}'))
    assert hand_out(database, clock) == [found.id]
    clock.forward(seconds=prepared.PATIENCE.total_seconds() + 1)
    assert hand_out(database, clock) == [found.id]
    (row,) = rows(database, tables.prepared_figures)
    assert row.partial == '{"so": "far"}'


def test_figures_are_renewed_each_hour_while_somebody_looks(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    found = ask(database, shop, clock)
    hand_out(database, clock)
    keep(database, found, clock)
    clock.forward(minutes=59)
    assert hand_out(database, clock) == []
    clock.forward(minutes=1)
    assert hand_out(database, clock) == [found.id]
    clock.forward(hours=25)
    keep(database, found, clock)
    clock.forward(hours=2)
    assert hand_out(database, clock) == []  # nobody looked for a day
    again = ask(database, shop, clock)
    assert again.figures == "{}"
    assert again.is_due(clock())
    assert hand_out(database, clock) == [found.id]


def test_a_look_is_written_down_rarely(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    found = ask(database, shop, clock)
    assert not found.is_to_be_asked(clock())
    assert found.is_to_be_asked(clock() + timedelta(minutes=6))


def test_a_shop_has_so_many_periods_and_no_more(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    other = a_shop(database, clock(), address="other.myshopify.com")
    ask(database, other, clock)
    for day in range(1, 45):
        clock.forward(seconds=1)
        ask(database, shop, clock, f"last-{day}")
    mine = [row for row in rows(database, tables.prepared_figures) if row.shop_id == shop.id]
    assert len(mine) == prepared.MOST_PERIODS
    assert {row.period for row in mine} >= {"last-44", "last-5"}
    assert "last-4" not in {row.period for row in mine}


def test_what_nobody_asks_for_is_forgotten(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    found = ask(database, shop, clock)
    clock.forward(days=3)
    keep(database, found, clock)
    clock.forward(days=61)
    database.run(lambda db: prepared.tidy(db, clock()))
    assert rows(database, tables.prepared_figures) == []


@pytest.mark.parametrize(
    ("key", "first", "last"),
    [
        ("last-7", "2026-11-12", "2026-11-18"),
        ("2026-02", "2026-02-01", "2026-02-28"),
        ("2026-12", "2026-12-01", "2026-12-31"),
        ("2026-11-01.2026-11-02", "2026-11-01", "2026-11-02"),
        ("2026-11-01.2026-11-01", "2026-11-01", "2026-11-01"),
    ],
)
def test_a_period_is_whole_days(key: str, first: str, last: str) -> None:
    found = periods.read(key, date(2026, 11, 18))
    assert (str(found.first), str(found.last)) == (first, last)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "last-0",
        "last-9999",
        "2026-13",
        "2026-11-02.2026-11-01",
        "2020-01-01.2026-01-01",
        "0001-01-01.0001-01-02",
        "2026-11-01",
        "9999-12",
        "last-7\n",
        "٢٠٢٦-11",
    ],
)
def test_what_is_no_period_is_said(key: str) -> None:
    with pytest.raises(NoPeriod):
        periods.read(key, date(2026, 11, 18))
