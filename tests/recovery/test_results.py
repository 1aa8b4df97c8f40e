"""Results counted in parts are the very figures of the reports, for each split."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from sqlalchemy import insert

from recovery import counting, figure_carts, periods, reports, results, tables
from recovery.added import Figure
from recovery.database import Database
from recovery.model import Shopper
from recovery.reports import By
from recovery.results import Sales
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.figure_stories import DAY, a_past
from tests.recovery.report_stories import in_arm, left, ordered, reminded
from tests.recovery.stories import a_shop, rows

Span = tuple[datetime, datetime]


def a_story(database: Database, clock: SetClock) -> tuple[ShopRow, Span, list[int]]:
    shop = a_shop(database, clock())
    carts = a_past(database, shop, clock())
    return shop, (clock() - 30 * DAY, clock()), carts


def test_every_split_equals_the_reports(database: Database, clock: SetClock) -> None:
    shop, span, _ = a_story(database, clock)
    with database.reading() as db:
        told = results.at_once(db, shop.id, *span, clock())
        for by in (None, *By):
            name = str(by or "")
            assert told.messages[name] == reports.messages(db, shop.id, *span, by=by), by
            assert told.money[name] == reports.money(db, shop.id, *span, by=by), by
        assert told.funnel == reports.funnel(db, shop.id, *span)[reports.ALL]
    messages, money = told.everything
    assert messages.planned == 20
    assert money.orders == 2
    assert set(money.revenue) == {"EUR", "USD"}
    assert money.offers == Decimal("4.00")


def test_messages_that_are_alike_count_each(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    at = clock() - 2 * DAY
    why = {"state": "skipped", "sent_at": None, "reasons": '["capped"]'}
    for number in range(3):
        cart = left(database, shop, at, f"token:c{number}", Shopper(email=f"p{number}@example.com"))
        reminded(database, shop, cart, at, **(why if number else {}))
    span = (clock() - 3 * DAY, clock())
    with database.reading() as db:
        told = results.at_once(db, shop.id, *span, clock())
        assert told.messages[""] == reports.messages(db, shop.id, *span)
    assert told.everything[0].skipped.count == 2


def test_small_groups_and_a_written_count_change_nothing(
    database: Database, clock: SetClock
) -> None:
    shop, span, _ = a_story(database, clock)
    count = results.begin(*span, clock())
    groups = 0
    while not count.is_done:
        with database.reading() as db:
            results.go_on(db, shop.id, count, most=1)
        count = counting.msgspec.json.decode(counting.written(count), type=results.Count)
        groups += 1
    with database.reading() as db:
        told = results.finished(db, shop.id, count, clock())
        assert told == results.at_once(db, shop.id, *span, clock())
    assert groups == 7
    assert counting.read(counting.RESULTS, counting.written(told)) == told


def test_many_orders_and_no_cart_are_counted_in_groups_and_no_page_waits(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    for number in range(5):
        ordered(
            database, shop, clock() - number * DAY, f"o{number}", "10.00", email="z@example.com"
        )
    one = rows(database, tables.orders)[0]._mapping
    more = []
    for number in range(2_000):
        row = {name: value for name, value in one.items() if name != "id"}
        more.append(row | {"key": f"x{number}"})
    last = periods.read("last-30", clock().date())
    with database.transaction() as db:
        assert counting.are_few(db, shop.id, counting.RESULTS, last)
        db.execute(insert(tables.orders), more)
        assert not counting.are_few(db, shop.id, counting.RESULTS, last)
        count = results.begin(clock() - 30 * DAY, clock() + DAY, clock())
        results.go_on(db, shop.id, count, most=10)
        assert not count.is_done
        while not count.is_done:
            results.go_on(db, shop.id, count, most=10)
        told = results.finished(db, shop.id, count, clock())
    assert told.sales["EUR"].orders == 2_005


def test_a_share_of_the_shop_is_of_orders_that_stand_by_currency(
    database: Database, clock: SetClock
) -> None:
    shop, span, _ = a_story(database, clock)
    ordered(database, shop, clock() - DAY, "plain", "100.00", email="z@example.com")
    ordered(database, shop, clock() - 40 * DAY, "before", "100.00", email="y@example.com")
    with database.reading() as db:
        told = results.at_once(db, shop.id, *span, clock())
    euros, dollars = told.sales["EUR"], told.sales["USD"]
    assert (euros.orders, euros.credited) == (2, 1)
    assert euros.net == euros.credited_net + 100
    assert dollars == Sales(1, Decimal("40.50"), 1, Decimal("40.50"))
    by_day = [each for of_day in told.days.values() for each in of_day.values()]
    assert sum(each.net for each in by_day) == euros.net + dollars.net


def test_no_other_shop_counts(database: Database, clock: SetClock) -> None:
    _, span, _ = a_story(database, clock)
    other = a_shop(database, clock(), address="other.myshopify.com")
    with database.reading() as db:
        told = results.at_once(db, other.id, *span, clock())
        assert told.funnel.carts == 0
        assert told.sales == {}
        assert told.messages == {"": reports.messages(db, other.id, *span)}
        found = figure_carts.behind(db, other.id, span, "left")
    assert found.carts == ()


def test_what_was_added_is_the_comparison_without_its_rows(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    at = clock() - 40 * DAY
    for number in range(60):
        arm = "held_out" if number % 2 else "control"
        in_arm(database, shop, arm, at, email=f"a{number}@example.com")
        if number % 3:
            email = f"a{number}@example.com"
            ordered(database, shop, at + DAY, f"o{number}", "50.00", email=email)
    span = (at - DAY, clock())
    with database.reading() as db:
        report = reports.added_by(db, shop.id, "cart", *span, clock())
        (told,) = results.at_once(db, shop.id, *span, clock()).added
    assert report.added is not None
    assert told.whole is not None
    revenue = report.added.added.revenue
    assert isinstance(revenue, Figure)
    shown = told.whole.revenue
    assert (shown.low, shown.high, shown.people) == (revenue.low, revenue.high, (30, 30))
    assert shown.whole()[0] == revenue.difference * 30


@pytest.mark.parametrize("figure", ["left", "clicked", "earned", "capped", "carts", "reminded"])
def test_the_carts_behind_a_figure_are_those_of_the_reports(
    database: Database, clock: SetClock, figure: str
) -> None:
    shop, span, _ = a_story(database, clock)
    with database.reading() as db:
        if figure in ("carts", "reminded"):
            wanted = reports.behind_stage(db, shop.id, *span, figure).carts
        else:
            wanted = reports.behind(db, shop.id, *span, figure).carts
        found = figure_carts.behind(db, shop.id, span, figure)
    assert {cart.id for cart in found.carts} == set(wanted)
    assert wanted
    assert found.before is None
    assert list(found.carts) == sorted(found.carts, key=lambda cart: cart.created_at, reverse=True)


def test_a_group_has_its_own_carts_behind_it(database: Database, clock: SetClock) -> None:
    shop, span, _ = a_story(database, clock)
    with database.reading() as db:
        wanted = reports.behind(db, shop.id, *span, "left", by=By.CHANNEL, value="email").carts
        found = figure_carts.behind(db, shop.id, span, "left", By.CHANNEL, "email")
        assert {cart.id for cart in found.carts} == set(wanted)
        wanted = reports.behind(db, shop.id, *span, "left", by=By.COUNTRY, value="BE").carts
        found = figure_carts.behind(db, shop.id, span, "left", By.COUNTRY, "BE")
        assert {cart.id for cart in found.carts} == set(wanted)
        with pytest.raises(LookupError):
            figure_carts.behind(db, shop.id, span, "seen")


def test_many_carts_are_looked_through_a_page_at_a_time(
    database: Database, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, span, carts = a_story(database, clock)
    monkeypatch.setattr(figure_carts, "MOST", 4)
    monkeypatch.setattr(figure_carts, "_GROUP", 2)
    seen: list[int] = []
    before: datetime | None = span[1]
    while before is not None:
        with database.reading() as db:
            found = figure_carts.behind(db, shop.id, (span[0], before), "carts")
        assert len(found.carts) <= 6
        seen += [cart.id for cart in found.carts]
        before = found.before
    assert seen == list(reversed(carts))
    assert len(seen) == 12
