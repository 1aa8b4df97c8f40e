"""Arms as rows: drawn once, stable over carts, channels and months, the earliest wins."""

from __future__ import annotations

from collections import Counter
from typing import Any

from msgspec import structs
from sqlalchemy import update

from recovery import tables
from recovery.database import Database
from recovery.model import Channel
from recovery.programme_form import Delay, Step, Variant
from recovery.reasons import Reason, read
from tests.conftest import SetClock
from tests.recovery.channel_stories import (
    BOTH,
    a_person,
    a_shop_with_mail,
    left_cart,
    save,
    text_else_mail,
)
from tests.recovery.stories import PHONE, accept, know_orders, rows, tick

HALF = 0.5


def arms(database: Database) -> list[Any]:
    return rows(database, tables.arms)


def a_shop(database: Database, clock: SetClock, **form: Any) -> Any:
    shop = a_shop_with_mail(database, clock(), draw_key="k" * 32)
    save(database, shop, text_else_mail(1, **({"holdout": HALF} | form)), clock)
    return shop


def people(many: int) -> list[dict[str, str]]:
    return [{"email": f"person{at}@example.com", "phone": f"+3361234{at:04}"} for at in range(many)]


def leave_carts(database: Database, shop: Any, clock: SetClock, many: int) -> None:
    for at, marks in enumerate(people(many)):
        left_cart(
            database, shop, clock, key=f"token:{at}", shopper=a_person(clock(), *BOTH, **marks)
        )


def test_about_the_holdouts_share_is_held_out_and_gets_nothing(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock)
    leave_carts(database, shop, clock, 16)  # 31 minutes each
    for _ in range(4):
        clock.forward(minutes=30)
        know_orders(database, shop, clock())
        accept(database, tick(database, clock()), clock())
    of = {row.cart_id: row.arm for row in arms(database)}
    held = {cart for cart, arm in of.items() if arm == "held_out"}
    assert 2 < len(held) < 14
    reminders = [row for row in rows(database, tables.reminders) if row.state != "scheduled"]
    assert len(reminders) >= 10
    for row in reminders:
        assert (row.state == "skipped") == (row.cart_id in held)
        if row.cart_id in held:
            assert read(row.reasons) == [Reason.HELD_OUT]
            assert row.recipient is None


def test_each_mark_of_a_person_has_its_row_and_they_are_one_person(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock)
    shopper = a_person(clock(), *BOTH, customer_key="7")
    left_cart(database, shop, clock, shopper=shopper)
    found = arms(database)
    assert sorted(row.kind for row in found) == ["customer_key", "email", "phone"]
    assert len({row.arm for row in found}) == 1
    assert len({row.person or row.id for row in found}) == 1
    assert not any(row.in_conflict for row in found)


def test_another_device_finds_the_arm_again_by_any_mark(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock)
    left_cart(database, shop, clock)
    before = {row.arm for row in arms(database)}
    clock.forward(days=200)
    other = a_person(clock(), *BOTH, email="other@example.com")
    left_cart(database, shop, clock, key="token:c2", shopper=other)
    assert {row.arm for row in arms(database)} == before
    assert len({row.person or row.id for row in arms(database)}) == 1


def test_a_changed_share_moves_nobody_who_is_kept(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock)
    leave_carts(database, shop, clock, 12)
    before = {(row.mark, row.arm) for row in arms(database)}
    save(database, shop, text_else_mail(1, holdout=0.01), clock)
    for at, marks in enumerate(people(12)):
        shopper = a_person(clock(), *BOTH, **marks)
        left_cart(database, shop, clock, key=f"token:again{at}", shopper=shopper)
    assert {(row.mark, row.arm) for row in arms(database)} == before


def test_of_two_who_turn_out_to_be_one_the_earliest_arm_wins(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock)
    by_mail = a_person(clock(), Channel.EMAIL, phone=None)
    left_cart(database, shop, clock, shopper=by_mail)
    by_phone = a_person(clock(), Channel.SMS, email=None)
    left_cart(database, shop, clock, key="token:c2", shopper=by_phone)
    first, second = arms(database)
    with database.transaction() as db:  # as the draw may well have put them
        change = update(tables.arms)
        db.execute(change.where(tables.arms.c.id == first.id).values(arm="control"))
        db.execute(change.where(tables.arms.c.id == second.id).values(arm="held_out"))
    left_cart(database, shop, clock, key="token:c3", shopper=a_person(clock(), *BOTH))
    found = arms(database)
    assert {row.arm for row in found} == {"control"}
    assert all(row.in_conflict for row in found)
    assert {row.person or row.id for row in found} == {first.id}
    assert rows(database, tables.reminders)[-1].arm == "control"


def test_a_variants_steps_stand_in_for_those_who_are_in_it(
    database: Database, clock: SetClock
) -> None:
    later = Step(number=1, channel=Channel.SMS, delay=Delay(below=3 * 3600))
    form = {"holdout": 0.0, "variants": (Variant("later", 50, (later,)),)}
    shop = a_shop(database, clock, **form)
    leave_carts(database, shop, clock, 16)
    left = {row.id: row.left_at for row in rows(database, tables.carts)}
    drawn = Counter()
    for row in rows(database, tables.reminders):
        hours = round((row.due_at - left[row.cart_id]).total_seconds() / 1800) / 2
        assert hours == (3.5 if row.arm == "later" else 1.5)
        drawn[row.arm] += 1
    assert min(drawn["later"], drawn["control"]) >= 3


def test_whoever_nobody_is_compared_with_has_no_row(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock, holdout=0.0)
    left_cart(database, shop, clock)
    assert arms(database) == []
    assert [row.arm for row in rows(database, tables.reminders)] == [None]


def test_a_number_that_comes_later_is_drawn_then(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock)
    nobody = a_person(clock(), phone=None, email=None)
    left_cart(database, shop, clock, shopper=nobody)
    assert arms(database) == []
    left_cart(database, shop, clock, shopper=a_person(clock(), *BOTH))
    assert sorted(row.mark for row in arms(database)) == [PHONE, "ana@example.com"]


def test_a_variant_is_no_other_programme(database: Database, clock: SetClock) -> None:
    form = text_else_mail(1, 24)
    later = structs.replace(form.steps[1], delay=Delay(below=48 * 3600))
    shop = a_shop(database, clock)
    only = structs.replace(form, variants=(Variant("later", 100, (later,)),))
    save(database, shop, only, clock)
    left_cart(database, shop, clock)
    first, second = rows(database, tables.reminders)
    assert (first.step, second.step) == (1, 2)
    assert (second.due_at - first.due_at).total_seconds() == 47 * 3600
