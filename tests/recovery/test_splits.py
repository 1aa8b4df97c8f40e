"""Shares that a programme learns: from whom, when, kept, and by which each person was drawn."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from msgspec import structs
from sqlalchemy import update

from recovery import planning, programmes, splits, tables
from recovery.adaptive import FLOOR, Matured
from recovery.database import Database
from recovery.outcomes import Outcome
from tests.conftest import SetClock
from tests.recovery.channel_stories import BOTH, a_person, a_shop_with_mail, left_cart, save
from tests.recovery.split_stories import a_variant, adaptive, learned, people, texts_left
from tests.recovery.stories import rows

KEY = "k" * 32


def a_shop(database: Database, clock: SetClock) -> Any:
    return a_shop_with_mail(database, clock(), draw_key=KEY)


def a_season(database: Database, shop: Any, clock: SetClock, version: int) -> None:
    """Sixty days in which "late" did better, of which all but the last two weeks are over."""
    people(database, shop, "control", clock(), 60, 6, version)
    people(database, shop, "early", clock(), 120, 6, version)
    people(database, shop, "late", clock(), 120, 36, version)
    texts_left(database, shop, clock(), 5_000)
    clock.forward(days=60)


def leave_carts(database: Database, shop: Any, clock: SetClock, many: int, name: str) -> None:
    for at in range(many):
        marks = {"email": f"{name}{at}@example.com", "phone": None}
        shopper = a_person(clock(), *BOTH, **marks)
        left_cart(database, shop, clock, key=f"token:{name}{at}", shopper=shopper)


def test_the_better_variant_gets_more_people_and_the_control_keeps_its_share(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock)
    version = save(database, shop, adaptive(), clock)
    a_season(database, shop, clock, version)
    found = learned(database, clock)
    assert found is not None
    assert found.weights == {"early": FLOOR, "late": 70}
    assert found.matured == {"early": Matured(120, 6), "late": Matured(120, 36)}
    assert found.reminders == 5_000
    leave_carts(database, shop, clock, 24, "p")
    drawn = [row for row in rows(database, tables.arms) if row.split_id is not None]
    assert {row.split_id for row in drawn} == {rows(database, tables.splits)[0].id}
    shares = {"early": 10, "late": 70, "control": 20}
    assert all(row.weight == shares[row.arm] for row in drawn)
    many = Counter(row.arm for row in drawn)
    assert len(drawn) == 24
    assert many["late"] > 10


def test_what_is_kept_explains_the_shares_and_is_never_changed(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock)
    a_season(database, shop, clock, save(database, shop, adaptive(), clock))
    first = learned(database, clock)
    before = rows(database, tables.splits)
    with database.reading() as db:
        assert not splits.is_one_due(db, clock.forward(days=6))
    clock.forward(days=1)
    second = learned(database, clock)
    assert first is not None
    assert second is not None
    assert first.seed != second.seed
    assert rows(database, tables.splits)[:1] == before
    assert len(rows(database, tables.splits)) == 2
    with database.reading() as db:
        run = programmes.running(db, {shop.id: shop})[shop.id]
    assert run.split is not None
    assert (run.split.at, run.split.matured) == (second.at, second.matured)
    assert run.weights == second.weights


def test_the_same_rows_in_the_same_week_give_the_same_shares(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock)
    version = save(database, shop, adaptive(), clock)
    people(database, shop, "early", clock(), 50, 5, version)
    people(database, shop, "late", clock(), 50, 6, version)
    texts_left(database, shop, clock(), 5_000)
    clock.forward(days=20)
    of = database.run(lambda db: splits.claimed(db, splits.hand_out(db, clock())[0]))
    assert of is not None
    with database.reading() as db:
        one, two = (splits.worked_out(db, of, clock()) for _ in range(2))
    assert one == two
    assert one is not None
    assert one.weights not in ({"early": 40, "late": 40}, {"early": 10, "late": 70})


def test_below_five_thousand_reminders_the_merchants_shares_stand(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock)
    version = save(database, shop, adaptive(), clock)
    people(database, shop, "late", clock(), 20, 20, version)
    texts_left(database, shop, clock(), 4_999)
    clock.forward(days=20)
    assert learned(database, clock) is None
    assert rows(database, tables.splits) == []
    texts_left(database, shop, clock(), 1)
    clock.forward(days=1)
    assert learned(database, clock) is not None


def test_whoever_is_not_through_their_fourteen_days_teaches_nothing(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock)
    version = save(database, shop, adaptive(), clock)
    people(database, shop, "late", clock(), 20, 20, version)
    texts_left(database, shop, clock(), 5_000)
    clock.forward(days=13)
    found = learned(database, clock)
    assert found is not None
    assert found.matured == {"early": Matured(0, 0), "late": Matured(0, 0)}


def test_what_says_something_else_now_is_learned_anew(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock)
    form = adaptive()
    a_season(database, shop, clock, save(database, shop, form, clock))
    shares = structs.replace(form, holdout=0.05, variants=adaptive(30, 30).variants)
    save(database, shop, shares, clock)
    same = learned(database, clock)
    assert same is not None
    assert same.matured["late"] == Matured(120, 36)
    later = structs.replace(form, variants=(a_variant("early", 40, 3), form.variants[1]))
    save(database, shop, later, clock)
    with database.reading() as db:  # until the new ones are worked out
        assert programmes.running(db, {shop.id: shop})[shop.id].weights == {"early": 40, "late": 40}
    other = learned(database, clock)
    assert other is not None
    assert other.matured["late"] == Matured(0, 0)


def test_a_version_that_comes_meanwhile_is_not_given_the_shares_of_the_other(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock)
    a_season(database, shop, clock, save(database, shop, adaptive(), clock))
    of = database.run(lambda db: splits.claimed(db, splits.hand_out(db, clock())[0]))
    assert of is not None
    with database.reading() as db:
        found = splits.worked_out(db, of, clock())
    save(database, shop, adaptive(20, 20), clock)
    assert not database.run(lambda db: splits.keep(db, of, found, clock()))
    assert rows(database, tables.splits) == []
    save(database, shop, adaptive(20, 20, adaptive=False), clock)
    assert database.run(lambda db: splits.hand_out(db, clock.forward(days=9))) == []


def test_two_workers_keep_one(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock)
    a_season(database, shop, clock, save(database, shop, adaptive(), clock))
    of = database.run(lambda db: splits.claimed(db, splits.hand_out(db, clock())[0]))
    assert of is not None
    assert database.run(lambda db: splits.hand_out(db, clock())) == []
    with database.reading() as db:
        found = splits.worked_out(db, of, clock())
    kept = [database.run(lambda db: splits.keep(db, of, found, clock())) for _ in range(2)]
    assert kept == [True, False]
    assert len(rows(database, tables.splits)) == 1


def test_who_was_drawn_before_stays_and_an_added_mark_was_drawn_by_nothing(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock)
    version = save(database, shop, adaptive(), clock)
    leave_carts(database, shop, clock, 8, "old")
    before = {row.mark: row.arm for row in rows(database, tables.arms)}
    assert {row.weight for row in rows(database, tables.arms)} <= {20, 40}
    a_season(database, shop, clock, version)
    learned(database, clock)
    for at in range(8):
        marks = {"email": f"old{at}@example.com", "phone": f"+336123450{at:02}"}
        shopper = a_person(clock(), *BOTH, **marks)
        left_cart(database, shop, clock, key=f"token:again{at}", shopper=shopper)
    found = {row.mark: row for row in rows(database, tables.arms)}
    assert {mark: found[mark].arm for mark in before} == before
    for at in range(8):
        added = found[f"+336123450{at:02}"]
        assert added.arm == before[f"old{at}@example.com"]
        assert (added.split_id, added.weight) == (None, None)


def test_a_cart_planned_before_it_was_compared_is_drawn_when_it_is(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock)
    save(database, shop, adaptive(variants=()), clock)
    left_cart(database, shop, clock)
    assert rows(database, tables.arms) == []
    save(database, shop, adaptive(50, 50), clock)
    database.run(lambda db: planning.follow_versions(db, clock()))
    (reminder,) = rows(database, tables.reminders)
    assert {row.arm for row in rows(database, tables.arms)} == {reminder.arm}
    assert len(rows(database, tables.arms)) == 2
    with database.transaction() as db:  # the shares move: it stays what it is
        weights = '{"early": 0, "late": 0}'
        of = {"shop_id": shop.id, "programme": "cart", "version_id": reminder.version_id}
        row = of | {"at": clock(), "weights": weights, "reminders": 1, "matured": "{}", "seed": 1}
        db.execute(tables.splits.insert().values(**row))
        db.execute(update(tables.carts).values(look_at=clock()))
    left_cart(database, shop, clock)
    (again,) = rows(database, tables.reminders)
    assert again.arm == reminder.arm != "control"


def outcome(arm: str, ordered: bool) -> Outcome:
    net = Decimal(40) if ordered else Decimal(0)
    return Outcome(1, arm, datetime(2026, 1, 1, tzinfo=UTC), 1, (), net)


def test_a_good_season_is_not_taken_for_a_good_variant() -> None:
    # Both order alike: 10 in 100 in the one month, 40 in 100 in the other. "b" grew between.
    told = [("a", "one", 10, 100), ("b", "one", 1, 10), ("a", "two", 4, 10), ("b", "two", 40, 100)]
    everyone = [
        (outcome(arm, at < orders), month)
        for arm, month, orders, many in told
        for at in range(many)
    ]
    found = splits.standardised(everyone, ("a", "b", "c"))
    rates = {name: each.rewarded / each.people for name, each in found.items() if each.people}
    assert abs(rates["a"] - rates["b"]) < 0.02
    assert all(20 < found[name].people < 110 for name in "ab")
    assert found["c"] == Matured(0, 0)
