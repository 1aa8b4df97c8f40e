"""A variant whose share moved: compared within the same shares, and weighed by the control."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal
from itertools import starmap

import pytest

from recovery import reports
from recovery.added import Arm, Figure, NotEnough, added
from recovery.database import Database
from recovery.intervals import newcombe, standardised_apart
from recovery.split_rows import Split, add
from recovery.weighed import added_over
from tests.conftest import SetClock
from tests.recovery.channel_stories import a_shop_with_mail, save
from tests.recovery.split_stories import adaptive, people

DAY = timedelta(days=1)


def arm(many: int, orders: int, taking: str = "40") -> Arm:
    return Arm(many, (Decimal(taking),) * orders)


def test_one_stretch_is_what_it_is_without_weights() -> None:
    one, other = arm(400, 60), arm(200, 20)
    assert added_over([(one, other)], 0.3) == added(one, other, 0.3)


def test_a_good_season_in_which_a_share_grew_is_no_lift() -> None:
    # Both order alike: 10 in 100, then 40 in 100; the variant had 100 people, then 700.
    told = added_over([(arm(100, 10), arm(200, 20)), (arm(700, 280), arm(400, 160))], 0.3)
    plain = added(arm(800, 290), arm(600, 180), 0.3)
    assert isinstance(plain.conversion, Figure)
    assert plain.conversion.low > 0  # what a sum of it all would say
    for figure in (told.conversion, told.revenue):
        assert isinstance(figure, Figure)
        assert figure.difference == 0
        assert figure.low < 0 < figure.high
        assert (figure.treated.people, figure.held_out.people) == (800, 600)
    assert told.conversion.treated.per_person == Decimal("0.3")
    assert told.conversion.treated.sum == 290
    assert told.revenue.treated.per_person == 12


def test_too_few_are_too_few_also_in_several_stretches() -> None:
    told = added_over([(arm(10, 1), arm(5, 0)), (arm(20, 2), arm(5, 1))], 0.3)
    assert isinstance(told.conversion, NotEnough)
    assert isinstance(told.revenue, NotEnough)


def test_a_rate_that_is_worth_its_people_has_newcombes_interval() -> None:
    assert standardised_apart(0.15, 400, 20, 200) == newcombe(60, 400, 20, 200)
    wider = standardised_apart(0.15, 100, 20, 200)
    assert wider.high - wider.low > 1.3 * (
        newcombe(60, 400, 20, 200).high - newcombe(60, 400, 20, 200).low
    )
    with pytest.raises(ValueError, match="worth"):
        standardised_apart(0.5, 0, 1, 2)


def test_the_interval_holds_the_truth_while_shares_and_seasons_move() -> None:
    chance, shops = random.Random(20261123), 400
    held = {"conversion": 0, "revenue": 0}
    for _ in range(shops):
        stretches = list(starmap(lambda *at: a_stretch(chance, *at), SEASONS))
        told = added_over(stretches, 0.2)
        for name, truth in (("conversion", 0.03), ("revenue", 0.03 * 40)):
            figure = getattr(told, name)
            assert isinstance(figure, Figure)
            held[name] += float(figure.low) <= truth <= float(figure.high)
    # 0.95, less three standard errors of 400 shops.
    assert min(held.values()) / shops > 0.917, held


#: Of the variant and of the control so many people, and the rate of the control in that time.
SEASONS = ((200, 150, 0.05), (600, 150, 0.20), (100, 150, 0.10))


def a_stretch(chance: random.Random, many: int, control: int, rate: float) -> tuple[Arm, Arm]:
    return some(chance, many, rate + 0.03), some(chance, control, rate)


def some(chance: random.Random, many: int, rate: float) -> Arm:
    orders = sum(chance.random() < rate for _ in range(many))
    return Arm(many, tuple(Decimal(str(chance.choice((20, 40, 60)))) for _ in range(orders)))


def test_a_report_weighs_people_by_the_shares_they_were_drawn_by(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop_with_mail(database, clock())
    old = save(database, shop, adaptive(30, 30), clock)  # another control: not of the same draw
    people(database, shop, "late", clock(), 9, 9, old)
    version = save(database, shop, adaptive(40, 40), clock)
    people(database, shop, "late", clock(), 100, 10, version)
    people(database, shop, "control", clock(), 50, 5, version)
    ids = [a_split(database, shop.id, clock, version, late) for late in (70, 60)]
    people(database, shop, "late", clock.forward(days=7), 350, 140, version, ids[0])
    people(database, shop, "control", clock(), 50, 20, version, ids[0])
    people(database, shop, "late", clock(), 7, 7, version, ids[1])  # beside nobody
    now = clock.forward(days=30)
    with database.reading() as db:
        told = reports.added_by(db, shop.id, "cart", now - 90 * DAY, now, now).variants["late"]
    assert isinstance(told.added.conversion, Figure)
    assert told.added.conversion.difference == 0
    assert [len(side) for side in told.people] == [450, 100]
    assert [len(side) for side in told.orders] == [150, 25]
    assert told.of_other_shares == 16


def a_split(database: Database, shop_id: int, clock: SetClock, version: int, late: int) -> int:
    split = Split(version, clock(), {"early": 80 - late, "late": late}, 5_000, {}, 1)
    return database.run(lambda db: add(db, shop_id, "cart", split))
