"""Codes that join a plugin to its shop: good once, for a day, with a bounded number of tries."""

from __future__ import annotations

from datetime import timedelta

import pytest

from recovery import pairings, tables
from recovery.database import Database
from recovery.tidying import tidy
from tests.conftest import SetClock
from tests.recovery.stories import a_shop, rows


def begun(database: Database, clock: SetClock) -> str:
    shop = a_shop(database, clock())
    return database.run(lambda db: pairings.begin(db, shop.id, clock()))


def look(database: Database, code: str, clock: SetClock) -> pairings.Pairing | None:
    return database.run(lambda db: pairings.look(db, code, clock()))


def take(database: Database, code: str, clock: SetClock) -> int | None:
    return database.run(lambda db: pairings.take(db, code, clock()))


def tried(database: Database, code: str, clock: SetClock) -> bool:
    return database.run(lambda db: pairings.try_once(db, code, clock()))


def test_a_code_stands_for_its_shop_and_is_kept_hashed(database: Database, clock: SetClock) -> None:
    code = begun(database, clock)
    (shop,) = rows(database, tables.shops)
    found = look(database, code, clock)
    assert found == pairings.Pairing(shop.id, clock() + timedelta(hours=24))
    assert code not in str(rows(database, tables.pairings))


def test_a_code_is_used_up_by_the_one_who_takes_it(database: Database, clock: SetClock) -> None:
    code = begun(database, clock)
    (shop,) = rows(database, tables.shops)
    assert [take(database, code, clock) for _ in range(3)] == [shop.id, None, None]
    assert look(database, code, clock) is None
    assert not tried(database, code, clock)


@pytest.mark.parametrize(("hours", "good"), [(23.9, True), (24, False), (900, False)])
def test_a_code_is_good_for_a_day(
    database: Database, clock: SetClock, hours: float, good: bool
) -> None:
    code = begun(database, clock)
    clock.forward(hours=hours)
    assert (look(database, code, clock) is not None) is good
    assert tried(database, code, clock) is good
    assert (take(database, code, clock) is not None) is good


@pytest.mark.parametrize("code", ["", "x" * 32, "\ud800", "é" * 4_000])
def test_an_unknown_code_is_none(database: Database, clock: SetClock, code: str) -> None:
    begun(database, clock)
    assert look(database, code, clock) is None
    assert take(database, code, clock) is None
    assert not tried(database, code, clock)


def test_a_code_has_five_tries_and_another_has_its_own(database: Database, clock: SetClock) -> None:
    code, other = begun(database, clock), begun(database, clock)
    assert [tried(database, code, clock) for _ in range(7)] == [True] * 5 + [False] * 2
    assert tried(database, other, clock)


def test_tidying_gives_no_tries_back_while_the_code_is_good(
    database: Database, clock: SetClock
) -> None:
    code = begun(database, clock)
    assert all(tried(database, code, clock) for _ in range(5))
    clock.forward(hours=23)
    database.run(lambda db: tidy(db, clock()))
    assert not tried(database, code, clock)
    clock.forward(hours=3)
    database.run(lambda db: tidy(db, clock()))
    assert rows(database, tables.nonces) == []


def test_a_new_code_leaves_those_that_are_still_good_and_drops_those_that_are_over(
    database: Database, clock: SetClock
) -> None:
    first = begun(database, clock)
    clock.forward(hours=1)
    second = begun(database, clock)
    assert look(database, first, clock) and look(database, second, clock)
    clock.forward(hours=23.5)
    third = begun(database, clock)
    assert look(database, first, clock) is None
    assert look(database, second, clock) and look(database, third, clock)
    assert len(rows(database, tables.pairings)) == 2
