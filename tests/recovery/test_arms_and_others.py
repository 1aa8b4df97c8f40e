"""A comparison leaves alone what it is not about: promises, texts that left, other shops."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs
from sqlalchemy import update

from recovery import programme_checks, reward_rows, tables
from recovery.database import Database
from recovery.model import Channel
from recovery.programme_form import Delay, Programme, Start, Step, Variant
from tests.conftest import SetClock
from tests.recovery.channel_stories import BOTH, HOUR, a_person, a_shop_with_mail, left_cart, save
from tests.recovery.report_stories import in_arm
from tests.recovery.stories import PHONE, accept, know_orders, rows, tick
from tests.recovery.test_reward_rows import Loyal

FIRST = Step(number=1, channel=Channel.SMS, delay=Delay(below=HOUR))
SECOND = Step(number=2, channel=Channel.SMS, delay=Delay(below=26 * HOUR))
TWO = Programme(start=Start.CART, steps=(FIRST, SECOND), holdout=0.0)
PEOPLE = 12


def carts_are_left(database: Database, shop: Any, clock: SetClock) -> None:
    for at in range(PEOPLE):
        marks = {"email": f"p{at}@example.com", "phone": f"+336123456{at:02}"}
        shopper = a_person(clock(), *BOTH, **marks)
        left_cart(database, shop, clock, key=f"token:{at}", shopper=shopper)


def time_goes_on(database: Database, shop: Any, clock: SetClock, hours: int) -> None:
    until = clock() + timedelta(hours=hours)
    while clock() < until:
        know_orders(database, shop, clock.forward(minutes=20))
        accept(database, tick(database, clock()), clock())


def test_who_was_written_to_already_is_not_drawn_when_people_begin_to_be_held_out(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop_with_mail(database, clock(), draw_key="k" * 32)
    save(database, shop, TWO, clock)
    carts_are_left(database, shop, clock)
    time_goes_on(database, shop, clock, 10)
    assert {row.state for row in rows(database, tables.reminders) if row.step == 1} == {"sent"}
    save(database, shop, structs.replace(TWO, holdout=0.5), clock)
    time_goes_on(database, shop, clock, 40)
    assert rows(database, tables.arms) == []
    assert {row.state for row in rows(database, tables.reminders)} == {"sent"}


def test_who_was_not_written_to_yet_is_drawn_then(database: Database, clock: SetClock) -> None:
    shop = a_shop_with_mail(database, clock(), draw_key="k" * 32)
    save(database, shop, TWO, clock)
    carts_are_left(database, shop, clock)
    save(database, shop, structs.replace(TWO, holdout=0.5), clock)
    time_goes_on(database, shop, clock, 40)
    arms = {row.arm for row in rows(database, tables.arms)}
    assert arms == {"held_out", "control"}


def test_a_promised_reward_reaches_who_is_held_out_of_reminders(
    database: Database, clock: SetClock
) -> None:
    till = Loyal(database, clock)
    till.begin()
    save(database, till.shop, structs.replace(TWO, holdout=0.5), clock)
    till.earns()
    till.make()
    in_arm(database, till.shop, "held_out", clock(), phone=PHONE)
    know_orders(database, till.shop, clock())
    (letter,) = tick(database, clock())
    (told,) = till.tellings()
    assert (letter.reminder_id, told.programme) == (told.id, reward_rows.REWARD)


@pytest.mark.parametrize("name", ["held_out", "control", "Control "])
def test_no_variant_is_called_as_an_arm_is(name: str) -> None:
    form = structs.replace(TWO, variants=(Variant(name, 20, (SECOND,)),))
    assert not programme_checks.may_be_saved(programme_checks.problems(form, "FR"))


@pytest.mark.parametrize("trouble", ["variant", "key", "unreadable"])
def test_a_shop_that_cannot_draw_holds_up_no_other(
    database: Database, clock: SetClock, caplog: pytest.LogCaptureFixture, trouble: str
) -> None:
    odd = a_shop_with_mail(database, clock(), draw_key="k" * 32)
    save(database, odd, structs.replace(TWO, holdout=0.5), clock)
    good = a_shop_with_mail(database, clock(), address="https://good.example", key="good")
    save(database, good, TWO, clock)
    with database.transaction() as db:
        versions, mine = tables.programme_versions, tables.programmes.c.shop_id == odd.id
        if trouble == "key":
            shops = tables.shops
            db.execute(update(shops).where(shops.c.id == odd.id).values(draw_key=""))
        else:
            (kept,) = db.execute(
                versions.select()
                .join(tables.programmes, tables.programmes.c.version_id == versions.c.id)
                .where(mine)
            )
            odd_one = '"variants":[{"name":"held_out","weight":5,"steps":[]}],"holdout":0.5}'
            form = kept.form.replace('"holdout":0.5}', odd_one)
            form = "{" if trouble == "unreadable" else form
            assert form != kept.form
            db.execute(update(versions).where(versions.c.id == kept.id).values(form=form))
    with caplog.at_level(logging.ERROR):
        left_cart(database, odd, clock, key="token:odd", shopper=a_person(clock(), *BOTH))
        other = a_person(clock(), *BOTH, email="b@example.com", phone="+33612345699")
        left_cart(database, good, clock, key="token:good", shopper=other)
    assert {row.state for row in rows(database, tables.carts)} == {"abandoned"}
    assert [row.step for row in rows(database, tables.reminders) if row.shop_id == good.id] == [
        1,
        2,
    ]
    assert caplog.records
