"""Variants of text, delay, channel and offer, from the draw to what leaves."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from msgspec import structs

from recovery import tables
from recovery.database import Database
from recovery.model import Channel
from recovery.programme_form import Delay, Incentive, Programme, Start, Step, Variant
from tests.conftest import SetClock
from tests.recovery.channel_stories import (
    BOTH,
    HOUR,
    a_person,
    a_shop_with_mail,
    left_cart,
    save,
)
from tests.recovery.stories import accept, know_orders, rows, tick

PEOPLE = 6
FIRST = Step(number=1, channel=Channel.SMS, delay=Delay(below=HOUR))
SECOND = Step(number=2, channel=Channel.SMS, delay=Delay(below=26 * HOUR))


def a_story(database: Database, clock: SetClock, *other: Step, **form: Any) -> dict[str, list[Any]]:
    """People leave carts at a shop that tries other steps on half of them; what left, by arm."""
    shop = a_shop_with_mail(database, clock(), draw_key="k" * 32)
    values = {"holdout": 0.0, "variants": (Variant("other", 50, other),)} | form
    save(database, shop, Programme(start=Start.CART, steps=(FIRST, SECOND), **values), clock)
    for at in range(PEOPLE):
        marks = {"email": f"p{at}@example.com", "phone": f"+3361234560{at}"}
        left_cart(
            database, shop, clock, key=f"token:{at}", shopper=a_person(clock(), *BOTH, **marks)
        )
    until = clock() + timedelta(hours=40)
    while clock() < until:
        know_orders(database, shop, clock.forward(minutes=20))
        accept(database, tick(database, clock()), clock())
    found: dict[str, list[Any]] = {}
    for row in rows(database, tables.reminders):
        found.setdefault(row.arm, []).append(row)
    assert sorted(found) == ["control", "other"]
    return found


def of_step(found: list[Any], number: int) -> list[Any]:
    return [row for row in found if row.step == number]


def test_a_variant_of_the_text_says_something_else(database: Database, clock: SetClock) -> None:
    words = {"fr": "{{ shop }}, un mot : {{ link }} {{ stop_words }}{{ stop_link }}"}
    found = a_story(database, clock, structs.replace(FIRST, texts=words))
    assert {row.state for each in found.values() for row in each} == {"sent"}
    assert all(
        row.text.startswith("Atelier Nord, un mot : https") for row in of_step(found["other"], 1)
    )
    assert not any("un mot" in row.text for row in found["control"] + of_step(found["other"], 2))


def test_a_variant_of_the_delay_leaves_at_another_time(database: Database, clock: SetClock) -> None:
    found = a_story(database, clock, structs.replace(SECOND, delay=Delay(below=30 * HOUR)))
    left = {row.id: row.left_at for row in rows(database, tables.carts)}
    for arm, hours in (("control", 26.5), ("other", 30.5)):
        for row in of_step(found[arm], 2):
            # A later step keeps its distance to the one before, which left up to 3 hours late.
            waits = (row.sent_at - left[row.cart_id]) / timedelta(hours=1)
            assert hours <= waits < hours + 4
            assert row.state == "sent"


def test_a_variant_of_the_channel_leaves_as_an_e_mail(database: Database, clock: SetClock) -> None:
    found = a_story(database, clock, structs.replace(FIRST, channel=Channel.EMAIL))
    assert {row.state for each in found.values() for row in each} == {"sent"}
    for arm, channel, mark in (("control", "sms", "+33"), ("other", "email", "@example.com")):
        for row in of_step(found[arm], 1):
            assert row.channel == channel
            assert mark in row.recipient
    assert {row.channel for each in found.values() for row in of_step(each, 2)} == {"sms"}


def test_a_variant_of_the_offer_alone_asks_for_one(database: Database, clock: SetClock) -> None:
    ten = Incentive(kind="percent", value=Decimal(10))
    found = a_story(database, clock, structs.replace(SECOND, incentive=ten))
    asked = {row.reminder_id for row in rows(database, tables.offers)}
    assert asked == {row.id for row in of_step(found["other"], 2)}
    assert {(row.kind, row.value) for row in rows(database, tables.offers)} == {
        ("percent", Decimal(10))
    }


def test_held_out_people_get_no_variant_either(database: Database, clock: SetClock) -> None:
    shop = a_shop_with_mail(database, clock(), draw_key="k" * 32)
    other = Variant("other", 100, (structs.replace(FIRST, delay=Delay(below=2 * HOUR)),))
    form = Programme(start=Start.CART, steps=(FIRST,), holdout=0.5, variants=(other,))
    save(database, shop, form, clock)
    for at in range(8):
        marks = {"email": f"p{at}@example.com", "phone": f"+3361234560{at}"}
        left_cart(
            database, shop, clock, key=f"token:{at}", shopper=a_person(clock(), *BOTH, **marks)
        )
    for _ in range(9):
        know_orders(database, shop, clock.forward(minutes=20))
        accept(database, tick(database, clock()), clock())
    stands = {(row.arm, row.state) for row in rows(database, tables.reminders)}
    assert stands == {("held_out", "skipped"), ("other", "sent")}
