"""Why carts are left: what each reason touches, what to do about it, before and after a day."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec

from recovery import changes, counting, leaving_sums, marks, remedies, reports, tables
from recovery.counted import By
from recovery.database import Database
from recovery.leaving_sums import Reason
from recovery.remedies import Remedy, Threshold
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.figure_stories import DAY, a_past, answered
from tests.recovery.stories import a_shop, rows

PARIS = ZoneInfo("Europe/Paris")


def a_story(database: Database, clock: SetClock) -> ShopRow:
    shop = a_shop(database, clock())
    carts = a_past(database, shop, clock())
    said = ("shipping", "shipping", "account", None, "deciding")
    for number, cart in enumerate([*carts, carts[0]], 1):
        at = clock() - timedelta(hours=number)
        answered(database, shop, cart, said[number % len(said)], at, number)
    return shop


def test_the_numbers_are_those_of_the_reports(database: Database, clock: SetClock) -> None:
    shop, span = a_story(database, clock), (clock() - DAY, clock())
    with database.reading() as db:
        told = leaving_sums.at_once(db, shop.id, *span, clock())
        wanted = reports.leaving(db, shop.id, *span)[reports.ALL]
        by_country = reports.leaving(db, shop.id, *span, by=By.COUNTRY)
        by_amount = reports.leaving(db, shop.id, *span, by=By.AMOUNT)
    assert {name: each.answers for name, each in told.reasons.items()} == {
        name: each.figure.count for name, each in wanted.items()
    }
    assert told.answers == 13
    for name, each in told.reasons.items():
        for country, many in each.countries.items():
            assert by_country[country][name].figure.count == many
        for band, many in each.amounts.items():
            assert by_amount[band][name].figure.count == many


def test_money_is_each_cart_once_and_by_currency(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    carts = a_past(database, shop, clock(), carts=5)
    for number, cart in enumerate([*carts, carts[0]], 1):
        answered(database, shop, cart, "shipping", clock() - timedelta(hours=number), number)
    with database.reading() as db:
        told = leaving_sums.at_once(db, shop.id, clock() - DAY, clock(), clock())
    reason = told.reasons["shipping"]
    assert reason.answers == 6
    assert reason.money == {"EUR": Decimal(50 + 80 + 110 + 140), "USD": Decimal(20)}
    assert reason.totals["EUR"] == {50: 1, 80: 1, 110: 1, 140: 1}


def test_a_count_in_groups_that_is_written_down_is_the_same(
    database: Database, clock: SetClock
) -> None:
    shop, span = a_story(database, clock), (clock() - DAY, clock())
    count = leaving_sums.begin(*span, clock())
    while not count.is_done:
        with database.reading() as db:
            leaving_sums.go_on(db, shop.id, count, most=2)
        count = msgspec.json.decode(counting.written(count), type=leaving_sums.Count)
    with database.reading() as db:
        assert leaving_sums.finished(count) == leaving_sums.at_once(db, shop.id, *span, clock())


def test_half_of_the_carts_reach_the_threshold() -> None:
    totals = dict.fromkeys((12, 23, 34, 47, 48, 63, 81, 99), 1)
    assert remedies.threshold(totals) == Threshold(45, 5, 8)
    assert remedies.threshold({12: 7}) is None
    assert remedies.threshold({3: 8}) == Threshold(3, 8, 8)
    assert remedies.threshold({0: 20}) == Threshold(1, 0, 20)
    assert remedies.threshold({1_234: 10}) == Threshold(1_200, 10, 10)


def test_each_reason_has_its_remedy_and_no_amount_of_another_currency() -> None:
    told = Reason(answers=9, totals={"USD": {40: 9}})
    assert [each for each, _ in remedies.of("shipping", told, "EUR")] == [Remedy.TELL_SHIPPING]
    found = remedies.of("shipping", told, "USD")
    assert found[0] == (Remedy.FREE_FROM, Threshold(40, 9, 9))
    for name in ("account", "deciding", "no_time", "other", "not_understood", "unheard of"):
        assert len(remedies.of(name, told, "EUR")) == 1


def test_around_a_mark_both_sides_are_as_long(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    (cart,) = a_past(database, shop, clock(), carts=1)
    day = (clock() - 9 * DAY).astimezone(PARIS).date()
    for number in range(1, 41):  # before: all for shipping, twenty a day
        at = clock() - (10 + number / 20) * DAY
        answered(database, shop, cart, "shipping", at, number)
    for number in range(41, 71):  # since: one of three
        reason = "account" if number % 3 else "shipping"
        answered(database, shop, cart, reason, clock() - timedelta(hours=number), number)
    answered(database, shop, cart, "account", clock() - 25 * DAY, 99)
    with database.reading() as db:
        found = marks.around(db, shop.id, day, PARIS, clock())
    assert found.days == 10
    assert (found.before, found.after) == ({"shipping": 40}, {"shipping": 10, "account": 20})
    seen = found.difference("shipping")
    assert seen is not None
    assert seen.high < 0
    few = marks.Around(3, {"shipping": 19}, {"shipping": 100})
    assert few.difference("shipping") is None


def test_a_mark_is_kept_as_a_change_and_comes_back(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    other = a_shop(database, clock(), address="other.myshopify.com")
    day = clock().date()
    made = database.run(lambda db: marks.add(db, shop.id, day, " free  shipping ", clock(), 7))
    with database.reading() as db:
        (kept,) = marks.of_shop(db, shop.id)
        assert marks.of_shop(db, other.id) == []
    assert (kept.day, kept.words, kept.removed_at) == (day, "free shipping", None)
    assert not database.run(lambda db: marks.take_away(db, other.id, made, clock(), 7))
    assert database.run(lambda db: marks.take_away(db, shop.id, made, clock(), 7))
    assert not database.run(lambda db: marks.take_away(db, shop.id, made, clock(), 7))
    assert not database.run(lambda db: marks.put_back(db, other.id, made, clock(), 7))
    assert database.run(lambda db: marks.put_back(db, shop.id, made, clock(), 8))
    with database.reading() as db:
        told = changes.latest(db, shop.id)
    assert [(each.member_id, each.subject) for each in told] == [
        (8, f"mark:{made}"),
        (7, f"mark:{made}"),
        (7, f"mark:{made}"),
    ]
    assert len(rows(database, tables.marks)) == 1
