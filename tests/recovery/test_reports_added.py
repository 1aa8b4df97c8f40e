"""What a programme added, beside what held-out people did."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from recovery import programmes, reports
from recovery.added import Figure as Apart
from recovery.added import NotEnough
from recovery.database import Database
from recovery.model import Channel
from recovery.programme_form import Delay, Programme, Start, Step, Variant
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.report_stories import (
    in_arm,
    ordered,
)
from tests.recovery.stories import a_shop

DAY = timedelta(days=1)
WEEK = timedelta(days=7)


def a_version(database: Database, shop: ShopRow, at: datetime, **form: Any) -> int:
    step = Step(number=1, channel=Channel.SMS, delay=Delay(below=3600))
    programme = Programme(start=Start.CART, steps=(step,), **form)
    return database.run(lambda db: programmes.save(db, shop.id, "cart", programme, "the owner", at))


def people(
    database: Database, shop: ShopRow, arm: str, at: datetime, many: int, orders: int, **more: Any
) -> None:
    """So many people of an arm, of whom the first ones ordered for 40.00."""
    for number in range(many):
        mail = f"{arm}{more.get('version_id')}-{number}@example.com"
        in_arm(database, shop, arm, at, email=mail, **more)
        if number < orders:
            ordered(database, shop, at + timedelta(hours=1), mail, "40.00", email=mail)


def added_by(database: Database, shop: ShopRow, now: datetime) -> reports.Report:
    with database.reading() as db:
        return reports.added_by(db, shop.id, "cart", now - 100 * DAY, now + DAY, now)


def test_what_a_programme_added_is_the_treated_beside_the_held_out(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    version = a_version(database, shop, clock(), holdout=0.5)
    people(database, shop, "control", clock(), 50, 30, version_id=version)
    people(database, shop, "held_out", clock(), 40, 14, version_id=version)
    told = added_by(database, shop, clock.forward(days=20))
    assert told.added is not None
    conversion, revenue = told.added.added.conversion, told.added.added.revenue
    assert isinstance(conversion, Apart)
    assert isinstance(revenue, Apart)
    assert (conversion.treated.people, conversion.treated.sum) == (50, 30)
    assert (conversion.held_out.people, conversion.held_out.sum) == (40, 14)
    assert conversion.low < conversion.difference == Decimal("0.25") < conversion.high
    assert (revenue.treated.sum, revenue.held_out.sum) == (1200, 560)
    assert (told.added.share, told.currency) == (0.5, "EUR")
    assert [len(side) for side in told.added.people] == [50, 40]
    assert [len(side) for side in told.added.orders] == [30, 14]


def test_with_few_people_the_number_still_needed_is_said(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    version = a_version(database, shop, clock(), holdout=0.1)
    people(database, shop, "control", clock(), 9, 2, version_id=version)
    people(database, shop, "held_out", clock(), 1, 0, version_id=version)
    told = added_by(database, shop, clock.forward(days=20))
    assert told.added is not None
    assert told.added.added.conversion == NotEnough(9, 1, 590)


def test_with_nobody_there_is_nothing_to_say(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    told = added_by(database, shop, clock())
    assert (told.added, told.variants, told.immature, told.in_conflict) == (None, {}, 0, 0)


def test_a_variant_is_compared_with_the_control_and_is_treated_like_it(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    later = Step(number=1, channel=Channel.SMS, delay=Delay(below=7200))
    form = {"holdout": 0.1, "variants": (Variant("later", 50, (later,)),)}
    version = a_version(database, shop, clock(), **form)
    people(database, shop, "control", clock(), 30, 14, version_id=version)
    people(database, shop, "later", clock(), 30, 13, version_id=version)
    people(database, shop, "held_out", clock(), 5, 1, version_id=version)
    told = added_by(database, shop, clock.forward(days=20))
    assert told.added is not None
    assert [len(side) for side in told.added.people] == [60, 5]
    beside = told.variants["later"]
    assert (beside.of, beside.against, beside.share) == ("later", "control", 0.5)
    assert isinstance(beside.added.conversion, Apart)
    assert [len(side) for side in beside.people] == [30, 30]
    assert [len(side) for side in beside.orders] == [13, 14]


def test_people_drawn_by_another_share_are_counted_beside(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    old = a_version(database, shop, clock(), holdout=0.5)
    people(database, shop, "held_out", clock(), 3, 3, version_id=old)
    new = a_version(database, shop, clock.forward(days=30), holdout=0.1)
    same = a_version(database, shop, clock(), holdout=0.1, ends_after_days=7)
    people(database, shop, "held_out", clock(), 2, 0, version_id=new)
    people(database, shop, "control", clock(), 4, 1, version_id=same)
    told = added_by(database, shop, clock.forward(days=20))
    assert told.added is not None
    assert [len(side) for side in told.added.people] == [4, 2]
    assert (told.added.of_other_shares, told.added.share) == (3, 0.1)
