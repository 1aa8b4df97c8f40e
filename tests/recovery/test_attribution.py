"""Which message earns an order: by code, by click, by window; never by guess."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update

from recovery import credit_rule, shops, tables
from recovery.credit_rule import CreditRule, UnreadableRule
from recovery.database import Database
from recovery.model import OrderGone, Origin, Refund, Shopper
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.report_stories import (
    add,
    clicked,
    in_arm,
    left,
    offered,
    ordered,
    reminded,
    visited,
)
from tests.recovery.stories import a_shop, an_order, record, rows

ANA = Shopper(email="ana@example.com", phone="+33612345678", country="FR")
BOB = Shopper(email="bob@example.com", country="FR")
MAIL = {"email": "ana@example.com"}


def a_message(database: Database, clock: SetClock, **rule: Any) -> tuple[ShopRow, int, int]:
    """A shop with that rule, a cart of Ana's, and a message about it that left just now."""
    shop = a_shop(database, clock(), credit_rule=credit_rule.written(CreditRule(**rule)))
    cart = left(database, shop, clock(), "token:c1", ANA)
    return shop, cart, reminded(database, shop, cart, clock.forward(hours=1))


def credits(database: Database) -> list[tuple[int | None, str | None]]:
    return [(row.reminder_id, row.credited_by) for row in rows(database, tables.orders)]


def test_without_click_or_code_nothing_is_credited(database: Database, clock: SetClock) -> None:
    shop, cart, _ = a_message(database, clock)
    ordered(database, shop, clock.forward(minutes=5), "o1", cart_keys=("token:c1",), **MAIL)
    assert credits(database) == [(None, None)]
    assert rows(database, tables.orders)[0].cart_id == cart


@pytest.mark.parametrize("marks", [{"cart_keys": ("token:c1",)}, MAIL, {"phone": "+33612345678"}])
def test_a_click_is_credited_to_the_cart_or_to_its_person(
    database: Database, clock: SetClock, marks: Any
) -> None:
    shop, _, reminder = a_message(database, clock)
    clicked(database, reminder, clock.forward(minutes=1))
    ordered(database, shop, clock.forward(minutes=5), "o1", **marks)
    assert credits(database) == [(reminder, "click")]


def test_a_click_of_somebody_else_is_not_credited(database: Database, clock: SetClock) -> None:
    shop, _, reminder = a_message(database, clock)
    clicked(database, reminder, clock.forward(minutes=1))
    ordered(database, shop, clock.forward(minutes=5), "o1", email="bob@example.com")
    assert credits(database) == [(None, None)]


@pytest.mark.parametrize(("days", "seconds", "is_in_time"), [(7, 0, True), (7, 2, False)])
def test_a_click_counts_for_seven_days(
    database: Database, clock: SetClock, days: int, seconds: int, is_in_time: bool
) -> None:
    shop, _, reminder = a_message(database, clock)
    clock.at = clock().replace(microsecond=1)  # a platform's whole second may hide a click
    clicked(database, reminder, clock())
    ordered(database, shop, clock.forward(days=days, seconds=seconds), "o1", **MAIL)
    assert credits(database) == [(reminder, "click") if is_in_time else (None, None)]


def test_a_later_visit_counts_though_the_first_was_long_ago(
    database: Database, clock: SetClock
) -> None:
    shop, _, reminder = a_message(database, clock)
    clicked(database, reminder, clock())
    visited(database, shop, reminder, clock.forward(days=9))
    ordered(database, shop, clock.forward(days=1), "o1", **MAIL)
    assert credits(database) == [(reminder, "click")]


@pytest.mark.parametrize(("who", "counts"), [("bot", False), ("preview", False), ("button", True)])
def test_only_a_persons_visit_earns_anything(
    database: Database, clock: SetClock, who: str, counts: bool
) -> None:
    shop, _, reminder = a_message(database, clock)
    visited(database, shop, reminder, clock.forward(minutes=1), who)
    ordered(database, shop, clock.forward(minutes=1), "o1", **MAIL)
    assert credits(database) == [(reminder, "click") if counts else (None, None)]


def test_a_click_after_the_order_earns_nothing(database: Database, clock: SetClock) -> None:
    shop, _, reminder = a_message(database, clock)
    clicked(database, reminder, clock.forward(hours=2))
    ordered(database, shop, clock() - timedelta(hours=1), "o1", **MAIL)
    assert credits(database) == [(None, None)]


def test_following_the_stop_link_earns_nothing(database: Database, clock: SetClock) -> None:
    shop, _, reminder = a_message(database, clock)
    clicked(database, reminder, clock.forward(minutes=1))
    with database.transaction() as db:
        db.execute(update(tables.links).values(purpose="stop"))
    ordered(database, shop, clock.forward(minutes=5), "o1", **MAIL)
    assert credits(database) == [(None, None)]


def test_of_two_clicks_the_last_one_is_credited(database: Database, clock: SetClock) -> None:
    shop, cart, first = a_message(database, clock)
    second = reminded(database, shop, cart, clock.forward(days=1), step=2)
    clicked(database, second, clock.forward(minutes=1))
    clicked(database, first, clock.forward(minutes=1))
    ordered(database, shop, clock.forward(minutes=1), "o1", **MAIL)
    assert credits(database) == [(first, "click")]


def test_both_orders_after_a_click_are_credited_and_each_once(
    database: Database, clock: SetClock
) -> None:
    shop, _, reminder = a_message(database, clock)
    clicked(database, reminder, clock.forward(minutes=1))
    one = an_order(clock.forward(minutes=1), shopper=BOB, cart_keys=("token:c1",))
    record(database, shop, one, one, now=clock())
    ordered(database, shop, clock.forward(days=1), "o2", **MAIL)
    assert credits(database) == [(reminder, "click")] * 2


def test_what_is_credited_stays_when_the_order_changes(database: Database, clock: SetClock) -> None:
    shop, cart, first = a_message(database, clock)
    clicked(database, first, clock.forward(minutes=1))
    order = an_order(clock.forward(minutes=1), shopper=ANA)
    record(database, shop, order, now=clock())
    second = reminded(database, shop, cart, clock() - timedelta(minutes=2), step=2)
    clicked(database, second, clock())
    changed = replace(order, refunded=Decimal("18.00"), changed_at=clock.forward(minutes=9))
    record(
        database, shop, changed, Refund("r1", "o1", Decimal("18.00"), "EUR", clock()), now=clock()
    )
    record(database, shop, OrderGone("o1"), now=clock())
    assert credits(database) == [(first, "click")]


# By code


def test_a_code_goes_before_a_later_click(database: Database, clock: SetClock) -> None:
    shop, cart, first = a_message(database, clock)
    offered(database, shop, cart, first, clock(), code="BACK-7KQ2")
    second = reminded(database, shop, cart, clock.forward(days=1), step=2)
    clicked(database, second, clock.forward(minutes=1))
    codes = ("SPRING", "back-7kq2")  # as it was typed
    ordered(database, shop, clock.forward(minutes=1), "o1", discount_codes=codes, **MAIL)
    assert credits(database) == [(first, "code")]


def test_an_offers_code_tells_its_message_whoever_uses_it_and_whenever(
    database: Database, clock: SetClock
) -> None:
    shop, cart, reminder = a_message(database, clock)
    offered(database, shop, cart, reminder, clock(), code="BACK-7KQ2")
    at = clock.forward(days=20)
    ordered(database, shop, at, "o1", email="bob@example.com", discount_codes=("BACK-7KQ2",))
    assert credits(database) == [(reminder, "code")]


def test_a_code_that_was_named_again_is_of_the_last_message_that_named_it(
    database: Database, clock: SetClock
) -> None:
    shop, cart, first = a_message(database, clock)
    offer = offered(database, shop, cart, first, clock(), code="BACK-7KQ2")
    second = reminded(database, shop, cart, clock.forward(days=1), step=2)
    offered(database, shop, cart, second, clock(), stand="repeated", repeats_id=offer)
    ordered(database, shop, clock.forward(hours=1), "o1", discount_codes=("BACK-7KQ2",))
    assert credits(database) == [(second, "code")]


@pytest.mark.parametrize(("marks", "is_theirs"), [(MAIL, True), ({"email": "bob@example.com"}, 0)])
def test_a_code_that_everybody_knows_tells_only_of_its_own_reader(
    database: Database, clock: SetClock, marks: Any, is_theirs: bool
) -> None:
    shop, cart, _ = a_message(database, clock)
    mail = {"step": 2, "channel": "email", "recipient": MAIL["email"], "code": "HELLO"}
    reminder = reminded(database, shop, cart, clock(), **mail)
    at = clock.forward(hours=1)
    ordered(database, shop, at, "o1", discount_codes=("HELLO",), **marks)
    assert credits(database) == [(reminder, "code") if is_theirs else (None, None)]


def test_a_code_of_another_shop_or_of_a_message_that_never_left_tells_nothing(
    database: Database, clock: SetClock
) -> None:
    shop, cart, _ = a_message(database, clock)
    unsent = {"step": 2, "state": "skipped", "sent_at": None, "claimed_at": clock()}
    skipped = reminded(database, shop, cart, clock(), **unsent)
    offered(database, shop, cart, skipped, clock(), code="UNSENT")
    other = a_shop(database, clock(), address="sud.myshopify.com")
    theirs = left(database, other, clock(), "token:c2", BOB)
    to_ana = {"recipient": MAIL["email"], "code": "SHARED"}
    message = reminded(database, other, theirs, clock(), **to_ana)
    offered(database, other, theirs, message, clock(), code="THEIRS")
    at = clock.forward(hours=1)
    ordered(database, shop, at, "o1", discount_codes=("UNSENT", "THEIRS", "SHARED"), **MAIL)
    assert credits(database) == [(None, None)]


def test_a_used_code_shows_that_a_message_of_unknown_fate_arrived(
    database: Database, clock: SetClock
) -> None:
    shop, cart, _ = a_message(database, clock)
    lost = {"step": 2, "state": "unconfirmed", "sent_at": None, "claimed_at": clock()}
    reminder = reminded(database, shop, cart, clock(), **lost)
    offered(database, shop, cart, reminder, clock(), code="BACK-7KQ2")
    at = clock.forward(hours=1)
    ordered(database, shop, at, "o1", discount_codes=("BACK-7KQ2",), **MAIL)
    assert credits(database) == [(reminder, "code")]


# By window


@pytest.mark.parametrize(("hours", "counts"), [(23, True), (25, False)])
def test_a_window_counts_where_the_shop_asks_for_it(
    database: Database, clock: SetClock, hours: int, counts: bool
) -> None:
    shop, _, reminder = a_message(database, clock, window_hours=24)
    ordered(database, shop, clock.forward(hours=hours), "o1", **MAIL)
    assert credits(database) == [(reminder, "window") if counts else (None, None)]


def test_a_click_goes_before_the_window(database: Database, clock: SetClock) -> None:
    shop, cart, first = a_message(database, clock, window_hours=24)
    clicked(database, first, clock.forward(minutes=1))
    reminded(database, shop, cart, clock.forward(minutes=1), step=2)
    ordered(database, shop, clock.forward(minutes=1), "o1", **MAIL)
    assert credits(database) == [(first, "click")]


@pytest.mark.parametrize("state", ["unconfirmed", "undelivered", "failed", "skipped"])
def test_what_is_not_known_to_have_arrived_earns_nothing_by_window(
    database: Database, clock: SetClock, state: str
) -> None:
    shop, _, _ = a_message(database, clock, window_hours=24)
    with database.transaction() as db:
        db.execute(update(tables.reminders).values(**{"state": state}))
    ordered(database, shop, clock.forward(hours=1), "o1", **MAIL)
    assert credits(database) == [(None, None)]


# Never


@pytest.mark.parametrize("mark", [{"phone": "+33612345678"}, {"email": "ana@example.com"}])
def test_whoever_is_held_out_is_never_credited(
    database: Database, clock: SetClock, mark: dict[str, str]
) -> None:
    shop, cart, reminder = a_message(database, clock, window_hours=48)
    in_arm(database, shop, "held_out", clock(), **mark)
    clicked(database, reminder, clock.forward(minutes=1))
    offered(database, shop, cart, reminder, clock(), code="BACK-7KQ2")
    told = {"cart_keys": ("token:c1",), "discount_codes": ("BACK-7KQ2",)}
    ordered(database, shop, clock.forward(minutes=1), "o1", email="else@example.com", **told)
    assert credits(database) == [(None, None)]


def test_being_held_out_of_another_programme_or_shop_takes_nothing(
    database: Database, clock: SetClock
) -> None:
    shop, _, reminder = a_message(database, clock)
    other = a_shop(database, clock(), address="sud.myshopify.com")
    in_arm(database, other, "held_out", clock(), **MAIL)
    winter = {"programme": "winter", "arm": "held_out", "at": clock(), "cart_id": 1}
    mark = {"kind": "email", "mark": MAIL["email"], "in_conflict": False}
    add(database, tables.arms, shop_id=shop.id, **winter, **mark)
    clicked(database, reminder, clock.forward(minutes=1))
    ordered(database, shop, clock.forward(minutes=1), "o1", **MAIL)
    assert credits(database) == [(reminder, "click")]


def test_a_renewal_is_credited_to_no_click(database: Database, clock: SetClock) -> None:
    shop, _, reminder = a_message(database, clock, window_hours=24)
    clicked(database, reminder, clock.forward(minutes=1))
    renewal = {"origin": Origin.SUBSCRIPTION}
    ordered(database, shop, clock.forward(minutes=1), "o1", **renewal, **MAIL)
    assert credits(database) == [(None, None)]


# The rule


@pytest.mark.parametrize("rule", [{"click_days": 0}, {"code": False}])
def test_what_the_shop_does_not_want_earns_nothing(
    database: Database, clock: SetClock, rule: Any
) -> None:
    shop, cart, reminder = a_message(database, clock, **rule)
    if "code" in rule:
        offered(database, shop, cart, reminder, clock(), code="BACK-7KQ2")
    else:
        clicked(database, reminder, clock())
    told = {"discount_codes": ("BACK-7KQ2",)}
    ordered(database, shop, clock.forward(minutes=1), "o1", **told, **MAIL)
    assert credits(database) == [(None, None)]


def test_a_rule_that_cannot_be_read_is_told_and_the_default_holds(
    database: Database, clock: SetClock
) -> None:
    shop, _, reminder = a_message(database, clock)
    with database.transaction() as db:
        db.execute(update(tables.shops).values(credit_rule='{"window_hours": "many"}'))
        broken = shops.by_id(db, shop.id)
    assert broken is not None
    clicked(database, reminder, clock())
    ordered(database, broken, clock.forward(minutes=1), "o1", **MAIL)
    assert credits(database) == [(reminder, "click")]
    (told,) = rows(database, tables.notices)
    assert told.subject == f"shop.{shop.id}.credit_rule"
    assert "window_hours" in told.words


@pytest.mark.parametrize(
    "text",
    ['{"click_days": -1}', '{"click_days": 91}', '{"window_hours": 169}', '{"days": 7}', "[]", "{"],
)
def test_impossible_rules_are_refused(text: str) -> None:
    with pytest.raises(UnreadableRule):
        credit_rule.read(text)


def test_a_rule_is_read_as_it_was_written() -> None:
    rule = CreditRule(click_days=3, code=False, window_hours=12)
    assert credit_rule.read(credit_rule.written(rule)) == rule
    assert credit_rule.read("") == CreditRule(click_days=7, code=True, window_hours=0)
    with pytest.raises(UnreadableRule):
        credit_rule.written(CreditRule(click_days=-1))
